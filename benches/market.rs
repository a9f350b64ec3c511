//! A large market, the same for the same seed: real categories, names, units and cities; invented amounts.
//!
//! Used by the benches and by the engine's own tests: `duijie` is the crate, from without or from within.

#[path = "market/attributes.rs"]
mod attributes;

use std::sync::Arc;

use super::duijie;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use duijie::domain::category::Category;
use duijie::domain::credential::HeldCredential;
use duijie::domain::decimal::Decimal;
use duijie::domain::listing::{Kind, Period, RequiredLevel, Side, Terms, Urgency, Visibility};
use duijie::domain::place::Point;
use duijie::domain::reference::Reference;
use duijie::domain::shipped;
use duijie::domain::trade::{Delivery, Money, Price, PriceMode, QuantityBasis};
use duijie::matching::{Item, Trust};
use duijie::vocabulary::{Subject, TextProfile, Vocabulary};
use uuid::Uuid;

/// What a market is like.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub categories: usize,
    pub cities: usize,
    pub enterprises: u64,
    /// Percent of listings whose enterprise's trust is known.
    pub trusted: u64,
    /// Percent that have a description.
    pub described: u64,
}

pub const LARGE: Shape = Shape { categories: 500, cities: 300, enterprises: 100_000, trusted: 30, described: 50 };

pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_422_600, 0).unwrap_or_default()
}

pub fn reference() -> Reference {
    shipped::reference().unwrap_or_else(|error| panic!("{error}"))
}

/// Random numbers by SplitMix64 (Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`, which is not 0.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// In [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len() as u64) as usize]
    }

    fn days(&mut self, from: i64, to: i64) -> NaiveDate {
        (now() + TimeDelta::days(from + self.below((to - from) as u64) as i64)).date_naive()
    }
}

struct Goods {
    code: String,
    kind: Kind,
    units: Vec<String>,
    /// Written and read once.
    titles: Vec<Text>,
    /// Some for each title.
    described: Vec<Text>,
    usual_price: f64,
}

#[derive(Clone)]
struct Text {
    title: String,
    description: Option<String>,
    profile: TextProfile,
}

impl Text {
    /// Of a listing of this category.
    fn of(title: String, description: Option<String>, category: &Category, vocabulary: &Vocabulary) -> Self {
        let subject = Subject { kind: Some(category.kind), category: Some(&category.code) };
        let profile = vocabulary.profile_of(&title, description.as_deref(), subject);
        Self { title, description, profile }
    }
}

pub struct Maker {
    shape: Shape,
    goods: Vec<Goods>,
    cities: Vec<(String, Point)>,
    blank: Terms,
    pub dice: Dice,
}

const DESCRIPTIONS: usize = 8;

const SENTENCES: [&str; 6] = [
    "，质量符合国家标准，可提供检测报告和合格证。",
    "，请有货源的企业尽快联系，价格面议，款到发货。",
    "，支持批量采购，量大从优，可送货上门。",
    "。Ready to ship within three days, certificates available on request.",
    "，联系人王经理，工作时间上午九点到下午五点。",
    "，用于复工复产企业员工防护，每日消耗约两千只。",
];

const QUALITIES: [&str; 12] =
    ["现货", "急需", "大量", "出口品质", "一次性", "工业级", "3M", "9501", "wholesale", "in stock", "加厚", "25kg"];

impl Maker {
    pub fn new(reference: &Reference, shape: Shape, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let vocabulary = Vocabulary::new(&reference.categories);
        let mut all: Vec<_> = reference.categories.all();
        // The commonest of all kinds: by chance, not by code.
        for i in (1..all.len()).rev() {
            all.swap(i, dice.below(i as u64 + 1) as usize);
        }
        let blank = blank();
        let goods = all.into_iter().take(shape.categories).map(|category| {
            let names = [&category.names.zh, &category.names.en].into_iter().chain(&category.aliases);
            let names: Vec<&String> = names.collect();
            let titles = (0..24).map(|_| {
                let mut title = (*dice.pick(&names)).clone();
                for _ in 0..dice.below(3) {
                    title = format!("{title} {}", dice.pick(&QUALITIES));
                }
                Text::of(title, None, category, &vocabulary)
            });
            let titles: Vec<Text> = titles.collect();
            let pool = if shape.described > 0 { DESCRIPTIONS } else { 0 };
            let described = titles.iter().flat_map(|text| std::iter::repeat_n(&text.title, pool));
            let described =
                described.map(|title| Text::of(title.clone(), Some(describe(title, &mut dice)), category, &vocabulary));
            let described = described.collect();
            Goods {
                code: category.code.clone(),
                kind: category.kind,
                units: category.units.clone(),
                titles,
                described,
                usual_price: 10_f64.powf(dice.unit() * 4.0 - 0.5),
            }
        });
        let goods: Vec<Goods> = goods.collect();
        let mut cities: Vec<(String, Point)> = reference
            .regions
            .all()
            .into_iter()
            .filter(|region| region.level == 2)
            .filter_map(|region| Some((region.code.clone(), region.location?)))
            .collect();
        for i in (1..cities.len()).rev() {
            cities.swap(i, dice.below(i as u64 + 1) as usize);
        }
        cities.truncate(shape.cities);
        Self { shape, goods, cities, blank, dice }
    }

    /// Zipf's law with exponent 1: rank r as often as 1/r, by inverting the harmonic sum's logarithm.
    fn zipf(dice: &mut Dice, n: usize) -> usize {
        (((n as f64 + 1.0).powf(dice.unit())) as usize).clamp(1, n) - 1
    }

    pub fn item(&mut self, id: u64) -> Item {
        let Self { shape, goods, cities, blank, dice } = self;
        let rank = Self::zipf(dice, goods.len());
        let goods = &goods[rank];
        let described = shape.described > 0 && dice.percent(shape.described);
        let Text { title, description, profile } =
            dice.pick(if described { &goods.described } else { &goods.titles }).clone();
        let side = if dice.percent(50) { Side::Need } else { Side::Offer };
        let attributes = attributes::of(goods.kind, side, cities, dice);
        let mut terms = Terms { side, attributes, title, description, ..blank.clone() };
        terms.category = (!dice.percent(6)).then(|| goods.code.clone());
        amounts(&mut terms, goods, dice);
        money(&mut terms, goods, dice);
        dates(&mut terms, dice);
        demands(&mut terms, dice);
        let (region, city) = &cities[Self::zipf(dice, cities.len())];
        terms.region_code = Some(region.clone());
        let verified = dice.percent(30);
        let location = place(*city, dice);
        let (enterprise, confirmed) =
            (dice.below(shape.enterprises), TimeDelta::minutes(dice.below(60 * 24 * 60) as i64));
        let trust = dice.percent(shape.trusted).then(|| Trust {
            kept: dice.below(30) as f64,
            broken: dice.below(5) as f64,
            at: now() - TimeDelta::days(dice.below(100) as i64),
        });
        let created = now() - confirmed - TimeDelta::minutes(dice.below(1000) as i64);
        let (id, enterprise) = (Uuid::from_u128(u128::from(id)), Uuid::from_u128(u128::from(enterprise) << 64));
        let mut item = Item::new(id, enterprise, 1, Arc::new(terms), profile, created);
        item.location = location;
        item.confirmed_at = now() - confirmed;
        item.verified = verified;
        item.trust = trust;
        for (chance, scheme) in [(20, "iso9001"), (10, "hazardous_goods")] {
            if dice.percent(chance) {
                item.credentials.push(HeldCredential::unlimited(scheme));
            }
        }
        item.urgency_confirmed = dice.percent(10);
        item.designated = dice.percent(3);
        if dice.percent(2) {
            item.partners = vec![Uuid::from_u128(u128::from(dice.below(shape.enterprises)) << 64)];
            item.blocked = vec![Uuid::from_u128(u128::from(dice.below(shape.enterprises)) << 64)];
        }
        item
    }

    /// Listings `from..to`.
    pub fn items(&mut self, from: u64, to: u64) -> impl Iterator<Item = Item> {
        (from..to).map(|id| self.item(id))
    }

    /// What a person looking for goods would type.
    pub fn words(&mut self) -> TextProfile {
        let rank = Self::zipf(&mut self.dice, self.goods.len());
        self.dice.pick(&self.goods[rank].titles).profile.clone()
    }

    pub fn city(&mut self) -> (String, Point) {
        let at = Self::zipf(&mut self.dice, self.cities.len());
        self.cities[at].clone()
    }

    pub fn category(&mut self) -> String {
        let rank = Self::zipf(&mut self.dice, self.goods.len());
        self.goods[rank].code.clone()
    }
}

fn describe(title: &str, dice: &mut Dice) -> String {
    let mut said = format!("{}{title}", dice.pick(&["我单位急需", "长期供应"]));
    for _ in 0..dice.below(4) {
        said.push_str(dice.pick::<&str>(&SENTENCES));
    }
    said
}

fn blank() -> Terms {
    let document =
        serde_json::json!({"side": "need", "kind": "ppe", "attributes": {}, "title": "", "valid_until": now()});
    serde_json::from_value(document).unwrap_or_else(|error| panic!("{error}"))
}

/// Two significant digits, as people write amounts.
fn round_number(value: f64) -> Decimal {
    let magnitude = 10_f64.powf(value.max(1e-6).log10().floor() - 1.0);
    let rounded = (value / magnitude).round() * magnitude;
    Decimal::from_millionths((rounded * 1e6).round() as i64).unwrap_or_default()
}

fn amounts(terms: &mut Terms, goods: &Goods, dice: &mut Dice) {
    if !dice.percent(15) {
        let most = if terms.side == Side::Need { 4.0 } else { 5.5 };
        terms.quantity = Some(round_number(10_f64.powf(1.0 + dice.unit() * most)));
    }
    if !goods.units.is_empty() && !dice.percent(8) {
        let unit = if dice.percent(75) { &goods.units[0] } else { dice.pick(&goods.units) };
        terms.unit_code = Some(unit.clone());
        if unit.starts_with('X') && dice.percent(80) {
            terms.units_per_pack = Some(Decimal::from_integer(*dice.pick(&[10, 20, 25, 50, 100])));
            if dice.percent(20) {
                terms.packed_unit_code = Some("KGM".into());
            }
        }
    }
    if dice.percent(if matches!(goods.kind, Kind::Labor | Kind::Service | Kind::Equipment) { 25 } else { 5 }) {
        terms.quantity_basis = *dice.pick(&[QuantityBasis::PerDay, QuantityBasis::PerWeek, QuantityBasis::PerMonth]);
    }
    if terms.side == Side::Offer && dice.percent(40) {
        terms.min_order_quantity = Some(round_number(10_f64.powf(dice.unit() * 3.5)));
    }
}

fn money(terms: &mut Terms, goods: &Goods, dice: &mut Dice) {
    let currency = if dice.percent(95) { "CNY" } else { "USD" }.to_owned();
    let spread = dice.unit() + dice.unit() + dice.unit() - 1.5;
    let amount = round_number(goods.usual_price * spread.exp());
    let amount = if dice.percent(1) { Decimal::ZERO } else { amount };
    match terms.side {
        Side::Offer if !dice.percent(20) => {
            terms.price = Some(Price {
                amount,
                currency,
                per: (dice.percent(5) && !goods.units.is_empty()).then(|| dice.pick(&goods.units).clone()),
                mode: PriceMode::Fixed,
                tax_included: dice.percent(80),
                tax_rate: dice.percent(50).then(|| Decimal::from_integer(13)),
                delivery: if dice.percent(40) { Delivery::Delivered } else { Delivery::ExWorks },
            });
        }
        Side::Need if dice.percent(50) => terms.max_price = Some(Money { amount, currency }),
        _ => {}
    }
}

fn dates(terms: &mut Terms, dice: &mut Dice) {
    match terms.side {
        Side::Offer => {
            terms.available_from = dice.percent(70).then(|| dice.days(-20, 40));
            terms.lead_time_days = dice.percent(50).then(|| dice.below(20) as u32);
        }
        Side::Need => terms.needed_by = dice.percent(60).then(|| dice.days(0, 60)),
    }
    if dice.percent(5) {
        let start = dice.days(-5, 20);
        terms.delivery_period = Some(Period { start, end: start + TimeDelta::days(dice.below(60) as i64) });
    }
    terms.valid_until = now() + TimeDelta::minutes(dice.below(60 * 24 * 60) as i64 - 1000);
    terms.urgency = *dice.pick(&[Urgency::Normal, Urgency::Normal, Urgency::High, Urgency::Critical, Urgency::Low]);
}

fn demands(terms: &mut Terms, dice: &mut Dice) {
    terms.accepts_partial = dice.percent(70);
    terms.accepts_substitutes = dice.percent(40);
    terms.service_radius_km = dice.percent(15).then(|| *dice.pick(&[50, 100, 300, 1000]));
    if dice.percent(4) {
        terms.required_level = RequiredLevel::Verified;
    }
    if dice.percent(2) {
        terms.required_credentials = vec!["iso9001".into()];
    }
    terms.visibility = match dice.below(100) {
        0 => Visibility::Invited,
        1..=3 => Visibility::Verified,
        _ => Visibility::Public,
    };
    terms.specs = attributes::specs(terms.side, dice);
}

/// Most stand for their city, some have a point of their own, a few none.
fn place(city: Point, dice: &mut Dice) -> Option<Point> {
    match dice.below(100) {
        0..=2 => None,
        3..=32 => Point::new(city.longitude + dice.unit() * 0.4 - 0.2, city.latitude + dice.unit() * 0.4 - 0.2),
        _ => Some(city),
    }
}
