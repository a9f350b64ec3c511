//! Endpoints for webhooks on the wire. `WebhookEndpointInput` is the schema of the domain's `NewWebhookEndpoint`.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::app::webhooks::Shown;
use crate::domain::webhook::{self as domain, NewWebhookEndpoint, WebhookStopReason};
use crate::domain::webhook_event::WebhookEventType;

/// Where an enterprise wants to be told of what happens.
#[derive(ToSchema)]
#[schema(example = json!({"enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "url": "https://erp.example/hooks/duijie",
    "description": "ERP", "event_types": ["listing.published", "match.suggested"]}))]
#[allow(dead_code)]
pub struct WebhookEndpointInput {
    /// Whose events. Does not change.
    enterprise_id: Uuid,
    /// `https`, with a name or address of a public host, without user name, password or fragment. Checked again at every attempt.
    #[schema(min_length = 1, max_length = 500, pattern = r"^[\x21-\x7e]*$")]
    url: String,
    /// For those who look after it.
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\x00\r\n]*$")]
    description: Option<String>,
    /// Left out or empty: all kinds there are, also those that later versions add.
    #[schema(max_items = 100)]
    event_types: Option<Vec<WebhookEventType>>,
    /// While it is disabled nothing is sent to it, and what happens then is not kept for it.
    #[schema(default = true)]
    enabled: Option<bool>,
}

/// A merge patch of an endpoint; its schema is derived from `WebhookEndpointInput`.
#[derive(ToSchema)]
#[schema(example = json!({"event_types": ["match.suggested"], "enabled": true}))]
pub struct WebhookEndpointPatch {}

impl PartialSchema for NewWebhookEndpoint {
    fn schema() -> RefOr<Schema> {
        WebhookEndpointInput::schema()
    }
}

impl ToSchema for NewWebhookEndpoint {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("WebhookEndpointInput")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        WebhookEndpointInput::schemas(schemas);
    }
}

/// An endpoint at which an enterprise is told of events.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6a", "enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69",
    "url": "https://erp.example/hooks/duijie", "description": "ERP", "event_types": ["listing.published", "match.suggested"],
    "enabled": true, "last_success_at": "2026-11-24T08:00:00Z", "version": 1, "created_at": "2026-11-23T08:00:00Z",
    "updated_at": "2026-11-23T08:00:00Z"}))]
pub struct WebhookEndpoint {
    pub id: Uuid,
    enterprise_id: Uuid,
    #[schema(max_length = 500)]
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    description: Option<String>,
    /// Empty: all kinds.
    #[schema(max_items = 100)]
    event_types: Vec<WebhookEventType>,
    enabled: bool,
    /// Where the program disabled it.
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_reason: Option<WebhookStopReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_success_at: Option<DateTime<Utc>>,
    /// Until then messages carry a second signature, by the secret before.
    #[serde(skip_serializing_if = "Option::is_none")]
    former_secret_until: Option<DateTime<Utc>>,
    /// Shown in the answer to making the endpoint or rotating its secret, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    secret: Option<String>,
    #[schema(minimum = 1)]
    pub version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<domain::WebhookEndpoint> for WebhookEndpoint {
    fn from(endpoint: domain::WebhookEndpoint) -> Self {
        let NewWebhookEndpoint { enterprise_id, url, description, event_types, enabled } = endpoint.details;
        Self {
            id: endpoint.id,
            enterprise_id,
            url,
            description,
            event_types,
            enabled,
            stop_reason: endpoint.stopped.map(|(reason, _)| reason),
            stopped_at: endpoint.stopped.map(|(_, at)| at),
            last_success_at: endpoint.last_success_at,
            former_secret_until: endpoint.former_until.filter(|until| *until > Utc::now()),
            secret: None,
            version: endpoint.version,
            created_at: endpoint.created_at,
            updated_at: endpoint.updated_at,
        }
    }
}

impl From<Shown> for WebhookEndpoint {
    fn from(Shown { endpoint, secret }: Shown) -> Self {
        Self { secret, ..endpoint.into() }
    }
}

/// A page of endpoints.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "WebhookEndpoint"}]}))]
pub struct WebhookEndpointPage {
    #[schema(max_items = 100)]
    pub items: Vec<WebhookEndpoint>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// What an endpoint is sent: CloudEvents 1.0 in JSON. Ids, states and names of fields; what stands there now is fetched by GET.
#[derive(ToSchema)]
#[schema(example = json!({"specversion": "1.0", "id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6b", "source": "https://duijie.example",
    "type": "listing.published", "subject": "listing/0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6c", "time": "2026-11-26T08:00:00.000000Z",
    "datacontenttype": "application/json", "data": {"enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "entity": "listing",
    "id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6c", "version": 2, "fields": ["status"], "status": "published"}}))]
#[allow(dead_code)]
pub struct WebhookEvent {
    #[schema(max_length = 10)]
    specversion: String,
    /// The same at every attempt, at every endpoint and in `webhook-id`.
    id: Uuid,
    /// The address of this installation, or a name where it has none.
    #[schema(max_length = 500)]
    source: String,
    /// One of `WebhookEventType`, or `webhook.test`.
    #[schema(max_length = 100)]
    r#type: String,
    /// What it is about: `<entity>/<id>`.
    #[schema(max_length = 200)]
    subject: String,
    time: DateTime<Utc>,
    #[schema(max_length = 100)]
    datacontenttype: String,
    data: WebhookEventData,
}

/// Besides these, ids of things concerned and, by kind, `code`, `scheme`, `purpose` or `scopes`.
#[derive(ToSchema)]
#[allow(dead_code)]
pub struct WebhookEventData {
    /// Who is told.
    enterprise_id: Uuid,
    #[schema(max_length = 100)]
    entity: String,
    /// Of the entity.
    id: Uuid,
    /// Of the entity: later ones are higher.
    #[schema(minimum = 0)]
    version: Option<i32>,
    /// What changed.
    #[schema(max_items = 100, value_type = Option<Vec<FieldName>>)]
    fields: Option<Vec<String>>,
    /// Where it stands since.
    #[schema(max_length = 100)]
    status: Option<String>,
}

/// Name of a field.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 100, example = "status")]
#[allow(dead_code)]
pub struct FieldName(String);
