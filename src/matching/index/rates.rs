//! What an amount and a quantity earn of those who count and price alike, in floats: a multiplication or two, and never
//! less than the score makes of them.

use crate::domain::decimal::{Decimal, SCALE};
use crate::domain::listing::Side;
use crate::matching::gauging::PriceLine;
use crate::matching::policy::Policy;
use crate::matching::price::{Tariff, Yardstick};

use super::bound::Question;
use super::volume::Volume;

#[derive(Debug, Clone, Copy)]
pub(super) struct Rates {
    pub price: Price,
    pub quantity: Volume,
}

/// Shares in [0, 1]; amounts in millionths.
#[derive(Debug, Clone, Copy)]
pub(super) enum Price {
    Same(f64),
    /// Of what an offer asks.
    Asked {
        at_nothing: f64,
        per_amount: f64,
        per_km: f64,
        /// Against the cap of the question: who asks for more fails its check.
        capped: bool,
    },
    /// Of what a need pays: `most` for one, against what the question asks, and `low` where more than that is paid.
    Paid {
        most: f64,
        asked: f64,
        per_km: f64,
        floor: f64,
        low: f64,
    },
}

/// Shares of a price, for many rows at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct PriceQuotient {
    pub line: PriceLine,
    /// No share is higher.
    pub most: f32,
    /// 1 where the cap is compared.
    pub capped: f32,
}

/// What floats of half the length may take from a share.
const ROUNDED: f32 = 4e-5;

impl PriceQuotient {
    /// Of whoever cannot be compared: everything.
    pub const FULL: Self = Self { line: PriceLine::same(1.0), most: 1.0, capped: 0.0 };
    pub const ROUNDED: f32 = ROUNDED;

    /// `each`: in one of the amounts that the price is of, so many of those it will be asked of.
    pub fn of(price: &Price, each: f64) -> Self {
        let own = |per_amount: f64| (per_amount / each) as f32;
        let level = PriceLine::same(1.0);
        match *price {
            // Short floats cannot tell such amounts apart.
            Price::Asked { at_nothing, .. } if at_nothing > 100.0 => Self::FULL,
            Price::Same(u) => Self { line: PriceLine::same(u as f32 + ROUNDED), ..Self::FULL },
            Price::Asked { at_nothing, per_amount, per_km, capped } => {
                let (p, q) = (-own(per_amount), at_nothing as f32 + ROUNDED);
                Self { line: PriceLine { p, q, k: per_km as f32, ..level }, most: 1.0, capped: f32::from(capped) }
            }
            Price::Paid { floor, .. } if floor > 0.99 => Self::FULL,
            Price::Paid { most, asked, per_km, floor, low } => {
                let (p, t) = (own(most), own(most * (1.0 - floor)));
                let line = PriceLine { p, q: -asked as f32, k: per_km as f32, r: p, s: -low as f32, t };
                Self { line, most: 1.0, capped: 1.0 }
            }
        }
    }

    /// The same of whoever states none, but no more than `most`.
    pub fn silent(self, most: f64) -> Self {
        Self { most: most as f32 + ROUNDED, capped: 0.0, ..self }
    }

    /// Of one amount.
    pub fn usual(usual: &Price, amount: Decimal) -> Self {
        let amount = amount.millionths() as f64;
        let (share, per_km) = match *usual {
            Price::Same(u) => (u, 0.0),
            Price::Asked { at_nothing, per_amount, per_km, .. } => (at_nothing - per_amount * amount, per_km),
            Price::Paid { most, asked, per_km, floor, low } => {
                let paid = most * amount;
                let width = paid - low.min(floor * paid);
                if width > paid * 1e-3 { ((paid - asked) / width, per_km / width) } else { (1.0, 0.0) }
            }
        };
        let line = PriceLine { q: share as f32, k: per_km as f32, ..PriceLine::same(0.0) };
        let told = share.abs() < 100.0 && line.k < 100.0;
        Self { line: if told { line } else { PriceLine::same(1.0) }, ..Self::FULL }
    }

    /// Of any amount between these.
    pub fn at_most(&self, least: f32, most: f32) -> f32 {
        let share = |amount| self.line.share(amount, 0.0, ROUNDED).max(0.0).min(self.most);
        share(least).max(share(most))
    }

    /// Every price between these is surely above the cap.
    pub fn all_exceed(&self, least: f32, most: f32) -> bool {
        let exceeds = |amount| Self::exceeds(amount, self.line.p, self.line.q);
        self.capped > 0.0 && exceeds(least) && exceeds(most)
    }

    /// A price is surely above the cap, before freight.
    #[inline]
    pub fn exceeds(amount: f32, p: f32, q: f32) -> bool {
        (0.0..RECKONED).contains(&amount) & (p * amount + q < -ROUNDED * q.abs())
    }
}

/// Amounts that the check of prices reckons with in whole numbers.
const RECKONED: f32 = 1e15;

impl Price {
    /// `None` where prices cannot be compared.
    pub fn of(question: &Question<'_>, tariff: Option<&Tariff>) -> Self {
        let line = tariff.zip(question.asked.yardstick());
        let price = line.and_then(|(tariff, yardstick)| match question.side {
            Side::Offer => asked(question, tariff, yardstick),
            Side::Need => paid(question, tariff, yardstick),
        });
        price.unwrap_or(Price::Same(question.ctx.policy.unknown.price))
    }
}

impl Rates {
    /// Of an amount stated, from no nearer.
    pub fn price(&self, amount: i64, km: f64) -> f64 {
        let amount = amount as f64;
        match self.price {
            Price::Same(u) => u,
            Price::Asked { at_nothing, per_amount, per_km, .. } => at_nothing - per_amount * amount - per_km * km,
            Price::Paid { most, asked, per_km, floor, low } => {
                let most = most * amount;
                let low = low.min(floor * most);
                if most > low { (most - asked - per_km * km) / (most - low) } else { 1.0 }
            }
        }
    }
}

fn asked(question: &Question<'_>, tariff: &Tariff, yardstick: &Yardstick<'_>) -> Option<Price> {
    let policy = question.ctx.policy;
    let landed = |amount, km| tariff.landed(amount, question.facts.cap.map(|cap| cap.amount), km, yardstick, policy);
    let most = landed(Decimal::ZERO, None).most?;
    let low = policy.price_floor * yardstick.reference.map_or(most, |reference| reference.min(most));
    let per_km = landed(Decimal::ZERO, Some(1.0)).price;
    let per_amount = landed(Decimal::from_integer(1), None).price / SCALE as f64;
    let capped = tariff.compares_caps() && question.facts.cap.is_some();
    Some(line((most, low), per_amount, per_km, capped))
}

fn line((most, low): (f64, f64), per_amount: f64, per_km: f64, capped: bool) -> Price {
    let width = most - low;
    if most > 0.0 && width > most * 1e-9 {
        Price::Asked { at_nothing: most / width, per_amount: per_amount / width, per_km: per_km / width, capped }
    } else {
        Price::Same(1.0)
    }
}

fn paid(question: &Question<'_>, tariff: &Tariff, yardstick: &Yardstick<'_>) -> Option<Price> {
    let policy: &Policy = question.ctx.policy;
    let price = question.facts.price?.amount;
    let landed = |amount, cap, km| tariff.landed(amount, cap, km, yardstick, policy);
    let asked = landed(price, None, None).price;
    let per_km = landed(Decimal::ZERO, None, Some(1.0)).price;
    if !tariff.compares_caps() {
        let most = landed(price, None, None).most?;
        let low = policy.price_floor * yardstick.reference.map_or(most, |reference| reference.min(most));
        return Some(match line((most, low), 0.0, per_km, false) {
            Price::Asked { at_nothing, per_amount, per_km, capped } => {
                Price::Asked { at_nothing: at_nothing - asked / (most - low), per_amount, per_km, capped }
            }
            same => same,
        });
    }
    let most = landed(price, Some(Decimal::from_integer(1)), None).most? / SCALE as f64;
    let low = yardstick.reference.map_or(f64::INFINITY, |reference| policy.price_floor * reference);
    let floor_holds = policy.price_floor < 0.999;
    Some(if floor_holds {
        Price::Paid { most, asked, per_km, floor: policy.price_floor, low }
    } else {
        Price::Same(1.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotient_is_never_less_than_the_rate() {
        let share = |quotient: &PriceQuotient, amount, km| quotient.line.share(amount, km, ROUNDED).clamp(0.0, 1.0);
        let prices = [
            Price::Same(0.3),
            Price::Asked { at_nothing: 1.8, per_amount: 3.1e-7, per_km: 2e-4, capped: true },
            Price::Asked { at_nothing: 9.7, per_amount: 4e-12, per_km: 0.0, capped: false },
            Price::Asked { at_nothing: 4e8, per_amount: 91.0, per_km: 1e5, capped: false },
            Price::Paid { most: 0.88e-6, asked: 3.2, per_km: 1e-4, floor: 0.9, low: 2.9 },
            Price::Paid { most: 0.88e-6, asked: 3.2, per_km: 1e-4, floor: 0.9, low: f64::INFINITY },
            Price::Paid { most: 1.0, asked: 4e9, per_km: 0.1, floor: 0.995, low: 1e9 },
        ];
        let amounts =
            [0, 1, 17, 9_999, 3_200_000, 3_636_364, 5_800_001, 999_999_999, 4_000_000_000, 1_000_000_000_000_000];
        let mut seen = 0;
        for price in prices {
            let rates = Rates { price, quantity: Volume::same(1.0) };
            let quotient = PriceQuotient::of(&rates.price, 1.0);
            let in_tens = PriceQuotient::of(&rates.price, 0.1);
            for amount in amounts {
                for km in [0.0_f32, 12.5, 1800.0] {
                    let (exact, quick) =
                        (rates.price(amount, f64::from(km)).clamp(0.0, 1.0), share(&quotient, amount as f32, km));
                    assert!(f64::from(share(&in_tens, (amount as f64 / 10.0) as f32, km)) >= exact);
                    assert!(f64::from(quick) >= exact && quick <= 1.0, "{price:?} {amount} {km}: {quick} < {exact}");
                    // A cap of nothing is exceeded, and earns everything all the same.
                    let (p, q) = (quotient.line.p, quotient.line.q);
                    let exceeded = amount > 0 && quotient.capped > 0.0 && PriceQuotient::exceeds(amount as f32, p, q);
                    assert!(!exceeded || rates.price(amount, 0.0) < 0.0, "{price:?} {amount}");
                    seen += usize::from(f64::from(quick) < exact + 1e-3 && exact > 0.0 && exact < 1.0);
                }
            }
        }
        assert!(seen > 20, "{seen}");
    }
}
