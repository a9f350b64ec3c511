//! Every answer any test receives is compared with the OpenAPI document: its status must be documented for the operation,
//! its media type and body must be those of that status, and the documented header fields must be there.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use jsonschema::{Registry, Validator};
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
    if response.status >= 400 && method != "HEAD" {
        check_texts(&response.json(), &what);
    }
    match operation(method, path) {
        Some(operation) => {
            let documented = resolved(&operation["responses"][response.status.to_string()]);
            assert!(documented.is_object(), "the document has no such status for this operation: {what}");
            check_headers(documented, response, &what);
            check_body(method, documented, response, &what);
        }
        None if response.status >= 400 => {
            assert_eq!(response.header("content-type"), "application/problem+json", "{what}");
            let schema = json!({ "$ref": "#/components/schemas/Problem" });
            if method != "HEAD" {
                validate(&schema, &response.json(), &what);
            }
        }
        // 204 with Allow, or the preflight of a browser.
        None => assert!(method == "OPTIONS" && matches!(response.status, 200 | 204), "outside the document: {what}"),
    }
}

/// A code without a text in the catalogue is shown as itself; a parameter nobody gave stays in braces.
fn check_texts(problem: &Value, what: &str) {
    let texts = [(&problem["detail"], &problem["code"]), (&problem["title"], &Value::Null)];
    let faults = problem["errors"].as_array().into_iter().flatten().map(|fault| (&fault["detail"], &fault["code"]));
    for (text, code) in texts.into_iter().chain(faults) {
        let shown = text.as_str().unwrap_or_default();
        let raw = text == code || shown.starts_with("status_") || shown.is_empty();
        // Patterns of the schemas have braces of their own.
        let unfilled = ["{detail}", "{allowed}", "{maximum}", "{minimum}", "{expected}", "{status}", "{current}"];
        let unfilled = unfilled.iter().any(|name| shown.contains(name));
        assert!(!raw && !unfilled, "a text for people is missing: {what}");
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

fn check_body(method: &str, documented: &'static Value, response: &Response, what: &str) {
    let Some(content) = documented["content"].as_object() else {
        assert!(response.body.is_empty(), "the document has no body here: {what}");
        return;
    };
    let media_type = response.find_header("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default();
    let schema = content.get(media_type).map(|media| &media["schema"]);
    let Some(schema) = schema else { panic!("the document has no {media_type} here: {what}") };
    // What is not JSON has no shape to compare.
    if !media_type.ends_with("json") {
        return;
    }
    // HEAD is GET without a body.
    if method == "HEAD" {
        assert!(response.body.is_empty(), "{what}");
        return;
    }
    // A test that wants another encoding reads it itself, and what is no JSON.
    if media_type.ends_with("json") && response.find_header("content-encoding").is_none() {
        validate(schema, &response.json(), what);
    }
}

fn validate(schema: &Value, instance: &Value, what: &str) {
    // By the schema itself: all refusals of all operations have one.
    static VALIDATORS: LazyLock<Mutex<HashMap<String, &'static Validator>>> = LazyLock::new(Mutex::default);
    let key = schema.to_string();
    let known = VALIDATORS.lock().unwrap().get(&key).copied();
    let validator = known.unwrap_or_else(|| {
        let built: &'static Validator = Box::leak(Box::new(compile(schema)));
        VALIDATORS.lock().unwrap().insert(key, built);
        built
    });
    let shown = |error: jsonschema::ValidationError| {
        format!("{}: {error}", error.instance_path()).chars().take(500).collect::<String>()
    };
    let faults: Vec<String> = validator.iter_errors(instance).map(shown).collect();
    assert!(faults.is_empty(), "the answer is not as documented: {faults:#?}\n{what}");
}

/// A validator of an answer: what the document does not name must not be there.
fn compile(schema: &Value) -> Validator {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .with_registry(&COMPONENTS)
        .build(&close(schema, false, ANSWERS))
        .unwrap_or_else(|error| panic!("{error}: {schema}"))
}

/// What the components are called in the registry.
const ANSWERS: &str = "urn:answers";

/// Read once; every validator refers to them.
static COMPONENTS: LazyLock<Registry<'static>> = LazyLock::new(|| {
    let registry = Registry::new().draft(jsonschema::Draft::Draft202012).add(ANSWERS, &*CLOSED);
    registry.unwrap().prepare().unwrap()
});

/// The components with every object closed; under `open` once more for use inside `allOf`, which closes as a whole.
static CLOSED: LazyLock<Value> = LazyLock::new(|| {
    let schemas = DOCUMENT["components"]["schemas"].as_object().unwrap();
    let closed = |part: bool| move |(name, schema): (&String, &Value)| (name.clone(), close(schema, part, ""));
    let all = |part: bool| schemas.iter().map(closed(part)).collect::<Value>();
    json!({ "components": { "schemas": all(false), "open": all(true) } })
});

/// `part`: of an `allOf`. `document`: what references to components are to name.
fn close(schema: &Value, part: bool, document: &str) -> Value {
    let Some(object) = schema.as_object() else { return schema.clone() };
    let close = |schema: &Value, part: bool| close(schema, part, document);
    let each = |inner: &Value, part: bool| match inner {
        Value::Array(items) => items.iter().map(|item| close(item, part)).collect(),
        single => close(single, part),
    };
    let mut closed = serde_json::Map::new();
    for (key, inner) in object {
        let inner = match key.as_str() {
            "$ref" => {
                let target = inner.as_str().unwrap_or_default();
                let target = if part { target.replace("/schemas/", "/open/") } else { target.to_owned() };
                format!("{document}{target}").into()
            }
            "properties" => inner.as_object().unwrap().iter().map(|(n, s)| (n.clone(), close(s, false))).collect(),
            "allOf" => each(inner, true),
            "oneOf" | "anyOf" => each(inner, part),
            "items" | "prefixItems" | "additionalProperties" => each(inner, false),
            _ => inner.clone(),
        };
        closed.insert(key.clone(), inner);
    }
    let composed = object.contains_key("allOf");
    let bare = object.contains_key("properties") && !object.contains_key("additionalProperties");
    if !part && (composed || bare) {
        closed.insert("unevaluatedProperties".to_owned(), false.into());
    }
    closed.into()
}

/// What a `$ref` stands for.
pub fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str().and_then(|target| target.strip_prefix('#')) {
        Some(pointer) => DOCUMENT.pointer(pointer).unwrap_or_else(|| panic!("{pointer} leads nowhere")),
        None => value,
    }
}

/// The operation a request is for; a literal segment wins over a parameter.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    static TEMPLATES: LazyLock<Vec<(Vec<&str>, &Value)>> = LazyLock::new(|| {
        let paths = DOCUMENT["paths"].as_object().unwrap();
        let mut templates: Vec<_> = paths.iter().collect();
        templates.sort_by_key(|(path, _)| path.matches('{').count());
        templates.into_iter().map(|(path, item)| (path.split('/').collect(), item)).collect()
    });
    let method = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
    let segments: Vec<&str> = path.split('/').collect();
    let matches = |wanted: &[&str]| {
        let same =
            |(wanted, actual): (&&str, &&str)| wanted == actual || (wanted.starts_with('{') && !actual.is_empty());
        wanted.len() == segments.len() && wanted.iter().zip(&segments).all(same)
    };
    TEMPLATES.iter().find(|(wanted, _)| matches(wanted))?.1.get(&method)
}

#[test]
fn what_the_document_does_not_name_is_refused() {
    let problem = compile(&json!({ "$ref": "#/components/schemas/Problem" }));
    let known = json!({"type": "about:blank", "title": "t", "status": 404, "detail": "d", "code": "not_found", "request_id": "r",
        "instance": "/v1/x"});
    assert!(problem.iter_errors(&known).next().is_none(), "{:?}", problem.iter_errors(&known).next());
    let mut more = known.clone();
    more["stack"] = json!("at line 1");
    assert!(!problem.is_valid(&more));
    // Within a list, too, and for a part of an `allOf`.
    let list = compile(&json!({"type": "array", "items": {"allOf": [{"$ref": "#/components/schemas/Problem"}]}}));
    assert!(list.is_valid(&json!([known])) && !list.is_valid(&json!([more])));
}
