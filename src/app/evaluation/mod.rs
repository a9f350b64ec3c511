//! How good search and matching are, by other people's judgements: queries, documents and TREC qrels in, measures out.
//!
//! Works without a database: the documents are put into an index of their own and asked by the code that serves
//! `GET /v1/listings?q=` and `GET /v1/listings/{id}/matches`. See docs/EVALUATION.md.

mod bm25;
mod files;
mod market;
mod measures;
mod report;
mod run;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use super::Knowledge;
use crate::domain::listing::Kind;

pub use files::{Fault, Judgements, Text, Texts, judgements, texts};
pub use measures::Measures;
pub use report::{Comparison, Report, Row};
pub use run::{Ranked, Run};

use bm25::Bm25;
use market::EvaluationMarket;

/// So many documents of each ranking are kept.
pub const DEPTH: usize = 1000;

/// What is measured. BM25 over the same text is what the others are compared with.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum System {
    Search,
    Matching,
    Bm25,
}

/// What is judged: queries, the documents they are asked of, and which answer which how well.
pub struct Collection {
    pub queries: Texts,
    pub documents: Texts,
    pub judgements: Judgements,
}

/// What is asked of `evaluate` beside the collection.
pub struct Settings {
    pub search: bool,
    pub matching: bool,
    /// Of a text that neither states a kind nor names goods; absent: what most documents are.
    pub kind: Option<Kind>,
    pub now: DateTime<Utc>,
}

/// The rankings of every system asked for, BM25 always among them, and what they are worth.
pub fn evaluate(collection: &Collection, settings: &Settings, knowledge: &Knowledge) -> (Report, Vec<Run>) {
    let (queries, documents) = (&collection.queries.texts, &collection.documents.texts);
    let market = EvaluationMarket::new(queries, documents, settings, knowledge);
    let bm25 = Bm25::new(documents);
    let ask = |system: System, rank: &dyn Fn(&Text) -> Vec<Ranked>| Run {
        system,
        rankings: queries.iter().map(rank).collect(),
    };
    let mut runs = Vec::new();
    if settings.search {
        runs.push(ask(System::Search, &|query| market.search(query)));
    }
    if settings.matching {
        runs.push(ask(System::Matching, &|query| market.matches(query)));
    }
    runs.push(ask(System::Bm25, &|query| bm25.rank(query)));
    let notes = if settings.matching { market.notes() } else { Vec::new() };
    (Report::new(collection, &runs, notes), runs)
}
