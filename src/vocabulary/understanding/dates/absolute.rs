//! Days by number: `2026-12-01`, `2020.2.10`, 2020年2月10日, 3月5号, 二月十日, 5号前, 3月底, 3月上旬.

use chrono::{Datelike, NaiveDate};

use super::Read;
use super::calendar::{day_of_month, last_of_month, nearest};
use crate::vocabulary::understanding::number::{end_of_figures, number_at};
use crate::vocabulary::understanding::source::Text;

pub(super) fn read(text: &Text, at: usize, today: NaiveDate) -> Option<Read> {
    written_out(text, at).or_else(|| month_first(text, at, today)).or_else(|| day_alone(text, at, today))
}

/// A small whole number in figures or words, and the position behind it.
fn small(text: &Text, at: usize, most: u32) -> Option<(u32, usize)> {
    if text.get(at)?.is_ascii_digit() {
        let end = end_of_figures(text, at);
        let value: u32 = text.slice(at, end.min(at + 5)).parse().ok()?;
        return (end - at <= 4 && value <= most).then_some((value, end));
    }
    let number = number_at(text, at).filter(|number| number.is_words() && text.get(at) != Some('半'))?;
    let value = number.whole()?;
    (value <= most).then_some((value, number.end))
}

fn year(text: &Text, at: usize) -> Option<(i32, usize)> {
    let (value, end) = small(text, at, 2100)?;
    let value =
        if end == at + 2 && (20..=40).contains(&value) && text.get(end) == Some('年') { value + 2000 } else { value };
    (1990..=2100).contains(&value).then(|| i32::try_from(value).ok().map(|year| (year, end)))?
}

/// With the year: 年月日, or separated by `-`, `.`, `/`.
fn written_out(text: &Text, at: usize) -> Option<Read> {
    let (year, after) = year(text, at)?;
    let sign = text.get(after)?;
    let month_at = text.skip_spaces(after + 1);
    if !matches!(sign, '年' | '-' | '.' | '/') {
        return None;
    }
    if sign == '年'
        && let Some(end) = text.any_at(month_at, &["底", "年底", "末", "内"])
    {
        return Some(Read::day(NaiveDate::from_ymd_opt(year, 12, 31)?, end, 0.9));
    }
    let (month, after) = small(text, month_at, 12)?;
    if sign == '年' {
        if text.get(after) != Some('月') {
            return None;
        }
        let Some((day, end)) = small(text, text.skip_spaces(after + 1), 31) else {
            let first = NaiveDate::from_ymd_opt(year, month, 1)?;
            return part_of_month(text, after + 1, first, 0.9)
                .or_else(|| last_of_month(first).map(|date| Read::day(date, after + 1, 0.6)));
        };
        return Some(Read::day(NaiveDate::from_ymd_opt(year, month, day)?, day_sign(text, end)?, 0.99));
    }
    let (day, end) = (text.get(after) == Some(sign)).then(|| small(text, after + 1, 31))??;
    let ends = !text.get(end).is_some_and(|c| c.is_ascii_digit());
    let end = text.any_at(end, &["日", "号"]).unwrap_or(end);
    ends.then(|| NaiveDate::from_ymd_opt(year, month, day).map(|date| Read::day(date, end, 0.98)))?
}

fn day_sign(text: &Text, end: usize) -> Option<usize> {
    text.any_at(end, &["日", "号"]).or_else(|| (!text.get(end).is_some_and(|c| "个天".contains(c))).then_some(end))
}

/// 3月5日, 3月底, 3月上旬; `3.5前`, `3/5前`.
fn month_first(text: &Text, at: usize, today: NaiveDate) -> Option<Read> {
    let (month, after) = small(text, at, 12).filter(|(month, _)| *month > 0)?;
    match text.get(after)? {
        '月' => {
            let next = text.skip_spaces(after + 1);
            if let Some((day, end)) = small(text, next, 31) {
                let end = text.any_at(end, &["日", "号"]).or_else(|| open_end(text, end))?;
                let (date, sure) = nearest(month, day, today)?;
                return Some(Read::day(date, end, sure));
            }
            let (first, sure) = nearest(month, 1, today.with_day(1)?)?;
            part_of_month(text, after + 1, first, sure * 0.9)
        }
        '.' | '/' => {
            let (day, end) = small(text, after + 1, 31)?;
            let end = text.any_at(end, &["日", "号"]).unwrap_or(end);
            // Only a word behind it makes `3.5` a day.
            text.any_at(end, &["前", "之前", "以前", "截止", "到货", "交货", "后", "起", "开始"])?;
            let (date, sure) = nearest(month, day, today)?;
            Some(Read::day(date, end, sure * 0.85))
        }
        _ => None,
    }
}

/// 3月5 前, 3月5-10日 without 日 behind the first.
fn open_end(text: &Text, end: usize) -> Option<usize> {
    let next = text.get(text.skip_spaces(end));
    next.is_none_or(|c| "前之以至到-~,。".contains(c)).then_some(end)
}

/// 底, 初, 上旬, 中旬, 下旬 behind a month; a bare month only with 前, 内, 起.
pub(super) fn part_of_month(text: &Text, at: usize, first: NaiveDate, sure: f64) -> Option<Read> {
    let parts = [
        (["底", "末", "底儿"], None),
        (["下旬", "下旬末", "月底"], None),
        (["上旬", "上旬内", "上旬末"], Some(10)),
        (["初", "初旬", "月初"], Some(5)),
        (["中旬", "中", "月中"], Some(20)),
    ];
    for (words, day) in parts {
        if let Some(end) = text.any_at(at, &words) {
            let date = day.map_or_else(|| last_of_month(first), |day| first.with_day(day))?;
            return Some(Read::day(date, end, sure * 0.85));
        }
    }
    if text.any_at(at, &["内", "之内", "以内", "份内"]).is_some() {
        return Some(Read { limit: true, ..Read::day(last_of_month(first)?, at, sure * 0.8) });
    }
    let end = text.any_at(at, &["份"]).unwrap_or(at);
    let behind = text.any_at(end, &["前", "之前", "以前"]);
    if behind.is_some() {
        return Some(Read::day(first.pred_opt()?, end, sure * 0.7));
    }
    text.any_at(end, &["起", "开始", "后"]).map(|_| Read::day(first, end, sure * 0.8))
}

/// 5号前, 15日之前: only with a word that makes it a day and not a number of a house.
fn day_alone(text: &Text, at: usize, today: NaiveDate) -> Option<Read> {
    let (day, after) = small(text, at, 31).filter(|(day, _)| *day > 0 && text.before(at) != Some('月'))?;
    let end = text.any_at(after, &["日", "号"])?;
    let before = text.any_before(at, &["本月", "这个月", "当月"]).is_some();
    let said = text
        .any_at(end, &["前", "之前", "以前", "截止", "到货", "交货", "后", "起", "开始", "下班前", "中午", "晚", "早"]);
    (said.is_some() || before).then(|| day_of_month(day, today).map(|date| Read::day(date, end, 0.8)))?
}

/// The 10 of 3月1-10日.
pub(super) fn same_month(text: &Text, at: usize, first: NaiveDate) -> Option<Read> {
    let (day, end) = small(text, at, 31)?;
    let end = text.any_at(end, &["日", "号"])?;
    first
        .with_day(day)
        .filter(|date| *date > first && date.month() == first.month())
        .map(|date| Read::day(date, end, 0.9))
}
