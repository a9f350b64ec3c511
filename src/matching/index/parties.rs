//! Who may deal with whom, as far as flags tell: the same for every row of a stance.

use crate::domain::listing::Urgency;
use crate::matching::check::CheckCode;
use crate::matching::factor::FactorCode;

use super::bound::Question;
use super::cells::{BYTES, URGENCY, flags_of};
use super::earnings::{NOTHING, filled};
use super::row::Flags;

pub(super) struct Parties {
    /// By stance: points of urgency, and everything less for who can be neither match nor near miss.
    pub stance: [f32; BYTES],
    /// Of any.
    pub most: f32,
    /// By stance, what is lost to who cannot be a match: everything.
    pub barred: [f32; BYTES],
    /// Checks that surely fail and may not, and those of which one may.
    pub forbidding: Flags,
    pub hindering: Flags,
}

impl Parties {
    /// `points`: of a part.
    pub fn of(question: &Question<'_>, points: impl Fn(u64) -> f32) -> Self {
        let is_out = |flags| question.is_hidden(flags) || question.parties(flags) > 1;
        let stance = |stance| if is_out(flags_of(stance)) { NOTHING } else { points(urgency(question, stance)) };
        let barred = |stance| if question.parties(flags_of(stance)) == 0 { 0.0 } else { NOTHING };
        let stance: [f32; BYTES] = filled(0.0, (0..=u8::MAX).map(stance));
        Self {
            stance,
            most: stance.iter().copied().fold(0.0, f32::max),
            barred: filled(0.0, (0..=u8::MAX).map(barred)),
            forbidding: surely(question, false),
            hindering: surely(question, true),
        }
    }
}

/// Checks that fail where a row lets them as the question does; relaxable ones, or the others.
fn surely(question: &Question<'_>, relaxable: bool) -> Flags {
    let counts = |code: CheckCode| question.is_relaxable(code) == relaxable;
    Flags::of_details(question.query, |stance| stance.surely && stance.code.is_some_and(counts))
}

fn urgency(question: &Question<'_>, stance: u8) -> u64 {
    if !question.asks(FactorCode::Urgency) {
        return 0;
    }
    let stated = [Urgency::Low, Urgency::Normal, Urgency::High, Urgency::Critical]
        .into_iter()
        .find(|urgency| *urgency as u8 == stance & URGENCY);
    question.urgency(stated.unwrap_or(Urgency::Critical), flags_of(stance))
}
