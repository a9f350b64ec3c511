//! Several processes over one database: each sees what the others write, catches up after being cut off, and says how far
//! behind it is.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::market::{Jobs, listing_ids, matches, need, offer, path, timeless};
use crate::support::{Client, TestApp, id};

/// Waits until `client` finds so many matches; returns how long that took.
async fn finds(client: &Client, needed: &Value, count: usize) -> Duration {
    let started = Instant::now();
    while listing_ids(&matches(client, needed).await["items"]).len() != count {
        assert!(started.elapsed() < Duration::from_secs(20), "not found after {:?}", started.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    started.elapsed()
}

async fn in_step(client: &Client) -> Value {
    let started = Instant::now();
    loop {
        let ready = client.get("/readyz").await;
        if ready.status == 200 && ready.json()["behind"] == 0 {
            return ready.json();
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{}", ready.shown());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_any_process_writes_all_find_within_a_second() {
    let app = TestApp::start().await;
    app.load().await;
    let (second, third) = (app.twin().await, app.twin().await);
    let _jobs = [Jobs::of(app.inner()), Jobs::of(&second.server.app), Jobs::of(&third.server.app)];
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let needed = buyer.publish(need()).await;
    let writers =
        [app.anonymous().with_token(seller.access_token()), second.as_member(&seller), third.as_member(&seller)];
    let readers = [app.anonymous().with_token(buyer.access_token()), second.as_member(&buyer), third.as_member(&buyer)];
    let mut took = Vec::new();
    for round in 0..9 {
        let mut posting = offer();
        posting["publish"] = json!(true);
        writers[round % 3].post("/v1/listings").json(posting).await.expect(201);
        for reader in &readers {
            took.push(finds(reader, &needed, round + 1).await);
        }
    }
    took.sort();
    assert!(took[took.len() / 2] < Duration::from_secs(1), "{took:?}");
    let answers =
        [&readers[0], &readers[1], &readers[2]].map(|reader| async { timeless(&matches(reader, &needed).await) });
    let [first, second, third] = answers;
    let first = first.await;
    assert_eq!((second.await, third.await), (first.clone(), first));
}

#[tokio::test]
async fn one_that_was_cut_off_says_so_and_catches_up() {
    let app = TestApp::start().await;
    app.load().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let needed = buyer.publish(need()).await;
    let mut offers = Vec::new();
    for _ in 0..20 {
        offers.push(seller.publish(offer()).await);
    }
    app.sequence().await;
    let twin = app.twin_with(("DUIJIE_READY_MOST_BEHIND", "1")).await;
    let ready = twin.anonymous().get("/readyz").await.expect(200).json();
    assert_eq!((&ready["behind"], &ready["position"]), (&json!(0), &ready["head"]));

    // Three thousand changes of twenty listings, as another process makes them; the last prices differ.
    app.database
        .execute(
            "DO $$ BEGIN FOR i IN 1..150 LOOP
                UPDATE listings SET version = version + 1,
                    terms = jsonb_set(terms, '{price,amount}', to_jsonb((0.3 + (i % 7) * 0.05)::text)) WHERE terms ->> 'side' = 'offer';
                INSERT INTO events_pending (event_id, type, entity, entity_id, version, audience, at)
                    SELECT gen_random_uuid(), 'listing.updated', 'listing', id, version, 'public', now()
                    FROM listings WHERE terms ->> 'side' = 'offer';
            END LOOP; END $$",
        )
        .await;
    seller.act(&offers[0], "withdraw").await.expect(200);
    app.sequence().await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let behind = twin.anonymous().get("/readyz").language("en").await.problem(503, "index_behind");
    assert!(behind["index"]["behind"].as_i64().unwrap() > 3000, "{behind}");
    assert!(behind["index"]["behind_seconds"].as_f64().unwrap() > 1.0, "{behind}");
    assert_eq!(app.anonymous().get("/readyz").await.expect(200).json()["behind"], 0);

    let started = Instant::now();
    twin.sequence().await;
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    let ready = twin.anonymous().get("/readyz").await.expect(200).json();
    assert_eq!((&ready["behind"], &ready["position"]), (&json!(0), &ready["head"]));
    let there = matches(&twin.as_member(&buyer), &needed).await;
    let here = timeless(&buyer.matches(&needed).await);
    assert_eq!(here.len(), 19);
    assert_eq!(timeless(&there), here);
}

#[tokio::test]
async fn a_broken_listener_comes_back_and_nothing_is_missed() {
    let app = TestApp::start().await;
    app.load().await;
    let twin = app.twin().await;
    let _jobs = [Jobs::of(app.inner()), Jobs::of(&twin.server.app)];
    let listeners = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    let all_listen = async || {
        let started = Instant::now();
        while app.database.count(listeners).await < 2 {
            assert!(started.elapsed() < Duration::from_secs(20));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    all_listen().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let needed = buyer.publish(need()).await;
    app.database
        .execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'")
        .await;
    seller.publish(offer()).await;
    finds(&twin.as_member(&buyer), &needed, 1).await;
    all_listen().await;
    seller.publish(offer()).await;
    finds(&twin.as_member(&buyer), &needed, 2).await;

    // Every connection at once.
    app.database.interrupt().await;
    all_listen().await;
    in_step(&twin.anonymous()).await;
    seller.publish(offer()).await;
    finds(&twin.as_member(&buyer), &needed, 3).await;
}

#[tokio::test]
async fn a_log_that_cannot_be_followed_is_not_followed() {
    let app = TestApp::start().await;
    app.load().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let needed = buyer.publish(need()).await;
    let kept = seller.publish(offer()).await;
    app.sequence().await;
    let twin = app.twin().await;
    let there = twin.as_member(&buyer);
    finds(&there, &needed, 1).await;

    // A gap: the events of a withdrawal and a publication are gone.
    seller.act(&kept, "withdraw").await.expect(200);
    let second = seller.publish(offer()).await;
    app.sequence().await;
    let unguarded = |sql: &str| format!("SET session_replication_role = replica; {sql}");
    app.database.execute(&unguarded("DELETE FROM events WHERE seq > (SELECT max(seq) FROM events) - 3")).await;
    app.database
        .execute(&unguarded("UPDATE events SET seq = seq + 1000 WHERE seq = (SELECT max(seq) FROM events)"))
        .await;
    duijie::jobs::measure(&twin.server.app).await.unwrap();
    twin.sequence().await;
    assert_eq!(listing_ids(&matches(&there, &needed).await["items"]), [id(&second)]);

    // An older state of everything, as restored from a backup: listings and log are what they were.
    app.database
        .execute(&unguarded(&format!(
            "DELETE FROM events WHERE seq >= 5; UPDATE listings SET status = 'published', version = 2 WHERE id = '{}';
             UPDATE listings SET status = 'draft', version = 1 WHERE id = '{}'",
            id(&kept),
            id(&second)
        )))
        .await;
    duijie::jobs::measure(&twin.server.app).await.unwrap();
    twin.anonymous().get("/readyz").await.problem(503, "busy");
    twin.sequence().await;
    assert_eq!(listing_ids(&matches(&there, &needed).await["items"]), [id(&kept)]);
    let ready = twin.anonymous().get("/readyz").await.expect(200).json();
    assert_eq!(ready["position"], ready["head"]);
    twin.as_member(&buyer).get(&path(&needed)).await.expect(200);
}

#[tokio::test]
async fn statistics_are_one_version_for_all() {
    let app = TestApp::start().await;
    app.load().await;
    let twin = app.twin().await;
    let version = async |client: &Client| {
        client.get("/v1/reference/matching-policy").await.expect(200).json()["stats_version"].as_i64().unwrap()
    };
    assert_eq!((version(&app.anonymous()).await, version(&twin.anonymous()).await), (1, 1));
    app.database.execute("UPDATE matching_statistics SET as_of = as_of - interval '2 hours'").await;
    duijie::jobs::refresh_statistics(app.inner()).await.unwrap();
    assert_eq!(version(&app.anonymous()).await, 2);
    app.sequence().await;
    twin.sequence().await;
    assert_eq!(version(&twin.anonymous()).await, 2, "by the log, not when its own poll comes round");
    duijie::jobs::refresh_statistics(&twin.server.app).await.unwrap();
    assert_eq!(app.database.count("SELECT max(version) FROM matching_statistics").await, 2);

    app.database.execute("UPDATE matching_statistics SET as_of = as_of - interval '8 days'").await;
    duijie::jobs::purge(app.inner()).await.unwrap();
    let kept = app
        .database
        .value("SELECT string_agg((document IS NOT NULL)::text, ',' ORDER BY version) FROM matching_statistics");
    assert_eq!(kept.await, "false,true", "the newest keeps its content, the older one its version and hour");
}
