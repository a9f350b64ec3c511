//! Prices: `0.8元/只`, 每只8毛, `¥3.5`, 3块5一个, 免费, `USD 0.5 per piece`, and the most somebody pays (不超过, `up to`).

mod money;
mod words;

use std::sync::LazyLock;

use serde::Serialize;

use super::Found;
use super::leads::Leads;
use super::lexicon::Lexicon;
use super::number::{Form, ONE, decimal};
use super::source::{Text, is_word};
use crate::domain::decimal::Decimal;
use crate::domain::trade::{Delivery, PriceMode};
use money::{Amount, amount_at};
use words as w;

/// What is asked or offered for one unit, or for all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct PriceSaid {
    /// 0: given away. Absent where the price is to be agreed. Of a range the lower end.
    pub amount: Option<Decimal>,
    pub upper: Option<Decimal>,
    /// ISO 4217.
    pub currency: String,
    /// The unit the amount is for; absent: the listing's.
    pub per: Option<String>,
    /// The most that is paid, not what is asked.
    pub cap: bool,
    pub scope: Scope,
    pub mode: PriceMode,
    /// 含税, 不含税.
    pub tax_included: Option<bool>,
    /// 出厂价, 包邮.
    pub delivery: Option<Delivery>,
}

/// What a price is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    #[default]
    Unstated,
    Unit,
    /// 总价, 预算: of the whole.
    Total,
}

pub(super) fn all(text: &Text, lexicon: &Lexicon) -> Vec<Found<PriceSaid>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match sum_or_word(text, lexicon, at) {
            Some((price, end)) => {
                at = end.max(at + 1);
                found.push(price);
            }
            None if text.get(at).is_some_and(|c| c.is_ascii_digit()) => at = super::number::end_of_figures(text, at),
            None => at += 1,
        }
    }
    found
}

static WORD_LEADS: LazyLock<Leads> = LazyLock::new(|| Leads::of(w::FREE.into_iter().chain(w::NEGOTIABLE)));

fn sum_or_word(text: &Text, lexicon: &Lexicon, at: usize) -> Option<Priced> {
    let c = text.get(at)?;
    let sum = if money::may_begin(c) { price_at(text, lexicon, at) } else { None };
    sum.or_else(|| WORD_LEADS.may_begin(c).then(|| given_away(text, at).or_else(|| negotiable(text, at))).flatten())
}

type Priced = (Found<PriceSaid>, usize);

/// A sum with its currency, or a number behind 单价.
fn price_at(text: &Text, lexicon: &Lexicon, at: usize) -> Option<Priced> {
    if !money::signed(text, at) && super::number::number_at(text, at).is_none() {
        return None;
    }
    let marked = is_marked(text, at);
    let first = amount_at(text, at, marked).or_else(|| money::shared(text, at)).or_else(|| rated(text, lexicon, at))?;
    let mut price = PriceSaid { currency: first.currency.to_owned(), ..PriceSaid::default() };
    let (mut millionths, mut end) = (first.millionths, first.end);
    if let Some(second) = range(text, &first) {
        // In 3-5元 and 1-2万元 the first number shares what stands behind the second.
        millionths = if first.certain { millionths } else { millionths.saturating_mul(second.scale) };
        (price.upper, end) = (decimal(second.millionths), second.end);
        price.currency = second.currency.to_owned();
    }
    let (unit_before, start) = unit_before(text, lexicon, at);
    price.cap = start < at && (start..at).any(|at| text.any_at(at, &w::CAP).is_some());
    let unit_behind = unit_behind(text, lexicon, end);
    if let Some((_, behind)) = &unit_behind {
        end = *behind;
    }
    price.per = unit_behind.map(|(code, _)| code).or(unit_before);
    let certain = first.certain || price.upper.is_some();
    // 300块 alone may be pieces.
    if !certain && price.per.is_none() && !marked {
        return None;
    }
    price.amount = Some(decimal(millionths)?);
    if price.per.is_none() {
        price.per = w::wage_before(text, start).map(|(code, _)| code.to_owned());
    }
    let start = w::wage_before(text, start).map_or(start, |(_, begin)| begin);
    price.scope = match (&price.per, text.any_before(text.back_over(start, &[' ', ':', '约']), &w::TOTAL)) {
        (Some(_), _) => Scope::Unit,
        (None, Some(_)) => Scope::Total,
        (None, None) if marked => Scope::Unit,
        (None, None) => Scope::Unstated,
    };
    let (start, end) = surroundings(text, &mut price, start, end);
    let unsigned = !first.certain && price.upper.is_none() && text.any_at(first.end, &["元", "块"]).is_none();
    let sure = match price.scope {
        Scope::Unit if unsigned && text.before(first.end) != Some('块') => 0.75,
        Scope::Unit => 0.95,
        Scope::Total => 0.9,
        Scope::Unstated => 0.75,
    };
    Some((Found::new(price, sure, text, start, end), end))
}

/// Behind 单价, 预算, 单价不高于.
fn is_marked(text: &Text, at: usize) -> bool {
    let signs = [' ', ':', '是', '为', '约', '在'];
    let end = text.back_over(at, &signs);
    let end = text.any_before(end, &w::CAP).map_or(end, |start| text.back_over(start, &signs));
    text.any_before(end, &w::MARKED).is_some() || text.any_before(end, &w::SUM).is_some()
}

/// 2.8万/吨, 一吨2.8万, 18万/台, `2.5/只`: no pack holds so much or so little, so it is money.
fn rated(text: &Text, lexicon: &Lexicon, at: usize) -> Option<Amount> {
    if text.before(at).is_some_and(|c| c.is_ascii_alphanumeric() || "-*x×.日月年".contains(c)) {
        return None;
    }
    let number = super::number::number_at(text, at).filter(|number| number.upper.is_none() && !number.more)?;
    let (before, _) = unit_before(text, lexicon, at);
    let unit = unit_behind(text, lexicon, number.end).map(|(unit, _)| unit).or(before)?;
    let point = matches!(number.form, Form::Figures { point: true, leading_zero: false, digits: 1..=5 });
    let scaled = number.form == Form::Scaled && number.millionths >= 1_000 * ONE;
    // 120一套, but not 2000一箱.
    let whole = matches!(number.form, Form::Figures { point: false, leading_zero: false, digits: 1..=6 });
    let one =
        text.get(number.end) == Some('一') && whole && matches!(unit.as_str(), "H87" | "SET" | "PR" | "TNE" | "KGM");
    let fits = one
        || scaled && matches!(unit.as_str(), "TNE" | "KGM" | "H87" | "SET" | "MTR" | "MTK" | "MTQ")
        || point && matches!(unit.as_str(), "H87" | "PR" | "KGM" | "SET" | "XBX" | "XPK" | "MTR" | "XBO");
    let machine =
        unit != "H87" || point || one || text.any_at(number.end, &["/台", "一台", "/辆", "/条", "每台"]).is_some();
    fits.then_some(())?;
    machine.then(|| money::uncertain(&number))
}

/// `0.5-0.8元`: the second sum.
fn range(text: &Text, first: &Amount) -> Option<Amount> {
    let sign = text.any_at(text.skip_spaces(first.end), &["-", "~", "至", "到", "to "])?;
    let second = amount_at(text, text.skip_spaces(sign), false)?;
    let shares = if first.certain { first.millionths } else { first.millionths.saturating_mul(second.scale) };
    (second.certain && shares < second.millionths).then_some(second)
}

/// 每只0.8元, 一吨2.8万: the unit, and where the expression begins.
fn unit_before(text: &Text, lexicon: &Lexicon, at: usize) -> (Option<String>, usize) {
    let filling = [' ', ':', '约', '为', '是', '要', '卖', '价'];
    let end = text.back_over(at, &filling);
    let end = text.any_before(end, &w::CAP).map_or(end, |start| text.back_over(start, &filling));
    let end = text.any_before(end, &w::MARKED).map_or(end, |start| text.back_over(start, &filling));
    let spans = [
        ("MON", ["每月", "一个月"]),
        ("DAY", ["每天", "每日"]),
        ("HUR", ["每小时", "每时"]),
        ("ANN", ["每年", "一年"]),
    ];
    if let Some(span) = spans.iter().find_map(|(code, words)| text.any_before(end, words).map(|begin| (*code, begin))) {
        return (Some(span.0.to_owned()), span.1);
    }
    for length in 1..=4 {
        let Some(start) = end.checked_sub(length) else { break };
        let Some((word, word_end)) = lexicon.word_at(text, start) else { continue };
        if word_end != end {
            continue;
        }
        if let Some(begin) = text.any_before(start, &["每一", "每", "一", "per ", "单"])
            && !matches!(text.before(begin), Some('十' | '百' | '统' | '唯' | '第'))
        {
            return (Some(word.code.clone()), begin);
        }
    }
    (None, at)
}

/// `/只`, 每只, 一个, `per piece`, `each`.
fn unit_behind(text: &Text, lexicon: &Lexicon, end: usize) -> Option<(String, usize)> {
    let at = text.skip_spaces(end);
    if let Some(after) = text.any_at(at, &["each", "apiece", "ea", "a piece"]) {
        return Some(("H87".to_owned(), after));
    }
    let spans = [
        ("MON", ["/月", "每月", "一个月", "一月"]),
        ("DAY", ["/日", "每日", "/天", "一天"]),
        ("HUR", ["/时", "每时", "/h", "一小时"]),
        ("ANN", ["/年", "每年", "一年", "/a"]),
        ("KWH", ["/度", "每度", "一度", "一度电"]),
    ];
    let span = spans.iter().find_map(|(code, words)| text.any_at(at, words).map(|after| ((*code).to_owned(), after)));
    if span.is_some() {
        return span;
    }
    let behind = text.any_at(at, &["/1", "/一", "/", "每一", "每", "一", "per ", "a ", "an "])?;
    let (word, after) = lexicon.word_at(text, text.skip_spaces(behind))?;
    // 3元一次性口罩 is no price per time; 5元每天 is.
    let splits = text.get(at) == Some('一') && text.get(after).is_some_and(|c| c == '性');
    (!splits).then(|| (word.code.clone(), after))
}

/// Marks of a cap, of taxes and of delivery before and behind.
fn surroundings(text: &Text, price: &mut PriceSaid, start: usize, end: usize) -> (usize, usize) {
    let (mut start, mut end) = (start, end);
    for _ in 0..3 {
        let at = text.back_over(start, &[' ', ':', ',', '在', '为', '是', '的', '(']);
        if let Some(begin) = text.any_before(at, &w::CAP) {
            (price.cap, start) = (true, begin);
        } else if let Some(begin) = text.any_before(at, &w::MARKED).or_else(|| text.any_before(at, &w::TOTAL)) {
            start = begin;
        } else {
            break;
        }
    }
    for _ in 0..4 {
        let at = end
            + text.chars().get(end..).unwrap_or_default().iter().take(2).take_while(|c| " ,(".contains(**c)).count();
        if let Some(after) = text.any_at(at, &w::CAP_BEHIND) {
            (price.cap, end) = (true, after);
        } else if let Some((included, after)) = w::tax_at(text, at) {
            (price.tax_included, end) = (Some(included), after);
        } else if let Some((delivery, after)) = w::delivery_at(text, at) {
            (price.delivery, end) = (Some(delivery), after);
        } else {
            break;
        }
    }
    if price.delivery.is_none() {
        price.delivery = w::delivery_before(text, start);
    }
    (start, end)
}

fn given_away(text: &Text, at: usize) -> Option<Priced> {
    let end = text.any_at(at, &w::FREE)?;
    let other = text.any_at(text.skip_spaces(end), &w::FREE_OTHER).is_some();
    let asked = text.any_before(at, &["接受", "不", "非", "包邮"]).is_some();
    if other || asked || text.before(at).is_some_and(|c| c.is_ascii_alphabetic() || c == '-') {
        return None;
    }
    let price =
        PriceSaid { amount: Some(Decimal::ZERO), currency: "CNY".to_owned(), scope: Scope::Unit, ..Default::default() };
    Some((Found::new(price, 0.9, text, at, end), end))
}

fn negotiable(text: &Text, at: usize) -> Option<Priced> {
    let end = text.any_at(at, &w::NEGOTIABLE)?;
    if text.before(at).is_some_and(|c| c.is_ascii_alphabetic())
        || text.get(end).is_some_and(|c| c == '间' && is_word(c))
    {
        return None;
    }
    let price = PriceSaid { currency: "CNY".to_owned(), mode: PriceMode::Negotiable, ..Default::default() };
    let start = text.any_before(at, &w::MARKED).unwrap_or(at);
    Some((Found::new(price, 0.9, text, start, end), end))
}
