//! Access tokens: short-lived JWTs. They name a session; whether it still stands is asked of the database each time.

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Error;
use super::secrets::Secrets;

const PURPOSE: &str = "access-token-1";
const KEY_ID: &str = "1";
const TYPE: &str = "at+jwt";
const ISSUER: &str = "duijie";

/// What a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearer {
    pub account_id: Uuid,
    pub session_id: Uuid,
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
}

pub fn issue(
    secrets: &Secrets,
    bearer: &Bearer,
    now: DateTime<Utc>,
    lifetime: std::time::Duration,
) -> Result<String, Error> {
    let header = Header { typ: Some(TYPE.to_owned()), kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::HS256) };
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
    };
    let key = EncodingKey::from_secret(&secrets.derive(PURPOSE));
    encode(&header, &claims, &key).map_err(|error| Error::Fault(error.to_string()))
}

/// The session a token names, if its signature, type, audience and times hold.
pub fn read(secrets: &Secrets, token: &str) -> Result<Bearer, Error> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&[ISSUER]);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
    validation.validate_nbf = true;
    validation.leeway = 5;
    let key = DecodingKey::from_secret(&secrets.derive(PURPOSE));
    let data = decode::<Claims>(token, &key, &validation).map_err(|error| match error.kind() {
        jsonwebtoken::errors::ErrorKind::ExpiredSignature => Error::Unauthenticated("token_expired"),
        _ => Error::Unauthenticated("token_invalid"),
    })?;
    if data.header.typ.as_deref() != Some(TYPE) || data.header.kid.as_deref() != Some(KEY_ID) {
        return Err(Error::Unauthenticated("token_invalid"));
    }
    Ok(Bearer { account_id: data.claims.sub, session_id: data.claims.sid })
}
