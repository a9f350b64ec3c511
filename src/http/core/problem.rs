//! Problem documents (RFC 9457): every answer that is not a success.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Value, json};

use crate::app;
use crate::domain::message::{self, Language};
use crate::domain::oauth::OAuthError;
use crate::domain::violation::{Params, Violations};
use crate::http::health::IndexLag;

/// A problem document stays small, whatever the request was: so many errors, and texts so long, in characters.
pub const MAX_ERRORS: usize = 1000;
pub const MAX_TEXT: usize = 2000;

fn clipped(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT - 1) {
        Some((end, _)) if text[end..].chars().nth(1).is_some() => format!("{}…", &text[..end]),
        _ => text.to_owned(),
    }
}

/// What went wrong, before it is put into the reader's language.
#[derive(Debug, Clone)]
pub struct Problem {
    pub status: StatusCode,
    /// Stable; the key of its text in the catalogue.
    pub code: &'static str,
    params: Params,
    errors: Violations,
    /// Whether `errors` point into the body or name query parameters.
    errors_in: ErrorsIn,
    headers: Vec<(HeaderName, String)>,
    /// The `error` of OAuth 2, at its endpoints.
    oauth: Option<&'static str>,
    /// How far this process is behind, where that is the problem.
    index: Option<Box<IndexLag>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ErrorsIn {
    Body,
    Parameters,
}

/// What a problem document says of the request it answers.
pub struct Occasion<'a> {
    pub language: Language,
    pub request_id: &'a str,
    pub path: &'a str,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        let (params, errors) = (Params::new(), Violations::new());
        Self { status, code, params, errors, errors_in: ErrorsIn::Body, headers: Vec::new(), oauth: None, index: None }
    }

    pub fn bad_request(code: &'static str, detail: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code).with("detail", detail.to_string())
    }

    pub fn bad_header(name: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "header_invalid").with("case", name)
    }

    /// 400 for parameters of the path or query; each violation's pointer is the bare parameter name.
    pub fn bad_parameters(errors: Violations) -> Self {
        let problem = Self::new(StatusCode::BAD_REQUEST, "parameters_invalid");
        Self { errors, errors_in: ErrorsIn::Parameters, ..problem }
    }

    pub fn invalid(errors: Violations) -> Self {
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid") }
    }

    pub fn unauthenticated(code: &'static str) -> Self {
        let challenge = if code == "token_required" { "Bearer" } else { "Bearer error=\"invalid_token\"" };
        Self::new(StatusCode::UNAUTHORIZED, code).header(header::WWW_AUTHENTICATE, challenge)
    }

    pub fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy").header(header::RETRY_AFTER, "2")
    }

    /// A refusal of RFC 6749 (5.2); `code` says more than its `error`.
    pub fn oauth(error: OAuthError, code: &'static str) -> Self {
        let problem = match error {
            OAuthError::InvalidClient => {
                let challenge = "Basic realm=\"duijie\"";
                Self::new(StatusCode::UNAUTHORIZED, code).header(header::WWW_AUTHENTICATE, challenge)
            }
            _ => Self::new(StatusCode::BAD_REQUEST, code),
        };
        Self { oauth: Some(error.into()), ..problem }
    }

    pub fn with_errors(self, errors: Violations) -> Self {
        Self { errors, ..self }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.params.insert(name, value.into());
        self
    }

    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The document, in the reader's language.
    pub fn document(&self, occasion: &Occasion<'_>) -> Value {
        let language = occasion.language;
        let status_title = format!("status_{}", self.status.as_u16());
        let mut document = json!({
            "type": format!("urn:duijie:problem:{}", self.code),
            "title": message::text(&status_title, &Params::new(), language),
            "status": self.status.as_u16(),
            "detail": clipped(&message::text(self.code, &self.params, language)),
            "instance": clipped(occasion.path),
            "code": self.code,
            "request_id": occasion.request_id,
        });
        if !self.errors.is_empty() {
            let name = if self.errors_in == ErrorsIn::Body { "pointer" } else { "parameter" };
            let errors = self.errors.iter().take(MAX_ERRORS).map(|violation| {
                json!({ name: clipped(&violation.pointer), "code": violation.code,
                    "detail": clipped(&message::text(violation.code, &violation.params, language)) })
            });
            document["errors"] = errors.collect();
        }
        if let Some(error) = self.oauth {
            document["error"] = error.into();
            // RFC 6749 admits ASCII only here.
            document["error_description"] = message::text(self.code, &self.params, Language::En).into();
        }
        if let Some(index) = &self.index {
            document["index"] = json!(index);
        }
        document
    }

    pub fn respond(&self, occasion: &Occasion<'_>) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        response.insert_header((header::CONTENT_LANGUAGE, occasion.language.tag()));
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.insert_header((name.clone(), value));
            }
        }
        response.body(self.document(occasion).to_string())
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status.as_u16(), self.code)
    }
}

/// The context middleware puts it into the reader's language; this rendering is for what never reaches it.
impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        self.respond(&Occasion { language: Language::default(), request_id: "", path: "" })
    }
}

impl From<app::Error> for Problem {
    fn from(error: app::Error) -> Self {
        use app::Error;
        match error {
            Error::NotFound => Self::new(StatusCode::NOT_FOUND, "not_found"),
            Error::Unauthenticated(code) => Self::unauthenticated(code),
            Error::Forbidden(code) => Self::new(StatusCode::FORBIDDEN, code),
            Error::ScopeMissing(None) => Self::new(StatusCode::FORBIDDEN, "no_app"),
            Error::ScopeMissing(Some(scope)) => {
                let scope = <&str>::from(scope);
                let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
                let problem = Self::new(StatusCode::FORBIDDEN, "insufficient_scope").with("scope", scope);
                problem.header(header::WWW_AUTHENTICATE, challenge)
            }
            Error::OAuth(error, code) => Self::oauth(error, code),
            Error::Throttled { seconds } => {
                let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_tries");
                problem.with("seconds", seconds.to_string()).header(header::RETRY_AFTER, seconds.to_string())
            }
            Error::Conflict(code, params) => Self { params, ..Self::new(StatusCode::CONFLICT, code) },
            Error::Invalid(violations) => Self::invalid(violations),
            Error::InvalidParameters(violations) => Self::bad_parameters(violations),
            Error::VersionRequired => Self::new(StatusCode::PRECONDITION_REQUIRED, "if_match_required"),
            Error::VersionStale { current } => {
                Self::new(StatusCode::PRECONDITION_FAILED, "version_stale").with("current", current.to_string())
            }
            Error::IdempotencyMismatch => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused"),
            Error::IdempotencyInFlight => {
                Self::new(StatusCode::CONFLICT, "idempotency_key_in_flight").header(header::RETRY_AFTER, "1")
            }
            Error::TooOften { code, maximum, seconds } => Self::new(StatusCode::TOO_MANY_REQUESTS, code)
                .with("maximum", maximum.to_string())
                .with("seconds", seconds.to_string())
                .header(header::RETRY_AFTER, seconds.to_string()),
            Error::Busy(detail) => {
                tracing::warn!(detail, "busy");
                Self::busy()
            }
            Error::Behind(lag) => {
                let problem =
                    Self::new(StatusCode::SERVICE_UNAVAILABLE, "index_behind").header(header::RETRY_AFTER, "2");
                let problem = problem.with("behind", lag.behind.to_string());
                let problem = problem.with("seconds", format!("{:.1}", lag.behind_seconds));
                Self { index: Some(Box::new(lag.into())), ..problem }
            }
            Error::Replayed(_) => Self::fault("a replayed answer reached the error path"),
            Error::Fault(detail) => Self::fault(&detail),
        }
    }
}

impl Problem {
    /// Code and text of a refusal, for a list of outcomes: of several faults the first.
    pub fn told(error: &app::Error, language: Language) -> (&'static str, String) {
        use app::Error;
        let none = Params::new();
        let (code, params) = match error {
            Error::NotFound => ("not_found", &none),
            Error::Forbidden(code) => (*code, &none),
            Error::Conflict(code, params) => (*code, params),
            Error::Invalid(violations) => {
                violations.iter().next().map_or(("invalid", &none), |fault| (fault.code, &fault.params))
            }
            Error::VersionStale { current } => {
                let params = [("current", current.to_string())].into();
                return ("version_stale", message::text("version_stale", &params, language));
            }
            _ => ("internal", &none),
        };
        (code, clipped(&message::text(code, params, language)))
    }

    /// 500. The detail goes to the log only.
    pub fn fault(detail: &str) -> Self {
        tracing::error!(detail, "fault");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
    }
}
