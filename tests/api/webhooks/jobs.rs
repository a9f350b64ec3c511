//! Several processes, some of which die, and receivers that take their time.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use duijie::app::webhooks::sending::Outcome;
use duijie::jobs;
use serde_json::json;

use crate::support::{Answer, Member, Receiver, TestApp, id};

async fn change(owner: &Member, times: usize) {
    for employees in 1..=times {
        let patch = json!({ "employees": employees });
        owner.patch(&owner.enterprise_path()).if_match("*").merge_patch(patch).await.expect(200);
    }
}

#[tokio::test]
async fn processes_side_by_side_deliver_each_event_once_and_two_at_a_time() {
    const CHANGES: usize = 20;
    let receiver = Receiver::start(Answer::Slow(Duration::from_millis(30))).await;
    let app = TestApp::builder().sandbox().start().await;
    let owner = app.member("owner").await;
    owner.endpoint(json!({"url": receiver.url()})).await;
    change(&owner, CHANGES).await;
    app.sequence().await;
    let fan_out = || jobs::fan_out(app.inner());
    tokio::try_join!(fan_out(), fan_out(), fan_out()).unwrap();
    // As after a crash before the position was written.
    app.database.execute("UPDATE consumers SET position = 0 WHERE name = 'webhooks'").await;
    fan_out().await.unwrap();
    tokio::join!(app.send_webhooks(), app.send_webhooks(), app.send_webhooks());
    let heard = receiver.heard();
    let ids: BTreeSet<&String> = heard.iter().map(|heard| &heard.head["webhook-id"]).collect();
    assert_eq!((heard.len(), ids.len()), (CHANGES, CHANGES));
    assert_eq!(receiver.most_at_once(), 2);
}

#[tokio::test]
async fn a_delivery_outlives_the_process_that_took_it() {
    let receiver = Receiver::start(Answer::Status(200)).await;
    let app = TestApp::builder().sandbox().start().await;
    let owner = app.member("owner").await;
    let endpoint = owner.endpoint(json!({"url": receiver.url()})).await;
    let test = owner.test_endpoint(&endpoint).await;
    let [taken] = app.inner().take_webhook_deliveries(10).await.unwrap().try_into().ok().unwrap();
    app.send_webhooks().await;
    assert_eq!(receiver.connections(), 0, "somebody is at it");
    let at = format!("/v1/webhook-endpoints/{}/deliveries/{}", id(&endpoint), id(&test));
    owner.post(&format!("{at}/replay")).await.problem(409, "webhook_delivery_under_way");
    app.database.execute("UPDATE webhook_deliveries SET leased_until = now()").await;
    app.send_webhooks().await;
    assert_eq!(receiver.connections(), 1);
    // It was stopped, not dead: what it has to say no longer counts.
    let late = Outcome { at: chrono::Utc::now(), duration_ms: 1, response_status: Some(500), error: None };
    app.inner().webhook_attempted(&taken, late).await.unwrap();
    let history = owner.get(&at).await.expect(200).json();
    assert_eq!((&history["delivery"]["status"], &history["delivery"]["attempts"]), (&json!("succeeded"), &json!(2)));
    let numbers: Vec<_> = history["attempts"].as_array().unwrap().iter().map(|one| &one["number"]).collect();
    assert_eq!(numbers, [&json!(2)]);
}

/// Of a later version, which runs beside this one or ran before it.
#[tokio::test]
async fn a_kind_of_event_it_does_not_know_stops_nothing() {
    let (receiver, other) = (Receiver::start(Answer::Status(200)).await, Receiver::start(Answer::Status(200)).await);
    let app = TestApp::builder().sandbox().start().await;
    let owner = app.member("owner").await;
    let endpoint = owner.endpoint(json!({"url": receiver.url(), "event_types": ["enterprise.updated"]})).await;
    owner.endpoint(json!({"url": other.url(), "event_types": ["enterprise.updated"]})).await;
    let set = async |kinds: &str| {
        let at = id(&endpoint);
        let sql = format!("UPDATE webhook_endpoints SET event_types = '{{{kinds}}}' WHERE id = '{at}'");
        app.database.execute(&sql).await;
    };
    set("market.reborn,enterprise.updated").await;
    change(&owner, 1).await;
    app.deliver_webhooks().await;
    assert_eq!((receiver.heard().len(), other.heard().len()), (1, 1));
    // It is not told of everything either.
    set("market.reborn").await;
    change(&owner, 2).await;
    app.deliver_webhooks().await;
    assert_eq!((receiver.heard().len(), other.heard().len()), (1, 2));
    let left = "SELECT count(*) FROM webhook_deliveries WHERE leased_until IS NOT NULL OR status <> 'succeeded'";
    assert_eq!(app.database.count(left).await, 0);
}

/// As of one that ends every process that sends it, or whose outcome cannot be written down.
#[tokio::test]
async fn a_delivery_nobody_writes_down_is_tried_ten_times() {
    let receiver = Receiver::start(Answer::Status(200)).await;
    let app = TestApp::builder().sandbox().start().await;
    let owner = app.member("owner").await;
    let endpoint = owner.endpoint(json!({"url": receiver.url()})).await;
    let test = owner.test_endpoint(&endpoint).await;
    for _ in 0..10 {
        assert_eq!(app.inner().take_webhook_deliveries(10).await.unwrap().len(), 1);
        app.database.execute("UPDATE webhook_deliveries SET leased_until = now()").await;
    }
    assert_eq!(app.inner().take_webhook_deliveries(10).await.unwrap().len(), 0);
    let at = format!("/v1/webhook-endpoints/{}/deliveries/{}", id(&endpoint), id(&test));
    let delivery = owner.get(&at).await.expect(200).json()["delivery"].clone();
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("failed"), &json!(10)));
    owner.post(&format!("{at}/replay")).await.expect(200);
    app.send_webhooks().await;
    assert_eq!(owner.sent_to(&endpoint).await[0]["status"], "succeeded");
}

#[tokio::test]
async fn a_slow_receiver_holds_up_neither_others_nor_the_database() {
    let slow = Receiver::start(Answer::Slow(Duration::from_secs(3))).await;
    let quick = Receiver::start(Answer::Status(200)).await;
    let app = TestApp::builder().set("DUIJIE_POOL_SIZE", "2").sandbox().start().await;
    let owner = app.member("owner").await;
    for receiver in [&slow, &quick] {
        owner.endpoint(json!({"url": receiver.url()})).await;
    }
    change(&owner, 6).await;
    let (started, sending) = (Instant::now(), app.deliver_webhooks());
    let watching = async {
        while quick.heard().len() < 6 {
            assert!(started.elapsed() < Duration::from_secs(15), "{:?}", quick.heard().len());
            tokio::time::sleep(Duration::from_millis(20)).await;
            owner.get(&owner.enterprise_path()).await.expect(200);
        }
        (slow.connections(), slow.most_at_once())
    };
    let ((), (under_way, at_once)) = tokio::join!(sending, watching);
    assert!(under_way <= 2 * 3 && at_once == 2, "{under_way} {at_once}");
    assert_eq!(slow.heard().len(), 6);
}
