//! How work is counted: hours of one worker, in whatever unit a listing counts or pays.

use super::decimal::Decimal;
use super::trade::QuantityBasis;
use super::unit::Ratio;

/// Days and months are those of one worker, not of the calendar: 8 hours a day and 40 a week (State Council Order 174,
/// 1995), 21.75 paid days a month (劳社部发〔2008〕3号), hence 174 hours a month and 2,088 a year.
const HOURS: [(&str, i64); 6] = [("LH", 1), ("HUR", 1), ("DAY", 8), ("WEE", 40), ("MON", 174), ("ANN", 2088)];

/// Workers, the unit of `headcount`.
pub const PERSON: &str = "IE";
/// What pay is compared for: one worker's day.
pub const PAY_UNIT: &str = "DAY";

/// Hours in one `unit` of work. Workers count as a rate only: one a day works a day, one a week a week.
pub fn hours(unit: &str, basis: QuantityBasis) -> Option<i64> {
    let unit = match (unit, basis) {
        (PERSON, QuantityBasis::Total) => return None,
        (PERSON, QuantityBasis::PerDay) => "DAY",
        (PERSON, QuantityBasis::PerWeek) => "WEE",
        (PERSON, QuantityBasis::PerMonth) => "MON",
        (unit, _) => unit,
    };
    HOURS.iter().find(|(code, _)| *code == unit).map(|(_, hours)| *hours)
}

/// Whether work is counted in the unit at all.
pub fn counts_work(unit: &str) -> bool {
    unit == PERSON || HOURS.iter().any(|(code, _)| *code == unit)
}

/// `to` in one `from`.
pub fn ratio(from: (&str, QuantityBasis), to: (&str, QuantityBasis)) -> Option<Ratio> {
    Ratio::new(i128::from(hours(from.0, from.1)?), i128::from(hours(to.0, to.1)?))
}

/// An amount for one `unit` as an amount for a worker's day.
pub fn per_day(amount: Decimal, unit: &str, basis: QuantityBasis) -> Option<Decimal> {
    amount.scale(hours(PAY_UNIT, basis)?, hours(unit, basis)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_eight_hours_of_one_worker() {
        let day = QuantityBasis::PerDay;
        let pay = |amount: &str, unit| per_day(amount.parse().unwrap(), unit, day).map(|d| d.to_string());
        assert_eq!(pay("25", "HUR").as_deref(), Some("200"));
        assert_eq!(pay("200", "IE").as_deref(), Some("200"));
        assert_eq!(pay("4350", "MON").as_deref(), Some("200"));
        assert_eq!(pay("200", "H87"), None);
        assert_eq!(per_day(Decimal::from_integer(200), "IE", QuantityBasis::Total), None);
        let total = QuantityBasis::Total;
        assert_eq!(ratio(("DAY", total), ("LH", total)), Ratio::new(8, 1));
        assert_eq!(ratio(("LH", total), ("IE", day)), Ratio::new(1, 8));
        assert_eq!(ratio(("IE", total), ("LH", total)), None);
    }
}
