//! JSON read strictly: no duplicate keys, no U+0000, and `2.0` read as the integer it is.
//!
//! serde_json keeps the last of two equal keys, PostgreSQL text cannot hold U+0000, and JSON Schema calls `2.0` an
//! integer where serde does not: each would otherwise surface later as something stranger.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

struct Strict(Value);

/// Parses one JSON text.
pub fn parse(bytes: &[u8]) -> Result<Value, Unreadable> {
    if bytes.trim_ascii().is_empty() {
        return Err(Unreadable { case: "empty".to_owned(), what: String::new(), line: 1, column: 0 });
    }
    serde_json::from_slice::<Strict>(bytes).map(|strict| strict.0).map_err(Unreadable::from)
}

/// Why and where a text stopped being readable.
#[derive(Debug)]
pub struct Unreadable {
    /// As serde_json says it, or this module.
    pub case: String,
    /// What that is about; may be empty.
    pub what: String,
    pub line: usize,
    pub column: usize,
}

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let told = error.to_string();
        let why = told.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&told);
        let (case, what) = why.split_once(": ").unwrap_or((why, ""));
        Self { case: case.to_owned(), what: what.to_owned(), line, column }
    }
}

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Strict, E> {
        Ok(Strict(Value::Null))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Strict, E> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && value.abs() <= EXACT {
            return Ok(Strict((value as i64).into()));
        }
        Number::from_f64(value).map(|n| Strict(Value::Number(n))).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Strict, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Strict, E> {
        if value.contains('\0') {
            return Err(E::custom("U+0000"));
        }
        Ok(Strict(Value::String(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Strict, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Strict(Value::Array(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Strict, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if key.contains('\0') {
                return Err(A::Error::custom("U+0000"));
            }
            let Strict(value) = entries.next_value()?;
            if map.contains_key(&key) {
                return Err(A::Error::custom(format!("key twice: {key}")));
            }
            map.insert(key, value);
        }
        Ok(Strict(Value::Object(map)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::parse;
    use serde_json::json;

    #[test]
    fn reads_json() {
        assert_eq!(
            parse(br#"{"a":[1,2.0,-0.5,null,true,"\u4e2d"]}"#).ok(),
            Some(json!({"a": [1, 2, -0.5, null, true, "中"]}))
        );
    }

    #[test]
    fn refuses_the_unreadable() {
        let deep = "[".repeat(100_000);
        for text in [
            r#"{"a":1,"a":2}"#,
            r#""\u0000""#,
            r#"{"\u0000":1}"#,
            "1e400",
            r#""\ud800""#,
            "",
            "{",
            "{} {}",
            "NaN",
            &deep,
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text:.40}");
        }
        assert!(parse(b"\"\xff\"").is_err());
    }

    #[test]
    fn every_case_is_told_in_words() {
        let deep = "[".repeat(200);
        let texts = [
            "",
            " \n",
            " -",
            "[",
            "{",
            "\"a",
            "[1 2]",
            "{\"a\" 1}",
            "{\"a\":1 \"b\"}",
            "[nul]",
            "[,]",
            "[1,]",
            "{} {}",
            "{a:1}",
            "\"\n\"",
            r#""\x""#,
            "1e400",
            r#""\ud800""#,
            r#""\ud800a""#,
            r#""\ud800\u0041""#,
            "01",
            r#""\u0000""#,
            r#"{"a":1,"a":2}"#,
            &deep,
        ];
        let texts = texts.into_iter().map(str::as_bytes).chain([&b"\"\xff\""[..]]);
        let met: BTreeSet<String> = texts.map(|text| parse(text).unwrap_err().case).collect();
        let catalogue: toml::Table = toml::from_str(include_str!("../../../data/messages.toml")).unwrap();
        let told = catalogue.keys().filter_map(|code| code.strip_prefix("json_malformed ")).map(str::to_owned);
        assert_eq!(met, told.collect());
    }
}
