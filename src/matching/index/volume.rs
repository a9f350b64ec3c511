//! What a quantity earns of those who count alike, in floats: a few multiplications for each row, and never less than the
//! score makes of it. Where one side counts by days, so do they: [`quantity`](crate::matching::quantity) has the rules.

use crate::domain::decimal::SCALE;
use crate::domain::listing::Side;
use crate::domain::trade::QuantityBasis;
use crate::matching::gauging::Calendar;
use crate::matching::quantity::{Counting, days_in};

use super::bound::Question;

/// Of a quantity in millionths `same + quantity · (each + each_day · days) · (whole + parted / shared)`, at most 1; `days`
/// are those a need that is a row lasts, or those an offer that is a row shares with the question, `shared` those a row
/// that is a need shares with the question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Volume {
    same: f64,
    each: f64,
    each_day: f64,
    whole: f64,
    parted: f64,
    /// Each, of a need without a date.
    undated: f64,
    /// Each, of whoever states a period.
    at_most: f64,
}

/// Of each millionth: whatever is stated is enough.
const ENOUGH: f64 = 1.0;

/// Quantities this small may be rounded to twice as much.
const SMALL: f64 = 1e-3;

impl Volume {
    pub fn same(share: f64) -> Self {
        Self { same: share, ..Self::linear(0.0, 0.0) }
    }

    fn linear(each: f64, rounding: f64) -> Self {
        Self { same: rounding, each, each_day: 0.0, whole: 1.0, parted: 0.0, undated: each, at_most: each }
    }

    /// `basis`: that of the rows, some of which count in units `spread` times as large. No counting: quantities cannot be
    /// compared.
    pub fn of(question: &Question<'_>, counting: Option<Counting>, basis: QuantityBasis, spread: f64) -> Self {
        let unknown = Self::same(question.ctx.policy.unknown.quantity);
        let known = counting.filter(|_| question.facts.quantity.is_some());
        let counted = known.map_or(Some(unknown), |counting| match question.side {
            Side::Offer => offered(question, counting, basis, spread),
            Side::Need => needed(question, counting, basis, spread),
        });
        counted.unwrap_or(Self::same(1.0))
    }

    /// `None` where days count.
    pub fn of_totals(self) -> Option<Self> {
        (self.at_most == self.each && self.undated == self.each).then_some(self)
    }

    /// Of a quantity stated, whatever its days.
    pub fn share(&self, millionths: i64) -> f64 {
        self.same + self.at_most * millionths as f64
    }
}

/// Rounded to whole millionths thrice, of no less than so much.
fn rounding(least: f64) -> Option<f64> {
    (least > SMALL).then_some(3.0 / least / SCALE as f64)
}

/// `None` where it has no bound.
fn offered(question: &Question<'_>, counting: Counting, basis: QuantityBasis, spread: f64) -> Option<Volume> {
    let (wanted, of_unit) = counting.offered(question.facts.quantity?, &question.span, basis, question.ctx.today())?;
    let (wanted, ratio) = (wanted.to_f64(), counting.ratio.to_f64());
    let each = ratio / wanted / SCALE as f64;
    // Days are counted in the unit of the offer, and rounded there.
    let in_their_unit = if days_in(basis).is_some() { wanted / (ratio * spread) } else { wanted };
    let volume = Volume::linear(each * of_unit.at_most, rounding(wanted.min(in_their_unit))?);
    Some(match of_unit.a_day {
        Some(a_day) => Volume { each: 0.0, each_day: each * a_day, ..volume },
        None => volume,
    })
}

fn needed(question: &Question<'_>, counting: Counting, basis: QuantityBasis, spread: f64) -> Option<Volume> {
    let own = question.facts.quantity?;
    let (all, own) = (counting.ratio.apply(own)?.to_f64(), own.to_f64());
    let each = 1.0 / all / SCALE as f64;
    let (theirs, ours) = (days_in(basis), days_in(question.span.basis));
    if theirs.is_none() && ours.is_none() {
        return Some(Volume::linear(each, rounding(all / spread)?));
    }
    if counting.counts_heads() {
        return Some(Volume { at_most: ENOUGH, ..Volume::linear(each, rounding(all / spread)?) });
    }
    let days = |days: i64| days as f64;
    let volume = Volume::linear(each, rounding(all.min(own) / spread / ours.map_or(1.0, days))?);
    let (each, each_day) = theirs.map_or((each, 0.0), |one| (0.0, each / days(one)));
    let (whole, parted) = ours.map_or((1.0, 0.0), |one| (0.0, days(one)));
    let undated = match (ours, theirs, calendar(question).whole()) {
        (None, ..) => 1.0,
        (Some(ours), Some(theirs), _) => days(ours) / days(theirs),
        (Some(ours), None, Some(shared)) => {
            if shared > 0.0 {
                days(ours) / shared
            } else {
                0.0
            }
        }
        (Some(_), None, None) => 1.0,
    };
    Some(Volume { each, each_day, whole, parted, undated: volume.each * undated, at_most: ENOUGH, ..volume })
}

pub(super) fn calendar(question: &Question<'_>) -> Calendar {
    Calendar::of(question.side, &question.span, question.ctx.today())
}

/// A [`Volume`] in floats of half the length, for many rows at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct VolumeQuotient {
    pub same: f32,
    pub each: f32,
    pub each_day: f32,
    pub whole: f32,
    pub parted: f32,
    pub undated: f32,
    pub at_most: f32,
    /// No share is higher.
    pub most: f32,
    /// Of whoever states none.
    pub silent: f32,
}

/// Of whoever can be neither a match nor a near miss.
const OUT: f32 = -1e6;

/// What such floats may take from a share.
const ROUNDED: f64 = 4e-5;

impl VolumeQuotient {
    /// Of whoever cannot be compared: everything.
    pub const FULL: Self = Self {
        same: 1.0,
        each: 0.0,
        each_day: 0.0,
        whole: 1.0,
        parted: 0.0,
        undated: 0.0,
        at_most: 0.0,
        most: 1.0,
        silent: 1.0,
    };
    pub const OUT: Self = Self { same: OUT, most: OUT, silent: OUT, ..Self::FULL };

    /// `each`: in one of what the quantity is told in, so many of those it will be asked of.
    pub fn of(volume: &Volume, each: f64) -> Self {
        let own = |share: f64| (share / each * (1.0 + ROUNDED)) as f32;
        Self {
            same: rounded(volume.same),
            each: own(volume.each),
            each_day: own(volume.each_day),
            whole: volume.whole as f32,
            parted: volume.parted as f32,
            undated: own(volume.undated),
            at_most: own(volume.at_most),
            ..Self::FULL
        }
    }

    pub fn at_most(self, share: f64) -> Self {
        Self { most: rounded(share), ..self }
    }

    pub fn of_silent(self, share: f64) -> Self {
        Self { silent: rounded(share), ..self }
    }

    /// Of any quantity up to this, below 0 of none.
    pub fn best(&self, quantity: f32) -> f32 {
        if quantity < 0.0 { self.silent } else { (quantity * self.at_most + self.same).min(self.most) }
    }

    pub fn counts_days(&self) -> bool {
        self.at_most != self.each || self.undated != self.each
    }
}

fn rounded(share: f64) -> f32 {
    (share * (1.0 + ROUNDED)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotient_is_never_less_than_the_volume() {
        let linear = Volume::linear(7.3e-13, 2e-6);
        let by_days = Volume { each: 0.0, each_day: 7.3e-14, whole: 0.0, parted: 7.0, ..linear };
        let mut between = 0;
        for volume in [linear, by_days, Volume::same(0.5)] {
            for each in [1.0, 0.1, 50.0] {
                let quotient = VolumeQuotient::of(&volume, each);
                for quantity in [0_i64, 17, 9_999, 5_800_001, 999_999_999, 400_000_000_000, 1_000_000_000_000_000] {
                    for (days, shared) in [(1.0, 1.0), (30.0, 13.0), (365.0, 2.0)] {
                        let of_each = (volume.each + volume.each_day * days) * (volume.whole + volume.parted / shared);
                        let exact = (volume.same + of_each * quantity as f64).min(1.0);
                        let told = (quantity as f64 * each) as f32;
                        let (days, shared) = (days as f32, 1.0 / shared as f32);
                        let quick = quotient.same
                            + told
                                * (quotient.each + quotient.each_day * days)
                                * (quotient.whole + quotient.parted * shared);
                        assert!(f64::from(quick.min(1.0)) >= exact, "{volume:?} {quantity}: {quick} < {exact}");
                        between += usize::from(exact > 1e-3 && exact < 1.0);
                    }
                }
                assert!(f64::from(quotient.at_most) * each >= volume.at_most);
            }
        }
        assert!(between > 20, "{between}");
    }
}
