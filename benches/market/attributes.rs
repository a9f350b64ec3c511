//! What a generated listing states of its kind: plausible, often in agreement, seldom complete.

use super::Dice;
use super::duijie;
use chrono::TimeDelta;
use duijie::domain::attributes::{
    Attributes, EquipmentAttributes, EquipmentMode, FinanceAttributes, LaborArrangement, LaborAttributes,
    MaterialAttributes, PpeAttributes, ServiceAttributes, ServiceType, Shift, Stop, TechnologyAttributes,
    TemperatureRange, TransportAttributes, TransportMode, UseClass,
};
use duijie::domain::decimal::Decimal;
use duijie::domain::listing::{Kind, Period, Side};
use duijie::domain::place::Point;
use duijie::domain::trade::{Delivery, Money, Price, PriceMode, Specification};

const STANDARDS: [&str; 6] =
    ["GB 19083-2010", "GB 2626-2019", "YY 0469-2011", "EN 149:2001 FFP2", "GB19083", "YY/T 0969-2013"];
const OCCUPATIONS: [&str; 5] = ["缝纫工", "焊工", "护士", "叉车司机", "packer"];
const VEHICLES: [&str; 4] = ["厢式货车", "冷藏车", "半挂车", "van"];
const PASSES: [&str; 3] = ["湖北通行证", "跨省通行证", "港区准入"];

pub fn of(kind: Kind, side: Side, cities: &[(String, Point)], dice: &mut Dice) -> Attributes {
    match kind {
        Kind::Ppe => Attributes::Ppe(ppe(side, dice)),
        Kind::Material => Attributes::Material(material(dice)),
        Kind::Labor => Attributes::Labor(labor(dice)),
        Kind::Transport => Attributes::Transport(transport(side, cities, dice).into()),
        Kind::Equipment => Attributes::Equipment(equipment(dice)),
        Kind::Finance => Attributes::Finance(finance(dice)),
        Kind::Technology => Attributes::Technology(technology(dice)),
        Kind::Service => Attributes::Service(service(dice)),
    }
}

fn some<T>(chance: u64, dice: &mut Dice, value: impl FnOnce(&mut Dice) -> T) -> Option<T> {
    dice.percent(chance).then(|| value(dice))
}

fn text(of: &[&str], dice: &mut Dice) -> String {
    (*dice.pick(of)).into()
}

fn period(dice: &mut Dice) -> Period {
    let start = dice.days(-10, 30);
    Period { start, end: start + TimeDelta::days(dice.below(90) as i64) }
}

fn ppe(side: Side, dice: &mut Dice) -> PpeAttributes {
    let classes = [UseClass::Medical, UseClass::Medical, UseClass::Occupational, UseClass::Civil];
    PpeAttributes {
        standard: some(30, dice, |dice| text(&STANDARDS, dice)),
        use_class: some(15, dice, |dice| *dice.pick(&classes)),
        sterile: some(10, dice, |dice| dice.percent(70)),
        expiry_date: some(if side == Side::Offer { 25 } else { 5 }, dice, |dice| dice.days(0, 300)),
        certificate_number: some(if side == Side::Offer { 15 } else { 1 }, dice, |_| "国械注准20203400057".into()),
        certificate_valid_to: some(if side == Side::Offer { 15 } else { 1 }, dice, |dice| dice.days(-20, 400)),
    }
}

fn material(dice: &mut Dice) -> MaterialAttributes {
    MaterialAttributes {
        grade: some(25, dice, |dice| text(&["工业级", "医用级", "food", "AA"], dice)),
        origin: some(20, dice, |dice| text(&["湖北", "广东", "DE"], dice)),
        hazard_class: some(3, dice, |dice| text(&["3", "5.1", "8"], dice)),
    }
}

fn labor(dice: &mut Dice) -> LaborAttributes {
    let pay = |dice: &mut Dice| Price {
        amount: Decimal::from_integer(120 + 10 * dice.below(40) as u32),
        currency: "CNY".into(),
        per: Some("DAY".into()),
        mode: PriceMode::Fixed,
        tax_included: true,
        tax_rate: None,
        delivery: Delivery::ExWorks,
    };
    LaborAttributes {
        occupation: some(60, dice, |dice| text(&OCCUPATIONS, dice)),
        headcount: some(50, dice, |dice| 1 + dice.below(200) as u32),
        shift: some(40, dice, |dice| *dice.pick(&[Shift::Day, Shift::Night, Shift::Rotating, Shift::Flexible])),
        period: some(40, dice, period),
        pay: some(40, dice, pay),
        lodging: some(30, dice, |dice| dice.percent(60)),
        meals: some(20, dice, |dice| dice.percent(60)),
        pickup: some(10, dice, |dice| dice.percent(60)),
        commute_limit_km: some(20, dice, |dice| *dice.pick(&[10, 30, 100])),
        arrangement: some(30, dice, |dice| *dice.pick(&[LaborArrangement::Hire, LaborArrangement::Lend])),
        ..Default::default()
    }
}

fn transport(side: Side, cities: &[(String, Point)], dice: &mut Dice) -> TransportAttributes {
    let stop = |dice: &mut Dice| {
        let (region, place) = dice.pick(cities).clone();
        let stop = serde_json::json!({"region_code": region, "location": place});
        serde_json::from_value::<Stop>(stop).unwrap_or_else(|error| panic!("{error}"))
    };
    let modes = [TransportMode::Road, TransportMode::Road, TransportMode::Road, TransportMode::Rail];
    TransportAttributes {
        stops: if dice.percent(70) { vec![stop(dice), stop(dice)] } else { Vec::new() },
        pickup_window: some(40, dice, period),
        mode: some(30, dice, |dice| *dice.pick(&modes)),
        vehicle: some(30, dice, |dice| text(&VEHICLES, dice)),
        passengers: some(if side == Side::Need { 15 } else { 0 }, dice, |dice| 1 + dice.below(60) as u32),
        seats: some(if side == Side::Offer { 20 } else { 0 }, dice, |dice| 4 + dice.below(60) as u32),
        weight_kg: some(50, dice, |dice| Decimal::from_integer(100 * (1 + dice.below(300) as u32))),
        volume_m3: some(30, dice, |dice| Decimal::from_integer(1 + dice.below(80) as u32)),
        hazard_class: some(3, dice, |dice| text(&["3", "8"], dice)),
        temperature: some(8, dice, |dice| TemperatureRange { min: -20 + dice.below(20) as i32, max: 8 }),
        return_leg: some(10, dice, |dice| dice.percent(50)),
        shared_load: some(20, dice, |dice| dice.percent(50)),
        passes: if dice.percent(15) { vec![text(&PASSES, dice)] } else { Vec::new() },
        ..Default::default()
    }
}

fn equipment(dice: &mut Dice) -> EquipmentAttributes {
    EquipmentAttributes {
        mode: some(60, dice, |dice| *dice.pick(&[EquipmentMode::Sale, EquipmentMode::Rent, EquipmentMode::Share])),
        model: some(30, dice, |dice| text(&["KX-200", "KX200", "9501", "A3"], dice)),
        period: some(25, dice, period),
    }
}

fn finance(dice: &mut Dice) -> FinanceAttributes {
    FinanceAttributes {
        amount: some(70, dice, |dice| Money {
            amount: Decimal::from_integer(100_000 * (1 + dice.below(100) as u32)),
            currency: "CNY".into(),
        }),
        purpose: some(20, dice, |dice| text(&["复工复产", "流动资金"], dice)),
        term_months: some(60, dice, |dice| *dice.pick(&[6, 12, 24, 36])),
        collateral: some(30, dice, |dice| text(&["房产", "订单", "none"], dice)),
        highest_rate: some(50, dice, |dice| Decimal::from_integer(3 + dice.below(6) as u32)),
        ..Default::default()
    }
}

fn technology(dice: &mut Dice) -> TechnologyAttributes {
    TechnologyAttributes {
        readiness_level: some(60, dice, |dice| 1 + dice.below(9) as u32),
        licence: some(30, dice, |dice| text(&["MIT", "独占许可", "CC-BY"], dice)),
    }
}

fn service(dice: &mut Dice) -> ServiceAttributes {
    let services = [ServiceType::Processing, ServiceType::Disinfection, ServiceType::Testing, ServiceType::Storage];
    ServiceAttributes {
        service: some(50, dice, |dice| *dice.pick(&services)),
        capacity_per_day: some(40, dice, |dice| Decimal::from_integer(10 * (1 + dice.below(500) as u32))),
        period: some(30, dice, period),
    }
}

/// Properties with numbers, in units that convert or do not, and in words.
pub fn specs(side: Side, dice: &mut Dice) -> Vec<Specification> {
    let mut specs = Vec::new();
    for (name, unit) in [("purity", Some("P1")), ("thickness", Some("MMT")), ("colour", None)] {
        if !dice.percent(8) {
            continue;
        }
        let number = Decimal::from_integer(dice.below(100) as u32);
        let worded = name == "colour";
        let word = worded.then(|| text(&["white", "blue", "White"], dice));
        let ranged = side == Side::Need && !worded;
        specs.push(Specification {
            name: name.into(),
            value: word.or_else(|| (!ranged).then(|| number.to_string())),
            min: ranged.then_some(number),
            max: (ranged && dice.percent(30)).then(|| Decimal::from_integer(100)),
            unit: unit.filter(|_| dice.percent(50)).map(str::to_owned),
        });
    }
    specs
}
