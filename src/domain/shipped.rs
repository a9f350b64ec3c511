//! The reference data that ships with the product: `data/*.csv` and `data/*.json`, read as they stand.

use serde_json::Value;

use super::reference_file;

/// One list of codes with their documents.
pub struct Scheme {
    pub name: &'static str,
    /// The file itself: its digest tells editions apart.
    pub content: &'static str,
    pub items: Vec<(String, Value)>,
}

#[derive(Debug, thiserror::Error)]
#[error("data/{0}: {1}")]
pub struct DataError(&'static str, String);

/// Each scheme with its file.
pub const FILES: [(&str, &str); 7] = [
    ("categories", include_str!("../../data/categories.json")),
    ("currencies", include_str!("../../data/currencies.csv")),
    ("industries", include_str!("../../data/industries.csv")),
    ("occupations", include_str!("../../data/occupations.csv")),
    ("regions", include_str!("../../data/regions.csv")),
    ("standards", include_str!("../../data/standards.json")),
    ("units", include_str!("../../data/units.csv")),
];

/// Every scheme; an error names the file that does not read.
pub fn schemes() -> Result<Vec<Scheme>, DataError> {
    FILES.into_iter().map(|(name, content)| scheme(name, content)).collect()
}

fn scheme(name: &'static str, content: &'static str) -> Result<Scheme, DataError> {
    let file = reference_file::read(name, content);
    match file.faults.iter().next() {
        Some(fault) => Err(DataError(name, format!("{}: {:?}", fault.pointer, fault.params))),
        None => {
            let items = file.entries.into_iter().map(|entry| (entry.code, entry.document)).collect();
            Ok(Scheme { name, content, items })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reference::Reference;
    use unicode_normalization::UnicodeNormalization;

    fn reference() -> Reference {
        let schemes = schemes().unwrap_or_else(|error| panic!("{error}"));
        let items =
            schemes.into_iter().flat_map(|s| s.items.into_iter().map(move |(_, item)| (s.name.to_owned(), item)));
        Reference::from_items(items).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn everything_reads() {
        let reference = reference();
        assert!(reference.categories.all().len() >= 380);
        assert!(reference.regions.all().len() > 3000);
        assert!(reference.units.get("H87").is_some());
    }

    #[test]
    fn the_category_tree_is_well_formed() {
        let reference = reference();
        let mut claimed = std::collections::HashMap::new();
        for category in reference.categories.all() {
            assert!(
                category.parent.iter().all(|p| reference.categories.get(p).is_some()),
                "{} has no parent",
                category.code
            );
            assert!(category.units.iter().all(|u| reference.units.get(u).is_some()), "{}: unknown unit", category.code);
            assert!(
                category.substitutes.iter().all(|s| reference.categories.get(&s.code).is_some()),
                "{}",
                category.code
            );
            assert!(reference.categories.ancestry(&category.code).count() <= 3, "{}: too deep", category.code);
            assert!(
                reference.categories.ancestry(&category.code).all(|above| above.kind == category.kind),
                "{}: of another kind than its parent",
                category.code
            );
            assert!(
                category.references.iter().all(|r| matches!(r.scheme.as_str(), "hs2022" | "gbt4754_2017" | "isco08")),
                "{}: unknown classification",
                category.code
            );
            for name in category.aliases.iter().chain([&category.names.zh, &category.names.en]) {
                let normal: String = name.nfkc().filter(|c| !matches!(c, ' ' | '-')).collect::<String>().to_lowercase();
                let owner = claimed.insert((category.kind, normal), category.code.clone());
                assert!(
                    owner.is_none() || owner.as_ref() == Some(&category.code),
                    "{name} is claimed by {owner:?} and {}",
                    category.code
                );
            }
        }
    }

    #[test]
    fn regions_hang_together() {
        let reference = reference();
        for region in reference.regions.all() {
            assert!(region.parent.iter().all(|p| reference.regions.get(p).is_some()), "{}", region.code);
            assert!(region.validity.replaced_by.iter().all(|r| reference.regions.get(r).is_some()), "{}", region.code);
        }
        assert!(reference.regions.is_within("410305", "410000"));
    }
}
