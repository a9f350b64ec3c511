//! The audit on the wire.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::audit::{Doer, Entry, OwnEntry};
use crate::domain::event::ActorKind;

/// Something that happened, with all that is kept of it. Every change has one, and every reading of personal data by
/// administrators, moderators and officers.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"seq": 4711, "event_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "at": "2026-11-26T08:00:00Z",
    "type": "enterprise.updated", "entity": "enterprise", "id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6a", "version": 2,
    "actor": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6b", "address": "203.0.113.7", "request_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6c",
    "changed": {"fields": ["employees"]}, "before": {"employees": 300}, "after": {"employees": 320},
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}))]
pub struct AuditEntry {
    /// Its place in the log: dense, from 1.
    #[schema(minimum = 1)]
    pub seq: i64,
    event_id: Uuid,
    at: DateTime<Utc>,
    #[schema(max_length = 100)]
    r#type: String,
    #[schema(max_length = 100)]
    entity: String,
    /// Of the entity.
    id: Uuid,
    #[schema(minimum = 0)]
    version: i32,
    /// The account; absent where the program itself acted, or nobody had signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<Uuid>,
    /// The app that acted for the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<Uuid>,
    /// Where nobody asked for it over the API: `command:import`, `job:expiry`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    how: Option<String>,
    /// From which the request came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    address: Option<String>,
    /// As the answer named it in `X-Request-Id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    request_id: Option<String>,
    /// Names of what changed, as the change feed tells them.
    #[schema(value_type = Object)]
    changed: Value,
    /// The fields that changed, as they stood.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    before: Option<Map<String, Value>>,
    /// The fields that changed, as they stand since.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    after: Option<Map<String, Value>>,
    /// Since when address, request id, before and after are no longer kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_at: Option<DateTime<Utc>>,
    /// SHA-256 that chains it to the entry before, in hexadecimal digits.
    #[schema(min_length = 64, max_length = 64)]
    hash: String,
}

fn object(value: Option<Value>) -> Option<Map<String, Value>> {
    match value {
        Some(Value::Object(object)) => Some(object),
        _ => None,
    }
}

impl From<Entry> for AuditEntry {
    fn from(Entry { event, hash, by, detail, erased_at }: Entry) -> Self {
        Self {
            seq: event.seq,
            event_id: event.event_id,
            at: event.at,
            r#type: event.event_type,
            entity: event.entity,
            id: event.entity_id,
            version: event.version,
            actor: event.actor,
            app_id: by.app_id,
            how: by.how,
            address: by.address,
            request_id: by.request_id,
            changed: event.changed,
            before: object(detail.before),
            after: object(detail.after),
            erased_at,
            hash: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// A page of the audit.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "AuditEntry"}]}))]
pub struct AuditPage {
    #[schema(max_items = 100)]
    pub items: Vec<AuditEntry>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// Who did something, as an enterprise learns of it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"kind": "member", "account_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "name": "王芳"}))]
pub struct AuditActor {
    kind: ActorKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    name: Option<String>,
    /// Of `platform`: `admin`, `moderator` or `officer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 20)]
    role: Option<&'static str>,
}

impl From<Doer> for AuditActor {
    fn from(doer: Doer) -> Self {
        let plain = |kind| Self { kind, account_id: None, name: None, role: None };
        match doer {
            Doer::Member { account_id, name } => {
                Self { account_id: Some(account_id), name: Some(name), ..plain(ActorKind::Member) }
            }
            Doer::Platform(role) => Self { role: Some(role.into()), ..plain(ActorKind::Platform) },
            Doer::Other => plain(ActorKind::Other),
            Doer::System => plain(ActorKind::System),
        }
    }
}

/// Something that happened to the enterprise or one of its listings, or of which it was told.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"seq": 4711, "at": "2026-11-26T08:00:00Z", "type": "enterprise.updated", "entity": "enterprise",
    "id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6a", "version": 2, "actor": {"$example": "AuditActor"},
    "changed": {"fields": ["employees"]}, "before": {"employees": 300}, "after": {"employees": 320}}))]
pub struct OwnAuditEntry {
    #[schema(minimum = 1)]
    pub seq: i64,
    at: DateTime<Utc>,
    #[schema(max_length = 100)]
    r#type: String,
    #[schema(max_length = 100)]
    entity: String,
    id: Uuid,
    #[schema(minimum = 0)]
    version: i32,
    actor: AuditActor,
    /// The app that acted for the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<Uuid>,
    /// From which the reader's own request came; of others' it is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    request_id: Option<String>,
    #[schema(value_type = Object)]
    changed: Value,
    /// Of the enterprise's own things only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    before: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    after: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_at: Option<DateTime<Utc>>,
}

impl From<OwnEntry> for OwnAuditEntry {
    fn from(OwnEntry { entry, doer }: OwnEntry) -> Self {
        let Entry { event, by, detail, erased_at, .. } = entry;
        Self {
            seq: event.seq,
            at: event.at,
            r#type: event.event_type,
            entity: event.entity,
            id: event.entity_id,
            version: event.version,
            actor: doer.into(),
            app_id: by.app_id,
            address: by.address,
            request_id: by.request_id,
            changed: event.changed,
            before: object(detail.before),
            after: object(detail.after),
            erased_at,
        }
    }
}

/// A page of an enterprise's audit.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "OwnAuditEntry"}]}))]
pub struct OwnAuditPage {
    #[schema(max_items = 100)]
    pub items: Vec<OwnAuditEntry>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}
