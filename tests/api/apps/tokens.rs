//! `POST /v1/oauth/token` with client credentials: given, refused, and apart from the sandbox.

use duijie::domain::app_key::{AppKey, Environment};
use serde_json::json;

use super::path;
use crate::support::{TestApp, assert_alike, basic, comparable, form, id};

#[tokio::test]
async fn a_token_is_given_for_a_key_and_refused_as_the_standard_says() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let client = owner.register(json!({})).await;
    let narrow = owner.key(&client, json!({"name": "reader", "scopes": ["listings:read"]})).await;
    let (name, secret) = (id(&client).to_string(), narrow["key"].as_str().unwrap());
    let ask = |fields: &[(&str, &str)]| form(app.anonymous().post("/v1/oauth/token"), fields);
    let body = [("grant_type", "client_credentials"), ("client_id", name.as_str()), ("client_secret", secret)];
    let given = ask(&body).await.expect(200);
    assert_eq!(given.header("cache-control"), "no-store");
    let token = given.json();
    assert_eq!(
        (&token["token_type"], &token["expires_in"], &token["scope"]),
        (&json!("Bearer"), &json!(600), &json!("listings:read"))
    );
    assert!(token.get("refresh_token").is_none());
    ask(&body[..1]).header("authorization", basic(&name, secret)).await.expect(200);

    let refused = async |request: crate::support::Request, status: u16, error: &str, code: &str| {
        let answer = request.await;
        assert_eq!(answer.header("cache-control"), "no-store");
        let problem = answer.problem(status, code);
        assert_eq!(problem["error"], error);
        assert!(
            problem["error_description"].as_str().is_some_and(|text| !text.is_empty() && text.is_ascii()),
            "{problem}"
        );
    };
    let more = [&body[..], &[("scope", "listings:read listings:write")]].concat();
    refused(ask(&more), 400, "invalid_scope", "scope_not_of_app").await;
    refused(ask(&[&body[..], &[("scope", "everything")]].concat()), 400, "invalid_scope", "scope_unknown").await;
    refused(ask(&body[1..]), 400, "invalid_request", "token_request_invalid").await;
    refused(ask(&[&body[..], &body[..1]].concat()), 400, "invalid_request", "token_request_invalid").await;
    refused(ask(&[&body[..], &[("x", "y")]].concat()), 400, "invalid_request", "token_request_invalid").await;
    refused(ask(&[("grant_type", "password"), body[1], body[2]]), 400, "unsupported_grant_type", "grant_type_unknown")
        .await;
    refused(ask(&body).header("authorization", basic(&name, secret)), 400, "invalid_request", "client_twice").await;
    refused(ask(&body[..2]), 401, "invalid_client", "client_invalid").await;
    refused(ask(&body[..1]), 401, "invalid_client", "client_invalid").await;
    refused(ask(&body[..1]).header("authorization", "Bearer x"), 401, "invalid_client", "client_invalid").await;
    refused(ask(&[body[0], ("client_id", "nonsense"), body[2]]), 401, "invalid_client", "client_invalid").await;
    refused(ask(&[body[0], body[1], ("client_secret", "djk_x")]), 401, "invalid_client", "client_invalid").await;
    let public = owner.register(json!({"public": true})).await;
    let public_name = id(&public).to_string();
    refused(ask(&[body[0], ("client_id", public_name.as_str())]), 400, "unauthorized_client", "app_is_public").await;
    refused(ask(&[body[0], ("client_id", public_name.as_str()), body[2]]), 401, "invalid_client", "client_invalid")
        .await;
    owner.post(&format!("{}/keys", path(&public))).json(json!({})).await.problem(409, "app_is_public");
    let json = app.anonymous().post("/v1/oauth/token").json(json!({"grant_type": "client_credentials"})).await;
    json.problem(415, "media_type_unsupported");
}

#[tokio::test]
async fn unknown_apps_unknown_keys_and_wrong_secrets_are_answered_alike() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let client = owner.register(json!({})).await;
    let key = owner.key(&client, json!({})).await;
    let forged = |public_id: &str| {
        AppKey::assemble(Environment::Live, public_id.to_owned(), &"x".repeat(43)).expose().to_owned()
    };
    let public_id = key["public_id"].as_str().unwrap();
    let (name, nobody) = (id(&client).to_string(), uuid::Uuid::now_v7().to_string());
    let cases = [
        (&name, forged(public_id)),
        (&name, forged("AAAAAAAAAAAA")),
        (&nobody, key["key"].as_str().unwrap().to_owned()),
        (&nobody, forged("AAAAAAAAAAAA")),
    ];
    let answers = assert_alike::<4>(3, async |way| {
        let (name, secret) = &cases[way];
        let fields = [("grant_type", "client_credentials"), ("client_id", name.as_str()), ("client_secret", secret)];
        form(app.anonymous().post("/v1/oauth/token"), &fields)
    });
    let told = answers.await.into_iter().map(|answer| comparable(answer.problem(401, "client_invalid")));
    let mut told: Vec<_> = told.collect();
    told.dedup();
    assert_eq!(told.len(), 1, "{told:#?}");
}

#[tokio::test]
async fn a_sandbox_says_so_and_knows_no_key_of_the_market() {
    let (market, sandbox) = (TestApp::start().await, TestApp::builder().sandbox().start().await);
    let told = |answer: &crate::support::Response| answer.find_header("x-duijie-environment").map(str::to_owned);
    let document = sandbox.anonymous().get("/openapi.json").await.expect(200);
    assert_eq!(told(&document).as_deref(), Some("sandbox"));
    assert_eq!(document.json()["info"]["x-environment"], "sandbox");
    let nowhere = sandbox.anonymous().get("/v1/nowhere").await.expect(404);
    assert_eq!(told(&nowhere).as_deref(), Some("sandbox"));
    let document = market.anonymous().get("/openapi.json").await.expect(200);
    assert_eq!((told(&document), document.json()["info"].get("x-environment").cloned()), (None, None));

    let mut keys = vec![];
    for app in [&market, &sandbox] {
        let owner = app.member("owner").await;
        let client = owner.register(json!({})).await;
        let key = owner.key(&client, json!({})).await;
        let token = app.app_token(&client, &key, &[]).await;
        app.anonymous().with_token(&token).get(&owner.enterprise_path()).await.expect(200);
        keys.push((client, key, token));
    }
    assert!(
        keys[0].1["key"].as_str().unwrap().starts_with("djk_")
            && keys[1].1["key"].as_str().unwrap().starts_with("djt_")
    );
    for (app, i, code) in [(&market, 1, "app_key_sandbox"), (&sandbox, 0, "app_key_live")] {
        let (client, key, token) = &keys[i];
        let name = id(client).to_string();
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", name.as_str()),
            ("client_secret", key["key"].as_str().unwrap()),
        ];
        let problem = form(app.anonymous().post("/v1/oauth/token"), &fields).await.problem(401, code);
        assert_eq!(problem["error"], "invalid_client");
        // Both have the same secret key, and still neither believes what the other signed.
        app.anonymous().with_token(token).get("/v1/enterprises").await.problem(401, "token_invalid");
    }
}
