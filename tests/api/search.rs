//! `GET /v1/listings`: the open market.

use std::collections::BTreeSet;

use duijie::jobs;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::market::{day, ids, need, offer, with};
use crate::support::{Client, TestApp, faults, id};

async fn search(client: &Client, query: &str) -> Value {
    client.get(&format!("/v1/listings?{query}")).await.expect(200).json()
}

async fn found(client: &Client, query: &str) -> BTreeSet<Uuid> {
    ids(&search(client, query).await).into_iter().collect()
}

fn set<'a>(listings: impl IntoIterator<Item = &'a Value>) -> BTreeSet<Uuid> {
    listings.into_iter().map(id).collect()
}

#[tokio::test]
async fn words_of_either_language_find_the_other() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let chinese = wang.publish(json!({"side": "offer", "title": "医用外科口罩现货"})).await;
    let english = wang.publish(json!({"side": "offer", "title": "Surgical mask, blue, in stock"})).await;
    let fabric = wang.publish(json!({"side": "offer", "title": "熔喷布 25克"})).await;
    wang.publish(json!({"side": "offer", "kind": "material", "title": "GCr15 轴承钢"})).await;
    app.load().await;
    let anybody = app.anonymous();
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    for words in ["外科口罩", "surgical masks", "Surgical Mask", "医用外科口罩"] {
        assert_eq!(found(&anybody, &format!("q={}", encoded(words))).await, set([&chinese, &english]), "{words}");
    }
    for words in ["meltblown", "熔喷布"] {
        assert_eq!(found(&anybody, &format!("q={}", encoded(words))).await, set([&fabric]), "{words}");
    }
    assert!(found(&anybody, &format!("q={}", encoded("呼吸机"))).await.is_empty());
    let hits = search(&anybody, &format!("q={}", encoded("surgical mask"))).await;
    let relevance: Vec<f64> =
        hits["items"].as_array().unwrap().iter().map(|hit| hit["relevance"].as_f64().unwrap()).collect();
    assert!(relevance.windows(2).all(|pair| pair[0] >= pair[1]), "{relevance:?}");
}

/// What is offered stands before what only has to do with it, however new.
#[tokio::test]
async fn goods_stand_before_what_mentions_them() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let masks = wang.publish(json!({"side": "offer", "kind": "ppe", "title": "儿童口罩 现货"})).await;
    let services = [
        json!({"side": "offer", "kind": "service", "title": "代检口罩"}),
        json!({"side": "offer", "kind": "transport", "title": "空运 口罩"}),
        json!({"side": "offer", "kind": "material", "title": "纸箱", "description": "可装口罩"}),
    ];
    for service in services {
        wang.publish(service).await;
    }
    app.load().await;
    let hits = search(&app.anonymous(), "q=%E5%8F%A3%E7%BD%A9").await;
    let hits = hits["items"].as_array().unwrap();
    let relevance: Vec<f64> = hits.iter().map(|hit| hit["relevance"].as_f64().unwrap()).collect();
    assert_eq!((hits.len(), id(&hits[0])), (4, id(&masks)), "{hits:?}");
    assert!(relevance[0] > relevance[1], "{relevance:?}");
}

#[tokio::test]
async fn a_place_and_a_highest_price_among_the_words_are_filters() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let here = wang.publish(offer()).await;
    let dear = wang.publish(with(&offer(), json!({"price": {"amount": "3", "currency": "CNY"}}))).await;
    let there = wang.publish(with(&offer(), json!({"region_code": "420106"}))).await;
    let route = wang.publish(json!({"side": "offer", "title": "洛阳到武汉货运专线"})).await;
    let anybody = app.anonymous();
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let of = async |words: &str, more: &str| search(&anybody, &format!("q={}{more}", encoded(words))).await;
    for (words, more, expected) in [
        ("医用外科口罩", "", vec![&here, &dear, &there]),
        ("武汉 医用外科口罩", "", vec![&there]),
        ("洛阳外科口罩5000只", "", vec![&here, &dear]),
        ("洛阳的外科口罩，1元以内", "", vec![&here]),
        ("surgical masks in Wuhan", "", vec![&there]),
        ("武汉 医用外科口罩", "&region_code=410300", vec![&here, &dear]),
        ("洛阳到武汉货运", "", vec![&route]),
        ("北京 医用外科口罩", "", vec![&here, &dear, &there]),
        ("医用外可口罩", "", vec![&here, &dear, &there]),
        ("surgcal masks", "", vec![&here, &dear, &there]),
        ("醫用外科口罩", "", vec![&here, &dear, &there]),
    ] {
        let page = of(words, more).await;
        assert_eq!(ids(&page).into_iter().collect::<BTreeSet<_>>(), set(expected), "{words}{more}: {page}");
    }
    assert!(of("北京 医用外科口罩", "").await["understood"].is_null(), "nothing is there: the place is let go");
    let page = of("武汉 医用外科口罩", "").await;
    assert_eq!(page["understood"][0]["field"], "region_code");
    assert_eq!(page["understood"][0]["passage"], json!({"text": "武汉", "start": 0, "end": 2}));
}

#[tokio::test]
async fn each_filter_narrows() {
    let app = TestApp::start().await;
    let (wang, li) = (app.member("wang").await, app.member("li").await);
    let point = |longitude: f64, latitude: f64| json!({"type": "Point", "coordinates": [longitude, latitude]});
    let asked = wang.publish(need()).await;
    let luoyang = with(&offer(), json!({"location": point(112.45, 34.62), "available_from": day(5)}));
    let near = wang.publish(luoyang).await;
    let wuhan = json!({"region_code": "420106", "category": "ppe.mask.particulate", "location": point(114.3, 30.55),
        "price": {"amount": "2.5", "currency": "CNY"}});
    let far = li.publish(with(&offer(), wuhan)).await;
    let steel = json!({"side": "offer", "title": "轴承钢", "category": "material.metal.steel", "quantity": "3",
        "unit_code": "TNE", "price": {"amount": "0.5", "currency": "USD"}, "region_code": "310115"});
    let steel = li.publish(steel).await;
    li.draft(offer()).await;

    let anybody = app.anonymous();
    let cases: Vec<(String, Vec<&Value>)> = vec![
        (String::new(), vec![&asked, &near, &far, &steel]),
        ("side=need".into(), vec![&asked]),
        ("kind=material".into(), vec![&steel]),
        ("side=offer&kind=ppe".into(), vec![&near, &far]),
        ("category=ppe.mask.surgical".into(), vec![&asked, &near]),
        ("category=ppe.mask".into(), vec![&asked, &near, &far]),
        ("category=ppe.nothing".into(), vec![]),
        ("region_code=410305".into(), vec![&asked, &near]),
        ("region_code=420000".into(), vec![&far]),
        ("region_code=410300".into(), vec![&asked, &near]),
        ("near=112.45,34.62&radius_km=5".into(), vec![&near]),
        ("near=112.45,34.62&radius_km=300".into(), vec![&asked, &near]),
        ("price_max=0.6".into(), vec![&near]),
        ("price_max=0.599999".into(), vec![]),
        ("price_max=0.8".into(), vec![&asked, &near]),
        ("price_max=1&currency=USD".into(), vec![&steel]),
        (format!("available_by={}", day(5)), vec![&asked, &near, &far, &steel]),
        (format!("available_by={}", day(4)), vec![&asked, &far, &steel]),
        (format!("enterprise_id={}", li.enterprise_id()), vec![&far, &steel]),
        (format!("enterprise_id={}&side=need", li.enterprise_id()), vec![]),
    ];
    for (query, expected) in cases {
        assert_eq!(found(&anybody, &query).await, set(expected), "{query}");
    }
    let facets = search(&anybody, "facets=true&limit=1").await["facets"].clone();
    assert_eq!(
        facets,
        json!({"total": 4, "sides": {"need": 1, "offer": 3}, "kinds": {"material": 1, "ppe": 3},
        "categories": {"ppe.mask.surgical": 2, "ppe.mask.particulate": 1, "material.metal.steel": 1},
        "regions": {"410000": 2, "420000": 1, "310000": 1}})
    );
    let offers = search(&anybody, "facets=true&side=offer&kind=ppe").await["facets"].clone();
    assert_eq!((&offers["total"], &offers["sides"]), (&json!(2), &json!({"offer": 2})));
}

#[tokio::test]
async fn four_orders() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let mut posted = Vec::new();
    // Price; kilometres east of Luoyang.
    for (price, east) in [(Some("3"), 50.0), (None, 0.0), (Some("1"), 100.0), (Some("2"), 10.0)] {
        let point = json!({"type": "Point", "coordinates": [112.45 + east / 91.5, 34.62]});
        let price = price.map(|amount| json!({"amount": amount, "currency": "CNY"}));
        posted.push(wang.publish(with(&offer(), json!({"price": price, "location": point}))).await);
    }
    let anybody = app.anonymous();
    let order = async |query: &str| ids(&search(&anybody, query).await);
    let expected = |order: [usize; 4]| order.map(|n| id(&posted[n]));
    assert_eq!(order("sort=newest").await, expected([3, 2, 1, 0]));
    assert_eq!(order("").await, expected([3, 2, 1, 0]), "without words the newest come first");
    assert_eq!(order("sort=price").await, expected([2, 3, 0, 1]), "without a price last");
    assert_eq!(order("sort=distance&near=112.45,34.62").await, expected([1, 3, 0, 2]));
    let page = search(&anybody, "sort=distance&near=112.45,34.62").await;
    let distances: Vec<f64> =
        page["items"].as_array().unwrap().iter().map(|hit| hit["distance_km"].as_f64().unwrap()).collect();
    for (distance, expected) in distances.iter().zip([0.0, 10.0, 50.0, 100.0]) {
        assert!((distance - expected).abs() < 0.5, "{distances:?}");
    }
}

#[tokio::test]
async fn pages_show_everything_once_while_others_write() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let mut before = BTreeSet::new();
    for n in 0..9 {
        let price = json!({"price": {"amount": format!("{}", n % 3 + 1), "currency": "CNY"}});
        before.insert(id(&wang.publish(with(&offer(), price)).await));
    }
    let anybody = app.anonymous();
    for sort in ["newest", "price", "distance&near=112.45,34.62", "relevance"] {
        let (mut seen, mut cursor): (Vec<Uuid>, _) = (Vec::new(), String::new());
        loop {
            let page = search(&anybody, &format!("limit=4&sort={sort}{cursor}")).await;
            assert!(page["items"].as_array().unwrap().len() <= 4);
            seen.extend(ids(&page));
            wang.publish(offer()).await;
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let unique: BTreeSet<Uuid> = seen.iter().copied().collect();
        assert_eq!(unique.len(), seen.len(), "{sort}: nothing twice");
        assert!(before.is_subset(&unique), "{sort}: nothing left out");
        before.extend(ids(&search(&anybody, "limit=100").await));
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_filter_order_and_statistics() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    for _ in 0..3 {
        wang.publish(offer()).await;
    }
    app.load().await;
    let anybody = app.anonymous();
    let first = async |query: &str| search(&anybody, query).await["next_cursor"].as_str().unwrap().to_owned();
    let cursor = first("limit=1&side=offer").await;
    let get = |query: String| anybody.get(&format!("/v1/listings?{query}"));
    get(format!("limit=2&side=offer&cursor={cursor}")).await.expect(200);
    for other in ["side=need", "side=offer&sort=price", "side=offer&facets=true", ""] {
        get(format!("{other}&cursor={cursor}")).await.problem(400, "cursor_of_another_list");
    }
    let own = format!("/v1/enterprises/{}/listings", wang.enterprise_id());
    let elsewhere = wang.get(&format!("{own}?limit=1")).await.expect(200).json();
    let elsewhere = elsewhere["next_cursor"].as_str().unwrap();
    get(format!("cursor={elsewhere}")).await.problem(400, "cursor_of_another_list");
    let (by_words, by_age) = (first("limit=1&q=masks").await, first("limit=1&sort=newest").await);
    app.database.execute("UPDATE matching_statistics SET as_of = as_of - interval '2 hours'").await;
    jobs::refresh_statistics(app.inner()).await.unwrap();
    get(format!("q=masks&cursor={by_words}")).await.problem(410, "cursor_expired");
    get(format!("sort=newest&cursor={by_age}")).await.expect(200);
}

#[tokio::test]
async fn what_cannot_be_asked() {
    let app = TestApp::start().await;
    for (query, name, code) in [
        ("radius_km=5", "radius_km", "near_required"),
        ("sort=distance", "sort", "near_required"),
        ("near=112.45", "near", "pattern"),
        ("near=181.0,30", "near", "pattern"),
        ("near=180.1,30", "near", "pattern"),
        ("near=112,91", "near", "pattern"),
        ("near=112,-90.5", "near", "pattern"),
        ("near=112,34&radius_km=0", "radius_km", "not_positive"),
        ("near=112,34&radius_km=20101", "radius_km", "too_large"),
        ("price_max=-1", "price_max", "not_a_decimal"),
        ("currency=cny", "currency", "pattern"),
        ("side=wish", "side", "not_one_of"),
        ("kind=goods", "kind", "not_one_of"),
        ("sort=best", "sort", "not_one_of"),
        ("available_by=2027-02-30", "available_by", "format"),
        ("enterprise_id=7", "enterprise_id", "format"),
        ("limit=0", "limit", "too_small"),
        ("limit=101", "limit", "too_large"),
        ("q=", "q", "too_short"),
        ("colour=blue", "colour", "unknown_parameter"),
        ("facets=perhaps", "facets", "wrong_type"),
    ] {
        let problem = app.anonymous().get(&format!("/v1/listings?{query}")).await.problem(400, "parameters_invalid");
        let faults = faults(&problem);
        assert_eq!(faults, [(name.to_owned(), code.to_owned())], "{query}");
    }
    let problem =
        app.anonymous().get("/v1/listings?radius_km=5&sort=distance").await.problem(400, "parameters_invalid");
    assert_eq!(faults(&problem).len(), 2, "all at once");
    let problem = app.anonymous().get("/v1/listings?near=999,99&limit=0").await.problem(400, "parameters_invalid");
    assert_eq!(faults(&problem).len(), 2, "of meaning beside form");
    assert!(problem["errors"][1]["detail"].as_str().unwrap().contains("经度,纬度"), "{problem}");
    for edge in ["180,90", "-180.0,-90.00", "0,0", "112.45,-34.62"] {
        app.anonymous().get(&format!("/v1/listings?near={edge}&radius_km=5")).await.expect(200);
    }
    app.anonymous().get("/v1/listings?cursor=AAAA").await.problem(400, "cursor_invalid");
}
