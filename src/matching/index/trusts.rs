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

thread_local! {
    /// What the questions before have worked out: it depends on the quantile alone.
    static KNOWN: RefCell<Rc<Known>> = RefCell::new(Rc::new(Known::of(f64::NAN, f64::NAN)));
}

/// Days of ageing told apart; after more, what was kept counts as after these, and what was broken not at all.
const DAYS: usize = 2048;

/// The quantile for counts of kept and broken promises in quarters, worked out when first asked for.
struct Known {
    quantile: f64,
    half_life: f64,
    worth: Vec<Cell<f64>>,
    /// What is left of a promise, by days.
    left: Vec<f64>,
}

impl Known {
    fn of(quantile: f64, half_life: f64) -> Self {
        let left = (0..DAYS).map(|days| (-(days as f64) / half_life).exp2()).collect();
        Self { quantile, half_life, worth: vec![Cell::new(f64::NAN); KEPT * BROKEN], left }
    }

    fn shared(quantile: f64, half_life: f64) -> Rc<Self> {
        KNOWN.with_borrow_mut(|known| {
            if (known.quantile, known.half_life) != (quantile, half_life) {
                *known = Rc::new(Self::of(quantile, half_life));
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
    as_of_days: i64,
    known: Rc<Known>,
}

impl Trusts {
    pub fn new(ctx: &Context<'_>) -> Self {
        Self {
            as_of_days: ctx.as_of.timestamp().div_euclid(24 * 3600),
            known: Known::shared(ctx.policy.trust_quantile, ctx.policy.trust_half_life_days.max(1.0)),
        }
    }

    pub fn most(&self, bound: TrustBound) -> f64 {
        self.most_since(bound, bound.day)
    }

    /// Of several, the earliest of that day. Kept promises as if aged too little and rounded up, broken ones too much and
    /// rounded down, by a day at least.
    pub fn most_since(&self, bound: TrustBound, earliest: u16) -> f64 {
        let age = |day: u16| self.as_of_days - i64::from(day);
        let left = |days: i64| self.known.left.get(usize::try_from(days).unwrap_or(0)).copied();
        let quarters = |count: u8, left: f64| f64::from(count) * left * QUARTERS as f64;
        let still_kept = left((age(bound.day) - 2).min(DAYS as i64 - 1)).unwrap_or(1.0);
        let still_broken = left(age(earliest) + 2).unwrap_or(0.0);
        let kept = quarters(bound.kept, still_kept).ceil() as usize;
        let broken = (quarters(bound.broken, still_broken).floor() as usize).min(BROKEN - 1);
        if bound.kept < u8::MAX { self.known.most(kept, broken).unwrap_or(1.0) } else { 1.0 }
    }
}
