//! `/v1/matches` as rows, and `/v1/notifications`

mod moving_up;

use std::sync::Arc;
use std::time::Duration;

use duijie::app::App;
use duijie::jobs;
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use crate::support::market::{need, offer, with};
use crate::support::{Client, Member, TestApp, faults, id};

/// What the jobs do after a write.
async fn follow(app: &Arc<App>) {
    jobs::sequence(app).await.unwrap();
    jobs::write_matches(app).await.unwrap();
    jobs::sequence(app).await.unwrap();
    jobs::write_matches(app).await.unwrap();
}

async fn rows(client: &Client, query: &str) -> Vec<Value> {
    let page = client.get(&format!("/v1/matches?limit=100{query}")).await.expect(200).json();
    page["items"].as_array().unwrap().clone()
}

async fn told(client: &Client, query: &str) -> Vec<Value> {
    let page = client.get(&format!("/v1/notifications?limit=100{query}")).await.expect(200).json();
    page["items"].as_array().unwrap().clone()
}

fn row(item: &Value) -> String {
    format!("/v1/matches/{}", id(item))
}

fn statuses(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["status"].as_str().unwrap()).collect()
}

async fn policy(app: &TestApp, document: Value) {
    let sql = format!("INSERT INTO matching_policies (version, document, created_at) VALUES (9, '{document}', now())");
    app.database.execute(&sql).await;
    app.load().await;
}

/// A buyer's need, and then a seller's offer that fits it.
async fn pair(app: &TestApp) -> (Member, Member, Value, Value) {
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let needed = buyer.publish(need()).await;
    follow(app.inner()).await;
    let offered = seller.publish(offer()).await;
    follow(app.inner()).await;
    (buyer, seller, needed, offered)
}

#[tokio::test]
async fn a_match_is_written_for_both_and_told_to_who_was_waiting() {
    let app = TestApp::start().await;
    let (buyer, seller, needed, offered) = pair(&app).await;
    let (bought, sold) = (rows(&buyer, "").await, rows(&seller, "").await);
    assert_eq!((bought.len(), sold.len()), (1, 1), "{bought:?} {sold:?}");
    let (bought, sold) = (&bought[0], &sold[0]);
    assert_eq!((id(bought), &bought["side"], &sold["side"]), (id(sold), &json!("need"), &json!("offer")));
    assert_eq!((&bought["listing_id"], &bought["counterpart_id"]), (&needed["id"], &offered["id"]));
    assert_eq!(bought["counterpart"]["id"], offered["id"]);
    assert_eq!((&sold["listing_id"], &sold["counterpart"]["id"]), (&offered["id"], &needed["id"]));
    for (item, member, listing) in [(bought, &buyer, &needed), (sold, &seller, &offered)] {
        assert_eq!((&item["status"], &item["version"]), (&json!("suggested"), &json!(1)));
        let asked = &member.matches(listing).await["items"][0];
        assert_eq!((&item["score"], &item["mutual"]), (&asked["score"], &asked["mutual"]));
        assert_eq!(item["matchable_quantity"], asked["matchable_quantity"]);
        let points: u64 = item["factors"].as_array().unwrap().iter().map(|f| f["points"].as_u64().unwrap()).sum();
        assert_eq!(points, item["score"].as_u64().unwrap());
    }

    // Each reads it in his own language.
    let read = async |language: &str| buyer.get(&row(bought)).language(language).await.expect(200).json();
    let (english, chinese) = (read("en").await, read("zh-CN").await);
    let text = |page: &Value| {
        page["checks"][0]["text"].as_str().unwrap().to_owned() + page["factors"][0]["text"].as_str().unwrap()
    };
    assert!(text(&english).is_ascii() || text(&english) != text(&chinese), "{english} {chinese}");
    assert_ne!(text(&english), text(&chinese));

    // Who waited is told; who has just posted was answered.
    let notified = told(&buyer, "").await;
    assert_eq!(notified.len(), 1, "{notified:?}");
    let params = &notified[0]["params"];
    assert_eq!((&params["match_id"], &params["listing_id"]), (&bought["id"], &needed["id"]));
    assert_eq!((&params["counterpart_id"], &params["score"]), (&offered["id"], &bought["score"]));
    assert!(notified[0]["text"].as_str().unwrap().contains("医用外科口罩现货"), "{notified:?}");
    assert!(told(&seller, "").await.is_empty());
    let events = app.events_of(id(bought)).await;
    assert_eq!(events, ["match.suggested"]);
    let audience = "SELECT array_to_string(enterprise_ids, ',') FROM events WHERE entity = 'match'";
    let audience = app.database.value(audience).await;
    let [one, other] = [&buyer, &seller].map(|member| member.enterprise_id().to_string());
    assert!(audience.contains(&one) && audience.contains(&other), "{audience}");

    // Again and again changes nothing.
    follow(app.inner()).await;
    assert_eq!((rows(&buyer, "").await.len(), told(&buyer, "").await.len()), (1, 1));
}

#[tokio::test]
async fn nobody_else_learns_of_it() {
    let app = TestApp::start().await;
    let (buyer, _, needed, _) = pair(&app).await;
    let item = rows(&buyer, "").await.remove(0);
    let notification = told(&buyer, "").await.remove(0);
    let other = app.member("other").await;
    assert!(rows(&other, "").await.is_empty() && told(&other, "").await.is_empty());
    let foreign = format!("&listing_id={}", id(&needed));
    assert!(rows(&other, &foreign).await.is_empty());
    other.get(&row(&item)).await.problem(404, "not_found");
    other.post(&format!("{}/view", row(&item))).await.problem(404, "not_found");
    other.post(&format!("{}/shortlist", row(&item))).if_match("*").await.problem(404, "not_found");
    let dismissal = json!({"reason": "price"});
    other.post(&format!("{}/dismiss", row(&item))).if_match("*").json(dismissal).await.problem(404, "not_found");
    other.post(&format!("/v1/notifications/{}/read", id(&notification))).await.problem(404, "not_found");
    for path in ["/v1/matches", "/v1/notifications", &row(&item)] {
        app.anonymous().get(path).await.problem(401, "token_required");
    }
    buyer.get("/v1/matches?listing=1").await.problem(400, "parameters_invalid");
    buyer.get("/v1/matches?status=lost").await.problem(400, "parameters_invalid");
    buyer.get(&format!("{}?side=offer", row(&item))).await.problem(404, "not_found");
    buyer.get(&format!("/v1/matches/{}", Uuid::nil())).await.problem(404, "not_found");

    // A member who may only read reads.
    let viewer = app.account("viewer").await;
    app.database
        .execute(&format!(
            "INSERT INTO memberships (account_id, enterprise_id, role, created_at) VALUES ('{}', '{}', 'viewer', now())",
            viewer.account_id,
            buyer.enterprise_id()
        ))
        .await;
    viewer.get(&row(&item)).await.expect(200);
    viewer.post(&format!("{}/shortlist", row(&item))).if_match("*").await.problem(403, "not_trader");
}

#[tokio::test]
async fn each_side_makes_of_it_what_it_will() {
    let app = TestApp::start().await;
    let (buyer, seller, _, _) = pair(&app).await;
    let path = row(&rows(&buyer, "").await[0]);
    let post = |member: &Client, action: &str| member.post(&format!("{path}/{action}"));
    let seen = post(&buyer, "view").await.expect(200);
    assert_eq!((&seen.json()["status"], &seen.json()["version"]), (&json!("viewed"), &json!(2)));
    let again = post(&buyer, "view").await.expect(200).json();
    assert_eq!(again["version"], 2, "a second look changes nothing");
    post(&buyer, "shortlist").await.problem(428, "if_match_required");
    post(&buyer, "shortlist").if_match("\"1\"").await.problem(412, "version_stale");
    let listed = post(&buyer, "shortlist").if_match(seen.etag()).idempotency_key("list-1").await.expect(200);
    assert_eq!(listed.json()["status"], "shortlisted");
    let replayed = post(&buyer, "shortlist").if_match(seen.etag()).idempotency_key("list-1").await.expect(200);
    assert_eq!(replayed.header("idempotency-replayed"), "true");
    let problem = post(&buyer, "shortlist").if_match("*").await.problem(409, "match_state_conflict");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("shortlisted") && detail.contains("dismissed"), "{detail}");

    // The seller sees nothing of it.
    let theirs = seller.get(&path).await.expect(200);
    assert_eq!((&theirs.json()["status"], &theirs.json()["version"]), (&json!("suggested"), &json!(1)));
    let unchanged = seller.get(&path).header("if-none-match", theirs.etag()).await;
    assert_eq!(unchanged.status, 304);

    let dismiss = |body: Value| post(&buyer, "dismiss").if_match("*").json(body);
    let missing = dismiss(json!({"note": "x"})).await.problem(422, "invalid");
    assert_eq!(faults(&missing), [("/reason".to_owned(), "required".to_owned())]);
    dismiss(json!({"reason": "mood"})).await.problem(422, "invalid");
    dismiss(json!({"reason": "price", "why": "x"})).await.problem(422, "invalid");
    dismiss(json!({"reason": "price", "note": "x".repeat(501)})).await.problem(422, "invalid");
    let dismissed = dismiss(json!({"reason": "price", "note": "超出预算"})).await.expect(200).json();
    assert_eq!((&dismissed["status"], &dismissed["reason"]), (&json!("dismissed"), &json!("price")));
    assert_eq!(dismissed["note"], "超出预算");
    assert!(seller.get(&path).await.json().get("note").is_none());
    post(&buyer, "view").await.problem(409, "match_state_conflict");
    assert_eq!(statuses(&rows(&buyer, "&status=dismissed").await), ["dismissed"]);
    assert!(rows(&buyer, "&status=suggested").await.is_empty());
    let reasons = "SELECT string_agg(reason, ',') FROM match_sides WHERE status = 'dismissed'";
    assert_eq!(app.database.value(reasons).await, "price");
    let back = post(&buyer, "shortlist").if_match("*").await.expect(200).json();
    assert!(back["status"] == "shortlisted" && back.get("reason").is_none(), "{back}");
    let events = app.events_of(id(&back)).await;
    let wanted = ["match.suggested", "match.viewed", "match.shortlisted", "match.dismissed", "match.shortlisted"];
    assert_eq!(events, wanted);
    let public = "SELECT count(*) FROM events WHERE entity = 'match' AND cardinality(enterprise_ids) <> 1";
    assert_eq!(app.database.count(public).await, 1, "only the suggestion is told to both");
}

#[tokio::test]
async fn a_match_shows_nobody_what_they_may_no_longer_see() {
    let app = TestApp::start().await;
    let (buyer, seller, _, offered) = pair(&app).await;
    assert!(rows(&buyer, "").await[0].get("counterpart").is_some());
    let hidden = json!({"visibility": "verified", "title": "医用外科口罩 内部"});
    seller.patch(&format!("/v1/listings/{}", id(&offered))).if_match("*").merge_patch(hidden).await.expect(200);
    buyer.get(&format!("/v1/listings/{}", id(&offered))).await.problem(404, "not_found");
    for followed in [false, true] {
        if followed {
            follow(app.inner()).await;
        }
        let item = rows(&buyer, "").await.remove(0);
        assert!(item.get("counterpart").is_none(), "{item}");
        assert!(!told(&buyer, "").await.iter().any(|notice| notice.to_string().contains("内部")));
    }
}

#[tokio::test]
async fn what_no_longer_fits_is_stale_until_it_fits_again() {
    let app = TestApp::start().await;
    let (buyer, seller, needed, offered) = pair(&app).await;
    let path = |listing: &Value| format!("/v1/listings/{}", id(listing));
    let price = async |amount: &str| {
        let patch = json!({"price": {"amount": amount, "currency": "CNY"}});
        seller.patch(&path(&offered)).if_match("*").merge_patch(patch).await.expect(200);
        follow(app.inner()).await;
        let (bought, sold) = (rows(&buyer, "").await, rows(&seller, "").await);
        assert_eq!((bought.len(), sold.len()), (1, 1));
        (bought[0].clone(), sold[0].clone())
    };
    let before = rows(&buyer, "").await.remove(0);
    let (bought, sold) = price("0.79").await;
    assert_eq!((&bought["status"], &sold["status"]), (&json!("suggested"), &json!("suggested")));
    assert!(bought["score"].as_u64() < before["score"].as_u64(), "dearer is worse: {before} {bought}");
    assert_eq!(bought["counterpart_version"], json!(before["counterpart_version"].as_i64().unwrap() + 1));
    assert_eq!(told(&buyer, "").await.len(), 2, "told once for each version");

    let (bought, sold) = price("0.9").await;
    assert_eq!((&bought["status"], &sold["status"]), (&json!("stale"), &json!("stale")));
    buyer.post(&format!("{}/view", row(&bought))).await.problem(409, "match_state_conflict");
    let (bought, _) = price("0.6").await;
    assert_eq!((&bought["status"], id(&bought)), (&json!("suggested"), id(&before)));

    buyer.post(&format!("{}/dismiss", row(&bought))).if_match("*").json(json!({"reason": "terms"})).await.expect(200);
    let known = told(&buyer, "").await.len();
    let (bought, _) = price("0.9").await;
    let shortlist = async || buyer.post(&format!("{}/shortlist", row(&bought))).if_match("*").await;
    let refused = shortlist().await.problem(409, "match_state_conflict");
    assert!(refused.to_string().contains("stale"), "it does not fit: {refused}");
    let (bought, sold) = price("0.4").await;
    assert_eq!((&bought["status"], &sold["status"]), (&json!("dismissed"), &json!("suggested")));
    assert_eq!(told(&buyer, "").await.len(), known, "a dismissed counterpart is not told of again");

    seller.act(&offered, "withdraw").await.expect(200);
    follow(app.inner()).await;
    assert_eq!(statuses(&rows(&seller, "").await), ["stale"]);
    let bought = rows(&buyer, "").await.remove(0);
    assert_eq!(bought["status"], "dismissed");
    assert!(bought.get("counterpart").is_none(), "what has been withdrawn is not shown: {bought}");
    shortlist().await.problem(409, "match_state_conflict");
    buyer.act(&needed, "withdraw").await.expect(200);
    follow(app.inner()).await;
}

#[tokio::test]
async fn closing_as_met_here_converts_it() {
    let app = TestApp::start().await;
    let (buyer, seller, needed, _) = pair(&app).await;
    let closing = json!({"outcome": "met_here", "counterpart_id": seller.enterprise_id()});
    buyer.post(&format!("/v1/listings/{}/close", id(&needed))).if_match("*").json(closing).await.expect(200);
    follow(app.inner()).await;
    assert_eq!(statuses(&rows(&buyer, "").await), ["converted"]);
    assert_eq!(statuses(&rows(&seller, "").await), ["stale"]);
}

#[tokio::test]
async fn what_came_to_nothing_is_forgotten_after_a_month() {
    let app = TestApp::start().await;
    let [buyer, seller, other] = [app.member("buyer").await, app.member("seller").await, app.member("other").await];
    let needed = buyer.publish(need()).await;
    follow(app.inner()).await;
    let mut offers = Vec::new();
    for member in [&seller, &seller, &seller, &seller, &other] {
        offers.push(member.publish(offer()).await);
        follow(app.inner()).await;
    }
    let found = rows(&buyer, "").await;
    let paths: Vec<String> = offers
        .iter()
        .map(|offer| row(found.iter().find(|item| item["counterpart_id"] == offer["id"]).unwrap()))
        .collect();
    let [left, viewed, shortlisted, dismissed, open] = paths.try_into().unwrap();
    buyer.post(&format!("{viewed}/view")).await.expect(200);
    buyer.post(&format!("{shortlisted}/shortlist")).if_match("*").await.expect(200);
    buyer.post(&format!("{dismissed}/dismiss")).if_match("*").json(json!({"reason": "price"})).await.expect(200);
    for offered in &offers[..4] {
        seller.act(offered, "withdraw").await.expect(200);
    }
    follow(app.inner()).await;
    let purge_after = async |days: u32| {
        app.database.execute(&format!("UPDATE match_sides SET updated_at = updated_at - interval '{days} days'")).await;
        jobs::purge(app.inner()).await.unwrap();
        (rows(&buyer, "").await.len(), rows(&seller, "").await.len(), rows(&other, "").await.len())
    };
    assert_eq!(purge_after(29).await, (5, 4, 1));
    let notified = told(&buyer, "").await;
    assert_eq!(purge_after(2).await, (3, 2, 1), "what somebody decided and what goes on are kept");
    for path in [&left, &viewed] {
        buyer.get(path).await.problem(404, "not_found");
    }
    for path in [&shortlisted, &dismissed, &open] {
        buyer.get(path).await.expect(200);
    }
    assert_eq!(told(&buyer, "").await, notified, "what was told remains");
    let events = app.events_of(viewed.rsplit('/').next().unwrap().parse().unwrap()).await;
    assert_eq!(events, ["match.suggested", "match.viewed"]);

    let closing = json!({"outcome": "met_here", "counterpart_id": other.enterprise_id()});
    buyer.post(&format!("/v1/listings/{}/close", id(&needed))).if_match("*").json(closing).await.expect(200);
    follow(app.inner()).await;
    assert_eq!(purge_after(31).await, (3, 2, 1), "what led to something is kept");
}

#[tokio::test]
async fn a_side_that_may_not_see_the_other_has_no_match() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.verified("buyer").await, app.member("seller").await);
    app.load().await;
    buyer.publish(with(&need(), json!({"visibility": "verified"}))).await;
    seller.publish(offer()).await;
    follow(app.inner()).await;
    assert_eq!(rows(&buyer, "").await.len(), 1);
    assert!(rows(&seller, "").await.is_empty() && told(&seller, "").await.is_empty());
    let audience = "SELECT max(cardinality(enterprise_ids)) FROM events WHERE entity = 'match'";
    assert_eq!(app.database.count(audience).await, 1);
}

#[tokio::test]
async fn a_day_has_its_caps() {
    let app = TestApp::start().await;
    policy(&app, json!({"version": 9, "matches_per_listing_day": 6, "notifications_per_enterprise_day": 4})).await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let needed = buyer.publish(need()).await;
    follow(app.inner()).await;
    for amount in 50..58 {
        let price = json!({"price": {"amount": format!("0.{amount}"), "currency": "CNY"}});
        seller.publish(with(&offer(), price)).await;
        follow(app.inner()).await;
    }
    let of_need = rows(&buyer, &format!("&listing_id={}", id(&needed))).await;
    assert_eq!(of_need.len(), 6, "at most so many matches a listing and day");
    assert_eq!(of_need[0]["policy_version"], 9);
    assert_eq!(told(&buyer, "").await.len(), 3, "a quarter is kept for what is urgent");
    app.database.execute("UPDATE matches SET created_at = created_at - interval '2 days'").await;
    app.database.execute("UPDATE notifications SET created_at = created_at - interval '2 days'").await;
    seller.publish(with(&offer(), json!({"price": {"amount": "0.49", "currency": "CNY"}}))).await;
    follow(app.inner()).await;
    assert_eq!((rows(&buyer, "").await.len(), told(&buyer, "").await.len()), (7, 4));
}

#[tokio::test]
async fn pages_go_by_newest_and_readings_are_kept() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    buyer.publish(need()).await;
    for _ in 0..5 {
        seller.publish(offer()).await;
        follow(app.inner()).await;
    }
    let all: Vec<Uuid> = rows(&buyer, "").await.iter().map(id).collect();
    assert!(all.len() == 5 && all.is_sorted_by(|a, b| a > b), "{all:?}");
    let (mut seen, mut query) = (Vec::new(), String::new());
    loop {
        let page = buyer.get(&format!("/v1/matches?limit=2{query}")).await.expect(200).json();
        seen.extend(page["items"].as_array().unwrap().iter().map(id));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("&cursor={cursor}");
    }
    assert_eq!(seen, all);

    let unread = told(&buyer, "&unread=true").await;
    assert_eq!(unread.len(), 5);
    let path = format!("/v1/notifications/{}/read", id(&unread[2]));
    let read = buyer.post(&path).language("en").await.expect(200).json();
    assert!(read["read_at"].is_string() && read["text"].as_str().unwrap().starts_with("A new match"), "{read}");
    assert_eq!(buyer.post(&path).await.expect(200).json()["read_at"], read["read_at"]);
    assert_eq!(told(&buyer, "&unread=true").await.len(), 4);
    assert_eq!(told(&buyer, "&unread=false").await.iter().map(id).collect::<Vec<_>>(), [id(&unread[2])]);
    let first = buyer.get("/v1/notifications?limit=3").await.expect(200).json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = buyer.get(&format!("/v1/notifications?limit=3&cursor={cursor}")).await.expect(200).json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 2);
}

/// What happened while nobody wrote is written after a restart, once, by whichever process comes first.
#[tokio::test]
async fn a_restart_goes_on_where_the_last_one_stopped() {
    let app = TestApp::start().await;
    let (buyer, seller, _, _) = pair(&app).await;
    for _ in 0..3 {
        seller.publish(offer()).await;
    }
    app.sequence().await;
    let twin = app.twin().await;
    let position = "SELECT position FROM consumers WHERE name = 'matches'";
    let before = app.database.count(position).await;
    assert!(before < app.database.count("SELECT max(seq) FROM events").await);
    let (one, other) = (follow(app.inner()), follow(&twin.server.app));
    tokio::join!(one, other);
    follow(&twin.server.app).await;
    let (bought, notified) = (rows(&buyer, "").await, told(&buyer, "").await);
    assert_eq!((bought.len(), notified.len()), (4, 4));
    assert_eq!(app.database.count(position).await, app.database.count("SELECT max(seq) FROM events").await);
    let mut told_of: Vec<_> = notified.iter().map(|n| n["params"]["match_id"].to_string()).collect();
    told_of.sort();
    told_of.dedup();
    assert_eq!(told_of.len(), 4);

    // From the very beginning, as after a lost position: nothing is there twice.
    app.database.execute("DELETE FROM consumers").await;
    follow(app.inner()).await;
    assert_eq!((rows(&buyer, "").await.len(), told(&buyer, "").await.len()), (4, 4));
}

/// The same answers whatever hour or statistics have come meanwhile.
#[tokio::test]
async fn standing_matches_outlast_new_statistics() {
    let app = TestApp::start().await;
    let (buyer, seller, _, _) = pair(&app).await;
    app.database.execute("UPDATE matching_statistics SET as_of = as_of - interval '3 hours'").await;
    jobs::refresh_statistics(app.inner()).await.unwrap();
    jobs::tend_standing(app.inner()).await.unwrap();
    seller.publish(offer()).await;
    follow(app.inner()).await;
    let bought = rows(&buyer, "").await;
    assert_eq!(bought.len(), 2);
    assert!(bought[0]["stats_version"].as_i64() > bought[1]["stats_version"].as_i64(), "{bought:?}");
}

/// Left to themselves: one process writes, and when it ends the one that waited goes on.
#[tokio::test]
async fn one_process_writes_and_another_takes_over() {
    let app = TestApp::start().await;
    let twin = app.twin().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let spawn = |app: &Arc<App>| {
        let (stop, stopping) = watch::channel(false);
        (stop, jobs::spawn(Arc::clone(app), stopping))
    };
    let holders = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = 1768226824
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let (stop, first) = spawn(app.inner());
    let (stop_twin, second) = spawn(&twin.server.app);
    buyer.publish(need()).await;
    seller.publish(offer()).await;
    let until = async |count: usize| {
        for _ in 0..400 {
            if rows(&buyer, "").await.len() == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{:?}", rows(&buyer, "").await);
    };
    until(1).await;
    assert_eq!(app.database.count(holders).await, 1, "one process at a time");
    stop.send_replace(true);
    tokio::task::spawn_blocking(move || first.join()).await.unwrap().unwrap();
    seller.publish(offer()).await;
    until(2).await;
    stop_twin.send_replace(true);
    tokio::task::spawn_blocking(move || second.join()).await.unwrap().unwrap();
    seller.publish(offer()).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(rows(&buyer, "").await.len(), 2, "nobody writes any more");
}
