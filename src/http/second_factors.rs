//! `/v1/accounts/me/second-factor`

use actix_web::{HttpResponse, post, web};

use super::core::api::Api;
use super::core::body::Body;
use super::core::device;
use super::core::problem::Problem;
use super::core::write::Authenticated;
use super::wire::account::ProofInput;
use super::wire::session::{ConfirmationInput, NewSecondFactor, RecoveryCodes, SecondFactorInput};

/// Begin with a second factor
///
/// With the password, or with a code sent just now. Answers with a secret for an authenticator app; it is asked for when signing
/// in once it is confirmed. Takes a proved address or number.
#[utoipa::path(tag = "accounts", operation_id = "create_second_factor", security(("bearer" = [])), request_body = ProofInput,
    responses((status = 201, description = "The secret, shown once.", body = NewSecondFactor),
        (status = 409, description = "`second_factor_exists` or `contact_unverified`.")))]
#[post("/v1/accounts/me/second-factor")]
pub async fn create(
    api: web::Data<Api>,
    caller: Authenticated,
    body: Body<ProofInput>,
) -> Result<HttpResponse, Problem> {
    let proof = body.value.and_then(ProofInput::parse).map_err(Problem::invalid)?;
    let new = api.read(|app| async move {
        app.prove(&caller.0, proof).await?;
        app.create_second_factor(&caller.0).await
    });
    Ok(HttpResponse::Created().json(NewSecondFactor::from(new.await?)))
}

/// Confirm the second factor
///
/// With a first code of the authenticator app. From now on it is asked for when signing in. The account is told at all its
/// addresses.
#[utoipa::path(tag = "accounts", operation_id = "confirm_second_factor", security(("bearer" = [])),
    request_body = ConfirmationInput,
    responses((status = 200, description = "Recovery codes, shown once.", body = RecoveryCodes),
        (status = 409, description = "`second_factor_not_begun`.")))]
#[post("/v1/accounts/me/second-factor/confirm")]
pub async fn confirm(
    api: web::Data<Api>,
    caller: Authenticated,
    device: device::From,
    body: Body<ConfirmationInput>,
) -> Result<HttpResponse, Problem> {
    let code = body.value.map_err(Problem::invalid)?.code;
    let language = device.0.language;
    let codes = api.read(|app| async move { app.confirm_second_factor(&caller.0, code, language).await });
    Ok(HttpResponse::Ok().json(RecoveryCodes::from(codes.await?)))
}

/// Get new recovery codes
///
/// In place of those before; with a code of the authenticator app or one of them. The account is told at all its addresses.
#[utoipa::path(tag = "accounts", operation_id = "renew_recovery_codes", security(("bearer" = [])),
    request_body = SecondFactorInput,
    responses((status = 200, description = "Recovery codes, shown once.", body = RecoveryCodes),
        (status = 409, description = "`second_factor_missing`.")))]
#[post("/v1/accounts/me/second-factor/recovery-codes")]
pub async fn renew_recovery_codes(
    api: web::Data<Api>,
    caller: Authenticated,
    device: device::From,
    body: Body<SecondFactorInput>,
) -> Result<HttpResponse, Problem> {
    let answer = body.value.and_then(SecondFactorInput::parse).map_err(Problem::invalid)?;
    let language = device.0.language;
    let codes = api.read(|app| async move { app.renew_recovery_codes(&caller.0, answer, language).await });
    Ok(HttpResponse::Ok().json(RecoveryCodes::from(codes.await?)))
}

/// Take the second factor away
///
/// With a code of the authenticator app or a recovery code. Whoever has a role of the platform and a password of fewer than 15
/// characters keeps it. The account is told at all its addresses.
#[utoipa::path(tag = "accounts", operation_id = "delete_second_factor", security(("bearer" = [])),
    request_body = SecondFactorInput,
    responses((status = 204, description = "Signing in no longer asks for it."),
        (status = 409, description = "`second_factor_missing` or `role_needs_second_factor`.")))]
#[post("/v1/accounts/me/second-factor/remove")]
pub async fn delete(
    api: web::Data<Api>,
    caller: Authenticated,
    device: device::From,
    body: Body<SecondFactorInput>,
) -> Result<HttpResponse, Problem> {
    let answer = body.value.and_then(SecondFactorInput::parse).map_err(Problem::invalid)?;
    let language = device.0.language;
    api.read(|app| async move { app.delete_second_factor(&caller.0, answer, language).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}
