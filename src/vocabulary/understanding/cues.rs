//! Words that say who wants and who has (求购, 现货, `wanted`), how urgent it is, and where contact details stand.

use std::sync::LazyLock;

use super::Found;
use super::leads::Leads;
use super::source::{Text, is_word};
use crate::domain::listing::{Side, Urgency};

mod marks;
mod words;

use marks::{ASIDE, ASKING_BEHIND, CONTACT, CRITICAL, HIGH, NOT_AFTER};
use words::{NEED, OFFER, SPEAKER};

static SIDE_LEADS: LazyLock<Leads> = LazyLock::new(|| {
    Leads::of(
        NEED.iter().chain(&OFFER).map(|(word, _)| *word).chain(["收", "要", "招", "租", "买", "卖", "供", "出", "有"]),
    )
});
static URGENT_LEADS: LazyLock<Leads> = LazyLock::new(|| Leads::of(CRITICAL.into_iter().chain(HIGH)));
static ASIDE_LEADS: LazyLock<Leads> = LazyLock::new(|| Leads::of(ASIDE));
static CONTACT_LEADS: LazyLock<Leads> = LazyLock::new(|| Leads::of(CONTACT));

/// Every word of the text that says a side, from left to right.
pub(super) fn sides(text: &Text) -> Vec<Found<Side>> {
    let mut found: Vec<Found<Side>> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match side_at(text, at) {
            Some(cue) => {
                at = cue.at.end.max(at + 1);
                found.push(cue);
            }
            None => at += 1,
        }
    }
    found
}

fn side_at(text: &Text, at: usize) -> Option<Found<Side>> {
    let c = text.get(at).filter(|c| SIDE_LEADS.may_begin(*c))?;
    if c.is_ascii_alphabetic() && text.before(at).is_some_and(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let longest = |table: &[(&str, f64)]| {
        let fits = |(word, sure): &(&str, f64)| {
            let end = at + word.chars().count();
            let whole = text.starts_with(at, word) && !text.splits_word(end) && !is_excluded(text, at, word, end);
            whole.then_some((end, *sure))
        };
        table.iter().filter_map(fits).max_by_key(|(end, _)| *end)
    };
    let (need, offer) = (longest(&NEED), longest(&OFFER));
    match (need, offer) {
        (Some((end, sure)), other) if other.is_none_or(|(offer, _)| offer <= end) => {
            Some(Found::new(Side::Need, sure, text, at, end))
        }
        (_, Some((end, sure))) => Some(Found::new(Side::Offer, sure, text, at, end)),
        _ => single(text, at, c),
    }
}

fn is_excluded(text: &Text, at: usize, word: &str, end: usize) -> bool {
    let before = |signs: &str| text.before(at).is_some_and(|c| signs.contains(c));
    let after = |signs: &str| text.get(end).is_some_and(|c| signs.contains(c));
    match word {
        "需" => before("无不军内供必所按刚急") || after("求方"),
        "需要" => before("不无"),
        "供应" | "采购" | "销售" | "生产" | "批发" => after("商链方部员处科日许资线"),
        "提供" => before("请需须求能由并同和应要可") && text.before(at) != Some('可') || after("报资发检证相"),
        "有无" => after("纺尘菌粉阀线缝人锡水氧铅毒害味异机"),
        "用工" => before("享用活劳"),
        "缺" => before("不或残") || after("陷点席"),
        "捐赠" | "捐" => before("受求募需收") || after("款物品方接者箱"),
        "现货" => before("无没要") || after("优"),
        "出租" => after("车"),
        "库存" => before("清无零") || after("不紧告"),
        "找" => after("我到"),
        "求" => before("要需请追谋供"),
        "available" | "offer" => after("?"),
        "need" => before("o"),
        _ => false,
    }
}

/// 收, 出, 有, 要, 供, 招 at the edge of a clause.
fn single(text: &Text, at: usize, c: char) -> Option<Found<Side>> {
    let edge = |c: Option<char>| c.is_none_or(|c| !is_word(c));
    let (starts, ends) = (edge(text.before(at)), edge(text.get(at + 1)));
    let own = text.any_before(at, &SPEAKER);
    let begins = starts || own.is_some();
    let start = own.unwrap_or(at);
    let found = |side, sure, start, end| Some(Found::new(side, sure, text, start, end));
    let next = text.get(at + 1);
    let said = |words: &[char]| next.is_some_and(|c| words.contains(&c));
    match c {
        '收' if begins && !said(&['货', '到', '款', '据', '件', '入', '费']) => {
            found(Side::Need, 0.8, start, at + 1)
        }
        '要' if begins && !said(&['求', '是', '有', '的', '不']) => found(Side::Need, 0.6, start, at + 1),
        // 三天内要, 马上就要
        '要' if ends && text.before(at).is_some_and(|c| "内前天就在上日号底".contains(c)) => {
            found(Side::Need, 0.7, at, at + 1)
        }
        '招' if begins && !said(&['商', '牌', '待', '租', '标', '呼']) => found(Side::Need, 0.85, start, at + 1),
        '招' if hires(text, at) && !text.before(at).is_some_and(|c| "应高绝过".contains(c)) => {
            found(Side::Need, 0.8, at, at + 1)
        }
        '租' if begins && !said(&['期', '金', '赁', '给', '出']) => found(Side::Need, 0.7, start, at + 1),
        '买' if begins => found(Side::Need, 0.85, start, at + 1),
        '卖' if begins => found(Side::Offer, 0.9, start, at + 1),
        '供' if begins && !said(&['需', '求', '方', '电', '货']) => found(Side::Offer, 0.7, start, at + 1),
        '出' if ends && !starts => found(Side::Offer, 0.8, at, at + 1),
        '出' if begins && !said(&['行', '发', '差', '门', '入', '现', '厂', '货', '口', '台']) => {
            found(Side::Offer, 0.75, start, at + 1)
        }
        // 出口罩 is 出 + 口罩.
        '出' if begins && text.any_at(at + 1, &["口罩"]).is_some() => found(Side::Offer, 0.75, start, at + 1),
        '有' if begins && !said(&['限', '没', '无', '关', '意', '需', '效', '的', '人', '机']) => {
            let asked = asks(text, at);
            let side = if asked { Side::Need } else { Side::Offer };
            found(side, if asked { 0.7 } else { 0.6 }, start, at + 1)
        }
        _ => None,
    }
}

/// 招挖掘机司机2名: people are counted soon behind.
fn hires(text: &Text, at: usize) -> bool {
    let rest = text.chars().get(at + 1..).unwrap_or_default();
    let near = rest.iter().take(14).take_while(|c| !",;。!\n".contains(**c));
    near.zip(rest.iter().skip(1))
        .any(|(c, next)| matches!(next, '名' | '人' | '位') && (c.is_ascii_digit() || super::number::is_numeral(*c)))
}

/// 有口罩吗, 有防护服么?
fn asks(text: &Text, at: usize) -> bool {
    let rest = text.chars().get(at..).unwrap_or_default();
    let clause = rest.iter().take(40).take_while(|c| !",;。!?\n".contains(**c)).count();
    let clause = clause + usize::from(rest.get(clause) == Some(&'?'));
    let end = text.back_over(at + clause, &[' ', '?']);
    text.any_before(end, &ASKING_BEHIND).is_some() || text.get(end) == Some('?')
}

pub(super) fn urgency(text: &Text) -> Option<Found<Urgency>> {
    let leads: Vec<usize> =
        text.chars().iter().enumerate().filter(|(_, c)| URGENT_LEADS.may_begin(**c)).map(|(at, _)| at).collect();
    let find = |words: &[&str]| {
        leads.iter().find_map(|at| {
            let end = text.any_at(*at, words)?;
            let inside = text.before(*at).is_some_and(|c| c.is_ascii_alphabetic() || "应".contains(c));
            let other = text.get(end).is_some_and(|c| NOT_AFTER.contains(c));
            (!inside && !other).then_some((*at, end))
        })
    };
    let (level, sure, (start, end)) = match find(&CRITICAL) {
        Some(range) => (Urgency::Critical, 0.85, range),
        None => (Urgency::High, 0.9, find(&HIGH)?),
    };
    Some(Found::new(level, sure, text, start, end))
}

/// Where names, telephone numbers and accounts stand: from the word to the end of its clause, and bare numbers.
pub(super) fn contacts(text: &Text) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let may = text.get(at).is_some_and(|c| CONTACT_LEADS.may_begin(c));
        let worded = may
            .then(|| text.any_at(at, &CONTACT))
            .flatten()
            .filter(|_| !text.before(at).is_some_and(|c| c.is_ascii_alphabetic()))
            // 电话分机, 手机壳 and 对讲电话线 are goods.
            .filter(|end| !text.get(*end).is_some_and(|c| "分机壳膜线卡袋支架座屏会".contains(c)));
        if let Some(word_end) = worded {
            let rest = text.chars().get(word_end..).unwrap_or_default();
            let length = rest.iter().take(60).take_while(|c| !",;。!\n".contains(**c)).count();
            found.push((at, word_end + length));
            at = word_end + length;
        } else if text.get(at).is_some_and(|c| c.is_ascii_digit()) {
            let end = telephone_end(text, at);
            let digits = text.chars()[at..end].iter().filter(|c| c.is_ascii_digit()).count();
            let whole = !text.before(at).is_some_and(|c| c.is_ascii_alphanumeric());
            if whole && digits == 11 && matches!(text.get(at), Some('1' | '0')) {
                found.push((at, end));
            }
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

/// 给一线医护人员, 用于采购原材料: no goods are named there.
pub(super) fn asides(text: &Text) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if let Some(end) = chat_header(text, at) {
            found.push((at, end));
            at = end;
            continue;
        }
        let may = text.get(at).is_some_and(|c| ASIDE_LEADS.may_begin(c));
        let Some(end) = may.then(|| text.any_at(at, &ASIDE)).flatten() else {
            at += 1;
            continue;
        };
        let rest = text.chars().get(end..).unwrap_or_default();
        let length = rest.iter().take(20).take_while(|c| !",;。!\n(".contains(**c)).count();
        // 提供 of 提供给 says the side.
        let start = text.any_before(end, &["给"]).unwrap_or(at);
        found.push((start, end + length));
        at = end + length;
    }
    found
}

/// The end of 张三 10:23 or 张三 2020-02-03 10:23:05 at the beginning of a line: who wrote it, and when.
fn chat_header(text: &Text, at: usize) -> Option<usize> {
    if at > 0 && text.before(at) != Some('\n') {
        return None;
    }
    let line = text.chars().get(at..)?.iter().take(40).take_while(|c| **c != '\n');
    let line: String = line.collect();
    let mut end = 0;
    for word in line.split_inclusive(' ') {
        end += word.chars().count();
        let word = word.trim_end().trim_end_matches(':');
        let clock = word.contains(':') && word.chars().all(|c| c.is_ascii_digit() || c == ':');
        if clock && (4..=8).contains(&word.len()) {
            return Some(at + end);
        }
        if end > 24 {
            break;
        }
    }
    None
}

/// Figures with single hyphens or spaces between them.
fn telephone_end(text: &Text, at: usize) -> usize {
    let mut end = super::number::end_of_figures(text, at);
    while matches!(text.get(end), Some('-' | ' ')) && end - at < 14 {
        let next = super::number::end_of_figures(text, end + 1);
        if !(3..=8).contains(&(next - end - 1)) {
            break;
        }
        end = next;
    }
    end
}
