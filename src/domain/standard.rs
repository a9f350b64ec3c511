//! Product standards of protective goods and which of them satisfies which: data with sources, read exactly.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::attributes::UseClass;
use super::category::Names;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standard {
    /// Without edition: `GB 19083`. Unique together with `level`.
    pub designation: String,
    pub title: Names,
    pub use_class: UseClass,
    #[serde(default)]
    pub level: Option<String>,
    #[serde(default)]
    pub editions: Vec<Edition>,
    /// Standards whose goods may be replaced by goods to this one.
    #[serde(default)]
    pub satisfies: Vec<Satisfies>,
    #[serde(default)]
    pub spellings: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edition {
    pub year: u16,
    #[serde(default)]
    pub superseded_by: Option<u16>,
    #[serde(default)]
    pub in_force_from: Option<NaiveDate>,
    #[serde(default)]
    pub in_force_until: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Satisfies {
    pub designation: String,
    /// Absent: the standard in general, not a class of it.
    #[serde(default)]
    pub level: Option<String>,
    #[serde(default)]
    pub source: Option<String>,
}
