//! What the gauges of the index and of standing matches share: bounds in floats.

use chrono::{Datelike, NaiveDate};

use super::quantity::Span;
use crate::domain::listing::Side;
use crate::domain::place::Direction;

/// Days since the year 1 up to the end of 1969: dates in two bytes count from it.
pub(super) const EPOCH: i32 = 719_162;

/// Less than the mean radius, so that nothing comes out too far.
pub(super) const EARTH_KM: f32 = 6371.0;

/// What rounding may take from kilometres reckoned by directions.
pub(super) const HAIR_KM: f32 = 0.05;

/// Between two places as seen from the middle of the earth, squared, in its radii.
#[inline]
pub(super) fn chord(from: &Direction, to: &Direction) -> f32 {
    let ([x, y, z], [a, b, c]) = (from, to);
    (x - a) * (x - a) + (y - b) * (y - b) + (z - c) * (z - c)
}

/// Between them, no more than it is: a chord is no longer than the way around.
#[inline]
pub(super) fn least_km(from: &Direction, to: &Direction) -> f32 {
    (chord(from, to).sqrt() * EARTH_KM - HAIR_KM).max(0.0)
}

/// The share of a price: `(p·amount + q − k·km) / max(r·amount + s, t·amount)`.
#[derive(Debug, Clone, Copy)]
pub(super) struct PriceLine {
    pub p: f32,
    pub q: f32,
    pub k: f32,
    pub r: f32,
    pub s: f32,
    pub t: f32,
}

impl PriceLine {
    /// The same whatever the amount.
    pub const fn same(share: f32) -> Self {
        Self { p: 0.0, q: share, k: 0.0, r: 0.0, s: 1.0, t: 0.0 }
    }

    /// Below 0 and above 1 too; `rounded` is what floats may have taken from it.
    #[inline]
    pub fn share(&self, amount: f32, km: f32, rounded: f32) -> f32 {
        let share = (self.p * amount + self.q - self.k * km) / (self.r * amount + self.s).max(self.t * amount);
        // A cap of nothing is met by whatever costs nothing.
        if amount == 0.0 { 1.0 } else { share + rounded }
    }
}

const NO_END: f32 = 1e7;

/// Days of one side, that of a question or of who arrives, since [`EPOCH`]; the rows are those of the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calendar {
    of_offers: bool,
    today: f32,
    /// What the rows' days are taken from.
    start: f32,
    end: f32,
}

impl Calendar {
    /// `rows`: the side they are of.
    pub fn of(rows: Side, span: &Span, today: NaiveDate) -> Self {
        let of_offers = rows == Side::Offer;
        let (from, until) =
            if of_offers { (today, span.needed_by) } else { (span.available_from.unwrap_or(today), None) };
        let start = span.period.map_or(from, |period| period.start);
        let end = span.period.map(|period| period.end).or(until);
        let day = |date: NaiveDate| date.num_days_from_ce().saturating_sub(EPOCH) as f32;
        let start = if of_offers { start } else { start.max(today) };
        Self { of_offers, today: day(today), start: day(start), end: end.map_or(NO_END, day).min(NO_END) }
    }

    /// Days that a row without any shares; `None` without end.
    pub fn whole(&self) -> Option<f64> {
        (self.end < NO_END).then(|| f64::from((self.end - self.start + 1.0).max(0.0)))
    }

    /// Those a need that is a row lasts, or an offer that is a row shares; and 1 / those a row shares. By the day of a row, 0 where none
    /// is stated.
    #[inline]
    pub fn days(&self, day: f32) -> (f32, f32) {
        let from = if self.of_offers { self.start.max(if day == 0.0 { self.today } else { day }) } else { self.start };
        let shared = (if self.of_offers { self.end } else { self.end.min(day) }) - from + 1.0;
        let lasting = if self.of_offers { shared } else { day - self.today + 1.0 };
        (lasting.max(0.0), if shared > 0.0 { 1.0 / shared } else { 0.0 })
    }

    /// Whether a row of this day has none that counts.
    #[inline]
    pub fn is_undated(&self, day: f32) -> bool {
        !self.of_offers & (day == 0.0)
    }
}
