//! Explanations as sentences: codes and values of the engine in the reader's language.
//!
//! Nothing of a sentence is stored. A check reads as its own phrase `check_<code>` of `data/messages.toml` where there is
//! one, else as name, have and want; then its outcome. Codes inside values are read by the vocabulary of the check's or
//! field's name (`use_class` by `UseClass`), by the reference data, or as `value_<code>`.

pub mod check;
mod counterfactual;
mod factor;
#[cfg(test)]
mod tests;
mod value;

use crate::domain::message::{self, Language};
use crate::domain::reference::Reference;

/// What sentences are made with.
#[derive(Clone, Copy)]
pub struct Explainer<'a> {
    pub reference: &'a Reference,
    pub language: Language,
}

impl Explainer<'_> {
    fn say<const N: usize>(self, code: &str, params: [(&'static str, String); N]) -> String {
        let param = |name: &str| params.iter().find(|(named, _)| *named == name).map(|(_, value)| value.as_str());
        message::text_with(code, param, self.language)
    }

    fn not_stated(self) -> String {
        self.say("value_not_stated", [])
    }

    /// Between the parts of a sentence.
    fn semicolon(self) -> &'static str {
        if self.language == Language::Zh { "；" } else { "; " }
    }
}
