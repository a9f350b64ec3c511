//! The category tree: what can be needed or offered, under which names, in which units.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::decimal::Decimal;
use super::listing::{Kind, Side};
use super::message::Language;
use super::validity::{Coded, Validity};

/// A text in both languages of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    #[serde(rename = "zh-CN")]
    pub zh: String,
    pub en: String,
}

impl Names {
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Category {
    /// Dotted by hierarchy, such as `ppe.mask.surgical`.
    pub code: String,
    pub parent: Option<String>,
    pub kind: Kind,
    pub names: Names,
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Allowed units, the default first.
    #[serde(default)]
    pub units: Vec<String>,
    /// Designations without edition, such as `YY 0469`.
    #[serde(default)]
    pub standards: Vec<String>,
    /// What may stand in for this category.
    #[serde(default)]
    pub substitutes: Vec<Substitute>,
    /// Of one piece, where it is known: for freight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goods_mass_kg: Option<Decimal>,
    /// Where published classifications put it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// What the law asks of whoever lists it. Each category states its own: nothing is inherited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Requirement>,
    #[serde(flatten)]
    pub validity: Validity,
}

impl Coded for Category {
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

/// A code of a published classification that covers the category, exactly or broadly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// `hs2022`, `gbt4754_2017` or `isco08`.
    pub scheme: String,
    pub code: String,
}

/// A credential that the law requires of one side of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// The scheme of the credential, such as `medical_device_registration`.
    pub scheme: String,
    pub side: Side,
    /// The provision it follows from, in Chinese; after a colon, what it is limited to.
    pub source: String,
    /// Since when that provision has been in force, or the amendment of it that is cited.
    pub date: NaiveDate,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Substitute {
    pub code: String,
    /// Units of the substitute for one unit asked for.
    pub ratio: Decimal,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Names>,
}

/// All categories, by code.
#[derive(Debug, Clone, Default)]
pub struct CategoryTree(HashMap<String, Category>);

impl CategoryTree {
    pub fn new(categories: impl IntoIterator<Item = Category>) -> Self {
        Self(categories.into_iter().map(|c| (c.code.clone(), c)).collect())
    }

    pub fn get(&self, code: &str) -> Option<&Category> {
        self.0.get(code)
    }

    /// In the order of their codes.
    pub fn all(&self) -> Vec<&Category> {
        let mut all: Vec<_> = self.0.values().collect();
        all.sort_by(|a, b| a.code.cmp(&b.code));
        all
    }

    /// `code` itself, its parent, and so on up.
    pub fn ancestry<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Category> {
        std::iter::successors(self.get(code), |c| c.parent.as_deref().and_then(|p| self.get(p)))
    }

    /// Whether `code` is `ancestor` or lies below it.
    pub fn is_within(&self, code: &str, ancestor: &str) -> bool {
        self.ancestry(code).any(|c| c.code == ancestor)
    }

    /// `ancestor` with all below it.
    pub fn codes_within(&self, ancestor: &str) -> Vec<String> {
        let mut codes: Vec<String> = self.0.keys().filter(|code| self.is_within(code, ancestor)).cloned().collect();
        codes.sort();
        codes
    }

    /// The entry by which `offered` (or a category above it) may stand in for `asked` (or one above it).
    pub fn substitute<'a>(&'a self, asked: &'a str, offered: &str) -> Option<&'a Substitute> {
        self.ancestry(asked).flat_map(|c| &c.substitutes).find(|s| self.is_within(offered, &s.code))
    }
}
