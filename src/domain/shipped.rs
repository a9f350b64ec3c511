//! The reference data that ships with the product: `data/*.csv` and `data/*.json`, read as they stand.

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

use super::category::Names;
use super::place::Point;
use super::region::Region;
use super::unit::Unit;

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

#[derive(Deserialize)]
struct RegionLine {
    code: String,
    name_zh: String,
    name_en: String,
    level: u8,
    parent: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    valid_to: Option<String>,
    replaced_by: Option<String>,
}

#[derive(Deserialize)]
struct UnitLine {
    code: String,
    dimension: String,
    numerator: i64,
    denominator: i64,
    name_zh: String,
    name_en: String,
    aliases: String,
}

/// Every scheme; an error names the file that does not read.
pub fn schemes() -> Result<Vec<Scheme>, DataError> {
    let categories = include_str!("../../data/categories.json");
    let standards = include_str!("../../data/standards.json");
    let (regions, units) = (include_str!("../../data/regions.csv"), include_str!("../../data/units.csv"));
    Ok(vec![
        Scheme {
            name: "categories",
            content: categories,
            items: json_items("categories.json", categories, |v| text(v, "code"))?,
        },
        Scheme { name: "regions", content: regions, items: lines("regions.csv", regions, region)? },
        Scheme { name: "standards", content: standards, items: json_items("standards.json", standards, standard_key)? },
        Scheme { name: "units", content: units, items: lines("units.csv", units, unit)? },
    ])
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn standard_key(value: &Value) -> String {
    format!("{} {}", text(value, "designation"), text(value, "level")).trim_end().to_owned()
}

fn json_items(file: &'static str, content: &str, key: fn(&Value) -> String) -> Result<Vec<(String, Value)>, DataError> {
    let items: Vec<Value> = serde_json::from_str(content).map_err(|e| DataError(file, e.to_string()))?;
    Ok(items.into_iter().map(|item| (key(&item), item)).collect())
}

fn lines<L: for<'de> Deserialize<'de>>(
    file: &'static str,
    content: &str,
    item: fn(L) -> Option<(String, Value)>,
) -> Result<Vec<(String, Value)>, DataError> {
    let mut reader = csv::Reader::from_reader(content.as_bytes());
    let read = |line: Result<L, csv::Error>| {
        let line = line.map_err(|error| DataError(file, error.to_string()))?;
        item(line).ok_or_else(|| DataError(file, "a line does not make sense".to_owned()))
    };
    reader.deserialize().map(read).collect()
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn region(line: RegionLine) -> Option<(String, Value)> {
    let location = line.longitude.zip(line.latitude).and_then(|(longitude, latitude)| Point::new(longitude, latitude));
    let region = Region {
        code: line.code.clone(),
        names: Names { zh: line.name_zh, en: line.name_en },
        level: line.level,
        parent: filled(line.parent),
        location,
        // Editions are yearly: a bare year or month is the last one that still has the code.
        valid_to: filled(line.valid_to).and_then(|text| last_day(&text)),
        replaced_by: filled(line.replaced_by),
    };
    Some((line.code, serde_json::to_value(region).ok()?))
}

/// `2019-12-31`, `2019-12` or `2019`.
fn last_day(text: &str) -> Option<NaiveDate> {
    let parse = |text: &str| text.parse::<NaiveDate>().ok();
    parse(text).or_else(|| parse(&format!("{text}-28"))).or_else(|| parse(&format!("{text}-12-31")))
}

fn unit(line: UnitLine) -> Option<(String, Value)> {
    let aliases = line.aliases.split('|').filter(|alias| !alias.is_empty()).map(str::to_owned).collect();
    let unit = Unit {
        code: line.code.clone(),
        dimension: line.dimension,
        numerator: line.numerator,
        denominator: line.denominator,
        names: Names { zh: line.name_zh, en: line.name_en },
        aliases,
    };
    Some((line.code, serde_json::to_value(unit).ok()?))
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
            assert!(region.replaced_by.iter().all(|r| reference.regions.get(r).is_some()), "{}", region.code);
        }
        assert!(reference.regions.is_within("410305", "410000"));
    }
}
