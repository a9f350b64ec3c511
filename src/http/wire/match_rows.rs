//! Matches that were written down, on the wire: as one side sees them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::explain::Explainer;
use super::listing::Listing;
use super::matches::{Check, Factor, rounded};
use crate::app::match_rows::MatchView;
use crate::domain::decimal::Decimal;
use crate::domain::listing::Side;
use crate::domain::match_row::{DismissReason, MatchAction, MatchStatus};

/// A need and an offer that match, as one side sees them. Scores and reasons are those of when the pair was last looked
/// at: when either listing changed.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "side": "need", "status": "suggested", "version": 1,
    "listing_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a70", "listing_version": 2,
    "counterpart_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a71", "counterpart_version": 2,
    "score": 944, "mutual": 804, "matchable_quantity": "20000", "unit_code": "H87", "partial": false, "distance_km": 3.7,
    "factors": [{"$example": "Factor"}], "checks": [{"$example": "Check"}], "policy_version": 1, "stats_version": 1,
    "as_of": "2026-11-23T08:00:00Z", "created_at": "2026-11-23T08:00:01Z", "updated_at": "2026-11-23T08:00:01Z"}))]
pub struct MatchRecord {
    id: Uuid,
    /// The reader's.
    side: Side,
    /// Of this side alone: what the other makes of it is not told.
    status: MatchStatus,
    /// Rises with every change this side can see.
    #[schema(minimum = 1)]
    pub version: i32,
    /// The reader's own listing.
    listing_id: Uuid,
    #[schema(minimum = 1)]
    listing_version: i32,
    counterpart_id: Uuid,
    #[schema(minimum = 1)]
    counterpart_version: i32,
    /// Absent where it has ended or is not meant for the reader.
    #[serde(skip_serializing_if = "Option::is_none")]
    counterpart: Option<Listing>,
    /// The sum of the factors' points, as this side scores.
    #[schema(minimum = 0, maximum = 1000)]
    score: u32,
    /// Harmonic mean of the scores either side gives the other.
    #[schema(minimum = 0, maximum = 1000)]
    mutual: u32,
    /// What the two could agree on, in `unit_code` of the reader's listing.
    #[serde(skip_serializing_if = "Option::is_none")]
    matchable_quantity: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 3)]
    unit_code: Option<String>,
    /// The offer covers less than is needed; absent where that is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    partial: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 20100)]
    distance_km: Option<f64>,
    #[schema(max_items = 20)]
    factors: Vec<Factor>,
    #[schema(max_items = 100)]
    checks: Vec<Check>,
    /// Why it was dismissed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<DismissReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    note: Option<String>,
    /// When this side viewed, shortlisted or dismissed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<DateTime<Utc>>,
    #[schema(minimum = 0)]
    policy_version: i32,
    #[schema(minimum = 0)]
    stats_version: i32,
    /// The hour that entered the scores.
    as_of: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl MatchRecord {
    pub fn render(view: MatchView, explainer: Explainer<'_>) -> Self {
        let MatchView { row, side, counterpart } = view;
        let counterpart_id = row.counterpart_of(side.side);
        let (listing_version, counterpart_version) = match side.side {
            Side::Need => (row.need_version, row.offer_version),
            Side::Offer => (row.offer_version, row.need_version),
        };
        let found = side.explanation;
        Self {
            id: row.id,
            side: side.side,
            status: side.status,
            version: side.version,
            listing_id: side.listing_id,
            listing_version,
            counterpart_id,
            counterpart_version,
            counterpart: counterpart.map(Listing::from),
            score: found.score,
            mutual: found.mutual,
            matchable_quantity: found.matchable_quantity,
            unit_code: found.unit_code,
            partial: found.partial,
            distance_km: found.distance_km.map(rounded),
            factors: found.factors.into_iter().map(|factor| explainer.factor(factor)).collect(),
            checks: found.checks.into_iter().map(|check| explainer.check(check)).collect(),
            reason: side.reason,
            note: side.note,
            decided_at: side.decided_at,
            policy_version: row.policy_version,
            stats_version: row.stats_version,
            as_of: row.as_of,
            created_at: row.created_at,
            updated_at: row.updated_at.max(side.updated_at),
        }
    }
}

/// A page of matches.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "MatchRecord"}]}))]
pub struct MatchRecordPage {
    #[schema(max_items = 100)]
    pub items: Vec<MatchRecord>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// Why a counterpart is not wanted.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"reason": "price", "note": "含税到厂高于预算"}))]
pub struct DismissInput {
    pub reason: DismissReason,
    /// For one's own colleagues; the other side does not see it.
    #[schema(min_length = 1, max_length = 500, pattern = r"^[^\x00]*$")]
    pub note: Option<String>,
}

impl From<DismissInput> for MatchAction {
    fn from(DismissInput { reason, note }: DismissInput) -> Self {
        MatchAction::Dismiss { reason, note }
    }
}
