//! How the columns of a file become the fields of enterprises and listings: a TOML file.
//!
//! ```toml
//! fallback_kind = "ppe"                       # for rows in which no name of goods is found
//!
//! [enterprise]
//! legal_name = { column = "org" }
//! location = { columns = ["lon", "lat"], as = "point", datum = "gcj02" }
//!
//! [listing]
//! side = { value = "need" }
//! title = { column = "item" }
//! unit_code = { column = "unit", map = { "只" = "H87", "箱" = "XCT" }, default = "H87" }
//! description = { columns = ["spec", "remark"], join = "；" }
//! "attributes.standard" = { column = "standards" }   # the first of a list
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::domain::decimal::Decimal;
use crate::domain::listing::Kind;
use crate::domain::place::{Datum, Point};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    #[serde(default)]
    pub fallback_kind: Option<Kind>,
    pub enterprise: BTreeMap<String, Rule>,
    pub listing: BTreeMap<String, Rule>,
}

/// Where one field comes from.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// A constant.
    value: Option<Value>,
    column: Option<String>,
    columns: Vec<String>,
    /// Between several columns; one space when absent.
    join: Option<String>,
    /// From the text of the column to the value of the field; other texts are taken as `default`.
    map: Option<BTreeMap<String, String>>,
    /// When the columns are empty or the map has no entry.
    default: Option<Value>,
    r#as: Form,
    datum: Datum,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Form {
    #[default]
    Text,
    /// A number, written as the API's decimal string.
    Decimal,
    /// Longitude and latitude columns.
    Point,
}

/// The documents one row becomes.
pub struct Mapped {
    pub enterprise: Map<String, Value>,
    pub listing: Map<String, Value>,
}

impl Mapping {
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// Columns the mapping names that no row of the file has are most likely slips.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let rules = self.enterprise.values().chain(self.listing.values());
        rules.flat_map(|rule| rule.column.iter().chain(&rule.columns)).map(String::as_str)
    }

    pub fn apply(&self, row: &Map<String, Value>) -> Mapped {
        Mapped { enterprise: document(&self.enterprise, row), listing: document(&self.listing, row) }
    }
}

fn document(rules: &BTreeMap<String, Rule>, row: &Map<String, Value>) -> Map<String, Value> {
    let mut document = Map::new();
    for (path, rule) in rules {
        if let Some(value) = rule.read(row) {
            insert(&mut document, path, value);
        }
    }
    document
}

/// `attributes.standard` goes into the object `attributes`.
fn insert(document: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => drop(document.insert(path.to_owned(), value)),
        Some((head, rest)) => {
            let inner = document.entry(head).or_insert_with(|| json!({}));
            if let Some(inner) = inner.as_object_mut() {
                insert(inner, rest, value);
            }
        }
    }
}

impl Rule {
    fn read(&self, row: &Map<String, Value>) -> Option<Value> {
        if let Some(value) = &self.value {
            return Some(value.clone());
        }
        self.of_columns(row).or_else(|| self.default.clone())
    }

    fn of_columns(&self, row: &Map<String, Value>) -> Option<Value> {
        let names = self.column.iter().chain(&self.columns);
        let texts: Vec<String> = names.filter_map(|name| text(row.get(name)?)).collect();
        match self.r#as {
            Form::Point => point(&texts, self.datum),
            Form::Decimal => texts.first().and_then(|text| decimal(text)).map(|n| n.to_string().into()),
            Form::Text if texts.is_empty() => None,
            Form::Text => {
                let joined = texts.join(self.join.as_deref().unwrap_or(" "));
                match &self.map {
                    Some(map) => map.get(&joined).map(|mapped| mapped.as_str().into()),
                    None => Some(joined.into()),
                }
            }
        }
    }
}

/// The text of a cell: nothing for null and blanks, the first of a list.
fn text(cell: &Value) -> Option<String> {
    let text = match cell {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Array(items) => text(items.first()?)?,
        Value::Null | Value::Object(_) => return None,
    };
    let line: Vec<&str> = text.split_whitespace().collect();
    (!line.is_empty()).then(|| line.join(" "))
}

fn decimal(text: &str) -> Option<Decimal> {
    let plain = text.trim().trim_end_matches(".0");
    plain.parse().ok().filter(|number: &Decimal| !number.is_zero())
}

fn point(texts: &[String], datum: Datum) -> Option<Value> {
    let [longitude, latitude] = texts else { return None };
    let point = Point::new(longitude.parse().ok()?, latitude.parse().ok()?)?;
    serde_json::to_value(datum.to_wgs84(point)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_fields() {
        let mapping = Mapping::parse(
            r#"
            [enterprise]
            legal_name = { column = "org" }
            location = { columns = ["lon", "lat"], as = "point" }
            [listing]
            side = { value = "offer" }
            title = { columns = ["item", "spec"], join = "，" }
            quantity = { column = "amount", as = "decimal" }
            unit_code = { column = "unit", map = { "箱" = "XCT" }, default = "H87" }
            "attributes.standard" = { column = "standards" }
            description = { column = "remark" }
            "#,
        );
        let mapping = mapping.unwrap_or_else(|error| panic!("{error}"));
        let row = json!({"org": " 甲 厂 ", "lon": 112.4, "lat": "34.6", "item": "口罩", "spec": null, "amount": 2000.0,
            "unit": "箱", "standards": ["YY 0469-2011", "x"], "remark": "  "});
        let mapped = mapping.apply(row.as_object().unwrap_or(&Map::new()));
        assert_eq!(
            Value::Object(mapped.enterprise),
            json!({"legal_name": "甲 厂",
            "location": {"type": "Point", "coordinates": [112.4, 34.6]}})
        );
        assert_eq!(
            Value::Object(mapped.listing),
            json!({"side": "offer", "title": "口罩", "quantity": "2000",
            "unit_code": "XCT", "attributes": {"standard": "YY 0469-2011"}})
        );
    }

    #[test]
    fn a_slip_in_the_mapping_is_named() {
        let error = Mapping::parse("[enterprise]\nlegal_name = { colum = \"org\" }\n[listing]\n").err();
        assert!(error.is_some_and(|error| error.contains("colum")));
    }
}
