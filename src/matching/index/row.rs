//! A listing's terms in fixed width: what arithmetic needs of it, without following a pointer.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::attributes::Attributes;
use crate::domain::decimal::Decimal;
use crate::domain::listing::{Period, RequiredLevel, Side, Urgency, Visibility};
use crate::domain::place::Point;
use crate::matching::facts::Facts;
use crate::matching::item::Item;
use crate::matching::text::names_any;

use super::manners::Manners;

/// Numbers and dates of one listing; how it counts and prices is told by its block's `Manners`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Millionths; −1 where nothing is stated. So are the two below.
    quantity: i64,
    min_order: i64,
    /// What an offer asks, what a need pays at most.
    amount: i64,
    /// Not a number where the place is unknown.
    longitude: f64,
    latitude: f64,
    available_from: Option<NaiveDate>,
    needed_by: Option<NaiveDate>,
    period: Option<Period>,
    lead_days: Option<u32>,
    radius_km: Option<u32>,
    /// Seconds since 1970, rounded up.
    pub valid_until: u32,
    pub confirmed_at: u32,
    pub flags: Flags,
    urgency: Urgency,
    accepts_substitutes: bool,
    count: u8,
    money: u8,
}

/// What is asked of a row before its listing is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags(u16);

impl Flags {
    pub const VERIFIED: Self = Self(1);
    pub const REQUIRES_VERIFIED: Self = Self(1 << 1);
    pub const REQUIRES_CREDENTIALS: Self = Self(1 << 2);
    /// Specifications or attributes of its kind that checks look at.
    pub const DETAILS: Self = Self(1 << 3);
    pub const FOR_VERIFIED: Self = Self(1 << 4);
    pub const INVITED: Self = Self(1 << 5);
    pub const TRUSTED: Self = Self(1 << 6);
    pub const URGENCY_CONFIRMED: Self = Self(1 << 7);
    pub const DESIGNATED: Self = Self(1 << 8);
    /// Its words name a category.
    pub const NAMES_CATEGORY: Self = Self(1 << 9);
    pub const WHOLE_ONLY: Self = Self(1 << 10);
    pub const MIN_ORDER: Self = Self(1 << 11);
    pub const RADIUS: Self = Self(1 << 12);
    pub const DATED: Self = Self(1 << 13);
    pub const AMOUNT: Self = Self(1 << 14);
    pub const LOCATED: Self = Self(1 << 15);
    pub const ALL: Self = Self(u16::MAX);

    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub fn either(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    fn of(item: &Item) -> Self {
        let terms = &item.terms;
        let amount = if terms.side == Side::Offer { terms.price.is_some() } else { terms.max_price.is_some() };
        let facts = Facts::of(item);
        [
            (Self::VERIFIED, item.verified),
            (Self::REQUIRES_VERIFIED, terms.required_level == RequiredLevel::Verified),
            (Self::REQUIRES_CREDENTIALS, !terms.required_credentials.is_empty()),
            (Self::DETAILS, has_details(item)),
            (Self::FOR_VERIFIED, terms.visibility == Visibility::Verified),
            (Self::INVITED, terms.visibility == Visibility::Invited),
            (Self::TRUSTED, item.trust.is_some()),
            (Self::URGENCY_CONFIRMED, item.urgency_confirmed),
            (Self::DESIGNATED, item.designated),
            (Self::NAMES_CATEGORY, names_any(&item.profile)),
            (Self::WHOLE_ONLY, !terms.accepts_partial),
            (Self::MIN_ORDER, terms.min_order_quantity.is_some()),
            (Self::RADIUS, terms.service_radius_km.is_some()),
            (Self::DATED, facts.needed_by.is_some()),
            (Self::AMOUNT, amount),
            (Self::LOCATED, item.location.is_some()),
        ]
        .into_iter()
        .filter(|(_, set)| *set)
        .fold(Self::default(), |flags, (flag, _)| flags.either(flag))
    }
}

/// Whether a check of the kind can arise from what this side states.
pub(super) fn has_details(item: &Item) -> bool {
    let attributes = match &item.terms.attributes {
        Attributes::Ppe(attributes) => *attributes != Default::default(),
        Attributes::Material(attributes) => *attributes != Default::default(),
        Attributes::Transport(attributes) => *attributes != Default::default(),
        _ => false,
    };
    attributes || !item.terms.specs.is_empty()
}

impl Row {
    pub fn of(item: &Item, manners: &mut Manners) -> Self {
        let facts = Facts::of(item);
        let number = |value: Option<Decimal>| value.map_or(-1, Decimal::millionths);
        let (amount, money) = match item.side() {
            Side::Offer => (facts.price.map(|price| price.amount), facts.price.map(|price| manners.price(&price))),
            Side::Need => (facts.cap.map(|cap| cap.amount), facts.cap.map(|cap| manners.cap(&cap))),
        };
        Self {
            quantity: number(facts.quantity),
            min_order: number(facts.min_order),
            amount: number(amount),
            longitude: item.location.map_or(f64::NAN, |p| p.longitude),
            latitude: item.location.map_or(f64::NAN, |p| p.latitude),
            available_from: facts.available_from,
            needed_by: facts.needed_by,
            period: facts.period,
            lead_days: facts.lead_days,
            radius_km: facts.radius_km,
            valid_until: seconds_up(item.terms.valid_until),
            confirmed_at: seconds_up(item.confirmed_at),
            flags: Flags::of(item),
            urgency: facts.urgency,
            accepts_substitutes: facts.accepts_substitutes,
            count: manners.count(&facts),
            money: money.unwrap_or(0),
        }
    }

    /// Those of the listing, as far as its side goes.
    pub fn facts<'a>(&self, category: Option<&'a str>, side: Side, manners: &'a Manners) -> Facts<'a> {
        let (unit, pack, basis) = manners.counted(self.count);
        let (price, cap) = match (self.amount(), side) {
            (Some(amount), Side::Offer) => (manners.quote(self.money, amount), None),
            (Some(amount), Side::Need) => (None, manners.capped(self.money, amount)),
            (None, _) => (None, None),
        };
        Facts {
            category,
            quantity: Decimal::from_millionths(self.quantity),
            basis,
            unit,
            pack,
            min_order: Decimal::from_millionths(self.min_order),
            price,
            cap,
            location: self.location(),
            available_from: self.available_from,
            needed_by: self.needed_by,
            period: self.period,
            lead_days: self.lead_days,
            urgency: self.urgency,
            accepts_partial: !self.flags.has(Flags::WHOLE_ONLY),
            accepts_substitutes: self.accepts_substitutes,
            radius_km: self.radius_km,
        }
    }

    pub fn location(&self) -> Option<Point> {
        Point::new(self.longitude, self.latitude)
    }

    pub fn amount(&self) -> Option<Decimal> {
        Decimal::from_millionths(self.amount)
    }
}

/// Rounded up, and kept within what four bytes hold: the year 2106.
fn seconds_up(time: DateTime<Utc>) -> u32 {
    let seconds = time.timestamp() + i64::from(time.timestamp_subsec_nanos() > 0);
    u32::try_from(seconds.max(0)).unwrap_or(u32::MAX)
}
