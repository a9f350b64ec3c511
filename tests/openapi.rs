//! The OpenAPI document: committed as served, complete, bounded, and with examples that hold.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

static DOCUMENT: LazyLock<Value> = LazyLock::new(duijie::http::document);

struct Operation {
    /// Method and path.
    name: String,
    value: &'static Value,
}

fn operations() -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, value) in item.as_object().unwrap() {
            found.push(Operation { name: format!("{} {path}", method.to_uppercase()), value });
        }
    }
    assert!(found.len() >= 12);
    found
}

fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(target) => DOCUMENT.pointer(target.trim_start_matches('#')).unwrap_or_else(|| panic!("{target}")),
        None => value,
    }
}

fn validator(schema: &Value) -> Validator {
    let root = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
    let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(true);
    options.build(&root).unwrap_or_else(|error| panic!("{error}: {schema}"))
}

/// Calls `look` with each schema of the document and its place, down to the smallest.
fn each_schema(look: &mut dyn FnMut(&str, &'static Value)) {
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
        descend(&format!("#/components/schemas/{name}"), schema, look);
    }
    each_holder("#", &DOCUMENT, &mut |place, holder| {
        descend(&format!("{place}/schema"), &holder["schema"], look);
    });
}

fn descend(place: &str, schema: &'static Value, look: &mut dyn FnMut(&str, &'static Value)) {
    look(place, schema);
    for key in ["properties", "patternProperties", "$defs"] {
        for (name, inner) in schema[key].as_object().into_iter().flatten() {
            descend(&format!("{place}/{key}/{name}"), inner, look);
        }
    }
    for key in ["oneOf", "anyOf", "allOf", "prefixItems"] {
        for (i, inner) in schema[key].as_array().into_iter().flatten().enumerate() {
            descend(&format!("{place}/{key}/{i}"), inner, look);
        }
    }
    for key in ["items", "additionalProperties", "not"] {
        if schema[key].is_object() {
            descend(&format!("{place}/{key}"), &schema[key], look);
        }
    }
}

/// Calls `look` with everything that has a `schema`: parameters, header fields, media types.
fn each_holder(place: &str, value: &'static Value, look: &mut dyn FnMut(&str, &'static Value)) {
    match value {
        Value::Object(_) if place.ends_with("/schemas") => {}
        Value::Object(object) => {
            if object.get("schema").is_some_and(Value::is_object) {
                look(place, value);
            }
            for (key, inner) in
                object.iter().filter(|(key, _)| !["schema", "example", "examples"].contains(&key.as_str()))
            {
                each_holder(&format!("{place}/{}", key.replace('/', "~1")), inner, look);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, inner)| each_holder(&format!("{place}/{i}"), inner, look))
        }
        _ => {}
    }
}

/// Examples beside a schema, in either spelling.
fn examples(holder: &'static Value) -> Vec<&'static Value> {
    let single = holder.get("example");
    let list = holder["examples"].as_array().into_iter().flatten();
    let named = holder["examples"].as_object().into_iter().flatten().map(|(_, example)| &example["value"]);
    single.into_iter().chain(list).chain(named).collect()
}

#[test]
fn the_committed_document_is_the_one_served() {
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json")).unwrap();
    let committed: Value = serde_json::from_str(&committed).unwrap();
    assert!(committed == *DOCUMENT, "openapi/openapi.json is not what the source says: run scripts/update-openapi");
}

#[test]
fn every_example_holds() {
    let (mut faults, mut checked) = (Vec::new(), 0);
    let mut check = |place: &str, schema: &Value, examples: Vec<&Value>| {
        if !examples.is_empty() {
            let validator = validator(schema);
            for example in examples {
                checked += 1;
                faults.extend(validator.iter_errors(example).map(|e| format!("{place}: {}: {e}", e.instance_path())));
            }
        }
    };
    each_schema(&mut |place, schema| check(place, schema, examples(schema)));
    each_holder("#", &DOCUMENT, &mut |place, holder| check(place, &holder["schema"], examples(holder)));
    assert!(checked > 30, "{checked}");
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_operation_is_described() {
    let known: BTreeSet<&str> =
        DOCUMENT["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let (mut ids, mut faults) = (BTreeSet::new(), Vec::new());
    for Operation { name, value } in operations() {
        let id = value["operationId"].as_str().unwrap_or_default();
        if !id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') || !ids.insert(id) || id.is_empty() {
            faults.push(format!("{name}: operationId {id:?}"));
        }
        for text in ["summary", "description"] {
            if value[text].as_str().is_none_or(|text| text.trim().is_empty()) {
                faults.push(format!("{name}: no {text}"));
            }
        }
        let tags = value["tags"].as_array().cloned().unwrap_or_default();
        if tags.is_empty() || !tags.iter().all(|tag| known.contains(tag.as_str().unwrap())) {
            faults.push(format!("{name}: tags {tags:?}"));
        }
        if value["security"].as_array().is_none_or(Vec::is_empty) {
            faults.push(format!("{name}: no security"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_operation_lists_the_answers_the_conventions_give() {
    let mut faults = Vec::new();
    for Operation { name, value } in operations() {
        let responses = value["responses"].as_object().unwrap();
        let parameters = value["parameters"].as_array().cloned().unwrap_or_default();
        let takes = |name: &str| parameters.iter().any(|parameter| parameter["name"] == name);
        let mut wanted = vec!["400", "401", "406", "429", "503"];
        if value["requestBody"].is_object() {
            wanted.extend(["408", "413", "415", "422"]);
        }
        if takes("Idempotency-Key") {
            wanted.extend(["409", "422"]);
        }
        if takes("If-Match") {
            wanted.extend(["412", "428"]);
        }
        if parameters.iter().any(|parameter| parameter["in"] == "path") {
            wanted.push("404");
        }
        if takes("cursor") {
            wanted.push("410");
        }
        faults.extend(
            wanted.into_iter().filter(|status| !responses.contains_key(*status)).map(|s| format!("{name}: no {s}")),
        );
        if !responses.keys().any(|status| status.starts_with('2')) {
            faults.push(format!("{name}: nothing succeeds"));
        }
        if responses.contains_key("500") {
            faults.push(format!("{name}: no client can cause 500"));
        }
        for (status, response) in responses {
            let content = resolved(response)["content"].as_object();
            let types: Vec<&String> = content.into_iter().flatten().map(|(media_type, _)| media_type).collect();
            let fine = match status.as_str() {
                "204" | "304" => types.is_empty(),
                // The bytes of a file.
                "200" if name == "GET /v1/files/{id}" || name == "GET /v1/admin/briefs/{date}" => {
                    types.iter().all(|media_type| media_type.contains('/'))
                }
                status if status.starts_with('2') => types == ["application/json"],
                _ => types == ["application/problem+json"],
            };
            if !fine {
                faults.push(format!("{name}: {status} has {types:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_body_has_an_example() {
    let has_one =
        |media: &'static Value| !examples(media).is_empty() || !examples(resolved(&media["schema"])).is_empty();
    let mut missing = Vec::new();
    for Operation { name, value } in operations() {
        for (media_type, media) in value["requestBody"]["content"].as_object().into_iter().flatten() {
            // `{"anyOf": [X, null]}` for a body that may be left out.
            let either = media["schema"]["oneOf"].as_array().or(media["schema"]["anyOf"].as_array());
            let inner = either.into_iter().flatten().any(|schema| !examples(resolved(schema)).is_empty());
            if !has_one(media) && !inner {
                missing.push(format!("{name}: request {media_type}"));
            }
        }
        for (status, response) in value["responses"].as_object().unwrap() {
            let content = resolved(response)["content"].as_object();
            for (media_type, media) in content.into_iter().flatten() {
                if !has_one(media) && media["schema"]["type"] != "object" {
                    missing.push(format!("{name}: {status} {media_type}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

fn is_type(schema: &Value, name: &str) -> bool {
    schema["type"] == name || schema["type"].as_array().is_some_and(|types| types.iter().any(|kind| kind == name))
}

#[test]
fn everything_is_bounded() {
    // These formats bound the text themselves.
    const FORMATS: [&str; 4] = ["uuid", "date", "date-time", "uri"];
    let mut faults = Vec::new();
    each_schema(&mut |place, schema| {
        let format = schema["format"].as_str().unwrap_or_default();
        let listed = schema["enum"].is_array() || schema.get("const").is_some();
        if is_type(schema, "string") && !listed && !FORMATS.contains(&format) && schema["maxLength"].is_null() {
            faults.push(format!("{place}: no maxLength"));
        }
        for number in ["integer", "number"] {
            let least = ["minimum", "exclusiveMinimum"].iter().any(|key| !schema[key].is_null());
            let both = least && !schema["maximum"].is_null();
            // The first elements of a tuple have bounds of their own.
            if is_type(schema, number) && !both && !listed && !place.contains("/coordinates/items") {
                faults.push(format!("{place}: {number} without minimum and maximum"));
            }
        }
        if is_type(schema, "array") && schema["maxItems"].is_null() {
            faults.push(format!("{place}: no maxItems"));
        }
    });
    // Header fields are bounded by the size of a request's head.
    faults.retain(|fault| !fault.contains("/headers/"));
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn request_bodies_refuse_unknown_fields() {
    let mut wanted: Vec<String> = Vec::new();
    for Operation { value, .. } in operations() {
        references(&value["requestBody"], &mut wanted);
    }
    let mut next = 0;
    let mut open = Vec::new();
    while let Some(name) = wanted.get(next).cloned() {
        next += 1;
        let schema = &DOCUMENT["components"]["schemas"][&name];
        references(schema, &mut wanted);
        descend(&name, schema, &mut |place, schema| {
            let closed = schema["additionalProperties"] == false || schema["unevaluatedProperties"] == false;
            let map = schema["additionalProperties"].is_object();
            if schema["properties"].is_object() && !closed && !map {
                open.push(place.to_owned());
            }
        });
    }
    assert!(wanted.len() > 5, "{wanted:?}");
    assert!(open.is_empty(), "{open:#?}");
}

fn references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if let Some(name) = object.get("$ref").and_then(Value::as_str).and_then(|target| target.rsplit('/').next())
                && !names.iter().any(|known| known == name)
            {
                names.push(name.to_owned());
            }
            object.values().for_each(|value| references(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, names)),
        _ => {}
    }
}

#[test]
fn components_are_used_and_references_lead_somewhere() {
    let text = DOCUMENT.to_string();
    for (kind, components) in
        DOCUMENT["components"].as_object().unwrap().iter().filter(|(kind, _)| *kind != "securitySchemes")
    {
        for name in components.as_object().unwrap().keys() {
            assert!(text.contains(&format!("\"#/components/{kind}/{name}\"")), "nothing refers to {kind}/{name}");
        }
    }
    let targets = text.split("\"$ref\":\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    for target in targets {
        assert!(DOCUMENT.pointer(target.trim_start_matches('#')).is_some(), "{target} leads nowhere");
    }
}
