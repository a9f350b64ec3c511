//! Tries changes, and says what each would do.

use std::cell::RefCell;

use serde_json::Value as Json;

use super::document::Document;
use super::levers::{Lever, Sides};
use super::{Counterfactual, CounterfactualCode, MOST, Whose};
use crate::domain::listing::Side;
use crate::matching::check::Check;
use crate::matching::checks::{self, Screening};
use crate::matching::context::Context;
use crate::matching::factor::{FactorCode, U_SCALE};
use crate::matching::item::Item;
use crate::matching::pair::Pair;
use crate::matching::position::Position;
use crate::matching::score::Asked;

/// The places of the matches of a listing, best first, as many as are shown at most and one more.
pub type Ranking<'a> = &'a dyn Fn(&Item) -> Vec<Position>;

/// One question, asked again with something changed.
pub struct WhatIf<'a> {
    query: &'a Item,
    asked: Asked<'a>,
    ctx: Context<'a>,
    rank: Ranking<'a>,
    /// As things stand.
    standing: Vec<Position>,
    /// Ranks past this many are not told.
    shown: usize,
    /// The changes of the asking listing met so far.
    met: RefCell<Vec<Reranked>>,
}

/// The ranking after one change of the asking listing.
struct Reranked {
    field: String,
    to: Option<Json>,
    places: Vec<Position>,
}

/// What a changed listing comes to.
struct Effect {
    rank: Option<usize>,
    score: u32,
}

impl<'a> WhatIf<'a> {
    pub fn new(query: &'a Item, rank: Ranking<'a>, shown: usize, ctx: Context<'a>) -> Self {
        let (asked, standing) = (Asked::of(query, &ctx), rank(query));
        Self { query, asked, ctx, rank, standing, shown, met: RefCell::default() }
    }

    /// What would make a match of a candidate that fails this check alone: first what the asking side can do.
    pub fn of_near_miss(&self, candidate: &Item, blocker: &Check) -> Vec<Counterfactual> {
        let (own, theirs) = (Document::of(self.query), Document::of(candidate));
        let sides = self.sides(&own, &theirs);
        let mut levers = sides.against(blocker, &self.ctx);
        levers.sort_by_key(|lever| lever.side != self.query.side());
        let found = levers.iter().filter_map(|lever| self.would_match(lever, sides, candidate));
        found.take(MOST).collect()
    }

    /// What would move a match up: changes of its own listing.
    pub fn of_match(&self, candidate: &Item) -> Vec<Counterfactual> {
        let Some(rank) = self.standing.iter().position(|at| at.id == candidate.id).filter(|rank| *rank > 0) else {
            return Vec::new();
        };
        let (own, theirs) = (Document::of(self.query), Document::of(candidate));
        let sides = self.sides(&own, &theirs);
        let pair = Pair::new(self.query, candidate, &self.ctx);
        // Nothing is to be gained for what is not asked for, or has all points already.
        let open =
            |code: FactorCode| self.asked.codes().contains(&code) && self.asked.u(code, &pair, &self.ctx) < U_SCALE;
        let levers = sides.better(candidate.side(), &self.ctx).into_iter().filter(|(code, _)| open(*code));
        levers.filter_map(|(_, lever)| self.would_rise(&lever, sides, rank + 1)).take(MOST).collect()
    }

    fn sides<'d>(&self, own: &'d Document<'d>, theirs: &'d Document<'d>) -> Sides<'d> {
        match self.query.side() {
            Side::Need => Sides { need: own, offer: theirs },
            Side::Offer => Sides { need: theirs, offer: own },
        }
    }

    fn would_match(&self, lever: &Lever, sides: Sides<'_>, candidate: &Item) -> Option<Counterfactual> {
        let document = sides.of(lever.side);
        let own = lever.side == self.query.side();
        let to = lever.grid.nearest(|value| {
            document.with(&lever.pointer, value).is_some_and(|changed| {
                if own { self.fits(&changed, candidate) } else { self.fits(self.query, &changed) }
            })
        })?;
        let changed = document.with(&lever.pointer, to.as_ref())?;
        if !document.may_become(&changed, &self.ctx) {
            return None;
        }
        let effect = if own {
            self.effect_of_own(lever, to.as_ref(), &changed, candidate)
        } else {
            self.effect_of_theirs(&changed)
        };
        Some(self.counterfactual(CounterfactualCode::WouldMatch, lever, document, to, effect))
    }

    fn would_rise(&self, lever: &Lever, sides: Sides<'_>, rank: usize) -> Option<Counterfactual> {
        let document = sides.of(lever.side);
        let rises = |changed: &Item| {
            self.fits(self.query, changed) && self.effect_of_theirs(changed).rank.is_some_and(|now| now < rank)
        };
        let to = lever.grid.nearest(|value| document.with(&lever.pointer, value).is_some_and(|item| rises(&item)))?;
        let changed = document.with(&lever.pointer, to.as_ref())?;
        if !document.may_become(&changed, &self.ctx) {
            return None;
        }
        let effect = self.effect_of_theirs(&changed);
        Some(self.counterfactual(CounterfactualCode::WouldRankHigher, lever, document, to, effect))
    }

    fn fits(&self, query: &Item, candidate: &Item) -> bool {
        checks::screen(&Pair::new(query, candidate, &self.ctx), &self.ctx) == Screening::Match
    }

    /// Others may come and go with the asking listing's terms: everything is ranked anew.
    fn effect_of_own(&self, lever: &Lever, to: Option<&Json>, changed: &Item, candidate: &Item) -> Effect {
        let mut met = self.met.borrow_mut();
        let known = met.iter().position(|one| one.field == lever.pointer && one.to.as_ref() == to);
        let at = known.unwrap_or_else(|| {
            let places = (self.rank)(changed);
            met.push(Reranked { field: lever.pointer.clone(), to: to.cloned(), places });
            met.len() - 1
        });
        let place = met[at].places.iter().take(self.shown).position(|position| position.id == candidate.id);
        let score = Asked::of(changed, &self.ctx).score(&Pair::new(changed, candidate, &self.ctx), &self.ctx);
        Effect { rank: place.map(|place| place + 1), score }
    }

    /// The others stay where they are.
    fn effect_of_theirs(&self, changed: &Item) -> Effect {
        let pair = Pair::new(self.query, changed, &self.ctx);
        let score = self.asked.score(&pair, &self.ctx);
        let (distance_km, created_at, id) = (pair.distance_km, changed.created_at, changed.id);
        let position = Position { score, distance_km, created_at, id };
        let before = self.standing.iter().filter(|other| other.id != id && **other < position).count();
        Effect { rank: Some(before + 1).filter(|rank| *rank <= self.shown), score }
    }

    fn counterfactual(
        &self,
        code: CounterfactualCode,
        lever: &Lever,
        document: &Document<'_>,
        to: Option<Json>,
        effect: Effect,
    ) -> Counterfactual {
        let whose = if lever.side == self.query.side() { Whose::Own } else { Whose::Theirs };
        let from = document.get(&lever.pointer).cloned();
        Counterfactual {
            code,
            whose,
            shown_from: document.shown(&lever.pointer, from.as_ref()),
            shown_to: document.shown(&lever.pointer, to.as_ref()),
            about: document.specification(&lever.pointer),
            field: lever.pointer.clone(),
            from,
            to,
            rank: effect.rank,
            score: effect.score,
        }
    }
}
