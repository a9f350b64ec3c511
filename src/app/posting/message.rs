//! One pasted message as drafts that can be posted as they are.

use serde_json::{Map, Value};

use super::{Passage, Reading, Settled, Source, Understood, Written};
use crate::domain::listing::Side;
use crate::domain::violation::Violations;
use crate::vocabulary::understanding::{self, DateRole, PlaceRole, Span, Understood as Said};

/// A message becomes at most so many drafts.
pub const MOST_DRAFTS: usize = 100;
/// Characters of a title.
const LONGEST_TITLE: usize = 200;

/// One listing to be.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What a posting takes.
    pub document: Map<String, Value>,
    pub understood: Vec<Understood>,
    /// What is to be mended or added before it can be published.
    pub missing: Violations,
    /// The part of the message it was made from.
    pub passage: Passage,
}

impl Draft {
    /// Whether it is known what kind of thing it is about.
    pub fn is_clear(&self) -> bool {
        self.document.contains_key("kind")
    }
}

/// What a message was read as.
pub struct Drafts {
    pub drafts: Vec<Draft>,
    /// What was not read any more, where there are more than [`MOST_DRAFTS`].
    pub rest: Option<Passage>,
}

impl Reading<'_> {
    /// A draft for each thing the message asks for or offers, in its order; `side` where it is known beforehand.
    pub fn drafts(&self, message: &str, side: Option<Side>) -> Drafts {
        let mut found = self.knowledge.understanding.understand_message(message, self.today(), self.region());
        let end = message.chars().count();
        let rest = found.get(MOST_DRAFTS).map(|first| Passage::of(message, Span { start: first.span.start, end }));
        found.truncate(MOST_DRAFTS);
        Drafts { drafts: found.into_iter().filter_map(|draft| self.draft(message, draft, side)).collect(), rest }
    }

    /// Nothing only where the program is at fault, which the log tells.
    fn draft(&self, message: &str, found: understanding::Draft, side: Option<Side>) -> Option<Draft> {
        let passage = Passage::of(message, found.span);
        let understood_side = side.is_none().then(|| understand_side(message, &found.understood));
        let side = side.or(understood_side.as_ref().map(|(side, _)| *side))?;
        let mut document = Map::new();
        document.insert("title".to_owned(), title(&found.understood, &passage).into());
        document.insert("side".to_owned(), <&str>::from(side).into());
        let written = [Written::message(message, found.understood)];
        let settled = self.settle(self.fill(document, &written)).ok()?;
        let mut missing = self.faults(&settled);
        missing.extend(settled.terms.check_publishable());
        let Settled { mut document, mut understood, .. } = settled;
        understood.splice(0..0, understood_side.map(|(_, told)| told));
        // It counts from the day of posting, which is not today's.
        let by_default = |one: &Understood| one.field == "valid_until" && one.source == Source::Default;
        if understood.iter().any(by_default) {
            understood.retain(|one| !by_default(one));
            document.remove("valid_until");
        }
        document.retain(|_, value| value.as_object().is_none_or(|object| !object.is_empty()));
        Some(Draft { document, understood, missing, passage })
    }
}

/// What is left of the passage when everything understood is taken out; the passage itself where that is nothing.
fn title(said: &Said, passage: &Passage) -> String {
    let left = if said.title.trim().is_empty() { passage.text.trim() } else { said.title.trim() };
    left.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_TITLE).collect()
}

/// The side and how it was understood. Where no word says it, goods that are to arrive somewhere or by a day are needed,
/// and so are most goods that people name without a word.
fn understand_side(message: &str, said: &Said) -> (Side, Understood) {
    let told = |side: Side, confidence, source, passage| {
        (side, Understood { field: "side", value: <&str>::from(side).into(), confidence, source, passage })
    };
    if let Some(found) = &said.side {
        let passage = Passage::of(message, found.span);
        return told(found.value, found.confidence, Source::Message, Some(passage));
    }
    let available = said.dates.iter().find(|found| found.value.role == DateRole::AvailableFrom);
    if let Some(found) = available {
        return told(Side::Offer, 0.6, Source::Message, Some(Passage::of(message, found.span)));
    }
    let awaited = said.date(DateRole::NeededBy).map(|found| found.span);
    let delivered = || said.places.iter().find(|found| found.value.role == PlaceRole::Delivery).map(|f| f.span);
    match awaited.or_else(delivered) {
        Some(span) => told(Side::Need, 0.7, Source::Message, Some(Passage::of(message, span))),
        None => told(Side::Need, 0.4, Source::Default, None),
    }
}
