//! What a listing could earn from those who ask: bounds for a block, then for one asker, then its score.
//!
//! An asker's weights are normalised over what it asks for, so a bound goes by the set of components. It is reckoned in
//! floating point with room for rounding, and only ever lets an asker through that the exact score then decides on.

use std::cell::Cell;

use strum::VariantArray;

use crate::domain::listing::{Kind, Side};
use crate::domain::place::Point;
use crate::matching::checks::{self, Screening};
use crate::matching::context::Context;
use crate::matching::factor::FactorCode;
use crate::matching::facts::Facts;
use crate::matching::item::Item;
use crate::matching::pair::{Deal, Kinship, Pair};
use crate::matching::price::Yardstick;
use crate::matching::rank::Ranked;
use crate::matching::score::Asked;
use crate::matching::shares;

use super::entry::{Asks, Entry, kilometres};
use super::partition::Block;

const CODES: usize = FactorCode::VARIANTS.len();
/// A score is rounded half up, each u to four decimals.
const ROUNDING: f64 = 0.6;

/// A listing as the askers of one partition see it.
pub(super) struct Candidate<'a> {
    item: &'a Item,
    facts: Facts<'a>,
    ctx: Context<'a>,
    /// For bounds: components come out as they are or higher.
    rough: Context<'a>,
    asking: Side,
    kind: Kind,
    kinship: Kinship<'a>,
    weights: [f64; CODES],
    /// At most.
    u: [f64; CODES],
    /// The last place met: neighbours share it.
    met: Cell<Option<(Point, f64)>>,
}

/// Weights and weighted u of a set of components, distance left out of the latter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sums {
    asks: Asks,
    total: f64,
    rest: f64,
}

impl Sums {
    /// `sum`, over the weights asked for, may make the score `bar`.
    fn reaches(&self, sum: f64, bar: u32) -> bool {
        1000.0 * sum + ROUNDING * self.total >= f64::from(bar) * self.total
    }
}

impl<'a> Candidate<'a> {
    /// `None` where no asker of that category takes such goods.
    pub fn new(item: &'a Item, category: Option<&'a str>, ctx: Context<'a>) -> Option<Self> {
        let (asking, kind) = (item.side().opposite(), item.kind());
        let kinship = Kinship::between(asking, category, item.category(), &ctx);
        if kinship == Kinship::Unrelated {
            return None;
        }
        let mut weights = [0.0; CODES];
        let mut u = [1.0; CODES];
        for code in FactorCode::VARIANTS {
            weights[*code as usize] = ctx.policy.weight(kind, *code).to_f64();
        }
        u[FactorCode::Trust as usize] = shares::trust(item.trust, item.category().or(category), &ctx);
        u[FactorCode::Freshness as usize] = shares::freshness(item.confirmed_at, &ctx).0;
        let urgency = shares::urgency(item.terms.urgency, item.urgency_confirmed, item.designated).0;
        u[FactorCode::Urgency as usize] = urgency.min(1.0);
        let rough = ctx.roughly();
        Some(Self { item, facts: Facts::of(item), ctx, rough, asking, kind, kinship, weights, u, met: Cell::new(None) })
    }

    fn sums(&self, asks: Asks) -> Sums {
        let asked = FactorCode::VARIANTS.iter().filter(|code| asks.has(**code));
        let (mut total, mut rest) = (0.0, 0.0);
        for code in asked {
            let weight = self.weights[*code as usize];
            total += weight;
            if *code != FactorCode::Distance {
                rest += weight * self.u[*code as usize];
            }
        }
        Sums { asks, total, rest }
    }

    fn near(&self, sums: &Sums, km: Option<f64>) -> f64 {
        if !sums.asks.has(FactorCode::Distance) {
            return sums.rest;
        }
        sums.rest + self.weights[FactorCode::Distance as usize] * shares::distance(km, self.kind, self.ctx.policy)
    }

    /// For each set of components that askers of the block ask for, in the order of its bars.
    pub fn sum_up(&self, block: &Block, sums: &mut Vec<Sums>) {
        sums.clear();
        sums.extend(block.bars().iter().map(|(asks, _)| self.sums(*asks)));
    }

    /// Whether it could enter anywhere in the block; `sums` are those of the block.
    pub fn may_enter(&self, block: &Block, sums: &[Sums]) -> bool {
        // Who asks for distance has a place.
        let km = self.item.location.map(|from| block.least_km(from));
        block.bars().iter().zip(sums).any(|((_, bar), sums)| sums.reaches(self.near(sums, km), *bar))
    }

    /// Whether it could be among this asker's best, for all that place, time and what is its own say.
    fn may_stand(&self, entry: &Entry, sums: &[Sums]) -> bool {
        let bar = entry.bar();
        let Some(sums) = sums.iter().find(|sums| sums.asks == entry.asks) else { return true };
        sums.reaches(sums.rest + self.weights[FactorCode::Distance as usize], bar)
            && sums.reaches(self.near(sums, self.kilometres(entry)), bar)
    }

    /// Its place among this asker's best, if it enters them or is there already. With the `sums` of the block, who surely
    /// does not let it in is not scored.
    pub fn enters<'e>(&'e self, entry: &'e Entry, k: usize, sums: Option<&[Sums]>) -> Option<Ranked<'e>> {
        if sums.is_some_and(|sums| !self.may_stand(entry, sums)) {
            return None;
        }
        let deal = self.deal(entry, self.kilometres(entry));
        if sums.is_some() && !self.terms_reach(entry, &deal, entry.bar()) {
            return None;
        }
        let ranked = self.judge(entry, deal)?;
        entry.admits(&ranked, k).then_some(ranked)
    }

    fn kilometres(&self, entry: &Entry) -> Option<f64> {
        let (from, to) = entry.place().zip(self.item.location)?;
        if let Some((_, km)) = self.met.get().filter(|(met, _)| *met == from) {
            return Some(km);
        }
        let km = kilometres(self.asking, from, to);
        self.met.set(Some((from, km)));
        Some(km)
    }

    fn deal<'e>(&'e self, entry: &'e Entry, distance_km: Option<f64>) -> Deal<'e> {
        let asked = Facts::of(&entry.asker);
        let (need, offer) = match self.asking {
            Side::Need => (asked, self.facts),
            Side::Offer => (self.facts, asked),
        };
        Deal { need, offer, asking: self.asking, kind: self.kind, distance_km, kinship: self.kinship }
    }

    fn terms_reach(&self, entry: &Entry, deal: &Deal<'_>, bar: u32) -> bool {
        let sums = self.sums(entry.asks);
        let mut sum = self.near(&sums, deal.distance_km);
        let mut reaches = |code: FactorCode, u: f64| {
            sum -= self.weights[code as usize] * (1.0 - u).clamp(0.0, 1.0);
            sums.reaches(sum, bar)
        };
        let asks = |code| entry.asks.has(code);
        (!asks(FactorCode::Quantity) || reaches(FactorCode::Quantity, shares::quantity(deal, &self.rough).0))
            && (!asks(FactorCode::Time) || reaches(FactorCode::Time, shares::time(deal, &self.rough).0))
            && (!asks(FactorCode::Price) || reaches(FactorCode::Price, self.price(deal)))
    }

    fn price(&self, deal: &Deal<'_>) -> f64 {
        let yardstick = Yardstick::of(deal.query(), self.asking, &self.ctx);
        yardstick.map_or(1.0, |yardstick| shares::price(deal, &yardstick, &self.rough).0)
    }

    fn judge<'e>(&'e self, entry: &'e Entry, deal: Deal<'e>) -> Option<Ranked<'e>> {
        let pair = Pair::with_deal(&entry.asker, self.item, deal);
        if checks::screen(&pair, &self.ctx) != Screening::Match {
            return None;
        }
        let score = Asked::of(&entry.asker, &self.ctx).score(&pair, &self.ctx);
        Some(Ranked { score, distance_km: deal.distance_km, item: self.item })
    }
}
