//! The audit: what it keeps of a change, who may read it, and that nothing of it is changed unnoticed.

use duijie::app::audit::Fault;
use serde_json::{Value, json};

use crate::support::market::{need, path};
use crate::support::{Client, Member, TestApp};

async fn items(client: &Client, query: &str) -> Vec<Value> {
    let page = client.get(&format!("/v1/admin/audit?{query}")).await.expect(200).json();
    page["items"].as_array().unwrap().clone()
}

async fn employ(member: &Member, employees: u32) {
    let patch = member.patch(&member.enterprise_path()).if_match("*").merge_patch(json!({"employees": employees}));
    patch.await.expect(200);
}

#[tokio::test]
async fn a_change_is_kept_with_what_stood_before_and_after() {
    let app = TestApp::start().await;
    let (member, admin) = (app.member("wang").await, app.admin().await);
    employ(&member, 300).await;
    let contacts = json!({"contacts": [{"name": "王芳", "mobile": "13800138000"}], "employees": 320});
    let patch = member.patch(&member.enterprise_path()).if_match("*").header("x-request-id", "seen-elsewhere-7");
    patch.merge_patch(contacts).await.expect(200);
    app.sequence().await;
    let entry = items(&admin, &format!("id={}", member.enterprise_id())).await.remove(0);
    assert_eq!((&entry["type"], &entry["actor"]), (&json!("enterprise.updated"), &json!(member.account_id)));
    assert_eq!(entry["before"], json!({"employees": 300}));
    assert_eq!(entry["after"]["employees"], 320);
    assert_eq!(entry["after"]["contacts"][0]["mobile"], "+8613800138000");
    assert_eq!(entry["changed"], json!({"fields": ["contacts", "employees"]}), "no content in the event itself");
    assert_eq!((&entry["address"], &entry["request_id"]), (&json!("127.0.0.1"), &json!("seen-elsewhere-7")));
}

#[tokio::test]
async fn every_kind_of_change_tells_what_it_changed() {
    let app = TestApp::start().await;
    app.load().await;
    let (member, other, admin) = (app.member("wang").await, app.member("li").await, app.admin().await);
    let listing = member.publish(need()).await;
    let at = path(&listing);
    member.patch(&at).if_match("*").merge_patch(json!({"quantity": "7"})).await.expect(200);
    member.post(&format!("{at}/withdraw")).if_match("*").await.expect(200);
    let credential = json!({"scheme": "business_licence", "number": "豫1", "issuer": "洛阳"});
    let stated = member.post(&format!("{}/credentials", member.enterprise_path())).json(credential);
    let stated = stated.await.expect(201).json();
    let accept = format!("/v1/admin/credentials/{}/accept", stated["id"].as_str().unwrap());
    admin.post(&accept).await.expect(200);
    let block = format!("{}/blocks/{}", member.enterprise_path(), other.enterprise_id());
    member.request("PUT", &block).await.expect(204);
    let lists = format!("/v1/admin{}/designations", member.enterprise_path().trim_start_matches("/v1"));
    let designations = json!({"designations": [{"list": "重点保障企业", "issuer": "河南"}]});
    admin.request("PUT", &lists).json(designations).await.expect(200);
    app.sequence().await;
    let entries = items(&admin, "limit=100").await;
    let detail = |event_type: &str| {
        let entry = entries.iter().find(|entry| entry["type"] == event_type);
        entry.map(|entry| (entry["before"].clone(), entry["after"].clone())).unwrap_or_default()
    };
    let quantity = listing["quantity"].clone();
    assert_eq!(detail("listing.updated"), (json!({"quantity": quantity}), json!({"quantity": "7"})));
    assert_eq!(detail("listing.withdrawn"), (json!({"status": "published"}), json!({"status": "withdrawn"})));
    assert_eq!(detail("listing.created").1["title"], listing["title"]);
    assert_eq!(detail("enterprise.credential_stated").1["number"], "豫1");
    let accepted = (json!({"status": "pending"}), json!({"status": "accepted"}));
    assert_eq!(detail("enterprise.credential_accepted"), accepted);
    assert_eq!(detail("enterprise.blocked").1, json!({"blocked_id": other.enterprise_id()}));
    assert_eq!(detail("enterprise.designated").1["designations"][0]["list"], "重点保障企业");
    assert!(detail("account.created").1["email"].is_string());
    let kept = app.database.value("SELECT string_agg(d::text, ' ') FROM audit_details d").await;
    assert!(!kept.contains("argon2"), "no secret, and no hash of one");
}

#[tokio::test]
async fn administrators_read_the_whole_log_and_are_written_down_for_it() {
    let app = TestApp::start().await;
    let (wang, li, admin) = (app.member("wang").await, app.member("li").await, app.admin().await);
    employ(&wang, 5).await;
    employ(&li, 6).await;
    app.sequence().await;
    app.anonymous().get("/v1/admin/audit").await.problem(401, "token_required");
    wang.get("/v1/admin/audit").await.problem(403, "role_required");
    let confined = app.official("confined", "admin", "410000").await;
    confined.get("/v1/admin/audit").await.problem(403, "role_required");
    app.official("moderator", "moderator", "").await.get("/v1/admin/audit").await.problem(403, "role_required");

    let by_wang = items(&admin, &format!("actor={}&entity=enterprise", wang.account_id)).await;
    let types: Vec<&Value> = by_wang.iter().map(|entry| &entry["type"]).collect();
    assert_eq!(types, ["enterprise.updated", "enterprise.created"]);
    let updates = items(&admin, "type=enterprise.updated").await;
    assert_eq!(updates.len(), 2);
    let at = updates[1]["at"].as_str().unwrap();
    assert_eq!(items(&admin, &format!("type=enterprise.updated&until={at}")).await.len(), 0);
    assert_eq!(items(&admin, &format!("type=enterprise.updated&since={at}")).await.len(), 2);
    for wrong in ["entity=%00", "id=7", "since=yesterday", "type=Listing", "limit=0", "limit=101", "colour=red"] {
        admin.get(&format!("/v1/admin/audit?{wrong}")).await.problem(400, "parameters_invalid");
    }

    app.sequence().await;
    let reads = items(&admin, &format!("type=audit.read&actor={}", admin.account_id)).await;
    assert!(reads.len() >= 4, "{reads:?}");
    assert_eq!(reads[0]["after"]["type"], "enterprise.updated", "and for what was asked");

    let mut seen: Vec<i64> = Vec::new();
    let mut next = Some("/v1/admin/audit?limit=3&entity=enterprise".to_owned());
    while let Some(at) = next.take() {
        let page = admin.get(&at).await.expect(200).json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|entry| entry["seq"].as_i64().unwrap()));
        let cursor = page["next_cursor"].as_str();
        next = cursor.map(|cursor| format!("/v1/admin/audit?limit=3&entity=enterprise&cursor={cursor}"));
    }
    assert_eq!(seen.len(), 4);
    assert!(seen.is_sorted_by(|a, b| a > b), "{seen:?}");
}

#[tokio::test]
async fn an_enterprise_reads_its_own_and_learns_of_staff_the_role_alone() {
    let app = TestApp::start().await;
    app.load().await;
    let (wang, li, admin) = (app.member("wang").await, app.member("li").await, app.admin().await);
    let listing = wang.publish(need()).await;
    let partner = format!("{}/partners/{}", li.enterprise_path(), wang.enterprise_id());
    li.request("PUT", &partner).await.expect(204);
    li.patch(&li.enterprise_path()).if_match("*").merge_patch(json!({"employees": 9})).await.expect(200);
    let lists = format!("/v1/admin{}/designations", wang.enterprise_path().trim_start_matches("/v1"));
    let designations = json!({"designations": [{"list": "重点保障企业", "issuer": "河南"}]});
    admin.request("PUT", &lists).json(designations).await.expect(200);
    app.sequence().await;
    let own = format!("{}/audit", wang.enterprise_path());
    app.anonymous().get(&own).await.problem(401, "token_required");
    li.get(&own).await.problem(403, "not_owner");
    wang.get(&format!("/v1/enterprises/{}/audit", uuid::Uuid::nil())).await.problem(404, "not_found");
    let join = |role: &str| {
        let (account, enterprise) = (li.account_id, wang.enterprise_id());
        format!("INSERT INTO memberships VALUES ('{account}', '{enterprise}', '{role}', now())")
    };
    app.database.execute(&join("trader")).await;
    li.get(&own).await.problem(403, "not_owner");

    let page = wang.get(&format!("{own}?limit=100")).await.expect(200).json();
    let entries = page["items"].as_array().unwrap();
    let of = |event_type: &str| entries.iter().find(|entry| entry["type"] == event_type).cloned().unwrap_or_default();
    let own_doing = json!({"kind": "member", "account_id": wang.account_id, "name": "wang"});
    assert_eq!((&of("listing.published")["actor"], &of("listing.published")["id"]), (&own_doing, &listing["id"]));
    let designated = of("enterprise.designated");
    assert_eq!(designated["actor"], json!({"kind": "platform", "role": "admin"}));
    assert_eq!(designated["after"]["designations"][0]["issuer"], "河南");
    assert!(designated.get("address").is_none() && designated.get("request_id").is_none());
    assert_eq!(of("listing.published")["address"], "127.0.0.1", "one's own");
    let declared = of("enterprise.partner_declared");
    assert!(declared.get("after").is_none(), "what is another's is not told: {declared}");
    assert_eq!(of("enterprise.updated"), Value::Null, "of another enterprise");
    let text = page.to_string();
    assert!(!text.contains(&admin.account_id.to_string()), "{text}");
}

#[tokio::test]
async fn details_take_no_change_but_their_erasure() {
    let app = TestApp::start().await;
    app.member("wang").await;
    for change in [
        "UPDATE audit_details SET after = 'x'",
        "UPDATE audit_details SET event_id = gen_random_uuid()",
        "DELETE FROM audit_details",
        "TRUNCATE audit_details",
    ] {
        let refused = app.database.connect().await.batch_execute(change).await.unwrap_err();
        let message = refused.as_db_error().map(|error| error.message().to_owned());
        assert_eq!(message.as_deref(), Some("audit_details is append-only"), "{change}");
    }
    let half = "UPDATE audit_details SET erased_at = now(), erasure_id = gen_random_uuid()";
    let refused = app.database.connect().await.batch_execute(half).await.unwrap_err();
    assert_eq!(refused.as_db_error().and_then(|error| error.constraint()), Some("audit_details_erased_whole"));
}

/// Five events: the account, its session and its enterprise, and two changes of that.
async fn grown() -> (TestApp, Member) {
    let app = TestApp::start().await;
    let member = app.member("wang").await;
    for employees in [1, 2] {
        employ(&member, employees).await;
    }
    app.sequence().await;
    assert_eq!(faults(&app, None).await, []);
    (app, member)
}

async fn faults(app: &TestApp, expected: Option<(i64, Vec<u8>)>) -> Vec<Fault> {
    let mut faults = Vec::new();
    app.inner().verify_audit(expected, |fault| faults.push(fault)).await.unwrap();
    faults
}

async fn tamper(app: &TestApp, change: &str) {
    let disable = "ALTER TABLE events DISABLE TRIGGER ALL; ALTER TABLE audit_details DISABLE TRIGGER ALL";
    app.database.execute(&format!("{disable}; {change}")).await;
}

const OF_3: &str = "event_id = (SELECT event_id FROM events WHERE seq = 3)";

#[tokio::test]
async fn what_was_altered_behind_the_triggers_shows() {
    use Fault::{Altered, DetailAltered, DetailMissing, Missing};
    let detail_of_3 = |change: &str| format!("{change} WHERE {OF_3}");
    for (change, found) in [
        ("UPDATE events SET version = 9 WHERE seq = 3".to_owned(), vec![Altered { seq: 3 }]),
        ("UPDATE events SET at = at + interval '1 microsecond' WHERE seq = 2".to_owned(), vec![Altered { seq: 2 }]),
        ("UPDATE events SET changed = '{\"fields\": []}' WHERE seq = 4".to_owned(), vec![Altered { seq: 4 }]),
        ("UPDATE events SET actor = NULL WHERE seq = 1".to_owned(), vec![Altered { seq: 1 }]),
        ("UPDATE events SET audience = 'public' WHERE seq = 2".to_owned(), vec![Altered { seq: 2 }]),
        ("UPDATE events SET hash = '\\x00' WHERE seq = 4".to_owned(), vec![Altered { seq: 4 }, Altered { seq: 5 }]),
        (
            "UPDATE events SET seq = 9 WHERE seq = 3; UPDATE events SET seq = 3 WHERE seq = 4;
             UPDATE events SET seq = 4 WHERE seq = 9"
                .to_owned(),
            vec![Altered { seq: 3 }, Altered { seq: 4 }, Altered { seq: 5 }],
        ),
        (
            "UPDATE events SET detail_hash = NULL WHERE seq = 3".to_owned(),
            vec![DetailAltered { seq: 3 }, Altered { seq: 3 }],
        ),
        (detail_of_3("UPDATE audit_details SET after = replace(after, '1', '7')"), vec![DetailAltered { seq: 3 }]),
        (detail_of_3("UPDATE audit_details SET address = '203.0.113.9'"), vec![DetailAltered { seq: 3 }]),
        (detail_of_3("DELETE FROM audit_details"), vec![DetailMissing { seq: 3 }]),
        (format!("DELETE FROM audit_details WHERE {OF_3}; DELETE FROM events WHERE seq = 3"), vec![Missing { seq: 3 }]),
    ] {
        let (app, _) = grown().await;
        tamper(&app, &change).await;
        assert_eq!(faults(&app, None).await, found, "{change}");
    }
}

#[tokio::test]
async fn a_removed_event_is_missed_by_its_detail_too() {
    let (app, _) = grown().await;
    let last = app.database.value("SELECT event_id FROM events WHERE seq = 5").await.parse().unwrap();
    tamper(&app, "DELETE FROM events WHERE seq = 5").await;
    assert_eq!(faults(&app, None).await, [Fault::EventMissing { event_id: last }]);
}

#[tokio::test]
async fn an_erasure_nobody_recorded_is_an_alteration() {
    let (app, _) = grown().await;
    let made_up = uuid::Uuid::now_v7();
    let erase = format!(
        "UPDATE audit_details SET address = NULL, request_id = NULL, app_id = NULL, how = NULL, before = NULL,
             after = NULL, salt = NULL, erased_at = now(), erasure_id = '{made_up}' WHERE {OF_3}"
    );
    // No trigger refuses it: whoever can write to the table can erase. The log tells.
    app.database.execute(&erase).await;
    assert_eq!(faults(&app, None).await, [Fault::ErasureUnfounded { erasure_id: made_up }]);
}

#[tokio::test]
async fn a_head_kept_elsewhere_finds_a_rewritten_end() {
    let (app, member) = grown().await;
    let head = app.inner().verify_audit(None, |_| ()).await.map(|walk| (walk.seq, walk.hash)).unwrap();
    assert_eq!(head.0, 5);
    employ(&member, 4).await;
    app.sequence().await;
    assert_eq!(faults(&app, Some(head.clone())).await, [], "a longer log holds it still");
    let cut = "DELETE FROM audit_details USING events e
                   WHERE e.event_id = audit_details.event_id AND e.seq >= 5;
               DELETE FROM events WHERE seq >= 5";
    tamper(&app, cut).await;
    assert_eq!(faults(&app, None).await, [], "the chain alone cannot tell");
    assert_eq!(faults(&app, Some(head.clone())).await, [Fault::HeadMissing { seq: 5 }]);
    employ(&member, 5).await;
    app.sequence().await;
    assert_eq!(faults(&app, None).await, []);
    assert_eq!(faults(&app, Some(head)).await, [Fault::HeadDiffers { seq: 5 }]);
}

#[tokio::test]
async fn signing_in_and_out_and_being_refused_are_written_down() {
    let app = TestApp::start().await;
    let member = app.account("wang").await;
    let wrong = json!({"email": member.email, "password": "not the password at all"});
    app.anonymous().post("/v1/sessions").json(wrong).await.problem(401, "credentials_invalid");
    let unknown = json!({"email": "nobody@example.cn", "password": "not the password at all"});
    app.anonymous().post("/v1/sessions").json(unknown).await.problem(401, "credentials_invalid");
    member.delete("/v1/sessions/current").await.expect(204);
    let admin = app.admin().await;
    app.sequence().await;
    let entries = items(&admin, &format!("id={}", member.account_id)).await;
    let told: Vec<(&Value, bool)> = entries.iter().map(|e| (&e["type"], e.get("actor").is_some())).collect();
    let [ended, refused, created, account] = &told[..] else { panic!("{told:?}") };
    assert_eq!((ended, refused), (&(&json!("session.ended"), true), &(&json!("session.refused"), false)));
    assert_eq!((created, account), (&(&json!("session.created"), true), &(&json!("account.created"), true)));
    assert!(
        entries.iter().all(|entry| entry["address"] == "127.0.0.1" && entry["request_id"].is_string()),
        "{entries:?}"
    );
    let nobody = items(&admin, &format!("type=session.refused&id={}", uuid::Uuid::nil())).await;
    assert_eq!((nobody.len(), &nobody[0]["address"]), (1, &json!("127.0.0.1")));
    assert!(!nobody[0].to_string().contains("nobody@example.cn"), "whoever it was looked for");
}

#[tokio::test]
async fn an_administrators_look_at_an_account_is_written_down() {
    let app = TestApp::start().await;
    let (wang, admin) = (app.account("wang").await, app.admin().await);
    admin.get(&format!("/v1/admin/accounts/{}", wang.account_id)).await.expect(200);
    app.sequence().await;
    let read = items(&admin, &format!("type=account.read&id={}", wang.account_id)).await.remove(0);
    assert_eq!((&read["actor"], &read["address"]), (&json!(admin.account_id), &json!("127.0.0.1")));
}
