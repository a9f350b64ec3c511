//! What one side states, in the form the arithmetic needs: cheap to copy, so that "what if it were stated" is one copy.

use chrono::NaiveDate;

use super::item::Item;
use super::stated;
use crate::domain::attributes::Attributes;
use crate::domain::decimal::Decimal;
use crate::domain::listing::{Period, Side, Terms, Urgency};
use crate::domain::place::Point;
use crate::domain::trade::QuantityBasis;
use crate::domain::unit::{Measure, Pack};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Facts<'a> {
    pub category: Option<&'a str>,
    /// What is left of it, per `basis`.
    pub quantity: Option<Decimal>,
    pub basis: QuantityBasis,
    pub unit: Option<&'a str>,
    pub pack: Option<Pack<'a>>,
    pub min_order: Option<Decimal>,
    pub price: Option<Quote<'a>>,
    pub cap: Option<Cap<'a>>,
    pub location: Option<Point>,
    pub available_from: Option<NaiveDate>,
    pub needed_by: Option<NaiveDate>,
    pub period: Option<Period>,
    pub lead_days: Option<u32>,
    pub urgency: Urgency,
    /// Of a need: less than all of it will do.
    pub accepts_partial: bool,
    pub accepts_substitutes: bool,
    pub radius_km: Option<u32>,
}

/// What an offer asks for one `per`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Quote<'a> {
    pub amount: Decimal,
    pub currency: &'a str,
    pub per: Option<&'a str>,
    pub tax_included: bool,
    /// Percent.
    pub tax_rate: Option<Decimal>,
    /// The buyer pays no freight on top.
    pub delivered: bool,
}

/// The most a need pays for one `per`, delivered, with tax.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cap<'a> {
    pub amount: Decimal,
    pub currency: &'a str,
    /// Absent: the need's own unit.
    pub per: Option<&'a str>,
}

impl<'a> Facts<'a> {
    pub fn of(item: &'a Item) -> Self {
        let terms: &'a Terms = &item.terms;
        let period = stated::period(terms);
        let (quantity, basis, unit) = stated::quantity(terms, item.remaining);
        Self {
            category: item.category(),
            quantity,
            basis,
            unit,
            pack: terms.pack(),
            min_order: terms.min_order_quantity,
            price: stated::quote(terms),
            cap: stated::cap(terms),
            location: item.location,
            available_from: terms.available_from.or(period.map(|p| p.start)),
            needed_by: terms.needed_by.or(terms.delivery_period.map(|p| p.end)),
            period,
            lead_days: terms.lead_time_days,
            urgency: terms.urgency,
            accepts_partial: terms.accepts_partial,
            accepts_substitutes: terms.accepts_substitutes,
            radius_km: terms.service_radius_km.filter(|_| !runs_a_line(terms)),
        }
    }

    pub fn measure(&self) -> Option<Measure<'a>> {
        self.unit.map(|unit| Measure { unit, pack: self.pack })
    }

    /// What the cap is for.
    pub fn capped_measure(&self) -> Option<Measure<'a>> {
        self.cap.and_then(|cap| cap.per).map(Measure::unit).or(self.measure())
    }

    /// What the price is for.
    pub fn priced_measure(&self) -> Option<Measure<'a>> {
        let unit = self.price.and_then(|p| p.per).or(self.unit)?;
        Some(Measure { unit, pack: self.pack })
    }
}

/// What runs between stops collects near any of them: the radius is around each, and a check of the kind.
fn runs_a_line(terms: &Terms) -> bool {
    match &terms.attributes {
        Attributes::Transport(transport) => terms.side == Side::Offer && transport.is_line(),
        _ => false,
    }
}
