//! Arithmetic on days.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// A day that is past by no more than this is taken to be the last one.
const RECENT_DAYS: u64 = 45;

/// `month`-`day` of the year that is meant: the one it was in lately, else the one it comes in next.
pub(super) fn nearest(month: u32, day: u32, today: NaiveDate) -> Option<(NaiveDate, f64)> {
    let this_year = NaiveDate::from_ymd_opt(today.year(), month, day);
    let earliest = today.checked_sub_days(Days::new(RECENT_DAYS))?;
    let last_year = NaiveDate::from_ymd_opt(today.year() - 1, month, day);
    match this_year {
        _ if last_year >= Some(earliest) => last_year.map(|date| (date, 0.6)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_without_its_year_is_the_nearest_that_is_meant() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let nearest = |month, of_month, today| nearest(month, of_month, today).unwrap().0;
        assert_eq!(nearest(3, 5, day(2020, 2, 26)), day(2020, 3, 5));
        assert_eq!(nearest(2, 20, day(2020, 2, 26)), day(2020, 2, 20));
        assert_eq!(nearest(1, 5, day(2020, 2, 26)), day(2021, 1, 5));
        // Across the turn of the year.
        assert_eq!(nearest(12, 28, day(2020, 1, 3)), day(2019, 12, 28));
        assert_eq!(nearest(11, 1, day(2020, 1, 3)), day(2020, 11, 1));
        assert_eq!(nearest(1, 3, day(2019, 12, 28)), day(2020, 1, 3));
    }
}
