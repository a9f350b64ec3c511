//! `/v1/admin/briefs/{date}`, as JSON and as a workbook.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::core::api::Api;
use super::core::context::Reader;
use super::core::parameters::Parameters;
use super::core::problem::Problem;
use super::core::write::Authenticated;
use super::core::{answer, page};
use super::wire::brief::{Brief, BriefRow, BriefRowPage, Workbook};
use super::workbook;
use crate::domain::brief::{BriefFigure, NeedOutcome, RowFilter};
use crate::domain::enterprise::EnterpriseStatus;
use crate::domain::listing::{Kind, Side};
use crate::domain::trade::QuantityBasis;

/// In which a brief is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BriefFormat {
    Json,
    Xlsx,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BriefQuery {
    /// With all below it. Left out: everywhere, for those whose role reaches everywhere.
    #[param(min_length = 6, max_length = 6, pattern = "^[0-9]+$")]
    region: Option<String>,
    /// Left out: as `Accept` asks, else `json`.
    #[param(inline)]
    format: Option<BriefFormat>,
}

#[derive(Deserialize)]
pub struct BriefPath {
    date: NaiveDate,
    #[serde(flatten)]
    query: BriefQuery,
}

/// Read the figures of a day
///
/// What stood at the end of that day in China: enterprises by verification, listings on the market by side, kind and category, needs by
/// what became of them, what is missing, contacts made, what waits for a moderator. For the platform's people in whose region it lies.
/// As JSON, or as a workbook with `format=xlsx` or `Accept: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet`. Figures
/// are made of the history of states, so a past day stays as it was; titles and names are today's.
#[utoipa::path(tag = "administration", operation_id = "find_brief", security(("bearer" = [])),
    params(("date" = NaiveDate, Path, description = "The day."), BriefQuery),
    responses((status = 200, description = "The figures.", content((Brief = "application/json"),
            (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/briefs/{date}")]
pub async fn find(
    request: HttpRequest,
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<BriefPath>,
) -> Result<HttpResponse, Problem> {
    let BriefPath { date, query: BriefQuery { region, format } } = path.value;
    let brief = api.read(|app| async move { app.find_brief(&caller.0, date, region).await }).await?;
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let wanted = format.unwrap_or(match accepts.contains(workbook::MEDIA_TYPE) {
        true => BriefFormat::Xlsx,
        false => BriefFormat::Json,
    });
    if wanted == BriefFormat::Json {
        return answer::plain(&Brief::from(brief));
    }
    let knowledge = api.app.knowledge();
    let book = workbook::brief(&brief, &knowledge.reference, reader.0).map_err(|error| Problem::fault(&error))?;
    let name = format!("attachment; filename=\"brief-{}.xlsx\"", brief.date);
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CONTENT_DISPOSITION, name));
    response.insert_header((header::VARY, "Authorization, Accept, Accept-Language"));
    Ok(response.content_type(workbook::MEDIA_TYPE).body(book))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RowQuery {
    #[param(inline)]
    figure: BriefFigure,
    /// With all below it.
    #[param(min_length = 6, max_length = 6, pattern = "^[0-9]+$")]
    region: Option<String>,
    /// Of `enterprises`.
    status: Option<EnterpriseStatus>,
    /// Of `listings` and `gaps`.
    side: Option<Side>,
    kind: Option<Kind>,
    /// That very category; `-`: those without one.
    #[param(min_length = 1, max_length = 100, pattern = "^(-|[a-z0-9_.]+)$")]
    category: Option<String>,
    /// Of `needs`.
    outcome: Option<NeedOutcome>,
    /// Of `gaps`.
    #[param(min_length = 1, max_length = 3, pattern = "^(-|[A-Z0-9]+)$")]
    unit_code: Option<String>,
    /// Of `gaps`.
    basis: Option<QuantityBasis>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

#[derive(Deserialize)]
pub struct RowPath {
    date: NaiveDate,
    #[serde(flatten)]
    query: RowQuery,
}

/// List what a figure of a day counts
///
/// With the values that tell the figure from others (`figure=listings&side=need&kind=ppe&category=ppe.mask.surgical`) there are as many
/// rows as it counts.
#[utoipa::path(tag = "administration", operation_id = "list_brief_rows", security(("bearer" = [])),
    params(("date" = NaiveDate, Path, description = "The day."), RowQuery),
    responses((status = 200, description = "A page.", body = BriefRowPage),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/briefs/{date}/rows")]
pub async fn list_rows(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<RowPath>,
) -> Result<HttpResponse, Problem> {
    let RowPath { date, query } = path.value;
    let paging = page::Paging::<Uuid>::read(&api, &path.scope, query.limit, query.cursor.as_deref())?;
    let (after, fetch, region) = (paging.after, paging.limit + 1, query.region.clone());
    let filter = filter(query);
    let work = |app: std::sync::Arc<crate::app::App>| async move {
        app.list_brief_rows(&caller.0, date, region.as_deref(), &filter, after, fetch).await
    };
    let rows = api.read(work).await?;
    let (rows, next_cursor) = paging.finish(&api, rows, |row| row.id)?;
    let items = rows.into_iter().map(BriefRow::from).collect();
    page::respond(&request, next_cursor.as_deref(), &BriefRowPage { items, next_cursor: next_cursor.clone() })
}

fn filter(query: RowQuery) -> RowFilter {
    fn code<T: Into<&'static str>>(code: Option<T>) -> Option<String> {
        code.map(|code| code.into().to_owned())
    }
    RowFilter {
        figure: query.figure,
        status: code(query.status),
        side: code(query.side),
        kind: code(query.kind),
        category: query.category,
        outcome: code(query.outcome),
        unit_code: query.unit_code,
        basis: code(query.basis),
    }
}
