//! Notifications on the wire: a code with its parameters, and the sentence a person reads.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::codes::label;
use crate::app::notifications::NotificationView;
use crate::domain::flag::ListingFlagCode;
use crate::domain::message::{self, Language};
use crate::domain::moderation::{ModerationDecision, ModerationReason};
use crate::domain::notification::{self as domain, NotificationKind};
use crate::domain::verification::DecisionReason;
use crate::domain::violation::Params;
use crate::domain::webhook::WebhookStopReason;

/// What an enterprise is told. Read by one member, it is read for all.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a68",
    "kind": "match_suggested", "params": {"match_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a70",
    "listing_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a71", "counterpart_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a72", "score": 944},
    "text": "“医用外科口罩”有新的匹配：医用外科口罩现货，944 分", "created_at": "2026-11-23T08:00:01Z"}))]
pub struct Notification {
    pub id: Uuid,
    enterprise_id: Uuid,
    kind: NotificationKind,
    params: NotificationParams,
    /// In the reader's language.
    #[schema(max_length = 2000)]
    text: String,
    created_at: DateTime<Utc>,
    /// Absent while unread.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<DateTime<Utc>>,
}

/// By the kind of the notification.
#[derive(Serialize, ToSchema)]
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

/// Of what concerns a whole enterprise, one's own or another.
#[derive(Serialize, ToSchema)]
pub struct StandingParams {
    /// Whom it is about.
    about_enterprise_id: Uuid,
    /// What was said besides is read with the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_code: Option<DecisionReason>,
}

/// Of `credential_expired`.
#[derive(Serialize, ToSchema)]
pub struct CredentialParams {
    credential_id: Uuid,
    #[schema(max_length = 100)]
    scheme: String,
}

/// Of `match_suggested`.
#[derive(Serialize, ToSchema)]
pub struct SuggestedParams {
    /// Forgotten (404) 30 days after it came to nothing.
    match_id: Uuid,
    /// The enterprise's own.
    listing_id: Uuid,
    counterpart_id: Uuid,
    /// When it was told.
    #[schema(minimum = 0, maximum = 1000)]
    score: u32,
}

/// Of `contact_requested`, `contact_accepted` and `contact_declined`; the message is read with the request.
#[derive(Serialize, ToSchema)]
pub struct ContactParams {
    contact_request_id: Uuid,
    listing_id: Uuid,
    /// The other side.
    enterprise_id: Uuid,
}

/// Of `listing_moderated` and `appeal_denied`; the moderator's note is read with the listing.
#[derive(Serialize, ToSchema)]
pub struct ModeratedParams {
    listing_id: Uuid,
    decision: ModerationDecision,
    #[schema(max_items = 14)]
    reasons: Vec<ModerationReason>,
}

/// Of `listing_flagged`: what can be answered.
#[derive(Serialize, ToSchema)]
pub struct FlaggedParams {
    listing_id: Uuid,
    #[schema(max_items = 13)]
    flags: Vec<ListingFlagCode>,
}

/// Of `webhook_endpoint_disabled`.
#[derive(Serialize, ToSchema)]
pub struct WebhookParams {
    webhook_endpoint_id: Uuid,
    /// Of its URL.
    #[schema(max_length = 500)]
    host: String,
    reason: WebhookStopReason,
}

const NOT_SHOWN: &str = "—";

/// Labels of codes, one after the other.
fn labels<'a>(vocabulary: &str, codes: impl Iterator<Item = &'a str>, language: Language) -> String {
    let separator = if language == Language::Zh { "、" } else { ", " };
    let labels: Vec<String> = codes.map(|code| label(vocabulary, code, language)).collect();
    if labels.is_empty() { NOT_SHOWN.to_owned() } else { labels.join(separator) }
}

impl Notification {
    pub fn render(view: NotificationView, language: Language) -> Self {
        let text = text(&view, language);
        let notification = view.notification;
        Self {
            id: notification.id,
            enterprise_id: notification.enterprise_id,
            kind: notification.kind,
            params: notification.params.into(),
            text,
            created_at: notification.created_at,
            read_at: notification.read_at,
        }
    }
}

fn text(view: &NotificationView, language: Language) -> String {
    let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| NOT_SHOWN.to_owned());
    let mut params: Params = [("listing", shown(&view.listing)), ("enterprise", shown(&view.enterprise))].into();
    match &view.notification.params {
        domain::NotificationParams::Suggested(told) => {
            params.insert("counterpart", shown(&view.counterpart));
            params.insert("score", told.score.to_string());
        }
        domain::NotificationParams::Contact(_) => {}
        domain::NotificationParams::Standing(told) => {
            let reason = told.reason_code.map(|code| label("DecisionReason", code.into(), language));
            params.insert("reason", shown(&reason));
        }
        domain::NotificationParams::Credential(told) => {
            params.insert("scheme", told.scheme.clone());
        }
        domain::NotificationParams::Moderated(told) => {
            params.insert("decision", label("ModerationDecision", told.decision.into(), language));
            let reasons = told.reasons.iter().map(|reason| <&str>::from(*reason));
            params.insert("reasons", labels("ModerationReason", reasons, language));
        }
        domain::NotificationParams::Flagged(told) => {
            let flags = told.flags.iter().map(|flag| <&str>::from(*flag));
            params.insert("flags", labels("ListingFlagCode", flags, language));
        }
        domain::NotificationParams::Webhook(told) => {
            params.insert("host", told.host.clone());
            params.insert("reason", label("WebhookStopReason", told.reason.into(), language));
        }
    }
    message::text(&format!("notification_{}", <&str>::from(view.notification.kind)), &params, language)
}

impl From<domain::NotificationParams> for NotificationParams {
    fn from(params: domain::NotificationParams) -> Self {
        match params {
            domain::NotificationParams::Suggested(told) => Self::Suggested(SuggestedParams {
                match_id: told.match_id,
                listing_id: told.listing_id,
                counterpart_id: told.counterpart_id,
                score: told.score,
            }),
            domain::NotificationParams::Standing(told) => Self::Standing(StandingParams {
                about_enterprise_id: told.about_enterprise_id,
                reason_code: told.reason_code,
            }),
            domain::NotificationParams::Credential(told) => {
                Self::Credential(CredentialParams { credential_id: told.credential_id, scheme: told.scheme })
            }
            domain::NotificationParams::Contact(told) => Self::Contact(ContactParams {
                contact_request_id: told.contact_request_id,
                listing_id: told.listing_id,
                enterprise_id: told.enterprise_id,
            }),
            domain::NotificationParams::Moderated(told) => Self::Moderated(ModeratedParams {
                listing_id: told.listing_id,
                decision: told.decision,
                reasons: told.reasons,
            }),
            domain::NotificationParams::Flagged(told) => {
                Self::Flagged(FlaggedParams { listing_id: told.listing_id, flags: told.flags })
            }
            domain::NotificationParams::Webhook(told) => {
                let domain::WebhookParams { webhook_endpoint_id, host, reason } = told;
                Self::Webhook(WebhookParams { webhook_endpoint_id, host, reason })
            }
        }
    }
}

/// A page of notifications.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Notification"}]}))]
pub struct NotificationPage {
    #[schema(max_items = 100)]
    pub items: Vec<Notification>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}
