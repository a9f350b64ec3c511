//! Cursors of list pages: opaque, signed, and bound to the filter and order they were made for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{Duration, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use crate::app::secrets::{Secrets, sha256};
use actix_web::http::StatusCode;

const PURPOSE: &str = "cursor-1";
const TAG_BYTES: usize = 16;
/// A page may be turned for this long.
const LIFETIME: Duration = Duration::hours(24);

#[derive(Serialize, Deserialize)]
struct Content<T> {
    /// The place in the list after which the next page begins.
    k: T,
    /// Digest of operation, filter and order.
    f: String,
    /// Seconds since the epoch.
    t: i64,
}

/// Names the list a cursor belongs to: operation and all parameters but `cursor` and `limit`.
pub fn scope(operation: &str, parameters: &serde_json::Value) -> String {
    let mut filter = parameters.clone();
    if let Some(object) = filter.as_object_mut() {
        object.remove("cursor");
        object.remove("limit");
    }
    URL_SAFE_NO_PAD.encode(&sha256(format!("{operation} {filter}").as_bytes())[..9])
}

pub fn encode<T: Serialize>(secrets: &Secrets, scope: &str, key: T) -> Result<String, Problem> {
    let content = Content { k: key, f: scope.to_owned(), t: Utc::now().timestamp() };
    let mut bytes = serde_json::to_vec(&content).map_err(|error| Problem::fault(&error.to_string()))?;
    let tag = secrets.sign(PURPOSE, &bytes);
    bytes.extend_from_slice(&tag[..TAG_BYTES]);
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// 400 for a cursor that is not ours or belongs to another list, 410 for one that is too old.
pub fn decode<T: DeserializeOwned>(secrets: &Secrets, scope: &str, cursor: &str) -> Result<T, Problem> {
    let invalid = || Problem::new(StatusCode::BAD_REQUEST, "cursor_invalid");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
    let (content, tag) = bytes.split_at_checked(bytes.len().saturating_sub(TAG_BYTES)).ok_or_else(invalid)?;
    if tag.len() != TAG_BYTES || !secrets.verify(PURPOSE, content, tag) {
        return Err(invalid());
    }
    let content: Content<serde_json::Value> = serde_json::from_slice(content).map_err(|_| invalid())?;
    if content.f != scope {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "cursor_of_another_list"));
    }
    if Utc::now().timestamp() - content.t > LIFETIME.num_seconds() {
        return Err(Problem::new(StatusCode::GONE, "cursor_expired"));
    }
    serde_json::from_value(content.k).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_reads_back_and_no_altered_one_does(key in any::<(i64, String)>(), at in any::<prop::sample::Index>(), with in 0u8..64) {
            let secrets = Secrets::new([7; 32]);
            let cursor = encode(&secrets, "list", &key).map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert_eq!(decode::<(i64, String)>(&secrets, "list", &cursor).ok(), Some(key));
            prop_assert!(decode::<(i64, String)>(&secrets, "other", &cursor).is_err());
            let mut altered = cursor.clone().into_bytes();
            let at = at.index(altered.len());
            altered[at] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[usize::from(with)];
            let altered = String::from_utf8(altered).unwrap_or_default();
            prop_assert!(altered == cursor || decode::<(i64, String)>(&secrets, "list", &altered).is_err());
        }
    }
}
