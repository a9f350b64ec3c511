//! `/v1/enterprises`

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::{Body, OptionalBody, Patch};
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, ChangeHeaders, RetryHeaders, Write};
use super::core::{answer, page};
use super::wire::enterprise::{CloseEnterpriseInput, Enterprise, EnterprisePage, EnterprisePatch};
use crate::app;
use crate::app::enterprises::EnterpriseView;
use crate::domain::enterprise::Profile;
use crate::domain::violation::Violations;

fn render(status: StatusCode) -> impl FnOnce(&EnterpriseView) -> Result<app::idempotency::Answer, app::Error> {
    move |view| {
        let enterprise = Enterprise::from(view.clone());
        let location = (status == StatusCode::CREATED).then(|| format!("/v1/enterprises/{}", enterprise.id));
        answer::versioned(status, enterprise.version, location, &enterprise)
    }
}

/// Claim an enterprise
///
/// The caller becomes owner of this claim. Several claims to one code may stand side by side; the one that is verified
/// wins. Until then the enterprise is marked unverified and its open listings are capped.
#[utoipa::path(tag = "enterprises", operation_id = "create_enterprise", security(("bearer" = [])), params(RetryHeaders),
    request_body = Profile, responses((status = 201, description = "The enterprise.", body = Enterprise)))]
#[post("/v1/enterprises")]
pub async fn create(api: web::Data<Api>, write: Write, body: Body<Profile>) -> Result<HttpResponse, Problem> {
    let knowledge = api.app.knowledge();
    let code = body.value.as_ref().ok().and_then(|profile| profile.uscc.clone());
    let excepted = api.read(|app| async move { app.excepted_uscc(code.as_deref()).await }).await?;
    let accepted: Vec<&str> = excepted.as_deref().into_iter().collect();
    let profile = body.value.and_then(|profile| profile.checked(&knowledge.reference, &accepted));
    let command = write.command(&body.digest);
    api.write(command, async move |tx| app::enterprises::create(tx, profile).await, render(StatusCode::CREATED)).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Page size.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List the enterprises one acts for
///
/// In the order of their ids, oldest claim first, whatever the caller's role there is.
#[utoipa::path(tag = "enterprises", operation_id = "list_own_enterprises", security(("bearer" = [])), params(ListQuery),
    responses((status = 200, description = "A page.", body = EnterprisePage)))]
#[get("/v1/enterprises")]
pub async fn list_own(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, query.value.limit, query.value.cursor.as_deref())?;
    let (after, fetch) = (paging.after, paging.limit + 1);
    let views = api.read(|app| async move { app.list_own_enterprises(&caller.0, after, fetch).await }).await?;
    let (views, next_cursor) = paging.finish(&api, views, |view| view.enterprise.id)?;
    let items = views.into_iter().map(Enterprise::from).collect();
    page::respond(&request, next_cursor.as_deref(), &EnterprisePage { items, next_cursor: next_cursor.clone() })
}

/// Read an enterprise
///
/// Contacts are shown to members only. One that was merged into another is answered with the other.
#[utoipa::path(tag = "enterprises", operation_id = "find_enterprise", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The enterprise.")),
    responses((status = 200, description = "The enterprise.", body = Enterprise),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/enterprises/{id}")]
pub async fn find(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let view = api.read(|app| async move { app.find_enterprise(&caller.0, path.value.id).await }).await?;
    let enterprise = Enterprise::from(view);
    answer::read(&request, enterprise.version, &enterprise)
}

/// Change an enterprise
///
/// RFC 7396 merge patch by an owner. Code and name of a verified enterprise stay as they were verified.
#[utoipa::path(tag = "enterprises", operation_id = "update_enterprise", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The enterprise.")),
    request_body(content((EnterprisePatch = "application/merge-patch+json"), (EnterprisePatch = "application/json"))),
    responses((status = 200, description = "The enterprise.", body = Enterprise),
        (status = 403, description = "`not_owner`: the caller is not an owner.")))]
#[patch("/v1/enterprises/{id}")]
pub async fn update(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Patch,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let change = changing(&api, body).await?;
    api.write(command, async move |tx| app::enterprises::update(tx, id, change).await, render(StatusCode::OK)).await
}

/// How a patch changes a profile. A code once taken stays taken, whatever its check characters.
async fn changing(
    api: &web::Data<Api>,
    body: Patch,
) -> Result<impl FnOnce(&Profile) -> Result<Profile, Violations> + use<>, Problem> {
    let code = body.value["uscc"].as_str().map(str::to_owned);
    let excepted = api.read(|app| async move { app.excepted_uscc(code.as_deref()).await }).await?;
    let api = api.clone();
    Ok(move |present: &Profile| {
        let wanted: Profile = body.apply(&api, present)?;
        let accepted: Vec<&str> = excepted.as_deref().into_iter().chain(present.uscc.as_deref()).collect();
        wanted.checked(&api.app.knowledge().reference, &accepted)
    })
}

/// Close an enterprise
///
/// By an owner. Its listings are withdrawn, requests for contact that wait lapse, an application that waits is withdrawn, and
/// those it dealt with are told. Refused while anything of its listings is held for somebody or agreed and not delivered; the
/// answer names them. Its owners cannot take it back; a moderator or administrator of the region restores it, its listings
/// stay withdrawn. Whoever owns a closed enterprise may close their account.
#[utoipa::path(tag = "enterprises", operation_id = "close_enterprise", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The enterprise.")), request_body = Option<CloseEnterpriseInput>,
    responses((status = 200, description = "The enterprise, `closed`.", body = Enterprise),
        (status = 403, description = "`not_owner`."),
        (status = 409, description = "`enterprise_state_conflict`, or `enterprise_has_obligations`, naming the listings.")))]
#[post("/v1/enterprises/{id}/close")]
pub async fn close(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: OptionalBody<CloseEnterpriseInput>,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let reason = body.value.map(|input| input.and_then(CloseEnterpriseInput::reason));
    let work = async move |tx: &mut app::Transaction<'_>| app::verifications::close_enterprise(tx, id, reason).await;
    api.write(command, work, render(StatusCode::OK)).await
}

/// Claim an organisation
///
/// One that an import named and nobody acts for: the caller becomes its owner, it is `pending`, and what the caller says of
/// it (its code, in China) is merged into what is known. Whether it is theirs is for a verification to show.
#[utoipa::path(tag = "enterprises", operation_id = "claim_enterprise", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The organisation.")),
    request_body(content((EnterprisePatch = "application/json"), (EnterprisePatch = "application/merge-patch+json"))),
    responses((status = 200, description = "The enterprise.", body = Enterprise),
        (status = 409, description = "`enterprise_state_conflict`: somebody acts for it; or `too_many_claims`.")))]
#[post("/v1/enterprises/{id}/claim")]
pub async fn claim(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Patch,
) -> Result<HttpResponse, Problem> {
    let (id, command) = (path.value.id, write.command(&body.digest));
    let change = changing(&api, body).await?;
    api.write(command, async move |tx| app::verifications::claim(tx, id, change).await, render(StatusCode::OK)).await
}
