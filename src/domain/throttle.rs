//! How often something may be tried: a few times freely, then after pauses that double up to a bound. What was tried is
//! forgotten one by one, so nobody is locked out for good.

use chrono::{DateTime, Duration, Utc};

/// For one kind of attempt.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Attempts without a pause.
    pub free: i32,
    /// The first pause; each further attempt doubles it.
    pub first: Duration,
    /// No pause is longer.
    pub most: Duration,
    /// The time in which one attempt is forgotten.
    pub forgets_one_in: Duration,
}

/// What was counted so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub count: i32,
    pub last_at: DateTime<Utc>,
}

impl Rule {
    /// What of the tally still counts.
    pub fn remembered(&self, tally: Tally, now: DateTime<Utc>) -> i32 {
        let passed = (now - tally.last_at).num_milliseconds().max(0);
        let forgotten = passed / self.forgets_one_in.num_milliseconds().max(1);
        i32::try_from(i64::from(tally.count).saturating_sub(forgotten)).unwrap_or(0).max(0)
    }

    /// How long to wait yet before the next attempt; none: go on.
    pub fn wait(&self, tally: Tally, now: DateTime<Utc>) -> Option<Duration> {
        let beyond = tally.count - self.free;
        if beyond <= 0 {
            return None;
        }
        let factor = 1_i32.checked_shl(u32::try_from(beyond - 1).unwrap_or(0)).filter(|factor| *factor > 0);
        let pause = factor.and_then(|factor| self.first.checked_mul(factor)).map_or(self.most, |p| p.min(self.most));
        Some(tally.last_at + pause - now).filter(|left| *left > Duration::zero())
    }

    /// The tally after one more attempt.
    pub fn one_more(&self, tally: Option<Tally>, now: DateTime<Utc>) -> Tally {
        let before = tally.map_or(0, |tally| self.remembered(tally, now));
        Tally { count: before.saturating_add(1), last_at: now }
    }
}

/// What was done within some time up to now: how often, and when first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recent {
    pub count: i64,
    pub first: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        free: 3,
        first: Duration::seconds(1),
        most: Duration::minutes(15),
        forgets_one_in: Duration::minutes(30),
    };

    #[test]
    fn pauses_double_up_to_the_bound() {
        let now = DateTime::UNIX_EPOCH;
        let wait = |count| RULE.wait(Tally { count, last_at: now }, now).map(|wait| wait.num_seconds());
        assert_eq!([wait(0), wait(3)], [None, None]);
        assert_eq!([wait(4), wait(5), wait(6)], [Some(1), Some(2), Some(4)]);
        assert_eq!([wait(20), wait(40), wait(i32::MAX)], [Some(900), Some(900), Some(900)]);
    }

    #[test]
    fn after_the_pause_and_with_time_all_is_forgotten() {
        let start = DateTime::UNIX_EPOCH;
        let tally = Tally { count: i32::MAX, last_at: start };
        assert_eq!(RULE.wait(tally, start + Duration::minutes(15)), None, "never for good");
        let tally = Tally { count: 6, last_at: start };
        assert_eq!(RULE.remembered(tally, start + Duration::minutes(29)), 6);
        assert_eq!(RULE.remembered(tally, start + Duration::minutes(61)), 4);
        assert_eq!(RULE.remembered(tally, start + Duration::days(2)), 0);
        assert_eq!(RULE.one_more(Some(tally), start + Duration::days(2)).count, 1);
        assert_eq!(RULE.one_more(None, start).count, 1);
        // A clock that went back does no harm.
        assert_eq!(RULE.remembered(tally, start - Duration::days(1)), 6);
    }
}
