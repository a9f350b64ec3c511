//! One page of the market: blocks that may hold the best keys first, until no other can.

use crate::domain::listing::Side;
use crate::matching::context::Context;
use crate::matching::item::Item;
use crate::matching::search::{
    FacetCounter, LEAST_RELEVANCE, SearchHit, SearchKey, SearchPage, SearchQuery, SearchSort, hit, page,
};
use crate::matching::text::Asked;

use super::block::{Block, ROWS};
use super::row::{Flags, Row};
use super::snapshot::Snapshot;
use super::words::{may_say, wanted};

impl Snapshot {
    /// What [`search`](crate::matching::search) answers over the same listings.
    pub fn search(&self, query: &SearchQuery, ctx: &Context<'_>) -> SearchPage {
        let mut look = Look::new(query, ctx);
        let mut blocks = Vec::new();
        for (side, category, partition) in self.partitions(query.side, query.kind) {
            let within = |wanted: &str| {
                category.is_some_and(|code| code == wanted || ctx.reference.categories.is_within(code, wanted))
            };
            if query.category.as_deref().is_some_and(|wanted| !within(wanted)) {
                continue;
            }
            for (_, block, gone) in partition.blocks() {
                if let Some(least) = look.least_key(block) {
                    blocks.push((least, side, block, gone));
                }
            }
        }
        blocks.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        for (least, side, block, gone) in &blocks {
            if look.is_over(least) {
                break;
            }
            look.block(block, *gone, *side);
        }
        look.finish()
    }
}

struct Look<'a> {
    query: &'a SearchQuery,
    ctx: &'a Context<'a>,
    asked: Option<Asked<'a>>,
    words: Vec<u32>,
    now: u32,
    facets: Option<FacetCounter>,
    /// The first of the page in order, one more than fit.
    hits: Vec<SearchHit>,
    said: [u64; ROWS],
}

impl<'a> Look<'a> {
    fn new(query: &'a SearchQuery, ctx: &'a Context<'a>) -> Self {
        let asked = query.text.as_ref().map(|text| Asked::of(text, ctx.statistics));
        Self {
            query,
            ctx,
            words: asked.iter().flat_map(Asked::tokens).map(wanted).collect(),
            asked,
            now: u32::try_from(ctx.now.timestamp()).unwrap_or(0),
            facets: query.facets.then(FacetCounter::default),
            hits: Vec::new(),
            said: [0; ROWS],
        }
    }

    /// `None` where the block holds no answer, else a key no row comes before.
    fn least_key(&self, block: &Block) -> Option<SearchKey> {
        let (query, summary) = (self.query, &block.summary);
        let km = query.near.map(|near| summary.least_km(near));
        let too_far = km.zip(query.radius_km).is_some_and(|(km, radius)| km > radius);
        let too_dear = query.price_max.is_some_and(|most| summary.amount.is_none_or(|least| least > most));
        if summary.valid_until <= self.now || too_far || too_dear {
            return None;
        }
        let relevance = self.asked.as_ref().map(|asked| match block.words() {
            Some(words) => most(asked, words.said(&self.words)),
            None => 1.0,
        });
        if relevance.is_some_and(|most| most < LEAST_RELEVANCE) {
            return None;
        }
        let price = summary.amount.map(|amount| amount.millionths());
        let rank = SearchKey::rank(query.sort, relevance, km, price);
        Some(SearchKey::at_best(rank, summary.created))
    }

    /// Nothing from this key on enters the page. Facets count everything.
    fn is_over(&self, least: &SearchKey) -> bool {
        self.facets.is_none() && self.is_full() && self.hits.last().is_some_and(|worst| worst.key < *least)
    }

    fn is_full(&self) -> bool {
        self.hits.len() > self.query.limit
    }

    fn block(&mut self, block: &Block, gone: u128, side: Side) {
        let words = block.words().filter(|_| self.asked.is_some());
        if let Some(words) = words {
            words.said_by_row(&self.words, &mut self.said);
        }
        for (at, row, item) in block.rows() {
            let said = words.and_then(|_| self.said.get(at).copied());
            if gone >> at & 1 == 0 && self.may_answer(row, said, item, side) {
                self.take(item);
            }
        }
    }

    fn may_answer(&self, row: &Row, said: Option<u64>, item: &Item, side: Side) -> bool {
        let query = self.query;
        let hidden = row.flags.has(Flags::INVITED) || row.flags.has(Flags::FOR_VERIFIED) && !query.viewer.verified;
        if row.valid_until <= self.now || hidden && !query.viewer.enterprises.contains(&item.enterprise_id) {
            return false;
        }
        if query.price_max.is_some_and(|most| row.amount().is_none_or(|amount| amount > most)) {
            return false;
        }
        if let (Side::Offer, Some(by)) = (side, query.available_by)
            && item.terms.available_from.is_some_and(|from| from > by)
        {
            return false;
        }
        let relevance = self.asked.as_ref().map(|asked| said.map_or(1.0, |said| most(asked, said)));
        if relevance.is_some_and(|most| most < LEAST_RELEVANCE) {
            return false;
        }
        if self.facets.is_some() || !self.is_full() {
            return true;
        }
        let price = row.amount().map(|amount| amount.millionths());
        // Distance is left to the listing: its blocks are in that order already.
        let rank = match query.sort {
            SearchSort::Distance => i64::MIN,
            sort => SearchKey::rank(sort, relevance, None, price),
        };
        self.hits.last().is_none_or(|worst| SearchKey::at_best(rank, i64::MAX) < worst.key)
    }

    fn take(&mut self, item: &Item) {
        let query = self.query;
        let Some(hit) = hit(item, query, self.asked.as_ref(), self.ctx) else { return };
        if let Some(facets) = &mut self.facets {
            facets.count(item, self.ctx.reference);
        }
        if query.after.as_ref().is_some_and(|after| hit.key <= *after) {
            return;
        }
        let at = self.hits.partition_point(|kept| kept.key < hit.key);
        if at <= query.limit {
            self.hits.insert(at, hit);
            self.hits.truncate(query.limit + 1);
        }
    }

    fn finish(self) -> SearchPage {
        page(self.hits, self.query, self.facets)
    }
}

/// The most a text can share that says no other of the words asked for than these.
fn most(asked: &Asked<'_>, said: u64) -> f64 {
    asked.most(|place| may_say(said, place))
}
