//! Cuts what surrounds the concepts into bigrams, words and numbers.
//!
//! Bigrams of Han runs beat a dictionary segmenter on mask-trade words, which splits 熔喷 and 额温枪 inconsistently.
//! What a concept already covers is kept at part of the weight: a search for 消毒 should still find 消毒液.

use super::measure;
use super::porter::root;
use super::profile::{ProfileBuilder, TokenClass};
use super::text::{Gap, Piece, PieceClass};

const PLAIN: f64 = 100.0;
const COVERED: f64 = 30.0;
/// What an alias covers tells goods of its category apart: 轮胎, 轮毂.
const OF_ALIAS: f64 = 60.0;
const SINGLE_CHARACTER: f64 = 15.0;
/// The last sign of a Chinese word says of which sort the thing is: 人体工学椅, 电脑椅.
const LAST_CHARACTER: f64 = 50.0;
/// Of an alias less: 苹果 is not sought for its 果, but found by words nobody knows that end so.
const LAST_OF_ALIAS: f64 = 10.0;
/// Signs that end words of every sort: 梯子, 拭子.
const EMPTY_ENDINGS: &str = "子儿头品类等式型用的";
/// A run of one character has no bigram to speak for it.
const LONE_CHARACTER: f64 = 50.0;
const MEASURE: f64 = 100.0;
/// Long bare numbers are models (1860, 9501); short ones say little.
const MODEL_NUMBER: f64 = 80.0;
const SHORT_NUMBER: f64 = 30.0;
const SINGLE_LETTER: f64 = 20.0;
/// Letters before a number that may be the maker's or the standard's.
const LONGEST_MAKER: usize = 4;

/// Sorted. What buyers say around what they want (need some, anyone, asap) is among them.
const STOP_WORDS: &[&str] = &[
    "a", "about", "all", "also", "an", "and", "any", "anybody", "anyone", "are", "as", "asap", "at", "be", "been",
    "but", "buy", "by", "can", "could", "do", "does", "doing", "etc", "for", "from", "get", "got", "has", "have", "if",
    "in", "into", "is", "it", "its", "just", "like", "looking", "me", "my", "need", "needed", "not", "of", "on", "one",
    "or", "other", "our", "out", "please", "re", "should", "similar", "so", "some", "such", "than", "that", "the",
    "their", "them", "then", "there", "these", "they", "thing", "this", "those", "to", "up", "us", "want", "wanted",
    "was", "we", "were", "what", "who", "will", "with", "would", "you", "your",
];

/// What names have covered a piece with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cover {
    Nothing,
    /// What a category is called by, or a name that only qualifies.
    Name,
    /// Another name of a category, of which the phrase is.
    Alias,
}

pub(super) fn emit(pieces: &[Piece<'_>], covered: &[Cover], share: f64, out: &mut ProfileBuilder<'_>) {
    let mut index = 0;
    while index < pieces.len() {
        index = match pieces[index].class {
            PieceClass::Han => han_run(pieces, covered, index, share, out),
            _ if covered[index] != Cover::Nothing => named(&pieces[index], covered[index], index, share, out),
            PieceClass::Digit => number(pieces, covered, index, share, out),
            PieceClass::Latin => word(pieces, index, share, out),
        };
    }
}

fn han_run(pieces: &[Piece<'_>], covered: &[Cover], start: usize, share: f64, out: &mut ProfileBuilder<'_>) -> usize {
    let more = pieces[start + 1..].iter().take_while(|p| p.is_han() && p.gap == Gap::None).count();
    let end = start + 1 + more;
    if more == 0 && covered[start] == Cover::Nothing {
        out.token(TokenClass::Character, &pieces[start].text, LONE_CHARACTER * share);
        return end;
    }
    for index in start..end {
        let character = match covered[index] {
            Cover::Name => None,
            Cover::Nothing if index + 1 == end && !is_empty_ending(&pieces[index].text) => Some(LAST_CHARACTER),
            Cover::Nothing => Some(SINGLE_CHARACTER),
            Cover::Alias if index + 1 == end && !is_empty_ending(&pieces[index].text) => Some(LAST_OF_ALIAS),
            Cover::Alias => None,
        };
        if let Some(weight) = character {
            out.token(TokenClass::Character, &pieces[index].text, weight * share);
        }
        if index + 1 < end {
            let weight = match (covered[index], covered[index + 1]) {
                (Cover::Alias, Cover::Alias) => OF_ALIAS,
                (Cover::Nothing, _) | (_, Cover::Nothing) => PLAIN,
                _ => COVERED,
            };
            out.pair(TokenClass::Bigram, &pieces[index].text, &pieces[index + 1].text, weight * share);
        }
    }
    end
}

fn number(pieces: &[Piece<'_>], covered: &[Cover], index: usize, share: f64, out: &mut ProfileBuilder<'_>) -> usize {
    let value = &pieces[index].text;
    if is_maker(pieces, index) {
        return compound(pieces, index, share, out);
    }
    if let Some(written) =
        measure::follows(pieces, index).filter(|_| !covered.get(index + 1).is_some_and(|c| *c != Cover::Nothing))
    {
        if let Some(normal) = measure::normal_form(value, written) {
            out.token(TokenClass::Number, &normal, MEASURE * share);
        }
        return index + 1 + written.pieces;
    }
    let end = compound(pieces, index, share, out);
    if end == index + 1 {
        let weight = if value.len() >= 3 { MODEL_NUMBER } else { SHORT_NUMBER };
        out.token(TokenClass::Number, value, weight * share);
    }
    end
}

/// 3M 9501 is no length.
fn is_maker(pieces: &[Piece<'_>], index: usize) -> bool {
    let [number, letters, model, ..] = &pieces[index..] else { return false };
    let spelt = number.text == "3" && letters.text == "m" && letters.gap == Gap::None;
    spelt && model.class == PieceClass::Digit && model.gap == Gap::Space && model.text.len() >= 3
}

/// A word or number that a name covers.
fn named(piece: &Piece<'_>, cover: Cover, index: usize, share: f64, out: &mut ProfileBuilder<'_>) -> usize {
    let weight = share * if cover == Cover::Alias { OF_ALIAS } else { COVERED };
    match piece.class {
        PieceClass::Digit => out.token(TokenClass::Number, &piece.text, weight),
        _ => out.token(TokenClass::Word, &root(&piece.text), weight),
    }
    index + 1
}

fn word(pieces: &[Piece<'_>], index: usize, share: f64, out: &mut ProfileBuilder<'_>) -> usize {
    let text = pieces[index].text.as_ref();
    let end = compound(pieces, index, share, out);
    if end == index + 1 && !is_stop_word(text) && text != "%" {
        let weight = if text.len() == 1 { SINGLE_LETTER } else { PLAIN };
        out.token(TokenClass::Word, &root(text), weight * share);
    }
    end
}

/// Letters and digits written as one (`3m9501`, `ty-127`) are one word; its parts of three signs and more count too.
/// Returns the index behind it, `index + 1` where nothing is joined.
fn compound(pieces: &[Piece<'_>], index: usize, share: f64, out: &mut ProfileBuilder<'_>) -> usize {
    let joined = pieces[index..].windows(2).take_while(|w| joins(&w[0], &w[1])).count();
    let end = index + 1 + joined;
    if joined > 0 {
        let parts = &pieces[index..end];
        let whole: String = parts.iter().map(|p| p.text.as_ref()).collect();
        out.token(TokenClass::Word, &whole, PLAIN * share);
        for part in parts.iter().filter(|p| p.text.len() >= 3) {
            let class = if part.class == PieceClass::Digit { TokenClass::Number } else { TokenClass::Word };
            out.token(class, &part.text, SHORT_NUMBER * share);
        }
    }
    spaced_model(pieces, index, end, share, out);
    end
}

/// `3M 9501` and `GB 19083` are also written as one.
fn spaced_model(pieces: &[Piece<'_>], index: usize, end: usize, share: f64, out: &mut ProfileBuilder<'_>) {
    let (parts, Some(number)) = (&pieces[index..end], pieces.get(end)) else { return };
    let spaced = number.class == PieceClass::Digit && number.gap == Gap::Space;
    let letters = parts.last().is_some_and(|last| last.class == PieceClass::Latin && last.text != "%");
    let name: String = parts.iter().map(|part| part.text.as_ref()).collect();
    let short = name.len() <= LONGEST_MAKER && !is_stop_word(&name);
    let long_number = number.text.len() >= 3 && number.text.bytes().all(|byte| byte.is_ascii_digit());
    if spaced && letters && short && long_number && measure::follows(pieces, end).is_none() {
        out.token(TokenClass::Word, &format!("{name}{}", number.text), PLAIN * share);
    }
}

fn joins(left: &Piece<'_>, right: &Piece<'_>) -> bool {
    let latin_and_digit = !left.is_han() && !right.is_han() && left.class != right.class;
    latin_and_digit && right.gap <= Gap::Hyphen && left.text != "%" && right.text != "%"
}

pub(super) fn is_empty_ending(sign: &str) -> bool {
    EMPTY_ENDINGS.contains(sign)
}

fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn stop_words_are_sorted() {
        assert!(super::STOP_WORDS.is_sorted());
    }
}
