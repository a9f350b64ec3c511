//! Reads product standards as people write them (`GB19083-2010`, `GB 19083—2010`, `EN149:2001`) and compares them through
//! the table of what satisfies what.

use std::rc::Rc;

use crate::domain::attributes::UseClass;
use crate::domain::standard::Standard;
use crate::matching::check::Verdict;
use crate::matching::context::Context;
use crate::vocabulary::normalise;

/// The standards a text names.
#[derive(Debug, Clone)]
pub(super) struct Designations<'a> {
    table: &'a [Standard],
    read: Rc<Reading>,
}

/// What a text names.
#[derive(Debug)]
pub(in crate::matching) struct Reading {
    named: Vec<Named>,
    /// The text without signs and edition, to compare what the table does not know.
    plain: String,
}

/// A row of the table, and the edition where one is named and known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Named {
    row: usize,
    year: Option<u16>,
}

impl<'a> Designations<'a> {
    pub fn of(text: &str, ctx: &Context<'a>) -> Self {
        let table = &ctx.reference.standards;
        Self { table, read: ctx.reading(text, || Reading::of(text, table)) }
    }

    /// Whether goods to these standards are at least to one of those asked. Unknown where a text names no standard of
    /// the table, or leaves open which class of the one asked for.
    pub fn at_least(&self, asked: &Designations<'_>) -> Verdict {
        if self.read.plain == asked.read.plain {
            return Verdict::Pass;
        }
        if self.read.named.is_empty() || asked.read.named.is_empty() {
            return Verdict::Unknown;
        }
        let pairs =
            || self.read.named.iter().flat_map(|had| asked.read.named.iter().map(move |wanted| (*had, *wanted)));
        if pairs().any(|(had, wanted)| self.satisfies(had, wanted)) {
            return Verdict::Pass;
        }
        let open = pairs().any(|(had, wanted)| is_class_of(&self.table[wanted.row], &self.table[had.row]));
        if open { Verdict::Unknown } else { Verdict::Fail }
    }

    pub fn use_class(&self) -> Option<UseClass> {
        self.read.named.first().map(|named| self.table[named.row].use_class)
    }

    /// Whether one of these stands for a standard of that class.
    pub fn serve(&self, class: UseClass) -> bool {
        let of_class = |row: &usize| self.table[*row].use_class == class;
        self.read.named.iter().any(|named| self.stands_for(named.row).iter().any(of_class))
    }

    /// The same row in an edition not older, or another row it stands for.
    fn satisfies(&self, had: Named, wanted: Named) -> bool {
        if had.row == wanted.row {
            return match (had.year, wanted.year) {
                (Some(had), Some(wanted)) => had >= wanted,
                _ => true,
            };
        }
        self.stands_for(had.row).contains(&wanted.row)
    }

    /// `row` and all it satisfies, directly or through others.
    fn stands_for(&self, row: usize) -> Vec<usize> {
        let mut reached = vec![row];
        let mut next = 0;
        while let Some(standard) = reached.get(next).map(|row| &self.table[*row]) {
            for satisfied in &standard.satisfies {
                let found = self
                    .table
                    .iter()
                    .position(|s| s.designation == satisfied.designation && s.level == satisfied.level)
                    .filter(|row| !reached.contains(row));
                reached.extend(found);
            }
            next += 1;
        }
        reached
    }
}

impl Reading {
    /// The longest spelling counts at every place. `EN 149 FFP2` names the class, not the standard at large.
    fn of(text: &str, table: &[Standard]) -> Self {
        let signs: Vec<char> = normalise(text).chars().collect();
        let mut named: Vec<Named> = Vec::new();
        let mut at = 0;
        while at < signs.len() {
            let longest = (0..table.len())
                .flat_map(|row| spellings(&table[row]).map(move |s| (row, s)))
                .filter_map(|(row, spelling)| Some((ends_at(&signs, at, spelling)?, row)))
                .max_by_key(|(end, row)| (*end, std::cmp::Reverse(*row)));
            let Some((end, row)) = longest else {
                at += 1;
                continue;
            };
            let year = edition(&signs, end).filter(|year| table[row].editions.iter().any(|e| e.year == *year));
            named.push(Named { row, year });
            at = end;
        }
        let classed = named.clone();
        named.retain(|n| !classed.iter().any(|c| c.row != n.row && is_class_of(&table[c.row], &table[n.row])));
        Self { named, plain: signs.into_iter().filter(|c| c.is_alphanumeric()).collect() }
    }
}

/// Whether `class` is a class of the standard `general` names at large.
fn is_class_of(class: &Standard, general: &Standard) -> bool {
    class.designation == general.designation && class.level.is_some() && general.level.is_none()
}

fn spellings(standard: &Standard) -> impl Iterator<Item = &str> {
    let designation = standard.level.is_none().then_some(standard.designation.as_str());
    designation.into_iter().chain(standard.spellings.iter().map(String::as_str))
}

/// Where `spelling` ends if it stands at `start` as a word of its own; signs and spaces within do not matter.
fn ends_at(signs: &[char], start: usize, spelling: &str) -> Option<usize> {
    let first = spelling.chars().find(|c| c.is_alphanumeric())?.to_ascii_lowercase();
    if signs[start] != first || start > 0 && runs_on(signs[start - 1], first) {
        return None;
    }
    let mut at = start;
    for wanted in normalise(spelling).chars().filter(|c| c.is_alphanumeric()) {
        while signs.get(at).is_some_and(|c| is_separator(*c)) {
            at += 1;
        }
        if signs.get(at) != Some(&wanted) {
            return None;
        }
        at += 1;
    }
    let whole = signs.get(at).is_none_or(|next| !runs_on(signs[at - 1], *next));
    whole.then_some(at)
}

/// Letters after letters, or digits after digits, are one word.
fn runs_on(left: char, right: char) -> bool {
    left.is_ascii_digit() && right.is_ascii_digit() || left.is_ascii_alphabetic() && right.is_ascii_alphabetic()
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '/' | '-' | '.' | '+' | ':' | '_')
}

/// The year of four digits behind a designation.
fn edition(signs: &[char], end: usize) -> Option<u16> {
    let rest: String = signs[end..].iter().skip_while(|c| is_separator(**c)).take(5).collect();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let year: u16 = digits.parse().ok()?;
    (digits.len() == 4 && (1950..2100).contains(&year)).then_some(year)
}
