//! What listings are compared with: dated reference prices, words of forbidden goods, and what a whole country makes. Lists with
//! sources, kept and loaded like all reference data.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::category::Names;
use super::decimal::Decimal;
use super::listing::Side;
use super::reference::Reference;
use super::trade::QuantityBasis;
use super::validity::{Coded, Validity};
use super::violation::Violations;

/// What goods cost on a day, by a published source: a baseline that a panic does not lift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriceBaseline {
    pub code: String,
    pub names: Names,
    pub category: String,
    pub unit_code: String,
    pub currency: String,
    pub amount: Decimal,
    pub dated: NaiveDate,
    pub source: String,
    #[serde(flatten)]
    pub validity: Validity,
}

/// Words by which goods that may not be traded are known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScreeningWords {
    pub code: String,
    /// What is forbidden.
    pub names: Names,
    pub words: Vec<String>,
    /// Longer words that hold one of them and are harmless.
    #[serde(default)]
    pub exceptions: Vec<String>,
    /// The provision.
    pub source: String,
    #[serde(flatten)]
    pub validity: Validity,
}

/// The most of it that there can be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    pub code: String,
    pub names: Names,
    /// With all below it.
    pub category: String,
    /// Absent: needs and offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    pub basis: QuantityBasis,
    pub unit_code: String,
    pub maximum: Decimal,
    pub source: String,
    #[serde(flatten)]
    pub validity: Validity,
}

macro_rules! coded {
    ($($type:ty),*) => {$(
        impl Coded for $type {
            fn code(&self) -> String {
                self.code.clone()
            }
            fn names(&self) -> &Names {
                &self.names
            }
            fn validity(&self) -> &Validity {
                &self.validity
            }
        }
    )*};
}
coded!(PriceBaseline, ScreeningWords, Capacity);

/// All three lists, with what is retired of them.
#[derive(Debug, Clone, Default)]
pub struct Screening {
    pub baselines: Vec<PriceBaseline>,
    pub words: Vec<ScreeningWords>,
    pub capacities: Vec<Capacity>,
}

impl Screening {
    /// Those of that very category: what is above or below it costs something else.
    pub fn baselines_of<'a>(&'a self, category: &'a str) -> impl Iterator<Item = &'a PriceBaseline> {
        self.baselines.iter().filter(move |one| one.category == category && !one.validity.is_retired())
    }

    pub fn words_in_force(&self) -> impl Iterator<Item = &ScreeningWords> {
        self.words.iter().filter(|words| !words.validity.is_retired())
    }

    pub fn capacities_in_force(&self) -> impl Iterator<Item = &Capacity> {
        self.capacities.iter().filter(|capacity| !capacity.validity.is_retired())
    }
}

impl PriceBaseline {
    pub fn check(&self, reference: &Reference, today: NaiveDate, place: &str, violations: &mut Violations) {
        check_place(reference, &self.category, &self.unit_code, place, violations);
        if reference.currencies.get(&self.currency).is_none() {
            violations.add(place, "currency_unknown");
        }
        if self.amount.is_zero() {
            violations.add_with(place, "too_small", [("minimum", "0.000001".to_owned())]);
        }
        if self.dated > today {
            violations.add(place, "in_the_future");
        }
        check_source(&self.source, place, violations);
    }
}

impl ScreeningWords {
    pub fn check(&self, place: &str, violations: &mut Violations) {
        if self.words.is_empty() || self.words.iter().any(|word| word.chars().count() < 2) {
            violations.add(place, "screening_word_short");
        }
        check_source(&self.source, place, violations);
    }
}

impl Capacity {
    pub fn check(&self, reference: &Reference, place: &str, violations: &mut Violations) {
        check_place(reference, &self.category, &self.unit_code, place, violations);
        if self.maximum.is_zero() {
            violations.add_with(place, "too_small", [("minimum", "0.000001".to_owned())]);
        }
        check_source(&self.source, place, violations);
    }
}

fn check_place(reference: &Reference, category: &str, unit: &str, place: &str, violations: &mut Violations) {
    if reference.categories.get(category).is_none() {
        violations.add(place, "category_unknown");
    }
    if reference.units.get(unit).is_none() {
        violations.add_with(place, "reference_unit_unknown", [("unit", unit.to_owned())]);
    }
}

fn check_source(source: &str, place: &str, violations: &mut Violations) {
    if source.trim().is_empty() {
        violations.add(place, "screening_source_missing");
    }
}
