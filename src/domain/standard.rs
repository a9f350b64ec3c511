//! Product standards of protective goods and which of them satisfies which: data with sources, read exactly.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::attributes::UseClass;
use super::category::Names;
use super::validity::{Coded, Validity};

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
    #[serde(flatten)]
    pub validity: Validity,
}

/// The designation and the class within it, as one code.
pub fn code_of(designation: &str, level: Option<&str>) -> String {
    format!("{designation} {}", level.unwrap_or_default()).trim_end().to_owned()
}

impl Coded for Standard {
    fn code(&self) -> String {
        code_of(&self.designation, self.level.as_deref())
    }
    fn names(&self) -> &Names {
        &self.title
    }
    fn aliases(&self) -> &[String] {
        &self.spellings
    }
    fn validity(&self) -> &Validity {
        &self.validity
    }
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
