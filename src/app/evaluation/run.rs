//! What a system answers: a ranking for each query, and the same as a TREC run file.

use std::fmt::Write;

use super::files::Text;
use super::{DEPTH, System};

/// A document, by its place among the documents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    pub document: usize,
    pub score: f64,
}

pub struct Run {
    pub system: System,
    /// Best first, in the order of the queries.
    pub rankings: Vec<Vec<Ranked>>,
}

impl Run {
    /// Lines `qid Q0 docid rank score tag`. The score falls with the rank, so that `trec_eval`, which goes by the score
    /// alone, keeps the order.
    pub fn trec(&self, queries: &[Text], documents: &[Text]) -> String {
        let (tag, mut lines) = (<&str>::from(self.system), String::new());
        for (query, ranking) in queries.iter().zip(&self.rankings) {
            for (at, ranked) in ranking.iter().enumerate() {
                let Some(document) = documents.get(ranked.document) else { continue };
                // Writing to a string does not fail.
                let _ = writeln!(lines, "{} Q0 {} {} {} duijie-{tag}", query.id, document.id, at + 1, DEPTH - at);
            }
        }
        lines
    }
}

/// By score; of equals in an order that has nothing to do with that of the file.
pub fn best_first(mut ranking: Vec<Ranked>) -> Vec<Ranked> {
    ranking.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| mixed(a.document).cmp(&mixed(b.document))));
    ranking.truncate(DEPTH);
    ranking
}

/// A number for each place that no file is in the order of.
pub fn mixed(place: usize) -> u64 {
    (place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}
