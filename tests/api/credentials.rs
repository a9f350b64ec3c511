//! Credentials and blocks: stated, decided, and what they do to matches.

use serde_json::{Value, json};

use crate::support::market::{day, ids, listing_ids, matches, need, offer, with};
use crate::support::{Member, TestApp, faults, id};

fn licence() -> Value {
    json!({"scheme": "medical_device_registration", "number": "豫械注准20202140123", "issuer": "河南省药品监督管理局",
        "valid_to": day(90), "covers": ["ppe.mask"]})
}

fn path(member: &Member) -> String {
    format!("{}/credentials", member.enterprise_path())
}

async fn decide(who: &Member, credential: &Value, decision: &str) -> crate::support::Response {
    let request = who.post(&format!("/v1/admin/credentials/{}/{decision}", id(credential)));
    if decision == "reject" { request.json(json!({"reason": "not in the register"})).await } else { request.await }
}

#[tokio::test]
async fn owners_state_and_moderators_of_the_region_decide() {
    let app = TestApp::start().await;
    let (seller, stranger) = (app.member("seller").await, app.member("stranger").await);
    seller
        .patch(&seller.enterprise_path())
        .if_match("*")
        .merge_patch(json!({"region_code": "410305"}))
        .await
        .expect(200);
    app.anonymous().post(&path(&seller)).json(licence()).await.problem(401, "token_required");
    stranger.post(&path(&seller)).json(licence()).await.problem(403, "not_owner");
    let faulty = json!({"scheme": "x", "number": " ", "issuer": "y", "valid_from": day(5), "valid_to": day(-1), "covers": ["ppe.nonsense"]});
    let problem = seller.post(&path(&seller)).json(faulty).await.problem(422, "invalid");
    let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    let wanted = [
        fault("/covers/0", "category_unknown"),
        fault("/number", "blank"),
        fault("/valid_to", "end_before_start"),
        fault("/valid_to", "in_the_past"),
    ];
    assert_eq!(faults(&problem), wanted);

    let stated = seller.post(&path(&seller)).json(licence()).await.expect(201).json();
    assert_eq!(stated["status"], "pending");
    let listed =
        async |who: &Member| who.get(&path(&seller)).await.expect(200).json()["items"].as_array().unwrap().len();
    assert_eq!(
        (listed(&seller).await, listed(&stranger).await),
        (1, 0),
        "what is not accepted is the enterprise's business"
    );
    for (name, role, region) in [("officer", "officer", ""), ("elsewhere", "moderator", "420000")] {
        decide(&app.official(name, role, region).await, &stated, "accept").await.problem(403, "role_required");
    }
    decide(&seller, &stated, "accept").await.problem(403, "role_required");
    let moderator = app.official("moderator", "moderator", "410000").await;
    let accepted = decide(&moderator, &stated, "accept").await.expect(200).json();
    assert_eq!(accepted["status"], "accepted");
    assert_eq!(listed(&stranger).await, 1);
    decide(&moderator, &stated, "accept").await.problem(409, "credential_state_conflict");
    let rejected = decide(&moderator, &stated, "reject").await.expect(200).json();
    assert_eq!((&rejected["status"], &rejected["reason"]), (&json!("rejected"), &json!("not in the register")));
    decide(&moderator, &stated, "reject").await.problem(409, "credential_state_conflict");
    let events = app.events_of(seller.enterprise_id()).await;
    let credentials: Vec<&String> = events.iter().filter(|event| event.contains("credential")).collect();
    assert_eq!(
        credentials,
        ["enterprise.credential_stated", "enterprise.credential_accepted", "enterprise.credential_rejected"]
    );
}

#[tokio::test]
async fn moderators_see_what_waits_in_their_regions() {
    let app = TestApp::start().await;
    let (here, there) = (app.member("here").await, app.member("there").await);
    for (seller, region) in [(&here, "410305"), (&there, "420100")] {
        let place = seller.patch(&seller.enterprise_path()).if_match("*");
        place.merge_patch(json!({"region_code": region})).await.expect(200);
    }
    let mut stated = Vec::new();
    for seller in [&here, &there, &here, &here] {
        stated.push(id(&seller.post(&path(seller)).json(licence()).await.expect(201).json()));
    }
    let moderator = app.official("moderator", "moderator", "410000").await;
    let waiting =
        async |who: &Member, query: &str| who.get(&format!("/v1/admin/credentials{query}")).await.expect(200).json();
    let page = waiting(&moderator, "?limit=2").await;
    assert_eq!(ids(&page), [stated[0], stated[2]]);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = waiting(&moderator, &format!("?limit=2&cursor={cursor}")).await;
    assert_eq!((ids(&rest), rest.get("next_cursor")), (vec![stated[3]], None));
    assert_eq!(ids(&waiting(&app.admin().await, "").await), stated);
    moderator.post(&format!("/v1/admin/credentials/{}/accept", stated[2])).await.expect(200);
    assert_eq!(ids(&waiting(&moderator, "").await), [stated[0], stated[3]], "what is decided waits no more");
    here.get("/v1/admin/credentials").await.problem(403, "role_required");
    let officer = app.official("officer", "officer", "410000").await;
    officer.get("/v1/admin/credentials").await.problem(403, "role_required");
    app.anonymous().get("/v1/admin/credentials").await.problem(401, "token_required");
}

#[tokio::test]
async fn a_required_credential_must_be_accepted_in_date_and_cover_the_goods() {
    let app = TestApp::start().await;
    app.load().await;
    let twin = app.twin().await;
    let (buyer, seller, admin) = (app.member("buyer").await, app.member("seller").await, app.admin().await);
    let asking = |needed_by| json!({"required_credentials": ["medical_device_registration"], "needed_by": needed_by});
    let soon = buyer.publish(with(&need(), asking(day(60)))).await;
    let late = buyer.publish(with(&need(), asking(day(120)))).await;
    let offered = seller.publish(offer()).await;
    let found = async |needed: &Value| listing_ids(&buyer.matches(needed).await["items"]);
    let none: Vec<uuid::Uuid> = vec![];
    assert_eq!(found(&soon).await, none, "nothing is held");
    let stated = seller.post(&path(&seller)).json(licence()).await.expect(201).json();
    assert_eq!(found(&soon).await, none, "stating it is not enough");
    decide(&admin, &stated, "accept").await.expect(200);
    assert_eq!(found(&soon).await, [id(&offered)], "at once where it was accepted");
    assert_eq!(found(&late).await, none, "it ends before the goods are needed");
    let missed = buyer.matches(&late).await;
    assert_eq!(missed["near_misses"][0]["blockers"][0]["code"], "offer_credentials", "{missed}");

    twin.sequence().await;
    let there = matches(&twin.as_member(&buyer), &soon).await;
    assert_eq!(listing_ids(&there["items"]), [id(&offered)], "elsewhere by the log");
    let fresh = app.twin().await;
    let there = matches(&fresh.as_member(&buyer), &soon).await;
    assert_eq!(listing_ids(&there["items"]), [id(&offered)], "and after a restart");

    // Of other goods.
    let narrow = with(&licence(), json!({"covers": ["ppe.glove"], "number": "2"}));
    decide(&admin, &stated, "reject").await.expect(200);
    assert_eq!(found(&soon).await, none);
    let other = seller.post(&path(&seller)).json(narrow).await.expect(201).json();
    decide(&admin, &other, "accept").await.expect(200);
    assert_eq!(found(&soon).await, none);
    // An end that has passed counts at once, whoever wrote it down or not.
    let past =
        format!("UPDATE credentials SET status = 'accepted', valid_to = '{}' WHERE id = '{}'", day(-1), id(&stated));
    app.database.execute(&past).await;
    let shown = seller.get(&path(&seller)).await.expect(200).json();
    assert_eq!(shown["items"][0]["status"], "expired");
}

#[tokio::test]
async fn what_the_law_requires_is_marked_or_required_as_the_policy_says() {
    let app = TestApp::start().await;
    app.load().await;
    let (buyer, seller, admin) = (app.member("buyer").await, app.member("seller").await, app.admin().await);
    let (needed, offered) = (buyer.publish(need()).await, seller.publish(offer()).await);
    let legal = |page: &Value| -> Vec<(String, String)> {
        let checks = page["items"][0]["checks"].as_array().unwrap().iter();
        let legal = checks.filter(|check| check["code"] == "legal_requirement");
        legal
            .map(|check| (check["about"].as_str().unwrap().to_owned(), check["outcome"].as_str().unwrap().to_owned()))
            .collect()
    };
    let said = |scheme: &str, outcome: &str| (scheme.to_owned(), outcome.to_owned());
    let (registration, filing) = ("medical_device_registration", "medical_device_business_filing");
    let page = buyer.matches(&needed).await;
    assert_eq!(legal(&page), [said(registration, "unknown"), said(filing, "unknown")], "{page}");
    let enforce = async |how: &str| {
        let body = json!({"reason": "as the county decided", "values": {"enforce_requirements": how}});
        admin.post("/v1/admin/matching-policies").if_match("*").json(body).await.expect(201);
    };
    enforce("require").await;
    let page = buyer.matches(&needed).await;
    assert_eq!((listing_ids(&page["items"]).len(), listing_ids(&page["near_misses"]).len()), (0, 0), "{page}");
    for scheme in [registration, filing] {
        let stated = with(&licence(), json!({"scheme": scheme}));
        let stated = seller.post(&path(&seller)).json(stated).await.expect(201).json();
        assert!(listing_ids(&buyer.matches(&needed).await["items"]).is_empty(), "{scheme} is not accepted yet");
        decide(&admin, &stated, "accept").await.expect(200);
    }
    let page = buyer.matches(&needed).await;
    assert_eq!(listing_ids(&page["items"]), [id(&offered)]);
    assert_eq!(legal(&page), [said(registration, "pass"), said(filing, "pass")]);
    assert_eq!(listing_ids(&seller.matches(&offered).await["items"]), [id(&needed)]);
    enforce("off").await;
    assert_eq!(legal(&buyer.matches(&needed).await), []);
    let nonsense = json!({"reason": "x", "values": {"enforce_requirements": "perhaps", "near_misses": {"relaxable": ["legal_requirement"]}}});
    let problem = admin.post("/v1/admin/matching-policies").if_match("*").json(nonsense).await.problem(422, "invalid");
    assert!(faults(&problem).iter().any(|(pointer, _)| pointer == "/values/enforce_requirements"), "{problem:?}");
}

#[tokio::test]
async fn a_block_hides_each_from_the_other() {
    let app = TestApp::start().await;
    app.load().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let (needed, offered) = (buyer.publish(need()).await, seller.publish(offer()).await);
    let counts = async || {
        let (here, there) = (buyer.matches(&needed).await, seller.matches(&offered).await);
        (listing_ids(&here["items"]).len(), listing_ids(&there["items"]).len())
    };
    assert_eq!(counts().await, (1, 1));
    let blocks = format!("{}/blocks", buyer.enterprise_path());
    let block = format!("{blocks}/{}", seller.enterprise_id());
    seller.request("PUT", &block).await.problem(403, "not_owner");
    buyer.request("PUT", &format!("{blocks}/{}", buyer.enterprise_id())).await.problem(409, "counterpart_is_self");
    buyer.request("PUT", &format!("{blocks}/{}", uuid::Uuid::nil())).await.problem(404, "not_found");
    for _ in 0..2 {
        buyer.request("PUT", &block).await.expect(204);
    }
    assert_eq!(buyer.get(&blocks).await.expect(200).json()["items"], json!([seller.enterprise_id()]));
    seller.get(&blocks).await.problem(403, "not_member");
    assert_eq!(counts().await, (0, 0));
    let twin = app.twin().await;
    assert!(listing_ids(&matches(&twin.as_member(&buyer), &needed).await["items"]).is_empty());
    for _ in 0..2 {
        buyer.delete(&block).await.expect(204);
    }
    assert_eq!(counts().await, (1, 1));
    assert_eq!(
        app.events_of(buyer.enterprise_id()).await,
        ["enterprise.created", "enterprise.blocked", "enterprise.unblocked"]
    );
}

#[tokio::test]
async fn evidence_is_for_those_who_decide_and_an_end_is_told() {
    let app = TestApp::start().await;
    let (seller, stranger, admin) = (app.member("seller").await, app.member("stranger").await, app.admin().await);
    let upload = async |who: &Member| {
        let request = who.post(&format!("{}/files", who.enterprise_path()));
        id(&request
            .header("content-type", "application/octet-stream")
            .body("%PDF-1.7 licence")
            .await
            .expect(201)
            .json())
    };
    let (own, foreign) = (upload(&seller).await, upload(&stranger).await);
    let problem = seller.post(&path(&seller)).json(with(&licence(), json!({"evidence": [foreign]}))).await;
    assert_eq!(faults(&problem.problem(422, "invalid")), [("/evidence/0".to_owned(), "file_unknown".to_owned())]);
    let stated = with(&licence(), json!({"evidence": [own]}));
    let stated = seller.post(&path(&seller)).json(stated).await.expect(201).json();
    assert_eq!(stated["evidence"], json!([own]));
    seller.delete(&format!("/v1/files/{own}")).await.problem(409, "file_in_use");
    decide(&admin, &stated, "accept").await.expect(200);
    let seen = async |who: &Member| who.get(&path(&seller)).await.expect(200).json()["items"][0].clone();
    assert_eq!(seen(&admin).await["evidence"], json!([own]));
    assert!(seen(&stranger).await.get("evidence").is_none());

    assert_eq!(app.inner().note_expired_credentials().await.unwrap(), 0);
    let past = format!("UPDATE credentials SET valid_to = '{}' WHERE id = '{}'", day(-3), id(&stated));
    app.database.execute(&past).await;
    assert_eq!(app.inner().note_expired_credentials().await.unwrap(), 1);
    assert_eq!(app.inner().note_expired_credentials().await.unwrap(), 0, "told once");
    let told = seller.get("/v1/notifications").await.expect(200).json();
    assert_eq!(told["items"][0]["kind"], "credential_expired");
    assert_eq!(told["items"][0]["params"]["credential_id"], stated["id"]);
}
