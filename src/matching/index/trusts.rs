//! Bounds of trust, so that most listings of known trust need not have theirs worked out.

use std::cell::Cell;

use crate::matching::context::Context;
use crate::matching::trust::beta_quantile;

use super::row::TrustBound;

/// Counts told apart; more kept promises bound nothing, more broken ones count as the last.
const KEPT: usize = 33;
const BROKEN: usize = 9;
const MET: usize = 2048;

/// What whole counts of promises are worth at one time, worked out when first asked for.
pub(super) struct Trusts {
    as_of_days: f64,
    half_life: f64,
    quantile: f64,
    known: Vec<Cell<f64>>,
    /// The last met of each of a few, as stated.
    met: Vec<Cell<(TrustBound, f64)>>,
}

impl Trusts {
    pub fn new(ctx: &Context<'_>) -> Self {
        Self {
            as_of_days: ctx.as_of.timestamp() as f64 / (24.0 * 3600.0),
            half_life: ctx.policy.trust_half_life_days.max(1.0),
            quantile: ctx.policy.trust_quantile,
            known: vec![Cell::new(f64::NAN); KEPT * BROKEN],
            met: vec![Cell::new((TrustBound::default(), f64::NAN)); MET],
        }
    }

    pub fn most(&self, bound: TrustBound) -> f64 {
        let place = usize::from(bound.kept) * 31 + usize::from(bound.broken) * 7 + usize::from(bound.day) * 257;
        let Some(met) = self.met.get(place % MET) else { return 1.0 };
        let (held, most) = met.get();
        if held == bound && !most.is_nan() {
            return most;
        }
        let most = self.reckon(bound);
        met.set((bound, most));
        most
    }

    /// Kept promises as if aged a day too little, broken ones a day too much, both in whole numbers.
    fn reckon(&self, bound: TrustBound) -> f64 {
        let age = self.as_of_days - f64::from(bound.day);
        let aged = |count: u8, days: f64| f64::from(count) * (-days.max(0.0) / self.half_life).exp2();
        let kept = aged(bound.kept, age - 1.001).ceil() as usize;
        let broken = (aged(bound.broken, age + 0.001).floor() as usize).min(BROKEN - 1);
        let Some(known) = self.known.get(kept * BROKEN + broken).filter(|_| bound.kept < u8::MAX) else { return 1.0 };
        if known.get().is_nan() {
            known.set(beta_quantile(self.quantile, 1.0 + kept as f64, 1.0 + broken as f64) + 1e-6);
        }
        known.get()
    }
}
