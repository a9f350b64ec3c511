//! How much of a component a candidate earns: u in [0, 1], from facts alone.
//!
//! The score, its explanation and the bounds of the index all come from here. A bound asks the same function with facts
//! at least as good as any in a block.

use chrono::{DateTime, Utc};

use super::context::Context;
use super::factor::Flag;
use super::item::{Item, Trust};
use super::medians::{with_usual_days, with_usual_price, with_usual_quantity};
use super::pair::Deal;
use super::policy::Policy;
use super::price::{Landed, Yardstick};
use super::quantity::Coverage;
use super::time::slack;
use super::trust::trust_u;
use crate::domain::listing::{Kind, Urgency};

/// What a designation adds to a need's urgency.
const DESIGNATION_BONUS: f64 = 0.3;

/// A silent candidate takes `at_most`, or what it would get had it stated the median where that is less.
fn silent<E>(at_most: f64, had_it_stated_the_median: impl FnOnce() -> Result<f64, E>) -> f64 {
    had_it_stated_the_median().map_or(at_most, |u| u.min(at_most))
}

pub(super) fn quantity(deal: &Deal<'_>, ctx: &Context<'_>) -> (f64, Result<Coverage, Flag>) {
    let unknown = ctx.policy.unknown.quantity;
    let coverage = Coverage::of(deal, ctx);
    let u = match &coverage {
        Ok(coverage) => coverage.u(deal.asking),
        Err(_) if deal.query().quantity.is_some() && deal.query().unit.is_some() => {
            silent(unknown, || Coverage::of(&with_usual_quantity(deal, ctx), ctx).map(|c| c.u(deal.asking)))
        }
        Err(_) => unknown,
    };
    (u, coverage)
}

/// Falls with the distance.
pub(super) fn distance(distance_km: Option<f64>, kind: Kind, policy: &Policy) -> f64 {
    let far = |d: f64| (-(d - policy.near_km).max(0.0) / half_distance(kind, policy)).exp2();
    distance_km.map_or(policy.unknown.distance, far)
}

pub(super) fn half_distance(kind: Kind, policy: &Policy) -> f64 {
    policy.half_distance(kind).max(0.001)
}

/// With the landed price, and why u is that of a silent candidate.
pub(super) fn price(
    deal: &Deal<'_>,
    yardstick: &Yardstick<'_>,
    ctx: &Context<'_>,
) -> (f64, Result<Landed, Flag>, Option<Flag>) {
    let floor = ctx.policy.price_floor;
    let landed = Landed::of(deal, yardstick, ctx);
    let known = match &landed {
        Ok(landed) => yardstick.cap_of(deal).and_then(|()| landed.u(floor).ok_or(Flag::CapUnknown)),
        Err(flag) => Err(*flag),
    };
    let u = known.unwrap_or_else(|_| {
        silent(ctx.policy.unknown.price, || {
            let median = Landed::of(&with_usual_price(deal, ctx), yardstick, ctx);
            median.and_then(|l| l.u(floor).ok_or(Flag::CapUnknown))
        })
    });
    (u, landed, known.err())
}

/// With the slack in days.
pub(super) fn time(deal: &Deal<'_>, ctx: &Context<'_>) -> (f64, Result<f64, Flag>) {
    let usual_lead = usual_lead(deal.offer.category.or(deal.need.category), ctx);
    let slack_of = |deal: &Deal<'_>| slack(&deal.journey(), usual_lead, ctx);
    let days = slack_of(deal);
    let u = |days| slack_share(days, deal.need.urgency, ctx.policy);
    let share = match days {
        Ok(days) => u(days),
        Err(_) => silent(ctx.policy.unknown.time, || slack_of(&with_usual_days(deal, ctx)).map(u)),
    };
    (share, days)
}

/// Days offers of the category usually take; 0 where that is not known.
pub(super) fn usual_lead(category: Option<&str>, ctx: &Context<'_>) -> f64 {
    category.and_then(|c| ctx.statistics.lead_days.get(c)).map_or(0.0, |d| d.to_f64())
}

pub(super) fn slack_share(days: f64, urgency: Urgency, policy: &Policy) -> f64 {
    (days / full_slack(urgency, policy)).clamp(0.0, 1.0)
}

/// Days of slack worth all points.
pub(super) fn full_slack(urgency: Urgency, policy: &Policy) -> f64 {
    policy.slack(urgency).max(0.001)
}

/// A newcomer has what is usual in the category.
pub(super) fn trust(trust: Option<Trust>, category: Option<&str>, ctx: &Context<'_>) -> f64 {
    let usual = || category.and_then(|c| ctx.statistics.trust.get(c)).map(|u| u.to_f64());
    match trust {
        Some(trust) => trust_u(trust, ctx.as_of, ctx.policy),
        None => usual().unwrap_or(ctx.policy.unknown.trust),
    }
}

/// All within `freshness_days`, halving with every further such span; with the days since.
pub(super) fn freshness(confirmed_at: DateTime<Utc>, ctx: &Context<'_>) -> (f64, f64) {
    let days = (ctx.as_of - confirmed_at).num_minutes().max(0) as f64 / (24.0 * 60.0);
    let fresh = ctx.policy.freshness_days.max(0.001);
    ((-(days - fresh).max(0.0) / fresh).exp2(), days)
}

pub(super) fn chain_link(query: &Item, candidate: &Item) -> f64 {
    let linked = query.partners.contains(&candidate.enterprise_id) || candidate.partners.contains(&query.enterprise_id);
    if linked { 1.0 } else { 0.0 }
}

/// Of a need, as a supplier sees it; with the urgency that counts. Anyone can call a need critical: more than `normal`
/// counts only once confirmed.
pub(super) fn urgency(stated: Urgency, confirmed: bool, designated: bool) -> (f64, Urgency) {
    let counted = if confirmed { stated } else { stated.max(Urgency::Normal) };
    let base = match counted {
        Urgency::Critical => 1.0,
        Urgency::High => 0.7,
        Urgency::Normal => 0.3,
        Urgency::Low => 0.0,
    };
    let bonus = if designated { DESIGNATION_BONUS } else { 0.0 };
    (base + bonus, counted)
}
