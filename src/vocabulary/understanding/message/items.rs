//! Which clauses are about goods, and where one clause names several.

use super::super::lexicon::Class;
use super::super::quantity::{Quantity, QuantityRole};
use super::super::source::{Span, Text};
use super::super::understood::{Findings, part};
use super::super::{Found, mask::Mask};
use super::clauses::Clause;
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
enum Weight {
    None,
    /// Goods are mentioned: 提供免费运输, 产品合格.
    Weak,
    /// Goods are most of what it says.
    Named,
    /// Goods and how much of them.
    Counted,
}

pub(super) fn classify(findings: &Findings, clauses: &[Clause]) -> Vec<Part> {
    let gone = understood_characters(findings);
    let mut pieces: Vec<(Part, Weight)> = Vec::new();
    for clause in clauses {
        for range in split(findings, &gone, clause.range) {
            let weight = weigh(findings, &gone, range);
            pieces.push((Part { range, group: clause.group, is_item: false }, weight));
        }
    }
    let counted = pieces.iter().any(|(_, weight)| *weight == Weight::Counted);
    let least = if pieces.iter().any(|(_, weight)| *weight >= Weight::Named) { Weight::Named } else { Weight::Weak };
    let mut last_counted_group = None;
    let mut parts: Vec<Part> = Vec::with_capacity(pieces.len());
    for (index, (mut part, weight)) in pieces.iter().copied().enumerate() {
        // 口罩，医用外科，5000只: goods without a number behind goods with one are a property of them, unless 各 follows.
        let next_counts = pieces.get(index + 1).is_some_and(|(next, w)| next.group == part.group && *w == Weight::None);
        let property = counted && weight == Weight::Named && last_counted_group == Some(part.group) && !next_counts;
        part.is_item =
            weight >= least && !(property && !has_cue(findings, part.range) && is_property(findings, part.range));
        if weight == Weight::Counted {
            last_counted_group = Some(part.group);
        }
        parts.push(part);
    }
    parts
}

fn has_cue(findings: &Findings, range: Span) -> bool {
    !part(&findings.sides, range).is_empty()
}

/// The goods of this piece are those of the piece before, or above them.
fn is_property(findings: &Findings, range: Span) -> bool {
    let own = part(&findings.goods, range).first();
    let earlier = findings.goods.partition_point(|found| found.at.start < range.start);
    let before = earlier.checked_sub(1).and_then(|at| findings.goods.get(at));
    own.zip(before).is_some_and(|(own, before)| {
        own.value.0.iter().any(|code| {
            before.value.0.iter().any(|known| known.starts_with(code.as_str()) || code.starts_with(known.as_str()))
        })
    })
}

/// Everything that is no name of goods.
fn understood_characters(findings: &Findings) -> Mask {
    let mut gone = Mask::new(findings.text.len());
    findings.quantities.iter().for_each(|found| gone.cover(found.at.start, found.at.end));
    findings.prices.iter().for_each(|found| gone.cover(found.at.start, found.at.end));
    findings.dates.iter().for_each(|found| gone.cover(found.at.start, found.at.end));
    findings.places.iter().for_each(|found| gone.cover(found.at.start, found.at.end));
    findings.sides.iter().for_each(|found| gone.cover(found.at.start, found.at.end));
    findings.contacts.iter().chain(&findings.asides).for_each(|(start, end)| gone.cover(*start, *end));
    findings.urgency.iter().for_each(|found| gone.cover(found.at.start, found.at.end));
    gone
}

/// Characters of words that are left: a Han character is one, two letters are one.
fn noun_size(text: &Text, gone: &Mask, range: Span) -> usize {
    let halves: usize = (range.start..range.end)
        .filter(|at| !gone.covers(*at))
        .filter_map(|at| text.get(at))
        .map(|c| if is_han(c) { 2 } else { usize::from(c.is_ascii_alphabetic()) })
        .sum();
    halves / 2
}

/// Counts goods, rather than saying how big they are or how few one may order.
fn counts(found: &Found<Quantity>) -> bool {
    let quantity = &found.value;
    quantity.role == QuantityRole::Total
        && quantity.amount.is_some()
        && found.confidence >= 0.48
        && !matches!(class(quantity), Some(Class::Time))
}

fn class(quantity: &Quantity) -> Option<Class> {
    matches!(quantity.unit_code.as_deref(), Some("DAY" | "WEE" | "MON" | "ANN" | "HUR")).then_some(Class::Time)
}

fn weigh(findings: &Findings, gone: &Mask, range: Span) -> Weight {
    let text = &findings.text;
    let counted = part(&findings.quantities, range).iter().any(counts);
    let goods = part(&findings.goods, range);
    let earlier = findings.contacts.partition_point(|(start, _)| *start <= range.start);
    let contact =
        earlier.checked_sub(1).and_then(|at| findings.contacts.get(at)).is_some_and(|(_, end)| range.end <= *end);
    if contact {
        return Weight::None;
    }
    let size = noun_size(text, gone, range);
    let narrow = goods.iter().any(|found| !BROAD.contains(&text.slice(found.at.start, found.at.end).as_str()));
    let cue = has_cue(findings, range);
    if goods.is_empty() {
        let filler = is_filler(text, gone, range) || counted && continues(findings, gone, range);
        return match (counted, size >= 2 && !filler) {
            (true, true) => Weight::Counted,
            (false, true) if cue && size <= 12 => Weight::Weak,
            _ => Weight::None,
        };
    }
    if counted {
        return Weight::Counted;
    }
    let covered: usize = goods.iter().map(|found| noun_size(text, &Mask::default(), found.at).max(1)).sum();
    // 体温计卖: what follows the name is no noun.
    let head = goods.iter().any(|found| found.value.1 || gone.covers(text.skip_spaces(found.at.end)));
    match (narrow, head && (covered * 2 >= size || cue)) {
        (true, true) => Weight::Named,
        (false, true) if cue => Weight::Named,
        _ => Weight::Weak,
    }
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

/// 共, 库存 and the like name no goods.
fn is_filler(text: &Text, gone: &Mask, range: Span) -> bool {
    let left: String = (range.start..range.end).filter(|at| !gone.covers(*at)).filter_map(|at| text.get(at)).collect();
    let left: String = left.chars().filter(|c| is_han(*c) || c.is_ascii_alphabetic()).collect();
    FILLERS.iter().any(|filler| left == *filler) || FILLER_PARTS.iter().any(|part| left.contains(part))
}

/// Names of whole kinds: alone they are more often a remark than goods.
const BROAD: [&str; 48] = [
    "产品",
    "设备",
    "机器",
    "技术",
    "服务",
    "运输",
    "物流",
    "配送",
    "货运",
    "货物运输",
    "加工",
    "检测",
    "认证",
    "检测认证",
    "仓储",
    "住宿",
    "送餐",
    "餐饮",
    "保险",
    "担保",
    "资金",
    "原料",
    "原材料",
    "配件",
    "工艺",
    "员工",
    "工人",
    "人手",
    "场地",
    "专利",
    "包装",
    "外包",
    "投资",
    "防护用品",
    "防护物资",
    "防疫物资",
    "医疗物资",
    "医疗用品",
    "志愿者",
    "医护人员",
    "service",
    "machine",
    "transport",
    "testing",
    "storage",
    "processing",
    "parts",
    "staff",
];

const FILLERS: [&str; 52] = [
    "大概",
    "就行",
    "就够",
    "就可以",
    "即可",
    "够了",
    "都行",
    "也行",
    "约为",
    "现在还剩",
    "还剩",
    "剩",
    "数量",
    "总共",
    "一共",
    "合计",
    "共计",
    "总计",
    "大约",
    "每天",
    "每月",
    "起步",
    "左右",
    "以上",
    "目前",
    "现有",
    "现在",
    "还有",
    "另有",
    "规格",
    "包装",
    "独立包装",
    "单价",
    "产能",
    "日产能",
    "产量",
    "剩余",
    "尚缺",
    "还差",
    "先",
    "需要量",
    "数量为",
    "总数",
    "数量约",
    "总量",
    "总需求",
    "需求量",
    "库存量",
    "quantity",
    "qty",
    "total",
    "about",
];
const FILLER_PARTS: [&str; 12] =
    ["工作经验", "年经验", "年以上", "包装规格", "保质期", "工作时间", "距离", "面积", "人数", "年龄", "岁", "试用期"];

/// 口罩2000个84消毒液20桶 and 2000个口罩20桶消毒液 are cut at their numbers, 口罩和防护服 at its joint.
fn split(findings: &Findings, gone: &Mask, range: Span) -> Vec<Span> {
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
        let leads = noun(range.start, first.start) || !noun(last.end, range.end);
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

/// 和, 及, 与, `and` between two names of goods.
fn joints(findings: &Findings, range: Span) -> Vec<usize> {
    let goods = part(&findings.goods, range);
    let joint = |left: usize, right: usize| {
        let between = findings.text.slice(left, right);
        matches!(between.trim(), "和" | "及" | "与" | "以及" | "跟" | "and" | "&" | "+" | "或者" | "还有")
    };
    let both = goods.windows(2).filter_map(|pair| Some((pair.first()?, pair.last()?)));
    both.filter(|(left, right)| joint(left.at.end, right.at.start)).map(|(left, _)| left.at.end).collect()
}
