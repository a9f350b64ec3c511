//! A listing's terms in fixed width: what arithmetic needs of it, without following a pointer.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::attributes::Attributes;
use crate::domain::decimal::Decimal;
use crate::domain::listing::{Period, RequiredLevel, Side, Visibility};
use crate::domain::place::Point;
use crate::matching::facts::{Cap, Facts, Quote};
use crate::matching::item::Item;
use crate::matching::text::names_any;

/// Numbers and dates of one listing. What few listings differ in (units, currency, basis …) is its *shape*, kept once
/// for all rows of a block that share it.
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
    pub shape: u8,
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
        _ => false,
    };
    attributes || !item.terms.specs.is_empty()
}

impl Row {
    pub fn of(item: &Item, shape: u8) -> Self {
        let facts = Facts::of(item);
        let number = |value: Option<Decimal>| value.map_or(-1, Decimal::millionths);
        let amount = match item.side() {
            Side::Offer => facts.price.map(|price| price.amount),
            Side::Need => facts.cap.map(|cap| cap.amount),
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
            shape,
        }
    }

    /// Facts whose shape is `shape` and whose numbers and dates are the row's: those of the listing.
    pub fn facts<'a>(&self, shape: &Facts<'a>, side: Side) -> Facts<'a> {
        let mut facts = *shape;
        facts.quantity = Decimal::from_millionths(self.quantity);
        facts.min_order = Decimal::from_millionths(self.min_order);
        facts.location = self.location();
        facts.available_from = self.available_from;
        facts.needed_by = self.needed_by;
        facts.period = self.period;
        facts.lead_days = self.lead_days;
        facts.radius_km = self.radius_km;
        let amount = self.amount().unwrap_or_default();
        match side {
            Side::Offer => facts.price = facts.price.map(|price| Quote { amount, ..price }),
            Side::Need => facts.cap = facts.cap.map(|cap| Cap { amount, ..cap }),
        }
        facts
    }

    pub fn location(&self) -> Option<Point> {
        Point::new(self.longitude, self.latitude)
    }

    pub fn amount(&self) -> Option<Decimal> {
        Decimal::from_millionths(self.amount)
    }
}

/// What is left of a listing's facts without the numbers and dates of its row.
pub(super) fn shape_of<'a>(facts: &Facts<'a>, side: Side) -> Facts<'a> {
    let mut shape = Facts {
        quantity: None,
        min_order: None,
        location: None,
        available_from: None,
        needed_by: None,
        period: None,
        lead_days: None,
        radius_km: None,
        ..*facts
    };
    match side {
        Side::Offer => shape.price = shape.price.map(|p| Quote { amount: Decimal::ZERO, ..p }),
        Side::Need => shape.cap = shape.cap.map(|c| Cap { amount: Decimal::ZERO, ..c }),
    }
    shape
}

/// Rounded up, and kept within what four bytes hold: the year 2106.
fn seconds_up(time: DateTime<Utc>) -> u32 {
    let seconds = time.timestamp() + i64::from(time.timestamp_subsec_nanos() > 0);
    u32::try_from(seconds.max(0)).unwrap_or(u32::MAX)
}
