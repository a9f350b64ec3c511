//! The outermost middleware: request id, language, log line, metrics, security headers, and every failure as a problem
//! document in the reader's language.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use futures_util::FutureExt;
use tracing::Instrument;
use uuid::Uuid;

use super::api::Api;
use super::parameters::Admitted;
use super::problem::{Occasion, Problem};
use crate::domain::message::Language;

/// On every answer of a sandbox, so that nobody takes it for the market.
const ENVIRONMENT: HeaderName = HeaderName::from_static("x-duijie-environment");
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The language of the reader, in the request's extensions.
#[derive(Clone, Copy)]
pub struct Reader(pub Language);

/// The id of the request, in its extensions.
#[derive(Clone)]
pub struct RequestId(pub String);

pub async fn context(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let request_id = request_id(request.headers());
    let language = language(request.headers());
    let (method, path) = (request.method().to_string(), request.path().to_owned());
    request.extensions_mut().insert(Reader(language));
    request.extensions_mut().insert(RequestId(request_id.clone()));
    let trace = trace_id(request.headers()).unwrap_or_default();
    let span = tracing::info_span!("request", %request_id, %method, %path, trace_id = trace);
    let outcome = AssertUnwindSafe(next.call(request).instrument(span.clone())).catch_unwind().await;
    let _entered = span.enter();
    let response = match outcome {
        Ok(Ok(response)) => response.map_into_boxed_body(),
        Ok(Err(error)) => return Err(error),
        Err(_) => return Err(Problem::fault("a handler panicked").into()),
    };
    let sandbox = response.request().app_data::<web::Data<Api>>().is_some_and(|api| api.is_sandbox());
    let occasion = Occasion { language, request_id: &request_id, path: &path };
    let mut response = with_problem(response, &occasion);
    add_headers(response.headers_mut(), &request_id, &path);
    if sandbox {
        response.headers_mut().insert(ENVIRONMENT, HeaderValue::from_static("sandbox"));
    }
    observe(&response, &method, started);
    Ok(response)
}

/// A client's own id when it is harmless, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let harmless = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    given.filter(harmless).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

fn language(headers: &HeaderMap) -> Language {
    let accept = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::negotiate(accept.unwrap_or(""))
}

/// The trace id of a W3C `traceparent`.
fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let parts: Vec<&str> = headers.get("traceparent")?.to_str().ok()?.split('-').collect();
    let hex = |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
    (parts.len() == 4 && hex(parts[1], 32) && hex(parts[2], 16)).then_some(parts[1])
}

fn with_problem(response: ServiceResponse<BoxBody>, occasion: &Occasion<'_>) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let problem = response.response().error().and_then(|error| error.as_error::<Problem>().cloned());
    let problem = problem.unwrap_or_else(|| Problem::new(status, generic_code(status)));
    let (request, old) = response.into_parts();
    let mut new = problem.respond(occasion);
    // CORS, rate limit and Allow were set on the way out and still hold.
    for (name, value) in old.headers() {
        let replaced = [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING].contains(name);
        if !replaced && !new.headers().contains_key(name) {
            new.headers_mut().append(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, new)
}

/// For what the framework refused by itself.
fn generic_code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::NOT_ACCEPTABLE => "encoding_not_acceptable",
        StatusCode::PAYLOAD_TOO_LARGE => "body_too_large",
        status if status.is_server_error() => "internal",
        _ => "request_unreadable",
    }
}

fn add_headers(headers: &mut HeaderMap, request_id: &str, path: &str) {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "identity") {
        headers.remove(header::CONTENT_ENCODING);
    }
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(REQUEST_ID, request_id);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    let docs = path.starts_with("/docs");
    set(header::CONTENT_SECURITY_POLICY, if docs { DOCS_POLICY } else { "default-src 'none'; frame-ancestors 'none'" });
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    }
}

/// The browsable document runs its own scripts and nothing else's.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                           img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

fn observe(response: &ServiceResponse<BoxBody>, method: &str, started: Instant) {
    let (elapsed, status) = (started.elapsed(), response.status().as_u16());
    let admitted = response.request().extensions().get::<Admitted>().map(|admitted| admitted.rule.operation);
    let operation = admitted.unwrap_or("none");
    tracing::info!(status, operation, elapsed_ms = elapsed.as_millis() as u64, "answered");
    let labels = [
        ("http_request_method", known_method(method).to_owned()),
        ("operation", operation.to_owned()),
        ("http_response_status_code", status.to_string()),
    ];
    metrics::histogram!("http_server_request_duration_seconds", &labels).record(elapsed.as_secs_f64());
}

/// A label has few values, whatever clients invent.
fn known_method(method: &str) -> &str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    if KNOWN.contains(&method) { method } else { "_OTHER" }
}
