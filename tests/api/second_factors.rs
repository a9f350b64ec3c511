//! The second factor: begun, confirmed, asked for, lost, taken away.

use chrono::Utc;
use duijie::domain::totp;
use serde_json::{Value, json};

use crate::support::{Member, PASSWORD, Response, TestApp, together};

/// Base32, without padding.
fn bytes(text: &str) -> Vec<u8> {
    let (mut bits, mut held, mut bytes) = (0u32, 0, Vec::new());
    for byte in text.bytes() {
        let value = if byte.is_ascii_digit() { byte - b'2' + 26 } else { byte - b'A' };
        (bits, held) = ((bits << 5) | u32::from(value), held + 5);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

/// The present code.
pub fn code(secret: &str) -> String {
    totp::code(&bytes(secret), Utc::now().timestamp() / 30)
}

/// As if no code of the present step had been used.
async fn forget_codes(app: &TestApp) {
    app.database.execute("UPDATE second_factors SET last_step = 0").await;
}

pub async fn verified(app: &TestApp, name: &str) -> Member {
    let member = app.account(name).await;
    app.database
        .execute(&format!("UPDATE accounts SET email_verified_at = now() WHERE email = '{name}@example.cn'"))
        .await;
    member
}

/// The secret and the recovery codes.
pub async fn enrol(app: &TestApp, member: &Member) -> (String, Vec<String>) {
    let path = "/v1/accounts/me/second-factor";
    let new = member.post(path).json(json!({"password": PASSWORD})).await.expect(201).json();
    let secret = new["secret"].as_str().unwrap().to_owned();
    assert!(new["uri"].as_str().unwrap().contains(&secret), "{new}");
    let confirmed =
        member.post(&format!("{path}/confirm")).json(json!({"code": code(&secret)})).await.expect(200).json();
    forget_codes(app).await;
    let codes = confirmed["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned());
    (secret, codes.collect())
}

pub async fn ticket(app: &TestApp) -> String {
    app.forget_tries().await;
    let input = json!({"email": "wang@example.cn", "password": PASSWORD});
    let half = app.anonymous().post("/v1/sessions").json(input).await.expect(202).json();
    assert_eq!(half["status"], "second_factor_required");
    assert!(half.get("access_token").is_none());
    half["ticket"].as_str().unwrap().to_owned()
}

pub async fn complete(app: &TestApp, input: Value) -> Response {
    app.anonymous().post("/v1/sessions/second-factor").json(input).await
}

#[tokio::test]
async fn it_is_asked_for_once_it_is_confirmed() {
    let app = TestApp::start().await;
    let member = verified(&app, "wang").await;
    let path = "/v1/accounts/me/second-factor";
    member.post(path).json(json!({"password": "wrong"})).await.problem(422, "invalid");
    let begun = member.post(path).json(json!({"password": PASSWORD})).await.expect(201).json();
    app.sign_in("wang@example.cn").await;
    member.post(&format!("{path}/confirm")).json(json!({"code": "000000"})).await.problem(422, "invalid");
    let secret = begun["secret"].as_str().unwrap();
    let confirmed = member.post(&format!("{path}/confirm")).json(json!({"code": code(secret)})).await.expect(200);
    assert_eq!(confirmed.json()["recovery_codes"].as_array().unwrap().len(), 10);
    forget_codes(&app).await;
    assert_eq!(member.get("/v1/accounts/me").await.expect(200).json()["second_factor"], true);
    member.post(path).json(json!({"password": PASSWORD})).await.problem(409, "second_factor_exists");

    let session = complete(&app, json!({"ticket": ticket(&app).await, "code": code(secret)})).await.expect(201).json();
    let client = app.anonymous().with_token(session["access_token"].as_str().unwrap());
    client.get("/v1/accounts/me").await.expect(200);
    let dump = app.database.value("SELECT s::text || encode(sealed, 'escape') FROM second_factors s").await;
    assert!(!dump.contains(secret), "{dump}");
    let hex: String = bytes(secret).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(!dump.contains(&hex), "{dump}");
}

#[tokio::test]
async fn a_code_works_once() {
    let app = TestApp::start().await;
    let member = verified(&app, "wang").await;
    let (secret, _) = enrol(&app, &member).await;
    let (first, second) = (ticket(&app).await, ticket(&app).await);
    let code = code(&secret);
    let both = [first, second]
        .map(|ticket| app.anonymous().post("/v1/sessions/second-factor").json(json!({"ticket": ticket, "code": code})));
    let mut statuses: Vec<u16> = together(both).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 401]);
    app.forget_tries().await;
    let again = json!({"ticket": ticket(&app).await, "code": code});
    complete(&app, again).await.problem(401, "second_factor_invalid");
}

#[tokio::test]
async fn a_ticket_holds_for_five_tries_and_five_minutes() {
    let app = TestApp::start().await;
    let member = verified(&app, "wang").await;
    let (secret, _) = enrol(&app, &member).await;
    let used = ticket(&app).await;
    for _ in 0..5 {
        app.forget_tries().await;
        complete(&app, json!({"ticket": used, "code": "000000"})).await.problem(401, "second_factor_invalid");
    }
    app.forget_tries().await;
    complete(&app, json!({"ticket": used, "code": code(&secret)})).await.problem(401, "ticket_invalid");
    let late = ticket(&app).await;
    app.database.execute("UPDATE sign_in_tickets SET expires_at = now() - interval '1 second'").await;
    complete(&app, json!({"ticket": late, "code": code(&secret)})).await.problem(401, "ticket_invalid");
    complete(&app, json!({"ticket": "nonsense", "code": code(&secret)})).await.problem(401, "ticket_invalid");
    let good = ticket(&app).await;
    complete(&app, json!({"ticket": good, "code": code(&secret)})).await.expect(201);
    complete(&app, json!({"ticket": good, "code": code(&secret)})).await.problem(401, "ticket_invalid");
}

#[tokio::test]
async fn whoever_knows_the_password_cannot_guess_on_with_new_tickets() {
    let app = TestApp::start().await;
    let member = verified(&app, "wang").await;
    enrol(&app, &member).await;
    let mut refused = 0;
    for _ in 0..4 {
        let input = json!({"email": "wang@example.cn", "password": PASSWORD});
        let half = app.anonymous().post("/v1/sessions").json(input).await.expect(202).json();
        for _ in 0..2 {
            let guess = complete(&app, json!({"ticket": half["ticket"], "code": "000000"})).await;
            refused += usize::from(guess.status == 429);
        }
    }
    assert!(refused >= 2, "{refused}");
}

#[tokio::test]
async fn recovery_codes_work_once_each() {
    let app = TestApp::start().await;
    let member = verified(&app, "wang").await;
    let (_, codes) = enrol(&app, &member).await;
    let dump = app.database.value("SELECT string_agg(c::text, ' ') FROM recovery_codes c").await;
    assert!(codes.iter().all(|code| !dump.contains(code.as_str())), "{dump}");
    let with = async |code: &str| complete(&app, json!({"ticket": ticket(&app).await, "recovery_code": code})).await;
    with(&codes[0].to_uppercase()).await.expect(201);
    with(&codes[0]).await.problem(401, "second_factor_invalid");
    with(&codes[1].replace('-', " ")).await.expect(201);
    let renewed = member.post("/v1/accounts/me/second-factor/recovery-codes").json(json!({"recovery_code": codes[2]}));
    let renewed = renewed.await.expect(200).json();
    with(&codes[3]).await.problem(401, "second_factor_invalid");
    with(renewed["recovery_codes"][0].as_str().unwrap()).await.expect(201);
}

#[tokio::test]
async fn it_is_taken_away_with_a_code_alone() {
    let app = TestApp::start().await;
    let member = verified(&app, "wang").await;
    let path = "/v1/accounts/me/second-factor/remove";
    member.post(path).json(json!({"code": "000000"})).await.problem(409, "second_factor_missing");
    let (secret, _) = enrol(&app, &member).await;
    member.post(path).json(json!({"code": "000000"})).await.problem(422, "invalid");
    member.post(path).json(json!({"code": code(&secret), "recovery_code": "x"})).await.problem(422, "invalid");
    let role = format!("INSERT INTO platform_roles VALUES ('{}', 'moderator', '', now())", member.account_id);
    app.database.execute(&role).await;
    member.post(path).json(json!({"code": code(&secret)})).await.problem(409, "role_needs_second_factor");
    app.database.execute("DELETE FROM platform_roles").await;
    member.post(path).json(json!({"code": code(&secret)})).await.expect(204);
    app.sign_in("wang@example.cn").await;
}

#[tokio::test]
async fn with_it_a_role_of_the_platform_is_entered_by_code() {
    let app = TestApp::start().await;
    let member = verified(&app, "wang").await;
    let (secret, _) = enrol(&app, &member).await;
    let role = format!("INSERT INTO platform_roles VALUES ('{}', 'moderator', '', now())", member.account_id);
    app.database.execute(&role).await;
    let input = json!({"email": "wang@example.cn", "code": app.ask_code("wang@example.cn", "sign_in").await});
    let half = app.anonymous().post("/v1/sessions").json(input).await.expect(202).json();
    complete(&app, json!({"ticket": half["ticket"], "code": code(&secret)})).await.expect(201);
}

#[tokio::test]
async fn whoever_has_not_proved_an_address_cannot_lock_its_owner_out() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let begin = member.post("/v1/accounts/me/second-factor").json(json!({"password": PASSWORD}));
    begin.await.problem(409, "contact_unverified");
    let confirm = member.post("/v1/accounts/me/second-factor/confirm").json(json!({"code": "000000"}));
    confirm.await.problem(409, "second_factor_not_begun");
}
