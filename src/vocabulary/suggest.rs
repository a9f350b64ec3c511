//! What somebody who is still typing may mean: the goods a text names, and names that begin with or contain its words.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Vocabulary;
use super::text::{is_han, normalise, segment};
use super::understanding::Understanding;
use crate::domain::listing::Kind;

/// By how much of a name has been typed: its beginning, any part of it, all but one sign of it.
const BEGINNING: f64 = 0.65;
const PART: f64 = 0.45;
const MISSPELT: f64 = 0.4;
/// What the share typed adds to these.
const SHARE: f64 = 0.3;
/// What it adds that the category's own name begins so, and not only an alias.
const OWN_NAME: f64 = 0.05;

impl Understanding {
    /// Category codes with a confidence in (0, 1], best first. What the text names is understood as in a posting.
    pub fn suggest(&self, text: &str, kind: Option<Kind>, limit: usize) -> Vec<(String, f64)> {
        let said = self.understand_title(text, NaiveDate::default(), None);
        let named = said.categories.iter().map(|found| (found.value.clone(), found.confidence));
        let mut best: BTreeMap<String, f64> = BTreeMap::new();
        for (code, confidence) in
            named.chain(self.vocabulary.completions(text)).chain(self.vocabulary.completions(&said.title))
        {
            let known = best.entry(code).or_default();
            *known = known.max(confidence);
        }
        let typed = normalise(text);
        for (_, confidence) in best.iter_mut().filter(|(code, _)| self.is_named(code, &typed)) {
            *confidence = (*confidence + OWN_NAME).min(1.0);
        }
        let of_kind = |code: &str| self.categories.get(code).is_some_and(|c| kind.is_none_or(|kind| c.kind == kind));
        let mut found: Vec<(String, f64)> = best.into_iter().filter(|(code, _)| of_kind(code)).collect();
        // Stable: of equals the broader first, in the order of codes.
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.matches('.').count().cmp(&b.0.matches('.').count())));
        found.truncate(limit);
        found
    }

    /// Whether the name of the category itself begins with what was typed.
    fn is_named(&self, code: &str, typed: &str) -> bool {
        let names = self.categories.get(code).map(|category| [&category.names.zh, &category.names.en]);
        names.is_some_and(|names| names.into_iter().any(|name| normalise(name).starts_with(typed)))
    }
}

impl Vocabulary {
    /// Categories with a name that the text is part of, or but for one sign would be, in no order.
    fn completions(&self, text: &str) -> Vec<(String, f64)> {
        let normal = normalise(text);
        let pieces = segment(&normal);
        let stemmed: Vec<char> = pieces.iter().flat_map(|piece| piece.text.chars()).collect();
        // A word that is still being typed may end like a plural: 眼镜 `glas…`.
        let written: Vec<char> = pieces.iter().flat_map(|piece| normal[piece.start..piece.end].chars()).collect();
        let mut found: Vec<(String, f64)> = Vec::new();
        let mut take = |score: fn(&[char], &[char]) -> Option<f64>| {
            for (name, codes) in self.dictionary.names() {
                let name: Vec<char> = name.chars().collect();
                let best = [&stemmed, &written].into_iter().filter_map(|typed| score(typed, &name)).reduce(f64::max);
                if let Some(best) = best {
                    // A name that several have speaks less for each.
                    let each = ((best / (codes.len() as f64).sqrt()) * 1000.0).round() / 1000.0;
                    found.extend(codes.iter().map(|code| (code.clone(), each)));
                }
            }
            found.is_empty()
        };
        if take(completed) {
            take(misspelt);
        }
        found
    }
}

fn completed(typed: &[char], name: &[char]) -> Option<f64> {
    let share = typed.len() as f64 / name.len().max(1) as f64;
    match typed {
        [] => None,
        _ if typed == name => Some(1.0),
        _ if name.starts_with(typed) => Some(BEGINNING + SHARE * share),
        // One letter is in nearly every name.
        [only] if !is_han(*only) => None,
        _ if name.windows(typed.len()).any(|part| part == typed) => Some(PART + SHARE * share),
        _ => None,
    }
}

/// One sign wrong, missing, too many, or two swapped; never in a number: N95 is not N99.
fn misspelt(typed: &[char], name: &[char]) -> Option<f64> {
    let (shorter, longer) = if typed.len() < name.len() { (typed, name) } else { (name, typed) };
    if shorter.len() < 2 || longer.len() < 3 || longer.len() - shorter.len() > 1 {
        return None;
    }
    let same = shorter.iter().zip(longer).take_while(|(a, b)| a == b).count();
    let (short, long) = (&shorter[same..], &longer[same..]);
    let swapped = short.len() == long.len()
        && short.len() > 1
        && short[0] == long[1]
        && short[1] == long[0]
        && short[2..] == long[2..];
    let one =
        if short.len() == long.len() { !short.is_empty() && short[1..] == long[1..] } else { *short == long[1..] };
    let touched = if swapped { 2 } else { 1 };
    let number = short.iter().take(touched).chain(long.iter().take(touched)).any(char::is_ascii_digit);
    ((one || swapped) && !number).then(|| MISSPELT + SHARE * (1.0 - 1.0 / longer.len() as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggest(text: &str, kind: Option<Kind>) -> Vec<(String, f64)> {
        super::super::understanding::shipped().suggest(text, kind, 10)
    }

    fn first(text: &str) -> String {
        suggest(text, None).first().map(|(code, _)| code.clone()).unwrap_or_default()
    }

    #[test]
    fn completes_what_is_being_typed() {
        for (typed, code) in [
            ("口", "ppe.mask"),
            ("口罩", "ppe.mask"),
            ("surgical ma", "ppe.mask.surgical"),
            ("医用外科", "ppe.mask.surgical"),
            ("glo", "ppe.glove"),
            ("Ｎ95", "ppe.mask.particulate"),
            ("n9", "ppe.mask.particulate"),
        ] {
            assert!(first(typed).starts_with(code), "{typed}: {:?}", suggest(typed, None));
        }
        for (typed, code) in [("消毒", "ppe.disinfectant"), ("额温", "ppe.thermometer"), ("轴承", "material.bearing")]
        {
            assert!(first(typed).starts_with(code), "{typed}: {:?}", suggest(typed, None));
        }
    }

    #[test]
    fn reads_what_a_posting_says() {
        for text in ["急需N95口罩5000个", "need 5000 n95 masks"] {
            assert_eq!(first(text), "ppe.mask.particulate", "{text}: {:?}", suggest(text, None));
        }
    }

    #[test]
    fn best_first_surely_bounded_and_of_the_kind_asked_for() {
        for text in ["口", "布", "a", "消毒", "steel", "车"] {
            let found = suggest(text, None);
            assert!(found.len() <= 10 && found.is_sorted_by(|a, b| a.1 >= b.1), "{text}: {found:?}");
            assert!(found.iter().all(|(_, sure)| *sure > 0.0 && *sure <= 1.0), "{text}: {found:?}");
        }
        let found = suggest("口罩", Some(Kind::Material));
        assert!(found.iter().all(|(code, _)| !code.starts_with("ppe")), "{found:?}");
        assert_eq!(suggest("   ", None), []);
        assert_eq!(suggest("zzzzzzzz", None), []);
    }

    #[test]
    fn forgives_one_sign() {
        for (typed, code) in [("surgcal mask", "ppe.mask.surgical"), ("医用外可口罩", "ppe.mask.surgical")] {
            assert_eq!(first(typed), code, "{typed}: {:?}", suggest(typed, None));
        }
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        let close = |a: &str, b: &str| misspelt(&chars(a), &chars(b)).is_some();
        assert!(close("gown", "gowns") && close("gwon", "gown") && close("gowm", "gown"));
        assert!(!close("n99", "n95") && !close("gown", "glove") && !close("ab", "ac"));
    }
}
