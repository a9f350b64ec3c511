//! Members and invitations: who may say who acts for an enterprise, and that it always has an owner.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::market::need;
use crate::support::{Member, Response, TestApp, faults, id, together};

fn members(of: &Member) -> String {
    format!("{}/members", of.enterprise_path())
}

fn membership(of: &Member, who: &Member) -> String {
    format!("{}/{}", members(of), who.account_id)
}

fn invitations(of: &Member) -> String {
    format!("{}/invitations", of.enterprise_path())
}

/// An invitation with the token its addressee got.
struct Invited {
    invitation: Value,
    token: String,
}

async fn token(app: &TestApp, address: &str) -> String {
    let letter = app.letters(address).await.pop().unwrap_or_else(|| panic!("nothing for {address}"));
    assert_eq!(letter["template"], "invitation");
    letter["parameters"]["token"].as_str().unwrap().to_owned()
}

async fn invite(app: &TestApp, owner: &Member, name: &str, role: &str) -> Invited {
    let address = format!("{name}@example.cn");
    let body = json!({"email": address, "role": role});
    let invitation = owner.post(&invitations(owner)).json(body).await.expect(201).json();
    Invited { invitation, token: token(app, &address).await }
}

async fn accept(who: &Member, invited: &Invited) -> Response {
    who.post("/v1/invitations/accept").json(json!({"token": invited.token})).await
}

/// Joins the owner's enterprise in this role.
async fn join(app: &TestApp, owner: &Member, name: &str, role: &str) -> Member {
    let member = app.account(name).await;
    let invitation = invite(app, owner, name, role).await;
    accept(&member, &invitation).await.expect(200);
    member
}

async fn roles(reader: &Member, of: &Member) -> Vec<(String, String)> {
    let page = reader.get(&members(of)).await.expect(200).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    page["items"].as_array().unwrap().iter().map(|one| (text(&one["display_name"]), text(&one["role"]))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, role)| (name.to_string(), role.to_string())).collect()
}

#[tokio::test]
async fn invited_people_join_once_with_the_token() {
    let app = TestApp::start().await;
    let (owner, stranger) = (app.member("wang").await, app.member("stranger").await);
    let input = json!({"email": " Li@Example.CN ", "role": "trader"});
    stranger.post(&invitations(&owner)).json(input.clone()).await.problem(403, "not_owner");
    let made = owner.post(&invitations(&owner)).language("en").json(input).await.expect(201);
    let invitation = made.json();
    assert_eq!((&invitation["status"], &invitation["email"]), (&json!("pending"), &json!("li@example.cn")));
    let token = token(&app, "li@example.cn").await;
    let letter = app.letters("li@example.cn").await.remove(0);
    assert!(letter["text"].as_str().unwrap().contains("as: trader"), "{letter}");

    // Only the person asked has it: neither an answer nor the database nor the log does.
    let listed = owner.get(&invitations(&owner)).await.expect(200);
    assert!(!made.text().contains(&token) && !listed.text().contains(&token));
    stranger.get(&invitations(&owner)).await.problem(403, "not_owner");
    app.sequence().await;
    for kept in
        ["invitations", "events", "outbox"].map(|table| format!("SELECT string_agg(t::text, ' ') FROM {table} t"))
    {
        let kept = app.database.value(&kept).await;
        assert!(!kept.contains(&token), "{kept}");
    }
    let told = app.database.value("SELECT string_agg(changed::text, ' ') FROM events").await;
    assert!(!told.contains("example.cn"), "an address is personal: {told}");
    let again = json!({"email": "li@example.cn", "role": "viewer"});
    owner.post(&invitations(&owner)).json(again).await.problem(409, "invitation_pending");

    let li = app.account("li").await;
    li.post("/v1/listings").json(with_enterprise(&owner)).await.problem(403, "not_trader");
    app.anonymous().post("/v1/invitations/accept").json(json!({"token": token})).await.problem(401, "token_required");
    li.post("/v1/invitations/accept").json(json!({"token": "nonsense"})).await.problem(404, "not_found");
    let invitation = Invited { invitation, token };
    let joined = accept(&li, &invitation).await.expect(200).json();
    assert_eq!((&joined["enterprise"]["role"], &joined["member"]["role"]), (&json!("trader"), &json!("trader")));
    li.post("/v1/listings").json(with_enterprise(&owner)).await.expect(201);
    accept(&stranger, &invitation).await.problem(409, "invitation_state_conflict");
    assert_eq!(roles(&li, &owner).await, pairs(&[("wang", "owner"), ("li", "trader")]));
    stranger.get(&members(&owner)).await.problem(403, "not_member");

    let again = invite(&app, &owner, "li2", "viewer").await;
    accept(&li, &again).await.problem(409, "already_member");
}

fn with_enterprise(owner: &Member) -> Value {
    let mut listing = need();
    listing["enterprise_id"] = json!(owner.enterprise_id());
    listing
}

#[tokio::test]
async fn an_invitation_ends() {
    let app = TestApp::start().await;
    let (owner, li) = (app.member("wang").await, app.account("li").await);
    let expired = invite(&app, &owner, "a", "trader").await;
    let past =
        format!("UPDATE invitations SET expires_at = now() - interval '1 s' WHERE id = '{}'", id(&expired.invitation));
    app.database.execute(&past).await;
    accept(&li, &expired).await.problem(409, "invitation_state_conflict");
    assert_eq!(owner.get(&invitations(&owner)).await.expect(200).json()["items"][0]["status"], "expired");

    let revoked = invite(&app, &owner, "b", "trader").await;
    let revoke = format!("{}/{}/revoke", invitations(&owner), id(&revoked.invitation));
    li.post(&revoke).await.problem(403, "not_owner");
    assert_eq!(owner.post(&revoke).await.expect(200).json()["status"], "revoked");
    owner.post(&revoke).await.problem(409, "invitation_state_conflict");
    accept(&li, &revoked).await.problem(409, "invitation_state_conflict");
    let other = app.member("other").await;
    let elsewhere = format!("{}/{}/revoke", invitations(&other), id(&revoked.invitation));
    other.post(&elsewhere).await.problem(404, "not_found");

    let declined = invite(&app, &owner, "c", "trader").await;
    let answer = json!({"token": declined.token});
    li.post("/v1/invitations/decline").json(answer).await.expect(204);
    accept(&li, &declined).await.problem(409, "invitation_state_conflict");
    assert_eq!(roles(&owner, &owner).await, pairs(&[("wang", "owner")]));
}

#[tokio::test]
async fn nobody_is_asked_again_and_again() {
    let app = TestApp::start().await;
    let (owner, other) = (app.member("wang").await, app.member("other").await);
    let body = json!({"email": "li@example.cn", "role": "viewer"});
    for _ in 0..5 {
        let made = owner.post(&invitations(&owner)).json(body.clone()).await.expect(201).json();
        owner.post(&format!("{}/{}/revoke", invitations(&owner), id(&made))).await.expect(200);
    }
    for asking in [&owner, &other] {
        let refused = asking.post(&invitations(asking)).json(body.clone()).await;
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        assert!((86_000..=86_401).contains(&wait), "{wait}");
        refused.problem(429, "invited_too_often");
    }
    assert_eq!(app.letters("li@example.cn").await.len(), 5);
}

#[tokio::test]
async fn enterprises_that_ask_one_address_at_once_share_its_day() {
    let app = TestApp::start().await;
    let mut owners = Vec::new();
    for at in 0..10 {
        owners.push(app.member(&format!("owner{at}")).await);
    }
    let body = json!({"email": "li@example.cn", "role": "viewer"});
    let asked = together(owners.iter().map(|owner| owner.post(&invitations(owner)).json(body.clone()))).await;
    let count = |status: u16| asked.iter().filter(|response| response.status == status).count();
    assert_eq!((count(201), count(429)), (5, 5));
}

#[tokio::test]
async fn one_invitation_makes_one_member() {
    let app = TestApp::start().await;
    let owner = app.member("wang").await;
    let invitation = invite(&app, &owner, "li", "trader").await;
    let mut people = Vec::new();
    for i in 0..5 {
        people.push(app.account(&format!("p{i}")).await);
    }
    let body = json!({"token": invitation.token});
    let answers = together(people.iter().map(|one| one.post("/v1/invitations/accept").json(body.clone()))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort();
    assert_eq!(statuses, [200, 409, 409, 409, 409]);
    assert_eq!(roles(&owner, &owner).await.len(), 2);
}

#[tokio::test]
async fn faults_of_invitations() {
    let app = TestApp::start().await;
    let owner = app.member("wang").await;
    let cases: Vec<(Value, &[(&str, &str)])> = vec![
        (json!({}), &[("/role", "required")]),
        (json!({"role": "trader"}), &[("", "email_or_mobile")]),
        (json!({"role": "trader", "email": "a@b.cn", "mobile": "13800138000"}), &[("", "email_or_mobile")]),
        (json!({"role": "trader", "email": "nobody"}), &[("/email", "email_invalid")]),
        (json!({"role": "trader", "mobile": "12345"}), &[("/mobile", "mobile_invalid")]),
        (json!({"role": "boss", "email": "a@b.cn"}), &[("/role", "not_one_of")]),
        (json!({"role": "trader", "email": "a@b.cn", "token": "x"}), &[("/token", "unknown_field")]),
    ];
    for (input, expected) in cases {
        let problem = owner.post(&invitations(&owner)).json(input.clone()).await.problem(422, "invalid");
        assert_eq!(faults(&problem), pairs(expected), "{input}");
    }
    let nul = r#"{"role": "trader", "email": "a\u0000@b.cn"}"#;
    let answer = owner.post(&invitations(&owner)).header("content-type", "application/json").body(nul).await;
    assert!(matches!(answer.status, 400 | 422), "{}", answer.shown());
    assert_eq!(app.database.count("SELECT count(*) FROM invitations").await, 0);
}

#[tokio::test]
async fn roles_change_at_once_and_ownership_is_handed_on() {
    let app = TestApp::start().await;
    let owner = app.member("wang").await;
    let li = join(&app, &owner, "li", "viewer").await;
    li.post("/v1/listings").json(with_enterprise(&owner)).await.problem(403, "not_trader");
    li.request("PUT", &membership(&owner, &li)).json(json!({"role": "owner"})).await.problem(403, "not_owner");
    let raised = owner.request("PUT", &membership(&owner, &li)).json(json!({"role": "trader"})).await.expect(200);
    assert_eq!(raised.json()["role"], "trader");
    li.post("/v1/listings").json(with_enterprise(&owner)).await.expect(201);
    let nobody = format!("{}/{}", members(&owner), Uuid::nil());
    owner.request("PUT", &nobody).json(json!({"role": "trader"})).await.problem(404, "not_found");
    owner.delete(&nobody).await.problem(404, "not_found");

    owner.delete(&membership(&owner, &owner)).await.problem(409, "owner_required");
    let leave = format!("{}/leave", owner.enterprise_path());
    owner.post(&leave).await.problem(409, "owner_required");
    let lower = json!({"role": "viewer"});
    owner.request("PUT", &membership(&owner, &owner)).json(lower).await.problem(409, "owner_required");

    let transfer = format!("{}/transfer", owner.enterprise_path());
    let to = |account: Uuid| json!({"account_id": account, "own_role": "signatory"});
    let stranger = app.account("stranger").await;
    let problem = owner.post(&transfer).json(to(stranger.account_id)).await.problem(422, "invalid");
    assert_eq!(faults(&problem), pairs(&[("/account_id", "member_unknown")]));
    let problem = owner.post(&transfer).json(to(owner.account_id)).await.problem(422, "invalid");
    assert_eq!(faults(&problem), pairs(&[("/account_id", "already_owner")]));
    assert_eq!(owner.post(&transfer).json(to(li.account_id)).await.expect(200).json()["role"], "owner");
    assert_eq!(roles(&owner, &owner).await, pairs(&[("wang", "signatory"), ("li", "owner")]));
    owner.post(&transfer).json(to(owner.account_id)).await.problem(403, "not_owner");

    owner.post(&leave).await.expect(204);
    owner.get(&members(&owner)).await.problem(403, "not_member");
    owner.post(&leave).await.problem(403, "not_member");
    assert_eq!(roles(&li, &owner).await, pairs(&[("li", "owner")]));
    let sql = format!(
        "SELECT string_agg(type, ' ' ORDER BY seq) FROM events WHERE enterprise_ids @> ARRAY['{}'::uuid] AND entity = 'member'",
        owner.enterprise_id()
    );
    app.sequence().await;
    let wanted =
        "member.joined member.changed member.changed member.changed member.ownership_transferred member.removed";
    assert_eq!(app.database.value(&sql).await, wanted);
}

/// Of several owners who go at once, by whatever way, one stays.
#[tokio::test]
async fn the_last_owner_stays_whoever_goes_at_once() {
    let app = TestApp::start().await;
    for round in 0..4 {
        let owner = app.member(&format!("wang{round}")).await;
        let mut owners = vec![];
        for i in 0..4 {
            owners.push(join(&app, &owner, &format!("owner{round}{i}"), "owner").await);
        }
        let leave = format!("{}/leave", owner.enterprise_path());
        let lower = json!({"role": "viewer"});
        let all = owners.iter().chain([&owner]);
        let answers = match round {
            0 => together(all.map(|one| one.post(&leave))).await,
            1 => together(all.map(|one| one.request("PUT", &membership(&owner, one)).json(lower.clone()))).await,
            2 => together(all.map(|one| one.delete(&membership(&owner, one)))).await,
            _ => {
                // Everybody removes everybody else.
                let next = |i: usize| &owners[(i + 1) % owners.len()];
                together(owners.iter().enumerate().map(|(i, one)| one.delete(&membership(&owner, next(i))))).await
            }
        };
        assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 204 | 403 | 404 | 409)), "{answers:?}");
        let sql = format!(
            "SELECT count(*) FROM memberships WHERE enterprise_id = '{}' AND role = 'owner'",
            owner.enterprise_id()
        );
        let left = app.database.count(&sql).await;
        assert!(left >= 1, "round {round}: nobody owns it");
        if round < 3 {
            assert_eq!(left, 1, "round {round}: only the last is kept");
        }
    }
}
