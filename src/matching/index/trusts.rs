//! Bounds of trust, so that most listings of known trust need not have theirs worked out.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::matching::context::Context;
use crate::matching::trust::beta_quantile;

use super::row::TrustBound;

/// Counts told apart, in quarters; more kept promises bound nothing, more broken ones count as the last.
const KEPT: usize = 33 * QUARTERS;
const BROKEN: usize = 9 * QUARTERS;
const QUARTERS: usize = 4;
const MET: usize = 2048;

thread_local! {
    /// What the questions before have worked out: it depends on the quantile alone.
    static KNOWN: RefCell<Rc<Known>> = RefCell::new(Rc::new(Known::of(f64::NAN)));
}

/// The quantile for counts of kept and broken promises in quarters, worked out when first asked for.
struct Known {
    quantile: f64,
    worth: Vec<Cell<f64>>,
}

impl Known {
    fn of(quantile: f64) -> Self {
        Self { quantile, worth: vec![Cell::new(f64::NAN); KEPT * BROKEN] }
    }

    fn shared(quantile: f64) -> Rc<Self> {
        KNOWN.with_borrow_mut(|known| {
            if known.quantile != quantile {
                *known = Rc::new(Self::of(quantile));
            }
            Rc::clone(known)
        })
    }

    /// `None` for more kept promises than are told apart.
    fn most(&self, kept: usize, broken: usize) -> Option<f64> {
        let worth = self.worth.get(kept * BROKEN + broken)?;
        if worth.get().is_nan() {
            let count = |quarters: usize| 1.0 + quarters as f64 / QUARTERS as f64;
            worth.set(beta_quantile(self.quantile, count(kept), count(broken)) + 1e-6);
        }
        Some(worth.get())
    }
}

/// Bounds of what counts of promises are worth at one time.
pub(super) struct Trusts {
    as_of_days: f64,
    half_life: f64,
    known: Rc<Known>,
    /// The last met of each of a few, as stated.
    met: Vec<Cell<(TrustBound, f64)>>,
}

impl Trusts {
    pub fn new(ctx: &Context<'_>) -> Self {
        Self {
            as_of_days: ctx.as_of.timestamp() as f64 / (24.0 * 3600.0),
            half_life: ctx.policy.trust_half_life_days.max(1.0),
            known: Known::shared(ctx.policy.trust_quantile),
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

    /// Kept promises as if aged a day too little and rounded up, broken ones a day too much and rounded down.
    fn reckon(&self, bound: TrustBound) -> f64 {
        let age = self.as_of_days - f64::from(bound.day);
        let quarters =
            |count: u8, days: f64| f64::from(count) * (-days.max(0.0) / self.half_life).exp2() * QUARTERS as f64;
        let kept = quarters(bound.kept, age - 1.001).ceil() as usize;
        let broken = (quarters(bound.broken, age + 0.001).floor() as usize).min(BROKEN - 1);
        if bound.kept < u8::MAX { self.known.most(kept, broken).unwrap_or(1.0) } else { 1.0 }
    }
}
