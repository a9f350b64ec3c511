//! `/v1/admin/matching-policies`, and the policy in use for everybody.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::core::api::Api;
use super::core::body::Patch;
use super::core::parameters::Parameters;
use super::core::problem::Problem;
use super::core::write::{Authenticated, ChangeHeaders, Write};
use super::core::{answer, page};
use super::wire::policy::{MatchingPolicy, MatchingPolicyChange, MatchingPolicyInUse, MatchingPolicyPage, read_change};
use crate::app::policies as use_cases;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VersionQuery {
    /// Page size.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub(super) limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    pub(super) cursor: Option<String>,
}

/// List the versions of the matching policy
///
/// Newest first, each whole, with author and reason. For administrators.
#[utoipa::path(tag = "administration", operation_id = "list_matching_policies", security(("bearer" = [])), params(VersionQuery),
    responses((status = 200, description = "A page.", body = MatchingPolicyPage),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/matching-policies")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<VersionQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = page::Paging::<i32>::read(&api, &query.scope, query.value.limit, query.value.cursor.as_deref())?;
    let (before, fetch) = (paging.after, paging.limit + 1);
    let versions = api.read(|app| async move { app.list_policies(&caller.0, before, fetch).await }).await?;
    let (versions, next_cursor) = paging.finish(&api, versions, |version| version.policy.version)?;
    let items = versions.into_iter().map(MatchingPolicy::from).collect();
    page::respond(&request, next_cursor.as_deref(), &MatchingPolicyPage { items, next_cursor: next_cursor.clone() })
}

/// Read the newest version of the matching policy
///
/// Its ETag is what the next version is written over. For administrators.
#[utoipa::path(tag = "administration", operation_id = "find_current_matching_policy", security(("bearer" = [])),
    responses((status = 200, description = "The version.", body = MatchingPolicy),
        (status = 304, description = "Not changed since `If-None-Match`."),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/matching-policies/current")]
pub async fn find_current(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
) -> Result<HttpResponse, Problem> {
    let version = api.read(|app| async move { app.find_current_policy(&caller.0).await }).await?;
    let version = MatchingPolicy::from(version);
    answer::read(&request, version.version, &version)
}

#[derive(Deserialize)]
pub struct VersionPath {
    version: i32,
}

/// Read a version of the matching policy
///
/// The values behind a `policy_version` that a match names. For administrators.
#[utoipa::path(tag = "administration", operation_id = "find_matching_policy", security(("bearer" = [])),
    params(("version" = i32, Path, minimum = 1, description = "The version.")),
    responses((status = 200, description = "The version.", body = MatchingPolicy),
        (status = 304, description = "Not changed since `If-None-Match`."),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/matching-policies/{version}")]
pub async fn find(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<VersionPath>,
) -> Result<HttpResponse, Problem> {
    let wanted = path.value.version;
    let version = api.read(|app| async move { app.find_policy(&caller.0, wanted).await }).await?;
    let version = MatchingPolicy::from(version);
    answer::read(&request, version.version, &version)
}

/// Write the next version of the matching policy
///
/// `If-Match` names the version it is written over. Every process ranks by it within a second; statistics of the market
/// follow with their next version. Versions are never changed: to go back, post the old values. For administrators.
#[utoipa::path(tag = "administration", operation_id = "create_matching_policy", security(("bearer" = [])), params(ChangeHeaders),
    request_body = MatchingPolicyChange,
    responses((status = 201, description = "The version.", body = MatchingPolicy),
        (status = 403, description = "`role_required`.")))]
#[post("/v1/admin/matching-policies")]
pub async fn create(api: web::Data<Api>, write: Write, body: Patch) -> Result<HttpResponse, Problem> {
    let command = write.command(&body.digest);
    let change = body.checked(&api, "MatchingPolicyChange").and_then(read_change);
    let render = |version: &use_cases::PolicyVersion| {
        let version = MatchingPolicy::from(version.clone());
        let location = format!("/v1/admin/matching-policies/{}", version.version);
        answer::versioned(StatusCode::CREATED, version.version, Some(location), &version)
    };
    api.write(command, async move |tx| use_cases::create(tx, change).await, render).await
}

/// What ranks listings now
///
/// The matching policy in use, with the versions that matches name: anybody can see by what they are ranked.
#[utoipa::path(tag = "reference", operation_id = "find_matching_policy_in_use", security(()),
    responses((status = 200, description = "The policy.", body = MatchingPolicyInUse)))]
#[get("/v1/reference/matching-policy")]
pub async fn find_in_use(api: web::Data<Api>) -> Result<HttpResponse, Problem> {
    answer::plain(&MatchingPolicyInUse::from(api.app.frozen()))
}
