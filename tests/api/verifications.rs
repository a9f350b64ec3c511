//! Verification: applications, competing claims, suspension and appeal.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::market::{ids, listing_ids, matches, need, offer};
use crate::support::{Client, Member, Response, TestApp, faults, id, together, uscc};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n";

fn path(of: &str) -> String {
    format!("{of}/verifications")
}

async fn evidence(owner: &Client, enterprise: &str) -> Uuid {
    let request = owner.post(&format!("{enterprise}/files")).header("content-type", "application/octet-stream");
    let answer = request.body(PDF).await;
    assert!(matches!(answer.status, 200 | 201), "{}", answer.shown());
    id(&answer.json())
}

async fn apply_for(owner: &Client, enterprise: &str) -> Value {
    let body = json!({"method": "licence", "evidence": [evidence(owner, enterprise).await]});
    owner.post(&path(enterprise)).json(body).await.expect(201).json()
}

pub async fn apply(owner: &Member) -> Value {
    apply_for(owner, &owner.enterprise_path()).await
}

pub async fn act(who: &Member, verification: &Value, action: &str, body: Value) -> Response {
    who.post(&format!("/v1/admin/verifications/{}/{action}", id(verification))).if_match("*").json(body).await
}

pub fn refusal(code: &str) -> Value {
    json!({"reason_code": code, "reason": "as it was found"})
}

async fn place(owner: &Member, region: &str) {
    let patch = json!({"region_code": region});
    owner.patch(&owner.enterprise_path()).if_match("*").merge_patch(patch).await.expect(200);
}

pub async fn told(who: &Member) -> Vec<String> {
    let page = who.get("/v1/notifications").language("en").await.expect(200).json();
    let kind = |one: &Value| one["kind"].as_str().unwrap().to_owned();
    page["items"].as_array().unwrap().iter().map(kind).collect()
}

async fn standing(reader: &Member, enterprise: &str) -> Value {
    reader.get(enterprise).await.expect(200).json()
}

#[tokio::test]
async fn an_application_is_decided_by_those_of_the_region() {
    let app = TestApp::start().await;
    let (owner, stranger) = (app.member("wang").await, app.member("stranger").await);
    place(&owner, "410305").await;
    let of = path(&owner.enterprise_path());
    let input = json!({"method": "licence", "evidence": []});
    stranger.post(&of).json(input.clone()).await.problem(403, "not_owner");
    let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    let problem = owner.post(&of).json(input).await.problem(422, "invalid");
    assert_eq!(faults(&problem), [fault("/evidence", "evidence_required")]);
    let (own, foreign) =
        (evidence(&owner, &owner.enterprise_path()).await, evidence(&stranger, &stranger.enterprise_path()).await);
    let mixed = json!({"method": "licence", "evidence": [own, own, foreign, Uuid::now_v7()]});
    let problem = owner.post(&of).json(mixed).await.problem(422, "invalid");
    let wanted =
        [fault("/evidence/1", "repeated"), fault("/evidence/2", "file_unknown"), fault("/evidence/3", "file_unknown")];
    assert_eq!(faults(&problem), wanted, "another's file is as good as none");
    let bare = json!({"method": "other"});
    assert_eq!(faults(&owner.post(&of).json(bare).await.problem(422, "invalid")), [fault("/statement", "required")]);
    owner
        .post(&of)
        .json(json!({"purpose": "appeal", "method": "other", "statement": "x"}))
        .await
        .problem(409, "enterprise_state_conflict");

    let asked = apply(&owner).await;
    assert_eq!((&asked["status"], &asked["purpose"]), (&json!("pending"), &json!("application")));
    let again = json!({"method": "other", "statement": "again"});
    owner.post(&of).json(again).await.problem(409, "verification_pending");
    // What somebody looks at does not change meanwhile.
    let rename = owner.patch(&owner.enterprise_path()).if_match("*").merge_patch(json!({"legal_name": "另一家"}));
    assert_eq!(faults(&rename.await.problem(422, "invalid")), [fault("/legal_name", "identity_under_verification")]);

    for (name, role, region) in [("far", "moderator", "420000"), ("nobody", "officer", "650000")] {
        let official = app.official(name, role, region).await;
        act(&official, &asked, "approve", json!({})).await.problem(403, "role_required");
        assert_eq!(official.get("/v1/admin/verifications").await.expect(200).json()["items"], json!([]));
    }
    act(&owner, &asked, "approve", json!({})).await.problem(403, "role_required");
    let (officer, moderator) =
        (app.official("officer", "officer", "410300").await, app.official("mod", "moderator", "410000").await);
    let queue = officer.get("/v1/admin/verifications").await.expect(200).json();
    assert_eq!(ids(&queue), [id(&asked)]);
    assert!(queue["items"][0]["age_seconds"].as_i64().unwrap() >= 0);
    officer.get("/v1/admin/verifications?purpose=appeal").await.expect(200);
    let claim = format!("/v1/admin/verifications/{}/claim", id(&asked));
    officer.post(&claim).await.problem(428, "if_match_required");
    officer.post(&claim).if_match("\"7\"").await.problem(412, "version_stale");
    officer.post(&claim).if_match("\"1\"").await.expect(200);
    act(&moderator, &asked, "approve", json!({})).await.problem(409, "verification_claimed");
    moderator.post(&claim).if_match("*").await.problem(409, "verification_claimed");
    let seen = owner.get(&of).await.expect(200).json();
    assert!(seen["items"][0].get("claimed_by").is_none(), "never who: {seen}");

    let approved = act(&officer, &asked, "approve", json!({"level": "substantial"})).await.expect(200).json();
    assert_eq!((&approved["status"], &approved["decided_by"]), (&json!("approved"), &json!(officer.account_id)));
    act(&officer, &asked, "approve", json!({})).await.problem(409, "verification_state_conflict");
    act(&officer, &asked, "reject", refusal("other")).await.problem(409, "verification_state_conflict");
    let now = standing(&stranger, &owner.enterprise_path()).await;
    assert_eq!((&now["status"], &now["verified"]), (&json!("verified"), &json!(true)));
    assert_eq!(
        (&now["verification"]["level"], &now["verification"]["method"]),
        (&json!("substantial"), &json!("licence"))
    );
    assert_eq!(told(&owner).await, ["enterprise_verified"]);
    let decisions = owner.get(&format!("{}/decisions", owner.enterprise_path())).await.expect(200).json();
    assert_eq!(
        (&decisions["items"][0]["action"], &decisions["items"][0]["to"]),
        (&json!("verified"), &json!("verified"))
    );
    assert!(decisions["items"][0].get("decided_by").is_none());
    let full = format!("/v1/admin/enterprises/{}/decisions", owner.enterprise_id());
    assert_eq!(moderator.get(&full).await.expect(200).json()["items"][0]["decided_by"], json!(officer.account_id));
    stranger.get(&format!("{}/decisions", owner.enterprise_path())).await.problem(403, "not_member");
}

#[tokio::test]
async fn a_rejected_enterprise_applies_again_or_appeals_once() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.member("wang").await, app.admin().await);
    let judge = app.official("judge", "officer", "").await;
    let asked = apply(&owner).await;
    act(&admin, &asked, "reject", json!({"reason_code": "other"})).await.problem(422, "invalid");
    let rejected = act(&admin, &asked, "reject", refusal("evidence_mismatch")).await.expect(200).json();
    assert_eq!(
        (&rejected["reason_code"], &rejected["reason"]),
        (&json!("evidence_mismatch"), &json!("as it was found"))
    );
    assert_eq!(standing(&owner, &owner.enterprise_path()).await["status"], "rejected");
    let appeal = json!({"purpose": "appeal", "method": "other", "statement": "The licence was renewed."});
    let appealed = owner.post(&path(&owner.enterprise_path())).json(appeal.clone()).await.expect(201).json();
    act(&judge, &appealed, "reject", refusal("evidence_mismatch")).await.expect(200);
    owner.post(&path(&owner.enterprise_path())).json(appeal).await.problem(409, "appeal_exists");
    assert_eq!(told(&owner).await, ["decision_upheld", "enterprise_rejected"]);
    let again = apply(&owner).await;
    assert_eq!(standing(&owner, &owner.enterprise_path()).await["status"], "pending");
    let withdraw = format!("{}/{}/withdraw", path(&owner.enterprise_path()), id(&again));
    owner.post(&withdraw).await.problem(428, "if_match_required");
    owner.post(&withdraw).if_match("*").await.expect(200);
    act(&admin, &again, "approve", json!({})).await.problem(409, "verification_state_conflict");
    let last = apply(&owner).await;
    act(&admin, &last, "approve", json!({})).await.expect(200);
    assert_eq!(standing(&owner, &owner.enterprise_path()).await["verified"], true);
}

#[tokio::test]
async fn an_appeal_is_heard_by_somebody_else() {
    let app = TestApp::start().await;
    let owner = app.member("wang").await;
    place(&owner, "410305").await;
    // The only one of the region, and the administrators of the platform.
    let officer = app.official("officer", "officer", "410300").await;
    let (admin, second) = (app.admin().await, app.official("second", "admin", "").await);
    let appeal = json!({"purpose": "appeal", "method": "other", "statement": "The licence was renewed."});
    let asked = apply(&owner).await;
    act(&officer, &asked, "reject", refusal("evidence_mismatch")).await.expect(200);
    let appealed = owner.post(&path(&owner.enterprise_path())).json(appeal.clone()).await.expect(201).json();
    for (action, body) in [("claim", json!({})), ("approve", json!({})), ("reject", refusal("other"))] {
        let request = officer.post(&format!("/v1/admin/verifications/{}/{action}", id(&appealed))).if_match("*");
        let request = if action == "claim" { request } else { request.json(body) };
        request.language("en").await.problem(409, "another_must_hear");
    }
    act(&admin, &appealed, "approve", json!({})).await.expect(200);
    assert_eq!(standing(&owner, &owner.enterprise_path()).await["status"], "verified");

    // Who suspended it does not hear that appeal either, though another decided before.
    let suspend = format!("/v1/admin/enterprises/{}/suspend", owner.enterprise_id());
    admin.post(&suspend).if_match("*").json(refusal("complaints")).await.expect(200);
    let appealed = owner.post(&path(&owner.enterprise_path())).json(appeal.clone()).await.expect(201).json();
    act(&admin, &appealed, "reject", refusal("complaints")).await.problem(409, "another_must_hear");
    act(&second, &appealed, "reject", refusal("complaints")).await.expect(200);
    // A new application is no appeal: whoever turned the first down may look at it.
    let again = app.member("li").await;
    place(&again, "410305").await;
    act(&officer, &apply(&again).await, "reject", refusal("other")).await.expect(200);
    act(&officer, &apply(&again).await, "approve", json!({})).await.expect(200);
}

#[tokio::test]
async fn of_competing_claims_the_verified_one_wins_and_the_others_are_told() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let code = uscc::next();
    let mut people = Vec::new();
    for name in ["wang", "li", "zhao"] {
        let mut person = app.account(name).await;
        person.enterprise = person.claim(&code).await;
        people.push(person);
    }
    let (first, second) = (apply(&people[0]).await, apply(&people[1]).await);
    act(&admin, &second, "approve", json!({})).await.expect(200);
    for loser in [&people[0], &people[2]] {
        assert_eq!(standing(loser, &loser.enterprise_path()).await["status"], "rejected");
        assert_eq!(told(loser).await, ["claim_lost"]);
    }
    let turned_down = people[0].get(&path(&people[0].enterprise_path())).await.expect(200).json();
    assert_eq!(
        (&turned_down["items"][0]["status"], &turned_down["items"][0]["reason_code"]),
        (&json!("rejected"), &json!("claimed_by_other"))
    );
    act(&admin, &first, "approve", json!({})).await.problem(409, "verification_state_conflict");
    // An appeal is possible, and does not take the code from the one that has it.
    let appeal = json!({"purpose": "appeal", "method": "other", "statement": "The code is ours."});
    let appealed = people[0].post(&path(&people[0].enterprise_path())).json(appeal).await.expect(201).json();
    act(&admin, &appealed, "approve", json!({})).await.problem(409, "uscc_verified_by_other");
    let suspend = format!("/v1/admin/enterprises/{}/suspend", people[1].enterprise_id());
    admin.post(&suspend).if_match("*").json(refusal("false_information")).await.expect(200);
    act(&admin, &appealed, "approve", json!({})).await.expect(200);
    assert_eq!(standing(&people[0], &people[0].enterprise_path()).await["verified"], true);
    let restore = format!("/v1/admin/enterprises/{}/restore", people[1].enterprise_id());
    admin.post(&restore).if_match("*").json(refusal("error_corrected")).await.problem(409, "uscc_verified_by_other");
}

#[tokio::test]
async fn of_approvals_at_once_one_wins() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for round in 0..3 {
        let code = uscc::next();
        let (mut people, mut asked) = (Vec::new(), Vec::new());
        for i in 0..4 {
            let mut person = app.account(&format!("p{round}{i}")).await;
            person.enterprise = person.claim(&code).await;
            asked.push(apply(&person).await);
            people.push(person);
        }
        let approve = |one: &Value| admin.post(&format!("/v1/admin/verifications/{}/approve", id(one))).if_match("*");
        let answers = together(asked.iter().map(approve)).await;
        let won = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(won, 1, "{answers:?}");
        assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 409)), "{answers:?}");
        let sql =
            |status: &str| format!("SELECT count(*) FROM enterprises WHERE uscc = '{code}' AND status = '{status}'");
        assert_eq!(app.database.count(&sql("verified")).await, 1);
        assert_eq!(app.database.count(&sql("rejected")).await, 3);
    }
}

#[tokio::test]
async fn a_suspended_enterprise_leaves_the_market_and_comes_back() {
    let app = TestApp::start().await;
    app.load().await;
    let (buyer, seller, admin) = (app.member("buyer").await, app.verified("seller").await, app.admin().await);
    let stranger = app.member("stranger").await;
    for (one, other) in [(&buyer, &seller), (&seller, &buyer)] {
        one.request("PUT", &format!("{}/partners/{}", one.enterprise_path(), other.enterprise_id())).await.expect(204);
    }
    let (needed, offered) = (buyer.publish(need()).await, seller.publish(offer()).await);
    // Somebody who exchanged contacts with the seller, and somebody whose request waits.
    let (known, asking) = (app.member("known").await, app.member("asking").await);
    for (one, accepted) in [(&known, true), (&asking, false)] {
        let body = json!({"enterprise_id": one.enterprise_id(), "message": "需要两万只"});
        let request = one.post(&format!("/v1/listings/{}/contact-requests", id(&offered))).json(body).await.expect(201);
        if accepted {
            let accept = format!("/v1/contact-requests/{}/accept", id(&request.json()));
            seller.post(&accept).if_match("*").await.expect(200);
        }
    }
    let offers = async || listing_ids(&buyer.matches(&needed).await["items"]).len();
    assert_eq!(offers().await, 1);
    let suspend = format!("/v1/admin/enterprises/{}/suspend", seller.enterprise_id());
    seller.post(&suspend).if_match("*").json(refusal("complaints")).await.problem(403, "role_required");
    app.official("officer", "officer", "")
        .await
        .post(&suspend)
        .if_match("*")
        .json(refusal("complaints"))
        .await
        .problem(403, "role_required");
    admin.post(&suspend).json(refusal("complaints")).await.problem(428, "if_match_required");
    let suspended = admin.post(&suspend).if_match("*").json(refusal("complaints")).await.expect(200).json();
    assert_eq!(suspended["status"], "suspended");
    assert_eq!(offers().await, 0, "at once");
    let public = format!("/v1/listings/{}", id(&offered));
    stranger.get(&public).await.problem(404, "not_found");
    seller.get(&public).await.expect(200);
    let mut another = offer();
    another["publish"] = json!(true);
    seller.post("/v1/listings").json(another).await.problem(409, "enterprise_not_trading");
    admin.post(&suspend).if_match("*").json(refusal("complaints")).await.problem(409, "enterprise_state_conflict");
    assert_eq!(told(&seller).await[0], "enterprise_suspended");
    assert_eq!(told(&buyer).await[0], "counterpart_suspended");
    assert_eq!(told(&known).await[0], "counterpart_suspended");
    for other in [&stranger, &asking] {
        assert!(told(other).await.is_empty(), "only those who dealt with it");
    }
    let twin = app.twin().await;
    assert!(listing_ids(&matches(&twin.as_member(&buyer), &needed).await["items"]).is_empty(), "after a restart too");

    let appeal = json!({"purpose": "appeal", "method": "other", "statement": "The complaints are about another firm."});
    let appealed = seller.post(&path(&seller.enterprise_path())).json(appeal).await.expect(201).json();
    let judge = app.official("judge", "moderator", "").await;
    act(&judge, &appealed, "approve", json!({"reason": "Indeed another firm."})).await.expect(200);
    assert_eq!(standing(&seller, &seller.enterprise_path()).await["status"], "verified", "as before");
    assert_eq!(offers().await, 1, "and back");
    twin.sequence().await;
    assert_eq!(listing_ids(&matches(&twin.as_member(&buyer), &needed).await["items"]).len(), 1, "elsewhere by the log");
    let decisions = format!("/v1/admin/enterprises/{}/decisions", seller.enterprise_id());
    let decisions = admin.get(&decisions).await.expect(200).json();
    let actions: Vec<&Value> = decisions["items"].as_array().unwrap().iter().map(|one| &one["action"]).collect();
    assert_eq!(actions, ["restored", "suspended"]);
    assert_eq!(decisions["items"][1]["reason_code"], "complaints");
}

#[tokio::test]
async fn a_real_code_that_fails_the_check_is_admitted_with_a_reason() {
    let app = TestApp::start().await;
    let (person, admin) = (app.account("wang").await, app.admin().await);
    let code = "914403007084611361";
    let input = json!({"uscc": code, "legal_name": "示范"});
    person.post("/v1/enterprises").json(input.clone()).await.problem(422, "invalid");
    let admit = format!("/v1/admin/uscc-exceptions/{code}");
    let reason = json!({"reason": "The register has it."});
    person.request("PUT", &admit).json(reason.clone()).await.problem(403, "role_required");
    app.official("mod", "moderator", "")
        .await
        .request("PUT", &admit)
        .json(reason.clone())
        .await
        .problem(403, "role_required");
    app.official("far", "admin", "410000")
        .await
        .request("PUT", &admit)
        .json(reason.clone())
        .await
        .problem(403, "role_required");
    admin.request("PUT", &admit).json(json!({})).await.problem(422, "invalid");
    admin
        .request("PUT", "/v1/admin/uscc-exceptions/91440300708461136T")
        .json(reason.clone())
        .await
        .problem(409, "uscc_needs_no_exception");
    for _ in 0..2 {
        admin.request("PUT", &admit).json(reason.clone()).await.expect(204);
    }
    let made = person.post("/v1/enterprises").json(input).await.expect(201).json();
    assert_eq!(made["uscc"], code);
    let path = format!("/v1/enterprises/{}", id(&made));
    person.patch(&path).if_match("*").merge_patch(json!({"employees": 3})).await.expect(200);
    let other = json!({"uscc": "914403007084611362"});
    person.patch(&path).if_match("*").merge_patch(other).await.problem(422, "invalid");
}

#[tokio::test]
async fn those_of_a_region_search_its_enterprises() {
    let app = TestApp::start().await;
    let (here, there) = (app.member("here").await, app.verified("there").await);
    place(&here, "410305").await;
    place(&there, "420100").await;
    let found = async |who: &Member, query: &str| {
        ids(&who.get(&format!("/v1/admin/enterprises{query}")).await.expect(200).json())
    };
    let (admin, officer) = (app.admin().await, app.official("officer", "officer", "410000").await);
    assert_eq!(found(&admin, "").await, [here.enterprise_id(), there.enterprise_id()]);
    assert_eq!(found(&officer, "").await, [here.enterprise_id()]);
    assert_eq!(found(&admin, "?region=420000").await, [there.enterprise_id()]);
    assert_eq!(found(&admin, "?status=verified").await, [there.enterprise_id()]);
    let code = here.enterprise["uscc"].as_str().unwrap();
    assert_eq!(found(&admin, &format!("?q={code}")).await, [here.enterprise_id()]);
    assert_eq!(found(&admin, "?q=%25").await, Vec::<Uuid>::new(), "a sign of the pattern is itself");
    let page = admin.get("/v1/admin/enterprises?limit=1").await.expect(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(found(&admin, &format!("?limit=1&cursor={cursor}")).await, [there.enterprise_id()]);
    admin.get("/v1/admin/enterprises?status=great").await.problem(400, "parameters_invalid");
    here.get("/v1/admin/enterprises").await.problem(403, "role_required");
}
