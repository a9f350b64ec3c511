//! Chinese numerals, alone or behind figures.

use super::{Form, Number, ONE};
use crate::vocabulary::understanding::source::Text;

/// Longer runs of numeral characters are no number.
const LONGEST: usize = 24;

pub(in super::super) fn digit(c: char) -> Option<i128> {
    Some(match c {
        '零' | '〇' => 0,
        '一' | '壹' | '幺' => 1,
        '二' | '两' | '贰' | '俩' => 2,
        '三' | '叁' | '仨' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

fn multiplier(c: char) -> Option<i128> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1_000,
        '万' => 10_000,
        '亿' => 100_000_000,
        _ => return None,
    })
}

/// 廿 and 卅.
fn tens(c: char) -> Option<i128> {
    match c {
        '廿' => Some(20),
        '卅' => Some(30),
        _ => None,
    }
}

pub(in super::super) fn is_numeral(c: char) -> bool {
    digit(c).is_some() || multiplier(c).is_some() || tens(c).is_some() || matches!(c, '几' | '数' | '半')
}

/// A numeral in words. 百, 千, 万 alone begin none (千斤顶, 万能), except after 上, 近, 成, 逾.
pub(super) fn number_at(text: &Text, at: usize) -> Option<Number> {
    let first = text.get(at)?;
    if first == '半' {
        let (factor, end) = factors(text, at + 1);
        return Some(words(at, end.max(at + 1), factor * ONE / 2, None, false));
    }
    if let Some(number) = point(text, at) {
        return Some(number);
    }
    if matches!(first, '百' | '千' | '万' | '亿') && !matches!(text.before(at), Some('上' | '近' | '成' | '逾' | '好'))
    {
        return None;
    }
    let run = text.chars().get(at..).unwrap_or_default().iter();
    let length = run.take_while(|c| is_numeral(**c) && **c != '半').take(LONGEST + 1).count();
    if length == 0 || length > LONGEST {
        return None;
    }
    read(&text.chars()[at..at + length]).map(|(value, upper, more)| {
        let more = more || matches!(first, '百' | '千' | '万') && text.before(at) == Some('上');
        let scale = text.get(at + length - 1).and_then(multiplier).filter(|_| length > 1).unwrap_or(1);
        Number { scale, ..words(at, at + length, value * ONE, upper.map(|u| u * ONE), more) }
    })
}

/// 一点五万, 零点五: figures on both sides, and no 十 that would make it a time of day.
fn point(text: &Text, at: usize) -> Option<Number> {
    let whole = text.get(at).and_then(digit).filter(|_| text.get(at + 1) == Some('点'))?;
    let figures = text.chars().get(at + 2..).unwrap_or_default().iter().map_while(|c| digit(*c)).take(4);
    let (value, count) = figures.fold((0, 0), |(value, count), figure| (value * 10 + figure, count + 1));
    let fraction = ONE / 10_i128.pow(count) * value;
    let (factor, end) = factors(text, at + 2 + count as usize);
    let time = matches!(text.get(at + 2 + count as usize), Some('十' | '分'));
    let scale = if factor > 1 { factor } else { 1 };
    (count > 0 && !time).then(|| Number { scale, ..words(at, end, (whole * ONE + fraction) * factor, None, false) })
}

fn words(start: usize, end: usize, millionths: i128, upper: Option<i128>, more: bool) -> Number {
    Number { start, end, millionths, upper, more, scale: 1, form: Form::Words(end - start) }
}

/// Value, upper bound of an estimate such as 两三百, and whether 几 or 数 leaves it open.
fn read(signs: &[char]) -> Option<(i128, Option<i128>, bool)> {
    if let Some(value) = digit_string(signs) {
        return Some((value, None, false));
    }
    if let Some((at, low, high)) = neighbours(signs) {
        let with = |digit: i128| evaluate(signs, Some((at, digit)));
        let (lower, upper) = (with(low)?, with(high)?);
        return (lower < upper).then_some((lower, Some(upper), false));
    }
    if let Some(at) = signs.iter().position(|c| matches!(c, '几' | '数')) {
        return vague(signs, at);
    }
    evaluate(signs, None).map(|value| (value, None, false))
}

/// 十几 is 10 and more, 几百 at least 200.
fn vague(signs: &[char], at: usize) -> Option<(i128, Option<i128>, bool)> {
    let tail = signs.get(at + 1..)?;
    let ends = tail.iter().all(|c| multiplier(*c).is_some());
    if at == 0 {
        // 几个 says nothing.
        return (!tail.is_empty() && ends).then(|| evaluate(signs, Some((0, 2))).map(|value| (value, None, true)))?;
    }
    let lower = evaluate(signs, Some((at, 0)))?;
    (ends && lower > 0).then_some((lower, None, true))
}

/// 二〇二〇 and 一三五 are read figure by figure.
fn digit_string(signs: &[char]) -> Option<i128> {
    let figures: Option<Vec<i128>> = signs.iter().map(|c| digit(*c)).collect();
    let figures = figures.filter(|figures| figures.len() > 2 || figures.len() == 2 && figures.contains(&0))?;
    (figures.len() <= 12).then(|| figures.iter().fold(0, |value, figure| value * 10 + figure))
}

/// Two figures in a row, the second the greater: 两三, 七八, 三五十. Where they stand, and their values.
fn neighbours(signs: &[char]) -> Option<(usize, i128, i128)> {
    signs.windows(2).enumerate().find_map(|(at, pair)| {
        let (low, high) = (digit(*pair.first()?)?, digit(*pair.last()?)?);
        (low > 0 && low < high && high - low <= 2).then_some((at, low, high))
    })
}

/// The usual sections of ten thousand. `given` replaces the sign at an index (and, for a pair, the one behind it).
fn evaluate(signs: &[char], given: Option<(usize, i128)>) -> Option<i128> {
    let pair = neighbours(signs).map(|(at, ..)| at);
    let (mut total, mut section, mut figure): (i128, i128, Option<i128>) = (0, 0, None);
    let (mut last, mut zero) = (0, false);
    for (at, c) in signs.iter().enumerate() {
        if pair.is_some_and(|pair| at == pair + 1) && given.is_some() {
            continue;
        }
        let known = given.filter(|(index, _)| *index == at).map(|(_, value)| value).or_else(|| digit(*c));
        if let Some(value) = known {
            if figure.is_some_and(|f| f != 0) {
                return None;
            }
            (figure, zero) = (Some(value), value == 0);
        } else if let Some(value) = tens(*c) {
            (section, last) = (section + value, 10);
        } else {
            let factor = multiplier(*c)?;
            if factor >= 10_000 {
                let part = section + figure.take().unwrap_or(0);
                let part = if part == 0 && total == 0 { 1 } else { part };
                total = if factor > 10_000 { (total + part) * factor } else { total + part * factor };
                // 一万亿亿亿 is no number.
                if total > LARGEST {
                    return None;
                }
                section = 0;
            } else {
                section += figure.take().unwrap_or(1) * factor;
            }
            last = factor;
        }
    }
    // 三千五 is 3,500; 三千零五 is 3,005.
    let rest = figure.unwrap_or(0);
    let short = last >= 100 && !zero && !(signs.len() > 1 && matches!(signs[signs.len() - 2], '零' | '〇'));
    Some(total + section + if short { rest * last / 10 } else { rest })
}

/// Nothing is counted beyond this; a number so small can be multiplied twice more without overflow.
const LARGEST: i128 = 10_i128.pow(16);

/// Figures with 万, 千, 百, 亿 behind: `18万`, `1.2 万`, `3万5`, `3万5千`, `5百`.
pub(super) fn scaled(text: &Text, number: Number) -> Number {
    let (mut total, mut end, mut last): (i128, usize, i128) = (0, number.end, i128::MAX);
    let mut part = Some(number.millionths);
    let mut scale = None;
    while let Some(value) = part {
        let at = if scale.is_none() { text.skip_spaces(end) } else { end };
        let (factor, after) = factors(text, at);
        if factor == 1
            || factor >= last
            || matches!(text.get(after), Some('斤' | '克' | '瓦' | '米')) && factor == 1_000
        {
            break;
        }
        let Some(sum) = value.checked_mul(factor).and_then(|product| total.checked_add(product)) else { break };
        (total, end, last, part) = (sum, after, factor, None);
        scale.get_or_insert(factor);
        if let Some((rest, behind)) = rest_in_figures(text, after, last) {
            // 3亿5000万, 3万5000, 1百20
            (part, end) = (Some(rest * ONE), behind);
            if factors(text, behind).0 == 1 {
                total += rest * ONE;
                break;
            }
            continue;
        }
        let single = text.get(after).and_then(|c| c.to_digit(10));
        let Some(figure) = single.filter(|_| !text.get(after + 1).is_some_and(|c| c.is_ascii_digit() || c == '.'))
        else {
            break;
        };
        // `3万5` is 35,000, `3万5千` too.
        let (next, _) = factors(text, after + 1);
        if next > 1 && next < last {
            (part, end) = (Some(i128::from(figure) * ONE), after + 1);
        } else {
            (total, end) = (total + i128::from(figure) * ONE * last / 10, after + 1);
        }
    }
    match scale {
        Some(scale) => Number { end, millionths: total, scale, form: Form::Scaled, ..number },
        None => number,
    }
}

/// Two figures and more directly behind a multiplier that fill its last place: the 5000 of 3亿5000万 and of 3万5000.
fn rest_in_figures(text: &Text, at: usize, last: i128) -> Option<(i128, usize)> {
    let end = super::end_of_figures(text, at);
    let value: i128 = text.slice(at, end.min(at + 9)).parse().ok().filter(|_| (2..=8).contains(&(end - at)))?;
    let plain = !text.get(end).is_some_and(|c| matches!(c, '.' | ',') || c.is_ascii_alphabetic());
    let (factor, _) = factors(text, end);
    let fits = value * factor < last && value * factor * 10 >= last;
    (plain && fits).then_some((value, end))
}

/// 万, 百万, 千万 …: the product, and the position behind it.
pub(super) fn factors(text: &Text, at: usize) -> (i128, usize) {
    let (mut factor, mut end) = (1, at);
    while let Some(next) = text.get(end).and_then(multiplier) {
        if end - at >= 2 || factor * next > 10_i128.pow(12) {
            break;
        }
        (factor, end) = (factor * next, end + 1);
    }
    (factor, end)
}
