//! Access tokens: short-lived JWTs, signed by a key of `keys`. They name a session; whether it still stands is asked of the
//! database each time.

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Error;
use super::keys::KeyRing;
use crate::domain::access::Scope;
use crate::domain::oauth::{join_scopes, split_scopes};

const TYPE: &str = "at+jwt";
const ISSUER: &str = "duijie";

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    pub account_id: Uuid,
    pub session_id: Uuid,
    /// None: a person's own.
    pub client: Option<Client>,
}

/// The app a token was given to (RFC 9068), and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    pub app_id: Uuid,
    pub scopes: Vec<Scope>,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    jti: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

pub fn issue(
    keys: &KeyRing,
    bearer: &Bearer,
    now: DateTime<Utc>,
    lifetime: std::time::Duration,
) -> Result<String, Error> {
    let (key_id, key) = keys.signing()?;
    let kid = Some(key_id.to_owned());
    let header = Header { typ: Some(TYPE.to_owned()), kid, ..Header::new(Algorithm::EdDSA) };
    let (iat, lifetime) = (now.timestamp(), i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX));
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: ISSUER.to_owned(),
        sub: bearer.account_id,
        sid: bearer.session_id,
        jti: Uuid::now_v7(),
        iat,
        nbf: iat,
        exp: iat.saturating_add(lifetime),
        client_id: bearer.client.as_ref().map(|client| client.app_id),
        scope: bearer.client.as_ref().map(|client| join_scopes(&client.scopes)),
    };
    encode(&header, &claims, key).map_err(|error| Error::Fault(error.to_string()))
}

/// The session a token names, if its key, signature, type, audience and times hold.
pub fn read(keys: &KeyRing, token: &str) -> Result<Bearer, Error> {
    let invalid = || Error::Unauthenticated("token_invalid");
    let header = decode_header(token).map_err(|_| invalid())?;
    let key = header.kid.as_deref().and_then(|id| keys.find(id, Utc::now())).ok_or_else(invalid)?;
    // The key decides the algorithm: what the token says of it must be the same.
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&[ISSUER]);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
    validation.validate_nbf = true;
    validation.leeway = 5;
    let data = decode::<Claims>(token, &key.verifying, &validation).map_err(|error| match error.kind() {
        jsonwebtoken::errors::ErrorKind::ExpiredSignature => Error::Unauthenticated("token_expired"),
        _ => invalid(),
    })?;
    if data.header.typ.as_deref() != Some(TYPE) {
        return Err(invalid());
    }
    let Claims { sub: account_id, sid: session_id, client_id, scope, .. } = data.claims;
    let client = match (client_id, scope) {
        (None, None) => None,
        (Some(app_id), Some(scope)) => Some(Client { app_id, scopes: split_scopes(&scope).map_err(|_| invalid())? }),
        _ => return Err(invalid()),
    };
    Ok(Bearer { account_id, session_id, client })
}

/// Whether a token names a key that is not here.
pub fn names_other_key(keys: &KeyRing, token: &str) -> bool {
    let id = decode_header(token).ok().and_then(|header| header.kid);
    id.is_some_and(|id| keys.find(&id, Utc::now()).is_none())
}
