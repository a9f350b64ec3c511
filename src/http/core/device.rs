//! What a request comes from, for handlers that let somebody in.

use std::future::{Ready, ready};

use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};

use super::context::Reader;
use super::problem::Problem;
use crate::app::{Device, Origin};

/// Of a `User-Agent`, in characters: enough to tell devices apart.
const LONGEST_NAME: usize = 200;

pub struct From(pub Device);

impl FromRequest for From {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let name = agent.unwrap_or_default().chars().take(LONGEST_NAME).collect();
        let Origin { address, request_id } = request.extensions().get::<Origin>().cloned().unwrap_or_default();
        let language = request.extensions().get::<Reader>().map_or_else(Default::default, |reader| reader.0);
        ready(Ok(Self(Device { address, request_id, name, language })))
    }
}
