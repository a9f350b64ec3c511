//! Measures of every system for all queries, for each language, and from each language into each.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::files::Text;
use super::measures::{Measures, mean, measure, randomisation_p, wins_ties_losses};
use super::run::{Ranked, Run};
use super::{Collection, System};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub queries: usize,
    pub documents: usize,
    pub judgements: usize,
    pub rows: Vec<Row>,
    /// What the figures leave out.
    pub notes: Vec<String>,
}

/// What one system is worth for a group of queries.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// `all`; `zh`, `en` by the language of the query; `zh-en` for Chinese queries asked of the English documents alone.
    pub group: String,
    /// Those of the group of which something is relevant.
    pub queries: usize,
    pub system: System,
    #[serde(flatten)]
    pub measures: Measures,
    /// By nDCG@10; absent for BM25 itself.
    pub against_bm25: Option<Comparison>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Comparison {
    pub wins: usize,
    pub ties: usize,
    pub losses: usize,
    /// Two-sided, of the paired randomisation test.
    pub p: f64,
}

/// Whom a row is about.
struct Group {
    name: String,
    query: Option<&'static str>,
    document: Option<&'static str>,
}

const LANGUAGES: [(&str, &str); 2] = [("zh", "zh-CN"), ("en", "en")];

impl Report {
    pub fn new(collection: &Collection, runs: &[Run], mut notes: Vec<String>) -> Self {
        let (queries, documents) = (&collection.queries.texts, &collection.documents.texts);
        let judgements = collection.judgements.values().map(BTreeMap::len).sum();
        notes.splice(0..0, gaps(collection));
        let rows = groups().iter().flat_map(|group| rows(group, collection, runs)).collect();
        Self { queries: queries.len(), documents: documents.len(), judgements, rows, notes }
    }
}

fn groups() -> Vec<Group> {
    let group = |name: String, query, document| Group { name, query, document };
    let mut groups = vec![group("all".into(), None, None)];
    groups.extend(LANGUAGES.map(|(name, language)| group(name.into(), Some(language), None)));
    for (from, query) in LANGUAGES {
        groups.extend(LANGUAGES.map(|(to, document)| group(format!("{from}-{to}"), Some(query), Some(document))));
    }
    groups
}

fn rows(group: &Group, collection: &Collection, runs: &[Run]) -> Vec<Row> {
    let measured: Vec<(System, Vec<Measures>)> =
        runs.iter().map(|run| (run.system, measures(group, collection, run))).collect();
    let ndcg = |of: &[Measures]| of.iter().map(|m| m.ndcg_at_10).collect::<Vec<f64>>();
    let baseline = measured.iter().find(|(system, _)| *system == System::Bm25).map(|(_, of)| ndcg(of));
    let row = |(system, of): &(System, Vec<Measures>)| {
        let other = baseline.as_ref().filter(|_| *system != System::Bm25);
        let compared = other.map(|other| compare(&ndcg(of), other));
        Row {
            group: group.name.clone(),
            queries: of.len(),
            system: *system,
            measures: mean(of),
            against_bm25: compared,
        }
    };
    measured.iter().filter(|(_, of)| !of.is_empty()).map(row).collect()
}

fn compare(ours: &[f64], theirs: &[f64]) -> Comparison {
    let differences: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| a - b).collect();
    let (wins, ties, losses) = wins_ties_losses(&differences);
    Comparison { wins, ties, losses, p: randomisation_p(&differences) }
}

/// Of every query of the group of which something is relevant, in the order of the queries: the same for all systems.
fn measures(group: &Group, collection: &Collection, run: &Run) -> Vec<Measures> {
    let documents = &collection.documents.texts;
    let of_group = |text: &&Text| group.document.is_none_or(|language| text.language == language);
    let languages: BTreeMap<&str, &str> = documents.iter().map(|text| (text.id.as_str(), text.language)).collect();
    let asked = collection.queries.texts.iter().zip(&run.rankings);
    let asked = asked.filter(|(query, _)| group.query.is_none_or(|language| query.language == language));
    let measured = asked.filter_map(|(query, ranking)| {
        let judged = collection.judgements.get(&query.id)?;
        let known = |id: &str| group.document.is_none_or(|language| languages.get(id) == Some(&language));
        let grades: Vec<u32> = judged.iter().filter(|(id, _)| known(id)).map(|(_, grade)| *grade).collect();
        let document = |ranked: &Ranked| documents.get(ranked.document).filter(of_group);
        let grade = |text: &Text| judged.get(&text.id).copied().unwrap_or(0);
        let ranked: Vec<u32> = ranking.iter().filter_map(document).map(grade).collect();
        measure(&ranked, &grades)
    });
    measured.collect()
}

/// What the three files do not agree on.
fn gaps(collection: &Collection) -> Vec<String> {
    let (queries, documents) = (ids(&collection.queries.texts), ids(&collection.documents.texts));
    let judged = &collection.judgements;
    let mut notes = Vec::new();
    let mut note = |count: usize, what: &str| {
        if count > 0 {
            notes.push(format!("{count} {what}"));
        }
    };
    note(judged.keys().filter(|id| !queries.contains(id.as_str())).count(), "judged queries are not among the queries");
    let unknown = judged.values().flat_map(BTreeMap::keys).filter(|id| !documents.contains(id.as_str())).count();
    note(unknown, "judgements are of documents that are not there; they count as not found");
    let idle = queries.iter().filter(|id| judged.get(**id).is_none_or(|of| of.values().all(|grade| *grade == 0)));
    note(idle.count(), "queries have no relevant document and are left out");
    let fields: Vec<&str> = collection.queries.unused.union(&collection.documents.unused).map(String::as_str).collect();
    if !fields.is_empty() {
        notes.push(format!("fields that nothing reads: {}", fields.join(", ")));
    }
    notes
}

fn ids(texts: &[Text]) -> BTreeSet<&str> {
    texts.iter().map(|text| text.id.as_str()).collect()
}
