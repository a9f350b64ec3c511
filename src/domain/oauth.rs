//! OAuth 2: what people agreed to, and why a token is refused (RFC 6749, 5.2).

use chrono::{DateTime, Utc};
use strum::IntoStaticStr;
use uuid::Uuid;

use super::access::Scope;

/// The `error` of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum OAuthError {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    InvalidScope,
}

/// A person lets an app act for them.
#[derive(Debug, Clone, PartialEq)]
pub struct Authorization {
    pub id: Uuid,
    pub app_id: Uuid,
    /// Who agreed.
    pub account_id: Uuid,
    /// None: wherever the person may act.
    pub enterprise_id: Option<Uuid>,
    /// What the app acts as, where it is for one enterprise.
    pub delegate_id: Option<Uuid>,
    pub scopes: Vec<Scope>,
    pub created_at: DateTime<Utc>,
    /// Agreed to again, perhaps to other scopes.
    pub updated_at: DateTime<Utc>,
}

/// Scopes as one text, with blanks between (RFC 6749, 3.3).
pub fn join_scopes(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| <&str>::from(*scope)).collect::<Vec<_>>().join(" ")
}

/// In the order of the vocabulary, each once; `Err` with the first nobody knows.
pub fn split_scopes(text: &str) -> Result<Vec<Scope>, String> {
    let read = |word: &str| word.parse::<Scope>().map_err(|_| word.to_owned());
    let mut scopes = text.split(' ').filter(|word| !word.is_empty()).map(read).collect::<Result<Vec<_>, _>>()?;
    scopes.sort_unstable();
    scopes.dedup();
    Ok(scopes)
}

/// Characters of a code verifier (RFC 7636, 4.1).
pub fn is_code_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}
