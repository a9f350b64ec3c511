//! `/v1/listings/{id}/matches` and `/v1/matches/preview`

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::market::{day, ids, listing_ids, need, offer, path, timeless, with};
use crate::support::{Member, TestApp, id};

/// What each item says adds up, and they stand in order.
fn consistent(page: &Value) {
    let mut last = (u64::MAX, 0.0);
    for item in page["items"].as_array().unwrap() {
        let score = item["score"].as_u64().unwrap();
        let factors = item["factors"].as_array().unwrap();
        let points: u64 = factors.iter().map(|factor| factor["points"].as_u64().unwrap()).sum();
        assert_eq!(points, score, "{item}");
        let weighted: f64 = factors.iter().map(|f| f["weight"].as_f64().unwrap() * f["u"].as_f64().unwrap()).sum();
        let weights: f64 = factors.iter().map(|f| f["weight"].as_f64().unwrap()).sum();
        let recomputed = 1000.0 * weighted / weights;
        assert!((recomputed - score as f64).abs() <= 0.6, "{recomputed} of what is shown, {score} told: {item}");
        let checks = item["checks"].as_array().unwrap();
        assert!(checks.iter().all(|check| check["outcome"] != "fail"), "{item}");
        let place = (score, item["distance_km"].as_f64().unwrap_or(f64::INFINITY));
        assert!(place.0 < last.0 || (place.0 == last.0 && place.1 >= last.1), "out of order: {page}");
        last = place;
    }
    for miss in page["near_misses"].as_array().unwrap() {
        let blockers = miss["blockers"].as_array().unwrap();
        assert_eq!(blockers.len(), 1, "{miss}");
        assert_eq!(blockers[0]["outcome"], "fail");
    }
}

/// The near misses with the one check each fails.
fn blockers(page: &Value) -> Vec<(Uuid, String)> {
    let one = |miss: &Value| (id(&miss["listing"]), miss["blockers"][0]["code"].as_str().unwrap().to_owned());
    page["near_misses"].as_array().unwrap().iter().map(one).collect()
}

#[tokio::test]
async fn both_sides_agree_on_who_fits() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let mut needs = Vec::new();
    for change in [
        json!({}),
        json!({"max_price": {"amount": "0.5", "currency": "CNY"}}),
        json!({"accepts_partial": false}),
        json!({"category": "ppe.mask.medical", "accepts_substitutes": true}),
        json!({"needed_by": day(2)}),
        json!({"quantity": null}),
        json!({"attributes": {"standard": "YY 0469", "use_class": "medical"}}),
        json!({"required_level": "verified"}),
    ] {
        needs.push(buyer.publish(with(&need(), change)).await);
    }
    let mut offers = Vec::new();
    for change in [
        json!({}),
        json!({"price": {"amount": "0.45", "currency": "CNY"}}),
        json!({"quantity": "10"}),
        json!({"available_from": day(5)}),
        json!({"min_order_quantity": "30000"}),
        json!({"quantity": null, "price": null}),
        json!({"attributes": {"standard": "YY/T 0969"}}),
        json!({"category": "ppe.suit.medical"}),
    ] {
        offers.push(seller.publish(with(&offer(), change)).await);
    }
    app.load().await;
    let pairs = async |member: &Member, listings: &[Value], flip: bool, list: &str| {
        let mut pairs = BTreeSet::new();
        for listing in listings {
            let page = member.matches(listing).await;
            consistent(&page);
            for other in listing_ids(&page[list]) {
                pairs.insert(if flip { (other, id(listing)) } else { (id(listing), other) });
            }
        }
        pairs
    };
    let (there, back) = (pairs(&buyer, &needs, false, "items").await, pairs(&seller, &offers, true, "items").await);
    assert_eq!(there, back);
    assert!(there.len() >= 8, "enough to tell: {}", there.len());
    let missed = pairs(&buyer, &needs, false, "near_misses").await;
    assert!(missed.len() >= 8 && missed.is_disjoint(&there));
    assert_eq!(missed, pairs(&seller, &offers, true, "near_misses").await);
    // Shown to both is one number.
    let page = buyer.matches(&needs[0]).await;
    let (item, other) = (&page["items"][0], id(&page["items"][0]["listing"]));
    let offered = offers.iter().find(|offer| id(offer) == other).unwrap();
    let seen = seller.matches(offered).await;
    let same = seen["items"].as_array().unwrap().iter().find(|i| id(&i["listing"]) == id(&needs[0])).unwrap();
    assert_eq!(item["mutual"], same["mutual"]);
}

#[tokio::test]
async fn the_price_cap_is_exact() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let needed = buyer.publish(need()).await;
    let at = |amount: &str, more: Value| {
        with(&with(&offer(), json!({"price": {"amount": amount, "currency": "CNY"}})), more)
    };
    let exact = seller.publish(at("0.8", json!({}))).await;
    let above = seller.publish(at("0.800001", json!({}))).await;
    // 1600 a carton of 2000 is 0.8 a piece.
    let carton = json!({"quantity": "25", "unit_code": "XCT", "units_per_pack": "2000"});
    let packed = seller.publish(at("1600", carton.clone())).await;
    let dear = seller.publish(at("1600.002", carton.clone())).await;
    let unknown = seller.publish(at("1600", with(&carton, json!({"units_per_pack": null})))).await;
    let page = buyer.matches(&needed).await;
    consistent(&page);
    let found: BTreeSet<Uuid> = listing_ids(&page["items"]).into_iter().collect();
    assert!([&exact, &packed].iter().all(|offer| found.contains(&id(offer))), "{page}");
    let missed: BTreeSet<_> = blockers(&page).into_iter().collect();
    assert_eq!(missed, BTreeSet::from([(id(&above), "price".to_owned()), (id(&dear), "price".to_owned())]));
    let of = |offer: &Value| {
        page["items"].as_array().unwrap().iter().find(|item| id(&item["listing"]) == id(offer)).cloned()
    };
    let packed = of(&packed).unwrap();
    assert_eq!((&packed["matchable_quantity"], &packed["unit_code"]), (&json!("20000"), &json!("H87")));
    assert_eq!(packed["partial"], false);
    let unknown = of(&unknown).unwrap_or_else(|| panic!("an unknown pack size passes, marked: {page}"));
    assert!(unknown.get("matchable_quantity").is_none(), "{unknown}");
    let marked = unknown["checks"].as_array().unwrap().iter().any(|check| check["outcome"] == "unknown");
    assert!(marked, "{unknown}");
}

#[tokio::test]
async fn near_misses_say_the_one_thing_in_the_readers_language() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let asked = json!({"needed_by": day(6), "service_radius_km": 500, "accepts_partial": false, "required_level": "verified",
        "attributes": {"standard": "YY 0469", "sterile": true, "expiry_date": day(300)}});
    let needed = buyer.publish(with(&need(), asked)).await;
    seller.claim(&crate::support::uscc::next()).await;
    let verify = format!("UPDATE enterprises SET status = 'verified' WHERE id = '{}'", seller.enterprise_id());
    app.database.execute(&verify).await;
    let base = with(
        &offer(),
        json!({"enterprise_id": seller.enterprise_id(), "attributes": {"standard": "YY 0469-2011",
        "sterile": true, "expiry_date": day(500)}, "available_from": day(0)}),
    );
    let attributes = |change: Value| json!({"attributes": with(&base["attributes"], change)});
    let changes = [
        ("price", json!({"price": {"amount": "0.81", "currency": "CNY"}})),
        ("time", json!({"available_from": day(7)})),
        ("quantity", json!({"quantity": "19999"})),
        ("minimum_order", json!({"min_order_quantity": "20001"})),
        ("distance", json!({"service_radius_km": 1, "location": {"type": "Point", "coordinates": [112.5, 34.3]}})),
        ("standard", attributes(json!({"standard": "YY/T 0969-2013"}))),
        ("sterile", attributes(json!({"sterile": false}))),
        ("shelf_life", attributes(json!({"expiry_date": day(299)}))),
    ];
    let fitting = seller.publish(base.clone()).await;
    let mut expected = BTreeSet::new();
    for (code, change) in changes {
        expected.insert((id(&seller.publish(with(&base, change)).await), code.to_owned()));
    }
    let other = app.member("unverified").await;
    let unverified = other.publish(with(&base, json!({"enterprise_id": other.enterprise_id()}))).await;
    expected.insert((id(&unverified), "offer_verified".to_owned()));
    // Two faults are one too many.
    let twice = json!({"price": {"amount": "0.81", "currency": "CNY"}, "quantity": "1"});
    seller.publish(with(&base, twice)).await;

    let english = buyer.matches(&needed).await;
    consistent(&english);
    assert_eq!(listing_ids(&english["items"]), [id(&fitting)]);
    assert_eq!(blockers(&english).into_iter().collect::<BTreeSet<_>>(), expected);
    let chinese = buyer.get(&format!("{}/matches", path(&needed))).language("zh-CN").await.expect(200).json();
    let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let texts = |page: &Value| -> Vec<String> {
        let near = page["near_misses"].as_array().unwrap().iter().map(|miss| &miss["blockers"][0]);
        let item = &page["items"][0];
        let all = near.chain(item["checks"].as_array().unwrap()).chain(item["factors"].as_array().unwrap());
        all.map(|one| one["text"].as_str().unwrap().to_owned()).collect()
    };
    for (english, chinese) in texts(&english).iter().zip(texts(&chinese)) {
        assert!(han(&chinese) && !han(english), "{english} / {chinese}");
        assert!(!english.contains('{') && !chinese.contains('{'), "{english} / {chinese}");
    }
    let price =
        english["near_misses"].as_array().unwrap().iter().find(|miss| miss["blockers"][0]["code"] == "price").unwrap();
    let (have, want) = (price["blockers"][0]["have"].as_str().unwrap(), price["blockers"][0]["want"].as_str().unwrap());
    assert!(have.contains("0.81") && want.contains("0.8") && !want.contains("0.81"), "{have} / {want}");
}

/// Nobody comes, and it is nobody's fault but one's own: that is told, and goes when it is mended.
#[tokio::test]
async fn what_fails_with_whoever_comes_is_said_of_the_listing_itself() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let needed = buyer.publish(need()).await;
    let dated =
        |days: i64| json!({"attributes": {"certificate_number": "20203400057", "certificate_valid_to": day(days)}});
    let offered = seller.publish(with(&offer(), dated(-3))).await;
    let page = seller.matches(&offered).await;
    assert_eq!(page["items"], json!([]));
    let own = &page["blockers"][0];
    assert_eq!(
        (&own["code"], &own["outcome"], &own["have"]),
        (&json!("certificate"), &json!("fail"), &json!(day(-3))),
        "{page}"
    );
    assert!(own["text"].as_str().is_some_and(|text| !text.is_empty()), "{page}");
    assert_eq!(page["blockers"].as_array().map(Vec::len), Some(1), "{page}");

    seller.patch(&path(&offered)).if_match("*").json(dated(90)).await.expect(200);
    let page = seller.matches(&offered).await;
    assert_eq!(listing_ids(&page["items"]), [id(&needed)]);
    assert!(page.get("blockers").is_none(), "{page}");

    // Somebody who asks for no papers, or needs it soon, may take these.
    let undated =
        json!({"attributes": {"certificate_number": "20203400057"}, "price": {"amount": "99", "currency": "CNY"}});
    let ending = json!({"attributes": {"expiry_date": day(30)}, "price": {"amount": "99", "currency": "CNY"},
        "delivery_period": {"start": day(0), "end": day(60)}});
    for terms in [undated, ending] {
        let dear = seller.publish(with(&offer(), terms)).await;
        let page = seller.matches(&dear).await;
        assert_eq!(page["items"], json!([]), "{page}");
        assert!(page.get("blockers").is_none(), "{page}");
    }

    let goods = json!({"side": "offer", "kind": "material", "title": "ethanol 95%", "category": "material.chemical", "quantity": "900",
        "unit_code": "KGM", "attributes": {"hazard_class": "3"}});
    let unlicensed = seller.publish(goods).await;
    let page = seller.get(&format!("{}/matches?explain=none", path(&unlicensed))).await.expect(200).json();
    assert_eq!(page["blockers"][0]["code"], "hazard_licence", "{page}");
    assert!(page["blockers"][0].get("text").is_none(), "{page}");
}

#[tokio::test]
async fn a_substitute_only_where_it_is_welcome() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let offered = seller.publish(offer()).await;
    let medical =
        |accepts: bool| with(&need(), json!({"category": "ppe.mask.medical", "accepts_substitutes": accepts}));
    let open = buyer.publish(medical(true)).await;
    assert_eq!(listing_ids(&buyer.matches(&open).await["items"]), [id(&offered)]);
    let strict = buyer.publish(medical(false)).await;
    let page = buyer.matches(&strict).await;
    assert_eq!(blockers(&page), [(id(&offered), "substitute".to_owned())]);
    // The other way round there is no substitution: a single-use mask is no surgical one.
    let lesser = seller.publish(with(&offer(), json!({"category": "ppe.mask.medical"}))).await;
    let surgical = buyer.publish(with(&need(), json!({"accepts_substitutes": true}))).await;
    let found = buyer.matches(&surgical).await;
    assert!(!listing_ids(&found["items"]).contains(&id(&lesser)), "{found}");
    assert!(!listing_ids(&found["near_misses"]).contains(&id(&lesser)), "{found}");
}

#[tokio::test]
async fn a_variety_outside_the_line_of_parents_is_what_is_asked_for() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let steel = |side: &str, category: &str| json!({"side": side, "kind": "material", "title": "HRB400E", "category": category});
    let rebar = seller.publish(steel("offer", "material.metal.rebar")).await;
    let any = seller.publish(steel("offer", "material.metal.steel")).await;
    let outcome = |page: &Value, offer: &Value| {
        let items = page["items"].as_array().unwrap();
        let found = items.iter().find(|found| found["listing"]["id"] == offer["id"])?;
        let checks = found["checks"].as_array().unwrap();
        checks.iter().find(|check| check["code"] == "category").map(|check| check["outcome"].clone())
    };
    let wanted = buyer.publish(steel("need", "material.metal.steel")).await;
    let page = buyer.matches(&wanted).await;
    assert_eq!((outcome(&page, &rebar), outcome(&page, &any)), (Some(json!("pass")), Some(json!("pass"))), "{page}");
    let wanted = buyer.publish(steel("need", "material.metal.rebar")).await;
    let page = buyer.matches(&wanted).await;
    assert_eq!((outcome(&page, &rebar), outcome(&page, &any)), (Some(json!("pass")), Some(json!("unknown"))), "{page}");
    // Both are steel, and no more than that.
    let wanted = buyer.publish(steel("need", "material.metal.stainless")).await;
    assert_eq!(outcome(&buyer.matches(&wanted).await, &rebar), None);
    // By category as by words.
    for query in ["category=material.metal.steel", "q=steel"] {
        let found = app.anonymous().get(&format!("/v1/listings?{query}")).await.expect(200).json();
        assert!(ids(&found).contains(&id(&rebar)), "{query}: {found}");
    }
}

#[tokio::test]
async fn a_preview_is_what_the_saved_listing_will_see() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    for price in ["0.5", "0.7", "0.9"] {
        seller.publish(with(&offer(), json!({"price": {"amount": price, "currency": "CNY"}}))).await;
    }
    app.load().await;
    let preview = |body: Value| buyer.post("/v1/matches/preview?limit=100").language("en").json(body);
    let before = app.database.count("SELECT count(*) FROM listings").await;
    let previewed = preview(need()).await.expect(200).json();
    assert_eq!(app.database.count("SELECT count(*) FROM listings").await, before, "nothing is saved");
    let draft = buyer.draft(need()).await;
    let saved = buyer.matches(&draft).await;
    assert_eq!((listing_ids(&saved["items"]).len(), blockers(&saved).len()), (2, 1));
    assert_eq!(timeless(&previewed), timeless(&saved));

    let problem = preview(with(&need(), json!({"unit_code": "TNE"}))).await.problem(422, "invalid");
    assert_eq!(crate::support::faults(&problem), [("/unit_code".to_owned(), "unit_not_of_category".to_owned())]);
    app.anonymous().post("/v1/matches/preview").json(need()).await.problem(401, "token_required");
    preview(with(&need(), json!({"enterprise_id": seller.enterprise_id()}))).await.problem(403, "not_trader");
    let few = buyer.get(&format!("{}/matches?limit=1", path(&draft))).await.expect(200).json();
    assert_eq!(few["items"].as_array().unwrap().len(), 1);
    buyer.get(&format!("{}/matches?limit=101", path(&draft))).await.problem(400, "parameters_invalid");
}

#[tokio::test]
async fn who_withdraws_or_is_not_meant_is_not_shown() {
    let app = TestApp::start().await;
    let (buyer, seller, trusted) =
        (app.member("buyer").await, app.member("seller").await, app.verified("trusted").await);
    let needed = buyer.publish(need()).await;
    let offered = seller.publish(offer()).await;
    let own = buyer.publish(offer()).await;
    let reserved = trusted.publish(with(&offer(), json!({"visibility": "verified"}))).await;
    assert_eq!(listing_ids(&buyer.matches(&needed).await["items"]), [id(&offered)], "nobody deals with himself");
    assert!(listing_ids(&trusted.matches(&reserved).await["items"]).contains(&id(&needed)));
    seller.act(&offered, "withdraw").await.expect(200);
    let page = buyer.matches(&needed).await;
    assert_eq!((&page["items"], &page["near_misses"]), (&json!([]), &json!([])));
    buyer.matches(&own).await;
}

#[tokio::test]
async fn listings_are_shown_as_they_are_stored_also_where_the_index_is_behind() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let wanted = buyer.publish(need()).await;
    let offered = seller.publish(offer()).await;
    app.load().await;
    // No event tells the index of these.
    let store = async |change: &str| {
        app.database.execute(&format!("UPDATE listings SET {change} WHERE id = '{}'", id(&offered))).await;
    };
    let shown = async || {
        let page = buyer.matches(&wanted).await;
        page["items"].as_array().unwrap().iter().map(|item| item["listing"].clone()).collect::<Vec<_>>()
    };
    let titled = |title: &str| format!("terms = jsonb_set(terms, '{{title}}', '\"{title}\"')");

    // Terms of the version stored are at hand: what has no version of its own is not looked at.
    store(&titled("改了")).await;
    assert_eq!(shown().await[0]["title"], offered["title"]);
    store(&format!("version = version + 1, {}", titled("又改了"))).await;
    let listings = shown().await;
    assert_eq!((&listings[0]["title"], &listings[0]["version"]), (&json!("又改了"), &json!(3)), "{listings:?}");
    assert_eq!(listings[0]["enterprise"], offered["enterprise"]);
    assert_eq!(listings[0]["remaining_quantity"], offered["remaining_quantity"]);

    let suspend =
        |status: &str| format!("UPDATE enterprises SET status = '{status}' WHERE id = '{}'", seller.enterprise_id());
    app.database.execute(&suspend("suspended")).await;
    assert_eq!(shown().await, Vec::<Value>::new(), "nothing of an enterprise that is suspended");
    app.database.execute(&suspend("pending")).await;
    assert_eq!(shown().await.len(), 1);
    store("version = version + 1, terms = jsonb_set(terms, '{visibility}', '\"invited\"')").await;
    assert_eq!(shown().await, Vec::<Value>::new());
}
