//! What would have to be otherwise, as a sentence.

use super::Explainer;
use crate::domain::attributes::TransportMode;
use crate::domain::message;
use crate::http::wire::matches::{Counterfactual, Effect, FieldValue};
use crate::matching::{self, CounterfactualCode, Value, Whose};

impl Explainer<'_> {
    pub fn counterfactual(self, one: matching::Counterfactual) -> Counterfactual {
        let text = self.counterfactual_text(&one);
        Counterfactual {
            code: one.code,
            whose: one.whose,
            field: one.field,
            from: one.from.map(FieldValue),
            to: one.to.map(FieldValue),
            effect: Effect { rank: one.rank, score: one.score },
            text,
        }
    }

    fn counterfactual_text(self, one: &matching::Counterfactual) -> String {
        let code = match one.code {
            CounterfactualCode::WouldMatch => "counterfactual_match",
            CounterfactualCode::WouldRankHigher => "counterfactual_higher",
        };
        let score = one.score.to_string();
        let place = match one.rank {
            Some(rank) => self.say("counterfactual_place", [("rank", rank.to_string()), ("score", score)]),
            None => self.say("counterfactual_far", [("score", score)]),
        };
        self.say(code, [("change", self.change(one)), ("place", place)])
    }

    fn change(self, one: &matching::Counterfactual) -> String {
        let field = field_name(&one.field);
        let own = format!("counterfactual_change_{field}");
        let code = match (&one.shown_from, &one.shown_to) {
            _ if message::has(&own) => own.as_str(),
            (_, None) if field == "service_regions" => "counterfactual_unlimited",
            (_, None) => "counterfactual_dropped",
            (None, Some(_)) => "counterfactual_stated",
            (Some(_), Some(_)) => "counterfactual_changed",
        };
        let shown = |value: &Option<Value>| {
            value.as_ref().map_or_else(|| self.not_stated(), |value| self.value(vocabulary(&field, value), value))
        };
        let whose = match one.whose {
            Whose::Own => "counterfactual_own",
            Whose::Theirs => "counterfactual_theirs",
        };
        let params = [
            ("whose", self.say(whose, [])),
            ("field", self.field(&field, one.about.as_deref())),
            ("from", shown(&one.shown_from)),
            ("to", shown(&one.shown_to)),
        ];
        self.say(code, params)
    }

    /// The bare name where the catalogue has no other.
    fn field(self, name: &str, about: Option<&str>) -> String {
        let code = format!("field_{name}");
        if message::has(&code) {
            self.say(&code, [("about", about.unwrap_or_default().to_owned())])
        } else {
            name.replace('_', " ")
        }
    }
}

/// `/max_price/amount` is `max_price`, `/specs/0/min` `specs_min`, `/attributes/grade` `grade`.
fn field_name(pointer: &str) -> String {
    let named = pointer.strip_prefix("/attributes").unwrap_or(pointer);
    let named = named.strip_suffix("/amount").unwrap_or(named);
    let telling = |word: &&str| !word.is_empty() && word.parse::<u32>().is_err();
    named.split('/').filter(telling).collect::<Vec<_>>().join("_")
}

/// Codes are read by the name of their own field, where that is the name of a vocabulary.
fn vocabulary<'a>(field: &'a str, value: &Value) -> &'a str {
    let carried = matches!(value, Value::Text(text) if text.parse::<TransportMode>().is_ok());
    match field {
        "mode" if carried => "transport_mode",
        "mode" => "equipment_mode",
        "arrangement" => "labor_arrangement",
        "service" => "service_type",
        _ => field.strip_prefix("specs_").unwrap_or(field),
    }
}
