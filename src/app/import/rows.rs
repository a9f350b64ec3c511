//! The rows of a file: JSON Lines, or CSV with a line of column names, in UTF-8, UTF-16 or GB 18030.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030};
use serde_json::{Map, Value};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    JsonLines,
    /// Cells separated by commas, semicolons or tabs, whichever the first line has most of.
    Csv,
}

impl Format {
    /// By the end of the file's name: `.csv`, `.tsv` and `.txt` are tables.
    pub fn of_name(name: &str) -> Self {
        let table = [".csv", ".tsv", ".txt"].iter().any(|end| name.to_lowercase().ends_with(end));
        if table { Self::Csv } else { Self::JsonLines }
    }
}

/// Why a file cannot be read at all; a fault of one row is found when it is imported.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("the text is neither UTF-8 nor GB 18030")]
    Encoding,
    #[error("there is no line of column names")]
    NoColumns,
    #[error("two columns are named {0}")]
    TwoColumns(String),
    /// All that follows would be read as one cell.
    #[error("a quotation mark that opens on line {0} is never closed")]
    OpenQuote(usize),
}

/// What is no object is `null` here and becomes a faulty row, like any other fault.
pub fn parse(bytes: &[u8], format: Format) -> Result<Vec<Value>, FileError> {
    let text = decode(bytes)?;
    match format {
        Format::Csv => table(&text),
        Format::JsonLines => {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            Ok(lines.map(|line| serde_json::from_str(line).unwrap_or(Value::Null)).collect())
        }
    }
}

/// Spreadsheets write CSV in UTF-8 with a mark, in UTF-16, or in China's older encodings, which GB 18030 contains.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, FileError> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]);
        return text.ok_or(FileError::Encoding);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(_) => GB18030.decode_without_bom_handling_and_without_replacement(bytes).ok_or(FileError::Encoding),
    }
}

fn table(text: &str) -> Result<Vec<Value>, FileError> {
    let first = text.lines().next().unwrap_or_default();
    let count = |separator: &u8| first.bytes().filter(|byte| byte == separator).count();
    // The last of equals is taken.
    let separator = [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text.as_bytes());
    if let Some(line) = open_quote(text) {
        return Err(FileError::OpenQuote(line));
    }
    let names: Vec<String> =
        reader.headers().map_err(|_| FileError::NoColumns)?.iter().map(|name| name.trim().to_owned()).collect();
    if names.iter().all(String::is_empty) {
        return Err(FileError::NoColumns);
    }
    let repeated = |(i, name): &(usize, &String)| !name.is_empty() && names[..*i].contains(name);
    if let Some((_, name)) = names.iter().enumerate().find(repeated) {
        return Err(FileError::TwoColumns(name.clone()));
    }
    let records = reader.records().map(|record| record.ok().and_then(|record| row(&names, &record)));
    Ok(records.map(|row| row.unwrap_or(Value::Null)).collect())
}

/// The line of a quotation mark without its partner.
fn open_quote(text: &str) -> Option<usize> {
    let mut open = None;
    for (number, line) in text.lines().enumerate() {
        if line.matches('"').count() % 2 == 1 {
            open = if open.is_some() { None } else { Some(number + 1) };
        }
    }
    open
}

/// Nothing for a row with more cells than there are columns: which of them belongs where is anybody's guess.
fn row(names: &[String], cells: &csv::StringRecord) -> Option<Value> {
    if cells.iter().skip(names.len()).any(|cell| !cell.trim().is_empty()) {
        return None;
    }
    let named = names.iter().zip(cells).filter(|(name, _)| !name.is_empty());
    Some(named.map(|(name, cell)| (name.clone(), cell.into())).collect::<Map<_, _>>().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tables_of_any_encoding_and_separator() {
        let rows = json!([{"品名": "口罩, 一次性", "数量": "18万"}, {"品名": "护目镜"}, null]);
        let comma = "品名,数量\r\n\"口罩, 一次性\",18万\r\n护目镜\r\n手套,1,2\r\n";
        let tab = "品名\t数量\n口罩, 一次性\t18万\n护目镜\n手套\t1\t2\n";
        let (gbk, ..) = GB18030.encode(comma);
        let utf16: Vec<u8> = "\u{feff}"
            .chars()
            .chain(tab.chars())
            .collect::<String>()
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for bytes in [comma.as_bytes(), tab.as_bytes(), format!("\u{feff}{comma}").as_bytes(), &gbk, &utf16] {
            assert_eq!(Value::from(parse(bytes, Format::Csv).unwrap()), rows);
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let error = |bytes: &[u8]| parse(bytes, Format::Csv).unwrap_err().to_string();
        assert_eq!(error(b""), "there is no line of column names");
        assert_eq!(
            error("a,b\n1,\"two\nlines\"\n2,\"open\n3,x".as_bytes()),
            "a quotation mark that opens on line 4 is never closed"
        );
        assert_eq!(error("甲,乙,甲\n1,2,3".as_bytes()), "two columns are named 甲");
        assert_eq!(error(b"a,b\n\xff\xff\xff"), "the text is neither UTF-8 nor GB 18030");
        let lines = parse("\u{feff}{\"a\": 1}\n\n[]\nnonsense\n".as_bytes(), Format::JsonLines).unwrap();
        assert_eq!(lines, [json!({"a": 1}), json!([]), Value::Null]);
    }
}
