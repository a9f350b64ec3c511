//! `/v1/accounts`

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp, faults};

fn input(login: (&str, &str)) -> Value {
    json!({login.0: login.1, "password": PASSWORD, "display_name": "王芳"})
}

fn with(mut value: Value, field: &str, to: impl Into<Value>) -> Value {
    value[field] = to.into();
    value
}

#[tokio::test]
async fn signing_up_and_reading_oneself() {
    let app = TestApp::start().await;
    let input = with(input(("email", " Wang@Example.CN ")), "display_name", " 王芳 ");
    let created = app.anonymous().post("/v1/accounts").json(input).await.expect(201);
    assert_eq!(created.header("location"), "/v1/accounts/me");
    let account = created.json();
    assert_eq!((&account["email"], &account["display_name"]), (&json!("wang@example.cn"), &json!("王芳")));
    assert!(account.get("password").is_none() && !created.text().contains(PASSWORD), "{account}");

    let hash = app.database.value("SELECT password_hash FROM accounts").await;
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "what a password costs to guess: {hash}");

    let session = app.sign_in("wang@example.cn").await;
    let signed_in = app.anonymous().with_token(session["access_token"].as_str().unwrap());
    let read = signed_in.get("/v1/accounts/me").await.expect(200);
    assert_eq!(read.json(), account);
    assert_eq!(read.etag(), created.etag());
    signed_in.get("/v1/accounts/me").header("if-none-match", read.etag()).await.expect(304);
}

#[tokio::test]
async fn a_mobile_number_is_kept_in_one_form() {
    let app = TestApp::start().await;
    let account = app.anonymous().post("/v1/accounts").json(input(("mobile", "138 0013-8000"))).await.expect(201);
    assert_eq!(account.json()["mobile"], "+8613800138000");
    assert!(account.json().get("email").is_none());
    let session = json!({"mobile": "+86 138 0013 8000", "password": PASSWORD});
    app.anonymous().post("/v1/sessions").json(session).await.expect(201);
}

#[tokio::test]
async fn every_rule_of_signing_up() {
    let app = TestApp::start().await;
    let email = || input(("email", "wang@example.cn"));
    let cases: Vec<(Value, Vec<(&str, &str)>)> = vec![
        (json!({}), vec![("/display_name", "required")]),
        (json!({"email": "wang@example.cn", "display_name": "a"}), vec![("/password", "required")]),
        (with(email(), "code", "12345"), vec![("/code", "pattern")]),
        (with(email(), "mobile", "13800138000"), vec![("", "email_or_mobile")]),
        (json!({"password": PASSWORD, "display_name": "a"}), vec![("", "email_or_mobile")]),
        (input(("email", "nobody")), vec![("/email", "email_invalid")]),
        (input(("email", "a@b@c.cn")), vec![("/email", "email_invalid")]),
        (input(("email", "ab")), vec![("/email", "too_short")]),
        (input(("email", &format!("{}@example.cn", "a".repeat(65)))), vec![("/email", "email_invalid")]),
        (input(("email", &format!("a@{}.cn", "b".repeat(260)))), vec![("/email", "too_long")]),
        (input(("mobile", "12345")), vec![("/mobile", "mobile_invalid")]),
        (input(("mobile", "10800138000")), vec![("/mobile", "mobile_invalid")]),
        (with(email(), "password", "short"), vec![("/password", "too_short")]),
        (with(email(), "password", "字".repeat(129)), vec![("/password", "too_long")]),
        (with(email(), "password", "1234567890"), vec![("/password", "password_common")]),
        (with(email(), "password", "PASSWORD123"), vec![("/password", "password_common")]),
        (with(email(), "password", "aaaaaaaaaaaa"), vec![("/password", "password_common")]),
        (with(email(), "display_name", " "), vec![("/display_name", "blank")]),
        (with(email(), "display_name", ""), vec![("/display_name", "too_short")]),
        (with(email(), "display_name", "a".repeat(101)), vec![("/display_name", "too_long")]),
        (with(email(), "display_name", "a\nb"), vec![("/display_name", "pattern")]),
        (with(email(), "display_name", 7), vec![("/display_name", "wrong_type")]),
        (with(email(), "role", "admin"), vec![("/role", "unknown_field")]),
        (with(email(), "id", "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69"), vec![("/id", "unknown_field")]),
        (json!([]), vec![("", "wrong_type")]),
        (json!("text"), vec![("", "wrong_type")]),
        (
            json!({"email": "nobody", "password": "1234567890", "display_name": " "}),
            vec![("/display_name", "blank"), ("/email", "email_invalid"), ("/password", "password_common")],
        ),
    ];
    for (input, expected) in cases {
        let problem = app.anonymous().post("/v1/accounts").json(input.clone()).await.problem(422, "invalid");
        let expected: Vec<(String, String)> =
            expected.into_iter().map(|(place, code)| (place.to_owned(), code.to_owned())).collect();
        assert_eq!(faults(&problem), expected, "{input}");
    }
    assert_eq!(app.database.count("SELECT count(*) FROM accounts").await, 0);
    assert_eq!(app.database.count("SELECT count(*) FROM events_pending").await, 0);
}

#[tokio::test]
async fn the_shortest_and_longest_password_are_taken() {
    let app = TestApp::start().await;
    for (name, password) in
        [("short", "轴承厂的仓库在西工区".to_owned()), ("long", "字母x".repeat(43)[..].chars().take(128).collect())]
    {
        let email = format!("{name}@example.cn");
        let input = with(input(("email", &email)), "password", password.clone());
        app.anonymous().post("/v1/accounts").json(input).await.expect(201);
        let session = json!({"email": email, "password": password});
        app.anonymous().post("/v1/sessions").json(session).await.expect(201);
    }
}

#[tokio::test]
async fn an_address_or_number_is_taken_once() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    for (first, again, code) in [
        (("email", "li@example.cn"), ("email", "ＬＩ@EXAMPLE.cn"), "email_taken"),
        (("mobile", "13800138000"), ("mobile", "+86 138-0013-8000"), "mobile_taken"),
    ] {
        client.post("/v1/accounts").json(input(first)).await.expect(201);
        client.post("/v1/accounts").json(input(again)).await.problem(409, code);
    }
}

#[tokio::test]
async fn of_many_sign_ups_with_one_address_one_wins() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    // Passwords are hashed by a bounded queue; whoever is told to come again does.
    let sign_up = async || loop {
        let answer = client.post("/v1/accounts").json(input(("email", "li@example.cn"))).await;
        if answer.status != 503 {
            return answer.status;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let mut statuses = join_all((0..8).map(|_| sign_up())).await;
    statuses.sort();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(app.database.count("SELECT count(*) FROM accounts").await, 1);
    app.sequence().await;
    assert_eq!(app.database.count("SELECT count(*) FROM events WHERE type = 'account.created'").await, 1);
}

#[tokio::test]
async fn ones_own_account_needs_a_token() {
    let app = TestApp::start().await;
    let refused = app.anonymous().get("/v1/accounts/me").await;
    assert_eq!(refused.header("www-authenticate"), "Bearer");
    refused.problem(401, "token_required");
}
