//! The token endpoint: client credentials, authorization codes with PKCE, refresh tokens; and revocation.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, SubsecRound, Utc};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::client::{Client, Credentials};
use super::invalid_grant;
use crate::app::secrets::sha256;
use crate::app::sessions::Rotation;
use crate::app::tokens::{self, Bearer};
use crate::app::{App, Error};
use crate::db::oauth::{Basis, Code};
use crate::db::{self, Connection};
use crate::domain::access::Scope;
use crate::domain::oauth::{Authorization, OAuthError, split_scopes};

/// What an app brings.
pub enum Grant {
    ClientCredentials,
    Code { code: String, redirect_uri: String, verifier: String },
    RefreshToken(String),
}

/// What it gets.
pub struct AppTokens {
    pub access_token: String,
    /// None for client credentials: they are shown again instead.
    pub refresh_token: Option<String>,
    /// Seconds the access token lives.
    pub expires_in: u64,
    pub scopes: Vec<Scope>,
}

/// Committed as it is: what a refusal revokes must stay revoked.
enum Outcome {
    Given(Bearer, Option<String>, Vec<Scope>),
    Refused(Error),
}

impl App {
    pub async fn create_app_token(
        &self,
        credentials: Credentials,
        grant: Grant,
        scope: Option<String>,
    ) -> Result<AppTokens, Error> {
        let wanted = scope.map(|text| split_scopes(&text)).transpose();
        let wanted = wanted.map_err(|_| Error::OAuth(OAuthError::InvalidScope, "scope_unknown"))?;
        let now = Utc::now().trunc_subsecs(6);
        let outcome = self
            .database
            .transaction(async |connection| {
                let client = self.find_client(connection, &credentials, now).await?;
                match grant {
                    Grant::ClientCredentials => self.give_to_itself(connection, &client, wanted, now).await,
                    Grant::Code { code, redirect_uri, verifier } => {
                        self.exchange(connection, &client, &code, &redirect_uri, &verifier, now).await
                    }
                    Grant::RefreshToken(token) => self.renew(connection, &client, &token, wanted, now).await,
                }
            })
            .await?;
        match outcome {
            Outcome::Given(bearer, refresh_token, scopes) => {
                let client = tokens::Client { app_id: credentials.client_id, scopes: scopes.clone() };
                let bearer = Bearer { client: Some(client), ..bearer };
                let lifetime = self.policy.access_token_lifetime;
                let access_token = tokens::issue(&self.keys(), &bearer, now, lifetime)?;
                Ok(AppTokens { access_token, refresh_token, expires_in: lifetime.as_secs(), scopes })
            }
            Outcome::Refused(error) => Err(error),
        }
    }

    async fn give_to_itself(
        &self,
        connection: &mut Connection,
        client: &Client,
        wanted: Option<Vec<Scope>>,
        now: DateTime<Utc>,
    ) -> Result<Outcome, Error> {
        let Some(key) = &client.key else {
            return Err(Error::OAuth(OAuthError::UnauthorizedClient, "app_is_public"));
        };
        let allowed = |scope: &Scope| key.scopes.contains(scope) && client.app.details.scopes.contains(scope);
        let scopes = match wanted {
            Some(wanted) if !wanted.iter().all(allowed) => {
                return Err(Error::OAuth(OAuthError::InvalidScope, "scope_not_of_app"));
            }
            Some(wanted) => wanted,
            None => key.scopes.iter().copied().filter(allowed).collect(),
        };
        let bearer = Bearer { account_id: client.app.account_id, session_id: Uuid::now_v7(), client: None };
        let basis = Basis { app_id: client.app.id, key_id: Some(key.id), authorization_id: None, scopes: &scopes };
        db::oauth::insert_session(connection, bearer.session_id, bearer.account_id, &basis, now).await?;
        Ok(Outcome::Given(bearer, None, scopes))
    }

    /// A code is good once. Brought again, somebody has copied it, and what it gave is revoked (RFC 6749, 4.1.2).
    async fn exchange(
        &self,
        connection: &mut Connection,
        client: &Client,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
        now: DateTime<Utc>,
    ) -> Result<Outcome, Error> {
        let hash = sha256(code.as_bytes());
        let unknown = || invalid_grant("code_invalid");
        let kept = db::oauth::lock_code(connection, &hash).await?.ok_or_else(unknown)?;
        let authorization = db::oauth::find(connection, kept.authorization_id).await?.ok_or_else(unknown)?;
        if authorization.app_id != client.app.id {
            return Err(unknown());
        }
        if kept.used_at.is_some() {
            if let Some(given) = kept.session_id {
                db::sessions::revoke(connection, given, now).await?;
            }
            return Ok(Outcome::Refused(invalid_grant("code_reused")));
        }
        check_code(&kept, redirect_uri, verifier, now)?;
        let scopes: Vec<Scope> = authorization.scopes.iter().copied().filter(|scope| kept.covers(*scope)).collect();
        let account_id = authorization.delegate_id.unwrap_or(authorization.account_id);
        let bearer = Bearer { account_id, session_id: Uuid::now_v7(), client: None };
        let basis = basis(&authorization, &scopes);
        db::oauth::insert_session(connection, bearer.session_id, account_id, &basis, now).await?;
        db::oauth::use_code(connection, &hash, bearer.session_id, now).await?;
        let refresh_token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        self.keep_token(connection, bearer.session_id, &refresh_token, now).await?;
        Ok(Outcome::Given(bearer, Some(refresh_token), scopes))
    }

    /// Rotates as a person's does. Fewer scopes may be asked for: for this access token, not for those after it.
    async fn renew(
        &self,
        connection: &mut Connection,
        client: &Client,
        token: &str,
        wanted: Option<Vec<Scope>>,
        now: DateTime<Utc>,
    ) -> Result<Outcome, Error> {
        let invalid = |error| match error {
            Error::Unauthenticated(code) => invalid_grant(code),
            other => other,
        };
        let (bearer, successor) =
            match self.rotate(connection, token, Some(client.app.id), now).await.map_err(invalid)? {
                Rotation::Fresh { bearer, refresh_token } => (bearer, refresh_token),
                Rotation::Reused => return Ok(Outcome::Refused(invalid_grant("refresh_token_reused"))),
            };
        let session = db::oauth::find_app_session(connection, bearer.session_id, now).await?;
        let scopes = session.ok_or_else(|| invalid_grant("refresh_token_invalid"))?.scopes;
        let given = wanted.unwrap_or_else(|| scopes.clone());
        if !given.iter().all(|scope| scopes.contains(scope)) {
            return Err(Error::OAuth(OAuthError::InvalidScope, "scope_not_agreed"));
        }
        Ok(Outcome::Given(bearer, Some(successor), given))
    }

    /// Ends what a token of this app stands for (RFC 7009); a token nobody knows is no fault.
    pub async fn revoke_app_token(&self, credentials: Credentials, token: &str) -> Result<(), Error> {
        let now = Utc::now().trunc_subsecs(6);
        self.database
            .transaction(async |connection| {
                let client = self.find_client(connection, &credentials, now).await?;
                let kept = db::sessions::find_token(connection, &sha256(token.as_bytes())).await?;
                let named = kept.map(|kept| kept.session_id);
                let named = named.or_else(|| tokens::read(&self.keys(), token).ok().map(|bearer| bearer.session_id));
                if let Some(session) = named {
                    db::oauth::revoke_session(connection, session, client.app.id, now).await?;
                }
                Ok(())
            })
            .await
    }
}

fn basis<'a>(authorization: &Authorization, scopes: &'a [Scope]) -> Basis<'a> {
    Basis { app_id: authorization.app_id, key_id: None, authorization_id: Some(authorization.id), scopes }
}

/// RFC 7636, 4.6: the verifier's hash is the challenge the code was asked for with.
fn check_code(kept: &Code, redirect_uri: &str, verifier: &str, now: DateTime<Utc>) -> Result<(), Error> {
    let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()));
    if kept.expires_at <= now {
        Err(invalid_grant("code_invalid"))
    } else if kept.redirect_uri != redirect_uri {
        Err(invalid_grant("redirect_uri_differs"))
    } else if !bool::from(challenge.as_bytes().ct_eq(kept.code_challenge.as_bytes())) {
        Err(invalid_grant("code_verifier_wrong"))
    } else {
        Ok(())
    }
}
