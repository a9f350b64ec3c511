//! Accounts as administrators see and change them, over the API and from the command line. An administrator of a region acts on
//! roles in it, and sees who has one there or acts for an enterprise there.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::accounts::{AccountView, event, told, view};
use super::audit::{self, Read};
use super::notices::{self, Notice};
use super::secrets::Secrets;
use super::{App, Caller, Error, Transaction, access, accounts};
use crate::db::{self, Connection};
use crate::domain::account::{Account, AccountStatus, Login, NewPerson};
use crate::domain::delivery::Template;
use crate::domain::event::{Author, Detail, NewEvent};
use crate::domain::message::Language;
use crate::domain::platform::{Grant, PlatformRole};
use crate::domain::region::Regions;
use crate::domain::violation::Violations;

/// Accounts read at a time.
const BATCH: i64 = 200;

/// Which accounts a list has.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub status: Option<AccountStatus>,
    pub role: Option<PlatformRole>,
}

impl App {
    /// In the order of their ids.
    pub async fn list_accounts(
        &self,
        caller: &Caller,
        filter: Filter,
        mut after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<AccountView>, Error> {
        let mut connection = self.database.get().await?;
        let reach = access::required_grants(&mut connection, caller).await?;
        let (knowledge, wanted) = (self.knowledge(), usize::try_from(limit).unwrap_or(0));
        let mut found = Vec::new();
        while found.len() < wanted {
            let batch = db::accounts::list(&mut connection, filter.status, filter.role, after, BATCH).await?;
            let Some(last) = batch.last().copied() else { break };
            after = Some(last);
            for id in batch {
                if found.len() < wanted && sees(&mut connection, &reach, id, &knowledge.reference.regions).await? {
                    found.push(view(&mut connection, id).await?);
                }
            }
        }
        Ok(found)
    }

    /// Who is reached by exactly this address or number. That it was read is recorded.
    pub async fn search_accounts(&self, caller: &Caller, login: &Login) -> Result<Vec<AccountView>, Error> {
        let found = {
            let mut connection = self.database.get().await?;
            db::accounts::find_secret(&mut connection, login).await?
        };
        match found {
            Some(account) => Ok(vec![self.read_account(caller, account.id).await?]),
            None => Ok(Vec::new()),
        }
    }

    /// One account with its personal data. That it was read is recorded.
    pub async fn find_account(&self, caller: &Caller, id: Uuid) -> Result<AccountView, Error> {
        {
            let mut connection = self.database.get().await?;
            let reach = access::required_grants(&mut connection, caller).await?;
            if !sees(&mut connection, &reach, id, &self.knowledge().reference.regions).await? {
                return Err(Error::NotFound);
            }
        }
        self.read_account(caller, id).await
    }

    async fn read_account(&self, caller: &Caller, id: Uuid) -> Result<AccountView, Error> {
        let read = self
            .database
            .transaction(async |connection| {
                let read = view(connection, id).await?;
                let record = Read {
                    entity: "account",
                    entity_id: id,
                    event_type: "account.read",
                    fields: &["email", "mobile", "display_name"],
                    enterprise_id: None,
                    asked: None,
                };
                audit::record_read(connection, caller, record).await?;
                Ok::<_, Error>(read)
            })
            .await?;
        self.sequencer.notify_one();
        Ok(read)
    }

    /// Makes an account with a role, or gives it to one that exists, which takes the new password and is signed out. For the
    /// command line: the first administrator is made no other way.
    pub async fn create_admin(&self, person: NewPerson, grant: &Grant, now: DateTime<Utc>) -> Result<Uuid, Error> {
        check_region(&self.knowledge().reference.regions, grant)?;
        let hashed = self.hashed(Some(person.password)).await?;
        let id = self
            .database
            .transaction(async |connection| {
                let id = match db::accounts::find_secret(connection, &person.login).await? {
                    Some(known) => {
                        db::accounts::update_password(connection, known.id, hashed.as_ref(), now).await?;
                        db::sessions::revoke_all(connection, known.id, now).await?;
                        let known = db::accounts::find(connection, known.id).await?.ok_or(Error::NotFound)?;
                        tell(connection, &self.secrets, &known, Template::PasswordChanged, now).await?;
                        known.id
                    }
                    None => {
                        let (login, display_name) = (&person.login, person.display_name.as_str());
                        let new = accounts::Person { login, display_name, proven: true };
                        let by = Author::system("command:admin");
                        accounts::insert(connection, &new, hashed.as_ref(), by, now).await?.id
                    }
                };
                let account = lock(connection, id).await?;
                let event = give(connection, &account, grant, now).await?;
                db::events::append(connection, event, Author::system("command:admin"), now).await?;
                Ok::<_, Error>(id)
            })
            .await?;
        self.rung();
        Ok(id)
    }

    /// A change from the command line, of the account with this address or number.
    pub async fn change_as_operator(&self, login: &Login, change: &Change, now: DateTime<Utc>) -> Result<Uuid, Error> {
        let knowledge = self.knowledge();
        let id = self
            .database
            .transaction(async |connection| {
                let found = db::accounts::find_secret(connection, login).await?.ok_or(Error::NotFound)?;
                let account = lock(connection, found.id).await?;
                let (regions, secrets) = (&knowledge.reference.regions, &self.secrets);
                let occasion = Occasion { by: None, regions, secrets, now };
                let event = apply(connection, &account, change, &occasion).await?;
                db::events::append(connection, event, Author::system("command:admin"), now).await?;
                Ok::<_, Error>(found.id)
            })
            .await?;
        self.rung();
        Ok(id)
    }

    /// Everybody with a role of the platform, for the command line.
    pub async fn list_officials(&self) -> Result<Vec<AccountView>, Error> {
        let mut connection = self.database.get().await?;
        let mut officials = Vec::new();
        for id in db::accounts::list_officials(&mut connection).await? {
            officials.push(view(&mut connection, id).await?);
        }
        Ok(officials)
    }
}

/// What an administrator does to an account.
#[derive(Debug, Clone)]
pub enum Change {
    Grant(Grant),
    Revoke(Grant),
    Disable {
        reason: String,
    },
    Restore {
        reason: String,
    },
    /// For somebody who lost it with the recovery codes, and proved otherwise who they are.
    ResetSecondFactor {
        reason: String,
    },
}

/// By whom and when a change is made, and what it takes.
struct Occasion<'a> {
    /// None: from the command line.
    by: Option<Uuid>,
    regions: &'a Regions,
    secrets: &'a Secrets,
    now: DateTime<Utc>,
}

/// Over the API: by an administrator of the region concerned.
pub async fn change(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    change: Result<Change, Violations>,
) -> Result<AccountView, Error> {
    let (caller, knowledge) = (transaction.caller.clone(), transaction.knowledge.clone());
    let regions = &knowledge.reference.regions;
    let account = lock(transaction.connection, id).await?;
    authorise(transaction.connection, &caller, id, change.as_ref().ok(), regions).await?;
    transaction.once().await?;
    transaction.expect_version(account.version)?;
    let (change, now, secrets) = (change?, transaction.now, transaction.secrets.clone());
    let occasion = Occasion { by: Some(caller.account_id), regions, secrets: &secrets, now };
    let event = apply(transaction.connection, &account, &change, &occasion).await?;
    transaction.posted |= matches!(change, Change::ResetSecondFactor { .. });
    transaction.record(event).await?;
    view(transaction.connection, id).await
}

/// A role: whoever administrates where it holds. The account itself: whoever sees it and administrates wherever it has roles.
async fn authorise(
    connection: &mut Connection,
    caller: &Caller,
    id: Uuid,
    change: Option<&Change>,
    regions: &Regions,
) -> Result<(), Error> {
    if let Some(Change::Grant(grant) | Change::Revoke(grant)) = change {
        return access::require_platform(connection, caller, grant.region_code.as_deref(), regions).await;
    }
    let reach = access::required_grants(connection, caller).await?;
    if !sees(connection, &reach, id, regions).await? {
        return Err(Error::NotFound);
    }
    for theirs in db::accounts::grants(connection, id).await? {
        access::require_platform(connection, caller, theirs.region_code.as_deref(), regions).await?;
    }
    Ok(())
}

async fn apply(
    connection: &mut Connection,
    account: &Account,
    change: &Change,
    occasion: &Occasion<'_>,
) -> Result<NewEvent, Error> {
    let Occasion { by, regions, secrets, now } = *occasion;
    if by == Some(account.id) {
        return Err(Error::conflict("own_account", []));
    }
    match change {
        Change::Grant(grant) => {
            check_region(regions, grant)?;
            give(connection, account, grant, now).await
        }
        Change::Revoke(grant) => {
            if grant.role == PlatformRole::Admin && grant.region_code.is_none() {
                keep_an_admin(connection, account.id).await?;
            }
            if !db::accounts::revoke_role(connection, account.id, grant).await? {
                return Err(Error::conflict("role_not_held", []));
            }
            let mut event =
                changed(connection, account, account.status, "account.role_revoked", grant_json(grant), now).await?;
            std::mem::swap(&mut event.detail.before, &mut event.detail.after);
            Ok(event)
        }
        Change::Disable { reason } => {
            keep_an_admin(connection, account.id).await?;
            let wanted = [AccountStatus::Active, AccountStatus::Deactivated];
            set_status(connection, account, &wanted, AccountStatus::Disabled, (reason, by), now).await
        }
        Change::Restore { reason } => {
            let wanted = [AccountStatus::Disabled, AccountStatus::Deactivated];
            set_status(connection, account, &wanted, AccountStatus::Active, (reason, by), now).await
        }
        Change::ResetSecondFactor { reason } => reset_second_factor(connection, account, reason, secrets, now).await,
    }
}

/// Takes it away with the recovery codes, also one that was only begun, and ends every session; the account is told.
async fn reset_second_factor(
    connection: &mut Connection,
    account: &Account,
    reason: &str,
    secrets: &Secrets,
    now: DateTime<Utc>,
) -> Result<NewEvent, Error> {
    if !db::second_factors::is_required(connection, account.id).await? {
        return Err(Error::conflict("second_factor_missing", []));
    }
    if !account.password_long && !db::accounts::grants(connection, account.id).await?.is_empty() {
        return Err(Error::conflict("role_needs_second_factor", []));
    }
    db::second_factors::delete(connection, account.id).await?;
    db::second_factors::delete_tickets_of(connection, account.id).await?;
    db::sessions::revoke_all(connection, account.id, now).await?;
    tell(connection, secrets, account, Template::SecondFactorReset, now).await?;
    let event = changed(connection, account, account.status, "account.second_factor_reset", json!({}), now).await?;
    Ok(because(event, reason))
}

/// In Chinese: which language its owner reads is not known.
async fn tell(
    connection: &mut Connection,
    secrets: &Secrets,
    account: &Account,
    template: Template,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    notices::post(connection, secrets, account.contacts(), Notice(template, []), Language::default(), now).await
}

/// Auditors read why.
fn because(mut event: NewEvent, reason: &str) -> NewEvent {
    if let Some(serde_json::Value::Object(after)) = &mut event.detail.after {
        after.insert("reason".to_owned(), json!(reason));
    }
    event
}

async fn give(
    connection: &mut Connection,
    account: &Account,
    grant: &Grant,
    now: DateTime<Utc>,
) -> Result<NewEvent, Error> {
    if account.status != AccountStatus::Active {
        return Err(status_conflict(account));
    }
    if !account.password_long && !db::second_factors::is_required(connection, account.id).await? {
        return Err(Error::conflict("role_needs_second_factor", []));
    }
    db::accounts::grant_role(connection, account.id, grant, now).await?;
    changed(connection, account, account.status, "account.role_granted", grant_json(grant), now).await
}

async fn set_status(
    connection: &mut Connection,
    account: &Account,
    from: &[AccountStatus],
    to: AccountStatus,
    (reason, by): (&str, Option<Uuid>),
    now: DateTime<Utc>,
) -> Result<NewEvent, Error> {
    if !from.contains(&account.status) {
        return Err(status_conflict(account));
    }
    db::accounts::explain_status(connection, account.id, reason, by, now).await?;
    if to != AccountStatus::Active {
        db::sessions::revoke_all(connection, account.id, now).await?;
        db::second_factors::delete_tickets_of(connection, account.id).await?;
    }
    let event_type = if to == AccountStatus::Active { "account.restored" } else { "account.disabled" };
    Ok(because(changed(connection, account, to, event_type, json!({}), now).await?, reason))
}

async fn changed(
    connection: &mut Connection,
    account: &Account,
    status: AccountStatus,
    event_type: &'static str,
    what: serde_json::Value,
    now: DateTime<Utc>,
) -> Result<NewEvent, Error> {
    let before = told(account);
    let account = Account { status, version: account.version + 1, ..account.clone() };
    db::accounts::update(connection, &account, now).await?;
    let mut detail = Detail::changed(&before, &told(&account));
    if let Some(serde_json::Value::Object(after)) = &mut detail.after {
        after.extend(what.as_object().cloned().unwrap_or_default());
    }
    Ok(NewEvent { changed: what, detail, ..event(event_type, &account) })
}

fn grant_json(grant: &Grant) -> serde_json::Value {
    json!({ "role": <&str>::from(grant.role), "region_code": grant.region_code })
}

fn status_conflict(account: &Account) -> Error {
    Error::conflict("account_state_conflict", [("status", <&str>::from(account.status).to_owned())])
}

fn check_region(regions: &Regions, grant: &Grant) -> Result<(), Error> {
    match grant.region_code.as_deref() {
        Some(code) if regions.get(code).is_none() => Err(Violations::one("/region_code", "region_unknown").into()),
        _ => Ok(()),
    }
}

/// Somebody must be left who reaches everywhere. Waits for others who take such a role away.
pub(super) async fn keep_an_admin(connection: &mut Connection, but: Uuid) -> Result<(), Error> {
    db::lock(connection, db::Lock::Administrators).await?;
    let is_one = db::accounts::grants(connection, but).await?.iter().any(Grant::is_admin_everywhere);
    if is_one && !db::accounts::has_other_admin(connection, but).await? {
        return Err(Error::conflict("last_admin", []));
    }
    Ok(())
}

async fn lock(connection: &mut Connection, id: Uuid) -> Result<Account, Error> {
    db::accounts::lock(connection, id).await?.ok_or(Error::NotFound)
}

/// Whether an account has a role or acts for an enterprise where the grants reach.
async fn sees(connection: &mut Connection, reach: &[Grant], id: Uuid, regions: &Regions) -> Result<bool, Error> {
    if reach.iter().any(|grant| grant.region_code.is_none()) {
        return Ok(true);
    }
    let theirs = db::accounts::regions_of(connection, id).await?;
    Ok(theirs.iter().any(|region| reach.iter().any(|grant| grant.covers(Some(region), regions))))
}
