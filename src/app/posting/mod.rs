//! From what a person wrote to the terms of a listing: what was left out is understood or defaulted, and said so.
//!
//! Nothing given explicitly is overridden, and nothing understood makes a posting fail: what turns out not to fit is
//! let go again.

mod completion;
mod goods;
mod message;
mod money;
mod place_and_time;
mod written;

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::Knowledge;
use crate::domain::enterprise::Enterprise;
use crate::domain::listing::{Kind, Terms};
use crate::domain::violation::Violations;
use crate::vocabulary::understanding::{Span, Understood as Said};

use completion::Completion;
pub use message::{Draft, Drafts, MOST_DRAFTS};
pub use written::{Aspect, Written};

/// A field the program filled in.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Understood {
    /// `quantity`, `attributes.standard`.
    pub field: &'static str,
    pub value: Value,
    /// 0 to 1.
    pub confidence: f64,
    pub source: Source,
    /// The characters it was read from, where it was read from a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passage: Option<Passage>,
}

/// Characters `start..end` of a text.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Passage {
    pub text: String,
    pub start: usize,
    pub end: usize,
}

impl Passage {
    pub fn of(text: &str, span: Span) -> Self {
        let passage = text.chars().skip(span.start).take(span.end.saturating_sub(span.start)).collect();
        Self { text: passage, start: span.start, end: span.end }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, strum::VariantArray, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Source {
    Title,
    Description,
    /// The words of a search.
    Query,
    /// A pasted message.
    Message,
    /// A column of an imported file.
    Column,
    Category,
    Enterprise,
    Default,
}

/// A description of more characters tells a story: its numbers, days and places are about other things.
const LONGEST_DESCRIPTION: usize = 300;

/// What is needed to fill in what a document leaves out.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub knowledge: &'a Knowledge,
    /// Lends its place, and the day that it is there.
    pub enterprise: Option<&'a Enterprise>,
    pub now: DateTime<Utc>,
    /// For what no name of goods is found in: an import says what its file is about.
    pub fallback_kind: Option<Kind>,
    /// The day the texts were written, from which their days count; today where absent.
    pub written_on: Option<NaiveDate>,
}

impl<'a> Reading<'a> {
    pub fn new(knowledge: &'a Knowledge, enterprise: Option<&'a Enterprise>, now: DateTime<Utc>) -> Self {
        Self { knowledge, enterprise, now, fallback_kind: None, written_on: None }
    }

    /// The terms, and what of them was filled in. `columns` are texts beside title and description, each about one thing;
    /// they are asked first.
    pub fn complete(
        &self,
        document: Map<String, Value>,
        columns: &[(Aspect, String)],
    ) -> Result<(Terms, Vec<Understood>), Violations> {
        let mut written: Vec<Written<'_>> =
            columns.iter().map(|(about, text)| Written::column(self, *about, text)).collect();
        let (title, description) = (text_of(&document, "title"), text_of(&document, "description"));
        written.extend(title.as_deref().map(|text| Written::title(self, text)));
        let description = description.as_deref().filter(|text| text.chars().count() <= LONGEST_DESCRIPTION);
        written.extend(description.map(|text| Written::description(self, text)));
        let settled = self.settle(self.fill(document, &written))?;
        if !settled.document.contains_key("kind") {
            return Err(self.faults(&settled));
        }
        Ok((settled.terms, settled.understood))
    }

    /// The document with everything filled in that the texts say.
    fn fill<'w>(&'w self, document: Map<String, Value>, written: &'w [Written<'w>]) -> Completion<'w> {
        let mut completion = Completion::new(self, document, written);
        completion.fill_category();
        completion.fill_kind();
        completion.fill_quantity();
        completion.fill_price();
        completion.fill_usual_unit();
        completion.fill_standard();
        completion.fill_place();
        completion.fill_dates();
        completion.fill_urgency();
        completion.fill_language();
        completion
    }

    /// Reads what was filled in as terms, and lets go of what was read from a text but does not fit the rest.
    fn settle(&self, completion: Completion<'_>) -> Result<Settled, Violations> {
        let (mut document, mut understood) = completion.into_parts();
        let mut terms = read(&document)?;
        if let Some(doubted) = self.doubted(&terms, &understood) {
            for field in &doubted {
                remove(&mut document, field);
            }
            understood.retain(|one| !doubted.contains(&one.field));
            terms = read(&document)?;
        }
        Ok(Settled { document, terms, understood })
    }

    /// What does not fit, a kind that is neither given nor understood included.
    fn faults(&self, settled: &Settled) -> Violations {
        let mut faults = Violations::new();
        if !settled.document.contains_key("kind") {
            faults.add("/kind", "kind_not_understood");
        }
        faults.extend(settled.terms.check(&self.knowledge.reference, self.now, self.today()));
        faults
    }

    /// Fields read from a text that do not fit the rest. Absent: all fit.
    fn doubted(&self, terms: &Terms, understood: &[Understood]) -> Option<Vec<&'static str>> {
        let faults = terms.check(&self.knowledge.reference, self.now, self.today());
        if faults.is_empty() {
            return None;
        }
        let at_fault = |field: &str| {
            let pointer = format!("/{}", field.replace('.', "/"));
            faults.iter().any(|fault| fault.pointer.starts_with(&pointer))
        };
        let read = understood.iter().filter(|one| one.passage.is_some());
        let doubted: Vec<_> = read.map(|one| one.field).filter(|field| at_fault(field)).collect();
        (!doubted.is_empty()).then_some(doubted)
    }

    /// All that a text says.
    pub fn said(&self, text: &str) -> Said {
        let day = self.written_on.unwrap_or_else(|| self.today());
        self.knowledge.understanding.understand_title(text, day, self.region())
    }

    fn zone(&self) -> Tz {
        self.enterprise.map_or(Tz::Asia__Shanghai, zone_of)
    }

    fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone()).date_naive()
    }

    fn region(&self) -> Option<&'a str> {
        self.enterprise.and_then(|enterprise| enterprise.profile.region_code.as_deref())
    }
}

/// A document that reads as terms.
struct Settled {
    /// Without `kind` where that is neither given nor understood.
    document: Map<String, Value>,
    terms: Terms,
    understood: Vec<Understood>,
}

/// Without a kind it is read as if it were a material, so that its other faults can be told.
fn read(document: &Map<String, Value>) -> Result<Terms, Violations> {
    let mut document = document.clone();
    document.entry("kind").or_insert_with(|| <&str>::from(Kind::Material).into());
    let mut terms: Terms = serde_json::from_value(Value::Object(document)).map_err(|error| {
        tracing::error!(%error, "a completed posting does not read as terms");
        Violations::one("", "malformed")
    })?;
    terms.valid_until = terms.valid_until.trunc_subsecs(6);
    Ok(terms)
}

fn text_of(document: &Map<String, Value>, field: &str) -> Option<String> {
    document.get(field).and_then(Value::as_str).map(str::to_owned)
}

/// `attributes.standard` is in the object `attributes`.
fn remove(document: &mut Map<String, Value>, field: &str) {
    match field.split_once('.') {
        None => drop(document.remove(field)),
        Some((head, rest)) => {
            if let Some(inner) = document.get_mut(head).and_then(Value::as_object_mut) {
                inner.remove(rest);
            }
        }
    }
}

/// The date where the enterprise is.
pub fn today_at(enterprise: &Enterprise, now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&zone_of(enterprise)).date_naive()
}

fn zone_of(enterprise: &Enterprise) -> Tz {
    let named = enterprise.profile.time_zone.as_deref().and_then(|name| name.parse().ok());
    named.unwrap_or(if enterprise.profile.country == "CN" { Tz::Asia__Shanghai } else { Tz::UTC })
}
