//! A listing's terms in fixed width: what arithmetic needs of it, without following a pointer.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::domain::decimal::Decimal;
use crate::domain::listing::{RequiredLevel, Side, Urgency, Visibility};
use crate::matching::facts::Facts;
use crate::matching::item::{Item, Trust};
use crate::matching::text::names_any;

use super::details::{MOST, Stance, stances};
use super::manners::Manners;

/// Numbers and dates of one listing, in one line of a processor's cache; how it counts and prices, and where it is, is
/// told by its block's `Manners`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Millionths; −1 where nothing is stated. So are the two below.
    pub quantity: i64,
    min_order: i64,
    /// What an offer asks, what a need pays at most.
    pub amount: i64,
    /// Days since the year 1; [`NEVER`] where none is stated.
    pub available_day: i32,
    pub needed_day: i32,
    /// [`UNSTATED`] where nothing is stated; [`ANYWHERE`] of a radius.
    lead_days: u32,
    radius_km: u16,
    /// Seconds since 1970, rounded up.
    pub valid_until: u32,
    pub confirmed_at: u32,
    pub created_at: u32,
    pub flags: Flags,
    pub trust: TrustBound,
    pub count: u8,
    pub money: u8,
    /// [`NONE`] where the place is unknown, or the region.
    pub place: u8,
    pub region: u8,
    /// Which of the block's texts it says.
    pub text: u8,
    manner: u8,
}

const UNSTATED: u32 = u32::MAX;
/// Farther than any place on earth is from another.
const ANYWHERE: u16 = u16::MAX;
pub(super) const NONE: u8 = u8::MAX;
pub(super) const NEVER: i32 = i32::MIN;

/// Promises kept at most and broken at least, and the day since 1970 up to which they have been aged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TrustBound {
    pub kept: u8,
    pub broken: u8,
    pub day: u16,
}

impl TrustBound {
    fn of(trust: Trust) -> Self {
        let whole = |count: f64| count.clamp(0.0, f64::from(u8::MAX)) as u8;
        let day = trust.at.timestamp().div_euclid(24 * 3600);
        Self {
            kept: whole(trust.kept.ceil()),
            // What has been aged since before 1970 counts as forgotten.
            broken: if day < 0 { 0 } else { whole(trust.broken.floor()) },
            day: u16::try_from(day.max(0)).unwrap_or(u16::MAX),
        }
    }
}

/// What is asked of a row before its listing is looked at; in the upper half, the checks beyond terms that it lets fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags(u32);

impl Flags {
    pub const VERIFIED: Self = Self(1);
    pub const REQUIRES_VERIFIED: Self = Self(1 << 1);
    pub const REQUIRES_CREDENTIALS: Self = Self(1 << 2);
    pub const FOR_VERIFIED: Self = Self(1 << 3);
    pub const INVITED: Self = Self(1 << 4);
    pub const TRUSTED: Self = Self(1 << 5);
    pub const URGENCY_CONFIRMED: Self = Self(1 << 6);
    pub const DESIGNATED: Self = Self(1 << 7);
    /// Its words name a category.
    pub const NAMES_CATEGORY: Self = Self(1 << 8);
    pub const WHOLE_ONLY: Self = Self(1 << 9);
    pub const MIN_ORDER: Self = Self(1 << 10);
    pub const RADIUS: Self = Self(1 << 11);
    pub const DATED: Self = Self(1 << 12);
    pub const AMOUNT: Self = Self(1 << 13);
    pub const LOCATED: Self = Self(1 << 14);
    /// It states the days it counts over.
    pub const PERIOD: Self = Self(1 << 15);
    const FIRST_DETAIL: u32 = 1 << 16;
    pub const ALL: Self = Self(u32::MAX);

    #[inline]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    #[inline]
    pub fn either(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline]
    pub fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    #[inline]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// More than one.
    #[inline]
    pub fn are_several(self) -> bool {
        self.0 & self.0.wrapping_sub(1) != 0
    }

    #[inline]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Of the checks beyond terms that `count`, those that the listing lets fail.
    pub fn of_details(item: &Item, count: impl Fn(&Stance) -> bool) -> Self {
        let bit = |at: usize| Self(Self::FIRST_DETAIL << at);
        let listed = stances(item).into_iter().enumerate().filter(|(_, stance)| stance.lets && count(stance));
        listed.fold(Self::default(), |flags, (at, _)| flags.either(bit(at)))
    }

    fn of(item: &Item) -> Self {
        let terms = &item.terms;
        let facts = Facts::of(item);
        let amount = if terms.side == Side::Offer { facts.price.is_some() } else { facts.cap.is_some() };
        [
            (Self::VERIFIED, item.verified),
            (Self::REQUIRES_VERIFIED, terms.required_level == RequiredLevel::Verified),
            (Self::REQUIRES_CREDENTIALS, !terms.required_credentials.is_empty()),
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
            (Self::PERIOD, facts.period.is_some()),
        ]
        .into_iter()
        .filter(|(_, set)| *set)
        .fold(Self::of_details(item, |_| true), |flags, (flag, _)| flags.either(flag))
    }
}

const _: () = assert!(size_of::<Row>() == 64 && MOST <= 16);

impl Row {
    /// `text` is the place of what it says among the block's texts.
    pub fn of(item: &Item, text: u8, manners: &mut Manners) -> Self {
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
            available_day: facts.available_from.map_or(NEVER, |date| date.num_days_from_ce()),
            needed_day: facts.needed_by.map_or(NEVER, |date| date.num_days_from_ce()),
            lead_days: facts.lead_days.map_or(UNSTATED, |days| days.min(UNSTATED - 1)),
            radius_km: facts.radius_km.map_or(ANYWHERE, |km| km.min(u32::from(ANYWHERE - 1)) as u16),
            valid_until: seconds_up(item.terms.valid_until),
            confirmed_at: seconds_up(item.confirmed_at),
            created_at: seconds_up(item.created_at),
            flags: Flags::of(item),
            trust: item.trust.map(TrustBound::of).unwrap_or_default(),
            count: manners.count(&facts),
            money: money.unwrap_or(0),
            place: item.location.map_or(NONE, |point| manners.place(point)),
            region: item.region_code.as_deref().map_or(NONE, |code| manners.region(code)),
            text,
            manner: facts.urgency as u8 | u8::from(facts.accepts_substitutes) << 4,
        }
    }

    /// Those of the listing, as far as its side goes.
    pub fn facts<'a>(&self, category: Option<&'a str>, side: Side, manners: &'a Manners) -> Facts<'a> {
        let counted = manners.counted(self.count);
        let (price, cap) = match (self.amount(), side) {
            (Some(amount), Side::Offer) => (manners.quote(self.money, amount), None),
            (Some(amount), Side::Need) => (None, manners.capped(self.money, amount)),
            (None, _) => (None, None),
        };
        Facts {
            category,
            quantity: self.quantity(),
            basis: counted.basis,
            unit: counted.unit,
            pack: counted.pack,
            min_order: self.min_order(),
            price,
            cap,
            location: manners.places().get(usize::from(self.place)).copied(),
            available_from: self.available_from(),
            needed_by: self.needed_by(),
            period: counted.period,
            lead_days: self.lead_days(),
            urgency: self.urgency(),
            accepts_partial: !self.flags.has(Flags::WHOLE_ONLY),
            accepts_substitutes: self.accepts_substitutes(),
            radius_km: self.radius_km(),
        }
    }

    pub fn quantity(&self) -> Option<Decimal> {
        Decimal::from_millionths(self.quantity)
    }

    pub fn min_order(&self) -> Option<Decimal> {
        Decimal::from_millionths(self.min_order)
    }

    pub fn amount(&self) -> Option<Decimal> {
        Decimal::from_millionths(self.amount)
    }

    pub fn available_from(&self) -> Option<NaiveDate> {
        date(self.available_day)
    }

    pub fn needed_by(&self) -> Option<NaiveDate> {
        date(self.needed_day)
    }

    pub fn lead_days(&self) -> Option<u32> {
        Some(self.lead_days).filter(|days| *days != UNSTATED)
    }

    pub fn radius_km(&self) -> Option<u32> {
        Some(self.radius_km).filter(|km| *km != ANYWHERE).map(u32::from)
    }

    pub fn urgency(&self) -> Urgency {
        match self.manner & 0xf {
            m if m == Urgency::Low as u8 => Urgency::Low,
            m if m == Urgency::High as u8 => Urgency::High,
            m if m == Urgency::Critical as u8 => Urgency::Critical,
            _ => Urgency::Normal,
        }
    }

    pub fn accepts_substitutes(&self) -> bool {
        self.manner >> 4 == 1
    }
}

fn date(day: i32) -> Option<NaiveDate> {
    (day != NEVER).then(|| NaiveDate::from_num_days_from_ce_opt(day)).flatten()
}

/// Rounded up, and kept within what four bytes hold: the year 2106.
pub(super) fn seconds_up(time: DateTime<Utc>) -> u32 {
    let seconds = time.timestamp() + i64::from(time.timestamp_subsec_nanos() > 0);
    u32::try_from(seconds.max(0)).unwrap_or(u32::MAX)
}
