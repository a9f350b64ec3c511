//! For which enterprise a listing is posted, and what that enterprise may not do.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::market::{ids, instant, need, offer, path, with};
use crate::support::{Member, TestApp, faults, together, uscc};

async fn refused(member: &Member, listing: Value, code: &str) {
    let problem = member.post("/v1/listings").json(listing).await.problem(422, "invalid");
    assert_eq!(faults(&problem), [("/enterprise_id".to_owned(), code.to_owned())]);
}

#[tokio::test]
async fn a_listing_is_of_an_enterprise_the_caller_trades_for() {
    let app = TestApp::start().await;
    let (nobody, wang, li) = (app.account("nobody").await, app.member("wang").await, app.member("li").await);
    let of = |id: Uuid| with(&need(), json!({"enterprise_id": id}));
    refused(&nobody, need(), "enterprise_missing").await;
    app.anonymous().post("/v1/listings").json(need()).await.problem(401, "token_required");
    wang.post("/v1/listings").json(of(li.enterprise_id())).await.problem(403, "not_trader");
    refused(&wang, of(Uuid::now_v7()), "enterprise_unknown").await;

    wang.claim(&uscc::next()).await;
    refused(&wang, need(), "enterprise_ambiguous").await;
    let listing = wang.draft(of(wang.enterprise_id())).await;
    assert_eq!(listing["enterprise"]["id"], wang.enterprise["id"]);
    assert!(listing.get("enterprise_id").is_none(), "{listing}");

    let demote = format!("UPDATE memberships SET role = 'viewer' WHERE account_id = '{}'", li.account_id);
    app.database.execute(&demote).await;
    li.post("/v1/listings").json(need()).await.problem(403, "not_trader");
    assert_eq!(app.database.count("SELECT count(*) FROM listings").await, 1);
}

#[tokio::test]
async fn a_place_is_needed_to_publish_but_not_to_draft() {
    let app = TestApp::start().await;
    let schmidt = app.account("schmidt").await;
    let abroad = json!({"country": "DE", "legal_name": "Muster GmbH"});
    schmidt.post("/v1/enterprises").json(abroad).await.expect(201);
    let problem =
        schmidt.post("/v1/listings").json(with(&need(), json!({"publish": true}))).await.problem(422, "invalid");
    assert_eq!(faults(&problem), [("/region_code".to_owned(), "place_required".to_owned())]);
    let draft = schmidt.draft(need()).await;
    assert_eq!(faults(&schmidt.act(&draft, "publish").await.problem(422, "invalid")).len(), 1);
    schmidt.patch(&path(&draft)).if_match("*").merge_patch(json!({"region_code": "DE-HH"})).await.expect(200);
    assert_eq!(schmidt.act(&draft, "publish").await.expect(200).json()["status"], "published");
}

#[tokio::test]
async fn an_external_id_is_unique_within_the_enterprise() {
    let app = TestApp::start().await;
    let (wang, li) = (app.member("wang").await, app.member("li").await);
    let numbered = |number: &str| with(&need(), json!({"external_id": number}));
    let first = wang.draft(numbered("A-1")).await;
    let second = wang.draft(numbered("A-2")).await;
    wang.post("/v1/listings").json(numbered("A-1")).await.problem(409, "external_id_taken");
    let renumber = wang.patch(&path(&second)).if_match("*").merge_patch(json!({"external_id": "A-1"}));
    renumber.await.problem(409, "external_id_taken");
    li.draft(numbered("A-1")).await;

    let own = format!("{}/listings", wang.enterprise_path());
    assert_eq!(
        ids(&wang.get(&format!("{own}?external_id=A-1")).await.expect(200).json()),
        ids(&json!({"items": [first]}))
    );
    assert_eq!(ids(&wang.get(&own).await.expect(200).json()).len(), 2);
    li.get(&own).await.problem(403, "not_member");
    // Given back, it can be used again.
    wang.patch(&path(&first)).if_match("*").merge_patch(json!({"external_id": null})).await.expect(200);
    wang.draft(numbered("A-1")).await;
}

#[tokio::test]
async fn own_listings_page_by_state() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let mut drafts = Vec::new();
    for _ in 0..3 {
        drafts.push(wang.draft(need()).await);
    }
    let published = wang.publish(need()).await;
    wang.act(&drafts[0], "withdraw").await.expect(200);
    let own = |query: &str| format!("{}/listings?{query}", wang.enterprise_path());
    let of = async |query: &str| ids(&wang.get(&own(query)).await.expect(200).json());
    assert_eq!(of("status=draft").await, ids(&json!({"items": [drafts[2], drafts[1]]})), "newest first");
    assert_eq!(of("status=published").await, ids(&json!({"items": [published]})));
    assert_eq!(of("status=withdrawn").await, ids(&json!({"items": [drafts[0]]})));
    assert!(of("status=expired").await.is_empty());
    let page = wang.get(&own("limit=3")).await.expect(200).json();
    let next = format!("limit=3&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(of(&next).await, ids(&json!({"items": [drafts[0]]})));
    wang.get(&own("status=gone")).await.problem(400, "parameters_invalid");
}

#[tokio::test]
async fn an_unverified_enterprise_is_capped() {
    let app = TestApp::builder().set("DUIJIE_UNVERIFIED_LISTING_CAP", "2").start().await;
    let wang = app.member("wang").await;
    let first = wang.publish(need()).await;
    let mut drafts = Vec::new();
    for _ in 0..4 {
        drafts.push(wang.draft(need()).await);
    }
    let publish = |draft: &Value| wang.post(&format!("{}/publish", path(draft))).if_match("*");
    let answers = together(drafts.iter().map(publish)).await;
    let passed = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(passed, 1, "the last place is taken once: {:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
    for answer in answers.into_iter().filter(|answer| answer.status != 200) {
        let problem = answer.problem(409, "unverified_cap_reached");
        assert!(problem["detail"].as_str().unwrap().contains('2'), "{problem}");
    }
    let refused = wang.post("/v1/listings").json(with(&offer(), json!({"publish": true}))).await;
    refused.problem(409, "unverified_cap_reached");
    assert_eq!(app.database.count("SELECT count(*) FROM listings").await, 5, "a refused posting leaves nothing");
    wang.act(&first, "withdraw").await.expect(200);
    wang.publish(need()).await;
    // Verified ones are not counted.
    let li = app.verified("li").await;
    for _ in 0..3 {
        li.publish(need()).await;
    }
}

#[tokio::test]
async fn renewing_is_no_way_around_the_cap() {
    let app = TestApp::builder().set("DUIJIE_UNVERIFIED_LISTING_CAP", "1").start().await;
    let wang = app.member("wang").await;
    let short = wang.publish(with(&need(), json!({"valid_until": instant(1200)}))).await;
    wang.act(&short, "renew").await.expect(200);
    let shorten = json!({"valid_until": instant(700)});
    wang.patch(&path(&short)).if_match("*").merge_patch(shorten).await.expect(200);
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    wang.publish(need()).await;
    wang.act(&short, "renew").await.problem(409, "unverified_cap_reached");
    assert_eq!(wang.get(&path(&short)).await.json()["status"], "expired");
}

#[tokio::test]
async fn a_moderated_market_lets_postings_wait() {
    let app = TestApp::builder().set("DUIJIE_MODERATION", "verified_first").start().await;
    let (wang, li) = (app.member("wang").await, app.verified("li").await);
    let waiting = wang.draft(with(&offer(), json!({"publish": true}))).await;
    assert_eq!(waiting["status"], "pending_review");
    assert!(waiting.get("published_at").is_none() && waiting.get("top_matches").is_none(), "{waiting}");
    li.get(&path(&waiting)).await.problem(404, "not_found");
    assert!(ids(&app.anonymous().get("/v1/listings").await.json()).is_empty());
    assert_eq!(li.publish(offer()).await["status"], "published");
    wang.publish(need()).await;
    assert_eq!(wang.act(&waiting, "withdraw").await.expect(200).json()["status"], "withdrawn");
}
