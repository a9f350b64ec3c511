//! `/v1/admin/moderation-policies`

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::core::api::Api;
use super::core::body::Body;
use super::core::parameters::Parameters;
use super::core::problem::Problem;
use super::core::write::{Authenticated, ChangeHeaders, Write};
use super::core::{answer, page};
use super::policies::VersionQuery;
use super::wire::moderation_policy::{ModerationPolicy, ModerationPolicyInput, ModerationPolicyPage};
use crate::app::moderation_policies::{self as use_cases, PolicyChange};

/// List the versions of the moderation policy
///
/// Newest first, each whole, with author and reason.
#[utoipa::path(tag = "moderation", operation_id = "list_moderation_policies", security(("bearer" = [])), params(VersionQuery),
    responses((status = 200, description = "A page.", body = ModerationPolicyPage),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/moderation-policies")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<VersionQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = page::Paging::<i32>::read(&api, &query.scope, query.value.limit, query.value.cursor.as_deref())?;
    let (before, fetch) = (paging.after, paging.limit + 1);
    let work = |app: std::sync::Arc<crate::app::App>| async move {
        app.list_moderation_policies(&caller.0, before, fetch).await
    };
    let versions = api.read(work).await?;
    let (versions, next_cursor) = paging.finish(&api, versions, |version| version.policy.version)?;
    let items = versions.into_iter().map(ModerationPolicy::from).collect();
    page::respond(&request, next_cursor.as_deref(), &ModerationPolicyPage { items, next_cursor: next_cursor.clone() })
}

/// Read the moderation policy
///
/// What holds now; its ETag is what the next version is written over.
#[utoipa::path(tag = "moderation", operation_id = "find_moderation_policy", security(("bearer" = [])),
    responses((status = 200, description = "The policy.", body = ModerationPolicy),
        (status = 304, description = "Not changed since `If-None-Match`."),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/moderation-policies/current")]
pub async fn find_current(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
) -> Result<HttpResponse, Problem> {
    let policy = api.read(|app| async move { app.find_moderation_policy(&caller.0).await }).await?;
    let policy = ModerationPolicy::from(policy);
    answer::read(&request, policy.version, &policy)
}

/// Write the next version of the moderation policy
///
/// The whole policy, over the version `If-Match` names (`"0"` where there is none yet). It holds for what is published or changed
/// from now on; what waits goes on waiting. Versions are never changed.
#[utoipa::path(tag = "moderation", operation_id = "create_moderation_policy", security(("bearer" = [])), params(ChangeHeaders),
    request_body = ModerationPolicyInput,
    responses((status = 201, description = "The version.", body = ModerationPolicy),
        (status = 403, description = "`role_required`.")))]
#[post("/v1/admin/moderation-policies")]
pub async fn create(
    api: web::Data<Api>,
    write: Write,
    body: Body<ModerationPolicyInput>,
) -> Result<HttpResponse, Problem> {
    let (command, change) = (write.command(&body.digest), body.value.map(PolicyChange::from));
    let render = |version: &use_cases::PolicyVersion| {
        let policy = ModerationPolicy::from(version.clone());
        let location = Some("/v1/admin/moderation-policies/current".to_owned());
        answer::versioned(StatusCode::CREATED, policy.version, location, &policy)
    };
    api.write(command, async move |tx| use_cases::create(tx, change).await, render).await
}
