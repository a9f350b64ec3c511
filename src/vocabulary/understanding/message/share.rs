//! Gives drafts what was said beside them: in their own line, in a heading, at the end.

use super::super::Found;
use super::super::source::Span;
use super::super::understood::{Findings, combine_packs, part as found_in, side, within};
use super::Draft;
use super::items::Part;
use super::remarks::OWN_SIDE;
use crate::domain::trade::PriceMode;

/// What an item takes over from its own line.
const SAME_LINE: f64 = 0.95;
/// From a heading or an ending that speaks of all.
const FOR_ALL: f64 = 0.9;
/// From another item, because nobody else says anything else.
const FROM_OTHER: f64 = 0.75;

/// A heading is no longer than this.
const LONGEST_HEADING: usize = 120;
/// A draft takes over no more of a kind.
const MOST_SHARED: usize = 16;

/// Where in the message a draft stands.
struct Seat {
    index: usize,
    group: usize,
}

pub(super) fn apply(findings: &Findings, parts: &[Part], drafts: &mut [Draft]) {
    let seats = seats(parts, drafts.len());
    own_line(findings, parts, &seats, drafts);
    for_all(findings, parts, &seats, drafts);
    from_others(&seats, drafts);
    sides(findings, parts, &seats, drafts);
    models(&seats, drafts);
    roll_call(findings, parts, drafts);
    for draft in drafts.iter_mut() {
        let own = &mut draft.understood;
        own.urgency = own.urgency.take().or_else(|| findings.urgency.clone());
        own.quantities.iter_mut().for_each(|found| found.value.each = false);
        combine_packs(&mut own.quantities);
    }
}

fn seats(parts: &[Part], drafts: usize) -> Vec<Seat> {
    let items = parts.iter().filter(|part| part.is_item).take(drafts);
    items.enumerate().map(|(index, part)| Seat { index, group: part.group }).collect()
}

/// Clauses between the items of a line: quantities, prices and standards to the item before, days and places to all.
fn own_line(findings: &Findings, parts: &[Part], seats: &[Seat], drafts: &mut [Draft]) {
    if seats.is_empty() {
        return;
    }
    let mut last: Option<usize> = None;
    let mut position = 0;
    for part in parts {
        if part.is_item {
            last = seats.get(position).map(|seat| seat.index);
            position += 1;
            share_each(findings, part, seats, drafts, position);
            let group: Vec<usize> =
                seats.iter().take(position).filter(|seat| seat.group == part.group).map(|seat| seat.index).collect();
            share_wages(findings, part.range, &group, drafts);
            continue;
        }
        let group: Vec<usize> = seats.iter().filter(|seat| seat.group == part.group).map(|seat| seat.index).collect();
        let before = last.filter(|index| group.contains(index)).or_else(|| continued(part, seats, last));
        let before = before.or_else(|| group.first().copied());
        if let Some(draft) = before.and_then(|index| drafts.get_mut(index)) {
            let own = &mut draft.understood;
            append(&mut own.quantities, within(&findings.quantities, part.range), |found| !found.value.each, 0.95);
            append(&mut own.prices, within(&findings.prices, part.range), |_| true, SAME_LINE);
            append(&mut own.standards, within(&findings.standards, part.range), |_| true, SAME_LINE);
        }
        share_each(findings, part, seats, drafts, position);
        share_wages(findings, part.range, &group, drafts);
        for index in group {
            share_days_and_places(findings, part.range, drafts, index, SAME_LINE);
        }
    }
}

/// A line of its own directly behind an item that says only how many or how much: `口罩\n5000只`.
fn continued(part: &Part, seats: &[Seat], last: Option<usize>) -> Option<usize> {
    let alone = !seats.iter().any(|seat| seat.group == part.group);
    let seat = seats.get(last?)?;
    (alone && seats.len() == 1).then_some(seat.index)
}

/// 口罩、手套、护目镜各1000个: to all items of the line that have no quantity yet.
fn share_each(findings: &Findings, part: &Part, seats: &[Seat], drafts: &mut [Draft], position: usize) {
    let each: Vec<_> = within(&findings.quantities, part.range).into_iter().filter(|found| found.value.each).collect();
    if each.is_empty() {
        return;
    }
    for seat in seats.iter().take(position).filter(|seat| seat.group == part.group) {
        if let Some(draft) = drafts.get_mut(seat.index).filter(|draft| draft.understood.quantities.is_empty()) {
            append(&mut draft.understood.quantities, each.clone(), |_| true, SAME_LINE);
        }
    }
}

/// Pay by the day or month, 面议, and what is given away, hold for all of a line.
fn share_wages(findings: &Findings, range: Span, group: &[usize], drafts: &mut [Draft]) {
    let general: Vec<_> = found_in(&findings.prices, range)
        .iter()
        .filter(|found| {
            let wage = matches!(found.value.per.as_deref(), Some("DAY" | "MON" | "HUR"));
            let open = found.value.mode == PriceMode::Negotiable;
            wage || open || found.value.amount.is_some_and(|amount| amount.is_zero())
        })
        .cloned()
        .collect();
    for index in group {
        if let Some(draft) = drafts.get_mut(*index).filter(|draft| draft.understood.prices.is_empty()) {
            append(&mut draft.understood.prices, general.clone(), |_| true, SAME_LINE);
        }
    }
}

fn share_days_and_places(findings: &Findings, range: Span, drafts: &mut [Draft], index: usize, share: f64) {
    let Some(draft) = drafts.get_mut(index) else { return };
    let own = &mut draft.understood;
    let roles: Vec<_> = own.dates.iter().map(|found| found.value.role).collect();
    append(&mut own.dates, within(&findings.dates, range), |found| !roles.contains(&found.value.role), share);
    let roles: Vec<_> = own.places.iter().map(|found| found.value.role).collect();
    append(&mut own.places, within(&findings.places, range), |found| !roles.contains(&found.value.role), share);
}

/// Lines without items speak of every draft that has nothing of its own.
fn for_all(findings: &Findings, parts: &[Part], seats: &[Seat], drafts: &mut [Draft]) {
    for part in parts.iter().filter(|part| !seats.iter().any(|seat| seat.group == part.group)) {
        for seat in seats {
            share_days_and_places(findings, part.range, drafts, seat.index, FOR_ALL);
            let Some(draft) = drafts.get_mut(seat.index) else { continue };
            let given = within(&findings.prices, part.range);
            if draft.understood.prices.is_empty() {
                append(
                    &mut draft.understood.prices,
                    given,
                    |found| found.value.amount.is_none_or(|a| a.is_zero()),
                    FOR_ALL,
                );
            }
        }
    }
}

/// 口罩2000个、消毒液20桶本周五前送到涧西区: the last item says it for all, the first one too.
fn from_others(seats: &[Seat], drafts: &mut [Draft]) {
    let spoken = |drafts: &[Draft], has: fn(&Draft) -> bool| -> Option<usize> {
        let mut with = drafts.iter().enumerate().filter(|(_, draft)| has(draft)).map(|(index, _)| index);
        let only = with.next()?;
        (with.next().is_none() && (only == 0 || only + 1 == drafts.len())).then_some(only)
    };
    if seats.len() < 2 {
        return;
    }
    if let Some(only) = spoken(drafts, |draft| !draft.understood.dates.is_empty()) {
        let dates = drafts.get(only).map(|draft| draft.understood.dates.clone()).unwrap_or_default();
        for draft in drafts.iter_mut().filter(|draft| draft.understood.dates.is_empty()) {
            append(&mut draft.understood.dates, dates.clone(), |_| true, FROM_OTHER);
        }
    }
    if let Some(only) = spoken(drafts, |draft| !draft.understood.places.is_empty()) {
        let places = drafts.get(only).map(|draft| draft.understood.places.clone()).unwrap_or_default();
        for draft in drafts.iter_mut().filter(|draft| draft.understood.places.is_empty()) {
            append(&mut draft.understood.places, places.clone(), |_| true, FROM_OTHER);
        }
    }
}

/// A word that says the side holds until the next one; before the first one, that one.
fn sides(findings: &Findings, parts: &[Part], seats: &[Seat], drafts: &mut [Draft]) {
    let mut held: Option<Found<_>> = None;
    let mut position = 0;
    for part in parts {
        let own = side(&within(&findings.sides, part.range));
        // 有餐补 beside the goods says nothing of who has them.
        let own = own.filter(|own| part.is_item || own.confidence >= OWN_SIDE);
        // A weak word (有, 要) beside a strong one that holds changes nothing.
        if let Some(own) = own
            && held.as_ref().is_none_or(|held: &Found<_>| own.confidence >= 0.7 || held.confidence < 0.7)
        {
            held = Some(own);
        }
        if !part.is_item {
            continue;
        }
        let Some(draft) = seats.get(position).and_then(|seat| drafts.get_mut(seat.index)) else { break };
        position += 1;
        if let Some(held) = &held {
            let inherited = draft.understood.side.as_ref().is_none_or(|own| own.value != held.value);
            draft.understood.side = Some(lessened(held, if inherited { SAME_LINE } else { 1.0 }));
        }
    }
    let sure: Vec<_> = findings.sides.iter().filter(|found| found.confidence >= OWN_SIDE).cloned().collect();
    let first = side(&sure);
    for draft in drafts.iter_mut().filter(|draft| draft.understood.side.is_none()) {
        draft.understood.side = first.as_ref().map(|found| lessened(found, FOR_ALL));
    }
}

/// 轴承6204 5000套，6205 3000套: a model alone is of the goods named before it in its line.
fn models(seats: &[Seat], drafts: &mut [Draft]) {
    for pair in seats.windows(2).filter(|pair| matches!(pair, [left, right] if left.group == right.group)) {
        let [left, right] = pair else { continue };
        let known = drafts.get(left.index).map(|draft| draft.understood.categories.clone()).unwrap_or_default();
        let Some(own) = drafts.get_mut(right.index).map(|draft| &mut draft.understood) else { continue };
        let bare = !own.title.is_empty() && own.title.chars().all(|c| c.is_ascii_alphanumeric() || "-/. ".contains(c));
        if own.categories.is_empty() && bare {
            append(&mut own.categories, known, |_| true, FROM_OTHER);
        }
    }
}

/// 口罩接龙: `1. 张三 5包`. What the heading names is what everybody wants.
fn roll_call(findings: &Findings, parts: &[Part], drafts: &mut [Draft]) {
    let text = &findings.text;
    let Some(first) = parts.iter().find(|part| part.is_item).map(|part| part.range.start) else { return };
    if !(0..first.min(LONGEST_HEADING)).any(|at| text.starts_with(at, "接龙")) {
        return;
    }
    let Some(goods) = findings.goods.first().filter(|found| found.at.start < first) else { return };
    let name = text.original(goods.span);
    for own in drafts.iter_mut().map(|draft| &mut draft.understood).filter(|own| own.categories.is_empty()) {
        let given = goods.value.0.iter().map(|code| Found {
            value: code.clone(),
            confidence: goods.confidence,
            span: goods.span,
            at: goods.at,
        });
        own.categories = given.map(|found| lessened(&found, FROM_OTHER)).collect();
        own.title.clone_from(&name);
    }
}

fn lessened<T: Clone>(found: &Found<T>, share: f64) -> Found<T> {
    let confidence = (found.confidence * share * 1000.0).round().max(1.0) / 1000.0;
    Found { confidence, ..found.clone() }
}

fn append<T: Clone>(own: &mut Vec<Found<T>>, given: Vec<Found<T>>, fits: impl Fn(&Found<T>) -> bool, share: f64) {
    let room = MOST_SHARED.saturating_sub(own.len());
    own.extend(given.iter().filter(|found| fits(found)).take(room).map(|found| lessened(found, share)));
}
