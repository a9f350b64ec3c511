//! Which fields of which listing could settle what stands in the way, and how far they can be moved.

use chrono::NaiveDate;
use serde_json::Value as Json;

use super::document::Document;
use super::grid::{Grid, least_place};
use crate::domain::decimal::{Decimal, SCALE};
use crate::domain::listing::Side;
use crate::domain::reference::Reference;
use crate::matching::check::{Check, CheckCode, Value};
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
    pub fn against(self, blocker: &Check, reference: &Reference) -> Vec<Lever> {
        use CheckCode as C;
        use Side::{Need, Offer};
        let levers = match blocker.code {
            C::Substitute => vec![only(Need, "/accepts_substitutes", Json::Bool(true))],
            C::Quantity => vec![
                only(Need, "/accepts_partial", Json::Bool(true)),
                self.quantity(Need, "/quantity", false),
                self.quantity(Offer, "/quantity", true),
            ],
            C::MinimumOrder => {
                vec![self.quantity(Need, "/quantity", true), self.quantity(Offer, "/min_order_quantity", false)]
            }
            C::Price => {
                vec![self.money(Need, "/max_price", true, reference), self.money(Offer, "/price", false, reference)]
            }
            C::Time => vec![
                self.days(Need, &["/needed_by", "/delivery_period/end"], true),
                self.whole(Offer, "/lead_time_days", false),
                self.days(Offer, &["/available_from", "/delivery_period/start"], false),
            ],
            C::Distance => [Need, Offer].map(|side| self.whole(side, "/service_radius_km", true)).into(),
            C::OfferVerified => vec![only(Need, "/required_level", Json::from("none"))],
            C::NeedVerified => vec![only(Offer, "/required_level", Json::from("none"))],
            C::OfferCredentials => vec![held(Need, blocker)],
            C::NeedCredentials => vec![held(Offer, blocker)],
            C::Specification => return self.specification(blocker.about.as_deref()),
            _ => return self.attributes(),
        };
        levers.into_iter().flatten().collect()
    }

    /// What could earn the candidate of this side more points, with the component it would earn them for.
    pub fn better(self, candidate: Side, reference: &Reference) -> Vec<(FactorCode, Lever)> {
        let quantity = (FactorCode::Quantity, self.quantity(candidate, "/quantity", true));
        let levers = match candidate {
            Side::Offer => vec![
                (FactorCode::Price, self.money(candidate, "/price", false, reference)),
                (FactorCode::Time, self.whole(candidate, "/lead_time_days", false)),
                (FactorCode::Time, self.days(candidate, &["/available_from", "/delivery_period/start"], false)),
                quantity,
            ],
            Side::Need => vec![
                (FactorCode::Price, self.money(candidate, "/max_price", true, reference)),
                (FactorCode::Time, self.days(candidate, &["/needed_by", "/delivery_period/end"], true)),
                quantity,
            ],
        };
        levers.into_iter().filter_map(|(code, lever)| Some((code, lever?))).collect()
    }

    fn quantity(self, side: Side, pointer: &str, up: bool) -> Option<Lever> {
        let from = self.of(side).decimal(pointer)?;
        let step = if from.millionths() >= SCALE { SCALE } else { least_place([from]) };
        lever(side, pointer, Grid::decimals(from, step, up))
    }

    /// In minor units of the currency; in hundredths of them where the amount is only a few.
    fn money(self, side: Side, pointer: &str, up: bool, reference: &Reference) -> Option<Lever> {
        let (amount, currency) = (format!("{pointer}/amount"), format!("{pointer}/currency"));
        let from = self.of(side).decimal(&amount)?;
        let code = self.of(side).get(&currency).and_then(Json::as_str)?;
        let minor = reference.currencies.get(code).and_then(|currency| currency.minor_units).unwrap_or(2);
        let step = SCALE / 10_i64.pow(u32::from(minor.min(6)));
        let step = if from.millionths() < 10 * step { (step / 100).max(1) } else { step };
        lever(side, &amount, Grid::decimals(from, step, up))
    }

    fn whole(self, side: Side, pointer: &str, up: bool) -> Option<Lever> {
        let from = self.of(side).get(pointer).and_then(Json::as_u64)?;
        lever(side, pointer, Grid::whole(u32::try_from(from).ok()?, up))
    }

    /// The first of these dates that is stated.
    fn days(self, side: Side, pointers: &[&str], later: bool) -> Option<Lever> {
        let document = self.of(side);
        pointers.iter().find_map(|pointer| {
            let from: NaiveDate = document.get(pointer)?.as_str()?.parse().ok()?;
            lever(side, pointer, Grid::days(from, later))
        })
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

fn lever(side: Side, pointer: &str, grid: Grid) -> Option<Lever> {
    Some(Lever { side, pointer: pointer.to_owned(), grid })
}

fn only(side: Side, pointer: &str, to: Json) -> Option<Lever> {
    lever(side, pointer, Grid::Only(Some(to)))
}

/// Only those credentials asked for that are held.
fn held(side: Side, blocker: &Check) -> Option<Lever> {
    let Some(Value::List(held)) = &blocker.have else { return None };
    only(side, "/required_credentials", Json::from(held.clone()))
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
