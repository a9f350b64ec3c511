//! Which checks beyond terms a listing could fail: one may fail between a need and an offer only where what each of them
//! states, or leaves unsaid, lets it. Both sides list the same checks in the same order; a check that either of two things
//! may bring about is listed twice.

use strum::VariantArray;

use crate::domain::attributes::{
    Attributes, EquipmentAttributes, EquipmentMode, FinanceAttributes, LaborArrangement, LaborAttributes,
    MaterialAttributes, PpeAttributes, ServiceAttributes, Shift, TechnologyAttributes, UseClass,
};
use crate::domain::listing::Side;
use crate::domain::trade::QuantityBasis;
use crate::matching::check::CheckCode;
use crate::matching::checks::squeezed;
use crate::matching::item::Item;
use crate::matching::stated;

/// No kind lists more.
pub(super) const MOST: usize = 16;

/// Specifications are told apart by so many sorts of names.
const NAMES: u8 = 4;

/// A check, `None` for any of the kind's own, and whether the listing lets it fail.
pub(super) type Stance = (Option<CheckCode>, bool);

pub(super) fn stances(item: &Item) -> Vec<Stance> {
    let mut stances = Stances { side: item.side(), listed: Vec::with_capacity(MOST) };
    let (looks, placed) = (!item.terms.service_regions.is_empty(), item.region_code.is_some());
    stances.add(CheckCode::OfferArea, looks, placed);
    stances.add(CheckCode::NeedArea, placed, looks);
    match &item.terms.attributes {
        Attributes::Ppe(ppe) => stances.ppe(ppe, item),
        Attributes::Material(material) => stances.material(material, item),
        Attributes::Labor(labor) => stances.labor(labor, item),
        Attributes::Finance(finance) => stances.finance(finance),
        Attributes::Equipment(equipment) => stances.equipment(equipment, item),
        Attributes::Technology(technology) => stances.technology(technology),
        Attributes::Service(service) => stances.service(service, item),
        Attributes::Transport(transport) => {
            let states = **transport != Default::default() || item.terms.delivery_period.is_some();
            stances.listed.push((None, stances.side == Side::Offer || states));
            stances.listed.push((None, stances.side == Side::Need || states));
        }
    }
    stances.listed
}

struct Stances {
    side: Side,
    listed: Vec<Stance>,
}

impl Stances {
    /// Whether a need lets the check fail, were it one, and whether an offer does.
    fn add(&mut self, code: CheckCode, need: bool, offer: bool) {
        self.listed.push((Some(code), if self.side == Side::Need { need } else { offer }));
    }

    /// Fails only where both state it.
    fn both(&mut self, code: CheckCode, states: bool) {
        self.add(code, states, states);
    }

    fn specifications(&mut self, item: &Item) {
        let sort = |name: &str| squeezed(name).bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
        let sorts: Vec<u8> = item.terms.specs.iter().map(|spec| sort(&spec.name) % NAMES).collect();
        (0..NAMES).for_each(|sort| self.both(CheckCode::Specification, sorts.contains(&sort)));
    }

    fn ppe(&mut self, ppe: &PpeAttributes, item: &Item) {
        self.specifications(item);
        self.both(CheckCode::Standard, ppe.standard.is_some());
        let asked = ppe.use_class.is_some_and(|class| class != UseClass::Civil);
        self.add(CheckCode::UseClass, asked, ppe.use_class.is_some() || ppe.standard.is_some());
        self.add(CheckCode::Sterile, ppe.sterile == Some(true), ppe.sterile == Some(false));
        // Goods must last until a need falls due, asked or not, and so must their certificate.
        self.add(CheckCode::ShelfLife, true, ppe.expiry_date.is_some());
        let dated = ppe.certificate_valid_to.is_some();
        self.add(CheckCode::Certificate, ppe.certificate_number.is_some() || dated, true);
        self.add(CheckCode::Certificate, true, dated);
    }

    fn material(&mut self, material: &MaterialAttributes, item: &Item) {
        self.specifications(item);
        self.both(CheckCode::Grade, material.grade.is_some());
        let hazardous = material.hazard_class.is_some();
        self.add(CheckCode::HazardLicence, hazardous, true);
        self.add(CheckCode::HazardLicence, true, hazardous);
    }

    fn labor(&mut self, labor: &LaborAttributes, item: &Item) {
        let (shift, arrangement) = (labor.shift, labor.arrangement);
        self.both(CheckCode::Occupation, labor.occupation.is_some());
        self.add(CheckCode::Qualification, !labor.certificates.is_empty(), true);
        self.add(CheckCode::Shift, shift == Some(Shift::Day), shift == Some(Shift::Night));
        self.add(CheckCode::Shift, shift == Some(Shift::Night), shift == Some(Shift::Day));
        self.both(CheckCode::Period, stated::period(&item.terms).is_some());
        let (hire, lend) = (Some(LaborArrangement::Hire), Some(LaborArrangement::Lend));
        self.add(CheckCode::LaborArrangement, arrangement == hire, arrangement == lend);
        self.add(CheckCode::LaborArrangement, arrangement == lend, arrangement == hire);
        let limited = labor.commute_limit_km.is_some();
        self.add(CheckCode::Commute, limited && labor.lodging != Some(true), true);
        self.add(CheckCode::Commute, labor.lodging == Some(false), limited);
        for (code, given) in
            [(CheckCode::Lodging, labor.lodging), (CheckCode::Meals, labor.meals), (CheckCode::Pickup, labor.pickup)]
        {
            self.add(code, given == Some(false), given == Some(true));
        }
    }

    fn finance(&mut self, finance: &FinanceAttributes) {
        self.both(CheckCode::Amount, finance.amount.is_some());
        self.both(CheckCode::Term, finance.term_months.is_some());
        self.both(CheckCode::Collateral, finance.collateral.is_some());
    }

    fn equipment(&mut self, equipment: &EquipmentAttributes, item: &Item) {
        for mode in EquipmentMode::VARIANTS {
            let other = equipment.mode.is_some_and(|stated| stated != *mode);
            self.add(CheckCode::EquipmentMode, equipment.mode == Some(*mode), other);
        }
        self.both(CheckCode::Model, equipment.model.is_some());
        let dated = stated::period(&item.terms).is_some();
        self.add(CheckCode::Period, dated && equipment.mode != Some(EquipmentMode::Sale), dated);
    }

    fn technology(&mut self, technology: &TechnologyAttributes) {
        self.both(CheckCode::ReadinessLevel, technology.readiness_level.is_some());
        self.both(CheckCode::Licence, technology.licence.is_some());
    }

    fn service(&mut self, service: &ServiceAttributes, item: &Item) {
        let terms = &item.terms;
        let able = service.capacity_per_day.is_some();
        self.both(CheckCode::ServiceType, service.service.is_some());
        let rated = terms.quantity_basis != QuantityBasis::Total;
        self.add(CheckCode::DailyCapacity, able && terms.quantity.is_some(), able || rated);
        self.add(CheckCode::DailyCapacity, !terms.accepts_partial, able);
        self.both(CheckCode::Period, stated::period(terms).is_some());
    }
}
