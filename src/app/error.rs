//! Why a use case did not do what was asked. `http` turns each into a problem document, in one exhaustive match.

use chrono::{DateTime, TimeDelta, Utc};

use crate::db;
use crate::domain::access::Scope;
use crate::domain::oauth::OAuthError;
use crate::domain::throttle::Recent;
use crate::domain::violation::{Params, Violations};

use super::Lag;
use super::idempotency::Answer;

#[derive(Debug)]
pub enum Error {
    /// Unknown, or not visible to the caller: the two are not told apart.
    NotFound,
    /// No credentials, or bad ones.
    Unauthenticated(&'static str),
    /// Visible, but not theirs to do.
    Forbidden(&'static str),
    /// An app without the scope the operation takes; none: no app may.
    ScopeMissing(Option<Scope>),
    /// A refusal of OAuth 2, with a code that says more.
    OAuth(OAuthError, &'static str),
    /// Tried too often; worth trying again after the pause.
    Throttled {
        seconds: u64,
    },
    /// The state of things does not allow it.
    Conflict(&'static str, Params),
    Invalid(Violations),
    /// Of the path or query, by name.
    InvalidParameters(Violations),
    /// `If-Match` is missing.
    VersionRequired,
    /// `If-Match` names another version than the current one.
    VersionStale {
        current: i32,
    },
    /// The key was used for another request.
    IdempotencyMismatch,
    /// A request with this key is under way.
    IdempotencyInFlight,
    /// The stored answer of the first request with this key.
    Replayed(Answer),
    /// As often as it may be in a time; again in so many seconds.
    TooOften {
        code: &'static str,
        maximum: i64,
        seconds: u64,
    },
    /// Worth trying again in a moment.
    Busy(String),
    /// This process knows too little of what others wrote.
    Behind(Lag),
    /// Ours. The text is for the log, never for the client.
    Fault(String),
}

impl Error {
    pub fn conflict<const N: usize>(code: &'static str, params: [(&'static str, String); N]) -> Self {
        Error::Conflict(code, params.into_iter().collect())
    }

    /// It may be done `maximum` times in a `window`, and was.
    pub fn too_often(code: &'static str, maximum: i64, recent: Recent, window: TimeDelta, now: DateTime<Utc>) -> Self {
        let wait = recent.first.map_or(window, |first| first + window - now);
        Error::TooOften { code, maximum, seconds: u64::try_from(wait.num_seconds()).unwrap_or(0) + 1 }
    }
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::Unavailable(detail) => Error::Busy(detail),
            db::Error::Erased => Error::Unauthenticated("session_ended"),
            other => Error::Fault(other.to_string()),
        }
    }
}

impl From<Violations> for Error {
    fn from(violations: Violations) -> Self {
        Error::Invalid(violations)
    }
}
