//! "Had the candidate stated the median": hiding a fact must never score better than that.

use chrono::TimeDelta;

use super::context::Context;
use super::facts::{Cap, Facts, Quote};
use super::pair::Deal;
use super::statistics::{Measured, Table, money_key, quantity_key, side_key};
use crate::domain::decimal::Decimal;
use crate::domain::listing::{Kind, Side};
use crate::domain::trade::QuantityBasis;
use crate::domain::unit::{Conversion, Measure, Pack};

/// The deal with the candidate's quantity as it usually is in its category, and its days where they count; where it is
/// silent, and as far as that is known.
pub(super) fn with_usual_quantity<'a>(deal: &Deal<'a>, ctx: &Context<'a>) -> Deal<'a> {
    with(deal, |facts, category| {
        fill_measure(facts, deal, category, ctx);
        fill_quantity(facts, deal.asking.opposite(), category, ctx);
        if [deal.need.basis, deal.offer.basis].iter().any(|basis| *basis != QuantityBasis::Total) {
            fill_days(facts, deal, category, ctx);
        }
    })
}

/// The same with its price, or with what it pays at most.
pub(super) fn with_usual_price<'a>(deal: &Deal<'a>, ctx: &Context<'a>) -> Deal<'a> {
    with(deal, |facts, category| {
        fill_measure(facts, deal, category, ctx);
        match deal.asking {
            Side::Need => fill_price(facts, deal.query(), category, ctx),
            Side::Offer => fill_cap(facts, deal.query(), deal.kind, category, ctx),
        }
    })
}

/// The same with its days.
pub(super) fn with_usual_days<'a>(deal: &Deal<'a>, ctx: &Context<'a>) -> Deal<'a> {
    with(deal, |facts, category| fill_days(facts, deal, category, ctx))
}

fn with<'a>(deal: &Deal<'a>, fill: impl FnOnce(&mut Facts<'a>, &'a str)) -> Deal<'a> {
    let mut facts = *deal.candidate();
    let Some(category) = facts.category.or(deal.query().category) else { return *deal };
    fill(&mut facts, category);
    deal.with_candidate(facts)
}

fn fill_measure<'a>(facts: &mut Facts<'a>, deal: &Deal<'a>, category: &str, ctx: &Context<'a>) {
    facts.unit = facts.unit.or(deal.query().unit);
    if facts.pack.is_none() {
        let usual = ctx.statistics.pack_sizes.get(&side_key(deal.asking.opposite(), category));
        facts.pack = usual.map(|quantity| Pack { quantity: *quantity, unit: None });
    }
}

fn fill_quantity(facts: &mut Facts<'_>, side: Side, category: &str, ctx: &Context<'_>) {
    let Some(measure) = facts.measure().filter(|_| facts.quantity.is_none()) else { return };
    let Some(dimension) = ctx.reference.units.dimension(measure) else { return };
    let median = ctx.statistics.quantities.get(&quantity_key(side, category, dimension, facts.basis));
    facts.quantity = median.and_then(|median| in_unit(median, measure, ctx));
}

fn in_unit(median: &Measured, measure: Measure<'_>, ctx: &Context<'_>) -> Option<Decimal> {
    let base = Measure::unit(&median.unit_code);
    match ctx.convert(base, measure) {
        Conversion::Exact(ratio) => ratio.apply(median.amount),
        _ => None,
    }
}

fn fill_days(facts: &mut Facts<'_>, deal: &Deal<'_>, category: &str, ctx: &Context<'_>) {
    let days = |table: &Table<Decimal>| table.get(category).map(|days| days.to_f64());
    let in_days = |days: f64| ctx.today().checked_add_signed(TimeDelta::days(days as i64));
    if deal.asking == Side::Offer {
        facts.needed_by = facts.needed_by.or_else(|| in_days(days(&ctx.statistics.needed_days)?));
        return;
    }
    let later = || days(&ctx.statistics.available_days).unwrap_or(0.0);
    facts.available_from = facts.available_from.or_else(|| in_days(later()));
    if facts.lead_days.is_none() && deal.distance_km.is_none() {
        let least = ctx.policy.handling_days.ceil().max(0.0) as u32;
        facts.lead_days = Some(days(&ctx.statistics.lead_days).map_or(0, |days| days as u32).max(least));
    }
}

fn fill_price<'a>(facts: &mut Facts<'a>, query: &Facts<'a>, category: &str, ctx: &Context<'a>) {
    let comparable = facts.price.is_some_and(|price| query.cap.is_none_or(|cap| cap.currency == price.currency));
    if !comparable || facts.priced_measure().is_none() {
        facts.price = usual_price(facts, query, category, ctx).or(facts.price);
    }
}

fn usual_price<'a>(facts: &Facts<'a>, query: &Facts<'a>, category: &str, ctx: &Context<'a>) -> Option<Quote<'a>> {
    let dimension = ctx.reference.units.dimension(query.capped_measure().or(facts.measure())?)?;
    let currency = query.cap.map_or(ctx.policy.freight_currency.as_str(), |cap| cap.currency);
    let usual = ctx.statistics.prices.get(&money_key(category, dimension, currency))?;
    Some(Quote {
        amount: usual.amount,
        currency,
        per: Some(&usual.unit_code),
        tax_included: usual.tax_included,
        tax_rate: None,
        delivered: usual.delivered,
    })
}

fn fill_cap<'a>(facts: &mut Facts<'a>, query: &Facts<'a>, kind: Kind, category: &str, ctx: &Context<'a>) {
    let Some(quote) = query.price else { return };
    facts.cap = facts.cap.filter(|cap| cap.currency == quote.currency).or_else(|| {
        // Pay and rates are for a unit of their own.
        let per = quote.per.filter(|_| matches!(kind, Kind::Labor | Kind::Finance));
        let measure = per.map(Measure::unit).or(facts.measure())?;
        Some(Cap { per, ..usual_cap(measure, quote.currency, category, ctx)? })
    });
}

fn usual_cap<'a>(measure: Measure<'_>, currency: &'a str, category: &str, ctx: &Context<'_>) -> Option<Cap<'a>> {
    let dimension = ctx.reference.units.dimension(measure)?;
    let usual = ctx.statistics.caps.get(&money_key(category, dimension, currency))?;
    let base = Measure::unit(&usual.unit_code);
    match ctx.convert(measure, base) {
        Conversion::Exact(ratio) => Some(Cap { amount: ratio.apply(usual.amount)?, currency, per: None }),
        _ => None,
    }
}
