//! What a question is answered with besides the listings themselves.

use std::rc::Rc;

use chrono::{DateTime, NaiveDate, Timelike, Utc};

use super::checks::Reading;
use super::memo::Memo;
use super::policy::Policy;
use super::statistics::Statistics;
use crate::domain::reference::Reference;
use crate::domain::unit::{Conversion, Measure};

#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub reference: &'a Reference,
    pub policy: &'a Policy,
    pub statistics: &'a Statistics,
    /// The true time: decides what has expired.
    pub now: DateTime<Utc>,
    /// The hour: the only time that enters a score, so that scores hold still between pages.
    pub as_of: DateTime<Utc>,
    memo: Option<&'a Memo>,
    today: NaiveDate,
}

impl<'a> Context<'a> {
    /// `as_of` is `now`, cut to the hour.
    pub fn new(reference: &'a Reference, policy: &'a Policy, statistics: &'a Statistics, now: DateTime<Utc>) -> Self {
        let as_of = truncate_to_hour(now);
        let today = policy.local_date(as_of);
        Self { reference, policy, statistics, now, as_of, memo: None, today }
    }

    /// The same with the scores of another hour.
    pub fn as_of(self, as_of: DateTime<Utc>) -> Self {
        Self { as_of, today: self.policy.local_date(as_of), ..self }
    }

    /// The same question, remembering the conversions of units it has met.
    pub(super) fn remembering(self, memo: &'a Memo) -> Self {
        Self { memo: Some(memo), ..self }
    }

    /// The same question under other rules.
    pub(super) fn with_policy<'b>(self, policy: &'b Policy) -> Context<'b>
    where
        'a: 'b,
    {
        Context { policy, ..self }
    }

    /// Units of `to` in one unit of `from`.
    pub(super) fn convert(&self, from: Measure<'_>, to: Measure<'_>) -> Conversion {
        let units = &self.reference.units;
        self.memo.map_or_else(|| units.convert(from, to), |memo| memo.convert(from, to, units))
    }

    /// What a text says of standards.
    pub(super) fn reading(&self, text: &str, read: impl FnOnce() -> Reading) -> Rc<Reading> {
        match self.memo {
            Some(memo) => memo.reading(text, read),
            None => Rc::new(read()),
        }
    }

    /// The date of `as_of` where the listings are.
    pub(super) fn today(&self) -> NaiveDate {
        self.today
    }
}

fn truncate_to_hour(time: DateTime<Utc>) -> DateTime<Utc> {
    time.with_minute(0).and_then(|t| t.with_second(0)).and_then(|t| t.with_nanosecond(0)).unwrap_or(time)
}
