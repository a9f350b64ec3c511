//! What an enterprise is told: a code with parameters, rendered when it is read.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::listing::Urgency;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NotificationKind {
    /// A counterpart entered the best matches of one of the enterprise's listings.
    MatchSuggested,
}

/// What a suggested match is told with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuggestedParams {
    pub match_id: Uuid,
    /// The enterprise's own.
    pub listing_id: Uuid,
    pub counterpart_id: Uuid,
    pub score: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    pub id: Uuid,
    pub enterprise_id: Uuid,
    pub kind: NotificationKind,
    pub params: SuggestedParams,
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

/// How many of a day's `cap` a matter of this urgency may use: the last quarter is kept for what is urgent.
pub fn allowance(urgency: Urgency, cap: usize) -> usize {
    match urgency {
        Urgency::Critical | Urgency::High => cap,
        Urgency::Normal | Urgency::Low => cap - cap / 4,
    }
}
