//! Services: what is done, how much of it a day, and when.

use super::period;
use super::recorder::Recorder;
use crate::domain::attributes::{ServiceAttributes, ServiceType};
use crate::domain::decimal::Decimal;
use crate::domain::trade::QuantityBasis;
use crate::domain::unit::{Conversion, Ratio};
use crate::matching::check::{CheckCode, Value, Verdict};
use crate::matching::context::Context;
use crate::matching::facts::Facts;
use crate::matching::pair::Pair;
use crate::matching::quantity::{self, Coverage, days_in};

pub(super) fn check(
    asked: &ServiceAttributes,
    offered: &ServiceAttributes,
    pair: &Pair<'_>,
    ctx: &Context<'_>,
    out: &mut Recorder<'_>,
) {
    service_type(asked, offered, out);
    daily_capacity(asked, offered, pair, ctx, out);
    period::overlap(pair, ctx, out);
}

/// What is called other may be anything.
fn service_type(asked: &ServiceAttributes, offered: &ServiceAttributes, out: &mut Recorder<'_>) {
    let Some(wanted) = asked.service else { return };
    let verdict = match offered.service {
        Some(had) if had == wanted => Verdict::Pass,
        None | Some(ServiceType::Other) => Verdict::Unknown,
        Some(_) if wanted == ServiceType::Other => Verdict::Unknown,
        Some(_) => Verdict::Fail,
    };
    let name = |service: ServiceType| Value::text(<&'static str>::from(service));
    out.record(CheckCode::ServiceType, verdict, || offered.service.map(name), || Some(name(wanted)));
}

/// A capacity asked for is compared with that offered, or with the rate. An offer of a total that says what it can do a day
/// must do all that is needed in the days there are, unless a part will do.
fn daily_capacity(
    asked: &ServiceAttributes,
    offered: &ServiceAttributes,
    pair: &Pair<'_>,
    ctx: &Context<'_>,
    out: &mut Recorder<'_>,
) {
    let (need, offer) = (&pair.need, &pair.offer);
    let wanted = match asked.capacity_per_day {
        // Stated in place of a quantity, both are compared as quantities.
        Some(capacity) if pair.need_item.terms.quantity.is_some() => Some(capacity),
        None if offered.capacity_per_day.is_some() && offer.basis == QuantityBasis::Total => {
            needed_a_day(pair, ctx).filter(|_| !need.accepts_partial)
        }
        _ => None,
    };
    let Some(wanted) = wanted else { return };
    let had = offered.capacity_per_day.or_else(|| daily_rate(offer));
    let verdict = match (had, quantity::conversion(pair, ctx)) {
        (Some(had), Some(Conversion::Exact(ratio))) => Verdict::from(reaches(had, wanted, ratio)),
        _ => Verdict::Unknown,
    };
    let amount = |amount: Decimal, facts: &Facts<'_>| Value::Quantity {
        amount,
        unit: facts.unit.unwrap_or_default().to_owned(),
    };
    out.record(CheckCode::DailyCapacity, verdict, || had.map(|had| amount(had, offer)), || Some(amount(wanted, need)));
}

/// `had ≥ wanted`, where one unit of `had` is `ratio` units of `wanted`.
fn reaches(had: Decimal, wanted: Decimal, ratio: Ratio) -> bool {
    let product = |value: Decimal, factor: i64| i128::from(value.millionths()) * i128::from(factor);
    product(had, ratio.numerator) >= product(wanted, ratio.denominator)
}

fn daily_rate(facts: &Facts<'_>) -> Option<Decimal> {
    facts.quantity?.scale(1, days_in(facts.basis)?)
}

/// All that is needed over the days both have, as the need counts it; `None` where no end is stated.
fn needed_a_day(pair: &Pair<'_>, ctx: &Context<'_>) -> Option<Decimal> {
    let days = quantity::shared_days(&pair.need, &pair.offer, ctx.today())?;
    let coverage = Coverage::of(pair, ctx).ok()?;
    coverage.needed.scale(1, days)
}
