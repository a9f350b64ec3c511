//! What Chinese words are in English, so that goods no category names are found across the two languages.
//!
//! A dictionary translates word by word, and knows no goods: its words count less than names of the category tree.

use std::ops::Range;
use std::sync::LazyLock;

use foldhash::{HashMap, HashMapExt};

use super::measure;
use super::porter::root;
use super::profile::{ProfileBuilder, TokenClass};
use super::stem::stem;
use super::text::{Gap, Piece, PieceClass};
use super::tokens::is_empty_ending;

/// What the words of a gloss weigh together for each pair of signs it translates, in hundredths of a plain word: the
/// pair itself weighs 100.
pub(super) const GLOSS: f64 = 60.0;
/// What a last sign weighs against a pair.
const LAST_SIGN: f64 = 0.5;
/// The longest word has so many signs, of 16 bits each.
const LONGEST: usize = 4;

/// Word, sign by sign → its glosses. From `data/glosses.csv`.
static GLOSSES: LazyLock<HashMap<u64, &str>> = LazyLock::new(|| {
    let lines = include_str!("../../data/glosses.csv").lines().skip(1);
    let mut glosses = HashMap::with_capacity(1 << 16);
    for (word, gloss) in lines.filter_map(|line| line.split_once(',')) {
        glosses.extend(word.chars().try_fold(0, with_sign).map(|key| (key, gloss)));
    }
    glosses
});

fn with_sign(key: u64, sign: char) -> Option<u64> {
    u16::try_from(u32::from(sign)).ok().map(|sign| key << 16 | u64::from(sign))
}

/// From left to right, the longest word first; `weight_of`: what each pair of its signs weighs.
pub(super) fn emit(pieces: &[Piece<'_>], weight_of: impl Fn(Range<usize>) -> f64, out: &mut ProfileBuilder<'_>) {
    let mut start = 0;
    while start < pieces.len() {
        let Some((glosses, end)) = longest_at(pieces, start) else {
            start += 1 + unit_after(pieces, start);
            continue;
        };
        let pairs = end - start - 1;
        let share = if pairs > 0 { pairs as f64 } else { last_sign(pieces, start) };
        let weight = weight_of(start..end) * share;
        if weight > 0.0 {
            say(glosses, weight, out);
        }
        start = end;
    }
}

/// Of a word that the dictionary has not, the last sign says of which sort the thing is: 白虾, shrimp.
fn last_sign(pieces: &[Piece<'_>], at: usize) -> f64 {
    let is_last = pieces.get(at + 1).is_none_or(|next| !next.is_han() || next.gap != Gap::None);
    if is_last && !is_empty_ending(&pieces[at].text) { LAST_SIGN } else { 0.0 }
}

fn say(glosses: &str, weight: f64, out: &mut ProfileBuilder<'_>) {
    for gloss in glosses.split('|') {
        let each = weight / gloss.split(' ').count() as f64;
        gloss.split(' ').for_each(|word| out.implied(TokenClass::Word, &root(&stem(word)), each));
    }
}

/// How many pieces behind a number are its unit, which is compared as a measure: 5公斤.
fn unit_after(pieces: &[Piece<'_>], at: usize) -> usize {
    let is_number = pieces.get(at).is_some_and(|piece| piece.class == PieceClass::Digit);
    is_number.then(|| measure::follows(pieces, at)).flatten().map_or(0, |unit| unit.pieces)
}

fn longest_at(pieces: &[Piece<'_>], start: usize) -> Option<(&'static str, usize)> {
    let (mut key, mut best) = (0, None);
    for (at, piece) in pieces.iter().enumerate().skip(start).take(LONGEST) {
        let sign = piece.text.chars().next().filter(|_| piece.is_han() && (at == start || piece.gap == Gap::None));
        let Some(longer) = sign.and_then(|sign| with_sign(key, sign)) else { break };
        key = longer;
        best = GLOSSES.get(&key).map(|glosses| (*glosses, at + 1)).or(best);
    }
    best
}
