//! The best counterparts of a listing, best bound first.

use crate::matching::check::CheckCode;
use crate::matching::context::Context;
use crate::matching::item::Item;
use crate::matching::memo::Memo;
use crate::matching::rank::{Outcome, explain, near_miss};

use super::bound::{Ceiling, Question};
use super::scan::Scan;
use super::snapshot::Snapshot;
use super::standing::Standing;

impl Snapshot {
    /// What [`find_matches`](crate::matching::find_matches) answers over the same listings.
    pub fn find_matches(&self, query: &Item, limit: usize, ctx: &Context<'_>) -> Outcome {
        if !query.is_open(ctx.now) && !ctx.policy.is_relaxable(CheckCode::Open) {
            return Outcome::default();
        }
        let memo = Memo::new();
        let ctx = ctx.remembering(&memo);
        let mut scan = Scan::new(Question::new(query, ctx), limit);
        let question = scan.question();
        let mut blocks = Vec::new();
        for (.., category, partition) in self.partitions(Some(question.side), Some(query.kind())) {
            let standing = Standing::of(query, category, &ctx);
            if standing.is_unrelated() && !question.look_at_all {
                continue;
            }
            let said = partition.words().filter(|_| standing.by_words && !question.look_at_all);
            let said = said.map(|words| words.said(&question.words));
            for (at, block, gone) in partition.blocks() {
                let (some, every) = (block.summary.some, block.summary.every);
                if said.is_some_and(|said| partition.is_ordered(at) && !question.may_agree(said, some, every)) {
                    continue;
                }
                if let Some(ceiling) = question.ceiling(&block.summary, &standing) {
                    blocks.push((block, gone, standing, ceiling));
                }
            }
        }
        blocks.sort_by_key(|(.., ceiling)| std::cmp::Reverse(height(ceiling)));
        for (block, gone, standing, ceiling) in &blocks {
            if scan.is_hopeless(ceiling) {
                continue;
            }
            let ceiling = scan.question().closer(ceiling, block, standing);
            if !scan.is_hopeless(&ceiling) {
                scan.block(block, *gone, standing, &ceiling);
            }
        }
        let question = scan.question();
        let matches = scan.matches.kept().iter().map(|hit| explain(query, hit.item, &question.asked, &ctx)).collect();
        let near_misses = scan.misses.kept().iter().map(|miss| near_miss(query, miss, &ctx)).collect();
        Outcome { matches, near_misses }
    }
}

/// What is looked at first.
fn height(ceiling: &Ceiling) -> u64 {
    if ceiling.matches { ceiling.parts.sum } else { ceiling.near_sum().unwrap_or(0) }
}
