//! Associations that act for their members: by mandate, for what it says, as long as it stands, and told.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::market::need;
use crate::support::{Member, TestApp, faults, id};

fn mandates(of: &Member) -> String {
    format!("{}/mandates", of.enterprise_path())
}

/// The owner of a verified association.
async fn association(app: &TestApp, name: &str) -> Member {
    let member = app.verified(name).await;
    let kind = json!({"organization_type": "association"});
    member.patch(&member.enterprise_path()).if_match("*").merge_patch(kind).await.expect(200);
    member
}

async fn give(owner: &Member, association: &Member, scopes: Value) -> Value {
    let body = json!({"association_id": association.enterprise_id(), "scopes": scopes});
    owner.post(&mandates(owner)).json(body).await.expect(201).json()
}

fn posting(of: &Member) -> Value {
    let mut listing = need();
    listing["enterprise_id"] = json!(of.enterprise_id());
    listing
}

async fn revoke(owner: &Member, mandate: &Value) {
    owner.post(&format!("{}/{}/revoke", mandates(owner), id(mandate))).await.expect(200);
}

#[tokio::test]
async fn an_association_posts_for_its_member_while_the_mandate_stands() {
    let app = TestApp::start().await;
    let (owner, bureau, stranger) =
        (app.member("owner").await, association(&app, "bureau").await, app.member("stranger").await);
    bureau.post("/v1/listings").json(posting(&owner)).await.problem(403, "not_trader");
    let body = json!({"association_id": bureau.enterprise_id(), "scopes": ["post"]});
    stranger.post(&mandates(&owner)).json(body.clone()).await.problem(403, "not_owner");
    bureau.post(&mandates(&owner)).json(body).await.problem(403, "not_owner");
    let mandate = give(&owner, &bureau, json!(["post"])).await;
    assert_eq!(mandate["status"], "standing");

    let draft = bureau.post("/v1/listings").json(posting(&owner)).await.expect(201).json();
    assert_eq!(draft["enterprise"]["id"], json!(owner.enterprise_id()), "it is the member's listing");
    let shown = json!({"mandate_id": id(&mandate), "association_id": bureau.enterprise_id(),
        "association_name": bureau.enterprise["legal_name"]});
    assert_eq!(draft["on_behalf_of"], shown);
    let path = format!("/v1/listings/{}", id(&draft));
    bureau.get(&path).await.expect(200);
    let published = bureau.post(&format!("{path}/publish")).if_match("*").await.expect(200).json();
    assert_eq!(published["on_behalf_of"], shown);
    assert_eq!(app.anonymous().get(&path).await.expect(200).json()["on_behalf_of"], shown, "to everybody");
    let own = format!("{}/listings", owner.enterprise_path());
    assert_eq!(owner.get(&own).await.expect(200).json()["items"][0]["on_behalf_of"], shown);
    assert!(owner.draft(posting(&owner)).await.get("on_behalf_of").is_none(), "its own");
    stranger.post(&format!("{path}/withdraw")).if_match("*").await.problem(403, "not_trader");
    // For listings, and for nothing else.
    let rename = json!({"name_en": "Renamed"});
    bureau.patch(&owner.enterprise_path()).if_match("*").merge_patch(rename).await.problem(403, "not_owner");
    bureau.get(&format!("{}/members", owner.enterprise_path())).await.problem(403, "not_member");
    bureau.get(&format!("{path}/matches")).await.problem(403, "not_member");

    // Told: in the events, and to the member.
    app.sequence().await;
    let told = format!("SELECT count(*) FROM events WHERE changed->'on_behalf_of'->>'mandate_id' = '{}'", id(&mandate));
    assert_eq!(app.database.count(&told).await, 2, "created and published");
    let acts = format!("{}/{}/acts", mandates(&owner), id(&mandate));
    let acts_of = owner.get(&acts).await.expect(200).json();
    let types: Vec<&Value> = acts_of["items"].as_array().unwrap().iter().map(|act| &act["type"]).collect();
    assert_eq!(types, ["listing.published", "listing.created"]);
    assert_eq!(acts_of["items"][0]["account_id"], json!(bureau.account_id));
    bureau.get(&acts).await.problem(403, "not_member");
    assert_eq!(bureau.get("/v1/notifications").await.expect(200).json()["items"][0]["kind"], "mandate_granted");
    owner.post(&format!("{path}/renew")).if_match("*").await.expect(200);
    assert_eq!(
        owner.get(&acts).await.expect(200).json()["items"].as_array().unwrap().len(),
        2,
        "the member's own acts are theirs"
    );

    revoke(&owner, &mandate).await;
    revoke(&owner, &mandate).await;
    bureau.post(&format!("{path}/withdraw")).if_match("*").await.problem(403, "not_trader");
    bureau.post("/v1/listings").json(posting(&owner)).await.problem(403, "not_trader");
    let hidden = owner.draft(posting(&owner)).await;
    bureau.get(&format!("/v1/listings/{}", id(&hidden))).await.problem(404, "not_found");
    assert_eq!(owner.get(&mandates(&owner)).await.expect(200).json()["items"][0]["status"], "revoked");
}

#[tokio::test]
async fn a_mandate_ends_with_its_time_its_association_or_the_person() {
    let app = TestApp::start().await;
    let (owner, bureau) = (app.member("owner").await, association(&app, "bureau").await);
    let mandate = give(&owner, &bureau, json!(["post", "trade"])).await;
    let tries = async || bureau.post("/v1/listings").json(posting(&owner)).await.status;
    assert_eq!(tries().await, 201);
    let path = bureau.enterprise_id();
    app.database.execute(&format!("UPDATE enterprises SET status = 'suspended' WHERE id = '{path}'")).await;
    assert_eq!(tries().await, 403, "a suspended association acts for nobody");
    app.database.execute(&format!("UPDATE enterprises SET status = 'verified' WHERE id = '{path}'")).await;
    let lower =
        |role: &str| format!("UPDATE memberships SET role = '{role}' WHERE account_id = '{}'", bureau.account_id);
    app.database.execute(&lower("viewer")).await;
    assert_eq!(tries().await, 403, "only those who trade for the association");
    app.database.execute(&lower("owner")).await;
    assert_eq!(tries().await, 201);
    let body = json!({"association_id": bureau.enterprise_id(), "scopes": ["post"]});
    owner.post(&mandates(&owner)).json(body.clone()).await.problem(409, "mandate_standing");
    app.database.execute(&format!("UPDATE mandates SET valid_until = now() WHERE id = '{}'", id(&mandate))).await;
    assert_eq!(tries().await, 403, "its time is over");
    assert_eq!(owner.get(&mandates(&owner)).await.expect(200).json()["items"][0]["status"], "expired");
    owner.post(&mandates(&owner)).json(body).await.expect(201);
    assert_eq!(tries().await, 201);
}

#[tokio::test]
async fn faults_of_mandates() {
    let app = TestApp::start().await;
    let (owner, bureau, firm) =
        (app.member("owner").await, association(&app, "bureau").await, app.verified("firm").await);
    let of = |id: Uuid, scopes: Value| json!({"association_id": id, "scopes": scopes});
    let no_association = [("/association_id", "not_a_verified_association")];
    let cases: Vec<(Value, &[(&str, &str)])> = vec![
        (of(firm.enterprise_id(), json!(["post"])), &no_association),
        (of(owner.enterprise_id(), json!(["post"])), &no_association),
        (of(Uuid::now_v7(), json!(["post"])), &no_association),
        (of(bureau.enterprise_id(), json!([])), &[("/scopes", "too_few")]),
        (of(bureau.enterprise_id(), json!(["own"])), &[("/scopes/0", "not_one_of")]),
        (of(bureau.enterprise_id(), json!(["post", "post"])), &[("/scopes", "repeated")]),
        (
            json!({"association_id": bureau.enterprise_id(), "scopes": ["post"], "valid_until": "2020-01-01T00:00:00Z"}),
            &[("/valid_until", "in_the_past")],
        ),
    ];
    for (input, expected) in cases {
        let problem = owner.post(&mandates(&owner)).json(input.clone()).await.problem(422, "invalid");
        let expected: Vec<(String, String)> =
            expected.iter().map(|(place, code)| (place.to_string(), code.to_string())).collect();
        assert_eq!(faults(&problem), expected, "{input}");
    }
}

#[tokio::test]
async fn whoever_acts_for_an_enterprise_asks_the_market_for_what_they_may_read() {
    let app = TestApp::start().await;
    let (owner, bureau) = (app.member("owner").await, association(&app, "bureau").await);
    let (draft, published) = (owner.draft(posting(&owner)).await, owner.publish(posting(&owner)).await);
    app.load().await;
    let matches = |listing: &Value| format!("/v1/listings/{}/matches", id(listing));
    bureau.get(&matches(&draft)).await.problem(404, "not_found");
    bureau.get(&matches(&published)).await.problem(403, "not_member");
    let trading = give(&owner, &bureau, json!(["trade"])).await;
    bureau.get(&matches(&draft)).await.problem(404, "not_found");
    bureau.get(&matches(&published)).await.expect(200);
    revoke(&owner, &trading).await;
    give(&owner, &bureau, json!(["post", "trade"])).await;
    bureau.get(&matches(&draft)).await.expect(200);

    // Members whatever they are, and whatever became of their enterprise.
    let role = |role: &str| format!("UPDATE memberships SET role = '{role}' WHERE account_id = '{}'", owner.account_id);
    app.database.execute(&role("viewer")).await;
    owner.get(&matches(&draft)).await.expect(200);
    owner
        .post(&format!("/v1/listings/{}/bundles", id(&published)))
        .json(json!({"objective": "nearest"}))
        .await
        .problem(403, "not_trader");
    let status =
        |status: &str| format!("UPDATE enterprises SET status = '{status}' WHERE id = '{}'", owner.enterprise_id());
    app.database.execute(&status("suspended")).await;
    owner.get(&matches(&published)).await.expect(200);
    app.database.execute(&role("owner")).await;
    app.database.execute(&status("pending")).await;
    owner.post(&format!("/v1/listings/{}/withdraw", id(&draft))).if_match("*").await.expect(200);
    owner.get(&matches(&draft)).await.problem(409, "state_conflict");
}
