//! Request bodies and query parameters are checked against the schemas of the OpenAPI document itself: what is served
//! and what is enforced cannot differ, and every fault is found at once.

use std::collections::HashMap;

use jsonschema::Validator;
use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind};
use serde_json::{Value, json};

use super::document::{needed_by, referenced};
use crate::domain::decimal::{self, Decimal};
use crate::domain::violation::{Violation, Violations};

/// Validators by component name.
pub struct Schemas(HashMap<String, Schema>);

enum Schema {
    Plain(Validator),
    /// `oneOf` by kind: the branch is chosen by the kind given, so faults are those of that branch.
    Tagged {
        property: String,
        branches: HashMap<String, Validator>,
        otherwise: Option<Validator>,
    },
}

#[derive(Debug, Clone, thiserror::Error)]
#[error("schema {name}: {reason}")]
pub struct SchemaError {
    pub name: String,
    pub reason: String,
}

impl Schemas {
    /// Compiles every component named by a request body of the document.
    pub fn compile(document: &Value) -> Result<Self, SchemaError> {
        let components = &document["components"];
        let mut compiled = HashMap::new();
        for name in request_bodies(document) {
            let schema = Schema::compile(&name, components)?;
            compiled.insert(name, schema);
        }
        Ok(Self(compiled))
    }

    /// All faults of `instance`; none for a component no request uses.
    pub fn check(&self, name: &str, instance: &Value) -> Violations {
        match self.0.get(name) {
            Some(Schema::Plain(validator)) => violations(validator, instance),
            Some(Schema::Tagged { property, branches, otherwise }) => {
                let tag = instance.get(property).filter(|tag| !tag.is_null());
                match (tag.and_then(Value::as_str).and_then(|tag| branches.get(tag)), otherwise) {
                    (Some(branch), _) => violations(branch, instance),
                    (None, Some(branch)) if tag.is_none() => violations(branch, instance),
                    _ => unknown_tag(property, branches.keys(), instance),
                }
            }
            None => Violations::new(),
        }
    }
}

fn unknown_tag<'a>(property: &str, tags: impl Iterator<Item = &'a String>, instance: &Value) -> Violations {
    let mut tags: Vec<&str> = tags.map(String::as_str).collect();
    tags.sort_unstable();
    let mut violations = Violations::new();
    if instance.is_object() {
        violations.add_with(format!("/{property}"), "not_one_of", [("allowed", tags.join(", "))]);
    } else {
        violations.add_with("", "wrong_type", [("expected", "object".to_owned())]);
    }
    violations
}

impl Schema {
    fn compile(name: &str, components: &Value) -> Result<Self, SchemaError> {
        let branches = components["schemas"][name]["oneOf"].as_array().cloned().unwrap_or_default();
        let targets: Vec<&str> = branches.iter().filter_map(|branch| branch["$ref"].as_str()).collect();
        let tagged: Vec<(&str, Option<String>)> =
            targets.into_iter().map(|target| (target, tag(target, components))).collect();
        if tagged.iter().all(|(_, tag)| tag.is_none()) {
            return Ok(Self::Plain(validator(&reference(name), components, name)?));
        }
        let (mut branches, mut otherwise) = (HashMap::new(), None);
        for (target, tag) in tagged {
            let validator = validator(target, components, name)?;
            match tag {
                Some(tag) => drop(branches.insert(tag, validator)),
                None => otherwise = Some(validator),
            }
        }
        Ok(Self::Tagged { property: TAG.to_owned(), branches, otherwise })
    }
}

/// The property that tells the branches of a `oneOf` apart.
const TAG: &str = "kind";

/// The one value of `kind` a branch admits.
fn tag(target: &str, components: &Value) -> Option<String> {
    let name = target.rsplit('/').next()?;
    components["schemas"][name]["properties"][TAG]["const"].as_str().map(str::to_owned)
}

fn reference(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

fn validator(target: &str, components: &Value, name: &str) -> Result<Validator, SchemaError> {
    let schema = json!({ "$ref": target });
    let root = json!({ "$ref": target, "components": needed_by(&schema, components) });
    build(&root).map_err(|reason| SchemaError { name: name.to_owned(), reason })
}

/// A validator of JSON Schema 2020-12 that checks formats as well.
pub fn build(root: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .with_format(decimal::FORMAT, decimal::is_in_range)
        .build(root)
        .map_err(|error| error.to_string())
}

fn request_bodies(document: &Value) -> Vec<String> {
    let operations =
        document["paths"].as_object().into_iter().flatten().flat_map(|(_, item)| item.as_object()).flatten();
    let mut names = Vec::new();
    for (_, operation) in operations {
        referenced(&operation["requestBody"]["content"], &mut names);
    }
    names
}

/// Runs a validator and turns its findings into the catalogue's codes.
pub fn violations(validator: &Validator, instance: &Value) -> Violations {
    let mut found = Violations::new();
    for error in validator.iter_errors(instance) {
        add(&error, &mut found);
    }
    // What has the wrong type or form is not also told that it is none of the values or out of range.
    let coarse = |code: &str| matches!(code, "wrong_type" | "not_a_decimal");
    let told: Vec<String> = found.iter().filter(|v| coarse(v.code)).map(|v| v.pointer.clone()).collect();
    let mut violations = Violations::new();
    found.iter().filter(|v| coarse(v.code) || !told.contains(&v.pointer)).for_each(|v| violations.push(v.clone()));
    violations
}

fn add(error: &ValidationError<'_>, violations: &mut Violations) {
    let pointer = error.instance_path().to_string();
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            violations.add(format!("{pointer}/{}", property.as_str().unwrap_or_default()), "required");
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                violations.add(format!("{pointer}/{}", escape(name)), "unknown_field");
            }
        }
        ValidationErrorKind::OneOfNotValid { context } if !context.iter().any(|branch| admits_tag(branch)) => {
            let mut tags: Vec<String> = context.iter().flatten().filter_map(wanted_tag).collect();
            tags.sort_unstable();
            violations.add_with(format!("{pointer}/{TAG}"), "not_one_of", [("allowed", tags.join(", "))]);
        }
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            // The branch that came closest is the one the writer meant: `null` branches say nothing of a string's fault.
            let closest =
                context.iter().filter(|branch| !is_type_mismatch(branch, &pointer)).min_by_key(|branch| branch.len());
            match closest.or_else(|| context.iter().find(|branch| !wants_null(branch))) {
                Some(branch) => branch.iter().for_each(|error| add(error, violations)),
                None => violations.add(pointer, "malformed"),
            }
        }
        kind => {
            let (code, params) = describe(kind);
            violations.push(Violation { pointer, code, params: params.into_iter().collect() });
        }
    }
}

/// Whether a branch has nothing against the tag that is there.
fn admits_tag(branch: &[ValidationError<'_>]) -> bool {
    !branch.iter().any(|error| match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected.iter().any(|name| name == TAG),
        _ => wanted_tag(error).is_some(),
    })
}

fn wanted_tag(error: &ValidationError<'_>) -> Option<String> {
    let of_tag = error.instance_path().to_string().rsplit('/').next() == Some(TAG);
    match error.kind() {
        ValidationErrorKind::Constant { expected_value } if of_tag => Some(plain(expected_value)),
        _ => None,
    }
}

/// Whether a branch wanted another type than what stands at `pointer`.
fn is_type_mismatch(branch: &[ValidationError<'_>], pointer: &str) -> bool {
    matches!(branch, [only] if matches!(only.kind(), ValidationErrorKind::Type { .. }) && only.instance_path().as_str() == pointer)
}

fn wants_null(branch: &[ValidationError<'_>]) -> bool {
    matches!(branch, [only] if matches!(only.kind(), ValidationErrorKind::Type { kind } if expected(kind) == "null"))
}

fn describe(kind: &ValidationErrorKind) -> (&'static str, Vec<(&'static str, String)>) {
    match kind {
        ValidationErrorKind::Type { kind } => ("wrong_type", vec![("expected", expected(kind))]),
        ValidationErrorKind::Enum { options } => ("not_one_of", vec![("allowed", listed(options))]),
        ValidationErrorKind::Constant { expected_value } => ("not_one_of", vec![("allowed", listed(expected_value))]),
        ValidationErrorKind::MaxLength { limit } => ("too_long", vec![("maximum", limit.to_string())]),
        ValidationErrorKind::MinLength { limit } => ("too_short", vec![("minimum", limit.to_string())]),
        ValidationErrorKind::MaxItems { limit } => ("too_many", vec![("maximum", limit.to_string())]),
        ValidationErrorKind::MinItems { limit } => ("too_few", vec![("minimum", limit.to_string())]),
        ValidationErrorKind::Maximum { limit } => ("too_large", vec![("maximum", limit.to_string())]),
        ValidationErrorKind::Minimum { limit } => ("too_small", vec![("minimum", limit.to_string())]),
        ValidationErrorKind::ExclusiveMinimum { limit } if limit.as_f64() == Some(0.0) => ("not_positive", vec![]),
        ValidationErrorKind::Pattern { pattern } if pattern == crate::domain::decimal::PATTERN => {
            ("not_a_decimal", vec![])
        }
        ValidationErrorKind::Pattern { pattern } => ("pattern", vec![("case", pattern.clone())]),
        ValidationErrorKind::Format { format } if format == decimal::FORMAT => {
            ("too_large", vec![("maximum", Decimal::MAX.to_string())])
        }
        ValidationErrorKind::Format { format } => ("format", vec![("format", format.clone())]),
        ValidationErrorKind::UniqueItems => ("repeated", vec![]),
        ValidationErrorKind::MinProperties { limit } => ("too_few", vec![("minimum", limit.to_string())]),
        _ => ("malformed", vec![]),
    }
}

fn expected(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(single) => single.to_string(),
        TypeKind::Multiple(many) => many.iter().map(|t| t.to_string()).collect::<Vec<_>>().join(", "),
    }
}

fn listed(options: &Value) -> String {
    match options {
        Value::Array(items) => items.iter().filter(|v| !v.is_null()).map(plain).collect::<Vec<_>>().join(", "),
        single => plain(single),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// RFC 6901.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
