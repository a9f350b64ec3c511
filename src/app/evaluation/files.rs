//! The files of a collection: texts as JSON Lines or tab-separated, judgements as TREC qrels.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use crate::app::import::decode;
use crate::domain::category::CategoryTree;
use crate::domain::listing::{Kind, Side};
use crate::vocabulary::detect_language;

/// A query or a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub id: String,
    pub title: String,
    pub description: Option<String>,
    /// `zh-CN` or `en`: stated, else detected.
    pub language: &'static str,
    /// What else it states of a listing, as in `POST /v1/listings`.
    pub terms: Map<String, Value>,
}

impl Text {
    /// Title and description, as BM25 reads them.
    pub fn whole(&self) -> String {
        format!("{} {}", self.title, self.description.as_deref().unwrap_or_default())
    }

    pub fn side(&self) -> Option<Side> {
        self.terms.get("side").and_then(Value::as_str).and_then(|side| side.parse().ok())
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Texts {
    pub texts: Vec<Text>,
    /// Fields that nothing reads.
    pub unused: BTreeSet<String>,
}

/// Query → document → grade.
pub type Judgements = BTreeMap<String, BTreeMap<String, u32>>;

/// What is wrong with a file; a line of 0 is the whole of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub file: String,
    pub line: usize,
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(out, "{}: {}", self.file, self.what),
            line => write!(out, "{}:{line}: {}", self.file, self.what),
        }
    }
}

const IDS: [&str; 6] = ["id", "_id", "docno", "doc_id", "qid", "query_id"];
/// Fields of a listing that a text may state.
const TERMS: [&str; 26] = [
    "side",
    "kind",
    "category",
    "attributes",
    "quantity",
    "quantity_basis",
    "unit_code",
    "units_per_pack",
    "packed_unit_code",
    "min_order_quantity",
    "lot_multiple",
    "price",
    "max_price",
    "brand",
    "specs",
    "region_code",
    "address",
    "location",
    "service_radius_km",
    "available_from",
    "needed_by",
    "lead_time_days",
    "valid_until",
    "urgency",
    "accepts_partial",
    "accepts_substitutes",
];
/// Grades above this are a slip of the pen: the gain doubles with each.
const HIGHEST_GRADE: i64 = 20;

/// Queries or documents: JSON Lines where the first sign is `{`, else `id`, tab, text.
pub fn texts(file: &str, bytes: &[u8], categories: &CategoryTree) -> Result<Texts, Vec<Fault>> {
    let content = decode(bytes).map_err(|error| vec![Fault { file: file.into(), line: 0, what: error.to_string() }])?;
    let is_json = content.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    let (mut read, mut faults) = (Texts::default(), Vec::new());
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for (line, row) in rows(&content) {
        let mut fault = |what: String| faults.push(Fault { file: file.into(), line, what });
        let text = if is_json { of_json(row, categories, &mut read.unused) } else { of_table(row) };
        match text {
            Err(what) => fault(what),
            Ok(text) => match lines.insert(text.id.clone(), line) {
                Some(first) => fault(format!("the id {} is that of line {first} too", text.id)),
                None => read.texts.push(text),
            },
        }
    }
    if read.texts.is_empty() && faults.is_empty() {
        faults.push(Fault { file: file.into(), line: 0, what: "there is no text in it".into() });
    }
    if faults.is_empty() { Ok(read) } else { Err(faults) }
}

/// `qid 0 docid grade`, or `query-id, corpus-id, score` below a line of these names. A negative grade is 0.
pub fn judgements(file: &str, bytes: &[u8]) -> Result<Judgements, Vec<Fault>> {
    let content = decode(bytes).map_err(|error| vec![Fault { file: file.into(), line: 0, what: error.to_string() }])?;
    let (mut read, mut faults) = (Judgements::new(), Vec::new());
    for (line, row) in rows(&content).filter(|(line, row)| *line > 1 || !row.starts_with("query-id")) {
        let judged = match row.split_whitespace().collect::<Vec<_>>()[..] {
            [query, _, document, grade] | [query, document, grade] => {
                grade_of(grade).map(|grade| (query, document, grade))
            }
            ref other => Err(format!("{} columns where `query 0 document grade` is wanted", other.len())),
        };
        let added = judged.and_then(|(query, document, grade)| {
            match read.entry(query.to_owned()).or_default().insert(document.to_owned(), grade) {
                Some(other) if other != grade => Err(format!("{document} is judged {other} and {grade} for {query}")),
                _ => Ok(()),
            }
        });
        faults.extend(added.err().map(|what| Fault { file: file.into(), line, what }));
    }
    if read.is_empty() && faults.is_empty() {
        faults.push(Fault { file: file.into(), line: 0, what: "there is no judgement in it".into() });
    }
    if faults.is_empty() { Ok(read) } else { Err(faults) }
}

fn grade_of(text: &str) -> Result<u32, String> {
    let grade: i64 = text.parse().map_err(|_| format!("the grade {text:?} is no whole number"))?;
    match u32::try_from(grade.max(0)) {
        Ok(known) if grade <= HIGHEST_GRADE => Ok(known),
        _ => Err(format!("the grade {grade} is above {HIGHEST_GRADE}")),
    }
}

/// Lines with something on them, numbered from 1.
fn rows(content: &str) -> impl Iterator<Item = (usize, &str)> {
    let rows = content.trim_start_matches('\u{feff}').lines().enumerate().map(|(at, row)| (at + 1, row));
    rows.filter(|(_, row)| !row.trim().is_empty())
}

fn of_table(row: &str) -> Result<Text, String> {
    let (id, text) = row.split_once('\t').ok_or("no tab between id and text")?;
    let title = text.replace('\t', " ").trim().to_owned();
    finished(id.trim().to_owned(), title, None, None, Map::new())
}

fn of_json(row: &str, categories: &CategoryTree, unused: &mut BTreeSet<String>) -> Result<Text, String> {
    let mut object: Map<String, Value> = match serde_json::from_str(row) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err("no JSON object".into()),
        Err(error) => return Err(format!("no JSON: {error}")),
    };
    let id = match IDS.iter().find_map(|name| object.remove(*name)) {
        Some(Value::String(id)) => id,
        Some(Value::Number(id)) => id.to_string(),
        _ => return Err("no id".into()),
    };
    let title = string(&mut object, "title")?.filter(|title| !title.trim().is_empty());
    let text = string(&mut object, "text")?;
    let description = string(&mut object, "description")?;
    let (title, description) = match (title, text) {
        (Some(title), text) => (title, description.or(text)),
        (None, Some(text)) => (text, description),
        (None, None) => return Err("neither `title` nor `text`".into()),
    };
    let language = string(&mut object, "language")?;
    let mut terms = Map::new();
    for (field, value) in object {
        if TERMS.contains(&field.as_str()) {
            terms.extend(Some((field, value)).filter(|(_, value)| !value.is_null()));
        } else {
            unused.insert(field);
        }
    }
    one_of::<Side>(&terms, "side", "need, offer")?;
    one_of::<Kind>(&terms, "kind", "one of the kinds of listing")?;
    match terms.get("category") {
        Some(Value::String(code)) if categories.get(code).is_some() => {}
        None => {}
        Some(other) => return Err(format!("there is no category {other}")),
    }
    finished(id, title, description, language.as_deref(), terms)
}

fn finished(
    id: String,
    title: String,
    description: Option<String>,
    language: Option<&str>,
    terms: Map<String, Value>,
) -> Result<Text, String> {
    if id.is_empty() || id.contains(char::is_whitespace) {
        return Err(format!("the id {id:?} is empty or has a space in it, which qrels cannot name"));
    }
    if title.is_empty() {
        return Err("the text is empty".into());
    }
    let language = match language {
        None => detect_language(&title),
        Some(tag) if tag.to_lowercase().starts_with("zh") => "zh-CN",
        Some(tag) if tag.to_lowercase().starts_with("en") => "en",
        Some(other) => return Err(format!("the language {other:?} is neither zh nor en")),
    };
    Ok(Text { id, title, description: description.filter(|text| !text.trim().is_empty()), language, terms })
}

fn string(object: &mut Map<String, Value>, field: &str) -> Result<Option<String>, String> {
    match object.remove(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("`{field}` is no text")),
    }
}

fn one_of<T: std::str::FromStr>(terms: &Map<String, Value>, field: &str, known: &str) -> Result<(), String> {
    match terms.get(field) {
        None => Ok(()),
        Some(value) if value.as_str().is_some_and(|text| text.parse::<T>().is_ok()) => Ok(()),
        Some(other) => Err(format!("`{field}` is {other}, not {known}")),
    }
}
