//! Public keys on the wire (RFC 7517, RFC 8037).

use serde::Serialize;
use utoipa::ToSchema;

/// A JWK set.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "9Zc1Tz0rW6hVvP4k",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}))]
pub struct JwkSet {
    #[schema(max_items = 100)]
    pub keys: Vec<Jwk>,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "9Zc1Tz0rW6hVvP4k",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}))]
pub struct Jwk {
    #[schema(max_length = 10)]
    kty: &'static str,
    #[schema(max_length = 10)]
    crv: &'static str,
    #[schema(max_length = 10)]
    alg: &'static str,
    #[serde(rename = "use")]
    #[schema(max_length = 10)]
    usage: &'static str,
    /// As in the head of a token.
    #[schema(max_length = 64)]
    kid: String,
    /// The public key, base64url.
    #[schema(max_length = 64)]
    x: String,
}

impl Jwk {
    pub fn new(kid: &str, x: &str) -> Self {
        let (kid, x) = (kid.to_owned(), x.to_owned());
        Self { kty: "OKP", crv: "Ed25519", alg: "EdDSA", usage: "sig", kid, x }
    }
}
