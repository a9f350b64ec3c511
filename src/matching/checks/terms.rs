//! Whether the terms can meet: units, quantities, price, time, distance.

use super::recorder::Recorder;
use crate::domain::decimal::Decimal;
use crate::domain::unit::{Conversion, Ratio};
use crate::matching::check::{CheckCode, Value, Verdict};
use crate::matching::context::Context;
use crate::matching::facts::Facts;
use crate::matching::item::Item;
use crate::matching::pair::Pair;
use crate::matching::price::within_cap;
use crate::matching::quantity::{Coverage, ratio};
use crate::matching::time::Arrival;

pub(super) fn terms(pair: &Pair<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    unit(pair, ctx, out);
    remaining(pair, out);
    let coverage = Coverage::of(pair, ctx).ok();
    quantity(pair, coverage, out);
    minimum_order(pair, coverage, ctx, out);
    price(pair, ctx, out);
    time(pair, ctx, out);
    distance(pair, out);
}

fn unit(pair: &Pair<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let (Some(need), Some(offer)) = (pair.need.measure(), pair.offer.measure()) else { return };
    let verdict = match ctx.reference.units.convert(offer, need) {
        Conversion::Exact(_) => Verdict::Pass,
        Conversion::Unknown => Verdict::Unknown,
        Conversion::Impossible => Verdict::Fail,
    };
    out.record(CheckCode::Unit, verdict, || Some(Value::text(offer.unit)), || Some(Value::text(need.unit)));
}

/// Nothing left on one side is no match, whatever else fits.
fn remaining(pair: &Pair<'_>, out: &mut Recorder<'_>) {
    let gone = |facts: &Facts<'_>| facts.quantity.is_some_and(Decimal::is_zero);
    if gone(&pair.need) || gone(&pair.offer) {
        let value = |facts: &Facts<'_>| amount(facts.quantity, facts);
        out.record(CheckCode::Remaining, Verdict::Fail, || value(&pair.offer), || value(&pair.need));
    }
}

fn quantity(pair: &Pair<'_>, coverage: Option<Coverage>, out: &mut Recorder<'_>) {
    let partial = pair.need_item.terms.accepts_partial;
    let asked = pair.need.quantity.is_some();
    let verdict = match coverage {
        Some(c) if c.covers() => Verdict::Pass,
        Some(c) if c.available.is_zero() => Verdict::Fail,
        Some(_) if partial => Verdict::Pass,
        // More than one period may be delivered.
        Some(c) if c.one_period => Verdict::Unknown,
        Some(_) => Verdict::Fail,
        None if asked && !partial => Verdict::Unknown,
        None => return,
    };
    let have = || match coverage {
        Some(c) => amount(Some(c.available), &pair.need),
        None => amount(pair.offer.quantity, &pair.offer),
    };
    out.record(CheckCode::Quantity, verdict, have, || {
        amount(coverage.map(|c| c.needed).or(pair.need.quantity), &pair.need)
    });
}

fn minimum_order(pair: &Pair<'_>, coverage: Option<Coverage>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let Some(minimum) = pair.offer.min_order else { return };
    // A need may state how much while the offer does not: coverage is unknown then, the minimum is not.
    let needed = coverage.map(|c| c.needed).or(pair.need.quantity);
    let verdict = match needed.zip(ratio(pair, ctx).ok()) {
        Some((needed, ratio)) => Verdict::from(reaches(needed, minimum, ratio)),
        None => Verdict::Unknown,
    };
    out.record(CheckCode::MinimumOrder, verdict, || amount(Some(minimum), &pair.offer), || amount(needed, &pair.need));
}

/// `needed ≥ minimum`, where one unit of `minimum` is `ratio` units of `needed`.
fn reaches(needed: Decimal, minimum: Decimal, ratio: Ratio) -> bool {
    let product = |value: Decimal, factor: i64| i128::from(value.millionths()) * i128::from(factor);
    product(needed, ratio.denominator) >= product(minimum, ratio.numerator)
}

fn price(pair: &Pair<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let Some(verdict) = within_cap(pair, ctx) else { return };
    let money = |amount: Decimal, currency: &str, per: Option<&str>| Value::Money {
        amount,
        currency: currency.to_owned(),
        per: per.unwrap_or_default().to_owned(),
    };
    out.record(
        CheckCode::Price,
        verdict,
        || pair.offer.price.map(|p| money(p.amount, p.currency, p.per.or(pair.offer.unit))),
        || pair.need.cap.map(|cap| money(cap.amount, cap.currency, pair.need.unit)),
    );
}

fn time(pair: &Pair<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let Some(needed_by) = pair.need.needed_by else { return };
    let arrival = Arrival::of(pair, ctx);
    let verdict = match arrival {
        arrival if arrival.date > needed_by => Verdict::Fail,
        arrival if arrival.surely => Verdict::Pass,
        _ => Verdict::Unknown,
    };
    out.record(CheckCode::Time, verdict, || Some(Value::Date(arrival.date)), || Some(Value::Date(needed_by)));
}

fn distance(pair: &Pair<'_>, out: &mut Recorder<'_>) {
    let radius = |item: &Item| item.terms.service_radius_km;
    let Some(radius) = [radius(pair.need_item), radius(pair.offer_item)].into_iter().flatten().min() else { return };
    let verdict = match pair.distance_km {
        None => Verdict::Unknown,
        Some(d) => Verdict::from(d <= f64::from(radius)),
    };
    out.record(
        CheckCode::Distance,
        verdict,
        || pair.distance_km.map(Value::Kilometres),
        || Some(Value::Kilometres(f64::from(radius))),
    );
}

fn amount(amount: Option<Decimal>, facts: &Facts<'_>) -> Option<Value> {
    Some(Value::Quantity { amount: amount?, unit: facts.unit.unwrap_or_default().to_owned() })
}
