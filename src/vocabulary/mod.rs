//! Reads what people write, in Chinese, English or both: which goods it names, and what it can be compared by.
//!
//! A dictionary of concepts, drawn from the category tree's names and aliases, comes first and takes the longest match;
//! what it leaves is cut into character bigrams, stemmed words and numbers with normalised units. Pure: no I/O, no clock.

mod dictionary;
mod language;
mod measure;
mod profile;
mod text;
mod tokens;

#[cfg(test)]
mod tests;

use crate::domain::category::CategoryTree;

pub use language::detect_language;
pub use profile::{TextProfile, Token, TokenClass};
pub use text::normalise;

use dictionary::{Dictionary, Mention};
use profile::ProfileBuilder;
use text::{Piece, PieceClass, segment};

/// The names of all categories, ready to be found in a text. Built once per load of the reference data.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    dictionary: Dictionary,
}

/// What a title weighs against a description that says the same.
const DESCRIPTION_SHARE: f64 = 0.5;

impl Vocabulary {
    pub fn new(categories: &CategoryTree) -> Self {
        Self { dictionary: Dictionary::new(categories) }
    }

    /// What a listing's words can be compared by. A description counts half.
    pub fn profile(&self, title: &str, description: Option<&str>) -> TextProfile {
        let mut builder = ProfileBuilder::default();
        self.read(title, 1.0, &mut builder);
        if let Some(description) = description {
            self.read(description, DESCRIPTION_SHARE, &mut builder);
        }
        builder.finish()
    }

    /// Category codes with a confidence in (0, 1], best first. The confidence is the share of the text the category's
    /// name covers, halved where the name only qualifies another noun (口罩 in 口罩机), shared where a name is ambiguous.
    pub fn categories_in(&self, text: &str) -> Vec<(String, f64)> {
        let normal = normalise(text);
        let pieces = segment(&normal);
        let mentions = self.dictionary.mentions(&pieces);
        let total: f64 = significant(&pieces);
        let mut found: Vec<(String, f64, usize)> = Vec::new();
        for mention in &mentions {
            let share = mention_share(mention, &pieces, total) / mention.codes.len() as f64;
            for code in mention.codes {
                match found.iter_mut().find(|(known, ..)| known == code) {
                    Some(entry) => entry.1 = (entry.1 + share).min(1.0),
                    None => found.push((code.clone(), share, mention.start)),
                }
            }
        }
        self.lend_to_narrower(&mut found);
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.2.cmp(&b.2)).then_with(|| a.0.cmp(&b.0)));
        found.into_iter().map(|(code, confidence, _)| (code, (confidence * 1000.0).round() / 1000.0)).collect()
    }

    /// Naming a broader category too (口罩 beside N95) speaks for the narrower one.
    fn lend_to_narrower(&self, found: &mut [(String, f64, usize)]) {
        let shares: Vec<(String, f64)> = found.iter().map(|(code, share, _)| (code.clone(), *share)).collect();
        for (code, share, _) in found {
            let above = self.dictionary.ancestry(code).iter().skip(1);
            let lent: f64 = above.filter_map(|a| shares.iter().find(|(known, _)| known == a)).map(|(_, s)| s).sum();
            *share = (*share + lent).min(1.0);
        }
    }

    fn read(&self, text: &str, share: f64, builder: &mut ProfileBuilder) {
        let normal = normalise(text);
        let pieces = segment(&normal);
        let mentions = self.dictionary.mentions(&pieces);
        let mut covered = vec![false; pieces.len()];
        for mention in &mentions {
            covered[mention.start..mention.end].fill(true);
            for code in mention.codes {
                builder.concept(self.dictionary.ancestry(code), mention.head, share);
            }
        }
        tokens::emit(&pieces, &covered, share, builder);
    }
}

fn mention_share(mention: &Mention<'_>, pieces: &[Piece<'_>], total: f64) -> f64 {
    let covered: f64 = pieces[mention.start..mention.end].iter().map(Piece::size).sum();
    let standing = if mention.head { 1.0 } else { 0.5 };
    (covered / total.max(covered).max(1.0) * standing).min(1.0)
}

/// The size of a text without its bare numbers and their units: `5000只` says nothing about what is wanted.
fn significant(pieces: &[Piece<'_>]) -> f64 {
    let mut skip_next = false;
    let mut total = 0.0;
    for (index, piece) in pieces.iter().enumerate() {
        if std::mem::take(&mut skip_next) {
            continue;
        }
        if piece.class == PieceClass::Digit {
            skip_next = measure::follows(pieces, index).is_some();
            continue;
        }
        total += piece.size();
    }
    total
}
