//! Vehicles as people write them: a body and a length, as far as both name one.

use crate::matching::check::Verdict;
use crate::vocabulary::normalise;

/// What carriers in China call their bodies, and what English calls them. A text may name several.
const BODIES: [&[&str]; 14] = [
    &["厢", "箱式", "面包车", "van", "box"],
    &["冷藏", "冷链", "保温", "reefer", "refrigerat"],
    &["平板", "板车", "flatbed"],
    &["高栏", "仓栏", "stake"],
    &["低板", "低平板", "lowbed", "low-bed"],
    &["轴线", "modular"],
    &["罐", "槽车", "tank"],
    &["集卡", "集装箱", "骨架", "container", "skeletal"],
    &["自卸", "翻斗", "渣土", "tipper", "dump"],
    &["大巴", "客车", "中巴", "班车", "bus", "coach"],
    &["轿车", "网约车", "出租", "sedan", "taxi"],
    &["救护", "ambulance"],
    &["三轮", "tricycle"],
    &["敞车", "棚车", "wagon"],
];

/// Fails only where both name bodies and none in common, or every vehicle offered is shorter than the one asked for.
pub(super) fn compare(asked: &str, offered: &str) -> Verdict {
    let (asked, offered) = (normalise(asked), normalise(offered));
    let (wanted, had) = (bodies(&asked), bodies(&offered));
    let (long, lengths) = (metres(&asked).into_iter().reduce(f64::max), metres(&offered));
    let other_body = !wanted.is_empty() && !had.is_empty() && !wanted.iter().any(|body| had.contains(body));
    let shorter = long.is_some_and(|long| !lengths.is_empty() && lengths.iter().all(|length| *length < long));
    let stated = !wanted.is_empty() && !had.is_empty() || long.is_some() && !lengths.is_empty();
    if other_body || shorter {
        Verdict::Fail
    } else if stated || asked == offered {
        Verdict::Pass
    } else {
        Verdict::Unknown
    }
}

fn bodies(text: &str) -> Vec<usize> {
    let named = |words: &&[&str]| words.iter().any(|word| text.contains(word));
    BODIES.iter().enumerate().filter(|(_, words)| named(words)).map(|(body, _)| body).collect()
}

/// 9.6米, 13 m.
fn metres(text: &str) -> Vec<f64> {
    let starts = text.char_indices().filter(|(at, c)| c.is_ascii_digit() && !text[..*at].ends_with(is_numeral));
    let length = |(at, _): (usize, char)| {
        let number: &str = text[at..].split(|c| !is_numeral(c)).next().unwrap_or_default();
        let mut rest = text[at + number.len()..].trim_start().chars();
        let metres = match rest.next() {
            Some('米') => true,
            Some('m') => rest.next().is_none_or(|c| !c.is_alphanumeric()),
            _ => false,
        };
        number.parse().ok().filter(|_| metres)
    };
    starts.filter_map(length).collect()
}

fn is_numeral(c: char) -> bool {
    c.is_ascii_digit() || c == '.'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_and_lengths_decide_where_both_are_named() {
        for (asked, offered, expected) in [
            ("9.6米冷藏车", "冷藏车 13米", Verdict::Pass),
            ("9.6米冷藏车", "4.2 米冷藏", Verdict::Fail),
            ("reefer", "9.6米高栏", Verdict::Fail),
            ("flatbed 13 m", "13米厢车、17.5米平板", Verdict::Pass),
            ("厢车", "4.2米厢式货车", Verdict::Pass),
            ("后八轮", "高栏车", Verdict::Unknown),
            ("后八轮", "后八轮", Verdict::Pass),
            ("13米", "重卡", Verdict::Unknown),
            ("13mm", "9米", Verdict::Unknown),
        ] {
            assert_eq!(compare(asked, offered), expected, "{asked} {offered}");
        }
    }
}
