//! What the gauges of the index and of standing matches share: bounds in floats.

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
