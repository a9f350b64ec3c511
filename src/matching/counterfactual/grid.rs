//! Values a field could take, outward from where it stands, and the nearest that will do.

use chrono::{NaiveDate, TimeDelta};
use serde_json::Value as Json;

use crate::domain::decimal::{Decimal, SCALE};

/// What one field could be set to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Grid {
    /// One other value, or none.
    Only(Option<Json>),
    /// Multiples of `step` above or below `from`; millionths.
    Decimals {
        from: i64,
        step: i64,
        up: bool,
        most: u32,
    },
    Whole {
        from: u32,
        up: bool,
        most: u32,
    },
    Days {
        from: NaiveDate,
        later: bool,
        most: u32,
    },
}

/// Steps of a grid without an end of its own.
const FAR: u32 = 10_000_000;
/// Ten years.
const MANY_DAYS: u32 = 3650;

impl Grid {
    pub fn decimals(from: Decimal, step: i64, up: bool) -> Self {
        Self::Decimals { from: from.millionths(), step: step.max(1), up, most: FAR }
    }

    /// Up to a value, by the last place that either is written with: thousands, where both are in thousands.
    pub fn until(from: Decimal, to: Decimal) -> Self {
        let (a, b) = (from.millionths(), to.millionths());
        let places = std::iter::successors(Some(least_place([from, to])), |step| step.checked_mul(10));
        let step = places.take_while(|step| a % step == 0 && b % step == 0).last().unwrap_or(1);
        let most = u32::try_from((a - b).abs() / step).unwrap_or(FAR);
        Self::Decimals { from: a, step, up: b > a, most }
    }

    /// Towards `last`, either way.
    pub fn whole(from: u32, last: u32) -> Self {
        Self::Whole { from, up: last > from, most: from.abs_diff(last) }
    }

    pub fn later(from: NaiveDate) -> Self {
        Self::Days { from, later: true, most: MANY_DAYS }
    }

    pub fn earlier(from: NaiveDate, first: NaiveDate) -> Self {
        Self::Days { from, later: false, most: u32::try_from((from - first).num_days()).unwrap_or(0) }
    }

    /// From one value towards another of its sort; straight to it where there is nothing between.
    pub fn towards(from: &Json, to: &Json) -> Self {
        let decimal = |value: &Json| value.as_str().and_then(|text| text.parse::<Decimal>().ok());
        let whole = |value: &Json| value.as_u64().and_then(|number| u32::try_from(number).ok());
        let date = |value: &Json| value.as_str().and_then(|text| text.parse::<NaiveDate>().ok());
        if let (Some(a), Some(b)) = (decimal(from), decimal(to)) {
            return Self::decimals(a, least_place([a, b]), b > a);
        }
        if let (Some(a), Some(b)) = (whole(from), whole(to)) {
            return Self::whole(a, b);
        }
        if let (Some(a), Some(b)) = (date(from), date(to)) {
            let most = u32::try_from((b - a).num_days().abs()).unwrap_or(MANY_DAYS);
            return Self::Days { from: a, later: b > a, most };
        }
        Self::Only(Some(to.clone()))
    }

    /// The value so many steps away, from 1 on; `None` beyond the last.
    pub fn at(&self, steps: u32) -> Option<Option<Json>> {
        if steps == 0 || steps > self.most() {
            return None;
        }
        let number = i64::from(steps);
        match self {
            Grid::Only(value) => Some(value.clone()),
            Grid::Decimals { from, step, up, .. } => {
                let below = from.checked_div(*step)?;
                let multiple =
                    if *up { below.checked_add(number)? } else { below + i64::from(from % step != 0) - number };
                let value = Decimal::from_millionths(multiple.checked_mul(*step)?)?;
                Some(Some(Json::from(value.to_string())))
            }
            Grid::Whole { from, up, .. } => {
                let value = if *up { from.checked_add(steps)? } else { from.checked_sub(steps)? };
                Some(Some(Json::from(value)))
            }
            Grid::Days { from, later, .. } => {
                let days = TimeDelta::try_days(if *later { number } else { -number })?;
                Some(Some(Json::from(from.checked_add_signed(days)?.to_string())))
            }
        }
    }

    fn most(&self) -> u32 {
        match self {
            Grid::Only(_) => 1,
            // A price or quantity of nothing says something else.
            Grid::Decimals { from, step, up: false, most } => {
                let multiples = from / step + i64::from(from % step != 0) - 1;
                u32::try_from(multiples.max(0)).unwrap_or(FAR).min(*most)
            }
            Grid::Decimals { most, .. } | Grid::Whole { most, .. } | Grid::Days { most, .. } => *most,
        }
    }

    /// The fewest steps after which `holds`, by doubling and halving: it holds there and not one step before.
    pub fn nearest(&self, mut holds: impl FnMut(Option<&Json>) -> bool) -> Option<Option<Json>> {
        let mut try_at = |steps: u32| self.at(steps).filter(|value| holds(value.as_ref()));
        let most = self.most();
        let (mut without, mut with) = (0, 1.min(most));
        let mut found = loop {
            if let Some(value) = try_at(with) {
                break value;
            }
            if with == most {
                return None;
            }
            (without, with) = (with, with.saturating_mul(2).min(most));
        };
        while with - without > 1 {
            let middle = without + (with - without) / 2;
            match try_at(middle) {
                Some(value) => (with, found) = (middle, value),
                None => without = middle,
            }
        }
        Some(found)
    }
}

/// A unit in the last place of any of these; millionths.
pub(super) fn least_place(values: impl IntoIterator<Item = Decimal>) -> i64 {
    let place = |value: Decimal| {
        let zeros = std::iter::successors(Some(1_i64), |step| Some(step * 10)).take_while(|step| *step <= SCALE);
        zeros.take_while(|step| value.millionths() % step == 0).last().unwrap_or(1)
    };
    values.into_iter().map(place).min().unwrap_or(SCALE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn values_are_rounded_outward_to_the_unit() {
        let at = |grid: Grid, steps| grid.at(steps).flatten();
        let (cents, amount) = (10_000, decimal("0.805"));
        assert_eq!(at(Grid::decimals(amount, cents, true), 1), Some("0.81".into()));
        assert_eq!(at(Grid::decimals(amount, cents, false), 1), Some("0.8".into()));
        assert_eq!(at(Grid::decimals(amount, cents, false), 80), Some("0.01".into()));
        assert_eq!(at(Grid::decimals(amount, cents, false), 81), None);
        assert_eq!(at(Grid::whole(3, 0), 3), Some(0.into()));
        assert_eq!(at(Grid::whole(3, 0), 4), None);
        assert_eq!(at(Grid::later("2026-02-28".parse().unwrap()), 1), Some("2026-03-01".into()));
        assert_eq!(at(Grid::earlier("2026-03-01".parse().unwrap(), "2026-02-28".parse().unwrap()), 2), None);
        let sum = Grid::until(decimal("500000"), decimal("20000000"));
        assert_eq!((at(sum.clone(), 195), at(sum, 196)), (Some("20000000".into()), None));
        assert_eq!(at(Grid::until(decimal("4.35"), decimal("4")), 35), Some("4".into()));
        assert_eq!(least_place([decimal("3"), decimal("0.25")]), 10_000);
        assert_eq!(least_place([decimal("300")]), SCALE);
    }

    #[test]
    fn the_nearest_value_holds_and_the_one_before_does_not() {
        for threshold in 1..200_u64 {
            let mut asked = 0;
            let found = Grid::whole(0, 10_000_000).nearest(|value| {
                asked += 1;
                value.and_then(Json::as_u64) >= Some(threshold)
            });
            assert_eq!(found, Some(Some(threshold.into())));
            assert!(asked <= 17, "{asked}");
        }
        assert_eq!(Grid::whole(5, 0).nearest(|_| false), None);
        assert_eq!(Grid::whole(0, 0).nearest(|_| true), None);
    }
}
