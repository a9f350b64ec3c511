//! Counterfactuals come true, on every generated case; and some by hand.

use std::collections::BTreeMap;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value as Json, json};

use super::super::testing::*;
use super::super::*;
use super::explained::{Oracle, positions};

/// Of one sort and without demands on the other's enterprise, so that terms decide.
fn tame(item: &mut Item) {
    let mut terms = (*item.terms).clone();
    terms.category = Some("ppe.mask.particulate".into());
    terms.attributes = crate::domain::attributes::Attributes::Ppe(Default::default());
    terms.unit_code = Some("H87".into());
    terms.quantity_basis = Default::default();
    terms.delivery_period = None;
    terms.required_level = Default::default();
    terms.required_credentials = Vec::new();
    terms.valid_until = now() + chrono::TimeDelta::days(20);
    for price in [terms.price.as_mut().map(|p| &mut p.currency), terms.max_price.as_mut().map(|p| &mut p.currency)] {
        price.into_iter().for_each(|currency| *currency = "CNY".into());
    }
    item.terms = std::sync::Arc::new(terms);
}

#[test]
fn every_counterfactual_of_a_generated_market_comes_true() {
    let mut runner = TestRunner::deterministic();
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..100 {
        let mut items = any_items(40).new_tree(&mut runner).unwrap().current();
        let mut query = any_item(1).new_tree(&mut runner).unwrap().current();
        if round % 2 == 0 {
            items.iter_mut().for_each(tame);
            tame(&mut query);
        }
        all_come_true(&items, &query, World::of(&market_of(&items)), &mut told);
    }
    for field in
        ["/max_price/amount", "/price/amount", "/quantity", "/needed_by", "/service_radius_km", "/accepts_partial"]
    {
        let times: usize = told.iter().filter(|(name, _)| name.ends_with(field)).map(|(_, times)| times).sum();
        assert!(times > 3, "{field}: {told:#?}");
    }
}

/// Whatever is said of the best and of the near misses comes true; `told` counts it.
pub(super) fn all_come_true(items: &[Item], query: &Item, world: World, told: &mut BTreeMap<String, usize>) {
    let market = market_of(items);
    let ctx = world.context();
    let mut oracle = Oracle { market: market.clone(), query, ctx, shown: 6 };
    let rank = |query: &Item| positions(&find_matches(&market, query, 7, &ctx), &market);
    let what_if = WhatIf::new(query, &rank, 6, ctx);
    let outcome = find_matches(&market, query, 10, &ctx);
    let near =
        outcome.near_misses.iter().map(|n| (n.id, what_if.of_near_miss(market.get(n.id).unwrap(), &n.blockers[0])));
    let higher = outcome.matches.iter().map(|m| (m.id, what_if.of_match(market.get(m.id).unwrap())));
    for (id, list) in near.chain(higher) {
        for one in list {
            oracle.comes_true(id, &one);
            *told.entry(format!("{:?} {:?} {}", one.code, one.whose, one.field)).or_default() += 1;
        }
    }
}

/// `whose field from → to`, with rank and score aside.
fn told(query: Item, others: &[Item]) -> Vec<String> {
    told_in(&World::new(), query, others)
}

pub(super) fn told_in(world: &World, query: Item, others: &[Item]) -> Vec<String> {
    let market = market_of(others);
    let ctx = world.context();
    let mut oracle = Oracle { market: market.clone(), query: &query, ctx, shown: 100 };
    let rank = |query: &Item| positions(&find_matches(&market, query, 101, &ctx), &market);
    let what_if = WhatIf::new(&query, &rank, 100, ctx);
    let outcome = find_matches(&market, &query, 10, &ctx);
    let mut lines = Vec::new();
    for miss in &outcome.near_misses {
        for one in what_if.of_near_miss(market.get(miss.id).unwrap(), &miss.blockers[0]) {
            oracle.comes_true(miss.id, &one);
            let shown = |value: &Option<Json>| value.as_ref().map_or("-".to_owned(), Json::to_string);
            lines.push(format!("{:?} {} {} {}", one.whose, one.field, shown(&one.from), shown(&one.to)));
        }
    }
    lines
}

#[test]
fn each_blocker_says_what_would_do() {
    let pieces = json!({"quantity": "1000", "unit_code": "H87"});
    let and = |more: Json| {
        let mut fields = pieces.clone();
        more.as_object().unwrap().iter().for_each(|(name, value)| fields[name] = value.clone());
        fields
    };
    let price = |amount: &str| json!({"amount": amount, "currency": "CNY", "delivery": "delivered"});
    let cases: Vec<(Json, Json, Vec<&str>)> = vec![
        (
            and(json!({"max_price": {"amount": "3", "currency": "CNY"}})),
            and(json!({"price": price("3.195")})),
            vec![r#"Own /max_price/amount "3" "3.2""#, r#"Theirs /price/amount "3.195" "3""#],
        ),
        (
            and(json!({"needed_by": date(5)})),
            and(json!({"available_from": date(4), "lead_time_days": 3})),
            vec![
                r#"Own /needed_by "2026-11-28" "2026-11-30""#,
                "Theirs /lead_time_days 3 1",
                r#"Theirs /available_from "2026-11-27" "2026-11-25""#,
            ],
        ),
        (
            and(json!({"accepts_partial": false})),
            json!({"quantity": "10", "unit_code": "XBX", "units_per_pack": "30"}),
            vec!["Own /accepts_partial false true", r#"Own /quantity "1000" "300""#, r#"Theirs /quantity "10" "34""#],
        ),
        (
            and(json!({})),
            and(json!({"quantity": "5000", "min_order_quantity": "1500"})),
            vec![r#"Own /quantity "1000" "1500""#, r#"Theirs /min_order_quantity "1500" "1000""#],
        ),
        (json!({"required_level": "verified"}), json!({}), vec![r#"Own /required_level "verified" "none""#]),
        (
            json!({"required_credentials": ["gb", "iso"]}),
            json!({}),
            vec![r#"Own /required_credentials ["gb","iso"] []"#],
        ),
        (
            json!({"category": "ppe.mask.surgical", "title": "医用外科口罩"}),
            json!({}),
            vec!["Own /accepts_substitutes false true"],
        ),
        (
            json!({"attributes": {"standard": "GB 19083", "sterile": true}}),
            json!({"attributes": {"standard": "GB 19083", "sterile": false}}),
            vec!["Own /attributes/sterile true false", "Theirs /attributes/sterile false true"],
        ),
        (
            json!({"attributes": {"expiry_date": date(300)}}),
            json!({"attributes": {"expiry_date": date(200)}}),
            vec![
                r#"Own /attributes/expiry_date "2027-09-19" "2027-06-11""#,
                r#"Theirs /attributes/expiry_date "2027-06-11" "2027-09-19""#,
            ],
        ),
        (
            json!({"specs": [{"name": "过滤效率", "min": "95", "unit": "%"}]}),
            json!({"specs": [{"name": "过滤效率", "value": "94.5", "unit": "%"}]}),
            vec![r#"Own /specs/0/min "95" "94.5""#],
        ),
    ];
    for (asked, offered, expected) in cases {
        assert_eq!(told(need(asked.clone()), &[offer(offered.clone())]), expected, "{asked} {offered}");
    }
    let at = |item: Item, latitude| Item { location: crate::domain::place::Point::new(114.0, latitude), ..item };
    let far = at(offer(json!({"service_radius_km": 150})), 31.0);
    assert_eq!(told(at(need(json!({"service_radius_km": 100})), 30.0), &[far]), ["Own /service_radius_km 100 112"]);
}

#[test]
fn a_match_is_told_what_would_move_it_up() {
    let price = |amount: &str| json!({"quantity": "1000", "unit_code": "H87", "price": {"amount": amount, "currency": "CNY", "delivery": "delivered"}});
    let offers = [item(11, "offer", price("2.75")), item(12, "offer", price("2.8")), item(13, "offer", price("2.9"))];
    let market = market_of(&offers);
    let world = World::new();
    let ctx = world.context();
    let query = need(json!({"quantity": "1000", "unit_code": "H87", "max_price": {"amount": "3", "currency": "CNY"}}));
    let rank = |query: &Item| positions(&find_matches(&market, query, 101, &ctx), &market);
    let what_if = WhatIf::new(&query, &rank, 100, ctx);
    assert!(what_if.of_match(&offers[0]).is_empty());
    let told = what_if.of_match(&offers[2]);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(
        (told[0].code, told[0].rank, told[0].field.as_str()),
        (CounterfactualCode::WouldRankHigher, Some(2), "/price/amount")
    );
    let mut oracle = Oracle { market: market.clone(), query: &query, ctx, shown: 100 };
    oracle.comes_true(offers[2].id, &told[0]);
}
