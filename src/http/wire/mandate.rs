//! Mandates on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::mandate::{self, MandateScope, MandateStatus, NewMandate};

/// Whom the enterprise lets act for it, and for what.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"association_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "scopes": ["post"],
    "valid_until": "2027-06-30T16:00:00Z"}))]
pub struct MandateInput {
    /// A verified association.
    pub association_id: Uuid,
    #[schema(min_items = 1, max_items = 2)]
    pub scopes: Vec<MandateScope>,
    /// Left out: until it is revoked.
    pub valid_until: Option<DateTime<Utc>>,
}

impl From<MandateInput> for NewMandate {
    fn from(MandateInput { association_id, scopes, valid_until }: MandateInput) -> Self {
        Self { association_id, scopes, valid_until }
    }
}

/// That one enterprise acts for another.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "status": "standing",
    "enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6a", "association_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6b",
    "scopes": ["post"], "created_at": "2026-11-26T08:00:00Z"}))]
pub struct Mandate {
    pub id: Uuid,
    status: MandateStatus,
    /// For whom.
    enterprise_id: Uuid,
    /// Who acts.
    association_id: Uuid,
    #[schema(max_items = 2)]
    scopes: Vec<MandateScope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
}

impl Mandate {
    pub fn at(mandate: mandate::Mandate, now: DateTime<Utc>) -> Self {
        let status = mandate.status_at(now);
        let mandate::Mandate { id, enterprise_id, given, created_at, revoked_at, .. } = mandate;
        let NewMandate { association_id, scopes, valid_until } = given;
        Self { id, status, enterprise_id, association_id, scopes, valid_until, created_at, revoked_at }
    }
}

/// A page of mandates.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Mandate"}]}))]
pub struct MandatePage {
    #[schema(max_items = 100)]
    pub items: Vec<Mandate>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// Something that was done under a mandate.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "type": "listing.published", "entity": "listing",
    "entity_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6a", "account_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6b", "at": "2026-11-26T08:00:00Z"}))]
pub struct MandateAct {
    pub id: Uuid,
    /// Of the event that tells of it.
    #[schema(max_length = 100)]
    r#type: String,
    #[schema(max_length = 100)]
    entity: String,
    entity_id: Uuid,
    /// Who, of the association.
    account_id: Uuid,
    at: DateTime<Utc>,
}

impl From<mandate::MandateAct> for MandateAct {
    fn from(act: mandate::MandateAct) -> Self {
        let mandate::MandateAct { id, account_id, event_type, entity, entity_id, at, .. } = act;
        Self { id, r#type: event_type, entity, entity_id, account_id, at }
    }
}

/// A page of what was done.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "MandateAct"}]}))]
pub struct MandateActPage {
    #[schema(max_items = 100)]
    pub items: Vec<MandateAct>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}
