//! The documents as a market of their own, asked as the API asks it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use strum::VariantArray;
use uuid::Uuid;

use super::files::Text;
use super::run::{Ranked, mixed};
use super::{DEPTH, Settings};
use crate::app::Knowledge;
use crate::app::posting::Reading;
use crate::app::search::search_words;
use crate::domain::credential::HeldCredential;
use crate::domain::enterprise::{Enterprise, EnterpriseStatus, Profile};
use crate::domain::listing::{Kind, Side, Terms};
use crate::matching::{Context, Index, Item, Policy, SearchQuery, Statistics};

pub struct EvaluationMarket<'k> {
    knowledge: &'k Knowledge,
    settings: &'k Settings,
    policy: Policy,
    /// Of texts of which no kind is understood.
    kind: Kind,
    shelf: Shelf,
    /// Of queries that do not state one.
    side: Side,
    /// How many documents' kind is taken from the others.
    unknown: usize,
}

/// Documents in an index, with the figures the scores need.
struct Shelf {
    index: Index,
    statistics: Statistics,
    places: HashMap<Uuid, usize>,
}

impl<'k> EvaluationMarket<'k> {
    pub fn new(queries: &[Text], documents: &[Text], settings: &'k Settings, knowledge: &'k Knowledge) -> Self {
        let policy = Policy::default();
        let side = stated_side(queries).or_else(|| stated_side(documents).map(Side::opposite)).unwrap_or(Side::Need);
        let listed = |text: &Text, kind| terms_of(text, side.opposite(), kind, settings.now, knowledge);
        let read: Vec<Option<Terms>> = documents.iter().map(|text| listed(text, None)).collect();
        let kind = settings.kind.or_else(|| most_common_kind(&read)).unwrap_or(Kind::Material);
        let unknown = read.iter().filter(|terms| terms.is_none()).count();
        let terms = read.into_iter().zip(documents).map(|(terms, text)| terms.or_else(|| listed(text, Some(kind))));
        let listings =
            terms.enumerate().filter_map(|(place, terms)| Some((place, item(place, terms?, settings.now, knowledge))));
        let shelf = Shelf::new(listings.collect(), &policy, settings.now, knowledge);
        Self { knowledge, settings, policy, kind, shelf, side, unknown }
    }

    /// As `GET /v1/listings?q=` answers.
    pub fn search(&self, query: &Text) -> Vec<Ranked> {
        let (asked, context) = (SearchQuery { limit: DEPTH, ..SearchQuery::default() }, self.context());
        let find = |asked: &SearchQuery| self.shelf.index.snapshot().search(asked, &context);
        let (page, _) = search_words(asked, query.whole().trim(), self.knowledge, find);
        let hits = page.items.iter().filter_map(|hit| {
            let document = self.shelf.places.get(&hit.id)?;
            Some(Ranked { document: *document, score: hit.relevance.unwrap_or_default() })
        });
        hits.collect()
    }

    /// As `GET /v1/listings/{id}/matches` answers, were the query a listing.
    pub fn matches(&self, query: &Text) -> Vec<Ranked> {
        let Some(terms) = terms_of(query, self.side, Some(self.kind), self.settings.now, self.knowledge) else {
            return Vec::new();
        };
        // No document has this place.
        let asking = item(usize::MAX - 1, terms, self.settings.now, self.knowledge);
        let found = self.shelf.index.snapshot().find_matches(&asking, DEPTH, &self.context());
        let ranked = found.matches.iter().filter_map(|found| {
            let document = self.shelf.places.get(&found.id)?;
            Some(Ranked { document: *document, score: f64::from(found.score) })
        });
        ranked.collect()
    }

    pub fn notes(&self) -> Vec<String> {
        let side: &str = self.side.into();
        let mut notes = vec![format!("matching: a query that states no side is taken for one: {side}")];
        if self.unknown > 0 {
            let kind: &str = self.kind.into();
            notes.push(format!(
                "matching: {} documents of which no kind is understood are taken for {kind}",
                self.unknown
            ));
        }
        notes
    }

    fn context(&self) -> Context<'_> {
        Context::new(&self.knowledge.reference, &self.policy, &self.shelf.statistics, self.settings.now)
    }
}

impl Shelf {
    fn new(listings: Vec<(usize, Item)>, policy: &Policy, now: DateTime<Utc>, knowledge: &Knowledge) -> Self {
        let places = listings.iter().map(|(place, item)| (item.id, *place)).collect();
        let index = Index::of(listings.into_iter().map(|(_, item)| item));
        let statistics = Statistics::compute(index.snapshot().iter(), &knowledge.reference, policy, 1, now);
        Self { index, statistics, places }
    }
}

fn most_common_kind(read: &[Option<Terms>]) -> Option<Kind> {
    let counts = |kind: &Kind| read.iter().flatten().filter(|terms| terms.kind() == *kind).count();
    Kind::VARIANTS.iter().copied().max_by_key(counts).filter(|kind| counts(kind) > 0)
}

/// The one side that texts state, if they state one and no other.
fn stated_side(texts: &[Text]) -> Option<Side> {
    let mut stated = texts.iter().filter_map(Text::side);
    let first = stated.next()?;
    stated.all(|side| side == first).then_some(first)
}

/// What the text says and states, as a posting is completed; `None` where it is not understood what kind it is of.
fn terms_of(text: &Text, side: Side, kind: Option<Kind>, now: DateTime<Utc>, knowledge: &Knowledge) -> Option<Terms> {
    let mut document = text.terms.clone();
    document.entry("side").or_insert_with(|| <&str>::from(side).into());
    document.insert("title".into(), text.title.as_str().into());
    document.extend(text.description.as_deref().map(|words| ("description".to_owned(), Value::from(words))));
    let reading = Reading { fallback_kind: kind, ..Reading::new(knowledge, None, now) };
    reading.complete(document, &[]).ok().map(|(terms, _)| terms)
}

/// A listing of an enterprise of its own, which is verified and holds whatever may be asked of it: what is judged is
/// the words, not the parties.
fn item(place: usize, terms: Terms, now: DateTime<Utc>, knowledge: &Knowledge) -> Item {
    let number = mixed(place);
    let enterprise = Enterprise {
        id: Uuid::from_u64_pair(number, 1),
        status: EnterpriseStatus::Verified,
        profile: nobody(),
        standing: Default::default(),
        merged_into: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let mut item = knowledge.item(Uuid::from_u64_pair(number, 2), &enterprise, terms, now);
    let required = knowledge.reference.categories.all().into_iter().flat_map(|category| &category.requires);
    item.credentials = required.map(|requirement| HeldCredential::unlimited(&requirement.scheme)).collect();
    item.credentials.sort();
    item.credentials.dedup();
    item
}

/// Enough of an enterprise: where it is and who works there is not known.
fn nobody() -> Profile {
    Profile {
        country: "CN".into(),
        uscc: None,
        identifiers: Vec::new(),
        legal_name: "–".into(),
        name_en: None,
        organization_type: None,
        region_code: None,
        industry_code: None,
        scale: None,
        above_scale: None,
        employees: None,
        address: None,
        location: None,
        contacts: Vec::new(),
        time_zone: None,
    }
}
