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
    use crate::domain::{reference_check, reference_file};

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
        assert_eq!(reference.currencies.get("JPY").and_then(|yen| yen.minor_units), Some(0));
        assert_eq!(reference.industries.all().count(), 20 + 97);
        assert_eq!(reference.occupations.all().count(), 10 + 43 + 130);
    }

    /// What ships obeys the rules that files of administrators obey.
    #[test]
    fn everything_is_well_formed() {
        let (reference, today) = (reference(), "2026-11-23".parse().unwrap_or_default());
        for (name, content) in FILES {
            let file = reference_file::read(name, content);
            let faults = reference_check::check(name, &file, &reference, today);
            assert!(faults.is_empty(), "{name}: {faults:#?}");
        }
        assert!(reference.regions.is_within("410305", "410000"));
    }

    #[test]
    fn industries_stand_by_section_division_and_class() {
        let reference = reference();
        for code in ["C", "35", "358", "3589", "97"] {
            assert!(reference.knows_industry(code), "{code}");
        }
        for code in ["Z", "00", "98", "9800", "x"] {
            assert!(!reference.knows_industry(code), "{code}");
        }
    }
}
