//! Sums of money: `0.8元`, 3块5, 八毛, `¥3.5`, `2.5 yuan`, `USD 0.5`, 2.8万.

use std::sync::LazyLock;

use super::super::leads::Leads;
use super::super::number::{Form, Number, ONE, is_numeral, number_at};
use crate::vocabulary::understanding::source::Text;

#[derive(Debug, Clone, Copy)]
pub(super) struct Amount {
    pub millionths: i128,
    /// What the last multiplier stands for.
    pub scale: i128,
    pub currency: &'static str,
    pub end: usize,
    /// A currency is written; otherwise it needs a unit or a word such as 单价.
    pub certain: bool,
}

/// Signs and words before the number.
const BEFORE: [(&str, &str); 22] = [
    ("¥", "CNY"),
    ("rmb", "CNY"),
    ("cny", "CNY"),
    ("人民币", "CNY"),
    ("us$", "USD"),
    ("usd", "USD"),
    ("$", "USD"),
    ("美元", "USD"),
    ("美金", "USD"),
    ("eur", "EUR"),
    ("€", "EUR"),
    ("欧元", "EUR"),
    ("gbp", "GBP"),
    ("£", "GBP"),
    ("hk$", "HKD"),
    ("hkd", "HKD"),
    ("jpy", "JPY"),
    ("krw", "KRW"),
    ("rub", "RUB"),
    ("chf", "CHF"),
    ("yuan ", "CNY"),
    ("y¥", "CNY"),
];
/// Behind the number. The longest is meant: euros, not eur.
const BEHIND: [(&str, &str); 38] = [
    ("元人民币", "CNY"),
    ("人民币", "CNY"),
    ("元钱", "CNY"),
    ("块钱", "CNY"),
    ("圆", "CNY"),
    ("元", "CNY"),
    ("rmb", "CNY"),
    ("cny", "CNY"),
    ("yuan", "CNY"),
    ("¥", "CNY"),
    ("美元", "USD"),
    ("美金", "USD"),
    ("刀", "USD"),
    ("usd", "USD"),
    ("us dollars", "USD"),
    ("dollars", "USD"),
    ("dollar", "USD"),
    ("$", "USD"),
    ("欧元", "EUR"),
    ("欧", "EUR"),
    ("eur", "EUR"),
    ("euros", "EUR"),
    ("euro", "EUR"),
    ("€", "EUR"),
    ("港币", "HKD"),
    ("港元", "HKD"),
    ("hkd", "HKD"),
    ("英镑", "GBP"),
    ("gbp", "GBP"),
    ("日元", "JPY"),
    ("jpy", "JPY"),
    ("yen", "JPY"),
    ("韩元", "KRW"),
    ("krw", "KRW"),
    ("卢布", "RUB"),
    ("rub", "RUB"),
    ("瑞士法郎", "CHF"),
    ("chf", "CHF"),
];

static SIGN_LEADS: LazyLock<Leads> = LazyLock::new(|| Leads::of(BEFORE.iter().map(|(sign, _)| *sign)));

/// Whether a number or a currency may begin with this character.
pub(super) fn may_begin(c: char) -> bool {
    c.is_ascii_alphanumeric() || is_numeral(c) || SIGN_LEADS.may_begin(c)
}

/// Whether a currency stands at `at`.
pub(super) fn signed(text: &Text, at: usize) -> bool {
    text.get(at).is_some_and(|c| SIGN_LEADS.may_begin(c)) && BEFORE.iter().any(|(sign, _)| text.starts_with(at, sign))
}

/// A sum that begins at `at`. `marked`: a word such as 单价 stands before it, so a bare number is one too.
pub(super) fn amount_at(text: &Text, at: usize, marked: bool) -> Option<Amount> {
    if let Some((sign, currency)) = BEFORE.iter().find(|(sign, _)| text.starts_with(at, sign)) {
        let inside = text.before(at).is_some_and(|c| c.is_ascii_alphabetic()) && sign.is_ascii();
        let number = number_at(text, text.skip_spaces(at + sign.chars().count())).filter(|_| !inside)?;
        let (millionths, end) = jiao(text, &number, number.end).unwrap_or((number.millionths, number.end));
        let end = text.any_at(end, &["元", "块"]).unwrap_or(end);
        return Some(Amount { millionths, scale: number.scale, currency, end, certain: true });
    }
    let before = text.before(at);
    if before.is_some_and(|c| c.is_ascii_alphanumeric())
        || before == Some('.') && text.get(at).is_some_and(|c| c.is_ascii_digit())
    {
        return None;
    }
    let number = number_at(text, at).filter(|number| number.upper.is_none())?;
    with_currency(text, &number).or_else(|| bare(text, &number, marked))
}

/// The 6000 of 6000-8000元: a sum whose currency stands behind the second one.
pub(super) fn shared(text: &Text, at: usize) -> Option<Amount> {
    if text.before(at).is_some_and(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-') {
        return None;
    }
    let number = number_at(text, at).filter(|number| number.upper.is_none())?;
    let sign = text.any_at(text.skip_spaces(number.end), &["-", "~", "至", "到"])?;
    let second = number_at(text, text.skip_spaces(sign))?;
    with_currency(text, &second).filter(|second| second.certain).map(|_| uncertain(&number))
}

/// A number that only its surroundings make a sum.
pub(super) fn uncertain(number: &Number) -> Amount {
    Amount { millionths: number.millionths, scale: number.scale, currency: "CNY", end: number.end, certain: false }
}

fn with_currency(text: &Text, number: &Number) -> Option<Amount> {
    let at = text.skip_spaces(number.end);
    let plain = |millionths, currency, end, certain| Amount { millionths, scale: number.scale, currency, end, certain };
    let behind = BEHIND.iter().filter(|(sign, _)| text.starts_with(at, sign));
    if let Some((sign, currency)) = behind.max_by_key(|(sign, _)| sign.chars().count()) {
        let end = at + sign.chars().count();
        // 一元化, 3元素 are no money.
        let other = *sign == "元" && text.get(end).is_some_and(|c| "化素旦宵氏宝器件".contains(c));
        if other
            || text.splits_word(end)
            || *sign == "刀" && !text.get(end).is_some_and(|c| "/一每".contains(c))
            || (*sign == "欧" && !text.get(end).is_some_and(|c| "/一每".contains(c)))
        {
            return None;
        }
        let (millionths, end) = jiao(text, number, end).unwrap_or((number.millionths, end));
        return Some(plain(millionths, *currency, end, true));
    }
    match text.get(number.end)? {
        // 3块5 is money, 300块 may be pieces.
        '块' => match jiao(text, number, number.end + 1) {
            Some((millionths, end)) => Some(plain(millionths, "CNY", end, true)),
            None => Some(plain(number.millionths, "CNY", number.end + 1, false)),
        },
        '毛' | '角' if !text.get(number.end + 1).is_some_and(|c| "巾毯线度钢铁膜落色".contains(c)) => {
            let tenths = number.millionths / 10;
            match one_digit(text, number.end + 1).filter(|(_, end)| !is_counted(text, *end)) {
                Some((digit, end)) => {
                    let end = text.any_at(end, &["分钱", "分"]).unwrap_or(end);
                    Some(plain(tenths + digit * ONE / 100, "CNY", end, true))
                }
                None => {
                    Some(plain(tenths, "CNY", text.any_at(number.end + 1, &["钱"]).unwrap_or(number.end + 1), true))
                }
            }
        }
        '分' if text.get(number.end + 1) == Some('钱') => {
            Some(plain(number.millionths / 100, "CNY", number.end + 2, true))
        }
        _ => None,
    }
}

/// `0.8/只`, 2.8万/吨 behind 单价, or with a unit that the caller looks for.
fn bare(text: &Text, number: &Number, marked: bool) -> Option<Amount> {
    let digits = matches!(number.form, Form::Figures { leading_zero: false, digits, .. } if digits <= 7);
    let fits = digits || number.form == Form::Scaled;
    // Only behind 单价: `0.8/只` without it might be a rate.
    let unit = text.get(number.end).is_some_and(|c| c.is_ascii_alphabetic() || "个只件箱盒吨台%年月日".contains(c));
    (marked && fits && !unit).then_some(Amount {
        millionths: number.millionths,
        scale: number.scale,
        currency: "CNY",
        end: number.end,
        certain: true,
    })
}

/// 5, 5毛, 5角 behind 块 or 元: the sum with its tenths, and where it ends.
fn jiao(text: &Text, number: &Number, end: usize) -> Option<(i128, usize)> {
    if number.millionths % ONE != 0 || !matches!(text.before(end), Some('块' | '元')) {
        return None;
    }
    let (digit, after) = one_digit(text, end)?;
    let named = text.any_at(after, &["毛钱", "毛", "角"]);
    if named.is_none() && (text.before(end) == Some('元') || is_counted(text, after)) {
        return None;
    }
    Some((number.millionths + digit * ONE / 10, named.unwrap_or(after)))
}

fn one_digit(text: &Text, at: usize) -> Option<(i128, usize)> {
    let c = text.get(at)?;
    let digit = c
        .to_digit(10)
        .map(i128::from)
        .or_else(|| super::super::number::digit(c).filter(|_| c != '一' || !next_unit(text, at + 1)));
    let single = !text.get(at + 1).is_some_and(|c| c.is_ascii_digit() || c == '.');
    digit.filter(|_| single).map(|digit| (digit, at + 1))
}

/// In 三块一个 the 一 begins 一个.
fn next_unit(text: &Text, at: usize) -> bool {
    text.get(at).is_some_and(|c| "个只片件箱盒瓶桶套双副吨斤台包袋把卷张支条米".contains(c))
}

/// 3块5个: the 5 counts what follows.
fn is_counted(text: &Text, at: usize) -> bool {
    next_unit(text, at) || text.get(at).is_some_and(|c| "万千百".contains(c))
}
