//! Accounts in the hands of administrators.

use duijie::app::account_admin::Change;
use duijie::domain::account::{Login, NewPerson, Password};
use duijie::domain::platform::{Grant, PlatformRole};
use serde_json::{Value, json};

use crate::support::{Member, PASSWORD, Request, TestApp, faults, together};

fn path(member: &Member, action: &str) -> String {
    format!("/v1/admin/accounts/{}{action}", member.account_id)
}

fn role(by: &Member, member: &Member, action: &str, role: &str, region: Option<&str>) -> Request {
    let mut input = json!({"role": role});
    if let Some(region) = region {
        input["region_code"] = region.into();
    }
    by.post(&path(member, action)).if_match("*").json(input)
}

fn status(by: &Member, member: &Member, action: &str) -> Request {
    by.post(&path(member, action)).if_match("*").json(json!({"reason": "多次发布虚假信息"}))
}

/// With a password that suffices for a role.
async fn fit(app: &TestApp, name: &str) -> Member {
    let member = app.account(name).await;
    app.database.execute(&format!("UPDATE accounts SET password_long = true WHERE id = '{}'", member.account_id)).await;
    member
}

#[tokio::test]
async fn a_role_acts_on_the_next_request_and_so_does_its_end() {
    let app = TestApp::start().await;
    let (admin, wang) = (app.admin().await, fit(&app, "wang").await);
    wang.get("/v1/admin/credentials").await.problem(403, "role_required");
    let granted = role(&admin, &wang, "/grant-role", "moderator", Some("410300")).await.expect(200).json();
    assert_eq!(granted["roles"], json!([{"role": "moderator", "region_code": "410300"}]));
    wang.get("/v1/admin/credentials").await.expect(200);
    role(&admin, &wang, "/revoke-role", "moderator", Some("410000")).await.problem(409, "role_not_held");
    role(&admin, &wang, "/revoke-role", "moderator", Some("410300")).await.expect(200);
    wang.get("/v1/admin/credentials").await.problem(403, "role_required");
    app.sequence().await;
    let told = app
        .database
        .value("SELECT string_agg(type, ' ' ORDER BY seq) FROM events WHERE type LIKE 'account.role%'")
        .await;
    assert_eq!(told, "account.role_granted account.role_revoked");
}

#[tokio::test]
async fn a_role_takes_a_long_password_or_a_second_factor() {
    let app = TestApp::start().await;
    let (admin, wang) = (app.admin().await, app.account("wang").await);
    role(&admin, &wang, "/grant-role", "officer", None).await.problem(409, "role_needs_second_factor");
    let long = "一个足够长的平台管理员的密码句子";
    let input = json!({"password": PASSWORD, "new_password": long});
    wang.post("/v1/accounts/me/password").json(input).await.expect(204);
    role(&admin, &wang, "/grant-role", "officer", None).await.expect(200);
}

#[tokio::test]
async fn an_administrator_of_a_region_acts_there_alone() {
    let app = TestApp::start().await;
    let local = app.official("local", "admin", "410000").await;
    let (wang, boss) = (fit(&app, "wang").await, app.admin().await);
    role(&local, &wang, "/grant-role", "moderator", None).await.problem(403, "role_required");
    role(&local, &wang, "/grant-role", "moderator", Some("420000")).await.problem(403, "role_required");
    local.get(&path(&wang, "")).await.problem(404, "not_found");
    status(&local, &wang, "/disable").await.problem(404, "not_found");
    let list = local.get("/v1/admin/accounts").await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "itself: {list}");

    role(&local, &wang, "/grant-role", "moderator", Some("410300")).await.expect(200);
    local.get(&path(&wang, "")).await.expect(200);
    let list = local.get("/v1/admin/accounts").await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2, "{list}");
    // With a role elsewhere too, it is not theirs to disable.
    role(&boss, &wang, "/grant-role", "officer", Some("420000")).await.expect(200);
    status(&local, &wang, "/disable").await.problem(403, "role_required");
    role(&boss, &wang, "/revoke-role", "officer", Some("420000")).await.expect(200);
    status(&local, &wang, "/disable").await.expect(200);
    status(&local, &boss, "/disable").await.problem(404, "not_found");
}

#[tokio::test]
async fn members_of_enterprises_in_the_region_are_seen() {
    let app = TestApp::start().await;
    let local = app.official("local", "admin", "410300").await;
    let (here, there) = (app.member("here").await, app.member("there").await);
    for (member, region) in [(&here, "410305"), (&there, "420100")] {
        let change = json!({"region_code": region});
        member.patch(&member.enterprise_path()).if_match("*").merge_patch(change).await.expect(200);
    }
    local.get(&path(&here, "")).await.expect(200);
    local.get(&path(&there, "")).await.problem(404, "not_found");
}

#[tokio::test]
async fn disabling_acts_at_once_and_says_why() {
    let app = TestApp::start().await;
    let (admin, wang) = (app.admin().await, app.account("wang").await);
    admin.post(&path(&wang, "/disable")).json(json!({"reason": "x"})).await.problem(428, "if_match_required");
    let refused = admin.post(&path(&wang, "/disable")).if_match("*").json(json!({"reason": " "})).await;
    assert_eq!(faults(&refused.problem(422, "invalid")), [("/reason".to_owned(), "blank".to_owned())]);
    let disabled = status(&admin, &wang, "/disable").await.expect(200).json();
    assert_eq!((&disabled["status"], &disabled["status_reason"]), (&json!("disabled"), &json!("多次发布虚假信息")));
    wang.get("/v1/accounts/me").await.problem(401, "session_ended");
    let input = json!({"email": "wang@example.cn", "password": PASSWORD});
    app.anonymous().post("/v1/sessions").json(input.clone()).await.problem(401, "credentials_invalid");
    status(&admin, &wang, "/disable").await.problem(409, "account_state_conflict");
    role(&admin, &wang, "/grant-role", "officer", None).await.problem(409, "account_state_conflict");
    status(&admin, &wang, "/restore").await.expect(200);
    wang.get("/v1/accounts/me").await.problem(401, "session_ended");
    app.anonymous().post("/v1/sessions").json(input).await.expect(201);
    let by =
        app.database.value(&format!("SELECT status_changed_by FROM accounts WHERE id = '{}'", wang.account_id)).await;
    assert_eq!(by, admin.account_id.to_string());
}

#[tokio::test]
async fn somebody_is_left_who_administrates_everywhere() {
    let app = TestApp::start().await;
    let (first, second) = (app.admin().await, app.official("second", "admin", "").await);
    status(&first, &first, "/disable").await.problem(409, "own_account");
    role(&first, &first, "/revoke-role", "admin", None).await.problem(409, "own_account");
    // Of two who take it from each other, one keeps it.
    let both =
        [role(&first, &second, "/revoke-role", "admin", None), role(&second, &first, "/revoke-role", "admin", None)];
    together(both).await;
    let left = "SELECT count(*) FROM platform_roles WHERE role = 'admin'";
    assert_eq!(app.database.count(left).await, 1);
    let login = app.database.value("SELECT email FROM accounts JOIN platform_roles ON id = account_id").await;
    let change = Change::Disable { reason: "x".to_owned() };
    let refused = app.inner().change_as_operator(&Login::Email(login), &change, chrono::Utc::now()).await;
    assert!(format!("{refused:?}").contains("last_admin"), "{refused:?}");
}

#[tokio::test]
async fn reading_personal_data_is_recorded() {
    let app = TestApp::start().await;
    let (admin, wang) = (app.admin().await, app.account("wang").await);
    let list = admin.get("/v1/admin/accounts?role=admin&status=active").await.expect(200).json();
    assert_eq!((list["items"].as_array().unwrap().len(), &list["items"][0]["email"]), (1, &json!("a***@example.cn")));
    let find = async |input: Value| admin.post("/v1/admin/accounts/search").json(input).await.expect(200).json();
    assert_eq!(find(json!({"email": "nobody@example.cn"})).await["items"], json!([]));
    let found = find(json!({"email": "WANG@example.cn"})).await;
    assert_eq!(found["items"][0]["id"], wang.account_id.to_string());
    assert_eq!(found["items"][0]["email"], "w***@example.cn");
    let read = admin.get(&path(&wang, "")).await.expect(200).json();
    assert_eq!(read["email"], "wang@example.cn");
    app.sequence().await;
    let recorded = format!(
        "SELECT count(*) FROM events WHERE type = 'account.read' AND entity_id = '{}' AND actor = '{}'",
        wang.account_id, admin.account_id
    );
    assert_eq!(app.database.count(&recorded).await, 2);
    wang.get("/v1/admin/accounts").await.problem(403, "role_required");
    admin.get(&format!("/v1/admin/accounts/{}", uuid::Uuid::now_v7())).await.problem(404, "not_found");
}

#[tokio::test]
async fn lists_are_paged() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for i in 0..5 {
        app.account(&format!("person{i}")).await;
    }
    let (mut seen, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = admin.get(&format!("/v1/admin/accounts{query}")).await.expect(200).json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].to_string()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=2&cursor={cursor}");
    }
    let count = seen.len();
    seen.dedup();
    assert_eq!((count, seen.len()), (6, 6));
}

#[tokio::test]
async fn bad_input() {
    let app = TestApp::start().await;
    let (admin, wang) = (app.admin().await, fit(&app, "wang").await);
    let unknown = role(&admin, &wang, "/grant-role", "moderator", Some("999999")).await.problem(422, "invalid");
    assert_eq!(faults(&unknown), [("/region_code".to_owned(), "region_unknown".to_owned())]);
    role(&admin, &wang, "/grant-role", "emperor", None).await.problem(422, "invalid");
    role(&admin, &wang, "/grant-role", "admin", Some("4103-")).await.problem(422, "invalid");
    admin.get("/v1/admin/accounts?role=emperor").await.problem(400, "parameters_invalid");
    admin.get("/v1/admin/accounts?email=wang@example.cn").await.problem(400, "parameters_invalid");
    let key = |request: Request| request.idempotency_key("grant-1");
    let first = key(role(&admin, &wang, "/grant-role", "officer", None)).await.expect(200);
    let again = key(role(&admin, &wang, "/grant-role", "officer", None)).await.expect(200);
    assert_eq!((first.body, again.header("idempotency-replayed")), (again.body.clone(), "true"));
}

#[tokio::test]
async fn the_operator_makes_the_first_administrator() {
    let app = TestApp::start().await;
    let login = || Login::Email("boss@example.cn".to_owned());
    let grant = Grant { role: PlatformRole::Admin, region_code: None };
    let person = |password: &str| {
        let password = Password::typed(password.to_owned());
        NewPerson { login: login(), password, display_name: "Boss".to_owned() }
    };
    let now = chrono::Utc::now();
    let first = app.inner().create_admin(person("一个足够长的平台管理员的密码句子"), &grant, now).await.unwrap();
    let sign_in = async |password: &str| {
        app.anonymous().post("/v1/sessions").json(json!({"email": "boss@example.cn", "password": password})).await
    };
    let session = sign_in("一个足够长的平台管理员的密码句子").await.expect(201).json();
    let boss = app.anonymous().with_token(session["access_token"].as_str().unwrap());
    boss.get("/v1/admin/accounts").await.expect(200);
    // The same again takes the new password, and ends what stood.
    let again = app.inner().create_admin(person("另一个足够长的平台管理员的密码"), &grant, now).await.unwrap();
    assert_eq!(first, again);
    boss.get("/v1/admin/accounts").await.problem(401, "session_ended");
    sign_in("另一个足够长的平台管理员的密码").await.expect(201);
    let nowhere = Grant { role: PlatformRole::Moderator, region_code: Some("999999".to_owned()) };
    let refused = app.inner().change_as_operator(&login(), &Change::Grant(nowhere), now).await;
    assert!(format!("{refused:?}").contains("region_unknown"), "{refused:?}");
    assert_eq!(app.inner().list_officials().await.unwrap().len(), 1);
}
