//! What an enterprise is told: a code with parameters, rendered when it is read.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::flag::ListingFlagCode;
use super::listing::Urgency;
use super::moderation::{ModerationDecision, ModerationReason};
use super::verification::DecisionReason;
use super::webhook::WebhookStopReason;

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
    EnterpriseClosed,
    /// Somebody the enterprise deals with was closed by its owner.
    CounterpartClosed,
    CredentialExpired,
    MandateGranted,
    MandateRevoked,
    /// Somebody asks for contact about one of the enterprise's listings.
    ContactRequested,
    /// A request for contact was accepted: each side sees the other's contacts.
    ContactAccepted,
    ContactDeclined,
    /// A moderator decided on one of the enterprise's listings.
    ListingModerated,
    /// An appeal was turned down.
    AppealDenied,
    /// The program marked something about one of the enterprise's listings; it can be answered.
    ListingFlagged,
    /// The program no longer sends events to one of the enterprise's endpoints.
    WebhookEndpointDisabled,
}

/// What a notification is told with, by its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NotificationParams {
    Suggested(SuggestedParams),
    Contact(ContactParams),
    Credential(CredentialParams),
    Standing(StandingParams),
    Moderated(ModeratedParams),
    Flagged(FlaggedParams),
    Webhook(WebhookParams),
}

/// Of `contact_requested`, `contact_accepted` and `contact_declined`; the message is read with the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactParams {
    pub contact_request_id: Uuid,
    pub listing_id: Uuid,
    /// The other side.
    pub enterprise_id: Uuid,
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

/// Of `webhook_endpoint_disabled`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookParams {
    pub webhook_endpoint_id: Uuid,
    pub host: String,
    pub reason: WebhookStopReason,
}

impl NotificationParams {
    /// The enterprise's own listing that it is about.
    pub fn listing_id(&self) -> Option<Uuid> {
        match self {
            Self::Suggested(params) => Some(params.listing_id),
            Self::Contact(params) => Some(params.listing_id),
            Self::Moderated(params) => Some(params.listing_id),
            Self::Flagged(params) => Some(params.listing_id),
            Self::Standing(_) | Self::Credential(_) | Self::Webhook(_) => None,
        }
    }

    /// Another's listing that it is about.
    pub fn counterpart_id(&self) -> Option<Uuid> {
        match self {
            Self::Suggested(params) => Some(params.counterpart_id),
            _ => None,
        }
    }

    pub fn listings(&self) -> impl Iterator<Item = Uuid> {
        self.listing_id().into_iter().chain(self.counterpart_id())
    }

    /// The enterprise that it is about.
    pub fn enterprise_id(&self) -> Option<Uuid> {
        match self {
            Self::Contact(params) => Some(params.enterprise_id),
            Self::Standing(params) => Some(params.about_enterprise_id),
            _ => None,
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
