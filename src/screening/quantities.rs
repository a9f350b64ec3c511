//! Quantities that cannot be: more than a country makes, than a firm has people, than a vehicle may carry.

use super::{Surroundings, offers, told};
use crate::domain::attributes::{Attributes, LaborArrangement, TransportMode};
use crate::domain::decimal::Decimal;
use crate::domain::flag::{Finding, ListingFlagCode};
use crate::domain::listing::Terms;
use crate::domain::screening_data::Capacity;
use crate::domain::unit::{Conversion, Measure};

/// The most a road vehicle may weigh with its load: GB 1589-2016, 4.3.
const HEAVIEST_VEHICLE_KG: u32 = 49_000;

pub fn screen(terms: &Terms, around: &Surroundings<'_>) -> Vec<Finding> {
    let lists = around.reference.screening.capacities_in_force().filter_map(|most| beyond(terms, most, around));
    lists.chain(more_than_employed(terms, around)).chain(too_heavy(terms)).collect()
}

fn finding(subject: &str, quantity: String, maximum: String, source: &str) -> Finding {
    let params = [("quantity", quantity), ("maximum", maximum), ("source", source.to_owned())];
    Finding::new(ListingFlagCode::ImpossibleQuantity, subject, params)
}

fn beyond(terms: &Terms, most: &Capacity, around: &Surroundings<'_>) -> Option<Finding> {
    let category = terms.category.as_deref().unwrap_or(terms.kind().into());
    let reaches = around.reference.categories.is_within(category, &most.category)
        && most.basis == terms.quantity_basis
        && most.side.is_none_or(|side| side == terms.side);
    let (quantity, unit) = terms.quantity.zip(terms.unit_code.as_deref()).filter(|_| reaches)?;
    let own = Measure { unit, pack: terms.pack() };
    let Conversion::Exact(ratio) = around.reference.units.convert(own, Measure::unit(&most.unit_code)) else {
        return None;
    };
    // Out of range is beyond any bound.
    let converted = ratio.apply(quantity).unwrap_or(Decimal::MAX);
    let (stated, maximum) = (told(quantity, Some(unit)), told(most.maximum, Some(&most.unit_code)));
    (converted > most.maximum).then(|| finding(&most.code, stated, maximum, &most.source))
}

/// Who lends workers has them.
fn more_than_employed(terms: &Terms, around: &Surroundings<'_>) -> Option<Finding> {
    let Attributes::Labor(labor) = &terms.attributes else { return None };
    let employees = around.enterprise.profile.employees.filter(|employees| *employees > 0)?;
    let lends = offers(terms) && labor.arrangement == Some(LaborArrangement::Lend);
    let headcount = labor.headcount.filter(|headcount| lends && *headcount > employees)?;
    let source = "enterprise.employees";
    Some(finding("employees", told(Decimal::from_integer(headcount), Some("IE")), employees.to_string(), source))
}

/// Of an offer `weight_kg` is what one vehicle takes.
fn too_heavy(terms: &Terms) -> Option<Finding> {
    let Attributes::Transport(transport) = &terms.attributes else { return None };
    let by_road = offers(terms) && transport.mode == Some(TransportMode::Road);
    let maximum = Decimal::from_integer(HEAVIEST_VEHICLE_KG);
    let weight = transport.weight_kg.filter(|weight| by_road && *weight > maximum)?;
    Some(finding("vehicle", told(weight, Some("KGM")), told(maximum, Some("KGM")), "GB 1589-2016"))
}
