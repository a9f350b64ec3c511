//! How far a field of the common terms can be moved, where it is stated.

use chrono::NaiveDate;
use serde_json::Value as Json;

use super::grid::{Grid, least_place};
use super::levers::{Lever, Sides};
use crate::domain::decimal::{Decimal, SCALE};
use crate::domain::listing::Side;
use crate::matching::check::{Check, Value};
use crate::matching::context::Context;
use Side::{Need, Offer};

/// What posting takes at most.
const RADIUS_KM: u32 = 20_000;
const REGIONS: usize = 50;
const HEADS: u32 = 100_000;

impl Sides<'_> {
    pub(super) fn quantities(self) -> Vec<Lever> {
        let levers = [Some(in_part()), self.amount(Need, false), self.amount(Offer, true)];
        levers.into_iter().flatten().collect()
    }

    /// Pay comes before a price: whichever does not count changes nothing.
    pub(super) fn prices(self, ctx: &Context<'_>) -> Vec<Lever> {
        let levers = [
            self.money(Need, "/attributes/pay", true, ctx),
            self.money(Need, "/max_price", true, ctx),
            self.money(Offer, "/attributes/pay", false, ctx),
            self.money(Offer, "/price", false, ctx),
        ];
        levers.into_iter().flatten().collect()
    }

    pub(super) fn times(self, ctx: &Context<'_>) -> Vec<Lever> {
        let levers = [
            self.day(Need, &["/needed_by", "/delivery_period/end"], true, ctx),
            self.whole(Offer, "/lead_time_days", 0),
            self.day(Offer, &["/available_from", "/delivery_period/start"], false, ctx),
        ];
        levers.into_iter().flatten().collect()
    }

    pub(super) fn radii(self) -> Vec<Lever> {
        [Need, Offer].into_iter().filter_map(|side| self.whole(side, "/service_radius_km", RADIUS_KM)).collect()
    }

    /// Around stops or terminals, where the carrier's radius is the policy's unless stated.
    pub(super) fn around_stops(self, ctx: &Context<'_>) -> Vec<Lever> {
        self.whole_or(Offer, "/service_radius_km", ctx.policy.max_detour_km, RADIUS_KM).into_iter().collect()
    }

    /// The regions a side names: that of the other among them, or none.
    pub(super) fn area(self, asking: Side) -> Vec<Lever> {
        let regions = &self.of(asking).item.terms.service_regions;
        let other = self.of(asking.opposite()).item.region_code.as_ref().filter(|_| regions.len() < REGIONS);
        let wider = other.map(|region| regions.iter().chain([region]).cloned().collect::<Vec<_>>());
        let wider = wider.map(|regions| only(asking, "/service_regions", Json::from(regions)));
        wider.into_iter().chain(lever(asking, "/service_regions", Grid::Only(None))).collect()
    }

    /// The quantity, or what counts where none is stated.
    pub(super) fn amount(self, side: Side, up: bool) -> Option<Lever> {
        if self.of(side).get("/quantity").is_some() {
            return self.quantity(side, "/quantity", up);
        }
        let heads = self.whole(side, "/attributes/headcount", if up { HEADS } else { 1 });
        heads.or_else(|| self.quantity(side, "/attributes/capacity_per_day", up))
    }

    pub(super) fn quantity(self, side: Side, pointer: &str, up: bool) -> Option<Lever> {
        let from = self.of(side).decimal(pointer)?;
        let step = if from.millionths() >= SCALE { SCALE } else { least_place([from]) };
        lever(side, pointer, Grid::decimals(from, step, up))
    }

    /// In minor units of the currency; in hundredths of them where the amount is only a few.
    fn money(self, side: Side, pointer: &str, up: bool, ctx: &Context<'_>) -> Option<Lever> {
        let (amount, currency) = (format!("{pointer}/amount"), format!("{pointer}/currency"));
        let from = self.of(side).decimal(&amount)?;
        let code = self.of(side).get(&currency).and_then(Json::as_str)?;
        let minor = ctx.reference.currencies.get(code).and_then(|currency| currency.minor_units).unwrap_or(2);
        let step = SCALE / 10_i64.pow(u32::from(minor.min(6)));
        let step = if from.millionths() < 10 * step { (step / 100).max(1) } else { step };
        lever(side, &amount, Grid::decimals(from, step, up))
    }

    pub(super) fn hundredths(self, side: Side, pointer: &str, up: bool) -> Option<Lever> {
        lever(side, pointer, Grid::decimals(self.of(side).decimal(pointer)?, SCALE / 100, up))
    }

    /// Just as far as another value, by the last place of either.
    pub(super) fn as_far_as(self, side: Side, pointer: &str, to: Option<Decimal>) -> Option<Lever> {
        let (from, to) = (self.of(side).decimal(pointer)?, to?);
        lever(side, pointer, Grid::until(from, to))
    }

    /// Towards `last`, at most.
    pub(super) fn whole(self, side: Side, pointer: &str, last: u32) -> Option<Lever> {
        let from = self.of(side).get(pointer).and_then(Json::as_u64)?;
        lever(side, pointer, Grid::whole(u32::try_from(from).ok()?, last))
    }

    /// Upwards from where it stands, or from what holds where nothing is stated.
    pub(super) fn whole_or(self, side: Side, pointer: &str, unstated: f64, last: u32) -> Option<Lever> {
        let stated = self.whole(side, pointer, last);
        stated.or_else(|| lever(side, pointer, Grid::whole(unstated.clamp(0.0, f64::from(last)) as u32, last)))
    }

    /// The first of these dates that is stated.
    pub(super) fn day(self, side: Side, pointers: &[&str], later: bool, ctx: &Context<'_>) -> Option<Lever> {
        pointers.iter().find_map(|pointer| self.date(side, pointer, later, ctx))
    }

    /// Each of these dates that is stated: what does not count changes nothing.
    pub(super) fn days(self, side: Side, pointers: &[&str], later: bool, ctx: &Context<'_>) -> Vec<Lever> {
        pointers.iter().filter_map(|pointer| self.date(side, pointer, later, ctx)).collect()
    }

    /// No earlier than today.
    fn date(self, side: Side, pointer: &str, later: bool, ctx: &Context<'_>) -> Option<Lever> {
        let from: NaiveDate = self.of(side).get(pointer)?.as_str()?.parse().ok()?;
        lever(side, pointer, if later { Grid::later(from) } else { Grid::earlier(from, ctx.today()) })
    }
}

pub(super) fn lever(side: Side, pointer: &str, grid: Grid) -> Option<Lever> {
    Some(Lever { side, pointer: pointer.to_owned(), grid })
}

pub(super) fn only(side: Side, pointer: &str, to: Json) -> Lever {
    Lever { side, pointer: pointer.to_owned(), grid: Grid::Only(Some(to)) }
}

/// The need takes less than all of it.
pub(super) fn in_part() -> Lever {
    only(Need, "/accepts_partial", Json::Bool(true))
}

/// Only those credentials asked for that are held.
pub(super) fn held(side: Side, blocker: &Check) -> Option<Lever> {
    let Some(Value::List(held)) = &blocker.have else { return None };
    Some(only(side, "/required_credentials", Json::from(held.clone())))
}
