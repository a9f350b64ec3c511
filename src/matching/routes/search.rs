//! The routes no other is better than. Leg by leg: a way of getting somewhere is left when another is there no later, costs
//! no more and took no more legs. Waiting is allowed and no carrier or service is sooner there by starting later, so what
//! is left can lead to nothing better.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::space::{DROP_OFF, Drive, PICKUP, Space};
use super::{MOST_LEGS, MOST_SCHEDULED, TRANSFER_KM};
use crate::matching::context::Context;
use crate::matching::haul;

/// What ways are compared by; less is better in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cost {
    pub at: DateTime<Utc>,
    /// Legs whose price is not known.
    pub unpriced: usize,
    /// Millionths, of the legs whose price is known.
    pub price: i64,
    pub legs: usize,
    pub scheduled: usize,
}

impl Cost {
    pub fn is_no_worse(&self, other: &Self) -> bool {
        self.at <= other.at && self.unpriced <= other.unpriced && self.price <= other.price && self.legs <= other.legs
    }

    /// Nor has it less left to go on with.
    fn leads_no_worse(&self, other: &Self) -> bool {
        self.is_no_worse(other) && self.scheduled <= other.scheduled
    }
}

/// How a leg was done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    Drive(Drive<'a>),
    /// By its place among the services.
    Ride(usize),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Taken<'a> {
    pub step: Step<'a>,
    pub from: usize,
    pub to: usize,
    pub departs_at: DateTime<Utc>,
    pub arrives_at: DateTime<Utc>,
}

/// A way to a place; `cost.at` is when the load can go on from there.
#[derive(Debug, Clone, Copy)]
struct Way<'a> {
    place: usize,
    cost: Cost,
    last: Option<Taken<'a>>,
    before: Option<usize>,
}

impl Way<'_> {
    fn by_road(&self) -> bool {
        matches!(self.last, Some(Taken { step: Step::Drive(_), .. }))
    }
}

/// A whole route.
#[derive(Debug, Clone)]
pub(super) struct Found<'a> {
    pub cost: Cost,
    pub legs: Vec<Taken<'a>>,
}

pub(super) struct Search<'s, 'a> {
    space: &'s Space<'a>,
    ctx: &'s Context<'a>,
    ways: Vec<Way<'a>>,
    /// The undominated ways to each place, by whether the last leg was by road.
    fronts: Vec<[Vec<usize>; 2]>,
    goals: Vec<usize>,
    /// Who drives each way, as far as asked.
    drives: BTreeMap<(usize, usize), Vec<Drive<'a>>>,
}

impl<'s, 'a> Search<'s, 'a> {
    pub fn new(space: &'s Space<'a>, ctx: &'s Context<'a>) -> Self {
        let fronts = space.places.iter().map(|_| [vec![], vec![]]).collect();
        Self { space, ctx, ways: vec![], fronts, goals: vec![], drives: BTreeMap::new() }
    }

    pub fn run(mut self) -> Vec<Found<'a>> {
        let cost = Cost { at: self.space.start, unpriced: 0, price: 0, legs: 0, scheduled: 0 };
        self.ways.push(Way { place: PICKUP, cost, last: None, before: None });
        let mut reached = vec![0];
        for _ in 0..MOST_LEGS {
            let first_new = self.ways.len();
            for way in reached {
                self.go_on(way);
            }
            reached = (first_new..self.ways.len()).filter(|way| self.stands(*way)).collect();
        }
        self.goals.iter().map(|goal| Found { cost: self.ways[*goal].cost, legs: self.legs(*goal) }).collect()
    }

    /// Not yet beaten by another.
    fn stands(&self, way: usize) -> bool {
        let Way { place, .. } = self.ways[way];
        place != DROP_OFF && self.fronts[place][usize::from(self.ways[way].by_road())].contains(&way)
    }

    fn go_on(&mut self, at: usize) {
        let way = self.ways[at];
        if !way.by_road() {
            for to in self.by_road_from(way.place) {
                self.drive(at, to);
            }
        }
        if way.cost.scheduled < MOST_SCHEDULED {
            for service in 0..self.space.services.len() {
                if self.space.is_same(way.place, self.space.services[service].from) {
                    self.ride(at, service);
                }
            }
        }
    }

    /// The drop-off, and terminals something leaves from; from one terminal to another only so far.
    fn by_road_from(&self, place: usize) -> Vec<usize> {
        let mut terminals: Vec<usize> = self.space.services.iter().map(|service| service.from).collect();
        terminals.sort_unstable();
        terminals.dedup();
        let near = |to: &usize| place == PICKUP || self.space.km(place, *to) <= TRANSFER_KM;
        let ends = terminals.into_iter().filter(near).chain([DROP_OFF]);
        ends.filter(|to| !self.space.is_same(place, *to)).collect()
    }

    fn drive(&mut self, at: usize, to: usize) {
        let (space, ctx, way) = (self.space, self.ctx, self.ways[at]);
        let drives =
            self.drives.entry((way.place, to)).or_insert_with(|| undominated(space.drives(way.place, to, ctx)));
        let road = haul::hours(haul::road_hours(space.km(way.place, to), ctx.policy));
        let taken: Vec<Taken<'a>> = drives
            .iter()
            .filter_map(|drive| {
                let departs_at = way.cost.at.max(drive.ready);
                let late = |end: Option<DateTime<Utc>>| end.is_some_and(|end| departs_at >= end);
                let missed = late(drive.end) || way.place == PICKUP && late(space.pickup_end);
                let arrives_at = (departs_at + road).max(drive.not_there_before);
                let step = Step::Drive(*drive);
                (!missed).then_some(Taken { step, from: way.place, to, departs_at, arrives_at })
            })
            .collect();
        for taken in taken {
            let Step::Drive(drive) = taken.step else { continue };
            self.arrive(at, taken, taken.arrives_at, drive.price.map(|price| price.millionths()), 0);
        }
    }

    fn ride(&mut self, at: usize, number: usize) {
        let (way, service) = (self.ways[at], &self.space.services[number]);
        let timetable = service.timetable;
        let ready = way.cost.at + haul::hours(timetable.cut_off_hours.into());
        let Some(departs_at) = haul::next_departure(timetable, &service.item.terms, ready, self.ctx.policy) else {
            return;
        };
        let arrives_at = departs_at + haul::hours(timetable.transit_hours.into());
        let on = arrives_at + haul::hours(timetable.handling_hours.into());
        let taken = Taken { step: Step::Ride(number), from: service.from, to: service.to, departs_at, arrives_at };
        self.arrive(at, taken, on, service.price.map(|price| price.millionths()), 1);
    }

    fn arrive(&mut self, before: usize, taken: Taken<'a>, on: DateTime<Utc>, price: Option<i64>, scheduled: usize) {
        let sofar = self.ways[before].cost;
        let cost = Cost {
            at: on,
            unpriced: sofar.unpriced + usize::from(price.is_none()),
            price: sofar.price.saturating_add(price.unwrap_or(0)),
            legs: sofar.legs + 1,
            scheduled: sofar.scheduled + scheduled,
        };
        let place = if self.space.is_same(taken.to, DROP_OFF) { DROP_OFF } else { taken.to };
        if self.goals.iter().any(|goal| self.ways[*goal].cost.is_no_worse(&cost)) {
            return;
        }
        let way = Way { place, cost, last: Some(taken), before: Some(before) };
        let number = self.ways.len();
        if place == DROP_OFF {
            self.goals.retain(|goal| !cost.is_no_worse(&self.ways[*goal].cost));
            self.goals.push(number);
        } else {
            let front = &mut self.fronts[place][usize::from(way.by_road())];
            if front.iter().any(|other| self.ways[*other].cost.leads_no_worse(&cost)) {
                return;
            }
            front.retain(|other| !cost.leads_no_worse(&self.ways[*other].cost));
            front.push(number);
        }
        self.ways.push(way);
    }

    fn legs(&self, goal: usize) -> Vec<Taken<'a>> {
        let way = |number: &usize| self.ways[*number].before;
        let mut legs: Vec<Taken<'a>> =
            std::iter::successors(Some(goal), way).filter_map(|number| self.ways[number].last).collect();
        legs.reverse();
        legs
    }
}

/// Without carriers another one beats in everything, on a way of one length.
fn undominated(drives: Vec<Drive<'_>>) -> Vec<Drive<'_>> {
    let no_worse = |a: &Drive<'_>, b: &Drive<'_>| {
        let cheaper = match (a.price, b.price) {
            (Some(a), Some(b)) => a <= b,
            (a, b) => a.is_none() && b.is_none(),
        };
        let open_longer = a.end.is_none_or(|a| b.end.is_some_and(|b| a >= b));
        a.ready <= b.ready && a.not_there_before <= b.not_there_before && cheaper && open_longer
    };
    let mut kept: Vec<Drive<'_>> = vec![];
    for drive in drives {
        if !kept.iter().any(|other| no_worse(other, &drive)) {
            kept.retain(|other| !no_worse(&drive, other));
            kept.push(drive);
        }
    }
    kept
}
