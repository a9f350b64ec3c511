//! Dates: 3月5日前, 本周五, 一周内, 月底前, `2026-12-01`, `by Friday`, `within 10 days`; what they are for is guessed.

mod absolute;
mod calendar;
mod english;
mod relative;
mod role;

use chrono::NaiveDate;
use serde::Serialize;

use super::Found;
use super::number::is_numeral;
use super::source::Text;

/// A day named in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DateSaid {
    pub date: NaiveDate,
    /// The last day, where a period is named; `date` is the first.
    pub until: Option<NaiveDate>,
    pub role: DateRole,
}

/// What a day is the limit of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DateRole {
    NeededBy,
    AvailableFrom,
    /// 信息有效期至, `offer valid until`.
    ValidUntil,
    /// 效期至, 保质期至: of the goods.
    Expiry,
    /// From a day to a day.
    Period,
    /// 生产日期, 日期 and the like.
    Other,
}

/// A day as written, before its surroundings are looked at.
#[derive(Debug, Clone, Copy)]
struct Read {
    date: NaiveDate,
    until: Option<NaiveDate>,
    end: usize,
    sure: f64,
    /// 内, `within`: a limit without a further word.
    limit: bool,
    /// 后, `in`, `from`: not before.
    after: bool,
}

impl Read {
    fn day(date: NaiveDate, end: usize, sure: f64) -> Self {
        Self { date, until: None, end, sure, limit: false, after: false }
    }
}

pub(super) fn all(text: &Text, today: NaiveDate) -> Vec<Found<DateSaid>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match read_at(text, at, today) {
            Some(read) => {
                let read = with_end(text, read, today);
                let (said, start, end) = role::assign(text, at, read, today);
                found.push(Found::new(said, read.sure, text, start, end));
                at = end.max(at + 1);
            }
            None if text.get(at).is_some_and(|c| c.is_ascii_digit()) => at = super::number::end_of_figures(text, at),
            None => at += 1,
        }
    }
    found
}

fn read_at(text: &Text, at: usize, today: NaiveDate) -> Option<Read> {
    let c = text.get(at)?;
    if c.is_ascii_alphabetic() && text.before(at).is_some_and(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    if c.is_ascii_digit() && text.before(at).is_some_and(|b| b.is_ascii_alphanumeric() || b == '.' || b == '-') {
        return None;
    }
    if c.is_ascii_alphabetic() {
        return english::read(text, at, today);
    }
    let weekdays = matches!(c, '周' | '星' | '礼') && matches!(text.before(at), Some('至' | '到' | '-' | '~'));
    let number = c.is_ascii_digit() || is_numeral(c);
    if weekdays || !number && !relative::may_begin(c) {
        return None;
    }
    let read = number.then(|| absolute::read(text, at, today)).flatten();
    read.or_else(|| relative::read(text, at, today))
        .or_else(|| c.is_ascii_digit().then(|| english::read(text, at, today)).flatten())
}

/// 3月1日至3月10日, 3月1-10日: a second day makes it a period.
fn with_end(text: &Text, first: Read, today: NaiveDate) -> Read {
    let sign = text.any_at(text.skip_spaces(first.end), &["--", "-", "~", "至", "到", "to ", "until ", "till "]);
    let Some(start) = sign.map(|sign| text.skip_spaces(sign)).filter(|_| first.until.is_none() && !first.limit) else {
        return first;
    };
    let second = absolute::same_month(text, start, first.date)
        .or_else(|| absolute::read(text, start, first.date.max(today)))
        .or_else(|| relative::read(text, start, today))
        .or_else(|| english::read(text, start, today));
    match second {
        Some(second) if second.date >= first.date => Read { until: Some(second.date), end: second.end, ..first },
        _ => first,
    }
}
