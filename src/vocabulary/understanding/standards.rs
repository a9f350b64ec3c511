//! Product standards: `GB19083-2010`, `GB 19083—2010`, `YYT 0969`, `EN149:2001 FFP2`, `KN95`.
//!
//! Spellings come from the reference data and are compared by their letters and figures alone.

use std::collections::HashMap;

use serde::Serialize;

use super::source::{Span, Text};
use super::{Found, span_of};
use crate::domain::standard::Standard;

/// A standard named in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StandardNamed {
    /// Without edition: `GB 19083`.
    pub designation: String,
    /// A class of it: `KN95`.
    pub level: Option<String>,
    /// The edition asked for, as written.
    pub year: Option<u16>,
    /// It is in the reference data, and the year, if there is one, is one of its editions.
    pub known: bool,
}

impl StandardNamed {
    /// `GB 19083-2010`, `GB 2626 KN95`.
    pub fn written(&self) -> String {
        let edition = self.year.map(|year| format!("-{year}")).unwrap_or_default();
        let level = self.level.as_ref().map(|level| format!(" {level}")).unwrap_or_default();
        format!("{}{edition}{level}", self.designation)
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct StandardIndex {
    /// Letters and figures of a spelling → designation and level.
    spellings: HashMap<String, (String, Option<String>)>,
    editions: HashMap<String, Vec<u16>>,
    longest: usize,
}

/// Issuers of standards that are read even when the reference data does not know the number.
const ISSUERS: [(&str, &str); 22] = [
    ("gb/t", "GB/T"),
    ("gbt", "GB/T"),
    ("gb", "GB"),
    ("yy/t", "YY/T"),
    ("yyt", "YY/T"),
    ("yy", "YY"),
    ("fz/t", "FZ/T"),
    ("fzt", "FZ/T"),
    ("ws/t", "WS/T"),
    ("ws", "WS"),
    ("hj", "HJ"),
    ("jb/t", "JB/T"),
    ("jbt", "JB/T"),
    ("qb/t", "QB/T"),
    ("hg/t", "HG/T"),
    ("iso", "ISO"),
    ("iec", "IEC"),
    ("en", "EN"),
    ("din", "DIN"),
    ("jis", "JIS"),
    ("nb/t", "NB/T"),
    ("gbz", "GBZ"),
];

impl StandardIndex {
    pub fn new(standards: &[Standard]) -> Self {
        let mut index = Self::default();
        for standard in standards {
            let value = (standard.designation.clone(), standard.level.clone());
            let whole = match &standard.level {
                Some(level) => format!("{} {level}", standard.designation),
                None => standard.designation.clone(),
            };
            for spelling in standard.spellings.iter().chain([&whole]) {
                index.add(&compact(spelling), &value);
            }
            let years = index.editions.entry(standard.designation.clone()).or_default();
            years.extend(standard.editions.iter().map(|edition| edition.year));
        }
        for standard in standards.iter().filter(|standard| standard.level.is_none()) {
            // GB/T written as GB and the other way round.
            let other = match standard.designation.split_once("/T ") {
                Some((issuer, number)) => format!("{issuer} {number}"),
                None => standard.designation.replacen(' ', "/T ", 1),
            };
            index.add(&compact(&other), &(standard.designation.clone(), None));
        }
        index
    }

    fn add(&mut self, key: &str, value: &(String, Option<String>)) {
        if key.len() >= 3 {
            self.longest = self.longest.max(key.len());
            self.spellings.entry(key.to_owned()).or_insert_with(|| value.clone());
        }
    }

    pub fn all(&self, text: &Text) -> Vec<Found<StandardNamed>> {
        let mut found: Vec<Found<StandardNamed>> = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let begins = text.get(at).is_some_and(|c| c.is_ascii_alphanumeric())
                && !text.before(at).is_some_and(|c| c.is_ascii_alphanumeric() || c == '.');
            let named = begins.then(|| self.known_at(text, at).or_else(|| unknown_at(text, at))).flatten();
            match named {
                Some((named, confidence, end)) => {
                    add_or_join(&mut found, Found::new(named, confidence, text, at, end));
                    at = end;
                }
                None => at += 1,
            }
        }
        found
    }

    fn known_at(&self, text: &Text, start: usize) -> Option<(StandardNamed, f64, usize)> {
        let mut key = String::new();
        let mut best = None;
        let mut at = start;
        let mut gap = 0;
        while let Some(c) = text.get(at).filter(|_| key.len() < self.longest) {
            at += 1;
            // 1908.2万只 is no 19082.
            let number = key.bytes().all(|b| b.is_ascii_digit());
            if matches!(c, ' ' | '/' | '-' | '.' | '_') && gap < 2 && !number {
                gap += 1;
                continue;
            }
            if !c.is_ascii_alphanumeric() {
                break;
            }
            gap = 0;
            key.push(c);
            let glued = glued_year(text, at);
            let whole = !same_class(Some(c), text.get(at)) || glued.is_some();
            if whole && let Some(value) = self.spellings.get(&key) {
                let bare = key.bytes().all(|b| b.is_ascii_digit());
                best = Some((value, at, glued, bare));
            }
        }
        let ((designation, level), end, glued, bare) = best?;
        let editions = self.editions.get(designation).map_or(&[][..], Vec::as_slice);
        let (year, end) = match glued {
            Some(year) => (Some(year), end + 4),
            None => year_after(text, end, editions).map_or((None, end), |(year, end)| (Some(year), end)),
        };
        let unit_follows = text
            .get(text.skip_spaces(end))
            .is_some_and(|c| "只个片件箱盒元块万千百亿套台瓶桶包袋支双副吨斤公升米人名份把条卷张枚kt".contains(c));
        let fraction = text.get(end) == Some('.') && text.get(end + 1).is_some_and(|c| c.is_ascii_digit());
        if bare && year.is_none() && (unit_follows || fraction) {
            return None;
        }
        let (level, end) = match level {
            Some(level) => (Some(level.clone()), end),
            None => self.level_after(text, designation, end).map_or((None, end), |(level, end)| (Some(level), end)),
        };
        let known = year.is_none_or(|year| editions.is_empty() || editions.contains(&year));
        let confidence = if bare {
            0.6
        } else if known {
            0.98
        } else {
            0.9
        };
        Some((StandardNamed { designation: designation.clone(), level, year, known }, confidence, end))
    }

    /// `EN 14683:2019 Type IIR`, `GB 2626 (KN95)`: a class behind the number.
    fn level_after(&self, text: &Text, designation: &str, end: usize) -> Option<(String, usize)> {
        let start = (end..end + 3).find(|at| !text.get(*at).is_some_and(|c| " (,:-/".contains(c)))?;
        let mut key = compact(designation);
        let mut best = None;
        for at in start..start + 12 {
            match text.get(at) {
                Some(c) if c.is_ascii_alphanumeric() => key.push(c),
                Some(' ' | '-') => continue,
                _ => break,
            }
            if !same_class(text.get(at), text.get(at + 1))
                && let Some((own, Some(level))) = self.spellings.get(&key)
                && own == designation
            {
                best = Some((level.clone(), at + 1));
            }
        }
        best
    }
}

fn compact(spelling: &str) -> String {
    spelling.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn same_class(left: Option<char>, right: Option<char>) -> bool {
    let both = |test: fn(&char) -> bool| left.is_some_and(|c| test(&c)) && right.is_some_and(|c| test(&c));
    both(char::is_ascii_digit) || both(char::is_ascii_alphabetic)
}

fn four_figures(text: &Text, at: usize) -> Option<u16> {
    let signs = text.slice(at, at + 4);
    let run = signs.len() == 4 && signs.bytes().all(|b| b.is_ascii_digit());
    let ends = !text.get(at + 4).is_some_and(|c| c.is_ascii_digit());
    signs.parse().ok().filter(|year| run && ends && (1950..=2099).contains(year))
}

/// `YY/T09692013`.
fn glued_year(text: &Text, at: usize) -> Option<u16> {
    text.before(at).is_some_and(|c| c.is_ascii_digit()).then(|| four_figures(text, at)).flatten()
}

/// `-2010`, `:2001+A1:2009`, `—2010版`, `(2010)`; behind a mere space only a year there was an edition in.
fn year_after(text: &Text, end: usize, editions: &[u16]) -> Option<(u16, usize)> {
    let mut at = end;
    let mut spaced = true;
    while let Some(c) = text.get(at).filter(|c| " -:/(~".contains(*c)) {
        (at, spaced) = (at + 1, spaced && c == ' ');
        if at > end + 4 {
            return None;
        }
    }
    let year = four_figures(text, at).filter(|year| at > end && (!spaced || editions.contains(year)))?;
    let mut end = at + 4;
    end = text.any_at(end, &["年版", "版", "标准", ")"]).unwrap_or(end);
    end = text.any_at(end, &["+a1:2009", "+a1-2009", "+a1:2019", "+ac:2019", "+a1"]).unwrap_or(end);
    Some((year, end))
}

/// A number of an issuer the reference data does not have.
fn unknown_at(text: &Text, start: usize) -> Option<(StandardNamed, f64, usize)> {
    let (spelling, issuer) =
        ISSUERS.iter().filter(|(word, _)| text.starts_with(start, word)).max_by_key(|i| i.0.len())?;
    let number = text.skip_spaces(start + spelling.len());
    let number = if text.get(number) == Some('-') { number + 1 } else { number };
    let mut end = super::number::end_of_figures(text, number);
    if !(3..=6).contains(&(end - number)) {
        return None;
    }
    if text.get(end) == Some('.') && text.get(end + 1).is_some_and(|c| c.is_ascii_digit()) {
        end = super::number::end_of_figures(text, end + 1);
    }
    if same_class(text.get(number), text.get(end)) || text.get(end).is_some_and(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let digits = text.slice(number, end);
    let (year, end) = year_after(text, end, &[]).map_or((None, end), |(year, end)| (Some(year), end));
    let designation = format!("{issuer} {digits}");
    Some((StandardNamed { designation, level: None, year, known: false }, 0.6, end))
}

/// A class written beside its standard belongs to it: `GB2626-2006 KN95`, `KN95（GB2626-2006）`.
fn add_or_join(found: &mut Vec<Found<StandardNamed>>, next: Found<StandardNamed>) {
    if let Some(last) = found.last_mut() {
        let near = next.span.start <= last.span.end + 3;
        let (one, two) = (&last.value, &next.value);
        let same = one.designation == two.designation;
        let open = one.level.is_none() || two.level.is_none();
        let years = one.year.is_none() || two.year.is_none();
        if near && same && open && years && (one.level != two.level || one.year != two.year) {
            last.value.level = last.value.level.take().or(next.value.level);
            last.value.year = last.value.year.or(next.value.year);
            last.value.known &= next.value.known;
            last.span = Span { start: last.span.start, end: next.span.end };
            last.at = span_of(last.at.start, next.at.end);
            return;
        }
    }
    found.push(next);
}
