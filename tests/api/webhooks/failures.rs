//! Receivers that are down, refuse, are gone, or stand where they may not.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use duijie::app::webhooks::sending::Outcome;
use duijie::domain::webhook::WebhookError;
use duijie::jobs;
use serde_json::{Value, json};

use crate::support::{Answer, Member, Receiver, TestApp, id};

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

async fn notifications(member: &Member, language: &str) -> Vec<Value> {
    let page = member.get("/v1/notifications").language(language).await.expect(200).json();
    page["items"].as_array().unwrap().iter().filter(|one| one["kind"] == "webhook_endpoint_disabled").cloned().collect()
}

#[tokio::test]
async fn a_failure_is_tried_again_ten_times_in_all_then_the_endpoint_is_disabled() {
    let receiver = Receiver::start(Answer::Status(500)).await;
    let app = TestApp::builder().sandbox().start().await;
    let owner = app.member("owner").await;
    let endpoint = owner.endpoint(json!({"url": receiver.url()})).await;
    let at = format!("/v1/webhook-endpoints/{}", id(&endpoint));
    owner.test_endpoint(&endpoint).await;
    let (minute, hour) = (60, 3600);
    for pause in [5, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour]
        .map(TimeDelta::seconds)
    {
        let before = Utc::now();
        app.send_webhooks().await;
        let [sent] = owner.sent_to(&endpoint).await.try_into().unwrap();
        assert_eq!((&sent["status"], &sent["error"]), (&json!("pending"), &json!("status_refused")));
        let (least, most) = (before + pause, Utc::now() + pause * 11 / 10);
        let next = time(&sent["next_attempt_at"]);
        assert!(least <= next && next <= most, "{pause}: {next} is not between {least} and {most}");
        app.send_webhooks().await;
        app.webhooks_are_due().await;
    }
    assert_eq!(receiver.connections(), 9, "none before its time");
    assert!(notifications(&owner, "en").await.is_empty());
    app.send_webhooks().await;
    let [sent] = owner.sent_to(&endpoint).await.try_into().unwrap();
    assert_eq!((&sent["status"], &sent["attempts"], sent.get("next_attempt_at")), (&json!("failed"), &json!(10), None));
    let disabled = owner.get(&at).await.expect(200).json();
    assert_eq!((&disabled["enabled"], &disabled["stop_reason"]), (&json!(false), &json!("failing")));
    let [told] = notifications(&owner, "en").await.try_into().unwrap();
    assert_eq!(told["text"], "Events are no longer sent to 127.0.0.1: It failed for days");
    assert_eq!(told["params"]["webhook_endpoint_id"], endpoint["id"]);
    app.sequence().await;
    assert_eq!(app.database.count("SELECT count(*) FROM events WHERE type = 'webhook_endpoint.disabled'").await, 1);
    owner.post(&format!("{at}/deliveries/{}/replay", id(&sent))).await.problem(409, "webhook_endpoint_disabled");

    receiver.answer(Answer::Status(200));
    let enabled = owner.patch(&at).if_match("*").merge_patch(json!({"enabled": true})).await.expect(200).json();
    assert_eq!((&enabled["enabled"], enabled.get("stop_reason")), (&json!(true), None));
    owner.post(&format!("{at}/deliveries/{}/replay", id(&sent))).await.expect(200);
    app.send_webhooks().await;
    assert_eq!(owner.sent_to(&endpoint).await[0]["status"], "succeeded");
}

/// One event that cannot be taken does not end an endpoint that takes others.
#[tokio::test]
async fn an_endpoint_where_something_succeeded_meanwhile_stays() {
    let receiver = Receiver::start(Answer::Status(500)).await;
    let app = TestApp::builder().sandbox().start().await;
    let owner = app.member("owner").await;
    let endpoint = owner.endpoint(json!({"url": receiver.url()})).await;
    let failing = owner.test_endpoint(&endpoint).await;
    app.send_webhooks().await;
    receiver.answer(Answer::Status(200));
    owner.patch(&owner.enterprise_path()).if_match("*").merge_patch(json!({"employees": 3})).await.expect(200);
    app.deliver_webhooks().await;
    receiver.answer(Answer::Status(500));
    for _ in 0..9 {
        app.webhooks_are_due().await;
        app.send_webhooks().await;
    }
    let at = format!("/v1/webhook-endpoints/{}", id(&endpoint));
    let history = owner.get(&format!("{at}/deliveries/{}", id(&failing))).await.expect(200).json();
    assert_eq!(history["delivery"]["status"], "failed");
    assert_eq!(owner.get(&at).await.expect(200).json()["enabled"], true);
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_disabled_at_once() {
    let receiver = Receiver::start(Answer::Status(410)).await;
    let app = TestApp::builder().sandbox().start().await;
    let owner = app.member("owner").await;
    let endpoint = owner.endpoint(json!({"url": receiver.url()})).await;
    owner.test_endpoint(&endpoint).await;
    app.send_webhooks().await;
    let disabled = owner.get(&format!("/v1/webhook-endpoints/{}", id(&endpoint))).await.expect(200).json();
    assert_eq!(
        (&disabled["enabled"], &disabled["stop_reason"], &disabled["version"]),
        (&json!(false), &json!("gone"), &json!(2))
    );
    let [sent] = owner.sent_to(&endpoint).await.try_into().unwrap();
    assert_eq!(
        (&sent["status"], &sent["error"], &sent["response_status"]),
        (&json!("failed"), &json!("gone"), &json!(410))
    );
    let [told] = notifications(&owner, "zh-CN").await.try_into().unwrap();
    assert_eq!(told["text"], "向 127.0.0.1 的事件推送已停用：对方答复 410");
    app.webhooks_are_due().await;
    app.send_webhooks().await;
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn the_market_sends_nothing_to_its_own_machine_even_where_the_database_says_so() {
    let receiver = Receiver::start(Answer::Status(200)).await;
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let endpoint = owner.endpoint(json!({})).await;
    let port = receiver.address.port();
    for url in [receiver.url(), format!("https://127.0.0.1:{port}/"), format!("https://localhost:{port}/")] {
        app.database.execute(&format!("UPDATE webhook_endpoints SET url = '{url}'")).await;
        app.database.execute("DELETE FROM webhook_deliveries").await;
        owner.test_endpoint(&endpoint).await;
        app.send_webhooks().await;
        let [sent] = owner.sent_to(&endpoint).await.try_into().unwrap();
        assert_eq!((&sent["status"], &sent["error"]), (&json!("pending"), &json!("target_refused")), "{url}");
    }
    assert_eq!(receiver.connections(), 0);
}

/// Else whoever registers there reaches what listens on its machine alone.
#[tokio::test]
async fn a_sandbox_that_others_reach_sends_nothing_to_its_own_machine() {
    let receiver = Receiver::start(Answer::Status(200)).await;
    let app = TestApp::builder().set("DUIJIE_SANDBOX_PUBLIC_URL", "https://sandbox.example").sandbox().start().await;
    let owner = app.member("owner").await;
    let endpoint = owner.endpoint(json!({})).await;
    let at = format!("/v1/webhook-endpoints/{}", id(&endpoint));
    for url in [receiver.url(), receiver.url().replace("http", "https")] {
        owner.patch(&at).if_match("*").merge_patch(json!({ "url": url })).await.problem(422, "invalid");
        app.database.execute(&format!("UPDATE webhook_endpoints SET url = '{url}'")).await;
        app.database.execute("DELETE FROM webhook_deliveries").await;
        owner.test_endpoint(&endpoint).await;
        app.send_webhooks().await;
        assert_eq!(owner.sent_to(&endpoint).await[0]["error"], "target_refused", "{url}");
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn what_another_address_answered_does_not_disable_the_one_there_now() {
    let receiver = Receiver::start(Answer::Slow(Duration::from_secs(30))).await;
    let app = TestApp::builder().sandbox().start().await;
    let owner = app.member("owner").await;
    let endpoint = owner.endpoint(json!({"url": receiver.url()})).await;
    owner.test_endpoint(&endpoint).await;
    let [taken] = app.inner().take_webhook_deliveries(10).await.unwrap().try_into().ok().unwrap();
    let at = format!("/v1/webhook-endpoints/{}", id(&endpoint));
    owner.patch(&at).if_match("*").merge_patch(json!({"url": "https://8.8.8.8/new"})).await.expect(200);
    let error = Some(WebhookError::Gone);
    let gone = Outcome { at: Utc::now(), duration_ms: 1, response_status: Some(410), error };
    app.inner().webhook_attempted(&taken, gone).await.unwrap();
    assert_eq!(owner.sent_to(&endpoint).await[0]["status"], "failed");
    assert_eq!(owner.get(&at).await.expect(200).json()["enabled"], true);
}

/// Replays have no end, and each begins the delivery's thirty days anew.
#[tokio::test]
async fn the_last_hundred_attempts_are_kept() {
    let receiver = Receiver::start(Answer::Status(200)).await;
    let app = TestApp::builder().sandbox().start().await;
    let owner = app.member("owner").await;
    let endpoint = owner.endpoint(json!({"url": receiver.url()})).await;
    let test = owner.test_endpoint(&endpoint).await;
    app.send_webhooks().await;
    app.database.execute("UPDATE webhook_deliveries SET attempts = 99").await;
    let at = format!("/v1/webhook-endpoints/{}/deliveries/{}", id(&endpoint), id(&test));
    for _ in 0..3 {
        owner.post(&format!("{at}/replay")).await.expect(200);
        app.send_webhooks().await;
    }
    let kept = "SELECT string_agg(number::text, ' ' ORDER BY number) FROM webhook_attempts";
    assert_eq!(app.database.value(kept).await, "100 101 102");
}

#[tokio::test]
async fn a_secret_of_another_installation_signs_nothing() {
    let receiver = Receiver::start(Answer::Status(200)).await;
    let app = TestApp::builder().sandbox().start().await;
    let owner = app.member("owner").await;
    let endpoint = owner.endpoint(json!({"url": receiver.url()})).await;
    app.database.execute("UPDATE webhook_endpoints SET sealed_secret = '\\x00'").await;
    owner.test_endpoint(&endpoint).await;
    app.send_webhooks().await;
    assert_eq!(owner.sent_to(&endpoint).await[0]["error"], "secret_unreadable");
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn what_was_sent_is_forgotten_after_thirty_days() {
    let receiver = Receiver::start(Answer::Status(200)).await;
    let app = TestApp::builder().sandbox().start().await;
    let owner = app.member("owner").await;
    let endpoint = owner.endpoint(json!({"url": receiver.url()})).await;
    let mut made = vec![];
    for days in [31, 29] {
        made.push(id(&owner.test_endpoint(&endpoint).await));
        app.send_webhooks().await;
        let old = format!(
            "UPDATE webhook_deliveries SET began_at = now() - interval '{days} days' WHERE began_at > now() - interval '1 day'"
        );
        app.database.execute(&old).await;
    }
    assert_eq!(app.database.count("SELECT count(*) FROM webhook_attempts").await, 2);
    jobs::purge(app.inner()).await.unwrap();
    assert_eq!(app.database.count("SELECT count(*) FROM webhook_attempts").await, 1);
    let left: Vec<_> = owner.sent_to(&endpoint).await.iter().map(id).collect();
    assert_eq!(left, made[1..]);
}
