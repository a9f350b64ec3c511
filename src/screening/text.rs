//! Texts of a listing in the form words and numbers are sought in, with the way back to what was written.

use crate::domain::flag::Evidence;
use crate::domain::listing::Terms;
use crate::vocabulary::normalise;

/// A text in normal form: NFKC, lower case, simplified, nothing invisible. `origin` has, for each of its characters, the place of
/// the character it was made of.
pub struct Folded<'a> {
    pub field: String,
    original: &'a str,
    pub chars: Vec<char>,
    origin: Vec<usize>,
}

/// Title, description, brand and the values of specifications.
pub fn texts(terms: &Terms) -> Vec<Folded<'_>> {
    let mut texts = vec![Folded::new("title", &terms.title)];
    texts.extend(terms.description.as_deref().map(|text| Folded::new("description", text)));
    texts.extend(terms.brand.as_deref().map(|text| Folded::new("brand", text)));
    for (i, spec) in terms.specs.iter().enumerate() {
        texts.extend(spec.value.as_deref().map(|text| Folded::new(&format!("specs.{i}.value"), text)));
    }
    texts
}

impl<'a> Folded<'a> {
    pub fn new(field: &str, original: &'a str) -> Self {
        let (mut chars, mut origin) = (Vec::new(), Vec::new());
        let mut buffer = [0; 4];
        for (at, c) in original.chars().enumerate().filter(|(_, c)| !is_invisible(*c)) {
            for folded in normalise(c.encode_utf8(&mut buffer)).chars() {
                chars.push(folded);
                origin.push(at);
            }
        }
        Self { field: field.to_owned(), original, chars, origin }
    }

    /// Without the characters that are put between those of a word to hide it. Ends of sentences stay: what they part is no word.
    pub fn squeezed(&self) -> Self {
        let kept: Vec<usize> = (0..self.chars.len()).filter(|at| !is_filler(self.chars[*at])).collect();
        Self {
            field: self.field.clone(),
            original: self.original,
            chars: kept.iter().map(|at| self.chars[*at]).collect(),
            origin: kept.iter().map(|at| self.origin[*at]).collect(),
        }
    }

    /// Every place where `needle` stands.
    pub fn places(&self, needle: &[char]) -> Vec<usize> {
        if needle.is_empty() {
            return Vec::new();
        }
        (0..).zip(self.chars.windows(needle.len())).filter(|(_, window)| *window == needle).map(|(at, _)| at).collect()
    }

    /// What stands at these characters, as it was written.
    pub fn evidence(&self, start: usize, end: usize) -> Evidence {
        let first = self.origin.get(start).copied().unwrap_or_default();
        let last = end.checked_sub(1).and_then(|at| self.origin.get(at)).map_or(first, |at| at + 1);
        let text = self.original.chars().skip(first).take(last.saturating_sub(first).min(200)).collect();
        Evidence {
            field: Some(self.field.clone()),
            text: Some(text),
            start: Some(first),
            end: Some(last),
            ..Evidence::default()
        }
    }

    /// The characters before `at`, at most so many.
    pub fn before(&self, at: usize, most: usize) -> String {
        self.chars[at.saturating_sub(most)..at].iter().collect()
    }

    /// The characters from `at` on, at most so many.
    pub fn after(&self, at: usize, most: usize) -> String {
        self.chars.iter().skip(at).take(most).collect()
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}' | '\u{fe00}'..='\u{fe0f}')
}

fn is_filler(c: char) -> bool {
    !c.is_alphanumeric() && !"，。；：！？、,;:!?()（）《》“”\"\n".contains(c)
}

/// `needle` in normal form.
pub fn folded(needle: &str) -> Vec<char> {
    normalise(needle).chars().collect()
}

/// Texts by which a listing is told from others.
pub fn whole(terms: &Terms) -> String {
    let description = terms.description.as_deref().unwrap_or_default();
    normalise(&format!("{}\n{description}", terms.title))
}
