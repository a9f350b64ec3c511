//! Search of the open market: what the words say is understood, then the index in memory is asked, off the HTTP workers.

use std::sync::Arc;

use chrono::Utc;
use serde_json::json;

use super::listings::{ShownListing, views_by_id};
use super::posting::{Passage, Reading, Source, Understood};
use super::{App, Caller, Error, Knowledge};
use crate::db;
use crate::domain::listing::Kind;
use crate::matching::{SearchPage, SearchQuery, Viewer};
use crate::vocabulary::understanding::{Found, Understood as Said};

/// What is less sure than this stays a word like any other.
const LEAST_CONFIDENCE: f64 = 0.7;

impl App {
    /// One page of the market with the listings themselves in the order found, and what was understood of the words.
    pub async fn search_listings(
        self: &Arc<Self>,
        caller: Option<&Caller>,
        mut query: SearchQuery,
        words: Option<String>,
    ) -> Result<(SearchPage, Vec<ShownListing>, Vec<Understood>), Error> {
        query.viewer = self.viewer(caller).await?;
        let (app, frozen) = (Arc::clone(self), self.frozen());
        let look = move || {
            let find = |query: &SearchQuery| app.market.read(|market| market.search(query, &frozen.context()));
            match words {
                Some(words) => search_words(query, &words, &frozen.knowledge, find),
                None => (find(&query), Vec::new()),
            }
        };
        let (page, understood): (SearchPage, _) = self.cpu.run(look).await?;
        let ids: Vec<_> = page.items.iter().map(|hit| hit.id).collect();
        let mut connection = self.database.get().await?;
        let mut found = views_by_id(&mut connection, caller, &ids).await?;
        let listings = ids.iter().filter_map(|id| found.remove(id)).collect();
        Ok((page, listings, understood))
    }

    async fn viewer(&self, caller: Option<&Caller>) -> Result<Viewer, Error> {
        let Some(caller) = caller else { return Ok(Viewer::default()) };
        let mut connection = self.database.get().await?;
        let standing = db::enterprises::standing(&mut connection, caller.account_id).await?;
        let verified = standing.iter().any(|(_, verified)| *verified);
        Ok(Viewer { enterprises: standing.into_iter().map(|(id, _)| id).collect(), verified })
    }
}

/// What the words ask for, and what was understood of them. A place among them at which nothing is found is let go: what
/// there is elsewhere is worth more than an empty page. It is so for every page alike.
pub(super) fn search_words(
    mut query: SearchQuery,
    words: &str,
    knowledge: &Knowledge,
    find: impl Fn(&SearchQuery) -> SearchPage,
) -> (SearchPage, Vec<Understood>) {
    let mut understood = understand(&mut query, words, knowledge);
    let page = find(&query);
    let place = understood.iter().position(|one| one.field == "region_code");
    let first_page = || SearchQuery { after: None, limit: 1, facets: false, ..query.clone() };
    let nothing_there = page.items.is_empty() && (query.after.is_none() || find(&first_page()).items.is_empty());
    match place.filter(|_| nothing_there) {
        None => (page, understood),
        Some(place) => {
            understood.remove(place);
            query.region_code = None;
            (find(&query), understood)
        }
    }
}

/// 武汉 口罩 1元以内: place and price become filters where none is given; quantities and days are no words to look for.
fn understand(query: &mut SearchQuery, words: &str, knowledge: &Knowledge) -> Vec<Understood> {
    let reading = Reading::new(knowledge, None, Utc::now());
    let said = reading.said(words);
    let mut understood = Vec::new();
    if query.region_code.is_none() && query.near.is_none() && !is_route(&said, knowledge) {
        let place = said.places.iter().find(|found| found.confidence >= LEAST_CONFIDENCE);
        query.region_code = place.map(|found| found.value.region_code.clone());
        understood.extend(place.map(|found| told("region_code", json!(found.value.region_code), words, found)));
    }
    let cap = said.price().filter(|found| found.value.cap && found.confidence >= LEAST_CONFIDENCE);
    if query.price_max.is_none()
        && query.currency.is_none()
        && let Some(found) = cap
    {
        query.price_max = found.value.upper.or(found.value.amount);
        query.currency = Some(found.value.currency.clone());
        understood.push(told("price_max", json!(query.price_max), words, found));
    }
    query.text = (!said.title.is_empty()).then(|| knowledge.understanding.vocabulary.profile(&said.title, None));
    understood
}

/// 洛阳到武汉专线: places are what a transport is about, not where it is listed.
fn is_route(said: &Said, knowledge: &Knowledge) -> bool {
    let category = said.category().and_then(|found| knowledge.reference.categories.get(&found.value));
    said.places.len() > 1 || category.is_some_and(|category| category.kind == Kind::Transport)
}

fn told<T>(field: &'static str, value: serde_json::Value, words: &str, found: &Found<T>) -> Understood {
    let passage = Some(Passage::of(words, found.span));
    Understood { field, value, confidence: found.confidence, source: Source::Query, passage }
}
