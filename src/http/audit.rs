//! `/v1/admin/audit` and `/v1/enterprises/{id}/audit`

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::page;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::Authenticated;
use super::wire::audit::{AuditEntry, AuditPage, OwnAuditEntry, OwnAuditPage};
use crate::app::audit::Filter;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// What this account did.
    actor: Option<Uuid>,
    /// What happened to things of this kind.
    #[param(min_length = 1, max_length = 100, pattern = "^[a-z_]+$", example = "enterprise")]
    entity: Option<String>,
    /// What happened to this one.
    id: Option<Uuid>,
    #[param(min_length = 1, max_length = 100, pattern = r"^[a-z_]+\.[a-z_]+$", example = "enterprise.updated")]
    r#type: Option<String>,
    /// From then on.
    since: Option<DateTime<Utc>>,
    /// Before then.
    until: Option<DateTime<Utc>>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// Read the audit
///
/// Every change, with who made it, from where, and what stood before and after; and every reading of personal data by
/// administrators, moderators and officers, this one included. Newest first. For administrators everywhere. Details of
/// persons who had their data erased are gone; the entries stay, and so does the chain (`duijie audit verify`).
#[utoipa::path(tag = "administration", operation_id = "list_audit", security(("bearer" = [])), params(AuditQuery),
    responses((status = 200, description = "A page.", body = AuditPage),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/audit")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<AuditQuery>,
) -> Result<HttpResponse, Problem> {
    let AuditQuery { actor, entity, id, r#type: event_type, since, until, limit, cursor } = query.value;
    let paging = page::Paging::<i64>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (fetch, before) = (paging.limit + 1, paging.after);
    let filter = Filter { actor, entity, id, event_type, since, until, before };
    let entries = api.read(|app| async move { app.list_audit(&caller.0, filter, fetch).await }).await?;
    let (entries, next_cursor) = paging.finish(&api, entries, |entry| entry.event.seq)?;
    let items = entries.into_iter().map(AuditEntry::from).collect();
    page::respond(&request, next_cursor.as_deref(), &AuditPage { items, next_cursor: next_cursor.clone() })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OwnAuditQuery {
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// Read an enterprise's audit
///
/// What happened to it and its listings, who looked at its contacts for the platform, and what else it was told of; newest
/// first. Members are named; of staff of the platform only the role is. For owners.
#[utoipa::path(tag = "enterprises", operation_id = "list_enterprise_audit", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The enterprise."), OwnAuditQuery),
    responses((status = 200, description = "A page.", body = OwnAuditPage),
        (status = 403, description = "`not_owner`.")))]
#[get("/v1/enterprises/{id}/audit")]
pub async fn list_own(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
    query: Parameters<OwnAuditQuery>,
) -> Result<HttpResponse, Problem> {
    let OwnAuditQuery { limit, cursor } = query.value;
    let paging = page::Paging::<i64>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (id, before, fetch) = (path.value.id, paging.after, paging.limit + 1);
    let entries = api.read(|app| async move { app.list_own_audit(&caller.0, id, before, fetch).await }).await?;
    let (entries, next_cursor) = paging.finish(&api, entries, |own| own.entry.event.seq)?;
    let items = entries.into_iter().map(OwnAuditEntry::from).collect();
    page::respond(&request, next_cursor.as_deref(), &OwnAuditPage { items, next_cursor: next_cursor.clone() })
}
