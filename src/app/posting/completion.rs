//! A document on its way to being complete: what it has, what it lacks, and what was filled in so far.

use serde_json::{Map, Value, json};

use super::{Aspect, Passage, Reading, Source, Understood, Written};
use crate::domain::category::Category;
use crate::domain::listing::{Kind, Side};
use crate::vocabulary::detect_language;
use crate::vocabulary::understanding::{Found, Understood as Said};

pub(super) struct Completion<'r> {
    pub reading: &'r Reading<'r>,
    pub written: &'r [Written<'r>],
    pub document: Map<String, Value>,
    understood: Vec<Understood>,
}

/// Something understood, with the text it was read from.
pub(super) struct Reader<T> {
    pub value: T,
    pub confidence: f64,
    pub source: Source,
    pub passage: Passage,
}

impl<'r> Completion<'r> {
    pub fn new(reading: &'r Reading<'r>, mut document: Map<String, Value>, written: &'r [Written<'r>]) -> Self {
        document.entry("attributes").or_insert_with(|| json!({}));
        Self { reading, written, document, understood: Vec::new() }
    }

    pub fn into_parts(self) -> (Map<String, Value>, Vec<Understood>) {
        (self.document, self.understood)
    }

    pub fn lacks(&self, field: &str) -> bool {
        match field.split_once('.') {
            None => !self.document.contains_key(field),
            Some((head, rest)) => self.document.get(head).is_none_or(|inner| inner.get(rest).is_none()),
        }
    }

    pub fn text(&self, field: &str) -> Option<&str> {
        self.document.get(field).and_then(Value::as_str)
    }

    pub fn side(&self) -> Option<Side> {
        self.text("side").and_then(|side| side.parse().ok())
    }

    pub fn kind(&self) -> Option<Kind> {
        self.text("kind").and_then(|kind| kind.parse().ok())
    }

    pub fn category(&self) -> Option<&'r Category> {
        self.reading.knowledge.reference.categories.get(self.text("category")?)
    }

    /// How surely a field was filled in; 1 for what was given.
    pub fn confidence_of(&self, field: &str) -> f64 {
        self.understood.iter().find(|one| one.field == field).map_or(1.0, |one| one.confidence)
    }

    /// The first text that says it surely enough, in the order in which texts are asked.
    pub fn first<T: Clone + 'r>(
        &self,
        about: Aspect,
        pick: impl Fn(&'r Said) -> Option<&'r Found<T>>,
    ) -> Option<Reader<T>> {
        let (category, tree) = (self.text("category"), &self.reading.knowledge.reference.categories);
        let of_goods = matches!(about, Aspect::Quantity | Aspect::Price | Aspect::Standard);
        let texts = self.written.iter().filter(|text| !(of_goods && text.is_of_other_goods(category, tree)));
        texts.into_iter().find_map(|written| {
            let found = pick(written.of(about)?)?;
            let confidence = written.confidence(found);
            (confidence >= written.least_confidence()).then(|| Reader {
                value: found.value.clone(),
                confidence,
                source: written.source(),
                passage: written.passage(found),
            })
        })
    }

    /// Fills in what a text says.
    pub fn read<T>(&mut self, field: &'static str, value: Value, from: &Reader<T>) {
        self.put(field, value, from.confidence, from.source, Some(from.passage.clone()));
    }

    /// Fills in what follows from something else.
    pub fn take(&mut self, field: &'static str, value: Value, confidence: f64, source: Source) {
        self.put(field, value, confidence, source, None);
    }

    pub fn put(
        &mut self,
        field: &'static str,
        value: Value,
        confidence: f64,
        source: Source,
        passage: Option<Passage>,
    ) {
        match field.split_once('.') {
            None => drop(self.document.insert(field.to_owned(), value.clone())),
            Some((head, rest)) => {
                let inner = self.document.entry(head).or_insert_with(|| json!({}));
                if let Some(inner) = inner.as_object_mut() {
                    inner.insert(rest.to_owned(), value.clone());
                }
            }
        }
        let confidence = (confidence * 1000.0).round() / 1000.0;
        self.understood.push(Understood { field, value, confidence, source, passage });
    }

    pub fn fill_language(&mut self) {
        let language = detect_language(self.text("title").unwrap_or_default());
        self.document.entry("language").or_insert_with(|| language.into());
    }
}
