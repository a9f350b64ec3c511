//! What was sent to endpoints, on the wire.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::webhooks::deliveries::History;
use crate::domain::webhook::{self as domain, WebhookDeliveryStatus, WebhookError};

/// An event for an endpoint.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6d", "webhook_endpoint_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6a",
    "event_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6b", "event_type": "listing.published", "status": "pending", "attempts": 2,
    "created_at": "2026-11-26T08:00:01Z", "next_attempt_at": "2026-11-26T08:05:09Z", "response_status": 503,
    "error": "status_refused"}))]
pub struct WebhookDelivery {
    pub id: Uuid,
    webhook_endpoint_id: Uuid,
    /// `webhook-id`.
    event_id: Uuid,
    /// One of `WebhookEventType`, or `webhook.test`.
    #[schema(max_length = 100)]
    event_type: String,
    status: WebhookDeliveryStatus,
    /// Begun so far, replays counted.
    #[schema(minimum = 0)]
    attempts: i32,
    created_at: DateTime<Utc>,
    /// While it is pending; once that has passed, as soon as the endpoint is enabled and free.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime<Utc>>,
    /// Of the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 100, maximum = 999)]
    response_status: Option<u16>,
    /// Of the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<WebhookError>,
}

impl From<domain::WebhookDelivery> for WebhookDelivery {
    fn from(delivery: domain::WebhookDelivery) -> Self {
        let pending = delivery.status == WebhookDeliveryStatus::Pending;
        Self {
            id: delivery.id,
            webhook_endpoint_id: delivery.endpoint_id,
            event_id: delivery.event_id,
            event_type: delivery.event_type,
            status: delivery.status,
            attempts: delivery.attempts,
            created_at: delivery.created_at,
            next_attempt_at: pending.then_some(delivery.due_at),
            ended_at: delivery.ended_at,
            response_status: delivery.response_status,
            error: delivery.error,
        }
    }
}

/// A page of deliveries.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "WebhookDelivery"}]}))]
pub struct WebhookDeliveryPage {
    #[schema(max_items = 100)]
    pub items: Vec<WebhookDelivery>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// One attempt to send an event.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"number": 1, "at": "2026-11-26T08:00:02Z", "duration_ms": 87, "response_status": 503,
    "error": "status_refused"}))]
pub struct WebhookAttempt {
    /// From 1; one is missing where the process that began it has died.
    #[schema(minimum = 1)]
    number: i32,
    at: DateTime<Utc>,
    #[schema(minimum = 0)]
    duration_ms: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 100, maximum = 999)]
    response_status: Option<u16>,
    /// Absent where it succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<WebhookError>,
}

impl From<domain::WebhookAttempt> for WebhookAttempt {
    fn from(attempt: domain::WebhookAttempt) -> Self {
        let domain::WebhookAttempt { number, at, duration_ms, response_status, error } = attempt;
        Self { number, at, duration_ms, response_status, error }
    }
}

/// A delivery with what was sent, and its last hundred attempts.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"delivery": {"$example": "WebhookDelivery"}, "body": "{\"specversion\":\"1.0\",…}",
    "attempts": [{"$example": "WebhookAttempt"}]}))]
pub struct WebhookDeliveryHistory {
    delivery: WebhookDelivery,
    /// Character for character, as it is signed.
    #[schema(max_length = 100000)]
    body: String,
    /// Newest first.
    #[schema(max_items = 100)]
    attempts: Vec<WebhookAttempt>,
}

impl From<History> for WebhookDeliveryHistory {
    fn from(History { delivery, attempts }: History) -> Self {
        let attempts = attempts.into_iter().map(Into::into).collect();
        Self { body: delivery.body.clone(), delivery: delivery.into(), attempts }
    }
}
