//! Prices: `0.8元/只`, 每只8毛, `¥3.5`, 3块5一个, 免费, `USD 0.5 per piece`, and the most somebody pays (不超过, `up to`).

mod money;
mod rates;
mod words;

use std::sync::LazyLock;

use serde::Serialize;

use super::Found;
use super::leads::Leads;
use super::lexicon::Lexicon;
use super::number::{ONE, decimal};
use super::source::{Text, is_word};
use crate::domain::decimal::Decimal;
use crate::domain::trade::{Delivery, PriceMode};
use money::amount_at;
use rates::{range, rated, unit_before, unit_behind};
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
    if let Some(second) = range(text, lexicon, &first) {
        // In 3-5元 and 1-2万元 the first number shares what stands behind the second.
        millionths = if first.certain { millionths } else { millionths.saturating_mul(second.scale) };
        (price.upper, end) = (decimal(second.millionths), second.end);
        price.currency = second.currency.to_owned();
    }
    let (unit_before, start) = unit_before(text, lexicon, at);
    price.cap = (start + 1..=at).any(|end| w::cap_before(text, end).is_some_and(|begin| begin >= start));
    let unit_behind = unit_behind(text, lexicon, end);
    if let Some((_, behind)) = &unit_behind {
        end = *behind;
    }
    let per = unit_behind.map(|(per, _)| per).or(unit_before);
    let certain = first.certain || price.upper.is_some();
    // 300块 alone may be pieces.
    if !certain && per.is_none() && !marked {
        return None;
    }
    price.amount = Some(decimal(millionths)?);
    if let Some(per) = per {
        // 3元/斤 is 6元 a kilogram.
        let of_unit = per.ratio.inverse();
        price.amount = price.amount.and_then(|amount| of_unit.apply(amount));
        price.upper = price.upper.and_then(|upper| of_unit.apply(upper));
        price.amount?;
        price.per = Some(per.code);
    }
    if price.per.is_none() {
        price.per = w::wage_before(text, start).map(|(code, _)| code.to_owned());
        let monthly = millionths >= 1_500 * ONE && w::is_pay(text, start);
        price.per = price.per.or_else(|| monthly.then(|| "MON".to_owned()));
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
    let end = w::bound_before(text, end).map_or(end, |start| text.back_over(start, &signs));
    text.any_before(end, &w::MARKED).is_some() || text.any_before(end, &w::SUM).is_some()
}

/// Marks of a cap, of taxes and of delivery before and behind.
fn surroundings(text: &Text, price: &mut PriceSaid, start: usize, end: usize) -> (usize, usize) {
    let (mut start, mut end) = (start, end);
    for _ in 0..3 {
        let at = text.back_over(start, &[' ', ':', ',', '在', '为', '是', '的', '(']);
        if let Some(begin) = w::cap_before(text, at) {
            (price.cap, start) = (true, begin);
        } else if let Some(begin) = [&w::MARKED[..], &w::TOTAL, &w::FLOOR].iter().find_map(|w| text.any_before(at, w)) {
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
