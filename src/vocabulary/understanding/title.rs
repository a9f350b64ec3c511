//! The title: what is left when all that was understood is taken out.

use super::Found;
use super::mask::Mask;
use super::source::Span;
use super::understood::{Findings, part};
use crate::domain::listing::Side;
use crate::vocabulary::text::is_han;

/// What is left of the characters when all that was understood is taken out.
pub(super) fn title(findings: &Findings, range: Span) -> String {
    tidy(&left_of(findings, range, ' '))
}

/// The same before it is tidied; `filler` stands for each character taken out.
pub(super) fn left_of(findings: &Findings, range: Span, filler: char) -> String {
    let text = &findings.text;
    let mut gone = Mask::new(text.len());
    let sure = |at: Span, confidence: f64| (confidence >= 0.5).then_some(at);
    let spans = findings
        .quantities
        .iter()
        .filter_map(|found| sure(found.at, found.confidence))
        .chain(findings.prices.iter().map(|found| found.at))
        .chain(findings.dates.iter().map(|found| found.at))
        .chain(findings.places.iter().filter_map(|found| sure(found.at, found.confidence)))
        .chain(findings.sides.iter().filter_map(|found| sure(found.at, found.confidence)))
        .chain(findings.urgency.iter().map(|found| found.at))
        .chain(findings.contacts.iter().chain(&findings.asides).map(|(start, end)| Span { start: *start, end: *end }));
    spans.for_each(|at| gone.cover(at.start, at.end));
    goods_stay(findings, range, &mut gone);
    if let Some(end) = salutation(findings, range) {
        gone.cover(range.start, end);
    }
    let mut left = String::new();
    // A sign such as ㎡ is several in normal form and one in the input.
    let mut last = None;
    for at in range.start..range.end {
        let own = text.span(at, at + 1);
        if gone.covers(at) {
            left.push(filler);
        } else if last != Some(own) {
            left.push_str(&text.original(own));
        }
        last = Some(own);
    }
    left
}

/// 融资 of 融资2000万 says what the sum is for.
fn goods_stay(findings: &Findings, range: Span, gone: &mut Mask) {
    for found in part(&findings.goods, range).iter().filter(|found| is_money(&found.value.0)) {
        gone.uncover(found.at.start, found.at.end);
    }
}

/// Loans, shares and the like, but not 捐赠, which is a price of nothing.
pub(super) fn is_money(codes: &[String]) -> bool {
    codes.iter().all(|code| code.starts_with("finance") && code != "finance.donation")
}

/// The end of 各位领导：, 中石化：, 汽车配件厂 of 汽车配件厂需要钢板, before goods: who speaks, or to whom.
fn salutation(findings: &Findings, range: Span) -> Option<usize> {
    let organised = |found: &&Found<Side>| {
        found.confidence >= 0.8 && findings.text.before(found.at.start).is_some_and(|c| ORGANISATIONS.contains(c))
    };
    let speaker = part(&findings.sides, range).iter().find(organised).map(|found| found.at.start);
    let speaker = speaker.filter(|at| !part(&findings.goods, Span { start: *at, end: range.end }).is_empty());
    if speaker.is_some() {
        return speaker;
    }
    let colon = (range.start..range.end).take(FARTHEST_COLON).find(|at| findings.text.get(*at) == Some(':'))?;
    let goods = part(&findings.goods, range);
    let before = goods.first().is_none_or(|found| found.at.start < colon);
    (!before).then_some(colon + 1)
}

/// Signs and small words that only joined what was taken out.
fn tidy(left: &str) -> String {
    let drawn = |c: char| matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2500}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' | '\u{fe0f}');
    let loose =
        |c: char| c.is_whitespace() || drawn(c) || "，,、。；;：:！!？?（）()[]【】·-—~～/|*×+=\"“”#•".contains(c);
    let mut words: Vec<&str> = left
        .split(char::is_whitespace)
        .map(|word| if JOINTS.contains(&word) { word } else { trim(word, loose) })
        .collect();
    words.retain(|word| !word.is_empty() && !is_small(word));
    // 口罩x1000
    for word in &mut words {
        let times = word.strip_suffix(['x', 'X', '×']).filter(|rest| rest.ends_with(is_han));
        *word = times.unwrap_or(word);
    }
    drop_joints(&mut words);
    let mut joined = words.join(" ");
    while let Some(rest) = LEADING.iter().find_map(|word| joined.strip_prefix(word)) {
        joined = rest.trim_start_matches(loose).to_owned();
    }
    joined
}

/// 我公司现, 并, 我们.
fn is_small(word: &str) -> bool {
    let lower = word.to_lowercase();
    let rest = SPEAKERS.iter().find_map(|speaker| lower.strip_prefix(speaker)).unwrap_or(&lower);
    rest.is_empty() || SMALL_WORDS.contains(&rest)
}

/// A bar or stroke stays only between two words: 医用防护口罩 | N95口罩.
fn drop_joints(words: &mut Vec<&str>) {
    let joins = |word: &&str| JOINTS.contains(word);
    words.dedup_by(|next, last| joins(&&**next) && joins(&&**last));
    while words.last().is_some_and(joins) {
        words.pop();
    }
    let first = words.iter().take_while(|word| joins(word)).count();
    words.drain(..first);
}

/// Signs around a word, but not the bracket that closes one inside it.
fn trim(word: &str, loose: impl Fn(char) -> bool + Copy) -> &str {
    let trimmed = word.trim_matches(loose);
    let closes = |open: &str, close: &str| trimmed.contains(open) && !trimmed.contains(close);
    let rest = &word[word.find(trimmed).unwrap_or(0) + trimmed.len()..];
    let lost = rest.chars().next().filter(|c| {
        matches!(c, '）' | ')') && (closes("（", "）") || closes("(", ")")) || *c == '】' && closes("【", "】")
    });
    match lost {
        Some(close) => &word[word.find(trimmed).unwrap_or(0)..][..trimmed.len() + close.len_utf8()],
        None => trimmed,
    }
}

/// Words a title does not begin with.
const LEADING: [&str; 16] =
    ["一点", "点", "些", "几个", "的", "一批", "一些", "大量", "少量", "各类", "各种", "另外", "另", "还", "批", "约"];

const SMALL_WORDS: [&str; 73] = [
    "可",
    "可以",
    "我有",
    "我们有",
    "现有",
    "目前",
    "手里",
    "手上",
    "长期",
    "we",
    "our",
    "us",
    "some",
    "hi",
    "all",
    "hello",
    "dear",
    "thanks",
    "质保一年",
    "另",
    "还",
    "再",
    "也",
    "另外",
    "同时",
    "并",
    "且",
    "要",
    "各",
    "我",
    "我们",
    "我司",
    "我厂",
    "我院",
    "一批",
    "一些",
    "的",
    "了",
    "和",
    "及",
    "以及",
    "或",
    "请",
    "大家",
    "各位",
    "老板",
    "谢谢",
    "数量",
    "价格",
    "共",
    "等",
    "有",
    "为",
    "是",
    "在",
    "到",
    "送",
    "出",
    "以上",
    "物资",
    "如下",
    "以下",
    "现",
    "from",
    "for",
    "to",
    "in",
    "by",
    "at",
    "of",
    "the",
    "and",
    "please",
];

/// Who speaks.
const SPEAKERS: [&str; 18] = [
    "我单位",
    "本单位",
    "我公司",
    "本公司",
    "公司",
    "我院",
    "本院",
    "我司",
    "我厂",
    "本厂",
    "我校",
    "我们厂",
    "我们公司",
    "我们",
    "咱们",
    "我行",
    "我店",
    "我",
];
/// Signs that join two names of one thing.
const JOINTS: [&str; 2] = ["|", "/"];
/// A salutation is no longer than this.
const FARTHEST_COLON: usize = 24;
/// Last signs of the names of organisations.
const ORGANISATIONS: &str = "厂司院店局所社团位业校";
