//! What happened: an entry of the event log. Never personal data: content is fetched by GET under today's rules.

use chrono::{DateTime, Utc};
use serde_json::Value;
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
