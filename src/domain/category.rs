//! The category tree: what can be needed or offered, under which names, in which units.

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
    /// Dotted by the line of its parents, such as `ppe.mask.surgical`.
    pub code: String,
    pub parent: Option<String>,
    /// Categories of the same kind that it is a variety of, too, outside the line of its parents: reinforcing bar is steel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_within: Vec<String>,
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
    /// Itself and all it lies within, with the steps up to there: the nearest first, its root last.
    broader: Vec<(String, usize)>,
    /// It or one in the line of its parents has substitutes.
    has_substitutes: bool,
}

impl CategoryTree {
    pub fn new(categories: impl IntoIterator<Item = Category>) -> Self {
        let node = |category: Category| Node { broader: Vec::new(), has_substitutes: false, category };
        let mut tree = Self(categories.into_iter().map(|c| (c.code.clone(), node(c))).collect());
        let codes: Vec<String> = tree.0.keys().cloned().collect();
        for code in codes {
            let broader = tree.all_above(&code);
            let has_substitutes = tree.ancestry(&code).any(|category| !category.substitutes.is_empty());
            if let Some(node) = tree.0.get_mut(&code) {
                (node.broader, node.has_substitutes) = (broader, has_substitutes);
            }
        }
        tree
    }

    /// By the shortest way up.
    fn all_above(&self, code: &str) -> Vec<(String, usize)> {
        let mut found = vec![(code.to_owned(), 0)];
        let mut at = 0;
        while let Some((next, steps)) = found.get(at).cloned() {
            let next =
                self.get(&next).into_iter().flat_map(|category| category.parent.iter().chain(&category.also_within));
            let new = next.filter(|above| self.0.contains_key(*above)).cloned().collect::<Vec<_>>();
            for above in new {
                if !found.iter().any(|(known, _)| *known == above) {
                    found.push((above, steps + 1));
                }
            }
            at += 1;
        }
        found.sort_by_key(|(code, steps)| (self.get(code).is_some_and(|category| category.parent.is_none()), *steps));
        found
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

    /// `code` itself and everything it lies within, with the steps up to there: the nearest first, its root last.
    pub fn broader(&self, code: &str) -> &[(String, usize)] {
        self.0.get(code).map_or(&[], |node| &node.broader)
    }

    /// Whether `code` is `ancestor` or lies within it.
    pub fn is_within(&self, code: &str, ancestor: &str) -> bool {
        self.broader(code).iter().any(|(above, _)| above == ancestor)
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
                let right = reaches(&tree, code, above);
                assert_eq!(tree.is_within(code, above), right, "{code} {above}");
                within += usize::from(right);
            }
        }
        assert!(within > all.len());
        assert!(!tree.is_within("nothing", "nothing"));
        assert!(tree.is_within("material.metal.rebar", "material.metal.steel"));
        assert!(!tree.is_within("material.metal.rebar", "material.metal.stainless"), "both are steel, and no more");
    }

    /// Going up every way there is.
    fn reaches(tree: &super::CategoryTree, code: &str, above: &str) -> bool {
        let up = tree.get(code).into_iter().flat_map(|category| category.parent.iter().chain(&category.also_within));
        code == above || up.into_iter().any(|next| reaches(tree, next, above))
    }

    #[test]
    fn what_a_category_lies_within_comes_nearest_first_and_its_root_last() {
        let tree = shipped::reference().unwrap().categories;
        let of =
            |code: &str| tree.broader(code).iter().map(|(above, steps)| (above.clone(), *steps)).collect::<Vec<_>>();
        let expected =
            [("material.metal.rebar", 0), ("material.metal", 1), ("material.metal.steel", 1), ("material", 2)];
        assert_eq!(of("material.metal.rebar"), expected.map(|(code, steps)| (code.to_owned(), steps)));
        for category in tree.all() {
            let broader = of(&category.code);
            assert!(broader.iter().all(|(above, _)| tree.is_within(&category.code, above)), "{}", category.code);
            assert!(broader.last().is_some_and(|(root, _)| !root.contains('.')), "{broader:?}");
        }
        assert_eq!(of("nothing"), []);
    }
}
