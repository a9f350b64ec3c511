//! What an enterprise is told: a code with parameters, rendered when it is read.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::listing::Urgency;
use super::verification::DecisionReason;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NotificationKind {
    /// A counterpart entered the best matches of one of the enterprise's listings.
    MatchSuggested,
    EnterpriseVerified,
    EnterpriseRejected,
    /// Another claim to the same code was verified.
    ClaimLost,
    EnterpriseSuspended,
    EnterpriseRestored,
    /// An appeal about the enterprise itself was turned down.
    DecisionUpheld,
    /// Somebody the enterprise deals with was suspended.
    CounterpartSuspended,
    CredentialExpired,
    MandateGranted,
    MandateRevoked,
}

/// What a notification is told with, by its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NotificationParams {
    Suggested(SuggestedParams),
    Credential(CredentialParams),
    Standing(StandingParams),
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

/// Of what concerns a whole enterprise; what was said besides is read with the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingParams {
    /// Whom it is about.
    pub about_enterprise_id: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<DecisionReason>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialParams {
    pub credential_id: Uuid,
    pub scheme: String,
}

impl NotificationParams {
    /// The enterprise's own, and another's, that it is about.
    pub fn listings(&self) -> Option<(Uuid, Uuid)> {
        match self {
            Self::Suggested(params) => Some((params.listing_id, params.counterpart_id)),
            Self::Standing(_) | Self::Credential(_) => None,
        }
    }

    pub fn enterprise(&self) -> Option<Uuid> {
        match self {
            Self::Standing(params) => Some(params.about_enterprise_id),
            Self::Suggested(_) | Self::Credential(_) => None,
        }
    }
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
