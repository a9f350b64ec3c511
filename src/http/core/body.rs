//! The JSON body of a request: bounded in size and time, read strictly, checked against its schema.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use super::api::Api;
use super::problem::Problem;
use super::strict_json::Unreadable;
use super::{datum, strict_json};
use crate::app::secrets::sha256;
use crate::domain::violation::Violations;

/// A body longer than this is answered with 413.
pub const MAX_BYTES: usize = 1 << 20;
/// A body must have arrived within this time: the server's own limit covers only the head of a request.
const MAX_TIME: Duration = Duration::from_secs(10);

/// A body that is JSON. Whether it is also valid is asked later, after authorisation and the retry key.
pub struct Body<T> {
    pub value: Result<T, Violations>,
    /// Of the canonical form, for the fingerprint of a retry.
    pub digest: [u8; 32],
}

/// A body that may be left out altogether.
pub struct OptionalBody<T> {
    pub value: Result<Option<T>, Violations>,
    pub digest: [u8; 32],
}

/// A merge patch (RFC 7396); the result of applying it is checked, not the patch itself.
pub struct Patch {
    pub value: Value,
    pub digest: [u8; 32],
}

impl<T: DeserializeOwned + ToSchema> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            require_media_type(&request, &["application/json"])?;
            let document = read(&request, payload).await?;
            let digest = sha256(document.to_string().as_bytes());
            Ok(Self { value: checked(&request, document), digest })
        })
    }
}

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for OptionalBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            if !has_body(&request) {
                return Ok(Self { value: Ok(None), digest: [0; 32] });
            }
            let body = Body::<T>::from_request(&request, &mut payload).await?;
            Ok(Self { value: body.value.map(Some), digest: body.digest })
        })
    }
}

fn has_body(request: &HttpRequest) -> bool {
    let length = request.headers().get(header::CONTENT_LENGTH);
    length.is_some_and(|length| length != "0") || request.headers().contains_key(header::TRANSFER_ENCODING)
}

impl FromRequest for Patch {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            require_media_type(&request, &["application/merge-patch+json", "application/json"])?;
            let value = read(&request, payload).await?;
            let digest = sha256(value.to_string().as_bytes());
            Ok(Self { value, digest })
        })
    }
}

impl Patch {
    /// The body itself, nulls and all, where it fits the schema of that name.
    pub fn checked(self, api: &Api, schema: &str) -> Result<Value, Violations> {
        let violations = api.schemas.check(schema, &self.value);
        violations.or_else_value(self.value)
    }

    /// The document `present` becomes, checked as if it had been written anew.
    pub fn apply<T: Serialize + DeserializeOwned + ToSchema>(self, api: &Api, present: &T) -> Result<T, Violations> {
        let mut patch = self.value;
        if !patch.is_object() {
            return Err(Violations::one("", "not_an_object"));
        }
        let name = T::name().replace("Input", "Patch");
        let violations = api.schemas.check(&name, &patch);
        if !violations.is_empty() {
            return Err(violations);
        }
        datum::to_wgs84(&mut patch)?;
        let mut document = serde_json::to_value(present).unwrap_or_default();
        json_patch::merge(&mut document, &patch);
        check(api, document)
    }
}

/// Checks a document against the schema of `T` and reads it.
pub fn check<T: DeserializeOwned + ToSchema>(api: &Api, document: Value) -> Result<T, Violations> {
    let violations = api.schemas.check(&T::name(), &document);
    if !violations.is_empty() {
        return Err(violations);
    }
    let mut document = document;
    datum::to_wgs84(&mut document)?;
    without_nulls(&mut document);
    // The schema admits nothing serde refuses; should they differ all the same, the reader gets 422 and the log the cause.
    serde_json::from_value(document).map_err(|error| {
        tracing::error!(%error, schema = %T::name(), "the schema admits what the type refuses");
        Violations::one("", "malformed")
    })
}

/// A null means the same as leaving the field out.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.retain(|_, value| !value.is_null());
            object.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

pub(super) fn checked<T: DeserializeOwned + ToSchema>(request: &HttpRequest, document: Value) -> Result<T, Violations> {
    match request.app_data::<web::Data<Api>>() {
        Some(api) => check(api, document),
        None => Err(Violations::one("", "malformed")),
    }
}

pub(super) fn require_media_type(request: &HttpRequest, allowed: &[&str]) -> Result<(), Problem> {
    let essence = request.content_type();
    let charset_ok = matches!(request.encoding(), Ok(encoding) if encoding.name() == "UTF-8");
    if allowed.iter().any(|media| essence.eq_ignore_ascii_case(media)) && charset_ok {
        return Ok(());
    }
    let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type_unsupported");
    Err(problem.with("allowed", allowed.join(", ")).header(header::ACCEPT, allowed.join(", ")))
}

async fn read(request: &HttpRequest, payload: Payload) -> Result<Value, Problem> {
    let bytes = read_bytes(request, payload).await?;
    strict_json::parse(&bytes).map_err(|Unreadable { case, what, line, column }| {
        let problem = Problem::new(StatusCode::BAD_REQUEST, "json_malformed").with("case", case).with("what", what);
        problem.with("line", line.to_string()).with("column", column.to_string())
    })
}

/// As they came, bounded in size and time.
pub(super) async fn read_bytes(request: &HttpRequest, payload: Payload) -> Result<Vec<u8>, Problem> {
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_encoding_unsupported"));
    }
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: usize| length > MAX_BYTES) {
        return Err(too_large());
    }
    match tokio::time::timeout(MAX_TIME, collect(payload)).await {
        Ok(bytes) => bytes,
        Err(_) => {
            let problem = Problem::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow");
            Err(problem.header(header::CONNECTION, "close"))
        }
    }
}

async fn collect(mut payload: Payload) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Problem::bad_request("body_unreadable", error))?;
        if bytes.len() + chunk.len() > MAX_BYTES {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn too_large() -> Problem {
    let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large");
    problem.with("maximum", MAX_BYTES.to_string()).header(header::CONNECTION, "close")
}
