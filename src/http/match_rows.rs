//! `/v1/matches`: what was suggested, and what the reader's side makes of it.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::Body;
use super::core::context::Reader;
use super::core::parameters::Parameters;
use super::core::problem::Problem;
use super::core::write::{Authenticated, ChangeHeaders, RetryHeaders, Write};
use super::core::{answer, page};
use super::wire::explain::Explainer;
use super::wire::match_rows::{DismissInput, MatchRecord, MatchRecordPage};
use crate::app::idempotency::Answer;
use crate::app::match_rows::{self as use_cases, MatchFilter, MatchView};
use crate::app::{self, Command};
use crate::domain::listing::Side;
use crate::domain::match_row::{MatchAction, MatchStatus};
use crate::domain::message::Language;
use crate::domain::violation::Violations;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// One of the reader's own listings.
    listing_id: Option<Uuid>,
    status: Option<MatchStatus>,
    /// The reader's side.
    side: Option<Side>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct SideQuery {
    /// The reader's side, for who acts for both; the need's when left out.
    side: Option<Side>,
}

/// `{id}` of the path, and [`SideQuery`].
#[derive(Deserialize)]
pub struct MatchPath {
    id: Uuid,
    side: Option<Side>,
}

/// List suggested matches
///
/// Of all enterprises the reader acts for, newest first. They are written within about a second of a listing's
/// publication or change: its own best counterparts, and those listings whose best it entered.
#[utoipa::path(tag = "matches", operation_id = "list_matches", security(("bearer" = [])), params(ListQuery),
    responses((status = 200, description = "A page.", body = MatchRecordPage)))]
#[get("/v1/matches")]
pub async fn list(
    request: HttpRequest,
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let ListQuery { listing_id, status, side, limit, cursor } = query.value;
    let paging = page::Paging::<(Uuid, Side)>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (filter, fetch) = (MatchFilter { listing_id, status, side, after: paging.after }, paging.limit + 1);
    let views = api.read(|app| async move { app.list_matches(&caller.0, filter, fetch).await }).await?;
    let (views, next_cursor) = paging.finish(&api, views, |view| (view.row.id, view.side.side))?;
    let knowledge = api.app.knowledge();
    let explainer = Explainer { reference: &knowledge.reference, language: reader.0 };
    let items = views.into_iter().map(|view| MatchRecord::render(view, explainer)).collect();
    page::respond(&request, next_cursor.as_deref(), &MatchRecordPage { items, next_cursor: next_cursor.clone() })
}

/// Read a suggested match
///
/// As the reader's side sees it. Reading marks nothing.
#[utoipa::path(tag = "matches", operation_id = "find_match", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The match."), SideQuery),
    responses((status = 200, description = "The match.", body = MatchRecord),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/matches/{id}")]
pub async fn find(
    request: HttpRequest,
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<MatchPath>,
) -> Result<HttpResponse, Problem> {
    let MatchPath { id, side } = path.value;
    let view = api.read(|app| async move { app.find_match(&caller.0, id, side).await }).await?;
    let knowledge = api.app.knowledge();
    let record = MatchRecord::render(view, Explainer { reference: &knowledge.reference, language: reader.0 });
    answer::read(&request, record.version, &record)
}

/// Mark a match as viewed
///
/// For the reader's own side; a match that is viewed or shortlisted already stays as it is.
#[utoipa::path(tag = "matches", operation_id = "view_match", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The match."), SideQuery),
    responses((status = 200, description = "The match.", body = MatchRecord),
        (status = 403, description = "`not_trader`: the caller may only read for the enterprise."),
        (status = 409, description = "`match_state_conflict`.")))]
#[post("/v1/matches/{id}/view")]
pub async fn mark_viewed(
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    write: Write,
    path: Parameters<MatchPath>,
) -> Result<HttpResponse, Problem> {
    act(api, reader.0, write.command(&[0; 32]), path.value, Ok(MatchAction::View)).await
}

/// Shortlist a match
///
/// For the reader's own side; the other side is not told. A dismissed match can be shortlisted.
#[utoipa::path(tag = "matches", operation_id = "shortlist_match", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The match."), SideQuery),
    responses((status = 200, description = "The match, `shortlisted`.", body = MatchRecord),
        (status = 403, description = "`not_trader`: the caller may only read for the enterprise."),
        (status = 409, description = "`match_state_conflict`.")))]
#[post("/v1/matches/{id}/shortlist")]
pub async fn shortlist(
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    write: Write,
    path: Parameters<MatchPath>,
) -> Result<HttpResponse, Problem> {
    act(api, reader.0, write.command(&[0; 32]), path.value, Ok(MatchAction::Shortlist)).await
}

/// Dismiss a match
///
/// For the reader's own side, with the reason, which is kept; the other side is not told. The pair is not notified of
/// again, however the listings change.
#[utoipa::path(tag = "matches", operation_id = "dismiss_match", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The match."), SideQuery), request_body = DismissInput,
    responses((status = 200, description = "The match, `dismissed`.", body = MatchRecord),
        (status = 403, description = "`not_trader`: the caller may only read for the enterprise."),
        (status = 409, description = "`match_state_conflict`.")))]
#[post("/v1/matches/{id}/dismiss")]
pub async fn dismiss(
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    write: Write,
    path: Parameters<MatchPath>,
    body: Body<DismissInput>,
) -> Result<HttpResponse, Problem> {
    let command = write.command(&body.digest);
    act(api, reader.0, command, path.value, body.value.map(MatchAction::from)).await
}

async fn act(
    api: web::Data<Api>,
    language: Language,
    command: Command,
    MatchPath { id, side }: MatchPath,
    action: Result<MatchAction, Violations>,
) -> Result<HttpResponse, Problem> {
    let knowledge = api.app.knowledge();
    let render = move |view: &MatchView| -> Result<Answer, app::Error> {
        let record = MatchRecord::render(view.clone(), Explainer { reference: &knowledge.reference, language });
        answer::versioned(StatusCode::OK, record.version, None, &record)
    };
    let app = Arc::clone(&api.app);
    api.write(command, async move |tx| use_cases::act(&app, tx, id, side, action).await, render).await
}
