//! What is understood of the shortest posting, and that nothing said is lost or overridden.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::market::{day, ids, instant, listing_ids, need, offer, path, with};
use crate::support::{TestApp, faults, id, together};

#[tokio::test]
async fn the_shortest_posting_is_understood_and_says_how() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let created =
        wang.post("/v1/listings").json(json!({"side": "need", "title": "急需医用外科口罩"})).await.expect(201);
    let listing = created.json();
    assert_eq!(created.header("location"), path(&listing));
    assert_eq!((&listing["status"], &listing["version"]), (&json!("draft"), &json!(1)));
    assert_eq!((&listing["kind"], &listing["category"]), (&json!("ppe"), &json!("ppe.mask.surgical")));
    assert_eq!((&listing["region_code"], &listing["language"]), (&json!("410305"), &json!("zh-CN")));
    assert_eq!((&listing["accepts_partial"], &listing["accepts_substitutes"]), (&json!(true), &json!(false)));
    assert_eq!((&listing["visibility"], &listing["quantity_basis"]), (&json!("public"), &json!("total")));
    assert!(listing.get("quantity").is_none() && listing.get("unit_code").is_none(), "nothing invented: {listing}");
    assert!(listing.get("top_matches").is_none(), "a draft has none");
    assert_eq!(listing["enterprise"]["id"], wang.enterprise["id"]);

    let understood = listing["understood"].as_array().unwrap();
    let fields: BTreeSet<&str> = understood.iter().map(|u| u["field"].as_str().unwrap()).collect();
    assert_eq!(fields, BTreeSet::from(["category", "kind", "region_code", "urgency", "valid_until"]));
    for one in understood {
        let told = if one["field"] == "valid_until" { listing["valid_until"].clone() } else { one["value"].clone() };
        assert_eq!(listing[one["field"].as_str().unwrap()], told, "what is said is what was taken");
    }
    let until: chrono::DateTime<chrono::Utc> = listing["valid_until"].as_str().unwrap().parse().unwrap();
    assert_eq!((until - chrono::Utc::now()).num_hours() / 24, 29, "30 days from now: {until}");

    let mut read = wang.get(&path(&listing)).await.expect(200).json();
    assert!(read.get("understood").is_none(), "only the answer to the posting says it");
    read["understood"] = listing["understood"].clone();
    assert_eq!(read, listing);
}

#[tokio::test]
async fn a_title_that_names_nothing_is_asked_for_its_kind() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let post = |body| wang.post("/v1/listings").json(body);
    let problem = post(json!({"side": "need", "title": "一批东西"})).await.problem(422, "invalid");
    assert_eq!(faults(&problem), [("/kind".to_owned(), "kind_not_understood".to_owned())]);
    let problem = post(json!({})).await.problem(422, "invalid");
    let required = |place: &str| (place.to_owned(), "required".to_owned());
    assert_eq!(faults(&problem), [required("/side"), required("/title")]);
    let listing = post(json!({"side": "need", "title": "一批东西", "kind": "material"})).await.expect(201).json();
    assert!(listing.get("category").is_none(), "no guess: {listing}");
}

#[tokio::test]
async fn a_name_too_unsure_for_the_category_tells_the_kind() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let title = "求购给工地临时食堂和宿舍区用的那种结实耐用一点的叉车";
    let listing = wang.post("/v1/listings").json(json!({"side": "need", "title": title})).await.expect(201).json();
    assert!(listing.get("category").is_none(), "{listing}");
    assert_eq!(listing["kind"], "equipment");
    let kind = listing["understood"].as_array().unwrap().iter().find(|one| one["field"] == "kind").unwrap();
    assert_eq!((&kind["source"], &kind["passage"]["text"]), (&json!("title"), &json!("叉车")), "{kind}");
    assert!(kind["confidence"].as_f64().unwrap() < 0.5, "{kind}");
}

#[tokio::test]
async fn nothing_explicit_is_overridden() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let until = "2027-03-01T00:00:00Z";
    let until = if until > instant(0).as_str() { until.to_owned() } else { instant(86_400_000) };
    let explicit = json!({"side": "offer", "kind": "ppe", "category": "ppe.mask", "title": "急供洛阳医用外科口罩 500盒 0.9元/只",
        "language": "en", "quantity": "10", "unit_code": "XBX", "price": {"amount": "30", "currency": "CNY"}, "region_code": "110105", "valid_until": until,
        "accepts_partial": false, "attributes": {"standard": "GB19083-2010"}});
    let listing = wang.draft(explicit.clone()).await;
    for (field, value) in explicit.as_object().unwrap() {
        let same = if field == "valid_until" {
            let at = |value: &Value| value.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
            at(&listing[field]) == at(value)
        } else if field == "price" {
            listing[field]["amount"] == value["amount"]
        } else {
            listing[field] == *value
        };
        assert!(same, "{field}: {} instead of {value}", listing[field]);
    }
    assert!(listing.get("understood").is_none(), "{listing}");
    // A kind given narrows what a category is looked for in.
    let other = wang.draft(json!({"side": "offer", "kind": "service", "title": "医用外科口罩"})).await;
    assert_eq!(other["kind"], "service");
    assert!(!other["category"].as_str().unwrap_or_default().starts_with("ppe"), "{other}");
}

#[tokio::test]
async fn every_common_field_comes_back_as_it_was_said() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let offer = json!({"side": "offer", "kind": "ppe", "title": "Surgical masks 医用外科口罩", "description": "第一行\n第二行",
        "language": "en", "category": "ppe.mask.surgical", "quantity": "400", "quantity_basis": "per_week",
        "unit_code": "XCT", "units_per_pack": "2000", "min_order_quantity": "20", "lot_multiple": "5",
        "price": {"amount": "1100.5", "currency": "USD", "per": "XCT", "mode": "negotiable", "tax_included": false,
            "tax_rate": "13", "delivery": "delivered"},
        "freight_paid_by": "seller", "payment_terms": ["prepayment", "net_30", "net_60"], "invoice_type": "special_vat",
        "sample": true, "brand": "示范", "specs": [{"name": "细菌过滤效率", "min": "95", "max": "99.9", "unit": "%"},
            {"name": "颜色", "value": "蓝"}],
        "region_code": "410305", "address": "建设路 1 号", "location": {"type": "Point", "coordinates": [112.4, 34.65]},
        "service_radius_km": 800, "service_regions": ["410000", "DE"], "available_from": day(1), "delivery_period": {"start": day(2), "end": day(40)},
        "lead_time_days": 3, "urgency": "high", "accepts_partial": false, "accepts_substitutes": true,
        "required_credentials": ["business_licence"], "required_level": "verified", "visibility": "verified",
        "contact_policy": "public", "direct_award": "anyone", "external_id": "A-1", "attributes": {"sterile": false}});
    let listing = wang.draft(offer.clone()).await;
    for (field, value) in offer.as_object().unwrap() {
        assert_eq!(listing[field], *value, "{field}");
    }
    let money = json!({"side": "need", "title": "医用外科口罩", "quantity": "1.50", "max_price": {"amount": "0.80", "currency": "CNY"},
        "needed_by": day(0)});
    let listing = wang.draft(money).await;
    assert_eq!((&listing["quantity"], &listing["max_price"]["amount"]), (&json!("1.5"), &json!("0.8")));
    assert_eq!((&listing["unit_code"], &listing["needed_by"]), (&json!("H87"), &json!(day(0))));
}

#[tokio::test]
async fn times_are_kept_to_the_microsecond() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let next_year = chrono::Datelike::year(&chrono::Utc::now()) + 1;
    for (given, kept) in [
        ("01-01T08:00:00+08:00", "01-01T00:00:00Z"),
        ("01-01T00:00:00.123456Z", "01-01T00:00:00.123456Z"),
        ("01-01T00:00:00.123456789Z", "01-01T00:00:00.123456Z"),
        ("01-02t23:59:59z", "01-02T23:59:59Z"),
    ] {
        let (given, kept) = (format!("{next_year}-{given}"), json!(format!("{next_year}-{kept}")));
        let created = wang.publish(with(&need(), json!({"valid_until": given}))).await;
        let read = wang.get(&path(&created)).await.expect(200).json();
        assert_eq!((&created["valid_until"], &read["valid_until"]), (&kept, &kept), "{given}");
        let renew = wang.post(&format!("{}/renew", path(&created))).if_match("*").json(json!({"valid_until": given}));
        assert_eq!(renew.await.expect(200).json()["valid_until"], kept, "{given}");
    }
}

#[tokio::test]
async fn a_datum_is_converted() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let at = |datum: Option<&str>, longitude: f64, latitude: f64| {
        let point = json!({"type": "Point", "coordinates": [longitude, latitude]});
        with(&need(), json!({"location": point, "datum": datum}))
    };
    // Tiananmen as widely published: GCJ-02 (116.397470, 39.908823) is WGS-84 (116.391228, 39.907420) and BD-09
    // (116.403849, 39.915154).
    for (datum, longitude, latitude) in [
        (None, 116.391_228, 39.907_42),
        (Some("gcj02"), 116.397_47, 39.908_823),
        (Some("bd09"), 116.403_849, 39.915_154),
    ] {
        let listing = wang.draft(at(datum, longitude, latitude)).await;
        let read = |axis: usize| listing["location"]["coordinates"][axis].as_f64().unwrap();
        assert!((read(0) - 116.391_228).abs() < 1e-4 && (read(1) - 39.907_42).abs() < 1e-4, "{datum:?}: {listing}");
        assert!(listing.get("datum").is_none());
    }
    let berlin = wang.draft(at(Some("gcj02"), 13.4, 52.5)).await;
    assert_eq!(berlin["location"]["coordinates"], json!([13.4, 52.5]), "there is no offset abroad");
    let problem =
        wang.post("/v1/listings").json(with(&need(), json!({"datum": "gcj02"}))).await.problem(422, "invalid");
    assert_eq!(faults(&problem), [("/datum".to_owned(), "datum_without_location".to_owned())]);
}

#[tokio::test]
async fn publishing_at_once_shows_the_best_three() {
    let app = TestApp::start().await;
    let zhao = app.member("zhao").await;
    let lonely = zhao.publish(need()).await;
    assert_eq!(lonely["top_matches"], json!([]));
    for (name, price) in [("qian", "0.5"), ("sun", "0.6"), ("li", "0.7"), ("zhou", "0.75")] {
        let seller = app.member(name).await;
        seller.publish(with(&offer(), json!({"price": {"amount": price, "currency": "CNY"}}))).await;
    }
    let listing = zhao.publish(need()).await;
    let top = listing_ids(&listing["top_matches"]);
    assert_eq!(top.len(), 3, "{listing}");
    let all = listing_ids(&zhao.matches(&listing).await["items"]);
    assert_eq!(all.len(), 4);
    assert_eq!(top, all[..3]);
}

#[tokio::test]
async fn a_retried_posting_makes_one_listing() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let post = |body| wang.post("/v1/listings").idempotency_key("posting-1").json(body);
    let body = with(&need(), json!({"publish": true}));
    let at_once = together((0..4).map(|_| post(body.clone()))).await;
    assert!(at_once.iter().all(|answer| matches!(answer.status, 201 | 409)), "{:?}", at_once[0].shown());
    let first = at_once.iter().find(|answer| answer.status == 201).unwrap().json();
    let again = post(body.clone()).await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.json(), first);
    post(need()).await.problem(422, "idempotency_key_reused");
    assert_eq!(app.database.count("SELECT count(*) FROM listings").await, 1);
    assert_eq!(app.events_of(id(&first)).await, ["listing.created", "listing.published"]);
}

/// Each inserts a row that refers to the enterprise, then takes the enterprise's row: with the stronger of PostgreSQL's two
/// row locks they would wait for each other.
#[tokio::test]
async fn many_publish_at_once_for_one_unverified_enterprise() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let posting = with(&need(), json!({"publish": true}));
    let answers = together((0..16).map(|_| wang.post("/v1/listings").json(posting.clone()))).await;
    for answer in answers {
        answer.expect(201);
    }
    let same = together((0..8).map(|_| wang.post("/v1/listings").idempotency_key("one").json(posting.clone()))).await;
    assert!(same.iter().all(|answer| answer.status == 201 || answer.status == 409));
    let page = wang.get("/v1/listings?limit=100").await.expect(200).json();
    assert_eq!(ids(&page).len(), 17, "one key, one effect");
}
