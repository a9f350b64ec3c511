//! Signing in, staying signed in, signing out.
//!
//! Refresh tokens rotate. A used one answers with its successor until that is first used (at most five minutes), for an
//! answer may be lost on a bad network; afterwards its use means somebody copied it, and the family is revoked. The
//! successor is the HMAC of its predecessor, so it can be given again although only hashes are stored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, SubsecRound, Utc};
use uuid::Uuid;

use super::secrets::sha256;
use super::tokens::Bearer;
use super::{App, Caller, Error, Origin, passwords, tokens};
use crate::db::{self, Connection};
use crate::domain::access::Rule;
use crate::domain::account::{Login, Password};

/// How long a used refresh token may be answered again.
const GRACE: Duration = Duration::minutes(5);

#[derive(Debug)]
pub struct Tokens {
    pub access_token: String,
    pub refresh_token: String,
    /// Seconds the access token lives.
    pub expires_in: u64,
}

enum Rotation {
    Fresh {
        bearer: Bearer,
        refresh_token: String,
    },
    /// Committed as such: the revocation must outlive the refusal.
    Reused,
}

impl App {
    /// The same answer, in the same time, for an unknown account and for a wrong password.
    pub async fn create_session(&self, login: Login, password: Password) -> Result<Tokens, Error> {
        let secret = {
            let mut connection = self.database.get().await?;
            db::accounts::find_secret(&mut connection, &login).await?
        };
        let known = secret.filter(|secret| secret.status == "active");
        let stored = known.as_ref().map(|secret| secret.password_hash.clone());
        let genuine = passwords::verify(&self.password_queue, password, stored).await?;
        let Some(account) = known.filter(|_| genuine) else {
            return Err(Error::Unauthenticated("credentials_invalid"));
        };
        let bearer = Bearer { account_id: account.id, session_id: Uuid::now_v7() };
        let refresh_token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let now = Utc::now().trunc_subsecs(6);
        self.database
            .transaction(async |connection| {
                db::sessions::insert(connection, bearer.session_id, bearer.account_id, now).await?;
                self.keep_token(connection, bearer.session_id, &refresh_token, now).await
            })
            .await?;
        self.tokens(&bearer, refresh_token, now)
    }

    pub async fn refresh_session(&self, refresh_token: &str) -> Result<Tokens, Error> {
        let now = Utc::now().trunc_subsecs(6);
        let rotation =
            self.database.transaction(async |connection| self.rotate(connection, refresh_token, now).await).await?;
        match rotation {
            Rotation::Fresh { bearer, refresh_token } => self.tokens(&bearer, refresh_token, now),
            Rotation::Reused => Err(Error::Unauthenticated("refresh_token_reused")),
        }
    }

    /// Ends the session the caller came with.
    pub async fn delete_session(&self, caller: &Caller) -> Result<(), Error> {
        let mut connection = self.database.get().await?;
        Ok(db::sessions::revoke(&mut connection, caller.session_id, Utc::now()).await?)
    }

    /// The caller an access token stands for, if the session still stands.
    pub async fn authenticate(&self, token: &str, rule: &'static Rule, origin: Origin) -> Result<Caller, Error> {
        let Bearer { account_id, session_id } = tokens::read(&self.secrets, token)?;
        let mut connection = self.database.get().await?;
        match db::sessions::find_active(&mut connection, session_id).await? {
            Some(account) if account == account_id => Ok(Caller { account_id, session_id, scopes: None, rule, origin }),
            _ => Err(Error::Unauthenticated("session_ended")),
        }
    }

    async fn rotate(&self, connection: &mut Connection, token: &str, now: DateTime<Utc>) -> Result<Rotation, Error> {
        let invalid = || Error::Unauthenticated("refresh_token_invalid");
        let hash = sha256(token.as_bytes());
        let session_id = db::sessions::find_token(connection, &hash).await?.ok_or_else(invalid)?.session_id;
        let account_id = db::sessions::lock_active(connection, session_id).await?.ok_or_else(invalid)?;
        // Read again: only under the lock is it settled whether another request has just used it.
        let row = db::sessions::find_token(connection, &hash).await?.ok_or_else(invalid)?;
        if row.expires_at <= now {
            return Err(invalid());
        }
        let successor = URL_SAFE_NO_PAD.encode(self.secrets.sign("refresh-token", token.as_bytes()));
        let fresh = Rotation::Fresh { bearer: Bearer { account_id, session_id }, refresh_token: successor.clone() };
        let Some(used_at) = row.used_at else {
            db::sessions::mark_used(connection, &hash, &sha256(successor.as_bytes()), now).await?;
            self.keep_token(connection, session_id, &successor, now).await?;
            return Ok(fresh);
        };
        let successor_row = db::sessions::find_token(connection, &sha256(successor.as_bytes())).await?;
        let unused = successor_row.is_some_and(|row| row.used_at.is_none());
        if unused && now - used_at <= GRACE {
            return Ok(fresh);
        }
        db::sessions::revoke(connection, session_id, now).await?;
        Ok(Rotation::Reused)
    }

    async fn keep_token(
        &self,
        connection: &mut Connection,
        session_id: Uuid,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let expires_at = now + self.policy.refresh_token_lifetime;
        Ok(db::sessions::insert_token(connection, session_id, &sha256(token.as_bytes()), now, expires_at).await?)
    }

    fn tokens(&self, bearer: &Bearer, refresh_token: String, now: DateTime<Utc>) -> Result<Tokens, Error> {
        let lifetime = self.policy.access_token_lifetime;
        let access_token = tokens::issue(&self.secrets, bearer, now, lifetime)?;
        Ok(Tokens { access_token, refresh_token, expires_in: lifetime.as_secs() })
    }
}
