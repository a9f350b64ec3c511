//! What comes with a write besides its body: who writes, `Idempotency-Key`, `If-Match`.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use utoipa::IntoParams;

use super::problem::Problem;
use crate::app::idempotency::Key;
use crate::app::secrets::sha256;
use crate::app::transaction::IfMatch;
use crate::app::{Caller, Command};

/// The caller of an operation that needs one.
pub struct Authenticated(pub Caller);

impl FromRequest for Authenticated {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = request.extensions().get::<Caller>().cloned();
        ready(caller.map(Self).ok_or_else(|| Problem::unauthenticated("token_required")))
    }
}

/// The caller where there is one.
pub struct MaybeAuthenticated(pub Option<Caller>);

impl FromRequest for MaybeAuthenticated {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.extensions().get::<Caller>().cloned())))
    }
}

/// Headers of a write that creates something.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code)]
pub struct RetryHeaders {
    /// Chosen by the client; the same key with the same request is answered with the stored answer for 7 days.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 255,
        pattern = r"^[\x21-\x7e]+$",
        example = "0192f0c1-listing-1"
    )]
    idempotency_key: Option<String>,
}

/// Headers of a write that changes an existing resource.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code)]
pub struct ChangeHeaders {
    /// The ETag the client saw; its version part (`"7"`) or `*` suffices. 428 without it, 412 when it is stale.
    #[param(rename = "If-Match", max_length = 512, example = "\"7\"")]
    if_match: Option<String>,
    /// Chosen by the client; the same key with the same request is answered with the stored answer for 7 days.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 255,
        pattern = r"^[\x21-\x7e]+$",
        example = "0192f0c1-listing-1"
    )]
    idempotency_key: Option<String>,
}

/// The header of a transition whose body holds a secret: it is never stored for retries.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code)]
pub struct VersionHeader {
    /// The ETag the client saw; its version part (`"7"`) or `*` suffices. 428 without it, 412 when it is stale.
    #[param(rename = "If-Match", max_length = 512, example = "\"7\"")]
    if_match: Option<String>,
}

/// An authenticated write.
pub struct Write {
    pub caller: Caller,
    key: Option<String>,
    if_match: Option<IfMatch>,
    /// Method, path and query.
    target: String,
}

impl Write {
    /// `digest` is that of the body; all zeros where there is none.
    pub fn command(self, digest: &[u8; 32]) -> Command {
        let fingerprint = sha256(&[self.target.as_bytes(), digest].concat());
        let idempotency = self.key.map(|key| Key { key, fingerprint });
        Command { caller: self.caller, idempotency, if_match: self.if_match }
    }
}

impl FromRequest for Write {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request))
    }
}

fn read(request: &HttpRequest) -> Result<Write, Problem> {
    let caller = request.extensions().get::<Caller>().cloned();
    Ok(Write {
        caller: caller.ok_or_else(|| Problem::unauthenticated("token_required"))?,
        key: text(request, "Idempotency-Key")?.map(idempotency_key).transpose()?,
        if_match: text(request, "If-Match")?.map(if_match).transpose()?,
        target: format!("{} {}", request.method(), request.uri()),
    })
}

fn text<'r>(request: &'r HttpRequest, name: &'static str) -> Result<Option<&'r str>, Problem> {
    let value = request.headers().get(name);
    value.map(|value| value.to_str().map_err(|_| Problem::bad_header(name))).transpose()
}

fn idempotency_key(text: &str) -> Result<String, Problem> {
    let visible = (1..=255).contains(&text.len()) && text.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
    if visible { Ok(text.to_owned()) } else { Err(Problem::bad_header("Idempotency-Key")) }
}

/// Reads `"7-hash"`, `"7"`, `W/"7-hash"`, bare `7`, a list of these, or `*`.
fn if_match(text: &str) -> Result<IfMatch, Problem> {
    if text.trim() == "*" {
        return Ok(IfMatch::Any);
    }
    let version = |tag: &str| {
        let bare = tag.trim().trim_start_matches("W/").trim_matches('"');
        bare.split('-').next().and_then(|version| version.parse::<i32>().ok())
    };
    let versions: Option<Vec<i32>> = text.split(',').map(version).collect();
    versions.map(IfMatch::Versions).ok_or_else(|| Problem::bad_header("If-Match"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_etags_as_clients_send_them() {
        for (text, versions) in
            [("\"7-abc\"", vec![7]), ("\"7\"", vec![7]), ("W/\"3-x\", \"4-y\"", vec![3, 4]), ("5", vec![5])]
        {
            assert_eq!(if_match(text).ok(), Some(IfMatch::Versions(versions)), "{text}");
        }
        assert_eq!(if_match("*").ok(), Some(IfMatch::Any));
        for text in ["", "\"\"", "abc", "\"99999999999\"", ","] {
            assert!(if_match(text).is_err(), "{text}");
        }
    }
}
