//! Organisations nobody has claimed yet: their claim, and their merging into a verified one.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::market::{listing_ids, need, offer};
use crate::support::{Member, TestApp, faults, id, together, uscc};
use crate::verifications::{act, apply, refusal, told};

/// An organisation as an import leaves it, with a published listing.
async fn imported(app: &TestApp, from: &Member, name: &str) -> (Uuid, Value) {
    let listing = from.publish(offer()).await;
    let unclaimed = Uuid::now_v7();
    let profile = json!({"country": "CN", "legal_name": name, "region_code": "410305"});
    let sql = format!(
        "INSERT INTO enterprises (id, status, country, legal_name, profile, created_at, updated_at)
             VALUES ('{unclaimed}', 'unclaimed', 'CN', '{name}', '{profile}', now(), now());
         UPDATE listings SET enterprise_id = '{unclaimed}' WHERE id = '{}'",
        id(&listing)
    );
    app.database.execute(&sql).await;
    (unclaimed, listing)
}

#[tokio::test]
async fn an_imported_organisation_is_claimed_once() {
    let app = TestApp::start().await;
    let (importer, stranger) = (app.member("importer").await, app.account("li").await);
    let (unclaimed, listing) = imported(&app, &importer, "洛阳导入厂").await;
    let claim = format!("/v1/enterprises/{unclaimed}/claim");
    let problem = stranger.post(&claim).json(json!({})).await.problem(422, "invalid");
    assert_eq!(faults(&problem), [("/uscc".to_owned(), "uscc_required".to_owned())]);
    let code = uscc::next();
    let body = json!({"uscc": code});
    app.anonymous().post(&claim).json(body.clone()).await.problem(401, "token_required");
    let rivals = [app.account("a").await, app.account("b").await, stranger];
    let answers = together(rivals.iter().map(|one| one.post(&claim).json(body.clone()))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort();
    assert_eq!(statuses, [200, 409, 409]);
    let won = answers.iter().position(|answer| answer.status == 200).unwrap();
    let claimed = answers[won].json();
    assert_eq!(
        (&claimed["status"], &claimed["role"], &claimed["uscc"]),
        (&json!("pending"), &json!("owner"), &json!(code))
    );
    rivals[won].post(&format!("/v1/listings/{}/withdraw", id(&listing))).if_match("*").await.expect(200);
    importer
        .post(&format!("/v1/enterprises/{}/claim", importer.enterprise_id()))
        .json(body)
        .await
        .problem(409, "enterprise_state_conflict");
}

#[tokio::test]
async fn an_imported_organisation_is_merged_into_the_verified_one() {
    let app = TestApp::start().await;
    app.load().await;
    let (importer, buyer, admin) = (app.member("importer").await, app.member("buyer").await, app.admin().await);
    let (needed, firm) = (buyer.publish(need()).await, app.verified("firm").await);
    let (unclaimed, listing) = imported(&app, &importer, "洛阳导入厂").await;
    let merge = format!("/v1/admin/enterprises/{unclaimed}/merge");
    let into = |target: Uuid| json!({"into": target, "reason": "the same firm"});
    firm.post(&merge).if_match("*").json(into(firm.enterprise_id())).await.problem(403, "role_required");
    admin.post(&merge).if_match("*").json(into(unclaimed)).await.problem(409, "merge_into_itself");
    admin.post(&merge).if_match("*").json(into(buyer.enterprise_id())).await.problem(409, "enterprise_state_conflict");
    admin.post(&merge).if_match("*").json(into(Uuid::now_v7())).await.problem(422, "invalid");
    let kept = admin.post(&merge).if_match("*").json(into(firm.enterprise_id())).await.expect(200).json();
    assert_eq!(id(&kept), firm.enterprise_id());
    let read = buyer.get(&format!("/v1/enterprises/{unclaimed}")).await.expect(200).json();
    assert_eq!(id(&read), firm.enterprise_id(), "whoever asks for the old one is answered with the other");
    assert_eq!(
        firm.get(&format!("/v1/listings/{}", id(&listing))).await.expect(200).json()["enterprise"]["id"],
        json!(firm.enterprise_id())
    );
    firm.post(&format!("/v1/listings/{}/renew", id(&listing))).if_match("*").await.expect(200);
    assert_eq!(listing_ids(&buyer.matches(&needed).await["items"]), [id(&listing)]);
    let claim = app
        .account("late")
        .await
        .post(&format!("/v1/enterprises/{unclaimed}/claim"))
        .json(json!({"uscc": uscc::next()}));
    claim.await.problem(409, "enterprise_state_conflict");
    admin.post(&merge).if_match("*").json(into(firm.enterprise_id())).await.problem(409, "enterprise_state_conflict");
}

#[tokio::test]
async fn what_was_decided_and_seen_of_a_merged_one_is_read_by_the_other() {
    let app = TestApp::start().await;
    let (owner, firm, buyer) = (app.member("owner").await, app.verified("firm").await, app.member("buyer").await);
    let (admin, judge) = (app.admin().await, app.official("judge", "moderator", "").await);
    let (offered, needed) = (owner.publish(offer()).await, buyer.publish(need()).await);
    let ask = async |who: &Member, about: &Value| {
        let body = json!({"enterprise_id": who.enterprise_id(), "message": "请联系"});
        who.post(&format!("/v1/listings/{}/contact-requests", id(about))).json(body).await.expect(201).json()
    };
    let (received, sent) = (ask(&buyer, &offered).await, ask(&owner, &needed).await);
    let accept = format!("/v1/contact-requests/{}/accept", id(&received));
    owner.post(&accept).if_match("*").await.expect(200);
    buyer.get(&format!("/v1/listings/{}/contacts", id(&offered))).await.expect(200);
    let suspend = format!("/v1/admin/listings/{}/suspend", id(&offered));
    admin.post(&suspend).if_match("*").json(json!({"reasons": ["misleading"], "note": "x"})).await.expect(200);
    let appeals = format!("/v1/listings/{}/appeals", id(&offered));
    let appeal = owner.post(&appeals).json(json!({"text": "It is as it says."})).await.expect(201).json();
    act(&admin, &apply(&owner).await, "reject", refusal("not_registered")).await.expect(200);
    let own = firm.endpoint(json!({})).await;
    let orphan = owner.endpoint(json!({})).await;
    owner.test_endpoint(&orphan).await;
    let merge = format!("/v1/admin/enterprises/{}/merge", owner.enterprise_id());
    let into = json!({"into": firm.enterprise_id(), "reason": "the same firm"});
    admin.post(&merge).if_match("*").json(into).await.expect(200);
    let left = app.database.value("SELECT string_agg(id::text, ' ') FROM webhook_endpoints").await;
    assert_eq!(left, id(&own).to_string(), "nobody could take back the other");
    assert_eq!(app.database.count("SELECT count(*) FROM webhook_deliveries").await, 0);

    let actions = async |reader: &Member, path: String| {
        let page = reader.get(&path).await.expect(200).json();
        let items = page["items"].as_array().unwrap().clone();
        items.iter().map(|one| one["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(actions(&firm, format!("{}/decisions", firm.enterprise_path())).await, ["merged", "rejected"]);
    let of_admins = format!("/v1/admin/enterprises/{}/decisions", firm.enterprise_id());
    assert_eq!(actions(&admin, of_admins).await, ["merged", "rejected"]);
    let listing = firm.get(&format!("/v1/listings/{}", id(&offered))).await.expect(200).json();
    assert_eq!((&listing["status"], &listing["moderation"]["state"]), (&json!("suspended"), &json!("suspended")));
    let case = admin.get(&format!("/v1/admin/listings/{}/moderation", id(&offered))).await.expect(200).json();
    assert_eq!(case["decisions"][0]["decision"], "suspended");
    let deny = format!("/v1/admin/appeals/{}/deny", id(&appeal));
    judge.post(&deny).json(json!({"note": "It stands."})).await.expect(200);
    assert!(told(&firm).await.contains(&"appeal_denied".to_owned()), "who has the listing now is told");
    let releases = format!("{}/contact-releases", firm.enterprise_path());
    assert_eq!(firm.get(&releases).await.expect(200).json()["items"].as_array().unwrap().len(), 1);
    for request in [&received, &sent] {
        firm.get(&format!("/v1/contact-requests/{}", id(request))).await.expect(200);
    }
    // Whom the old one exchanged contacts with is warned of the other.
    let suspend = format!("/v1/admin/enterprises/{}/suspend", firm.enterprise_id());
    admin.post(&suspend).if_match("*").json(refusal("complaints")).await.expect(200);
    assert_eq!(told(&buyer).await[0], "counterpart_suspended");
}
