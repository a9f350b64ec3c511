//! Before routing: method override, which operation this is, its parameters, how often this client may ask, and who asks.

use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};

use super::api::Api;
use super::context::RequestId;
use super::operations::Found;
use super::parameters::Admitted;
use super::problem::Problem;
use super::rate_limit::{Limits, Standing, is_client_endpoint};
use crate::app::tokens::Bearer;
use crate::app::{App, Caller, Origin};
use crate::domain::access::{Rule, Who};

const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

pub async fn admit(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Err(problem) = override_method(&mut request) {
        return Ok(request.error_response(problem));
    }
    if let Some(name) = repeated_header(&request) {
        return Ok(request.error_response(Problem::bad_request("header_repeated", name)));
    }
    if request.path() == "/docs" || request.path().starts_with("/docs/") {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let (Some(api), Some(limits)) = (data::<Api>(&request), data::<Limits>(&request)) else {
        return Ok(request.error_response(Problem::fault("the application is not set up")));
    };
    let bearer = verify(&request, &api).await;
    let mut standing = match limit(&request, &bearer, &limits) {
        Ok(standing) => standing,
        Err(problem) => return Ok(request.error_response(problem)),
    };
    let admitted = match identify(&request, &api) {
        Ok(Identified::Operation(admitted)) => admitted,
        Ok(Identified::Options(allow)) => return Ok(request.into_response(options(&allow))),
        Err(problem) => return Ok(limited(request.error_response(problem), &standing)),
    };
    match admit_caller(&request, bearer, &api, &limits, admitted.rule, &mut standing).await {
        Ok(Some(caller)) => drop(request.extensions_mut().insert(caller)),
        Ok(None) => {}
        Err(problem) => return Ok(limited(request.error_response(problem), &standing)),
    }
    request.extensions_mut().insert(admitted);
    Ok(limited(next.call(request).await?.map_into_boxed_body(), &standing))
}

/// Of two such headers one would be believed by chance.
fn repeated_header(request: &ServiceRequest) -> Option<&'static str> {
    let once = ["authorization", "content-type", "idempotency-key", "x-http-method-override"];
    once.into_iter().find(|name| request.headers().get_all(*name).count() > 1)
}

fn data<T: 'static>(request: &ServiceRequest) -> Option<web::Data<T>> {
    request.app_data::<web::Data<T>>().cloned()
}

/// HEAD answers like GET (the body is left out on the wire); `POST` may stand for `PATCH`.
fn override_method(request: &mut ServiceRequest) -> Result<(), Problem> {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let Some(wanted) = request.headers().get(METHOD_OVERRIDE).cloned() else { return Ok(()) };
    if request.method() == Method::POST && wanted.as_bytes().eq_ignore_ascii_case(b"PATCH") {
        request.head_mut().method = Method::PATCH;
        return Ok(());
    }
    Err(Problem::bad_header("X-HTTP-Method-Override"))
}

enum Identified {
    Operation(Admitted),
    Options(String),
}

fn identify(request: &ServiceRequest, api: &Api) -> Result<Identified, Problem> {
    match api.operations.find(request.method().as_str(), request.path()) {
        Found::Operation { operation, path_parameters } => {
            let parameters = operation.parameters(path_parameters, request.query_string());
            let parameters = parameters.map_err(Problem::bad_parameters)?;
            Ok(Identified::Operation(Admitted { rule: operation.rule, parameters }))
        }
        Found::OtherMethods(methods) if request.method() == Method::OPTIONS => {
            Ok(Identified::Options(methods.join(", ")))
        }
        Found::OtherMethods(methods) => {
            let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed");
            Err(problem.with("allowed", methods.join(", ")).header(header::ALLOW, methods.join(", ")))
        }
        Found::Nothing => Err(Problem::new(StatusCode::NOT_FOUND, "path_unknown")),
    }
}

fn options(allow: &str) -> HttpResponse {
    HttpResponse::NoContent().insert_header((header::ALLOW, allow)).finish()
}

fn bearer(request: &ServiceRequest) -> Result<Option<&str>, Problem> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    if is_client_endpoint(request.path()) {
        return Ok(None);
    }
    let token = value.to_str().ok().and_then(|text| text.split_once(' '));
    match token {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(Problem::unauthenticated("token_invalid")),
    }
}

/// Whom the token names, if there is one. A signature suffices to say whose quota it is; whether the session still stands is
/// asked afterwards.
async fn verify(request: &ServiceRequest, api: &Api) -> Result<Option<Bearer>, Problem> {
    let Some(token) = bearer(request)? else { return Ok(None) };
    Ok(Some(api.app.verify_token(token).await?))
}

fn limit(
    request: &ServiceRequest,
    bearer: &Result<Option<Bearer>, Problem>,
    limits: &Limits,
) -> Result<Option<Standing>, Problem> {
    let session = bearer.as_ref().ok().and_then(|bearer| bearer.as_ref().map(|bearer| bearer.session_id));
    limits.check(request.method(), request.path(), session, limits.client_address(request))
}

/// Who asks, if they may at all; an app's request is counted first.
async fn admit_caller(
    request: &ServiceRequest,
    bearer: Result<Option<Bearer>, Problem>,
    api: &Api,
    limits: &Limits,
    rule: &'static Rule,
    standing: &mut Option<Standing>,
) -> Result<Option<Caller>, Problem> {
    let Some(caller) = authenticate(request, bearer, api, limits, rule).await? else { return Ok(None) };
    if let Some(app) = caller.app {
        let granted = api.app.app_usage.granted_today(app.id);
        let today = limits.check_day(granted, app.requests_per_day);
        let counted = today.and_then(|()| limits.check_app(app.id, app.requests_per_minute));
        api.app.app_usage.add(app.id, counted.is_err());
        *standing = counted?.or(standing.take());
    }
    let admitted = async move |app: Arc<App>| {
        app.admit(&caller).await?;
        Ok(caller)
    };
    api.read(admitted).await.map(Some)
}

async fn authenticate(
    request: &ServiceRequest,
    bearer: Result<Option<Bearer>, Problem>,
    api: &Api,
    limits: &Limits,
    rule: &'static Rule,
) -> Result<Option<Caller>, Problem> {
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let origin = Origin { request_id, address: Some(limits.client_address(request)) };
    request.extensions_mut().insert(origin.clone());
    let Some(bearer) = bearer? else {
        return if rule.who == Who::Anyone { Ok(None) } else { Err(Problem::unauthenticated("token_required")) };
    };
    let known = async move |app: Arc<App>| app.authenticate(bearer, rule, origin).await;
    api.read(known).await.map(Some)
}

fn limited(mut response: ServiceResponse<BoxBody>, standing: &Option<Standing>) -> ServiceResponse<BoxBody> {
    if let Some(standing) = standing {
        standing.write_to(response.headers_mut());
    }
    response
}
