//! What a listing makes with one asker, exactly.

use crate::domain::listing::{Kind, Side};
use crate::matching::checks::{self, Screening};
use crate::matching::context::Context;
use crate::matching::factor::{FactorCode, round_u};
use crate::matching::facts::Facts;
use crate::matching::item::Item;
use crate::matching::pair::{Deal, Kinship, Pair};
use crate::matching::rank::Ranked;
use crate::matching::score::Asked;
use crate::matching::shares;

use super::entry::{Entry, kilometres};

/// A listing as the askers of one partition see it.
pub(super) struct Candidate<'a> {
    item: &'a Item,
    facts: Facts<'a>,
    ctx: Context<'a>,
    asking: Side,
    kind: Kind,
    kinship: Kinship<'a>,
    /// u of what is its own, in ten-thousandths.
    trust: u32,
    freshness: u32,
}

impl<'a> Candidate<'a> {
    /// `trust`: u of it, with such askers.
    pub fn new(item: &'a Item, trust: f64, kinship: Kinship<'a>, ctx: Context<'a>) -> Self {
        let (asking, kind, trust) = (item.side().opposite(), item.kind(), round_u(trust));
        let freshness = round_u(shares::freshness(item.confirmed_at, &ctx).0);
        Self { item, facts: Facts::of(item), ctx, asking, kind, kinship, trust, freshness }
    }

    /// Its place among this asker's best, if it enters them or is there already. `text`: what its words earn, where that is
    /// known.
    pub fn enters<'e>(&'e self, entry: &'e Entry, text: Option<f64>, k: usize) -> Option<Ranked<'e>> {
        let asked = Facts::of(&entry.asker);
        let distance_km = asked.location.zip(self.facts.location).map(|(from, to)| kilometres(self.asking, from, to));
        let (need, offer) = match self.asking {
            Side::Need => (asked, self.facts),
            Side::Offer => (self.facts, asked),
        };
        let (asking, kind, kinship) = (self.asking, self.kind, self.kinship);
        let deal = Deal { need, offer, asking, kind, distance_km, kinship };
        let pair = Pair::with_deal(&entry.asker, self.item, deal);
        if checks::screen(&pair, &self.ctx) != Screening::Match {
            return None;
        }
        let score = self.score(&pair, text);
        let ranked = Ranked { score, distance_km, item: self.item };
        entry.admits(&ranked, k).then_some(ranked)
    }

    fn score(&self, pair: &Pair<'_>, text: Option<f64>) -> u32 {
        let (asker, ctx) = (pair.query_item(), &self.ctx);
        let asked = match text {
            Some(_) => Asked::apart_from_words(asker, ctx),
            None => Asked::of(asker, ctx),
        };
        asked.score_with(|code| match (code, text) {
            (FactorCode::Trust, _) => self.trust,
            (FactorCode::Freshness, _) => self.freshness,
            (FactorCode::Text, Some(share)) => round_u(share),
            _ => asked.u(code, pair, ctx),
        })
    }
}
