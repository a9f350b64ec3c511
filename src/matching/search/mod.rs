//! Reading the market without a listing of one's own: filters, four orders, facets, pages.

mod facets;
mod filter;
mod key;
mod query;

use super::context::Context;
use super::item::Item;
use super::market::Market;
use super::text::Asked;

pub use facets::Facets;
pub use key::{Measures, SearchKey};
pub use query::{SearchHit, SearchPage, SearchQuery, SearchSort, Viewer};

pub(super) use facets::FacetCounter;
pub(super) use filter::{DEFAULT_CURRENCY, is_not_over};
use filter::{admits, price};

/// Below this share of the words asked for a listing is not an answer.
pub(super) const LEAST_RELEVANCE: f64 = 0.05;

/// One page, in the order asked for. Pages are by key: a listing that stays as it is appears exactly once, whatever is
/// written in between. Relevance holds still for one version of the statistics, which the key names.
pub fn search(market: &Market, query: &SearchQuery, ctx: &Context<'_>) -> SearchPage {
    let mut facets = query.facets.then(FacetCounter::default);
    let mut hits: Vec<SearchHit> = Vec::new();
    let words = query.text.as_ref().map(|text| Asked::of(text, ctx.statistics));
    for item in candidates(market, query) {
        let Some(hit) = hit(item, query, words.as_ref(), ctx) else { continue };
        if let Some(facets) = &mut facets {
            facets.count(item, ctx.reference);
        }
        if query.after.as_ref().is_none_or(|after| hit.key > *after) {
            hits.push(hit);
        }
    }
    hits.sort_by(|a, b| a.key.cmp(&b.key));
    page(hits, query, facets)
}

/// Of hits in order: more than the limit say that there is a next page.
pub(super) fn page(mut hits: Vec<SearchHit>, query: &SearchQuery, facets: Option<FacetCounter>) -> SearchPage {
    let more = hits.len() > query.limit;
    hits.truncate(query.limit);
    let next = if more { hits.last().map(|hit| hit.key.clone()) } else { None };
    SearchPage { items: hits, next, facets: facets.map(FacetCounter::finish) }
}

fn candidates<'m>(market: &'m Market, query: &SearchQuery) -> Box<dyn Iterator<Item = &'m Item> + 'm> {
    match (query.side, query.kind) {
        (Some(side), Some(kind)) => Box::new(market.partition(side, kind).map(AsRef::as_ref)),
        _ => Box::new(market.iter().map(AsRef::as_ref)),
    }
}

/// `words` are those of the query.
pub(super) fn hit(item: &Item, query: &SearchQuery, words: Option<&Asked<'_>>, ctx: &Context<'_>) -> Option<SearchHit> {
    let distance_km = query.near.zip(item.location).map(|(near, location)| near.distance_km(location));
    if !admits(item, distance_km, query, ctx) {
        return None;
    }
    let relevance = words.map(|words| words.share(&item.profile, ctx.statistics, ctx.policy));
    if relevance.is_some_and(|r| r < LEAST_RELEVANCE) {
        return None;
    }
    let price = price(item, query).map(|price| price.millionths());
    let key = SearchKey::of(item, query.sort, relevance, distance_km, price, Measures::of(ctx));
    Some(SearchHit { id: item.id, relevance, distance_km, key })
}
