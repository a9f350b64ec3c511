//! Routes against trying every one, and a few told by hand.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde_json::{Value, json};

use super::*;
use crate::domain::attributes::Timetable;
use crate::matching::testing::{World, date, item, now, reference};
use crate::matching::{Index, Item, Verdict, assess};

fn point(east: f64) -> Value {
    json!({"type": "Point", "coordinates": [110.0 + east, 34.0]})
}

fn stop(name: &str, east: f64) -> Value {
    json!({"name": name, "location": point(east)})
}

fn transport(id: u128, side: &str, attributes: Value, mut fields: Value) -> Item {
    fields["kind"] = json!("transport");
    fields["attributes"] = attributes;
    if fields["category"].is_null() {
        fields["category"] = json!("transport.road");
    }
    let mut item = item(id, side, fields);
    item.location = item.terms.point(&reference().regions);
    item
}

fn need(from: f64, to: f64, attributes: Value) -> Item {
    let mut stated = json!({"stops": [stop("甲", from), stop("乙", to)]});
    for (name, value) in attributes.as_object().unwrap() {
        stated[name] = value.clone();
    }
    let fields = json!({"quantity": "10", "unit_code": "TNE", "category": "transport.multimodal"});
    transport(1, "need", stated, fields)
}

fn lorry(id: u128, east: f64, radius: u32, price: &str) -> Item {
    let fields = json!({"location": point(east), "service_radius_km": radius, "quantity": "100", "unit_code": "TNE",
        "price": {"amount": price, "currency": "CNY"}});
    transport(id, "offer", json!({"mode": "road"}), fields)
}

fn train(id: u128, (from, to): (f64, f64), weekdays: &[u64], hours: u64, more: Value) -> Item {
    let mut timetable = json!({"from": stop("西站", from), "to": stop("东站", to), "weekdays": weekdays,
        "departure_time": "20:00", "transit_hours": hours, "cut_off_hours": 4, "handling_hours": 3, "capacity": "500"});
    for (name, value) in more.as_object().unwrap() {
        timetable[name] = value.clone();
    }
    let fields = json!({"quantity": "5000", "unit_code": "TNE", "price": {"amount": "80", "currency": "CNY"}});
    transport(id, "offer", json!({"mode": "rail", "timetable": timetable}), fields)
}

fn routes(offers: &[Item], need: &Item, limit: usize) -> RouteList {
    let index = Index::of(offers.to_vec());
    find_routes(&index.snapshot(), need, limit, &World::new().context()).unwrap()
}

#[test]
fn road_rail_road_with_its_handovers() {
    // Monday 08:30 UTC is 16:30 in China: planned from 17:00 on.
    let offers = [lorry(2, 0.0, 60, "50"), train(3, (0.5, 8.0), &[4], 30, json!({})), lorry(4, 8.2, 60, "60")];
    let found = routes(&offers, &need(0.1, 8.4, json!({})), 5);
    assert_eq!(found.considered, Considered { services: 1, carriers: 2, complete: true });
    let [route] = &found.routes[..] else { panic!("{found:#?}") };
    let listings: Vec<u128> = route.legs.iter().map(|leg| leg.listing.as_u128()).collect();
    assert_eq!(listings, [2, 3, 4]);
    let train = &route.legs[1];
    assert_eq!(train.departs_at, "2026-11-26T12:00:00Z".parse::<DateTime<Utc>>().unwrap());
    assert_eq!(train.arrives_at, train.departs_at + TimeDelta::hours(30));
    assert_eq!(route.legs[2].departs_at, train.arrives_at + TimeDelta::hours(3), "handling first");
    let [first, second] = &route.handovers[..] else { panic!("{route:#?}") };
    assert_eq!((first.at.name.as_deref(), second.at.name.as_deref()), (Some("西站"), Some("东站")));
    assert_eq!(second.wait_hours, 3.0);
    // 10 t at 50, 80 and 60 a tonne.
    assert_eq!(route.price.to_string(), "1900");
    use RouteNote::{Cheapest, Earliest, FewestLegs, TimeEstimated};
    assert_eq!(route.notes, [Earliest, Cheapest, FewestLegs, TimeEstimated]);
}

#[test]
fn a_cut_off_missed_is_a_week_later() {
    let want = need(0.5, 8.0, json!({"pickup_window": {"start": date(3), "end": date(3)}}));
    let leaves = |cut_off: u32| {
        let offers = [train(3, (0.5, 8.0), &[4], 30, json!({"cut_off_hours": cut_off}))];
        routes(&offers, &want, 5).routes[0].legs[0].departs_at
    };
    assert_eq!(leaves(20), "2026-11-26T12:00:00Z".parse::<DateTime<Utc>>().unwrap());
    assert_eq!(leaves(21), "2026-12-03T12:00:00Z".parse::<DateTime<Utc>>().unwrap());
}

#[test]
fn what_does_not_take_the_load_is_no_leg() {
    let whole = |offer: Item, attributes: Value| routes(&[offer], &need(0.5, 8.0, attributes), 5).routes.len();
    assert_eq!(whole(train(3, (0.5, 8.0), &[4], 30, json!({})), json!({})), 1);
    assert_eq!(whole(train(3, (0.5, 8.0), &[4], 30, json!({"capacity": "9"})), json!({})), 0);
    assert_eq!(whole(train(3, (0.5, 8.0), &[4], 30, json!({})), json!({"hazard_class": "3"})), 0);
    assert_eq!(whole(train(3, (0.5, 8.0), &[], 30, json!({"departures": ["2020-01-01T00:00:00Z"]})), json!({})), 0);
    let unknown = routes(&[train(3, (0.5, 8.0), &[4], 30, json!({"capacity": null}))], &need(0.5, 8.0, json!({})), 5);
    assert!(unknown.routes[0].notes.contains(&RouteNote::CapacityUnknown));
    let mut own = train(3, (0.5, 8.0), &[4], 30, json!({}));
    own.enterprise_id = need(0.5, 8.0, json!({})).enterprise_id;
    assert_eq!(whole(own, json!({})), 0);
}

#[test]
fn late_and_dear_routes_stand_behind() {
    let mut want = need(0.5, 8.0, json!({}));
    let mut terms = (*want.terms).clone();
    terms.needed_by = Some(date(4));
    terms.max_price = Some(crate::domain::trade::Money { amount: "100".parse().unwrap(), currency: "CNY".into() });
    want.terms = terms.into();
    let offers = [
        train(3, (0.5, 8.0), &[4], 48, json!({})),
        train(4, (0.5, 8.0), &[4], 20, json!({})),
        lorry(5, 0.5, 2000, "101"),
    ];
    let found = routes(&offers, &want, 5).routes;
    let told: Vec<(u128, bool, bool)> = found
        .iter()
        .map(|route| {
            let has = |note| route.notes.contains(&note);
            (route.legs[0].listing.as_u128(), has(RouteNote::Late), has(RouteNote::AboveCap))
        })
        .collect();
    // The slower train is beaten by the faster; the lorry is sooner there than either, and dearer.
    assert_eq!(told, [(4, false, false), (5, false, true)]);
}

/// Every route of the space, one leg after the other, without leaving any; only what each costs is kept.
struct Oracle<'a> {
    need: &'a Item,
    offers: &'a [Item],
    world: &'a World,
    places: Vec<(f64, f64)>,
    known: BTreeMap<(u128, u64, u64), bool>,
    found: BTreeSet<(DateTime<Utc>, usize, i64, usize)>,
}

/// So far: place, time, unpriced, price in millionths, legs, scheduled, last by road.
type Sofar = ((f64, f64), DateTime<Utc>, usize, i64, usize, usize, bool);

fn coordinates(stop: &Stop) -> (f64, f64) {
    let point = stop.location.unwrap();
    (point.longitude, point.latitude)
}

fn km(a: (f64, f64), b: (f64, f64)) -> f64 {
    let point = |(x, y)| crate::domain::place::Point::new(x, y).unwrap();
    point(a).distance_km(point(b))
}

fn up_to_minutes(hours: f64) -> TimeDelta {
    TimeDelta::minutes((hours * 60.0).ceil() as i64)
}

impl Oracle<'_> {
    fn attributes(item: &Item) -> &crate::domain::attributes::TransportAttributes {
        match &item.terms.attributes {
            Attributes::Transport(transport) => transport,
            _ => panic!("not a transport"),
        }
    }

    /// By the checks as they are explained, asked of a need written for this leg alone.
    fn takes(&mut self, offer: &Item, from: (f64, f64), to: (f64, f64)) -> bool {
        let key = (offer.id.as_u128(), from.0.to_bits(), to.0.to_bits());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let takes = self.checked(offer, from, to);
        self.known.insert(key, takes);
        takes
    }

    fn checked(&self, offer: &Item, from: (f64, f64), to: (f64, f64)) -> bool {
        let stop = |(x, y): (f64, f64)| json!({"location": {"type": "Point", "coordinates": [x, y]}});
        let asked = Self::attributes(self.need);
        let mut attributes = json!({"stops": [stop(from), stop(to)]});
        if let Some(weight) = asked.weight_kg {
            attributes["weight_kg"] = json!(weight);
        }
        let fields = json!({"quantity": self.need.terms.quantity, "unit_code": "TNE", "accepts_partial": false,
            "category": offer.terms.category});
        let leg = transport(1, "need", attributes, fields);
        let checks = assess(&leg, offer, &self.world.context()).checks;
        checks.iter().all(|check| check.outcome != Verdict::Fail)
    }

    fn price(&self, offer: &Item) -> Option<i64> {
        let price = offer.terms.price.as_ref()?;
        let tonnes = self.need.terms.quantity.unwrap().millionths() / 1_000_000;
        (price.currency == "CNY").then(|| price.amount.millionths() * tonnes)
    }

    fn departure(timetable: &Timetable, ready: DateTime<Utc>) -> DateTime<Utc> {
        // 20:00 in China is noon UTC, the same day.
        let noons = (0..9)
            .map(|days| ready.date_naive() + TimeDelta::days(days))
            .filter(|day| timetable.weekdays.contains(&day.weekday().number_from_monday()));
        noons.map(|day| day.and_hms_opt(12, 0, 0).unwrap().and_utc()).find(|noon| *noon >= ready).unwrap()
    }

    fn go(&mut self, sofar: Sofar) {
        let (place, at, unpriced, price, legs, scheduled, by_road) = sofar;
        let goal = self.places[1];
        if legs > 0 && km(place, goal) <= SAME_PLACE_KM {
            self.found.insert((at, unpriced, price, legs));
            return;
        }
        if legs == MOST_LEGS {
            return;
        }
        let mut next: Vec<Sofar> = vec![];
        for offer in self.offers {
            let (unpriced, price) = match self.price(offer) {
                Some(more) => (unpriced, price + more),
                None => (unpriced + 1, price),
            };
            if let Some(timetable) = &Self::attributes(offer).timetable {
                let (from, to) = (coordinates(&timetable.from), coordinates(&timetable.to));
                let capacity = timetable.capacity.is_none_or(|capacity| capacity >= self.need.terms.quantity.unwrap());
                if scheduled < MOST_SCHEDULED
                    && km(place, from) <= SAME_PLACE_KM
                    && capacity
                    && self.takes(offer, from, to)
                {
                    let ready = at + TimeDelta::hours(timetable.cut_off_hours.into());
                    let hours = timetable.transit_hours + timetable.handling_hours;
                    let there = Self::departure(timetable, ready) + TimeDelta::hours(hours.into());
                    next.push((to, there, unpriced, price, legs + 1, scheduled + 1, false));
                }
            } else if !by_road {
                for to in &self.places.clone()[1..] {
                    let long = km(place, *to);
                    let too_far = legs > 0 && *to != goal && long > TRANSFER_KM;
                    if long <= SAME_PLACE_KM || too_far || !self.takes(offer, place, *to) {
                        continue;
                    }
                    let road = |km: f64| up_to_minutes(24.0 * 1.3 * km / 500.0);
                    let first = now() - TimeDelta::minutes(30) + TimeDelta::hours(1);
                    let stands = offer.location.unwrap();
                    let comes = first + road(km((stands.longitude, stands.latitude), place));
                    let lead = TimeDelta::days(offer.terms.lead_time_days.unwrap_or(0).into());
                    let there = (at.max(comes) + road(long)).max(first + lead);
                    next.push((*to, there, unpriced, price, legs + 1, scheduled, true));
                }
            }
        }
        for sofar in next {
            self.go(sofar);
        }
    }

    fn best(mut self) -> BTreeSet<(DateTime<Utc>, usize, i64, usize)> {
        let start = now() - TimeDelta::minutes(30) + TimeDelta::hours(1);
        self.go((self.places[0], start, 0, 0, 0, 0, false));
        let beats = |a: &(DateTime<Utc>, usize, i64, usize), b: &(DateTime<Utc>, usize, i64, usize)| {
            a != b && a.0 <= b.0 && a.1 <= b.1 && a.2 <= b.2 && a.3 <= b.3
        };
        let all = self.found.clone();
        self.found.into_iter().filter(|route| !all.iter().any(|other| beats(other, route))).collect()
    }
}

/// Numbers in a fixed order.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    /// Towns some 46 km apart.
    fn town(&mut self) -> f64 {
        self.below(8) as f64 / 2.0
    }

    fn offer(&mut self, id: u128) -> Item {
        let price = (30 + self.below(90)).to_string();
        if self.below(2) == 0 {
            let mut lorry = lorry(id, self.town(), 30 + self.below(150) as u32, &price);
            let mut terms = (*lorry.terms).clone();
            terms.lead_time_days = [None, None, Some(2)][self.below(3) as usize];
            if self.below(4) == 0 {
                terms.price = None;
            }
            lorry.terms = terms.into();
            return lorry;
        }
        let days = [1 + self.below(7), 1 + self.below(7)];
        let capacity = [json!("9"), json!("10"), Value::Null][self.below(3) as usize].clone();
        let more = json!({"cut_off_hours": self.below(9), "handling_hours": self.below(9), "capacity": capacity});
        let (from, mut to) = (self.town(), self.town());
        if to == from {
            to += 0.5;
        }
        let mut train = train(id, (from, to), &days, 5 + self.below(40), more);
        let mut terms = (*train.terms).clone();
        let amount = crate::domain::decimal::Decimal::from_integer(5 + self.below(60) as u32);
        terms.price = terms.price.map(|price| crate::domain::trade::Price { amount, ..price });
        train.terms = terms.into();
        train
    }
}

#[test]
fn no_route_of_the_space_is_better_than_those_found() {
    let world = World::new();
    let (mut routes_seen, mut long) = (0, 0);
    for seed in 0..40 {
        let mut dice = Dice(seed * 977 + 1);
        let (from, to) = (dice.town(), dice.town());
        let want = need(from, if from == to { to + 0.5 } else { to }, json!({}));
        let offers: Vec<Item> = (0..9).map(|id| dice.offer(id + 2)).collect();
        let asked = Oracle::attributes(&want);
        let mut places = vec![coordinates(&asked.stops[0]), coordinates(&asked.stops[1])];
        for offer in &offers {
            let attributes = Oracle::attributes(offer);
            places.extend(attributes.timetable.as_ref().map(|timetable| coordinates(&timetable.from)));
        }
        places[2..].sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut unique = places[..2].to_vec();
        unique.extend(
            places[2..].iter().enumerate().filter(|(i, at)| *i == 0 || places[i + 1] != **at).map(|(_, at)| *at),
        );
        let oracle = Oracle {
            need: &want,
            offers: &offers,
            world: &world,
            places: unique,
            known: BTreeMap::new(),
            found: BTreeSet::new(),
        };
        let right = oracle.best();
        let found = routes(&offers, &want, usize::MAX).routes;
        long += found.iter().filter(|route| route.legs.len() > 2).count();
        let told: BTreeSet<_> = found
            .iter()
            .map(|route| {
                let unpriced = route.legs.iter().filter(|leg| leg.price.is_none()).count();
                (route.arrives_at, unpriced, route.price.millionths(), route.legs.len())
            })
            .collect();
        assert_eq!(told, right, "seed {seed}");
        routes_seen += found.len();
    }
    assert!(routes_seen > 40 && long > 1, "{routes_seen} {long}");
}
