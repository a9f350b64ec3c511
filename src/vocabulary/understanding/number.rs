//! Numbers as people write them: `18万`, `1.2万`, `2,000`, 一百二十, 三千五, 两三百, 十几, 廿, `10k`, `two hundred`.

use super::source::Text;
use crate::domain::decimal::{Decimal, SCALE};

mod chinese;
mod english;

pub(super) use chinese::{digit, is_numeral};

/// A number of the text; exact, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub start: usize,
    pub end: usize,
    pub millionths: i128,
    /// 两三百, 七八个, 十几: at least the value, at most this.
    pub upper: Option<i128>,
    /// 余, 多, 几, 数: the value is a lower bound.
    pub more: bool,
    /// What its last multiplier stands for, so that 5-10万 can be read as 5万-10万.
    pub scale: i128,
    pub form: Form,
}

/// How a number is written, which says how likely it is to count something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Figures alone, so many of them; a leading zero or a point makes a code or a measure more likely.
    Figures { digits: usize, leading_zero: bool, point: bool },
    /// Figures with 万, 千, k …
    Scaled,
    /// In words, of so many characters.
    Words(usize),
}

/// No quantity, price or date has more figures.
const MOST_DIGITS: usize = 15;
pub(super) const ONE: i128 = SCALE as i128;

impl Number {
    /// As a whole number, for dates.
    pub fn whole(&self) -> Option<u32> {
        (self.millionths % ONE == 0 && !self.more && self.upper.is_none())
            .then(|| u32::try_from(self.millionths / ONE).ok())
            .flatten()
    }

    pub fn is_words(&self) -> bool {
        matches!(self.form, Form::Words(_))
    }
}

pub(super) fn decimal(millionths: i128) -> Option<Decimal> {
    const LIMIT: i128 = 10_i128.pow(13) * ONE;
    (millionths < LIMIT).then(|| i64::try_from(millionths).ok().and_then(Decimal::from_millionths)).flatten()
}

/// The number that begins at `at`, with what multiplies it.
pub(super) fn number_at(text: &Text, at: usize) -> Option<Number> {
    let first = text.get(at)?;
    let plain = if first.is_ascii_digit() {
        figures(text, at)?
    } else if first.is_ascii_alphabetic() {
        return english::number_at(text, at);
    } else {
        return chinese::number_at(text, at).map(|number| more_after(text, number));
    };
    let scaled = english::scaled(text, plain).unwrap_or_else(|| chinese::scaled(text, plain));
    Some(more_after(text, scaled))
}

/// The end of a run of figures, so that one that is too long to be a number is passed over once.
pub(super) fn end_of_figures(text: &Text, at: usize) -> usize {
    let run = text.chars().get(at..).unwrap_or_default().iter();
    at + run.take_while(|c| c.is_ascii_digit()).count()
}

/// `2,000`, `0.5`, `1860`.
fn figures(text: &Text, at: usize) -> Option<Number> {
    let mut end = end_of_figures(text, at);
    if end - at > MOST_DIGITS {
        return None;
    }
    if end - at <= 3 {
        while text.get(end) == Some(',') && end_of_figures(text, end + 1) == end + 4 && end - at < MOST_DIGITS {
            end += 4;
        }
        // 10 000只: only noughts, since in a table a number may stand before another.
        if text.starts_with(end, " 000") && end_of_figures(text, end + 1) == end + 4 && text.get(at) != Some('0') {
            end += 4;
        }
    }
    let whole_end = end;
    let mut millionths: i128 = 0;
    for c in &text.chars()[at..whole_end] {
        if let Some(figure) = c.to_digit(10) {
            millionths = millionths * 10 + i128::from(figure);
        }
    }
    millionths *= ONE;
    let fraction_end = end_of_figures(text, end + 1);
    let point = text.get(end) == Some('.') || point_mistyped(text, at, end, fraction_end);
    // 2020.02.03 is a day, 1.2.3 a version.
    let dotted = text.get(fraction_end) == Some('.') && end_of_figures(text, fraction_end + 1) > fraction_end + 1;
    if point && dotted {
        return None;
    }
    if point && fraction_end > end + 1 && fraction_end <= end + 7 {
        let mut weight = ONE;
        for c in &text.chars()[end + 1..fraction_end] {
            weight /= 10;
            millionths += i128::from(c.to_digit(10)?) * weight;
        }
        end = fraction_end;
    }
    let (digits, point) = (whole_end - at, end > whole_end);
    let leading_zero = text.get(at) == Some('0') && digits > 1;
    let form = Form::Figures { digits, leading_zero, point };
    Some(Number { start: at, end, millionths, upper: None, more: false, scale: 1, form })
}

/// 2、5KG: only where a short text is nothing but a measure, since elsewhere it is the second item of a list.
fn point_mistyped(text: &Text, at: usize, end: usize, fraction_end: usize) -> bool {
    let measure = text.any_at(fraction_end, &["g", "kg", "mg", "l", "ml", "克", "公斤", "斤", "升"]).is_some();
    at == 0 && end == 1 && text.get(end) == Some('、') && text.len() <= 10 && measure
}

/// 余, 多, 来 and `+` directly behind a number of tens or more.
fn more_after(text: &Text, number: Number) -> Number {
    let next = text.get(number.end);
    let rounded = number.millionths >= 10 * ONE && number.millionths % (10 * ONE) == 0;
    let more = match next {
        Some('余' | '多' | '来') => rounded,
        Some('+') => !text.get(number.end + 1).is_some_and(|c| c.is_ascii_alphanumeric()),
        _ => false,
    };
    if !more {
        return number;
    }
    // 30余万, 十来万
    let (factor, end) = chinese::factors(text, number.end + 1);
    match number.millionths.checked_mul(factor).filter(|_| factor > 1 && next != Some('+')) {
        Some(millionths) => Number { end, millionths, more: true, scale: factor, form: Form::Scaled, ..number },
        None => Number { end: number.end + 1, more: true, ..number },
    }
}
