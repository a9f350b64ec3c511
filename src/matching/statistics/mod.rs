//! Frozen, versioned figures about the market: how common words are, what things usually cost, how soon they come.
//!
//! Whole numbers and decimals only, so that a stored row read back gives the same scores to the last bit.

mod compute;
mod samples;

use chrono::{DateTime, Utc};
use foldhash::HashMap;
use serde::{Deserialize, Serialize};

use crate::domain::decimal::Decimal;
use crate::domain::listing::Side;
use crate::domain::trade::QuantityBasis;

/// By keys as told beside each.
pub type Table<V> = HashMap<String, V>;

/// Medians are over enterprises (each counted once, by its own median) and exist from `Policy::min_enterprises` on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Statistics {
    pub version: i32,
    pub as_of: DateTime<Utc>,
    pub documents: u32,
    pub total_length: u64,
    /// Texts a token occurs in, by token id; those in a single text are left out.
    pub frequencies: HashMap<u64, u32>,
    /// What offers ask, by `category|dimension|currency`.
    pub prices: Table<ReferencePrice>,
    /// What needs pay at most, by `category|dimension|currency`.
    pub caps: Table<Measured>,
    /// By `side|category|dimension|basis`.
    pub quantities: Table<Measured>,
    /// By `side|category`.
    pub pack_sizes: Table<Decimal>,
    /// Stated lead times of offers in days, by category.
    pub lead_days: Table<Decimal>,
    /// Days from `as_of` until offers are available, by category.
    pub available_days: Table<Decimal>,
    /// Days from `as_of` until needs fall due, by category.
    pub needed_days: Table<Decimal>,
    /// Trust a newcomer starts with, by category: the mean, or the median where that is lower.
    pub trust: Table<Decimal>,
}

/// An amount in, or per, one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    pub amount: Decimal,
    pub unit_code: String,
}

/// A median price on the one basis most enterprises use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferencePrice {
    /// For one `unit_code`, the base unit of its dimension.
    pub amount: Decimal,
    pub unit_code: String,
    pub tax_included: bool,
    pub delivered: bool,
    pub enterprises: u32,
}

impl Statistics {
    /// `ln(1 + (N − n + ½) / (n + ½))`, above 0; a token never counted is as rare as one seen once.
    pub(super) fn idf(&self, token: u64) -> f64 {
        let seen = f64::from(self.frequencies.get(&token).copied().unwrap_or(1));
        let documents = f64::from(self.documents).max(seen);
        (1.0 + (documents - seen + 0.5) / (seen + 0.5)).ln()
    }

    /// `length` in average lengths; 1 before anything was counted.
    pub(super) fn relative_length(&self, length: u32) -> f64 {
        if self.total_length == 0 {
            return 1.0;
        }
        f64::from(length) * f64::from(self.documents) / self.total_length as f64
    }
}

pub(super) fn money_key(category: &str, dimension: &str, currency: &str) -> String {
    [category, dimension, currency].join("|")
}

pub(super) fn quantity_key(side: Side, category: &str, dimension: &str, basis: QuantityBasis) -> String {
    [<&str>::from(side), category, dimension, basis.into()].join("|")
}

pub(super) fn side_key(side: Side, category: &str) -> String {
    [<&str>::from(side), category].join("|")
}
