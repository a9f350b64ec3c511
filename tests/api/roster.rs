//! The bureau's roster: loaded, and what it verifies.

use serde_json::{Value, json};

use crate::support::{Member, TestApp, faults, uscc};

fn entry(code: &str, name: &str, phone: &str) -> Value {
    json!({"uscc": code, "legal_name": name, "phone": phone, "contact": "王芳"})
}

async fn load(who: &Member, entries: Vec<Value>) -> crate::support::Response {
    who.post("/v1/admin/roster").json(json!({"entries": entries})).await
}

/// Proves that the person has this number, as a one-time code would.
async fn prove(app: &TestApp, who: &Member, mobile: &str, proven: bool) {
    let at = if proven { "now()" } else { "NULL" };
    let sql =
        format!("UPDATE accounts SET mobile = '{mobile}', mobile_verified_at = {at} WHERE id = '{}'", who.account_id);
    app.database.execute(&sql).await;
}

async fn ask(owner: &Member) -> Value {
    let path = format!("{}/verifications", owner.enterprise_path());
    owner.post(&path).json(json!({"method": "roster_phone"})).await.expect(201).json()
}

#[tokio::test]
async fn a_roster_is_loaded_whole_or_not_at_all() {
    let app = TestApp::start().await;
    let (admin, person) = (app.admin().await, app.account("wang").await);
    let (one, two) = (uscc::next(), uscc::next());
    load(&person, vec![entry(&one, "甲", "13800138000")]).await.problem(403, "role_required");
    app.official("mod", "moderator", "")
        .await
        .post("/v1/admin/roster")
        .json(json!({"entries": [entry(&one, "甲", "1")]}))
        .await
        .problem(403, "role_required");
    let bad = vec![entry(&one, "甲", "13800138000"), entry("914403007084611361", " ", ""), entry(&one, "乙", "")];
    let problem = load(&admin, bad).await.problem(422, "invalid");
    let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    let wanted = [
        fault("/entries/1/legal_name", "blank"),
        fault("/entries/1/uscc", "uscc_check_character"),
        fault("/entries/2/uscc", "repeated"),
    ];
    assert_eq!(faults(&problem), wanted);
    assert_eq!(app.database.count("SELECT count(*) FROM roster_entries").await, 0);
    let (far, near) = (app.official("far", "admin", "420000").await, app.official("near", "admin", "410000").await);
    load(&far, vec![entry(&one, "甲", "")]).await.problem(403, "role_required");
    let elsewhere = entry("91440300708461136T", "乙", "");
    assert_eq!(
        faults(&load(&near, vec![entry(&one, "甲", ""), elsewhere]).await.problem(422, "invalid")),
        [fault("/entries/1/uscc", "outside_region")]
    );
    let loaded = load(&admin, vec![entry(&one, "甲", "13800138000"), entry(&two, "乙", "0379-64912345")])
        .await
        .expect(200)
        .json();
    assert_eq!(loaded, json!({"added": 2, "changed": 0, "unchanged": 0, "without_mobile": 1}));
    let again =
        load(&admin, vec![entry(&one, "甲", "13800138000"), entry(&two, "乙", "13900139000")]).await.expect(200).json();
    assert_eq!(again, json!({"added": 0, "changed": 1, "unchanged": 1, "without_mobile": 0}));
    app.sequence().await;
    let log =
        app.database.value("SELECT string_agg(changed::text, ' ') FROM events WHERE type = 'roster.loaded'").await;
    assert!(!log.contains("138") && !log.contains("王芳"), "{log}");
}

#[tokio::test]
async fn code_name_and_proven_phone_together_verify_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let code = uscc::next();
    load(&admin, vec![entry(&code, "洛阳（示范）企业 A", "13800138000")]).await.expect(200);
    let mut people = Vec::new();
    for (name, legal_name) in [
        ("right", "洛阳(示范)企业A"),
        ("other-name", "洛阳企业"),
        ("other-phone", "洛阳(示范)企业A"),
        ("unproven", "洛阳(示范)企业A"),
    ] {
        let mut person = app.account(name).await;
        let input = json!({"uscc": code, "legal_name": legal_name});
        person.enterprise = person.post("/v1/enterprises").json(input).await.expect(201).json();
        people.push(person);
    }
    prove(&app, &people[1], "+8613800138000", true).await;
    assert_eq!(ask(&people[1]).await["status"], "pending", "another name");
    prove(&app, &people[1], "+8613800138001", true).await;
    prove(&app, &people[2], "+8613900139000", true).await;
    assert_eq!(ask(&people[2]).await["status"], "pending", "another phone");
    prove(&app, &people[3], "+8613800138000", false).await;
    assert_eq!(ask(&people[3]).await["status"], "pending", "a number nobody has proved to be theirs");
    prove(&app, &people[3], "+8613800138003", false).await;

    prove(&app, &people[0], "+8613800138000", true).await;
    let asked = ask(&people[0]).await;
    assert_eq!(asked["status"], "approved");
    let now = people[0].get(&people[0].enterprise_path()).await.expect(200).json();
    assert_eq!((&now["status"], &now["verification"]["level"]), (&json!("verified"), &json!("high")));
    assert_eq!(now["verification"]["method"], "roster_phone");
    for loser in &people[1..] {
        assert_eq!(loser.get(&loser.enterprise_path()).await.expect(200).json()["status"], "rejected");
    }
    let decisions = format!("/v1/admin/enterprises/{}/decisions", people[0].enterprise_id());
    let decision = admin.get(&decisions).await.expect(200).json()["items"][0].clone();
    assert_eq!((&decision["action"], decision.get("decided_by")), (&json!("verified"), None), "by a rule: {decision}");
}
