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
        "capacities" => coded(&present.screening.capacities),
        "categories" => coded(present.categories.all()),
        "currencies" => coded(present.currencies.all()),
        "industries" => coded(present.industries.all()),
        "occupations" => coded(present.occupations.all()),
        "price_baselines" => coded(&present.screening.baselines),
        "regions" => coded(present.regions.all()),
        "screening_words" => coded(&present.screening.words),
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
            Item::PriceBaseline(baseline) => {
                baseline.check(self.present, self.today, &place, &mut self.violations);
            }
            Item::ScreeningWords(words) => words.check(&place, &mut self.violations),
            Item::Capacity(capacity) => capacity.check(self.present, &place, &mut self.violations),
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

    /// A code stays what it was: it may be renamed (襄樊 became 襄阳) or moved, but not both, and a retired one comes back only
    /// in its place and with one of its names.
    fn reuse(&mut self, entry: &Entry) {
        let Some(before) = self.before.get(&entry.code) else { return };
        let now = entry.item.coded();
        let names = |item: &dyn Coded| -> HashSet<String> {
            let names = item.names();
            [&names.zh, &names.en].into_iter().chain(item.aliases()).map(|name| comparable(name)).collect()
        };
        let moved = before.parent() != now.parent();
        let renamed = comparable(&before.names().zh) != comparable(&now.names().zh);
        let other = names(*before).is_disjoint(&names(now));
        if moved && renamed || before.validity().is_retired() && (other || moved) {
            let was = format!("{} / {}", before.names().zh, before.names().en);
            self.violations.add_with(entry.place(), "reference_code_reused", [("was", was)]);
        }
    }

    fn category(&mut self, place: &str, category: &Category) {
        for unit in category.units.iter().filter(|unit| self.present.units.get(unit).is_none()) {
            self.violations.add_with(place, "reference_unit_unknown", [("unit", unit.clone())]);
        }
        let others = category.substitutes.iter().map(|other| &other.code).chain(&category.also_within);
        let strangers: Vec<_> = others.filter(|other| !self.is_in_file(other)).collect();
        for other in strangers {
            self.violations.add_with(place, "reference_other_unknown", [("other", other.clone())]);
        }
        self.broader(place, category);
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

    /// Of its kind, and neither above it anyhow nor below it.
    fn broader(&mut self, place: &str, category: &Category) {
        let related = |narrow: &str, broad: &str| {
            let line = self.rows.get(narrow).and_then(|entry| self.ancestry(entry)).unwrap_or_default();
            line.iter().any(|above| above.code == broad)
        };
        let of_kind = |code: &str| match self.rows.get(code).map(|entry| &entry.item) {
            Some(Item::Category(other)) => other.kind == category.kind,
            _ => true,
        };
        let (kindred, strange): (Vec<&String>, Vec<&String>) =
            category.also_within.iter().partition(|code| of_kind(code));
        let known = |other: &&&String| related(&category.code, other) || related(other, &category.code);
        let known: Vec<String> = kindred.iter().filter(known).map(|other| (**other).clone()).collect();
        for other in strange.into_iter().cloned() {
            self.violations.add_with(place, "reference_within_other_kind", [("other", other)]);
        }
        for other in known {
            self.violations.add_with(place, "reference_within_already", [("other", other)]);
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
        "capacities" | "price_baselines" | "screening_words" => {
            (1..=100).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b))
        }
        "currencies" => code.len() == 3 && capitals(code),
        "industries" => code.len() == 1 && capitals(code) || (2..=4).contains(&code.len()) && digits(code),
        "occupations" => code.len() <= 4 && digits(code),
        "regions" => code.len() == 6 && digits(code),
        "standards" => !code.trim().is_empty() && code.len() <= 100,
        _ => (1..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{reference_file, shipped};

    fn reference() -> &'static Reference {
        shipped::shared()
    }

    fn today() -> NaiveDate {
        "2026-11-23".parse().unwrap_or_default()
    }

    /// Places and codes of the faults of a file.
    fn faults(scheme: &str, content: &str) -> Vec<(String, &'static str)> {
        let found = check(scheme, &reference_file::read(scheme, content), reference(), today());
        found.iter().map(|fault| (fault.pointer.clone(), fault.code)).collect()
    }

    fn codes(scheme: &str, content: &str) -> Vec<&'static str> {
        faults(scheme, content).into_iter().map(|(_, code)| code).collect()
    }

    /// What ships obeys the rules that files of administrators obey.
    #[test]
    fn what_ships_is_well_formed() {
        let reference = reference();
        for (name, content) in shipped::FILES {
            let found = check(name, &reference_file::read(name, content), reference, today());
            assert!(found.is_empty(), "{name}: {found:#?}");
        }
        assert_eq!(reference.currencies.get("JPY").and_then(|yen| yen.minor_units), Some(0));
        assert_eq!(reference.industries.all().count(), 20 + 97);
        assert_eq!(reference.occupations.all().count(), 10 + 43 + 130);
    }

    #[test]
    fn industries_stand_by_section_division_and_class() {
        let reference = reference();
        for code in ["C", "35", "358", "3589", "97"] {
            assert!(reference.knows_industry(code), "{code}");
        }
        for code in ["Z", "00", "98", "9800", "x"] {
            assert!(!reference.knows_industry(code), "{code}");
        }
    }

    #[test]
    fn every_fault_is_named_with_its_row() {
        let content = "code,name_zh,name_en,level,parent,latitude,longitude,valid_to,replaced_by\n\
            410000,河南省,Henan Province,1,,34.7,113.6,,\n\
            4103,洛阳市,Luoyang City,2,410000,34.6,112.4,,\n\
            410305,涧西区,,3,410000,34.6,112.4,,\n\
            410306,吉利区,Jili District,3,419900,91,112.5,,\n\
            410307,洛龙区,Luolong District,3,419900,34.6,112.4,,\n\
            410308,孟津区,Mengjin District,x,410000,34.6,112.4,,\n\
            410310,甲区,Jia District,3,410000,,,2999-01-01,\n\
            410311,乙区,Yi District,3,410000,,,,410399\n\
            410311,乙区,Yi District,3,410000,,,,\n";
        let mut found = faults("regions", content);
        found.sort();
        let expected = [
            ("10 (410311)", "reference_code_repeated"),
            ("10 (410311)", "reference_code_reused"),
            ("3 (4103)", "reference_code_malformed"),
            ("4 (410305)", "reference_name_missing"),
            ("5 (410306)", "reference_row_unreadable"),
            ("6 (410307)", "reference_code_reused"),
            ("6 (410307)", "reference_parent_unknown"),
            ("7 (410308)", "reference_row_unreadable"),
            ("8 (410310)", "reference_valid_to_ahead"),
            ("9 (410311)", "reference_code_reused"),
            ("9 (410311)", "reference_other_unknown"),
        ];
        assert_eq!(found, expected.map(|(place, code)| (place.to_owned(), code)));
    }

    #[test]
    fn each_scheme_has_its_rules() {
        let units = "code,dimension,numerator,denominator,name_zh,name_en,aliases,measure_words\n";
        let classes = "code,name_zh,name_en,level,parent,replaced_by\n";
        let cases: [(&str, String, &[&str]); 9] = [
            ("units", format!("{units}KGM,mass,1,1,千克,kilogram,kg,斤=1/2\n"), &[]),
            ("units", format!("{units}KGM,mass,1,1,千克,kilogram,kg,斤=1/0\n"), &["reference_factor_not_positive"]),
            ("units", format!("{units}KGM,mass,2,1,千克,kilogram,kg,\n"), &["reference_factor_changed"]),
            (
                "units",
                format!("{units}KGM,mass,1,1,千克,kilogram,kg,\nX1,mass,1,1,磅,pound,KG,\n"),
                &["reference_name_taken"],
            ),
            (
                "units",
                "code,dimension,numerater\nKGM,mass,1\n".to_owned(),
                &[
                    "reference_column_unknown",
                    "reference_column_missing",
                    "reference_column_missing",
                    "reference_column_missing",
                    "reference_column_missing",
                ],
            ),
            (
                "industries",
                format!("{classes}C,制造业,Manufacturing,1,,\n13,甲,Jia,1,C,\n"),
                &["reference_parent_level"],
            ),
            (
                "industries",
                format!("{classes}C,制造业,Manufacturing,1,,D\nD,电力,Power,1,,C\n"),
                &["reference_successor_circle", "reference_successor_circle"],
            ),
            ("currencies", "code,numeric,minor_units,name_zh,name_en\n".to_owned(), &["reference_file_empty"]),
            (
                "currencies",
                "code,numeric,minor_units,name_zh,name_en\nBGN,975,2,别的,Other\n".to_owned(),
                &["reference_code_reused"],
            ),
        ];
        for (scheme, content, expected) in cases {
            assert_eq!(codes(scheme, &content), expected, "{scheme}: {content}");
        }
        let category = |code: &str, more: &str| {
            format!(r#"{{"code": "{code}", "kind": "ppe", "names": {{"zh-CN": "{code}一", "en": "{code}"}}{more}}}"#)
        };
        let a = |more: &str| category("a", more);
        let cases = [
            (a(r#", "parent": "a""#), vec!["reference_parent_cycle"]),
            (a(r#", "units": ["ZZZ"]"#), vec!["reference_unit_unknown"]),
            (a(r#", "substitutes": [{"code": "b", "ratio": "1"}]"#), vec!["reference_other_unknown"]),
            (a(r#", "also_within": ["b"]"#), vec!["reference_other_unknown"]),
            (a(r#", "also_within": ["a"]"#), vec!["reference_within_already"]),
            (
                a("") + "," + &category("b", r#", "parent": "a", "also_within": ["a"]"#),
                vec!["reference_within_already"],
            ),
            (
                a("") + "," + &category("b", r#", "also_within": ["a"]"#).replace("ppe", "material"),
                vec!["reference_within_other_kind"],
            ),
            (a(r#", "references": [{"scheme": "unspsc", "code": "1"}]"#), vec!["reference_scheme_unknown"]),
            (a("") + "," + &category("b", r#", "aliases": ["A"]"#), vec!["reference_name_taken"]),
            (
                a("") + "," + &category("a.b", r#", "parent": "a""#).replace("ppe", "material"),
                vec!["reference_parent_of_other_kind"],
            ),
            (a(r#", "retired_at": "2020-01-01T00:00:00Z""#), vec![]),
            (r#"{"code": "a"}"#.to_owned(), vec!["reference_row_unreadable"]),
        ];
        for (items, expected) in cases {
            assert_eq!(codes("categories", &format!("[{items}]")), expected, "{items}");
        }
        assert_eq!(codes("categories", "{}"), ["reference_row_unreadable"]);
    }
}
