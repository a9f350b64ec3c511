//! Moderation: what waits and why, who decides, what the poster learns, appeals.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::market::{Twin, ids, listing_ids, need, offer, path, with};
use crate::support::{Member, Response, TestApp, faults, id, together};

const QUEUE: &str = "/v1/admin/moderation";
const POLICIES: &str = "/v1/admin/moderation-policies";

async fn reviewed() -> TestApp {
    TestApp::builder().set("DUIJIE_MODERATION", "review").start().await
}

fn in_region(listing: Value, region: &str) -> Value {
    with(&listing, json!({"region_code": region, "publish": true}))
}

async fn decide(who: &Member, listing: &Value, decision: &str, body: Value) -> Response {
    let path = format!("/v1/admin/listings/{}/{decision}", id(listing));
    who.post(&path).if_match("*").json(body).await
}

fn waiting(page: &Value) -> Vec<Uuid> {
    listing_ids(&page["items"])
}

async fn queue(who: &Member, query: &str) -> Vec<Uuid> {
    waiting(&who.get(&format!("{QUEUE}{query}")).await.expect(200).json())
}

async fn read(who: &Member, listing: &Value) -> Value {
    who.get(&path(listing)).await.expect(200).json()
}

async fn told(who: &Member) -> Vec<Value> {
    let page = who.get("/v1/notifications").language("en").await.expect(200).json();
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_waits_is_seen_by_moderators_of_the_place_and_explained_to_the_poster() {
    let app = reviewed().await;
    app.load().await;
    let seller = app.member("seller").await;
    let here = seller.draft(in_region(offer(), "410305")).await;
    let there = seller.draft(in_region(need(), "420100")).await;
    assert_eq!((&here["status"], &there["status"]), (&json!("pending_review"), &json!("pending_review")));
    let shown = read(&seller, &here).await;
    assert_eq!(shown["moderation"]["waits_because"], "everything_reviewed", "{shown}");
    assert_eq!(shown["moderation"]["state"], "held");
    app.anonymous().get(&path(&here)).await.problem(404, "not_found");

    let moderator = app.official("moderator", "moderator", "410000").await;
    assert_eq!(queue(&moderator, "").await, [id(&here)]);
    let all = app.admin().await;
    let page = all.get(&format!("{QUEUE}?limit=1")).await.expect(200).json();
    assert_eq!(waiting(&page), [id(&here)], "the oldest first");
    let rest = queue(&all, &format!("?limit=1&cursor={}", page["next_cursor"].as_str().unwrap())).await;
    assert_eq!(rest, [id(&there)]);
    assert_eq!(queue(&all, "?kind=ppe&category=ppe.mask").await.len(), 2);
    assert_eq!(queue(&all, "?category=ppe.glove").await.len(), 0);
    assert_eq!(queue(&all, "?kind=labor").await.len(), 0);
    assert_eq!(queue(&all, "?flag=contact_in_text").await.len(), 0);
    all.get(&format!("{QUEUE}?flag=nonsense")).await.problem(400, "parameters_invalid");
    for (name, role, region) in [("officer", "officer", ""), ("elsewhere", "moderator", "420000")] {
        let other = app.official(name, role, region).await;
        decide(&other, &here, "approve", json!({})).await.problem(403, "role_required");
    }
    decide(&seller, &here, "approve", json!({})).await.problem(403, "role_required");
    app.anonymous().post(&format!("/v1/admin/listings/{}/approve", id(&here))).await.problem(401, "token_required");

    let approve = format!("/v1/admin/listings/{}/approve", id(&here));
    moderator.post(&approve).await.problem(428, "if_match_required");
    moderator.post(&approve).if_match("\"1\"").await.problem(412, "version_stale");
    let approved = moderator.post(&approve).if_match("\"2\"").await.expect(200).json();
    assert_eq!((&approved["status"], &approved["version"]), (&json!("published"), &json!(3)));
    app.anonymous().get(&path(&here)).await.expect(200);
    let found = app.anonymous().get("/v1/listings?q=%E5%8F%A3%E7%BD%A9").await.expect(200).json();
    assert_eq!(ids(&found), [id(&here)], "it is on the market at once");
    assert!(found["items"][0].get("moderation").is_none(), "others do not learn of it");
    let shown = read(&seller, &here).await;
    assert_eq!(shown["moderation"]["state"], "approved");
    assert!(shown["moderation"].get("decided_by").is_none(), "never by whom");
    decide(&moderator, &here, "approve", json!({})).await.problem(409, "state_conflict");
    let notified = told(&seller).await;
    assert_eq!(notified[0]["kind"], "listing_moderated");
    assert_eq!(notified[0]["text"], "“医用外科口罩现货”: Approved. Reasons: —");
    assert_eq!(queue(&moderator, "").await, Vec::<Uuid>::new());
    let events = app.events_of(id(&here)).await;
    assert_eq!(events, ["listing.created", "listing.submitted", "listing.approved"]);
}

#[tokio::test]
async fn a_refusal_owes_reasons_and_changes_come_back_to_a_moderator() {
    let app = TestApp::builder().set("DUIJIE_MODERATION", "verified_first").start().await;
    let (seller, moderator) = (app.member("seller").await, app.official("moderator", "moderator", "").await);
    let listing = seller.draft(with(&offer(), json!({"publish": true}))).await;
    assert_eq!(read(&seller, &listing).await["moderation"]["waits_because"], "unverified_enterprise");
    let problem = decide(&moderator, &listing, "reject", json!({})).await.problem(422, "invalid");
    assert_eq!(faults(&problem), [("/reasons".to_owned(), "reason_required".to_owned())]);
    let problem =
        decide(&moderator, &listing, "reject", json!({"reasons": ["other", "other"]})).await.problem(422, "invalid");
    let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    assert_eq!(faults(&problem), [fault("/note", "note_required"), fault("/reasons/1", "repeated")]);
    let nonsense = json!({"reasons": ["ugly"], "note": "\u{0}", "who": 1});
    decide(&moderator, &listing, "reject", nonsense).await.problem(400, "json_malformed");
    let nonsense = json!({"reasons": ["ugly"], "note": " ", "who": 1});
    assert_eq!(faults(&decide(&moderator, &listing, "reject", nonsense).await.problem(422, "invalid")).len(), 3);

    let asked = json!({"reasons": ["certificate_missing"], "note": "请补充注册证编号"});
    let draft = decide(&moderator, &listing, "request-changes", asked).await.expect(200).json();
    assert_eq!(draft["status"], "draft");
    let shown = read(&seller, &listing).await;
    assert_eq!(shown["moderation"]["state"], "changes_requested");
    assert_eq!(shown["moderation"]["reasons"], json!(["certificate_missing"]));
    assert_eq!(shown["moderation"]["note"], "请补充注册证编号");
    // Whatever the policy says now: what a moderator wanted changed a moderator sees again.
    let open = json!({"reason": "calm", "values": {"preset": "open"}});
    app.admin().await.post(POLICIES).if_match("\"0\"").json(open).await.expect(201);
    let again = seller.act(&listing, "publish").await.expect(200).json();
    assert_eq!(again["status"], "pending_review");
    assert_eq!(again["moderation"]["waits_because"], "changes_were_requested");
    let edited = seller.patch(&path(&listing)).if_match("*").merge_patch(json!({"quantity": "40000"})).await;
    assert_eq!(edited.expect(200).json()["status"], "pending_review", "an edit is no way round it");
    let rejected = decide(&moderator, &listing, "reject", json!({"reasons": ["certificate_missing"]})).await;
    assert_eq!(rejected.expect(200).json()["status"], "rejected");
    seller.act(&listing, "publish").await.problem(409, "state_conflict");
    seller
        .patch(&path(&listing))
        .if_match("*")
        .merge_patch(json!({"quantity": "1"}))
        .await
        .problem(409, "state_conflict");

    let case = moderator.get(&format!("/v1/admin/listings/{}/moderation", id(&listing))).await.expect(200).json();
    let decisions: Vec<&str> =
        case["decisions"].as_array().unwrap().iter().map(|d| d["decision"].as_str().unwrap()).collect();
    assert_eq!(decisions, ["rejected", "held", "changes_requested", "held"]);
    let (last, first) = (&case["decisions"][0], &case["decisions"][2]);
    assert_eq!(last["decided_by"], json!(moderator.account_id));
    assert_eq!((&first["terms"]["quantity"], &last["terms"]["quantity"]), (&json!("50000"), &json!("40000")));
    assert_eq!((&first["listing_version"], &last["listing_version"]), (&json!(2), &json!(5)));
    let changed = "UPDATE moderation_decisions SET note = 'x'";
    assert!(app.database.connect().await.execute(changed, &[]).await.is_err(), "decisions are not rewritten");
}

#[tokio::test]
async fn a_claim_keeps_others_off_for_a_while() {
    let app = reviewed().await;
    let seller = app.member("seller").await;
    let (one, two) = (app.official("one", "moderator", "").await, app.official("two", "moderator", "").await);
    let listing = seller.draft(with(&offer(), json!({"publish": true}))).await;
    let claim = format!("/v1/admin/listings/{}/claim", id(&listing));
    let both = together((0..2).map(|at| [&one, &two][at].post(&claim))).await;
    let mut statuses: Vec<u16> = both.iter().map(|response| response.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "one of two wins");
    let (winner, loser) = if both[0].status == 200 { (&one, &two) } else { (&two, &one) };
    decide(loser, &listing, "approve", json!({})).await.problem(409, "claimed_by_another");
    loser.post(&format!("/v1/admin/listings/{}/unclaim", id(&listing))).await.problem(409, "claimed_by_another");
    let page = loser.get(QUEUE).await.expect(200).json();
    assert_eq!(page["items"][0]["claim"]["by"], json!(winner.account_id));
    winner.post(&claim).await.expect(200);
    // Over after its time, whoever still looks.
    app.database.execute("UPDATE moderation_holds SET claimed_until = now() - interval '1 second'").await;
    decide(loser, &listing, "approve", json!({})).await.expect(200);
    winner.post(&claim).await.problem(409, "state_conflict");
}

#[tokio::test]
async fn nobody_decides_on_their_own_listing() {
    let app = reviewed().await;
    let seller = app.member("seller").await;
    let sql = format!("INSERT INTO platform_roles VALUES ('{}', 'moderator', '', now())", seller.account_id);
    app.database.execute(&sql).await;
    let listing = seller.draft(with(&offer(), json!({"publish": true}))).await;
    decide(&seller, &listing, "approve", json!({})).await.problem(403, "own_listing");
    seller.post(&format!("/v1/admin/listings/{}/claim", id(&listing))).await.problem(403, "own_listing");
    assert_eq!(read(&seller, &listing).await["status"], "pending_review");
}

#[tokio::test]
async fn twenty_decisions_at_once_make_one() {
    let app = reviewed().await;
    let (seller, moderator) = (app.member("seller").await, app.official("moderator", "moderator", "").await);
    let listing = seller.draft(with(&offer(), json!({"publish": true}))).await;
    let requests = (0..20).map(|at| {
        let (verb, body) =
            if at % 2 == 0 { ("approve", json!({})) } else { ("reject", json!({"reasons": ["misleading"]})) };
        moderator.post(&format!("/v1/admin/listings/{}/{verb}", id(&listing))).if_match("\"2\"").json(body)
    });
    let answers = together(requests).await;
    assert_eq!(answers.iter().filter(|response| response.status == 200).count(), 1);
    assert!(answers.iter().all(|response| matches!(response.status, 200 | 412)));
    let count =
        app.database.value("SELECT count(*)::text FROM moderation_decisions WHERE decided_by IS NOT NULL").await;
    assert_eq!(count, "1");
}

#[tokio::test]
async fn several_are_decided_each_by_itself() {
    let app = reviewed().await;
    let (seller, moderator) = (app.member("seller").await, app.official("moderator", "moderator", "410000").await);
    let mut listings = Vec::new();
    for region in ["410305", "410305", "420100", "410305"] {
        listings.push(seller.draft(in_region(offer(), region)).await);
    }
    let one = |at: usize, version: i32, decision: &str, reasons: Value| json!({"listing_id": id(&listings[at]), "version": version, "decision": decision, "reasons": reasons});
    let unknown = json!({"listing_id": Uuid::nil(), "version": 1, "decision": "approved"});
    let decisions = json!({"decisions": [
        one(0, 2, "approved", json!([])), one(1, 1, "approved", json!([])), one(2, 2, "approved", json!([])),
        one(3, 2, "rejected", json!([])), one(3, 2, "rejected", json!(["misleading"])), unknown, one(0, 3, "approved", json!([]))]});
    let request = moderator.post("/v1/admin/moderation/decisions").idempotency_key("bulk-1");
    let outcome = request.json(decisions.clone()).await.expect(200).json();
    let codes: Vec<&str> = outcome["outcomes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| if one["decided"] == true { one["status"].as_str() } else { one["code"].as_str() }.unwrap())
        .collect();
    assert_eq!(
        codes,
        [
            "published",
            "version_stale",
            "role_required",
            "reason_required",
            "rejected",
            "role_required",
            "state_conflict"
        ]
    );
    assert_eq!(queue(&app.admin().await, "").await, [id(&listings[1]), id(&listings[2])]);
    let again = moderator.post("/v1/admin/moderation/decisions").idempotency_key("bulk-1").json(decisions).await;
    assert_eq!(again.expect(200).json(), outcome, "a retry repeats the answer");
    let many: Vec<Value> =
        (0..101).map(|_| json!({"listing_id": Uuid::nil(), "version": 1, "decision": "approved"})).collect();
    moderator.post("/v1/admin/moderation/decisions").json(json!({"decisions": many})).await.problem(422, "invalid");
    let statistics = moderator.get("/v1/admin/moderation/statistics?days=2").await.expect(200).json();
    assert_eq!(statistics["waiting"], 1, "{statistics}");
    assert_eq!(statistics["days"][0]["decisions"], json!({"approved": 1, "rejected": 1}));
    assert!(statistics.get("moderators").is_none());
    let all = app.official("chief", "admin", "").await.get("/v1/admin/moderation/statistics").await.expect(200).json();
    assert_eq!((&all["waiting"], &all["moderators"][0]["account_id"]), (&json!(2), &json!(moderator.account_id)));
}

#[tokio::test]
async fn an_administrator_writes_which_categories_wait() {
    let app = TestApp::start().await;
    let (seller, verified, admin) = (app.member("seller").await, app.verified("verified").await, app.admin().await);
    let present = admin.get(&format!("{POLICIES}/current")).await.expect(200);
    assert_eq!(present.json()["preset_in_force"], "open");
    assert!(present.header("etag").starts_with("\"0-"));
    let rules = json!([{"category": "ppe.mask", "side": "offer", "standing": "unverified", "review": true}]);
    let body = json!({"reason": "口罩投诉集中", "values": {"rules": rules}});
    admin.post(POLICIES).json(body.clone()).await.problem(428, "if_match_required");
    let written = admin.post(POLICIES).if_match(present.header("etag")).json(body.clone()).await.expect(201).json();
    assert_eq!((&written["version"], &written["values"]["flags"]["price_high"]), (&json!(1), &json!(3.0)));
    admin.post(POLICIES).if_match("\"0\"").json(body).await.problem(412, "version_stale");
    let held = seller.draft(with(&offer(), json!({"publish": true}))).await;
    assert_eq!(held["moderation"]["waits_because"], "category_rule", "{held}");
    verified.publish(offer()).await;
    seller.publish(need()).await;
    seller
        .publish(with(&offer(), json!({"category": "ppe.glove.exam", "title": "医用检查手套", "unit_code": "PR"})))
        .await;
    let faulty = json!({"reason": "x", "values": {"rules": [{"category": "nonsense", "review": true},
        {"category": "ppe", "review": true}, {"category": "ppe", "review": false}]}});
    let problem = admin.post(POLICIES).if_match("*").json(faulty).await.problem(422, "invalid");
    let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    assert_eq!(
        faults(&problem),
        [fault("/values/rules/0/category", "category_unknown"), fault("/values/rules/2", "repeated")]
    );
    let regional = app.official("regional", "admin", "410000").await;
    regional.get(&format!("{POLICIES}/current")).await.problem(403, "role_required");
    assert_eq!(admin.get(POLICIES).await.expect(200).json()["items"].as_array().unwrap().len(), 1);
    // What was on the market and changes is looked at again.
    let changed = verified.publish(with(&offer(), json!({"title": "二十万只口罩"}))).await;
    let review = json!({"reason": "all", "values": {"preset": "review"}});
    admin.post(POLICIES).if_match("\"1\"").json(review).await.expect(201);
    let edited = verified.patch(&path(&changed)).if_match("*").merge_patch(json!({"quantity": "7"})).await.expect(200);
    assert_eq!(edited.json()["status"], "pending_review");
    app.anonymous().get(&path(&changed)).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_takedown_acts_at_once_and_another_moderator_hears_the_appeal() {
    let app = TestApp::start().await;
    app.load().await;
    let twin: Twin = app.twin().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let (needed, offered) = (buyer.publish(need()).await, seller.publish(offer()).await);
    assert_eq!(listing_ids(&buyer.matches(&needed).await["items"]), [id(&offered)]);
    let first = app.official("first", "moderator", "").await;
    seller
        .post(&format!("{}/appeals", path(&offered)))
        .json(json!({"text": "x"}))
        .await
        .problem(409, "nothing_to_appeal");
    let grounds = json!({"reasons": ["misleading"], "note": "图片不是本公司产品"});
    let taken = decide(&first, &offered, "suspend", grounds).await.expect(200).json();
    assert_eq!(taken["status"], "suspended");
    assert!(listing_ids(&buyer.matches(&needed).await["items"]).is_empty(), "it leaves the index at once");
    app.anonymous().get(&path(&offered)).await.problem(404, "not_found");
    twin.sequence().await;
    assert!(listing_ids(&crate::support::market::matches(&twin.as_member(&buyer), &needed).await["items"]).is_empty());
    for act in ["renew", "publish", "withdraw"] {
        seller.act(&offered, act).await.problem(409, "state_conflict");
    }
    let shown = read(&seller, &offered).await;
    assert_eq!(
        (&shown["moderation"]["state"], &shown["moderation"]["note"]),
        (&json!("suspended"), &json!("图片不是本公司产品"))
    );

    let appeals = format!("{}/appeals", path(&offered));
    buyer.post(&appeals).json(json!({"text": "x"})).await.problem(404, "not_found");
    let appeal = seller.post(&appeals).json(json!({"text": "图片为本公司实拍"})).await.expect(201).json();
    seller.post(&appeals).json(json!({"text": "再来一次"})).await.problem(409, "appeal_exists");
    assert_eq!(read(&seller, &offered).await["moderation"]["appeal"]["status"], "open");
    let grant = format!("/v1/admin/appeals/{}/grant", id(&appeal));
    let deny = format!("/v1/admin/appeals/{}/deny", id(&appeal));
    let second = app.official("second", "moderator", "").await;
    first.post(&grant).await.problem(409, "another_must_decide");
    let page = second.get("/v1/admin/appeals").await.expect(200).json();
    assert_eq!(page["items"][0]["appeal"]["id"], json!(id(&appeal)));
    assert_eq!(page["items"][0]["decision"]["decided_by"], json!(first.account_id));
    second.post(&deny).json(json!({})).await.problem(422, "invalid");
    seller.post(&grant).await.problem(403, "role_required");
    let granted = second.post(&grant).await.expect(200).json();
    assert_eq!((&granted["appeal"]["status"], &granted["listing"]["status"]), (&json!("granted"), &json!("published")));
    assert_eq!(listing_ids(&buyer.matches(&needed).await["items"]), [id(&offered)], "back on the market");
    second.post(&deny).json(json!({"note": "x"})).await.problem(409, "appeal_decided");
    let kinds: Vec<String> = told(&seller).await.iter().map(|n| n["params"]["decision"].to_string()).collect();
    assert!(kinds.contains(&"\"restored\"".to_owned()) && kinds.contains(&"\"suspended\"".to_owned()), "{kinds:?}");
}

#[tokio::test]
async fn the_only_moderator_may_hear_an_appeal_and_a_denial_is_final() {
    let app = TestApp::start().await;
    let (seller, only) = (app.member("seller").await, app.official("only", "moderator", "").await);
    app.official("elsewhere", "moderator", "650000").await;
    let offered = seller.publish(with(&offer(), json!({"region_code": "410305"}))).await;
    decide(&only, &offered, "suspend", json!({"reasons": ["duplicate"]})).await.expect(200);
    let appeals = format!("{}/appeals", path(&offered));
    let appeal = seller.post(&appeals).json(json!({"text": "不是重复"})).await.expect(201).json();
    let deny = format!("/v1/admin/appeals/{}/deny", id(&appeal));
    let denied = only.post(&deny).json(json!({"note": "与另一条相同"})).await.expect(200).json();
    assert_eq!(denied["appeal"]["status"], "denied");
    let shown = read(&seller, &offered).await;
    assert_eq!(
        (&shown["status"], &shown["moderation"]["appeal"]["note"]),
        (&json!("suspended"), &json!("与另一条相同"))
    );
    seller.post(&appeals).json(json!({"text": "再来"})).await.problem(409, "appeal_exists");
    assert_eq!(told(&seller).await[0]["kind"], "appeal_denied");
    assert_eq!(
        only.get("/v1/admin/appeals?status=denied").await.expect(200).json()["items"].as_array().unwrap().len(),
        1
    );
}
