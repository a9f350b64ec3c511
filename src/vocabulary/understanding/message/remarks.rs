//! What is only said about goods named before: 支持验货, 带行车, 一拖二, 武汉发货, 可代加工, 提供住宿.

use super::super::mask::Mask;
use super::super::source::{Span, is_word};
use super::super::understood::{Findings, part};
use super::items::{Piece, Weight, goods_in};
use super::words::{BROAD, REMARK_LEADS};
use crate::domain::listing::Side;

/// A side said less surely than this (有, 要) is none of the piece's own.
pub(super) const OWN_SIDE: f64 = 0.65;
const STOCKED: [&str; 6] = ["现货", "自提", "提货", "发货", "库存", "出货"];
/// So many categories of an item are remembered.
const MOST_CODES: usize = 8;

/// What was read before a piece.
#[derive(Default)]
pub(super) struct Seen {
    item: Option<Item>,
    /// The last line in which goods were counted.
    counted: Option<usize>,
    /// The piece before is the last item.
    fresh: bool,
}

struct Item {
    codes: Vec<String>,
    group: usize,
    counted: bool,
    side: Option<Side>,
}

impl Seen {
    pub fn item(&mut self, findings: &Findings, gone: &Mask, piece: &Piece) {
        let counted = piece.weight == Weight::Counted;
        let side = own_side(findings, piece.range);
        let mut codes = codes(findings, gone, piece.range);
        if codes.is_empty() {
            // 轴承6204 5000套，6205 3000套
            codes = self.item.take().filter(|item| item.group == piece.group).map_or(codes, |item| item.codes);
        }
        self.item = Some(Item { codes, group: piece.group, counted, side });
        self.fresh = true;
        self.other_counts(piece);
    }

    pub fn other(&mut self, piece: &Piece) {
        self.fresh = false;
        self.other_counts(piece);
    }

    fn other_counts(&mut self, piece: &Piece) {
        if piece.weight == Weight::Counted {
            self.counted = Some(piece.group);
        }
    }
}

fn own_side(findings: &Findings, range: Span) -> Option<Side> {
    let sure = part(&findings.sides, range).iter().filter(|found| found.confidence >= OWN_SIDE);
    sure.map(|found| found.value).next()
}

fn codes(findings: &Findings, gone: &Mask, range: Span) -> Vec<String> {
    goods_in(findings, gone, range).flat_map(|found| found.value.0.iter().cloned()).take(MOST_CODES).collect()
}

/// One of the first is one of the others, or lies above or below it.
pub(super) fn are_related(own: &[String], others: &[String]) -> bool {
    let below =
        |one: &str, other: &str| one.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    own.iter().any(|code| others.iter().any(|known| below(code, known) || below(known, code)))
}

/// `transport.passenger` of `transport.passenger.charter`.
fn family(code: &str) -> &str {
    code.match_indices('.').nth(1).map_or(code, |(at, _)| &code[..at])
}

fn kind(code: &str) -> &str {
    code.split('.').next().unwrap_or(code)
}

fn is_help(codes: &[String]) -> bool {
    !codes.is_empty()
        && codes.iter().all(|code| matches!(kind(code), "service" | "transport" | "technology" | "finance"))
}

pub(super) fn is_remark(findings: &Findings, gone: &Mask, piece: &Piece, next: Option<&Piece>, seen: &Seen) -> bool {
    let Some(item) = &seen.item else { return false };
    let own = codes(findings, gone, piece.range);
    if own.is_empty() {
        return false;
    }
    let side = own_side(findings, piece.range);
    let same_line = item.group == piece.group;
    let led = is_led(findings, piece.range);
    if same_line && side.is_none() && is_fitted(&own, item) && (led || piece.weight != Weight::Counted) {
        return true;
    }
    if piece.weight == Weight::Counted {
        return same_line && (is_means(&own, item) || is_cargo(findings, piece.range, item))
            || side.is_none() && seen.fresh && is_treated(&own, item);
    }
    if !same_line {
        return led && side.is_none() && (is_help(&own) || are_related(&own, &item.codes));
    }
    let shares_number = next.is_some_and(|next| {
        next.weight == Weight::None && part(&findings.quantities, next.range).iter().any(|found| found.value.each)
    });
    let related = are_related(&own, &item.codes);
    let property = related && !shares_number && (seen.counted == Some(piece.group) || is_help(&own));
    let listed = findings.text.before(piece.range.start) == Some('、');
    let broad = || {
        goods_in(findings, gone, piece.range)
            .all(|found| BROAD.contains(&findings.text.slice(found.at.start, found.at.end).as_str()))
    };
    match side {
        None => property || led || !listed && is_help(&own) && !is_help(&item.codes),
        Some(side) => {
            let known = item.side.is_none_or(|before| before == side);
            let same = own.iter().any(|code| item.codes.iter().any(|other| family(other) == family(code)));
            led && (known && (is_help(&own) || same) || related && is_help(&own))
                || related && broad()
                || is_stock(findings, piece.range, &own, item)
        }
    }
}

/// 1辆大巴 behind 员工返岗包车: the means of what was named without a number.
fn is_means(own: &[String], item: &Item) -> bool {
    let moves =
        |code: &String| kind(code) == "transport" && item.codes.iter().any(|other| family(other) == family(code));
    !item.counted && own.iter().any(moves)
}

/// 洛阳库房现货 behind bearings: where they lie.
fn is_stock(findings: &Findings, range: Span, own: &[String], item: &Item) -> bool {
    let store = own.iter().all(|code| code.starts_with("equipment.warehouse") || code.starts_with("service.storage"));
    let goods = item.codes.iter().any(|code| matches!(kind(code), "ppe" | "material"));
    let said = || (range.start..range.end).take(40).any(|at| findings.text.any_at(at, &STOCKED).is_some());
    store && goods && said()
}

/// 配10吨行车3部, 变压器1000KVA behind 厂房: what it has.
fn is_fitted(own: &[String], item: &Item) -> bool {
    let building = |code: &String| code.starts_with("equipment.plant") || code.starts_with("equipment.warehouse");
    let fitting = own.iter().all(|code| matches!(kind(code), "equipment" | "material") && !building(code));
    fitting && !item.codes.is_empty() && item.codes.iter().all(building)
}

/// 从洛阳运蔬菜10吨 behind 冷链车: what it carries.
fn is_cargo(findings: &Findings, range: Span, item: &Item) -> bool {
    let carries = !item.codes.is_empty() && item.codes.iter().all(|code| kind(code) == "transport");
    let said = |at: usize| findings.text.get(at).is_some_and(|c| "运拉装载".contains(c));
    carries && (range.start..range.end).take(24).any(said)
}

/// 谁家能做灭菌？每天200箱防护服: what a service is asked for.
fn is_treated(own: &[String], item: &Item) -> bool {
    let service = !item.codes.is_empty() && item.codes.iter().all(|code| kind(code) == "service");
    service
        && !item.counted
        && item.side == Some(Side::Need)
        && own.iter().all(|code| matches!(kind(code), "ppe" | "material"))
}

/// Begins with 支持, 可, 带, 包 …
fn is_led(findings: &Findings, range: Span) -> bool {
    let text = &findings.text;
    let first = (range.start..range.end).take(8).find(|at| text.get(*at).is_some_and(is_word));
    // 无纺布 and 含氯消毒片 are goods.
    let goods = |at: usize| part(&findings.goods, range).first().is_some_and(|found| found.at.start == at);
    first.is_some_and(|at| !goods(at) && text.any_at(at, &REMARK_LEADS).is_some())
}
