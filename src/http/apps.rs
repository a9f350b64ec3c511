//! `/v1/apps` and `/v1/admin/apps`

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::{Body, Patch};
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, ChangeHeaders, RetryHeaders, Write};
use super::core::{answer, page};
use super::credentials::nothing;
use super::wire::app::{App, AppPage, AppPatch, AppRegulationPatch, AppUsage};
use crate::app::apps as use_cases;
use crate::app::idempotency::Answer;
use crate::domain::app::{AppRegulation, NewApp, RegisteredApp};

type Rendered = Result<Answer, crate::app::Error>;

fn render(api: &Api, status: StatusCode) -> impl FnOnce(&RegisteredApp) -> Rendered + 'static {
    let policy = api.app.policy.clone();
    move |app| {
        let location = (status == StatusCode::CREATED).then(|| format!("/v1/apps/{}", app.id));
        answer::versioned(status, app.version, location, &App::new(app.clone(), &policy))
    }
}

/// Register an app
///
/// By an owner of the enterprise it is for. It acts as an account of its own, a trader of that enterprise; make it a key with
/// `POST /v1/apps/{id}/keys`, or let people agree to it with `POST /v1/oauth/authorizations`. See docs/INTEGRATION.md.
#[utoipa::path(tag = "apps", operation_id = "create_app", security(("bearer" = [])), params(RetryHeaders), request_body = NewApp,
    responses((status = 201, description = "The app.", body = App),
        (status = 403, description = "`not_owner`."),
        (status = 404, description = "There is no such enterprise."),
        (status = 409, description = "`too_many_apps`.")))]
#[post("/v1/apps")]
pub async fn create(api: web::Data<Api>, write: Write, body: Body<NewApp>) -> Result<HttpResponse, Problem> {
    let (command, rendered) = (write.command(&body.digest), render(&api, StatusCode::CREATED));
    api.write(command, async move |tx| use_cases::create(tx, body.value).await, rendered).await
}

/// Register an app of the platform
///
/// By an administrator: an app that no enterprise answers for. By itself it acts for no enterprise either.
#[utoipa::path(tag = "administration", operation_id = "create_platform_app", security(("bearer" = [])), params(RetryHeaders),
    request_body = NewApp,
    responses((status = 201, description = "The app.", body = App),
        (status = 403, description = "`role_required`."),
        (status = 409, description = "`too_many_apps`.")))]
#[post("/v1/admin/apps")]
pub async fn create_of_platform(
    api: web::Data<Api>,
    write: Write,
    body: Body<NewApp>,
) -> Result<HttpResponse, Problem> {
    let (command, rendered) = (write.command(&body.digest), render(&api, StatusCode::CREATED));
    api.write(command, async move |tx| use_cases::create_of_platform(tx, body.value).await, rendered).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AppQuery {
    /// Page size.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

fn respond(
    request: &HttpRequest,
    api: &Api,
    paging: &page::Paging<Uuid>,
    apps: Vec<RegisteredApp>,
) -> Result<HttpResponse, Problem> {
    let (apps, next_cursor) = paging.finish(api, apps, |app| app.id)?;
    let items = apps.into_iter().map(|app| App::new(app, &api.app.policy)).collect();
    page::respond(request, next_cursor.as_deref(), &AppPage { items, next_cursor: next_cursor.clone() })
}

/// List one's enterprises' apps
///
/// Of all enterprises the caller is a member of, oldest first.
#[utoipa::path(tag = "apps", operation_id = "list_apps", security(("bearer" = [])), params(AppQuery),
    responses((status = 200, description = "A page.", body = AppPage)))]
#[get("/v1/apps")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<AppQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, query.value.limit, query.value.cursor.as_deref())?;
    let (after, fetch) = (paging.after, paging.limit + 1);
    let apps = api.read(|app| async move { app.list_apps(&caller.0, after, fetch).await }).await?;
    respond(&request, &api, &paging, apps)
}

/// List all apps
///
/// Everybody's and the platform's, oldest first. For administrators.
#[utoipa::path(tag = "administration", operation_id = "list_all_apps", security(("bearer" = [])), params(AppQuery),
    responses((status = 200, description = "A page.", body = AppPage),
        (status = 403, description = "`role_required`.")))]
#[get("/v1/admin/apps")]
pub async fn list_all(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<AppQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, query.value.limit, query.value.cursor.as_deref())?;
    let (after, fetch) = (paging.after, paging.limit + 1);
    let apps = api.read(|app| async move { app.list_all_apps(&caller.0, after, fetch).await }).await?;
    respond(&request, &api, &paging, apps)
}

/// Read an app
///
/// For members of its enterprise and administrators.
#[utoipa::path(tag = "apps", operation_id = "find_app", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The app.")),
    responses((status = 200, description = "The app.", body = App),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/apps/{id}")]
pub async fn find(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let app = api.read(|app| async move { app.find_app(&caller.0, path.value.id).await }).await?;
    let app = App::new(app, &api.app.policy);
    answer::read(&request, app.version, &app)
}

/// Change an app
///
/// RFC 7396 merge patch by an owner (an app of the platform: by an administrator). A scope taken away is gone from its keys and
/// tokens with the next request.
#[utoipa::path(tag = "apps", operation_id = "update_app", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The app.")),
    request_body(content((AppPatch = "application/merge-patch+json"), (AppPatch = "application/json"))),
    responses((status = 200, description = "The app.", body = App),
        (status = 403, description = "`not_owner`.")))]
#[patch("/v1/apps/{id}")]
pub async fn update(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Patch,
) -> Result<HttpResponse, Problem> {
    let (command, rendered) = (write.command(&body.digest), render(&api, StatusCode::OK));
    let (checking, id) = (api.clone(), path.value.id);
    let change = move |present: &NewApp| body.apply(&checking, present);
    api.write(command, async move |tx| use_cases::update(tx, id, change).await, rendered).await
}

/// Suspend, restore or bound an app
///
/// RFC 7396 merge patch by an administrator. While it is suspended nothing it holds works; its owner reads the reason.
#[utoipa::path(tag = "administration", operation_id = "regulate_app", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The app.")),
    request_body(content((AppRegulationPatch = "application/merge-patch+json"), (AppRegulationPatch = "application/json"))),
    responses((status = 200, description = "The app.", body = App),
        (status = 403, description = "`role_required`.")))]
#[patch("/v1/admin/apps/{id}")]
pub async fn regulate(
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    body: Patch,
) -> Result<HttpResponse, Problem> {
    let (command, rendered) = (write.command(&body.digest), render(&api, StatusCode::OK));
    let (checking, id) = (api.clone(), path.value.id);
    let change = move |present: &AppRegulation| body.apply(&checking, present);
    api.write(command, async move |tx| use_cases::regulate(tx, id, change).await, rendered).await
}

/// Delete an app
///
/// By an owner (an app of the platform: by an administrator). Its keys, its tokens and what people agreed to end with the next
/// request; what it wrote stays.
#[utoipa::path(tag = "apps", operation_id = "delete_app", security(("bearer" = [])), params(ChangeHeaders,
    ("id" = Uuid, Path, description = "The app.")),
    responses((status = 204, description = "Gone."),
        (status = 403, description = "`not_owner`.")))]
#[delete("/v1/apps/{id}")]
pub async fn delete(api: web::Data<Api>, write: Write, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let id = path.value.id;
    api.write(write.command(&[0; 32]), async move |tx| use_cases::delete(tx, id).await, nothing).await
}

/// What an app asked for each day
///
/// Requests of the last ninety days by day (UTC), and how many of them were over its quota. For members of its enterprise and
/// administrators.
#[utoipa::path(tag = "apps", operation_id = "find_app_usage", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The app.")),
    responses((status = 200, description = "Days, newest first.", body = AppUsage)))]
#[get("/v1/apps/{id}/usage")]
pub async fn find_usage(
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let days = api.read(|app| async move { app.list_app_usage(&caller.0, path.value.id).await }).await?;
    answer::plain(&AppUsage { items: days.into_iter().map(Into::into).collect() })
}
