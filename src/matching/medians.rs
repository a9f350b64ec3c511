//! "Had the candidate stated the median": hiding a fact must never score better than that.

use chrono::TimeDelta;

use super::context::Context;
use super::facts::{Cap, Facts, Quote};
use super::pair::Deal;
use super::statistics::{Measured, money_key, quantity_key, side_key};
use crate::domain::decimal::Decimal;
use crate::domain::listing::{Kind, Side};
use crate::domain::unit::{Conversion, Measure, Pack};

/// The deal with every silence of the candidate filled by the median of its category, as far as one is known.
pub(super) fn with_medians<'a>(deal: &Deal<'a>, ctx: &Context<'a>) -> Deal<'a> {
    let (asking, query) = (deal.asking, deal.query());
    let mut facts = *deal.candidate();
    let Some(category) = facts.category.or(query.category) else { return *deal };
    fill_quantity(&mut facts, query, asking.opposite(), category, ctx);
    match asking {
        Side::Need => fill_offer(&mut facts, query, deal.distance_km.is_none(), category, ctx),
        Side::Offer => fill_need(&mut facts, query, deal.kind, category, ctx),
    }
    deal.with_candidate(facts)
}

fn fill_quantity<'a>(facts: &mut Facts<'a>, query: &Facts<'a>, side: Side, category: &str, ctx: &Context<'a>) {
    let statistics = ctx.statistics;
    facts.unit = facts.unit.or(query.unit);
    if facts.pack.is_none() {
        let usual = statistics.pack_sizes.get(&side_key(side, category));
        facts.pack = usual.map(|quantity| Pack { quantity: *quantity, unit: None });
    }
    let Some(measure) = facts.measure().filter(|_| facts.quantity.is_none()) else { return };
    let Some(dimension) = ctx.reference.units.dimension(measure) else { return };
    let median = statistics.quantities.get(&quantity_key(side, category, dimension, facts.basis));
    facts.quantity = median.and_then(|median| in_unit(median, measure, ctx));
}

fn in_unit(median: &Measured, measure: Measure<'_>, ctx: &Context<'_>) -> Option<Decimal> {
    let base = Measure::unit(&median.unit_code);
    match ctx.convert(base, measure) {
        Conversion::Exact(ratio) => ratio.apply(median.amount),
        _ => None,
    }
}

fn fill_offer<'a>(facts: &mut Facts<'a>, query: &Facts<'a>, no_distance: bool, category: &str, ctx: &Context<'a>) {
    let days = |table: &std::collections::BTreeMap<String, Decimal>| table.get(category).map(|d| d.to_f64() as u32);
    if facts.available_from.is_none() {
        let later = TimeDelta::days(i64::from(days(&ctx.statistics.available_days).unwrap_or(0)));
        facts.available_from = ctx.today().checked_add_signed(later);
    }
    if facts.lead_days.is_none() && no_distance {
        let least = ctx.policy.handling_days.ceil().max(0.0) as u32;
        facts.lead_days = Some(days(&ctx.statistics.lead_days).unwrap_or(0).max(least));
    }
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

fn fill_need<'a>(facts: &mut Facts<'a>, query: &Facts<'a>, kind: Kind, category: &str, ctx: &Context<'a>) {
    if facts.needed_by.is_none() {
        let days = ctx.statistics.needed_days.get(category).map(|d| TimeDelta::days(d.to_f64() as i64));
        facts.needed_by = days.and_then(|days| ctx.today().checked_add_signed(days));
    }
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
