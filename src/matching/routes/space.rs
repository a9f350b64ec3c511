//! What routes are made of: the services and carriers that would take the load, the places between them, and who would
//! drive from one to another.

use chrono::{DateTime, Days, TimeDelta, Utc};

use super::{Considered, SAME_PLACE_KM};
use crate::domain::attributes::{Attributes, Stop, Timetable, TransportAttributes, TransportMode};
use crate::domain::decimal::{Decimal, SCALE};
use crate::domain::place::Point;
use crate::domain::trade::QuantityBasis;
use crate::domain::unit::Conversion;
use crate::matching::checks::{self, Screening};
use crate::matching::context::Context;
use crate::matching::haul;
use crate::matching::item::Item;
use crate::matching::pair::{Kinship, Pair};
use crate::matching::quantity::ratio;

/// Services looked at: those whose terminals are nearest, one to the pickup and the other to the drop-off, together.
const SERVICES: usize = 50;
/// Carriers looked at: those that stand nearest to the pickup, the drop-off or a terminal.
const CARRIERS: usize = 500;

/// By place in [`Space::places`].
pub(super) const PICKUP: usize = 0;
pub(super) const DROP_OFF: usize = 1;

pub(super) struct Space<'a> {
    pub query: &'a Item,
    /// The need, asking for the whole load and nothing of the whole way.
    load: Item,
    pub places: Vec<(&'a Stop, Point)>,
    pub services: Vec<Service<'a>>,
    pub carriers: Vec<&'a Item>,
    pub considered: Considered,
    /// Nothing sets out before.
    pub start: DateTime<Utc>,
    /// The load is picked up before.
    pub pickup_end: Option<DateTime<Utc>>,
    pub currency: &'a str,
}

/// A leg by timetable that would take the load.
pub(super) struct Service<'a> {
    pub item: &'a Item,
    pub timetable: &'a Timetable,
    pub from: usize,
    pub to: usize,
    pub price: Option<Decimal>,
    pub capacity_known: bool,
}

/// A carrier that would take the load from one place to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drive<'a> {
    pub item: &'a Item,
    pub deadhead_km: Option<f64>,
    /// Sets out no sooner, and before `end`.
    pub ready: DateTime<Utc>,
    pub end: Option<DateTime<Utc>>,
    /// Arrives no sooner: a lead time is stated.
    pub not_there_before: DateTime<Utc>,
    pub price: Option<Decimal>,
}

impl<'a> Space<'a> {
    pub fn of(
        offers: impl Iterator<Item = &'a Item>,
        query: &'a Item,
        pickup: (&'a Stop, Point),
        drop_off: (&'a Stop, Point),
        ctx: &Context<'a>,
    ) -> Self {
        let asked = transport(query);
        // The next full hour: the answer holds still within one, and nothing sets out in the past.
        let now = ctx.as_of + TimeDelta::hours(1);
        let window = asked.and_then(|asked| asked.pickup_window);
        let cap = query.terms.max_price.as_ref();
        let mut space = Self {
            query,
            load: load_of(query),
            places: vec![pickup, drop_off],
            services: vec![],
            carriers: vec![],
            considered: Considered { services: 0, carriers: 0, complete: true },
            start: window.map_or(now, |window| now.max(haul::midnight(window.start, ctx.policy))),
            pickup_end: window.and_then(|window| end_of(window.end, ctx)),
            currency: cap.map_or(ctx.policy.freight_currency.as_str(), |cap| cap.currency.as_str()),
        };
        let (mut services, mut carriers) = (vec![], vec![]);
        for offer in offers {
            let Some(offered) = transport(offer) else { continue };
            match &offered.timetable {
                Some(timetable) => {
                    let ends =
                        (timetable.from.point(&ctx.reference.regions), timetable.to.point(&ctx.reference.regions));
                    if let (Some(from), Some(to)) = ends {
                        services.push((
                            from.distance_km(pickup.1) + to.distance_km(drop_off.1),
                            offer,
                            timetable,
                            from,
                            to,
                        ));
                    }
                }
                None if matches!(offered.mode, None | Some(TransportMode::Road)) => carriers.push(offer),
                None => {}
            }
        }
        services.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.id.cmp(&b.1.id)));
        for (_, item, timetable, from, to) in services {
            space.add_service(item, timetable, from, to, ctx);
            if !space.considered.complete {
                break;
            }
        }
        space.add_carriers(carriers, ctx);
        space.considered.services = space.services.len();
        space.considered.carriers = space.carriers.len();
        space
    }

    fn add_service(&mut self, item: &'a Item, timetable: &'a Timetable, from: Point, to: Point, ctx: &Context<'a>) {
        let load = self.load_on(&[(&timetable.from, from), (&timetable.to, to)]);
        if !load.is_some_and(|load| takes(&load, item, ctx)) {
            return;
        }
        let fits = self.fits(item, timetable, ctx);
        if fits == Some(false) {
            return;
        }
        if self.services.len() == SERVICES {
            self.considered.complete = false;
            return;
        }
        let (from, to) = (self.place(&timetable.from, from), self.place(&timetable.to, to));
        let price = self.price(item, ctx);
        self.services.push(Service { item, timetable, from, to, price, capacity_known: fits.is_some() });
    }

    /// Whether one departure takes the load; `None` where that is not stated.
    fn fits(&self, item: &Item, timetable: &Timetable, ctx: &Context<'_>) -> Option<bool> {
        let pair = Pair::related(&self.load, item, Kinship::Within);
        let capacity = ratio(&pair, ctx).ok()?.apply(timetable.capacity?)?;
        Some(capacity >= pair.need.quantity?)
    }

    fn add_carriers(&mut self, carriers: Vec<&'a Item>, ctx: &Context<'a>) {
        let Some(load) = self.load_on(&[]) else { return };
        let taking = carriers.into_iter().filter(|item| takes(&load, item, ctx));
        let nearest = |item: &Item| {
            let places: Vec<Point> = self.places.iter().map(|(_, place)| *place).collect();
            item.location.and_then(|at| haul::nearest_km(&places, at)).unwrap_or(f64::INFINITY)
        };
        let mut taking: Vec<_> = taking.map(|item| (nearest(item), item)).collect();
        taking.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.id.cmp(&b.1.id)));
        self.considered.complete &= taking.len() <= CARRIERS;
        self.carriers = taking.into_iter().take(CARRIERS).map(|(_, item)| item).collect();
    }

    fn place(&mut self, stop: &'a Stop, point: Point) -> usize {
        // A terminal at the very pickup is a place of its own: it has a name of its own.
        if let Some(known) = self.places.iter().skip(2).position(|(_, place)| *place == point) {
            return known + 2;
        }
        self.places.push((stop, point));
        self.places.len() - 1
    }

    pub fn km(&self, from: usize, to: usize) -> f64 {
        self.places[from].1.distance_km(self.places[to].1)
    }

    pub fn is_same(&self, a: usize, b: usize) -> bool {
        a == b || self.km(a, b) <= SAME_PLACE_KM
    }

    /// The load on this way; without stops, wherever that is.
    fn load_on(&self, way: &[(&Stop, Point)]) -> Option<Item> {
        let mut load = self.load.clone();
        load.location = way.first().map(|(_, place)| *place);
        let mut terms = (*load.terms).clone();
        let Attributes::Transport(asked) = &mut terms.attributes else { return None };
        asked.stops = way.iter().map(|(_, point)| Stop { location: Some(*point), ..Stop::default() }).collect();
        load.terms = terms.into();
        Some(load)
    }

    /// Who would drive from one place to another.
    pub fn drives(&self, from: usize, to: usize, ctx: &Context<'a>) -> Vec<Drive<'a>> {
        let way = [self.places[from], self.places[to]];
        let Some(load) = self.load_on(&way) else { return vec![] };
        let taking = self.carriers.iter().filter(|item| takes(&load, item, ctx));
        taking.map(|item| self.drive(item, way[0].1, ctx)).collect()
    }

    fn drive(&self, item: &'a Item, from: Point, ctx: &Context<'a>) -> Drive<'a> {
        let now = ctx.as_of + TimeDelta::hours(1);
        let deadhead_km = item.location.map(|at| at.distance_km(from));
        let (mut first, mut last) = haul::days(&item.terms);
        if let Some(window) = transport(item).and_then(|offered| offered.pickup_window) {
            (first, last) = (first.max(Some(window.start)), Some(last.map_or(window.end, |day| day.min(window.end))));
        }
        let comes = now + haul::hours(haul::road_hours(deadhead_km.unwrap_or(0.0), ctx.policy));
        let lead = item.terms.lead_time_days.map_or(TimeDelta::zero(), |days| TimeDelta::days(days.into()));
        Drive {
            item,
            deadhead_km,
            ready: first.map_or(comes, |day| comes.max(haul::midnight(day, ctx.policy))),
            end: last.and_then(|day| end_of(day, ctx)),
            not_there_before: now + lead,
            price: self.price(item, ctx),
        }
    }

    /// For the whole load, with tax; for one unit where the need states no quantity.
    fn price(&self, item: &Item, ctx: &Context<'_>) -> Option<Decimal> {
        let pair = Pair::related(&self.load, item, Kinship::Within);
        let quote = pair.offer.price.filter(|quote| quote.currency == self.currency)?;
        let Conversion::Exact(ratio) = ctx.convert(pair.need.measure()?, pair.offer.priced_measure()?) else {
            return None;
        };
        let bare = ratio.apply(quote.amount)?;
        let taxed = match (quote.tax_included, quote.tax_rate) {
            (true, _) => bare,
            (false, Some(rate)) => bare.scale(100 * SCALE + rate.millionths(), 100 * SCALE)?,
            (false, None) => return None,
        };
        match pair.need.quantity {
            Some(quantity) => taxed.scale(quantity.millionths(), SCALE),
            None => Some(taxed),
        }
    }

    /// What the need pays at most, counted as prices are.
    pub fn cap(&self) -> Option<Decimal> {
        let cap = self.query.terms.max_price.as_ref()?.amount;
        match self.load.remaining.or(self.load.terms.quantity) {
            Some(quantity) => cap.scale(quantity.millionths(), SCALE),
            None => Some(cap),
        }
    }
}

/// Whether an offer passes every check for a load, whatever their categories are.
fn takes(load: &Item, item: &Item, ctx: &Context<'_>) -> bool {
    checks::screen(&Pair::related(load, item, Kinship::Within), ctx) == Screening::Match
}

/// The instant a day ends at.
fn end_of(day: chrono::NaiveDate, ctx: &Context<'_>) -> Option<DateTime<Utc>> {
    day.checked_add_days(Days::new(1)).map(|next| haul::midnight(next, ctx.policy))
}

pub(super) fn transport(item: &Item) -> Option<&TransportAttributes> {
    match &item.terms.attributes {
        Attributes::Transport(transport) => Some(transport),
        _ => None,
    }
}

/// All of it at once: of a rate, what falls into one period.
fn load_of(query: &Item) -> Item {
    let mut load = query.clone();
    load.profile = Default::default();
    let mut terms = (*query.terms).clone();
    terms.category = None;
    terms.max_price = None;
    terms.needed_by = None;
    terms.delivery_period = None;
    terms.quantity_basis = QuantityBasis::Total;
    terms.service_radius_km = None;
    terms.accepts_partial = false;
    if let Attributes::Transport(asked) = &mut terms.attributes {
        asked.mode = None;
        asked.pickup_window = None;
        asked.return_leg = None;
    }
    load.terms = terms.into();
    load
}
