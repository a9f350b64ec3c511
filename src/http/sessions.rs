//! `/v1/sessions`

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::body::Body;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::Authenticated;
use super::core::{device, page};
use super::wire::session::{
    CodeInput, CodeSent, RefreshInput, SecondFactorRequired, Session, SessionEntry, SessionInput, SessionPage,
    TicketInput,
};
use crate::app::sign_in::SignedIn;

/// Ask for a one-time code
///
/// Six digits, sent to the address or number, good for one use within 10 minutes and at most 5 tries. Except for `sign_up` it is
/// sent only where an account is reached there; the answer, and the time it takes, is the same. At first once a minute for an
/// address and purpose, then with growing pauses, at most 15 minutes (429 with `Retry-After`).
#[utoipa::path(tag = "accounts", operation_id = "request_code", security(()), request_body = CodeInput,
    responses((status = 202, description = "It is on its way, if it is to be sent.", body = CodeSent)))]
#[post("/v1/sessions/codes")]
pub async fn request_code(
    api: web::Data<Api>,
    device: device::From,
    body: Body<CodeInput>,
) -> Result<HttpResponse, Problem> {
    let (purpose, login) = body.value.and_then(CodeInput::parse).map_err(Problem::invalid)?;
    api.read(|app| async move { app.request_code(purpose, login, &device.0).await }).await?;
    Ok(HttpResponse::Accepted().json(CodeSent::now()))
}

/// Sign in
///
/// With a password or a one-time code. Answers with a short-lived access token and a rotating refresh token; where the account
/// has a second factor, with a ticket for `POST /v1/sessions/second-factor`.
///
/// For mini-programs and whoever wants one screen: ask for a code with `sign_up`, then give `code` and `display_name`: who has
/// an account is signed in, who has none gets one. A first code for an address that was never proved ends the password and the
/// sessions of whoever signed up with it.
///
/// Unknown accounts and wrong passwords are answered alike, in the same time. After a few failures a name has to wait at that
/// address, at most 15 minutes (429 with `Retry-After`); elsewhere it does not, and where it has signed in before it never waits
/// for what others try.
#[utoipa::path(tag = "accounts", operation_id = "create_session", security(()), request_body = SessionInput,
    responses((status = 201, description = "Signed in.", body = Session),
        (status = 202, description = "The second factor is awaited.", body = SecondFactorRequired),
        (status = 403, description = "`role_needs_second_factor`: with a role of the platform, a code alone does not suffice.")))]
#[post("/v1/sessions")]
pub async fn create(
    api: web::Data<Api>,
    device: device::From,
    body: Body<SessionInput>,
) -> Result<HttpResponse, Problem> {
    let (login, grant) = body.value.and_then(SessionInput::parse).map_err(Problem::invalid)?;
    Ok(match api.read(|app| async move { app.create_session(login, grant, &device.0).await }).await? {
        SignedIn::Session(tokens) => HttpResponse::Created().json(Session::from(tokens)),
        SignedIn::SecondFactorRequired { ticket } => HttpResponse::Accepted().json(SecondFactorRequired::new(ticket)),
    })
}

/// Sign in, second step
///
/// With the ticket of the first and a code of the authenticator app, or a recovery code, which is then used up. A ticket holds
/// for 5 minutes and 5 tries.
#[utoipa::path(tag = "accounts", operation_id = "complete_session", security(()), request_body = TicketInput,
    responses((status = 201, description = "Signed in.", body = Session)))]
#[post("/v1/sessions/second-factor")]
pub async fn complete(
    api: web::Data<Api>,
    device: device::From,
    body: Body<TicketInput>,
) -> Result<HttpResponse, Problem> {
    let (ticket, answer) = body.value.and_then(TicketInput::parse).map_err(Problem::invalid)?;
    let tokens = api.read(|app| async move { app.complete_session(&ticket, answer, &device.0).await }).await?;
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

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionQuery {
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List one's own sessions
///
/// Those that stand, newest first.
#[utoipa::path(tag = "accounts", operation_id = "list_sessions", security(("bearer" = [])), params(SessionQuery),
    responses((status = 200, description = "A page.", body = SessionPage)))]
#[get("/v1/sessions")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<SessionQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, query.value.limit, query.value.cursor.as_deref())?;
    let (before, fetch, current) = (paging.after, paging.limit + 1, caller.0.session_id);
    let sessions = api.read(|app| async move { app.list_sessions(&caller.0, before, fetch).await }).await?;
    let (sessions, next_cursor) = paging.finish(&api, sessions, |session| session.id)?;
    let items = sessions.into_iter().map(|session| SessionEntry::new(session, current)).collect();
    page::respond(&request, next_cursor.as_deref(), &SessionPage { items, next_cursor: next_cursor.clone() })
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

/// End one of one's own sessions
///
/// It ends at once, wherever it is.
#[utoipa::path(tag = "accounts", operation_id = "delete_session", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The session.")),
    responses((status = 204, description = "Ended.")))]
#[delete("/v1/sessions/{id}")]
pub async fn delete_one(
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    api.read(|app| async move { app.delete_one_session(&caller.0, path.value.id).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// End all of one's other sessions
///
/// All but the one this request came with.
#[utoipa::path(tag = "accounts", operation_id = "delete_other_sessions", security(("bearer" = [])),
    responses((status = 204, description = "Ended.")))]
#[delete("/v1/sessions")]
pub async fn delete_others(api: web::Data<Api>, caller: Authenticated) -> Result<HttpResponse, Problem> {
    api.read(|app| async move { app.delete_other_sessions(&caller.0).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}
