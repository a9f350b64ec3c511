//! Which clauses are about goods of their own.

use super::super::Found;
use super::super::lexicon::Class;
use super::super::mask::Mask;
use super::super::quantity::{Quantity, QuantityRole};
use super::super::source::{Span, Text};
use super::super::title::is_money;
use super::super::understood::{Findings, part};
use super::clauses::Clause;
use super::remarks::{Seen, is_remark};
use super::split::split;
use super::words::{BROAD, FILLER_PARTS, FILLERS, MEASURED, NOT_TRADE};
use crate::vocabulary::text::is_han;

/// A clause, or a piece of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub range: Span,
    pub group: usize,
    pub is_item: bool,
}

/// How sure it is that a piece is about goods of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    None,
    /// A side, but no goods that are known: 有需要的企业联系.
    Asked,
    /// Goods are mentioned: 提供免费运输, 产品合格.
    Weak,
    /// Goods are most of what it says.
    Named,
    /// Goods and how much of them.
    Counted,
}

/// A stretch that may be about goods.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub range: Span,
    pub group: usize,
    pub weight: Weight,
}

pub(super) fn classify(findings: &Findings, clauses: &[Clause]) -> Vec<Part> {
    let gone = understood_characters(findings);
    let mut pieces: Vec<Piece> = Vec::new();
    for clause in clauses {
        for range in split(findings, &gone, clause.range) {
            pieces.push(Piece { range, group: clause.group, weight: weigh(findings, &gone, range) });
        }
    }
    name_listed(findings, &gone, &mut pieces);
    let surest = pieces.iter().map(|piece| piece.weight).max().unwrap_or(Weight::None);
    let least = surest.clamp(Weight::Asked, Weight::Named);
    let mut seen = Seen::default();
    let mut parts = Vec::with_capacity(pieces.len());
    for (index, piece) in pieces.iter().enumerate() {
        let next = pieces.get(index + 1).filter(|next| next.group == piece.group);
        let is_item = piece.weight >= least && !is_remark(findings, &gone, piece, next, &seen);
        if is_item {
            seen.item(findings, &gone, piece);
        } else {
            seen.other(piece);
        }
        parts.push(Part { range: piece.range, group: piece.group, is_item });
    }
    parts
}

/// 菠菜、油菜、香菜各2吨: what is listed before 各 is goods, known or not.
fn name_listed(findings: &Findings, gone: &Mask, pieces: &mut [Piece]) {
    let mut each = false;
    for piece in pieces.iter_mut().rev() {
        each |= part(&findings.quantities, piece.range).iter().any(|found| found.value.each);
        let size = noun_size(&findings.text, gone, piece.range);
        if each && piece.weight < Weight::Named && (2..=8).contains(&size) {
            piece.weight = Weight::Named;
        }
        each &= findings.text.before(piece.range.start) == Some('、');
    }
}

/// Everything that is no name of goods.
fn understood_characters(findings: &Findings) -> Mask {
    let mut gone = Mask::new(findings.text.len());
    let quantities = findings.quantities.iter().filter(|found| !is_property(found));
    quantities.for_each(|found| gone.cover(found.at.start, found.at.end));
    findings.prices.iter().for_each(|found| gone.cover(found.at.start, found.at.end));
    findings.dates.iter().for_each(|found| gone.cover(found.at.start, found.at.end));
    findings.places.iter().for_each(|found| gone.cover(found.at.start, found.at.end));
    findings.sides.iter().for_each(|found| gone.cover(found.at.start, found.at.end));
    findings.contacts.iter().chain(&findings.asides).for_each(|(start, end)| gone.cover(*start, *end));
    findings.urgency.iter().for_each(|found| gone.cover(found.at.start, found.at.end));
    gone
}

/// The goods of a stretch, without words that were read as something else: the carton of `per carton`.
pub(super) fn goods_in<'f>(
    findings: &'f Findings,
    gone: &Mask,
    range: Span,
) -> impl Iterator<Item = &'f Found<(Vec<String>, bool)>> {
    let money = |found: &Found<(Vec<String>, bool)>| is_money(&found.value.0);
    let said = move |found: &Found<(Vec<String>, bool)>| (found.at.start..found.at.end).any(|at| !gone.covers(at));
    // 融资2000万 is a sum and what it is for.
    let kept =
        move |found: &&Found<(Vec<String>, bool)>| said(found) || money(found) && is_priced(findings, found.at.start);
    part(&findings.goods, range).iter().filter(kept)
}

fn is_priced(findings: &Findings, at: usize) -> bool {
    let before = findings.prices.partition_point(|price| price.at.start <= at);
    before.checked_sub(1).and_then(|index| findings.prices.get(index)).is_some_and(|price| at < price.at.end)
}

/// Characters of words that are left: a Han character is one, two letters are one.
pub(super) fn noun_size(text: &Text, gone: &Mask, range: Span) -> usize {
    let halves: usize = (range.start..range.end)
        .filter(|at| !gone.covers(*at))
        .filter_map(|at| text.get(at))
        .map(|c| if is_han(c) { 2 } else { usize::from(c.is_ascii_alphabetic()) })
        .sum();
    halves / 2
}

/// A bare number that hardly is an amount: the 6205 of `轴承6205 3000套`.
fn is_property(found: &Found<Quantity>) -> bool {
    found.value.unit_code.is_none() && found.confidence < 0.48
}

/// Counts goods, rather than saying how big they are or how few one may order.
pub(super) fn counts(found: &Found<Quantity>) -> bool {
    let quantity = &found.value;
    quantity.role == QuantityRole::Total
        && quantity.amount.is_some()
        && found.confidence >= 0.48
        && !is_short_length(quantity)
        && !matches!(class(quantity), Some(Class::Time))
}

/// 9.6米车型: nobody trades so few metres.
fn is_short_length(quantity: &Quantity) -> bool {
    let few = quantity.amount.is_some_and(|amount| amount.millionths() < 20_000_000);
    quantity.unit_code.as_deref() == Some("MTR") && few && !quantity.each
}

fn class(quantity: &Quantity) -> Option<Class> {
    matches!(quantity.unit_code.as_deref(), Some("DAY" | "WEE" | "MON" | "ANN" | "HUR")).then_some(Class::Time)
}

fn weigh(findings: &Findings, gone: &Mask, range: Span) -> Weight {
    let text = &findings.text;
    let counted = part(&findings.quantities, range).iter().any(counts);
    let goods: Vec<_> = goods_in(findings, gone, range).collect();
    let earlier = findings.contacts.partition_point(|(start, _)| *start <= range.start);
    let contact =
        earlier.checked_sub(1).and_then(|at| findings.contacts.get(at)).is_some_and(|(_, end)| range.end <= *end);
    if contact {
        return Weight::None;
    }
    let size = noun_size(text, gone, range);
    let cue = !part(&findings.sides, range).is_empty();
    if goods.is_empty() {
        let filler = is_filler(text, gone, range) || counted && continues(findings, gone, range);
        let model = counted && size < 2 && is_model(text, gone, range);
        return match (counted, size >= 2 && !filler || model) {
            (true, true) => Weight::Counted,
            (false, true) if cue && size <= 12 => Weight::Asked,
            _ => Weight::None,
        };
    }
    if counted {
        return Weight::Counted;
    }
    let narrow = goods.iter().any(|found| !BROAD.contains(&text.slice(found.at.start, found.at.end).as_str()));
    let covered: usize = goods.iter().map(|found| noun_size(text, &Mask::default(), found.at).max(1)).sum();
    // 体温计卖: what follows the name is no noun.
    let ends = |found: &Found<(Vec<String>, bool)>| found.at.end == range.end;
    let head = goods.iter().any(|found| found.value.1 || ends(found) || gone.covers(text.skip_spaces(found.at.end)));
    match (narrow, head && (covered * 2 >= size || cue)) {
        _ if speaks_of_no_trade(text, range, covered, size, cue) => Weight::None,
        (true, true) => Weight::Named,
        (false, true) if cue => Weight::Named,
        _ => Weight::Weak,
    }
}

/// 口罩已收到, 群里发广告的请自觉.
fn speaks_of_no_trade(text: &Text, range: Span, covered: usize, size: usize, cue: bool) -> bool {
    let short = Span { end: range.end.min(range.start + 60), ..range };
    let said = (short.start..short.end).any(|at| text.any_at(at, &NOT_TRADE).is_some());
    !cue && (said || covered * 4 < size)
}

/// 学校要买200支, 大概需要500公斤: a verb before the number and nothing behind it speak of what was named before.
fn continues(findings: &Findings, gone: &Mask, range: Span) -> bool {
    let text = &findings.text;
    part(&findings.quantities, range).iter().filter(|found| counts(found)).all(|found| {
        let verb = text.skip_back(found.at.start);
        let said = part(&findings.sides, range).iter().any(|side| side.at.end == verb);
        said && noun_size(text, gone, Span { start: found.at.end, end: range.end }) == 0
    })
}

/// 6205 of `6205 3000套`: goods by their model alone.
fn is_model(text: &Text, gone: &Mask, range: Span) -> bool {
    let start = text.skip_spaces(range.start);
    let signs = |at: &usize| text.get(*at).is_some_and(|c| c.is_ascii_alphanumeric()) && !gone.covers(*at);
    let run = (start..range.end).take_while(signs);
    run.filter(|at| text.get(*at).is_some_and(|c| c.is_ascii_digit())).take(3).count() == 3
}

/// 共, 库存 and the like name no goods; 厚度, 宽 and sizes are properties of them.
pub(super) fn is_filler(text: &Text, gone: &Mask, range: Span) -> bool {
    let left = (range.start..range.end).filter(|at| !gone.covers(*at)).filter_map(|at| text.get(at));
    let left: String = left.filter(|c| is_han(*c) || c.is_ascii_alphabetic()).collect();
    let measured = |word: &&str| left.starts_with(*word) || left.ends_with(*word);
    FILLERS.iter().any(|filler| left == *filler)
        || FILLER_PARTS.iter().any(|part| left.contains(part))
        || left.chars().count() <= 8 && MEASURED.iter().any(measured)
        || is_size(&left)
}

/// L码, XL, 大号.
fn is_size(left: &str) -> bool {
    let sizes = ["s", "m", "l", "xl", "xs", "xxl", "xxxl", "大", "中", "小", "均", "加大", "特大"];
    !left.is_empty()
        && left.split_inclusive(['码', '号']).all(|one| sizes.contains(&one.trim_end_matches(['码', '号'])))
}
