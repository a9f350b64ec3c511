//! One page of the market: blocks that may hold the best keys first, until no other can.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::domain::listing::{Kind, Side};
use crate::matching::context::Context;
use crate::matching::search::{SearchKey, SearchPage, SearchQuery};

use super::block::Block;
use super::earned::{Earned, most};
use super::look::Look;
use super::partition::Partition;
use super::snapshot::Snapshot;
use super::words::STRETCH;

/// What all listings of a partition have in common.
#[derive(Clone, Copy)]
pub(super) struct Shelved<'a> {
    pub side: Side,
    pub kind: Kind,
    pub category: Option<&'a str>,
}

/// A partition as a search meets it.
struct Hall<'a> {
    of: Shelved<'a>,
    partition: &'a Partition,
    earned: Earned<'a>,
}

/// A block to be looked at.
struct Shelf<'h> {
    /// No row comes before it.
    least: SearchKey,
    hall: &'h Hall<'h>,
    block: &'h Block,
    at: usize,
    gone: u128,
    /// By text, at most, once they have been read; empty where nothing is known.
    relevant: Option<Cow<'h, [f32]>>,
}

impl Snapshot {
    /// What [`search`](crate::matching::search) answers over the same listings.
    pub fn search(&self, query: &SearchQuery, ctx: &Context<'_>) -> SearchPage {
        let mut look = Look::new(query, ctx);
        let halls: Vec<Hall<'_>> = self.halls(query, ctx).collect();
        let mut shelves: BinaryHeap<_> = halls.iter().flat_map(|hall| hall.shelves(&look)).map(Reverse).collect();
        while let Some(Reverse(shelf)) = shelves.pop() {
            if look.is_over(&shelf.least) {
                break;
            }
            match &shelf.relevant {
                Some(relevant) => look.block(shelf.block, shelf.gone, relevant, shelf.hall.of),
                None => shelves.extend(shelf.read(&look).map(Reverse)),
            }
        }
        look.finish()
    }

    /// The partitions that filters leave.
    fn halls<'a>(&'a self, query: &'a SearchQuery, ctx: &'a Context<'_>) -> impl Iterator<Item = Hall<'a>> {
        self.partitions(query.side, query.kind).filter_map(|(side, kind, category, partition)| {
            let within = |wanted: &str| {
                category.is_some_and(|code| code == wanted || ctx.reference.categories.is_within(code, wanted))
            };
            let of = Shelved { side, kind, category };
            let earned = Earned::of(partition);
            query.category.as_deref().is_none_or(within).then_some(Hall { of, partition, earned })
        })
    }
}

impl<'a> Hall<'a> {
    fn shelves<'h>(&'h self, look: &Look<'_>) -> impl Iterator<Item = Shelf<'h>> {
        let stretches: Vec<f32> = self.partition.words().iter().map(|words| look.most_relevant(words)).collect();
        self.partition.blocks().filter_map(move |(at, block, gone)| {
            let most = stretches.get(at / STRETCH).filter(|_| self.partition.is_ordered(at));
            let least = look.least_key(&block.summary, most.copied().unwrap_or(1.0))?;
            let relevant = (!look.reads_words()).then(|| Cow::Borrowed(&[][..]));
            Some(Shelf { least, hall: self, block, at, gone, relevant })
        })
    }
}

impl Shelf<'_> {
    /// `None` where nothing is relevant enough.
    fn read(self, look: &Look<'_>) -> Option<Self> {
        let Self { hall, block, at, .. } = self;
        let relevant = match block.words() {
            _ if hall.partition.is_ordered(at) => {
                Cow::Borrowed(hall.earned.of_block(at, |words| look.relevance(words))?)
            }
            Some(words) => Cow::Owned(look.relevance(words)),
            None => Cow::Borrowed(&[][..]),
        };
        let most = if relevant.is_empty() { 1.0 } else { most(&relevant) };
        Some(Self { least: look.least_key(&block.summary, most)?, relevant: Some(relevant), ..self })
    }
}

impl Ord for Shelf<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.least.cmp(&other.least)
    }
}

impl PartialOrd for Shelf<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Shelf<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Shelf<'_> {}
