//! `/v1/accounts`

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::core::answer;
use super::core::api::Api;
use super::core::body::Body;
use super::core::problem::Problem;
use super::core::write::Authenticated;
use super::wire::account::{Account, AccountInput};

/// Sign up
///
/// Creates an account with a password. Sign in with `POST /v1/sessions`.
#[utoipa::path(tag = "accounts", operation_id = "create_account", security(()), request_body = AccountInput,
    responses((status = 201, description = "The account.", body = Account),
        (status = 409, description = "`email_taken` or `mobile_taken`.")))]
#[post("/v1/accounts")]
pub async fn create(api: web::Data<Api>, body: Body<AccountInput>) -> Result<HttpResponse, Problem> {
    let new = body.value.and_then(AccountInput::parse).map_err(Problem::invalid)?;
    let account: Account = api.read(|app| async move { app.create_account(new).await }).await?.into();
    let location = (header::LOCATION, "/v1/accounts/me");
    let mut response = answer::respond(answer::versioned(StatusCode::CREATED, account.version, None, &account)?);
    response.headers_mut().insert(location.0, header::HeaderValue::from_static(location.1));
    Ok(response)
}

/// Read one's own account
///
/// The account the access token stands for.
#[utoipa::path(tag = "accounts", operation_id = "find_own_account", security(("bearer" = [])),
    responses((status = 200, description = "The account.", body = Account),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/v1/accounts/me")]
pub async fn find_own(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
) -> Result<HttpResponse, Problem> {
    let account: Account = api.read(|app| async move { app.find_own_account(&caller.0).await }).await?.into();
    answer::read(&request, account.version, &account)
}
