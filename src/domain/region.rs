//! Administrative regions: GB/T 2260, three levels.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::category::Names;
use super::place::Point;
use super::validity::{Coded, Validity};

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
    /// A retired code stays resolvable.
    #[serde(flatten)]
    pub validity: Validity,
}

impl Coded for Region {
    fn code(&self) -> String {
        self.code.clone()
    }
    fn names(&self) -> &Names {
        &self.names
    }
    fn parent(&self) -> Option<&str> {
        self.parent.as_deref()
    }
    fn validity(&self) -> &Validity {
        &self.validity
    }
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

    /// Whether `area` holds `code`: a region with all below it, or a country with its parts, `CN` with every GB/T 2260 code.
    pub fn holds(&self, area: &str, code: &str) -> bool {
        let part = code.strip_prefix(area).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        part || area == "CN" && self.get(code).is_some() || self.is_within(code, area)
    }

    pub fn is_within(&self, code: &str, ancestor: &str) -> bool {
        std::iter::successors(self.get(code), |r| r.parent.as_deref().and_then(|p| self.get(p)))
            .any(|r| r.code == ancestor)
    }
}
