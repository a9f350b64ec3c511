//! Passwords changed and reset, and accounts closed by their owners.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Response, TestApp, assert_alike, comparable, faults, together};

const NEW: &str = "另一个很长的密码句子";

async fn sign_in(app: &TestApp, password: &str) -> Response {
    app.forget_tries().await;
    app.anonymous().post("/v1/sessions").json(json!({"email": "wang@example.cn", "password": password})).await
}

#[tokio::test]
async fn changing_it_takes_the_old_one_and_ends_other_sessions() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let other = app.sign_in("wang@example.cn").await;
    let input = |old: &str, new: &str| json!({"password": old, "new_password": new});
    let refused = member.post("/v1/accounts/me/password").json(input("wrong", NEW)).await.problem(422, "invalid");
    assert_eq!(faults(&refused), [("/password".to_owned(), "password_wrong".to_owned())]);
    let refused = member.post("/v1/accounts/me/password").json(input(PASSWORD, "1234567890")).await;
    assert_eq!(faults(&refused.problem(422, "invalid")), [("/new_password".to_owned(), "password_common".to_owned())]);
    sign_in(&app, PASSWORD).await.expect(201);

    member.post("/v1/accounts/me/password").json(input(PASSWORD, NEW)).await.expect(204);
    member.get("/v1/accounts/me").await.expect(200);
    let other = app.anonymous().with_token(other["access_token"].as_str().unwrap());
    other.get("/v1/accounts/me").await.problem(401, "session_ended");
    sign_in(&app, PASSWORD).await.problem(401, "credentials_invalid");
    sign_in(&app, NEW).await.expect(201);
    let letters = app.letters("wang@example.cn").await;
    assert_eq!(letters.last().unwrap()["template"], "password_changed", "its owner is told");
}

#[tokio::test]
async fn guessing_the_old_one_with_a_stolen_session_is_slowed() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let input = json!({"password": "wrong", "new_password": NEW});
    let guesses = (0..12).map(|_| member.post("/v1/accounts/me/password").json(input.clone()));
    let answers = together(guesses).await;
    assert!(answers.iter().filter(|answer| answer.status == 422).count() <= 6);
    let right = json!({"password": PASSWORD, "new_password": NEW});
    member.post("/v1/accounts/me/password").json(right).await.problem(429, "too_many_tries");
}

#[tokio::test]
async fn a_code_sent_just_now_stands_for_the_old_one() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    member.post("/v1/accounts/me/codes").json(json!({"email": "wang@example.cn"})).await.expect(202);
    let input = json!({"code": app.code("wang@example.cn").await, "new_password": NEW});
    member.post("/v1/accounts/me/password").json(input.clone()).await.expect(204);
    sign_in(&app, NEW).await.expect(201);
    let refused = member.post("/v1/accounts/me/password").json(input).await.problem(422, "invalid");
    assert_eq!(faults(&refused), [("/code".to_owned(), "code_invalid".to_owned())]);
    // A code sent to another address proves nothing of this account.
    app.forget_tries().await;
    member.post("/v1/accounts/me/codes").json(json!({"email": "elsewhere@example.cn"})).await.expect(202);
    let input = json!({"code": app.code("elsewhere@example.cn").await, "new_password": NEW});
    member.post("/v1/accounts/me/password").json(input).await.problem(422, "invalid");
}

#[tokio::test]
async fn a_forgotten_one_is_reset_by_code() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let code = app.ask_code("wang@example.cn", "reset_password").await;
    let input = |email: &str, code: &str| json!({"email": email, "code": code, "password": NEW});
    let reset = async |input: Value| app.anonymous().post("/v1/accounts/password-reset").json(input).await;
    reset(input("wang@example.cn", &code)).await.expect(204);
    member.get("/v1/accounts/me").await.problem(401, "session_ended");
    sign_in(&app, PASSWORD).await.problem(401, "credentials_invalid");
    sign_in(&app, NEW).await.expect(201);
    reset(input("wang@example.cn", &code)).await.problem(401, "code_invalid");
}

#[tokio::test]
async fn resetting_answers_alike_for_unknown_accounts_in_the_same_time() {
    let app = TestApp::start().await;
    app.account("wang").await;
    let answers = assert_alike::<2>(2, async |way| {
        app.forget_tries().await;
        let address = ["wang@example.cn", "nobody@example.cn"][way];
        let input = json!({"email": address, "code": "000000", "password": NEW});
        app.anonymous().post("/v1/accounts/password-reset").json(input)
    });
    let told = answers.await.into_iter().map(|answer| comparable(answer.problem(401, "code_invalid")));
    let mut told: Vec<_> = told.collect();
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test]
async fn a_role_of_the_platform_keeps_a_long_one() {
    let app = TestApp::start().await;
    let member = app.official("wang", "moderator", "410300").await;
    let input = json!({"password": PASSWORD, "new_password": NEW});
    let refused = member.post("/v1/accounts/me/password").json(input).await.problem(422, "invalid");
    assert_eq!(faults(&refused), [("/new_password".to_owned(), "password_too_short".to_owned())]);
    let code = app.ask_code("wang@example.cn", "reset_password").await;
    let input = json!({"email": "wang@example.cn", "code": code, "password": NEW});
    let refused = app.anonymous().post("/v1/accounts/password-reset").json(input).await.problem(422, "invalid");
    assert_eq!(faults(&refused), [("/password".to_owned(), "password_too_short".to_owned())]);
    let long = "一个足够长的平台管理员的密码句子";
    let input = json!({"email": "wang@example.cn", "code": code, "password": long});
    app.anonymous().post("/v1/accounts/password-reset").json(input).await.expect(204);
}

#[tokio::test]
async fn closing_ones_account_ends_everything_at_once() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let other = app.sign_in("wang@example.cn").await;
    let close = |input: Value| member.post("/v1/accounts/me/deactivate").json(input);
    close(json!({"password": PASSWORD})).await.problem(428, "if_match_required");
    close(json!({"password": "wrong"})).if_match("*").await.problem(422, "invalid");
    close(json!({"password": PASSWORD})).if_match("\"7\"").await.problem(412, "version_stale");
    close(json!({"password": PASSWORD})).if_match("\"1\"").await.expect(204);
    member.get("/v1/accounts/me").await.problem(401, "session_ended");
    let other = app.anonymous().with_token(other["access_token"].as_str().unwrap());
    other.get("/v1/accounts/me").await.problem(401, "session_ended");
    sign_in(&app, PASSWORD).await.problem(401, "credentials_invalid");
    let input = json!({"email": "wang@example.cn", "purpose": "sign_in"});
    app.anonymous().post("/v1/sessions/codes").json(input).await.expect(202);
    let letters = app.letters("wang@example.cn").await;
    let told: Vec<&Value> = letters.iter().map(|letter| &letter["template"]).collect();
    assert_eq!(told, ["account_closed"], "and no code");
}

#[tokio::test]
async fn the_last_owner_is_told_what_to_hand_over() {
    let app = TestApp::start().await;
    let (member, second) = (app.member("wang").await, app.account("li").await);
    let close = |member: &crate::support::Member| {
        member.post("/v1/accounts/me/deactivate").if_match("*").json(json!({"password": PASSWORD}))
    };
    let refused = close(&member).await.problem(409, "last_owner");
    assert!(refused["detail"].as_str().unwrap().contains(&member.enterprise_id().to_string()), "{refused}");
    let sql = format!(
        "INSERT INTO memberships VALUES ('{}', '{}', 'owner', now())",
        second.account_id,
        member.enterprise_id()
    );
    app.database.execute(&sql).await;
    // Of two who leave at once, one stays.
    let mut statuses: Vec<u16> =
        together([close(&member), close(&second)]).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
}
