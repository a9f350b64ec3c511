//! What an arrival asks of each asker of a block, in two small pieces beside each other: whether it is near and soon enough
//! for the asker's bar, then what its terms say. In floats and bytes; what an arrival makes of them is in `gauge`.

use chrono::{Datelike, NaiveDate};

use crate::domain::attributes::{Attributes, ServiceType};
use crate::domain::decimal::Decimal;
use crate::domain::listing::{RequiredLevel, Side, Urgency};
use crate::domain::place::Point;
use crate::matching::checks::squeezed;
use crate::matching::context::Context;
use crate::matching::facts::Facts;
use crate::matching::gauging::EPOCH;
use crate::matching::item::Item;

use super::entry::Asks;

/// Steps from the middle of the earth to its surface.
pub(super) const STEPS: f32 = 32_767.0;
/// Of [`Cell::lead`]; longer ones count as the one before.
pub(super) const LEAD_UNSTATED: u8 = u8::MAX;
/// Farther than any place on earth is from another.
pub(super) const ANYWHERE: u16 = u16::MAX;

/// Who states more is wild.
pub(super) const MOST_QUANTITY: i64 = 100_000_000_000_000;

/// Of [`Gate::stance`].
pub(super) const URGENCY: u8 = 0b11;
pub(super) const VERIFIED: u8 = 1 << 2;
pub(super) const REQUIRES_VERIFIED: u8 = 1 << 3;
pub(super) const WHOLE_ONLY: u8 = 1 << 4;
pub(super) const SUBSTITUTES: u8 = 1 << 5;
/// Its goods are of a hazard class; its enterprise may be licensed for such.
pub(super) const HAZARD: u8 = 1 << 6;
pub(super) const LICENSED: u8 = 1 << 7;
pub(super) const STANCES: usize = 1 << 8;

/// Of [`Cell::sort`].
pub(super) const ANY_SORT: u8 = 0;

/// What says first whether more need be asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gate {
    pub bar: u16,
    /// The components asked for, by [`Asks::set`]; [`Asks::WILD`] for who has terms that do not fit.
    pub set: u8,
    /// Urgency, and what else flags say.
    pub stance: u8,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    /// Where it is, from the middle of the earth; nowhere where it asks for no distance.
    pub at: [i16; 3],
    pub radius_km: u16,
    /// From which an offer is available, by which a need is to be met: since [`EPOCH`], 0 where none is stated.
    pub day: u16,
    pub lead: u8,
    /// What it says of goods that must be the same on both sides, by number: two that differ do not match.
    pub sort: u8,
    /// As [`Credentials`].
    pub wants: u8,
    pub holds: u8,
}

/// A bit for each scheme wanted of the other side, and for each held; several share one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Credentials {
    pub wants: u8,
    pub holds: u8,
}

/// Amounts in millionths; negative where nothing is stated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stated {
    /// What an offer asks, what a need pays at most.
    pub amount: f32,
    pub quantity: f32,
    /// The least an offer sells.
    pub least: f32,
    /// How it counts and prices, and what it says, by the numbers of the partition.
    pub text: u32,
    pub way: u16,
}

const _: () = assert!(size_of::<Gate>() == 4 && size_of::<Cell>() == 14 && size_of::<Stated>() == 20);

impl Gate {
    pub fn of(item: &Item, asks: Asks, bar: u32, ctx: &Context<'_>) -> Self {
        let facts = Facts::of(item);
        let fits = stated_day(item, &facts).is_none_or(|date| day(date).is_some())
            && facts.quantity.is_none_or(|quantity| quantity.millionths() <= MOST_QUANTITY);
        let flags = [
            (VERIFIED, item.verified),
            (REQUIRES_VERIFIED, item.terms.required_level == RequiredLevel::Verified),
            (WHOLE_ONLY, !facts.accepts_partial),
            (SUBSTITUTES, facts.accepts_substitutes),
            (HAZARD, is_hazardous(item)),
            (LICENSED, is_licensed(item, ctx)),
        ];
        let set = flags.iter().filter(|(_, set)| *set);
        Self {
            bar: bar_of(bar),
            set: if fits { asks.set() } else { Asks::WILD },
            stance: set.fold(facts.urgency as u8 & URGENCY, |all, (bit, _)| all | bit),
        }
    }

    pub fn set_bar(&mut self, bar: u32) {
        self.bar = bar_of(bar);
    }
}

fn bar_of(bar: u32) -> u16 {
    u16::try_from(bar).unwrap_or(u16::MAX)
}

fn stated_day(item: &Item, facts: &Facts<'_>) -> Option<NaiveDate> {
    match item.side() {
        Side::Offer => facts.available_from,
        Side::Need => facts.needed_by,
    }
}

impl Cell {
    pub fn of(item: &Item) -> Self {
        let facts = Facts::of(item);
        let Credentials { wants, holds } = Credentials::of(item);
        Self {
            at: facts.location.map_or([0; 3], steps),
            radius_km: facts.radius_km.map_or(ANYWHERE, |km| km.min(u32::from(ANYWHERE)) as u16),
            day: stated_day(item, &facts).and_then(day).unwrap_or(0),
            lead: facts.lead_days.map_or(LEAD_UNSTATED, |days| days.min(u32::from(LEAD_UNSTATED - 1)) as u8),
            sort: sort(item),
            wants,
            holds,
        }
    }
}

impl Credentials {
    pub fn of(item: &Item) -> Self {
        let bits = |schemes: &mut dyn Iterator<Item = &String>| {
            schemes.fold(0_u8, |bits, scheme| bits | 1 << (number(scheme) % 8))
        };
        Self {
            wants: bits(&mut item.terms.required_credentials.iter()),
            holds: bits(&mut item.credentials.iter().map(|held| &held.scheme)),
        }
    }
}

pub(super) fn is_hazardous(item: &Item) -> bool {
    matches!(&item.terms.attributes, Attributes::Material(material) if material.hazard_class.is_some())
}

/// In date and for these goods, or not.
pub(super) fn is_licensed(item: &Item, ctx: &Context<'_>) -> bool {
    item.credentials.iter().any(|held| ctx.policy.hazard_licences.contains(&held.scheme))
}

pub(super) fn sort(item: &Item) -> u8 {
    let stated = match &item.terms.attributes {
        Attributes::Material(material) => material.grade.as_deref().map(|grade| number(&squeezed(grade)) % 255),
        Attributes::Equipment(equipment) => equipment.mode.map(|mode| mode as u8),
        Attributes::Service(service) => service.service.filter(|it| *it != ServiceType::Other).map(|it| it as u8),
        _ => None,
    };
    stated.map_or(ANY_SORT, |stated| stated + 1)
}

fn number(text: &str) -> u8 {
    text.bytes()
        .fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)))
        .to_le_bytes()
        .iter()
        .fold(0, |a, b| a ^ b)
}

impl Stated {
    pub fn of(item: &Item, way: u16, text: u32) -> Self {
        let facts = Facts::of(item);
        let number = |value: Option<Decimal>| value.map_or(-1.0, |value| value.millionths() as f32);
        let amount = match item.side() {
            Side::Offer => facts.price.map(|price| price.amount),
            Side::Need => facts.cap.map(|cap| cap.amount),
        };
        Self {
            amount: number(amount),
            quantity: number(facts.quantity),
            least: number(facts.min_order.filter(|_| item.side() == Side::Offer)),
            text,
            way,
        }
    }
}

/// `None` beyond what two bytes tell.
pub(super) fn day(date: NaiveDate) -> Option<u16> {
    u16::try_from(date.num_days_from_ce() - EPOCH).ok().filter(|day| *day > 0)
}

/// From the middle of the earth.
pub(super) fn steps(point: Point) -> [i16; 3] {
    point.direction().map(|axis| (axis * STEPS).round() as i16)
}

/// In the order of what two bits of a stance say.
pub(super) const URGENCIES: [Urgency; 4] = [Urgency::Critical, Urgency::High, Urgency::Normal, Urgency::Low];
