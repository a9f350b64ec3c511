//! Checks of transport on pairs written by hand, and the index against looking at everything.

use serde_json::{Value, json};

use super::super::testing::*;
use super::super::*;
use Verdict::{Fail, Pass, Unknown};

/// A point so many degrees east of a meridian on the 34th parallel: one is some 92 km.
fn at(east: f64) -> Value {
    json!({"location": {"type": "Point", "coordinates": [112.0 + east, 34.0]}})
}

fn carry(side: &str, id: u128, attributes: Value, mut fields: Value) -> Item {
    fields["kind"] = json!("transport");
    fields["category"] = json!("transport.road");
    fields["attributes"] = attributes;
    let mut item = item(id, side, fields);
    item.location = item.terms.point(&reference().regions);
    item
}

fn verdict(code: CheckCode, asked: Value, offered: Value, fields: Value) -> Option<Verdict> {
    let parts = |side: &str| fields.get(side).cloned().unwrap_or_else(|| json!({}));
    let (need, offer) = (carry("need", 1, asked, parts("need")), carry("offer", 2, offered, parts("offer")));
    let world = World::new();
    let both = (world.check(&need, &offer, code), world.check(&offer, &need, code));
    assert_eq!(both.0, both.1, "{code:?} depends on who asks");
    both.0
}

fn assert_all(code: CheckCode, cases: impl IntoIterator<Item = (Value, Value, Value, Option<Verdict>)>) {
    for (asked, offered, fields, expected) in cases {
        let found = verdict(code, asked.clone(), offered.clone(), fields.clone());
        assert_eq!(found, expected, "{code:?} {asked} {offered} {fields}");
    }
}

fn way(stops: &[f64]) -> Value {
    json!({"stops": stops.iter().map(|east| at(*east)).collect::<Vec<_>>()})
}

fn radius(km: u32) -> Value {
    json!({"offer": {"service_radius_km": km}})
}

#[test]
fn both_ends_lie_in_the_carriers_area() {
    let stands = |east: f64| json!({"offer": {"service_radius_km": 100, "location": at(east)["location"]}});
    let none = || json!({});
    assert_all(
        CheckCode::DropOffArea,
        [
            (way(&[0.0, 1.0]), none(), stands(0.0), Some(Pass)),
            (way(&[0.0, 1.2]), none(), stands(0.0), Some(Fail)),
            (way(&[0.0, 1.0]), none(), radius(100), Some(Unknown)),
            (way(&[0.0, 3.0]), way(&[0.0, 2.0]), radius(100), Some(Pass)),
            (way(&[0.0, 3.2]), way(&[0.0, 2.0]), radius(100), Some(Fail)),
            (way(&[0.0, 3.2]), way(&[0.0, 2.0]), none(), None),
            (way(&[0.0]), none(), stands(0.0), None),
        ],
    );
    assert_all(
        CheckCode::PickupArea,
        [
            // Near the second stop, though far from the first.
            (way(&[2.1, 3.0]), way(&[0.0, 2.0, 4.0]), radius(50), Some(Pass)),
            (way(&[1.0, 3.0]), way(&[0.0, 2.0, 4.0]), radius(50), Some(Fail)),
            (json!({"stops": [{"address": "?"}, at(3.0)]}), way(&[0.0, 4.0]), radius(50), Some(Unknown)),
        ],
    );
    // The radius of a line is around its stops, not around where the vehicle stands.
    assert_eq!(verdict(CheckCode::Distance, way(&[2.1, 3.0]), way(&[0.0, 2.0, 4.0]), radius(50)), None);
}

#[test]
fn a_load_costs_a_bounded_detour_and_goes_the_carriers_way() {
    let with = |mut way: Value, more: Value| {
        for (name, value) in more.as_object().unwrap() {
            way[name] = value.clone();
        }
        way
    };
    let line = |more: Value| with(way(&[0.0, 2.0]), more);
    let aside = json!({"stops": [
        {"location": {"type": "Point", "coordinates": [112.5, 34.3]}},
        {"location": {"type": "Point", "coordinates": [113.5, 34.0]}},
    ]});
    let none = || json!({});
    assert_all(
        CheckCode::Detour,
        [
            (way(&[0.2, 1.8]), line(none()), none(), Some(Pass)),
            (way(&[1.8, 0.2]), line(none()), none(), Some(Fail)),
            (way(&[1.8, 0.2]), line(json!({"return_leg": true})), none(), Some(Pass)),
            (aside.clone(), line(json!({"max_detour_km": 5})), none(), Some(Fail)),
            (aside, line(json!({"max_detour_km": 40})), none(), Some(Pass)),
            (way(&[0.0, 2.5]), line(none()), none(), Some(Pass)),
            (way(&[0.0, 2.6]), line(none()), none(), Some(Fail)),
            (way(&[0.0, 2.6]), json!({}), none(), None),
        ],
    );
}

#[test]
fn what_is_carried_fits() {
    let whole = || json!({"need": {"accepts_partial": false}});
    let none = || json!({});
    let kg = |amount: &str| json!({"weight_kg": amount});
    assert_all(
        CheckCode::Weight,
        [
            (kg("5000"), kg("5000"), whole(), Some(Pass)),
            (kg("5000.1"), kg("5000"), whole(), Some(Fail)),
            (kg("5000.1"), kg("5000"), none(), Some(Unknown)),
            (kg("1"), none(), whole(), Some(Unknown)),
            (none(), kg("1"), whole(), None),
        ],
    );
    let m3 = |amount: &str| json!({"volume_m3": amount});
    assert_all(CheckCode::Volume, [(m3("70"), m3("69"), whole(), Some(Fail))]);
    assert_all(CheckCode::Containers, [(json!({"teu": 6}), json!({"teu": 4}), whole(), Some(Fail))]);
    let people = |seats: Value| (json!({"passengers": 90}), seats);
    let buses = |quantity: &str, unit: &str| json!({"need": {"accepts_partial": false}, "offer": {"quantity": quantity, "unit_code": unit}});
    let case = |seats: Value, fields: Value, expected| (people(seats.clone()).0, seats, fields, Some(expected));
    assert_all(
        CheckCode::Seats,
        [
            case(json!({"seats": 45}), buses("2", "NV"), Pass),
            case(json!({"seats": 45}), buses("1.9", "NV"), Fail),
            case(json!({}), buses("90", "IE"), Pass),
            case(json!({"seats": 49}), whole(), Fail),
            case(json!({}), whole(), Unknown),
        ],
    );
    let range = |min: i32, max: i32| json!({"temperature": {"min": min, "max": max}});
    assert_all(
        CheckCode::Temperature,
        [
            (range(2, 6), range(-18, 8), none(), Some(Pass)),
            (range(0, 10), range(2, 4), none(), Some(Pass)),
            (range(2, 6), range(-18, -10), none(), Some(Fail)),
            (range(2, 6), range(4, 12), none(), Some(Unknown)),
            (range(2, 6), none(), none(), Some(Unknown)),
        ],
    );
    let class = |class: &str| json!({"hazard_class": class});
    let takes = |classes: &[&str]| json!({"hazard_classes": classes});
    assert_all(
        CheckCode::HazardClass,
        [
            (class("3"), takes(&["3", "8"]), none(), Some(Pass)),
            (class("5.1"), takes(&["5"]), none(), Some(Pass)),
            (class("5"), takes(&["5.1"]), none(), Some(Fail)),
            (class("3"), class("3"), none(), Some(Pass)),
            (class("3"), none(), none(), Some(Fail)),
            (none(), takes(&["3"]), none(), None),
        ],
    );
    let passes = |passes: &[&str]| json!({"passes": passes});
    assert_all(
        CheckCode::Passes,
        [
            (passes(&["通行证 A"]), passes(&["通行证a", "B"]), none(), Some(Pass)),
            (passes(&["A", "C"]), passes(&["A", "B"]), none(), Some(Fail)),
            (passes(&["A"]), none(), none(), Some(Fail)),
        ],
    );
    assert_all(CheckCode::ReturnLeg, [(json!({"return_leg": true}), json!({"return_leg": false}), none(), Some(Fail))]);
    assert_all(
        CheckCode::OwnVehicle,
        [
            (json!({"shared_load": false}), json!({"shared_load": true}), none(), Some(Fail)),
            (json!({"shared_load": true}), json!({"shared_load": true}), none(), None),
        ],
    );
    assert_all(
        CheckCode::TransportMode,
        [
            (json!({"mode": "rail"}), json!({"mode": "rail"}), none(), Some(Pass)),
            (json!({"mode": "rail"}), json!({"mode": "road"}), none(), Some(Fail)),
            (json!({"mode": "rail"}), json!({}), none(), Some(Unknown)),
        ],
    );
}

#[test]
fn dates_allow_for_the_way() {
    let window = |from: i64, until: i64| json!({"pickup_window": {"start": date(from), "end": date(until)}});
    let from = |days: i64| json!({"offer": {"available_from": date(days)}});
    let none = || json!({});
    assert_all(
        CheckCode::PickupWindow,
        [
            (window(2, 4), none(), from(4), Some(Pass)),
            (window(2, 4), none(), from(5), Some(Fail)),
            (window(2, 4), window(5, 6), none(), Some(Fail)),
            (window(2, 4), none(), none(), Some(Unknown)),
        ],
    );
    // Some 922 km: 1.3 × 922 / 500 = 2.4 days, after a day to set out.
    let far = way(&[0.0, 10.0]);
    let needed = |days: i64| {
        json!({"need": {"needed_by": date(days)},
            "offer": {"available_from": date(0), "location": at(0.0)["location"]}})
    };
    assert_all(
        CheckCode::TransitTime,
        [
            (far.clone(), none(), needed(4), Some(Pass)),
            (far.clone(), none(), needed(2), Some(Fail)),
            (far.clone(), none(), json!({"need": {"needed_by": date(4)}}), Some(Unknown)),
        ],
    );
    // 2026-11-23 is a Monday; the train leaves on Thursdays and takes two days.
    let train = json!({"timetable": {"from": at(0.0), "to": at(10.0), "weekdays": [4], "departure_time": "20:00",
        "transit_hours": 48, "cut_off_hours": 6}});
    let by = |days: i64| json!({"need": {"needed_by": date(days)}, "offer": {"lead_time_days": 1}});
    assert_all(
        CheckCode::TransitTime,
        [(far.clone(), train.clone(), by(5), Some(Pass)), (far, train, by(4), Some(Fail))],
    );
}

impl Dice {
    fn place(&mut self) -> Value {
        at(self.below(40) as f64 / 10.0)
    }

    pub(super) fn carriage(&mut self, id: u128) -> Item {
        let side = if self.below(2) == 0 { "need" } else { "offer" };
        let stops: Vec<Value> = (0..self.below(4)).map(|_| self.place()).collect();
        let mut attributes = json!({"stops": stops});
        let (weight, seats, day) = (self.below(9) * 1000, self.below(90) + 1, self.below(9) as i64);
        let mode = ["road", "rail"][self.below(2) as usize];
        let facts = [
            ("weight_kg", json!(weight.to_string())),
            ("passengers", json!(seats)),
            ("seats", json!(seats)),
            ("mode", json!(mode)),
            ("temperature", json!({"min": weight / 1000, "max": 8})),
            ("pickup_window", json!({"start": date(day), "end": date(day + 3)})),
            ("shared_load", json!(seats % 2 == 0)),
            ("return_leg", json!(seats % 3 == 0)),
        ];
        for (name, value) in facts {
            if self.below(4) == 0 {
                attributes[name] = value;
            }
        }
        if self.below(4) == 0 {
            attributes["passes"] = json!(["A"]);
        }
        if side == "offer" && self.below(4) == 0 {
            attributes["timetable"] = json!({"from": self.place(), "to": self.place(), "weekdays": [1 + self.below(7)],
                "departure_time": "08:00", "transit_hours": 1 + self.below(90)});
        }
        let mut fields = json!({"accepts_partial": self.below(2) == 0, "valid_until": date(40).and_hms_opt(0, 0, 0).unwrap().and_utc()});
        let radius = self.below(300);
        fields["service_radius_km"] = self.some(json!(radius));
        fields["quantity"] = self.some(json!((1 + weight).to_string()));
        fields["unit_code"] = json!("KGM");
        let when = date(self.below(12) as i64);
        fields[if side == "need" { "needed_by" } else { "available_from" }] = self.some(json!(when));
        carry(side, id, attributes, fields)
    }
}

#[test]
fn the_index_answers_as_looking_at_everything_does() {
    let mut dice = Dice(7);
    let items: Vec<Item> = (0..600).map(|id| dice.carriage(id + 10)).collect();
    let (market, world) = (market_of(&items), World::new());
    let index = Index::of(items);
    let (mut matches, mut misses) = (0, 0);
    for id in 0..300 {
        let query = dice.carriage(10_000 + id);
        let right = find_matches(&market, &query, 5, &world.context());
        assert_eq!(index.snapshot().find_matches(&query, 5, &world.context()), right, "{query:#?}");
        matches += right.matches.len();
        misses += right.near_misses.iter().filter(|miss| miss.blockers[0].code >= CheckCode::PickupArea).count();
    }
    assert!(matches > 300 && misses > 300, "{matches} {misses}");
}
