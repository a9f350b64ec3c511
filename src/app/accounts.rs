//! Accounts: signing up, one's own addresses and password, leaving.

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::json;
use uuid::Uuid;

use super::codes::{self, Use};
use super::notices::{self, Notice};
use super::secrets::Secrets;
use super::{App, Caller, Device, Error, Transaction, throttle};
use crate::db::accounts::Hashed;
use crate::db::{self, Connection};
use crate::domain::account::{self, Account, AccountStatus, CodePurpose, Login, NewAccount, Password, masked};
use crate::domain::delivery::Template;
use crate::domain::event::{Audience, Author, Detail, NewEvent};
use crate::domain::message::Language;
use crate::domain::platform::Grant;
use crate::domain::violation::Violations;

/// An account as its owner and administrators see it.
#[derive(Debug, Clone)]
pub struct AccountView {
    pub account: Account,
    pub second_factor: bool,
    pub grants: Vec<Grant>,
}

impl App {
    /// Creates an account; 409 when the address or number is taken. With a code it is proved to be the caller's.
    pub async fn create_account(&self, new: NewAccount, device: &Device) -> Result<AccountView, Error> {
        let NewAccount { login, password, code, display_name } = new;
        let password = self.hashed(password).await?;
        let now = Utc::now().trunc_subsecs(6);
        let counter = throttle::here(&self.secrets, &login, device);
        let account = self
            .settled(async |connection| {
                if let Some(code) = &code {
                    throttle::lock(connection, &counter, &throttle::HERE, now).await?;
                    let goal = Use::Purpose(CodePurpose::SignUp, &login);
                    if !codes::redeem(connection, &self.secrets, &goal, code, now).await? {
                        throttle::count(connection, &counter, &throttle::HERE, now).await?;
                        return Ok(Err(Error::Unauthenticated("code_invalid")));
                    }
                }
                let person = Person { login: &login, display_name: &display_name, proven: code.is_some() };
                insert(connection, &person, password.as_ref(), device.author(None), now).await.map(Ok)
            })
            .await?;
        self.sequencer.notify_one();
        Ok(AccountView { account, second_factor: false, grants: Vec::new() })
    }

    pub async fn find_own_account(&self, caller: &Caller) -> Result<AccountView, Error> {
        let mut connection = self.database.get().await?;
        view(&mut connection, caller.account_id).await
    }

    /// Changes the password of somebody who has proved anew who they are. Other sessions end, and its owner is told.
    pub async fn change_password(&self, caller: &Caller, new: Password, device: &Device) -> Result<(), Error> {
        let (now, long) = (Utc::now().trunc_subsecs(6), new.is_long());
        let hashed = self.hashed(Some(new)).await?;
        self.settled(async |connection| {
            let account = db::accounts::lock(connection, caller.account_id).await?.ok_or(Error::NotFound)?;
            fit_for_roles(connection, account.id, long, "/new_password").await?;
            self.replace_password(connection, &account, hashed.as_ref(), Some(caller.session_id), device, now).await?;
            Ok(Ok(()))
        })
        .await?;
        self.rung();
        Ok(())
    }

    /// Gives a new password to whoever has the code sent to the address or number. Every session ends. The same answer, by the
    /// same work, where there is no account.
    pub async fn reset_password(
        &self,
        login: Login,
        code: String,
        new: Password,
        device: &Device,
    ) -> Result<(), Error> {
        let (now, long) = (Utc::now().trunc_subsecs(6), new.is_long());
        let hashed = self.hashed(Some(new)).await?;
        let counter = throttle::here(&self.secrets, &login, device);
        let invalid = || Ok(Err(Error::Unauthenticated("code_invalid")));
        self.settled(async |connection| {
            throttle::lock(connection, &counter, &throttle::HERE, now).await?;
            let goal = Use::Purpose(CodePurpose::ResetPassword, &login);
            if !codes::redeem(connection, &self.secrets, &goal, &code, now).await? {
                throttle::count(connection, &counter, &throttle::HERE, now).await?;
                return invalid();
            }
            let Some(found) = db::accounts::find_secret(connection, &login).await? else { return invalid() };
            let mut account = db::accounts::lock(connection, found.id).await?.ok_or(Error::NotFound)?;
            if account.status != AccountStatus::Active {
                return invalid();
            }
            fit_for_roles(connection, account.id, long, "/password").await?;
            account.verified_at(&login).get_or_insert(now);
            self.replace_password(connection, &account, hashed.as_ref(), None, device, now).await?;
            Ok(Ok(()))
        })
        .await?;
        self.rung();
        Ok(())
    }

    /// Makes the address or number the caller's, proved by the code sent to it; in place of another only for whoever has proved
    /// anew who they are (`proven`). A new one is told, also at the one it takes the place of.
    pub async fn verify_contact(
        &self,
        caller: &Caller,
        login: Login,
        code: String,
        proven: bool,
        language: Language,
    ) -> Result<AccountView, Error> {
        let now = Utc::now().trunc_subsecs(6);
        let counter = throttle::key(&self.secrets, "proof", &caller.account_id.to_string());
        let verified = self
            .settled(async |connection| {
                throttle::lock(connection, &counter, &throttle::ACCOUNT, now).await?;
                let mut account = db::accounts::lock(connection, caller.account_id).await?.ok_or(Error::NotFound)?;
                let known = account.contacts();
                let field = match &login {
                    Login::Email(_) => &mut account.email,
                    Login::Mobile(_) => &mut account.mobile,
                };
                if field.as_deref() != Some(login.text()) && account.has_password && !proven {
                    return Err(Violations::one("/password", "required").into());
                }
                let replaced = field.replace(login.text().to_owned());
                let goal = Use::Own(caller.account_id, &login);
                if !codes::redeem(connection, &self.secrets, &goal, &code, now).await? {
                    throttle::count(connection, &counter, &throttle::ACCOUNT, now).await?;
                    return Ok(Err(super::proof::wrong("/code", "code_invalid")));
                }
                *account.verified_at(&login) = Some(now);
                changed(connection, &account, "account.contact_verified", caller.author(), now).await?;
                if !known.contains(&login) {
                    let to = known.into_iter().chain([login.clone()]).collect();
                    tell_of_contact(connection, &self.secrets, to, &login, replaced.as_deref(), language, now).await?;
                }
                view(connection, account.id).await.map(Ok)
            })
            .await?;
        self.rung();
        Ok(verified)
    }

    /// Hashed as it is kept.
    pub(super) async fn hashed(&self, password: Option<Password>) -> Result<Option<Hashed>, Error> {
        let Some(password) = password else { return Ok(None) };
        let long = password.is_long();
        Ok(Some(Hashed { hash: self.passwords.hash(password).await?, long }))
    }

    async fn replace_password(
        &self,
        connection: &mut Connection,
        account: &Account,
        password: Option<&Hashed>,
        kept_session: Option<Uuid>,
        device: &Device,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        db::accounts::update_password(connection, account.id, password, now).await?;
        db::sessions::revoke_others(connection, account.id, kept_session, now).await?;
        db::second_factors::delete_tickets_of(connection, account.id).await?;
        changed(connection, account, "account.password_changed", device.author(Some(account.id)), now).await?;
        let notice = Notice(Template::PasswordChanged, []);
        notices::post(connection, &self.secrets, account.contacts(), notice, device.language, now).await
    }

    /// After a commit that recorded an event and left a message.
    pub(super) fn rung(&self) {
        self.sequencer.notify_one();
        self.mailer.notify_one();
    }
}

/// Ends the caller's own account, who has proved anew who they are. Not while an enterprise would be left without an owner.
pub async fn deactivate(transaction: &mut Transaction<'_>, language: Language) -> Result<(), Error> {
    let id = transaction.caller.account_id;
    let account = db::accounts::lock(transaction.connection, id).await?.ok_or(Error::NotFound)?;
    transaction.expect_version(account.version)?;
    let left = db::accounts::lock_solely_owned(transaction.connection, id).await?;
    if !left.is_empty() {
        let names = left.iter().map(|(id, name)| format!("{name} ({id})")).collect::<Vec<_>>().join("; ");
        return Err(Error::conflict("last_owner", [("enterprises", names)]));
    }
    let now = transaction.now;
    let account = Account { status: AccountStatus::Deactivated, version: account.version + 1, ..account };
    db::accounts::update(transaction.connection, &account, now).await?;
    db::sessions::revoke_all(transaction.connection, id, now).await?;
    db::second_factors::delete_tickets_of(transaction.connection, id).await?;
    let detail =
        Detail { before: Some(json!({ "status": "active" })), after: Some(json!({ "status": "deactivated" })) };
    transaction.record(NewEvent { detail, ..event("account.deactivated", &account) }).await?;
    transaction.send_notice(account.contacts(), Notice(Template::AccountClosed, []), language).await
}

async fn tell_of_contact(
    connection: &mut Connection,
    secrets: &Secrets,
    to: Vec<Login>,
    new: &Login,
    replaced: Option<&str>,
    language: Language,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let address = masked(new.text());
    match replaced {
        None => {
            let notice = Notice(Template::ContactAdded, [("address", address)]);
            notices::post(connection, secrets, to, notice, language, now).await
        }
        Some(old) => {
            let notice = Notice(Template::ContactChanged, [("from", masked(old)), ("to", address)]);
            notices::post(connection, secrets, to, notice, language, now).await
        }
    }
}

pub(super) async fn view(connection: &mut Connection, id: Uuid) -> Result<AccountView, Error> {
    let account = db::accounts::find(connection, id).await?.ok_or(Error::NotFound)?;
    let second_factor = db::second_factors::is_required(connection, id).await?;
    Ok(AccountView { account, second_factor, grants: db::accounts::grants(connection, id).await? })
}

/// Of whom an account is made.
pub(super) struct Person<'a> {
    pub login: &'a Login,
    pub display_name: &'a str,
    /// The address or number is known to be theirs.
    pub proven: bool,
}

/// A new account, made by itself or by an operator.
pub(super) async fn insert(
    connection: &mut Connection,
    person: &Person<'_>,
    password: Option<&Hashed>,
    by: Author,
    now: DateTime<Utc>,
) -> Result<Account, Error> {
    let Person { login, display_name, proven } = *person;
    let (email, mobile) = match login {
        Login::Email(email) => (Some(email.clone()), None),
        Login::Mobile(mobile) => (None, Some(mobile.clone())),
    };
    let mut account = Account {
        id: Uuid::now_v7(),
        email,
        mobile,
        display_name: display_name.to_owned(),
        status: AccountStatus::Active,
        email_verified_at: None,
        mobile_verified_at: None,
        has_password: password.is_some(),
        status_reason: None,
        status_changed_at: None,
        password_long: password.is_some_and(|password| password.long),
        version: 1,
        created_at: now,
    };
    *account.verified_at(login) = proven.then_some(now);
    db::accounts::insert(connection, &account, password).await.map_err(taken)?;
    let created = NewEvent { detail: Detail::created(&told(&account)), ..event("account.created", &account) };
    let by = if by.how.is_some() { by } else { Author { account_id: Some(account.id), ..by } };
    db::events::append(connection, created, by, now).await?;
    Ok(account)
}

/// Whoever shows a code sent to an address or number that was never proved is its owner; whoever signed up with it may be
/// somebody else, whose password and sessions end.
pub(super) async fn proven_by_code(
    connection: &mut Connection,
    secrets: &Secrets,
    id: Uuid,
    login: &Login,
    device: &Device,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let mut account = db::accounts::lock(connection, id).await?.ok_or(Error::NotFound)?;
    if account.verified_at(login).is_some() {
        return Ok(());
    }
    *account.verified_at(login) = Some(now);
    db::accounts::update_password(connection, id, None, now).await?;
    db::sessions::revoke_all(connection, id, now).await?;
    changed(connection, &account, "account.contact_verified", device.author(Some(id)), now).await?;
    // Whoever shows the code knows; another address may be somebody else's.
    let others = account.contacts().into_iter().filter(|contact| contact != login && account.has_password).collect();
    notices::post(connection, secrets, others, Notice(Template::PasswordChanged, []), device.language, now).await
}

/// Writes the account with its next version, and that it was its owner who changed it.
pub(super) async fn changed(
    connection: &mut Connection,
    account: &Account,
    event_type: &'static str,
    by: Author,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let before = db::accounts::find(connection, account.id).await?.ok_or(Error::NotFound)?;
    if before.status == AccountStatus::Erased {
        return Err(db::Error::Erased.into());
    }
    let account = Account { version: account.version + 1, ..account.clone() };
    db::accounts::update(connection, &account, now).await.map_err(taken)?;
    let detail = Detail::changed(&told(&before), &told(&account));
    let changed = NewEvent { detail, ..event(event_type, &account) };
    db::events::append(connection, changed, by, now).await?;
    Ok(())
}

/// A role of the platform takes a long password or a second factor.
async fn fit_for_roles(connection: &mut Connection, id: Uuid, long: bool, pointer: &str) -> Result<(), Error> {
    let needed = !long && !db::accounts::grants(connection, id).await?.is_empty();
    if needed && !db::second_factors::is_required(connection, id).await? {
        let mut violations = Violations::new();
        let minimum = account::ROLE_PASSWORD_MIN.to_string();
        violations.add_with(pointer, "password_too_short", [("minimum", minimum)]);
        return Err(violations.into());
    }
    Ok(())
}

pub(super) fn event(event_type: &'static str, account: &Account) -> NewEvent {
    NewEvent {
        event_type,
        entity: "account",
        entity_id: account.id,
        version: account.version,
        audience: Audience::Staff,
        changed: json!({}),
        detail: Detail::default(),
    }
}

/// What auditors read of it.
pub(super) fn told(account: &Account) -> serde_json::Value {
    json!({
        "email": account.email,
        "mobile": account.mobile,
        "display_name": account.display_name,
        "status": <&str>::from(account.status),
        "email_verified_at": account.email_verified_at,
        "mobile_verified_at": account.mobile_verified_at,
        "has_password": account.has_password,
    })
}

fn taken(error: db::Error) -> Error {
    if error.violates("accounts_email_key") {
        Error::conflict("email_taken", [])
    } else if error.violates("accounts_mobile_key") {
        Error::conflict("mobile_taken", [])
    } else {
        error.into()
    }
}
