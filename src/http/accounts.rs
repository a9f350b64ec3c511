//! `/v1/accounts`

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::core::api::Api;
use super::core::body::Body;
use super::core::problem::Problem;
use super::core::write::{Authenticated, VersionHeader, Write};
use super::core::{answer, device};
use super::credentials::nothing;
use super::wire::account::{
    Account, AccountInput, ContactVerificationInput, OwnCodeInput, PasswordInput, ProofInput, ResetInput,
};
use super::wire::session::CodeSent;
use crate::app::proof::Proof;
use crate::app::{Transaction, accounts as use_cases};

/// Sign up
///
/// Creates an account with a password, or with a code sent to the address or number, which proves that it is the caller's;
/// then sign in with `POST /v1/sessions`. To do both at once with a code, see there.
#[utoipa::path(tag = "accounts", operation_id = "create_account", security(()), request_body = AccountInput,
    responses((status = 201, description = "The account.", body = Account),
        (status = 409, description = "`email_taken` or `mobile_taken`.")))]
#[post("/v1/accounts")]
pub async fn create(
    api: web::Data<Api>,
    device: device::From,
    body: Body<AccountInput>,
) -> Result<HttpResponse, Problem> {
    let new = body.value.and_then(AccountInput::parse).map_err(Problem::invalid)?;
    let work = async move |app: std::sync::Arc<crate::app::App>| app.create_account(new, &device.0).await;
    let account: Account = api.read(work).await?.into();
    let location = (header::LOCATION, "/v1/accounts/me");
    let mut response = answer::respond(answer::versioned(StatusCode::CREATED, account.version, None, &account)?);
    response.headers_mut().insert(location.0, header::HeaderValue::from_static(location.1));
    Ok(response)
}

/// Read one's own account
///
/// The account the access token stands for, with its roles of the platform.
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

/// Ask for a code to one's own address or number
///
/// Or to one that is to become one's own. It proves the address (`POST /v1/accounts/me/contacts`) or, where a password would
/// be asked for, who one is. At first once a minute, then with growing pauses, at most 15 minutes.
#[utoipa::path(tag = "accounts", operation_id = "request_own_code", security(("bearer" = [])), request_body = OwnCodeInput,
    responses((status = 202, description = "It is on its way.", body = CodeSent)))]
#[post("/v1/accounts/me/codes")]
pub async fn request_code(
    api: web::Data<Api>,
    caller: Authenticated,
    device: device::From,
    body: Body<OwnCodeInput>,
) -> Result<HttpResponse, Problem> {
    let login = body.value.and_then(OwnCodeInput::parse).map_err(Problem::invalid)?;
    api.read(|app| async move { app.request_own_code(&caller.0, login, &device.0).await }).await?;
    Ok(HttpResponse::Accepted().json(CodeSent::now()))
}

/// Prove an address or number
///
/// With the code sent to it. It becomes the account's, in place of another of its kind; that takes the password too, where the
/// account has one. A new one is told at all addresses of the account, and at the one it takes the place of.
#[utoipa::path(tag = "accounts", operation_id = "verify_contact", security(("bearer" = [])), request_body = ContactVerificationInput,
    responses((status = 200, description = "The account.", body = Account),
        (status = 409, description = "`email_taken` or `mobile_taken`.")))]
#[post("/v1/accounts/me/contacts")]
pub async fn verify_contact(
    api: web::Data<Api>,
    caller: Authenticated,
    device: device::From,
    body: Body<ContactVerificationInput>,
) -> Result<HttpResponse, Problem> {
    let (login, code, password) = body.value.and_then(ContactVerificationInput::parse).map_err(Problem::invalid)?;
    let proven = password.is_some();
    let view = api.read(|app| async move {
        if let Some(password) = password {
            app.prove(&caller.0, Proof::Password(password)).await?;
        }
        app.verify_contact(&caller.0, login, code, proven, device.0.language).await
    });
    let account: Account = view.await?.into();
    Ok(answer::respond(answer::versioned(StatusCode::OK, account.version, None, &account)?))
}

/// Change the password
///
/// With the present one, or with a code sent just now. All other sessions end, and the owner is told.
#[utoipa::path(tag = "accounts", operation_id = "change_password", security(("bearer" = [])), request_body = PasswordInput,
    responses((status = 204, description = "Changed.")))]
#[post("/v1/accounts/me/password")]
pub async fn change_password(
    api: web::Data<Api>,
    caller: Authenticated,
    device: device::From,
    body: Body<PasswordInput>,
) -> Result<HttpResponse, Problem> {
    let (proof, password) = body.value.and_then(PasswordInput::parse).map_err(Problem::invalid)?;
    let changed = api.read(|app| async move {
        app.prove(&caller.0, proof).await?;
        app.change_password(&caller.0, password, &device.0).await
    });
    changed.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Reset a forgotten password
///
/// With a code asked for by `POST /v1/sessions/codes`. All sessions end. An unknown account and a wrong code are answered
/// alike, in the same time.
#[utoipa::path(tag = "accounts", operation_id = "reset_password", security(()), request_body = ResetInput,
    responses((status = 204, description = "Changed.")))]
#[post("/v1/accounts/password-reset")]
pub async fn reset_password(
    api: web::Data<Api>,
    device: device::From,
    body: Body<ResetInput>,
) -> Result<HttpResponse, Problem> {
    let (login, code, password) = body.value.and_then(ResetInput::parse).map_err(Problem::invalid)?;
    api.read(|app| async move { app.reset_password(login, code, password, &device.0).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Close one's own account
///
/// With the password, or with a code sent just now. All sessions end at once; an administrator can restore it. Not while an
/// enterprise would be left without an owner: hand it over first.
#[utoipa::path(tag = "accounts", operation_id = "deactivate_account", security(("bearer" = [])), params(VersionHeader),
    request_body = ProofInput,
    responses((status = 204, description = "Closed."),
        (status = 409, description = "`last_owner`, naming the enterprises.")))]
#[post("/v1/accounts/me/deactivate")]
pub async fn deactivate(
    api: web::Data<Api>,
    write: Write,
    device: device::From,
    body: Body<ProofInput>,
) -> Result<HttpResponse, Problem> {
    let proof = body.value.and_then(ProofInput::parse).map_err(Problem::invalid)?;
    let caller = write.caller.clone();
    api.read(|app| async move { app.prove(&caller, proof).await }).await?;
    let work = async move |tx: &mut Transaction<'_>| use_cases::deactivate(tx, device.0.language).await;
    api.write(write.command(&[0; 32]), work, nothing).await
}
