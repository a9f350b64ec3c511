//! Medians over enterprises.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::domain::decimal::Decimal;

/// Values by enterprise: whoever posts a hundred listings still has one vote.
#[derive(Debug, Clone, Default)]
pub(super) struct Sample(BTreeMap<Uuid, Vec<Decimal>>);

impl Sample {
    pub fn add(&mut self, enterprise: Uuid, value: Decimal) {
        self.0.entry(enterprise).or_default().push(value);
    }

    pub fn enterprises(&self) -> usize {
        self.0.len()
    }

    /// `None` below `least` enterprises.
    pub fn median(self, least: usize) -> Option<Decimal> {
        let votes = self.votes();
        if votes.len() < least { None } else { median(votes) }
    }

    /// The mean, or the median where that is lower.
    pub fn cautious_mean(self, least: usize) -> Option<Decimal> {
        let votes = self.votes();
        if votes.len() < least {
            return None;
        }
        let sum: i64 = votes.iter().map(|v| v.millionths()).sum();
        let mean = Decimal::from_millionths(sum.checked_div(i64::try_from(votes.len()).ok()?)?)?;
        Some(mean.min(median(votes)?))
    }

    fn votes(self) -> Vec<Decimal> {
        self.0.into_values().filter_map(median).collect()
    }
}

/// The lower of the two middle values.
fn median(mut values: Vec<Decimal>) -> Option<Decimal> {
    values.sort_unstable();
    values.get(values.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_enterprise_has_one_vote() {
        let mut sample = Sample::default();
        for value in 1..=100 {
            sample.add(Uuid::from_u128(1), Decimal::from_integer(value + 1000));
        }
        for enterprise in 2..=8 {
            sample.add(Uuid::from_u128(enterprise), Decimal::from_integer(10));
        }
        assert_eq!(sample.clone().median(9), None);
        assert_eq!(sample.median(8), Some(Decimal::from_integer(10)));
    }

    #[test]
    fn the_cautious_mean_is_never_above_the_median() {
        let sample = |values: &[u32]| {
            let mut sample = Sample::default();
            for (enterprise, value) in (0..).zip(values) {
                sample.add(Uuid::from_u128(enterprise), Decimal::from_integer(*value));
            }
            sample.cautious_mean(3)
        };
        assert_eq!(sample(&[1, 1, 7]), Some(Decimal::from_integer(1)));
        assert_eq!(sample(&[1, 7, 7]), Some(Decimal::from_integer(5)));
        assert_eq!(sample(&[1, 7]), None);
    }
}
