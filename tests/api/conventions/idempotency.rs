//! `Idempotency-Key`.

use serde_json::{Value, json};

use crate::support::{Member, Response, TestApp, together, uscc};

fn input() -> Value {
    json!({"uscc": uscc::next(), "legal_name": "示范"})
}

async fn create(member: &Member, key: &str, input: &Value) -> Response {
    member.post("/v1/enterprises").idempotency_key(key).json(input.clone()).await
}

async fn enterprises(app: &TestApp) -> i64 {
    app.database.count("SELECT count(*) FROM enterprises").await
}

#[tokio::test]
async fn a_repeated_write_is_answered_from_the_store() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let input = input();
    let first = create(&member, "order-1", &input).await.expect(201);
    assert_eq!(first.find_header("idempotency-replayed"), None);
    let again = create(&member, "order-1", &input).await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.body, first.body);
    for name in ["etag", "location", "content-type"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    assert_eq!(enterprises(&app).await, 1);
    create(&member, "order-2", &input).await.expect(201);
    assert_eq!(enterprises(&app).await, 2);
}

#[tokio::test]
async fn the_order_of_keys_in_a_body_does_not_make_it_another() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let code = uscc::next();
    let send = |body: String| {
        member.post("/v1/enterprises").idempotency_key("k").header("content-type", "application/json").body(body)
    };
    send(format!(r#"{{"uscc": "{code}", "legal_name": "a", "employees": 2}}"#)).await.expect(201);
    let again = send(format!(r#"{{"employees":2.0, "legal_name":"\u0061","uscc":"{code}"}}"#)).await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true");
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    create(&member, "k", &input()).await.expect(201);
    create(&member, "k", &input()).await.problem(422, "idempotency_key_reused");
    let enterprise = member.get("/v1/enterprises").await.json()["items"][0].clone();
    let path = format!("/v1/enterprises/{}", enterprise["id"].as_str().unwrap());
    let patch = member.patch(&path).if_match("*").idempotency_key("k").merge_patch(json!({}));
    patch.await.problem(422, "idempotency_key_reused");
    assert_eq!(enterprises(&app).await, 1);
}

#[tokio::test]
async fn keys_are_each_accounts_own() {
    let app = TestApp::start().await;
    let (wang, li) = (app.account("wang").await, app.account("li").await);
    let input = input();
    let first = create(&wang, "k", &input).await.expect(201).json();
    let second = create(&li, "k", &input).await.expect(201);
    assert_eq!(second.find_header("idempotency-replayed"), None);
    assert_ne!(second.json()["id"], first["id"]);
    // Two sessions of one person share them.
    let again = app.anonymous().with_token(app.sign_in("wang@example.cn").await["access_token"].as_str().unwrap());
    let replayed = again.post("/v1/enterprises").idempotency_key("k").json(input).await.expect(201);
    assert_eq!(replayed.json(), first);
}

#[tokio::test]
async fn twenty_equal_requests_at_once_have_one_effect() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let input = input();
    let answers = together((0..20).map(|_| create(&member, "k", &input))).await;
    let mut created = Vec::new();
    for answer in answers {
        match answer.status {
            201 => created.push((answer.find_header("idempotency-replayed").is_some(), answer.json()["id"].clone())),
            _ => {
                assert_eq!(answer.header("retry-after"), "1");
                answer.problem(409, "idempotency_key_in_flight");
            }
        }
    }
    assert_eq!(created.iter().filter(|(replayed, _)| !replayed).count(), 1, "{created:?}");
    assert!(created.iter().all(|(_, id)| *id == created[0].1));
    assert_eq!(enterprises(&app).await, 1);
    assert_eq!(create(&member, "k", &input).await.expect(201).json()["id"], created[0].1);
}

#[tokio::test]
async fn a_change_is_replayed_even_after_the_version_moved_on() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    let path = member.enterprise_path();
    let change = || member.patch(&path).if_match("\"1\"").idempotency_key("k").merge_patch(json!({"employees": 1}));
    let first = change().await.expect(200);
    member.patch(&path).if_match("\"2\"").merge_patch(json!({"employees": 2})).await.expect(200);
    let replayed = change().await.expect(200);
    assert_eq!((replayed.header("idempotency-replayed"), &replayed.body), ("true", &first.body));
    // If-Match is no part of the request's identity: a client may have learnt a newer tag meanwhile.
    let newer = member.patch(&path).if_match("\"3\"").idempotency_key("k").merge_patch(json!({"employees": 1}));
    assert_eq!(newer.await.expect(200).body, first.body);
    assert_eq!(member.get(&path).await.expect(200).json()["employees"], 2);
}

#[tokio::test]
async fn a_refusal_leaves_the_key_free() {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    create(&member, "k", &json!({"legal_name": "a"})).await.problem(422, "invalid");
    create(&member, "k", &input()).await.expect(201);
    let path = member.enterprise_path();
    let change =
        |version: &str| member.patch(&path).if_match(version).idempotency_key("j").merge_patch(json!({"employees": 1}));
    change("\"9\"").await.problem(412, "version_stale");
    let done = change("\"1\"").await.expect(200);
    assert_eq!(done.find_header("idempotency-replayed"), None);
}

#[tokio::test]
async fn a_key_does_not_open_what_is_closed() {
    let app = TestApp::start().await;
    let (owner, stranger) = (app.member("wang").await, app.account("li").await);
    let path = owner.enterprise_path();
    let change =
        |member: &Member| member.patch(&path).if_match("*").idempotency_key("k").merge_patch(json!({"employees": 1}));
    change(&owner).await.expect(200);
    change(&stranger).await.problem(403, "not_owner");
    // Who is no longer an owner is not told the stored answer either.
    app.database.execute("UPDATE memberships SET role = 'viewer'").await;
    change(&owner).await.problem(403, "not_owner");
}

#[tokio::test]
async fn signing_up_takes_no_key() {
    let app = TestApp::start().await;
    let input = json!({"email": "a@example.cn", "password": crate::support::PASSWORD, "display_name": "a"});
    let sign_up = || app.anonymous().post("/v1/accounts").idempotency_key("k").json(input.clone());
    sign_up().await.expect(201);
    sign_up().await.problem(409, "email_taken");
    assert_eq!(app.database.count("SELECT count(*) FROM idempotency_keys").await, 0);
}

#[tokio::test]
async fn stored_answers_are_forgotten_after_seven_days() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let input = input();
    create(&member, "old", &input).await.expect(201);
    create(&member, "new", &input).await.expect(201);
    let age = |key: &str, days: &str| {
        format!("UPDATE idempotency_keys SET created_at = now() - interval '{days} days' WHERE key = '{key}'")
    };
    app.database.execute(&age("old", "7.1")).await;
    app.database.execute(&age("new", "6.9")).await;
    duijie::jobs::purge(app.inner()).await.unwrap();
    assert_eq!(create(&member, "old", &input).await.expect(201).find_header("idempotency-replayed"), None);
    assert_eq!(create(&member, "new", &input).await.expect(201).header("idempotency-replayed"), "true");
}
