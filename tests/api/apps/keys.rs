//! Keys of apps: shown once, rotated, revoked.

use duijie::domain::app_key::AppKey;
use serde_json::{Value, json};

use super::{path, working};
use crate::support::{TestApp, faults, form, id};

#[tokio::test]
async fn a_key_is_shown_once_and_kept_as_a_hash() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let client = owner.register(json!({})).await;
    let keys = format!("{}/keys", path(&client));
    let make = || owner.post(&keys).json(json!({"name": "production"})).idempotency_key("one");
    let (first, second) = (make().await.expect(201).json(), make().await.expect(201).json());
    assert_ne!(first["key"], second["key"], "what is shown once is never stored to be shown again");
    let secret = first["key"].as_str().unwrap();
    assert!(AppKey::parse(secret).is_some_and(|key| key.public_id == first["public_id"]), "{secret}");
    let listed = owner.get(&keys).await.expect(200);
    assert!(!listed.text().contains(secret) && listed.json()["items"].as_array().unwrap().len() == 2);
    let dump = "SELECT coalesce(string_agg(t::text, ' '), '') FROM";
    for table in ["app_keys", "idempotency_keys", "events_pending", "events", "apps"] {
        let text = app.database.value(&format!("{dump} {table} t")).await;
        let body: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!text.contains(secret) && !text.contains(&body), "{table}");
    }
    for (input, place) in [
        (json!({"scopes": ["matches:read"]}), ("/scopes/0", "scope_not_of_app")),
        (json!({"expires_at": "2020-01-01T00:00:00Z"}), ("/expires_at", "in_the_past")),
    ] {
        let problem = owner.post(&keys).json(input).await.problem(422, "invalid");
        assert_eq!(faults(&problem), [(place.0.to_owned(), place.1.to_owned())]);
    }
    // When it was last used is written once a minute.
    let used = "SELECT last_used_at FROM app_keys WHERE last_used_at IS NOT NULL";
    app.app_token(&client, &first, &[]).await;
    let once = app.database.value(used).await;
    app.app_token(&client, &first, &[]).await;
    assert_eq!(app.database.value(used).await, once);
    app.database
        .execute("UPDATE app_keys SET last_used_at = now() - interval '61 seconds' WHERE last_used_at IS NOT NULL")
        .await;
    app.app_token(&client, &first, &[]).await;
    assert_ne!(app.database.value(used).await, once);
}

#[tokio::test]
async fn a_key_is_rotated_with_an_overlap_and_revoked_at_once() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let (client, old, caller) = working(&app, &owner).await;
    let one = |key: &Value| format!("{}/keys/{}", path(&client), id(key));
    let next = owner.post(&format!("{}/rotate", one(&old))).json(json!({"overlap_hours": 1})).await.expect(201).json();
    app.app_token(&client, &old, &[]).await;
    let fresh = app.anonymous().with_token(&app.app_token(&client, &next, &[]).await);
    caller.get(&owner.enterprise_path()).await.expect(200);
    // The overlap is over: neither the key nor what it gave works.
    let over = format!("UPDATE app_keys SET expires_at = now() WHERE id = '{}'", id(&old));
    app.database.execute(&over).await;
    caller.get(&owner.enterprise_path()).await.problem(401, "session_ended");
    let refused = |key: &Value| {
        let fields = [
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", id(&client).to_string()),
            ("client_secret", key["key"].as_str().unwrap().to_owned()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        form(app.anonymous().post("/v1/oauth/token"), &fields)
    };
    refused(&old).await.problem(401, "client_invalid");
    owner.post(&format!("{}/rotate", one(&old))).await.problem(409, "app_key_ended");
    owner.post(&format!("{}/rotate", one(&next))).json(json!({"overlap_hours": 721})).await.problem(422, "invalid");

    fresh.get(&owner.enterprise_path()).await.expect(200);
    owner.delete(&one(&next)).await.expect(204);
    owner.delete(&one(&next)).await.expect(204);
    fresh.get(&owner.enterprise_path()).await.problem(401, "session_ended");
    refused(&next).await.problem(401, "client_invalid");
    assert_eq!(
        app.events_of(id(&client)).await,
        ["app.created", "app.key_created", "app.key_created", "app.key_revoked"]
    );
}
