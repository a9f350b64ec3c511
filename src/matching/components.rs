//! The components of a score: one function each, from a pair to u in [0, 1] with what explains it.

use super::check::Value;
use super::context::Context;
use super::factor::{Component, FactorCode, Flag};
use super::pair::Pair;
use super::price::{Landed, Yardstick};
use super::shares;
use super::text::Asked;
use crate::domain::decimal::{Decimal, SCALE};

pub(super) fn quantity(pair: &Pair<'_>, ctx: &Context<'_>) -> Component {
    let (u, coverage) = shares::quantity(pair, ctx);
    match coverage {
        Ok(coverage) => {
            let component = Component::new(FactorCode::Quantity, u)
                .param("needed", coverage.needed)
                .param("available", coverage.available);
            let component = with_quantity(component, pair, coverage.matchable(pair.asking));
            if coverage.one_period { component.flag(Flag::PeriodUnknown) } else { component }
        }
        Err(flag) => {
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
    let component = Component::new(FactorCode::Distance, shares::distance(pair.distance_km, pair.kind, ctx.policy));
    let component = match pair.distance_km {
        Some(d) => component.value(Value::Kilometres(d)),
        None => component.flag(Flag::DistanceUnknown),
    };
    component.param("half_distance_km", shares::half_distance(pair.kind, ctx.policy))
}

pub(super) fn price(pair: &Pair<'_>, yardstick: &Yardstick<'_>, ctx: &Context<'_>) -> Component {
    let (u, landed, unknown) = shares::price(pair, yardstick, ctx);
    let component = Component::new(FactorCode::Price, u).flags(unknown);
    match landed {
        Ok(landed) => explain_price(component, &landed, yardstick, ctx.policy.price_ceiling),
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
    let (u, slack) = shares::time(pair, ctx);
    let component = Component::new(FactorCode::Time, u);
    let component = match slack {
        Ok(days) => component.value(Value::Days(days)),
        Err(flag) => component.flag(flag),
    };
    component.param("full_days", shares::full_slack(pair.need.urgency, ctx.policy))
}

pub(super) fn text(pair: &Pair<'_>, words: &Asked<'_>, ctx: &Context<'_>) -> Component {
    let (query, candidate) = (&pair.query_item().profile, &pair.candidate_item().profile);
    let u = words.share(candidate, ctx.statistics, ctx.policy);
    let component = Component::new(FactorCode::Text, u).value(Value::Share(u));
    let categories = [pair.query().category, pair.candidate().category];
    let named = categories.into_iter().flatten().flat_map(|code| ctx.reference.categories.broader(code));
    match named.map(|(code, _)| code.as_str()).find(|code| query.mentions(code) && candidate.mentions(code)) {
        Some(concept) => component.param("concept", concept),
        None => component,
    }
}

pub(super) fn trust(pair: &Pair<'_>, ctx: &Context<'_>) -> Component {
    let trust = pair.candidate_item().trust;
    let u = shares::trust(trust, pair.candidate().category.or(pair.query().category), ctx);
    let component = Component::new(FactorCode::Trust, u);
    match trust {
        Some(trust) => component
            .value(Value::Share(u))
            .param("kept", Value::Share(trust.kept).bare())
            .param("broken", Value::Share(trust.broken).bare()),
        None => component.flag(Flag::TrustUnknown),
    }
}

pub(super) fn freshness(pair: &Pair<'_>, ctx: &Context<'_>) -> Component {
    let (u, days) = shares::freshness(pair.candidate_item().confirmed_at, ctx);
    Component::new(FactorCode::Freshness, u).value(Value::Days(days))
}

pub(super) fn chain_link(pair: &Pair<'_>) -> Component {
    Component::new(FactorCode::ChainLink, shares::chain_link(pair.query_item(), pair.candidate_item()))
}

pub(super) fn urgency(pair: &Pair<'_>) -> Component {
    let need = pair.need_item;
    let stated = pair.need.urgency;
    let (u, counted) = shares::urgency(stated, need.urgency_confirmed, need.designated);
    let name: &'static str = counted.into();
    let component = Component::new(FactorCode::Urgency, u).value(Value::text(name));
    if counted == stated { component } else { component.flag(Flag::UrgencyUnconfirmed) }
}
