//! `/.well-known/jwks.json`

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::Utc;

use super::core::answer;
use super::core::api::Api;
use super::core::problem::Problem;
use super::wire::key::{Jwk, JwkSet};

/// Read the public keys of access tokens
///
/// A JWK set (RFC 7517) of the Ed25519 keys whose tokens hold at present: the one that signs, and those rotated out lately. Who
/// meets a token with a `kid` that is not here asks again.
#[utoipa::path(tag = "accounts", operation_id = "list_keys", security(()),
    responses((status = 200, description = "The keys.", body = JwkSet),
        (status = 304, description = "Not changed since `If-None-Match`.")))]
#[get("/.well-known/jwks.json")]
pub async fn list(request: HttpRequest, api: web::Data<Api>) -> Result<HttpResponse, Problem> {
    let ring = api.app.keys();
    let keys = ring.live(Utc::now()).map(|key| Jwk::new(&key.id, &key.public)).collect();
    answer::cacheable(&request, &JwkSet { keys })
}
