//! Declared supply relations, designations and confirmed urgency: who may say so, and what they do to scores.

use serde_json::{Value, json};

use crate::support::market::{day, matches, need, offer, path, with};
use crate::support::{Member, TestApp, faults};

fn factor<'a>(found: &'a Value, code: &str) -> &'a Value {
    let factors = found["factors"].as_array().unwrap();
    factors.iter().find(|factor| factor["code"] == code).unwrap_or(&Value::Null)
}

fn partner(member: &Member, other: &Member) -> String {
    format!("{}/partners/{}", member.enterprise_path(), other.enterprise_id())
}

async fn declare(member: &Member, other: &Member) {
    member.request("PUT", &partner(member, other)).await.expect(204);
}

#[tokio::test]
async fn a_supply_relation_counts_once_both_declare_it() {
    let app = TestApp::start().await;
    app.load().await;
    let twin = app.twin().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let (needed, _) = (buyer.publish(need()).await, seller.publish(offer()).await);
    let link = async || factor(&buyer.matches(&needed).await["items"][0], "chain_link").clone();
    let statuses = async |who: &Member| {
        let list = who.get(&format!("{}/partners", who.enterprise_path())).await.expect(200).json();
        list["items"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect::<Vec<_>>()
    };
    seller.request("PUT", &partner(&buyer, &seller)).await.problem(403, "not_owner");
    buyer.request("PUT", &partner(&buyer, &buyer)).await.problem(409, "counterpart_is_self");
    let nobody = format!("{}/partners/{}", buyer.enterprise_path(), uuid::Uuid::nil());
    buyer.request("PUT", &nobody).await.problem(404, "not_found");
    for _ in 0..2 {
        declare(&buyer, &seller).await;
    }
    assert_eq!(link().await, Value::Null, "one side's word is not enough");
    assert_eq!((statuses(&buyer).await, statuses(&seller).await), (vec![json!("declared")], vec![json!("requested")]));
    buyer.get(&format!("{}/partners", seller.enterprise_path())).await.problem(403, "not_member");

    declare(&seller, &buyer).await;
    assert_eq!(link().await["u"], 1.0, "{}", link().await);
    assert_eq!((statuses(&buyer).await, statuses(&seller).await), (vec![json!("mutual")], vec![json!("mutual")]));
    twin.sequence().await;
    let there = matches(&twin.as_member(&buyer), &needed).await;
    assert_eq!(factor(&there["items"][0], "chain_link")["u"], 1.0, "elsewhere by the log");
    let fresh = app.twin().await;
    let there = matches(&fresh.as_member(&buyer), &needed).await;
    assert_eq!(factor(&there["items"][0], "chain_link")["u"], 1.0, "and after a restart");

    for _ in 0..2 {
        seller.delete(&partner(&seller, &buyer)).await.expect(204);
    }
    assert_eq!(link().await, Value::Null);
    assert_eq!(statuses(&buyer).await, ["declared"]);
    let events = app.events_of(buyer.enterprise_id()).await;
    let wanted = ["enterprise.partner_declared", "enterprise.partnership_begun", "enterprise.partnership_ended"];
    assert_eq!(events[1..], wanted);
}

#[tokio::test]
async fn two_that_name_each_other_at_once_both_succeed() {
    let app = TestApp::start().await;
    let (one, two) = (app.member("one").await, app.member("two").await);
    for _ in 0..10 {
        futures_util::future::join(declare(&one, &two), declare(&two, &one)).await;
        let list = one.get(&format!("{}/partners", one.enterprise_path())).await.expect(200).json();
        assert_eq!(list["items"][0]["status"], "mutual");
        one.delete(&partner(&one, &two)).await.expect(204);
        two.delete(&partner(&two, &one)).await.expect(204);
    }
}

#[tokio::test]
async fn designated_enterprises_are_supplied_first() {
    let app = TestApp::start().await;
    app.load().await;
    let (buyer, seller, admin) = (app.member("buyer").await, app.member("seller").await, app.admin().await);
    let (needed, offered) = (buyer.publish(need()).await, seller.publish(offer()).await);
    let urgency = async || factor(&seller.matches(&offered).await["items"][0], "urgency")["u"].clone();
    assert_eq!(urgency().await, 0.3);
    let lists = format!("/v1/admin{}/designations", buyer.enterprise_path().trim_start_matches("/v1"));
    let one = json!({"list": "重点保障企业", "issuer": "河南省发展和改革委员会"});
    let both = json!({"designations": [one, one]});
    buyer.request("PUT", &lists).json(both.clone()).await.problem(403, "role_required");
    let problem = admin.request("PUT", &lists).json(both).await.problem(422, "invalid");
    assert_eq!(faults(&problem), [("/designations/1/list".to_owned(), "repeated".to_owned())]);
    let stated = json!({"designations": [one]});
    assert_eq!(admin.request("PUT", &lists).json(stated.clone()).await.expect(200).json(), stated);
    assert_eq!(urgency().await, 0.6, "at once");
    let shown = seller.get(&buyer.enterprise_path()).await.expect(200).json();
    assert_eq!((&shown["designations"], &shown["version"]), (&stated["designations"], &json!(2)));
    let twin = app.twin().await;
    let there = matches(&twin.as_member(&seller), &offered).await;
    assert_eq!(factor(&there["items"][0], "urgency")["u"], 0.6);
    admin.request("PUT", &lists).json(json!({"designations": []})).await.expect(200);
    assert_eq!(urgency().await, 0.3);
    assert_eq!(needed["version"], buyer.get(&path(&needed)).await.expect(200).json()["version"]);
}

#[tokio::test]
async fn urgency_counts_once_an_official_of_the_region_confirms_it() {
    let app = TestApp::start().await;
    app.load().await;
    let twin = app.twin().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let critical = with(&need(), json!({"urgency": "critical", "region_code": "410305", "needed_by": day(30)}));
    let (needed, offered) = (buyer.publish(critical).await, seller.publish(offer()).await);
    let urgency = async || factor(&seller.matches(&offered).await["items"][0], "urgency")["u"].clone();
    let confirm = |listing: &Value| format!("/v1/admin{}/confirm-urgency", path(listing).trim_start_matches("/v1"));
    assert_eq!(urgency().await, 0.3, "anyone can call a need critical");
    buyer.post(&confirm(&needed)).if_match("*").await.problem(403, "role_required");
    let elsewhere = app.official("elsewhere", "officer", "420000").await;
    elsewhere.post(&confirm(&needed)).if_match("*").await.problem(403, "role_required");
    let officer = app.official("officer", "officer", "410000").await;
    let anywhere = app.official("anywhere", "moderator", "").await;
    anywhere.post(&confirm(&offered)).if_match("*").await.problem(409, "needs_only");
    let draft = buyer.draft(with(&need(), json!({"region_code": "410305"}))).await;
    officer.post(&confirm(&draft)).if_match("*").await.problem(409, "state_conflict");

    let confirmed = officer.post(&confirm(&needed)).if_match("*").await.expect(200).json();
    assert!(confirmed["urgency_confirmed_at"].is_string(), "{confirmed}");
    assert_eq!(urgency().await, 1.0, "at once");
    let mutual = (buyer.matches(&needed).await, seller.matches(&offered).await);
    assert_eq!(mutual.0["items"][0]["mutual"], mutual.1["items"][0]["mutual"], "whoever asks");
    let again = officer.post(&confirm(&needed)).if_match("*").await.expect(200).json();
    assert_eq!(again["version"], confirmed["version"]);
    twin.sequence().await;
    let there = matches(&twin.as_member(&seller), &offered).await;
    assert_eq!(factor(&there["items"][0], "urgency")["u"], 1.0, "elsewhere by the log");

    let patch =
        async |change: Value| buyer.patch(&path(&needed)).if_match("*").merge_patch(change).await.expect(200).json();
    assert!(patch(json!({"quantity": "1500"})).await["urgency_confirmed_at"].is_string(), "other terms leave it");
    assert!(patch(json!({"urgency": "high"})).await.get("urgency_confirmed_at").is_none());
    assert_eq!(urgency().await, 0.3);
}
