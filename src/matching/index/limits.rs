//! How far is too far: the radii of both sides, and how far workers come.

use crate::domain::listing::Side;
use crate::matching::check::CheckCode;

use super::bound::Question;
use super::cells::{BOTH, BYTES, Cell, limit_km};
use super::details::Commute;
use super::earnings::{failures, filled};
use super::gauge::Away;

/// How far a match may lie away.
pub(super) struct Limits {
    /// By [`Cell::radius`], the question's own counted in; and by [`Cell::commute`].
    radius: [f32; BYTES],
    commute: [f32; BYTES],
    /// Checks that fail beyond: two where a row is out then.
    pub distance: f32,
    pub commuting: f32,
}

impl Limits {
    pub fn of(question: &Question<'_>) -> Self {
        let (own, commute) = (question.facts.radius_km, Commute::of(question.query));
        let km = |km: Option<u32>| km.map_or(f32::INFINITY, |km| km as f32);
        let commuting = |step: u8| {
            let (own, theirs) = (km(commute.limit_km), limit_km(step));
            match question.side {
                Side::Offer if commute.both => own.min(theirs),
                Side::Offer => own,
                Side::Need if step & BOTH != 0 => own.min(theirs),
                Side::Need => theirs,
            }
        };
        Self {
            radius: filled(0.0, (0..=u8::MAX).map(|step| limit_km(step).min(km(own)))),
            commute: filled(0.0, (0..=u8::MAX).map(commuting)),
            distance: failures(question, CheckCode::Distance),
            commuting: failures(question, CheckCode::Commute),
        }
    }

    pub fn is_beyond(&self, cell: &Cell, away: &Away) -> bool {
        away.km > self.radius[usize::from(cell.radius)]
    }

    pub fn is_beyond_commute(&self, cell: &Cell, away: &Away) -> bool {
        away.km > self.commute[usize::from(cell.commute)]
    }
}
