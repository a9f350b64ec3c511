//! What a transport listing adds: where it goes, what it carries, and by which timetable.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::decimal::Decimal;
use super::listing::{Period, Side};
use super::listing_check::{check_optional_period, is_unknown_region};
use super::place::Point;
use super::reference::Reference;
use super::region::Regions;
use super::violation::Violations;

/// Of a need: the load and its way. Of an offer: what one vehicle, or one departure, takes, and where it goes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TransportAttributes {
    /// In the order they are called at: a need's first is the pickup, its last the drop-off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<Stop>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup_window: Option<Period>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<TransportMode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cargo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passengers: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seats: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_kg: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_m3: Option<Decimal>,
    /// Containers, in twenty-foot equivalents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teu: Option<u32>,
    /// Of the goods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hazard_class: Option<String>,
    /// Those an offer takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hazard_classes: Vec<String>,
    /// Degrees Celsius.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<TemperatureRange>,
    /// In words; `timetable` is what matching reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timetable: Option<Box<Timetable>>,
    /// Of an offer: the stops are also called at in reverse. Of a need: the way back is wanted too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_leg: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_load: Option<bool>,
    /// The most an offer drives on top of its stops for one load.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_detour_km: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Stop {
    /// Of the station, port, airport or yard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Point>,
}

/// A scheduled leg between two terminals: by weekday and time of day, or on the instants listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timetable {
    pub from: Stop,
    pub to: Stop,
    /// ISO 8601: 1 is Monday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weekdays: Vec<u32>,
    /// `HH:MM` where listings are dated: China Standard Time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departure_time: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departures: Vec<DateTime<Utc>>,
    /// From departure to arrival.
    pub transit_hours: u32,
    /// Goods are at `from` at least so long before departure.
    #[serde(default)]
    pub cut_off_hours: u32,
    /// Goods leave `to` no sooner than so long after arrival.
    #[serde(default)]
    pub handling_hours: u32,
    /// Of one departure, in the listing's `unit_code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Decimal>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemperatureRange {
    pub min: i32,
    pub max: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TransportMode {
    Road,
    Rail,
    Sea,
    Air,
    SeaRail,
}

impl Stop {
    /// Its own point, else that of its region.
    pub fn point(&self, regions: &Regions) -> Option<Point> {
        self.location.or_else(|| regions.get(self.region_code.as_deref()?)?.location)
    }
}

impl TransportAttributes {
    /// Between which places an offer runs; empty where it goes wherever it is asked to.
    pub fn line(&self) -> Vec<&Stop> {
        match &self.timetable {
            Some(timetable) => vec![&timetable.from, &timetable.to],
            None if self.stops.len() > 1 => self.stops.iter().collect(),
            None => vec![],
        }
    }

    pub fn is_line(&self) -> bool {
        self.timetable.is_some() || self.stops.len() > 1
    }

    /// Where the load, or the empty vehicle, is found: a need's pickup, an offer's first stop or terminal.
    pub fn start(&self, regions: &Regions) -> Option<Point> {
        let first = self.timetable.as_ref().map(|timetable| &timetable.from).or(self.stops.first());
        first?.point(regions)
    }

    pub(super) fn check(&self, side: Side, reference: &Reference, violations: &mut Violations) {
        check_optional_period("/attributes/pickup_window", self.pickup_window, violations);
        if self.temperature.is_some_and(|range| range.min > range.max) {
            violations.add("/attributes/temperature/max", "max_below_min");
        }
        for (i, stop) in self.stops.iter().enumerate() {
            check_region(&format!("/attributes/stops/{i}"), stop, reference, violations);
        }
        let only_on_offers = [
            ("/attributes/timetable", self.timetable.is_some()),
            ("/attributes/hazard_classes", !self.hazard_classes.is_empty()),
            ("/attributes/max_detour_km", self.max_detour_km.is_some()),
        ];
        for (pointer, given) in only_on_offers {
            if given && side == Side::Need {
                violations.add(pointer, "only_on_offers");
            }
        }
        if let Some(timetable) = &self.timetable {
            timetable.check(reference, violations);
        }
    }
}

impl Timetable {
    fn check(&self, reference: &Reference, violations: &mut Violations) {
        for (pointer, terminal) in [("/attributes/timetable/from", &self.from), ("/attributes/timetable/to", &self.to)]
        {
            check_region(pointer, terminal, reference, violations);
            if terminal.name.is_none() {
                violations.add(format!("{pointer}/name"), "required");
            }
            if terminal.point(&reference.regions).is_none() {
                violations.add(pointer, "terminal_place_required");
            }
        }
        match (self.weekdays.is_empty(), self.departures.is_empty()) {
            (true, true) => violations.add("/attributes/timetable", "departures_required"),
            (false, false) => violations.add("/attributes/timetable/departures", "departures_twice"),
            _ => {}
        }
        if !self.weekdays.is_empty() && self.departure_time.is_none() {
            violations.add("/attributes/timetable/departure_time", "required");
        }
        if self.capacity.is_some_and(Decimal::is_zero) {
            violations.add("/attributes/timetable/capacity", "not_positive");
        }
    }
}

fn check_region(pointer: &str, stop: &Stop, reference: &Reference, violations: &mut Violations) {
    if stop.region_code.as_deref().is_some_and(|code| is_unknown_region(code, reference)) {
        violations.add(format!("{pointer}/region_code"), "region_unknown");
    }
}
