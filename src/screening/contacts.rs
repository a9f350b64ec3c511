//! Contact data in a text: there they escape the rules by which contacts are opened.

use std::sync::LazyLock;

use regex::Regex;

use super::text::Folded;
use crate::domain::flag::{Evidence, Finding, ListingFlagCode};

/// Words after which a number is one to call.
const CUES: [&str; 16] = [
    "电话", "手机", "联系", "热线", "致电", "来电", "拨打", "微信", "v信", "tel", "phone", "call", "mobile",
    "whatsapp", "wechat", "vx",
];

/// What follows a quantity.
const UNITS: &str = "只个件吨元千克公斤箱台套片支瓶包桶双米枚人万亿美升斤盒袋平方立%";
const LATIN_UNITS: [&str; 10] = ["pcs", "pieces", "kg", "unit", "ton", "cny", "rmb", "usd", "pairs", "boxes"];

static PATTERNS: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
    let sources = [
        ("landline", r"(?:^|[^0-9a-z.-])((?:0[1-9]\d{1,2}[- ]\d{7,8}|[48]00-\d{3}-?\d{4}))(?:$|[^0-9a-z-])"),
        (
            "wechat",
            r"((?:微信|薇信|威信|v信|weixin|wechat)[ 号同是为id]{0,4}[:： ]{0,3}(?:[a-z][a-z0-9_-]{5,19}|[1-9]\d{5,10})|(?:vx|wx|加v)[ 号]{0,2}[:：] ?[a-z1-9][a-z0-9_-]{5,19})(?:$|[^a-z0-9])",
        ),
        ("qq", r"(?:^|[^a-z0-9])((?:qq|扣扣|企鹅)[群号 ]{0,2}[:： ]{0,2}[1-9]\d{4,10})(?:$|[^0-9a-z])"),
        ("email", r"([a-z0-9._%+-]+ ?(?:@|\(at\)|\[at\]) ?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,10})"),
        (
            "url",
            r"((?:https?://|www\.)[a-z0-9-]+\.[a-z0-9./?=&_%-]+)|(?:^|[^a-z0-9@._-])([a-z0-9][a-z0-9-]+\.(?:com\.cn|com|cn|shop|top|vip|xyz|cc))(?:$|[^a-z0-9])",
        ),
    ];
    sources.into_iter().filter_map(|(kind, source)| Some((kind, Regex::new(source).ok()?))).collect()
});

pub fn screen(texts: &[Folded<'_>]) -> Vec<Finding> {
    let mut found = Vec::new();
    for text in texts {
        found.extend(mobiles(text).into_iter().map(|evidence| finding("mobile", evidence)));
        let plain: String = text.chars.iter().collect();
        for (kind, pattern) in PATTERNS.iter() {
            let hits = pattern.captures_iter(&plain).filter_map(|hit| hit.iter().skip(1).flatten().next());
            found.extend(hits.map(|hit| {
                let start = plain[..hit.start()].chars().count();
                finding(kind, text.evidence(start, start + hit.as_str().chars().count()))
            }));
        }
    }
    found
}

fn finding(kind: &str, evidence: Evidence) -> Finding {
    Finding::new(ListingFlagCode::ContactInText, kind, [("contact", kind.to_owned())]).with(evidence)
}

/// A run of digits; `start..end` of the text.
struct Group {
    digits: String,
    start: usize,
    end: usize,
}

/// Chinese numbers of a mainland mobile, also in Chinese numerals, in groups or one by one.
fn mobiles(text: &Folded<'_>) -> Vec<Evidence> {
    let mut found = Vec::new();
    for run in runs(text) {
        let mut from = 0;
        while from < run.len() {
            let fitting = (from + 1..=run.len()).find(|to| is_mobile(text, &run[from..*to]));
            if let Some(to) = fitting {
                found.push(text.evidence(run[from].start, run[to - 1].end));
                from = to;
            } else {
                from += 1;
            }
        }
    }
    found
}

/// Groups of digits with nothing but separators between them.
fn runs(text: &Folded<'_>) -> Vec<Vec<Group>> {
    let mut runs: Vec<Vec<Group>> = Vec::new();
    let mut at = 0;
    while at < text.chars.len() {
        let Some(_) = digit(text.chars[at]) else {
            at += 1;
            continue;
        };
        let start = at;
        let mut digits = String::new();
        while let Some(value) = text.chars.get(at).copied().and_then(digit) {
            digits.push(value);
            at += 1;
        }
        let group = Group { digits, start, end: at };
        let joins = |run: &Vec<Group>| {
            run.last().is_some_and(|last| start - last.end <= 2 && is_separator(&text.chars[last.end..start]))
        };
        match runs.last_mut().filter(|run| joins(run)) {
            Some(run) => run.push(group),
            None => runs.push(vec![group]),
        }
    }
    runs
}

fn digit(c: char) -> Option<char> {
    Some(match c {
        '0'..='9' => c,
        '零' | '〇' | '○' => '0',
        '一' | '幺' | '壹' => '1',
        '二' | '两' | '贰' => '2',
        '三' | '叁' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' => '6',
        '七' | '柒' => '7',
        '八' | '捌' => '8',
        '九' | '玖' => '9',
        _ => return None,
    })
}

fn is_separator(between: &[char]) -> bool {
    between.iter().all(|c| " -.·*_|~—\t".contains(*c))
}

fn is_mobile(text: &Folded<'_>, groups: &[Group]) -> bool {
    let digits: String = groups.iter().map(|group| group.digits.as_str()).collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.digits.len()).collect();
    let [first, .., last] = groups else {
        return groups.first().is_some_and(|only| is_single(text, only));
    };
    let cued = || is_cued(text, first.start);
    let shaped = match lengths[..] {
        [3, 4, 4] | [3, 8] | [7, 4] => true,
        // So do model numbers stand beside one another.
        [4, 4, 3] => cued(),
        _ => lengths.iter().all(|length| *length <= 2),
    };
    shaped && is_number(&digits) && stands_alone(text, first.start, last.end)
}

fn is_single(text: &Folded<'_>, group: &Group) -> bool {
    let national =
        group.digits.strip_prefix("86").filter(|rest| rest.len() == 11 && is_cued_or_plus(text, group.start));
    (is_number(&group.digits) || national.is_some_and(is_number)) && stands_alone(text, group.start, group.end)
}

fn is_number(digits: &str) -> bool {
    let mut first = digits.chars();
    digits.len() == 11 && first.next() == Some('1') && first.next().is_some_and(|second| ('3'..='9').contains(&second))
}

fn is_cued(text: &Folded<'_>, start: usize) -> bool {
    let before = text.before(start, 12);
    CUES.iter().any(|cue| before.contains(cue))
}

fn is_cued_or_plus(text: &Folded<'_>, start: usize) -> bool {
    text.before(start, 1) == "+" || is_cued(text, start)
}

/// No letters on either side but those of a cue, and no unit after it.
fn stands_alone(text: &Folded<'_>, start: usize, end: usize) -> bool {
    let before = text.before(start, 1);
    let glued = before.chars().any(|c| c.is_ascii_alphanumeric()) && !is_cued(text, start);
    let decimal = [".", "¥", "$", "/"].contains(&before.as_str());
    let after = text.after(end, 8);
    let rest = after.trim_start();
    let unit = rest.starts_with(|c| UNITS.contains(c)) || LATIN_UNITS.iter().any(|unit| rest.starts_with(unit));
    let mut next = after.chars();
    let continued = next
        .next()
        .is_some_and(|c| c.is_ascii_alphanumeric() || c == '.' && next.next().is_some_and(|c| c.is_ascii_digit()));
    !(glued || decimal || unit || continued)
}
