//! The quantity ledger's rows as a listing's terms imply them: one for a total, else one for each period.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::decimal::Decimal;
use super::listing::{Period, Terms};
use super::trade::QuantityBasis;

pub const MAX_PERIODS: usize = 400;

/// One row, in the listing's own unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerRow {
    /// 0 for a total; else counted from the start of the delivery period.
    pub number: i16,
    pub days: Option<Period>,
    pub quantity: Decimal,
}

/// What is left of a listing for others to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// The least over all periods.
    pub remaining: Decimal,
    pub held: bool,
}

/// The rows of `terms`; none where the quantity is unknown.
pub fn rows(terms: &Terms) -> Vec<LedgerRow> {
    let Some(quantity) = terms.quantity else { return vec![] };
    match (terms.quantity_basis, terms.delivery_period) {
        (QuantityBasis::Total, _) | (_, None) => vec![LedgerRow { number: 0, days: None, quantity }],
        (basis, Some(period)) => {
            let numbered = (0i16..).zip(periods(basis, period).take(MAX_PERIODS));
            numbered.map(|(number, days)| LedgerRow { number, days: Some(days), quantity }).collect()
        }
    }
}

/// How many rows `terms` ask for, counted no further than one past the limit.
pub fn count(terms: &Terms) -> usize {
    match (terms.quantity_basis, terms.delivery_period) {
        (QuantityBasis::Total, _) | (_, None) => 1,
        (basis, Some(period)) => periods(basis, period).take(MAX_PERIODS + 1).count(),
    }
}

/// Whether what is left makes `quantity`, over all periods; `left`: of what was stated, where a ledger says so. A rate
/// without an end makes any.
pub fn suffices(terms: &Terms, left: Option<Decimal>, quantity: Decimal) -> bool {
    let Some(left) = left.or(terms.quantity) else { return false };
    let has_end = terms.quantity_basis == QuantityBasis::Total || terms.delivery_period.is_some();
    let periods = i64::try_from(count(terms)).unwrap_or(i64::MAX);
    !left.is_zero() && (!has_end || left.scale(periods, 1).is_none_or(|all| all >= quantity))
}

/// Consecutive days, weeks or months from the start; the last may be cut short by the end.
fn periods(basis: QuantityBasis, whole: Period) -> impl Iterator<Item = Period> {
    // Each start is counted from the first: stepping month by month from the 31st would stick to the 28th.
    (0u32..).map_while(move |number| {
        let start = after(basis, whole.start, number)?;
        let next = after(basis, whole.start, number + 1)?;
        (start <= whole.end).then(|| Period { start, end: next.pred_opt().unwrap_or(start).min(whole.end) })
    })
}

fn after(basis: QuantityBasis, start: NaiveDate, number: u32) -> Option<NaiveDate> {
    match basis {
        QuantityBasis::PerDay => start.checked_add_days(Days::new(u64::from(number))),
        QuantityBasis::PerWeek => start.checked_add_days(Days::new(7 * u64::from(number))),
        QuantityBasis::PerMonth => start.checked_add_months(Months::new(number)),
        QuantityBasis::Total => (number < 2).then(|| start.with_year(start.year() + number as i32)).flatten(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn periods_cover_the_whole_without_gap_or_overlap(first in 0u64..5000, length in 0u64..390, basis in 0usize..3) {
            let start = NaiveDate::default() + Days::new(first);
            let whole = Period { start, end: start + Days::new(length) };
            let basis = [QuantityBasis::PerDay, QuantityBasis::PerWeek, QuantityBasis::PerMonth][basis];
            let all: Vec<Period> = periods(basis, whole).collect();
            prop_assert_eq!(all.first().map(|p| p.start), Some(whole.start));
            prop_assert_eq!(all.last().map(|p| p.end), Some(whole.end));
            prop_assert!(all.windows(2).all(|pair| pair[0].end.succ_opt() == Some(pair[1].start)));
        }
    }
}
