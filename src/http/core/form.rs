//! A body as OAuth 2 wants it, `application/x-www-form-urlencoded`, and the credentials of an app.

use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::LocalBoxFuture;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{self, checked};
use super::problem::Problem;
use crate::app::oauth::Credentials;
use crate::domain::oauth::OAuthError;
use crate::domain::violation::Violations;

/// Each parameter once, of a name the schema knows.
pub struct Form<T>(pub T);

/// `Authorization: Basic`, where there is one.
pub struct Basic(Option<(String, String)>);

impl<T: DeserializeOwned + ToSchema> FromRequest for Form<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            body::require_media_type(&request, &["application/x-www-form-urlencoded"])?;
            let bytes = body::read_bytes(&request, payload).await?;
            let document = fields(&bytes).map_err(invalid)?;
            checked(&request, document).map(Self).map_err(invalid)
        })
    }
}

fn invalid(violations: Violations) -> Problem {
    Problem::oauth(OAuthError::InvalidRequest, "token_request_invalid").with_errors(violations)
}

/// An empty value is the same as leaving the parameter out (RFC 6749, 3.2).
fn fields(bytes: &[u8]) -> Result<Value, Violations> {
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_bytes(bytes).map_err(|_| Violations::one("", "query_unreadable"))?;
    let (mut violations, mut object) = (Violations::new(), Map::new());
    for (name, value) in pairs {
        let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        if value.contains(['\0', char::REPLACEMENT_CHARACTER]) || name.contains('\0') {
            violations.add(pointer, "nul_character");
        } else if object.contains_key(&name) {
            violations.add(pointer, "repeated");
        } else if !value.is_empty() {
            object.insert(name, value.into());
        }
    }
    violations.or_else_value(Value::Object(object))
}

impl FromRequest for Basic {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let given = request.headers().get(header::AUTHORIZATION);
        let read = given.map(|value| value.to_str().ok().and_then(basic).ok_or_else(unknown)).transpose();
        std::future::ready(read.map(Self))
    }
}

fn unknown() -> Problem {
    Problem::oauth(OAuthError::InvalidClient, "client_invalid")
}

/// Name and password, each percent-encoded before (RFC 6749, 2.3.1).
fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, password) = decoded.split_once(':').filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let plain = |text: &str| percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned());
    Some((plain(name)?, plain(password)?))
}

impl Basic {
    /// From the header or the body, never both (RFC 6749, 2.3).
    pub fn or(self, client_id: Option<String>, client_secret: Option<String>) -> Result<Credentials, Problem> {
        let (name, client_secret) = match (self.0, client_id, client_secret) {
            (Some((name, password)), None, None) => (name, Some(password).filter(|password| !password.is_empty())),
            (Some((name, password)), Some(again), None) if again == name => (name, Some(password)),
            (Some(_), _, _) => {
                return Err(Problem::oauth(OAuthError::InvalidRequest, "client_twice"));
            }
            (None, Some(name), secret) => (name, secret),
            (None, None, _) => return Err(unknown()),
        };
        let client_id = name.parse::<Uuid>().map_err(|_| unknown())?;
        Ok(Credentials { client_id, client_secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_basic_credentials_as_clients_send_them() {
        let header = |text: &str| format!("Basic {}", STANDARD.encode(text));
        assert_eq!(basic(&header("a:b:c")), Some(("a".into(), "b:c".into())));
        assert_eq!(basic(&header("a%3Ab:c%20d")), Some(("a:b".into(), "c d".into())));
        for text in ["Basic", "Basic !", "Bearer YTpi", &header("nothing")] {
            assert_eq!(basic(text), None, "{text}");
        }
    }

    #[test]
    fn a_parameter_comes_once() {
        let read =
            |text: &str| fields(text.as_bytes()).map_err(|faults| faults.iter().map(|f| f.code).collect::<Vec<_>>());
        assert_eq!(read("a=b&c=&d=e+f"), Ok(serde_json::json!({"a": "b", "d": "e f"})));
        assert_eq!(read("a=b&a=c"), Err(vec!["repeated"]));
        assert_eq!(read("a=%00&b=%FF"), Err(vec!["nul_character", "nul_character"]));
    }
}
