//! The baseline: BM25 over the words of the same texts, in the form of Lucene, with k1 = 0.9 and b = 0.3.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::files::Text;
use super::run::{Ranked, best_first};
use crate::vocabulary::is_han;
use crate::vocabulary::root;

const K1: f64 = 0.9;
const B: f64 = 0.3;

/// Terms of a text: single characters and pairs of neighbours of Chinese runs, Porter stems of words without the most
/// common ones, numbers as they are; normal form NFKC, lower case.
pub fn terms(text: &str) -> Vec<String> {
    let (mut found, mut han, mut word) = (Vec::new(), Vec::new(), String::new());
    for c in text.nfkc().flat_map(char::to_lowercase).chain([' ']) {
        if is_han(c) {
            end_word(&mut word, &mut found);
            han.push(c);
        } else {
            end_run(&mut han, &mut found);
            if c.is_alphanumeric() {
                word.push(c);
            } else {
                end_word(&mut word, &mut found);
            }
        }
    }
    found
}

fn end_word(word: &mut String, found: &mut Vec<String>) {
    if !word.is_empty() && !STOP_WORDS.contains(&word.as_str()) {
        found.push(root(word));
    }
    word.clear();
}

fn end_run(han: &mut Vec<char>, found: &mut Vec<String>) {
    found.extend(han.iter().map(char::to_string));
    found.extend(han.windows(2).map(|pair| pair.iter().collect::<String>()));
    han.clear();
}

/// The English stop words of Lucene.
const STOP_WORDS: [&str; 33] = [
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of",
    "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with",
];

pub struct Bm25 {
    /// Term → documents with how often they say it.
    postings: BTreeMap<String, Vec<(usize, f64)>>,
    /// Terms of each document.
    lengths: Vec<f64>,
    mean_length: f64,
}

impl Bm25 {
    pub fn new(documents: &[Text]) -> Self {
        let mut postings: BTreeMap<String, Vec<(usize, f64)>> = BTreeMap::new();
        let mut lengths = Vec::with_capacity(documents.len());
        for (at, document) in documents.iter().enumerate() {
            let said = terms(&document.whole());
            lengths.push(said.len() as f64);
            for (term, count) in counted(said) {
                postings.entry(term).or_default().push((at, count));
            }
        }
        let mean_length = (lengths.iter().sum::<f64>() / lengths.len().max(1) as f64).max(1.0);
        Self { postings, lengths, mean_length }
    }

    pub fn rank(&self, query: &Text) -> Vec<Ranked> {
        let mut scores: BTreeMap<usize, f64> = BTreeMap::new();
        for (term, asked) in counted(terms(&query.whole())) {
            let Some(postings) = self.postings.get(&term) else { continue };
            let (all, seen) = (self.lengths.len() as f64, postings.len() as f64);
            let idf = (1.0 + (all - seen + 0.5) / (seen + 0.5)).ln();
            for (at, count) in postings {
                let length = self.lengths.get(*at).copied().unwrap_or_default() / self.mean_length;
                *scores.entry(*at).or_default() += asked * idf * count / (count + K1 * (1.0 - B + B * length));
            }
        }
        best_first(scores.into_iter().map(|(document, score)| Ranked { document, score }).collect())
    }
}

fn counted(terms: Vec<String>) -> BTreeMap<String, f64> {
    let mut counts = BTreeMap::new();
    for term in terms {
        *counts.entry(term).or_insert(0.0) += 1.0;
    }
    counts
}
