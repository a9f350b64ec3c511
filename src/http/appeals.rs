//! `/v1/listings/{id}/appeals` and `/v1/admin/appeals`.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::{Body, OptionalBody};
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, RetryHeaders, Write};
use super::core::{answer, page};
use super::wire::appeal::{Appeal, AppealCase, AppealInput, AppealPage, NoteInput};
use crate::app::appeals as use_cases;
use crate::domain::moderation::{self, AppealStatus};
use crate::domain::violation::Violations;

/// Appeal against a decision
///
/// By an owner or trader, while the listing is `rejected` or `suspended`; once for each decision. Another moderator than the one who
/// decided looks at it, where there is one.
#[utoipa::path(tag = "listings", operation_id = "create_appeal", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The listing.")), request_body = AppealInput,
    responses((status = 201, description = "The appeal, `open`.", body = Appeal),
        (status = 403, description = "`not_trader`: visible, but not the caller's."),
        (status = 409, description = "`nothing_to_appeal` or `appeal_exists`.")))]
#[post("/v1/listings/{id}/appeals")]
pub async fn create(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<AppealInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command, text) = (path.value.id, write.command(&body.digest), body.value.map(|input| input.text));
    let render = |appeal: &moderation::Appeal| answer::created(&Appeal::from(appeal.clone()));
    api.write(command, async move |tx| use_cases::create(tx, id, text).await, render).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AppealQuery {
    /// `open` when left out.
    status: Option<AppealStatus>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List appeals
///
/// In the regions the reader moderates, oldest first, each with the decision it is against.
#[utoipa::path(tag = "moderation", operation_id = "list_appeals", security(("bearer" = [])), params(AppealQuery),
    responses((status = 200, description = "A page.", body = AppealPage),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/appeals")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<AppealQuery>,
) -> Result<HttpResponse, Problem> {
    let AppealQuery { status, limit, cursor } = query.value;
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (status, after, fetch) = (status.unwrap_or(AppealStatus::Open), paging.after, paging.limit + 1);
    let appeals = api.read(|app| async move { app.list_appeals(&caller.0, status, after, fetch).await }).await?;
    let (appeals, next_cursor) = paging.finish(&api, appeals, |view| view.appeal.id)?;
    let items = appeals.into_iter().map(AppealCase::from).collect();
    page::respond(&request, next_cursor.as_deref(), &AppealPage { items, next_cursor: next_cursor.clone() })
}

async fn decide(
    api: &Api,
    write: Write,
    id: Uuid,
    granted: bool,
    note: Result<Option<String>, Violations>,
    digest: [u8; 32],
) -> Result<HttpResponse, Problem> {
    let render = |view: &use_cases::AppealView| answer::done(&AppealCase::from(view.clone()));
    api.write(write.command(&digest), async move |tx| use_cases::decide(tx, id, granted, note).await, render).await
}

/// Grant an appeal
///
/// The listing is on the market again, and its poster is told.
#[utoipa::path(tag = "moderation", operation_id = "grant_appeal", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The appeal.")), request_body = Option<NoteInput>,
    responses((status = 200, description = "The appeal, `granted`.", body = AppealCase),
        (status = 403, description = "`role_required` or `own_listing`."),
        (status = 409, description = "`appeal_decided`, or `another_must_decide`: the caller made the decision, and others could look at it.")))]
#[post("/v1/admin/appeals/{id}/grant")]
pub async fn grant(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: OptionalBody<NoteInput>,
) -> Result<HttpResponse, Problem> {
    let note = body.value.map(|input| input.and_then(|input| input.note));
    decide(&api, write, path.value.id, true, note, body.digest).await
}

/// Deny an appeal
///
/// With a note. The decision stands, and there is no further appeal against it.
#[utoipa::path(tag = "moderation", operation_id = "deny_appeal", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The appeal.")), request_body = NoteInput,
    responses((status = 200, description = "The appeal, `denied`.", body = AppealCase),
        (status = 403, description = "`role_required` or `own_listing`."),
        (status = 409, description = "`appeal_decided` or `another_must_decide`.")))]
#[post("/v1/admin/appeals/{id}/deny")]
pub async fn deny(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<NoteInput>,
) -> Result<HttpResponse, Problem> {
    let note = body.value.map(|input| input.note);
    decide(&api, write, path.value.id, false, note, body.digest).await
}
