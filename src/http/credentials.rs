//! `/v1/enterprises/{id}/credentials` and `/blocks`, and what moderators decide.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::Body;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, RetryHeaders, Write};
use super::core::{answer, page};
use super::wire::credential::{BlockList, Credential, CredentialList, CredentialPage, RejectionInput};
use crate::app::credentials as use_cases;
use crate::app::idempotency::Answer;
use crate::domain::credential::{CredentialStatus, NewCredential};

fn decided(view: &use_cases::CredentialView) -> Result<Answer, crate::app::Error> {
    answer::done(&Credential::from(view.clone()))
}

/// State a credential
///
/// By an owner. It counts in matching once a moderator has accepted it.
#[utoipa::path(tag = "enterprises", operation_id = "create_credential", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The enterprise.")), request_body = NewCredential,
    responses((status = 201, description = "The credential, `pending`.", body = Credential),
        (status = 403, description = "`not_owner`."),
        (status = 409, description = "`too_many_credentials`.")))]
#[post("/v1/enterprises/{id}/credentials")]
pub async fn create(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<NewCredential>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let render = |view: &use_cases::CredentialView| answer::created(&Credential::from(view.clone()));
    api.write(command, async move |tx| use_cases::create(tx, id, body.value).await, render).await
}

/// List an enterprise's credentials
///
/// All of them for members and moderators; for others those accepted and in date.
#[utoipa::path(tag = "enterprises", operation_id = "list_credentials", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The enterprise.")),
    responses((status = 200, description = "Credentials.", body = CredentialList)))]
#[get("/v1/enterprises/{id}/credentials")]
pub async fn list(api: web::Data<Api>, caller: Authenticated, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let views = api.read(|app| async move { app.list_credentials(&caller.0, path.value.id).await }).await?;
    answer::plain(&CredentialList { items: views.into_iter().map(Credential::from).collect() })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PendingQuery {
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List credentials to decide
///
/// Those that are `pending`, of enterprises in the regions the reader moderates or administers, oldest first.
#[utoipa::path(tag = "administration", operation_id = "list_pending_credentials", security(("bearer" = [])), params(PendingQuery),
    responses((status = 200, description = "A page.", body = CredentialPage),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/credentials")]
pub async fn list_pending(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<PendingQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, query.value.limit, query.value.cursor.as_deref())?;
    let (after, fetch) = (paging.after, paging.limit + 1);
    let views = api.read(|app| async move { app.list_pending_credentials(&caller.0, after, fetch).await }).await?;
    let (views, next_cursor) = paging.finish(&api, views, |view| view.credential.id)?;
    let items = views.into_iter().map(Credential::from).collect();
    page::respond(&request, next_cursor.as_deref(), &CredentialPage { items, next_cursor: next_cursor.clone() })
}

/// Accept a credential
///
/// By a moderator or administrator in whose region the enterprise lies.
#[utoipa::path(tag = "administration", operation_id = "accept_credential", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The credential.")),
    responses((status = 200, description = "The credential, `accepted`.", body = Credential),
        (status = 403, description = "`role_required`."),
        (status = 409, description = "`credential_state_conflict`: it is not pending.")))]
#[post("/v1/admin/credentials/{id}/accept")]
pub async fn accept(api: web::Data<Api>, write: Write, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let (id, status) = (path.value.id, CredentialStatus::Accepted);
    let work = async move |tx: &mut crate::app::Transaction<'_>| use_cases::decide(tx, id, status, Ok(None)).await;
    api.write(write.command(&[0; 32]), work, decided).await
}

/// Reject a credential
///
/// By a moderator or administrator in whose region the enterprise lies; also one accepted before.
#[utoipa::path(tag = "administration", operation_id = "reject_credential", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The credential.")), request_body = RejectionInput,
    responses((status = 200, description = "The credential, `rejected`.", body = Credential),
        (status = 403, description = "`role_required`."),
        (status = 409, description = "`credential_state_conflict`: it is rejected already.")))]
#[post("/v1/admin/credentials/{id}/reject")]
pub async fn reject(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<RejectionInput>,
) -> Result<HttpResponse, Problem> {
    let (id, status, command) = (path.value.id, CredentialStatus::Rejected, write.command(&body.digest));
    let reason = body.value.map(|input| Some(input.reason));
    let work = async move |tx: &mut crate::app::Transaction<'_>| use_cases::decide(tx, id, status, reason).await;
    api.write(command, work, decided).await
}

#[derive(Deserialize)]
pub struct OtherPath {
    pub id: Uuid,
    pub other: Uuid,
}

pub(super) fn nothing(_: &()) -> Result<Answer, crate::app::Error> {
    let (headers, body) = (Vec::new(), Vec::new());
    Ok(Answer { status: StatusCode::NO_CONTENT.as_u16(), headers, body, replayed: false })
}

/// Block an enterprise
///
/// By an owner: neither finds the other among its matches any more. The other is not told.
#[utoipa::path(tag = "enterprises", operation_id = "block_enterprise", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The enterprise."), ("other" = Uuid, Path, description = "Whom it blocks.")),
    responses((status = 204, description = "Blocked, perhaps before."),
        (status = 403, description = "`not_owner`."),
        (status = 409, description = "`counterpart_is_self` or `too_many_blocks`.")))]
#[put("/v1/enterprises/{id}/blocks/{other}")]
pub async fn block(api: web::Data<Api>, write: Write, path: Parameters<OtherPath>) -> Result<HttpResponse, Problem> {
    let OtherPath { id, other } = path.value;
    let work = async move |tx: &mut crate::app::Transaction<'_>| use_cases::block(tx, id, other, true).await;
    api.write(write.command(&[0; 32]), work, nothing).await
}

/// Unblock an enterprise
///
/// By an owner.
#[utoipa::path(tag = "enterprises", operation_id = "unblock_enterprise", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The enterprise."), ("other" = Uuid, Path, description = "Whom it blocked.")),
    responses((status = 204, description = "Not blocked."), (status = 403, description = "`not_owner`.")))]
#[delete("/v1/enterprises/{id}/blocks/{other}")]
pub async fn unblock(api: web::Data<Api>, write: Write, path: Parameters<OtherPath>) -> Result<HttpResponse, Problem> {
    let OtherPath { id, other } = path.value;
    let work = async move |tx: &mut crate::app::Transaction<'_>| use_cases::block(tx, id, other, false).await;
    api.write(write.command(&[0; 32]), work, nothing).await
}

/// List whom an enterprise blocks
///
/// For its members.
#[utoipa::path(tag = "enterprises", operation_id = "list_blocks", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The enterprise.")),
    responses((status = 200, description = "Enterprises.", body = BlockList),
        (status = 403, description = "`not_member`.")))]
#[get("/v1/enterprises/{id}/blocks")]
pub async fn list_blocks(
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let items = api.read(|app| async move { app.list_blocks(&caller.0, path.value.id).await }).await?;
    answer::plain(&BlockList { items })
}
