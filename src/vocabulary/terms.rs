//! Words that are one in both languages and under all they are said by: what kind of a thing it is (disposable, latex, 无菌),
//! what is done with it (repair, fix, 维修, 坏了), by whom and where.
//!
//! A name says which goods; within one category these tell them apart, and a name that covers them would hide them: 丁腈手套
//! and 乳胶手套 are both examination gloves. Of services few have a name, and these say most; they tell the kind, too.

use std::sync::LazyLock;

use foldhash::{HashMap, HashMapExt};

use super::profile::{ProfileBuilder, TokenClass};
use super::text::{Gap, Piece, normalise, segment};
use crate::domain::listing::Kind;

/// A plain word.
const TERM: f64 = 100.0;
/// The longest spelling takes so many pieces.
const LONGEST: usize = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Term {
    name: &'static str,
    /// Of what is posted with this word, as a rule.
    kind: Option<Kind>,
}

/// Spelling, its pieces written together → the term; what spellings begin with → none. From `data/terms.csv`.
static TERMS: LazyLock<HashMap<String, Option<Term>>> = LazyLock::new(|| {
    let mut terms = HashMap::new();
    for line in include_str!("../../data/terms.csv").lines().skip(1) {
        let mut columns = line.split(',');
        let (Some(name), Some(kind)) = (columns.next(), columns.next()) else { continue };
        let term = Term { name, kind: kind.parse().ok() };
        for spelling in columns.flat_map(|column| column.split('|')) {
            let normal = normalise(spelling);
            let key: String = segment(&normal).iter().map(|piece| piece.text.as_ref()).collect();
            for (at, last) in key.char_indices() {
                terms.entry(key[..at + last.len_utf8()].to_owned()).or_insert(None);
            }
            if let Some(entry) = terms.get_mut(&key) {
                entry.get_or_insert(term);
            }
        }
    }
    terms
});

pub(super) fn emit(pieces: &[Piece<'_>], share: f64, out: &mut ProfileBuilder<'_>) {
    all(pieces).for_each(|term| out.token(TokenClass::Term, term.name, TERM * share));
}

/// The kinds the words of a text speak of, once for each word.
pub(super) fn kinds(pieces: &[Piece<'_>]) -> Vec<Kind> {
    let mut terms: Vec<Term> = Vec::new();
    for term in all(pieces) {
        if !terms.contains(&term) {
            terms.push(term);
        }
    }
    terms.iter().filter_map(|term| term.kind).collect()
}

/// From left to right, the longest first.
fn all<'p>(pieces: &'p [Piece<'_>]) -> impl Iterator<Item = Term> + 'p {
    let (mut start, mut key) = (0, String::new());
    std::iter::from_fn(move || {
        while start < pieces.len() {
            if let Some((term, end)) = longest_at(pieces, start, &mut key) {
                start = end;
                return Some(term);
            }
            start += 1;
        }
        None
    })
}

fn longest_at(pieces: &[Piece<'_>], start: usize, key: &mut String) -> Option<(Term, usize)> {
    key.clear();
    let mut best = None;
    for (at, piece) in pieces.iter().enumerate().skip(start).take(LONGEST) {
        if at > start && piece.gap == Gap::Break {
            break;
        }
        key.push_str(&piece.text);
        let Some(term) = TERMS.get(key.as_str()) else { break };
        best = term.map(|term| (term, at + 1)).or(best);
    }
    best
}
