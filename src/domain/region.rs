//! Administrative regions: GB/T 2260, three levels.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::category::Names;
use super::place::Point;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// Six digits.
    pub code: String,
    pub names: Names,
    /// 1 province, 2 prefecture, 3 county.
    pub level: u8,
    pub parent: Option<String>,
    /// A point of the seat of government, WGS-84.
    pub location: Option<Point>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    /// A retired code stays resolvable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Regions(HashMap<String, Region>);

impl Regions {
    pub fn new(regions: impl IntoIterator<Item = Region>) -> Self {
        Self(regions.into_iter().map(|r| (r.code.clone(), r)).collect())
    }

    pub fn get(&self, code: &str) -> Option<&Region> {
        self.0.get(code)
    }

    /// In the order of their codes.
    pub fn all(&self) -> Vec<&Region> {
        let mut all: Vec<_> = self.0.values().collect();
        all.sort_by(|a, b| a.code.cmp(&b.code));
        all
    }

    pub fn is_within(&self, code: &str, ancestor: &str) -> bool {
        std::iter::successors(self.get(code), |r| r.parent.as_deref().and_then(|p| self.get(p)))
            .any(|r| r.code == ancestor)
    }
}
