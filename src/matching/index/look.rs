//! The rows of a block as a search sees them: filters first, then whether the row could be on the page. What the row
//! cannot tell exactly its listing does.

use std::collections::BTreeMap;

use crate::domain::listing::Side;
use crate::domain::place::{Direction, Point};
use crate::matching::context::Context;
use crate::matching::item::Item;
use crate::matching::search::{
    DEFAULT_CURRENCY, FacetCounter, LEAST_RELEVANCE, SearchHit, SearchKey, SearchPage, SearchQuery, SearchSort, hit,
    is_not_over, page,
};
use crate::matching::text::Asked;

use super::block::{Block, Summary};
use super::row::{Flags, Row};
use super::search::Shelved;
use super::words::{Words, Worths};

pub(super) struct Look<'a> {
    query: &'a SearchQuery,
    ctx: &'a Context<'a>,
    asked: Option<Asked<'a>>,
    worths: Worths,
    now: u32,
    near: Option<Direction>,
    facets: Option<FacetCounter>,
    /// Found by code of region, over all blocks.
    regions: BTreeMap<String, u64>,
    /// The first of the page in order, one more than fit.
    hits: Vec<SearchHit>,
    sheet: Sheet,
}

/// What has been worked out about the block at hand.
#[derive(Default)]
struct Sheet {
    /// The most a text shares, and what it shares.
    most: Vec<f64>,
    shared: Vec<Option<f64>>,
    places: Vec<Option<f64>>,
    /// Whether a region is one asked for.
    regions: Vec<bool>,
    /// Found by region; last, those of none.
    found: Vec<u64>,
}

impl<'a> Look<'a> {
    pub fn new(query: &'a SearchQuery, ctx: &'a Context<'a>) -> Self {
        let asked = query.text.as_ref().map(|text| Asked::of(text, ctx.statistics));
        Self {
            query,
            ctx,
            worths: asked.as_ref().map_or_else(Worths::default, |asked| Worths::of(asked, 1.0, 0.0)),
            asked,
            now: u32::try_from(ctx.now.timestamp()).unwrap_or(0),
            near: query.near.map(Point::direction),
            facets: query.facets.then(FacetCounter::default),
            regions: BTreeMap::new(),
            hits: Vec::new(),
            sheet: Sheet::default(),
        }
    }

    pub fn reads_words(&self) -> bool {
        self.asked.is_some()
    }

    /// Of whoever says all of these words.
    pub fn most_relevant(&self, words: &Words) -> f32 {
        words.most(&self.worths)
    }

    /// By text, at most.
    pub fn relevance(&self, words: &Words) -> Vec<f32> {
        words.earn(&self.worths)
    }

    /// `None` where the block holds no answer, else a key no row comes before. `relevance`: the most its words earn.
    pub fn least_key(&self, summary: &Summary, relevance: f32) -> Option<SearchKey> {
        let (query, relevance) = (self.query, f64::from(relevance).min(1.0));
        let km = self.near.map(|near| summary.least_km(&near));
        let too_far = km.zip(query.radius_km).is_some_and(|(km, radius)| km > radius);
        let too_dear = query.price_max.is_some_and(|most| summary.amount.is_none_or(|least| least > most));
        let off_topic = self.reads_words() && relevance < LEAST_RELEVANCE;
        if summary.valid_until <= self.now || too_far || too_dear || off_topic {
            return None;
        }
        let price = summary.amount.map(|amount| amount.millionths());
        let relevance = self.reads_words().then_some(relevance);
        Some(SearchKey::at_best(SearchKey::rank(query.sort, relevance, km, price), summary.created))
    }

    /// Nothing from this key on enters the page. Facets count everything.
    pub fn is_over(&self, least: &SearchKey) -> bool {
        self.facets.is_none() && !self.enters(least)
    }

    fn enters(&self, least: &SearchKey) -> bool {
        let full = self.hits.len() > self.query.limit;
        self.hits.last().is_none_or(|worst| !full || *least <= worst.key)
    }

    /// `relevant`: by text, at most, where that is known.
    pub fn block(&mut self, block: &Block, gone: u128, relevant: &[f32], of: Shelved<'_>) {
        self.open(block, relevant);
        for (at, (row, item)) in block.rows().iter().zip(block.items()).enumerate() {
            if gone >> at & 1 == 1 || !self.admits(row, item, block, of.side) {
                continue;
            }
            if self.facets.is_some() {
                if !self.is_relevant(row, item) {
                    continue;
                }
                let none = self.sheet.found.len() - 1;
                if let Some(found) = self.sheet.found.get_mut(usize::from(row.region).min(none)) {
                    *found += 1;
                }
            }
            if self.enters(&self.key_at_best(row)) {
                self.take(item);
            }
        }
        self.count(block, of);
    }

    fn open(&mut self, block: &Block, relevant: &[f32]) {
        let (query, sheet, regions) = (self.query, &mut self.sheet, &self.ctx.reference.regions);
        sheet.most.clear();
        sheet.shared.clear();
        if self.asked.is_some() {
            sheet.shared.resize(block.text_count(), None);
            sheet.most.extend(relevant.iter().map(|most| f64::from(*most)));
            sheet.most.resize(block.text_count(), 1.0);
        }
        sheet.places.clear();
        if query.near.is_some() {
            sheet.places.resize(block.manners().places().len(), None);
        }
        sheet.regions.clear();
        if let Some(wanted) = &query.region_code {
            let within = |code: &str| code == wanted || regions.is_within(code, wanted);
            sheet.regions.extend(block.manners().regions().iter().map(|code| within(code)));
        }
        sheet.found.clear();
        sheet.found.resize(block.manners().regions().len() + 1, 0);
    }

    /// All filters but relevance, of which only that it may do.
    fn admits(&mut self, row: &Row, item: &Item, block: &Block, side: Side) -> bool {
        let query = self.query;
        let hidden = row.flags.has(Flags::INVITED) || row.flags.has(Flags::FOR_VERIFIED) && !query.viewer.verified;
        // The row knows whole seconds only.
        let open =
            row.valid_until > self.now.saturating_add(1) || row.valid_until > self.now && item.is_open(self.ctx.now);
        let may_tell = self.sheet.most.get(usize::from(row.text)).is_none_or(|most| *most >= LEAST_RELEVANCE);
        open && may_tell
            && (!hidden || query.viewer.enterprises.contains(&item.enterprise_id))
            && query.enterprise_id.is_none_or(|id| item.enterprise_id == id)
            && (query.region_code.is_none() || self.sheet.regions.get(usize::from(row.region)) == Some(&true))
            && within_price(row, block, query, side)
            && is_available(row, item, query, side)
            && self.is_near(row, block)
    }

    fn is_near(&mut self, row: &Row, block: &Block) -> bool {
        let Some(near) = self.query.near else { return true };
        let place = usize::from(row.place);
        let km = block
            .manners()
            .places()
            .get(place)
            .zip(self.sheet.places.get_mut(place))
            .map(|(to, known)| *known.get_or_insert_with(|| near.distance_km(*to)));
        self.query.radius_km.is_none_or(|radius| km.is_some_and(|km| km <= radius))
    }

    fn is_relevant(&mut self, row: &Row, item: &Item) -> bool {
        let (Some(asked), Some(shared)) = (&self.asked, self.sheet.shared.get_mut(usize::from(row.text))) else {
            return true;
        };
        let share = || asked.share(&item.profile, self.ctx.statistics, self.ctx.policy);
        *shared.get_or_insert_with(share) >= LEAST_RELEVANCE
    }

    /// A key the row does not come before.
    fn key_at_best(&self, row: &Row) -> SearchKey {
        let text = usize::from(row.text);
        let shared = self.sheet.shared.get(text).copied().flatten();
        let relevance = shared.or_else(|| self.sheet.most.get(text).copied());
        let km = self.sheet.places.get(usize::from(row.place)).copied().flatten();
        let price = row.amount().map(|amount| amount.millionths());
        let rank = match self.query.sort {
            // Another currency counts as none.
            SearchSort::Price => price.unwrap_or(i64::MAX),
            sort => SearchKey::rank(sort, relevance, km, price),
        };
        SearchKey::at_best(rank, i64::from(row.created_at) * 1_000_000)
    }

    fn take(&mut self, item: &Item) {
        let query = self.query;
        let Some(hit) = hit(item, query, self.asked.as_ref(), self.ctx) else { return };
        if query.after.as_ref().is_some_and(|after| hit.key <= *after) {
            return;
        }
        let at = self.hits.partition_point(|kept| kept.key < hit.key);
        if at <= query.limit {
            self.hits.insert(at, hit);
            self.hits.truncate(query.limit + 1);
        }
    }

    fn count(&mut self, block: &Block, of: Shelved<'_>) {
        let Some(facets) = &mut self.facets else { return };
        facets.count_alike(of.side, of.kind, of.category, self.sheet.found.iter().sum());
        let found = block.manners().regions().iter().zip(&self.sheet.found).filter(|(_, found)| **found > 0);
        for (code, found) in found {
            match self.regions.get_mut(&**code) {
                Some(count) => *count += found,
                None => {
                    self.regions.insert(code.to_string(), *found);
                }
            }
        }
    }

    pub fn finish(mut self) -> SearchPage {
        if let Some(facets) = &mut self.facets {
            self.regions.iter().for_each(|(code, found)| facets.count_region(code, *found, self.ctx.reference));
        }
        page(self.hits, self.query, self.facets)
    }
}

fn within_price(row: &Row, block: &Block, query: &SearchQuery, side: Side) -> bool {
    query.price_max.is_none_or(|most| {
        let wanted = query.currency.as_deref().unwrap_or(DEFAULT_CURRENCY);
        row.amount().filter(|amount| *amount <= most).is_some_and(|amount| match side {
            Side::Offer => block.manners().quote(row.money, amount).is_some_and(|quote| quote.currency == wanted),
            Side::Need => block.manners().capped(row.money, amount).is_some_and(|cap| cap.currency == wanted),
        })
    })
}

fn is_available(row: &Row, item: &Item, query: &SearchQuery, side: Side) -> bool {
    let Some(by) = query.available_by.filter(|_| side == Side::Offer) else { return true };
    row.available_from().is_none_or(|from| from <= by) && is_not_over(item, by)
}
