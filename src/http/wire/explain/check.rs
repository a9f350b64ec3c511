//! A hard check as a sentence.

use super::Explainer;
use crate::domain::message;
use crate::http::wire::codes::label;
use crate::http::wire::matches::{Check, Pool};
use crate::matching::{self, CheckCode, Value, Verdict};

impl Explainer<'_> {
    pub fn check(self, check: matching::Check) -> Check {
        let text = Some(self.check_text(&check));
        Check { text, ..without_text(check) }
    }

    pub fn pool(self, pool: matching::Pool) -> Pool {
        let matching::Pool { needs, radius_km, total, unit_code } = pool;
        let amount = Value::Quantity { amount: total, unit: unit_code.clone().unwrap_or_default() };
        let params = [
            ("needs", needs.len().to_string()),
            ("radius", self.value("", &Value::Kilometres(radius_km))),
            ("total", self.value("", &amount)),
        ];
        let text = self.say("pool", params);
        Pool { needs: needs.len(), radius_km, total, unit_code, listing_ids: needs, text }
    }

    fn check_text(self, check: &matching::Check) -> String {
        let code = <&str>::from(check.code);
        let shown = |value: &Option<Value>| value.as_ref().map(|value| self.value(code, value));
        let (have, want) = (shown(&check.have), shown(&check.want));
        let own = format!("check_{code}");
        let phrase = match (&have, &want) {
            (Some(_), Some(_)) if message::has(&own) => own.as_str(),
            (None, None) => "check_named",
            (_, None) => "check_stated",
            (_, Some(_)) => "check_compared",
        };
        let name = label("CheckCode", code, self.language);
        let about = check.about.as_deref().map(|about| match check.code {
            CheckCode::LegalRequirement => self.word("credential_scheme", about),
            _ => about.to_owned(),
        });
        let about = about.map(|about| self.say("check_about", [("name", name.clone()), ("about", about)]));
        let params = [
            ("name", about.unwrap_or(name)),
            ("have", have.unwrap_or_else(|| self.not_stated())),
            ("want", want.unwrap_or_else(|| self.not_stated())),
        ];
        let outcome = match check.outcome {
            Verdict::Pass => "check_pass",
            Verdict::Fail => "check_fail",
            Verdict::Unknown => "check_unknown",
        };
        self.say(outcome, [("phrase", self.say(phrase, params))])
    }
}

/// Codes and values alone.
pub fn without_text(check: matching::Check) -> Check {
    let plain = |value: Option<Value>| value.map(|value| value.to_string());
    Check {
        code: check.code,
        outcome: check.outcome,
        about: check.about,
        have: plain(check.have),
        want: plain(check.want),
        pool: None,
        text: None,
    }
}
