//! `by Friday`, `within 10 days`, `before March 5`, `5 March 2020`, `next week`, `end of the month`, `tomorrow`.

use chrono::{Datelike, NaiveDate, Weekday};

use super::Read;
use super::calendar::{coming, days_after, in_week, last_of_month, month_after, nearest};
use crate::vocabulary::understanding::number::{ONE, end_of_figures, number_at};
use crate::vocabulary::understanding::source::Text;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
];

pub(super) fn read(text: &Text, at: usize, today: NaiveDate) -> Option<Read> {
    let c = text.get(at)?;
    if c.is_ascii_digit() {
        return day_first(text, at, today);
    }
    if !c.is_ascii_lowercase() {
        return None;
    }
    fixed(text, at, today)
        .or_else(|| month_first(text, at, today))
        .or_else(|| weekday(text, at, today))
        .or_else(|| span(text, at, today))
}

fn fixed(text: &Text, at: usize, today: NaiveDate) -> Option<Read> {
    let day = |date: Option<NaiveDate>, end, sure| date.map(|date| Read::day(date, end, sure));
    if let Some(end) = text.any_at(at, &["today", "tonight"]) {
        return day(Some(today), end, 0.95);
    }
    if let Some(end) = text.any_at(at, &["the day after tomorrow", "day after tomorrow"]) {
        return day(days_after(today, 2), end, 0.95);
    }
    if let Some(end) = text.any_at(at, &["tomorrow"]) {
        return day(days_after(today, 1), end, 0.95);
    }
    if let Some(end) = text.any_at(at, &["end of the month", "end of month", "end of this month", "month end"]) {
        return day(last_of_month(today), end, 0.9);
    }
    if let Some(end) = text.any_at(at, &["end of next month"]) {
        return day(last_of_month(month_after(today, 1)?), end, 0.9);
    }
    if let Some(end) =
        text.any_at(at, &["end of the week", "end of this week", "this week", "the weekend", "this weekend"])
    {
        return day(in_week(Weekday::Sun, 0, today), end, 0.8);
    }
    if let Some(end) = text.any_at(at, &["end of next week"]) {
        return day(in_week(Weekday::Sun, 1, today), end, 0.85);
    }
    if let Some(end) = text.any_at(at, &["end of the year", "end of year", "year end"]) {
        return day(NaiveDate::from_ymd_opt(today.year(), 12, 31), end, 0.85);
    }
    let end = text.any_at(at, &["next week"])?;
    day(in_week(Weekday::Mon, 1, today), end, 0.7)
}

/// A month by its full name or its first three letters.
fn month(text: &Text, at: usize) -> Option<(u32, usize)> {
    let number = MONTHS.iter().position(|name| text.any_at(at, &[name, &name[..3]]).is_some())?;
    let name = MONTHS.get(number)?;
    let end = text.any_at(at, &[name, &name[..3], "sept"])?;
    let end = text.any_at(end, &["."]).unwrap_or(end);
    Some((u32::try_from(number).ok()? + 1, end))
}

fn ordinal(text: &Text, at: usize) -> Option<(u32, usize)> {
    let end = end_of_figures(text, at);
    let day: u32 = text.slice(at, end.min(at + 3)).parse().ok()?;
    let after = text.any_at(end, &["st", "nd", "rd", "th"]).unwrap_or(end);
    let apart = !text.get(after).is_some_and(|c| c.is_ascii_alphanumeric());
    ((1..=31).contains(&day) && end - at <= 2 && apart).then_some((day, after))
}

/// `, 2020` or ` 2020` behind a day.
fn year(text: &Text, at: usize) -> Option<(i32, usize)> {
    let start = text.skip_spaces(text.any_at(at, &[",", " "])?);
    let end = end_of_figures(text, start);
    let year: i32 = text.slice(start, end.min(start + 5)).parse().ok()?;
    (end - start == 4 && (1990..=2100).contains(&year)).then_some((year, end))
}

fn dated(text: &Text, month: u32, day: u32, end: usize, today: NaiveDate) -> Option<Read> {
    if let Some((year, end)) = year(text, end) {
        return Some(Read::day(NaiveDate::from_ymd_opt(year, month, day)?, end, 0.98));
    }
    let (date, sure) = nearest(month, day, today)?;
    Some(Read::day(date, end, sure))
}

/// `March 5`, `Mar. 5th, 2020`.
fn month_first(text: &Text, at: usize, today: NaiveDate) -> Option<Read> {
    let (month, end) = month(text, at)?;
    let (day, end) = ordinal(text, text.skip_spaces(end))?;
    dated(text, month, day, end, today)
}

/// `5 March 2020`, `5th of March`.
fn day_first(text: &Text, at: usize, today: NaiveDate) -> Option<Read> {
    let (day, end) = ordinal(text, at)?;
    let after = text.skip_spaces(end);
    let after = text.any_at(after, &["of "]).unwrap_or(after);
    let (month, end) = month(text, after)?;
    dated(text, month, day, end, today)
}

/// `Friday`, `this Friday`, `next Friday`.
fn weekday(text: &Text, at: usize, today: NaiveDate) -> Option<Read> {
    let next = text.any_at(at, &["next "]);
    let start = next.or_else(|| text.any_at(at, &["this ", "coming "])).unwrap_or(at);
    let (name, day) = WEEKDAYS.iter().find(|(name, _)| text.any_at(start, &[name, &name[..3]]).is_some())?;
    let end = text.any_at(start, &[name, &name[..3]])?;
    // Only a day behind a word for time: `sun`, `sat` and `wed` are words too.
    let short = end - start == 3;
    if short && text.any_before(at, &["by ", "before ", "on ", "until ", "from "]).is_none() {
        return None;
    }
    match next {
        Some(_) => in_week(*day, 1, today).map(|date| Read::day(date, end, 0.7)),
        None => coming(*day, today).map(|date| Read::day(date, end, 0.93)),
    }
}

/// `within 10 days`, `in two weeks`, `10 days from now`.
fn span(text: &Text, at: usize, today: NaiveDate) -> Option<Read> {
    let within = text.any_at(at, &["within ", "in the next ", "within the next "]);
    let start = within.or_else(|| text.any_at(at, &["in ", "after "]))?;
    let (count, after) = match text.any_at(start, &["a ", "one "]) {
        Some(end) => (1.0, end),
        None => {
            let number = number_at(text, start)?;
            (number.upper.unwrap_or(number.millionths) as f64 / ONE as f64, text.skip_spaces(number.end))
        }
    };
    let units = [
        ("days", 1.0),
        ("day", 1.0),
        ("weeks", 7.0),
        ("week", 7.0),
        ("months", 30.0),
        ("month", 30.0),
        ("hours", 1.0 / 24.0),
        ("business days", 1.4),
        ("working days", 1.4),
    ];
    let (word, days) = units.iter().find(|(word, _)| text.any_at(after, &[word]).is_some())?;
    let total = (count * days).ceil();
    let date = (0.0..=366.0).contains(&total).then(|| days_after(today, total as u32))??;
    let end = after + word.len();
    Some(Read { limit: within.is_some(), after: within.is_none(), ..Read::day(date, end, 0.9) })
}
