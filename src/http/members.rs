//! `/v1/enterprises/{id}/members`

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
use super::credentials::nothing;
use super::wire::member::{Member, MemberPage, RoleInput, TransferInput};
use crate::app::Transaction;
use crate::app::members as use_cases;
use crate::domain::enterprise::MemberRole;
use crate::domain::member::Membership;

#[derive(Deserialize)]
pub struct MemberPath {
    id: Uuid,
    account_id: Uuid,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub(super) limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    pub(super) cursor: Option<String>,
}

fn member(view: &Membership) -> Result<crate::app::idempotency::Answer, crate::app::Error> {
    answer::done(&Member::from(view.clone()))
}

/// List members
///
/// For members of the enterprise, whatever their role; in the order of their accounts.
#[utoipa::path(tag = "enterprises", operation_id = "list_members", security(("bearer" = [])), params(PageQuery,
    ("id" = Uuid, Path, description = "The enterprise.")),
    responses((status = 200, description = "A page.", body = MemberPage),
        (status = 403, description = "`not_member`.")))]
#[get("/v1/enterprises/{id}/members")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
    query: Parameters<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, query.value.limit, query.value.cursor.as_deref())?;
    let (id, after, fetch) = (path.value.id, paging.after, paging.limit + 1);
    let members = api.read(|app| async move { app.list_members(&caller.0, id, after, fetch).await }).await?;
    let (members, next_cursor) = paging.finish(&api, members, |member| member.account_id)?;
    let items = members.into_iter().map(Member::from).collect();
    page::respond(&request, next_cursor.as_deref(), &MemberPage { items, next_cursor: next_cursor.clone() })
}

/// Change a member's role
///
/// By an owner. It holds from the member's next request on. The last owner stays one.
#[utoipa::path(tag = "enterprises", operation_id = "change_member_role", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The enterprise."), ("account_id" = Uuid, Path, description = "The member.")),
    request_body = RoleInput, responses((status = 200, description = "The member.", body = Member),
        (status = 403, description = "`not_owner`."),
        (status = 409, description = "`owner_required`, or `member_is_app`.")))]
#[put("/v1/enterprises/{id}/members/{account_id}")]
pub async fn change_role(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<MemberPath>,
    body: Body<RoleInput>,
) -> Result<HttpResponse, Problem> {
    let (MemberPath { id, account_id }, command) = (path.value, write.command(&body.digest));
    let role = body.value.map(|input| input.role);
    let work = async move |tx: &mut Transaction<'_>| use_cases::change_role(tx, id, account_id, role).await;
    api.write(command, work, member).await
}

/// Remove a member
///
/// By an owner. From the next request on the person acts for the enterprise no more. The last owner stays.
#[utoipa::path(tag = "enterprises", operation_id = "remove_member", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The enterprise."), ("account_id" = Uuid, Path, description = "The member.")),
    responses((status = 204, description = "No longer a member."),
        (status = 403, description = "`not_owner`."),
        (status = 409, description = "`owner_required`.")))]
#[delete("/v1/enterprises/{id}/members/{account_id}")]
pub async fn remove(api: web::Data<Api>, write: Write, path: Parameters<MemberPath>) -> Result<HttpResponse, Problem> {
    let MemberPath { id, account_id } = path.value;
    let work = async move |tx: &mut Transaction<'_>| use_cases::remove(tx, id, account_id).await;
    api.write(write.command(&[0; 32]), work, nothing).await
}

/// Leave an enterprise
///
/// By any member. The last owner cannot leave: hand ownership on first.
#[utoipa::path(tag = "enterprises", operation_id = "leave_enterprise", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The enterprise.")),
    responses((status = 204, description = "No longer a member."),
        (status = 403, description = "`not_member`."),
        (status = 409, description = "`owner_required`.")))]
#[post("/v1/enterprises/{id}/leave")]
pub async fn leave(api: web::Data<Api>, write: Write, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let id = path.value.id;
    api.write(write.command(&[0; 32]), async move |tx| use_cases::leave(tx, id).await, nothing).await
}

/// Hand ownership on
///
/// By an owner: a member becomes owner and the caller takes another role, both or neither.
#[utoipa::path(tag = "enterprises", operation_id = "transfer_ownership", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The enterprise.")), request_body = TransferInput,
    responses((status = 200, description = "The new owner.", body = Member),
        (status = 403, description = "`not_owner`."),
        (status = 409, description = "`member_is_app`.")))]
#[post("/v1/enterprises/{id}/transfer")]
pub async fn transfer(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<TransferInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let wanted = body.value.map(|input| (input.account_id, input.own_role.unwrap_or(MemberRole::Trader)));
    api.write(command, async move |tx| use_cases::transfer(tx, id, wanted).await, member).await
}
