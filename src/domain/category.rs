//! The category tree: what can be needed or offered, under which names, in which units.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use foldhash::HashMap;
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
pub struct CategoryTree(HashMap<String, Node>);

#[derive(Debug, Clone)]
struct Node {
    category: Category,
    /// Numbered from the roots down: all below it have the numbers after its own, up to `last`.
    number: usize,
    last: usize,
    /// It or one above it has substitutes.
    has_substitutes: bool,
}

impl CategoryTree {
    pub fn new(categories: impl IntoIterator<Item = Category>) -> Self {
        let node = |category: Category| Node { has_substitutes: false, number: 0, last: 0, category };
        let mut tree = Self(categories.into_iter().map(|c| (c.code.clone(), node(c))).collect());
        tree.number();
        tree
    }

    /// What hangs from no root is below nothing.
    fn number(&mut self) {
        let mut below: BTreeMap<Option<String>, Vec<String>> = BTreeMap::new();
        for node in self.0.values() {
            let parent = node.category.parent.clone().filter(|parent| self.0.contains_key(parent));
            below.entry(parent).or_default().push(node.category.code.clone());
        }
        // Depth first.
        let mut numbered = Vec::new();
        let mut waiting = below.remove(&None).unwrap_or_default();
        while let Some(code) = waiting.pop() {
            waiting.extend(below.remove(&Some(code.clone())).unwrap_or_default());
            numbered.push(code);
        }
        for (number, code) in (1..).zip(&numbered) {
            let above = self.get(code).and_then(|category| category.parent.as_deref());
            let has_substitutes = above.and_then(|above| self.0.get(above)).is_some_and(|node| node.has_substitutes);
            if let Some(node) = self.0.get_mut(code) {
                (node.number, node.last) = (number, number);
                node.has_substitutes = has_substitutes || !node.category.substitutes.is_empty();
            }
        }
        for code in numbered.iter().rev() {
            let Some((last, above)) = self.0.get(code).map(|node| (node.last, node.category.parent.clone())) else {
                continue;
            };
            if let Some(above) = above.and_then(|above| self.0.get_mut(&above)) {
                above.last = above.last.max(last);
            }
        }
    }

    pub fn get(&self, code: &str) -> Option<&Category> {
        self.0.get(code).map(|node| &node.category)
    }

    /// In the order of their codes.
    pub fn all(&self) -> Vec<&Category> {
        let mut all: Vec<_> = self.0.values().map(|node| &node.category).collect();
        all.sort_by(|a, b| a.code.cmp(&b.code));
        all
    }

    /// `code` itself, its parent, and so on up.
    pub fn ancestry<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Category> {
        std::iter::successors(self.get(code), |c| c.parent.as_deref().and_then(|p| self.get(p)))
    }

    /// Whether `code` is `ancestor` or lies below it.
    pub fn is_within(&self, code: &str, ancestor: &str) -> bool {
        let (Some(node), Some(above)) = (self.0.get(code), self.0.get(ancestor)) else { return false };
        above.number > 0 && (above.number..=above.last).contains(&node.number)
    }

    /// `ancestor` with all below it.
    pub fn codes_within(&self, ancestor: &str) -> Vec<String> {
        let mut codes: Vec<String> = self.0.keys().filter(|code| self.is_within(code, ancestor)).cloned().collect();
        codes.sort();
        codes
    }

    /// The entry by which `offered` (or a category above it) may stand in for `asked` (or one above it).
    pub fn substitute<'a>(&'a self, asked: &'a str, offered: &str) -> Option<&'a Substitute> {
        let asked = self.0.get(asked).filter(|node| node.has_substitutes)?;
        self.ancestry(&asked.category.code).flat_map(|c| &c.substitutes).find(|s| self.is_within(offered, &s.code))
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::shipped;

    #[test]
    fn what_lies_within_is_what_has_it_above() {
        let tree = shipped::reference().unwrap().categories;
        let all = tree.all();
        let mut within = 0;
        for code in all.iter().map(|category| category.code.as_str()) {
            for above in all.iter().map(|category| category.code.as_str()) {
                let right = tree.ancestry(code).any(|category| category.code == above);
                assert_eq!(tree.is_within(code, above), right, "{code} {above}");
                within += usize::from(right);
            }
        }
        assert!(within > all.len());
        assert!(!tree.is_within("nothing", "nothing"));
    }
}
