//! `/v1/apps`: registration, keys, tokens of the app itself, quotas, suspension, deletion.

use std::time::{Duration, Instant};

use duijie::domain::app_key::{AppKey, Environment};
use serde_json::{Value, json};

use crate::support::market::{need, with};
use crate::support::{Client, Member, TestApp, basic, faults, form, id, together};

fn path(app: &Value) -> String {
    format!("/v1/apps/{}", id(app))
}

async fn working(app: &TestApp, owner: &Member) -> (Value, Value, Client) {
    let client = owner.register(json!({})).await;
    let key = owner.key(&client, json!({})).await;
    let token = app.app_token(&client, &key, &[]).await;
    (client, key, app.anonymous().with_token(&token))
}

#[tokio::test]
async fn an_owner_registers_changes_and_deletes_an_app() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let created = owner.register(json!({"description": "hourly"})).await;
    assert_eq!(
        (&created["status"], &created["version"], &created["requests_per_minute"]),
        (&json!("active"), &json!(1), &json!(600))
    );
    let read = owner.get(&path(&created)).await.expect(200);
    assert_eq!(read.json(), created);
    let changes = json!({"name": " 库存同步 ", "description": null, "scopes": ["listings:read"]});
    owner.patch(&path(&created)).merge_patch(changes.clone()).await.problem(428, "if_match_required");
    let changed = owner.patch(&path(&created)).if_match(read.etag()).merge_patch(changes).await.expect(200).json();
    assert_eq!((&changed["name"], &changed["version"]), (&json!("库存同步"), &json!(2)));
    assert!(changed.get("description").is_none(), "{changed}");
    for (patch, place) in [(json!({"public": true}), "/public"), (json!({"enterprise_id": null}), "/enterprise_id")] {
        let problem = owner.patch(&path(&created)).if_match("*").merge_patch(patch).await.problem(422, "invalid");
        assert_eq!(faults(&problem), [(place.to_owned(), "immutable".to_owned())]);
    }
    owner
        .patch(&path(&created))
        .if_match("*")
        .merge_patch(json!({"status": "suspended"}))
        .await
        .problem(422, "invalid");
    owner.delete(&path(&created)).if_match("\"1\"").await.problem(412, "version_stale");
    owner.delete(&path(&created)).if_match("\"2\"").await.expect(204);
    owner.get(&path(&created)).await.problem(404, "not_found");
    assert_eq!(owner.get("/v1/apps").await.expect(200).json()["items"], json!([]));
    assert_eq!(app.events_of(id(&created)).await, ["app.created", "app.updated", "app.deleted"]);
}

#[tokio::test]
async fn every_fault_of_a_registration_is_named() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let input = json!({"name": "  ", "enterprise_id": owner.enterprise_id(),
        "redirect_uris": ["http://erp.example/", "https://a.example/#b", "https://a.example/", "https://a.example/", "javascript:alert(1)"],
        "scopes": ["listings:read", "listings:read"]});
    let problem = owner.post("/v1/apps").json(input).await.problem(422, "invalid");
    let invalid = |i: usize| (format!("/redirect_uris/{i}"), "redirect_uri_invalid".to_owned());
    let repeated = |place: &str| (place.to_owned(), "repeated".to_owned());
    let blank = ("/name".to_owned(), "blank".to_owned());
    let wanted = [blank, invalid(0), invalid(1), repeated("/redirect_uris/3"), invalid(4), repeated("/scopes/1")];
    assert_eq!(faults(&problem), wanted);
    for (input, code) in [
        (json!({"scopes": ["everything"]}), "not_one_of"),
        (json!({"scopes": []}), "too_few"),
        (json!({"secret": "x"}), "unknown_field"),
        (json!({"name": "a\u{0}b"}), "pattern"),
        (json!({"enterprise_id": null}), "required"),
    ] {
        let base = json!({"name": "x", "enterprise_id": owner.enterprise_id(), "scopes": ["listings:read"]});
        let answer = owner.post("/v1/apps").json(with(&base, input.clone())).await;
        match answer.status {
            400 => drop(answer.problem(400, "json_malformed")),
            _ => assert_eq!(faults(&answer.problem(422, "invalid"))[0].1, code, "{input}"),
        }
    }
}

#[tokio::test]
async fn nobody_else_learns_of_an_app() {
    let app = TestApp::start().await;
    let (owner, stranger) = (app.member("owner").await, app.member("stranger").await);
    let (client, key, _) = working(&app, &owner).await;
    let keys = format!("{}/keys", path(&client));
    let one = format!("{keys}/{}", id(&key));
    let unknown = stranger.get(&format!("/v1/apps/{}", uuid::Uuid::now_v7())).await.problem(404, "not_found");
    for request in [
        stranger.get(&path(&client)),
        stranger.get(&keys),
        stranger.get(&format!("{}/usage", path(&client))),
        stranger.patch(&path(&client)).if_match("*").merge_patch(json!({"name": "mine"})),
        stranger.delete(&path(&client)).if_match("*"),
        stranger.post(&keys).json(json!({})),
        stranger.post(&format!("{one}/rotate")),
        stranger.delete(&one),
    ] {
        let problem = request.await.problem(404, "not_found");
        assert_eq!(problem["detail"], unknown["detail"]);
    }
    // Another's key below one's own app is not found either.
    let own = stranger.register(json!({})).await;
    stranger.delete(&format!("{}/keys/{}", path(&own), id(&key))).await.problem(404, "not_found");
    stranger
        .post("/v1/apps")
        .json(json!({"enterprise_id": owner.enterprise_id(), "name": "x", "scopes": ["listings:read"]}))
        .await
        .problem(403, "not_owner");
    assert_eq!(stranger.get("/v1/apps").await.expect(200).json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(owner.get(&keys).await.expect(200).json()["items"].as_array().unwrap().len(), 1);

    // A member who is no owner sees it, and changes nothing.
    let trader = app.account("trader").await;
    let join = format!(
        "INSERT INTO memberships VALUES ('{}', '{}', 'trader', now())",
        trader.account_id,
        owner.enterprise_id()
    );
    app.database.execute(&join).await;
    trader.get(&path(&client)).await.expect(200);
    trader.post(&keys).json(json!({})).await.problem(403, "not_owner");
    trader.delete(&one).await.problem(403, "not_owner");
}

#[tokio::test]
async fn an_app_trades_for_its_enterprise_as_an_account_of_its_own() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let (client, _, caller) = working(&app, &owner).await;
    let wanted = with(&need(), json!({"enterprise_id": owner.enterprise_id()}));
    let post = || caller.post("/v1/listings").json(wanted.clone()).idempotency_key("erp-1");
    let posted = post().await.expect(201).json();
    assert_eq!(post().await.expect(201).header("idempotency-replayed"), "true");
    app.sequence().await;
    let actor =
        app.database.value(&format!("SELECT actor FROM events WHERE entity_id = '{}' LIMIT 1", id(&posted))).await;
    let account = app.database.value(&format!("SELECT account_id FROM apps WHERE id = '{}'", id(&client))).await;
    assert_eq!(actor, account);
    // No more than a trader, and only there.
    caller.get("/v1/accounts/me").await.problem(403, "no_app");
    caller
        .post("/v1/apps")
        .json(json!({"enterprise_id": owner.enterprise_id(), "name": "x", "scopes": ["listings:read"]}))
        .await
        .problem(403, "no_app");
    let other = app.member("other").await;
    let foreign = with(&need(), json!({"enterprise_id": other.enterprise_id()}));
    caller.post("/v1/listings").json(foreign).await.problem(403, "not_trader");
    // A scope taken from the app is gone from tokens it has.
    owner.patch(&path(&client)).if_match("*").merge_patch(json!({"scopes": ["enterprises:read"]})).await.expect(200);
    let refused = caller.get(&format!("/v1/listings/{}", id(&posted))).await;
    assert_eq!(refused.header("www-authenticate"), "Bearer error=\"insufficient_scope\", scope=\"listings:read\"");
    refused.problem(403, "insufficient_scope");
}

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
    let mut best = [Duration::MAX; 4];
    let mut told = vec![];
    for round in 0..12 {
        for (i, (name, secret)) in cases.iter().enumerate() {
            let fields =
                [("grant_type", "client_credentials"), ("client_id", name.as_str()), ("client_secret", secret)];
            let started = Instant::now();
            let answer = form(app.anonymous().post("/v1/oauth/token"), &fields).await;
            best[i] = best[i].min(started.elapsed());
            let mut problem = answer.problem(401, "client_invalid");
            problem["request_id"] = Value::Null;
            if round == 0 {
                told.push(problem);
            }
        }
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:#?}");
    let (least, most) = (best.iter().min().unwrap(), best.iter().max().unwrap());
    assert!(*most < *least * 3, "{best:?}");
}

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

#[tokio::test]
async fn what_an_app_holds_ends_with_it() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.member("owner").await, app.admin().await);
    let (client, key, caller) = working(&app, &owner).await;
    let regulated = format!("/v1/admin/apps/{}", id(&client));
    let regulate = |change: Value| admin.patch(&regulated).if_match("*").merge_patch(change);
    owner
        .patch(&regulated)
        .if_match("*")
        .merge_patch(json!({"requests_per_minute": 9}))
        .await
        .problem(403, "role_required");
    let problem = regulate(json!({"status": "suspended"})).await.problem(422, "invalid");
    assert_eq!(faults(&problem), [("/reason".to_owned(), "required".to_owned())]);
    regulate(json!({"status": "suspended", "reason": "floods the market"})).await.expect(200);
    caller.get(&owner.enterprise_path()).await.problem(401, "session_ended");
    let fields = [("grant_type", "client_credentials"), ("client_secret", key["key"].as_str().unwrap())];
    let name = id(&client).to_string();
    let ask =
        || form(app.anonymous().post("/v1/oauth/token"), &[&fields[..], &[("client_id", name.as_str())]].concat());
    ask().await.problem(401, "app_suspended");
    assert_eq!(owner.get(&path(&client)).await.expect(200).json()["reason"], "floods the market");
    let restored = regulate(json!({"status": "active"})).await.expect(200).json();
    assert!(restored.get("reason").is_none());
    caller.get(&owner.enterprise_path()).await.expect(200);
    owner.delete(&path(&client)).if_match("*").await.expect(204);
    caller.get(&owner.enterprise_path()).await.problem(401, "session_ended");
    ask().await.problem(401, "client_invalid");
    regulate(json!({"requests_per_minute": 5})).await.problem(404, "not_found");
    let members = format!("SELECT count(*) FROM memberships WHERE enterprise_id = '{}'", owner.enterprise_id());
    assert_eq!(app.database.count(&members).await, 1, "its account acts for the enterprise no more");
}

#[tokio::test]
async fn the_platform_has_apps_of_its_own() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.member("owner").await, app.admin().await);
    let input = json!({"name": "城市大屏", "scopes": ["listings:read"]});
    owner.post("/v1/admin/apps").json(input.clone()).await.problem(403, "role_required");
    admin
        .post("/v1/admin/apps")
        .json(with(&input, json!({"enterprise_id": owner.enterprise_id()})))
        .await
        .problem(422, "invalid");
    let client = admin.post("/v1/admin/apps").json(input).await.expect(201).json();
    let key = admin.key(&client, json!({})).await;
    let caller = app.anonymous().with_token(&app.app_token(&client, &key, &[]).await);
    caller.get("/v1/listings?q=x").await.expect(200);
    owner.get(&path(&client)).await.problem(404, "not_found");
    owner.register(json!({})).await;
    let all = admin.get("/v1/admin/apps?limit=1").await.expect(200).json();
    let cursor = all["next_cursor"].as_str().unwrap();
    let rest = admin.get(&format!("/v1/admin/apps?limit=1&cursor={cursor}")).await.expect(200).json();
    assert_eq!((all["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (1, 1));
    owner.get("/v1/admin/apps").await.problem(403, "role_required");
    let elsewhere = app.official("elsewhere", "admin", "410000").await;
    elsewhere.get("/v1/admin/apps").await.problem(403, "role_required");
    admin.patch(&path(&client)).if_match("*").merge_patch(json!({"name": "大屏"})).await.expect(200);
    admin.delete(&path(&client)).if_match("*").await.expect(204);
}

#[tokio::test]
async fn an_app_has_a_quota_over_all_its_tokens() {
    let app =
        TestApp::builder().set("DUIJIE_RATE_LIMIT", "on").set("DUIJIE_APP_REQUESTS_PER_MINUTE", "40").start().await;
    let (owner, admin) = (app.member("owner").await, app.admin().await);
    let (client, key, caller) = working(&app, &owner).await;
    let again = app.anonymous().with_token(&app.app_token(&client, &key, &[]).await);
    let first = caller.get("/v1/listings?q=x").await.expect(200);
    assert_eq!(first.header("ratelimit-policy"), "\"app\";q=40;w=60");
    let answers = together((0..50).map(|i| if i % 2 == 0 { &caller } else { &again }.get("/v1/listings?q=x"))).await;
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert!((9..=12).contains(&refused), "{refused} refused");
    let one = answers.into_iter().find(|answer| answer.status == 429).unwrap();
    assert_eq!(one.header("ratelimit-policy"), "\"app\";q=40;w=60");
    one.header("retry-after");
    one.problem(429, "rate_limited");
    // Its owner is not held up, nor another app.
    owner.get("/v1/accounts/me").await.expect(200);
    let (_, _, other) = working(&app, &owner).await;
    other.get("/v1/listings?q=x").await.expect(200);

    let usage = owner.get(&format!("{}/usage", path(&client))).await.expect(200).json();
    assert_eq!(usage["items"].as_array().unwrap().len(), 1, "{usage}");
    assert_eq!((&usage["items"][0]["requests"], &usage["items"][0]["refused"]), (&json!(51), &json!(refused)));
    let regulated = format!("/v1/admin/apps/{}", id(&client));
    let more = admin.patch(&regulated).if_match("*").merge_patch(json!({"requests_per_minute": 500})).await.expect(200);
    assert_eq!(more.json()["requests_per_minute"], 500);
    let fine = caller.get("/v1/listings?q=x").await.expect(200);
    assert_eq!(fine.header("ratelimit-policy"), "\"app\";q=500;w=60");
    let again = owner.get(&format!("{}/usage", path(&client))).await.expect(200).json();
    assert_eq!(again["items"][0]["requests"], 52);
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

#[tokio::test]
async fn an_app_is_a_member_who_never_owns() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let (client, key, caller) = working(&app, &owner).await;
    let members = format!("{}/members", owner.enterprise_path());
    let listed = owner.get(&members).await.expect(200).json();
    let account =
        listed["items"].as_array().unwrap().iter().find(|member| member["display_name"] == "仓库同步").unwrap().clone();
    assert_eq!(account["role"], "trader");
    let one = format!("{members}/{}", account["account_id"].as_str().unwrap());
    for role in ["owner", "signatory"] {
        owner.request("PUT", &one).json(json!({"role": role})).await.problem(409, "member_is_app");
    }
    let transfer = json!({"account_id": account["account_id"], "own_role": "trader"});
    owner.post(&format!("{}/transfer", owner.enterprise_path())).json(transfer).await.problem(409, "member_is_app");
    // What an owner takes from it as a member is gone with its next request.
    let wanted = with(&need(), json!({"enterprise_id": owner.enterprise_id()}));
    caller.post("/v1/listings").json(wanted.clone()).await.expect(201);
    owner.request("PUT", &one).json(json!({"role": "viewer"})).await.expect(200);
    caller.post("/v1/listings").json(wanted.clone()).await.problem(403, "not_trader");
    owner.delete(&one).await.expect(204);
    let again = app.anonymous().with_token(&app.app_token(&client, &key, &[]).await);
    again.post("/v1/listings").json(wanted).await.problem(403, "not_trader");
}

#[tokio::test]
async fn the_audit_tells_which_app_it_was() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let (client, key, caller) = working(&app, &owner).await;
    let wanted = with(&need(), json!({"enterprise_id": owner.enterprise_id()}));
    let posted = caller.post("/v1/listings").json(wanted).await.expect(201).json();
    app.sequence().await;
    let named = format!(
        "SELECT count(*) FROM audit_details JOIN events USING (event_id) WHERE entity_id = '{}' AND app_id = '{}'",
        id(&posted),
        id(&client)
    );
    assert!(app.database.count(&named).await > 0);
    let dump = app.database.value("SELECT string_agg(t::text, ' ') FROM audit_details t").await;
    assert!(dump.contains(key["public_id"].as_str().unwrap()), "what was made of keys is there");
    assert!(!dump.contains(key["key"].as_str().unwrap()), "the secret is not");
}
