//! What a component of a score says: value, u, weight, points and flags.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::check::Value;

/// Stable names of the components, in the order they are shown.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FactorCode {
    Quantity,
    Distance,
    Price,
    Time,
    Text,
    Trust,
    Freshness,
    ChainLink,
    Urgency,
}

/// What a reader should know about a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Flag {
    QuantityUnknown,
    UnitUnknown,
    PackSizeUnknown,
    /// Rates are compared over one period of their basis, because no end is stated.
    PeriodUnknown,
    DistanceUnknown,
    PriceUnknown,
    CapUnknown,
    CurrencyDiffers,
    TaxUnknown,
    FreightUnknown,
    PriceAboveReference,
    AvailabilityUnknown,
    DeadlineUnknown,
    LeadTimeUnknown,
    /// Nothing is known yet about how this enterprise keeps its promises.
    TrustUnknown,
    UrgencyUnconfirmed,
}

/// One component. Its `points` of all factors sum to the score, which is `round(1000 × Σ weight·u / Σ weight)`, halves up,
/// over the factors shown; `u` has four decimals and is rounded before it enters the score.
///
/// Serialised as it is stored: codes and values, no sentences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    pub code: FactorCode,
    /// What was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    pub u: f64,
    pub weight: f64,
    pub points: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// What else entered it, such as `reference` or `half_distance_km`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
}

/// A component before weighting.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Component {
    pub code: FactorCode,
    pub value: Option<Value>,
    /// Ten-thousandths.
    pub u: u32,
    pub flags: Vec<Flag>,
    pub params: BTreeMap<String, String>,
}

pub(super) const U_SCALE: u32 = 10_000;

/// `u` in ten-thousandths, halves up, clamped to [0, 1]; not a number counts as 0.
pub(super) fn round_u(u: f64) -> u32 {
    (u.clamp(0.0, 1.0) * f64::from(U_SCALE) + 0.5) as u32
}

impl Component {
    pub fn new(code: FactorCode, u: f64) -> Self {
        Self { code, value: None, u: round_u(u), flags: Vec::new(), params: BTreeMap::new() }
    }

    pub fn value(mut self, value: Value) -> Self {
        self.value = Some(value);
        self
    }

    pub fn flag(mut self, flag: Flag) -> Self {
        if !self.flags.contains(&flag) {
            self.flags.push(flag);
        }
        self
    }

    pub fn flags(self, flags: impl IntoIterator<Item = Flag>) -> Self {
        flags.into_iter().fold(self, Self::flag)
    }

    pub fn param(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}
