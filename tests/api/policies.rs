//! `/v1/admin/matching-policies`: versions, who may write them, what they change.

use serde_json::{Value, json};

use crate::support::market::{need, offer, with};
use crate::support::{Member, TestApp, faults, together};

const POLICIES: &str = "/v1/admin/matching-policies";
const IN_USE: &str = "/v1/reference/matching-policy";

async fn change(admin: &Member, over: i32, values: Value) -> crate::support::Response {
    let body = json!({"reason": "a test", "values": values});
    admin.post(POLICIES).if_match(format!("\"{over}\"")).json(body).await
}

fn points(matches: &Value, code: &str) -> i64 {
    let factors = matches["items"][0]["factors"].as_array().unwrap();
    factors.iter().find(|factor| factor["code"] == code).map_or(0, |factor| factor["points"].as_i64().unwrap())
}

#[tokio::test]
async fn only_administrators_of_the_whole_platform_may() {
    let app = TestApp::start().await;
    let current = format!("{POLICIES}/current");
    let body = json!({"reason": "a test", "values": {"near_km": 6}});
    for path in [POLICIES, &current, "/v1/admin/matching-policies/1"] {
        app.anonymous().get(path).await.problem(401, "token_required");
    }
    app.anonymous().post(POLICIES).json(body.clone()).await.problem(401, "token_required");
    let refused = [
        app.member("member").await,
        app.official("moderator", "moderator", "").await,
        app.official("officer", "officer", "410300").await,
        app.official("regional", "admin", "410300").await,
    ];
    for member in refused {
        for path in [POLICIES, &current, "/v1/admin/matching-policies/1"] {
            member.get(path).await.problem(403, "role_required");
        }
        member.post(POLICIES).if_match("\"1\"").json(body.clone()).await.problem(403, "role_required");
    }
    let admin = app.admin().await;
    admin.get(POLICIES).await.expect(200);
    admin.get(&current).await.expect(200);
    app.anonymous().get(IN_USE).await.expect(200);
}

#[tokio::test]
async fn a_version_follows_the_one_it_was_written_over() {
    let app = TestApp::start().await;
    app.load().await;
    let admin = app.admin().await;
    let first = admin.get(&format!("{POLICIES}/current")).await.expect(200);
    assert!(first.etag().starts_with("\"1-"), "{}", first.etag());
    let first = first.json();
    assert_eq!((&first["version"], first.get("reason"), first.get("author_id")), (&json!(1), None, None));

    let body = json!({"reason": " nearer supply first ", "values": {"half_distance_km": {"ppe": 50}, "near_km": 7.5}});
    admin.post(POLICIES).json(body.clone()).await.problem(428, "if_match_required");
    let made = admin.post(POLICIES).if_match("\"1\"").json(body.clone()).await.expect(201);
    assert_eq!(made.header("location"), "/v1/admin/matching-policies/2");
    let made = made.json();
    assert_eq!((&made["version"], &made["reason"]), (&json!(2), &json!("nearer supply first")));
    assert_eq!(made["author_id"], json!(admin.account_id));
    assert_eq!(made["values"]["half_distance_km"]["ppe"], 50.0);
    assert_eq!(made["values"]["near_km"], 7.5);
    assert_eq!(made["values"]["weights"], first["values"]["weights"], "what the patch leaves out stays");

    admin.post(POLICIES).if_match("\"1\"").json(body).await.problem(412, "version_stale");
    let same = change(&admin, 2, json!({"near_km": 7.5})).await.problem(422, "invalid");
    assert_eq!(faults(&same), [("/values".to_owned(), "nothing_changed".to_owned())]);

    // Null puts the built-in value back; posting old values whole goes back.
    let third = change(&admin, 2, json!({"near_km": null})).await.expect(201).json();
    assert_eq!(third["values"]["near_km"], first["values"]["near_km"]);
    let fourth = change(&admin, 3, first["values"].clone()).await.expect(201).json();
    assert_eq!((&fourth["version"], &fourth["values"]), (&json!(4), &first["values"]));

    let page = admin.get(&format!("{POLICIES}?limit=3")).await.expect(200).json();
    let versions = |page: &Value| -> Vec<i64> {
        page["items"].as_array().unwrap().iter().map(|item| item["version"].as_i64().unwrap()).collect()
    };
    assert_eq!(versions(&page), [4, 3, 2]);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = admin.get(&format!("{POLICIES}?limit=3&cursor={cursor}")).await.expect(200).json();
    assert_eq!((versions(&rest), rest.get("next_cursor")), (vec![1], None));
    assert_eq!(admin.get(&format!("{POLICIES}/2")).await.expect(200).json(), made);
    admin.get(&format!("{POLICIES}/5")).await.problem(404, "not_found");
    for nonsense in ["0", "-1", "x", "99999999999"] {
        admin.get(&format!("{POLICIES}/{nonsense}")).await.problem(400, "parameters_invalid");
    }
    let written = app.database.connect().await;
    for sql in
        ["UPDATE matching_policies SET reason = 'x'", "DELETE FROM matching_policies", "TRUNCATE matching_policies"]
    {
        assert!(written.batch_execute(sql).await.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn of_writers_at_once_one_wins() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let requests = (0..6).map(|i| {
        let body = json!({"reason": "a race", "values": {"near_km": 10 + i}});
        admin.post(POLICIES).if_match("\"1\"").json(body)
    });
    let mut statuses: Vec<u16> = together(requests).await.iter().map(|response| response.status).collect();
    statuses.sort();
    assert_eq!(statuses, [201, 412, 412, 412, 412, 412]);
    assert_eq!(app.database.count("SELECT max(version) FROM matching_policies").await, 2);
}

#[tokio::test]
async fn every_fault_is_named() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let zero = json!({"quantity": "0", "distance": "0", "price": "0", "time": "0", "text": "0", "trust": "0"});
    let values = json!({
        "weights": {"ppe": zero, "labor": {"text": "1001"}},
        "freight_currency": "XQX",
        "price_floor": 0.9, "price_ceiling": 1,
        "near_misses": {"relaxable": ["price", "visibility", "hazard_licence"]},
    });
    let problem = change(&admin, 1, values).await.problem(422, "invalid");
    let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    assert_eq!(
        faults(&problem),
        [
            fault("/values/freight_currency", "currency_unknown"),
            fault("/values/near_misses/relaxable/1", "never_relaxed"),
            fault("/values/near_misses/relaxable/2", "never_relaxed"),
            fault("/values/weights/labor/text", "too_large"),
            fault("/values/weights/ppe", "weights_all_zero"),
        ]
    );
    let values = json!({
        "weights": {"ppe": {"quantity": "-1", "tast": "1"}, "food": {}},
        "half_distance_km": {"ppe": 0, "labor": -3},
        "trust_quantile": 1, "text_b": 1.5, "unknown": {"price": 2},
        "near_misses": {"relaxable": ["nonsense"], "limit": 51},
        "utc_offset_minutes": 0.5, "standing_k": 0, "freight_currency": "cny",
        "hazard_licences": [], "version": 9, "extra_supplier_charge": 200,
    });
    let body = json!({"values": values, "why": "?"});
    let problem = admin.post(POLICIES).if_match("\"1\"").json(body).await.problem(422, "invalid");
    assert_eq!(
        faults(&problem),
        [
            fault("/reason", "required"),
            fault("/values/extra_supplier_charge", "wrong_type"),
            fault("/values/freight_currency", "pattern"),
            fault("/values/half_distance_km/labor", "not_positive"),
            fault("/values/half_distance_km/ppe", "not_positive"),
            fault("/values/hazard_licences", "too_few"),
            fault("/values/near_misses/limit", "too_large"),
            fault("/values/near_misses/relaxable/0", "not_one_of"),
            fault("/values/standing_k", "too_small"),
            fault("/values/text_b", "too_large"),
            fault("/values/trust_quantile", "too_large"),
            fault("/values/unknown/price", "too_large"),
            fault("/values/utc_offset_minutes", "wrong_type"),
            fault("/values/version", "unknown_field"),
            fault("/values/weights/food", "unknown_field"),
            fault("/values/weights/ppe/quantity", "not_a_decimal"),
            fault("/values/weights/ppe/tast", "unknown_field"),
            fault("/why", "unknown_field"),
        ]
    );
    for reason in ["", "  ", &"x".repeat(1001)] {
        let body = json!({"reason": reason, "values": {"near_km": 6}});
        admin.post(POLICIES).if_match("\"1\"").json(body).await.problem(422, "invalid");
    }
    assert_eq!(app.database.count("SELECT max(version) FROM matching_policies").await, 1);
}

#[tokio::test]
async fn matches_follow_the_policy_and_name_it_in_every_process() {
    let app = TestApp::start().await;
    app.load().await;
    let twin = app.twin().await;
    let (buyer, seller, admin) = (app.member("buyer").await, app.member("seller").await, app.admin().await);
    let needed = buyer.publish(need()).await;
    seller.publish(with(&offer(), json!({"description": "current stock"}))).await;
    let before = buyer.matches(&needed).await;
    assert_eq!(before["policy_version"], 1);
    assert!(points(&before, "text") > 0 && points(&before, "quantity") > 0);

    let values = json!({"weights": {"ppe": {"text": "0"}}});
    change(&admin, 1, values).await.expect(201);
    let after = buyer.matches(&needed).await;
    assert_eq!((&after["policy_version"], points(&after, "text")), (&json!(2), 0), "at once where it was written");
    let in_use = app.anonymous().get(IN_USE).await.expect(200).json();
    assert_eq!((&in_use["policy_version"], &in_use["values"]["weights"]["ppe"]["text"]), (&json!(2), &json!("0")));
    assert_eq!(in_use["stats_version"], after["stats_version"]);

    twin.sequence().await;
    let there = crate::support::market::matches(&twin.as_member(&buyer), &needed).await;
    assert_eq!((&there["policy_version"], points(&there, "text")), (&json!(2), 0), "elsewhere by the log");
    let log = app.database.value("SELECT changed::text FROM events WHERE type = 'matching_policy.created'").await;
    assert_eq!(log, r#"{"fields": ["weights"]}"#);
}

#[tokio::test]
async fn a_page_of_words_ends_with_the_policy_it_was_ranked_by() {
    let app = TestApp::start().await;
    app.load().await;
    let (seller, admin) = (app.member("seller").await, app.admin().await);
    for _ in 0..3 {
        seller.publish(offer()).await;
    }
    let page = async |query: &str| app.anonymous().get(&format!("/v1/listings?limit=1&{query}")).await;
    let words = page("q=%E5%8F%A3%E7%BD%A9").await.expect(200).json();
    let newest = page("side=offer").await.expect(200).json();
    change(&admin, 1, json!({"text_b": 0.5})).await.expect(201);
    let cursor = words["next_cursor"].as_str().unwrap();
    page(&format!("q=%E5%8F%A3%E7%BD%A9&cursor={cursor}")).await.problem(410, "cursor_expired");
    let cursor = newest["next_cursor"].as_str().unwrap();
    page(&format!("side=offer&cursor={cursor}")).await.expect(200);
}
