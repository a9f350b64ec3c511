//! Words that are one in both languages and under all they are said by: what kind of a thing it is (disposable, latex, 无菌),
//! what is done with it (repair, fix, 维修, 坏了), by whom and where.
//!
//! A name says which goods; within one category these tell them apart, and a name that covers them would hide them: 丁腈手套
//! and 乳胶手套 are both examination gloves. Of services few have a name, and these say most; they tell the kind, too.

use std::sync::LazyLock;

use foldhash::{HashMap, HashMapExt};

use super::profile::{ProfileBuilder, TokenClass};
use super::surroundings::comes_along;
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
    all(pieces).for_each(|(term, _)| out.token(TokenClass::Term, term.name, TERM * share));
}

/// The kinds the words of a text speak of, once for each word, with the piece it begins with. Who comes with the goods (带司机,
/// with operator) is not what is posted.
pub(super) fn kinds(pieces: &[Piece<'_>]) -> Vec<(Kind, usize)> {
    let (mut terms, mut kinds): (Vec<Term>, Vec<(Kind, usize)>) = (Vec::new(), Vec::new());
    for (term, start) in all(pieces) {
        if terms.contains(&term) {
            continue;
        }
        terms.push(term);
        let kind = term.kind.filter(|kind| *kind != Kind::Labor || !comes_along(pieces, start));
        kinds.extend(kind.map(|kind| (kind, start)));
    }
    kinds
}

/// From left to right, the longest first, each with the piece it begins with.
fn all<'p>(pieces: &'p [Piece<'_>]) -> impl Iterator<Item = (Term, usize)> + 'p {
    let (mut start, mut key) = (0, String::new());
    std::iter::from_fn(move || {
        while start < pieces.len() {
            let at = start;
            if let Some((term, end)) = longest_at(pieces, start, &mut key) {
                start = end;
                return Some((term, at));
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::domain::shipped;

    /// Vehicles are sold, and asked for to move something; these words are said of both, or of the work and the goods.
    const OF_SEVERAL: &[&str] = &[
        "truck",
        "van",
        "bus",
        "ocean freight",
        "air freight",
        "vehicle repair",
        "telematics",
        "scrap metal",
        "waste paper",
        "cloud",
        "crane",
        "excavator",
        "steeplejack",
        "call centre",
        "boiler repair",
    ];

    #[test]
    fn a_word_speaks_of_the_kind_of_the_category_it_names() {
        let mut named: BTreeMap<String, BTreeSet<Kind>> = BTreeMap::new();
        for category in shipped::reference().unwrap().categories.all() {
            for name in [&category.names.zh, &category.names.en].into_iter().chain(&category.aliases) {
                named.entry(normalise(name)).or_default().insert(category.kind);
            }
        }
        let fits = |kind: Kind, of: &BTreeSet<Kind>| {
            of.contains(&kind) || kind.is_thing() && of.iter().all(|of| of.is_thing())
        };
        let faulty: Vec<String> = include_str!("../../data/terms.csv")
            .lines()
            .skip(1)
            .flat_map(|line| {
                let mut columns = line.split(',');
                let (name, kind) =
                    (columns.next().unwrap_or_default(), columns.next().and_then(|kind| kind.parse().ok()));
                let spellings = columns.flat_map(|column| column.split('|'));
                let wrong =
                    spellings.filter(|word| kind.zip(named.get(*word)).is_some_and(|(kind, of)| !fits(kind, of)));
                wrong.map(|word| format!("{name}: {word}")).collect::<Vec<_>>()
            })
            .filter(|word| !OF_SEVERAL.contains(&word.split_once(": ").map_or("", |(name, _)| name)))
            .collect();
        assert_eq!(faulty, Vec::<String>::new());
    }
}
