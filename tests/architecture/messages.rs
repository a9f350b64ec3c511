//! Every code of a message is in `data/messages.toml`, and nothing there is left over.

use std::collections::BTreeSet;

use crate::source::{self, arguments, words};

/// Calls that take a code, with its place among the arguments.
const CALLS: [(&str, usize); 16] = [
    ("add", 1),
    ("add_with", 1),
    ("Violations::one", 1),
    ("Problem::new", 1),
    ("Self::new", 1),
    ("bad_request", 0),
    ("unauthenticated", 0),
    ("Unauthenticated", 0),
    ("Forbidden", 0),
    ("conflict", 0),
    ("Conflict", 0),
    ("message::text", 0),
    ("Error::OAuth", 1),
    ("Problem::oauth", 1),
    ("invalid_grant", 0),
    ("refused", 0),
];

/// Codes made from a variable, by their beginning; the literal is the format string's.
const COMPUTED: [&str; 9] =
    ["status_", "check_", "counterfactual_change_", "field_", "value_", "mail_", "notification_", "flag_", "contact_"];

fn catalogue() -> BTreeSet<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/messages.toml");
    let table: toml::Table = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    table.keys().cloned().collect()
}

fn literal(argument: &str) -> Option<&str> {
    let text = argument.strip_prefix('"')?.strip_suffix('"')?;
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'))
        .then_some(text)
}

#[test]
fn every_code_has_its_text() {
    let catalogue = catalogue();
    let (mut missing, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for file in source::files().into_iter().filter(|file| !file.is_test()) {
        let code = file.code();
        for (call, place) in CALLS {
            for at in words(&code, call) {
                let Some(rest) = code.get(at + call.len()..).filter(|rest| rest.starts_with('(')) else { continue };
                let arguments = arguments(rest);
                let Some(text) = arguments.get(place).and_then(|argument| literal(argument)) else { continue };
                seen.insert(text.to_owned());
                if !catalogue.contains(text) {
                    missing.insert(format!("{text} (src/{})", file.path));
                }
            }
        }
    }
    assert!(seen.len() > 40, "the calls are no longer recognised: {seen:?}");
    assert!(missing.is_empty(), "not in data/messages.toml: {missing:#?}");
}

#[test]
fn no_text_is_left_over() {
    let code: String = source::files().into_iter().filter(|file| !file.is_test()).map(|file| file.code()).collect();
    let computed =
        |name: &str| COMPUTED.iter().any(|prefix| name.starts_with(prefix) && code.contains(&format!("\"{prefix}{{")));
    let quoted = |name: &str| code.contains(&format!("\"{name}\""));
    // Of a case: a header is named where it is read; the cases of `json_malformed` are held by the tests of `strict_json`.
    let of_case = |name: &str| {
        let (of, case) = name.split_once(' ').unwrap_or_default();
        quoted(of) && (of == "json_malformed" || quoted(case))
    };
    let used = |name: &String| quoted(name) || computed(name) || of_case(name);
    let unused: Vec<String> = catalogue().into_iter().filter(|name| !used(name)).collect();
    assert!(unused.is_empty(), "in data/messages.toml, but in no source: {unused:#?}");
}

/// Every `pattern` of a schema or a parameter.
fn patterns<'d>(document: &'d serde_json::Value, found: &mut BTreeSet<&'d str>) {
    match document {
        serde_json::Value::Object(object) => {
            found.extend(object.get("pattern").and_then(serde_json::Value::as_str));
            object.values().for_each(|value| patterns(value, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| patterns(item, found)),
        _ => {}
    }
}

#[test]
fn every_pattern_of_the_document_is_told_in_words() {
    let read = |path: &str| std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let document = serde_json::from_str(&read("openapi/openapi.json")).unwrap();
    let told: toml::Table = toml::from_str(&read("data/patterns.toml")).unwrap();
    let mut wanted = BTreeSet::new();
    patterns(&document, &mut wanted);
    // It has a code of its own.
    assert!(wanted.remove(duijie::domain::decimal::PATTERN));
    assert_eq!(told.keys().map(String::as_str).collect::<BTreeSet<_>>(), wanted);
}
