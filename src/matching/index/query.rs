//! The best counterparts of a listing, best bound first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use uuid::Uuid;

use crate::matching::check::CheckCode;
use crate::matching::context::Context;
use crate::matching::item::Item;
use crate::matching::memo::Memo;
use crate::matching::policy::{NearMissRules, Policy};
use crate::matching::position::Position;
use crate::matching::rank::{Outcome, Ranked, explain, near_miss};
use crate::matching::score::Scale;

use super::bound::{Ceiling, Question};
use super::gauge::Gauged;
use super::scan::Scan;
use super::snapshot::Snapshot;
use super::standing::Standing;

impl Snapshot {
    /// What [`find_matches`](crate::matching::find_matches) answers over the same listings.
    pub fn find_matches(&self, query: &Item, limit: usize, ctx: &Context<'_>) -> Outcome {
        self.find_matches_and(query, limit, ctx, |outcome, _| outcome)
    }

    /// The same, with the listings found at hand.
    pub(in crate::matching) fn find_matches_and<T>(
        &self,
        query: &Item,
        limit: usize,
        ctx: &Context<'_>,
        tell: impl FnOnce(Outcome, BTreeMap<Uuid, &Item>) -> T,
    ) -> T {
        let memo = Memo::new();
        let ctx = ctx.remembering(&memo);
        let Some(scan) = self.scan(query, limit, ctx) else { return tell(Outcome::default(), BTreeMap::new()) };
        let question = scan.question();
        let (hits, misses) = (scan.matches.kept(), scan.misses.kept());
        let matches = hits.iter().map(|hit| explain(query, hit.item, &question.asked, &ctx)).collect();
        let near_misses = misses.iter().map(|miss| near_miss(query, miss, &ctx)).collect();
        let items = hits.iter().chain(misses).map(|found| (found.item.id, found.item)).collect();
        tell(Outcome { matches, near_misses }, items)
    }

    /// The places of the best `limit` matches, without what explains them.
    pub fn rank(&self, query: &Item, limit: usize, ctx: &Context<'_>) -> Vec<Position> {
        let near_misses = NearMissRules { limit: 0, ..ctx.policy.near_misses.clone() };
        let policy = Policy { near_misses, ..ctx.policy.clone() };
        let memo = Memo::new();
        let scan = self.scan(query, limit, ctx.with_policy(&policy).remembering(&memo));
        scan.map_or_else(Vec::new, |scan| scan.matches.kept().iter().map(Ranked::position).collect())
    }

    /// `None` where nothing can be found.
    fn scan<'a>(&'a self, query: &'a Item, limit: usize, ctx: Context<'a>) -> Option<Scan<'a>> {
        if !query.is_open(ctx.now) && !ctx.policy.is_relaxable(CheckCode::Open) {
            return None;
        }
        let mut scan = Scan::new(Question::new(query, ctx), limit);
        let question = scan.question();
        let (mut blocks, mut ways) = (Vec::new(), 0);
        for (.., category, partition) in self.partitions(Some(question.side), Some(query.kind())) {
            let standing = Standing { first_way: ways, ..Standing::of(query, category, &ctx) };
            if standing.is_unrelated() && !question.look_at_all {
                continue;
            }
            ways += partition.ways();
            let said = partition.words().filter(|_| standing.by_words && !question.look_at_all);
            let said = said.map(|words| words.said(&question.words));
            for (at, block, gone) in partition.blocks() {
                let (some, every) = (block.summary.some, block.summary.every);
                if said.is_some_and(|said| partition.is_ordered(at) && !question.may_agree(said, some, every)) {
                    continue;
                }
                if let Some(ceiling) = question.ceiling(&block.summary, &standing) {
                    blocks.push((block, gone, standing, ceiling, Stage::Bounded));
                }
            }
        }
        scan.expect_ways(ways);
        // Bounded closer only when its turn comes, and then lined up again.
        let scale = *scan.question().scale();
        let height = |ceiling: &Ceiling| height(&scale, ceiling);
        let in_turn = blocks.iter().enumerate().map(|(at, (.., ceiling, _))| (height(ceiling), Reverse(at)));
        let mut turns: BinaryHeap<_> = in_turn.collect();
        while let Some((_, Reverse(at))) = turns.pop() {
            let Some((block, gone, standing, ceiling, stage)) = blocks.get_mut(at) else { continue };
            match *stage {
                _ if scan.is_hopeless(ceiling) => {}
                Stage::Bounded => {
                    (*ceiling, *stage) = (scan.question().closer(ceiling, block, standing), Stage::Close);
                    turns.push((height(ceiling), Reverse(at)));
                }
                Stage::Close => {
                    let (first, best) = scan.gauge(block, *gone, standing, ceiling);
                    if scan.is_short() {
                        scan.block(block, first, standing, ceiling);
                    } else if scan.may_enter(best) {
                        *stage = Stage::Gauged(first, best);
                        turns.push((order(best.as_match.max(best.as_miss)), Reverse(at)));
                    }
                }
                Stage::Gauged(_, best) if !scan.may_enter(best) => {}
                Stage::Gauged(first, _) => scan.block(block, first, standing, ceiling),
            }
        }
        Some(scan)
    }
}

/// What is known of a block so far.
#[derive(Debug, Clone, Copy)]
enum Stage {
    /// By its summary.
    Bounded,
    /// By words and prices.
    Close,
    /// By its rows: where what the first could earn lies, and the best of them.
    Gauged(usize, Gauged),
}

/// What is looked at first.
fn height(scale: &Scale, ceiling: &Ceiling) -> u64 {
    let sum = if ceiling.matches { ceiling.parts.sum } else { ceiling.near_sum().unwrap_or(0) };
    order(scale.in_points(sum) as f32)
}

fn order(points: f32) -> u64 {
    (points * 1024.0) as u64
}
