//! What is told to the addresses of an account when something about how it is entered changes.

use duijie::app::account_admin::Change;
use duijie::domain::account::{Login, NewPerson, Password};
use duijie::domain::platform::{Grant, PlatformRole};
use serde_json::{Value, json};

use crate::second_factors::{code, complete, enrol, ticket, verified};
use crate::support::{Member, PASSWORD, TestApp};

/// The templates of the messages to an address so far, but for codes.
async fn told(app: &TestApp, to: &str) -> Vec<String> {
    let letters = app.letters(to).await;
    let templates = letters.iter().map(|letter| letter["template"].as_str().unwrap().to_owned());
    templates.filter(|template| template != "one_time_code").collect()
}

/// Makes an address or number the person's.
async fn add(app: &TestApp, member: &Member, contact: Value) -> Value {
    app.forget_tries().await;
    let to = contact.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned();
    member.post("/v1/accounts/me/codes").json(contact.clone()).await.expect(202);
    let mut input = contact;
    input["code"] = json!(app.code(&to).await);
    input["password"] = json!(PASSWORD);
    member.post("/v1/accounts/me/contacts").json(input).language("en").await.expect(200).json()
}

#[tokio::test]
async fn a_new_address_is_told_to_the_old_one_too() {
    let app = TestApp::start().await;
    let wang = app.account("wang").await;
    add(&app, &wang, json!({"email": "wang@example.cn"})).await;
    assert!(told(&app, "wang@example.cn").await.is_empty(), "it was the account's already");
    add(&app, &wang, json!({"mobile": "+8613800138000"})).await;
    for to in ["wang@example.cn", "+8613800138000"] {
        assert_eq!(told(&app, to).await, ["contact_added"], "{to}");
    }
    add(&app, &wang, json!({"email": "new@example.cn"})).await;
    let letter = app.letters("wang@example.cn").await.pop().unwrap();
    assert_eq!((&letter["template"], &letter["language"]), (&json!("contact_changed"), &json!("en")));
    assert_eq!(letter["parameters"], json!({"from": "w***@example.cn", "to": "n***@example.cn"}), "masked");
    assert!(letter["text"].as_str().unwrap().contains("replaced by n***@example.cn"), "{letter}");
    assert_eq!(told(&app, "+8613800138000").await, ["contact_added", "contact_changed"]);
    assert_eq!(told(&app, "new@example.cn").await, ["contact_changed"]);

    // The new password is told where the account is reached now, and nowhere else.
    let input = json!({"password": PASSWORD, "new_password": "另一个很长的密码句子"});
    wang.post("/v1/accounts/me/password").json(input).await.expect(204);
    for (to, count) in [("wang@example.cn", 2), ("+8613800138000", 3), ("new@example.cn", 2)] {
        assert_eq!(told(&app, to).await.len(), count, "{to}");
    }
}

#[tokio::test]
async fn what_becomes_of_a_second_factor_is_told() {
    let app = TestApp::start().await;
    let wang = verified(&app, "wang").await;
    let (secret, codes) = enrol(&app, &wang).await;
    let path = "/v1/accounts/me/second-factor";
    complete(&app, json!({"ticket": ticket(&app).await, "recovery_code": "wrong-wrong"})).await.expect(401);
    complete(&app, json!({"ticket": ticket(&app).await, "recovery_code": codes[0]})).await.expect(201);
    let letter = app.letters("wang@example.cn").await.pop().unwrap();
    assert_eq!(letter["parameters"], json!({"left": "9"}));
    app.forget_tries().await;
    // The very code: a new one, of a step that has begun meanwhile, would be good.
    let used = code(&secret);
    wang.post(&format!("{path}/recovery-codes")).json(json!({"code": used})).await.expect(200);
    complete(&app, json!({"ticket": ticket(&app).await, "code": used})).await.problem(401, "second_factor_invalid");
    app.database.execute("UPDATE second_factors SET last_step = 0").await;
    app.forget_tries().await;
    wang.post(&format!("{path}/remove")).json(json!({"code": code(&secret)})).await.expect(204);
    let expected = ["second_factor_added", "recovery_code_used", "recovery_codes_renewed", "second_factor_removed"];
    assert_eq!(told(&app, "wang@example.cn").await, expected);
    app.sequence().await;
    let events = "SELECT string_agg(type, ' ' ORDER BY seq) FROM events WHERE type ~ 'factor|recovery'";
    let recorded = app.database.value(events).await;
    assert_eq!(recorded, "account.second_factor_added account.recovery_codes_renewed account.second_factor_removed");
}

#[tokio::test]
async fn an_administrator_resets_a_lost_second_factor() {
    let app = TestApp::start().await;
    let (admin, wang) = (app.admin().await, verified(&app, "wang").await);
    let path = format!("/v1/admin/accounts/{}/reset-second-factor", wang.account_id);
    let reset = |by: &Member| by.post(&path).if_match("*").json(json!({"reason": "持身份证到场核实"}));
    reset(&admin).await.problem(409, "second_factor_missing");
    let (_, codes) = enrol(&app, &wang).await;
    let waiting = ticket(&app).await;
    wang.get("/v1/accounts/me").await.expect(200);
    reset(&wang).await.problem(403, "role_required");
    reset(&app.official("mod", "moderator", "").await).await.problem(403, "role_required");
    reset(&app.official("far", "admin", "650000").await).await.problem(404, "not_found");
    admin.post(&path).json(json!({"reason": "x"})).await.problem(428, "if_match_required");
    admin.post(&path).if_match("*").json(json!({"reason": " "})).await.problem(422, "invalid");
    let own = format!("/v1/admin/accounts/{}/reset-second-factor", admin.account_id);
    admin.post(&own).if_match("*").json(json!({"reason": "x"})).await.problem(409, "own_account");

    let answer = reset(&admin).await.expect(200).json();
    assert_eq!((&answer["second_factor"], &answer["status"]), (&json!(false), &json!("active")));
    wang.get("/v1/accounts/me").await.problem(401, "session_ended");
    let refresh = json!({"refresh_token": wang.refresh_token()});
    app.anonymous().post("/v1/sessions/refresh").json(refresh).await.problem(401, "refresh_token_invalid");
    complete(&app, json!({"ticket": waiting, "recovery_code": codes[0]})).await.problem(401, "ticket_invalid");
    app.sign_in("wang@example.cn").await;
    assert_eq!(told(&app, "wang@example.cn").await, ["second_factor_added", "second_factor_reset"]);
    app.sequence().await;
    let recorded = "SELECT actor || ' ' || (after::jsonb ->> 'reason') FROM events JOIN audit_details USING (event_id)
        WHERE type = 'account.second_factor_reset'";
    assert_eq!(app.database.value(recorded).await, format!("{} 持身份证到场核实", admin.account_id));
}

#[tokio::test]
async fn the_operator_resets_it_from_the_command_line() {
    let app = TestApp::start().await;
    let wang = verified(&app, "wang").await;
    enrol(&app, &wang).await;
    let role = format!("INSERT INTO platform_roles VALUES ('{}', 'moderator', '', now())", wang.account_id);
    app.database.execute(&role).await;
    let change = Change::ResetSecondFactor { reason: "lost".to_owned() };
    let login = Login::Email("wang@example.cn".to_owned());
    // Else a role of the platform would hang on a short password alone.
    let refused = app.inner().change_as_operator(&login, &change, chrono::Utc::now()).await;
    assert!(format!("{refused:?}").contains("role_needs_second_factor"), "{refused:?}");
    app.database.execute("UPDATE accounts SET password_long = true").await;
    app.inner().change_as_operator(&login, &change, chrono::Utc::now()).await.unwrap();
    wang.get("/v1/accounts/me").await.problem(401, "session_ended");
    app.sign_in("wang@example.cn").await;
    assert_eq!(told(&app, "wang@example.cn").await, ["second_factor_added", "second_factor_reset"]);

    let grant = Grant { role: PlatformRole::Admin, region_code: None };
    let password = Password::typed("一个足够长的平台管理员的密码句子".to_owned());
    let person = NewPerson { login, password, display_name: "Wang".to_owned() };
    app.inner().create_admin(person, &grant, chrono::Utc::now()).await.unwrap();
    assert_eq!(told(&app, "wang@example.cn").await.last().unwrap(), "password_changed");
}

#[tokio::test]
async fn an_erased_account_is_told_where_it_was_reached() {
    let app = TestApp::start().await;
    let wang = app.account("wang").await;
    wang.post("/v1/accounts/me/erasure").json(json!({"password": PASSWORD})).await.expect(204);
    let waiting = app.database.value("SELECT string_agg(o::text, ' ') FROM outbox o").await;
    assert!(!waiting.contains("wang@example.cn"), "{waiting}");
    assert_eq!(told(&app, "wang@example.cn").await, ["account_closed"]);
}
