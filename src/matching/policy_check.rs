//! What a policy must be beyond the bounds its schema gives every value.

use super::check::CheckCode;
use super::policy::{Policy, Weights};
use crate::domain::decimal::Decimal;
use crate::domain::reference::Reference;
use crate::domain::validity::Coded;
use crate::domain::violation::Violations;

/// Heavier a weight cannot be: they are shares.
const MOST_WEIGHT: u32 = 1000;

/// What no policy relaxes: what makes the two a pair at all, the reader's rights, and the law. A near miss of one of
/// these would show a listing to somebody who may not know of it, or propose what is not allowed.
const NEVER_RELAXED: [CheckCode; 12] = [
    CheckCode::Side,
    CheckCode::Kind,
    CheckCode::Enterprise,
    CheckCode::Blocked,
    CheckCode::Visibility,
    CheckCode::Open,
    CheckCode::Category,
    CheckCode::Remaining,
    CheckCode::HazardLicence,
    CheckCode::LegalRequirement,
    CheckCode::Certificate,
    CheckCode::HazardClass,
];

impl Policy {
    /// Every fault, by its place in the document.
    pub fn check(&self, reference: &Reference) -> Violations {
        let mut violations = Violations::new();
        self.check_weights(&mut violations);
        match reference.currencies.get(&self.freight_currency) {
            None => violations.add("/freight_currency", "currency_unknown"),
            Some(currency) if currency.validity().is_retired() => {
                let replaced_by = currency.validity().replaced_by.clone().unwrap_or_default();
                violations.add_with("/freight_currency", "currency_retired", [("replaced_by", replaced_by)]);
            }
            Some(_) => {}
        }
        if self.price_floor >= self.price_ceiling {
            violations.add("/price_floor", "not_below_ceiling");
        }
        for (i, code) in self.near_misses.relaxable.iter().enumerate() {
            if NEVER_RELAXED.contains(code) {
                violations.add(format!("/near_misses/relaxable/{i}"), "never_relaxed");
            }
        }
        violations
    }

    fn check_weights(&self, violations: &mut Violations) {
        let most = Decimal::from_integer(MOST_WEIGHT);
        let mut bound = |pointer: String, weight: Decimal| {
            if weight > most {
                violations.add_with(pointer, "too_large", [("maximum", most.to_string())]);
            }
        };
        for (name, weight) in [
            ("freshness_weight", self.freshness_weight),
            ("chain_link_weight", self.chain_link_weight),
            ("urgency_weight", self.urgency_weight),
        ] {
            bound(format!("/{name}"), weight);
        }
        for (kind, weights) in &self.weights {
            for (name, weight) in weights.named() {
                bound(format!("/weights/{}/{name}", <&str>::from(*kind)), weight);
            }
        }
        for (kind, weights) in &self.weights {
            if weights.named().iter().all(|(_, weight)| weight.is_zero()) {
                violations.add(format!("/weights/{}", <&str>::from(*kind)), "weights_all_zero");
            }
        }
    }
}

impl Weights {
    fn named(&self) -> [(&'static str, Decimal); 6] {
        [
            ("quantity", self.quantity),
            ("distance", self.distance),
            ("price", self.price),
            ("time", self.time),
            ("text", self.text),
            ("trust", self.trust),
        ]
    }
}
