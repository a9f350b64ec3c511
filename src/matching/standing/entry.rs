//! One who asks, with the best counterparts known to it.

use std::sync::Arc;

use uuid::Uuid;

use crate::matching::checks::{self, Screening};
use crate::matching::context::Context;
use crate::matching::factor::FactorCode;
use crate::matching::item::Item;
use crate::matching::pair::Pair;
use crate::matching::rank::Ranked;
use crate::matching::score::Asked;

/// The components an asker asks for, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asks(u16);

impl Asks {
    fn of(asked: &Asked<'_>) -> Self {
        Self(asked.codes().iter().fold(0, |bits, code| bits | 1 << (*code as usize)))
    }

    pub fn has(self, code: FactorCode) -> bool {
        self.0 >> (code as usize) & 1 == 1
    }
}

#[derive(Debug, Clone)]
pub(super) struct Member {
    pub item: Arc<Item>,
    pub score: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub asker: Arc<Item>,
    /// Matches, best first, at most K.
    best: Vec<Member>,
    /// `best` is what looking at everything gives. Else nothing in it is wrong, but something may be missing: the true
    /// K-th is this one or a better one.
    pub exact: bool,
    pub asks: Asks,
}

impl Entry {
    /// Of whom nothing is known yet.
    pub fn new(asker: Arc<Item>, ctx: &Context<'_>) -> Self {
        let asks = Asks::of(&Asked::of(&asker, ctx));
        Self { asker, best: Vec::new(), exact: false, asks }
    }

    pub fn best(&self) -> &[Member] {
        &self.best
    }

    /// The score of the K-th; `None` where there are fewer: whatever matches enters.
    pub fn bar(&self, k: usize) -> Option<u32> {
        self.best.get(k.checked_sub(1)?).map(|member| member.score)
    }

    pub fn holds(&self, id: Uuid) -> bool {
        self.best.iter().any(|member| member.item.id == id)
    }

    /// Whether `candidate` comes before the K-th, or is one of them already.
    pub fn admits(&self, candidate: &Ranked<'_>, k: usize) -> bool {
        let Some(last) = k.checked_sub(1).and_then(|at| self.best.get(at)) else { return k > 0 };
        self.ranked(last).compare(candidate).is_ge() || self.holds(candidate.item.id)
    }

    fn ranked<'m>(&self, member: &'m Member) -> Ranked<'m> {
        Ranked { score: member.score, distance_km: kilometres(&self.asker, &member.item), item: &member.item }
    }

    /// In its place, unless it is there already.
    pub fn insert(&mut self, item: &Arc<Item>, score: u32, k: usize) {
        if self.holds(item.id) {
            return;
        }
        let new = Ranked { score, distance_km: kilometres(&self.asker, item), item };
        let at = self.best.partition_point(|member| self.ranked(member).compare(&new).is_lt());
        self.best.reserve_exact(1);
        self.best.insert(at, Member { item: Arc::clone(item), score });
        self.best.truncate(k);
    }

    /// Returns whether it was there. Whoever came after the K-th is then not known.
    pub fn remove(&mut self, id: Uuid, k: usize) -> bool {
        let Some(at) = self.best.iter().position(|member| member.item.id == id) else { return false };
        self.exact &= self.best.len() < k;
        self.best.remove(at);
        true
    }

    /// To what looking at everything gives.
    pub fn settle(&mut self, best: Vec<Member>) {
        self.best = best;
        self.best.shrink_to_fit();
        self.exact = true;
    }

    /// The same counterparts under other statistics, another policy or another hour: as far as they still match.
    pub fn renew(&mut self, k: usize, ctx: &Context<'_>) {
        let asker = Arc::clone(&self.asker);
        let asked = Asked::of(&asker, ctx);
        let rescored = std::mem::take(&mut self.best).into_iter().filter_map(|member| {
            let pair = Pair::new(&asker, &member.item, ctx);
            let score = (checks::screen(&pair, ctx) == Screening::Match).then(|| asked.score(&pair, ctx))?;
            Some((score, member.item.clone()))
        });
        for (score, item) in rescored {
            self.insert(&item, score, k);
        }
        self.asks = Asks::of(&asked);
        self.exact = false;
    }

    /// Beside the listings themselves.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.best.capacity() * size_of::<Member>()
    }
}

/// As a pair measures it: from the need to the offer.
pub(super) fn kilometres(asker: &Item, other: &Item) -> Option<f64> {
    let (need, offer) = match asker.side() {
        crate::domain::listing::Side::Need => (asker, other),
        crate::domain::listing::Side::Offer => (other, asker),
    };
    need.location.zip(offer.location).map(|(from, to)| from.distance_km(to))
}
