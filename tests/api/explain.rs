//! How much is explained, what would have to be otherwise, and who could order together.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::market::{day, listing_ids, need, offer, path, timeless, with};
use crate::support::{Member, TestApp, id};

async fn explained(member: &Member, listing: &Value, parameters: &str) -> Value {
    member.get(&format!("{}/matches?{parameters}", path(listing))).language("en").await.expect(200).json()
}

fn miss<'a>(page: &'a Value, listing: &Value) -> &'a Value {
    let misses = page["near_misses"].as_array().unwrap();
    misses.iter().find(|miss| id(&miss["listing"]) == id(listing)).unwrap_or_else(|| panic!("{page}"))
}

#[tokio::test]
async fn as_much_as_was_asked_for() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let needed = buyer.publish(need()).await;
    seller.publish(offer()).await;
    let dear = seller.publish(with(&offer(), json!({"price": {"amount": "0.95", "currency": "CNY"}}))).await;
    let usual = explained(&buyer, &needed, "limit=10").await;
    assert_eq!(timeless(&usual), timeless(&explained(&buyer, &needed, "explain=short").await));
    let bare = explained(&buyer, &needed, "explain=none").await;
    let full = explained(&buyer, &needed, "explain=full").await;
    for page in [&bare, &full] {
        assert_eq!(listing_ids(&page["items"]), listing_ids(&usual["items"]));
        assert_eq!(page["items"][0]["score"], usual["items"][0]["score"]);
        assert_eq!(page["items"][0]["matchable_quantity"], "20000");
        assert_eq!(miss(page, &dear)["blockers"][0]["code"], "price");
    }
    assert!(bare["items"][0].get("factors").is_none() && bare["items"][0].get("checks").is_none(), "{bare}");
    assert!(miss(&bare, &dear)["blockers"][0].get("text").is_none(), "{bare}");
    assert!(usual["items"][0].get("counterfactuals").is_none() && miss(&usual, &dear).get("counterfactuals").is_none());
    let distance = |page: &Value| {
        let factors = page["items"][0]["factors"].as_array().unwrap();
        factors.iter().find(|factor| factor["code"] == "distance").cloned().unwrap()
    };
    assert_eq!(distance(&full)["params"]["half_distance_km"], "100");
    assert!(distance(&usual).get("params").is_none());

    let preview =
        |parameters: &str| buyer.post(&format!("/v1/matches/preview?{parameters}")).language("en").json(need());
    assert!(preview("explain=none").await.expect(200).json()["items"][0].get("factors").is_none());
    let previewed = preview("explain=full").await.expect(200).json();
    assert_eq!(miss(&previewed, &dear)["counterfactuals"], miss(&full, &dear)["counterfactuals"]);
    buyer.get(&format!("{}/matches?explain=all", path(&needed))).await.problem(400, "parameters_invalid");
}

/// What `PATCH` takes to set that field.
fn patch(one: &Value) -> Value {
    let mut patch = one["to"].clone();
    for name in one["field"].as_str().unwrap().split('/').skip(1).collect::<Vec<_>>().into_iter().rev() {
        patch = json!({name: patch});
    }
    patch
}

#[tokio::test]
async fn what_is_said_comes_true_when_it_is_done() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let asked = json!({"needed_by": day(6), "service_radius_km": 500, "accepts_partial": false});
    let needed = buyer.publish(with(&need(), asked)).await;
    let base = with(&offer(), json!({"available_from": day(1), "lead_time_days": 2}));
    seller.publish(with(&base, json!({"quantity": "90000"}))).await;
    let others = [
        seller.publish(with(&base, json!({"price": {"amount": "0.95", "currency": "CNY"}}))).await,
        seller.publish(with(&base, json!({"available_from": day(9)}))).await,
        seller.publish(with(&base, json!({"quantity": "15000"}))).await,
        seller.publish(with(&base, json!({"min_order_quantity": "30000"}))).await,
    ];
    let page = explained(&buyer, &needed, "explain=full").await;
    let mut tried = 0;
    for other in &others {
        let told = miss(&page, other)["counterfactuals"].as_array().unwrap().clone();
        let whose: Vec<&str> = told.iter().map(|one| one["whose"].as_str().unwrap()).collect();
        assert!(whose.contains(&"own") && whose.contains(&"theirs"), "{page}");
        for one in told {
            let changed =
                with(&need(), json!({"needed_by": day(6), "service_radius_km": 500, "accepts_partial": false}));
            let effect = &one["effect"];
            let answer = if one["whose"] == "own" {
                let mut changed = changed;
                merge(&mut changed, &patch(&one));
                buyer.post("/v1/matches/preview?limit=100").language("en").json(changed).await.expect(200).json()
            } else {
                seller.patch(&path(other)).if_match("*").json(patch(&one)).await.expect(200);
                explained(&buyer, &needed, "limit=100").await
            };
            let rank = listing_ids(&answer["items"]).iter().position(|found| *found == id(other)).unwrap();
            assert_eq!(json!(rank + 1), effect["rank"], "{one}");
            // Whoever edits confirms: nothing else about a listing changes here.
            assert_eq!(answer["items"][rank]["score"], effect["score"], "{one}");
            if one["whose"] == "theirs" {
                let mut back = one.clone();
                back["to"] = one["from"].clone();
                seller.patch(&path(other)).if_match("*").json(patch(&back)).await.expect(200);
            }
            tried += 1;
        }
    }
    assert!(tried >= 8, "{tried}: {page}");
}

/// Does what is said of `other` by changing either listing, and takes it back; returns the sentences.
async fn come_true(asks: (&Member, &Value), owns: (&Member, &Value)) -> Vec<String> {
    let ((asker, asking), (owner, other)) = (asks, owns);
    let page = explained(asker, asking, "explain=full").await;
    let told = miss(&page, other)["counterfactuals"].as_array().unwrap().clone();
    for one in &told {
        let (member, changed) = if one["whose"] == "own" { (asker, asking) } else { (owner, other) };
        member.patch(&path(changed)).if_match("*").json(patch(one)).await.expect(200);
        let answer = explained(asker, asking, "limit=100").await;
        let rank = listing_ids(&answer["items"]).iter().position(|found| *found == id(other));
        let rank = rank.unwrap_or_else(|| panic!("{one} {answer}"));
        assert_eq!(json!({"rank": rank + 1, "score": answer["items"][rank]["score"]}), one["effect"], "{one}");
        let mut back = one.clone();
        back["to"] = one["from"].clone();
        member.patch(&path(changed)).if_match("*").json(patch(&back)).await.expect(200);
    }
    let changes = told.iter().map(|one| one["text"].as_str().unwrap().split(", it would match").next().unwrap());
    changes.map(str::to_owned).collect()
}

#[tokio::test]
async fn what_is_said_of_areas_and_carriers_comes_true() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let near = seller.publish(with(&offer(), json!({"region_code": "410305"}))).await;
    let far = seller.publish(with(&offer(), json!({"region_code": "420106"}))).await;
    let needed = buyer.publish(with(&need(), json!({"service_regions": ["410300"]}))).await;
    assert_eq!(listing_ids(&buyer.matches(&needed).await["items"]), [id(&near)]);
    let regions = come_true((&buyer, &needed), (&seller, &far)).await;
    assert_eq!(
        regions,
        [
            "If your service regions were Luoyang, Wuchang District instead of Luoyang",
            "If your side set no limit by service regions (Luoyang)"
        ]
    );

    let carriage = |side: &str, stops: [&str; 2], more: Value| {
        let stops = stops.map(|code| json!({"region_code": code}));
        let attributes = with(&json!({"stops": stops}), more);
        json!({"side": side, "kind": "transport", "category": "transport.road.full", "title": "整车运输", "quantity": "10",
            "unit_code": "TNE", "region_code": stops[0]["region_code"], "accepts_partial": false, "attributes": attributes})
    };
    // Luoyang to Wuhan, and on to Qingdao.
    let load = buyer.publish(carriage("need", ["410305", "370211"], json!({}))).await;
    let lorry = seller.publish(carriage("offer", ["410305", "420106"], json!({"max_detour_km": 40}))).await;
    let further = come_true((&seller, &lorry), (&buyer, &load)).await;
    assert!(further.len() == 1 && further[0].starts_with("If your longest detour were "), "{further:?}");
    let asked = come_true((&buyer, &load), (&seller, &lorry)).await;
    assert_eq!(asked, [further[0].replace("your", "their")]);
    let window = |from: i64, until: i64| json!({"pickup_window": {"start": day(from), "end": day(until)}});
    let soon = buyer.publish(carriage("need", ["410305", "420106"], window(2, 4))).await;
    let late = seller.publish(carriage("offer", ["410305", "420106"], window(6, 8))).await;
    let days = come_true((&buyer, &soon), (&seller, &late)).await;
    assert_eq!(
        days,
        [
            format!("If your last day for the pickup were {} instead of {}", day(6), day(4)),
            format!("If their first day for the pickup were {} instead of {}", day(4), day(6)),
        ]
    );
}

fn merge(into: &mut Value, patch: &Value) {
    for (name, value) in patch.as_object().unwrap() {
        if value.is_object() { merge(&mut into[name], value) } else { into[name] = value.clone() }
    }
}

#[tokio::test]
async fn small_needs_reach_a_minimum_together() {
    let app = TestApp::start().await;
    let seller = app.member("seller").await;
    let at =
        |longitude: f64| json!({"quantity": "4000", "location": {"type": "Point", "coordinates": [longitude, 34.62]}});
    let mut buyers = Vec::new();
    let mut needs = Vec::new();
    for (number, longitude) in [112.45, 112.50, 112.40, 113.65].into_iter().enumerate() {
        let buyer = app.member(&format!("buyer{number}")).await;
        needs.push(buyer.publish(with(&need(), at(longitude))).await);
        buyers.push(buyer);
    }
    let offered = seller.publish(with(&offer(), json!({"min_order_quantity": "12000"}))).await;
    let page = explained(&buyers[0], &needs[0], "limit=5").await;
    let pool = &miss(&page, &offered)["blockers"][0]["pool"];
    assert_eq!(
        (&pool["needs"], &pool["total"], &pool["unit_code"]),
        (&json!(3), &json!("12000"), &json!("H87")),
        "{page}"
    );
    let ids: Vec<Uuid> =
        pool["listing_ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(
        ids.iter().collect::<std::collections::BTreeSet<_>>(),
        needs[..3].iter().map(id).collect::<Vec<_>>().iter().collect()
    );
    assert_eq!(pool["text"], "3 needs within 20 km reach this minimum together: 12000 pieces");
    for listing in &ids {
        buyers[0].get(&format!("/v1/listings/{listing}")).await.expect(200);
    }
    // The supplier learns it too; who is alone in another city does not.
    let seen = explained(&seller, &offered, "limit=5").await;
    assert_eq!(miss(&seen, &needs[1])["blockers"][0]["pool"]["needs"], 3);
    assert!(miss(&seen, &needs[3])["blockers"][0].get("pool").is_none(), "{seen}");
    // A need that only verified enterprises may see is neither counted nor named to others.
    let hidden = json!({"visibility": "verified"});
    buyers[1].patch(&path(&needs[1])).if_match("*").json(hidden).await.expect(200);
    let page = explained(&buyers[0], &needs[0], "limit=5").await;
    assert!(miss(&page, &offered)["blockers"][0].get("pool").is_none(), "{page}");
}

#[tokio::test]
async fn ten_matches_fit_in_ten_kilobytes() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let needed = buyer.publish(with(&need(), json!({"needed_by": day(9)}))).await;
    for number in 0..20 {
        let amount = if number < 10 { format!("0.{}", 40 + 3 * number) } else { format!("0.{}", 71 + number) };
        let more = json!({"title": format!("医用外科口罩 现货 第{number}批"), "description": "工厂直供，独立包装，可开发票，支持抽检，当日发货。",
            "quantity": (30_000 + 1_117 * number).to_string(), "price": {"amount": amount, "currency": "CNY"},
            "available_from": day(number % 3), "attributes": {"standard": "YY 0469-2011", "sterile": true}});
        seller.publish(with(&offer(), more)).await;
    }
    for language in ["zh-CN", "en"] {
        let ask = || buyer.get(&format!("{}/matches", path(&needed))).language(language);
        let answer = ask().await.expect(200).json();
        let lists = ["items", "near_misses"].map(|list| answer[list].as_array().unwrap().len());
        assert_eq!(lists, [10, 10]);
        let bytes = ask().header("accept-encoding", "gzip").await.expect(200).body.len();
        assert!(bytes <= 10_000, "{language}: {bytes} bytes");
    }
}
