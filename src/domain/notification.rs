//! What an enterprise is told: a code with parameters, rendered when it is read.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::flag::ListingFlagCode;
use super::listing::Urgency;
use super::moderation::{ModerationDecision, ModerationReason};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NotificationKind {
    /// A counterpart entered the best matches of one of the enterprise's listings.
    MatchSuggested,
    /// A moderator decided on one of the enterprise's listings.
    ListingModerated,
    /// An appeal was turned down.
    AppealDenied,
    /// The program marked something about one of the enterprise's listings; it can be answered.
    ListingFlagged,
}

/// What a notification is told with, by its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NotificationParams {
    Suggested(SuggestedParams),
    Moderated(ModeratedParams),
    Flagged(FlaggedParams),
}

/// Of `listing_moderated` and `appeal_denied`: without the note, which is read with the listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeratedParams {
    pub listing_id: Uuid,
    pub decision: ModerationDecision,
    pub reasons: Vec<ModerationReason>,
}

/// Of `listing_flagged`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlaggedParams {
    pub listing_id: Uuid,
    pub flags: Vec<ListingFlagCode>,
}

impl NotificationParams {
    /// The enterprise's own.
    pub fn listing_id(&self) -> Uuid {
        match self {
            Self::Suggested(params) => params.listing_id,
            Self::Moderated(params) => params.listing_id,
            Self::Flagged(params) => params.listing_id,
        }
    }

    /// Another's that it is about.
    pub fn counterpart_id(&self) -> Option<Uuid> {
        match self {
            Self::Suggested(params) => Some(params.counterpart_id),
            Self::Moderated(_) | Self::Flagged(_) => None,
        }
    }
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
    pub params: NotificationParams,
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
