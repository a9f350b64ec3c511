//! Ways and timetables: how long a way is, what a load costs a carrier in detour, when the next departure is.
//!
//! Distances are as the crow flies; roads are longer by the policy's `detour`, which enters times only.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::policy::Policy;
use crate::domain::attributes::{Stop, Timetable};
use crate::domain::listing::Terms;
use crate::domain::place::Point;
use crate::domain::region::Regions;

/// Every stop's point; `None` where one is unknown.
pub(super) fn points<'a>(stops: impl IntoIterator<Item = &'a Stop>, regions: &Regions) -> Option<Vec<Point>> {
    stops.into_iter().map(|stop| stop.point(regions)).collect()
}

pub(super) fn length_km(way: &[Point]) -> f64 {
    way.windows(2).map(|leg| leg[0].distance_km(leg[1])).sum()
}

pub(super) fn nearest_km(places: &[Point], to: Point) -> Option<f64> {
    places.iter().map(|place| place.distance_km(to)).min_by(f64::total_cmp)
}

/// What calling at `load`, in order, adds to `line` at least, called at in order too: the shortest way through both
/// less the line alone.
pub(super) fn detour_km(line: &[Point], load: &[Point]) -> f64 {
    // shortest[i][j]: the shortest way through the first i of the line and j of the load, by which of them it ends at.
    let mut shortest = vec![vec![[f64::INFINITY; 2]; load.len() + 1]; line.len() + 1];
    for i in 0..=line.len() {
        for j in 0..=load.len() {
            let onward = |ends: [f64; 2], at: (usize, usize), to: Point| {
                let from_line = (at.0 > 0).then(|| ends[0] + line[at.0 - 1].distance_km(to));
                let from_load = (at.1 > 0).then(|| ends[1] + load[at.1 - 1].distance_km(to));
                from_line.into_iter().chain(from_load).min_by(f64::total_cmp).unwrap_or(0.0)
            };
            if i > 0 {
                shortest[i][j][0] = onward(shortest[i - 1][j], (i - 1, j), line[i - 1]);
            }
            if j > 0 {
                shortest[i][j][1] = onward(shortest[i][j - 1], (i, j - 1), load[j - 1]);
            }
        }
    }
    let [by_line, by_load] = shortest[line.len()][load.len()];
    (by_line.min(by_load) - length_km(line)).max(0.0)
}

/// Hours on the road, at the policy's pace.
pub(super) fn road_hours(km: f64, policy: &Policy) -> f64 {
    24.0 * policy.detour * km / policy.km_per_day.max(1.0)
}

pub(super) fn hours(hours: f64) -> TimeDelta {
    // Whole minutes, rounded up: nothing arrives before it can.
    TimeDelta::try_minutes((hours * 60.0).ceil() as i64).unwrap_or(TimeDelta::MAX)
}

/// The first instant of a date where listings are.
pub(super) fn midnight(date: NaiveDate, policy: &Policy) -> DateTime<Utc> {
    local(date, NaiveTime::MIN, policy)
}

fn local(date: NaiveDate, time: NaiveTime, policy: &Policy) -> DateTime<Utc> {
    date.and_time(time).and_utc() - TimeDelta::minutes(policy.utc_offset_minutes.into())
}

/// The days a listing's departures and vehicles are there: from, and up to where an end is stated.
pub(super) fn days(terms: &Terms) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let period = terms.delivery_period;
    (terms.available_from.or(period.map(|period| period.start)), period.map(|period| period.end))
}

/// The first departure at or after an instant, on a day the listing offers.
pub(super) fn next_departure(
    timetable: &Timetable,
    terms: &Terms,
    not_before: DateTime<Utc>,
    policy: &Policy,
) -> Option<DateTime<Utc>> {
    let (first, last) = days(terms);
    let not_before = first.map_or(not_before, |date| not_before.max(midnight(date, policy)));
    let in_time = |at: &DateTime<Utc>| *at >= not_before && last.is_none_or(|last| policy.local_date(*at) <= last);
    if !timetable.departures.is_empty() {
        return timetable.departures.iter().copied().filter(in_time).min();
    }
    let time = NaiveTime::parse_from_str(timetable.departure_time.as_deref()?, "%H:%M").ok()?;
    let today = policy.local_date(not_before);
    // Eight days: the same weekday may already have left.
    let coming = (0..=7).filter_map(|ahead| today.checked_add_days(Days::new(ahead)));
    let running = coming.filter(|date| timetable.weekdays.contains(&date.weekday().number_from_monday()));
    running.map(|date| local(date, time, policy)).find(in_time)
}
