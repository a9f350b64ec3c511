//! Appeals on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::listing::Listing;
use super::moderation::DecisionRecord;
use crate::app::appeals::AppealView;
use crate::domain::moderation::{self as domain, AppealStatus};

/// What the poster says against a decision.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"text": "注册证编号已补充，请再看一次。"}))]
pub struct AppealInput {
    #[schema(min_length = 1, max_length = 2000, pattern = r"^[^\x00]*\S[^\x00]*$")]
    pub text: String,
}

/// An appeal.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "listing_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a70",
    "status": "open", "text": "注册证编号已补充，请再看一次。", "created_at": "2026-11-26T08:00:00Z"}))]
pub struct Appeal {
    id: Uuid,
    listing_id: Uuid,
    status: AppealStatus,
    #[schema(max_length = 2000)]
    text: String,
    /// Of whoever decided it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    note: Option<String>,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<DateTime<Utc>>,
    /// For moderators.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<Uuid>,
}

impl Appeal {
    /// With who decided it.
    pub fn named(appeal: domain::Appeal) -> Self {
        let decided_by = appeal.decided_by;
        Self { decided_by, ..appeal.into() }
    }
}

impl From<domain::Appeal> for Appeal {
    fn from(appeal: domain::Appeal) -> Self {
        let domain::Appeal { id, listing_id, status, text, note, created_at, decided_at, .. } = appeal;
        Self { id, listing_id, status, text, note, created_at, decided_at, decided_by: None }
    }
}

/// An appeal with the decision it is against.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"appeal": {"$example": "Appeal"}, "listing": {"$example": "Listing"},
    "decision": {"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a71", "decision": "suspended", "reasons": ["misleading"], "listing_version": 3, "terms": {},
    "flags": [], "policy_version": 0, "decided_at": "2026-11-26T07:00:00Z"}}))]
pub struct AppealCase {
    appeal: Appeal,
    decision: DecisionRecord,
    listing: Listing,
}

impl From<AppealView> for AppealCase {
    fn from(AppealView { appeal, decision, view }: AppealView) -> Self {
        Self { appeal: Appeal::named(appeal), decision: decision.into(), listing: view.into() }
    }
}

/// Appeals, oldest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "AppealCase"}]}))]
pub struct AppealPage {
    #[schema(max_items = 100)]
    pub items: Vec<AppealCase>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// A moderator's word on an appeal.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"note": "证书已核对。"}))]
pub struct NoteInput {
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*\S[^\x00]*$")]
    pub note: Option<String>,
}
