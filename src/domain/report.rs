//! Reports: what a reader says is wrong with a listing.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

/// The most reports of an account in [`WINDOW`].
pub const MOST: i64 = 20;
pub const WINDOW: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReportReason {
    WrongInformation,
    Price,
    Counterfeit,
    ForbiddenGoods,
    FraudSuspected,
    Unreachable,
    Duplicate,
    Offensive,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReportStatus {
    Open,
    /// It was right.
    Upheld,
    Dismissed,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub id: Uuid,
    pub listing_id: Uuid,
    pub enterprise_id: Uuid,
    pub region_code: Option<String>,
    pub reporter_id: Uuid,
    pub reason: ReportReason,
    pub text: Option<String>,
    /// What was seen.
    pub listing_version: i32,
    pub status: ReportStatus,
    pub note: Option<String>,
    pub created_at: DateTime<Utc>,
    pub resolved_by: Option<Uuid>,
    pub resolved_at: Option<DateTime<Utc>>,
}
