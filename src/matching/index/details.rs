//! Which checks beyond terms a listing could fail: one may fail between a need and an offer only where what each of them
//! states, or leaves unsaid, lets it. Both sides list the same checks in the same order; a check that either of two things
//! may bring about is listed twice.

use strum::VariantArray;

use crate::domain::attributes::{
    Attributes, EquipmentAttributes, EquipmentMode, FinanceAttributes, LaborArrangement, LaborAttributes,
    MaterialAttributes, PpeAttributes, ServiceAttributes, Shift, TechnologyAttributes, TransportAttributes, UseClass,
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

/// How a listing stands to a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stance {
    /// `None` for any of the kind's own.
    pub code: Option<CheckCode>,
    /// The listing lets it fail.
    pub lets: bool,
    /// It fails where both sides let it. No two such of one check are let by both.
    pub surely: bool,
}

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
            stances.list(None, states, true, false);
            stances.list(None, true, states, false);
            stances.transport(transport);
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
        self.list(Some(code), need, offer, false);
    }

    /// Fails where both let it.
    fn surely(&mut self, code: CheckCode, need: bool, offer: bool) {
        self.list(Some(code), need, offer, true);
    }

    fn list(&mut self, code: Option<CheckCode>, need: bool, offer: bool, surely: bool) {
        self.listed.push(Stance { code, lets: if self.side == Side::Need { need } else { offer }, surely });
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
        self.surely(CheckCode::Sterile, ppe.sterile == Some(true), ppe.sterile == Some(false));
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
        let unlicensed = item.credentials.is_empty();
        self.surely(CheckCode::HazardLicence, hazardous, unlicensed);
        self.surely(CheckCode::HazardLicence, !hazardous, hazardous && unlicensed);
    }

    fn labor(&mut self, labor: &LaborAttributes, item: &Item) {
        let (shift, arrangement) = (labor.shift, labor.arrangement);
        self.both(CheckCode::Occupation, labor.occupation.is_some());
        self.add(CheckCode::Qualification, !labor.certificates.is_empty(), true);
        self.surely(CheckCode::Shift, shift == Some(Shift::Day), shift == Some(Shift::Night));
        self.surely(CheckCode::Shift, shift == Some(Shift::Night), shift == Some(Shift::Day));
        self.both(CheckCode::Period, stated::period(&item.terms).is_some());
        let (hire, lend) = (Some(LaborArrangement::Hire), Some(LaborArrangement::Lend));
        self.surely(CheckCode::LaborArrangement, arrangement == hire, arrangement == lend);
        self.surely(CheckCode::LaborArrangement, arrangement == lend, arrangement == hire);
        let limited = labor.commute_limit_km.is_some();
        self.add(CheckCode::Commute, limited && labor.lodging != Some(true), true);
        self.add(CheckCode::Commute, labor.lodging == Some(false), limited);
        for (code, given) in
            [(CheckCode::Lodging, labor.lodging), (CheckCode::Meals, labor.meals), (CheckCode::Pickup, labor.pickup)]
        {
            self.surely(code, given == Some(false), given == Some(true));
        }
    }

    fn transport(&mut self, transport: &TransportAttributes) {
        let classes = !transport.hazard_classes.is_empty() || transport.hazard_class.is_some();
        self.surely(CheckCode::HazardClass, transport.hazard_class.is_some(), !classes);
        self.surely(CheckCode::Passes, !transport.passes.is_empty(), transport.passes.is_empty());
        self.surely(CheckCode::ReturnLeg, transport.return_leg == Some(true), transport.return_leg == Some(false));
        self.surely(CheckCode::OwnVehicle, transport.shared_load == Some(false), transport.shared_load == Some(true));
    }

    fn finance(&mut self, finance: &FinanceAttributes) {
        self.both(CheckCode::Amount, finance.amount.is_some());
        self.both(CheckCode::Term, finance.term_months.is_some());
        self.both(CheckCode::Collateral, finance.collateral.is_some());
    }

    fn equipment(&mut self, equipment: &EquipmentAttributes, item: &Item) {
        for mode in EquipmentMode::VARIANTS {
            let other = equipment.mode.is_some_and(|stated| stated != *mode);
            self.surely(CheckCode::EquipmentMode, equipment.mode == Some(*mode), other);
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

/// How far workers come: no farther than this, and than the other side's limit where that counts too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Commute {
    pub limit_km: Option<u32>,
    /// The need says that it lodges nobody.
    pub both: bool,
}

impl Commute {
    pub fn of(item: &Item) -> Self {
        match &item.terms.attributes {
            Attributes::Labor(labor) if item.side() == Side::Offer || labor.lodging != Some(true) => Self {
                limit_km: labor.commute_limit_km,
                both: item.side() == Side::Need && labor.lodging == Some(false),
            },
            _ => Self::default(),
        }
    }
}
