//! Routes on the wire: legs and handovers as values, and the sentences a person reads.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::codes::label;
use super::listing::Listing;
use super::matches::rounded;
use crate::app::routes::RoutePlan;
use crate::domain::attributes::{Stop, TransportMode};
use crate::domain::decimal::Decimal;
use crate::domain::message::{self, Language};
use crate::domain::reference::Reference;
use crate::domain::trade::Money;
use crate::domain::violation::Params;
use crate::matching::{self, RouteNote};

/// Routes of a need, best first: those in time and within the price cap, then by arrival.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Route"}], "listings": [{"$example": "Listing"}],
    "considered": {"services": 3, "carriers": 12, "complete": true}, "policy_version": 1, "as_of": "2026-11-23T08:00:00Z"}))]
pub struct RoutePage {
    #[schema(max_items = 20)]
    items: Vec<Route>,
    /// Of the legs, each once.
    #[schema(max_items = 100)]
    listings: Vec<Listing>,
    considered: Considered,
    /// Rules in force.
    #[schema(minimum = 0)]
    policy_version: i32,
    /// The hour the routes were planned in.
    as_of: DateTime<Utc>,
}

/// What the routes were found among.
#[derive(Serialize, ToSchema)]
pub struct Considered {
    /// Legs by timetable that would take the load: at most 50.
    #[schema(minimum = 0, maximum = 50)]
    services: usize,
    /// Carriers by road that would take the load: at most 500.
    #[schema(minimum = 0, maximum = 500)]
    carriers: usize,
    /// There were no more of either.
    complete: bool,
}

/// Legs one after the other, with a handover between each and the next.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"legs": [{"$example": "RouteLeg"}], "handovers": [], "departs_at": "2026-11-24T00:00:00Z",
    "arrives_at": "2026-11-24T09:00:00Z", "hours": 9.0, "distance_km": 121.3, "price": {"amount": "3750", "currency": "CNY"},
    "notes": ["earliest", "cheapest", "fewest_legs", "time_estimated"], "text": "1 段，11-24 17:00 送达，3750 CNY"}))]
pub struct Route {
    #[schema(max_items = 5)]
    legs: Vec<RouteLeg>,
    #[schema(max_items = 4)]
    handovers: Vec<RouteHandover>,
    departs_at: DateTime<Utc>,
    /// The load can be taken over at the last stop.
    arrives_at: DateTime<Utc>,
    #[schema(minimum = 0, maximum = 100000)]
    hours: f64,
    /// As the crow flies, leg by leg.
    #[schema(minimum = 0, maximum = 100000)]
    distance_km: f64,
    /// With tax, for the whole quantity (of a rate, one period's); for one unit where none is stated. What is known of it,
    /// where `price_unknown` is noted; absent where no leg's is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<super::listing::Money>)]
    price: Option<Money>,
    #[schema(max_items = 10)]
    notes: Vec<RouteNote>,
    #[schema(max_length = 2000)]
    text: String,
}

/// One listing's part of a route.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"listing_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "mode": "road", "from": {"region_code": "410305"},
    "to": {"name": "郑州圃田站", "region_code": "410104"}, "departs_at": "2026-11-24T00:00:00Z",
    "arrives_at": "2026-11-24T09:00:00Z", "distance_km": 121.3, "deadhead_km": 4.2,
    "price": {"amount": "3750", "currency": "CNY"}, "notes": ["time_estimated"],
    "text": "公路：涧西区 → 郑州圃田站，11-24 08:00 发，11-24 17:00 到，121 km，3750 CNY"}))]
pub struct RouteLeg {
    /// One of `listings`.
    listing_id: Uuid,
    mode: TransportMode,
    #[schema(value_type = super::transport::Stop)]
    from: Stop,
    #[schema(value_type = super::transport::Stop)]
    to: Stop,
    departs_at: DateTime<Utc>,
    arrives_at: DateTime<Utc>,
    /// As the crow flies.
    #[schema(minimum = 0, maximum = 20100)]
    distance_km: f64,
    /// Driven empty to get there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 20100)]
    deadhead_km: Option<f64>,
    /// As the route's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<super::listing::Money>)]
    price: Option<Money>,
    #[schema(max_items = 10)]
    notes: Vec<RouteNote>,
    #[schema(max_length = 2000)]
    text: String,
}

/// Where the load changes from one carrier to the next.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"at": {"name": "郑州圃田站", "region_code": "410104"}, "arrives_at": "2026-11-24T09:00:00Z",
    "departs_at": "2026-11-25T12:00:00Z", "wait_hours": 27.0, "text": "在郑州圃田站换装，等候 27 小时"}))]
pub struct RouteHandover {
    #[schema(value_type = super::transport::Stop)]
    at: Stop,
    arrives_at: DateTime<Utc>,
    departs_at: DateTime<Utc>,
    /// Handling and cut-off included.
    #[schema(minimum = 0, maximum = 100000)]
    wait_hours: f64,
    #[schema(max_length = 2000)]
    text: String,
}

impl RoutePage {
    pub fn render(plan: RoutePlan, language: Language) -> Self {
        let knowledge = Arc::clone(&plan.frozen.knowledge);
        let minutes = plan.frozen.policy.utc_offset_minutes;
        let teller = Teller { reference: &knowledge.reference, language, offset: FixedOffset::east_opt(minutes * 60) };
        let mut listings: Vec<_> = plan.listings.into_values().collect();
        listings.sort_by_key(|view| view.listing.id);
        let considered = plan.considered;
        Self {
            policy_version: plan.frozen.policy.version,
            as_of: plan.frozen.context().as_of,
            considered: Considered {
                services: considered.services,
                carriers: considered.carriers,
                complete: considered.complete,
            },
            listings: listings.into_iter().map(Listing::from).collect(),
            items: plan.routes.into_iter().map(|route| teller.route(route)).collect(),
        }
    }
}

/// What routes are told with.
#[derive(Clone, Copy)]
struct Teller<'a> {
    reference: &'a Reference,
    language: Language,
    offset: Option<FixedOffset>,
}

impl Teller<'_> {
    fn route(self, route: matching::Route) -> Route {
        let currency = route.currency;
        let priced = route.legs.iter().filter(|leg| leg.price.is_some()).count();
        let price = (priced > 0).then(|| Money { amount: route.price, currency: currency.clone() });
        let template = if priced == route.legs.len() { "route_price" } else { "route_price_partly" };
        let params: Params = [
            ("legs", route.legs.len().to_string()),
            ("arrives", self.time(route.arrives_at)),
            ("price", self.price(price.as_ref(), template)),
        ]
        .into();
        let text = message::text("route_summary", &params, self.language);
        Route {
            departs_at: route.departs_at,
            arrives_at: route.arrives_at,
            hours: hours((route.arrives_at - route.departs_at).num_minutes()),
            distance_km: rounded(route.distance_km),
            price,
            text: self.with_notes(text, &route.notes),
            notes: route.notes,
            legs: route.legs.into_iter().map(|leg| self.leg(leg, &currency)).collect(),
            handovers: route.handovers.into_iter().map(|handover| self.handover(handover)).collect(),
        }
    }

    fn leg(self, leg: matching::Leg, currency: &str) -> RouteLeg {
        let price = leg.price.map(|amount| Money { amount, currency: currency.to_owned() });
        let params: Params = [
            ("mode", label("TransportMode", <&str>::from(leg.mode), self.language)),
            ("from", self.place(&leg.from)),
            ("to", self.place(&leg.to)),
            ("departs", self.time(leg.departs_at)),
            ("arrives", self.time(leg.arrives_at)),
            ("km", format!("{:.0}", leg.distance_km)),
            ("price", self.price(price.as_ref(), "route_price")),
        ]
        .into();
        RouteLeg {
            listing_id: leg.listing,
            mode: leg.mode,
            from: leg.from,
            to: leg.to,
            departs_at: leg.departs_at,
            arrives_at: leg.arrives_at,
            distance_km: rounded(leg.distance_km),
            deadhead_km: leg.deadhead_km.map(rounded),
            price,
            notes: leg.notes,
            text: message::text("route_leg", &params, self.language),
        }
    }

    fn handover(self, handover: matching::Handover) -> RouteHandover {
        let wait = Decimal::from_millionths((handover.wait_hours * 10.0).round() as i64 * 100_000).unwrap_or_default();
        let params: Params = [("at", self.place(&handover.at)), ("hours", wait.to_string())].into();
        RouteHandover {
            text: message::text("route_handover", &params, self.language),
            at: handover.at,
            arrives_at: handover.arrives_at,
            departs_at: handover.departs_at,
            wait_hours: hours((handover.departs_at - handover.arrives_at).num_minutes()),
        }
    }

    fn with_notes(self, text: String, notes: &[RouteNote]) -> String {
        let separator = if self.language == Language::Zh { "；" } else { "; " };
        notes.iter().fold(text, |text, note| {
            format!("{text}{separator}{}", label("RouteNote", <&str>::from(*note), self.language))
        })
    }

    fn price(self, price: Option<&Money>, template: &str) -> String {
        let Some(price) = price else { return message::text("route_price_unknown", &Params::new(), self.language) };
        let params: Params = [("amount", price.amount.to_string()), ("currency", price.currency.clone())].into();
        message::text(template, &params, self.language)
    }

    /// In the time of the listings' places.
    fn time(self, at: DateTime<Utc>) -> String {
        match self.offset {
            Some(offset) => at.with_timezone(&offset).format("%m-%d %H:%M").to_string(),
            None => at.format("%m-%d %H:%M UTC").to_string(),
        }
    }

    fn place(self, stop: &Stop) -> String {
        let region = stop.region_code.as_ref().map(|code| {
            let names = self.reference.regions.get(code).map(|region| &region.names);
            names.map_or_else(|| code.clone(), |names| names.in_language(self.language).to_owned())
        });
        let point = || stop.location.map(|at| format!("{:.3}, {:.3}", at.latitude, at.longitude));
        stop.name.clone().or(region).or(stop.address.clone()).or_else(point).unwrap_or_else(|| "—".to_owned())
    }
}

/// To the minute, four decimals.
fn hours(minutes: i64) -> f64 {
    rounded(minutes as f64 / 60.0)
}
