//! Listings for the tests of the engine: small builders, and a generated market.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::domain::category::{Category, CategoryTree, Names, Requirement};
use crate::domain::credential::HeldCredential;
use crate::domain::decimal::Decimal;
use crate::domain::listing::{Side, Terms};
use crate::domain::place::Point;
use crate::domain::reference::Reference;
use crate::domain::region::{Region, Regions};
use crate::domain::unit::{Unit, Units};
use crate::domain::validity::Validity;
use crate::vocabulary::Vocabulary;

pub fn now() -> DateTime<Utc> {
    "2026-11-23T08:30:00Z".parse().unwrap()
}

pub fn date(days: i64) -> NaiveDate {
    (now() + TimeDelta::days(days)).date_naive()
}

pub fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn reference() -> Reference {
    let json = |code: &str, zh: &str, en: &str, aliases: &[&str], substitutes: Value| -> Category {
        serde_json::from_value(json!({
            "code": code, "parent": code.rsplit_once('.').map(|(parent, _)| parent), "kind": code.split('.').next(),
            "names": {"zh-CN": zh, "en": en}, "aliases": aliases, "units": ["H87", "XBX"],
            "substitutes": substitutes, "goods_mass_kg": "0.01",
        }))
        .unwrap()
    };
    let none = json!([]);
    let with_requirement = |mut category: Category, side: Side| {
        category.requires.push(Requirement { scheme: "gb".into(), side, source: "法".into(), date: date(-9) });
        category
    };
    Reference {
        categories: CategoryTree::new([
            json("ppe", "防护物资", "Protective supplies", &[], none.clone()),
            with_requirement(json("ppe.mask", "口罩", "Face mask", &["mask"], none.clone()), Side::Need),
            with_requirement(
                json(
                    "ppe.mask.surgical",
                    "医用外科口罩",
                    "Surgical mask",
                    &[],
                    json!([{"code": "ppe.mask.particulate", "ratio": "2"}]),
                ),
                Side::Offer,
            ),
            json("ppe.mask.particulate", "颗粒物防护口罩", "Respirator", &["N95", "KN95"], none.clone()),
            json("ppe.glove", "手套", "Glove", &[], none.clone()),
            json("material", "原材料", "Material", &[], none.clone()),
            json("material.meltblown", "熔喷布", "Meltblown fabric", &["meltblown"], none),
        ]),
        regions: Regions::new([("420000", 1, None), ("420100", 2, Some("420000")), ("110000", 1, None)].map(region)),
        units: units(),
        standards: serde_json::from_str(include_str!("../../data/standards.json")).unwrap(),
        ..Reference::default()
    }
}

fn region((code, level, parent): (&str, u8, Option<&str>)) -> Region {
    let names = Names { zh: code.into(), en: code.into() };
    Region {
        code: code.into(),
        names,
        level,
        parent: parent.map(Into::into),
        location: None,
        validity: Validity::default(),
    }
}

fn units() -> Units {
    let units = [
        ("H87", "count", 1, 1),
        ("PR", "count", 2, 1),
        ("XBX", "pack", 1, 1),
        ("KGM", "mass", 1, 1),
        ("TNE", "mass", 1000, 1),
    ];
    Units::new(units.map(|(code, dimension, numerator, denominator)| Unit {
        code: code.into(),
        dimension: dimension.into(),
        numerator,
        denominator,
        names: Names { zh: code.into(), en: code.into() },
        aliases: vec![],
        measure_words: vec![],
        validity: Validity::default(),
    }))
}

/// What `title`, `side`, `kind` and `valid_until` are when not said.
pub fn terms(side: &str, fields: Value) -> Terms {
    let mut document = json!({
        "side": side, "kind": "ppe", "attributes": {}, "title": "N95口罩", "category": "ppe.mask.particulate",
        "valid_until": now() + TimeDelta::days(30),
    });
    for (name, value) in fields.as_object().unwrap() {
        document[name] = value.clone();
    }
    serde_json::from_value(document).unwrap()
}

pub fn item(id: u128, side: &str, fields: Value) -> Item {
    of_terms(id, terms(side, fields))
}

pub fn of_terms(id: u128, terms: Terms) -> Item {
    let vocabulary = Vocabulary::new(&reference().categories);
    let profile = vocabulary.profile(&terms.title, terms.description.as_deref());
    let (id, enterprise) = (Uuid::from_u128(id), Uuid::from_u128(id + 1_000_000));
    Item::new(id, enterprise, 1, Arc::new(terms), profile, now() - TimeDelta::hours(5))
}

pub fn need(fields: Value) -> Item {
    item(1, "need", fields)
}

pub fn offer(fields: Value) -> Item {
    item(2, "offer", fields)
}

/// Everything a question needs, owned.
pub struct World {
    pub reference: Reference,
    pub policy: Policy,
    pub statistics: Statistics,
}

impl World {
    pub fn new() -> Self {
        Self { reference: reference(), policy: Policy::default(), statistics: Statistics::default() }
    }

    pub fn of(market: &Market) -> Self {
        let world = Self::new();
        let statistics = Statistics::compute(market.iter(), &world.reference, &world.policy, 7, now());
        Self { statistics, ..world }
    }

    pub fn context(&self) -> Context<'_> {
        Context::new(&self.reference, &self.policy, &self.statistics, now())
    }

    /// The outcome of one check of a pair; `None` where it is not asked.
    pub fn check(&self, query: &Item, candidate: &Item, code: CheckCode) -> Option<Verdict> {
        let checks = assess(query, candidate, &self.context()).checks;
        checks.into_iter().find(|check| check.code == code).map(|check| check.outcome)
    }

    pub fn factor(&self, query: &Item, candidate: &Item, code: FactorCode) -> Option<Factor> {
        assess(query, candidate, &self.context()).factors.into_iter().find(|factor| factor.code == code)
    }
}

fn option<T: Clone + std::fmt::Debug + 'static>(values: Vec<T>) -> impl Strategy<Value = Option<T>> {
    prop_oneof![1 => Just(None), 3 => proptest::sample::select(values).prop_map(Some)]
}

/// Any listing of protective goods or material, most facts stated or not.
pub fn any_item(id: u128) -> impl Strategy<Value = Item> {
    let what = (
        proptest::sample::select(vec!["need", "offer"]),
        option(vec!["ppe.mask", "ppe.mask.surgical", "ppe.mask.particulate", "ppe.glove", "material.meltblown"]),
        proptest::sample::select(vec![
            "N95 口罩",
            "KN95 respirator",
            "医用外科口罩 3M",
            "surgical mask",
            "手套",
            "熔喷布 25克",
            "急需物资",
        ]),
        proptest::sample::select(vec!["total", "per_day", "per_week", "per_month"]),
    );
    let amounts = (
        option(vec!["0", "7", "100", "2500", "100000.5"]),
        option(vec!["H87", "PR", "XBX", "KGM"]),
        option(vec!["10", "50"]),
        option(vec!["5", "500"]),
    );
    let money = (
        option(vec!["0", "1.5", "3", "12"]),
        proptest::sample::select(vec!["CNY", "USD"]),
        any::<bool>(),
        any::<bool>(),
    );
    let when = (option(vec![-3, 0, 5, 20, 50_000]), option(vec![0, 3, 30]), option(vec![(0, 10), (15, 40)]), -2i64..60);
    let demands = (
        any::<bool>(),
        any::<bool>(),
        option(vec![100, 800]),
        option(vec![(114.3, 30.6), (116.4, 39.9), (114.0, 30.0)]),
    );
    let standing = (any::<bool>(), any::<bool>(), option(vec!["gb"]), option(vec![(9.0, 1.0), (0.0, 4.0)]), 0u128..12);
    (what, amounts, money, when, demands, standing).prop_map(move |(what, amounts, money, when, demands, standing)| {
        build(id, what, amounts, money, when, demands, standing)
    })
}

type What = (&'static str, Option<&'static str>, &'static str, &'static str);
type Amounts = (Option<&'static str>, Option<&'static str>, Option<&'static str>, Option<&'static str>);
type MoneyFacts = (Option<&'static str>, &'static str, bool, bool);
type When = (Option<i32>, Option<i32>, Option<(i64, i64)>, i64);
type Demands = (bool, bool, Option<i32>, Option<(f64, f64)>);
type Standing = (bool, bool, Option<&'static str>, Option<(f64, f64)>, u128);

fn build(
    id: u128,
    what: What,
    amounts: Amounts,
    money: MoneyFacts,
    when: When,
    demands: Demands,
    standing: Standing,
) -> Item {
    let (side, category, title, basis) = what;
    let kind = if category.is_some_and(|c| c.starts_with("material")) { "material" } else { "ppe" };
    let price = money.0.map(|amount| {
        let delivery = if money.3 { "delivered" } else { "ex_works" };
        json!({"amount": amount, "currency": money.1, "tax_included": money.2, "delivery": delivery})
    });
    let cap = money.0.map(|amount| json!({"amount": amount, "currency": money.1}));
    let mut fields = json!({
        "kind": kind, "title": title, "quantity_basis": basis,
        "accepts_partial": demands.0, "accepts_substitutes": demands.1,
        "required_level": if standing.0 { "verified" } else { "none" },
        "required_credentials": standing.2.map_or(vec![], |c| vec![c]),
        "valid_until": now() + TimeDelta::days(when.3),
    });
    let mut set = |name: &str, value: Option<Value>| fields[name] = value.unwrap_or(Value::Null);
    set("category", category.map(Value::from));
    set("quantity", amounts.0.map(Value::from));
    set("unit_code", amounts.1.map(Value::from));
    set("units_per_pack", amounts.2.map(Value::from));
    set("service_radius_km", demands.2.map(Value::from));
    set("lead_time_days", when.1.map(Value::from));
    set("delivery_period", when.2.map(|(start, end)| json!({"start": date(start), "end": date(end)})));
    if side == "offer" {
        set("price", price);
        set("min_order_quantity", amounts.3.map(Value::from));
        set("available_from", when.0.map(|days| json!(date(days.into()))));
    } else {
        set("max_price", cap);
        set("needed_by", when.0.map(|days| json!(date(days.into()))));
    }
    let mut item = item(id, side, fields);
    item.location = demands.3.and_then(|(longitude, latitude)| Point::new(longitude, latitude));
    item.created_at = now() - TimeDelta::hours((id * 7 % 5) as i64);
    item.verified = standing.1;
    item.credentials = if standing.1 { vec![HeldCredential::unlimited("gb")] } else { vec![] };
    item.trust = standing.3.map(|(kept, broken)| Trust { kept, broken, at: now() });
    item.enterprise_id = Uuid::from_u128(5000 + standing.4);
    item
}

pub fn any_items(count: usize) -> impl Strategy<Value = Vec<Item>> {
    (0..count as u128).map(|id| any_item(id + 100).boxed()).collect::<Vec<_>>()
}

pub fn market_of(items: &[Item]) -> Market {
    let mut market = Market::new();
    for item in items {
        market.upsert(item.clone());
    }
    market
}

/// Numbers in a fixed order, so that a failure can be repeated.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    pub fn some(&mut self, value: Value) -> Value {
        if self.below(2) == 0 { value } else { Value::Null }
    }
}
