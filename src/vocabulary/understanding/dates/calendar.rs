//! Arithmetic on days.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// A day that is past by no more than this is taken to be of this year.
const RECENT_DAYS: u64 = 45;

/// `month`-`day` of the year that is meant: this one, unless the day is long past.
pub(super) fn nearest(month: u32, day: u32, today: NaiveDate) -> Option<(NaiveDate, f64)> {
    let this_year = NaiveDate::from_ymd_opt(today.year(), month, day);
    let earliest = today.checked_sub_days(Days::new(RECENT_DAYS))?;
    match this_year {
        Some(date) if date >= today => Some((date, 0.95)),
        Some(date) if date >= earliest => Some((date, 0.6)),
        _ => NaiveDate::from_ymd_opt(today.year() + 1, month, day).map(|date| (date, 0.85)),
    }
}

/// Day `day` of this month, or of the next if it is past.
pub(super) fn day_of_month(day: u32, today: NaiveDate) -> Option<NaiveDate> {
    let this = today.with_day(day).filter(|date| *date >= today);
    this.or_else(|| month_after(today, 1)?.with_day(day))
}

/// The first of the month `months` later.
pub(super) fn month_after(today: NaiveDate, months: u32) -> Option<NaiveDate> {
    today.with_day(1)?.checked_add_months(Months::new(months))
}

pub(super) fn last_of_month(date: NaiveDate) -> Option<NaiveDate> {
    month_after(date, 1)?.pred_opt()
}

/// `weekday` of the week `weeks` later; weeks begin on Monday.
pub(super) fn in_week(weekday: Weekday, weeks: u64, today: NaiveDate) -> Option<NaiveDate> {
    let back = u64::from(today.weekday().num_days_from_monday());
    let monday = today.checked_sub_days(Days::new(back))?;
    monday.checked_add_days(Days::new(weeks * 7 + u64::from(weekday.num_days_from_monday())))
}

/// The next `weekday`, today included.
pub(super) fn coming(weekday: Weekday, today: NaiveDate) -> Option<NaiveDate> {
    in_week(weekday, 0, today).filter(|date| *date >= today).or_else(|| in_week(weekday, 1, today))
}

pub(super) fn days_after(today: NaiveDate, days: u32) -> Option<NaiveDate> {
    today.checked_add_days(Days::new(u64::from(days)))
}
