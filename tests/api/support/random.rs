//! Values of random content that a schema of the document takes.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use jsonschema::{Registry, Validator};
use proptest::strategy::{Strategy, ValueTree};
use proptest::string::string_regex;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::conformance::{document, resolved};

/// What texts are made of where the pattern leaves it open.
const LETTERS: [char; 12] = ['口', '罩', 'a', 'Z', '7', ' ', '-', '_', 'é', '😷', '"', '<'];
/// Texts and lists are no longer than this, whatever is allowed.
const LONGEST: u64 = 24;

/// The same values for the same seed.
pub struct Random(TestRunner);

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        Self(TestRunner::new_with_rng(Config::default(), rng))
    }

    /// Below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        (0..end).new_tree(&mut self.0).unwrap().current()
    }

    pub fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize].clone()
    }

    pub fn often(&mut self) -> bool {
        self.below(3) > 0
    }

    /// A value that the schema takes; fails the test where none is found.
    pub fn valid(&mut self, schema: &'static Value) -> Value {
        let validator = validator(schema);
        let found = (0..100).map(|_| self.value(schema)).find(|value| validator.is_valid(value));
        found.unwrap_or_else(|| panic!("no value found for {schema}"))
    }

    fn value(&mut self, schema: &'static Value) -> Value {
        let schema = resolved(schema);
        if let Some(parts) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            let at = self.below(parts.len() as u64) as usize;
            return self.value(&parts[at]);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            for part in parts.iter().chain([schema].into_iter().filter(|own| own["properties"].is_object())) {
                whole.extend(self.own(part).as_object().cloned().unwrap_or_default());
            }
            return whole.into();
        }
        self.own(schema)
    }

    fn own(&mut self, schema: &'static Value) -> Value {
        if schema["$ref"].is_string() {
            return self.value(schema);
        }
        if let Some(choices) = schema["enum"].as_array() {
            return self.one_of(choices);
        }
        if !schema["const"].is_null() {
            return schema["const"].clone();
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => self.one_of(kinds),
            kind => kind.clone(),
        };
        let bound = |name: &str, otherwise: i64| schema[name].as_f64().map_or(otherwise, |bound| bound as i64);
        match kind.as_str() {
            Some("string") => self.text(schema).into(),
            Some("integer") => {
                let (least, most) = (bound("minimum", 0), bound("maximum", 1000));
                (least + self.below((most - least) as u64 + 1) as i64).into()
            }
            Some("number") => (bound("minimum", 0) as f64 + 0.5).min(bound("maximum", 1000) as f64).into(),
            Some("boolean") => self.often().into(),
            Some("array") => {
                let least = bound("minItems", 0) as u64;
                let most = (bound("maxItems", 3) as u64).clamp(least, LONGEST.max(least)).min(least + 3);
                let count = least + self.below(most - least + 1);
                (0..count).map(|_| self.value(&schema["items"])).collect()
            }
            Some("null") => Value::Null,
            _ => self.object(schema),
        }
    }

    fn object(&mut self, schema: &'static Value) -> Value {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut object = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if required.contains(&name.as_str()) || self.below(3) == 0 {
                object.insert(name.clone(), self.value(property));
            }
        }
        object.into()
    }

    fn text(&mut self, schema: &Value) -> String {
        match schema["format"].as_str() {
            Some("uuid") => return Uuid::now_v7().to_string(),
            Some("date") => return format!("2026-12-{:02}", 1 + self.below(28)),
            Some("date-time") => return format!("2099-12-{:02}T08:00:00Z", 1 + self.below(28)),
            _ => {}
        }
        let least = schema["minLength"].as_u64().unwrap_or(0);
        let most = schema["maxLength"].as_u64().unwrap_or(LONGEST).min(least.max(LONGEST));
        let length = least + self.below(most - least + 1);
        let free: String = (0..length.max(1)).map(|_| self.one_of(&LETTERS)).collect();
        let Some(pattern) = schema["pattern"].as_str() else { return free };
        if regex::Regex::new(pattern).unwrap().is_match(&free) {
            return free;
        }
        let inner = pattern.split("$|^").next().unwrap_or_default().trim_start_matches('^').trim_end_matches('$');
        let strategy = string_regex(inner).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        let mut made = (0..1000).map(|_| strategy.new_tree(&mut self.0).unwrap().current());
        let fits = |text: &String| (least..=most).contains(&(text.chars().count() as u64));
        made.find(fits).unwrap_or_else(|| panic!("no text for {pattern} of {least} to {most}"))
    }
}

/// What the document's components are called in the registry.
const DOCUMENT: &str = "urn:document";

/// Compiled once for each place in the document: a thousand requests ask for a hundred schemas.
fn validator(schema: &'static Value) -> &'static Validator {
    static COMPONENTS: LazyLock<Value> = LazyLock::new(|| json!({"components": document()["components"]}));
    static REGISTRY: LazyLock<Registry<'static>> = LazyLock::new(|| {
        let registry = Registry::new().draft(jsonschema::Draft::Draft202012).add(DOCUMENT, &*COMPONENTS);
        registry.unwrap().prepare().unwrap()
    });
    static VALIDATORS: LazyLock<Mutex<HashMap<usize, &'static Validator>>> = LazyLock::new(Mutex::default);
    let mut validators = VALIDATORS.lock().unwrap();
    validators.entry(std::ptr::from_ref(schema).addr()).or_insert_with(|| {
        let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).with_registry(&REGISTRY);
        let built = options.build(&registered(schema)).unwrap_or_else(|error| panic!("{error}: {schema}"));
        Box::leak(Box::new(built))
    })
}

/// The schema with its references leading into the registry.
fn registered(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let registered = |(name, inner): (&String, &Value)| match (name.as_str(), inner) {
                ("$ref", Value::String(target)) => (name.clone(), format!("{DOCUMENT}{target}").into()),
                _ => (name.clone(), registered(inner)),
            };
            members.iter().map(registered).collect()
        }
        Value::Array(items) => items.iter().map(registered).collect(),
        other => other.clone(),
    }
}
