//! `/v1/listings/{id}/reports` and `/v1/admin/reports`.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::Body;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, RetryHeaders, Write};
use super::core::{answer, page};
use super::wire::report::{Report, ReportCase, ReportInput, ReportPage, ResolutionInput};
use crate::app::reports::{self as use_cases, NewReport};
use crate::domain::report::{self, ReportStatus};

/// Report a listing
///
/// By anybody who may read it and does not act for its enterprise: once for each listing, at most 20 times an hour. The poster does
/// not learn who it was.
#[utoipa::path(tag = "listings", operation_id = "create_report", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The listing.")), request_body = ReportInput,
    responses((status = 201, description = "The report, `open`.", body = Report),
        (status = 409, description = "`already_reported`, or `own_listing`."),
        (status = 429, description = "`too_many_reports`, or `rate_limited`.")))]
#[post("/v1/listings/{id}/reports")]
pub async fn create(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<ReportInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command, said) = (path.value.id, write.command(&body.digest), body.value.map(NewReport::from));
    let render = |report: &report::Report| answer::created(&Report::from(report.clone()));
    api.write(command, async move |tx| use_cases::create(tx, id, said).await, render).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// `open` when left out.
    status: Option<ReportStatus>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List reports
///
/// In the regions the reader moderates, oldest first.
#[utoipa::path(tag = "moderation", operation_id = "list_reports", security(("bearer" = [])), params(ReportQuery),
    responses((status = 200, description = "A page.", body = ReportPage),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/reports")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<ReportQuery>,
) -> Result<HttpResponse, Problem> {
    let ReportQuery { status, limit, cursor } = query.value;
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (status, after, fetch) = (status.unwrap_or(ReportStatus::Open), paging.after, paging.limit + 1);
    let reports = api.read(|app| async move { app.list_reports(&caller.0, status, after, fetch).await }).await?;
    let (reports, next_cursor) = paging.finish(&api, reports, |view| view.report.id)?;
    let items = reports.into_iter().map(ReportCase::from).collect();
    page::respond(&request, next_cursor.as_deref(), &ReportPage { items, next_cursor: next_cursor.clone() })
}

/// Resolve a report
///
/// Says whether it was right. Taking the listing off the market is an act of its own.
#[utoipa::path(tag = "moderation", operation_id = "resolve_report", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The report.")), request_body = ResolutionInput,
    responses((status = 200, description = "The report, resolved.", body = ReportCase),
        (status = 403, description = "`role_required`, or `own_report`: the caller made it, or acts for the enterprise."),
        (status = 409, description = "`report_resolved`.")))]
#[post("/v1/admin/reports/{id}/resolve")]
pub async fn resolve(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<ResolutionInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let outcome = body.value.map(|input| (input.outcome, input.note));
    let render = |view: &use_cases::ReportView| answer::done(&ReportCase::from(view.clone()));
    api.write(command, async move |tx| use_cases::resolve(tx, id, outcome).await, render).await
}
