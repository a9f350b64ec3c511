//! Notifications on the wire: a code with its parameters, and the sentence a person reads.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::notifications::NotificationView;
use crate::domain::message::{self, Language};
use crate::domain::notification::NotificationKind;
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
    params: SuggestedParams,
    /// In the reader's language.
    #[schema(max_length = 2000)]
    text: String,
    created_at: DateTime<Utc>,
    /// Absent while unread.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<DateTime<Utc>>,
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

const NOT_SHOWN: &str = "—";

impl Notification {
    pub fn render(view: NotificationView, language: Language) -> Self {
        let NotificationView { notification, listing, counterpart } = view;
        let shown = |title: Option<String>| title.unwrap_or_else(|| NOT_SHOWN.to_owned());
        let told = notification.params;
        let params: Params =
            [("listing", shown(listing)), ("counterpart", shown(counterpart)), ("score", told.score.to_string())]
                .into();
        let text = match notification.kind {
            NotificationKind::MatchSuggested => message::text("notification_match_suggested", &params, language),
        };
        Self {
            id: notification.id,
            enterprise_id: notification.enterprise_id,
            kind: notification.kind,
            params: SuggestedParams {
                match_id: told.match_id,
                listing_id: told.listing_id,
                counterpart_id: told.counterpart_id,
                score: told.score,
            },
            text,
            created_at: notification.created_at,
            read_at: notification.read_at,
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
