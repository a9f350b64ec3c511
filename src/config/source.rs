//! Reading named values, and remembering every fault.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Names read by the program or its scripts besides those of `Config`.
const READ_ELSEWHERE: [&str; 2] = ["DUIJIE_CONFIG", "DUIJIE_TEST_DATABASE_URL"];
/// Values of these are never repeated in a message.
const SECRET: [&str; 5] =
    ["DUIJIE_SECRET_KEY", "DATABASE_URL", "DUIJIE_SANDBOX_DATABASE_URL", "DUIJIE_MAIL", "DUIJIE_TEXT_KEY"];

pub struct Source {
    values: BTreeMap<String, String>,
    read: BTreeSet<&'static str>,
    errors: Vec<String>,
}

/// Every setting that was refused, a line each.
#[derive(Debug, thiserror::Error)]
#[error("the configuration is refused:\n  {}", .0.join("\n  "))]
pub struct ConfigErrors(pub Vec<String>);

impl Source {
    pub fn new(values: BTreeMap<String, String>) -> Self {
        Self { values, read: BTreeSet::new(), errors: Vec::new() }
    }

    pub fn from_environment() -> Result<Self, ConfigErrors> {
        let mut values = BTreeMap::new();
        if let Some(path) = std::env::var_os("DUIJIE_CONFIG") {
            let failed = |error: dotenvy::Error| {
                ConfigErrors(vec![format!("DUIJIE_CONFIG: {} cannot be read: {error}", path.to_string_lossy())])
            };
            for line in dotenvy::from_path_iter(&path).map_err(failed)? {
                let (name, value) = line.map_err(failed)?;
                values.insert(name, value);
            }
        }
        let ours = |name: &str| name.starts_with("DUIJIE_") || name == "DATABASE_URL" || name == "RUST_LOG";
        values.extend(std::env::vars().filter(|(name, _)| ours(name)));
        Ok(Self::new(values))
    }

    fn value(&mut self, name: &'static str) -> Option<String> {
        self.read.insert(name);
        self.values.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    pub fn refuse(&mut self, name: &str, reason: &str) {
        self.errors.push(format!("{name} {reason}"));
    }

    fn refuse_value(&mut self, name: &str, value: &str, wanted: impl Display) {
        let shown = if SECRET.contains(&name) { "its value".to_owned() } else { format!("`{value}`") };
        self.errors.push(format!("{name}: {shown} is not {wanted}"));
    }

    pub fn checked<T>(&mut self, name: &'static str, wanted: &str, read: fn(&str) -> Option<T>) -> Option<T> {
        let value = self.value(name)?;
        let read = read(&value);
        if read.is_none() {
            self.refuse_value(name, &value, wanted);
        }
        read
    }

    pub fn parsed<T: FromStr>(&mut self, name: &'static str, wanted: &str) -> Option<T> {
        self.checked(name, wanted, |value| value.parse().ok())
    }

    pub fn within<T: FromStr + PartialOrd + Display>(
        &mut self,
        name: &'static str,
        range: RangeInclusive<T>,
    ) -> Option<T> {
        let value = self.value(name)?;
        let number = value.parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            self.refuse_value(name, &value, format!("a whole number from {} to {}", range.start(), range.end()));
        }
        number
    }

    pub fn one_of<T: Copy>(&mut self, name: &'static str, allowed: &[(&str, T)]) -> Option<T> {
        let value = self.value(name)?;
        let found = allowed.iter().find(|(word, _)| *word == value).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let words: Vec<&str> = allowed.iter().map(|(word, _)| *word).collect();
            self.refuse_value(name, &value, words.join(" or "));
        }
        found
    }

    pub fn list<T>(&mut self, name: &'static str, wanted: &str, read: fn(&str) -> Option<T>) -> Vec<T> {
        let Some(value) = self.value(name) else { return Vec::new() };
        let items: Option<Vec<T>> = value.split(',').map(|item| read(item.trim())).collect();
        items.unwrap_or_else(|| {
            self.refuse_value(name, &value, wanted);
            Vec::new()
        })
    }

    /// The value, unless something was refused or a `DUIJIE_…` name is unknown.
    pub fn finish<T>(mut self, value: T) -> Result<T, ConfigErrors> {
        let unknown = |name: &&String| {
            name.starts_with("DUIJIE_")
                && !self.read.contains(name.as_str())
                && !READ_ELSEWHERE.contains(&name.as_str())
        };
        let unknown: Vec<String> = self.values.keys().filter(unknown).cloned().collect();
        self.errors
            .extend(unknown.into_iter().map(|name| format!("{name} is no setting of this program: see .env.sample")));
        if self.errors.is_empty() { Ok(value) } else { Err(ConfigErrors(self.errors)) }
    }
}
