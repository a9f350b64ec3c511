//! What an endpoint is told, and what can be read of it: at a sandbox, where receivers stand on this machine.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use duijie::domain::webhook_event::WebhookEventType;
use duijie::domain::webhook_signature::signatures;
use serde_json::{Value, json};

use crate::support::market::{need, offer, path, with};
use crate::support::{Answer, Heard, Member, Receiver, TestApp, document, id};

async fn sandbox() -> TestApp {
    TestApp::builder().set("DUIJIE_SANDBOX_PUBLIC_URL", "http://localhost:8081").sandbox().start().await
}

/// `webhook-signature` as a receiver reckons it.
fn signature(heard: &Heard, endpoint: &Value) -> String {
    let secret = endpoint["secret"].as_str().unwrap().strip_prefix("whsec_").unwrap();
    let timestamp = heard.head["webhook-timestamp"].parse().unwrap();
    signatures(&[STANDARD.decode(secret).unwrap()], &heard.head["webhook-id"], timestamp, &heard.body)
}

fn types(heard: &[Heard]) -> Vec<String> {
    heard.iter().map(|heard| heard.event()["type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_event_is_delivered_signed() {
    let (app, receiver) = (sandbox().await, Receiver::start(Answer::Status(204)).await);
    let owner = app.member("owner").await;
    let endpoint = owner.endpoint(json!({"url": receiver.url(), "event_types": ["listing.published"]})).await;
    let listing = owner.publish(need()).await;
    app.deliver_webhooks().await;
    let [heard] = receiver.heard().try_into().unwrap();
    assert_eq!(heard.head["webhook-signature"], signature(&heard, &endpoint));
    assert_eq!(heard.head["content-type"], "application/cloudevents+json; charset=utf-8");
    let timestamp: i64 = heard.head["webhook-timestamp"].parse().unwrap();
    assert!((chrono::Utc::now().timestamp() - timestamp).abs() < 60, "{timestamp}");

    let event = heard.event();
    let components = json!({ "schemas": document()["components"]["schemas"] });
    let schema = json!({"$ref": "#/components/schemas/WebhookEvent", "components": components});
    assert!(jsonschema::is_valid(&schema, &event), "{event}");
    assert_eq!((&event["source"], &event["type"]), (&json!("http://localhost:8081"), &json!("listing.published")));
    assert_eq!(event["id"], json!(heard.head["webhook-id"]));
    assert_eq!(event["subject"], json!(format!("listing/{}", id(&listing))));
    assert_eq!((&event["data"]["id"], &event["data"]["status"]), (&listing["id"], &json!("published")));
    assert_eq!(event["data"]["enterprise_id"], json!(owner.enterprise_id()));

    let [sent] = owner.sent_to(&endpoint).await.try_into().unwrap();
    assert_eq!(
        (&sent["status"], &sent["attempts"], &sent["response_status"]),
        (&json!("succeeded"), &json!(1), &json!(204))
    );
    assert_eq!((&sent["event_id"], sent.get("error"), sent.get("next_attempt_at")), (&event["id"], None, None));
    let at = format!("/v1/webhook-endpoints/{}", id(&endpoint));
    let history = owner.get(&format!("{at}/deliveries/{}", id(&sent))).await.expect(200).json();
    assert_eq!((&history["body"], &history["attempts"][0]["response_status"]), (&json!(heard.body), &json!(204)));
    assert!(owner.get(&at).await.expect(200).json()["last_success_at"].is_string());
    let failed = owner.get(&format!("{at}/deliveries?status=failed")).await.expect(200).json();
    assert_eq!(failed["items"], json!([]));
    // Nothing is sent twice.
    app.deliver_webhooks().await;
    assert_eq!(receiver.heard().len(), 1);
}

/// A market in which much happens to the owner and to others.
async fn busy(app: &TestApp, owner: &Member) {
    let (partner, admin) = (app.verified("partner").await, app.admin().await);
    let listing = owner.publish(need()).await;
    owner.patch(&path(&listing)).if_match("*").merge_patch(json!({"title": "N95 口罩"})).await.expect(200);
    let theirs = partner.publish(offer()).await;
    for _ in 0..2 {
        app.sequence().await;
        duijie::jobs::write_matches(app.inner()).await.unwrap();
    }
    let asked = json!({"enterprise_id": partner.enterprise_id(), "message": "请联系标记姓名 13877770007"});
    partner.post(&format!("{}/contact-requests", path(&listing))).json(asked).await.expect(201);
    let asked = json!({"enterprise_id": owner.enterprise_id(), "message": "标记姓名"});
    let asked = owner.post(&format!("{}/contact-requests", path(&theirs))).json(asked).await.expect(201).json();
    partner.post(&format!("/v1/contact-requests/{}/accept", id(&asked))).if_match("*").await.expect(200);
    let contacts = json!({"contacts": [{"name": "标记姓名", "mobile": "13877770007"}]});
    owner.patch(&owner.enterprise_path()).if_match("*").merge_patch(contacts).await.expect(200);
    let suspended = json!({"reasons": ["duplicate"], "note": "标记姓名"});
    let at = format!("/v1/admin/listings/{}/suspend", id(&listing));
    admin.post(&at).if_match("*").json(suspended).await.expect(200);
    owner.register(json!({})).await;
    let invited = json!({"email": "marked@example.cn", "role": "viewer"});
    owner.post(&format!("{}/invitations", owner.enterprise_path())).json(invited).await.expect(201);
}

#[tokio::test]
async fn an_enterprise_is_told_what_its_own_audit_shows_and_nothing_of_persons() {
    let (app, receiver) = (sandbox().await, Receiver::start(Answer::Status(200)).await);
    let owner = app.member("owner").await;
    owner.endpoint(json!({"url": receiver.url()})).await;
    let stranger = app.member("stranger").await;
    let other = Receiver::start(Answer::Status(200)).await;
    stranger.endpoint(json!({"url": other.url()})).await;
    let since = app.database.value("SELECT count(*)::text FROM events_pending").await;
    assert_ne!(since, "0");
    app.sequence().await;
    let since: i64 = app.database.count("SELECT max(seq) FROM events").await;
    busy(&app, &owner).await;
    app.deliver_webhooks().await;

    let audit = owner.get(&format!("{}/audit?limit=100", owner.enterprise_path())).await.expect(200).json();
    let entries = audit["items"].as_array().unwrap().iter().filter(|entry| entry["seq"].as_i64().unwrap() > since);
    let told = |entry: &Value| entry["type"].as_str().unwrap().parse::<WebhookEventType>().is_ok();
    let named = |entry: &Value| (entry["type"].to_string(), entry["id"].to_string(), entry["version"].to_string());
    let shown: BTreeSet<_> = entries.filter(|entry| told(entry)).map(named).collect();
    let named = |heard: &Heard| {
        let (event, data) = (heard.event(), heard.event()["data"].clone());
        (event["type"].to_string(), data["id"].to_string(), data["version"].to_string())
    };
    let heard: BTreeSet<_> = receiver.heard().iter().map(named).collect();
    assert_eq!(heard, shown);
    let kinds: BTreeSet<String> = types(&receiver.heard()).into_iter().collect();
    for kind in
        ["listing.published", "match.suggested", "contact_request.accepted", "enterprise.updated", "listing.suspended"]
    {
        assert!(kinds.contains(kind), "{kind} in {kinds:?}");
    }
    assert_eq!(types(&other.heard()), Vec::<String>::new());

    let people = app.database.value("SELECT string_agg(id::text, ' ') FROM accounts").await;
    for Heard { body, head } in receiver.heard() {
        for personal in ["标记", "13877770007", "example.cn", "13800138000"].into_iter().chain(people.split(' ')) {
            assert!(!body.contains(personal) && !format!("{head:?}").contains(personal), "{personal} in {body}");
        }
    }
}

#[tokio::test]
async fn two_secrets_sign_while_one_takes_the_place_of_the_other() {
    let (app, receiver) = (sandbox().await, Receiver::start(Answer::Status(200)).await);
    let owner = app.member("owner").await;
    let first = owner.endpoint(json!({"url": receiver.url()})).await;
    let at = format!("/v1/webhook-endpoints/{}", id(&first));
    let second = owner.post(&format!("{at}/rotate-secret")).await.expect(200).json();
    owner.test_endpoint(&first).await;
    app.send_webhooks().await;
    let heard = receiver.heard().pop().unwrap();
    let both = format!("{} {}", signature(&heard, &second), signature(&heard, &first));
    assert_eq!(heard.head["webhook-signature"], both);

    app.database.execute("UPDATE webhook_endpoints SET former_until = now()").await;
    owner.test_endpoint(&first).await;
    app.send_webhooks().await;
    let heard = receiver.heard().pop().unwrap();
    assert_eq!(heard.head["webhook-signature"], signature(&heard, &second));
    assert!(owner.get(&at).await.expect(200).json().get("former_secret_until").is_none());
}

#[tokio::test]
async fn a_test_event_goes_out_whatever_was_chosen_and_can_be_replayed() {
    let (app, receiver) = (sandbox().await, Receiver::start(Answer::Status(500)).await);
    let owner = app.member("owner").await;
    let endpoint = owner.endpoint(json!({"url": receiver.url(), "event_types": ["match.suggested"]})).await;
    let at = format!("/v1/webhook-endpoints/{}", id(&endpoint));
    let test = owner.test_endpoint(&endpoint).await;
    assert_eq!(
        (&test["event_type"], &test["status"], &test["attempts"]),
        (&json!("webhook.test"), &json!("pending"), &json!(0))
    );
    owner.post(&format!("{at}/test")).await.problem(409, "webhook_test_waits");
    app.send_webhooks().await;
    let replaying = format!("{at}/deliveries/{}/replay", id(&test));
    receiver.answer(Answer::Status(204));
    // It waits for its second try: sooner, if asked for.
    let again = owner.post(&replaying).await.expect(200).json();
    assert_eq!((&again["status"], &again["attempts"], &again["id"]), (&json!("pending"), &json!(1), &test["id"]));
    app.send_webhooks().await;
    owner.post(&replaying).await.expect(200);
    app.send_webhooks().await;
    let ids: BTreeSet<String> = receiver.heard().iter().map(|heard| heard.head["webhook-id"].clone()).collect();
    assert_eq!((receiver.heard().len(), ids.len()), (3, 1));
    let bodies: BTreeSet<String> = receiver.heard().into_iter().map(|heard| heard.body).collect();
    assert_eq!(bodies.len(), 1);
    let history = owner.get(&format!("{at}/deliveries/{}", id(&test))).await.expect(200).json();
    let statuses: Vec<&Value> =
        history["attempts"].as_array().unwrap().iter().map(|one| &one["response_status"]).collect();
    assert_eq!(statuses, [&json!(204), &json!(204), &json!(500)]);
    assert_eq!(history["attempts"][2]["error"], "status_refused");
    let elsewhere = format!("{at}/deliveries/{}/replay", id(&endpoint));
    owner.post(&elsewhere).await.problem(404, "not_found");
}

#[tokio::test]
async fn what_happened_before_an_endpoint_was_made_or_while_it_is_disabled_is_not_for_it() {
    let (app, receiver) = (sandbox().await, Receiver::start(Answer::Status(200)).await);
    let owner = app.member("owner").await;
    owner.publish(need()).await;
    let endpoint = owner.endpoint(json!({"url": receiver.url(), "event_types": ["listing.published"]})).await;
    app.deliver_webhooks().await;
    let at = format!("/v1/webhook-endpoints/{}", id(&endpoint));
    let switch = async |enabled: bool| {
        owner.patch(&at).if_match("*").merge_patch(json!({ "enabled": enabled })).await.expect(200);
    };
    switch(false).await;
    owner.publish(with(&need(), json!({"title": "口罩"}))).await;
    app.deliver_webhooks().await;
    switch(true).await;
    app.deliver_webhooks().await;
    assert_eq!(receiver.connections(), 0);
    let listing = owner.publish(need()).await;
    app.deliver_webhooks().await;
    let heard = receiver.heard();
    assert_eq!((heard.len(), &heard[0].event()["data"]["id"]), (1, &listing["id"]));
}
