//! Every answer any test receives is compared with the OpenAPI document: its status must be documented for the operation,
//! its media type and body must be those of that status, and the documented header fields must be there.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::client::Response;

static DOCUMENT: LazyLock<Value> = LazyLock::new(duijie::http::document);

/// The document as it is served.
pub fn document() -> &'static Value {
    &DOCUMENT
}

pub fn check(method: &str, path_and_query: &str, response: &Response) {
    let path = path_and_query.split(['?', '#']).next().unwrap_or_default();
    response.header("x-request-id");
    if path.starts_with("/docs") {
        return;
    }
    let what = response.shown();
    match operation(method, path) {
        Some((template, operation)) => {
            let documented = resolved(&operation["responses"][response.status.to_string()]);
            assert!(documented.is_object(), "the document has no such status for this operation: {what}");
            check_headers(documented, response, &what);
            check_body(method, documented, &format!("{method} {template} {}", response.status), response, &what);
        }
        None if response.status >= 400 => {
            assert_eq!(response.header("content-type"), "application/problem+json", "{what}");
            let schema = json!({ "$ref": "#/components/schemas/Problem" });
            if method != "HEAD" {
                validate("problem", &schema, &response.json(), &what);
            }
        }
        // 204 with Allow, or the preflight of a browser.
        None => assert!(method == "OPTIONS" && matches!(response.status, 200 | 204), "outside the document: {what}"),
    }
}

fn check_headers(documented: &'static Value, response: &Response, what: &str) {
    let fields: Vec<(&String, &Value)> = documented["headers"].as_object().into_iter().flatten().collect();
    for (name, field) in &fields {
        let there = response.find_header(name).is_some();
        assert!(there || resolved(field)["required"] != true, "the documented field {name} is missing: {what}");
    }
    for name in ["etag", "location", "link", "retry-after", "allow", "www-authenticate", "idempotency-replayed"] {
        let known = fields.iter().any(|(field, _)| field.eq_ignore_ascii_case(name));
        assert!(known || response.find_header(name).is_none(), "the field {name} is not documented: {what}");
    }
}

fn check_body(method: &str, documented: &'static Value, key: &str, response: &Response, what: &str) {
    let Some(content) = documented["content"].as_object() else {
        assert!(response.body.is_empty(), "the document has no body here: {what}");
        return;
    };
    let media_type = response.find_header("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default();
    let schema = content.get(media_type).map(|media| &media["schema"]);
    let Some(schema) = schema else { panic!("the document has no {media_type} here: {what}") };
    // HEAD is GET without a body.
    if method == "HEAD" {
        assert!(response.body.is_empty(), "{what}");
        return;
    }
    // A test that wants another encoding reads it itself.
    if response.find_header("content-encoding").is_none() {
        validate(key, schema, &response.json(), what);
    }
}

fn validate(key: &str, schema: &Value, instance: &Value, what: &str) {
    static VALIDATORS: LazyLock<Mutex<HashMap<String, &'static Validator>>> = LazyLock::new(Mutex::default);
    let known = VALIDATORS.lock().unwrap().get(key).copied();
    let validator = known.unwrap_or_else(|| {
        let built: &'static Validator = Box::leak(Box::new(compile(schema)));
        VALIDATORS.lock().unwrap().insert(key.to_owned(), built);
        built
    });
    let shown = |error: jsonschema::ValidationError| {
        format!("{}: {error}", error.instance_path()).chars().take(500).collect::<String>()
    };
    let faults: Vec<String> = validator.iter_errors(instance).map(shown).collect();
    assert!(faults.is_empty(), "the answer is not as documented: {faults:#?}\n{what}");
}

/// A validator of a schema of the document.
pub fn compile(schema: &Value) -> Validator {
    let root = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(&root)
        .unwrap_or_else(|error| panic!("{error}: {schema}"))
}

/// What a `$ref` stands for.
pub fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str().and_then(|target| target.strip_prefix('#')) {
        Some(pointer) => DOCUMENT.pointer(pointer).unwrap_or_else(|| panic!("{pointer} leads nowhere")),
        None => value,
    }
}

/// The operation a request is for, with its path template; a literal segment wins over a parameter.
fn operation(method: &str, path: &str) -> Option<(&'static str, &'static Value)> {
    let method = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
    let segments: Vec<&str> = path.split('/').collect();
    let matches = |template: &str| {
        let wanted: Vec<&str> = template.split('/').collect();
        let same =
            |(wanted, actual): (&&str, &&str)| wanted == actual || (wanted.starts_with('{') && !actual.is_empty());
        wanted.len() == segments.len() && wanted.iter().zip(&segments).all(same)
    };
    let paths = DOCUMENT["paths"].as_object()?;
    let mut found: Vec<(&str, &Value)> = paths
        .iter()
        .filter(|(template, item)| matches(template) && item[&method].is_object())
        .map(|(template, item)| (template.as_str(), &item[&method]))
        .collect();
    found.sort_by_key(|(template, _)| template.matches('{').count());
    found.into_iter().next()
}
