//! What happened: an entry of the event log. Never personal data: content is fetched by GET under today's rules. What stood
//! before and after, and from where it was done, is a detail kept apart, for auditors, which can be erased.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

/// Who may learn of an event; settled when it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    Public,
    Enterprises(Vec<Uuid>),
    Staff,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// `listing.published` and the like.
    pub event_type: &'static str,
    /// `listing`, `enterprise`, `account`, `reference`.
    pub entity: &'static str,
    pub entity_id: Uuid,
    pub version: i32,
    pub audience: Audience,
    /// Names of changed fields; values only of public ones.
    pub changed: Value,
    pub detail: Detail,
}

/// What stood before and after: the fields that changed. Never a secret, nor the hash of one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Detail {
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// Who made it happen, and from where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Author {
    pub account_id: Option<Uuid>,
    /// The app that acted for the account.
    pub app_id: Option<Uuid>,
    pub address: Option<String>,
    pub request_id: Option<String>,
    /// Where nobody asked for it over the API: `command:import`, `job:expiry`.
    pub how: Option<String>,
}

/// Who made it happen, as an enterprise learns of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ActorKind {
    Member,
    /// Somebody who answers for the platform; who is not told.
    Platform,
    /// Of another enterprise, or no longer of this one.
    Other,
    /// The program itself, or somebody at its command line.
    System,
}

/// An event with its place in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Dense, ordered after commit.
    pub seq: i64,
    pub event_id: Uuid,
    pub event_type: String,
    pub entity: String,
    pub entity_id: Uuid,
    pub version: i32,
    pub audience: Audience,
    pub actor: Option<Uuid>,
    pub changed: Value,
    pub at: DateTime<Utc>,
}

impl Detail {
    /// Something new.
    pub fn created(after: &impl Serialize) -> Self {
        Self { before: None, after: serde_json::to_value(after).ok() }
    }

    /// Something that is no more.
    pub fn deleted(before: &impl Serialize) -> Self {
        Self { before: serde_json::to_value(before).ok(), after: None }
    }

    /// The top-level fields in which two objects differ; a field that one lacks is left out there.
    pub fn changed<T: Serialize>(before: &T, after: &T) -> Self {
        let object = |value: &T| match serde_json::to_value(value) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        };
        let (mut before, mut after) = (object(before), object(after));
        before.retain(|name, value| after.get(name) != Some(value) || after.remove(name).is_none());
        Self { before: Some(before.into()), after: Some(after.into()) }
    }
}

impl Author {
    /// The program itself, or somebody at its command line.
    pub fn system(how: &str) -> Self {
        Self { how: Some(how.to_owned()), ..Self::default() }
    }
}

impl From<Option<Uuid>> for Author {
    fn from(account_id: Option<Uuid>) -> Self {
        Self { account_id, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_tells_the_fields_that_differ() {
        let before = json!({"name": "王芳", "mobile": "1", "hours": "8-18", "same": [1, 2]});
        let after = json!({"name": "王芳", "mobile": "2", "wechat": "w", "same": [1, 2]});
        let detail = Detail::changed(&before, &after);
        assert_eq!(detail.before, Some(json!({"mobile": "1", "hours": "8-18"})));
        assert_eq!(detail.after, Some(json!({"mobile": "2", "wechat": "w"})));
    }
}
