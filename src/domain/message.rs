//! The one catalogue of texts for people, Chinese and English side by side: `data/messages.toml`, and `data/patterns.toml` for what
//! a regular expression asks for.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::violation::Params;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    #[default]
    Zh,
    En,
}

impl Language {
    /// The tag of `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Zh => "zh-CN",
            Language::En => "en",
        }
    }

    /// The better of the two by an `Accept-Language` value; Chinese when neither is named.
    pub fn negotiate(accept: &str) -> Self {
        let mut best = (Language::Zh, 0.0_f32);
        for range in accept.split(',') {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or("").trim().to_ascii_lowercase();
            let quality = parts.find_map(|p| p.trim().strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
            let language = match tag.split('-').next() {
                Some("zh" | "*") => Language::Zh,
                Some("en") => Language::En,
                _ => continue,
            };
            if quality > best.1 {
                best = (language, quality);
            }
        }
        best.0
    }
}

#[derive(Deserialize)]
struct Text {
    zh: String,
    en: String,
}

impl Text {
    fn of(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

/// Parsed on first use; a broken file fails the unit tests below, not a reader.
static CATALOGUE: LazyLock<HashMap<String, Text>> = LazyLock::new(|| {
    let read = |file: &str| toml::from_str::<HashMap<String, Text>>(file).unwrap_or_default();
    let patterns = read(include_str!("../../data/patterns.toml"));
    let mut catalogue = read(include_str!("../../data/messages.toml"));
    catalogue.extend(patterns.into_iter().map(|(pattern, text)| (of_case("pattern", &pattern), text)));
    catalogue
});

/// The text of `code`, or of its `case` where the catalogue has one, with `{name}` replaced by its parameter; the bare code when
/// it is not in the catalogue.
pub fn text(code: &str, params: &Params, language: Language) -> String {
    let own = params.get("case").map(|case| of_case(code, case)).filter(|key| has(key));
    text_with(own.as_deref().unwrap_or(code), |name| params.get(name).map(String::as_str), language)
}

fn of_case(code: &str, case: &str) -> String {
    format!("{code} {case}")
}

/// The same, asking `param` for each parameter.
pub fn text_with<'p>(code: &str, param: impl Fn(&str) -> Option<&'p str>, language: Language) -> String {
    let Some(entry) = CATALOGUE.get(code) else { return code.to_owned() };
    filled(entry.of(language), param)
}

/// In one pass: what a value says in braces is no parameter.
fn filled<'p>(template: &str, param: impl Fn(&str) -> Option<&'p str>) -> String {
    let mut text = String::with_capacity(2 * template.len());
    let mut rest = template;
    while let Some((before, from)) = rest.split_once('{') {
        text.push_str(before);
        match from.split_once('}').and_then(|(name, after)| Some((param(name)?, after))) {
            Some((value, after)) => {
                text.push_str(value);
                rest = after;
            }
            None => {
                text.push('{');
                rest = from;
            }
        }
    }
    text.push_str(rest);
    text
}

pub fn has(code: &str) -> bool {
    CATALOGUE.contains_key(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_parses() {
        let parsed: Result<HashMap<String, Text>, _> = toml::from_str(include_str!("../../data/messages.toml"));
        assert!(parsed.is_ok(), "{:?}", parsed.err());
        assert!(CATALOGUE.len() > 40);
    }

    #[test]
    fn patterns_are_told_in_words() {
        let parsed: Result<HashMap<String, Text>, _> = toml::from_str(include_str!("../../data/patterns.toml"));
        assert!(parsed.is_ok(), "{:?}", parsed.err());
        let fault = |pattern: &str| text("pattern", &Params::from([("case", pattern.to_owned())]), Language::En);
        assert_eq!(fault("^[0-9]{6}$"), "Must be six digits.");
        assert_eq!(fault("^x$"), "Must match ^x$.");
    }

    #[test]
    fn a_case_has_its_own_text_or_that_of_all() {
        let fault = |case: &str| text("header_invalid", &Params::from([("case", case.to_owned())]), Language::En);
        assert!(fault("If-Match").contains("ETag"), "{}", fault("If-Match"));
        assert_eq!(fault("X"), "The value of the header X is wrong.");
    }

    #[test]
    fn both_languages_use_the_same_parameters() {
        let names = |text: &str| {
            let mut names: Vec<String> =
                text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).map(str::to_owned).collect();
            names.sort();
            names
        };
        for (code, text) in CATALOGUE.iter() {
            assert_eq!(names(&text.zh), names(&text.en), "{code}");
        }
    }

    #[test]
    fn what_a_value_says_in_braces_is_left_alone() {
        let params: Params = [("title", "{price} {".to_owned()), ("price", "3".to_owned())].into();
        let param = |name: &str| params.get(name).map(String::as_str);
        assert_eq!(filled("{title}: {price} 元", param), "{price} {: 3 元");
        assert_eq!(filled("{unknown} {{price}} {price", param), "{unknown} {3} {price");
    }

    #[test]
    fn negotiates() {
        for (accept, language) in [
            ("", Language::Zh),
            ("en", Language::En),
            ("en-GB,en;q=0.9", Language::En),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Zh),
            ("fr,en;q=0.5", Language::En),
            ("fr", Language::Zh),
            ("en;q=0.3, zh;q=0.7", Language::Zh),
        ] {
            assert_eq!(Language::negotiate(accept), language, "{accept}");
        }
    }
}
