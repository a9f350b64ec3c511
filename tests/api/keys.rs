//! Keys of access tokens: published, rotated, and no forgery gets past them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use duijie::app::tokens::Bearer;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::sessions::caller_of;
use crate::support::{Response, TestApp};

async fn me(app: &TestApp, access_token: &str) -> Response {
    app.anonymous().with_token(access_token).get("/v1/accounts/me").await
}

async fn published(app: &TestApp) -> Value {
    app.anonymous().get("/.well-known/jwks.json").await.expect(200).json()
}

fn key_id(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

/// The id and the private half of the key that signs, as only the installation's secret opens it.
async fn signing_key(app: &TestApp) -> (String, EncodingKey) {
    let id = app.database.value("SELECT id FROM signing_keys WHERE retired_at IS NULL").await;
    let hex = app.database.value("SELECT encode(sealed, 'hex') FROM signing_keys WHERE retired_at IS NULL").await;
    let sealed: Vec<u8> = (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
    let private = app.inner().secrets.open("signing-key-1", id.as_bytes(), &sealed).unwrap();
    (id, ed25519(&private))
}

fn ed25519(private: &[u8]) -> EncodingKey {
    let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    EncodingKey::from_ed_der(&[&head[..], private].concat())
}

#[tokio::test]
async fn others_can_check_a_token_with_the_published_key() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let document = published(&app).await;
    let set: JwkSet = serde_json::from_value(document.clone()).unwrap();
    let header = jsonwebtoken::decode_header(member.access_token()).unwrap();
    assert_eq!((header.alg, header.typ.as_deref()), (Algorithm::EdDSA, Some("at+jwt")));
    let key = DecodingKey::from_jwk(set.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&["duijie"]);
    let claims = jsonwebtoken::decode::<Value>(member.access_token(), &key, &validation).unwrap().claims;
    for name in ["iss", "aud", "sub", "exp", "iat", "nbf", "jti", "sid"] {
        assert!(!claims[name].is_null(), "{name} in {claims}");
    }
    assert_eq!(document["keys"].as_array().unwrap().len(), 1);
    assert!(document["keys"][0].get("d").is_none(), "no private half: {document}");
}

#[tokio::test]
async fn the_private_half_is_kept_encrypted() {
    let app = TestApp::start().await;
    let hex = app.database.value("SELECT encode(sealed, 'hex') FROM signing_keys").await;
    let id = app.database.value("SELECT id FROM signing_keys").await;
    let sealed: Vec<u8> = (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
    let private = app.inner().secrets.open("signing-key-1", id.as_bytes(), &sealed).unwrap();
    let private: String = private.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(!hex.contains(&private));
}

#[tokio::test]
async fn after_a_rotation_old_tokens_hold_on_and_every_process_knows_the_new_key() {
    let app = TestApp::start().await;
    let twin = app.twin().await;
    let member = app.account("wang").await;
    let new = app.inner().rotate_keys(false).await.unwrap();
    me(&app, member.access_token()).await.expect(200);
    let session = app.sign_in("wang@example.cn").await;
    let token = session["access_token"].as_str().unwrap();
    assert_eq!(key_id(token), new);
    assert_ne!(key_id(member.access_token()), new);
    // The other process has read its keys before; it looks for a key it does not know, but not at every nonsense.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    twin.anonymous().with_token(token).get("/v1/accounts/me").await.expect(200);
    twin.anonymous().with_token(member.access_token()).get("/v1/accounts/me").await.expect(200);
    assert_eq!(published(&app).await["keys"].as_array().unwrap().len(), 2);
    app.database
        .execute("UPDATE signing_keys SET ends_at = now() - interval '1 second' WHERE ends_at IS NOT NULL")
        .await;
    app.inner().refresh_keys().await.unwrap();
    me(&app, member.access_token()).await.problem(401, "token_invalid");
    assert_eq!(published(&app).await["keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_revoked_key_ends_its_tokens_but_not_the_sessions() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    app.inner().rotate_keys(true).await.unwrap();
    me(&app, member.access_token()).await.problem(401, "token_invalid");
    let input = json!({"refresh_token": member.refresh_token()});
    let next = app.anonymous().post("/v1/sessions/refresh").json(input).await.expect(201).json();
    me(&app, next["access_token"].as_str().unwrap()).await.expect(200);
}

#[tokio::test]
async fn a_revoked_key_ends_in_every_process_within_seconds_even_without_its_job() {
    let app = TestApp::start().await;
    // Its jobs do not run here: nothing tells it.
    let twin = app.twin().await;
    let member = app.account("wang").await;
    let there = async || twin.anonymous().with_token(member.access_token()).get("/v1/accounts/me").await;
    there().await.expect(200);
    app.inner().rotate_keys(true).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(6100)).await;
    there().await.problem(401, "token_invalid");
    let input = json!({"refresh_token": member.refresh_token()});
    let next = twin.anonymous().post("/v1/sessions/refresh").json(input).await.expect(201).json();
    twin.anonymous().with_token(next["access_token"].as_str().unwrap()).get("/v1/accounts/me").await.expect(200);
}

#[tokio::test]
async fn processes_that_start_together_make_one_key() {
    let app = TestApp::start().await;
    app.database.execute("DELETE FROM signing_keys").await;
    let (first, second) = (app.inner().clone(), app.inner().clone());
    let (a, b) = tokio::join!(first.ensure_keys(), second.ensure_keys());
    a.unwrap();
    b.unwrap();
    assert_eq!(app.database.count("SELECT count(*) FROM signing_keys").await, 1);
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let Bearer { account_id, session_id, .. } = caller_of(&app, &member).await;
    let (id, key) = signing_key(&app).await;
    let header = |algorithm| Header { typ: Some("at+jwt".into()), kid: Some(id.clone()), ..Header::new(algorithm) };
    let now = Utc::now().timestamp();
    let claims = json!({"iss": "duijie", "aud": "duijie", "sub": account_id, "sid": session_id, "jti": Uuid::now_v7(),
        "iat": now, "nbf": now, "exp": now + 600});
    let sign = |header: &Header, claims: &Value, key: &EncodingKey| jsonwebtoken::encode(header, claims, key).unwrap();
    let without = |name: &str| {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    let changed = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        claims
    };
    let good = header(Algorithm::EdDSA);
    // Made as below, but in nothing wrong: else the refusals would prove nothing.
    me(&app, &sign(&good, &claims, &key)).await.expect(200);

    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let none = |alg: &str| format!("{}.{}.", part(&json!({"alg": alg, "typ": "at+jwt", "kid": id})), part(&claims));
    let genuine = sign(&good, &claims, &key);
    let (head, signature) = genuine.rsplit_once('.').unwrap();
    let swapped = changed("sub", json!("0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69"));
    let payload_swapped = format!("{}.{}.{signature}", head.split('.').next().unwrap(), part(&swapped));
    let x = published(&app).await["keys"][0]["x"].as_str().unwrap().to_owned();
    let public = URL_SAFE_NO_PAD.decode(&x).unwrap();
    let hmac = |secret: &[u8]| sign(&header(Algorithm::HS256), &claims, &EncodingKey::from_secret(secret));
    let forged = [
        ("alg none", none("none")),
        ("alg None", none("None")),
        ("no signature", format!("{head}.")),
        ("another payload", payload_swapped),
        ("another key", sign(&good, &claims, &ed25519(&[7; 32]))),
        ("HS256 with the public key", hmac(&public)),
        ("HS256 with the public key as published", hmac(x.as_bytes())),
        ("HS256 with the installation's key", hmac(&[0x11; 32])),
        ("another type", sign(&Header { typ: Some("JWT".into()), ..good.clone() }, &claims, &key)),
        ("no type", sign(&Header { typ: None, ..good.clone() }, &claims, &key)),
        ("another key id", sign(&Header { kid: Some("2".into()), ..good.clone() }, &claims, &key)),
        ("no key id", sign(&Header { kid: None, ..good.clone() }, &claims, &key)),
        ("another audience", sign(&good, &changed("aud", json!("other")), &key)),
        ("another issuer", sign(&good, &changed("iss", json!("other")), &key)),
        ("not yet valid", sign(&good, &changed("nbf", json!(now + 60)), &key)),
        ("no expiry", sign(&good, &without("exp"), &key)),
        ("no nbf", sign(&good, &without("nbf"), &key)),
        ("no audience", sign(&good, &without("aud"), &key)),
        ("no session", sign(&good, &without("sid"), &key)),
        ("not a token", "nonsense".to_owned()),
        ("empty", String::new()),
        ("long", "a".repeat(5000)),
    ];
    for (what, token) in forged {
        let answer = me(&app, &token).await;
        assert_eq!(answer.status, 401, "{what}");
        assert_eq!(answer.json()["code"], "token_invalid", "{what}");
    }
    let expired = sign(&good, &changed("exp", json!(now - 60)), &key);
    assert_eq!(me(&app, &expired).await.status, 401, "expired");
    me(&app, &expired).await.problem(401, "token_expired");
    let stranger = changed("sub", json!(Uuid::now_v7()));
    me(&app, &sign(&good, &stranger, &key)).await.problem(401, "session_ended");
    let no_session = changed("sid", json!(Uuid::now_v7()));
    me(&app, &sign(&good, &no_session, &key)).await.problem(401, "session_ended");
}
