//! What is wrong with a piece of input: a place, a stable code and the parameters of its message.
//!
//! Violations are collected, never returned at the first: the reader should mend everything in one go.

use std::collections::BTreeMap;

/// One fault. `pointer` is a JSON pointer (RFC 6901) into the body; for a query parameter it is the bare name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub pointer: String,
    pub code: &'static str,
    pub params: Params,
}

/// Named values a message is rendered with.
pub type Params = BTreeMap<&'static str, String>;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn one(pointer: impl Into<String>, code: &'static str) -> Self {
        let mut violations = Self::new();
        violations.add(pointer, code);
        violations
    }

    pub fn add(&mut self, pointer: impl Into<String>, code: &'static str) {
        self.add_with(pointer, code, []);
    }

    pub fn add_with<const N: usize>(
        &mut self,
        pointer: impl Into<String>,
        code: &'static str,
        params: [(&'static str, String); N],
    ) {
        self.0.push(Violation { pointer: pointer.into(), code, params: params.into_iter().collect() });
    }

    pub fn push(&mut self, violation: Violation) {
        self.0.push(violation);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }

    pub fn extend(&mut self, other: Violations) {
        self.0.extend(other.0);
    }

    /// The same faults of what stands at `pointer`.
    pub fn below(self, pointer: &str) -> Self {
        let below = |fault: Violation| Violation { pointer: format!("{pointer}{}", fault.pointer), ..fault };
        Self(self.0.into_iter().map(below).collect())
    }

    /// The same faults of query parameters, which have bare names.
    pub fn without_slashes(self) -> Self {
        let bare = |fault: Violation| Violation { pointer: fault.pointer.trim_start_matches('/').to_owned(), ..fault };
        Self(self.0.into_iter().map(bare).collect())
    }

    /// `Ok(value)` when nothing was found.
    pub fn or_else_value<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}
