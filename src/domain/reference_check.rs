//! Whether a file of reference data hangs together. Every fault at once; the pointer is the row with its code.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::category::Category;
use super::reference::{Item, Reference};
use super::reference_file::{Entry, File};
use super::standard;
use super::unit::Unit;
use super::validity::{Coded, comparable};
use super::violation::Violations;

/// Classifications that a category may cite.
const CITED: [&str; 3] = ["hs2022", "gbt4754_2017", "isco08"];
/// Levels of the category tree.
const DEEPEST: usize = 3;

/// `present`: what is in force, retired codes included.
pub fn check(scheme: &str, file: &File, present: &Reference, today: NaiveDate) -> Violations {
    let mut check = Check {
        scheme,
        file,
        present,
        today,
        rows: file.entries.iter().map(|entry| (entry.code.as_str(), entry)).collect(),
        before: before(scheme, present),
        violations: file.faults.clone(),
    };
    if file.entries.is_empty() && check.violations.is_empty() {
        check.violations.add("", "reference_file_empty");
    }
    check.repeated();
    file.entries.iter().for_each(|entry| check.entry(entry));
    check.names_of_several();
    check.violations
}

struct Check<'a> {
    scheme: &'a str,
    file: &'a File,
    present: &'a Reference,
    today: NaiveDate,
    rows: HashMap<&'a str, &'a Entry>,
    before: HashMap<String, &'a dyn Coded>,
    violations: Violations,
}

/// What a scheme has at present, by code.
pub fn before<'a>(scheme: &str, present: &'a Reference) -> HashMap<String, &'a dyn Coded> {
    fn coded<'a, T: Coded + 'a>(items: impl IntoIterator<Item = &'a T>) -> HashMap<String, &'a dyn Coded> {
        items.into_iter().map(|item| (item.code(), item as &dyn Coded)).collect()
    }
    match scheme {
        "categories" => coded(present.categories.all()),
        "currencies" => coded(present.currencies.all()),
        "industries" => coded(present.industries.all()),
        "occupations" => coded(present.occupations.all()),
        "regions" => coded(present.regions.all()),
        "standards" => coded(&present.standards),
        _ => coded(present.units.all()),
    }
}

impl<'a> Check<'a> {
    fn repeated(&mut self) {
        let mut seen = HashSet::new();
        for entry in self.file.entries.iter().filter(|entry| !seen.insert(entry.code.as_str())) {
            self.violations.add(entry.place(), "reference_code_repeated");
        }
    }

    fn entry(&mut self, entry: &'a Entry) {
        let (place, item) = (entry.place(), entry.item.coded());
        if !is_formed(self.scheme, &entry.code) {
            self.violations.add(&*place, "reference_code_malformed");
        }
        if item.names().zh.trim().is_empty() || item.names().en.trim().is_empty() {
            self.violations.add(&*place, "reference_name_missing");
        }
        let texts = [&item.names().zh, &item.names().en].into_iter().chain(item.aliases());
        if let Some(long) = texts.into_iter().find(|text| text.chars().count() > 200) {
            let start = long.chars().take(20).collect();
            self.violations.add_with(&*place, "reference_name_too_long", [("name", start)]);
        }
        self.parent(entry);
        self.retirement(entry);
        self.reuse(entry);
        match &entry.item {
            Item::Category(category) => self.category(&place, category),
            Item::Unit(unit) => self.unit(&place, unit),
            Item::Standard(standard) => {
                for other in &standard.satisfies {
                    let code = standard::code_of(&other.designation, other.level.as_deref());
                    if !self.is_in_file(&code) {
                        self.violations.add_with(&*place, "reference_other_unknown", [("other", code)]);
                    }
                }
            }
            Item::Currency(_) | Item::Industry(_) | Item::Occupation(_) | Item::Region(_) => {}
        }
    }

    fn is_in_file(&self, code: &str) -> bool {
        self.rows.contains_key(code) || self.file.unreadable.contains(code)
    }

    fn parent(&mut self, entry: &Entry) {
        let Some(parent) = entry.item.coded().parent() else {
            if entry.item.level().is_some_and(|level| level > 1) {
                self.violations.add_with(entry.place(), "reference_parent_unknown", [("parent", String::new())]);
            }
            return;
        };
        let code = match self.rows.get(parent) {
            None if self.file.unreadable.contains(parent) => return,
            None => "reference_parent_unknown",
            Some(above) if is_out_of_step(entry, above) => "reference_parent_level",
            Some(_) if self.ancestry(entry).is_none() => "reference_parent_cycle",
            Some(_) => return,
        };
        self.violations.add_with(entry.place(), code, [("parent", parent.to_owned())]);
    }

    /// The entry and those above it; `None` for a circle.
    fn ancestry(&self, entry: &'a Entry) -> Option<Vec<&'a Entry>> {
        let mut above = vec![entry];
        while let Some(next) =
            above.last().and_then(|last| last.item.coded().parent()).and_then(|parent| self.rows.get(parent))
        {
            if above.iter().any(|known| known.code == next.code) {
                return None;
            }
            above.push(next);
        }
        Some(above)
    }

    fn retirement(&mut self, entry: &Entry) {
        let validity = entry.item.coded().validity();
        if let Some(date) = validity.valid_to.filter(|date| *date > self.today) {
            self.violations.add_with(entry.place(), "reference_valid_to_ahead", [("date", date.to_string())]);
        }
        let Some(successor) = &validity.replaced_by else { return };
        if !self.is_in_file(successor) && !self.before.contains_key(successor) {
            self.violations.add_with(entry.place(), "reference_other_unknown", [("other", successor.clone())]);
        }
        let mut next = Some(successor);
        for _ in 0..self.rows.len() {
            match next {
                Some(code) if *code == entry.code => {
                    return self.violations.add_with(
                        entry.place(),
                        "reference_successor_circle",
                        [("other", successor.clone())],
                    );
                }
                Some(code) => {
                    next = self
                        .rows
                        .get(code.as_str())
                        .and_then(|entry| entry.item.coded().validity().replaced_by.as_ref());
                }
                None => return,
            }
        }
    }

    /// A code that was retired comes back only as what it was: one of its names must still be there.
    fn reuse(&mut self, entry: &Entry) {
        let Some(before) = self.before.get(&entry.code).filter(|before| before.validity().is_retired()) else { return };
        let names = |item: &dyn Coded| -> HashSet<String> {
            let names = item.names();
            [&names.zh, &names.en].into_iter().chain(item.aliases()).map(|name| comparable(name)).collect()
        };
        if names(*before).is_disjoint(&names(entry.item.coded())) {
            let was = format!("{} / {}", before.names().zh, before.names().en);
            self.violations.add_with(entry.place(), "reference_code_reused", [("was", was)]);
        }
    }

    fn category(&mut self, place: &str, category: &Category) {
        for unit in category.units.iter().filter(|unit| self.present.units.get(unit).is_none()) {
            self.violations.add_with(place, "reference_unit_unknown", [("unit", unit.clone())]);
        }
        let strangers: Vec<_> = category.substitutes.iter().filter(|other| !self.is_in_file(&other.code)).collect();
        for other in strangers {
            self.violations.add_with(place, "reference_other_unknown", [("other", other.code.clone())]);
        }
        if category.references.iter().any(|cited| !CITED.contains(&cited.scheme.as_str())) {
            self.violations.add_with(place, "reference_scheme_unknown", [("allowed", CITED.join(", "))]);
        }
        let Some(above) = self.rows.get(category.code.as_str()).and_then(|entry| self.ancestry(entry)) else { return };
        if above.len() > DEEPEST {
            self.violations.add_with(place, "reference_too_deep", [("maximum", DEEPEST.to_string())]);
        }
        let kind = |entry: &&Entry| matches!(&entry.item, Item::Category(above) if above.kind != category.kind);
        if above.iter().any(kind) {
            self.violations.add(place, "reference_parent_of_other_kind");
        }
    }

    fn unit(&mut self, place: &str, unit: &Unit) {
        let words = unit.measure_words.iter().map(|word| (word.numerator, word.denominator));
        if words.chain([(unit.numerator, unit.denominator)]).any(|(n, d)| n < 1 || d < 1) {
            self.violations.add(place, "reference_factor_not_positive");
        }
        // What was written in this unit would mean something else.
        let changed = self.present.units.get(&unit.code).filter(|before| {
            before.dimension != unit.dimension
                || i128::from(before.numerator) * i128::from(unit.denominator)
                    != i128::from(unit.numerator) * i128::from(before.denominator)
        });
        if let Some(before) = changed {
            let was = format!("{} {}/{}", before.dimension, before.numerator, before.denominator);
            self.violations.add_with(place, "reference_factor_changed", [("was", was)]);
        }
    }

    /// A name of goods belongs to one category of a kind, a word for a unit to one unit.
    fn names_of_several(&mut self) {
        let mut owners: HashMap<(Option<super::listing::Kind>, String), &str> = HashMap::new();
        for entry in self.file.entries.iter().filter(|entry| !entry.item.coded().validity().is_retired()) {
            let (kind, words) = match &entry.item {
                Item::Category(category) => (Some(category.kind), vec![]),
                Item::Unit(unit) => (None, unit.measure_words.iter().map(|word| &word.word).collect()),
                _ => continue,
            };
            let item = entry.item.coded();
            for name in [&item.names().zh, &item.names().en].into_iter().chain(item.aliases()).chain(words) {
                let owner = *owners.entry((kind, comparable(name))).or_insert(entry.code.as_str());
                if owner != entry.code {
                    let params = [("name", name.clone()), ("owner", owner.to_owned())];
                    self.violations.add_with(entry.place(), "reference_name_taken", params);
                }
            }
        }
    }
}

fn is_out_of_step(entry: &Entry, above: &Entry) -> bool {
    match (entry.item.level(), above.item.level()) {
        // A district of a municipality may lie in its province directly.
        (Some(level), Some(upper)) => upper >= level || level - upper > 2,
        _ => false,
    }
}

fn is_formed(scheme: &str, code: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let capitals = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase());
    match scheme {
        "categories" => {
            code.len() <= 100
                && code.split('.').all(|part| {
                    !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
                })
        }
        "currencies" => code.len() == 3 && capitals(code),
        "industries" => code.len() == 1 && capitals(code) || (2..=4).contains(&code.len()) && digits(code),
        "occupations" => code.len() <= 4 && digits(code),
        "regions" => code.len() == 6 && digits(code),
        "standards" => !code.trim().is_empty() && code.len() <= 100,
        _ => (1..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
    }
}
