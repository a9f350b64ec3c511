//! Combinations: how a load gets from its pickup to its drop-off by one carrier, or by several one after the other.
//!
//! A route is at most five legs, of which at most three run by timetable. A leg by road is one carrier's, from the pickup
//! or a terminal to a terminal or the drop-off; no two follow each other, and between terminals they go at most
//! [`TRANSFER_KM`]. Every leg's listing passes every check for the whole load on that leg; category, mode, price cap and
//! dates are the whole route's. Places within [`SAME_PLACE_KM`] are one. The services and carriers looked at are those of
//! [`space`]. Among all of these, the routes no other is better than are found exactly: better is earlier there, cheaper
//! (a leg without a price first), fewer legs.

mod leg;
mod search;
mod space;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::context::Context;
use super::index::Snapshot;
use super::item::Item;
use crate::domain::attributes::{Attributes, Stop, TransportMode};
use crate::domain::decimal::Decimal;
use crate::domain::listing::{Kind, Side};
use search::Search;
use space::Space;

/// Legs of a route.
const MOST_LEGS: usize = 5;
/// Of these by timetable.
const MOST_SCHEDULED: usize = 3;
/// The longest way by road from one terminal to another.
const TRANSFER_KM: f64 = 100.0;
/// Nearer than this, two terminals are one.
const SAME_PLACE_KM: f64 = 1.0;

/// Routes, best first, and what they were found among.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RouteList {
    pub routes: Vec<Route>,
    pub considered: Considered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Considered {
    /// Legs by timetable that would take the load.
    pub services: usize,
    /// Carriers by road that would take the load.
    pub carriers: usize,
    /// There were no more of either.
    pub complete: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Route {
    pub legs: Vec<Leg>,
    /// One between each leg and the next.
    pub handovers: Vec<Handover>,
    pub departs_at: DateTime<Utc>,
    /// The load can be taken over at the drop-off.
    pub arrives_at: DateTime<Utc>,
    /// As the crow flies, leg by leg.
    pub distance_km: f64,
    /// Of the legs whose price is known, for the whole load; for one unit where the need states no quantity.
    pub price: Decimal,
    pub currency: String,
    pub notes: Vec<RouteNote>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leg {
    pub listing: Uuid,
    pub mode: TransportMode,
    pub from: Stop,
    pub to: Stop,
    pub departs_at: DateTime<Utc>,
    pub arrives_at: DateTime<Utc>,
    pub distance_km: f64,
    /// What a carrier drives empty to come; `None` for what runs by timetable.
    pub deadhead_km: Option<f64>,
    /// With tax, as `Route::price`.
    pub price: Option<Decimal>,
    pub notes: Vec<RouteNote>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Handover {
    pub at: Stop,
    pub arrives_at: DateTime<Utc>,
    pub departs_at: DateTime<Utc>,
    /// Handling and cut-off included.
    pub wait_hours: f64,
}

/// What a reader should know about a route or a leg.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RouteNote {
    /// No route shown is there sooner.
    Earliest,
    /// No route shown costs less.
    Cheapest,
    FewestLegs,
    /// There after the day the need falls due.
    Late,
    /// Dearer than the need pays at most.
    AboveCap,
    /// The leg, or one of the legs, states no price that can be compared.
    PriceUnknown,
    /// How much one departure takes is not stated, or not how much is to go.
    CapacityUnknown,
    /// Times on the road follow from the distance.
    TimeEstimated,
}

/// Why no route can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRoute {
    /// Only needs of transport have routes.
    NotATransportNeed,
    /// Pickup or drop-off are not stated, or not where they are.
    StopsUnknown,
}

/// The best `limit` routes of a need of transport: first the earliest, the cheapest and the one of fewest legs, then by
/// arrival; those in time and within the cap before all others.
pub fn find_routes(market: &Snapshot, query: &Item, limit: usize, ctx: &Context<'_>) -> Result<RouteList, NoRoute> {
    let Attributes::Transport(asked) = &query.terms.attributes else { return Err(NoRoute::NotATransportNeed) };
    if query.side() != Side::Need {
        return Err(NoRoute::NotATransportNeed);
    }
    let (Some(from), Some(to)) = (asked.stops.first(), asked.stops.last().filter(|_| asked.stops.len() > 1)) else {
        return Err(NoRoute::StopsUnknown);
    };
    let place = |stop: &Stop| stop.point(&ctx.reference.regions).ok_or(NoRoute::StopsUnknown);
    let (pickup, drop_off) = (place(from)?, place(to)?);
    let offers = market.of(Side::Offer, Kind::Transport).map(AsRef::as_ref);
    let space = Space::of(offers, query, (from, pickup), (to, drop_off), ctx);
    let found = Search::new(&space, ctx).run();
    let routes = leg::best(found, limit, &space, ctx);
    Ok(RouteList { routes, considered: space.considered })
}
