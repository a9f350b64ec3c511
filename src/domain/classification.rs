//! Published classifications by level: industries (GB/T 4754-2017) and occupations (ISCO-08).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::category::Names;
use super::validity::{Coded, Validity};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Class {
    pub code: String,
    pub names: Names,
    /// 1 is the broadest.
    pub level: u8,
    pub parent: Option<String>,
    /// Further names it is found by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    #[serde(flatten)]
    pub validity: Validity,
}

impl Coded for Class {
    fn code(&self) -> String {
        self.code.clone()
    }
    fn names(&self) -> &Names {
        &self.names
    }
    fn aliases(&self) -> &[String] {
        &self.aliases
    }
    fn parent(&self) -> Option<&str> {
        self.parent.as_deref()
    }
    fn validity(&self) -> &Validity {
        &self.validity
    }
}

/// All classes of one classification, by code.
#[derive(Debug, Clone, Default)]
pub struct Classification(BTreeMap<String, Class>);

impl Classification {
    pub fn new(classes: impl IntoIterator<Item = Class>) -> Self {
        Self(classes.into_iter().map(|class| (class.code.clone(), class)).collect())
    }

    pub fn get(&self, code: &str) -> Option<&Class> {
        self.0.get(code)
    }

    /// In the order of their codes.
    pub fn all(&self) -> impl Iterator<Item = &Class> {
        self.0.values()
    }
}
