//! Whether goods come from a place or go there, and the street that follows.

use super::super::Found;
use super::super::source::Text;
use super::resolve::Chain;
use super::{PlaceNamed, PlaceRole};

const TO: [&str; 41] = [
    "工作地点",
    "服务区域",
    "施工地点",
    "地点",
    "使用地点",
    "送到",
    "送至",
    "送往",
    "送去",
    "发到",
    "发往",
    "发至",
    "运到",
    "运往",
    "运至",
    "寄到",
    "寄往",
    "寄至",
    "邮寄到",
    "驰援",
    "支援",
    "援",
    "到",
    "至",
    "往",
    "收货地址",
    "收货地",
    "送货地址",
    "交货地点",
    "送货地点",
    "交货地",
    "配送到",
    "目的地",
    "卸货地",
    "deliver to",
    "delivered to",
    "delivery to",
    "ship to",
    "shipped to",
    "to",
    "投送",
];
const FROM: [&str; 23] = [
    "fob",
    "exw",
    "仓库在",
    "现货在",
    "库存在",
    "从",
    "自",
    "由",
    "产地",
    "发货地",
    "来自",
    "始发地",
    "出发地",
    "装货地",
    "起运地",
    "提货地",
    "提货地点",
    "发货地址",
    "from",
    "made in",
    "ex",
    "出发",
    "始发",
];
const FROM_BEHIND: [&str; 12] =
    ["仓自提", "库自提", "发货", "出发", "自提", "起运", "发车", "仓库自提", "提货", "出货", "现货", "产"];
const BETWEEN: [&str; 12] = ["到", "至", "-", "->", "→", "--", "发往", "往", "去", "运往", "to", "--->"];
/// What makes the rest of a clause a street address.
const STREET_SIGNS: &str = "路街道号村镇乡园楼栋巷弄里厂室";
const LONGEST_ADDRESS: usize = 60;
/// Names less sure than this are part of the street they stand in.
const IN_STREET: f64 = 0.9;

pub(super) fn assign(text: &Text, chains: Vec<Chain>) -> Vec<Found<PlaceNamed>> {
    let mut found: Vec<Found<PlaceNamed>> = Vec::with_capacity(chains.len());
    let mut last_end: Option<usize> = None;
    let mut street_until = 0;
    for chain in chains {
        // 南湖 of 钟祥市南湖原种场祥云大道 is no other place.
        if chain.start < street_until && chain.confidence < IN_STREET {
            continue;
        }
        let street = street_end(text, chain.joined);
        street_until = street.unwrap_or(street_until);
        let end = street.unwrap_or(chain.end).max(chain.end);
        let address = street.map(|end| text.original(text.span(chain.start, end)));
        let mut start = chain.start;
        let at = text.back_over(start, &[' ', ':']);
        let mut role = PlaceRole::Unstated;
        if let Some(begin) = text.any_before(at, &TO) {
            (role, start) = (PlaceRole::Delivery, begin);
        } else if let Some(begin) = text.any_before(at, &FROM) {
            (role, start) = (PlaceRole::Origin, begin);
        } else if text.any_at(end, &FROM_BEHIND).is_some() {
            role = PlaceRole::Origin;
        }
        let joint = last_end.map(|last| text.slice(last, chain.start));
        if joint.is_some_and(|joint| BETWEEN.contains(&joint.trim()))
            && let Some(last) = found.last_mut()
        {
            last.value.role = PlaceRole::Origin;
            (role, start) = (PlaceRole::Delivery, chain.start);
        }
        last_end = Some(end);
        let place = PlaceNamed { region_code: chain.code, retired_code: chain.retired, address, role };
        found.push(Found::new(place, chain.confidence, text, start, end));
    }
    found
}

/// The end of the street and number that follow a region, if any do.
fn street_end(text: &Text, end: usize) -> Option<usize> {
    let rest = text.chars().get(end..).unwrap_or_default().iter();
    let stops = |c: &char| ",;。!?、|\n，:】]」“”\"".contains(*c);
    let length = rest.take(LONGEST_ADDRESS).take_while(|c| !stops(c) && **c != ' ').count();
    let part = &text.chars()[end..end + length];
    let is_sign = |at: &usize| {
        let before = text.before(end + at).unwrap_or(' ');
        part.get(*at).is_some_and(|c| STREET_SIGNS.contains(*c) && !is_other_word(before, *c))
    };
    let last = (0..length).rev().find(is_sign)?;
    // 洛阳发货, 武汉急需口罩2000个 are no addresses.
    let known = part.iter().take(last).any(|c| "需购求售供缺急只个箱盒吨元的运".contains(*c));
    (!known && length > 1).then_some(end + last + 1)
}

/// 通道, 铁路, 公里, 群里, 办公室 name no street and no house.
fn is_other_word(before: char, sign: char) -> bool {
    match sign {
        '道' => !"大街国省县乡村环湖河江海山林园".contains(before),
        '路' => "铁公线电网思出一套".contains(before),
        '里' => "这哪那公群家手厂店城县海".contains(before),
        '室' => "办科教温".contains(before),
        '号' => "型符信账".contains(before),
        _ => false,
    }
}
