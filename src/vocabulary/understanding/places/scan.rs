//! Where a text names regions, the longest name first.

use super::super::source::Text;
use super::gazetteer::{Entry, Form, Gazetteer};
use super::names::{ABBREVIATIONS, CLEAR, STREETS};
use crate::vocabulary::text::is_han;

/// A name in the text with the regions it may stand for.
#[derive(Debug, Clone)]
pub(super) struct Mention {
    pub start: usize,
    pub end: usize,
    pub entries: Vec<Entry>,
}

pub(super) fn mentions(text: &Text, gazetteer: &Gazetteer) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let mention = match text.get(at) {
            Some(c) if is_han(c) => chinese(text, gazetteer, at).or_else(|| abbreviation(text, gazetteer, at, c)),
            Some(c) if c.is_ascii_alphabetic() && !text.before(at).is_some_and(|b| b.is_ascii_alphanumeric()) => {
                english(text, gazetteer, at)
            }
            _ => None,
        };
        match mention {
            Some(mention) => {
                at = mention.end;
                found.push(mention);
            }
            None => at += 1,
        }
    }
    found
}

fn chinese(text: &Text, gazetteer: &Gazetteer, at: usize) -> Option<Mention> {
    if !gazetteer.begins(text.get(at)?, text.get(at + 1)?) {
        return None;
    }
    let limit = gazetteer.longest.min(text.len() - at);
    let mut name = String::with_capacity(limit * 3);
    let mut best = None;
    for end in at + 1..=at + limit {
        name.extend(text.get(end - 1));
        if let Some(entries) = gazetteer.named(&name) {
            let entries: Vec<Entry> = entries.iter().filter(|entry| stands(text, entry, end)).cloned().collect();
            if !entries.is_empty() {
                best = Some(Mention { start: at, end, entries });
            }
        }
    }
    best
}

/// Neither 洛阳 in 洛阳路 nor 洛阳市 in 洛阳市场.
fn stands(text: &Text, entry: &Entry, end: usize) -> bool {
    match entry.form {
        Form::Full => !matches!(
            (text.before(end), text.get(end)),
            (Some('市'), Some('场' | '政' | '值' | '面'))
                | (Some('区'), Some('域' | '间' | '别'))
                | (Some('县'), Some('道'))
        ),
        _ => text.any_at(end, &STREETS).is_none(),
    }
}

fn abbreviation(text: &Text, gazetteer: &Gazetteer, at: usize, c: char) -> Option<Mention> {
    let (_, code) = ABBREVIATIONS.iter().find(|(sign, _)| *sign == c)?;
    let region = gazetteer.region(code)?;
    let (before, after) = (text.before(at), text.get(at + 1));
    let apart = |c: Option<char>| c.is_none_or(|c| !is_han(c) && !c.is_ascii_alphanumeric());
    let alone = apart(before) && apart(after);
    let leads = before.is_some_and(|c| "援赴驻抵离在到至往发入出从由来".contains(c));
    let follows = after.is_some_and(|c| "产籍企省境".contains(c));
    let aid = matches!(before, Some('援' | '赴' | '驰'));
    let open = CLEAR.contains(c)
        && (aid || leads && (apart(after) || follows || after == Some('的')) || follows && apart(before));
    let plate = apart(before) && after.is_some_and(|c| c.is_ascii_alphabetic()) && CLEAR.contains(c);
    if !(alone && CLEAR.contains(c) || open || plate) {
        return None;
    }
    let entry = Entry {
        code: region.code.clone(),
        level: region.level,
        form: Form::Abbreviation,
        retired: None,
        common: false,
    };
    Some(Mention { start: at, end: at + 1, entries: vec![entry] })
}

/// One to five words in letters, written together or apart, with or without apostrophes.
fn english(text: &Text, gazetteer: &Gazetteer, start: usize) -> Option<Mention> {
    let mut name = String::new();
    let mut best: Option<Mention> = None;
    let mut words = 0;
    let mut at = start;
    while let Some(c) = text.get(at).filter(|_| name.len() <= gazetteer.longest + 24) {
        if c.is_ascii_alphabetic() {
            name.push(c);
        } else if matches!(c, ' ' | '-') && words < 4 {
            words += 1;
        } else if !matches!(c, '\'' | '’') {
            break;
        }
        at += 1;
        let ends = c.is_ascii_alphabetic() && !text.get(at).is_some_and(|c| c.is_ascii_alphanumeric() || c == '\'');
        if ends && let Some(entries) = gazetteer.named(&name) {
            let entries: Vec<Entry> = entries.iter().filter(|e| e.form == Form::English).cloned().collect();
            let street = text.any_at(at, &[" road", " street", " rd", " avenue", " university"]).is_some();
            if !entries.is_empty() && !street {
                best = Some(Mention { start, end: at, entries });
            }
        }
    }
    best
}
