//! Matches with as much explanation as was asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::blockers::blockers;
use super::check::{Check, CheckCode};
use super::context::Context;
use super::counterfactual::{Counterfactual, WhatIf};
use super::index::{Around, Category, Snapshot};
use super::item::Item;
use super::pair::Kinship;
use super::pooling::{MOST_LOOKED_AT, Pool, PoolReader, pool};
use super::rank::{NearMiss, Outcome};
use crate::domain::listing::{Side, Terms};
use crate::domain::place::Point;

/// How much of an explanation comes with a match.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ExplainLevel {
    /// Scores and quantities.
    None,
    /// Factors, checks and near misses.
    #[default]
    Short,
    /// Also counterfactuals, and what else entered each factor.
    Full,
}

/// An answer, and what more is to be said of its listings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Explained {
    pub outcome: Outcome,
    pub counterfactuals: BTreeMap<Uuid, Vec<Counterfactual>>,
    pub pools: BTreeMap<Uuid, Pool>,
    /// What fails with whoever comes, where nothing matches.
    pub blockers: Vec<Check>,
    /// Of the listings the outcome names.
    pub terms: BTreeMap<Uuid, Arc<Terms>>,
}

/// Counterfactuals are told of so many matches: trying changes takes a thousand times as long as scoring a pair.
const MATCHES_TOLD: usize = 20;

/// The best `limit` matches. `shown` is the most anybody is shown: ranks beyond it are not told.
pub fn find_explained(
    market: &Snapshot,
    query: &Item,
    limit: usize,
    shown: usize,
    level: ExplainLevel,
    ctx: &Context<'_>,
) -> Explained {
    market.find_matches_and(query, limit, ctx, |outcome, items| {
        let question = Question { market, query, outcome: &outcome, items: &items, ctx };
        let pools = if level == ExplainLevel::None { BTreeMap::new() } else { question.pools() };
        let full = level == ExplainLevel::Full;
        let counterfactuals = if full { question.counterfactuals(shown) } else { BTreeMap::new() };
        let blockers = if outcome.matches.is_empty() { blockers(query, ctx) } else { Vec::new() };
        let terms = items.iter().map(|(id, item)| (*id, Arc::clone(&item.terms))).collect();
        Explained { outcome, counterfactuals, pools, blockers, terms }
    })
}

struct Question<'a> {
    market: &'a Snapshot,
    query: &'a Item,
    outcome: &'a Outcome,
    /// The listings the outcome names.
    items: &'a BTreeMap<Uuid, &'a Item>,
    ctx: &'a Context<'a>,
}

/// By the category of an offer, those of the needs it could be for.
type Related<'a> = BTreeMap<Option<&'a str>, Vec<Category>>;
/// By a need and the category of an offer, the needs around it that the offer could be for.
type AroundNeeds<'a> = BTreeMap<(Uuid, Option<&'a str>), Vec<&'a Item>>;

impl<'a> Question<'a> {
    fn counterfactuals(&self, shown: usize) -> BTreeMap<Uuid, Vec<Counterfactual>> {
        let rank = |query: &Item| self.market.rank(query, shown + 1, self.ctx);
        let what_if = WhatIf::new(self.query, &rank, shown, *self.ctx);
        let matches = self.outcome.matches.iter().take(MATCHES_TOLD);
        let of_matches = matches.filter_map(|found| Some((found.id, what_if.of_match(self.items.get(&found.id)?))));
        let of_near_misses = self.outcome.near_misses.iter().filter_map(|miss| {
            let (item, blocker) = (self.items.get(&miss.id)?, miss.blockers.first()?);
            Some((miss.id, what_if.of_near_miss(item, blocker)))
        });
        of_matches.chain(of_near_misses).collect()
    }

    fn pools(&self) -> BTreeMap<Uuid, Pool> {
        let too_small = |miss: &&NearMiss| miss.blockers.iter().any(|check| check.code == CheckCode::MinimumOrder);
        let misses = self.outcome.near_misses.iter().filter(too_small);
        let (mut related, mut around) = (Related::default(), AroundNeeds::default());
        let mut pool = |miss: &NearMiss| self.pool(self.items.get(&miss.id)?, &mut related, &mut around);
        misses.filter_map(|miss| Some((miss.id, pool(miss)?))).collect()
    }

    fn pool(&self, candidate: &'a Item, related: &mut Related<'a>, around: &mut AroundNeeds<'a>) -> Option<Pool> {
        let query = self.query;
        let (need, offer) = if query.side() == Side::Need { (query, candidate) } else { (candidate, query) };
        let centre = need.location?;
        let near = around.entry((need.id, offer.category())).or_insert_with(|| {
            let categories = related.entry(offer.category()).or_insert_with(|| self.related(offer));
            self.around(need, centre, categories)
        });
        pool(offer, need, near.iter().copied(), self.reader(), self.ctx)
    }

    fn around(&self, need: &Item, centre: Point, categories: &[Category]) -> Vec<&'a Item> {
        let km = self.ctx.policy.pooling_radius_km;
        let around = Around { side: Side::Need, kind: need.kind(), categories, centre, km };
        let reader = self.reader();
        let admitted = |other: &Item| other.is_visible_to(Some(reader.enterprise_id), reader.verified);
        // The need itself is one of them.
        self.market.nearest(around, MOST_LOOKED_AT + 1, admitted)
    }

    fn reader(&self) -> PoolReader {
        PoolReader { enterprise_id: self.query.enterprise_id, verified: self.query.verified }
    }

    /// Categories of needs that the offer could be for.
    fn related(&self, offer: &Item) -> Vec<Category> {
        let unrelated = |category: &Category| {
            let kinship = Kinship::between(Side::Need, category.as_deref(), offer.category(), self.ctx);
            kinship == Kinship::Unrelated
        };
        self.market.categories(Side::Need, offer.kind()).filter(|category| !unrelated(category)).collect()
    }
}
