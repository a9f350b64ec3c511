//! How much of what is needed an offer covers.
//!
//! A rate (per day, week of 7 or month of 30 days) counts over days. A need's days are its `delivery_period`, otherwise
//! today until `needed_by`; an offer's are its `delivery_period`, otherwise from `available_from` or today without end.
//! Needed is the rate over all the need's days; available is the rate over the days both cover. Where no end is stated,
//! one period of the need's basis (else of the offer's) is compared, marked `period_unknown`. Workers are compared by
//! heads: those there on the mean of the need's days.

use chrono::NaiveDate;

use super::check::Verdict;
use super::context::Context;
use super::factor::Flag;
use super::facts::Facts;
use super::pair::Deal;
use crate::domain::decimal::Decimal;
use crate::domain::listing::{Kind, Period, Side};
use crate::domain::trade::QuantityBasis;
use crate::domain::unit::{Conversion, Ratio};
use crate::domain::working_time::{self, PERSON};

/// Both amounts in the need's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Coverage {
    pub needed: Decimal,
    pub available: Decimal,
    /// The available amount as the offer counts it.
    pub available_in_offer_unit: Decimal,
    /// Units needed in one unit offered.
    pub ratio: Ratio,
    /// No end is stated, so one period stands for all.
    pub one_period: bool,
}

impl Coverage {
    pub fn of(deal: &Deal<'_>, ctx: &Context<'_>) -> Result<Self, Flag> {
        let (Some(needed), Some(offered)) = (deal.need.quantity, deal.offer.quantity) else {
            return Err(Flag::QuantityUnknown);
        };
        let spans = (Span::of(&deal.need), Span::of(&deal.offer));
        Counting::of(deal, ctx)?.cover((needed, offered), spans, ctx.today())
    }

    /// Of amounts neither of which is a rate: both need and offer as they stand.
    fn of_totals(needed: Decimal, offered: Decimal, ratio: Ratio) -> Result<Self, Flag> {
        let available = ratio.apply(offered).ok_or(Flag::QuantityUnknown)?;
        Ok(Self { needed, available, available_in_offer_unit: offered, ratio, one_period: false })
    }

    /// What the check of quantity says.
    pub fn verdict(&self, accepts_partial: bool) -> Verdict {
        if self.covers() {
            Verdict::Pass
        } else if self.available.is_zero() {
            Verdict::Fail
        } else if accepts_partial {
            Verdict::Pass
        } else if self.one_period {
            // More than one period may be delivered.
            Verdict::Unknown
        } else {
            Verdict::Fail
        }
    }

    /// `min(1, what the counterpart brings / what the asking side wants)`.
    pub fn u(&self, asking: Side) -> f64 {
        let (wanted, brought) = match asking {
            Side::Need => (self.needed, self.available),
            Side::Offer => (self.available, self.needed),
        };
        if wanted.is_zero() { 0.0 } else { (brought.to_f64() / wanted.to_f64()).min(1.0) }
    }

    /// What the two could agree on, in the asking side's unit.
    pub fn matchable(&self, asking: Side) -> Option<Decimal> {
        let covered = self.available >= self.needed;
        match (asking, covered) {
            (Side::Need, true) => Some(self.needed),
            (Side::Need, false) => Some(self.available),
            (Side::Offer, false) => Some(self.available_in_offer_unit),
            (Side::Offer, true) => self.ratio.inverse().apply(self.needed),
        }
    }

    pub fn covers(&self) -> bool {
        self.available >= self.needed
    }
}

/// When what a side states counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub basis: QuantityBasis,
    pub period: Option<Period>,
    pub available_from: Option<NaiveDate>,
    pub needed_by: Option<NaiveDate>,
}

impl Span {
    pub fn of(facts: &Facts<'_>) -> Self {
        let Facts { basis, period, available_from, needed_by, .. } = *facts;
        Self { basis, period, available_from, needed_by }
    }

    /// The days of a need; `None` where no end is stated.
    fn window(&self, today: NaiveDate) -> Option<Period> {
        self.period.or(self.needed_by.map(|end| Period { start: today, end }))
    }
}

/// How much of a unit offered counts, whatever the offer's days are; and for each day that need and offer share, where it
/// counts by days and the offer states no period.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfUnit {
    pub at_most: f64,
    pub a_day: Option<f64>,
}

/// How amounts of the two sides are put together: the same for all that count alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counting {
    /// Units needed in one unit offered.
    pub ratio: Ratio,
    heads: bool,
}

impl Counting {
    pub fn of(deal: &Deal<'_>, ctx: &Context<'_>) -> Result<Self, Flag> {
        Ok(Self { ratio: ratio(deal, ctx)?, heads: counts_heads(deal) })
    }

    /// What a need wants: of a rate all of its days, whatever an offer states.
    pub fn wanted(self, needed: Decimal, need: &Span, today: NaiveDate) -> Option<Decimal> {
        let days = need.window(today).map(|window| length(window.start, window.end));
        match (days_in(need.basis), days) {
            (Some(one), Some(days)) if !self.heads => needed.scale(days, one),
            _ => Some(needed),
        }
    }

    /// What a need wants, and of each unit that an offer of that basis states how much counts. `None` where that has no
    /// bound.
    pub fn offered(
        self,
        needed: Decimal,
        need: &Span,
        offered: QuantityBasis,
        today: NaiveDate,
    ) -> Option<(Decimal, OfUnit)> {
        let days = Days::of(need, &Span { basis: offered, period: None, available_from: None, needed_by: None }, today);
        if self.heads {
            let length = need.period.map(|period| length(period.start, period.end)).filter(|days| *days > 0);
            return Some((needed, OfUnit { at_most: 1.0, a_day: length.map(|days| 1.0 / days as f64) }));
        }
        let wanted = self.wanted(needed, need, today)?;
        let Some(one) = days_in(offered) else { return Some((wanted, OfUnit { at_most: 1.0, a_day: None })) };
        let a_day = days.need.map(|_| 1.0 / one as f64);
        let most = days.need.or(days_in(need.basis))?;
        Some((wanted, OfUnit { at_most: most as f64 / one as f64, a_day }))
    }

    pub fn counts_heads(self) -> bool {
        self.heads
    }

    /// `amounts` and `spans` of the need and of the offer.
    pub fn cover(
        self,
        (needed, offered): (Decimal, Decimal),
        (need, offer): (Span, Span),
        today: NaiveDate,
    ) -> Result<Coverage, Flag> {
        if need.basis == QuantityBasis::Total && offer.basis == QuantityBasis::Total {
            return Coverage::of_totals(needed, offered, self.ratio);
        }
        let days = Days::of(&need, &offer, today);
        if self.heads {
            return Coverage::of_totals(needed, days.mean_heads(offered, need.period), self.ratio);
        }
        let needed = self.wanted(needed, &need, today).ok_or(Flag::QuantityUnknown)?;
        let offered = days.available(offered, &need, &offer).ok_or(Flag::QuantityUnknown)?;
        let one_period = days.is_one_period(&need, &offer);
        Ok(Coverage { one_period, ..Coverage::of_totals(needed, offered, self.ratio)? })
    }
}

/// The days both have; `None` where no end is stated, or where there are none.
pub(super) fn shared_days(need: &Facts<'_>, offer: &Facts<'_>, today: NaiveDate) -> Option<i64> {
    Days::of(&Span::of(need), &Span::of(offer), today).shared.filter(|days| *days > 0)
}

/// Units needed in one unit offered, substitution included.
pub(super) fn ratio(deal: &Deal<'_>, ctx: &Context<'_>) -> Result<Ratio, Flag> {
    match conversion(deal, ctx).ok_or(Flag::UnitUnknown)? {
        Conversion::Exact(ratio) => divide(ratio, deal.substitution()).ok_or(Flag::UnitUnknown),
        // So many workers, but for how long is not told.
        Conversion::Unknown if deal.kind == Kind::Labor => Err(Flag::PeriodUnknown),
        Conversion::Unknown => Err(Flag::PackSizeUnknown),
        Conversion::Impossible => Err(Flag::UnitUnknown),
    }
}

/// The same without substitution; `None` where a unit is not stated. Work is counted in hours of a worker: a worker a day is
/// a day's work, and a day eight hours.
pub(super) fn conversion(deal: &Deal<'_>, ctx: &Context<'_>) -> Option<Conversion> {
    let (need, offer) = (deal.need.measure()?, deal.offer.measure()?);
    let of_work =
        deal.kind == Kind::Labor && working_time::counts_work(need.unit) && working_time::counts_work(offer.unit);
    if !of_work || need.unit == offer.unit {
        return Some(ctx.convert(offer, need));
    }
    let ratio = working_time::ratio((offer.unit, deal.offer.basis), (need.unit, deal.need.basis));
    Some(ratio.map_or(Conversion::Unknown, Conversion::Exact))
}

/// `needed ≥ minimum`, where one unit of `minimum` is `ratio` units of `needed`.
pub(super) fn reaches(needed: Decimal, minimum: Decimal, ratio: Ratio) -> bool {
    let product = |value: Decimal, factor: i64| i128::from(value.millionths()) * i128::from(factor);
    product(needed, ratio.denominator) >= product(minimum, ratio.numerator)
}

fn divide(a: Ratio, b: Ratio) -> Option<Ratio> {
    Ratio::new(i128::from(a.numerator) * i128::from(b.denominator), i128::from(a.denominator) * i128::from(b.numerator))
}

/// Workers on both sides: so many every day, not so many days' work.
fn counts_heads(deal: &Deal<'_>) -> bool {
    let heads = |facts: &Facts<'_>| facts.unit == Some(PERSON) && facts.basis == QuantityBasis::PerDay;
    deal.kind == Kind::Labor && heads(&deal.need) && heads(&deal.offer)
}

/// The days amounts are taken over; `None` where no end is stated.
#[derive(Debug, Clone, Copy)]
struct Days {
    need: Option<i64>,
    shared: Option<i64>,
}

impl Days {
    fn of(need: &Span, offer: &Span, today: NaiveDate) -> Self {
        let window = need.window(today);
        let offered_from = offer.period.map(|p| p.start).or(offer.available_from).unwrap_or(today);
        let offered_until = offer.period.map(|p| p.end);
        let start = window.map_or(offered_from.max(today), |w| w.start.max(offered_from));
        let end = match (window.map(|w| w.end), offered_until) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self { need: window.map(|w| length(w.start, w.end)), shared: end.map(|end| length(start, end)) }
    }

    fn available(self, amount: Decimal, need: &Span, offer: &Span) -> Option<Decimal> {
        let Some(one) = days_in(offer.basis) else { return Some(amount) };
        match (days_in(need.basis), self.need, self.shared) {
            (Some(period), None, _) => amount.scale(period, one),
            (_, _, Some(days)) => amount.scale(days, one),
            (_, _, None) => Some(amount),
        }
    }

    /// On the mean of the days of the need, where it states some.
    fn mean_heads(self, heads: Decimal, wanted: Option<Period>) -> Decimal {
        let days = wanted.map(|period| length(period.start, period.end)).filter(|days| *days > 0);
        match (days, self.shared) {
            (Some(days), Some(shared)) => heads.scale(shared, days).unwrap_or(heads),
            _ => heads,
        }
    }

    fn is_one_period(self, need: &Span, offer: &Span) -> bool {
        match (days_in(need.basis), days_in(offer.basis)) {
            (Some(_), _) => self.need.is_none(),
            (None, Some(_)) => self.shared.is_none(),
            (None, None) => false,
        }
    }
}

/// Days from `start` to `end`, both included; 0 when the end comes first.
fn length(start: NaiveDate, end: NaiveDate) -> i64 {
    ((end - start).num_days() + 1).max(0)
}

pub(super) fn days_in(basis: QuantityBasis) -> Option<i64> {
    match basis {
        QuantityBasis::Total => None,
        QuantityBasis::PerDay => Some(1),
        QuantityBasis::PerWeek => Some(7),
        QuantityBasis::PerMonth => Some(30),
    }
}
