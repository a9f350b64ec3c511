//! Words that are one in both languages and under all they are said by: what kind of a thing it is (disposable, latex, 无菌),
//! what is done with it (repair, fix, 维修, 坏了), by whom and where.
//!
//! A name says which goods; within one category these tell them apart, and a name that covers them would hide them: 丁腈手套
//! and 乳胶手套 are both examination gloves. Of services few have a name, and these say most.

use std::sync::LazyLock;

use foldhash::{HashMap, HashMapExt};

use super::profile::{ProfileBuilder, TokenClass};
use super::text::{Gap, Piece, normalise, segment};

/// In hundredths of a plain word.
const TERM: f64 = 70.0;
/// The longest spelling takes so many pieces.
const LONGEST: usize = 6;

/// Spelling, its pieces written together → the term; what spellings begin with → none. From `data/terms.csv`.
static TERMS: LazyLock<HashMap<String, Option<&str>>> = LazyLock::new(|| {
    let mut terms = HashMap::new();
    for line in include_str!("../../data/terms.csv").lines().skip(1) {
        let mut columns = line.split(',');
        let Some(term) = columns.next() else { continue };
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

/// From left to right, the longest first.
pub(super) fn emit(pieces: &[Piece<'_>], share: f64, out: &mut ProfileBuilder) {
    let (mut start, mut key) = (0, String::new());
    while start < pieces.len() {
        match longest_at(pieces, start, &mut key) {
            Some((term, end)) => {
                out.token(TokenClass::Term, term, TERM * share);
                start = end;
            }
            None => start += 1,
        }
    }
}

fn longest_at(pieces: &[Piece<'_>], start: usize, key: &mut String) -> Option<(&'static str, usize)> {
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
