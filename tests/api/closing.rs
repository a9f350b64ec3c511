//! `POST /v1/enterprises/{id}/close`: an owner ends an enterprise; what stands in the way, what goes with it, and back.

use serde_json::{Value, json};

use crate::support::market::{listing_ids, need, offer};
use crate::support::{Member, PASSWORD, Request, TestApp, id};

fn close(owner: &Member) -> Request {
    owner.post(&format!("{}/close", owner.enterprise_path()))
}

async fn status(reader: &Member, listing: &Value) -> Value {
    reader.get(&format!("/v1/listings/{}", id(listing))).await.expect(200).json()["status"].clone()
}

async fn told(who: &Member) -> Vec<String> {
    let page = who.get("/v1/notifications").await.expect(200).json();
    page["items"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect()
}

async fn ask(who: &Member, about: &Value) -> Value {
    let body = json!({"enterprise_id": who.enterprise_id(), "message": "请联系"});
    who.post(&format!("/v1/listings/{}/contact-requests", id(about))).json(body).await.expect(201).json()
}

#[tokio::test]
async fn its_listings_go_and_those_it_dealt_with_are_told() {
    let app = TestApp::start().await;
    app.load().await;
    let (owner, buyer, stranger) = (app.verified("owner").await, app.member("buyer").await, app.member("li").await);
    let (needed, offered) = (buyer.publish(need()).await, owner.publish(offer()).await);
    let (draft, done) = (owner.draft(offer()).await, owner.publish(need()).await);
    owner
        .post(&format!("/v1/listings/{}/close", id(&done)))
        .if_match("*")
        .json(json!({"outcome": "met_here"}))
        .await
        .expect(200);
    let accepted = ask(&buyer, &offered).await;
    owner.post(&format!("/v1/contact-requests/{}/accept", id(&accepted))).if_match("*").await.expect(200);
    let (received, sent) = (ask(&stranger, &offered).await, ask(&owner, &needed).await);

    buyer.post(&format!("{}/close", owner.enterprise_path())).if_match("*").await.problem(403, "not_owner");
    close(&owner).await.problem(428, "if_match_required");
    close(&owner).if_match("\"9\"").await.problem(412, "version_stale");
    close(&owner).if_match("*").json(json!({"reason": ""})).await.problem(422, "invalid");
    let closed = close(&owner).if_match("*").json(json!({"reason": "公司注销"})).await.expect(200).json();
    assert_eq!(
        (&closed["status"], &closed["verified"], &closed["role"]),
        (&json!("closed"), &json!(false), &json!("owner"))
    );
    for listing in [&offered, &draft] {
        assert_eq!(status(&owner, listing).await, "withdrawn");
    }
    assert_eq!(status(&owner, &done).await, "fulfilled", "what is over stays as it ended");
    assert!(listing_ids(&buyer.matches(&needed).await["items"]).is_empty(), "gone from the market at once");
    for (request, reader) in [(&received, &stranger), (&sent, &owner), (&sent, &buyer)] {
        let request = reader.get(&format!("/v1/contact-requests/{}", id(request))).await.expect(200).json();
        assert_eq!(request["status"], "lapsed");
    }
    assert_eq!(told(&buyer).await[0], "counterpart_closed");
    assert!(!told(&stranger).await.contains(&"counterpart_closed".to_owned()), "only those who dealt with it");
    assert_eq!(told(&owner).await[0], "enterprise_closed");
    let decisions = owner.get(&format!("{}/decisions", owner.enterprise_path())).await.expect(200).json();
    assert_eq!(
        (&decisions["items"][0]["action"], &decisions["items"][0]["reason"]),
        (&json!("closed"), &json!("公司注销"))
    );
    assert!(app.events_of(owner.enterprise_id()).await.contains(&"enterprise.closed".to_owned()));
}

#[tokio::test]
async fn nothing_begins_in_a_closed_one() {
    let app = TestApp::start().await;
    let (owner, buyer) = (app.member("owner").await, app.member("buyer").await);
    let needed = buyer.publish(need()).await;
    let expired = owner.publish(offer()).await;
    app.database.execute(&format!("UPDATE listings SET status = 'expired' WHERE id = '{}'", id(&expired))).await;
    let application = json!({"method": "other", "statement": "x"});
    let verifications = format!("{}/verifications", owner.enterprise_path());
    let waiting = owner.post(&verifications).json(application.clone()).await.expect(201).json();
    close(&owner).if_match("*").await.expect(200);
    let listed = owner.get(&verifications).await.expect(200).json();
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["status"]), (&waiting["id"], &json!("withdrawn")));

    close(&owner).if_match("*").await.problem(409, "enterprise_state_conflict");
    owner.post(&verifications).json(application).await.problem(409, "enterprise_state_conflict");
    let change = owner.patch(&owner.enterprise_path()).if_match("*").merge_patch(json!({"employees": 3}));
    change.await.problem(409, "enterprise_closed");
    owner.post("/v1/listings").json(need()).await.problem(409, "enterprise_not_trading");
    owner
        .post(&format!("/v1/listings/{}/renew", id(&expired)))
        .if_match("*")
        .await
        .problem(409, "enterprise_not_trading");
    let invitation = json!({"email": "li@example.cn", "role": "trader"});
    owner
        .post(&format!("{}/invitations", owner.enterprise_path()))
        .json(invitation)
        .await
        .problem(409, "enterprise_closed");
    let input = json!({"enterprise_id": owner.enterprise_id(), "name": "x", "scopes": ["listings:read"]});
    owner.post("/v1/apps").json(input).await.problem(409, "enterprise_closed");
    let body = json!({"enterprise_id": owner.enterprise_id(), "message": "请联系"});
    let asked = owner.post(&format!("/v1/listings/{}/contact-requests", id(&needed))).json(body).await;
    asked.problem(409, "contact_not_possible");
    // Its last owner may go now.
    owner.post("/v1/accounts/me/erasure").json(json!({"password": PASSWORD})).await.expect(204);
}

#[tokio::test]
async fn unfinished_deals_stand_in_the_way_and_are_named() {
    let app = TestApp::start().await;
    let owner = app.member("owner").await;
    let (held, agreed, free) =
        (owner.publish(offer()).await, owner.publish(offer()).await, owner.publish(offer()).await);
    let ledger = |column: &str, quantity: u32, listing: &Value| {
        format!("UPDATE listing_ledger SET {column} = {quantity} WHERE listing_id = '{}'", id(listing))
    };
    app.database.execute(&ledger("reserved", 5, &held)).await;
    app.database.execute(&ledger("committed", 5, &agreed)).await;
    app.database.execute(&ledger("fulfilled", 5, &free)).await;
    let refused = close(&owner).if_match("*").language("en").await.problem(409, "enterprise_has_obligations");
    let detail = refused["detail"].as_str().unwrap();
    for (listing, named) in [(&held, true), (&agreed, true), (&free, false)] {
        assert_eq!(detail.contains(&id(listing).to_string()), named, "{detail}");
        assert_eq!(status(&owner, listing).await, "published", "nothing happened");
    }
    app.database.execute(&ledger("reserved", 0, &held)).await;
    app.database.execute("UPDATE listing_ledger SET fulfilled = committed, committed = 0 WHERE committed > 0").await;
    close(&owner).if_match("*").await.expect(200);
    let suspended = app.member("li").await;
    let sql = format!("UPDATE enterprises SET status = 'suspended' WHERE id = '{}'", suspended.enterprise_id());
    app.database.execute(&sql).await;
    close(&suspended).if_match("*").await.problem(409, "enterprise_state_conflict");
}

#[tokio::test]
async fn a_moderator_takes_it_back() {
    let app = TestApp::start().await;
    let (owner, moderator) = (app.verified("owner").await, app.official("mod", "moderator", "").await);
    let listing = owner.publish(offer()).await;
    close(&owner).if_match("*").await.expect(200);
    let restore = format!("/v1/admin/enterprises/{}/restore", owner.enterprise_id());
    let reason = json!({"reason_code": "error_corrected", "reason": "Closed by mistake."});
    owner.post(&restore).if_match("*").json(reason.clone()).await.problem(403, "role_required");
    // Somebody else has its code by now.
    let mut rival = app.account("rival").await;
    rival.enterprise = rival.claim(owner.enterprise["uscc"].as_str().unwrap()).await;
    let standing =
        |status: &str| format!("UPDATE enterprises SET status = '{status}' WHERE id = '{}'", rival.enterprise_id());
    app.database.execute(&standing("verified")).await;
    moderator.post(&restore).if_match("*").json(reason.clone()).await.problem(409, "uscc_verified_by_other");
    app.database.execute(&standing("suspended")).await;
    let restored = moderator.post(&restore).if_match("*").json(reason).await.expect(200).json();
    assert_eq!(restored["status"], "verified", "as before");
    assert_eq!(status(&owner, &listing).await, "withdrawn");
    owner.publish(offer()).await;
    assert_eq!(told(&owner).await[0], "enterprise_restored");
}
