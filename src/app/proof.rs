//! Asking somebody signed in once more who they are, before something that a stolen session must not do.

use chrono::{SubsecRound, Utc};

use super::codes::{self, Use};
use super::{App, Caller, Error, throttle};
use crate::db;
use crate::domain::account::{Login, Password};
use crate::domain::violation::Violations;

/// The present password, or a code sent just now to an address or number of the account.
pub enum Proof {
    Password(Password),
    Code(String),
}

impl App {
    /// 422 naming what was wrong; after many wrong ones the account waits.
    pub async fn prove(&self, caller: &Caller, proof: Proof) -> Result<(), Error> {
        let counter = throttle::key(&self.secrets, "proof", &caller.account_id.to_string());
        let now = Utc::now().trunc_subsecs(6);
        let account = {
            let mut connection = self.database.get().await?;
            throttle::check(&mut connection, &counter, &throttle::ACCOUNT, now).await?;
            db::accounts::find_with_secret(&mut connection, caller.account_id).await?.ok_or(Error::NotFound)?
        };
        let by_password = match &proof {
            Proof::Password(password) => {
                let stored = account.password_hash.clone();
                Some(self.passwords.verify(password.clone(), stored).await?)
            }
            Proof::Code(_) => None,
        };
        self.settled(async |connection| {
            throttle::lock(connection, &counter, &throttle::ACCOUNT, now).await?;
            let genuine = match (&proof, by_password) {
                (Proof::Code(code), _) => {
                    let mut found = false;
                    let (email, mobile) = (account.email.clone(), account.mobile.clone());
                    for login in email.map(Login::Email).into_iter().chain(mobile.map(Login::Mobile)) {
                        let goal = Use::Own(caller.account_id, &login);
                        found = found || codes::redeem(connection, &self.secrets, &goal, code, now).await?;
                    }
                    found
                }
                (Proof::Password(_), verdict) => verdict.unwrap_or(false),
            };
            if genuine {
                db::throttles::delete(connection, &counter).await?;
                return Ok(Ok(()));
            }
            throttle::count(connection, &counter, &throttle::ACCOUNT, now).await?;
            Ok(Err(match proof {
                Proof::Password(_) => wrong("/password", "password_wrong"),
                Proof::Code(_) => wrong("/code", "code_invalid"),
            }))
        })
        .await
    }
}

pub(super) fn wrong(pointer: &str, code: &'static str) -> Error {
    Violations::one(pointer, code).into()
}
