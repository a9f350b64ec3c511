//! What a listing must be: shapes by kind, and what must fit together. Every fault is told at once, with its place.

use serde_json::{Value, json};

use crate::support::market::{day, instant, need, offer, with};
use crate::support::{Member, TestApp, faults};

async fn faults_of(member: &Member, listing: &Value) -> Vec<(String, String)> {
    faults(&member.post("/v1/listings").json(listing.clone()).await.problem(422, "invalid"))
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(place, code)| (place.to_string(), code.to_string())).collect()
}

/// Every attribute of every kind.
fn attributes() -> Vec<(&'static str, Value)> {
    let period = json!({"start": day(1), "end": day(20)});
    vec![
        ("material", json!({"grade": "GCr15", "origin": "洛阳", "hazard_class": "5.1"})),
        (
            "ppe",
            json!({"standard": "GB 19083-2010", "use_class": "medical", "sterile": true, "expiry_date": day(400),
                "certificate_number": "国械注准20203400057", "certificate_valid_to": day(900)}),
        ),
        (
            "labor",
            json!({"occupation": "焊工", "headcount": 20, "certificates": ["焊工操作证"], "shift": "night", "period": period, "pay": {"amount": "28",
                "currency": "CNY", "per": "HUR", "mode": "negotiable", "tax_included": true, "delivery": "ex_works"},
                "lodging": true, "meals": false, "pickup": true, "commute_limit_km": 30, "arrangement": "lend"}),
        ),
        (
            "transport",
            json!({"stops": [{"region_code": "410305", "address": "东门"},
                {"location": {"type": "Point", "coordinates": [114.3, 30.5]}}], "pickup_window": period, "mode": "sea_rail",
                "vehicle": "9.6 米厢车", "cargo": "轴承", "passengers": 40, "seats": 49, "weight_kg": "8000.5", "volume_m3": "30",
                "hazard_class": "3", "temperature": {"min": 2, "max": 8}, "schedule": "每天 07:30", "return_leg": true,
                "shared_load": false, "passes": ["豫C 通行证"], "teu": 4, "hazard_classes": ["3", "5.1"], "max_detour_km": 80,
                "timetable": {"from": {"name": "圃田站", "region_code": "410104"}, "to": {"name": "Busan",
                    "location": {"type": "Point", "coordinates": [128.79, 35.08]}}, "weekdays": [2, 5],
                    "departure_time": "20:00", "transit_hours": 70, "cut_off_hours": 6, "handling_hours": 8, "capacity": "50"}}),
        ),
        ("equipment", json!({"mode": "rent", "model": "CK6150", "period": period})),
        (
            "finance",
            json!({"amount": {"amount": "2000000", "currency": "CNY"}, "minimum_amount": "100000", "purpose": "流动资金", "term_months": 12,
                "collateral": "厂房", "highest_rate": "4.35"}),
        ),
        ("technology", json!({"readiness_level": 7, "licence": "非独占许可"})),
        ("service", json!({"service": "disinfection", "capacity_per_day": "20000", "period": period})),
    ]
}

fn of_kind(kind: &str, attributes: &Value) -> Value {
    json!({"side": "offer", "title": "示范", "kind": kind, "attributes": attributes})
}

#[tokio::test]
async fn every_kind_keeps_its_attributes() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    for (kind, attributes) in attributes() {
        let listing = wang.draft(of_kind(kind, &attributes)).await;
        assert_eq!((&listing["kind"], &listing["attributes"]), (&json!(kind), &attributes));
    }
}

#[tokio::test]
async fn attributes_of_other_kinds_are_refused_by_name() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    for (kind, own) in attributes() {
        assert_eq!(
            faults_of(&wang, &of_kind(kind, &json!({"colour": 1}))).await,
            pairs(&[("/attributes/colour", "unknown_field")])
        );
        for (other, foreign) in attributes().into_iter().filter(|(other, _)| *other != kind) {
            let mut foreign = foreign;
            foreign.as_object_mut().unwrap().retain(|name, _| own.get(name).is_none());
            let names = foreign.as_object().unwrap().keys();
            let mut expected: Vec<_> =
                names.map(|name| (format!("/attributes/{name}"), "unknown_field".to_owned())).collect();
            expected.sort();
            assert_eq!(faults_of(&wang, &of_kind(kind, &foreign)).await, expected, "{other} of {kind}");
        }
    }
    let without_kind = json!({"side": "offer", "title": "医用外科口罩", "attributes": {"sterile": true}});
    assert_eq!(faults_of(&wang, &without_kind).await, pairs(&[("/kind", "required")]));
    assert_eq!(app.database.count("SELECT count(*) FROM listings").await, 0);
}

#[tokio::test]
async fn a_kind_or_attributes_of_null_are_left_out() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let masks = json!({"side": "offer", "title": "医用外科口罩", "kind": null, "attributes": null});
    assert_eq!(wang.draft(masks.clone()).await["kind"], "ppe");
    let stated = json!({"side": "offer", "title": "医用外科口罩", "kind": "ppe", "attributes": null});
    assert_eq!(wang.draft(stated.clone()).await["attributes"], json!({}));
    let batch = wang.post("/v1/listings/batch").json(json!({"listings": [masks, stated]})).await;
    assert_eq!(batch.expect(201).json()["items"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn all_that_does_not_fit_is_told_at_once_in_both_languages() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let crossed = json!({"side": "offer", "kind": "ppe", "title": "  ", "category": "ppe.mask.surgical", "quantity": "10",
        "quantity_basis": "per_day", "unit_code": "KGM", "units_per_pack": "50", "min_order_quantity": "20",
        "lot_multiple": "0", "price": {"amount": "1000000001", "currency": "XXQ", "per": "ZZZ", "tax_rate": "101"},
        "max_price": {"amount": "1", "currency": "QQQ"}, "needed_by": day(-1), "valid_until": instant(-1000),
        "delivery_period": {"start": day(9), "end": day(8)}, "region_code": "999999",
        "specs": [{"name": "克重"}, {"name": "幅宽", "min": "5", "max": "3"}]});
    let post = |language: &'static str| wang.post("/v1/listings").language(language).json(crossed.clone());
    let (chinese, english) = (post("zh-CN").await.problem(422, "invalid"), post("en").await.problem(422, "invalid"));
    let expected = pairs(&[
        ("/delivery_period/end", "end_before_start"),
        ("/lot_multiple", "not_positive"),
        ("/max_price", "only_on_needs"),
        ("/max_price/currency", "currency_unknown"),
        ("/min_order_quantity", "more_than_quantity"),
        ("/needed_by", "in_the_past"),
        ("/needed_by", "only_on_needs"),
        ("/price/amount", "too_large"),
        ("/price/currency", "currency_unknown"),
        ("/price/per", "unit_unknown"),
        ("/price/tax_rate", "too_large"),
        ("/region_code", "region_unknown"),
        ("/specs/0", "spec_empty"),
        ("/specs/1/max", "max_below_min"),
        ("/title", "blank"),
        ("/unit_code", "unit_not_of_category"),
        ("/units_per_pack", "not_a_pack"),
        ("/valid_until", "in_the_past"),
    ]);
    assert_eq!(faults(&chinese), expected);
    assert_eq!(faults(&english), expected);
    let han = |problem: &Value| {
        let errors = problem["errors"].as_array().unwrap().clone();
        let has =
            |fault: &Value| fault["detail"].as_str().unwrap().chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        (errors.len(), errors.iter().filter(|fault| has(fault)).count())
    };
    assert_eq!(han(&chinese), (18, 18), "{chinese}");
    assert_eq!(han(&english), (18, 0), "{english}");
    assert!(!english.to_string().contains('{') || !english["errors"].to_string().contains("{maximum}"), "{english}");
}

#[tokio::test]
async fn one_rule_at_a_time() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let (need, offer) = (|changes| with(&need(), changes), |changes| with(&offer(), changes));
    let kind = |kind: &str, attributes: Value| of_kind(kind, &attributes);
    let reversed = json!({"start": day(2), "end": day(1)});
    let cases: Vec<(Value, &[(&str, &str)])> = vec![
        (need(json!({"price": {"amount": "1", "currency": "CNY"}})), &[("/price", "only_on_offers")]),
        (need(json!({"available_from": day(1)})), &[("/available_from", "only_on_offers")]),
        (offer(json!({"max_price": {"amount": "1", "currency": "CNY"}})), &[("/max_price", "only_on_needs")]),
        (need(json!({"needed_by": day(-1)})), &[("/needed_by", "in_the_past")]),
        (need(json!({"needed_by": "2027-02-30"})), &[("/needed_by", "format")]),
        (need(json!({"valid_until": instant(367 * 86_400_000)})), &[("/valid_until", "too_far_ahead")]),
        (need(json!({"max_price": {"amount": "1", "currency": "rmb"}})), &[("/max_price/currency", "pattern")]),
        (
            need(json!({"max_price": {"amount": "1", "currency": "RMB"}})),
            &[("/max_price/currency", "currency_unknown")],
        ),
        (need(json!({"max_price": {"amount": "-1", "currency": "CNY"}})), &[("/max_price/amount", "not_a_decimal")]),
        (need(json!({"max_price": {"amount": "1"}})), &[("/max_price/currency", "required")]),
        (need(json!({"quantity": 20})), &[("/quantity", "wrong_type")]),
        (need(json!({"quantity": "0"})), &[("/quantity", "not_positive")]),
        (need(json!({"quantity": "1000000000001"})), &[("/quantity", "too_large")]),
        (need(json!({"quantity": "1.0000001"})), &[("/quantity", "not_a_decimal")]),
        (need(json!({"unit_code": "ZZZ"})), &[("/unit_code", "unit_unknown")]),
        (need(json!({"unit_code": "TNE"})), &[("/unit_code", "unit_not_of_category")]),
        (need(json!({"units_per_pack": "50"})), &[("/units_per_pack", "not_a_pack")]),
        (need(json!({"category": "ppe.nothing"})), &[("/category", "category_unknown")]),
        (
            need(json!({"category": "material.metal.powder"})),
            &[("/category", "category_of_other_kind"), ("/unit_code", "unit_not_of_category")],
        ),
        (need(json!({"min_order_quantity": "20001"})), &[("/min_order_quantity", "more_than_quantity")]),
        (
            need(json!({"quantity_basis": "per_day", "delivery_period": {"start": day(1), "end": day(401)}})),
            &[("/delivery_period", "too_many_periods")],
        ),
        (need(json!({"specs": [{"name": "a", "value": "1", "colour": 2}]})), &[("/specs/0/colour", "unknown_field")]),
        (need(json!({"payment_terms": ["later"]})), &[("/payment_terms/0", "not_one_of")]),
        (need(json!({"required_credentials": ["Business"]})), &[("/required_credentials/0", "pattern")]),
        (need(json!({"service_radius_km": 0})), &[("/service_radius_km", "too_small")]),
        (need(json!({"service_regions": ["410300", "999999", "河南"]})), &[("/service_regions/2", "pattern")]),
        (need(json!({"service_regions": ["410300", "999999"]})), &[("/service_regions/1", "region_unknown")]),
        (need(json!({"kind": "goods"})), &[("/kind", "not_one_of")]),
        (need(json!({"side": "wish"})), &[("/side", "not_one_of")]),
        (
            need(json!({"status": "published", "version": 3})),
            &[("/status", "unknown_field"), ("/version", "unknown_field")],
        ),
        (
            json!({"side": "offer", "kind": "material", "title": "杂件", "price": {"amount": "1", "currency": "CNY"}}),
            &[("/unit_code", "unit_required")],
        ),
        (
            kind("labor", json!({"period": reversed, "pay": {"amount": "1", "currency": "XXQ"}})),
            &[("/attributes/pay/currency", "currency_unknown"), ("/attributes/period/end", "end_before_start")],
        ),
        (
            kind("transport", json!({"temperature": {"min": 8, "max": 2}, "pickup_window": reversed})),
            &[("/attributes/pickup_window/end", "end_before_start"), ("/attributes/temperature/max", "max_below_min")],
        ),
        (kind("labor", json!({"certificates": ["焊工证", ""]})), &[("/attributes/certificates/1", "too_short")]),
        (
            with(
                &kind("labor", json!({"arrangement": "lend"})),
                json!({"unit_code": "IE", "price": {"amount": "1", "currency": "CNY"}}),
            ),
            &[("/price", "lent_at_cost")],
        ),
        (
            kind("finance", json!({"minimum_amount": "2", "highest_rate": "101"})),
            &[("/attributes/amount", "required"), ("/attributes/highest_rate", "too_large")],
        ),
        (
            kind("finance", json!({"amount": {"amount": "1", "currency": "CNY"}, "minimum_amount": "2"})),
            &[("/attributes/minimum_amount", "more_than_amount")],
        ),
        (kind("equipment", json!({"period": reversed})), &[("/attributes/period/end", "end_before_start")]),
        (kind("service", json!({"period": reversed})), &[("/attributes/period/end", "end_before_start")]),
        (
            kind("finance", json!({"amount": {"amount": "1", "currency": "XXQ"}})),
            &[("/attributes/amount/currency", "currency_unknown")],
        ),
        (kind("technology", json!({"readiness_level": 10})), &[("/attributes/readiness_level", "too_large")]),
        (kind("ppe", json!({"use_class": "veterinary"})), &[("/attributes/use_class", "not_one_of")]),
        (
            kind("transport", json!({"stops": [{"region_code": "999999"}]})),
            &[("/attributes/stops/0/region_code", "region_unknown")],
        ),
        (
            kind(
                "transport",
                json!({"timetable": {"from": {"region_code": "410100"}, "to": {"name": "Busan", "region_code": "KR"},
                "transit_hours": 0, "departure_time": "25:00"}}),
            ),
            &[
                ("/attributes/timetable/departure_time", "pattern"),
                ("/attributes/timetable/transit_hours", "too_small"),
            ],
        ),
        (
            kind(
                "transport",
                json!({"timetable": {"from": {"region_code": "410100"}, "to": {"name": "Busan", "region_code": "KR"},
                "transit_hours": 9, "capacity": "0"}}),
            ),
            &[
                ("/attributes/timetable", "departures_required"),
                ("/attributes/timetable/capacity", "not_positive"),
                ("/attributes/timetable/from/name", "required"),
                ("/attributes/timetable/to", "terminal_place_required"),
            ],
        ),
    ];
    for (listing, expected) in cases {
        assert_eq!(faults_of(&wang, &listing).await, pairs(expected), "{listing}");
    }
    let fine = [
        need(json!({"needed_by": day(0), "valid_until": instant(365 * 86_400_000), "quantity": "1000000000000"})),
        need(json!({"unit_code": "XBX", "units_per_pack": "50"})),
        need(json!({"max_price": null, "quantity": null})),
        offer(json!({"price": {"amount": "0", "currency": "CNY"}, "min_order_quantity": "50000"})),
    ];
    for listing in fine {
        wang.draft(listing).await;
    }
}
