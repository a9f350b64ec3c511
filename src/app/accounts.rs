//! Accounts: signing up, and reading one's own.

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{App, Caller, Error, passwords};
use crate::db;
use crate::domain::account::{Account, Login, NewAccount, Password};
use crate::domain::event::{Audience, Detail, NewEvent};
use crate::domain::platform::Grant;
use crate::domain::violation::Violations;

impl App {
    /// Creates an account; 409 when the address or number is taken.
    pub async fn create_account(&self, new: NewAccount) -> Result<Account, Error> {
        let password_hash = passwords::hash(&self.password_queue, new.password).await?;
        let (email, mobile) = match new.login {
            Login::Email(email) => (Some(email), None),
            Login::Mobile(mobile) => (None, Some(mobile)),
        };
        let now = Utc::now().trunc_subsecs(6);
        let account =
            Account { id: Uuid::now_v7(), email, mobile, display_name: new.display_name, version: 1, created_at: now };
        self.database
            .transaction(async |connection| {
                db::accounts::insert(connection, &account, &password_hash).await.map_err(taken)?;
                let event = NewEvent {
                    event_type: "account.created",
                    entity: "account",
                    entity_id: account.id,
                    version: 1,
                    audience: Audience::Staff,
                    changed: json!({}),
                    detail: Detail::created(&json!({
                        "email": account.email,
                        "mobile": account.mobile,
                        "display_name": account.display_name,
                    })),
                };
                db::events::append(connection, event, Some(account.id), now).await?;
                Ok::<_, Error>(())
            })
            .await?;
        self.sequencer.notify_one();
        Ok(account)
    }

    /// Gives a role of the platform to a new account, or to one that exists, which takes the new password and is signed
    /// out.
    pub async fn create_admin(
        &self,
        email: String,
        display_name: String,
        password: Password,
        grant: &Grant,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Error> {
        if grant.region_code.as_deref().is_some_and(|code| self.knowledge().reference.regions.get(code).is_none()) {
            return Err(Violations::one("region", "region_unknown").into());
        }
        let login = Login::Email(email);
        let known = {
            let mut connection = self.database.get().await?;
            db::accounts::find_secret(&mut connection, &login).await?
        };
        let id = match known {
            Some(account) => {
                self.replace_password(account.id, password, now).await?;
                account.id
            }
            None => self.create_account(NewAccount { login, password, display_name }).await?.id,
        };
        let mut connection = self.database.get().await?;
        db::accounts::grant_role(&mut connection, id, grant, now).await?;
        Ok(id)
    }

    async fn replace_password(&self, id: Uuid, password: Password, now: DateTime<Utc>) -> Result<(), Error> {
        let password_hash = passwords::hash(&self.password_queue, password).await?;
        self.database
            .transaction(async |connection| {
                db::accounts::update_password(connection, id, &password_hash, now).await?;
                Ok(db::sessions::revoke_all(connection, id, now).await?)
            })
            .await
    }

    pub async fn find_own_account(&self, caller: &Caller) -> Result<Account, Error> {
        let mut connection = self.database.get().await?;
        db::accounts::find(&mut connection, caller.account_id).await?.ok_or(Error::NotFound)
    }
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
