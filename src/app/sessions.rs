//! Staying signed in, signing out.
//!
//! Refresh tokens rotate. A used one answers with its successor until that is first used (at most five minutes), for an
//! answer may be lost on a bad network; afterwards its use means somebody copied it, and the family is revoked. The
//! successor is the HMAC of its predecessor, so it can be given again although only hashes are stored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, SubsecRound, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::secrets::sha256;
use super::tokens::Bearer;
use super::{App, Caller, CallingApp, Device, Error, Origin, tokens};
pub use crate::db::sessions::Session as SessionView;
use crate::db::{self, Connection};
use crate::domain::access::Rule;
use crate::domain::event::{Audience, Author, Detail, NewEvent};

/// How long a used refresh token may be answered again.
const GRACE: Duration = Duration::minutes(5);

#[derive(Debug)]
pub struct Tokens {
    pub access_token: String,
    pub refresh_token: String,
    /// Seconds the access token lives.
    pub expires_in: u64,
}

/// What a session is opened with.
pub(super) struct Opening<'a> {
    pub account_id: Uuid,
    /// Of the name signed in with and the address: see `sign_in`.
    pub address_key: &'a [u8],
    pub device: &'a Device,
}

pub(super) enum Rotation {
    Fresh {
        bearer: Bearer,
        refresh_token: String,
    },
    /// Committed as such: the revocation must outlive the refusal.
    Reused,
}

/// Somebody was not let in: by an account that is known, or (the nil one) by a name that is not.
pub(super) async fn refused(
    connection: &mut Connection,
    account_id: Option<Uuid>,
    device: &Device,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let refused = event("session.refused", account_id.unwrap_or_default(), json!({}));
    // Of an erased account no address is kept; asked also of nobody's, which takes as long.
    let by = match db::accounts::outlast(connection, account_id.unwrap_or_default()).await {
        Ok(()) => device.author(None),
        Err(_) => Author::default(),
    };
    db::events::append(connection, refused, by, now).await?;
    Ok(())
}

/// Under the account, so that all that happened to it is found by its id.
fn event(event_type: &'static str, account_id: Uuid, changed: Value) -> NewEvent {
    NewEvent {
        event_type,
        entity: "account",
        entity_id: account_id,
        version: 0,
        audience: Audience::Staff,
        changed,
        detail: Detail::default(),
    }
}

impl App {
    pub async fn refresh_session(&self, refresh_token: &str) -> Result<Tokens, Error> {
        let now = Utc::now().trunc_subsecs(6);
        let rotation = self
            .database
            .transaction(async |connection| self.rotate(connection, refresh_token, None, now).await)
            .await?;
        match rotation {
            Rotation::Fresh { bearer, refresh_token } => self.tokens(&bearer, refresh_token, now),
            Rotation::Reused => Err(Error::Unauthenticated("refresh_token_reused")),
        }
    }

    /// Ends the session the caller came with.
    pub async fn delete_session(&self, caller: &Caller) -> Result<(), Error> {
        self.end_sessions(caller, json!({ "session_id": caller.session_id }), async |connection, now| {
            db::sessions::revoke(connection, caller.session_id, now).await
        })
        .await
    }

    /// With the event that tells of it.
    async fn end_sessions(
        &self,
        caller: &Caller,
        which: Value,
        end: impl AsyncFnOnce(&mut Connection, DateTime<Utc>) -> Result<(), db::Error>,
    ) -> Result<(), Error> {
        let now = Utc::now().trunc_subsecs(6);
        self.database
            .transaction(async |connection| {
                end(connection, now).await?;
                let detail = Detail::deleted(&which);
                let ended = NewEvent { detail, ..event("session.ended", caller.account_id, which) };
                db::events::append(connection, ended, caller.author(), now).await
            })
            .await?;
        self.sequencer.notify_one();
        Ok(())
    }

    /// The caller's sessions that stand, newest first.
    pub async fn list_sessions(
        &self,
        caller: &Caller,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<SessionView>, Error> {
        let mut connection = self.database.get().await?;
        Ok(db::sessions::list(&mut connection, caller.account_id, before, limit).await?)
    }

    /// Ends one of the caller's sessions.
    pub async fn delete_one_session(&self, caller: &Caller, id: Uuid) -> Result<(), Error> {
        let owner = {
            let mut connection = self.database.get().await?;
            db::sessions::find_active(&mut connection, id).await?
        };
        // What an app came with is ended with the agreement.
        if !owner.is_some_and(|owner| owner.account_id == caller.account_id && owner.app_id.is_none()) {
            return Err(Error::NotFound);
        }
        self.end_sessions(caller, json!({ "session_id": id }), async |connection, now| {
            db::sessions::revoke(connection, id, now).await
        })
        .await
    }

    /// Ends all of the caller's sessions but the one they came with.
    pub async fn delete_other_sessions(&self, caller: &Caller) -> Result<(), Error> {
        let (account_id, session_id) = (caller.account_id, caller.session_id);
        self.end_sessions(caller, json!({ "all_but": session_id }), async |connection, now| {
            db::sessions::revoke_others(connection, account_id, Some(session_id), now).await
        })
        .await
    }

    /// Whom a token names, if it holds. A key that came lately is looked for; one that was revoked is not believed in for long,
    /// also where no job reads the keys.
    pub async fn verify_token(&self, token: &str) -> Result<Bearer, Error> {
        if self.keys_are_old() {
            self.refresh_keys().await?;
        }
        let verified = tokens::read(&self.keys(), token);
        if verified.is_err() && tokens::names_other_key(&self.keys(), token) && self.keys_may_be_stale() {
            self.refresh_keys().await?;
            return tokens::read(&self.keys(), token);
        }
        verified
    }

    /// The caller an access token stands for, if the session still stands.
    pub async fn authenticate(&self, bearer: Bearer, rule: &'static Rule, origin: Origin) -> Result<Caller, Error> {
        let Bearer { account_id, session_id, client } = bearer;
        let mut connection = self.database.get().await?;
        let ended = || Error::Unauthenticated("session_ended");
        let active = db::sessions::find_active(&mut connection, session_id).await?;
        let active = active.filter(|active| active.account_id == account_id).ok_or_else(ended)?;
        if client.as_ref().map(|client| client.app_id) != active.app_id {
            return Err(Error::Unauthenticated("token_invalid"));
        }
        let (mut scopes, mut app) = (None, None);
        if let Some(client) = client {
            let session = db::oauth::find_app_session(&mut connection, session_id, Utc::now()).await?;
            let session = session.ok_or_else(ended)?;
            let quota = session.requests_per_minute.unwrap_or(self.policy.app_requests_per_minute);
            // What the token says, less what was taken away since.
            scopes = Some(client.scopes.into_iter().filter(|scope| session.scopes.contains(scope)).collect());
            let requests_per_day = session.requests_per_day.or(self.policy.app_requests_per_day);
            app = Some(CallingApp { id: session.app_id, requests_per_minute: quota, requests_per_day });
        }
        Ok(Caller { account_id, session_id, scopes, app, rule, origin })
    }

    /// A new session of an account that has proved who it is.
    pub(super) async fn open_session(
        &self,
        connection: &mut Connection,
        opening: Opening<'_>,
        now: DateTime<Utc>,
    ) -> Result<Tokens, Error> {
        let Opening { account_id, address_key, device } = opening;
        let bearer = Bearer { account_id, session_id: Uuid::now_v7(), client: None };
        let refresh_token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let session = db::sessions::NewSession {
            id: bearer.session_id,
            account_id,
            created_at: now,
            last_used_at: now,
            device: &device.name,
            address_key,
        };
        db::sessions::insert(connection, &session).await?;
        self.keep_token(connection, bearer.session_id, &refresh_token, now).await?;
        let detail = Detail::created(&json!({ "session_id": bearer.session_id, "device": device.name }));
        let opened = event("session.created", account_id, json!({ "session_id": bearer.session_id }));
        let opened = NewEvent { detail, ..opened };
        db::events::append(connection, opened, device.author(Some(account_id)), now).await?;
        self.sequencer.notify_one();
        self.tokens(&bearer, refresh_token, now)
    }

    /// `app`: whose the token must be; none: a person's.
    pub(super) async fn rotate(
        &self,
        connection: &mut Connection,
        token: &str,
        app: Option<Uuid>,
        now: DateTime<Utc>,
    ) -> Result<Rotation, Error> {
        let invalid = || Error::Unauthenticated("refresh_token_invalid");
        let hash = sha256(token.as_bytes());
        let session_id = db::sessions::find_token(connection, &hash).await?.ok_or_else(invalid)?.session_id;
        let active = db::sessions::lock_active(connection, session_id).await?;
        let account_id = active.filter(|active| active.app_id == app).ok_or_else(invalid)?.account_id;
        // Read again: only under the lock is it settled whether another request has just used it.
        let row = db::sessions::find_token(connection, &hash).await?.ok_or_else(invalid)?;
        if row.expires_at <= now {
            return Err(invalid());
        }
        let successor = URL_SAFE_NO_PAD.encode(self.secrets.sign("refresh-token", token.as_bytes()));
        let bearer = Bearer { account_id, session_id, client: None };
        let fresh = Rotation::Fresh { bearer, refresh_token: successor.clone() };
        let Some(used_at) = row.used_at else {
            db::sessions::mark_used(connection, &hash, &sha256(successor.as_bytes()), now).await?;
            self.keep_token(connection, session_id, &successor, now).await?;
            db::sessions::mark_session_used(connection, session_id, now).await?;
            return Ok(fresh);
        };
        let successor_row = db::sessions::find_token(connection, &sha256(successor.as_bytes())).await?;
        let unused = successor_row.is_some_and(|row| row.used_at.is_none());
        if unused && now - used_at <= GRACE {
            return Ok(fresh);
        }
        db::sessions::revoke(connection, session_id, now).await?;
        let which = json!({ "session_id": session_id, "why": "token_reused" });
        let revoked = NewEvent { detail: Detail::deleted(&which), ..event("session.revoked", account_id, which) };
        db::events::append(connection, revoked, Author::system("refresh"), now).await?;
        Ok(Rotation::Reused)
    }

    pub(super) async fn keep_token(
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
        let access_token = tokens::issue(&self.keys(), bearer, now, lifetime)?;
        Ok(Tokens { access_token, refresh_token, expires_in: lifetime.as_secs() })
    }
}
