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
    /// Somebody asks for contact about one of the enterprise's listings.
    ContactRequested,
    /// A request for contact was accepted: each side sees the other's contacts.
    ContactAccepted,
    ContactDeclined,
}

/// What a notification is told with, by its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NotificationParams {
    Suggested(SuggestedParams),
    Contact(ContactParams),
}

/// Of `contact_requested`, `contact_accepted` and `contact_declined`; the message is read with the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactParams {
    pub contact_request_id: Uuid,
    pub listing_id: Uuid,
    /// The other side.
    pub enterprise_id: Uuid,
}

impl NotificationParams {
    /// The listing it is about.
    pub fn listing_id(&self) -> Uuid {
        match self {
            Self::Suggested(params) => params.listing_id,
            Self::Contact(params) => params.listing_id,
        }
    }

    /// Another's that it is about.
    pub fn counterpart_id(&self) -> Option<Uuid> {
        match self {
            Self::Suggested(params) => Some(params.counterpart_id),
            Self::Contact(_) => None,
        }
    }

    /// Another enterprise that it is about.
    pub fn enterprise_id(&self) -> Option<Uuid> {
        match self {
            Self::Contact(params) => Some(params.enterprise_id),
            Self::Suggested(_) => None,
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
