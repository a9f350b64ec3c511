//! What stands before and behind an expression: 约, 至少, 以上, 以内, 每天, 起订, 各.

use super::super::Found;
use super::super::source::Text;
use super::packs::Read;
use super::{Bound, Quantity, QuantityRole};
use crate::domain::trade::QuantityBasis;

const ABOUT: [&str; 12] =
    ["约", "大约", "大概", "近", "将近", "差不多", "估计", "大致", "about", "approx.", "approximately", "around"];
const ABOUT_BEHIND: [&str; 4] = ["左右", "上下", "or so", "approx"];
const LEAST: [&str; 20] = [
    "至少",
    "最少",
    "不少于",
    "不低于",
    "不小于",
    "大于",
    "超过",
    "超",
    ">=",
    "≥",
    ">",
    "保底",
    "逾",
    "at least",
    "no less than",
    "not less than",
    "more than",
    "over",
    "minimum",
    "min.",
];
const LEAST_BEHIND: [&str; 8] = ["以上", "及以上", "或以上", "起", "以上的", "or more", "and above", "打底"];
const MOST: [&str; 14] = [
    "最多",
    "至多",
    "不超过",
    "不多于",
    "不大于",
    "上限",
    "<=",
    "≤",
    "<",
    "up to",
    "at most",
    "no more than",
    "maximum",
    "max.",
];
const MOST_BEHIND: [&str; 5] = ["以内", "以下", "之内", "封顶", "or less"];
const MINIMUM_ORDER: [&str; 12] = [
    "起订量",
    "最小起订量",
    "最低起订量",
    "最小订量",
    "起订",
    "最低起订",
    "起批量",
    "moq",
    "minimum order",
    "起批",
    "最小订单",
    "起售",
];
const MINIMUM_ORDER_BEHIND: [&str; 8] = ["起订", "起批", "起售", "起送", "起发", "起卖", "moq", "minimum"];
const PER_DAY: [&str; 25] = [
    "日处理",
    "日加工",
    "日生产",
    "日发",
    "日出货",
    "日用",
    "日用量",
    "日耗",
    "日处理量",
    "每天",
    "每日",
    "日产",
    "日产能",
    "日产量",
    "日供",
    "日供应",
    "一天",
    "日均",
    "日需",
    "日消耗",
    "天天",
    "每天需要",
    "日需求",
    "daily",
    "per day",
];
const PER_WEEK: [&str; 8] = ["每周", "周产", "周产能", "每星期", "一周", "周供", "weekly", "per week"];
const PER_MONTH: [&str; 17] = [
    "月处理",
    "月加工",
    "月生产",
    "月用量",
    "月耗",
    "每月",
    "每个月",
    "月产",
    "月产能",
    "月产量",
    "月供",
    "月供应",
    "一个月",
    "月需",
    "月均",
    "monthly",
    "per month",
];
const PER_DAY_BEHIND: [&str; 11] =
    ["(每天)", "(每日)", "(日)", "/天", "/日", "每天", "每日", "一天", "per day", "a day", "daily"];
const PER_WEEK_BEHIND: [&str; 6] = ["(每周)", "/周", "每周", "一周", "per week", "a week"];
const PER_MONTH_BEHIND: [&str; 8] = ["(每月)", "(月)", "/月", "每月", "每个月", "一个月", "per month", "a month"];
/// What a number behind such a word measures.
const DIMENSIONS: [&str; 26] = [
    "厚度", "厚", "宽度", "宽", "长度", "高度", "层高", "直径", "口径", "外径", "内径", "门幅", "幅宽", "克重", "净重",
    "毛重", "载重", "车长", "跨度", "深度", "型号", "规格", "身高", "功率", "电压", "长",
];
/// Between such words and the number.
const FILLING: [char; 7] = [' ', ':', '可', '需', '要', '能', '为'];

pub(super) fn complete(text: &Text, read: Read) -> Found<Quantity> {
    let Read { mut quantity, confidence, mut start, mut end } = read;
    loop {
        let at = text.back_over(start, &FILLING);
        let Some(before) = step_before(text, at, &mut quantity) else { break };
        start = before;
    }
    for _ in 0..3 {
        let Some(behind) = step_behind(text, text.skip_spaces(end), &mut quantity) else { break };
        end = behind;
    }
    let property = if is_dimension(text, start, end) || is_vehicle_length(&quantity) { 0.5 } else { 1.0 };
    let per_time = if quantity.basis == QuantityBasis::Total { 1.0 } else { 0.98 };
    let factor = if quantity.amount.is_none() { 0.9 } else { per_time };
    Found::new(quantity, confidence * factor * property, text, start, end)
}

/// 4.2米, 9.6米: a lorry, a width; goods are sold by more than that.
fn is_vehicle_length(quantity: &Quantity) -> bool {
    let amount = quantity.amount.map_or(0, |amount| amount.millionths());
    quantity.unit_code.as_deref() == Some("MTR") && amount < 20_000_000 && amount % 1_000_000 != 0
}

/// 厚度3mm, 宽1220, 8米层高: how big it is.
fn is_dimension(text: &Text, start: usize, end: usize) -> bool {
    let before = text.any_before(text.back_over(start, &[' ', ':', '为', '约']), &DIMENSIONS);
    before.is_some()
        || text
            .any_at(end, &["层高", "高栏", "长", "宽", "厚", "高", "门幅", "幅宽"])
            .is_some_and(|end| !text.get(end).is_some_and(|c| "期款度压空铁效强分档级端新".contains(c)))
}

fn step_before(text: &Text, end: usize, quantity: &mut Quantity) -> Option<usize> {
    if let Some(start) = text.any_before(end, &["各"]) {
        quantity.each = true;
        return Some(start);
    }
    if let Some(start) = text.any_before(end, &ABOUT).filter(|start| !is_inside(text, *start)) {
        quantity.approximate = true;
        return Some(start);
    }
    if let Some(start) = text.any_before(end, &MINIMUM_ORDER) {
        quantity.role = QuantityRole::MinimumOrder;
        return Some(start);
    }
    // 不超过 before 超过.
    if let Some(start) = text.any_before(end, &MOST) {
        quantity.bound = Bound::AtMost;
        return Some(start);
    }
    if let Some(start) = text.any_before(end, &LEAST) {
        quantity.bound = Bound::AtLeast;
        return Some(start);
    }
    if quantity.basis != QuantityBasis::Total {
        return None;
    }
    let (basis, start) = basis_before(text, end)?;
    quantity.basis = basis;
    Some(start)
}

fn step_behind(text: &Text, at: usize, quantity: &mut Quantity) -> Option<usize> {
    if let Some(end) = text.any_at(at, &ABOUT_BEHIND) {
        quantity.approximate = true;
        return Some(end);
    }
    if let Some(end) = text.any_at(at, &MINIMUM_ORDER_BEHIND) {
        quantity.role = QuantityRole::MinimumOrder;
        return Some(end);
    }
    if let Some(end) = text.any_at(at, &LEAST_BEHIND) {
        quantity.bound = Bound::AtLeast;
        return Some(end);
    }
    if let Some(end) = text.any_at(at, &MOST_BEHIND) {
        quantity.bound = Bound::AtMost;
        return Some(end);
    }
    if quantity.basis != QuantityBasis::Total {
        return None;
    }
    let tables = [
        (QuantityBasis::PerDay, PER_DAY_BEHIND.as_slice()),
        (QuantityBasis::PerWeek, PER_WEEK_BEHIND.as_slice()),
        (QuantityBasis::PerMonth, PER_MONTH_BEHIND.as_slice()),
    ];
    let (basis, end) = tables.iter().find_map(|(basis, words)| text.any_at(at, words).map(|end| (*basis, end)))?;
    // 一周内 is a date.
    if matches!(text.get(end), Some('内' | '之' | '后' | '前')) {
        return None;
    }
    quantity.basis = basis;
    Some(end)
}

fn basis_before(text: &Text, end: usize) -> Option<(QuantityBasis, usize)> {
    let tables = [
        (QuantityBasis::PerDay, PER_DAY.as_slice()),
        (QuantityBasis::PerWeek, PER_WEEK.as_slice()),
        (QuantityBasis::PerMonth, PER_MONTH.as_slice()),
    ];
    tables.iter().find_map(|(basis, words)| text.any_before(end, words).map(|start| (*basis, start)))
}

/// 近 in 附近 and 约 in 预约 say nothing about a number.
fn is_inside(text: &Text, start: usize) -> bool {
    matches!(text.before(start), Some('附' | '最' | '预' | '合' | '签' | '节'))
}
