//! `/v1/admin/accounts`

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::Body;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, ChangeHeaders, Write};
use super::core::{answer, page};
use super::wire::account::{Account, OwnCodeInput};
use super::wire::account_admin::{AccountPage, AccountStatusInput, AccountsFound, RoleGrantInput};
use crate::app::account_admin::{self as use_cases, Change, Filter};
use crate::app::accounts::AccountView;
use crate::app::idempotency::Answer;
use crate::app::{Command, Error, Transaction};
use crate::domain::account::AccountStatus;
use crate::domain::platform::PlatformRole;
use crate::domain::violation::Violations;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountQuery {
    status: Option<AccountStatus>,
    /// Those with this role, wherever it holds.
    role: Option<PlatformRole>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List accounts
///
/// Oldest first. An administrator of a region sees who has a role there or acts for an enterprise there. Addresses and numbers
/// are masked.
#[utoipa::path(tag = "administration", operation_id = "list_accounts", security(("bearer" = [])), params(AccountQuery),
    responses((status = 200, description = "A page.", body = AccountPage),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/accounts")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<AccountQuery>,
) -> Result<HttpResponse, Problem> {
    let AccountQuery { status, role, limit, cursor } = query.value;
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, limit, cursor.as_deref())?;
    let (after, fetch, filter) = (paging.after, paging.limit + 1, Filter { status, role });
    let views = api.read(|app| async move { app.list_accounts(&caller.0, filter, after, fetch).await }).await?;
    let (views, next_cursor) = paging.finish(&api, views, |view| view.account.id)?;
    let items = views.into_iter().map(Into::into).collect();
    page::respond(&request, next_cursor.as_deref(), &AccountPage { items, next_cursor: next_cursor.clone() })
}

/// Find an account by its address or number
///
/// By exactly this one, in the body, for addresses do not belong into logs. For every administrator, to whatever region: how
/// somebody is found who is to get a role. It is recorded.
#[utoipa::path(tag = "administration", operation_id = "search_accounts", security(("bearer" = [])),
    request_body = OwnCodeInput,
    responses((status = 200, description = "One account or none.", body = AccountsFound),
        (status = 403, description = "`role_required`.")))]
#[post("/v1/admin/accounts/search")]
pub async fn search(
    api: web::Data<Api>,
    caller: Authenticated,
    body: Body<OwnCodeInput>,
) -> Result<HttpResponse, Problem> {
    let login = body.value.and_then(OwnCodeInput::parse).map_err(Problem::invalid)?;
    let found = api.read(|app| async move { app.search_accounts(&caller.0, &login).await }).await?;
    answer::plain(&AccountsFound { items: found.into_iter().map(Into::into).collect() })
}

/// Read an account
///
/// With its personal data; that it was read is recorded.
#[utoipa::path(tag = "administration", operation_id = "find_account", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The account.")),
    responses((status = 200, description = "The account.", body = Account),
        (status = 304, description = "Not changed since `If-None-Match`."),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/accounts/{id}")]
pub async fn find(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let account: Account =
        api.read(|app| async move { app.find_account(&caller.0, path.value.id).await }).await?.into();
    answer::read(&request, account.version, &account)
}

/// Give a role of the platform
///
/// By an administrator of the region it holds in (everywhere: by one who reaches everywhere). Takes an account with a password
/// of 15 characters or more, or with a second factor. It acts on the account's next request.
#[utoipa::path(tag = "administration", operation_id = "grant_role", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The account.")), request_body = RoleGrantInput,
    responses((status = 200, description = "The account.", body = Account),
        (status = 403, description = "`role_required`."),
        (status = 409, description = "`role_needs_second_factor`, `account_state_conflict` or `own_account`.")))]
#[post("/v1/admin/accounts/{id}/grant-role")]
pub async fn grant(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<RoleGrantInput>,
) -> Result<HttpResponse, Problem> {
    let command = write.command(&body.digest);
    change(&api, command, path.value.id, body.value.map(|input| Change::Grant(input.grant()))).await
}

/// Take a role of the platform away
///
/// By an administrator of the region it holds in. It acts on the account's next request.
#[utoipa::path(tag = "administration", operation_id = "revoke_role", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The account.")), request_body = RoleGrantInput,
    responses((status = 200, description = "The account.", body = Account),
        (status = 403, description = "`role_required`."),
        (status = 409, description = "`role_not_held`, `last_admin` or `own_account`.")))]
#[post("/v1/admin/accounts/{id}/revoke-role")]
pub async fn revoke(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<RoleGrantInput>,
) -> Result<HttpResponse, Problem> {
    let command = write.command(&body.digest);
    change(&api, command, path.value.id, body.value.map(|input| Change::Revoke(input.grant()))).await
}

/// Disable an account
///
/// All its sessions end at once. By an administrator who sees it and administrates wherever it has roles.
#[utoipa::path(tag = "administration", operation_id = "disable_account", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The account.")), request_body = AccountStatusInput,
    responses((status = 200, description = "The account, `disabled`.", body = Account),
        (status = 403, description = "`role_required`."),
        (status = 409, description = "`account_state_conflict`, `last_admin` or `own_account`.")))]
#[post("/v1/admin/accounts/{id}/disable")]
pub async fn disable(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<AccountStatusInput>,
) -> Result<HttpResponse, Problem> {
    change_with_reason(&api, write, path.value.id, body, |reason| Change::Disable { reason }).await
}

/// Restore an account
///
/// One that was disabled, or closed by its owner.
#[utoipa::path(tag = "administration", operation_id = "restore_account", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The account.")), request_body = AccountStatusInput,
    responses((status = 200, description = "The account, `active`.", body = Account),
        (status = 403, description = "`role_required`."),
        (status = 409, description = "`account_state_conflict` or `own_account`.")))]
#[post("/v1/admin/accounts/{id}/restore")]
pub async fn restore(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<AccountStatusInput>,
) -> Result<HttpResponse, Problem> {
    change_with_reason(&api, write, path.value.id, body, |reason| Change::Restore { reason }).await
}

/// Reset a second factor
///
/// For somebody who lost the generator and the recovery codes, and has proved to an administrator who they are. The password
/// alone lets them in again, their sessions end at once, and they are told at every address and number of the account. By an
/// administrator who sees it and administrates wherever it has roles. Whoever has a role takes a password of 15 characters first.
#[utoipa::path(tag = "administration", operation_id = "reset_second_factor", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The account.")), request_body = AccountStatusInput,
    responses((status = 200, description = "The account, without a second factor.", body = Account),
        (status = 403, description = "`role_required`."),
        (status = 409, description = "`second_factor_missing`, `role_needs_second_factor` or `own_account`.")))]
#[post("/v1/admin/accounts/{id}/reset-second-factor")]
pub async fn reset_second_factor(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Body<AccountStatusInput>,
) -> Result<HttpResponse, Problem> {
    change_with_reason(&api, write, path.value.id, body, |reason| Change::ResetSecondFactor { reason }).await
}

async fn change_with_reason(
    api: &Api,
    write: Write,
    id: Uuid,
    body: Body<AccountStatusInput>,
    of: impl FnOnce(String) -> Change,
) -> Result<HttpResponse, Problem> {
    let command = write.command(&body.digest);
    change(api, command, id, body.value.and_then(AccountStatusInput::parse).map(of)).await
}

async fn change(
    api: &Api,
    command: Command,
    id: Uuid,
    wanted: Result<Change, Violations>,
) -> Result<HttpResponse, Problem> {
    let work = async move |tx: &mut Transaction<'_>| use_cases::change(tx, id, wanted).await;
    api.write(command, work, shown).await
}

fn shown(view: &AccountView) -> Result<Answer, Error> {
    let account = Account::from(view.clone());
    answer::versioned(StatusCode::OK, account.version, None, &account)
}
