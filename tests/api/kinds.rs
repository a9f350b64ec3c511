//! Labor, finance, equipment, technology and service: what fits, what nearly does, and what is said about it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::market::{day, listing_ids, path, with};
use crate::support::{Member, TestApp, id};

fn blockers(page: &Value) -> BTreeSet<(Uuid, String)> {
    let near = page["near_misses"].as_array().unwrap().iter();
    near.map(|miss| (id(&miss["listing"]), miss["blockers"][0]["code"].as_str().unwrap().to_owned())).collect()
}

fn changed(base: &Value, change: &Value) -> Value {
    let attributes = change.get("attributes").map(|attributes| with(&base["attributes"], attributes.clone()));
    let merged = with(base, change.clone());
    attributes.map_or(merged.clone(), |attributes| with(&merged, json!({"attributes": attributes})))
}

/// The offer fits, each change of it misses by the one check named, and both sides see the same.
async fn expect(kind: &str, need: Value, offer: Value, misses: &[(&str, Value)], sentences: &[(&str, &str, &str)]) {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.verified("buyer").await, app.verified("seller").await);
    let of_kind = |side: &str, listing: Value| with(&listing, json!({"side": side, "kind": kind}));
    let needed = buyer.publish(of_kind("need", need)).await;
    let base = of_kind("offer", offer);
    let fitting = seller.publish(base.clone()).await;
    let mut expected = BTreeSet::new();
    let mut offers = vec![];
    for (code, change) in misses {
        let offered = seller.publish(changed(&base, change)).await;
        expected.insert((id(&offered), (*code).to_owned()));
        offers.push(offered);
    }
    let page = buyer.matches(&needed).await;
    assert_eq!(listing_ids(&page["items"]), [id(&fitting)], "{page:#}");
    assert_eq!(blockers(&page), expected, "{:#}", page["near_misses"]);
    for (offered, (code, _)) in offers.iter().zip(misses) {
        let seen = seller.matches(offered).await;
        assert_eq!(blockers(&seen), BTreeSet::from([(id(&needed), (*code).to_owned())]));
        assert!(seen["items"].as_array().unwrap().is_empty());
    }
    assert_eq!(listing_ids(&seller.matches(&fitting).await["items"]), [id(&needed)]);
    for (code, chinese, english) in sentences {
        for (language, part) in [("zh-CN", chinese), ("en", english)] {
            let text = sentence(&buyer, &needed, code, language).await;
            assert!(text.contains(part), "{code} {language}: {text}");
        }
    }
}

/// About the near miss of that code.
async fn sentence(member: &Member, listing: &Value, code: &str, language: &'static str) -> String {
    let page = member.get(&format!("{}/matches", path(listing))).language(language).await.expect(200).json();
    let near = page["near_misses"].as_array().unwrap().clone();
    let blocker = near.into_iter().map(|miss| miss["blockers"][0].clone()).find(|blocker| blocker["code"] == code);
    blocker.unwrap_or_else(|| panic!("{code}: {page}"))["text"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn workers() {
    let period = json!({"start": day(2), "end": day(31)});
    let need = json!({"category": "labor.skilled.welder", "title": "焊工 10 名", "quantity": "10", "unit_code": "IE",
        "quantity_basis": "per_day", "delivery_period": period, "attributes": {"occupation": "焊工", "certificates": ["焊工操作证"],
        "shift": "day", "pay": {"amount": "240", "currency": "CNY", "per": "DAY"}, "lodging": false, "meals": true,
        "commute_limit_km": 50, "arrangement": "hire"}});
    let offer = json!({"category": "labor.skilled.welder", "title": "Welders", "quantity": "80", "unit_code": "LH",
        "quantity_basis": "per_day", "delivery_period": period, "attributes": {"occupation": "welders",
        "certificates": ["焊工证", "健康证"], "shift": "flexible", "meals": true, "arrangement": "hire",
        "pay": {"amount": "30", "currency": "CNY", "per": "HUR"}}});
    let attributes = |change: Value| json!({ "attributes": change });
    let misses = [
        ("occupation", attributes(json!({"occupation": "厨师"}))),
        ("qualification", attributes(json!({"certificates": ["健康证"]}))),
        ("shift", attributes(json!({"shift": "night"}))),
        ("labor_arrangement", attributes(json!({"arrangement": "lend"}))),
        ("pay", attributes(json!({"pay": {"amount": "5300", "currency": "CNY", "per": "MON"}}))),
        ("lodging", attributes(json!({"lodging": true}))),
        ("commute", json!({"location": {"type": "Point", "coordinates": [113.4, 34.6]}, "region_code": "410300"})),
        ("need_area", json!({"service_regions": ["410100"]})),
    ];
    let sentences = [
        ("shift", "夜班", "Night"),
        ("labor_arrangement", "借出", "Lend"),
        ("lodging", "住宿", "Lodging"),
        ("need_area", "郑州", "Zhengzhou"),
    ];
    let located = json!({"location": {"type": "Point", "coordinates": [112.45, 34.62]}, "region_code": "410300"});
    expect("labor", with(&need, located.clone()), with(&offer, located), &misses, &sentences).await;
}

#[tokio::test]
async fn money() {
    let sum = |amount: &str| json!({"amount": amount, "currency": "CNY"});
    let need = json!({"category": "finance.loan.working", "title": "流动资金贷款", "quantity": "1", "unit_code": "C62",
        "attributes": {"amount": sum("2000000"), "term_months": 12, "highest_rate": "4.35", "collateral": "信用"}});
    let offer = json!({"category": "finance.loan.working", "title": "流贷", "quantity": "50", "unit_code": "C62",
        "attributes": {"amount": sum("5000000"), "minimum_amount": "100000", "term_months": 24, "highest_rate": "3.9",
        "collateral": "信用或抵押"}});
    let attributes = |change: Value| json!({ "attributes": change });
    let misses = [
        ("amount", attributes(json!({"amount": sum("1999999")}))),
        ("amount", attributes(json!({"minimum_amount": "2000001"}))),
        ("term", attributes(json!({"term_months": 11}))),
        ("rate", attributes(json!({"highest_rate": "4.36"}))),
        ("collateral", attributes(json!({"collateral": "房产抵押"}))),
    ];
    let sentences = [("rate", "4.36", "4.36"), ("term", "期限", "Term"), ("collateral", "房产抵押", "Collateral")];
    expect("finance", need, offer, &misses, &sentences).await;
}

#[tokio::test]
async fn machines() {
    let need = json!({"category": "equipment.lifting.crane", "title": "塔吊 QTZ80", "quantity": "2", "unit_code": "H87",
        "attributes": {"mode": "rent", "model": "QTZ80", "period": {"start": day(5), "end": day(35)}}});
    let offer = json!({"category": "equipment.lifting.crane", "title": "塔吊", "quantity": "4", "unit_code": "H87",
        "attributes": {"mode": "rent", "model": "QTZ-80", "period": {"start": day(1), "end": day(90)}}});
    let attributes = |change: Value| json!({ "attributes": change });
    let misses = [
        ("equipment_mode", attributes(json!({"mode": "sale"}))),
        ("model", attributes(json!({"model": "QTZ63"}))),
        ("period", attributes(json!({"period": {"start": day(1), "end": day(30)}}))),
    ];
    let sentences = [("equipment_mode", "出租", "Rent"), ("model", "QTZ63", "QTZ63")];
    expect("equipment", need, offer, &misses, &sentences).await;
}

#[tokio::test]
async fn knowledge() {
    let need = json!({"category": "technology.patent", "title": "口罩机图纸",
        "attributes": {"readiness_level": 8, "licence": "独占许可"}});
    let offer = json!({"category": "technology.patent", "title": "口罩机图纸",
        "attributes": {"readiness_level": 9, "licence": "专利转让"}});
    let attributes = |change: Value| json!({ "attributes": change });
    let misses = [
        ("readiness_level", attributes(json!({"readiness_level": 7}))),
        ("licence", attributes(json!({"licence": "普通许可"}))),
        ("need_area", json!({"service_regions": ["110000", "DE"]})),
    ];
    let sentences = [("readiness_level", "技术成熟度", "Readiness"), ("licence", "普通许可", "Licence")];
    expect("technology", need, offer, &misses, &sentences).await;
}

#[tokio::test]
async fn services() {
    let need = json!({"category": "service.testing.nucleic_acid", "title": "核酸检测", "quantity": "1000", "unit_code": "E53",
        "accepts_partial": false, "needed_by": day(9), "service_regions": ["410000"],
        "attributes": {"service": "testing", "capacity_per_day": "100", "period": {"start": day(1), "end": day(9)}}});
    let offer = json!({"category": "service.testing.nucleic_acid", "title": "核酸检测", "quantity": "3000", "unit_code": "E53",
        "available_from": day(0), "attributes": {"service": "testing", "capacity_per_day": "300",
        "period": {"start": day(0), "end": day(60)}}});
    let attributes = |change: Value| json!({ "attributes": change });
    let misses = [
        ("daily_capacity", attributes(json!({"capacity_per_day": "99"}))),
        ("period", attributes(json!({"period": {"start": day(10), "end": day(60)}}))),
        ("offer_area", json!({"region_code": "420106"})),
        ("quantity", json!({"quantity": "999"})),
    ];
    let sentences = [("daily_capacity", "日处理能力", "Daily capacity"), ("offer_area", "河南", "Henan")];
    expect("service", need, offer, &misses, &sentences).await;
}

#[tokio::test]
async fn heads_and_daily_capacity_count_where_no_quantity_is_stated() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.verified("buyer").await, app.verified("seller").await);
    let period = json!({"start": day(1), "end": day(10)});
    let labor = |side: &str, headcount: u32| {
        json!({"side": side, "kind": "labor", "category": "labor.skilled.welder", "title": "焊工",
            "attributes": {"headcount": headcount, "period": period}})
    };
    let needed = buyer.publish(labor("need", 20)).await;
    seller.publish(labor("offer", 5)).await;
    let item = buyer.matches(&needed).await["items"][0].clone();
    assert_eq!(
        (&item["matchable_quantity"], &item["unit_code"], &item["partial"]),
        (&json!("5"), &json!("IE"), &json!(true))
    );
}
