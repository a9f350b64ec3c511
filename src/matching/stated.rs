//! What a listing states where its kind has words of its own: pay for the price of labor, the rate for that of finance,
//! headcount or daily capacity for the quantity, the days worked for the delivery period.

use super::facts::{Cap, Quote};
use crate::domain::attributes::{Attributes, LaborAttributes};
use crate::domain::decimal::Decimal;
use crate::domain::listing::{Kind, Period, Side, Terms};
use crate::domain::trade::{Delivery, FreightPaidBy, Price, QuantityBasis};
use crate::domain::working_time::{PAY_UNIT, PERSON, per_day};

/// The currency of a rate, for one [`RATE_UNIT`].
pub(super) const PERCENT: &str = "%";
pub(super) const RATE_UNIT: &str = "ANN";

/// The days of delivery, of work, of service, or those equipment is wanted or free.
pub(super) fn period(terms: &Terms) -> Option<Period> {
    terms.delivery_period.or(own_period(terms))
}

/// That of the attributes alone.
pub(super) fn own_period(terms: &Terms) -> Option<Period> {
    match &terms.attributes {
        Attributes::Labor(labor) => labor.period,
        Attributes::Equipment(equipment) => equipment.period,
        Attributes::Service(service) => service.period,
        _ => None,
    }
}

/// What is left, else the quantity, else what the attributes say of it; with its basis and unit.
pub(super) fn quantity(terms: &Terms, left: Option<Decimal>) -> (Option<Decimal>, QuantityBasis, Option<&str>) {
    let unit = terms.unit_code.as_deref();
    if let Some(quantity) = left.or(terms.quantity) {
        return (Some(quantity), basis(terms), unit);
    }
    match &terms.attributes {
        Attributes::Labor(LaborAttributes { headcount: Some(headcount), .. }) if unit.is_none_or(|u| u == PERSON) => {
            (Some(Decimal::from_integer(*headcount)), QuantityBasis::PerDay, Some(PERSON))
        }
        Attributes::Service(service) if service.capacity_per_day.is_some() && unit.is_some() => {
            (service.capacity_per_day, QuantityBasis::PerDay, unit)
        }
        _ => (None, terms.quantity_basis, unit),
    }
}

/// So many workers are so many every day: they are not used up.
fn basis(terms: &Terms) -> QuantityBasis {
    let heads = terms.kind() == Kind::Labor && terms.unit_code.as_deref() == Some(PERSON);
    match terms.quantity_basis {
        QuantityBasis::Total if heads => QuantityBasis::PerDay,
        basis => basis,
    }
}

/// Pay comes before a price, and so does a rate. Any wage is compared for a worker's day.
pub(super) fn quote(terms: &Terms) -> Option<Quote<'_>> {
    match &terms.attributes {
        Attributes::Labor(labor) => match labor.pay.as_ref().filter(|_| terms.side == Side::Offer) {
            Some(pay) => Some(wage(pay, terms)),
            None => terms.price.as_ref().map(|price| wage(price, terms)),
        },
        Attributes::Finance(finance) if terms.side == Side::Offer && finance.highest_rate.is_some() => {
            finance.highest_rate.map(rate)
        }
        _ => terms.price.as_ref().map(|price| asked(price, terms)),
    }
}

pub(super) fn cap(terms: &Terms) -> Option<Cap<'_>> {
    match &terms.attributes {
        Attributes::Labor(LaborAttributes { pay: Some(pay), .. }) if terms.side == Side::Need => {
            let Quote { amount, currency, per, .. } = wage(pay, terms);
            Some(Cap { amount, currency, per })
        }
        Attributes::Finance(finance) if terms.side == Side::Need && finance.highest_rate.is_some() => {
            let limit = |amount| Cap { amount, currency: PERCENT, per: Some(RATE_UNIT) };
            finance.highest_rate.map(limit)
        }
        _ => terms.max_price.as_ref().map(|most| {
            let daily = terms.unit_code.as_deref().filter(|_| terms.kind() == Kind::Labor);
            match daily.and_then(|unit| per_day(most.amount, unit, terms.quantity_basis)) {
                Some(amount) => Cap { amount, currency: &most.currency, per: Some(PAY_UNIT) },
                None => Cap { amount: most.amount, currency: &most.currency, per: None },
            }
        }),
    }
}

fn asked<'a>(price: &'a Price, terms: &Terms) -> Quote<'a> {
    // People, money and knowledge are not carted.
    let carted = !matches!(terms.kind(), Kind::Labor | Kind::Finance | Kind::Technology);
    let delivered = price.delivery == Delivery::Delivered || terms.freight_paid_by == Some(FreightPaidBy::Seller);
    Quote {
        amount: price.amount,
        currency: &price.currency,
        per: price.per.as_deref(),
        tax_included: price.tax_included,
        tax_rate: price.tax_rate,
        delivered: delivered || !carted,
    }
}

/// For a worker's day; as stated where that cannot be told.
fn wage<'a>(pay: &'a Price, terms: &'a Terms) -> Quote<'a> {
    let quote = asked(pay, terms);
    let daily = quote.per.or(terms.unit_code.as_deref());
    match daily.and_then(|unit| per_day(quote.amount, unit, terms.quantity_basis)) {
        Some(amount) => Quote { amount, per: Some(PAY_UNIT), ..quote },
        None => quote,
    }
}

fn rate(amount: Decimal) -> Quote<'static> {
    Quote { amount, currency: PERCENT, per: Some(RATE_UNIT), tax_included: true, tax_rate: None, delivered: true }
}
