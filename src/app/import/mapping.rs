//! How the columns of a file become the fields of enterprises and listings: a TOML file.
//!
//! ```toml
//! fallback_kind = "ppe"                       # for rows in which no name of goods is found
//! written_on = { column = "date" }            # 2020-01-25: the day from which 三天内 or 3月5日前 count in this row
//!
//! [enterprise]
//! legal_name = { column = "org" }
//! location = { columns = ["lon", "lat"], as = "point", datum = "gcj02" }
//!
//! [listing]
//! side = { value = "need" }
//! title = { column = "item" }
//! urgency = { column = "level", map = { "急" = "high", "一般" = "normal" }, default = "normal" }
//! description = { columns = ["spec", "remark"], join = "；" }
//! "attributes.standard" = { column = "standards" }   # the first of a list
//!
//! [texts]                                     # where fields left open are looked for, before title and description
//! quantity = { template = "{amount} {unit} {pack}" }     # 12 箱 每箱20包
//! place = { column = "address" }
//! ```

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::app::posting::Aspect;
use crate::domain::decimal::Decimal;
use crate::domain::listing::Kind;
use crate::domain::place::{Datum, Point};
use crate::domain::violation::Violations;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    #[serde(default)]
    pub fallback_kind: Option<Kind>,
    #[serde(default)]
    pub written_on: Option<Rule>,
    pub enterprise: BTreeMap<String, Rule>,
    pub listing: BTreeMap<String, Rule>,
    /// Texts that are about one thing each.
    #[serde(default)]
    pub texts: BTreeMap<Aspect, Rule>,
}

/// Where one field comes from.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// A constant.
    value: Option<Value>,
    column: Option<String>,
    columns: Vec<String>,
    /// `{name}` stands for the text of a column; what is empty leaves nothing.
    template: Option<String>,
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
    /// A list of one text.
    List,
}

/// The documents one row becomes.
pub struct Mapped {
    pub enterprise: Map<String, Value>,
    pub listing: Map<String, Value>,
    pub texts: Vec<(Aspect, String)>,
    pub written_on: Option<NaiveDate>,
    /// Cells that do not hold what their rule says.
    pub faults: Violations,
}

impl Mapping {
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// Columns the mapping names that no row of the file has are most likely slips.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let rules = self.enterprise.values().chain(self.listing.values()).chain(self.texts.values());
        rules.chain(&self.written_on).flat_map(|rule| {
            let named = rule.column.iter().chain(&rule.columns).map(String::as_str);
            named.chain(rule.template.iter().flat_map(|template| placeholders(template)))
        })
    }

    pub fn apply(&self, row: &Map<String, Value>) -> Mapped {
        let mut faults = Violations::new();
        let enterprise = document("/enterprise", &self.enterprise, row, &mut faults);
        let listing = document("", &self.listing, row, &mut faults);
        let text = |(about, rule): (&Aspect, &Rule)| match rule.read(row) {
            Ok(Some(Value::String(text))) => Some((*about, text)),
            _ => None,
        };
        let written_on = self.written_on.as_ref().and_then(|rule| rule.day(row));
        Mapped { enterprise, listing, texts: self.texts.iter().filter_map(text).collect(), written_on, faults }
    }
}

fn document(
    pointer: &str,
    rules: &BTreeMap<String, Rule>,
    row: &Map<String, Value>,
    faults: &mut Violations,
) -> Map<String, Value> {
    let mut document = Map::new();
    for (path, rule) in rules {
        match rule.read(row) {
            Ok(Some(value)) => insert(&mut document, path, value),
            Ok(None) => {}
            Err(code) => faults.add(format!("{pointer}/{}", path.replace('.', "/")), code),
        }
    }
    document
}

/// The names in braces.
fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0))
}

fn filled(template: &str, row: &Map<String, Value>) -> Option<String> {
    let mut parts = template.split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    let mut any = false;
    for part in parts {
        let (name, rest) = part.split_once('}')?;
        if let Some(text) = row.get(name).and_then(text) {
            out += &text;
            any = true;
        }
        out += rest;
    }
    any.then(|| out.trim().to_owned())
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
    /// Nothing where the columns are empty; a code where they hold what cannot be read.
    fn read(&self, row: &Map<String, Value>) -> Result<Option<Value>, &'static str> {
        if let Some(value) = &self.value {
            return Ok(Some(value.clone()));
        }
        Ok(self.of_columns(row)?.or_else(|| self.default.clone()))
    }

    fn of_columns(&self, row: &Map<String, Value>) -> Result<Option<Value>, &'static str> {
        let names = self.column.iter().chain(&self.columns);
        let texts: Vec<String> = match &self.template {
            Some(template) => filled(template, row).into_iter().collect(),
            None => names.filter_map(|name| text(row.get(name)?)).collect(),
        };
        let Some(first) = texts.first() else { return Ok(None) };
        match self.r#as {
            Form::Point => Ok(point(&texts, self.datum)),
            Form::Decimal => Ok(decimal(first).ok_or("not_a_decimal")?.map(|number| number.to_string().into())),
            Form::Text => Ok(self.mapped(&texts).map(Value::from)),
            Form::List => Ok(self.mapped(&texts).map(|text| json!([text]))),
        }
    }
}

impl Rule {
    /// The day a cell begins with: `2020-01-25`, `2020/1/25`, `2020-01-25T08:00:00+08:00`.
    fn day(&self, row: &Map<String, Value>) -> Option<NaiveDate> {
        let cell = self.of_columns(row).ok()??;
        let day: String = cell.as_str()?.chars().take_while(|c| c.is_ascii_digit() || matches!(c, '-' | '/')).collect();
        NaiveDate::parse_from_str(&day.replace('/', "-"), "%Y-%m-%d").ok()
    }

    fn mapped(&self, texts: &[String]) -> Option<String> {
        let joined = texts.join(self.join.as_deref().unwrap_or(" "));
        match &self.map {
            Some(map) => map.get(&joined).cloned(),
            None => Some(joined),
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

/// `1,200.0`; nothing for 0, with which files say that they do not know. Commas stand between thousands or nowhere: `1,5`
/// is 1.5 to one reader and 15 to another.
fn decimal(text: &str) -> Option<Option<Decimal>> {
    let text = text.trim().replace('，', ",");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default().len();
    let grouped = groups.clone().next().is_none() || (1..=3).contains(&first) && groups.all(|group| group.len() == 3);
    if !grouped || fraction.contains(',') {
        return None;
    }
    let plain = text.replace(',', "");
    let number: Decimal = plain.strip_suffix(".0").unwrap_or(&plain).parse().ok()?;
    Some(Some(number).filter(|number| !number.is_zero()))
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
            [texts]
            quantity = { template = "{amount}{unit} {pack}" }
            place = { column = "address" }
            "#,
        );
        let mapping = mapping.unwrap_or_else(|error| panic!("{error}"));
        let row = json!({"org": " 甲 厂 ", "pack": "20包/箱", "lon": 112.4, "lat": "34.6", "item": "口罩", "spec": null, "amount": 2000.0,
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
        assert_eq!(mapped.texts, [(Aspect::Quantity, "2000.0箱 20包/箱".to_owned())]);
        assert!(mapped.faults.is_empty());
        let columns: Vec<&str> = mapping.columns().collect();
        assert!(["org", "lon", "amount", "pack", "address"].iter().all(|name| columns.contains(name)), "{columns:?}");
        let faulty = mapping.apply(json!({"amount": "18万", "unit": ""}).as_object().unwrap_or(&Map::new()));
        assert_eq!(faulty.faults, Violations::one("/quantity", "not_a_decimal"));
        let read = |text: &str| decimal(text).map(|number| number.map(|number| number.to_string()));
        assert_eq!(read("1,200.50"), Some(Some("1200.5".to_owned())));
        assert_eq!((read("0.0"), read("12")), (Some(None), Some(Some("12".to_owned()))));
        for text in ["1,5", "1,00,0", "1.500,5", "1200,000", "-5", "2O0"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_slip_in_the_mapping_is_named() {
        let error = Mapping::parse("[enterprise]\nlegal_name = { colum = \"org\" }\n[listing]\n").err();
        assert!(error.is_some_and(|error| error.contains("colum")));
    }
}
