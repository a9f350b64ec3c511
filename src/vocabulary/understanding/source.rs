//! The text being read: its characters in normal form, each with the character of the input it came from.

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::vocabulary::characters::simplified;
use crate::vocabulary::text::{is_han, plain_dash};

/// Characters `start..end` of the input, counted as characters, not bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// Stands for circled and boxed list numbers, which NFKC would make into figures.
pub(super) const BULLET: char = '•';

/// The others have no end as decimals.
const FRACTIONS: [(char, &str); 11] = [
    ('¼', ".25"),
    ('½', ".5"),
    ('¾', ".75"),
    ('⅕', ".2"),
    ('⅖', ".4"),
    ('⅗', ".6"),
    ('⅘', ".8"),
    ('⅛', ".125"),
    ('⅜', ".375"),
    ('⅝', ".625"),
    ('⅞', ".875"),
];

/// So many spaces or signs are passed over at most, so that reading stays linear.
const FARTHEST: usize = 12;

#[derive(Debug, Clone, Default)]
pub(super) struct Text {
    chars: Vec<char>,
    origin: Vec<usize>,
    input: Vec<char>,
}

impl Text {
    pub fn new(input: &str) -> Self {
        let mut text = Self { input: input.chars().collect(), ..Self::default() };
        for (at, c) in input.chars().enumerate() {
            match c {
                '\u{20e3}' => text.box_last(),
                '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{fe0e}' | '\u{fe0f}' | '\u{ad}' => {}
                '\u{2460}'..='\u{249b}' | '\u{2776}'..='\u{2793}' => text.push(BULLET, at),
                // NFKC makes 13 of 1⅓ and 55 of 5⁵.
                '⅐'..='⅔' | '⅙' | '⅚' => text.push(BULLET, at),
                '²' | '³' | '¹' | '⁰'..='⁹' if text.ends_in_figure() => text.push(BULLET, at),
                '\r' => text.push('\n', at),
                _ if c.is_ascii() => text.push(c.to_ascii_lowercase(), at),
                '\u{4e00}'..='\u{9fff}' => text.push(simplified(c), at),
                _ => text.push_other(c, at),
            }
        }
        text
    }

    fn push(&mut self, c: char, at: usize) {
        self.chars.push(if c != '\n' && c.is_whitespace() { ' ' } else { c });
        self.origin.push(at);
    }

    fn push_other(&mut self, c: char, at: usize) {
        // NFKC makes 12 of 1½.
        match FRACTIONS.iter().find(|(sign, _)| *sign == c) {
            Some((_, decimal)) => self.push_fraction(decimal, at),
            None => std::iter::once(c)
                .nfkc()
                .flat_map(char::to_lowercase)
                .for_each(|folded| self.push(plain_dash(folded), at)),
        }
    }

    fn ends_in_figure(&self) -> bool {
        self.chars.last().is_some_and(char::is_ascii_digit)
    }

    /// As a decimal, behind 0 where no whole number stands before it.
    fn push_fraction(&mut self, decimal: &str, at: usize) {
        let zero = if self.ends_in_figure() { "" } else { "0" };
        zero.chars().chain(decimal.chars()).for_each(|c| self.push(c, at));
    }

    /// The keycap sign turns the figure before it into a list number.
    fn box_last(&mut self) {
        if let Some(last) = self.chars.last_mut() {
            *last = BULLET;
        }
    }

    pub fn len(&self) -> usize {
        self.chars.len()
    }

    pub fn chars(&self) -> &[char] {
        &self.chars
    }

    pub fn get(&self, at: usize) -> Option<char> {
        self.chars.get(at).copied()
    }

    pub fn before(&self, at: usize) -> Option<char> {
        at.checked_sub(1).and_then(|at| self.get(at))
    }

    /// The text from `start` to `end`, in normal form.
    pub fn slice(&self, start: usize, end: usize) -> String {
        self.chars.get(start..end.min(self.len())).map(|chars| chars.iter().collect()).unwrap_or_default()
    }

    pub fn starts_with(&self, at: usize, word: &str) -> bool {
        let mut rest = self.chars.get(at..).unwrap_or_default().iter();
        word.chars().all(|c| rest.next() == Some(&c))
    }

    pub fn ends_with(&self, end: usize, word: &str) -> bool {
        let mut before = self.chars.get(..end).unwrap_or_default().iter().rev();
        word.chars().rev().all(|c| before.next() == Some(&c))
    }

    /// The end of the longest of `words` that begins at `at`; a word in letters ends where no further letter follows.
    pub fn any_at(&self, at: usize, words: &[&str]) -> Option<usize> {
        let found = words.iter().filter(|word| self.starts_with(at, word)).map(|word| at + word.chars().count());
        found.filter(|end| !self.splits_word(*end)).max()
    }

    /// The start of the longest of `words` that ends at `end`.
    pub fn any_before(&self, end: usize, words: &[&str]) -> Option<usize> {
        let found = words.iter().filter(|word| self.ends_with(end, word)).map(|word| end - word.chars().count());
        found.filter(|start| !self.splits_word(*start)).min()
    }

    /// Whether a letter stands on both sides of `at`.
    pub fn splits_word(&self, at: usize) -> bool {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
        letter(self.before(at)) && letter(self.get(at))
    }

    pub fn skip_spaces(&self, mut at: usize) -> usize {
        let last = at + FARTHEST;
        while at < last && self.get(at) == Some(' ') {
            at += 1;
        }
        at
    }

    pub fn skip_back(&self, at: usize) -> usize {
        self.back_over(at, &[' '])
    }

    pub fn back_over(&self, mut at: usize, signs: &[char]) -> usize {
        let first = at.saturating_sub(FARTHEST);
        while at > first && self.before(at).is_some_and(|c| signs.contains(&c)) {
            at -= 1;
        }
        at
    }

    /// The characters of the input, as they were written.
    pub fn original(&self, span: Span) -> String {
        self.input.get(span.start..span.end).map(|chars| chars.iter().collect()).unwrap_or_default()
    }

    /// Characters of the input the positions `start..end` came from.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let first = self.origin.get(start).copied().unwrap_or(self.input.len());
        let last = end.checked_sub(1).and_then(|at| self.origin.get(at)).map_or(first, |at| at + 1);
        Span { start: first, end: last.max(first) }
    }
}

pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || is_han(c)
}
