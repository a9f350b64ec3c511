//! The files of the reference data, as they ship and as an administrator loads them: CSV with a header, or a JSON array.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::place::Point;
use super::reference::Item;
use super::violation::Violations;

/// A file as far as it can be read.
#[derive(Default)]
pub struct File {
    pub entries: Vec<Entry>,
    /// Codes of rows that cannot be read: they are there all the same.
    pub unreadable: HashSet<String>,
    pub faults: Violations,
}

pub struct Entry {
    /// Line of a CSV file; item of a JSON array, from 1.
    pub row: u64,
    pub code: String,
    pub document: Value,
    pub item: Item,
}

impl Entry {
    /// What a fault of it is told by.
    pub fn place(&self) -> String {
        place(self.row, &self.code)
    }
}

fn place(row: u64, code: &str) -> String {
    format!("{row} ({code})")
}

/// The columns of a scheme's file; the others are JSON.
fn columns(scheme: &str) -> Option<&'static [&'static str]> {
    Some(match scheme {
        "currencies" => &["code", "numeric", "minor_units", "name_zh", "name_en", "valid_to", "replaced_by"],
        "industries" | "occupations" => {
            &["code", "name_zh", "name_en", "level", "parent", "aliases", "valid_to", "replaced_by"]
        }
        "regions" => {
            &["code", "name_zh", "name_en", "level", "parent", "latitude", "longitude", "valid_to", "replaced_by"]
        }
        "units" => &[
            "code",
            "dimension",
            "numerator",
            "denominator",
            "name_zh",
            "name_en",
            "aliases",
            "measure_words",
            "valid_to",
            "replaced_by",
        ],
        _ => return None,
    })
}

/// Columns that a file may leave out.
const OPTIONAL: [&str; 4] = ["aliases", "measure_words", "valid_to", "replaced_by"];

pub fn read(scheme: &str, content: &str) -> File {
    let content = content.trim_start_matches('\u{feff}');
    let mut file = File::default();
    match columns(scheme) {
        Some(columns) => read_csv(scheme, columns, content, &mut file),
        None => read_json(scheme, content, &mut file),
    }
    file
}

fn read_json(scheme: &str, content: &str, file: &mut File) {
    match serde_json::from_str::<Vec<Value>>(content) {
        Ok(items) => (1..).zip(items).for_each(|(row, document)| file.take(scheme, row, document)),
        Err(error) => file.faults.add_with("", "reference_row_unreadable", [("detail", error.to_string())]),
    }
}

fn read_csv(scheme: &str, columns: &[&str], content: &str, file: &mut File) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(content.as_bytes());
    let headers = reader.headers().cloned().unwrap_or_default();
    for name in headers.iter().filter(|name| !columns.contains(name)) {
        file.faults.add_with("1", "reference_column_unknown", [("column", name.to_owned())]);
    }
    for name in columns.iter().filter(|name| !OPTIONAL.contains(name) && !headers.iter().any(|h| h == **name)) {
        file.faults.add_with("1", "reference_column_missing", [("column", (*name).to_owned())]);
    }
    if !file.faults.is_empty() {
        return;
    }
    for record in reader.records() {
        match record {
            Ok(record) => {
                let row = record.position().map_or(0, csv::Position::line);
                let code = headers.iter().position(|name| name == "code").and_then(|at| record.get(at));
                match document(scheme, &headers, &record) {
                    Ok(document) => file.take(scheme, row, document),
                    Err(detail) => file.refuse(row, code.unwrap_or_default(), detail),
                }
            }
            Err(error) => {
                let row = error.position().map_or(0, csv::Position::line);
                file.refuse(row, "", error.to_string());
            }
        }
    }
}

impl File {
    fn take(&mut self, scheme: &str, row: u64, mut document: Value) {
        if let Some(object) = document.as_object_mut() {
            // The database says when it retired a code, no file does.
            object.remove("retired_at");
        }
        match Item::parse(scheme, document.clone()) {
            Some(Ok(item)) => self.entries.push(Entry { row, code: item.coded().code(), document, item }),
            Some(Err(error)) => {
                let code = document["code"].as_str().unwrap_or_default().to_owned();
                self.refuse(row, &code, error.to_string());
            }
            None => {}
        }
    }

    fn refuse(&mut self, row: u64, code: &str, detail: String) {
        self.faults.add_with(place(row, code), "reference_row_unreadable", [("detail", detail)]);
        self.unreadable.insert(code.to_owned());
    }
}

#[derive(Deserialize)]
struct Line {
    code: String,
    name_zh: String,
    name_en: String,
    #[serde(default)]
    aliases: String,
    #[serde(default)]
    valid_to: String,
    #[serde(default)]
    replaced_by: String,
}

#[derive(Deserialize)]
struct RegionLine {
    level: u8,
    parent: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

#[derive(Deserialize)]
struct ClassLine {
    level: u8,
    parent: Option<String>,
}

#[derive(Deserialize)]
struct CurrencyLine {
    numeric: String,
    minor_units: Option<u8>,
}

#[derive(Deserialize)]
struct UnitLine {
    dimension: String,
    numerator: i64,
    denominator: i64,
    #[serde(default)]
    measure_words: String,
}

fn document(scheme: &str, headers: &csv::StringRecord, record: &csv::StringRecord) -> Result<Value, String> {
    let line: Line = parse(headers, record)?;
    let mut document = json!({ "code": line.code, "names": { "zh-CN": line.name_zh, "en": line.name_en } });
    let own = match scheme {
        "regions" => {
            let RegionLine { level, parent, latitude, longitude } = parse(headers, record)?;
            let location = match longitude.zip(latitude) {
                Some((longitude, latitude)) => {
                    Some(Point::new(longitude, latitude).ok_or_else(|| format!("{latitude}, {longitude}"))?)
                }
                None => None,
            };
            json!({ "level": level, "parent": filled(parent), "location": location })
        }
        "currencies" => {
            let CurrencyLine { numeric, minor_units } = parse(headers, record)?;
            json!({ "numeric": numeric, "minor_units": minor_units })
        }
        "units" => {
            let UnitLine { dimension, numerator, denominator, measure_words } = parse(headers, record)?;
            let words: Vec<Value> = split(&measure_words).map(measure_word).collect::<Result<_, String>>()?;
            json!({ "dimension": dimension, "numerator": numerator, "denominator": denominator,
                "aliases": split(&line.aliases).collect::<Vec<_>>(), "measure_words": words })
        }
        _ => {
            let ClassLine { level, parent } = parse(headers, record)?;
            let aliases: Vec<&str> = split(&line.aliases).collect();
            let mut own = json!({ "level": level, "parent": filled(parent) });
            if !aliases.is_empty() {
                own["aliases"] = json!(aliases);
            }
            own
        }
    };
    own.as_object().into_iter().flatten().for_each(|(name, value)| document[name] = value.clone());
    if !line.valid_to.is_empty() {
        document["valid_to"] = json!(last_day(&line.valid_to).ok_or_else(|| format!("valid_to: {}", line.valid_to))?);
    }
    if !line.replaced_by.is_empty() {
        document["replaced_by"] = json!(line.replaced_by);
    }
    Ok(document)
}

fn parse<L: DeserializeOwned>(headers: &csv::StringRecord, record: &csv::StringRecord) -> Result<L, String> {
    record.deserialize(Some(headers)).map_err(|error| match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => {
            let column = err.field().and_then(|at| headers.get(usize::try_from(at).ok()?)).unwrap_or_default();
            format!("{column}: {}", err.kind())
        }
        _ => error.to_string(),
    })
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn split(list: &str) -> impl Iterator<Item = &str> {
    list.split('|').map(str::trim).filter(|text| !text.is_empty())
}

/// `斤=1/2`, `公担=100` or `枝`.
fn measure_word(text: &str) -> Result<Value, String> {
    let (word, share) = text.split_once('=').unwrap_or((text, "1"));
    let (numerator, denominator) = share.split_once('/').unwrap_or((share, "1"));
    match (numerator.parse::<i64>(), denominator.parse::<i64>()) {
        (Ok(numerator), Ok(denominator)) if !word.is_empty() => {
            Ok(json!({ "word": word, "numerator": numerator, "denominator": denominator }))
        }
        _ => Err(format!("measure_words: {text}")),
    }
}

/// `2019-12-31`, `2019-12` or `2019`: editions are yearly, and a bare year or month is the last one with the code.
fn last_day(text: &str) -> Option<NaiveDate> {
    let parse = |text: &str| text.parse::<NaiveDate>().ok();
    parse(text).or_else(|| parse(&format!("{text}-28"))).or_else(|| parse(&format!("{text}-12-31")))
}
