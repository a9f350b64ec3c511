//! One-time codes: asked for, sent, used up.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Request, Response, TestApp, assert_alike, comparable, faults, together};

fn ask(app: &TestApp, to: &str, purpose: &str) -> Request {
    app.anonymous().post("/v1/sessions/codes").json(json!({"email": to, "purpose": purpose}))
}

async fn enter(app: &TestApp, to: &str, code: &str) -> Response {
    app.anonymous().post("/v1/sessions").json(json!({"email": to, "code": code})).await
}

/// Another than this one.
fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn a_code_signs_in_once() {
    let app = TestApp::start().await;
    app.account("wang").await;
    let code = app.ask_code("wang@example.cn", "sign_in").await;
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    let dump = app.database.value("SELECT string_agg(c::text, ' ') FROM one_time_codes c").await;
    assert!(!dump.contains(&code), "{dump}");
    let session = enter(&app, "wang@example.cn", &code).await.expect(201).json();
    app.anonymous().with_token(session["access_token"].as_str().unwrap()).get("/v1/accounts/me").await.expect(200);
    enter(&app, "wang@example.cn", &code).await.problem(401, "code_invalid");
}

#[tokio::test]
async fn unknown_addresses_are_answered_alike_in_the_same_time_and_get_nothing() {
    let app = TestApp::start().await;
    app.account("wang").await;
    let answers = assert_alike::<2>(2, async |way| {
        app.forget_tries().await;
        ask(&app, ["wang@example.cn", "nobody@example.cn"][way], "sign_in")
    });
    let answers = answers.await;
    let asked = answers.len() / 2;
    for answer in answers {
        assert_eq!(answer.expect(202).json(), json!({"expires_in": 600}));
    }
    assert_eq!(app.letters("wang@example.cn").await.len(), asked);
    assert!(app.letters("nobody@example.cn").await.is_empty());
    let refused = enter(&app, "nobody@example.cn", "000000").await.problem(401, "code_invalid");
    let wrong = enter(&app, "wang@example.cn", "000000").await.problem(401, "code_invalid");
    assert_eq!(comparable(refused), comparable(wrong));
    assert_eq!(app.database.count("SELECT count(*) FROM accounts").await, 1, "nothing is made");
}

#[tokio::test]
async fn five_wrong_tries_end_a_code() {
    let app = TestApp::start().await;
    app.account("wang").await;
    for (tries, status) in [(4, 201), (5, 401)] {
        let code = app.ask_code("wang@example.cn", "sign_in").await;
        for _ in 0..tries {
            app.forget_tries().await;
            enter(&app, "wang@example.cn", &wrong(&code)).await.problem(401, "code_invalid");
        }
        app.forget_tries().await;
        enter(&app, "wang@example.cn", &code).await.expect(status);
    }
}

#[tokio::test]
async fn many_tries_at_once_are_no_way_around() {
    let app = TestApp::start().await;
    app.account("wang").await;
    let code = app.ask_code("wang@example.cn", "sign_in").await;
    together(
        (0..12).map(|_| {
            app.anonymous().post("/v1/sessions").json(json!({"email": "wang@example.cn", "code": wrong(&code)}))
        }),
    )
    .await;
    app.forget_tries().await;
    enter(&app, "wang@example.cn", &code).await.problem(401, "code_invalid");

    let code = app.ask_code("wang@example.cn", "sign_in").await;
    let all =
        (0..6).map(|_| app.anonymous().post("/v1/sessions").json(json!({"email": "wang@example.cn", "code": code})));
    let statuses: Vec<u16> = together(all).await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
}

#[tokio::test]
async fn a_code_holds_ten_minutes() {
    let app = TestApp::start().await;
    app.account("wang").await;
    let code = app.ask_code("wang@example.cn", "sign_in").await;
    let left = "SELECT round(extract(epoch FROM expires_at - now())) FROM one_time_codes";
    assert!((590..=600).contains(&app.database.count(left).await));
    app.database.execute("UPDATE one_time_codes SET expires_at = now() - interval '1 second'").await;
    enter(&app, "wang@example.cn", &code).await.problem(401, "code_invalid");
    duijie::jobs::purge(app.inner()).await.unwrap();
    assert_eq!(app.database.count("SELECT count(*) FROM one_time_codes").await, 0);
}

#[tokio::test]
async fn a_code_is_good_for_what_it_was_asked_for() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let reset = app.ask_code("wang@example.cn", "reset_password").await;
    enter(&app, "wang@example.cn", &reset).await.problem(401, "code_invalid");
    let sign_in = app.ask_code("wang@example.cn", "sign_in").await;
    let input = json!({"email": "wang@example.cn", "code": sign_in, "password": "另一个很长的密码句子"});
    app.anonymous().post("/v1/accounts/password-reset").json(input).await.problem(401, "code_invalid");
    app.account("li").await;
    enter(&app, "li@example.cn", &sign_in).await.problem(401, "code_invalid");
    // One's own, for somebody else's account.
    member.post("/v1/accounts/me/codes").json(json!({"email": "li@example.cn"})).await.expect(202);
    let own = app.code("li@example.cn").await;
    enter(&app, "li@example.cn", &own).await.problem(401, "code_invalid");
}

#[tokio::test]
async fn asking_is_throttled_for_the_target_and_for_the_address() {
    let app = TestApp::start().await;
    app.account("wang").await;
    for address in ["wang@example.cn", "nobody@example.cn"] {
        ask(&app, address, "sign_in").await.expect(202);
        let refused = ask(&app, address, "sign_in").await;
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        assert!((55..=61).contains(&wait), "{wait}");
        refused.problem(429, "too_many_tries");
        ask(&app, address, "reset_password").await.expect(202);
    }
    let answers = together((0..30).map(|i| {
        let input = json!({"email": format!("person{i}@example.cn"), "purpose": "sign_in"});
        app.anonymous().post("/v1/sessions/codes").json(input)
    }))
    .await;
    let sent = answers.iter().filter(|answer| answer.status == 202).count();
    assert!((15..=21).contains(&sent), "{sent} of 30 from one address");
}

#[tokio::test]
async fn signing_up_by_code_proves_the_number() {
    let app = TestApp::start().await;
    let code = app.ask_code("+8613800138000", "sign_up").await;
    let input = |code: &str| json!({"mobile": "13800138000", "code": code, "display_name": "王芳"});
    app.anonymous().post("/v1/accounts").json(input(&wrong(&code))).await.problem(401, "code_invalid");
    let account = app.anonymous().post("/v1/accounts").json(input(&code)).await.expect(201).json();
    assert!(account["mobile_verified_at"].is_string() && account["has_password"] == false, "{account}");
    let password = json!({"mobile": "13800138000", "password": PASSWORD});
    app.anonymous().post("/v1/sessions").json(password).await.problem(401, "credentials_invalid");
    let again = app.ask_code("+8613800138000", "sign_up").await;
    app.anonymous().post("/v1/accounts").json(input(&again)).await.problem(409, "mobile_taken");
}

#[tokio::test]
async fn a_mini_program_signs_up_or_in_with_one_call() {
    let app = TestApp::start().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let code = app.ask_code("+8613800138000", "sign_up").await;
        let input = json!({"mobile": "13800138000", "code": code, "display_name": "王芳"});
        let session = app.anonymous().post("/v1/sessions").json(input).await.expect(201).json();
        let client = app.anonymous().with_token(session["access_token"].as_str().unwrap());
        ids.push(client.get("/v1/accounts/me").await.expect(200).json()["id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
    app.sequence().await;
    assert_eq!(app.database.count("SELECT count(*) FROM events WHERE type = 'account.created'").await, 1);
}

#[tokio::test]
async fn whoever_signed_up_with_an_address_of_somebody_else_is_out_when_its_owner_comes() {
    let app = TestApp::start().await;
    let squatter = app.account("wang").await;
    let code = app.ask_code("wang@example.cn", "sign_in").await;
    enter(&app, "wang@example.cn", &code).await.expect(201);
    squatter.get("/v1/accounts/me").await.problem(401, "session_ended");
    let input = json!({"email": "wang@example.cn", "password": PASSWORD});
    app.anonymous().post("/v1/sessions").json(input).await.problem(401, "credentials_invalid");
    // A second time the address is proved: nothing ends.
    let code = app.ask_code("wang@example.cn", "sign_in").await;
    let first = enter(&app, "wang@example.cn", &code).await.expect(201).json();
    let code = app.ask_code("wang@example.cn", "sign_in").await;
    enter(&app, "wang@example.cn", &code).await.expect(201);
    app.anonymous().with_token(first["access_token"].as_str().unwrap()).get("/v1/accounts/me").await.expect(200);
}

#[tokio::test]
async fn a_role_of_the_platform_is_not_entered_by_a_code_alone() {
    let app = TestApp::start().await;
    app.official("boss", "admin", "").await;
    let code = app.ask_code("boss@example.cn", "sign_in").await;
    enter(&app, "boss@example.cn", &code).await.problem(403, "role_needs_second_factor");
    app.sign_in("boss@example.cn").await;
}

#[tokio::test]
async fn an_address_is_added_and_proved() {
    let app = TestApp::start().await;
    let (wang, li) = (app.account("wang").await, app.account("li").await);
    let ask = async |to: Value, at: &str| {
        app.forget_tries().await;
        wang.post("/v1/accounts/me/codes").json(to).await.expect(202);
        app.code(at).await
    };
    let code = ask(json!({"email": "wang@example.cn"}), "wang@example.cn").await;
    let proved = wang.post("/v1/accounts/me/contacts").json(json!({"email": "wang@example.cn", "code": code}));
    let proved = proved.await.expect(200).json();
    assert!(proved["email_verified_at"].is_string() && proved["version"] == 2, "{proved}");

    let code = ask(json!({"mobile": "13800138000"}), "+8613800138000").await;
    let input = json!({"mobile": "13800138000", "code": code});
    let refused = wang.post("/v1/accounts/me/contacts").json(input.clone()).await.problem(422, "invalid");
    assert_eq!(faults(&refused), [("/password".to_owned(), "required".to_owned())]);
    let with = |mut input: Value, name: &str, value: &str| {
        input[name] = value.into();
        input
    };
    let wrong_password = with(input.clone(), "password", "not my password");
    let refused = wang.post("/v1/accounts/me/contacts").json(wrong_password).await.problem(422, "invalid");
    assert_eq!(faults(&refused), [("/password".to_owned(), "password_wrong".to_owned())]);
    // A code sent to somebody else's request is no use.
    let stolen = with(input.clone(), "password", PASSWORD);
    li.post("/v1/accounts/me/contacts").json(stolen.clone()).await.problem(422, "invalid");
    let changed = wang.post("/v1/accounts/me/contacts").json(stolen).await.expect(200).json();
    assert_eq!(changed["mobile"], "+8613800138000");
    app.anonymous().post("/v1/sessions").json(json!({"mobile": "13800138000", "password": PASSWORD})).await.expect(201);

    let code = ask(json!({"email": "li@example.cn"}), "li@example.cn").await;
    let taken = json!({"email": "li@example.cn", "code": code, "password": PASSWORD});
    wang.post("/v1/accounts/me/contacts").json(taken).await.problem(409, "email_taken");
}

#[tokio::test]
async fn bad_input() {
    let app = TestApp::start().await;
    for (input, place, code) in [
        (json!({"purpose": "sign_in"}), "", "email_or_mobile"),
        (json!({"email": "x", "purpose": "sign_in"}), "/email", "too_short"),
        (json!({"email": "a@b.cn", "purpose": "steal"}), "/purpose", "not_one_of"),
        (json!({"email": "a@b.cn"}), "/purpose", "required"),
        (json!({"email": "a@b.cn", "purpose": "sign_in", "x": 1}), "/x", "unknown_field"),
    ] {
        let problem = app.anonymous().post("/v1/sessions/codes").json(input.clone()).await.problem(422, "invalid");
        assert_eq!(faults(&problem)[0].0, place, "{input} {problem}");
        assert!(code == "not_one_of" || faults(&problem)[0].1 == code, "{input} {problem}");
    }
    for (input, place, code) in [
        (json!({"email": "a@b.cn"}), "", "password_or_code"),
        (json!({"email": "a@b.cn", "password": "x", "code": "123456"}), "", "password_or_code"),
        (json!({"email": "a@b.cn", "password": "x", "display_name": "a"}), "/display_name", "only_with_code"),
        (json!({"email": "a@b.cn", "code": "12345a"}), "/code", "pattern"),
    ] {
        let problem = app.anonymous().post("/v1/sessions").json(input.clone()).await.problem(422, "invalid");
        assert_eq!(faults(&problem), [(place.to_owned(), code.to_owned())], "{input}");
    }
}
