//! Factors and checks as sentences: codes and values of the engine in the reader's language.

use super::codes::label;
use super::matches::{Check, Factor};
use crate::domain::message::{self, Language};
use crate::domain::reference::Reference;
use crate::domain::violation::Params;
use crate::matching::{self, CheckCode, Value, Verdict};

/// What sentences are made with.
#[derive(Clone, Copy)]
pub struct Explainer<'a> {
    pub reference: &'a Reference,
    pub language: Language,
}

const NOTHING: &str = "—";

impl Explainer<'_> {
    pub fn factor(self, factor: matching::Factor) -> Factor {
        let (value, unit) = (factor.value.as_ref().map(Value::bare), factor.value.as_ref().and_then(Value::unit));
        let params: Params = [
            ("name", label("FactorCode", <&str>::from(factor.code), self.language)),
            ("value", self.measured(value.as_deref(), unit.as_deref())),
            ("percent", format!("{:.0}", factor.u * 100.0)),
            ("points", factor.points.to_string()),
        ]
        .into();
        let mut text = message::text("factor", &params, self.language);
        for flag in &factor.flags {
            let separator = if self.language == Language::Zh { "；" } else { "; " };
            text = format!("{text}{separator}{}", label("Flag", <&str>::from(*flag), self.language));
        }
        let matching::Factor { code, u, weight, points, flags, .. } = factor;
        Factor { code, value, unit, u, weight, points, flags, text }
    }

    pub fn check(self, check: matching::Check) -> Check {
        let template = match check.outcome {
            Verdict::Pass => "check_pass",
            Verdict::Fail => "check_fail",
            Verdict::Unknown => "check_unknown",
        };
        let name = label("CheckCode", <&str>::from(check.code), self.language);
        let name = check.about.as_ref().map_or(name.clone(), |about| format!("{name} ({about})"));
        let shown =
            |value: &Option<Value>| value.as_ref().map_or_else(|| NOTHING.to_owned(), |v| self.value(check.code, v));
        let params: Params = [("name", name), ("have", shown(&check.have)), ("want", shown(&check.want))].into();
        let text = message::text(template, &params, self.language);
        let plain = |value: Option<Value>| value.map(|value| value.to_string());
        Check {
            code: check.code,
            outcome: check.outcome,
            about: check.about,
            have: plain(check.have),
            want: plain(check.want),
            text,
        }
    }

    fn value(self, code: CheckCode, value: &Value) -> String {
        let text = match value {
            Value::Text(text) => match code {
                CheckCode::Category | CheckCode::Substitute => self.category(text),
                CheckCode::Unit => self.unit(text),
                CheckCode::TransportMode => label("TransportMode", text, self.language),
                CheckCode::ReturnLeg | CheckCode::OwnVehicle => self.answer(text == "yes"),
                CheckCode::UseClass => label("UseClass", text, self.language),
                _ => text.clone(),
            },
            Value::Quantity { amount, unit } => format!("{amount} {}", self.unit(unit)),
            Value::Money { amount, currency, per } => format!("{amount} {currency}/{}", self.unit(per)),
            Value::Instant(time) => time.format("%Y-%m-%d %H:%M UTC").to_string(),
            other => other.to_string(),
        };
        if text.is_empty() { NOTHING.to_owned() } else { text }
    }

    fn measured(self, value: Option<&str>, unit: Option<&str>) -> String {
        match (value, unit) {
            (Some(value), Some(unit)) => format!("{value} {}", self.units(unit)),
            (Some(value), None) => value.to_owned(),
            (None, _) => NOTHING.to_owned(),
        }
    }

    fn answer(self, yes: bool) -> String {
        message::text(if yes { "answer_yes" } else { "answer_no" }, &Params::new(), self.language)
    }

    fn category(self, code: &str) -> String {
        let names = self.reference.categories.get(code).map(|category| &category.names);
        names.map_or_else(|| code.to_owned(), |names| names.in_language(self.language).to_owned())
    }

    fn unit(self, code: &str) -> String {
        let names = self.reference.units.get(code).map(|unit| &unit.names);
        names.map_or_else(|| code.to_owned(), |names| names.in_language(self.language).to_owned())
    }

    /// `H87`, `CNY/H87`, `km`.
    fn units(self, unit: &str) -> String {
        unit.split('/').map(|code| self.unit(code)).collect::<Vec<_>>().join("/")
    }
}
