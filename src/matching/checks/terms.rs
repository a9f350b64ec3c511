//! Whether the terms can meet: units, quantities, price, time, distance.

use super::recorder::Recorder;
use crate::domain::decimal::Decimal;
use crate::domain::listing::Kind;
use crate::domain::unit::{Conversion, Ratio};
use crate::matching::check::{CheckCode, Value, Verdict};
use crate::matching::context::Context;
use crate::matching::facts::Facts;
use crate::matching::pair::Deal;
use crate::matching::price::within_cap;
use crate::matching::quantity::{Counting, Coverage, Span, conversion, reaches};
use crate::matching::time::Arrival;

pub(super) fn terms(deal: &Deal<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    unit(deal, ctx, out);
    remaining(deal, out);
    let coverage = Coverage::of(deal, ctx).ok();
    quantity(deal, coverage, out);
    minimum_order(deal, ctx, out);
    price(deal, ctx, out);
    time(deal, ctx, out);
    distance(deal, out);
}

fn unit(deal: &Deal<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let (Some(need), Some(offer)) = (deal.need.measure(), deal.offer.measure()) else { return };
    let verdict = match conversion(deal, ctx) {
        Some(Conversion::Exact(_)) => Verdict::Pass,
        Some(Conversion::Impossible) => Verdict::Fail,
        Some(Conversion::Unknown) | None => Verdict::Unknown,
    };
    out.record(CheckCode::Unit, verdict, || Some(Value::text(offer.unit)), || Some(Value::text(need.unit)));
}

/// Nothing left on one side is no match, whatever else fits.
fn remaining(deal: &Deal<'_>, out: &mut Recorder<'_>) {
    let gone = |facts: &Facts<'_>| facts.quantity.is_some_and(Decimal::is_zero);
    if gone(&deal.need) || gone(&deal.offer) {
        let value = |facts: &Facts<'_>| amount(facts.quantity, facts);
        out.record(CheckCode::Remaining, Verdict::Fail, || value(&deal.offer), || value(&deal.need));
    }
}

fn quantity(deal: &Deal<'_>, coverage: Option<Coverage>, out: &mut Recorder<'_>) {
    let partial = deal.need.accepts_partial;
    let asked = deal.need.quantity.is_some();
    let verdict = match coverage {
        Some(coverage) => coverage.verdict(partial),
        None if asked && !partial => Verdict::Unknown,
        None => return,
    };
    let have = || match coverage {
        Some(c) => amount(Some(c.available), &deal.need),
        None => amount(deal.offer.quantity, &deal.offer),
    };
    out.record(CheckCode::Quantity, verdict, have, || {
        amount(coverage.map(|c| c.needed).or(deal.need.quantity), &deal.need)
    });
}

fn minimum_order(deal: &Deal<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let Some(minimum) = deal.offer.min_order else { return };
    let wanted = wanted(deal, ctx);
    let verdict = match wanted {
        Some((wanted, ratio)) => Verdict::from(reaches(wanted, minimum, ratio)),
        None => Verdict::Unknown,
    };
    let want = || amount(wanted.map(|(wanted, _)| wanted).or(deal.need.quantity), &deal.need);
    out.record(CheckCode::MinimumOrder, verdict, || amount(Some(minimum), &deal.offer), want);
}

/// All that is needed, whether or not the offer states how much it has, and units of it in one unit offered.
fn wanted(deal: &Deal<'_>, ctx: &Context<'_>) -> Option<(Decimal, Ratio)> {
    let counting = Counting::of(deal, ctx).ok()?;
    let wanted = counting.wanted(deal.need.quantity?, &Span::of(&deal.need), ctx.today())?;
    Some((wanted, counting.ratio))
}

/// What is needed, in the offer's unit, where it is less than the minimum order; `None` also where that is not known.
pub(in crate::matching) fn below_the_minimum(deal: &Deal<'_>, ctx: &Context<'_>) -> Option<Decimal> {
    let minimum = deal.offer.min_order?;
    let (wanted, ratio) = wanted(deal, ctx)?;
    if reaches(wanted, minimum, ratio) { None } else { ratio.inverse().apply(wanted) }
}

/// What keeping within the cap is called.
pub(in crate::matching) fn price_code(kind: Kind) -> CheckCode {
    match kind {
        Kind::Labor => CheckCode::Pay,
        Kind::Finance => CheckCode::Rate,
        _ => CheckCode::Price,
    }
}

fn price(deal: &Deal<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let Some(verdict) = within_cap(deal, ctx) else { return };
    let money = |amount: Decimal, currency: &str, per: Option<&str>| Value::Money {
        amount,
        currency: currency.to_owned(),
        per: per.unwrap_or_default().to_owned(),
    };
    out.record(
        price_code(deal.kind),
        verdict,
        || deal.offer.price.map(|p| money(p.amount, p.currency, p.per.or(deal.offer.unit))),
        || deal.need.cap.map(|cap| money(cap.amount, cap.currency, cap.per.or(deal.need.unit))),
    );
}

fn time(deal: &Deal<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let Some(needed_by) = deal.need.needed_by else { return };
    let arrival = Arrival::of(&deal.journey(), ctx);
    let verdict = match arrival {
        arrival if arrival.date > needed_by => Verdict::Fail,
        arrival if arrival.surely => Verdict::Pass,
        _ => Verdict::Unknown,
    };
    out.record(CheckCode::Time, verdict, || Some(Value::Date(arrival.date)), || Some(Value::Date(needed_by)));
}

fn distance(deal: &Deal<'_>, out: &mut Recorder<'_>) {
    let Some(radius) = [deal.need.radius_km, deal.offer.radius_km].into_iter().flatten().min() else { return };
    let verdict = match deal.distance_km {
        None => Verdict::Unknown,
        Some(d) => Verdict::from(d <= f64::from(radius)),
    };
    out.record(
        CheckCode::Distance,
        verdict,
        || deal.distance_km.map(Value::Kilometres),
        || Some(Value::Kilometres(f64::from(radius))),
    );
}

fn amount(amount: Option<Decimal>, facts: &Facts<'_>) -> Option<Value> {
    Some(Value::Quantity { amount: amount?, unit: facts.unit.unwrap_or_default().to_owned() })
}
