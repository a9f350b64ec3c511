//! The components of a score: one function each, from a pair to u in [0, 1] with what explains it.

use super::check::Value;
use super::context::Context;
use super::factor::{Component, FactorCode, Flag};
use super::medians::with_medians;
use super::pair::Pair;
use super::price::{Landed, Yardstick};
use super::quantity::Coverage;
use super::text::overlap;
use super::time::slack;
use super::trust::trust_u;
use crate::domain::decimal::{Decimal, SCALE};
use crate::domain::listing::Urgency;

/// What a designation adds to a need's urgency.
const DESIGNATION_BONUS: f64 = 0.3;

/// A silent candidate takes `at_most`, or what it would get had it stated the median where that is less.
fn silent<E>(at_most: f64, had_it_stated_the_median: Result<f64, E>) -> f64 {
    had_it_stated_the_median.map_or(at_most, |u| u.min(at_most))
}

pub(super) fn quantity(pair: &Pair<'_>, ctx: &Context<'_>) -> Component {
    let unknown = ctx.policy.unknown.quantity;
    match Coverage::of(pair, ctx) {
        Ok(coverage) => {
            let component = Component::new(FactorCode::Quantity, coverage.u(pair.asking))
                .param("needed", coverage.needed)
                .param("available", coverage.available);
            let component = with_quantity(component, pair, coverage.matchable(pair.asking));
            if coverage.one_period { component.flag(Flag::PeriodUnknown) } else { component }
        }
        Err(flag) => {
            let query_states_it = pair.query().quantity.is_some() && pair.query().unit.is_some();
            let median = Coverage::of(&with_medians(pair, ctx), ctx).map(|c| c.u(pair.asking));
            let u = if query_states_it { silent(unknown, median) } else { unknown };
            // The pack size or unit may be what is missing, but what cannot be told is the quantity.
            let component = Component::new(FactorCode::Quantity, u).flag(Flag::QuantityUnknown).flag(flag);
            with_quantity(component, pair, None)
        }
    }
}

fn with_quantity(component: Component, pair: &Pair<'_>, amount: Option<Decimal>) -> Component {
    match (amount, pair.query().unit) {
        (Some(amount), Some(unit)) => component.value(Value::Quantity { amount, unit: unit.to_owned() }),
        _ => component,
    }
}

pub(super) fn distance(pair: &Pair<'_>, ctx: &Context<'_>) -> Component {
    let policy = ctx.policy;
    let half = policy.half_distance(pair.query_item().kind()).max(0.001);
    let component = match pair.distance_km {
        Some(d) => {
            let u = (-(d - policy.near_km).max(0.0) / half).exp2();
            Component::new(FactorCode::Distance, u).value(Value::Kilometres(d))
        }
        None => Component::new(FactorCode::Distance, policy.unknown.distance).flag(Flag::DistanceUnknown),
    };
    component.param("half_distance_km", half)
}

pub(super) fn price(pair: &Pair<'_>, yardstick: &Yardstick<'_>, ctx: &Context<'_>) -> Component {
    let policy = ctx.policy;
    let landed = Landed::of(pair, yardstick, ctx);
    let known = match &landed {
        Ok(landed) => yardstick.cap_of(pair).and_then(|()| landed.u(policy.price_floor).ok_or(Flag::CapUnknown)),
        Err(flag) => Err(*flag),
    };
    let u = known.unwrap_or_else(|_| {
        let median = Landed::of(&with_medians(pair, ctx), yardstick, ctx);
        silent(policy.unknown.price, median.and_then(|l| l.u(policy.price_floor).ok_or(Flag::CapUnknown)))
    });
    let component = Component::new(FactorCode::Price, u).flags(known.err());
    match landed {
        Ok(landed) => explain_price(component, &landed, yardstick, policy.price_ceiling),
        Err(_) => component.flag(Flag::PriceUnknown),
    }
}

fn explain_price(component: Component, landed: &Landed, yardstick: &Yardstick<'_>, ceiling: f64) -> Component {
    let amount = Decimal::from_millionths((landed.price * SCALE as f64).round() as i64).unwrap_or_default();
    let (currency, per) = (yardstick.currency.to_owned(), yardstick.measure.unit.to_owned());
    let component = component.value(Value::Money { amount, currency, per });
    let flags = [
        (landed.tax_unknown, Flag::TaxUnknown),
        (landed.freight_unknown, Flag::FreightUnknown),
        (landed.above_reference(ceiling), Flag::PriceAboveReference),
    ];
    let component = component.flags(flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag));
    [("most", landed.most), ("reference", landed.reference)].into_iter().fold(component, |component, (name, number)| {
        match number {
            Some(number) => component.param(name, four_decimals(number)),
            None => component,
        }
    })
}

fn four_decimals(number: f64) -> String {
    Value::Share(number).bare()
}

pub(super) fn time(pair: &Pair<'_>, ctx: &Context<'_>) -> Component {
    let category = pair.offer.category.or(pair.need.category);
    let usual_lead = category.and_then(|c| ctx.statistics.lead_days.get(c)).map_or(0.0, |d| d.to_f64());
    let full = ctx.policy.slack(pair.need.urgency).max(0.001);
    let u = |days: f64| (days / full).clamp(0.0, 1.0);
    let component = match slack(pair, usual_lead, ctx) {
        Ok(days) => Component::new(FactorCode::Time, u(days)).value(Value::Days(days)),
        Err(flag) => {
            let median = slack(&with_medians(pair, ctx), usual_lead, ctx).map(u);
            Component::new(FactorCode::Time, silent(ctx.policy.unknown.time, median)).flag(flag)
        }
    };
    component.param("full_days", full)
}

pub(super) fn text(pair: &Pair<'_>, ctx: &Context<'_>) -> Component {
    let (query, candidate) = (&pair.query_item().profile, &pair.candidate_item().profile);
    let u = overlap(query, candidate, ctx.statistics, ctx.policy);
    let component = Component::new(FactorCode::Text, u).value(Value::Share(u));
    let categories = [pair.query().category, pair.candidate().category];
    let named = categories.into_iter().flatten().flat_map(|code| ctx.reference.categories.ancestry(code));
    match named.map(|c| c.code.as_str()).find(|code| query.mentions(code) && candidate.mentions(code)) {
        Some(concept) => component.param("concept", concept),
        None => component,
    }
}

pub(super) fn trust(pair: &Pair<'_>, ctx: &Context<'_>) -> Component {
    match pair.candidate_item().trust {
        Some(trust) => {
            let u = trust_u(trust, ctx.as_of, ctx.policy);
            Component::new(FactorCode::Trust, u)
                .value(Value::Share(u))
                .param("kept", Value::Share(trust.kept).bare())
                .param("broken", Value::Share(trust.broken).bare())
        }
        None => {
            let category = pair.candidate().category.or(pair.query().category);
            let usual = category.and_then(|c| ctx.statistics.trust.get(c)).map(|u| u.to_f64());
            Component::new(FactorCode::Trust, usual.unwrap_or(ctx.policy.unknown.trust)).flag(Flag::TrustUnknown)
        }
    }
}

/// All points within `freshness_days`, halving with every further such span.
pub(super) fn freshness(pair: &Pair<'_>, ctx: &Context<'_>) -> Component {
    let days = (ctx.as_of - pair.candidate_item().confirmed_at).num_minutes().max(0) as f64 / (24.0 * 60.0);
    let fresh = ctx.policy.freshness_days.max(0.001);
    Component::new(FactorCode::Freshness, (-(days - fresh).max(0.0) / fresh).exp2()).value(Value::Days(days))
}

pub(super) fn chain_link(pair: &Pair<'_>) -> Component {
    let (query, candidate) = (pair.query_item(), pair.candidate_item());
    let linked = query.partners.contains(&candidate.enterprise_id) || candidate.partners.contains(&query.enterprise_id);
    Component::new(FactorCode::ChainLink, if linked { 1.0 } else { 0.0 })
}

/// Of a need, as a supplier sees it. Anyone can call a need critical: more than `normal` counts only once confirmed.
pub(super) fn urgency(pair: &Pair<'_>) -> Component {
    let need = pair.need_item;
    let stated = pair.need.urgency;
    let counted = if need.urgency_confirmed { stated } else { stated.max(Urgency::Normal) };
    let base = match counted {
        Urgency::Critical => 1.0,
        Urgency::High => 0.7,
        Urgency::Normal => 0.3,
        Urgency::Low => 0.0,
    };
    let bonus = if need.designated { DESIGNATION_BONUS } else { 0.0 };
    let name: &'static str = counted.into();
    let component = Component::new(FactorCode::Urgency, base + bonus).value(Value::text(name));
    if counted == stated { component } else { component.flag(Flag::UrgencyUnconfirmed) }
}
