//! `/v1/webhook-endpoints/{id}/deliveries`

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, RetryHeaders, Write};
use super::core::{answer, page};
use super::wire::webhook_delivery::{WebhookDelivery, WebhookDeliveryHistory, WebhookDeliveryPage};
use crate::app::webhooks::deliveries as use_cases;
use crate::domain::webhook::WebhookDeliveryStatus;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WebhookDeliveryQuery {
    status: Option<WebhookDeliveryStatus>,
    /// Page size.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List what was sent to a webhook endpoint
///
/// Events of the last thirty days, newest first, with what became of them. For members of its enterprise.
#[utoipa::path(tag = "webhooks", operation_id = "list_webhook_deliveries", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The endpoint."), WebhookDeliveryQuery),
    responses((status = 200, description = "A page.", body = WebhookDeliveryPage)))]
#[get("/v1/webhook-endpoints/{id}/deliveries")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
    query: Parameters<WebhookDeliveryQuery>,
) -> Result<HttpResponse, Problem> {
    let (id, WebhookDeliveryQuery { status, limit, cursor }) = (path.value.id, query.value);
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (before, fetch) = (paging.after, paging.limit + 1);
    let listing = |app: std::sync::Arc<crate::app::App>| async move {
        app.list_webhook_deliveries(&caller.0, id, status, before, fetch).await
    };
    let deliveries = api.read(listing).await?;
    let (deliveries, next_cursor) = paging.finish(&api, deliveries, |delivery| delivery.id)?;
    let items = deliveries.into_iter().map(Into::into).collect();
    page::respond(&request, next_cursor.as_deref(), &WebhookDeliveryPage { items, next_cursor: next_cursor.clone() })
}

#[derive(Deserialize)]
pub struct DeliveryPath {
    id: Uuid,
    delivery_id: Uuid,
}

/// Read what was sent to a webhook endpoint
///
/// One event for it, with its content and the attempts. For members of its enterprise.
#[utoipa::path(tag = "webhooks", operation_id = "find_webhook_delivery", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The endpoint."), ("delivery_id" = Uuid, Path, description = "The delivery.")),
    responses((status = 200, description = "The delivery.", body = WebhookDeliveryHistory)))]
#[get("/v1/webhook-endpoints/{id}/deliveries/{delivery_id}")]
pub async fn find(
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<DeliveryPath>,
) -> Result<HttpResponse, Problem> {
    let DeliveryPath { id, delivery_id } = path.value;
    let history = api.read(|app| async move { app.find_webhook_delivery(&caller.0, id, delivery_id).await }).await?;
    answer::plain(&WebhookDeliveryHistory::from(history))
}

/// Send an event to a webhook endpoint again
///
/// By an owner or trader: at once, with all its attempts before it, whatever became of it. `webhook-id` stays the same.
#[utoipa::path(tag = "webhooks", operation_id = "replay_webhook_delivery", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The endpoint."), ("delivery_id" = Uuid, Path, description = "The delivery.")),
    responses((status = 200, description = "The delivery, which waits to be sent.", body = WebhookDelivery),
        (status = 403, description = "`not_trader`."),
        (status = 409, description = "`webhook_delivery_under_way`, or `webhook_endpoint_disabled`.")))]
#[post("/v1/webhook-endpoints/{id}/deliveries/{delivery_id}/replay")]
pub async fn replay(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<DeliveryPath>,
) -> Result<HttpResponse, Problem> {
    let DeliveryPath { id, delivery_id } = path.value;
    let render =
        |delivery: &crate::domain::webhook::WebhookDelivery| answer::done(&WebhookDelivery::from(delivery.clone()));
    let work = async move |tx: &mut crate::app::Transaction<'_>| use_cases::replay(tx, id, delivery_id).await;
    api.write(write.command(&[0; 32]), work, render).await
}
