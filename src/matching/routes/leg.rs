//! The routes that are shown, told leg by leg.

use super::search::{Cost, Found, Step, Taken};
use super::space::{Space, transport};
use super::{Handover, Leg, Route, RouteNote};
use crate::domain::attributes::{Stop, TransportMode};
use crate::domain::decimal::Decimal;
use crate::matching::context::Context;

/// The earliest, the cheapest and that of fewest legs before others; in order of what they miss, and of arrival.
pub(super) fn best(mut found: Vec<Found<'_>>, limit: usize, space: &Space<'_>, ctx: &Context<'_>) -> Vec<Route> {
    let missed = |route: &Found<'_>| misses(&route.cost, space, ctx).len();
    found.sort_by_key(|route| (missed(route), route.cost));
    let least = |key: fn(&Cost) -> (usize, i64)| {
        (0..found.len()).min_by_key(|number| (missed(&found[*number]), key(&found[*number].cost)))
    };
    let marks = [
        (least(|_| (0, 0)), RouteNote::Earliest),
        (least(|cost| (cost.unpriced, cost.price)), RouteNote::Cheapest),
        (least(|cost| (cost.legs, 0)), RouteNote::FewestLegs),
    ];
    let mut order: Vec<usize> = marks.iter().filter_map(|(number, _)| *number).chain(0..found.len()).collect();
    let mut listed = vec![false; found.len()];
    order.retain(|number| !std::mem::replace(&mut listed[*number], true));
    order.truncate(limit);
    order.sort_unstable();
    let told = |number: usize| {
        let marked = marks.iter().filter(|(marked, _)| *marked == Some(number)).map(|(_, note)| *note);
        route(&found[number], marked.collect(), space, ctx)
    };
    order.into_iter().map(told).collect()
}

/// What of the need the route does not keep.
fn misses(cost: &Cost, space: &Space<'_>, ctx: &Context<'_>) -> Vec<RouteNote> {
    let terms = &space.query.terms;
    let needed_by = terms.needed_by.or(terms.delivery_period.map(|period| period.end));
    let late = needed_by.is_some_and(|date| ctx.policy.local_date(cost.at) > date);
    let dear = space.cap().is_some_and(|cap| cost.price > cap.millionths());
    [(late, RouteNote::Late), (dear, RouteNote::AboveCap)]
        .into_iter()
        .filter(|(missed, _)| *missed)
        .map(|(_, note)| note)
        .collect()
}

fn route(found: &Found<'_>, marked: Vec<RouteNote>, space: &Space<'_>, ctx: &Context<'_>) -> Route {
    let legs: Vec<Leg> = found.legs.iter().map(|taken| leg(taken, space)).collect();
    let handovers = found.legs.windows(2).map(|pair| handover(&pair[0], &pair[1], space)).collect();
    let mut notes = marked;
    notes.extend(misses(&found.cost, space, ctx));
    notes.extend(legs.iter().flat_map(|leg| leg.notes.iter().copied()));
    notes.sort();
    notes.dedup();
    Route {
        departs_at: legs.first().map_or(found.cost.at, |leg| leg.departs_at),
        arrives_at: found.cost.at,
        distance_km: legs.iter().map(|leg| leg.distance_km).sum(),
        price: Decimal::from_millionths(found.cost.price).unwrap_or_default(),
        currency: space.currency.to_owned(),
        legs,
        handovers,
        notes,
    }
}

fn leg(taken: &Taken<'_>, space: &Space<'_>) -> Leg {
    let (from, to) = ends(taken, space);
    let (item, price, deadhead_km, default_mode, mut notes) = match &taken.step {
        Step::Drive(drive) => {
            (drive.item, drive.price, drive.deadhead_km, TransportMode::Road, vec![RouteNote::TimeEstimated])
        }
        Step::Ride(number) => {
            let service = &space.services[*number];
            let unknown = (!service.capacity_known).then_some(RouteNote::CapacityUnknown);
            (service.item, service.price, None, TransportMode::Rail, unknown.into_iter().collect())
        }
    };
    notes.extend(price.is_none().then_some(RouteNote::PriceUnknown));
    notes.sort();
    Leg {
        listing: item.id,
        mode: transport(item).and_then(|offered| offered.mode).unwrap_or(default_mode),
        from: from.clone(),
        to: to.clone(),
        departs_at: taken.departs_at,
        arrives_at: taken.arrives_at,
        distance_km: space.km(taken.from, taken.to),
        deadhead_km,
        price,
        notes,
    }
}

/// A terminal as its own timetable names it.
fn ends<'a>(taken: &Taken<'_>, space: &'a Space<'_>) -> (&'a Stop, &'a Stop) {
    match &taken.step {
        Step::Drive(_) => (space.places[taken.from].0, space.places[taken.to].0),
        Step::Ride(number) => {
            let timetable = space.services[*number].timetable;
            (&timetable.from, &timetable.to)
        }
    }
}

fn handover(before: &Taken<'_>, after: &Taken<'_>, space: &Space<'_>) -> Handover {
    let at = match after.step {
        Step::Ride(_) => ends(after, space).0,
        Step::Drive(_) => ends(before, space).1,
    };
    let (arrives_at, departs_at) = (before.arrives_at, after.departs_at);
    let wait_hours = (departs_at - arrives_at).num_minutes() as f64 / 60.0;
    Handover { at: at.clone(), arrives_at, departs_at, wait_hours }
}
