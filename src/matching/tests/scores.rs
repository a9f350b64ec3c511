//! What is not said, what the median would have been, and single components.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::super::testing::*;
use super::super::*;
use crate::domain::decimal::Decimal;
use crate::domain::listing::{Side, Terms};
use crate::domain::trade::{Delivery, Money, Price, PriceMode};

/// Twenty enterprises on either side that state everything, each its own way.
fn stating_market(amounts: &[u32]) -> Market {
    let mut market = Market::new();
    for (index, amount) in (0..).zip(amounts) {
        let price = json!({"amount": format!("{}", 1 + amount % 9), "currency": "CNY", "delivery": if amount % 2 == 0 {"delivered"} else {"ex_works"}});
        let offer = json!({"quantity": amount.to_string(), "unit_code": "H87", "price": price,
            "available_from": date((amount % 25).into()), "lead_time_days": amount % 11});
        let need = json!({"quantity": amount.to_string(), "unit_code": "H87", "max_price": {"amount": (1 + amount % 7).to_string(), "currency": "CNY"},
            "needed_by": date((amount % 40).into())});
        for (side, fields, id) in [("offer", offer, 1000), ("need", need, 2000)] {
            let mut item = item(id + index, side, fields);
            item.trust = Some(Trust { kept: f64::from(amount % 17), broken: f64::from(amount % 5), at: now() });
            market.upsert(item);
        }
    }
    market
}

fn edited(item: &Item, edit: impl FnOnce(&mut Terms)) -> Item {
    let mut terms = (*item.terms).clone();
    edit(&mut terms);
    Item { remaining: terms.quantity, terms: Arc::new(terms), ..item.clone() }
}

fn days(table: &crate::matching::statistics::Table<Decimal>) -> i64 {
    table[&"ppe.mask.particulate".to_owned()].to_f64() as i64
}

/// The same candidate, once silent about a fact and once stating the market's median of it.
fn silent_and_median(candidate: &Item, statistics: &Statistics) -> Vec<(&'static str, Item, Item)> {
    let key = "ppe.mask.particulate|count|CNY";
    let quantity = |side: &str| statistics.quantities[&format!("{side}|ppe.mask.particulate|count|total")].amount;
    let hidden_trust = Item { trust: None, ..candidate.clone() };
    // The median enterprise's trust is at least the mean or median a newcomer gets, so no count can be named: skipped.
    let mut cases = vec![("trust", hidden_trust.clone(), hidden_trust)];
    if candidate.side() == Side::Offer {
        let usual = &statistics.prices[key];
        let price = Price {
            amount: usual.amount,
            currency: "CNY".into(),
            per: None,
            mode: PriceMode::Fixed,
            tax_included: usual.tax_included,
            tax_rate: None,
            delivery: if usual.delivered { Delivery::Delivered } else { Delivery::ExWorks },
        };
        let lead = days(&statistics.lead_days) as u32;
        let available = date(days(&statistics.available_days));
        let amount = quantity("offer");
        cases.push((
            "quantity",
            edited(candidate, |t| t.quantity = None),
            edited(candidate, |t| t.quantity = Some(amount)),
        ));
        cases.push(("price", edited(candidate, |t| t.price = None), edited(candidate, |t| t.price = Some(price))));
        cases.push((
            "lead",
            edited(candidate, |t| t.lead_time_days = None),
            edited(candidate, |t| t.lead_time_days = Some(lead)),
        ));
        cases.push((
            "availability",
            edited(candidate, |t| t.available_from = None),
            edited(candidate, |t| t.available_from = Some(available)),
        ));
    } else {
        let cap = Money { amount: statistics.caps[key].amount, currency: "CNY".into() };
        let needed = date(days(&statistics.needed_days));
        let amount = quantity("need");
        cases.push((
            "quantity",
            edited(candidate, |t| t.quantity = None),
            edited(candidate, |t| t.quantity = Some(amount)),
        ));
        cases.push(("cap", edited(candidate, |t| t.max_price = None), edited(candidate, |t| t.max_price = Some(cap))));
        cases.push((
            "deadline",
            edited(candidate, |t| t.needed_by = None),
            edited(candidate, |t| t.needed_by = Some(needed)),
        ));
    }
    cases
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hiding_a_fact_never_scores_better_than_stating_the_median(
        amounts in proptest::collection::vec(1u32..100_000, 20),
        query in any_item(1), candidate in any_item(2),
    ) {
        let world = World::of(&stating_market(&amounts));
        let plain = |item: &Item, side: Side| edited(item, |t| {
            t.side = side;
            t.category = Some("ppe.mask.particulate".into());
            t.attributes = crate::domain::attributes::Attributes::Ppe(Default::default());
            t.unit_code = Some("H87".into());
            t.quantity_basis = Default::default();
                t.delivery_period = None;
        });
        let query = plain(&query, query.side());
        let candidate = plain(&candidate, query.side().opposite());
        for (fact, silent, median) in silent_and_median(&candidate, &world.statistics) {
            let score = |candidate: &Item| assess(&query, candidate, &world.context()).score;
            prop_assert!(score(&silent) <= score(&median), "{fact}: {} > {}", score(&silent), score(&median));
        }
        let nowhere = Item { location: None, ..candidate.clone() };
        let distance = |item: &Item| world.factor(&query, item, FactorCode::Distance).map_or(0.0, |f| f.u);
        prop_assert!(distance(&nowhere) <= distance(&candidate));
    }
}

fn u(query: &Item, candidate: &Item, code: FactorCode) -> f64 {
    World::new().factor(query, candidate, code).unwrap().u
}

#[test]
fn quantities_are_compared_through_units_and_periods() {
    let cases = [
        (json!({"quantity": "1000", "unit_code": "H87"}), json!({"quantity": "250", "unit_code": "H87"}), 0.25),
        (
            json!({"quantity": "1000", "unit_code": "H87"}),
            json!({"quantity": "10", "unit_code": "XBX", "units_per_pack": "50"}),
            0.5,
        ),
        (
            json!({"quantity": "1000", "unit_code": "H87", "needed_by": date(4)}),
            json!({"quantity": "100", "unit_code": "H87", "quantity_basis": "per_day"}),
            0.5,
        ),
        (
            json!({"quantity": "100", "unit_code": "H87", "quantity_basis": "per_day", "delivery_period": {"start": date(0), "end": date(9)}}),
            json!({"quantity": "50", "unit_code": "H87", "quantity_basis": "per_day", "delivery_period": {"start": date(5), "end": date(30)}}),
            0.25,
        ),
        (
            json!({"quantity": "70", "unit_code": "H87", "quantity_basis": "per_week"}),
            json!({"quantity": "5", "unit_code": "H87", "quantity_basis": "per_day"}),
            0.5,
        ),
        (json!({"quantity": "1000", "unit_code": "H87"}), json!({"quantity": "10", "unit_code": "XBX"}), 0.5),
        (json!({"quantity": "1000", "unit_code": "H87"}), json!({}), 0.5),
        (json!({}), json!({"quantity": "10", "unit_code": "XBX"}), 0.5),
    ];
    for (asked, offered, expected) in cases {
        assert_eq!(
            u(&need(asked.clone()), &offer(offered.clone()), FactorCode::Quantity),
            expected,
            "{asked} {offered}"
        );
    }
    let supplier = offer(json!({"quantity": "1000", "unit_code": "H87"}));
    assert_eq!(u(&supplier, &need(json!({"quantity": "10", "unit_code": "H87"})), FactorCode::Quantity), 0.01);
}

#[test]
fn distance_halves_with_every_h() {
    let place = |item: Item, longitude, latitude| Item {
        location: crate::domain::place::Point::new(longitude, latitude),
        ..item
    };
    let buyer = place(need(json!({})), 114.0, 30.0);
    // 105 km north: (105 − 5) / 100 = one half-distance.
    let degrees = 105.0 / (6371.0088 * std::f64::consts::PI / 180.0);
    assert_eq!(u(&buyer, &place(offer(json!({})), 114.0, 30.0 + degrees), FactorCode::Distance), 0.5);
    assert_eq!(u(&buyer, &place(offer(json!({})), 114.01, 30.0), FactorCode::Distance), 1.0);
    assert_eq!(u(&buyer, &offer(json!({})), FactorCode::Distance), 0.0);
}

#[test]
fn an_english_need_finds_a_chinese_offer_by_concept() {
    let buyer = need(json!({"title": "KN95 respirator"}));
    let exact = u(&buyer, &offer(json!({"title": "N95 口罩"})), FactorCode::Text);
    let other = u(&buyer, &offer(json!({"title": "医用外科口罩"})), FactorCode::Text);
    assert!(exact > 0.8 && other < 0.2, "{exact} {other}");
}

#[test]
fn a_match_says_what_can_be_agreed_on() {
    let buyer = need(json!({"quantity": "1000", "unit_code": "H87"}));
    let supplier = offer(json!({"quantity": "10", "unit_code": "XBX", "units_per_pack": "50"}));
    let world = World::new();
    let found =
        |query: &Item, other: &Item| find_matches(&market_of(std::slice::from_ref(other)), query, 5, &world.context());
    let (bought, sold) = (found(&buyer, &supplier), found(&supplier, &buyer));
    assert_eq!((bought.matches[0].matchable_quantity, bought.matches[0].partial), (Some(decimal("500")), Some(true)));
    assert_eq!(
        (sold.matches[0].matchable_quantity, sold.matches[0].unit_code.as_deref()),
        (Some(decimal("10")), Some("XBX"))
    );
    assert_eq!(bought.matches[0].mutual, sold.matches[0].mutual);
    assert_eq!(bought.matches[0].id, Uuid::from_u128(2));
}

#[test]
fn reference_prices_need_eight_enterprises() {
    let mut market = Market::new();
    for id in 0..8 {
        market.upsert(item(id, "offer", json!({"price": {"amount": "2", "currency": "CNY", "per": "XBX"}, "units_per_pack": "10", "unit_code": "H87"})));
        let world = World::of(&market);
        assert_eq!(world.statistics.prices.len(), usize::from(id == 7));
    }
    let world = World::of(&market);
    assert_eq!(world.statistics.prices["ppe.mask.particulate|count|CNY"].amount, decimal("0.2"));
    let dear =
        offer(json!({"unit_code": "H87", "price": {"amount": "0.31", "currency": "CNY", "delivery": "delivered"}}));
    let factor = world.factor(&need(json!({"unit_code": "H87"})), &dear, FactorCode::Price).unwrap();
    assert_eq!((factor.u, factor.flags), (0.0, vec![Flag::PriceAboveReference]));
    let usual =
        offer(json!({"unit_code": "H87", "price": {"amount": "0.2", "currency": "CNY", "delivery": "delivered"}}));
    assert_eq!(world.factor(&need(json!({"unit_code": "H87"})), &usual, FactorCode::Price).unwrap().u, 0.8333);
    let copy: Statistics = serde_json::from_str(&serde_json::to_string(&world.statistics).unwrap()).unwrap();
    assert_eq!(copy, world.statistics);
    let copy: Policy = serde_json::from_str(&serde_json::to_string(&world.policy).unwrap()).unwrap();
    assert_eq!(copy, world.policy);
}

#[test]
fn a_substitute_counts_by_its_ratio() {
    let world = World::new();
    let buyer = need(
        json!({"category": "ppe.mask.surgical", "accepts_substitutes": true, "quantity": "100", "unit_code": "H87",
        "max_price": {"amount": "3", "currency": "CNY"}}),
    );
    let price = |amount: &str| json!({"amount": amount, "currency": "CNY", "delivery": "delivered"});
    let respirators = |amount: &str| offer(json!({"quantity": "100", "unit_code": "H87", "price": price(amount)}));
    assert_eq!(u(&buyer, &respirators("1"), FactorCode::Quantity), 0.5);
    assert_eq!(world.check(&buyer, &respirators("1.5"), CheckCode::Price), Some(Verdict::Pass));
    assert_eq!(world.check(&buyer, &respirators("1.500001"), CheckCode::Price), Some(Verdict::Fail));
    let (asked, offered) =
        (u(&buyer, &respirators("1.4"), FactorCode::Price), u(&respirators("1.4"), &buyer, FactorCode::Price));
    assert!(asked == offered && asked > 0.0, "{asked} {offered}");
}

#[test]
fn freight_is_added_where_the_weight_is_known() {
    let at = |item: Item, latitude| Item { location: crate::domain::place::Point::new(114.0, latitude), ..item };
    let buyer = at(need(json!({"unit_code": "H87", "max_price": {"amount": "1", "currency": "CNY"}})), 30.0);
    let seller = |delivery: &str, unit: &str| {
        at(
            offer(json!({"unit_code": unit, "price": {"amount": "0.95", "currency": "CNY", "delivery": delivery}})),
            39.0,
        )
    };
    let world = World::new();
    let price = |offer: &Item| world.factor(&buyer, offer, FactorCode::Price).unwrap();
    // 1000.75 km × 1.3 × 0.4 yuan × 0.01 kg.
    assert_eq!(price(&seller("ex_works", "H87")).value.map(|v| v.bare()).as_deref(), Some("0.955204"));
    assert_eq!(price(&seller("delivered", "H87")).value.map(|v| v.bare()).as_deref(), Some("0.95"));
    assert_eq!(
        price(&offer(json!({"unit_code": "H87", "price": {"amount": "0.95", "currency": "CNY"}}))).flags,
        [Flag::FreightUnknown]
    );
}
