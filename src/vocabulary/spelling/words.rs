//! English words with one letter wrong, missing, too many, or two swapped.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use foldhash::{HashMap, HashSet};

use crate::vocabulary::dictionary::{Dictionary, Mention};
use crate::vocabulary::stem::stem;
use crate::vocabulary::text::{Piece, PieceClass};

/// Shorter words are one letter from too many others.
const SHORTEST: usize = 5;
/// Of two letters swapped: nothing was added or lost.
const SHORTEST_SWAPPED: usize = 4;
const LONGEST: usize = 24;
/// So many words before one belong to the same name at most.
const BEFORE: usize = 4;
/// Words of their own that look like one of a name: a globe is no glove. From `scripts/build-words`.
static ENGLISH: LazyLock<HashSet<Cow<'static, str>>> =
    LazyLock::new(|| include_str!("../../../data/english.txt").lines().map(stem).collect());
/// Endings that tell substances apart.
const SUBSTANCES: [&str; 10] = ["ane", "ene", "yne", "ine", "ide", "ate", "ite", "ol", "al", "one"];

/// Words of names, by themselves and by what is left of them without one letter.
#[derive(Debug, Clone, Default)]
pub struct NearWords {
    words: BTreeSet<Box<str>>,
    shortened: HashMap<Box<str>, Vec<Box<str>>>,
}

impl NearWords {
    pub fn new<'a>(names: impl Iterator<Item = Vec<Piece<'a>>>) -> Self {
        let mut near = Self::default();
        names.for_each(|pieces| near.add(&pieces));
        near
    }

    fn add(&mut self, pieces: &[Piece<'_>]) {
        for piece in pieces.iter().filter(|piece| is_word(piece)) {
            if self.words.insert(piece.text.as_ref().into()) {
                let word: &str = &piece.text;
                each_shortened(word, |short| self.shortened.entry(short.into()).or_default().push(word.into()));
            }
        }
    }

    /// The word meant at `at` and the end of the longest name it is part of.
    pub fn correct(
        &self,
        dictionary: &Dictionary,
        pieces: &mut [Piece<'_>],
        at: usize,
        mentions: &[Mention<'_>],
    ) -> Option<(String, usize)> {
        let piece = pieces.get(at).filter(|piece| is_word(piece))?;
        if self.words.contains(piece.text.as_ref()) || ENGLISH.contains(piece.text.as_ref()) {
            return None;
        }
        let mut best: Option<(usize, String, usize)> = None;
        for word in self.near(&piece.text.clone()) {
            let written = std::mem::replace(&mut pieces[at].text, word.clone().into());
            let names = (at.saturating_sub(BEFORE)..=at).filter_map(|start| dictionary.longest_at(pieces, start));
            let names = names.filter(|name| name.start <= at && at < name.end);
            // A longer name wins over those within it, as it does where all is written right.
            let fitting = names.filter(|name| contains_whole(name, mentions));
            let longest = fitting.map(|name| (name.end - name.start, name.end)).max();
            pieces[at].text = written;
            if let Some((length, end)) = longest
                && best.as_ref().is_none_or(|(known, ..)| length > *known)
            {
                best = Some((length, word, end));
            }
        }
        best.map(|(_, word, end)| (word, end))
    }

    /// Words one slip away, in the order of the alphabet. What was taken for the ending of a plural may be the word's own:
    /// stainles.
    fn near(&self, written: &str) -> BTreeSet<String> {
        let mut near = self.near_exactly(written);
        near.extend(self.near_exactly(&format!("{written}s")).into_iter().filter(|word| word.ends_with('s')));
        near
    }

    fn near_exactly(&self, written: &str) -> BTreeSet<String> {
        let mut near = BTreeSet::new();
        each_shortened(written, |short| {
            let words = self.shortened.get(short).into_iter().flatten();
            near.extend(words.filter(|word| is_slip(written, word)).map(ToString::to_string));
        });
        near
    }
}

fn contains_whole(name: &Mention<'_>, mentions: &[Mention<'_>]) -> bool {
    let mut touched = mentions.iter().filter(|mention| mention.start < name.end && name.start < mention.end);
    touched.all(|mention| name.start <= mention.start && mention.end <= name.end)
}

fn is_word(piece: &Piece<'_>) -> bool {
    let fits = (SHORTEST_SWAPPED..=LONGEST).contains(&piece.text.len());
    piece.class == PieceClass::Latin && fits && piece.text.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// The word without each of its letters, then the word itself.
fn each_shortened(word: &str, mut of: impl FnMut(&str)) {
    let mut short = String::with_capacity(word.len());
    for left_out in 0..=word.len() {
        short.clear();
        short.push_str(&word[..left_out]);
        short.push_str(word.get(left_out + 1..).unwrap_or_default());
        of(&short);
    }
}

/// Both in ASCII; people rarely mistake the first letter.
fn is_slip(written: &str, word: &str) -> bool {
    let (a, b) = (written.as_bytes(), word.as_bytes());
    if a.first() != b.first() || a == b || differs_in_substance(written, word) {
        return false;
    }
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let (short_rest, long_rest) = (&short[same..], &long[same..]);
    let long_enough = long.len() >= SHORTEST;
    if short.len() != long.len() {
        return long_enough && long.len() - short.len() == 1 && *short_rest == long_rest[1..];
    }
    let swapped =
        matches!((short_rest, long_rest), ([a, b, rest @ ..], [c, d, other @ ..]) if a == d && b == c && rest == other);
    swapped || long_enough && short_rest[1..] == long_rest[1..]
}

fn differs_in_substance(a: &str, b: &str) -> bool {
    let ending = |word: &str| SUBSTANCES.iter().find(|ending| word.ends_with(**ending)).copied();
    matches!((ending(a), ending(b)), (Some(a), Some(b)) if a != b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_forgiven_and_no_more() {
        for (written, word) in [
            ("surgcal", "surgical"),
            ("gwon", "gown"),
            ("respirater", "respirator"),
            ("glovees", "glovee"),
            ("hypoclorite", "hypochlorite"),
        ] {
            assert!(is_slip(written, word), "{written} {word}");
        }
        for (written, word) in [
            ("clove", "glove"),
            ("town", "gown"),
            ("mark", "mask"),
            ("propene", "propane"),
            ("nitrite", "nitrate"),
            ("ethanal", "ethanol"),
            ("srgcal", "surgical"),
            ("mask", "mask"),
        ] {
            assert!(!is_slip(written, word), "{written} {word}");
        }
    }
}
