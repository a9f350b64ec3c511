//! Reports: what readers say is wrong, and what moderators make of it.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::market::{need, offer, path, with};
use crate::support::{TestApp, id, together};

fn said() -> Value {
    json!({"reason": "wrong_information", "text": "图片与实物不符"})
}

#[tokio::test]
async fn a_reader_reports_once_and_a_moderator_of_the_place_resolves() {
    let app = TestApp::start().await;
    let (seller, reader) = (app.member("seller").await, app.account("reader").await);
    let offered = seller.publish(with(&offer(), json!({"region_code": "410305"}))).await;
    let reports = format!("{}/reports", path(&offered));
    app.anonymous().post(&reports).json(said()).await.problem(401, "token_required");
    seller.post(&reports).json(said()).await.problem(409, "own_listing");
    reader.post(&format!("/v1/listings/{}/reports", Uuid::nil())).json(said()).await.problem(404, "not_found");
    let draft = seller.draft(need()).await;
    reader.post(&format!("{}/reports", path(&draft))).json(said()).await.problem(404, "not_found");
    let long = json!({"reason": "price", "text": "长".repeat(501)});
    reader.post(&reports).json(long).await.problem(422, "invalid");
    reader.post(&reports).json(json!({"reason": "ugly"})).await.problem(422, "invalid");
    let made = together((0..5).map(|_| reader.post(&reports).json(said()))).await;
    assert_eq!(made.iter().filter(|response| response.status == 201).count(), 1, "once, however often it is sent");
    assert!(made.iter().all(|response| matches!(response.status, 201 | 409)));
    let report = made.iter().find(|response| response.status == 201).unwrap().json();

    let moderator = app.official("moderator", "moderator", "410000").await;
    let elsewhere = app.official("elsewhere", "moderator", "420000").await;
    let listed = moderator.get("/v1/admin/reports").await.expect(200).json();
    assert_eq!(listed["items"][0]["reporter_id"], json!(reader.account_id));
    assert_eq!(listed["items"][0]["listing"]["id"], offered["id"]);
    assert_eq!(elsewhere.get("/v1/admin/reports").await.expect(200).json()["items"], json!([]));
    seller.get("/v1/admin/reports").await.problem(403, "role_required");
    let resolve = format!("/v1/admin/reports/{}/resolve", id(&report));
    elsewhere.post(&resolve).json(json!({"outcome": "upheld"})).await.problem(403, "role_required");
    moderator.post(&resolve).json(json!({"outcome": "open"})).await.problem(422, "invalid");
    let upheld = moderator.post(&resolve).json(json!({"outcome": "upheld", "note": "已核对"})).await.expect(200).json();
    assert_eq!(upheld["report"]["status"], "upheld");
    moderator.post(&resolve).json(json!({"outcome": "dismissed"})).await.problem(409, "report_resolved");
    assert_eq!(
        moderator.get("/v1/admin/reports?status=upheld").await.expect(200).json()["items"].as_array().unwrap().len(),
        1
    );
    // The poster learns nothing of who reported.
    let shown = seller.get(&path(&offered)).await.expect(200).body;
    assert!(!String::from_utf8_lossy(&shown).contains(&reader.account_id.to_string()));
    app.sequence().await;
    let audience = app
        .database
        .value("SELECT string_agg(DISTINCT audience, ',') FROM events WHERE entity = 'listing_report'")
        .await;
    assert_eq!(audience, "staff");
}

#[tokio::test]
async fn an_account_reports_only_so_often() {
    let app = TestApp::start().await;
    let (seller, reader) = (app.member("seller").await, app.account("reader").await);
    for at in 0..21 {
        let offered = seller.publish(with(&offer(), json!({"title": format!("口罩 第{at}批")}))).await;
        let response = reader.post(&format!("{}/reports", path(&offered))).json(said()).await;
        if at < 20 {
            response.expect(201);
        } else {
            let wait: u64 = response.header("retry-after").parse().unwrap();
            response.problem(429, "too_many_reports");
            assert!((3000..=3601).contains(&wait), "{wait}");
        }
    }
    app.database.execute("UPDATE listing_reports SET created_at = created_at - interval '1 hour'").await;
    let offered = seller.publish(offer()).await;
    reader.post(&format!("{}/reports", path(&offered))).json(said()).await.expect(201);
}

#[tokio::test]
async fn of_ten_reports_at_once_no_more_than_the_hour_has_left_are_made() {
    let app = TestApp::start().await;
    let (seller, reader) = (app.member("seller").await, app.account("reader").await);
    let mut listings = Vec::new();
    for at in 0..28 {
        listings.push(seller.publish(with(&offer(), json!({"title": format!("口罩 第{at}批")}))).await);
    }
    let report = |listing: &Value| reader.post(&format!("{}/reports", path(listing))).json(said());
    for listing in &listings[..18] {
        report(listing).await.expect(201);
    }
    let made = together(listings[18..].iter().map(report)).await;
    let count = |status: u16| made.iter().filter(|response| response.status == status).count();
    assert_eq!((count(201), count(429)), (2, 8), "two were left of twenty");
    assert_eq!(app.database.count("SELECT count(*) FROM listing_reports").await, 20);
}

#[tokio::test]
async fn whoever_reported_does_not_judge() {
    let app = TestApp::start().await;
    let (seller, moderator) = (app.member("seller").await, app.official("moderator", "moderator", "").await);
    let offered = seller.publish(offer()).await;
    let report = moderator.post(&format!("{}/reports", path(&offered))).json(said()).await.expect(201).json();
    let resolve = format!("/v1/admin/reports/{}/resolve", id(&report));
    moderator.post(&resolve).json(json!({"outcome": "upheld"})).await.problem(403, "own_report");
    // Nor does whoever acts for the enterprise learn who it was, moderator or not.
    let sql = format!("INSERT INTO platform_roles VALUES ('{}', 'moderator', '', now())", seller.account_id);
    app.database.execute(&sql).await;
    assert_eq!(seller.get("/v1/admin/reports").await.expect(200).json()["items"], json!([]));
    seller.get(&format!("/v1/admin/listings/{}/moderation", id(&offered))).await.problem(403, "own_listing");
    seller.post(&resolve).json(json!({"outcome": "dismissed"})).await.problem(403, "own_report");
}
