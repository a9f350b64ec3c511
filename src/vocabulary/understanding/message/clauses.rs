//! Where a message can be cut: lines, sentences, list numbers, commas outside of brackets and of what was understood.

use super::super::source::{BULLET, Span, Text, is_word};
use super::super::understood::Findings;

/// A stretch of the message without a break in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clause {
    pub range: Span,
    /// Clauses of one line or sentence share a number.
    pub group: usize,
}

pub(super) fn cut(findings: &Findings) -> Vec<Clause> {
    let text = &findings.text;
    let inside = inside_findings(findings);
    let (mut clauses, mut group, mut start, mut depth) = (Vec::new(), 0, 0, 0_u32);
    let (mut at, mut listed) = (0, 0);
    while at < text.len() {
        let c = text.get(at).unwrap_or(' ');
        if let Some((end, number)) = list_number(text, at, listed + 1).filter(|_| !inside[at]) {
            listed = number;
            push(&mut clauses, text, start, at, group);
            (group, start, at, depth) = (group + 1, end, end, 0);
            continue;
        }
        match c {
            '(' | '[' | '【' | '「' => depth += 1,
            ')' | ']' | '】' | '」' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let hard = matches!(c, '\n' | ';' | '。' | '!' | '?') || c == '.' && sentence_ends(text, at) || c == BULLET;
        let soft = matches!(c, ',' | '、') && depth == 0;
        if (hard && (c == '\n' || depth == 0) || soft) && !inside[at] {
            push(&mut clauses, text, start, at, group);
            (start, depth) = (at + 1, if hard { 0 } else { depth });
            group += usize::from(hard);
        }
        at += 1;
    }
    push(&mut clauses, text, start, text.len(), group);
    clauses
}

fn push(clauses: &mut Vec<Clause>, text: &Text, start: usize, end: usize, group: usize) {
    if text.chars().get(start..end).is_some_and(|chars| chars.iter().any(|c| is_word(*c))) {
        clauses.push(Clause { range: Span { start, end }, group });
    }
}

/// A comma in `2,000`, 12箱，每箱20包 or a price cuts nothing.
fn inside_findings(findings: &Findings) -> Vec<bool> {
    let mut inside = vec![false; findings.text.len()];
    let spans = findings.quantities.iter().map(|found| found.at);
    let spans = spans
        .chain(findings.prices.iter().map(|found| found.at))
        .chain(findings.dates.iter().map(|found| found.at))
        .chain(findings.standards.iter().map(|found| found.at))
        .chain(findings.places.iter().map(|found| found.at));
    for at in spans {
        // The first character may be a cut: nothing begins with a comma.
        if let Some(inner) = inside.get_mut(at.start..at.end) {
            inner.fill(true);
        }
    }
    inside
}

/// `. ` behind a word and before another.
fn sentence_ends(text: &Text, at: usize) -> bool {
    let before = text.before(at).is_some_and(|c| c.is_ascii_alphabetic());
    before && text.get(at + 1).is_none_or(|c| c == ' ' || c == '\n')
}

/// `1.`, `2、`, `(3)`, 一、, `A.` at the beginning of a line or behind a break, and the next number of a list behind a
/// space: the position behind it, and which it is.
fn list_number(text: &Text, at: usize, next: u32) -> Option<(usize, u32)> {
    let before = text.before(text.back_over(at, &[' ']));
    let breaks = before.is_none_or(|c| matches!(c, '\n' | ';' | '。' | ':' | ',' | '!'));
    let spaced = next > 1 && matches!(text.before(at), Some(' ' | ')'));
    if !breaks && !spaced {
        return None;
    }
    let open = text.get(at) == Some('(');
    let start = at + usize::from(open);
    let (number, end) = label(text, start)?;
    let sign = text.get(end)?;
    // `1 防护服 套 500`: the first column of a table.
    let row = before.is_none_or(|c| c == '\n') && sign == ' ' && number == next && !open;
    let fits = row || if open { sign == ')' } else { matches!(sign, '、' | '.' | ')' | ':') };
    // `1.5吨` and `2.10前` are numbers.
    let decimal = sign == '.' && text.get(end + 1).is_some_and(|c| c.is_ascii_digit());
    (fits && !decimal && (breaks || number == next)).then_some((end + 1, number))
}

/// One or two figures, a numeral up to ten, or a letter.
fn label(text: &Text, start: usize) -> Option<(u32, usize)> {
    let digits = super::super::number::end_of_figures(text, start);
    if (1..=2).contains(&(digits - start)) {
        return Some((text.slice(start, digits).parse().ok()?, digits));
    }
    let c = text.get(start)?;
    let place = |signs: &str| signs.chars().position(|sign| sign == c).and_then(|at| u32::try_from(at + 1).ok());
    place("一二三四五六七八九十").or_else(|| place("abcdefgh")).map(|number| (number, start + 1))
}
