//! Successful answers: JSON with an ETag, conditional GET, cursor pages.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentEncoding, HeaderMap};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::app::Error;
use crate::app::idempotency::Answer;
use crate::app::secrets::sha256;

fn json(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|error| Error::Fault(error.to_string()))
}

/// `"<version>-<hash>"`: the version rises with edits and transitions, the hash covers all else this reader sees.
fn etag(version: i32, body: &[u8]) -> String {
    format!("\"{version}-{}\"", short_hash(body))
}

fn short_hash(body: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(&sha256(body)[..9])
}

/// The answer of a write to a versioned resource.
pub fn versioned(
    status: StatusCode,
    version: i32,
    location: Option<String>,
    value: &impl Serialize,
) -> Result<Answer, Error> {
    let body = json(value)?;
    let mut headers = vec![
        (header::CONTENT_TYPE.to_string(), "application/json".to_owned()),
        (header::ETAG.to_string(), etag(version, &body)),
    ];
    headers.extend(location.map(|location| (header::LOCATION.to_string(), location)));
    Ok(Answer { status: status.as_u16(), headers, body, replayed: false })
}

/// The answer of a write that made several things.
pub fn created(value: &impl Serialize) -> Result<Answer, Error> {
    let headers = vec![(header::CONTENT_TYPE.to_string(), "application/json".to_owned())];
    Ok(Answer { status: StatusCode::CREATED.as_u16(), headers, body: json(value)?, replayed: false })
}

/// The answer of a write to something without versions.
pub fn done(value: &impl Serialize) -> Result<Answer, Error> {
    Ok(Answer { status: StatusCode::OK.as_u16(), ..created(value)? })
}

/// Turns a finished answer into a response.
pub fn respond(answer: Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    for (name, value) in answer.headers {
        response.insert_header((name, value));
    }
    if answer.replayed {
        response.insert_header(("Idempotency-Replayed", "true"));
    }
    uncompressed(&mut response);
    response.body(answer.body)
}

/// GET of a versioned resource: 304 when `If-None-Match` names what would be sent.
pub fn read(
    request: &HttpRequest,
    version: i32,
    value: &impl Serialize,
) -> Result<HttpResponse, super::problem::Problem> {
    let body = json(value)?;
    let tag = etag(version, &body);
    let mut response = conditional(request, &tag);
    uncompressed(&mut response);
    response.insert_header((header::VARY, "Authorization, Accept-Language"));
    Ok(finish(request, response, &tag, body))
}

/// GET of something public and slow to change: a weak tag, so that it may be compressed, and cacheable.
pub fn cacheable(request: &HttpRequest, value: &impl Serialize) -> Result<HttpResponse, super::problem::Problem> {
    let body = json(value)?;
    let tag = format!("W/\"{}\"", short_hash(&body));
    let mut response = conditional(request, &tag);
    response.insert_header((header::CACHE_CONTROL, "public, max-age=300"));
    response.insert_header((header::VARY, "Accept-Language, Accept-Encoding"));
    Ok(finish(request, response, &tag, body))
}

/// GET of a list or a computed answer: no validator, compressible.
pub fn plain(value: &impl Serialize) -> Result<HttpResponse, super::problem::Problem> {
    let body = json(value)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::VARY, "Authorization, Accept-Language"));
    Ok(response.content_type("application/json").body(body))
}

fn conditional(request: &HttpRequest, tag: &str) -> actix_web::HttpResponseBuilder {
    let status = if matches_any(request.headers(), tag) { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    HttpResponse::build(status)
}

fn finish(_: &HttpRequest, mut response: actix_web::HttpResponseBuilder, tag: &str, body: Vec<u8>) -> HttpResponse {
    response.insert_header((header::ETAG, tag.to_owned()));
    let built = response.finish();
    if built.status() == StatusCode::NOT_MODIFIED {
        return built;
    }
    let mut built = built.set_body(actix_web::body::BoxBody::new(body));
    built.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    built
}

/// `If-None-Match` compares weakly (RFC 9110 13.1.2).
fn matches_any(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = |t: &str| t.trim().trim_start_matches("W/").to_owned();
    headers
        .get_all(header::IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|candidate| candidate.trim() == "*" || opaque(candidate) == opaque(tag))
}

/// A strong tag names these very bytes, so they are sent as they are; the context middleware takes the mark off again.
fn uncompressed(response: &mut actix_web::HttpResponseBuilder) {
    response.insert_header(ContentEncoding::Identity);
}
