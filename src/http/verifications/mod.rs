//! `/v1/enterprises/{id}/verifications` and `/decisions`; how they are decided is in `decide`, what is decided without being
//! asked in `standing`.

pub mod decide;
pub mod standing;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::Utc;
use serde::Deserialize;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::Body;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, ChangeHeaders, RetryHeaders, Write};
use super::core::{answer, page};
use super::members::PageQuery;
use super::wire::verification::{Decision, DecisionPage, Verification, VerificationInput, VerificationPage};
use crate::app::Transaction;
use crate::app::idempotency::Answer;
use crate::app::verifications as use_cases;
use crate::domain::verification;

#[derive(Deserialize)]
pub struct VerificationPath {
    id: Uuid,
    verification_id: Uuid,
}

fn own(status: StatusCode) -> impl FnOnce(&verification::Verification) -> Result<Answer, crate::app::Error> {
    move |view| {
        let path = format!("/v1/enterprises/{}/verifications", view.enterprise_id);
        let location = (status == StatusCode::CREATED).then_some(path);
        answer::versioned(status, view.version, location, &Verification::own(view.clone(), Utc::now()))
    }
}

/// Ask to be verified, or appeal
///
/// By an owner. An application proves that the enterprise is who it says it is; an appeal asks that a rejection or
/// suspension be looked at again, once for each decision. One at a time; meanwhile code and name stay as they are. With
/// the method `roster_phone` an application is decided at once, where code, name and the caller's verified mobile number
/// are those of the roster; else it waits like any other.
#[utoipa::path(tag = "enterprises", operation_id = "create_verification", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The enterprise.")), request_body = VerificationInput,
    responses((status = 201, description = "The application or appeal.", body = Verification),
        (status = 403, description = "`not_owner`."),
        (status = 409, description = "`enterprise_state_conflict`, `verification_pending` or `appeal_exists`.")))]
#[post("/v1/enterprises/{id}/verifications")]
pub async fn create(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<VerificationInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let asked = body.value.map(Into::into);
    api.write(command, async move |tx| use_cases::create(tx, id, asked).await, own(StatusCode::CREATED)).await
}

/// List applications and appeals
///
/// For members of the enterprise, newest first.
#[utoipa::path(tag = "enterprises", operation_id = "list_verifications", security(("bearer" = [])), params(PageQuery,
    ("id" = Uuid, Path, description = "The enterprise.")),
    responses((status = 200, description = "A page.", body = VerificationPage),
        (status = 403, description = "`not_member`.")))]
#[get("/v1/enterprises/{id}/verifications")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
    query: Parameters<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, query.value.limit, query.value.cursor.as_deref())?;
    let (id, before, fetch) = (path.value.id, paging.after, paging.limit + 1);
    let found = api.read(|app| async move { app.list_verifications(&caller.0, id, before, fetch).await }).await?;
    let (found, next_cursor) = paging.finish(&api, found, |one| one.id)?;
    let now = Utc::now();
    let items = found.into_iter().map(|one| Verification::own(one, now)).collect();
    page::respond(&request, next_cursor.as_deref(), &VerificationPage { items, next_cursor: next_cursor.clone() })
}

/// Withdraw an application or appeal
///
/// By an owner, while it is pending.
#[utoipa::path(tag = "enterprises", operation_id = "withdraw_verification", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The enterprise."),
    ("verification_id" = Uuid, Path, description = "The application or appeal.")),
    responses((status = 200, description = "It, `withdrawn`.", body = Verification),
        (status = 403, description = "`not_owner`."),
        (status = 409, description = "`verification_state_conflict`: it is decided or withdrawn.")))]
#[post("/v1/enterprises/{id}/verifications/{verification_id}/withdraw")]
pub async fn withdraw(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<VerificationPath>,
) -> Result<HttpResponse, Problem> {
    let VerificationPath { id, verification_id } = path.value;
    let work = async move |tx: &mut Transaction<'_>| use_cases::withdraw(tx, id, verification_id).await;
    api.write(write.command(&[0; 32]), work, own(StatusCode::OK)).await
}

/// List decisions about an enterprise
///
/// For its members, newest first: how its standing changed and why, never by whom.
#[utoipa::path(tag = "enterprises", operation_id = "list_decisions", security(("bearer" = [])), params(PageQuery,
    ("id" = Uuid, Path, description = "The enterprise.")),
    responses((status = 200, description = "A page.", body = DecisionPage),
        (status = 403, description = "`not_member`.")))]
#[get("/v1/enterprises/{id}/decisions")]
pub async fn list_decisions(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
    query: Parameters<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, query.value.limit, query.value.cursor.as_deref())?;
    let (id, before, fetch) = (path.value.id, paging.after, paging.limit + 1);
    let found = api.read(|app| async move { app.list_decisions(&caller.0, id, before, fetch).await }).await?;
    let (found, next_cursor) = paging.finish(&api, found, |one| one.id)?;
    let items = found.into_iter().map(Decision::own).collect();
    page::respond(&request, next_cursor.as_deref(), &DecisionPage { items, next_cursor: next_cursor.clone() })
}
