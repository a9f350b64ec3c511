//! Where one clause names several goods.

use super::super::mask::Mask;
use super::super::source::Span;
use super::super::understood::{Findings, part};
use super::items::{counts, is_filler, noun_size};
use super::remarks::are_related;
use super::words::BROAD;
use crate::vocabulary::text::is_han;

/// 口罩2000个84消毒液20桶 and 2000个口罩20桶消毒液 are cut at their numbers, 口罩和防护服 at its joint.
pub(super) fn split(findings: &Findings, gone: &Mask, range: Span) -> Vec<Span> {
    let numbers: Vec<Span> =
        part(&findings.quantities, range).iter().filter(|found| counts(found)).map(|found| found.at).collect();
    let mut cuts = Vec::new();
    if let [first, .., last] = numbers.as_slice() {
        let text = &findings.text;
        let noun = |start: usize, end: usize| {
            let range = Span { start, end };
            noun_size(text, gone, range) >= 2 && !is_filler(text, gone, range)
        };
        // 品名 before its number, unless words stand behind the last number and none before the first.
        let goods = |start: usize, end: usize| !part(&findings.goods, Span { start, end }).is_empty();
        let (before, named) = (noun(range.start, first.start), goods(last.end, range.end));
        let after = named || noun(last.end, range.end);
        // 我们还缺100套防护服和500个N95: what stands before the first number is no goods.
        let behind = named && !goods(range.start, first.start);
        let leads = before && !behind || !after;
        for pair in numbers.windows(2) {
            let (Some(left), Some(right)) = (pair.first(), pair.last()) else { continue };
            if noun(left.end, right.start) {
                cuts.push(if leads { left.end } else { right.start });
            }
        }
    } else {
        cuts = joints(findings, range);
    }
    let mut ranges = Vec::with_capacity(cuts.len() + 1);
    let mut start = range.start;
    for cut in cuts.into_iter().filter(|cut| range.start < *cut && *cut < range.end) {
        ranges.push(Span { start, end: cut });
        start = cut;
    }
    ranges.push(Span { start, end: range.end });
    ranges
}

/// 和, 及, 与, `and` between two names of goods; a mere space where all share one number or have none.
fn joints(findings: &Findings, range: Span) -> Vec<usize> {
    let text = &findings.text;
    let goods = part(&findings.goods, range);
    let shared = part(&findings.quantities, range).iter().all(|found| found.value.each || !counts(found));
    let written = |at: Span| {
        let han = text.get(at.start).is_some_and(is_han) || text.before(at.end).is_some_and(is_han);
        han && !BROAD.contains(&text.slice(at.start, at.end).as_str())
    };
    let both = goods.windows(2).filter_map(|pair| Some((pair.first()?, pair.last()?)));
    let joint = both.filter(|(left, right)| {
        let between = text.slice(left.at.end, right.at.start);
        match between.trim() {
            "和" | "及" | "与" | "以及" | "跟" | "and" | "&" | "+" | "或者" | "还有" => true,
            "" => {
                let apart = !between.is_empty() && shared && written(left.at) && written(right.at);
                apart && !are_related(&left.value.0, &right.value.0)
            }
            _ => false,
        }
    });
    joint.map(|(left, _)| left.at.end).collect()
}
