//! `/v1/enterprises/{id}/mandates`

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::Utc;
use serde::Deserialize;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::Body;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, RetryHeaders, Write};
use super::core::{answer, page};
use super::members::PageQuery;
use super::wire::mandate::{Mandate, MandateAct, MandateActPage, MandateInput, MandatePage};
use crate::app::Transaction;
use crate::app::mandates as use_cases;
use crate::domain::mandate;

#[derive(Deserialize)]
pub struct MandatePath {
    id: Uuid,
    mandate_id: Uuid,
}

/// Give a mandate
///
/// By an owner: a verified association acts for the enterprise. Its owners and traders then post (`post`) and see to
/// matches (`trade`) as traders of the enterprise do; what they do is told (`on_behalf_of` in events, and `…/acts`).
#[utoipa::path(tag = "enterprises", operation_id = "create_mandate", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The enterprise.")), request_body = MandateInput,
    responses((status = 201, description = "The mandate.", body = Mandate),
        (status = 403, description = "`not_owner`."),
        (status = 409, description = "`mandate_standing` or `too_many_mandates`.")))]
#[post("/v1/enterprises/{id}/mandates")]
pub async fn create(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<MandateInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let given = body.value.map(Into::into);
    let render = |view: &mandate::Mandate| answer::created(&Mandate::at(view.clone(), view.created_at));
    api.write(command, async move |tx| use_cases::create(tx, id, given).await, render).await
}

/// List mandates
///
/// For members: those the enterprise has given and those it has got, newest first.
#[utoipa::path(tag = "enterprises", operation_id = "list_mandates", security(("bearer" = [])), params(PageQuery,
    ("id" = Uuid, Path, description = "The enterprise.")),
    responses((status = 200, description = "A page.", body = MandatePage),
        (status = 403, description = "`not_member`.")))]
#[get("/v1/enterprises/{id}/mandates")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
    query: Parameters<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, query.value.limit, query.value.cursor.as_deref())?;
    let (id, before, fetch) = (path.value.id, paging.after, paging.limit + 1);
    let found = api.read(|app| async move { app.list_mandates(&caller.0, id, before, fetch).await }).await?;
    let (found, next_cursor) = paging.finish(&api, found, |one| one.id)?;
    let now = Utc::now();
    let items = found.into_iter().map(|one| Mandate::at(one, now)).collect();
    page::respond(&request, next_cursor.as_deref(), &MandatePage { items, next_cursor: next_cursor.clone() })
}

/// Revoke a mandate
///
/// By an owner of the enterprise that gave it, at any time: from the next request on the association acts for it no more.
/// Revoking twice is harmless.
#[utoipa::path(tag = "enterprises", operation_id = "revoke_mandate", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The enterprise."), ("mandate_id" = Uuid, Path, description = "The mandate.")),
    responses((status = 200, description = "The mandate, `revoked`.", body = Mandate),
        (status = 403, description = "`not_owner`.")))]
#[post("/v1/enterprises/{id}/mandates/{mandate_id}/revoke")]
pub async fn revoke(api: web::Data<Api>, write: Write, path: Parameters<MandatePath>) -> Result<HttpResponse, Problem> {
    let MandatePath { id, mandate_id } = path.value;
    let work = async move |tx: &mut Transaction<'_>| use_cases::revoke(tx, id, mandate_id).await;
    let render = |view: &mandate::Mandate| answer::done(&Mandate::at(view.clone(), Utc::now()));
    api.write(write.command(&[0; 32]), work, render).await
}

/// List what was done under a mandate
///
/// For members of the enterprise that gave it, newest first.
#[utoipa::path(tag = "enterprises", operation_id = "list_mandate_acts", security(("bearer" = [])), params(PageQuery,
    ("id" = Uuid, Path, description = "The enterprise."), ("mandate_id" = Uuid, Path, description = "The mandate.")),
    responses((status = 200, description = "A page.", body = MandateActPage),
        (status = 403, description = "`not_member`.")))]
#[get("/v1/enterprises/{id}/mandates/{mandate_id}/acts")]
pub async fn list_acts(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<MandatePath>,
    query: Parameters<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, query.value.limit, query.value.cursor.as_deref())?;
    let (MandatePath { id, mandate_id }, before, fetch) = (path.value, paging.after, paging.limit + 1);
    let found = api.read(|app| async move { app.list_mandate_acts(&caller.0, id, mandate_id, before, fetch).await });
    let (found, next_cursor) = paging.finish(&api, found.await?, |one| one.id)?;
    let items = found.into_iter().map(MandateAct::from).collect();
    page::respond(&request, next_cursor.as_deref(), &MandateActPage { items, next_cursor: next_cursor.clone() })
}
