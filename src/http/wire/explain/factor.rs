//! A component of the score as a sentence.

use super::Explainer;
use crate::domain::decimal::Decimal;
use crate::http::wire::codes::label;
use crate::http::wire::matches::{Factor, FactorParams};
use crate::matching::{self, FactorCode, Value};

impl Explainer<'_> {
    pub fn factor(self, factor: matching::Factor) -> Factor {
        let text = self.factor_text(&factor);
        let matching::Factor { code, value, u, weight, points, flags, .. } = factor;
        let unit = value.as_ref().and_then(Value::unit);
        Factor { code, value: value.map(|value| value.bare()), unit, u, weight, points, flags, params: None, text }
    }

    /// The same with what else entered it.
    pub fn factor_in_full(self, factor: matching::Factor) -> Factor {
        let params = Some(FactorParams(factor.params.clone()));
        Factor { params, ..self.factor(factor) }
    }

    fn factor_text(self, factor: &matching::Factor) -> String {
        let flags: Vec<String> =
            factor.flags.iter().map(|flag| label("Flag", <&str>::from(*flag), self.language)).collect();
        let flags = flags.join(self.semicolon());
        let measured = self.measured(factor);
        let code = match (&measured, flags.is_empty()) {
            (Some(_), true) => "factor",
            (Some(_), false) => "factor_flagged",
            (None, true) => "factor_bare",
            (None, false) => "factor_assumed",
        };
        let params = [
            ("name", label("FactorCode", <&str>::from(factor.code), self.language)),
            ("value", measured.unwrap_or_default()),
            ("flags", flags),
            ("percent", format!("{:.0}", factor.u * 100.0)),
            ("points", factor.points.to_string()),
        ];
        self.say(code, params)
    }

    /// What was measured; `None` where that is the share itself.
    fn measured(self, factor: &matching::Factor) -> Option<String> {
        let value = factor.value.as_ref();
        match (factor.code, value?) {
            (FactorCode::Quantity, value) => Some(self.say("factor_quantity", [("value", self.value("", value))])),
            (FactorCode::Price, Value::Money { amount, currency, per }) => {
                Some(self.price(self.computed_money(*amount, currency, per), factor))
            }
            (FactorCode::Time, Value::Days(days)) => {
                let code = if *days < 0.0 { "factor_late" } else { "factor_slack" };
                Some(self.say(code, [("value", self.days(days.abs()))]))
            }
            (FactorCode::Freshness, Value::Days(days)) if *days < 1.0 => Some(self.say("factor_fresh", [])),
            (FactorCode::Freshness, Value::Days(days)) => {
                Some(self.say("factor_confirmed", [("value", self.days(*days))]))
            }
            (FactorCode::Urgency, value) => Some(self.value("urgency", value)),
            (FactorCode::Trust, _) => {
                let count = |name: &str| factor.params.get(name).cloned().unwrap_or_default();
                Some(self.say("factor_trust", [("kept", count("kept")), ("broken", count("broken"))]))
            }
            (FactorCode::Text, _) => {
                let concept = factor.params.get("concept")?;
                Some(self.say("factor_concept", [("concept", self.value("category", &Value::text(concept)))]))
            }
            (_, value) => Some(self.value("", value)),
        }
    }

    /// With the reference price, where one is known.
    fn price(self, price: String, factor: &matching::Factor) -> String {
        let reference = factor.params.get("reference").and_then(|number| number.parse::<Decimal>().ok());
        match (reference, &factor.value) {
            (Some(reference), Some(Value::Money { currency, per, .. })) => {
                let reference = self.computed_money(reference, currency, per);
                self.say("factor_price", [("value", price), ("reference", reference)])
            }
            _ => price,
        }
    }
}
