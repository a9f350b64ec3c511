//! Which listings a search admits, words apart.

use chrono::NaiveDate;

use super::query::{SearchQuery, Viewer};
use crate::domain::decimal::Decimal;
use crate::domain::listing::Side;
use crate::matching::context::Context;
use crate::matching::facts::Facts;
use crate::matching::item::Item;

pub(in crate::matching) const DEFAULT_CURRENCY: &str = "CNY";

pub(super) fn admits(item: &Item, distance_km: Option<f64>, query: &SearchQuery, ctx: &Context<'_>) -> bool {
    is_readable(item, &query.viewer)
        && item.is_open(ctx.now)
        && query.side.is_none_or(|side| item.side() == side)
        && query.kind.is_none_or(|kind| item.kind() == kind)
        && query.enterprise_id.is_none_or(|id| item.enterprise_id == id)
        && within_category(item, query, ctx)
        && within_region(item, query, ctx)
        && within_radius(distance_km, query)
        && within_price(item, query)
        && available(item, query)
}

fn is_readable(item: &Item, viewer: &Viewer) -> bool {
    viewer.enterprises.contains(&item.enterprise_id) || item.is_visible_to(None, viewer.verified)
}

fn within_category(item: &Item, query: &SearchQuery, ctx: &Context<'_>) -> bool {
    query.category.as_deref().is_none_or(|wanted| {
        item.category().is_some_and(|code| code == wanted || ctx.reference.categories.is_within(code, wanted))
    })
}

fn within_region(item: &Item, query: &SearchQuery, ctx: &Context<'_>) -> bool {
    query.region_code.as_deref().is_none_or(|wanted| {
        item.region_code.as_deref().is_some_and(|code| code == wanted || ctx.reference.regions.is_within(code, wanted))
    })
}

fn within_radius(distance_km: Option<f64>, query: &SearchQuery) -> bool {
    match query.near.and(query.radius_km) {
        Some(radius) => distance_km.is_some_and(|d| d <= radius),
        None => true,
    }
}

fn within_price(item: &Item, query: &SearchQuery) -> bool {
    query.price_max.is_none_or(|most| price(item, query).is_some_and(|price| price <= most))
}

/// What the listing asks or pays at most, in the currency of the query.
pub(super) fn price(item: &Item, query: &SearchQuery) -> Option<Decimal> {
    let facts = Facts::of(item);
    let (amount, currency) = match item.side() {
        Side::Offer => facts.price.map(|price| (price.amount, price.currency))?,
        Side::Need => facts.cap.map(|cap| (cap.amount, cap.currency))?,
    };
    (currency == query.currency.as_deref().unwrap_or(DEFAULT_CURRENCY)).then_some(amount)
}

/// Of offers: there by that day, and not over before it.
fn available(item: &Item, query: &SearchQuery) -> bool {
    let Some(by) = query.available_by.filter(|_| item.side() == Side::Offer) else { return true };
    Facts::of(item).available_from.is_none_or(|from| from <= by) && is_not_over(item, by)
}

pub(in crate::matching) fn is_not_over(item: &Item, by: NaiveDate) -> bool {
    item.terms.delivery_period.is_none_or(|period| by <= period.end)
}
