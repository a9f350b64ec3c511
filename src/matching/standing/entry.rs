//! One who asks, with the best counterparts known to it.

use std::sync::Arc;

use uuid::Uuid;

use crate::domain::listing::Side;
use crate::domain::place::Point;
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

    /// Of what not everybody on a side asks for.
    const SOME: [FactorCode; 5] =
        [FactorCode::Distance, FactorCode::Price, FactorCode::Time, FactorCode::Text, FactorCode::ChainLink];
    pub const SETS: usize = 1 << Self::SOME.len();
    /// No set.
    pub const WILD: u8 = Self::SETS as u8;

    /// A number for each set that anybody of one side asks for.
    pub fn set(self) -> u8 {
        Self::SOME.iter().enumerate().fold(0, |set, (bit, code)| set | u8::from(self.has(*code)) << bit)
    }

    /// What the askers of a side ask for whose set has this number.
    pub fn of_set(set: u8, asking: Side) -> Self {
        let some = Self::SOME.iter().enumerate().filter(|(bit, _)| set >> bit & 1 == 1).map(|(_, code)| *code);
        let all = [FactorCode::Quantity, FactorCode::Trust, FactorCode::Freshness];
        let urgency = (asking == Side::Offer).then_some(FactorCode::Urgency);
        Self(some.chain(all).chain(urgency).fold(0, |bits, code| bits | 1 << (code as usize)))
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
    /// The score of the K-th, or 0 where there are fewer.
    bar: u32,
    /// `best` is what looking at everything gives. Else nothing in it is wrong, but something may be missing: the true
    /// K-th is this one or a better one.
    pub exact: bool,
    pub asks: Asks,
}

impl Entry {
    /// Of whom nothing is known yet.
    pub fn new(asker: Arc<Item>, ctx: &Context<'_>) -> Self {
        let asks = Asks::of(&Asked::of(&asker, ctx));
        Self { asker, best: Vec::new(), bar: 0, exact: false, asks }
    }

    pub fn best(&self) -> &[Member] {
        &self.best
    }

    /// The least score that may enter.
    pub fn bar(&self) -> u32 {
        self.bar
    }

    /// One listing is one `Arc` throughout.
    pub fn holds(&self, item: &Item) -> bool {
        self.best.iter().any(|member| std::ptr::eq(&*member.item, item))
    }

    fn set_bar(&mut self, k: usize) {
        self.bar = k.checked_sub(1).and_then(|at| self.best.get(at)).map_or(0, |last| last.score);
    }

    /// Whether `candidate` comes before the K-th, or is one of them already.
    pub fn admits(&self, candidate: &Ranked<'_>, k: usize) -> bool {
        let Some(last) = k.checked_sub(1).and_then(|at| self.best.get(at)) else { return k > 0 };
        self.ranked(last).compare(candidate).is_ge() || self.holds(candidate.item)
    }

    fn ranked<'m>(&self, member: &'m Member) -> Ranked<'m> {
        Ranked { score: member.score, distance_km: self.kilometres(&member.item), item: &member.item }
    }

    /// In its place, unless it is there already.
    pub fn insert(&mut self, item: &Arc<Item>, score: u32, k: usize) {
        if self.holds(item) {
            return;
        }
        let new = Ranked { score, distance_km: self.kilometres(item), item };
        let at = self.best.partition_point(|member| self.ranked(member).compare(&new).is_lt());
        self.best.reserve_exact(1);
        self.best.insert(at, Member { item: Arc::clone(item), score });
        self.best.truncate(k);
        self.set_bar(k);
    }

    fn kilometres(&self, other: &Item) -> Option<f64> {
        self.asker
            .location
            .zip(other.location)
            .map(|(own, other_place)| kilometres(self.asker.side(), own, other_place))
    }

    /// Returns whether it was there. Whoever came after the K-th is then not known.
    pub fn remove(&mut self, id: Uuid, k: usize) -> bool {
        let Some(at) = self.best.iter().position(|member| member.item.id == id) else { return false };
        self.exact &= self.best.len() < k;
        self.best.remove(at);
        self.set_bar(k);
        true
    }

    /// To what looking at everything gives.
    pub fn settle(&mut self, best: Vec<Member>, k: usize) {
        self.best = best;
        self.best.shrink_to_fit();
        self.set_bar(k);
        self.exact = true;
    }

    /// To another K: of a longer list only the beginning is known.
    pub fn resize(&mut self, from: usize, to: usize) {
        self.exact &= to <= from || self.best.len() < from;
        self.best.truncate(to);
        self.set_bar(to);
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
        self.set_bar(k);
        self.asks = Asks::of(&asked);
        self.exact = false;
    }

    /// Beside the listings themselves.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.best.capacity() * size_of::<Member>()
    }
}

/// As a pair measures it: from the need to the offer.
pub(super) fn kilometres(asking: Side, asker: Point, other: Point) -> f64 {
    if asking == Side::Need { asker.distance_km(other) } else { other.distance_km(asker) }
}
