//! What becomes of a listing: publish, renew, withdraw, close, expire, and what is refused in which state.

use std::time::Duration;

use chrono::{DateTime, Utc};
use duijie::jobs;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::market::{ids, instant, need, offer, path, with};
use crate::support::{Member, Request, TestApp, faults, id};

fn transition(member: &Member, listing: &Value, action: &str) -> Request {
    let request = member.post(&format!("{}/{action}", path(listing)));
    if action == "close" { request.json(json!({"outcome": "met_here"})) } else { request }
}

fn at(listing: &Value, field: &str) -> DateTime<Utc> {
    listing[field].as_str().unwrap_or_else(|| panic!("no {field} in {listing}")).parse().unwrap()
}

#[tokio::test]
async fn from_draft_to_fulfilled() {
    let app = TestApp::start().await;
    let (wang, li) = (app.member("wang").await, app.member("li").await);
    let draft = wang.draft(need()).await;
    assert!(draft.get("published_at").is_none());
    let publishing = transition(&wang, &draft, "publish").if_match("\"1\"").await.expect(200);
    let published = publishing.json();
    assert_eq!((&published["status"], &published["version"]), (&json!("published"), &json!(2)));
    assert_eq!(at(&published, "published_at"), at(&published, "confirmed_at"));
    assert_eq!(ids(&app.anonymous().get("/v1/listings").await.json()), [id(&draft)], "in the market at once");

    let until = "2027-01-31T16:00:00Z".parse::<DateTime<Utc>>().unwrap().max(Utc::now() + chrono::TimeDelta::days(40));
    let input = json!({"valid_until": until});
    let renewed = transition(&wang, &draft, "renew").if_match(publishing.etag()).json(input).await.expect(200).json();
    assert_eq!((&renewed["status"], &renewed["version"]), (&json!("published"), &json!(3)));
    assert!((at(&renewed, "valid_until") - until).num_milliseconds().abs() < 1);
    assert!(at(&renewed, "confirmed_at") > at(&published, "confirmed_at"));
    let again = transition(&wang, &draft, "renew").if_match("*").await.expect(200).json();
    let days = (at(&again, "valid_until") - Utc::now()).num_hours() as f64 / 24.0;
    assert!((29.5..30.1).contains(&days), "30 days when nothing is said: {days}");
    let past = json!({"valid_until": instant(-1000)});
    let problem = transition(&wang, &draft, "renew").if_match("*").json(past).await.problem(422, "invalid");
    assert_eq!(faults(&problem), [("/valid_until".to_owned(), "in_the_past".to_owned())]);

    let closing = json!({"outcome": "met_here", "counterpart_id": li.enterprise_id()});
    let closed = wang.post(&format!("{}/close", path(&draft))).if_match("*").json(closing).await.expect(200).json();
    assert_eq!((&closed["status"], &closed["outcome"]), (&json!("fulfilled"), &json!("met_here")));
    assert_eq!(closed["counterpart_id"], li.enterprise["id"]);
    assert!(ids(&app.anonymous().get("/v1/listings").await.json()).is_empty());
    let told = ["listing.created", "listing.published", "listing.renewed", "listing.renewed", "listing.closed"];
    assert_eq!(app.events_of(id(&draft)).await, told);
    let dense = "SELECT count(*) - max(seq) + (SELECT count(*) FROM events_pending) FROM events";
    assert_eq!(app.database.count(dense).await, 0, "numbered without a gap");
    let versions =
        format!("SELECT string_agg(version::text, ' ' ORDER BY seq) FROM events WHERE entity_id = '{}'", id(&draft));
    assert_eq!(app.database.value(&versions).await, "1 2 3 4 5");
}

#[tokio::test]
async fn an_illegal_transition_names_the_state_and_what_is_allowed() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let states = ["draft", "pending_review", "published", "fulfilled", "expired", "withdrawn", "rejected", "suspended"];
    // What the design's life of a listing allows.
    let table = [
        ("publish", "published", vec!["draft"]),
        ("renew", "published", vec!["published", "expired"]),
        ("withdraw", "withdrawn", vec!["draft", "pending_review", "published"]),
        ("close", "fulfilled", vec!["published", "expired"]),
    ];
    for (action, leads_to, allowed) in table {
        for state in states {
            let listing = wang.draft(need()).await;
            app.database
                .execute(&format!("UPDATE listings SET status = '{state}' WHERE id = '{}'", id(&listing)))
                .await;
            let answer = transition(&wang, &listing, action).if_match("*").language("en").await;
            if allowed.contains(&state) {
                assert_eq!(answer.expect(200).json()["status"], leads_to, "{action} of {state}");
                continue;
            }
            let problem = answer.problem(409, "state_conflict");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains(state), "{action} of {state}: {detail}");
            assert!(allowed.iter().all(|allowed| detail.contains(allowed)), "{action} of {state}: {detail}");
            assert_eq!(wang.get(&path(&listing)).await.json()["status"], state);
        }
    }
    for state in states {
        let listing = wang.draft(need()).await;
        app.database.execute(&format!("UPDATE listings SET status = '{state}' WHERE id = '{}'", id(&listing))).await;
        let answer = wang.patch(&path(&listing)).if_match("*").merge_patch(json!({"title": "改"})).await;
        let editable = ["draft", "pending_review", "published"].contains(&state);
        assert_eq!(answer.status, if editable { 200 } else { 409 }, "edit of {state}");
    }
}

#[tokio::test]
async fn a_transition_is_of_the_version_seen() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    for (action, published) in [("publish", false), ("renew", true), ("withdraw", true), ("close", true)] {
        let listing = if published { wang.publish(need()).await } else { wang.draft(need()).await };
        transition(&wang, &listing, action).await.problem(428, "if_match_required");
        transition(&wang, &listing, action).if_match("\"9\"").await.problem(412, "version_stale");
        assert_eq!(wang.get(&path(&listing)).await.json()["version"], listing["version"], "{action}");
        let version = format!("\"{}\"", listing["version"]);
        transition(&wang, &listing, action).if_match(version).await.expect(200);
    }
}

#[tokio::test]
async fn how_it_was_closed() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    for (outcome, status) in [("met_here", "fulfilled"), ("met_elsewhere", "fulfilled"), ("not_needed", "withdrawn")] {
        let listing = wang.publish(need()).await;
        let close = wang.post(&format!("{}/close", path(&listing))).if_match("*").json(json!({"outcome": outcome}));
        let closed = close.await.expect(200).json();
        assert_eq!((&closed["status"], &closed["outcome"]), (&json!(status), &json!(outcome)));
    }
    let listing = wang.publish(need()).await;
    let cases = [
        (json!({}), "/outcome", "required"),
        (json!({"outcome": "lost"}), "/outcome", "not_one_of"),
        (json!({"outcome": "met_here", "counterpart_id": Uuid::now_v7()}), "/counterpart_id", "enterprise_unknown"),
    ];
    for (closing, place, code) in cases {
        let close = wang.post(&format!("{}/close", path(&listing))).if_match("*").json(closing);
        assert_eq!(faults(&close.await.problem(422, "invalid")), [(place.to_owned(), code.to_owned())]);
    }
    assert_eq!(wang.get(&path(&listing)).await.json()["status"], "published");
}

#[tokio::test]
async fn expiry_needs_no_job_to_be_seen_and_renewing_undoes_it() {
    let app = TestApp::start().await;
    let (wang, li) = (app.member("wang").await, app.member("li").await);
    let seller = li.publish(offer()).await;
    let listing = wang.publish(with(&need(), json!({"valid_until": instant(1500)}))).await;
    let open = async || ids(&app.anonymous().get("/v1/listings?side=need").await.json()).len();
    let found = async || li.matches(&seller).await["items"].as_array().unwrap().len();
    assert_eq!((open().await, found().await), (1, 1));
    tokio::time::sleep(Duration::from_millis(1600)).await;

    let stored = format!("SELECT status FROM listings WHERE id = '{}'", id(&listing));
    let read = wang.get(&path(&listing)).await.expect(200).json();
    assert_eq!((&read["status"], &read["version"]), (&json!("expired"), &listing["version"]));
    assert_eq!(app.database.value(&stored).await, "published", "nobody wrote it down yet");
    assert_eq!((open().await, found().await), (0, 0));
    li.get(&path(&listing)).await.problem(404, "not_found");
    let own = |status: &str| format!("{}/listings?status={status}", wang.enterprise_path());
    assert_eq!(ids(&wang.get(&own("expired")).await.json()), [id(&listing)]);
    assert!(ids(&wang.get(&own("published")).await.json()).is_empty());
    wang.get(&format!("{}/matches", path(&listing))).await.problem(409, "state_conflict");

    jobs::expire(app.inner()).await.unwrap();
    assert_eq!(app.database.value(&stored).await, "expired");
    assert_eq!(wang.get(&path(&listing)).await.json()["version"], 3);
    jobs::expire(app.inner()).await.unwrap();
    assert_eq!(wang.get(&path(&listing)).await.json()["version"], 3, "once");
    let told = ["listing.created", "listing.published", "listing.expired"];
    assert_eq!(app.events_of(id(&listing)).await, told);

    assert_eq!(wang.act(&listing, "renew").await.expect(200).json()["status"], "published");
    assert_eq!((open().await, found().await), (1, 1));
    li.get(&path(&listing)).await.expect(200);
}
