//! `/v1/listings/{id}/bundles` and `/v1/bundles`: several suppliers for one need.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::Body;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, ChangeHeaders, RetryHeaders, Write};
use super::core::{answer, page};
use super::wire::bundle::{Bundle, BundleInput, BundlePage, BundlePlans};
use crate::app::Transaction;
use crate::app::bundles::{self as use_cases, DEFAULT_SUPPLIERS, Wish};
use crate::app::idempotency::Answer;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BundleQuery {
    /// At most so many suppliers.
    #[param(minimum = 1, maximum = 25, default = 10)]
    max_suppliers: Option<usize>,
}

/// Plan several suppliers for a need
///
/// Three plans over its best matches: cheapest (landed cost and a charge for each further supplier), fewest suppliers,
/// nearest. Each covers as much as its suppliers can give, in whole lots between their minimum order and what they have
/// left, and says what nothing can beat. For those who act for the need's enterprise.
#[utoipa::path(tag = "bundles", operation_id = "find_bundles", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The need."), BundleQuery),
    responses((status = 200, description = "The plans.", body = BundlePlans),
        (status = 403, description = "`not_member`: somebody else's listing."),
        (status = 409, description = "`not_a_need`, `quantity_unknown`, or `state_conflict`: the listing has ended.")))]
#[get("/v1/listings/{id}/bundles")]
pub async fn plan(
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
    query: Parameters<BundleQuery>,
) -> Result<HttpResponse, Problem> {
    let (id, most) = (path.value.id, query.value.max_suppliers.unwrap_or(DEFAULT_SUPPLIERS));
    let found = api.read(|app| async move { app.find_bundles(&caller.0, id, most).await }).await?;
    answer::plain(&BundlePlans::from(found))
}

/// Keep a plan
///
/// Computed anew, and kept as it is then. It holds nothing: quantities move with awards alone.
#[utoipa::path(tag = "bundles", operation_id = "create_bundle", security(("bearer" = [])),
    params(RetryHeaders, ("id" = Uuid, Path, description = "The need.")), request_body = BundleInput,
    responses((status = 201, description = "The bundle.", body = Bundle),
        (status = 403, description = "`not_trader`: visible, but not the caller's."),
        (status = 409, description = "`not_a_need`, `quantity_unknown`, `bundle_empty`: nothing can be combined, or `state_conflict`: the need is not published.")))]
#[post("/v1/listings/{id}/bundles")]
pub async fn create(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<BundleInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let (wish, app) = (body.value.map(Wish::from), Arc::clone(&api.app));
    let work = async move |tx: &mut Transaction<'_>| use_cases::create(&app, tx, id, wish).await.map(Bundle::from);
    api.write(command, work, |bundle| {
        let location = Some(format!("/v1/bundles/{}", bundle.id));
        answer::versioned(StatusCode::CREATED, bundle.version, location, bundle)
    })
    .await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BundlesQuery {
    /// The need they are for.
    listing_id: Uuid,
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List kept bundles
///
/// Those of one need, newest first, for members of its enterprise.
#[utoipa::path(tag = "bundles", operation_id = "list_bundles", security(("bearer" = [])), params(BundlesQuery),
    responses((status = 200, description = "A page.", body = BundlePage),
        (status = 403, description = "`not_member`: somebody else's listing."),
        (status = 404, description = "No listing that the caller sees.")))]
#[get("/v1/bundles")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<BundlesQuery>,
) -> Result<HttpResponse, Problem> {
    let BundlesQuery { listing_id, limit, cursor } = query.value;
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (before, fetch) = (paging.after, paging.limit + 1);
    let views = api.read(|app| async move { app.list_bundles(&caller.0, listing_id, before, fetch).await }).await?;
    let (views, next_cursor) = paging.finish(&api, views, |view| view.bundle.id)?;
    let items = views.into_iter().map(Bundle::from).collect();
    page::respond(&request, next_cursor.as_deref(), &BundlePage { items, next_cursor: next_cursor.clone() })
}

/// Read a kept bundle
///
/// Each line says whether the offer is still open as it was, with enough left. For members of the need's enterprise.
#[utoipa::path(tag = "bundles", operation_id = "find_bundle", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The bundle.")),
    responses((status = 200, description = "The bundle.", body = Bundle),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/bundles/{id}")]
pub async fn find(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let view = api.read(|app| async move { app.find_bundle(&caller.0, path.value.id).await }).await?;
    let bundle = Bundle::from(view);
    answer::read(&request, bundle.version, &bundle)
}

/// Delete a kept bundle
///
/// By a trader of the need's enterprise. The need itself stays as it is.
#[utoipa::path(tag = "bundles", operation_id = "delete_bundle", security(("bearer" = [])),
    params(ChangeHeaders, ("id" = Uuid, Path, description = "The bundle.")),
    responses((status = 204, description = "Deleted."),
        (status = 403, description = "`not_trader`: visible, but not the caller's to delete.")))]
#[delete("/v1/bundles/{id}")]
pub async fn delete(api: web::Data<Api>, write: Write, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&[0; 32]));
    let empty = |(): &()| Ok(Answer { status: 204, headers: vec![], body: vec![], replayed: false });
    api.write(command, async move |tx| use_cases::delete(tx, id).await, empty).await
}
