//! The index in memory: what the database says, however the process came to know it.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::market::{listing_ids, matches, need, offer, path, timeless, with};
use crate::support::{TestApp, id};

#[tokio::test]
async fn a_fresh_process_finds_what_one_that_lived_through_it_finds() {
    let app = TestApp::start().await;
    app.load().await;
    let buyer = app.member("buyer").await;
    let needed = buyer.publish(need()).await;
    let seller = app.verified("seller").await;
    let mut offers = Vec::new();
    for (price, quantity) in
        [("0.5", Some("50000")), ("0.7", None), ("0.81", Some("10")), ("0.6", Some("30000")), ("0.4", Some("1"))]
    {
        let terms = json!({"price": {"amount": price, "currency": "CNY"}, "quantity": quantity});
        offers.push(seller.publish(with(&offer(), terms)).await);
    }
    seller.act(&offers[0], "withdraw").await.expect(200);
    let cheaper = json!({"price": {"amount": "0.55"}});
    seller.patch(&path(&offers[2])).if_match("*").merge_patch(cheaper).await.expect(200);
    seller.act(&offers[3], "renew").await.expect(200);
    seller.draft(offer()).await;
    app.sequence().await;

    let lived = timeless(&buyer.matches(&needed).await);
    let twin = app.twin().await;
    let fresh = timeless(&matches(&twin.as_member(&buyer), &needed).await);
    assert_eq!(lived.len(), 4);
    assert_eq!(fresh, lived);
}

#[tokio::test]
async fn what_one_process_publishes_the_other_finds_within_a_second() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let needed = buyer.publish(need()).await;
    let twin = app.twin().await;
    let there = twin.as_member(&buyer);
    let offered = seller.publish(offer()).await;
    let started = Instant::now();
    twin.sequence().await;
    assert_eq!(listing_ids(&matches(&there, &needed).await["items"]), [id(&offered)]);
    seller.act(&offered, "withdraw").await.expect(200);
    twin.sequence().await;
    assert!(listing_ids(&matches(&there, &needed).await["items"]).is_empty());
    assert!(started.elapsed() < Duration::from_secs(2), "two writes took {:?}", started.elapsed());

    // Published through the second, found through the first.
    app.load().await;
    let body = with(&offer(), json!({"publish": true}));
    let offered = twin.as_member(&seller).post("/v1/listings").json(body).await.expect(201).json();
    app.sequence().await;
    assert_eq!(listing_ids(&buyer.matches(&needed).await["items"]), [id(&offered)]);
}

#[tokio::test]
async fn a_suspended_enterprise_leaves_the_market() {
    let app = TestApp::start().await;
    app.load().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let needed = buyer.publish(need()).await;
    let offered = seller.publish(offer()).await;
    assert_eq!(listing_ids(&buyer.matches(&needed).await["items"]), [id(&offered)]);
    let enterprise = seller.enterprise_id();
    app.database
        .execute(&format!(
            "UPDATE enterprises SET status = 'suspended', version = version + 1 WHERE id = '{enterprise}';
             INSERT INTO events_pending (event_id, type, entity, entity_id, version, audience, at)
             VALUES (gen_random_uuid(), 'enterprise.suspended', 'enterprise', '{enterprise}', 2, 'public', now())"
        ))
        .await;
    app.sequence().await;
    let found = buyer.matches(&needed).await;
    assert_eq!((&found["items"], &found["near_misses"]), (&json!([]), &json!([])));
    assert_eq!(app.anonymous().get("/v1/listings?side=offer").await.json()["items"], json!([]));
    let twin = app.twin().await;
    assert_eq!(matches(&twin.as_member(&buyer), &needed).await["items"], json!([]), "nor after a restart");
    app.anonymous().get(&path(&offered)).await.problem(404, "not_found");

    app.database
        .execute(&format!(
            "UPDATE enterprises SET status = 'verified', version = version + 1 WHERE id = '{enterprise}';
             INSERT INTO events_pending (event_id, type, entity, entity_id, version, audience, at)
             VALUES (gen_random_uuid(), 'enterprise.verified', 'enterprise', '{enterprise}', 3, 'public', now())"
        ))
        .await;
    app.sequence().await;
    assert_eq!(listing_ids(&buyer.matches(&needed).await["items"]), [id(&offered)], "and it comes back");
}
