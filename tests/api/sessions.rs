//! `/v1/sessions`: signing in, staying signed in, signing out.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{TimeDelta, Utc};
use duijie::app::tokens::{self, Bearer};
use serde_json::{Value, json};

use crate::support::{Member, PASSWORD, Response, TestApp, assert_alike, comparable, together};

async fn refresh(app: &TestApp, token: &str) -> Response {
    app.anonymous().post("/v1/sessions/refresh").json(json!({"refresh_token": token})).await
}

fn token(session: &Value, name: &str) -> String {
    session[name].as_str().unwrap().to_owned()
}

/// Reads the account with an access token.
async fn me(app: &TestApp, access_token: &str) -> Response {
    app.anonymous().with_token(access_token).get("/v1/accounts/me").await
}

#[tokio::test]
async fn a_session_says_how_long_it_lives() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    assert_eq!(member.session["token_type"], "Bearer");
    assert_eq!(member.session["expires_in"], 600);
    let payload = URL_SAFE_NO_PAD.decode(member.access_token().split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
    assert_eq!(claims["sub"], member.account_id.to_string());
}

#[tokio::test]
async fn unknown_accounts_and_wrong_passwords_are_answered_alike_in_the_same_time() {
    let app = TestApp::start().await;
    app.registered("wang").await;
    app.registered("disabled").await;
    app.database.execute("UPDATE accounts SET status = 'disabled' WHERE email = 'disabled@example.cn'").await;
    let attempts = [
        ("wang@example.cn", "not my long password"),
        ("nobody@example.cn", PASSWORD),
        ("disabled@example.cn", PASSWORD),
    ];
    // Hashing takes ten times what the rest does: a shortcut would show.
    let answers = assert_alike::<3>(2, async |way| {
        app.forget_tries().await;
        let (email, password) = attempts[way];
        app.anonymous().post("/v1/sessions").json(json!({"email": email, "password": password}))
    });
    let told = answers.await.into_iter().map(|answer| comparable(answer.problem(401, "credentials_invalid")));
    let mut told: Vec<_> = told.collect();
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test]
async fn a_login_is_one_of_email_and_mobile() {
    let app = TestApp::start().await;
    for input in
        [json!({"password": PASSWORD}), json!({"email": "a@b.cn", "mobile": "13800138000", "password": PASSWORD})]
    {
        let problem = app.anonymous().post("/v1/sessions").json(input).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["code"], "email_or_mobile");
    }
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    app.database.execute("UPDATE accounts SET status = 'disabled'").await;
    member.get("/v1/accounts/me").await.problem(401, "session_ended");
    refresh(&app, member.refresh_token()).await.problem(401, "refresh_token_invalid");
}

#[tokio::test]
async fn refreshing_rotates_the_token() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let next = refresh(&app, member.refresh_token()).await.expect(201).json();
    assert_ne!(next["refresh_token"], member.session["refresh_token"]);
    assert_ne!(next["access_token"], member.session["access_token"]);
    me(&app, &token(&next, "access_token")).await.expect(200);
    // The older access token lives out its ten minutes: the session is the same.
    me(&app, member.access_token()).await.expect(200);
    let third = refresh(&app, &token(&next, "refresh_token")).await.expect(201).json();
    assert_ne!(third["refresh_token"], next["refresh_token"]);
}

#[tokio::test]
async fn only_hashes_of_refresh_tokens_are_kept() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let dump = app.database.value("SELECT string_agg(t::text, ' ') FROM refresh_tokens t").await;
    assert!(!dump.contains(member.refresh_token()));
    let hex: String = member.refresh_token().bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!dump.contains(&hex));
    let hash: String = duijie::app::secrets::sha256(member.refresh_token().as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert!(dump.contains(&hash), "{dump}");
}

#[tokio::test]
async fn after_a_lost_answer_the_same_successor_comes_again_until_it_is_used() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let lost = refresh(&app, member.refresh_token()).await.expect(201).json();
    let again = refresh(&app, member.refresh_token()).await.expect(201).json();
    assert_eq!(lost["refresh_token"], again["refresh_token"]);
    me(&app, &token(&again, "access_token")).await.expect(200);

    let next = refresh(&app, &token(&again, "refresh_token")).await.expect(201).json();
    // Somebody copied the first token: everything of this sign-in ends.
    refresh(&app, member.refresh_token()).await.problem(401, "refresh_token_reused");
    refresh(&app, &token(&next, "refresh_token")).await.problem(401, "refresh_token_invalid");
    me(&app, &token(&next, "access_token")).await.problem(401, "session_ended");
    me(&app, member.access_token()).await.problem(401, "session_ended");
}

#[tokio::test]
async fn a_revoked_family_leaves_the_persons_other_sessions_alone() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let other = app.sign_in(&member.email).await;
    let next = refresh(&app, member.refresh_token()).await.expect(201).json();
    refresh(&app, &token(&next, "refresh_token")).await.expect(201);
    refresh(&app, member.refresh_token()).await.problem(401, "refresh_token_reused");
    me(&app, &token(&other, "access_token")).await.expect(200);
    refresh(&app, &token(&other, "refresh_token")).await.expect(201);
}

#[tokio::test]
async fn the_grace_for_a_lost_answer_is_five_minutes() {
    let app = TestApp::start().await;
    for (name, minutes, status) in [("within", 4, 201), ("after", 6, 401)] {
        let member = app.account(name).await;
        refresh(&app, member.refresh_token()).await.expect(201);
        let back = format!(
            "UPDATE refresh_tokens SET used_at = used_at - interval '{minutes} minutes' WHERE used_at > now() - interval '3 minutes'"
        );
        app.database.execute(&back).await;
        refresh(&app, member.refresh_token()).await.expect(status);
        me(&app, member.access_token()).await.expect(if status == 201 { 200 } else { 401 });
    }
}

#[tokio::test]
async fn parallel_refreshes_of_one_token_get_one_successor() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let answers = together((0..10).map(|_| refresh(&app, member.refresh_token()))).await;
    let mut successors: Vec<String> =
        answers.into_iter().map(|answer| token(&answer.expect(201).json(), "refresh_token")).collect();
    successors.dedup();
    assert_eq!(successors.len(), 1, "{successors:?}");
    assert_eq!(app.database.count("SELECT count(*) FROM refresh_tokens WHERE used_at IS NULL").await, 1);
    refresh(&app, &successors[0]).await.expect(201);
}

#[tokio::test]
async fn an_expired_or_unknown_refresh_token_is_refused() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    refresh(&app, "7X9oQm0r8b1y2c3d4e5f6g7h8i9j0kAlBmCnDoEpFqG").await.problem(401, "refresh_token_invalid");
    refresh(&app, member.access_token()).await.expect(422);
    app.database.execute("UPDATE refresh_tokens SET expires_at = now() - interval '1 second'").await;
    refresh(&app, member.refresh_token()).await.problem(401, "refresh_token_invalid");
}

#[tokio::test]
async fn signing_out_acts_at_once_on_this_session_alone() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let other = app.sign_in(&member.email).await;
    member.delete("/v1/sessions/current").await.expect(204);
    member.get("/v1/accounts/me").await.problem(401, "session_ended");
    member.delete("/v1/sessions/current").await.problem(401, "session_ended");
    refresh(&app, member.refresh_token()).await.problem(401, "refresh_token_invalid");
    me(&app, &token(&other, "access_token")).await.expect(200);
    app.anonymous().delete("/v1/sessions/current").await.problem(401, "token_required");
}

#[tokio::test]
async fn an_expired_access_token_says_so() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let caller = caller_of(&app, &member).await;
    let issued = |ago: i64| {
        let at = Utc::now() - TimeDelta::seconds(ago);
        tokens::issue(&app.inner().keys(), &caller, at, Duration::from_secs(600)).unwrap()
    };
    me(&app, &issued(580)).await.expect(200);
    let refused = me(&app, &issued(620)).await;
    assert!(refused.header("www-authenticate").contains("invalid_token"));
    refused.problem(401, "token_expired");
    me(&app, &issued(-120)).await.problem(401, "token_invalid");
}

pub async fn caller_of(app: &TestApp, member: &Member) -> Bearer {
    let session =
        app.database.value(&format!("SELECT id FROM sessions WHERE account_id = '{}'", member.account_id)).await;
    Bearer { account_id: member.account_id, session_id: session.parse().unwrap(), client: None }
}

/// The session a person came with.
pub fn caller_of_session(member: &Member) -> Bearer {
    let payload = URL_SAFE_NO_PAD.decode(member.access_token().split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    let session_id = claims["sid"].as_str().unwrap().parse().unwrap();
    Bearer { account_id: member.account_id, session_id, client: None }
}

#[tokio::test]
async fn only_bearer_credentials_are_known() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let with = |value: String| app.anonymous().get("/v1/accounts/me").header("authorization", value);
    with(format!("bearer {}", member.access_token())).await.expect(200);
    with(format!("BEARER  {} ", member.access_token())).await.expect(200);
    for value in ["Basic d2FuZzp4", "Bearer", "", "Bearer \u{e9}"] {
        with(value.to_owned()).await.problem(401, "token_invalid");
    }
    with(member.access_token().to_owned()).await.problem(401, "token_invalid");
    // A bad token is refused even where none is needed, so that its bearer learns of it.
    app.anonymous().get("/livez").header("authorization", "Bearer x").await.problem(401, "token_invalid");
}

#[tokio::test]
async fn expired_tokens_are_forgotten_by_the_job() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    app.account("li").await;
    let expire = format!(
        "UPDATE refresh_tokens SET expires_at = now() - interval '2 days' WHERE session_id IN \
         (SELECT id FROM sessions WHERE account_id = '{}')",
        member.account_id
    );
    app.database.execute(&expire).await;
    duijie::jobs::purge(app.inner()).await.unwrap();
    assert_eq!(app.database.count("SELECT count(*) FROM refresh_tokens").await, 1);
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let stranger = app.account("li").await;
    let input = json!({"email": "wang@example.cn", "password": PASSWORD});
    let phone = app.anonymous().post("/v1/sessions").header("user-agent", "MicroMessenger/8.0").json(input);
    let phone = phone.await.expect(201).json();
    app.sign_in("wang@example.cn").await;
    let list = member.get("/v1/sessions?limit=2").await.expect(200).json();
    let entries = list["items"].as_array().unwrap();
    assert_eq!((entries.len(), &entries[1]["device"]), (2, &json!("MicroMessenger/8.0")), "newest first: {list}");
    let next = format!("/v1/sessions?limit=2&cursor={}", list["next_cursor"].as_str().unwrap());
    let rest = member.get(&next).await.expect(200).json();
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["items"][0]["current"]), (1, &json!(true)));
    assert!(entries.iter().all(|entry| entry["current"] == false), "{list}");

    let path = format!("/v1/sessions/{}", entries[1]["id"].as_str().unwrap());
    stranger.delete(&path).await.problem(404, "not_found");
    member.delete(&path).await.expect(204);
    member.delete(&path).await.problem(404, "not_found");
    me(&app, &token(&phone, "access_token")).await.problem(401, "session_ended");
    refresh(&app, &token(&phone, "refresh_token")).await.problem(401, "refresh_token_invalid");

    member.delete("/v1/sessions").await.expect(204);
    let list = member.get("/v1/sessions").await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "only the one this came with");
    member.get("/v1/accounts/me").await.expect(200);
    stranger.get("/v1/accounts/me").await.expect(200);
}
