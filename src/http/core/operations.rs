//! The operations of the OpenAPI document as a table: which path and method exist, and which parameters they take.
//!
//! actix answers a wrong method on a `#[get]` path with 404 and ignores unknown query parameters; looking the request up
//! in the document first settles 404, 405, `Allow` and every parameter in one place.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::document::needed_by;
use super::schemas::{self, SchemaError};
use crate::domain::access::{self, Rule};
use crate::domain::violation::Violations;

pub struct Operations(Vec<Path>);

struct Path {
    segments: Vec<Segment>,
    methods: BTreeMap<String, Operation>,
}

enum Segment {
    Literal(String),
    Parameter(String),
}

/// One method of one path.
pub struct Operation {
    /// Who may call it; also names it.
    pub rule: &'static Rule,
    types: BTreeMap<String, Type>,
    validator: Validator,
}

#[derive(Clone, Copy, PartialEq)]
enum Type {
    Text,
    Integer,
    Number,
    Boolean,
}

pub enum Found<'a> {
    Operation {
        operation: &'a Operation,
        path_parameters: Vec<(&'a str, String)>,
    },
    /// The path exists; these are its methods.
    OtherMethods(Vec<String>),
    Nothing,
}

impl Operations {
    pub fn compile(document: &Value) -> Result<Self, SchemaError> {
        let mut paths = Vec::new();
        for (template, item) in document["paths"].as_object().into_iter().flatten() {
            let segments = template.split('/').skip(1).map(segment).collect();
            let mut methods = BTreeMap::new();
            for (method, operation) in
                item.as_object().into_iter().flatten().filter(|(_, o)| o["operationId"].is_string())
            {
                methods.insert(method.to_uppercase(), Operation::compile(operation, &document["components"])?);
            }
            paths.push(Path { segments, methods });
        }
        // A literal segment wins over a parameter: `/matches/preview` before `/matches/{id}`.
        paths.sort_by_key(|path| path.segments.iter().filter(|s| matches!(s, Segment::Parameter(_))).count());
        Ok(Self(paths))
    }

    pub fn find(&self, method: &str, path: &str) -> Found<'_> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        // Only the first path that fits counts: a GET of `/listings/batch` is no GET of `/listings/{id}`.
        let fitting = self.0.iter().find_map(|path| Some((path, path.matches(&segments)?)));
        let Some((path, path_parameters)) = fitting else { return Found::Nothing };
        match path.methods.get(method) {
            Some(operation) => Found::Operation { operation, path_parameters },
            None => Found::OtherMethods(allowed(path.methods.keys().cloned().collect())),
        }
    }
}

fn allowed(mut methods: Vec<String>) -> Vec<String> {
    if methods.iter().any(|method| method == "GET") {
        methods.push("HEAD".to_owned());
    }
    methods.push("OPTIONS".to_owned());
    methods.sort();
    methods.dedup();
    methods
}

fn segment(text: &str) -> Segment {
    match text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
        Some(name) => Segment::Parameter(name.to_owned()),
        None => Segment::Literal(text.to_owned()),
    }
}

impl Path {
    fn matches(&self, segments: &[&str]) -> Option<Vec<(&str, String)>> {
        if segments.len() != self.segments.len() {
            return None;
        }
        let mut parameters = Vec::new();
        for (expected, actual) in self.segments.iter().zip(segments) {
            match expected {
                Segment::Literal(literal) if literal == actual => {}
                Segment::Parameter(name) if !actual.is_empty() => parameters.push((name.as_str(), decode(actual)?)),
                _ => return None,
            }
        }
        Some(parameters)
    }
}

fn decode(segment: &str) -> Option<String> {
    percent_encoding::percent_decode_str(segment).decode_utf8().ok().map(|text| text.into_owned())
}

/// The pairs of a query string; `None` when its percent-encoding is not UTF-8.
fn form(query: &str) -> Option<Vec<(String, String)>> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
    // What is not UTF-8 decodes to the replacement character, which nobody means.
    let readable = |text: &String| !text.contains(char::REPLACEMENT_CHARACTER);
    pairs.iter().all(|(name, value)| readable(name) && readable(value)).then_some(pairs)
}

impl Operation {
    fn compile(operation: &Value, components: &Value) -> Result<Self, SchemaError> {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let (mut types, mut properties, mut required) = (BTreeMap::new(), Map::new(), Vec::new());
        for parameter in operation["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] != "header") {
            let name = parameter["name"].as_str().unwrap_or_default();
            types.insert(name.to_owned(), type_of(&parameter["schema"]));
            properties.insert(name.to_owned(), parameter["schema"].clone());
            if parameter["required"] == true {
                required.push(name);
            }
        }
        let mut schema = json!({ "type": "object", "properties": properties, "required": required,
            "additionalProperties": false });
        schema["components"] = needed_by(&schema, components);
        let error = |reason: String| SchemaError { name: id.to_owned(), reason };
        let validator = schemas::build(&schema).map_err(error)?;
        let rule = access::rule(id).ok_or_else(|| error("the table of access has no row for it".to_owned()))?;
        Ok(Self { rule, types, validator })
    }

    /// Path and query parameters as one JSON object of the types the document gives; every fault by parameter name.
    pub fn parameters(&self, path_parameters: Vec<(&str, String)>, query: &str) -> Result<Value, Violations> {
        let pairs = form(query).ok_or_else(|| Violations::one("", "query_unreadable"))?;
        let (mut violations, mut object) = (Violations::new(), Map::new());
        let path_parameters = path_parameters.into_iter().map(|(name, value)| (name.to_owned(), value));
        for (name, text) in path_parameters.chain(pairs) {
            if text.contains('\0') || name.contains('\0') {
                violations.add(name.clone(), "nul_character");
            } else if !self.types.contains_key(&name) {
                violations.add(name.clone(), "unknown_parameter");
            } else if object.insert(name.clone(), self.read(&name, &text)).is_some() {
                violations.add(name, "repeated");
            }
        }
        let instance = Value::Object(object);
        for violation in schemas::violations(&self.validator, &instance).iter() {
            let mut violation = violation.clone();
            violation.pointer = violation.pointer.trim_start_matches('/').to_owned();
            violations.push(violation);
        }
        violations.or_else_value(instance)
    }

    /// What does not read as the wanted type stays text, and the schema says so.
    fn read(&self, name: &str, text: &str) -> Value {
        let number = |n: Option<Value>| n.unwrap_or_else(|| text.into());
        match self.types.get(name) {
            Some(Type::Integer) => number(text.parse::<i64>().ok().map(Value::from)),
            Some(Type::Number) => number(text.parse::<f64>().ok().filter(|n| n.is_finite()).map(Value::from)),
            Some(Type::Boolean) => number(text.parse::<bool>().ok().map(Value::from)),
            _ => text.into(),
        }
    }
}

fn type_of(schema: &Value) -> Type {
    let named =
        |name: &str| schema["type"] == name || schema["type"].as_array().is_some_and(|t| t.iter().any(|t| t == name));
    match () {
        () if named("integer") => Type::Integer,
        () if named("number") => Type::Number,
        () if named("boolean") => Type::Boolean,
        () => Type::Text,
    }
}
