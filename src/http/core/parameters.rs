//! Path and query parameters, already checked against the document when a handler asks for them.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::problem::Problem;
use crate::domain::access::Rule;

/// What the `admit` middleware found: the operation and its parameters by name.
#[derive(Clone)]
pub struct Admitted {
    /// Who may call the operation; also names it.
    pub rule: &'static Rule,
    pub parameters: Value,
}

/// Parameters of path and query, as `T`.
pub struct Parameters<T> {
    pub value: T,
    /// Names the list a cursor of this request belongs to.
    pub scope: String,
}

/// `{id}` of the path.
#[derive(Deserialize)]
pub struct Id {
    pub id: uuid::Uuid,
}

impl<T: DeserializeOwned> FromRequest for Parameters<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(admitted) = request.extensions().get::<Admitted>().cloned() else {
            return ready(Err(Problem::fault("an operation outside the document asked for its parameters")));
        };
        let scope = super::cursor::scope(admitted.rule.operation, &admitted.parameters);
        let value = serde_json::from_value(admitted.parameters);
        ready(
            value.map(|value| Self { value, scope }).map_err(|error| Problem::bad_request("parameters_invalid", error)),
        )
    }
}
