//! The last touches on the schemas: examples that contain other examples, and the bounds an integer's type implies.

use serde_json::{Map, Value, json};

/// An example may hold `{"$example": "Listing"}`: the example of that component stands there.
const MARK: &str = "$example";
/// Examples nest less deep than this; one that refers to itself ends here and fails the document's test.
const DEPTH: usize = 5;

pub fn finish(document: &mut Value) {
    let examples = examples(document);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        for (name, schema) in schemas.iter_mut() {
            if let Some(example) = examples.get(name) {
                schema["example"] = filled(example, &examples, DEPTH);
            }
        }
    }
    bound_integers(document);
}

fn examples(document: &Value) -> Map<String, Value> {
    let schemas = document["components"]["schemas"].as_object().into_iter().flatten();
    schemas.filter_map(|(name, schema)| Some((name.clone(), schema.get("example")?.clone()))).collect()
}

fn filled(example: &Value, examples: &Map<String, Value>, depth: usize) -> Value {
    match example {
        Value::Object(object) => match object.get(MARK).and_then(Value::as_str).and_then(|name| examples.get(name)) {
            Some(other) if depth > 0 => filled(other, examples, depth - 1),
            _ => object.iter().map(|(name, value)| (name.clone(), filled(value, examples, depth))).collect(),
        },
        Value::Array(items) => items.iter().map(|item| filled(item, examples, depth)).collect(),
        other => other.clone(),
    }
}

/// `format` says how wide an integer is; a reader should not have to know.
fn bound_integers(value: &mut Value) {
    let (lowest, highest) = match value["format"].as_str() {
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    };
    match value {
        Value::Object(object) => {
            if object.get("type").is_some_and(is_integer) && !object.contains_key("enum") {
                object.entry("minimum").or_insert(json!(lowest));
                object.entry("maximum").or_insert(json!(highest));
            }
            object.values_mut().for_each(bound_integers);
        }
        Value::Array(items) => items.iter_mut().for_each(bound_integers),
        _ => {}
    }
}

fn is_integer(kind: &Value) -> bool {
    kind == "integer" || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "integer"))
}
