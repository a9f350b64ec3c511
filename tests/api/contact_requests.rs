//! Asking for contact, and what opens contact data to whom: every opening is recorded.

use duijie::jobs;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::market::{offer, path, with};
use crate::support::{Client, Member, TestApp, faults, id, together};

const MOBILE: &str = "13800138000";

/// A member whose enterprise has a contact.
async fn seller(app: &TestApp, name: &str) -> Member {
    let member = app.member(name).await;
    let contacts =
        json!({"contacts": [{"name": "王芳", "mobile": MOBILE, "wechat": "wangfang88", "hours": "8:00-18:00"}]});
    member.patch(&member.enterprise_path()).if_match("*").merge_patch(contacts).await.expect(200);
    member
}

fn asked(member: &Member) -> Value {
    json!({"enterprise_id": member.enterprise_id(), "message": "需要两万只，本周提货"})
}

async fn ask(member: &Member, listing: &Value) -> Value {
    member.post(&format!("{}/contact-requests", path(listing))).json(asked(member)).await.expect(201).json()
}

fn at(request: &Value) -> String {
    format!("/v1/contact-requests/{}", id(request))
}

async fn contacts(client: &Client, listing: &Value) -> Value {
    client.get(&format!("{}/contacts", path(listing))).await.expect(200).json()
}

fn is_masked(contacts: &Value) -> bool {
    contacts["open"] == false && !contacts.to_string().contains(MOBILE) && !contacts.to_string().contains("wangfang88")
}

async fn releases(member: &Member) -> Vec<Value> {
    let page = member.get(&format!("{}/contact-releases", member.enterprise_path())).await.expect(200).json();
    page["items"].as_array().unwrap().clone()
}

async fn told(member: &Member) -> Vec<Value> {
    let page = member.get("/v1/notifications").header("accept-language", "en").await.expect(200).json();
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn one_asks_the_other_accepts_and_each_sees_the_others_contacts() {
    let app = TestApp::start().await;
    app.load().await;
    let (buyer, seller) = (seller(&app, "buyer").await, seller(&app, "seller").await);
    let listing = seller.publish(offer()).await;
    assert!(is_masked(&contacts(&buyer, &listing).await));
    let body = with(&asked(&buyer), json!({"quantity": "20000"}));
    let response = buyer.post(&format!("{}/contact-requests", path(&listing))).json(body).await.expect(201);
    let request = response.json();
    assert_eq!(response.header("location"), at(&request));
    assert_eq!((&request["status"], &request["direction"]), (&json!("pending"), &json!("sent")));
    assert_eq!((&request["quantity"], &request["unit_code"]), (&json!("20000"), &listing["unit_code"]));
    let asked = told(&seller).await.remove(0);
    assert_eq!((&asked["kind"], &asked["params"]["contact_request_id"]), (&json!("contact_requested"), &request["id"]));
    assert!(asked["text"].as_str().unwrap().contains("asks for contact"), "{asked}");
    assert!(!asked.to_string().contains("两万只"), "the message is read with the request");
    let received = seller.get("/v1/contact-requests?direction=received&status=pending").await.expect(200).json();
    assert_eq!(received["items"][0]["message"], "需要两万只，本周提货");
    assert_eq!(buyer.get("/v1/contact-requests?direction=received").await.expect(200).json()["items"], json!([]));
    for side in [&buyer, &seller] {
        let shown = side.get(&format!("{}/contacts", at(&request))).await.expect(200).json();
        assert!(is_masked(&shown), "{shown}");
    }

    buyer.post(&format!("{}/accept", at(&request))).if_match("*").await.problem(403, "not_trader");
    seller.post(&format!("{}/accept", at(&request))).await.problem(428, "if_match_required");
    seller.post(&format!("{}/accept", at(&request))).if_match("\"9\"").await.problem(412, "version_stale");
    let accepted = seller.post(&format!("{}/accept", at(&request))).if_match("\"1\"").await.expect(200).json();
    assert_eq!((&accepted["status"], &accepted["version"]), (&json!("accepted"), &json!(2)));
    let again = seller.post(&format!("{}/decline", at(&request))).if_match("*").await;
    again.problem(409, "contact_request_state_conflict");
    assert_eq!(told(&buyer).await[0]["kind"], "contact_accepted");

    let open = contacts(&buyer, &listing).await;
    assert_eq!((&open["rule"], &open["contacts"][0]["mobile"]), (&json!("on_agreement"), &json!("+8613800138000")));
    for side in [&buyer, &seller] {
        let shown = side.get(&format!("{}/contacts", at(&request))).await.expect(200).json();
        assert_eq!((&shown["open"], &shown["contacts"][0]["wechat"]), (&json!(true), &json!("wangfang88")));
    }
    let (of_seller, of_buyer) = (releases(&seller).await, releases(&buyer).await);
    assert_eq!((of_seller.len(), of_buyer.len()), (2, 1), "each opening is recorded, no masked look is");
    assert_eq!(of_seller[0]["enterprise_id"], json!(buyer.enterprise_id()));
    assert_eq!((&of_seller[0]["rule"], &of_seller[0]["contact_request_id"]), (&json!("on_agreement"), &request["id"]));
    let other = seller.publish(offer()).await;
    assert!(is_masked(&contacts(&buyer, &other).await), "agreed to for one listing");
    let mut connection = app.inner().database.get().await.unwrap();
    let met = duijie::app::contacts::counterparts(&mut connection, buyer.enterprise_id()).await.unwrap();
    assert_eq!(met, [seller.enterprise_id()]);
}

#[tokio::test]
async fn the_listings_policy_decides_whom_contacts_are_open_to() {
    let app = TestApp::start().await;
    let (seller, buyer, person) =
        (seller(&app, "seller").await, app.member("buyer").await, app.account("person").await);
    let by = async |policy: &str| seller.publish(with(&offer(), json!({"contact_policy": policy}))).await;
    let (public, verified, agreed) = (by("public").await, by("verified").await, by("on_agreement").await);
    app.anonymous().get(&format!("{}/contacts", path(&public))).await.problem(401, "token_required");
    assert_eq!(contacts(&person, &public).await["rule"], "public");
    assert!(is_masked(&contacts(&person, &verified).await));
    assert!(is_masked(&contacts(&buyer, &verified).await));
    app.database
        .execute(&format!("UPDATE enterprises SET status = 'verified' WHERE id = '{}'", buyer.enterprise_id()))
        .await;
    assert_eq!(contacts(&buyer, &verified).await["rule"], "verified");
    assert!(is_masked(&contacts(&buyer, &agreed).await));
    let own = contacts(&seller, &agreed).await;
    assert!(own["open"] == true && own.get("rule").is_none(), "{own}");
    let rules: Vec<Value> = releases(&seller).await.iter().map(|release| release["rule"].clone()).collect();
    assert_eq!(rules, ["verified", "public"], "one's own are no release");
    buyer.get(&format!("{}/contact-releases", seller.enterprise_path())).await.problem(403, "not_member");
    let foreign = format!("{}/contacts?enterprise_id={}", path(&public), seller.enterprise_id());
    buyer.get(&foreign).await.problem(403, "not_member");
    let draft = seller.draft(offer()).await;
    let hidden = buyer.get(&format!("{}/contacts", path(&draft))).await.problem(404, "not_found");
    let unknown = buyer.get(&format!("/v1/listings/{}/contacts", Uuid::nil())).await.problem(404, "not_found");
    assert_eq!(hidden["detail"], unknown["detail"]);
}

#[tokio::test]
async fn staff_of_the_region_see_contacts_and_are_written_down() {
    let app = TestApp::start().await;
    let seller = seller(&app, "seller").await;
    let place = json!({"region_code": "410305"});
    seller.patch(&seller.enterprise_path()).if_match("*").merge_patch(place).await.expect(200);
    let listing = seller.publish(offer()).await;
    let elsewhere = app.official("elsewhere", "moderator", "420000").await;
    assert!(is_masked(&contacts(&elsewhere, &listing).await));
    let moderator = app.official("moderator", "moderator", "410000").await;
    assert_eq!(contacts(&moderator, &listing).await["rule"], "staff");
    assert_eq!(releases(&seller).await[0]["rule"], "staff");
    app.sequence().await;
    let page = seller.get(&format!("{}/audit", seller.enterprise_path())).await.expect(200).json();
    let read = page["items"].as_array().unwrap().iter().find(|e| e["type"] == "enterprise.contacts_read").cloned();
    let read = read.unwrap_or_else(|| panic!("{page}"));
    assert_eq!(read["actor"], json!({"kind": "platform", "role": "moderator"}), "told that, not who");
    let all = app.admin().await.get("/v1/admin/audit?type=enterprise.contacts_read").await.expect(200).json();
    assert_eq!(all["items"][0]["actor"], json!(moderator.account_id));
}

#[tokio::test]
async fn a_block_closes_every_way_and_does_not_say_whose_it_is() {
    let app = TestApp::start().await;
    let (seller, buyer) = (seller(&app, "seller").await, app.member("buyer").await);
    let listing = seller.publish(with(&offer(), json!({"contact_policy": "public"}))).await;
    let request = ask(&buyer, &listing).await;
    assert_eq!(contacts(&buyer, &listing).await["open"], true);
    let mut refusals = Vec::new();
    for (who, whom) in [(&seller, &buyer), (&buyer, &seller)] {
        let block = format!("{}/blocks/{}", who.enterprise_path(), whom.enterprise_id());
        who.request("PUT", &block).await.expect(204);
        assert!(is_masked(&contacts(&buyer, &listing).await));
        let other = seller.publish(offer()).await;
        let again = buyer.post(&format!("{}/contact-requests", path(&other))).json(asked(&buyer)).await;
        refusals.push(again.problem(409, "contact_not_possible")["detail"].clone());
        let accept = seller.post(&format!("{}/accept", at(&request))).if_match("*").await;
        accept.problem(409, "contact_not_possible");
        who.delete(&block).await.expect(204);
    }
    assert_eq!(refusals[0], refusals[1]);
    seller.post(&format!("{}/accept", at(&request))).if_match("*").await.expect(200);
    let block = format!("{}/blocks/{}", seller.enterprise_path(), buyer.enterprise_id());
    seller.request("PUT", &block).await.expect(204);
    let shown = buyer.get(&format!("{}/contacts", at(&request))).await.expect(200).json();
    assert!(is_masked(&shown), "an agreement ends with a block");
}

#[tokio::test]
async fn requests_are_few_and_bad_ones_name_every_fault() {
    let app = TestApp::start().await;
    let (seller, buyer, stranger) =
        (seller(&app, "seller").await, app.member("buyer").await, app.member("stranger").await);
    let listing = seller.publish(offer()).await;
    let asking = format!("{}/contact-requests", path(&listing));
    let wrong = with(&asked(&buyer), json!({"message": " ", "quantity": "0", "unit_code": "ZZZ"}));
    let problem = buyer.post(&asking).json(wrong).await.problem(422, "invalid");
    let named: Vec<String> = faults(&problem).into_iter().map(|(pointer, code)| format!("{pointer} {code}")).collect();
    assert_eq!(named, ["/message blank", "/quantity not_positive", "/unit_code unit_unknown"]);
    for (change, pointer) in [
        (json!({"message": "nul\u{0}"}), "/message"),
        (json!({"message": "x".repeat(1001)}), "/message"),
        (json!({"quantity": "-1"}), "/quantity"),
        (json!({"colour": "red"}), "/colour"),
        (json!({"enterprise_id": Uuid::nil()}), "/enterprise_id"),
    ] {
        let response = buyer.post(&asking).json(with(&asked(&buyer), change.clone())).await;
        assert!(matches!(response.status, 400 | 422), "{change}: {}", response.shown());
        assert!(response.status == 400 || response.json().to_string().contains(pointer), "{}", response.shown());
    }
    stranger.post(&asking).json(asked(&buyer)).await.problem(403, "not_trader");
    seller.post(&asking).json(asked(&seller)).await.problem(409, "counterpart_is_self");
    let nowhere = format!("/v1/listings/{}/contact-requests", Uuid::nil());
    buyer.post(&nowhere).json(asked(&buyer)).await.problem(404, "not_found");
    let draft = seller.draft(offer()).await;
    let hidden = buyer.post(&format!("{}/contact-requests", path(&draft))).json(asked(&buyer)).await;
    hidden.problem(404, "not_found");

    let at_once = join_all((0..8).map(|_| async { buyer.post(&asking).json(asked(&buyer)).await.status })).await;
    assert_eq!(at_once.iter().filter(|status| **status == 201).count(), 1, "{at_once:?}");
    buyer.post(&asking).json(asked(&buyer)).await.problem(409, "contact_request_open");
    let request = buyer.get("/v1/contact-requests").await.expect(200).json()["items"][0].clone();
    stranger.get(&at(&request)).await.problem(404, "not_found");
    stranger.get(&format!("{}/contacts", at(&request))).await.problem(404, "not_found");
    stranger.post(&format!("{}/accept", at(&request))).if_match("*").await.problem(404, "not_found");

    let decline = seller.post(&format!("{}/decline", at(&request))).if_match("*");
    let declined = decline.json(json!({"reason": "已全部预订"})).await.expect(200).json();
    assert_eq!((&declined["status"], &declined["reason"]), (&json!("declined"), &json!("已全部预订")));
    buyer.post(&asking).json(asked(&buyer)).await.problem(409, "contact_request_declined");
    let long_ago = "UPDATE contact_requests SET decided_at = now() - interval '8 days'";
    app.database.execute(long_ago).await;
    let again = ask(&buyer, &listing).await;
    assert_eq!(again["status"], "pending");

    let filler =
        "INSERT INTO contact_requests SELECT gen_random_uuid(), listing_id, owner_id, requester_id, 'lapsed', message,
        NULL, NULL, requested_by, now(), now(), NULL, now() FROM contact_requests, generate_series(1, 50) LIMIT 50";
    app.database.execute(filler).await;
    let other = seller.publish(offer()).await;
    let refused = buyer.post(&format!("{}/contact-requests", path(&other))).json(asked(&buyer)).await;
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((86_000..=86_401).contains(&wait), "{wait}");
    refused.problem(429, "too_many_contact_requests");
}

#[tokio::test]
async fn of_ten_requests_at_once_no_more_than_the_day_has_left_are_made() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.member("buyer").await, seller(&app, "seller").await);
    ask(&buyer, &seller.publish(offer()).await).await;
    let filler =
        "INSERT INTO contact_requests SELECT gen_random_uuid(), listing_id, owner_id, requester_id, 'lapsed', message,
        NULL, NULL, requested_by, now(), now(), NULL, now() FROM contact_requests, generate_series(1, 46) LIMIT 46";
    app.database.execute(filler).await;
    let mut listings = Vec::new();
    for at in 0..10 {
        listings.push(seller.publish(with(&offer(), json!({"title": format!("口罩 第{at}批")}))).await);
    }
    let requests = listings.iter().map(|listing| buyer.post(&format!("{}/contact-requests", path(listing))));
    let made = together(requests.map(|request| request.json(asked(&buyer)))).await;
    let count = |status: u16| made.iter().filter(|response| response.status == status).count();
    assert_eq!((count(201), count(429)), (3, 7), "three were left of fifty");
    assert_eq!(app.database.count("SELECT count(*) FROM contact_requests").await, 50);
}

#[tokio::test]
async fn two_answers_at_once_are_one() {
    let app = TestApp::start().await;
    let (seller, buyer) = (seller(&app, "seller").await, app.member("buyer").await);
    let request = ask(&buyer, &seller.publish(offer()).await).await;
    let answers = (0..10).map(|i| {
        let (seller, verb) = (&seller, if i % 2 == 0 { "accept" } else { "decline" });
        let path = format!("{}/{verb}", at(&request));
        async move { seller.post(&path).if_match("\"1\"").await.status }
    });
    let mut statuses = join_all(answers).await;
    statuses.sort();
    assert_eq!((statuses[0], statuses[1]), (200, 412), "{statuses:?}");
    assert_eq!(told(&buyer).await.len(), 1);
}

#[tokio::test]
async fn what_nobody_answers_lapses() {
    let app = TestApp::start().await;
    let (seller, buyer) = (seller(&app, "seller").await, app.member("buyer").await);
    let listing = seller.publish(offer()).await;
    let request = ask(&buyer, &listing).await;
    let later =
        "UPDATE contact_requests SET created_at = now() - interval '8 days', expires_at = now() - interval '1 day'";
    app.database.execute(later).await;
    let read = seller.get(&at(&request)).await.expect(200).json();
    assert_eq!((&read["status"], &read["version"]), (&json!("lapsed"), &json!(1)), "at once, without the job");
    let count = async |status: &str| {
        let list = buyer.get(&format!("/v1/contact-requests?status={status}")).await.expect(200).json();
        list["items"].as_array().unwrap().len()
    };
    assert_eq!((count("pending").await, count("lapsed").await), (0, 1));
    let accept = seller.post(&format!("{}/accept", at(&request))).if_match("*").await;
    accept.problem(409, "contact_request_state_conflict");
    let again = ask(&buyer, &listing).await;
    assert_eq!(again["status"], "pending", "the lapsed one does not stand in the way");
    app.database.execute(later).await;
    jobs::expire(app.inner()).await.unwrap();
    assert_eq!(app.events_of(id(&again)).await, ["contact_request.created", "contact_request.lapsed"]);
    assert_eq!(buyer.get(&at(&again)).await.expect(200).json()["version"], 2);
}
