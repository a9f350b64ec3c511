//! `/v1/sessions`

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, post, web};

use super::core::api::Api;
use super::core::body::Body;
use super::core::problem::Problem;
use super::core::write::Authenticated;
use super::wire::account::{RefreshInput, Session, SessionInput};

/// Sign in
///
/// Answers with a short-lived access token and a rotating refresh token. Unknown accounts and wrong passwords are
/// answered alike, in the same time.
#[utoipa::path(tag = "accounts", operation_id = "create_session", security(()), request_body = SessionInput,
    responses((status = 201, description = "Signed in.", body = Session)))]
#[post("/v1/sessions")]
pub async fn create(api: web::Data<Api>, body: Body<SessionInput>) -> Result<HttpResponse, Problem> {
    let (login, password) = body.value.and_then(SessionInput::parse).map_err(Problem::invalid)?;
    let tokens = api.read(|app| async move { app.create_session(login, password).await }).await?;
    Ok(HttpResponse::build(StatusCode::CREATED).json(Session::from(tokens)))
}

/// Stay signed in
///
/// Exchanges a refresh token for the next pair. A token already used answers with the same successor until that is first
/// used, at most five minutes; afterwards its use revokes the whole family.
#[utoipa::path(tag = "accounts", operation_id = "refresh_session", security(()), request_body = RefreshInput,
    responses((status = 201, description = "The next pair of tokens.", body = Session)))]
#[post("/v1/sessions/refresh")]
pub async fn refresh(api: web::Data<Api>, body: Body<RefreshInput>) -> Result<HttpResponse, Problem> {
    let token = body.value.map_err(Problem::invalid)?.refresh_token;
    let tokens = api.read(|app| async move { app.refresh_session(&token).await }).await?;
    Ok(HttpResponse::build(StatusCode::CREATED).json(Session::from(tokens)))
}

/// Sign out
///
/// Ends the session of this access token at once; its refresh tokens die with it.
#[utoipa::path(tag = "accounts", operation_id = "delete_own_session", security(("bearer" = [])),
    responses((status = 204, description = "Signed out.")))]
#[delete("/v1/sessions/current")]
pub async fn delete_own(api: web::Data<Api>, caller: Authenticated) -> Result<HttpResponse, Problem> {
    api.read(|app| async move { app.delete_session(&caller.0).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}
