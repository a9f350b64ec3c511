//! `/v1/admin/enterprises` and `/v1/admin/uscc-exceptions`

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::app::Transaction;
use crate::app::enterprises::{EnterpriseView, Filter};
use crate::app::idempotency::Answer;
use crate::app::verifications as use_cases;
use crate::domain::enterprise::{self, EnterpriseStatus};
use crate::http::core::api::Api;
use crate::http::core::body::Body;
use crate::http::core::parameters::{Id, Parameters};
use crate::http::core::problem::Problem;
use crate::http::core::write::{Authenticated, ChangeHeaders, RetryHeaders, Write};
use crate::http::core::{answer, page};
use crate::http::credentials::nothing;
use crate::http::members::PageQuery;
use crate::http::wire::enterprise::{Enterprise, EnterprisePage};
use crate::http::wire::verification::{Decision, DecisionPage, ExceptionInput, MergeInput, ReasonInput};

fn render(enterprise: &enterprise::Enterprise) -> Result<Answer, crate::app::Error> {
    let view = EnterpriseView { enterprise: enterprise.clone(), role: None, verification: None };
    let wire = Enterprise::from(view);
    answer::versioned(StatusCode::OK, wire.version, None, &wire)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Part of a name, or the beginning of a code.
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    status: Option<EnterpriseStatus>,
    /// GB/T 2260: there and below.
    #[param(min_length = 2, max_length = 12, pattern = "^[A-Z0-9-]+$")]
    region: Option<String>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// Search enterprises
///
/// Of the regions where the reader is administrator, moderator or officer; in the order of their ids, without contacts.
#[utoipa::path(tag = "administration", operation_id = "search_enterprises", security(("bearer" = [])), params(SearchQuery),
    responses((status = 200, description = "A page.", body = EnterprisePage),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/enterprises")]
pub async fn search(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<SearchQuery>,
) -> Result<HttpResponse, Problem> {
    let SearchQuery { q, status, region, limit, cursor } = query.value;
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (after, fetch) = (paging.after, paging.limit + 1);
    let filter = Filter { words: q, status, region };
    let found = api.read(|app| async move { app.search_enterprises(&caller.0, filter, after, fetch).await }).await?;
    let (found, next_cursor) = paging.finish(&api, found, |view| view.enterprise.id)?;
    let items = found.into_iter().map(Enterprise::from).collect();
    page::respond(&request, next_cursor.as_deref(), &EnterprisePage { items, next_cursor: next_cursor.clone() })
}

/// List decisions about an enterprise, with who decided
///
/// For those who decide where it lies, newest first.
#[utoipa::path(tag = "administration", operation_id = "list_enterprise_decisions", security(("bearer" = [])), params(PageQuery,
    ("id" = Uuid, Path, description = "The enterprise.")),
    responses((status = 200, description = "A page.", body = DecisionPage),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/enterprises/{id}/decisions")]
pub async fn list_decisions(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
    query: Parameters<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, query.value.limit, query.value.cursor.as_deref())?;
    let (id, before, fetch) = (path.value.id, paging.after, paging.limit + 1);
    let found =
        api.read(|app| async move { app.list_enterprise_decisions(&caller.0, id, before, fetch).await }).await?;
    let (found, next_cursor) = paging.finish(&api, found, |one| one.id)?;
    let items = found.into_iter().map(Decision::full).collect();
    page::respond(&request, next_cursor.as_deref(), &DecisionPage { items, next_cursor: next_cursor.clone() })
}

/// Suspend an enterprise
///
/// By a moderator or administrator in whose region it lies. Its listings leave the market at once, its members are told
/// why and may appeal, and those it deals with are warned.
#[utoipa::path(tag = "administration", operation_id = "suspend_enterprise", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The enterprise.")), request_body = ReasonInput,
    responses((status = 200, description = "The enterprise, `suspended`.", body = Enterprise),
        (status = 403, description = "`role_required`."),
        (status = 409, description = "`enterprise_state_conflict`.")))]
#[post("/v1/admin/enterprises/{id}/suspend")]
pub async fn suspend(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<ReasonInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let reason = body.value.map(|input| (input.reason_code, input.reason));
    api.write(command, async move |tx| use_cases::suspend(tx, id, reason).await, render).await
}

/// Restore an enterprise that is suspended or closed
///
/// By a moderator or administrator in whose region it lies: it stands as it did before. Listings of a suspended one come back,
/// those of one that its owner closed stay withdrawn.
#[utoipa::path(tag = "administration", operation_id = "restore_enterprise", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The enterprise.")), request_body = ReasonInput,
    responses((status = 200, description = "The enterprise.", body = Enterprise),
        (status = 403, description = "`role_required`."),
        (status = 409, description = "`enterprise_state_conflict`, or `uscc_verified_by_other` meanwhile.")))]
#[post("/v1/admin/enterprises/{id}/restore")]
pub async fn restore(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<ReasonInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let reason = body.value.map(|input| (input.reason_code, input.reason));
    api.write(command, async move |tx| use_cases::restore(tx, id, reason).await, render).await
}

/// Merge an enterprise into another
///
/// By a moderator or administrator in whose regions both lie: one that nobody claimed, or whose claim was turned down, into
/// the verified one it turned out to be. Its listings move there; whoever reads it is answered with the other.
#[utoipa::path(tag = "administration", operation_id = "merge_enterprise", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The enterprise that ends.")), request_body = MergeInput,
    responses((status = 200, description = "The enterprise that stays.", body = Enterprise),
        (status = 403, description = "`role_required`."),
        (status = 409, description = "`enterprise_state_conflict`, `merge_into_itself` or `external_ids_collide`.")))]
#[post("/v1/admin/enterprises/{id}/merge")]
pub async fn merge(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<MergeInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let wanted = body.value.map(|input| (input.into, input.reason));
    api.write(command, async move |tx| use_cases::merge(tx, id, wanted).await, render).await
}

#[derive(Deserialize)]
pub struct CodePath {
    uscc: String,
}

/// Admit a code whose check characters do not fit
///
/// By an administrator of the division the code names, with a reason: a few real codes fail the check. From then on
/// enterprises may be registered with it.
#[utoipa::path(tag = "administration", operation_id = "except_uscc", security(("bearer" = [])), params(RetryHeaders,
    ("uscc" = String, Path, description = "The code.", min_length = 18, max_length = 18, pattern = "^[0-9A-Z]{18}$")),
    request_body = ExceptionInput,
    responses((status = 204, description = "Admitted, perhaps before."),
        (status = 403, description = "`role_required`."),
        (status = 409, description = "`uscc_needs_no_exception`.")))]
#[put("/v1/admin/uscc-exceptions/{uscc}")]
pub async fn except_uscc(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<CodePath>,
    body: Body<ExceptionInput>,
) -> Result<HttpResponse, Problem> {
    let (code, command) = (path.value.uscc, write.command(&body.digest));
    let reason = body.value.map(|input| input.reason);
    let work = async move |tx: &mut Transaction<'_>| use_cases::except_uscc(tx, &code, reason).await;
    api.write(command, work, nothing).await
}
