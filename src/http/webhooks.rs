//! `/v1/webhook-endpoints`

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::{Body, Patch};
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, ChangeHeaders, RetryHeaders, Write};
use super::core::{answer, page};
use super::credentials::nothing;
use super::wire::webhook::{WebhookEndpoint, WebhookEndpointPage, WebhookEndpointPatch};
use super::wire::webhook_delivery::WebhookDelivery;
use crate::app::idempotency::Answer;
use crate::app::webhooks::{self as use_cases, Shown};
use crate::domain::webhook::NewWebhookEndpoint;

fn shown(status: StatusCode) -> impl FnOnce(&Shown) -> Result<Answer, crate::app::Error> {
    move |shown| {
        let endpoint = WebhookEndpoint::from(shown.clone());
        let location = (status == StatusCode::CREATED).then(|| format!("/v1/webhook-endpoints/{}", endpoint.id));
        answer::versioned(status, endpoint.version, location, &endpoint)
    }
}

/// Make a webhook endpoint
///
/// By an owner or trader, or an app with `webhooks:write`; at most ten for an enterprise. It is told of what its enterprise sees of
/// itself: its listings, matches, requests for contact and the rest of `WebhookEventType`, from now on. A name that does not
/// resolve yet is taken. The secret is shown this once; `Idempotency-Key` is ignored. How to receive and verify: docs/INTEGRATION.md.
#[utoipa::path(tag = "webhooks", operation_id = "create_webhook_endpoint", security(("bearer" = [])),
    request_body = NewWebhookEndpoint,
    responses((status = 201, description = "The endpoint, with its secret.", body = WebhookEndpoint),
        (status = 403, description = "`not_trader`."),
        (status = 404, description = "There is no such enterprise."),
        (status = 409, description = "`too_many_webhook_endpoints`, or `enterprise_closed`.")))]
#[post("/v1/webhook-endpoints")]
pub async fn create(
    api: web::Data<Api>,
    write: Write,
    body: Body<NewWebhookEndpoint>,
) -> Result<HttpResponse, Problem> {
    let (command, wanted) = (write.command(&body.digest), body.value);
    // Before the transaction: it waits for the name.
    let url = wanted.as_ref().ok().map(|wanted| wanted.url.as_str());
    let reached = api.app.check_webhook_target(url).await;
    let work = async move |tx: &mut crate::app::Transaction<'_>| use_cases::create(tx, wanted, reached).await;
    api.write(command, work, shown(StatusCode::CREATED)).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WebhookEndpointQuery {
    /// Page size.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List one's enterprises' webhook endpoints
///
/// Of all enterprises the caller is a member of, oldest first, without their secrets.
#[utoipa::path(tag = "webhooks", operation_id = "list_webhook_endpoints", security(("bearer" = [])), params(WebhookEndpointQuery),
    responses((status = 200, description = "A page.", body = WebhookEndpointPage)))]
#[get("/v1/webhook-endpoints")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<WebhookEndpointQuery>,
) -> Result<HttpResponse, Problem> {
    let WebhookEndpointQuery { limit, cursor } = query.value;
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (after, fetch) = (paging.after, paging.limit + 1);
    let endpoints = api.read(|app| async move { app.list_webhook_endpoints(&caller.0, after, fetch).await }).await?;
    let (endpoints, next_cursor) = paging.finish(&api, endpoints, |endpoint| endpoint.id)?;
    let items = endpoints.into_iter().map(Into::into).collect();
    page::respond(&request, next_cursor.as_deref(), &WebhookEndpointPage { items, next_cursor: next_cursor.clone() })
}

/// Read a webhook endpoint
///
/// For members of its enterprise.
#[utoipa::path(tag = "webhooks", operation_id = "find_webhook_endpoint", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The endpoint.")),
    responses((status = 200, description = "The endpoint.", body = WebhookEndpoint),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/webhook-endpoints/{id}")]
pub async fn find(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let endpoint = api.read(|app| async move { app.find_webhook_endpoint(&caller.0, path.value.id).await }).await?;
    let endpoint = WebhookEndpoint::from(endpoint);
    answer::read(&request, endpoint.version, &endpoint)
}

/// Change a webhook endpoint
///
/// RFC 7396 merge patch by an owner or trader. Enabled again, it is sent what waited for it, and what happens from then on.
#[utoipa::path(tag = "webhooks", operation_id = "update_webhook_endpoint", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The endpoint.")),
    request_body(content((WebhookEndpointPatch = "application/merge-patch+json"), (WebhookEndpointPatch = "application/json"))),
    responses((status = 200, description = "The endpoint.", body = WebhookEndpoint),
        (status = 403, description = "`not_trader`.")))]
#[patch("/v1/webhook-endpoints/{id}")]
pub async fn update(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Patch,
) -> Result<HttpResponse, Problem> {
    let (command, checking, id) = (write.command(&body.digest), api.clone(), path.value.id);
    let reached = api.app.check_webhook_target(body.value["url"].as_str()).await;
    let change = move |present: &NewWebhookEndpoint| body.apply(&checking, present);
    let work = async move |tx: &mut crate::app::Transaction<'_>| {
        let endpoint = use_cases::update(tx, id, change, reached).await?;
        Ok(Shown { endpoint, secret: None })
    };
    api.write(command, work, shown(StatusCode::OK)).await
}

/// Delete a webhook endpoint
///
/// By an owner or trader. Nothing is sent to it any more, and what was is forgotten.
#[utoipa::path(tag = "webhooks", operation_id = "delete_webhook_endpoint", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The endpoint.")),
    responses((status = 204, description = "Gone."),
        (status = 403, description = "`not_trader`.")))]
#[delete("/v1/webhook-endpoints/{id}")]
pub async fn delete(api: web::Data<Api>, write: Write, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let id = path.value.id;
    api.write(write.command(&[0; 32]), async move |tx| use_cases::delete(tx, id).await, nothing).await
}

/// Give a webhook endpoint a new secret
///
/// By an owner or trader. The secret before signs beside it for 24 hours: `webhook-signature` then holds two. Shown this once;
/// `Idempotency-Key` is ignored.
#[utoipa::path(tag = "webhooks", operation_id = "rotate_webhook_secret", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The endpoint.")),
    responses((status = 200, description = "The endpoint, with its new secret.", body = WebhookEndpoint),
        (status = 403, description = "`not_trader`.")))]
#[post("/v1/webhook-endpoints/{id}/rotate-secret")]
pub async fn rotate_secret(api: web::Data<Api>, write: Write, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let id = path.value.id;
    let work = async move |tx: &mut crate::app::Transaction<'_>| use_cases::rotate_secret(tx, id).await;
    api.write(write.command(&[0; 32]), work, shown(StatusCode::OK)).await
}

/// Try a webhook endpoint
///
/// By an owner or trader. Sends an event of type `webhook.test`, whatever kinds were chosen; what becomes of it is read among the
/// deliveries.
#[utoipa::path(tag = "webhooks", operation_id = "test_webhook_endpoint", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The endpoint.")),
    responses((status = 201, description = "The delivery, which waits to be sent.", body = WebhookDelivery),
        (status = 403, description = "`not_trader`."),
        (status = 409, description = "`webhook_test_waits`, or `webhook_endpoint_disabled`.")))]
#[post("/v1/webhook-endpoints/{id}/test")]
pub async fn test(api: web::Data<Api>, write: Write, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let id = path.value.id;
    let render =
        |delivery: &crate::domain::webhook::WebhookDelivery| answer::created(&WebhookDelivery::from(delivery.clone()));
    api.write(write.command(&[0; 32]), async move |tx| use_cases::deliveries::test(tx, id).await, render).await
}
