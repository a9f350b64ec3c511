//! `/v1/oauth`, what people agreed to, and where clients read how it is done.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde::Deserialize;
use strum::VariantArray;
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::answer;
use super::core::api::Api;
use super::core::body::Body;
use super::core::context::Reader;
use super::core::form::{Basic, Form};
use super::core::page;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, RetryHeaders, Write};
use super::credentials::nothing;
use super::wire::oauth::{
    AppToken, Authorization, AuthorizationAnswer, AuthorizationInput, AuthorizationPage, AuthorizationPreview,
    OAuthServer, RevocationRequest, TokenRequest,
};
use crate::app::oauth::authorize::{self as use_cases, Asked};
use crate::app::oauth::token::Grant;
use crate::domain::access::Scope;
use crate::domain::oauth::OAuthError;
use crate::domain::violation::Violations;

/// Take a token
///
/// For apps (RFC 6749): `client_credentials` with a key; `authorization_code` with PKCE; `refresh_token`, which rotates as a
/// person's does. The app names itself by `Authorization: Basic` or in the body; a public app by `client_id` alone. A refusal is a
/// problem document with the `error` and `error_description` of RFC 6749.
#[utoipa::path(tag = "apps", operation_id = "create_app_token", security(()),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "A token.", body = AppToken),
        (status = 400, description = "`invalid_request`, `invalid_grant`, `invalid_scope`, `unauthorized_client` or `unsupported_grant_type`."),
        (status = 401, description = "`invalid_client`: an unknown app, an unknown key and a wrong secret are answered alike.")))]
#[post("/v1/oauth/token")]
pub async fn create_token(
    api: web::Data<Api>,
    basic: Basic,
    form: Form<TokenRequest>,
) -> Result<HttpResponse, Problem> {
    let request = form.0;
    let grant = grant(&request)?;
    let credentials = basic.or(request.client_id, request.client_secret)?;
    let scope = request.scope;
    let tokens = api.read(|app| async move { app.create_app_token(credentials, grant, scope).await }).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(AppToken::from(tokens)))
}

fn grant(request: &TokenRequest) -> Result<Grant, Problem> {
    let mut violations = Violations::new();
    let mut needed = |name: &str, value: &Option<String>| {
        if value.is_none() {
            violations.add(format!("/{name}"), "required");
        }
        value.clone().unwrap_or_default()
    };
    let grant = match request.grant_type.as_str() {
        "client_credentials" => Grant::ClientCredentials,
        "authorization_code" => Grant::Code {
            code: needed("code", &request.code),
            redirect_uri: needed("redirect_uri", &request.redirect_uri),
            verifier: needed("code_verifier", &request.code_verifier),
        },
        "refresh_token" => Grant::RefreshToken(needed("refresh_token", &request.refresh_token)),
        _ => return Err(Problem::oauth(OAuthError::UnsupportedGrantType, "grant_type_unknown")),
    };
    let invalid = || Problem::oauth(OAuthError::InvalidRequest, "token_request_invalid");
    violations.or_else_value(grant).map_err(|violations| invalid().with_errors(violations))
}

/// Revoke a token
///
/// RFC 7009: ends what a refresh or access token of this app stands for. A token that is unknown or another's is no fault.
#[utoipa::path(tag = "apps", operation_id = "revoke_app_token", security(()),
    request_body(content = RevocationRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "It is worth nothing any more.", body = Object),
        (status = 400, description = "`invalid_request`."),
        (status = 401, description = "`invalid_client`.")))]
#[post("/v1/oauth/revoke")]
pub async fn revoke_token(
    api: web::Data<Api>,
    basic: Basic,
    form: Form<RevocationRequest>,
) -> Result<HttpResponse, Problem> {
    let RevocationRequest { token, client_id, client_secret, .. } = form.0;
    let credentials = basic.or(client_id, client_secret)?;
    api.read(|app| async move { app.revoke_app_token(credentials, &token).await }).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PreviewQuery {
    /// The app.
    client_id: Uuid,
    #[param(min_length = 1, max_length = 500, pattern = r"^[\x21-\x7e]*$")]
    redirect_uri: String,
    /// With blanks between.
    #[param(min_length = 1, max_length = 1000, pattern = r"^[\x20-\x7e]*$")]
    scope: String,
}

/// What an app asks a person for
///
/// For the client a person uses, to show before they agree: the app, who answers for it, and what it would be allowed, in words.
#[utoipa::path(tag = "apps", operation_id = "preview_authorization", security(("bearer" = [])), params(PreviewQuery),
    responses((status = 200, description = "What is asked.", body = AuthorizationPreview),
        (status = 409, description = "`app_enterprise_unverified`: only its own members may agree.")))]
#[get("/v1/oauth/authorizations/preview")]
pub async fn preview(
    api: web::Data<Api>,
    caller: Authenticated,
    reader: web::ReqData<Reader>,
    query: Parameters<PreviewQuery>,
) -> Result<HttpResponse, Problem> {
    let PreviewQuery { client_id, redirect_uri, scope } = query.value;
    let asked = Asked { client_id, redirect_uri, scope, enterprise_id: None };
    let question = api.read(|app| async move { app.preview_authorization(&caller.0, asked).await }).await?;
    let question = question.map_err(|faults| Problem::bad_parameters(faults.without_slashes()))?;
    answer::plain(&AuthorizationPreview::new(question, reader.0))
}

/// Let an app act for one
///
/// The answer of the person, given through the client they use, never by an app: makes a code for the app, good for one
/// exchange within 60 seconds. Agreeing again replaces what was agreed to before. `Idempotency-Key` is ignored.
#[utoipa::path(tag = "apps", operation_id = "create_authorization", security(("bearer" = [])), request_body = AuthorizationInput,
    responses((status = 201, description = "Where to send the person's browser.", body = AuthorizationAnswer),
        (status = 403, description = "`not_member` of that enterprise."),
        (status = 404, description = "There is no such enterprise."),
        (status = 409, description = "`app_enterprise_unverified`: only its own members may agree.")))]
#[post("/v1/oauth/authorizations")]
pub async fn authorize(
    api: web::Data<Api>,
    write: Write,
    body: Body<AuthorizationInput>,
) -> Result<HttpResponse, Problem> {
    let (command, consent) = (write.command(&body.digest), body.value.map(Into::into));
    let render = |agreed: &use_cases::Agreed| answer::created(&AuthorizationAnswer::from(agreed));
    api.write(command, async move |tx| use_cases::authorize(tx, consent).await, render).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuthorizationQuery {
    /// Page size.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// List whom one lets act for one
///
/// The apps the caller agreed to, in the order they were first agreed to.
#[utoipa::path(tag = "accounts", operation_id = "list_authorizations", security(("bearer" = [])), params(AuthorizationQuery),
    responses((status = 200, description = "A page.", body = AuthorizationPage)))]
#[get("/v1/accounts/me/authorizations")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    query: Parameters<AuthorizationQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, query.value.limit, query.value.cursor.as_deref())?;
    let (after, fetch) = (paging.after, paging.limit + 1);
    let views = api.read(|app| async move { app.list_authorizations(&caller.0, after, fetch).await }).await?;
    let (views, next_cursor) = paging.finish(&api, views, |view| view.authorization.id)?;
    let items = views.into_iter().map(Authorization::from).collect();
    page::respond(&request, next_cursor.as_deref(), &AuthorizationPage { items, next_cursor: next_cursor.clone() })
}

/// Let an app act for one no longer
///
/// Its tokens are worth nothing from the next request on.
#[utoipa::path(tag = "accounts", operation_id = "revoke_authorization", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The agreement.")),
    responses((status = 204, description = "Taken back.")))]
#[delete("/v1/accounts/me/authorizations/{id}")]
pub async fn revoke(api: web::Data<Api>, write: Write, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let id = path.value.id;
    api.write(write.command(&[0; 32]), async move |tx| use_cases::revoke(tx, id).await, nothing).await
}

/// How apps take tokens
///
/// Metadata of the authorization server (RFC 8414). There is no page for people: the client they use asks them, and tells their
/// answer by `POST /v1/oauth/authorizations`.
#[utoipa::path(tag = "apps", operation_id = "find_oauth_server", security(()),
    responses((status = 200, description = "The metadata.", body = OAuthServer),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/.well-known/oauth-authorization-server")]
pub async fn find_server(request: HttpRequest, api: web::Data<Api>) -> Result<HttpResponse, Problem> {
    let issuer = api.config.public_url.clone().unwrap_or_else(|| {
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        format!("http://{}", host.unwrap_or("localhost"))
    });
    let methods = || vec!["client_secret_basic", "client_secret_post", "none"];
    answer::cacheable(
        &request,
        &OAuthServer {
            token_endpoint: format!("{issuer}/v1/oauth/token"),
            revocation_endpoint: format!("{issuer}/v1/oauth/revoke"),
            service_documentation: format!("{issuer}/docs/"),
            issuer,
            scopes_supported: Scope::VARIANTS.to_vec(),
            response_types_supported: vec!["code"],
            grant_types_supported: vec!["client_credentials", "authorization_code", "refresh_token"],
            token_endpoint_auth_methods_supported: methods(),
            revocation_endpoint_auth_methods_supported: methods(),
            code_challenge_methods_supported: vec!["S256"],
        },
    )
}
