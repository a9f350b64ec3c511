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
use crate::domain::violation::Params;

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
    Moderated(ModeratedParams),
    Flagged(FlaggedParams),
}

/// Of `match_suggested`.
#[derive(Serialize, ToSchema)]
pub struct SuggestedParams {
    match_id: Uuid,
    /// The enterprise's own.
    listing_id: Uuid,
    counterpart_id: Uuid,
    /// When it was told.
    #[schema(minimum = 0, maximum = 1000)]
    score: u32,
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
    let shown = |title: &Option<String>| title.clone().unwrap_or_else(|| NOT_SHOWN.to_owned());
    let mut params: Params = [("listing", shown(&view.listing))].into();
    match &view.notification.params {
        domain::NotificationParams::Suggested(told) => {
            params.insert("counterpart", shown(&view.counterpart));
            params.insert("score", told.score.to_string());
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
    }
    match view.notification.kind {
        NotificationKind::MatchSuggested => message::text("notification_match_suggested", &params, language),
        NotificationKind::ListingModerated => message::text("notification_listing_moderated", &params, language),
        NotificationKind::AppealDenied => message::text("notification_appeal_denied", &params, language),
        NotificationKind::ListingFlagged => message::text("notification_listing_flagged", &params, language),
    }
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
            domain::NotificationParams::Moderated(told) => Self::Moderated(ModeratedParams {
                listing_id: told.listing_id,
                decision: told.decision,
                reasons: told.reasons,
            }),
            domain::NotificationParams::Flagged(told) => {
                Self::Flagged(FlaggedParams { listing_id: told.listing_id, flags: told.flags })
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
