//! The best counterparts of a listing, best bound first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use uuid::Uuid;

use crate::matching::check::CheckCode;
use crate::matching::context::Context;
use crate::matching::item::Item;
use crate::matching::memo::Memo;
use crate::matching::pair::Kinship;
use crate::matching::position::Position;
use crate::matching::rank::{Outcome, Ranked, explain, near_miss};
use crate::matching::score::Scale;

use super::block::Block;
use super::bound::{Ceiling, Question};
use super::earned::most;
use super::field::{Field, earn};
use super::scan::Scan;
use super::snapshot::Snapshot;
use super::standing::Standing;

/// Blocks gauged together before the best of their rows are looked at: those that come later have to do better. Few at
/// first, when nothing has been found yet and any row may enter.
const FIRST_BATCH: usize = 8;
const LARGEST_BATCH: usize = 32;
const _: () = assert!(LARGEST_BATCH <= u8::MAX as usize);

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
        self.best(query, limit, ctx, |found| found.position())
    }

    /// The best `limit` matches themselves.
    pub fn find_best(&self, query: &Item, limit: usize, ctx: &Context<'_>) -> Vec<Item> {
        self.best(query, limit, ctx, |found| found.item.clone())
    }

    fn best<T>(&self, query: &Item, limit: usize, ctx: &Context<'_>, of: impl Fn(&Ranked<'_>) -> T) -> Vec<T> {
        let (policy, memo) = (ctx.policy.without_near_misses(), Memo::new());
        let scan = self.scan(query, limit, ctx.with_policy(&policy).remembering(&memo));
        scan.map_or_else(Vec::new, |scan| scan.matches.kept().iter().map(of).collect())
    }

    /// The partitions something of which may be found.
    fn fields<'a>(&'a self, question: &Question<'a>) -> Vec<Field<'a>> {
        let (mut fields, mut ways) = (Vec::new(), 0);
        for (.., category, partition) in self.partitions(Some(question.side), Some(question.query.kind())) {
            let (query, ctx) = (question.query, &question.ctx);
            let kinship = Kinship::between(query.side(), query.category(), category, ctx);
            // No listing of such a partition passes the check of categories.
            if kinship == Kinship::Unrelated && !question.look_at_all {
                continue;
            }
            let standing = Standing { first_way: ways, ..Standing::of(query, category, kinship, ctx) };
            ways += partition.ways();
            fields.push(Field::new(standing, partition));
        }
        fields
    }

    /// `None` where nothing can be found.
    fn scan<'a>(&'a self, query: &'a Item, limit: usize, ctx: Context<'a>) -> Option<Scan<'a>> {
        if !query.is_open(ctx.now) && !ctx.policy.is_relaxable(CheckCode::Open) {
            return None;
        }
        let question = Question::new(query, ctx);
        if question.cannot_be_met() {
            return None;
        }
        let mut scan = Scan::new(question, limit);
        let fields = self.fields(scan.question());
        scan.expect_ways(fields.iter().map(|field| field.partition.ways()).sum());
        let mut blocks: Vec<Candidate<'_, '_>> = fields.iter().flat_map(|field| candidates(&scan, field)).collect();
        let scale = *scan.question().scale();
        blocks.sort_by_cached_key(|block| Reverse(height(&scale, &block.ceiling)));
        let (mut rest, mut size) = (blocks.as_slice(), FIRST_BATCH);
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(size.min(rest.len()));
            scan.blocks(batch);
            (rest, size) = (later, (2 * size).min(LARGEST_BATCH));
        }
        Some(scan)
    }
}

/// A block that may hold something.
pub(super) struct Candidate<'f, 'a> {
    pub block: &'a Block,
    /// A bit for each row that is no longer there.
    pub gone: u128,
    pub field: &'f Field<'a>,
    pub ceiling: Ceiling,
    /// By its texts, where its partition lists their words.
    pub earned: Option<&'f [f32]>,
}

fn candidates<'f, 'a>(scan: &Scan<'a>, field: &'f Field<'a>) -> impl Iterator<Item = Candidate<'f, 'a>> {
    let Field { standing, partition, .. } = field;
    let question = scan.question();
    partition.blocks().filter_map(move |(at, block, gone)| {
        let mut ceiling = question.ceiling(&block.summary, standing)?;
        let mut earned = None;
        if partition.is_ordered(at) {
            let texts = field.earned.of_block(at, |words| earn(words, standing, question, scan.worths()))?;
            scan.lower(&mut ceiling, Some(most(texts)).filter(|most| *most > f32::NEG_INFINITY)?);
            earned = Some(texts);
        }
        Some(Candidate { block, gone, field, ceiling, earned })
    })
}

/// What is looked at first.
fn height(scale: &Scale, ceiling: &Ceiling) -> u64 {
    let sum = if ceiling.matches { ceiling.parts.sum } else { ceiling.near_sum().unwrap_or(0) };
    order(scale.in_points(sum) as f32)
}

fn order(points: f32) -> u64 {
    (points * 1024.0) as u64
}
