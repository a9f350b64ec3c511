//! Which fields of which listing could settle what stands in the way, and how far they can be moved.

use serde_json::Value as Json;

use super::document::Document;
use super::grid::{Grid, least_place};
use super::moves::{held, in_part, lever, only};
use crate::domain::decimal::Decimal;
use crate::domain::listing::Side;
use crate::matching::check::{Check, CheckCode};
use crate::matching::context::Context;
use crate::matching::factor::FactorCode;

/// One field of one side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lever {
    pub side: Side,
    pub pointer: String,
    pub grid: Grid,
}

/// Both listings as documents.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides<'a> {
    pub need: &'a Document<'a>,
    pub offer: &'a Document<'a>,
}

impl<'a> Sides<'a> {
    pub fn of(self, side: Side) -> &'a Document<'a> {
        match side {
            Side::Need => self.need,
            Side::Offer => self.offer,
        }
    }

    /// What could make the failed check pass.
    pub fn against(self, blocker: &Check, ctx: &Context<'_>) -> Vec<Lever> {
        use CheckCode as C;
        use Side::{Need, Offer};
        let about = blocker.about.as_deref();
        match blocker.code {
            C::Substitute => vec![only(Need, "/accepts_substitutes", Json::Bool(true))],
            C::Quantity => self.quantities(),
            C::MinimumOrder => [self.amount(Need, true), self.quantity(Offer, "/min_order_quantity", false)]
                .into_iter()
                .flatten()
                .collect(),
            C::Price | C::Pay => self.prices(ctx),
            C::Rate => self.rates(ctx),
            C::Time => self.times(ctx),
            C::Distance => self.radii(),
            C::OfferArea => self.area(Need),
            C::NeedArea => self.area(Offer),
            C::OfferVerified => vec![only(Need, "/required_level", Json::from("none"))],
            C::NeedVerified => vec![only(Offer, "/required_level", Json::from("none"))],
            C::OfferCredentials => held(Need, blocker).into_iter().collect(),
            C::NeedCredentials => held(Offer, blocker).into_iter().collect(),
            C::Specification => self.specification(about),
            C::ShelfLife => self.shelf_life(ctx),
            C::Qualification => self.qualification(about),
            C::Period => self.periods(ctx),
            C::Commute => self.commute(),
            C::Amount => self.sums(),
            C::DailyCapacity => self.daily_capacity(ctx),
            C::PickupArea | C::DropOffArea => self.around_stops(ctx),
            C::Detour => self.detour(ctx),
            C::PickupWindow => self.pickup_window(ctx),
            C::TransitTime => self.transit_time(ctx),
            C::Seats => self.seats(),
            C::Passes => self.passes(),
            // What is wanted of several may be had in part.
            C::Occupation | C::Weight | C::Volume | C::Containers => [vec![in_part()], self.attributes()].concat(),
            _ => self.attributes(),
        }
    }

    /// What could earn the candidate of this side more points, with the component it would earn them for.
    pub fn better(self, candidate: Side, ctx: &Context<'_>) -> Vec<(FactorCode, Lever)> {
        let of = |code: FactorCode, levers: Vec<Lever>| levers.into_iter().map(move |lever| (code, lever));
        let theirs = |levers: Vec<Lever>| levers.into_iter().filter(|lever| lever.side == candidate).collect();
        let rate = self.hundredths(candidate, "/attributes/highest_rate", candidate == Side::Need);
        let prices =
            of(FactorCode::Price, theirs(self.prices(ctx))).chain(of(FactorCode::Price, rate.into_iter().collect()));
        let times = of(FactorCode::Time, theirs(self.times(ctx)));
        let amount = of(FactorCode::Quantity, self.amount(candidate, true).into_iter().collect());
        prices.chain(times).chain(amount).collect()
    }

    /// The bounds asked for wider, or the value offered as asked.
    fn specification(self, name: Option<&str>) -> Vec<Lever> {
        let Some(name) = name else { return Vec::new() };
        let (asked, offered) = (&self.need.item.terms.specs, &self.offer.item.terms.specs);
        let Some(at) = asked.iter().position(|spec| spec.name == name) else { return Vec::new() };
        let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<Decimal>().ok());
        let stated = |spec: &crate::domain::trade::Specification| [spec.min, spec.max, number(&spec.value)];
        let of_name =
            |spec: &&crate::domain::trade::Specification| crate::matching::checks::same_words(&spec.name, name);
        let theirs = offered.iter().find(of_name);
        let places = stated(&asked[at]).into_iter().chain(theirs.into_iter().flat_map(stated)).flatten();
        let step = least_place(places);
        let wider = |pointer: &str, up| {
            let pointer = format!("/specs/{at}/{pointer}");
            let from = self.need.decimal(&pointer)?;
            lever(Side::Need, &pointer, Grid::decimals(from, step, up))
        };
        let adopt = |side: Side, at: usize, other: &Option<String>| {
            let pointer = format!("/specs/{at}/value");
            let to = Json::from(other.as_deref()?);
            self.of(side).get(&pointer)?;
            lever(side, &pointer, Grid::Only(Some(to)))
        };
        let offered_at = offered.iter().position(|spec| of_name(&spec));
        let levers = [
            wider("min", false),
            wider("max", true),
            theirs.and_then(|spec| adopt(Side::Need, at, &spec.value)),
            offered_at.and_then(|place| adopt(Side::Offer, place, &asked[at].value)),
        ];
        levers.into_iter().flatten().collect()
    }

    /// What the kind adds: either side as the other has it, as far as needed; or the need asks for less.
    fn attributes(self) -> Vec<Lever> {
        let asked = self.need.attributes();
        let mut levers = Vec::new();
        for pointer in &asked {
            let Some(want) = self.need.get(pointer) else { continue };
            match self.offer.get(pointer) {
                Some(have) if have != want => {
                    levers.extend(lever(Side::Need, pointer, lesser(want, have)));
                    levers.extend(lever(Side::Offer, pointer, greater(have, want)));
                }
                Some(_) => {}
                None => levers.extend(lever(Side::Need, pointer, Grid::Only(None))),
            }
        }
        levers
    }
}

/// What is asked, towards what is offered; of lists, what both name.
fn lesser(want: &Json, have: &Json) -> Grid {
    match (want, have) {
        (Json::Array(want), Json::Array(have)) => {
            Grid::Only(Some(want.iter().filter(|one| have.contains(one)).cloned().collect()))
        }
        _ => Grid::towards(want, have),
    }
}

/// What is offered, towards what is asked; of lists, what either names.
fn greater(have: &Json, want: &Json) -> Grid {
    match (have, want) {
        (Json::Array(have), Json::Array(want)) => {
            let missing = want.iter().filter(|one| !have.contains(one));
            Grid::Only(Some(have.iter().chain(missing).cloned().collect()))
        }
        _ => Grid::towards(have, want),
    }
}
