//! Listings and questions that all three can answer by the same formula.
//!
//! The peers know no packs, rates, taxes, freight, specifications, standards, credentials or substitutes, and no
//! medians for what is not said. So the market compared on is made of listings that state everything and differ in
//! kind, category, enterprise, quantity, minimum order, price or cap, dates, radius, place, words, urgency and age.
//! Checks and score are then those of the engine, written down once more here.

use std::collections::BTreeMap;

use duijie::domain::decimal::Decimal;
use duijie::domain::listing::{Kind, Side, Urgency, Visibility};
use duijie::domain::place::Point;
use duijie::domain::reference::Reference;
use duijie::domain::trade::{Delivery, PriceMode, QuantityBasis};
use duijie::matching::{Context, FactorCode, Item, Policy, Statistics};

use crate::market::{self, Maker};

const UNIT: &str = "H87";

/// A listing that says everything and nothing beyond what the peers know.
pub fn item(maker: &mut Maker, id: u64) -> Item {
    loop {
        let mut item = maker.item(id);
        let mut terms = (*item.terms).clone();
        let complete = terms.category.is_some()
            && terms.quantity.is_some()
            && item.location.is_some()
            && match terms.side {
                Side::Need => terms.max_price.is_some() && terms.needed_by.is_some(),
                Side::Offer => {
                    terms.price.is_some() && terms.available_from.is_some() && terms.lead_time_days.is_some()
                }
            };
        if !complete {
            continue;
        }
        (terms.unit_code, terms.units_per_pack, terms.packed_unit_code) = (Some(UNIT.into()), None, None);
        (terms.quantity_basis, terms.delivery_period) = (QuantityBasis::Total, None);
        if let Some(price) = &mut terms.price {
            (price.per, price.mode, price.tax_included, price.tax_rate) = (None, PriceMode::Fixed, true, None);
            (price.currency, price.delivery) = ("CNY".into(), Delivery::Delivered);
        }
        if let Some(cap) = &mut terms.max_price {
            cap.currency = "CNY".into();
        }
        let kind: &'static str = terms.kind().into();
        if let Ok(bare) = serde_json::from_value(serde_json::json!({"kind": kind, "attributes": {}})) {
            terms.attributes = bare;
        }
        (terms.specs, terms.required_credentials) = (Vec::new(), Vec::new());
        (terms.required_level, terms.visibility) = (Default::default(), Visibility::Public);
        terms.accepts_substitutes = false;
        item.remaining = terms.quantity;
        item.terms = terms.into();
        (item.credentials, item.partners, item.blocked, item.trust) = (vec![], vec![], vec![], None);
        return item;
    }
}

/// What the peers keep of a listing.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: i64,
    pub side: Side,
    pub category: i32,
    pub enterprise: i64,
    pub quantity: f64,
    pub min_order: f64,
    /// The price of an offer, the cap of a need.
    pub money: f64,
    /// Days since 1970: an offer is there from `ready` on, a need is due on `needed`.
    pub ready: i32,
    pub lead: i32,
    pub needed: i32,
    pub radius: f64,
    pub place: Point,
    /// Seconds since 1970.
    pub until: i64,
    /// Minutes since 1970.
    pub confirmed: i64,
    /// Microseconds since 1970.
    pub created: i64,
    pub partial: bool,
    /// What a supplier gives for the need's urgency, and the days of slack worth all points.
    pub urgency: f64,
    pub full: f64,
    pub words: Vec<i64>,
}

/// No limit.
pub const FAR: f64 = 1e9;

/// Numbers for the categories, and which of them a question may be answered from.
pub struct Categories {
    numbers: BTreeMap<String, i32>,
}

impl Categories {
    pub fn new(reference: &Reference) -> Self {
        let codes = reference.categories.all().into_iter().map(|category| category.code.clone());
        Self { numbers: codes.zip(0..).collect() }
    }

    fn number(&self, code: &str) -> i32 {
        self.numbers.get(code).copied().unwrap_or(-1)
    }

    /// The category itself, what is below it and what is above it.
    fn related(&self, code: &str, reference: &Reference) -> Vec<i32> {
        let tree = &reference.categories;
        let related = |other: &str| other == code || tree.is_within(other, code) || tree.is_within(code, other);
        self.numbers.iter().filter(|(other, _)| related(other)).map(|(_, number)| *number).collect()
    }
}

impl Row {
    pub fn of(item: &Item, categories: &Categories, policy: &Policy) -> Self {
        let terms = &item.terms;
        let number = |decimal: Option<Decimal>| decimal.map_or(0.0, Decimal::to_f64);
        let day =
            |date: Option<chrono::NaiveDate>| date.map_or(0, |d| (d - chrono::NaiveDate::default()).num_days() as i32);
        let today = market::now() + chrono::TimeDelta::minutes(policy.utc_offset_minutes.into());
        let money = terms.price.as_ref().map(|p| p.amount).or(terms.max_price.as_ref().map(|m| m.amount));
        let counted = if item.urgency_confirmed { terms.urgency } else { terms.urgency.max(Urgency::Normal) };
        let base: f64 = match counted {
            Urgency::Critical => 1.0,
            Urgency::High => 0.7,
            Urgency::Normal => 0.3,
            Urgency::Low => 0.0,
        };
        Self {
            id: item.id.as_u128() as i64,
            side: terms.side,
            category: terms.category.as_deref().map_or(-1, |code| categories.number(code)),
            enterprise: (item.enterprise_id.as_u128() >> 64) as i64,
            quantity: number(item.remaining),
            min_order: number(terms.min_order_quantity),
            money: number(money),
            ready: day(terms.available_from).max(day(Some(today.date_naive()))),
            lead: terms.lead_time_days.unwrap_or(0) as i32,
            needed: day(terms.needed_by),
            radius: terms.service_radius_km.map_or(FAR, f64::from),
            place: item.location.unwrap_or(Point { longitude: 0.0, latitude: 0.0 }),
            until: terms.valid_until.timestamp(),
            confirmed: item.confirmed_at.timestamp() / 60,
            created: item.created_at.timestamp_micros(),
            partial: terms.accepts_partial,
            urgency: (base + if item.designated { 0.3 } else { 0.0 }).min(1.0),
            full: policy.slack_days.get(&terms.urgency).copied().unwrap_or(14.0),
            words: item.profile.tokens().iter().map(|token| token.id as i64).collect(),
        }
    }
}

/// A listing that asks, with what the formula needs of policy and statistics.
#[derive(Debug, Clone)]
pub struct Question {
    pub item: Item,
    pub row: Row,
    pub categories: Vec<i32>,
    /// What one unit usually costs.
    pub reference: Option<f64>,
    pub price_floor: f64,
    pub near_km: f64,
    pub half_km: f64,
    pub fresh_minutes: f64,
    /// Minutes since 1970.
    pub as_of: i64,
    pub now: i64,
    /// Millionths: quantity, distance, price, time, text, trust, freshness, urgency; 0 for what is not asked.
    pub weights: [i64; 8],
    /// With what each is worth.
    pub words: Vec<(i64, f64)>,
}

pub const TRUST_OF_NEWCOMERS: f64 = 0.5;

impl Question {
    pub fn new(item: Item, words: bool, categories: &Categories, ctx: &Context<'_>) -> Self {
        let (policy, statistics) = (ctx.policy, ctx.statistics);
        let mut item = item;
        if !words {
            item.profile = Default::default();
        }
        let (kind, side) = (item.kind(), item.side());
        let row = Row::of(&item, categories, policy);
        let code = item.category().unwrap_or_default().to_owned();
        let usual =
            statistics.prices.iter().find(|(key, _)| key.starts_with(&format!("{code}|")) && key.ends_with("|CNY"));
        let weight = |code: FactorCode| policy.weight(kind, code).millionths();
        let given = |asked: bool, weight: i64| if asked { weight } else { 0 };
        let worth =
            |token: &duijie::vocabulary::Token| (token.id as i64, f64::from(token.weight) * idf(statistics, token.id));
        Self {
            categories: categories.related(&code, ctx.reference),
            reference: usual.map(|(_, price)| price.amount.to_f64()),
            price_floor: policy.price_floor,
            near_km: policy.near_km,
            half_km: half_km(policy, kind),
            fresh_minutes: policy.freshness_days * 24.0 * 60.0,
            as_of: ctx.as_of.timestamp() / 60,
            now: ctx.now.timestamp(),
            weights: [
                weight(FactorCode::Quantity),
                weight(FactorCode::Distance),
                weight(FactorCode::Price),
                weight(FactorCode::Time),
                given(words, weight(FactorCode::Text)),
                weight(FactorCode::Trust),
                weight(FactorCode::Freshness),
                given(side == Side::Offer, weight(FactorCode::Urgency)),
            ],
            words: item.profile.tokens().iter().map(worth).collect(),
            row,
            item,
        }
    }

    pub fn asked_words(&self) -> f64 {
        self.words.iter().map(|(_, worth)| worth).sum::<f64>().max(1e-9)
    }

    /// Every check but those of category, enterprise and expiry.
    pub fn admits(&self, other: &Facts, distance: f64) -> bool {
        let own = Facts::of(&self.row);
        let (need, offer) = if self.row.side == Side::Need { (&own, other) } else { (other, &own) };
        offer.money <= need.money
            && (offer.quantity >= need.quantity || (need.partial && offer.quantity > 0.0))
            && offer.min_order <= need.quantity
            && offer.ready + offer.lead <= need.needed
            && distance <= own.radius.min(other.radius)
    }

    pub fn score(&self, other: &Facts, distance: f64, shared_words: f64) -> i64 {
        let own = &self.row;
        let asks = own.side == Side::Need;
        let (price, most) = if asks { (other.money, own.money) } else { (own.money, other.money) };
        let low = self.price_floor * self.reference.map_or(most, |reference| reference.min(most));
        let price = if most <= 0.0 { 1.0 } else { ((most - price) / (most - low)).clamp(0.0, 1.0) };
        let (needed, arrival, full) = if asks {
            (own.needed, other.ready + other.lead, own.full)
        } else {
            (other.needed, own.ready + own.lead, other.full)
        };
        let stale = ((self.as_of - other.confirmed).max(0) as f64 - self.fresh_minutes).max(0.0);
        let u = [
            other.quantity / own.quantity,
            (-(distance - self.near_km).max(0.0) / self.half_km).exp2(),
            price,
            f64::from(needed - arrival) / full,
            shared_words / self.asked_words(),
            TRUST_OF_NEWCOMERS,
            (-stale / self.fresh_minutes).exp2(),
            other.urgency,
        ];
        let part = |(u, weight): (f64, i64)| (u.clamp(0.0, 1.0) * 10_000.0).round() as i64 * weight;
        let sum: i64 = u.into_iter().zip(self.weights).map(part).sum();
        let total = self.weights.iter().sum::<i64>() * 10_000;
        (2 * 1000 * sum + total) / (2 * total)
    }
}

/// What the formula needs of the other side.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    pub quantity: f64,
    pub min_order: f64,
    pub money: f64,
    pub ready: i32,
    pub lead: i32,
    pub needed: i32,
    pub radius: f64,
    pub confirmed: i64,
    pub partial: bool,
    pub urgency: f64,
    pub full: f64,
}

impl Facts {
    pub fn of(row: &Row) -> Self {
        let Row { quantity, min_order, money, ready, lead, needed, radius, confirmed, partial, urgency, full, .. } =
            *row;
        Self { quantity, min_order, money, ready, lead, needed, radius, confirmed, partial, urgency, full }
    }
}

fn half_km(policy: &Policy, kind: Kind) -> f64 {
    policy.half_distance_km.get(&kind).copied().unwrap_or(200.0)
}

fn idf(statistics: &Statistics, token: u64) -> f64 {
    let seen = f64::from(statistics.frequencies.get(&token).copied().unwrap_or(1));
    let documents = f64::from(statistics.documents).max(seen);
    (1.0 + (documents - seen + 0.5) / (seen + 0.5)).ln()
}
