//! What titles and messages say becomes fields, says how surely and from where, and never stands in the way.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::market::{day, need, with};
use crate::support::{TestApp, faults};

/// Field → confidence and the characters it was read from.
fn told(listing: &Value) -> BTreeMap<String, (f64, Option<String>)> {
    let understood = listing["understood"].as_array().cloned().unwrap_or_default();
    let entry = |one: &Value| {
        let passage = one["passage"]["text"].as_str().map(str::to_owned);
        (one["field"].as_str().unwrap().to_owned(), (one["confidence"].as_f64().unwrap(), passage))
    };
    understood.iter().map(entry).collect()
}

#[tokio::test]
async fn a_title_alone_makes_a_listing() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let title = "急求医用外科口罩2万只，每只不超过0.8元，YY 0469-2011";
    let listing = wang.publish(json!({"side": "need", "title": title})).await;
    assert_eq!((&listing["quantity"], &listing["unit_code"]), (&json!("20000"), &json!("H87")), "{listing}");
    assert_eq!(listing["max_price"], json!({"amount": "0.8", "currency": "CNY"}));
    assert_eq!((&listing["category"], &listing["urgency"]), (&json!("ppe.mask.surgical"), &json!("high")));
    assert_eq!(listing["attributes"]["standard"], "YY 0469-2011");
    assert_eq!(listing["title"], title, "what was written stays as it was");
    let told = told(&listing);
    assert_eq!(told["quantity"].1.as_deref(), Some("2万只"));
    assert!(told["category"].0 > 0.3 && told.values().all(|(sure, _)| (0.0..=1.0).contains(sure)), "{told:?}");
    assert!(told["max_price"].1.as_deref().is_some_and(|text| text.contains("0.8元")), "{told:?}");
    // The characters are those of the title.
    for one in listing["understood"].as_array().unwrap().iter().filter(|one| one["source"] == "title") {
        let passage = &one["passage"];
        let (start, end) = (passage["start"].as_u64().unwrap() as usize, passage["end"].as_u64().unwrap() as usize);
        let text: String = title.chars().skip(start).take(end - start).collect();
        assert_eq!(passage["text"], text, "{one}");
    }
}

#[tokio::test]
async fn offers_say_price_pack_and_smallest_order() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let draft = |title: &str| wang.draft(json!({"side": "offer", "title": title}));
    let masks = draft("KN95口罩现货，50箱，每箱1000只，3.5元/只，500只起订").await;
    assert_eq!((&masks["quantity"], &masks["unit_code"]), (&json!("50"), &json!("XCT")), "{masks}");
    assert_eq!(masks["units_per_pack"], "1000");
    assert_eq!((&masks["price"]["amount"], &masks["price"]["per"]), (&json!("3.5"), &json!("H87")));
    assert!(masks.get("min_order_quantity").is_none(), "500 pieces are not 500 cartons: {masks}");
    let suits = draft("医用防护服，日产2000套，可供货").await;
    assert_eq!((&suits["quantity"], &suits["quantity_basis"]), (&json!("2000"), &json!("per_day")), "{suits}");
    assert!(suits["delivery_period"]["start"].is_string());
    let bottles = draft("75%酒精消毒液500ml*30瓶/箱，共200箱，捐赠").await;
    assert_eq!((&bottles["quantity"], &bottles["unit_code"]), (&json!("200"), &json!("XCT")), "{bottles}");
    assert_eq!((&bottles["units_per_pack"], &bottles["packed_unit_code"]), (&json!("30"), &json!("XBO")));
    assert_eq!(bottles["price"]["amount"], "0");
    assert_eq!(bottles["specs"][0]["value"], "500");
    let drums = draft("84消毒液20桶，每桶25公斤").await;
    assert_eq!((&drums["units_per_pack"], &drums["packed_unit_code"]), (&json!("25"), &json!("KGM")), "{drums}");
    wang.act(&drums, "publish").await.expect(200);
    let li = app.member("li").await;
    let wanted = li.publish(json!({"side": "need", "title": "84消毒液300公斤"})).await;
    let matches = li.matches(&wanted).await;
    assert_eq!(matches["items"][0]["matchable_quantity"], "300", "20 drums of 25 kg are 500 kg: {matches}");
    assert_eq!(wanted["unit_code"], "KGM", "{wanted}");
}

#[tokio::test]
async fn places_and_days_are_understood_where_they_say_more() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let draft = |title: &str| wang.draft(json!({"side": "need", "title": title}));
    let here = draft("洛阳急需护目镜100副").await;
    assert_eq!(here["region_code"], "410305", "the enterprise's district is known better: {here}");
    let there = draft("护目镜100副送到武汉市江汉区").await;
    assert_eq!((&there["region_code"], there.get("location")), (&json!("420103"), None), "{there}");
    let later = draft("护目镜100副，今天下单，五天内送到").await;
    assert_eq!(later["needed_by"], json!(day(5)), "of several days the latest: {later}");
    let soon = draft("护目镜100副，三天内要").await;
    assert_eq!(soon["needed_by"], json!(day(3)), "{soon}");
    let past = draft("护目镜100副，2020年3月5日前").await;
    assert!(past.get("needed_by").is_none(), "a day that has passed bars no posting: {past}");
    let route = wang.draft(json!({"side": "need", "title": "从洛阳到武汉货物运输30吨"})).await;
    assert_eq!(route["kind"], "transport", "{route}");
    let stops: Vec<&Value> =
        route["attributes"]["stops"].as_array().unwrap().iter().map(|s| &s["region_code"]).collect();
    assert_eq!(stops, [&json!("410300"), &json!("420100")], "{route}");
}

#[tokio::test]
async fn each_kind_counts_in_its_own_way() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let draft = |side: &str, title: &str| wang.draft(json!({"side": side, "title": title}));
    let lorries = draft("offer", "9.6米高栏车2辆，洛阳到西安，返程空车").await;
    assert_eq!((&lorries["quantity"], &lorries["unit_code"]), (&json!("2"), &json!("NV")), "{lorries}");
    let gift = json!({"side": "offer", "kind": "finance", "title": "定向捐赠款 100 万元，资助县级医院隔离病房改造"});
    let gift = wang.draft(gift).await;
    assert_eq!(gift["attributes"]["amount"]["amount"], "1000000", "a sum, and no price of nothing: {gift}");
    let loan = draft("need", "流动资金贷款300万元，一年期").await;
    assert_eq!(loan["attributes"]["amount"], json!({"amount": "3000000", "currency": "CNY"}), "{loan}");
    let welders = draft("need", "招电焊工10名，日薪350元，包吃住").await;
    assert_eq!((&welders["quantity"], &welders["unit_code"]), (&json!("10"), &json!("IE")), "{welders}");
    assert_eq!(welders["attributes"]["pay"]["amount"], "350", "{welders}");
    let site = draft("offer", "厂房消毒，每平米0.8元").await;
    assert_eq!((&site["unit_code"], &site["price"]["amount"]), (&json!("MTK"), &json!("0.8")), "{site}");
    let steel = draft("need", "轴承钢GCr15 φ50 30吨").await;
    assert_eq!((&steel["quantity"], &steel["unit_code"]), (&json!("30"), &json!("TNE")), "{steel}");
    // Suits are counted in 套 by one and in 件 by another: a set is one piece of what is traded.
    let suits = wang.publish(json!({"side": "offer", "title": "医用防护服 800件 现货"})).await;
    let li = app.member("li").await;
    let wanted = li.publish(json!({"side": "need", "title": "医用防护服500套"})).await;
    let matches = li.matches(&wanted).await;
    assert_eq!(
        (&matches["items"][0]["listing"]["id"], &wanted["unit_code"]),
        (&suits["id"], &json!("SET")),
        "{matches}"
    );
    assert_eq!(matches["items"][0]["matchable_quantity"], "500");
    let patent = draft("offer", "熔喷布专利技术转让 15万").await;
    assert!(patent.get("quantity").is_none(), "{patent}");
    let least = draft("offer", "医用外科口罩现货，500只起订").await;
    assert_eq!((&least["min_order_quantity"], &least["unit_code"]), (&json!("500"), &json!("H87")), "{least}");
    let tested = draft("need", "N95口罩5000只（GB19083-2010）").await;
    assert_eq!(tested["attributes"]["standard"], "GB 19083-2010", "{tested}");
    assert_eq!(tested["category"], "ppe.mask.medical_protective", "{tested}");
    let masks = draft("need", "N95口罩500只").await;
    assert!(masks["attributes"].get("standard").is_none(), "a name of goods is no standard: {masks}");
}

#[tokio::test]
async fn a_description_counts_only_where_it_is_about_the_same() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let draft = |description: &str| wang.draft(json!({"side": "need", "title": "隔离衣", "description": description}));
    let own = draft("500件，三天内要，送到武汉市江汉区").await;
    assert_eq!((&own["quantity"], &own["region_code"]), (&json!("500"), &json!("420103")), "{own}");
    let same = draft("一次性隔离衣 800件").await;
    assert_eq!(same["quantity"], "800", "{same}");
    let masks = draft("1. 医用防护口罩：符合 GB 19083-2010").await;
    assert!(masks["attributes"].get("standard").is_none(), "{masks}");
    let standard = draft("按 GB 19082-2009，需要检测报告").await;
    assert_eq!(standard["attributes"]["standard"], "GB 19082-2009", "{standard}");
    for description in
        ["另需奥司他韦胶囊 500盒", "雨衣2000套、冲锋衣500件", "2020.02.03更新：老楼需要电梯一部 2020.02.02更新"]
    {
        let other = draft(description).await;
        assert!(other.get("quantity").is_none() && other.get("max_price").is_none(), "{description}: {other}");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_let_go() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let ones = wang.draft(json!({"side": "offer", "title": "口罩100只，2000只起订"})).await;
    assert_eq!(ones["quantity"], "100", "{ones}");
    assert!(ones.get("min_order_quantity").is_none(), "more than there is: {ones}");
    let given = wang.draft(json!({"side": "need", "title": "口罩300箱", "quantity": "5", "unit_code": "H87"})).await;
    assert_eq!((&given["quantity"], &given["unit_code"]), (&json!("5"), &json!("H87")), "{given}");
    let half = wang.draft(json!({"side": "need", "title": "口罩300箱", "quantity": "300"})).await;
    assert_eq!(half["unit_code"], "XCT", "{half}");
    let other = wang.draft(json!({"side": "need", "title": "口罩300箱", "quantity": "7"})).await;
    assert_eq!(other["unit_code"], "H87", "another number is about another unit: {other}");
    let odd = wang.draft(json!({"side": "need", "title": "口罩3吨"})).await;
    assert!(odd.get("quantity").is_none() && odd["kind"] == "ppe", "{odd}");
}

#[tokio::test]
async fn a_message_becomes_drafts_that_can_be_posted() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let text = "口罩2000个、84消毒液20桶，额温枪5把，三天内送到涧西区";
    let answer = wang.post("/v1/listings/understand").json(json!({"text": text})).await.expect(200).json();
    let drafts = answer["drafts"].as_array().unwrap();
    let brief = |draft: &Value| {
        let listing = &draft["listing"];
        let field = |name: &str| listing[name].as_str().unwrap_or_default().to_owned();
        (field("side"), field("category"), field("quantity"), field("unit_code"), field("region_code"))
    };
    let expected = |category: &str, quantity: &str, unit: &str| {
        ("need".to_owned(), category.to_owned(), quantity.to_owned(), unit.to_owned(), "410305".to_owned())
    };
    assert_eq!(
        drafts.iter().map(brief).collect::<Vec<_>>(),
        [
            expected("ppe.mask", "2000", "H87"),
            expected("ppe.disinfectant.hypochlorite", "20", "XDR"),
            expected("ppe.thermometer.infrared", "5", "H87"),
        ]
    );
    assert!(drafts.iter().all(|draft| draft["missing"] == json!([])), "{answer}");
    assert_eq!(app.database.count("SELECT count(*) FROM listings").await, 0, "nothing is saved");

    let listings: Vec<Value> = drafts.iter().map(|draft| draft["listing"].clone()).collect();
    let body = json!({"publish": true, "listings": listings});
    let post = || wang.post("/v1/listings/batch").idempotency_key("message-1").json(body.clone());
    let posted = post().await.expect(201).json();
    let items = posted["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    assert!(items.iter().all(|item| item["status"] == "published" && item["needed_by"].is_string()), "{posted}");
    let again = post().await.expect(201);
    assert_eq!((again.header("idempotency-replayed"), again.json()), ("true", posted));
    assert_eq!(app.database.count("SELECT count(*) FROM listings").await, 3);
    assert_eq!(wang.get("/v1/listings?q=额温枪").await.expect(200).json()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_message_of_nothing_and_of_no_enterprise() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let understand = |body: Value| wang.post("/v1/listings/understand").json(body);
    let nothing = understand(json!({"text": "收到，谢谢大家！"})).await.expect(200).json();
    assert_eq!((&nothing["drafts"], &nothing["unclear"]), (&json!([]), &json!([])));
    let chat = "张三 10:23\n口罩2000个\n李四 10:24\n热风枪60把";
    let chat = understand(json!({"text": chat})).await.expect(200).json();
    let titles = |list: &str| -> Vec<Value> {
        chat[list].as_array().unwrap().iter().map(|draft| draft["listing"]["title"].clone()).collect()
    };
    assert_eq!((titles("drafts"), titles("unclear")), (vec![json!("口罩")], vec![json!("热风枪")]), "{chat}");
    let offered = understand(json!({"text": "口罩2000个", "side": "offer"})).await.expect(200).json();
    assert_eq!(offered["drafts"][0]["listing"]["side"], "offer");
    // What does not fit is let go in a draft as in a posting, so that the draft can be posted.
    let small = understand(json!({"text": "出售口罩100只，2000只起订"})).await.expect(200).json();
    let draft = &small["drafts"][0];
    assert_eq!((&draft["missing"], draft["listing"].get("min_order_quantity")), (&json!([]), None), "{small}");
    wang.post("/v1/listings").json(draft["listing"].clone()).await.expect(201);
    // What is too much for one reading is told, and can be sent again.
    let many: String = (1..=103).map(|count| format!("口罩{count}箱\n")).collect();
    let first = understand(json!({"text": many})).await.expect(200).json();
    assert_eq!(first["drafts"].as_array().map(Vec::len), Some(100));
    assert_eq!(first["rest"]["text"], "口罩101箱\n口罩102箱\n口罩103箱\n");
    let second = understand(json!({"text": first["rest"]["text"]})).await.expect(200).json();
    assert_eq!((second["drafts"].as_array().map(Vec::len), second.get("rest")), (Some(3), None));
    let problem = understand(json!({"text": "", "side": "buy"})).await.problem(422, "invalid");
    assert_eq!(
        faults(&problem),
        [("/side".to_owned(), "not_one_of".to_owned()), ("/text".to_owned(), "too_short".to_owned())]
    );
    let stranger = app.account("li").await;
    let alone =
        stranger.post("/v1/listings/understand").json(json!({"text": "急需口罩2000个"})).await.expect(200).json();
    let draft = &alone["drafts"][0];
    assert_eq!(draft["missing"][0]["pointer"], "/region_code", "{draft}");
    assert_eq!(draft["listing"]["quantity"], "2000");
    let of_wang = json!({"text": "口罩", "enterprise_id": wang.enterprise["id"]});
    stranger.post("/v1/listings/understand").json(of_wang).await.problem(403, "not_trader");
    app.anonymous().post("/v1/listings/understand").json(json!({"text": "口罩"})).await.problem(401, "token_required");
}

#[tokio::test]
async fn several_listings_are_posted_or_none() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let batch = |body: Value| wang.post("/v1/listings/batch").json(body);
    let faulty = json!({"listings": [need(), {"side": "need", "title": "一批东西"},
        with(&need(), json!({"quantity": "0", "needed_by": "2020-01-01"}))]});
    let problem = batch(faulty).await.problem(422, "invalid");
    let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    assert_eq!(
        faults(&problem),
        [
            fault("/listings/1/kind", "kind_not_understood"),
            fault("/listings/2/needed_by", "in_the_past"),
            fault("/listings/2/quantity", "not_positive"),
        ]
    );
    let shapes = json!({"listings": [with(&need(), json!({"kind": "nonsense"})), with(&need(), json!({"kind": "ppe",
        "quantity": 5, "attributes": {"sterile": "yes"}})), {"title": "口罩", "datum": "gcj02"}]});
    let problem = batch(shapes).await.problem(422, "invalid");
    assert_eq!(
        faults(&problem),
        [
            fault("/listings/0/kind", "not_one_of"),
            fault("/listings/1/attributes/sterile", "wrong_type"),
            fault("/listings/1/quantity", "wrong_type"),
            fault("/listings/2/side", "required"),
        ]
    );
    batch(json!({"listings": []})).await.problem(422, "invalid");
    let twins =
        json!({"listings": [with(&need(), json!({"external_id": "A"})), with(&need(), json!({"external_id": "A"}))]});
    let problem = batch(twins).await.problem(422, "invalid");
    assert_eq!(faults(&problem), [fault("/listings/1/external_id", "external_id_taken")]);
    assert_eq!(app.database.count("SELECT count(*) FROM listings").await, 0);
    let drafts = batch(json!({"listings": [need(), need()]})).await.expect(201).json();
    assert!(drafts["items"].as_array().unwrap().iter().all(|item| item["status"] == "draft"));
    let li = app.member("li").await;
    let foreign = json!({"listings": [need()], "enterprise_id": wang.enterprise["id"]});
    li.post("/v1/listings/batch").json(foreign).await.problem(403, "not_trader");
}

#[tokio::test]
async fn what_goods_are_used_for_is_not_what_they_are() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let draft = |title: &str, description: &str| {
        wang.draft(json!({"side": "offer", "title": title, "description": description}))
    };
    let drone =
        draft("Agricultural spraying drone, 30 L tank, RTK", "Also for outdoor disinfection of villages.").await;
    assert_eq!((&drone["kind"], drone.get("category")), (&json!("equipment"), None), "{drone}");
    // Where the title names nothing, the description may.
    let masks = draft("防疫必备 现货", "医用外科口罩").await;
    assert_eq!(masks["category"], "ppe.mask.surgical", "{masks}");
}
