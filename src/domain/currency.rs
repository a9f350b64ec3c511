//! Currencies: ISO 4217.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::category::Names;
use super::validity::{Coded, Validity};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Currency {
    /// Three letters.
    pub code: String,
    /// Three digits.
    pub numeric: String,
    /// Decimals of its smallest unit; absent where it has none, as metals.
    pub minor_units: Option<u8>,
    pub names: Names,
    #[serde(flatten)]
    pub validity: Validity,
}

impl Coded for Currency {
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

#[derive(Debug, Clone, Default)]
pub struct Currencies(BTreeMap<String, Currency>);

impl Currencies {
    pub fn new(currencies: impl IntoIterator<Item = Currency>) -> Self {
        Self(currencies.into_iter().map(|currency| (currency.code.clone(), currency)).collect())
    }

    pub fn get(&self, code: &str) -> Option<&Currency> {
        self.0.get(code)
    }

    /// In the order of their codes.
    pub fn all(&self) -> impl Iterator<Item = &Currency> {
        self.0.values()
    }
}
