//! Comparing what people write in a field: lists of names, and whether one name is said within another.

use crate::domain::occupation::{fold, is_whole};

/// The most names of a list that are looked at.
const MOST: usize = 20;

/// The names of a list, as written: 磨工、数控车工 or "welders, fitters and electricians".
pub(super) fn names(text: &str) -> Vec<&str> {
    let signs = text.split(['、', '，', ',', ';', '；', '/', '／', '|', '&', '或', '和', '及', '\n']);
    let words = signs.flat_map(|part| part.split(" and ")).flat_map(|part| part.split(" or "));
    words.map(str::trim).filter(|name| !name.is_empty()).take(MOST).collect()
}

/// Whether `text` says `name`, no word of Latin letters or digits cut. Both folded.
pub(super) fn says(text: &str, name: &str) -> bool {
    let (signs, wanted): (Vec<char>, Vec<char>) = (text.chars().collect(), name.chars().collect());
    if wanted.is_empty() || wanted.len() > signs.len() {
        return false;
    }
    (0..=signs.len() - wanted.len()).any(|start| {
        let end = start + wanted.len();
        signs[start..end] == wanted[..] && is_whole(&signs, start, end)
    })
}

/// Whether either says the other.
pub(super) fn akin(a: &str, b: &str) -> bool {
    let (a, b) = (fold(a), fold(b));
    says(&a, &b) || says(&b, &a)
}

/// Whether the text says one of the words; these are folded.
pub(super) fn says_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| says(text, word))
}
