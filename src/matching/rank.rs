//! Check everything, score everything, sort: the exact answer.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::check::Check;
use super::checks::{self, Screening};
use super::context::Context;
use super::factor::Factor;
use super::item::Item;
use super::market::Market;
use super::pair::Pair;
use super::position::Position;
use super::quantity::Coverage;
use super::score::Asked;
use crate::domain::decimal::Decimal;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Outcome {
    /// Best first.
    pub matches: Vec<Match>,
    /// Listings that fail exactly one relaxable check, by the score they would have.
    pub near_misses: Vec<NearMiss>,
}

/// Serialised as it is stored: codes and values, no sentences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Match {
    pub id: Uuid,
    pub version: i32,
    /// 0 to 1000: the sum of the factors' points.
    pub score: u32,
    /// `2ab / (a + b)` of the scores either side gives the other; shown only, never ordered by.
    pub mutual: u32,
    /// What the two could agree on, in the asking side's `unit_code`.
    pub matchable_quantity: Option<Decimal>,
    pub unit_code: Option<String>,
    /// The offer covers less than is needed; `None` where the quantities cannot be compared.
    pub partial: Option<bool>,
    pub distance_km: Option<f64>,
    pub factors: Vec<Factor>,
    pub checks: Vec<Check>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NearMiss {
    pub id: Uuid,
    pub version: i32,
    /// What it would have, did it pass.
    pub score: u32,
    pub distance_km: Option<f64>,
    /// The one check it fails.
    pub blockers: Vec<Check>,
}

/// One pair looked at in full, whether it matches or not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    pub score: u32,
    pub factors: Vec<Factor>,
    pub checks: Vec<Check>,
}

/// The best `limit` counterparts of `query` and its near misses. Order: score, distance (unknown last), creation, id.
pub fn find_matches(market: &Market, query: &Item, limit: usize, ctx: &Context<'_>) -> Outcome {
    let asked = Asked::of(query, ctx);
    let (mut hits, mut misses) = (Vec::new(), Vec::new());
    for candidate in market.partition(query.side().opposite(), query.kind()) {
        let pair = Pair::new(query, candidate, ctx);
        let list = match checks::screen(&pair, ctx) {
            Screening::Match => &mut hits,
            Screening::NearMiss => &mut misses,
            Screening::Out => continue,
        };
        let score = asked.score(&pair, ctx);
        list.push(Ranked { score, distance_km: pair.distance_km, item: candidate });
    }
    hits.sort_by(Ranked::compare);
    misses.sort_by(Ranked::compare);
    Outcome {
        matches: hits.iter().take(limit).map(|hit| explain(query, hit.item, &asked, ctx)).collect(),
        near_misses: misses.iter().take(ctx.policy.near_misses.limit).map(|miss| near_miss(query, miss, ctx)).collect(),
    }
}

/// What [`find_matches`] says of `candidate`, whatever its rank; `None` where it is no match.
pub fn match_of(query: &Item, candidate: &Item, ctx: &Context<'_>) -> Option<Match> {
    let fits = checks::screen(&Pair::new(query, candidate, ctx), ctx) == Screening::Match;
    fits.then(|| explain(query, candidate, &Asked::of(query, ctx), ctx))
}

/// `query`'s view of `candidate`, with every check and factor.
pub fn assess(query: &Item, candidate: &Item, ctx: &Context<'_>) -> Assessment {
    let pair = Pair::new(query, candidate, ctx);
    let asked = Asked::of(query, ctx);
    let (score, factors) = asked.factors(asked.components(&pair, ctx), ctx.policy);
    Assessment { score, factors, checks: checks::all(&pair, ctx) }
}

#[derive(Debug)]
pub(super) struct Ranked<'a> {
    pub score: u32,
    pub distance_km: Option<f64>,
    pub item: &'a Item,
}

impl Ranked<'_> {
    pub fn compare(&self, other: &Self) -> Ordering {
        self.position().cmp(&other.position())
    }

    pub fn position(&self) -> Position {
        let Self { score, distance_km, item } = *self;
        Position { score, distance_km, created_at: item.created_at, id: item.id }
    }
}

pub(super) fn explain(query: &Item, candidate: &Item, asked: &Asked<'_>, ctx: &Context<'_>) -> Match {
    let pair = Pair::new(query, candidate, ctx);
    let (score, factors) = asked.factors(asked.components(&pair, ctx), ctx.policy);
    let coverage = Coverage::of(&pair, ctx).ok();
    Match {
        id: candidate.id,
        version: candidate.version,
        score,
        mutual: mutual(score, score_of(candidate, query, ctx)),
        matchable_quantity: coverage.and_then(|c| c.matchable(pair.asking)),
        unit_code: pair.query().unit.map(str::to_owned),
        partial: coverage.map(|c| !c.covers()),
        distance_km: pair.distance_km,
        factors,
        checks: checks::all(&pair, ctx),
    }
}

pub(super) fn near_miss(query: &Item, miss: &Ranked<'_>, ctx: &Context<'_>) -> NearMiss {
    let checks = checks::all(&Pair::new(query, miss.item, ctx), ctx);
    NearMiss {
        id: miss.item.id,
        version: miss.item.version,
        score: miss.score,
        distance_km: miss.distance_km,
        blockers: checks.into_iter().filter(Check::failed).collect(),
    }
}

fn score_of(query: &Item, candidate: &Item, ctx: &Context<'_>) -> u32 {
    let asked = Asked::of(query, ctx);
    asked.score(&Pair::new(query, candidate, ctx), ctx)
}

/// The harmonic mean of two scores, rounded half up.
fn mutual(a: u32, b: u32) -> u32 {
    let sum = a + b;
    if sum == 0 { 0 } else { (4 * a * b + sum) / (2 * sum) }
}
