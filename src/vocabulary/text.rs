//! Normal form of a text, and its cut into the smallest pieces anything is compared by.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::characters::simplified;
use super::stem::stem;

/// NFKC (full width becomes half width), lower case, one kind of dash, simplified characters.
pub fn normalise(text: &str) -> String {
    plainly(text).unwrap_or_else(|| thoroughly(text))
}

fn thoroughly(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).map(plain_dash).map(simplified).collect()
}

/// The same, fast, of a text made of nothing but what most texts are made of: there no two characters compose.
fn plainly(text: &str) -> Option<String> {
    let mut normal = String::with_capacity(text.len());
    for c in text.chars() {
        normal.push(match c {
            '\0'..='\u{7f}' => c.to_ascii_lowercase(),
            '\u{4e00}'..='\u{9fff}' => simplified(c),
            '、' | '。' | '《' | '》' | '“' | '”' => c,
            // Full width: the same signs of ASCII, further up.
            '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).map(|c| plain_dash(c.to_ascii_lowercase()))?,
            _ => return None,
        });
    }
    Some(normal)
}

pub(super) fn plain_dash(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' => '-',
        _ => c,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceClass {
    Han,
    Latin,
    Digit,
}

/// What stands between a piece and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    None,
    Hyphen,
    Space,
    /// Punctuation, or the start of the text.
    Break,
}

/// One Han character, one run of letters (stemmed), or one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub text: Cow<'a, str>,
    pub class: PieceClass,
    pub gap: Gap,
    /// An English word in the plural.
    pub plural: bool,
    /// Bytes `start..end` of the text it was cut from.
    pub start: usize,
    pub end: usize,
}

impl Piece<'_> {
    /// A Han character says about as much as two letters.
    pub fn size(&self) -> f64 {
        if self.class == PieceClass::Han { 1.0 } else { self.text.chars().count() as f64 / 2.0 }
    }

    pub fn is_han(&self) -> bool {
        self.class == PieceClass::Han
    }
}

/// Whether two neighbours are one word as written: `kn95`, but not `95口`.
pub(super) fn glued(left: &Piece<'_>, right: &Piece<'_>) -> bool {
    right.gap == Gap::None && !left.is_han() && !right.is_han() && right.text != "%" && left.text != "%"
}

/// Cuts a normalised text.
pub(super) fn segment(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut gap = Gap::Break;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let class = class_of(first);
        let length = match class {
            Some(PieceClass::Han) | None => first.len_utf8(),
            Some(PieceClass::Digit) => number_length(rest),
            Some(PieceClass::Latin) if first == '%' => 1,
            Some(PieceClass::Latin) => {
                rest.find(|c| c == '%' || class_of(c) != Some(PieceClass::Latin)).unwrap_or(rest.len())
            }
        };
        let start = text.len() - rest.len();
        let (head, tail) = rest.split_at(length);
        rest = tail;
        match class {
            Some(class) => {
                let word = if class == PieceClass::Latin { stem(head) } else { plain_number(head) };
                let plural = class == PieceClass::Latin && head.ends_with('s') && !word.ends_with('s');
                pieces.push(Piece { text: word, class, gap, plural, start, end: start + length });
                gap = Gap::None;
            }
            None => gap = gap.max(gap_of(first)),
        }
    }
    pieces
}

fn class_of(c: char) -> Option<PieceClass> {
    match c {
        '0'..='9' => Some(PieceClass::Digit),
        '%' => Some(PieceClass::Latin),
        _ if is_han(c) => Some(PieceClass::Han),
        _ if c.is_alphanumeric() => Some(PieceClass::Latin),
        _ => None,
    }
}

pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '〇')
}

fn gap_of(c: char) -> Gap {
    match c {
        '-' | '_' | '·' | '&' | '\'' | '’' => Gap::Hyphen,
        _ if c.is_whitespace() => Gap::Space,
        _ => Gap::Break,
    }
}

/// Bytes of the number `text` begins with: `1,000` and `0.5` are one number, `2010,` and `2019,100` are not.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let first = digits(0);
    let mut end = first;
    while first <= 3 && bytes.get(end) == Some(&b',') && end <= 12 && digits(end + 1) == 3 {
        end += 4;
    }
    if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    end
}

fn plain_number(text: &str) -> Cow<'_, str> {
    if text.contains(',') { Cow::Owned(text.replace(',', "")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_plain_text_is_normalised_as_any_other(text in "[ -~一-鿿、。《》“”！-～—…ﬁ℃é\u{301}\u{fe0f}]{0,12}") {
            proptest::prop_assert_eq!(normalise(&text), thoroughly(&text));
        }
    }

    #[test]
    fn every_character_of_the_plain_path_is_itself() {
        for c in '\0'..='\u{ffff}' {
            let text = c.to_string();
            assert!(plainly(&text).is_none_or(|plain| plain == thoroughly(&text)), "{c:?}");
        }
    }
}
