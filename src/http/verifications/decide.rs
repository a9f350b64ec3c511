//! `/v1/admin/verifications`

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::Utc;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::app::Transaction;
use crate::app::idempotency::Answer;
use crate::app::verifications as use_cases;
use crate::domain::verification::{self, VerificationPurpose};
use crate::http::core::api::Api;
use crate::http::core::body::{Body, OptionalBody};
use crate::http::core::parameters::{Id, Parameters};
use crate::http::core::problem::Problem;
use crate::http::core::write::{Authenticated, ChangeHeaders, Write};
use crate::http::core::{answer, page};
use crate::http::wire::verification::{ApprovalInput, ReasonInput, Verification, VerificationPage};

fn render(view: &verification::Verification) -> Result<Answer, crate::app::Error> {
    answer::versioned(StatusCode::OK, view.version, None, &Verification::full(view.clone(), Utc::now()))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct QueueQuery {
    purpose: Option<VerificationPurpose>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List applications and appeals to decide
///
/// Those that are `pending`, of enterprises in the regions where the reader is administrator, moderator or officer; oldest
/// first, with their age.
#[utoipa::path(tag = "administration", operation_id = "list_pending_verifications", security(("bearer" = [])), params(QueueQuery),
    responses((status = 200, description = "A page.", body = VerificationPage),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/verifications")]
pub async fn list_pending(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<QueueQuery>,
) -> Result<HttpResponse, Problem> {
    let QueueQuery { purpose, limit, cursor } = query.value;
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (after, fetch) = (paging.after, paging.limit + 1);
    let found = api.read(|app| async move { app.list_pending_verifications(&caller.0, purpose, after, fetch).await });
    let (found, next_cursor) = paging.finish(&api, found.await?, |one| one.id)?;
    let now = Utc::now();
    let items = found.into_iter().map(|one| Verification::full(one, now)).collect();
    page::respond(&request, next_cursor.as_deref(), &VerificationPage { items, next_cursor: next_cursor.clone() })
}

/// Read an application or appeal
///
/// For those who decide where the enterprise lies.
#[utoipa::path(tag = "administration", operation_id = "find_verification", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The application or appeal.")),
    responses((status = 200, description = "It.", body = Verification),
        (status = 304, description = "Not changed since `If-None-Match`."),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/verifications/{id}")]
pub async fn find(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let found = api.read(|app| async move { app.find_verification(&caller.0, path.value.id).await }).await?;
    let wire = Verification::full(found, Utc::now());
    answer::read(&request, wire.version, &wire)
}

/// Claim an application or appeal
///
/// For a quarter of an hour nobody else decides it. Claiming again begins the time anew.
#[utoipa::path(tag = "administration", operation_id = "claim_verification", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The application or appeal.")),
    responses((status = 200, description = "It, claimed.", body = Verification),
        (status = 403, description = "`role_required`."),
        (status = 409, description = "`verification_claimed` by somebody else, `verification_state_conflict`, or \
            `another_must_hear` an appeal against the caller's own decision.")))]
#[post("/v1/admin/verifications/{id}/claim")]
pub async fn claim(api: web::Data<Api>, write: Write, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let id = path.value.id;
    api.write(write.command(&[0; 32]), async move |tx| use_cases::take(tx, id).await, render).await
}

/// Approve an application or appeal
///
/// An application verifies the enterprise; other claims to the same code that wait are turned down (`claimed_by_other`)
/// and told. The appeal of a suspended enterprise restores it, that of a rejected one verifies it. An appeal is heard by
/// somebody else than who decided; where nobody else answers for the region, by an administrator of the whole platform.
#[utoipa::path(tag = "administration", operation_id = "approve_verification", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The application or appeal.")), request_body = Option<ApprovalInput>,
    responses((status = 200, description = "It, `approved`.", body = Verification),
        (status = 403, description = "`role_required`."),
        (status = 409, description = "`verification_state_conflict`, `verification_claimed`, `enterprise_state_conflict`, \
            `another_must_hear` an appeal against the caller's own decision, or \
            `uscc_verified_by_other`: another enterprise with this code is verified.")))]
#[post("/v1/admin/verifications/{id}/approve")]
pub async fn approve(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: OptionalBody<ApprovalInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let approval = body.value.map(|input| input.map(Into::into).unwrap_or_default());
    api.write(command, async move |tx| use_cases::approve(tx, id, approval).await, render).await
}

/// Turn down an application or appeal
///
/// An enterprise whose application is turned down is `rejected`; it may apply again, or appeal. After an appeal that is
/// turned down the decision stands.
#[utoipa::path(tag = "administration", operation_id = "reject_verification", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The application or appeal.")), request_body = ReasonInput,
    responses((status = 200, description = "It, `rejected`.", body = Verification),
        (status = 403, description = "`role_required`."),
        (status = 409, description = "`verification_state_conflict`, `verification_claimed`, or `another_must_hear` an appeal \
            against the caller's own decision.")))]
#[post("/v1/admin/verifications/{id}/reject")]
pub async fn reject(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<ReasonInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let refusal = body.value.map(Into::into);
    let work = async move |tx: &mut Transaction<'_>| use_cases::reject(tx, id, refusal).await;
    api.write(command, work, render).await
}
