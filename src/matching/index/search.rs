//! One page of the market: blocks that may hold the best keys first, until no other can.

use crate::domain::listing::{Kind, Side};
use crate::domain::place::{Direction, Point};
use crate::matching::context::Context;
use crate::matching::search::{LEAST_RELEVANCE, SearchKey, SearchPage, SearchQuery};

use super::block::{Block, Summary};
use super::look::Look;
use super::snapshot::Snapshot;

/// A block to be looked at.
struct Shelf<'a> {
    /// No row comes before it.
    least: SearchKey,
    block: &'a Block,
    gone: u128,
    of: Shelved<'a>,
}

/// What all listings of a partition have in common.
#[derive(Clone, Copy)]
pub(super) struct Shelved<'a> {
    pub side: Side,
    pub kind: Kind,
    pub category: Option<&'a str>,
}

impl Snapshot {
    /// What [`search`](crate::matching::search) answers over the same listings.
    pub fn search(&self, query: &SearchQuery, ctx: &Context<'_>) -> SearchPage {
        let mut look = Look::new(query, ctx);
        let (near, mut shelves) = (query.near.map(Point::direction), Vec::new());
        for (side, kind, category, partition) in self.partitions(query.side, query.kind) {
            let within = |wanted: &str| {
                category.is_some_and(|code| code == wanted || ctx.reference.categories.is_within(code, wanted))
            };
            if query.category.as_deref().is_some_and(|wanted| !within(wanted)) {
                continue;
            }
            let of = Shelved { side, kind, category };
            let ordered = partition.words().map_or(Some(1.0), |words| look.most_relevant(words));
            for (at, block, gone) in partition.blocks() {
                let relevance = if partition.is_ordered(at) { ordered } else { Some(1.0) };
                if relevance.is_none_or(|most| most >= LEAST_RELEVANCE)
                    && let Some(least) = least_key(query, near, &block.summary, relevance, look.now())
                {
                    shelves.push(Shelf { least, block, gone, of });
                }
            }
        }
        shelves.sort_by(|a, b| a.least.cmp(&b.least));
        for shelf in &shelves {
            if look.is_over(&shelf.least) {
                break;
            }
            let relevance = shelf.block.words().map_or(Some(1.0), |words| look.most_relevant(words));
            if relevance.is_none_or(|most| most >= LEAST_RELEVANCE)
                && let Some(least) = least_key(query, near, &shelf.block.summary, relevance, look.now())
                && !look.is_over(&least)
            {
                look.block(shelf.block, shelf.gone, shelf.of);
            }
        }
        look.finish()
    }
}

/// `None` where the block holds no answer, else a key no row comes before. `relevance` is the most its words earn, `None`
/// where no words are asked for.
fn least_key(
    query: &SearchQuery,
    near: Option<Direction>,
    summary: &Summary,
    relevance: Option<f64>,
    now: u32,
) -> Option<SearchKey> {
    let km = near.map(|near| summary.least_km(&near));
    let too_far = km.zip(query.radius_km).is_some_and(|(km, radius)| km > radius);
    let too_dear = query.price_max.is_some_and(|most| summary.amount.is_none_or(|least| least > most));
    if summary.valid_until <= now || too_far || too_dear {
        return None;
    }
    let price = summary.amount.map(|amount| amount.millionths());
    let relevance = relevance.filter(|_| query.text.is_some());
    Some(SearchKey::at_best(SearchKey::rank(query.sort, relevance, km, price), summary.created))
}
