//! What a carrier must also be able to do: come and go where the load does, in its days, with room and rights for it.
//!
//! A carrier without stops goes anywhere within its radius. One with stops runs along them, one with a timetable between
//! its terminals: it takes what lies near them and costs no more than the detour it accepts.

use super::goods::same_words;
use super::recorder::Recorder;
use super::vehicle;
use crate::domain::attributes::{Stop, TemperatureRange, TransportAttributes, TransportMode};
use crate::domain::decimal::Decimal;
use crate::domain::place::Point;
use crate::matching::check::{CheckCode, Value, Verdict};
use crate::matching::context::Context;
use crate::matching::haul;
use crate::matching::pair::Pair;
use crate::matching::time::Arrival;

/// Units a carrier's quantity is counted in: vehicles, persons.
const VEHICLE: &str = "NV";
const PERSON: &str = "IE";

type Attributes = TransportAttributes;

pub(super) fn check(
    asked: &Attributes,
    offered: &Attributes,
    pair: &Pair<'_>,
    ctx: &Context<'_>,
    out: &mut Recorder<'_>,
) {
    mode(asked, offered, out);
    room(asked, offered, pair, out);
    seats(asked, offered, pair, out);
    temperature(asked, offered, out);
    hazard_class(asked, offered, out);
    passes(asked, offered, out);
    manner(asked, offered, out);
    window(asked, offered, pair, ctx, out);
    // The way and the vehicle are dearest to compare.
    if out.is_done() {
        return;
    }
    vehicles(asked, offered, out);
    areas(asked, offered, pair, ctx, out);
    detour(asked, offered, ctx, out);
    transit_time(asked, offered, pair, ctx, out);
}

/// Around a carrier's stops, or terminals, else around where it stands. Without stops the pickup is a matter of the
/// common check of distance.
fn areas(asked: &Attributes, offered: &Attributes, pair: &Pair<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let (Some(pickup), Some(drop_off)) = (asked.stops.first(), asked.stops.last().filter(|_| asked.stops.len() > 1))
    else {
        return;
    };
    let radius = pair.offer_item.terms.service_radius_km.map(f64::from);
    let point = |stop: &Stop| stop.point(&ctx.reference.regions);
    let mut within = |code, stop: &Stop, places: Option<Vec<Point>>, most: f64| {
        let km = places.zip(point(stop)).and_then(|(places, stop)| haul::nearest_km(&places, stop));
        let verdict = km.map_or(Verdict::Unknown, |km| Verdict::from(km <= most));
        out.record(code, verdict, || km.map(Value::Kilometres), || Some(Value::Kilometres(most)));
    };
    let terminal = |stop: &Stop| point(stop).map(|point| vec![point]);
    match (&offered.timetable, radius) {
        (Some(timetable), radius) => {
            let most = radius.unwrap_or(ctx.policy.max_detour_km);
            within(CheckCode::PickupArea, pickup, terminal(&timetable.from), most);
            within(CheckCode::DropOffArea, drop_off, terminal(&timetable.to), most);
        }
        (None, Some(most)) if offered.is_line() => {
            let line = || haul::points(offered.line(), &ctx.reference.regions);
            within(CheckCode::PickupArea, pickup, line(), most);
            within(CheckCode::DropOffArea, drop_off, line(), most);
        }
        (None, Some(most)) => {
            within(CheckCode::DropOffArea, drop_off, pair.offer.location.map(|place| vec![place]), most);
        }
        (None, None) => {}
    }
}

/// Along the carrier's stops, in their order, or in reverse where it comes back too.
fn detour(asked: &Attributes, offered: &Attributes, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    if asked.stops.len() < 2 || offered.timetable.is_some() || !offered.is_line() {
        return;
    }
    let regions = &ctx.reference.regions;
    let ways = haul::points(offered.line(), regions).zip(haul::points(&asked.stops, regions));
    let added = ways.map(|(mut line, load)| {
        let there = haul::detour_km(&line, &load);
        line.reverse();
        if offered.return_leg == Some(true) { there.min(haul::detour_km(&line, &load)) } else { there }
    });
    let most = offered.max_detour_km.map_or(ctx.policy.max_detour_km, f64::from);
    let verdict = added.map_or(Verdict::Unknown, |km| Verdict::from(km <= most));
    out.record(CheckCode::Detour, verdict, || added.map(Value::Kilometres), || Some(Value::Kilometres(most)));
}

/// A carrier comes within its own window, else on the days it offers; what runs by timetable needs a departure from the
/// window's first day on.
fn window(asked: &Attributes, offered: &Attributes, pair: &Pair<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let Some(wanted) = asked.pickup_window else { return };
    let terms = &pair.offer_item.terms;
    let want = || Some(Value::text(format!("{}–{}", wanted.start, wanted.end)));
    if let Some(timetable) = &offered.timetable {
        let from = haul::midnight(wanted.start.max(ctx.today()), ctx.policy);
        let next = haul::next_departure(timetable, terms, from, ctx.policy);
        return out.record(CheckCode::PickupWindow, next.is_some().into(), || next.map(Value::Instant), want);
    }
    let (from, until) = match offered.pickup_window {
        Some(window) => (Some(window.start), Some(window.end)),
        None => haul::days(terms),
    };
    let verdict = match (from, until) {
        (None, None) => Verdict::Unknown,
        (from, until) => {
            Verdict::from(from.is_none_or(|from| from <= wanted.end) && until.is_none_or(|until| until >= wanted.start))
        }
    };
    let day = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
    let have = || (from.is_some() || until.is_some()).then(|| Value::text(format!("{}–{}", day(from), day(until))));
    out.record(CheckCode::PickupWindow, verdict, have, want);
}

/// By the next departure, or the way at the policy's pace where no lead time is stated. What is late before it sets out
/// is a matter of the common check of time.
fn transit_time(asked: &Attributes, offered: &Attributes, pair: &Pair<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let Some(needed_by) = pair.need.needed_by else { return };
    let arrival = Arrival::of(&pair.journey(), ctx);
    if arrival.date > needed_by {
        return;
    }
    let window = asked.pickup_window.map(|window| window.start);
    let delivered = match &offered.timetable {
        Some(timetable) => {
            let from = haul::midnight(window.map_or(ctx.today(), |day| day.max(ctx.today())), ctx.policy);
            let ready = from.max(ctx.as_of) + haul::hours(timetable.cut_off_hours.into());
            let departure = haul::next_departure(timetable, &pair.offer_item.terms, ready, ctx.policy);
            let Some(departure) = departure else {
                return out.record(CheckCode::TransitTime, Verdict::Fail, || None, || Some(Value::Date(needed_by)));
            };
            departure + haul::hours(timetable.transit_hours.into())
        }
        None if pair.offer.lead_days.is_some() => return,
        None => {
            let Some(way) = haul::points(&asked.stops, &ctx.reference.regions).filter(|way| way.len() > 1) else {
                return;
            };
            let set_out = window.map_or(arrival.date, |day| day.max(arrival.date));
            haul::midnight(set_out, ctx.policy) + haul::hours(haul::road_hours(haul::length_km(&way), ctx.policy))
        }
    };
    let date = ctx.policy.local_date(delivered);
    let verdict = match Verdict::from(date <= needed_by) {
        Verdict::Pass if offered.timetable.is_none() && !arrival.surely => Verdict::Unknown,
        verdict => verdict,
    };
    out.record(CheckCode::TransitTime, verdict, || Some(Value::Date(date)), || Some(Value::Date(needed_by)));
}

fn mode(asked: &Attributes, offered: &Attributes, out: &mut Recorder<'_>) {
    let Some(wanted) = asked.mode else { return };
    let verdict = offered.mode.map_or(Verdict::Unknown, |mode| Verdict::from(mode == wanted));
    let name = |mode: TransportMode| Value::text(<&'static str>::from(mode));
    out.record(CheckCode::TransportMode, verdict, || offered.mode.map(name), || Some(name(wanted)));
}

fn vehicles(asked: &Attributes, offered: &Attributes, out: &mut Recorder<'_>) {
    let Some(wanted) = &asked.vehicle else { return };
    let verdict = offered.vehicle.as_ref().map_or(Verdict::Unknown, |had| vehicle::compare(wanted, had));
    out.record(CheckCode::Vehicle, verdict, || offered.vehicle.clone().map(Value::Text), || Some(Value::text(wanted)));
}

/// What one vehicle, or departure, takes. A load that may be split may still go in several.
fn room(asked: &Attributes, offered: &Attributes, pair: &Pair<'_>, out: &mut Recorder<'_>) {
    let mut holds = |code, wanted: Option<Decimal>, had: Option<Decimal>, unit: &str| {
        let Some(wanted) = wanted else { return };
        let verdict = match had {
            None => Verdict::Unknown,
            Some(had) if had >= wanted => Verdict::Pass,
            Some(_) if pair.need.accepts_partial => Verdict::Unknown,
            Some(_) => Verdict::Fail,
        };
        let value = |amount: Decimal| Value::Quantity { amount, unit: unit.to_owned() };
        out.record(code, verdict, || had.map(value), || Some(value(wanted)));
    };
    holds(CheckCode::Weight, asked.weight_kg, offered.weight_kg, "KGM");
    holds(CheckCode::Volume, asked.volume_m3, offered.volume_m3, "MTQ");
    let teu = |containers: Option<u32>| containers.map(Decimal::from_integer);
    holds(CheckCode::Containers, teu(asked.teu), teu(offered.teu), "20");
}

/// Of all vehicles offered together: people change over more easily than goods.
fn seats(asked: &Attributes, offered: &Attributes, pair: &Pair<'_>, out: &mut Recorder<'_>) {
    let Some(passengers) = asked.passengers.map(Decimal::from_integer) else { return };
    let one = offered.seats.map(Decimal::from_integer);
    let counted = |unit: &str| pair.offer.quantity.filter(|_| pair.offer.unit == Some(unit));
    let had = match (counted(PERSON), counted(VEHICLE)) {
        (Some(persons), _) => Some(one.map_or(persons, |one| one.max(persons))),
        // Whole vehicles: half a bus seats nobody.
        (_, Some(vehicles)) => one.and_then(|one| one.scale(vehicles.millionths() / crate::domain::decimal::SCALE, 1)),
        (None, None) => one,
    };
    let verdict = match had {
        None => Verdict::Unknown,
        Some(had) if had >= passengers => Verdict::Pass,
        Some(_) if pair.need.accepts_partial => Verdict::Unknown,
        Some(_) => Verdict::Fail,
    };
    let value = |amount: Decimal| Value::Quantity { amount, unit: PERSON.to_owned() };
    out.record(CheckCode::Seats, verdict, || had.map(value), || Some(value(passengers)));
}

/// Kept where one range lies within the other: the vehicle holds any temperature of its own. Where they only touch, it
/// depends.
fn temperature(asked: &Attributes, offered: &Attributes, out: &mut Recorder<'_>) {
    let Some(wanted) = asked.temperature else { return };
    let within = |inner: TemperatureRange, outer: TemperatureRange| inner.min >= outer.min && inner.max <= outer.max;
    let verdict = match offered.temperature {
        None => Verdict::Unknown,
        Some(had) if within(wanted, had) || within(had, wanted) => Verdict::Pass,
        Some(had) if had.min > wanted.max || had.max < wanted.min => Verdict::Fail,
        Some(_) => Verdict::Unknown,
    };
    let value = |range: TemperatureRange| Value::text(format!("{} … {} °C", range.min, range.max));
    out.record(CheckCode::Temperature, verdict, || offered.temperature.map(value), || Some(value(wanted)));
}

/// Dangerous goods go only with who takes their class: fails closed. A class takes its divisions.
fn hazard_class(asked: &Attributes, offered: &Attributes, out: &mut Recorder<'_>) {
    let Some(wanted) = &asked.hazard_class else { return };
    let taken = || offered.hazard_classes.iter().chain(&offered.hazard_class);
    let division_of = |class: &String| wanted.split('.').next() == Some(class.as_str());
    let verdict = Verdict::from(taken().any(|class| class == wanted || division_of(class)));
    let have = || Some(Value::List(taken().cloned().collect())).filter(|_| taken().next().is_some());
    out.record(CheckCode::HazardClass, verdict, have, || Some(Value::text(wanted)));
}

/// Fails closed.
fn passes(asked: &Attributes, offered: &Attributes, out: &mut Recorder<'_>) {
    if asked.passes.is_empty() {
        return;
    }
    let held = |pass: &String| offered.passes.iter().any(|had| same_words(had, pass));
    let verdict = Verdict::from(asked.passes.iter().all(held));
    let have = || Some(Value::List(offered.passes.clone())).filter(|_| !offered.passes.is_empty());
    out.record(CheckCode::Passes, verdict, have, || Some(Value::List(asked.passes.clone())));
}

fn manner(asked: &Attributes, offered: &Attributes, out: &mut Recorder<'_>) {
    if asked.return_leg == Some(true) {
        let verdict = offered.return_leg.map_or(Verdict::Unknown, Verdict::from);
        out.record(CheckCode::ReturnLeg, verdict, || offered.return_leg.map(answer), || Some(answer(true)));
    }
    if asked.shared_load == Some(false) {
        let own = offered.shared_load.map(|shared| !shared);
        let verdict = own.map_or(Verdict::Unknown, Verdict::from);
        out.record(CheckCode::OwnVehicle, verdict, || own.map(answer), || Some(answer(true)));
    }
}

fn answer(yes: bool) -> Value {
    Value::text(if yes { "yes" } else { "no" })
}
