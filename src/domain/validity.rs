//! How long a code of the reference data stands. Codes are never deleted or used again: a retired one stays resolvable
//! and names its successor where there is one.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::category::Names;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    /// The last day the code was in force, as its source says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// When an edition without the code was loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<DateTime<Utc>>,
}

impl Validity {
    pub fn is_retired(&self) -> bool {
        self.valid_to.is_some() || self.replaced_by.is_some() || self.retired_at.is_some()
    }
}

/// What every item of the reference data has.
pub trait Coded {
    /// Unique in its scheme.
    fn code(&self) -> String;
    fn names(&self) -> &Names;
    fn aliases(&self) -> &[String] {
        &[]
    }
    fn parent(&self) -> Option<&str> {
        None
    }
    fn validity(&self) -> &Validity;
}

/// A name as names are compared: NFKC, lower case, without spaces and hyphens.
pub fn comparable(name: &str) -> String {
    name.nfkc().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase).collect()
}
