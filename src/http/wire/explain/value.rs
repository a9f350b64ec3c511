//! Values as people write them: units and codes by their names, numbers without needless digits.

use super::Explainer;
use crate::domain::decimal::Decimal;
use crate::domain::message::{self, Language};
use crate::http::wire::codes::label_of_field;
use crate::matching::Value;

/// What is counted by nothing but its number has no unit to be named.
const ONE: &str = "C62";

impl Explainer<'_> {
    /// `name` is that of the check or field: it says which vocabulary a code is of.
    pub(super) fn value(self, name: &str, value: &Value) -> String {
        match value {
            Value::Text(text) => self.word(name, text),
            Value::List(list) if list.is_empty() => self.say("value_none", []),
            Value::List(list) => {
                let words: Vec<String> = list.iter().map(|one| self.word(name, one)).collect();
                words.join(if self.language == Language::Zh { "、" } else { ", " })
            }
            Value::Yes(yes) => self.say(if *yes { "value_yes" } else { "value_no" }, []),
            Value::Quantity { amount, unit } => self.amount(*amount, unit),
            // Converted to another unit.
            Value::Money { amount, currency, per } if amount.millionths() % 100 != 0 => {
                self.computed_money(*amount, currency, per)
            }
            Value::Money { amount, currency, per } => self.money(&amount.to_string(), currency, per),
            Value::Kilometres(_) => self.say("value_km", [("number", value.bare())]),
            Value::Days(days) => self.days(*days),
            Value::Share(share) => format!("{:.0}%", share * 100.0),
            Value::Instant(time) => time.format("%Y-%m-%d %H:%M UTC").to_string(),
            Value::Range { unit: Some(unit), .. } => format!("{} {}", value.bare(), self.unit(unit)),
            other => other.to_string(),
        }
    }

    pub(super) fn days(self, days: f64) -> String {
        let number = Value::Days(days).bare();
        self.say(if number == "1" { "value_day" } else { "value_days" }, [("number", number)])
    }

    /// Landed prices are computed: four digits say enough.
    pub(super) fn computed_money(self, amount: Decimal, currency: &str, per: &str) -> String {
        let number = amount.to_f64();
        let places = if number >= 100.0 { 2 } else { 4 };
        let text = format!("{number:.places$}");
        self.money(text.trim_end_matches('0').trim_end_matches('.'), currency, per)
    }

    fn money(self, amount: &str, currency: &str, per: &str) -> String {
        let money = match (self.language, currency) {
            (Language::En, _) => format!("{currency} {amount}"),
            (Language::Zh, "CNY") => format!("{amount} 元"),
            (Language::Zh, _) => format!("{amount} {}", self.currency(currency)),
        };
        if per.is_empty() || per == ONE {
            money
        } else {
            self.say("value_per", [("money", money), ("unit", self.unit(per))])
        }
    }

    fn currency(self, code: &str) -> String {
        let names = self.reference.currencies.get(code).map(|currency| &currency.names);
        names.map_or(code, |names| names.in_language(self.language)).to_owned()
    }

    fn amount(self, amount: Decimal, unit: &str) -> String {
        if unit == ONE {
            return amount.to_string();
        }
        let one = amount == Decimal::from_integer(1);
        let unit = if one || self.language == Language::Zh { self.unit(unit) } else { self.units(unit) };
        format!("{amount} {unit}").trim_end().to_owned()
    }

    fn unit(self, code: &str) -> String {
        let names = self.reference.units.get(code).map(|unit| &unit.names);
        names.map_or(code, |names| names.in_language(self.language)).to_owned()
    }

    /// Of several, where the unit's further names have a plural.
    fn units(self, code: &str) -> String {
        let name = self.unit(code);
        let plurals = [format!("{name}s"), format!("{name}es")];
        let aliases = self.reference.units.get(code).map_or(&[][..], |unit| &unit.aliases);
        aliases.iter().find(|alias| plurals.contains(alias)).cloned().unwrap_or(name)
    }

    pub(super) fn word(self, name: &str, text: &str) -> String {
        let name = if matches!(name, "offer_credentials" | "need_credentials") { "credential_scheme" } else { name };
        if let Some(label) = label_of_field(name, text, self.language) {
            return label.to_owned();
        }
        let reference = self.reference;
        let names = match name {
            "unit" | "unit_code" | "per" => return self.unit(text),
            "occupation" => reference.occupations.get(text).map(|occupation| &occupation.names),
            _ => None,
        };
        let names = names.or_else(|| reference.categories.get(text).map(|category| &category.names));
        let names = names.or_else(|| reference.regions.get(text).map(|region| &region.names));
        match names {
            Some(names) => names.in_language(self.language).to_owned(),
            None => {
                let code = format!("value_{text}");
                if message::has(&code) { self.say(&code, []) } else { text.to_owned() }
            }
        }
    }
}
