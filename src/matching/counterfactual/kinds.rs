//! What could settle a check of a kind where more than the attribute of that name has a part in it.

use serde_json::Value as Json;

use super::levers::{Lever, Sides};
use super::moves::{in_part, only};
use crate::domain::attributes::Attributes;
use crate::domain::listing::Side;
use crate::matching::checks::same_words;
use crate::matching::context::Context;
use Side::{Need, Offer};

/// What posting takes at most.
const COMMUTE_KM: u32 = 1_000;
const DETOUR_KM: u32 = 5_000;
const SEATS: u32 = 10_000;
const LISTED: usize = 20;

const CERTIFICATES: &str = "/attributes/certificates";
const PASSES: &str = "/attributes/passes";

impl Sides<'_> {
    pub(super) fn rates(self, ctx: &Context<'_>) -> Vec<Lever> {
        let rate = "/attributes/highest_rate";
        let levers = [
            self.as_far_as(Need, rate, self.offer.decimal(rate)),
            self.as_far_as(Offer, rate, self.need.decimal(rate)),
        ];
        levers.into_iter().flatten().chain(self.prices(ctx)).collect()
    }

    /// Goods last until they are needed, and until the day that is asked for.
    pub(super) fn shelf_life(self, ctx: &Context<'_>) -> Vec<Lever> {
        let levers = [
            self.day(Need, &["/attributes/expiry_date"], false, ctx),
            self.day(Need, &["/needed_by", "/delivery_period/end"], false, ctx),
            self.day(Offer, &["/attributes/expiry_date"], true, ctx),
        ];
        levers.into_iter().flatten().collect()
    }

    /// The one certificate that is missing: not asked for, or held.
    pub(super) fn qualification(self, about: Option<&str>) -> Vec<Lever> {
        let (Attributes::Labor(asked), Attributes::Labor(offered), Some(about)) =
            (&self.need.item.terms.attributes, &self.offer.item.terms.attributes, about)
        else {
            return Vec::new();
        };
        let others: Vec<String> = asked.certificates.iter().filter(|one| *one != about).cloned().collect();
        let mut levers = vec![only(Need, CERTIFICATES, Json::from(others))];
        if offered.certificates.len() < LISTED {
            let held: Vec<&str> = offered.certificates.iter().map(String::as_str).chain([about]).collect();
            levers.push(only(Offer, CERTIFICATES, Json::from(held)));
        }
        levers
    }

    /// Days in common are wanted by some kinds, all days by others: either end either way.
    pub(super) fn periods(self, ctx: &Context<'_>) -> Vec<Lever> {
        let mut levers = Vec::new();
        for side in [Need, Offer] {
            for (pointers, later) in [
                (["/attributes/period/end", "/delivery_period/end"], true),
                (["/attributes/period/start", "/delivery_period/start"], false),
                (["/attributes/period/end", "/delivery_period/end"], false),
                (["/attributes/period/start", "/delivery_period/start"], true),
            ] {
                levers.extend(self.day(side, &pointers, later, ctx));
            }
        }
        levers
    }

    pub(super) fn commute(self) -> Vec<Lever> {
        let limit = "/attributes/commute_limit_km";
        let lodged = only(Need, "/attributes/lodging", Json::Bool(true));
        [Need, Offer].into_iter().filter_map(|side| self.whole(side, limit, COMMUTE_KM)).chain([lodged]).collect()
    }

    /// A sum between the least and the most of both.
    pub(super) fn sums(self) -> Vec<Lever> {
        let (most, least) = ("/attributes/amount/amount", "/attributes/minimum_amount");
        let (need, offer) = (self.need, self.offer);
        let given = offer.decimal(most);
        // Too small a sum is worth no one's while, too large a one is not had.
        let taken =
            offer.decimal(least).filter(|least| need.decimal(most).is_some_and(|asked| asked < *least)).or(given);
        let enough = match need.decimal(least) {
            Some(_) => self.as_far_as(Need, least, given),
            None => given.map(|given| only(Need, least, Json::from(given.to_string()))),
        };
        let levers = [
            enough,
            self.as_far_as(Need, most, taken),
            self.as_far_as(Offer, most, need.decimal(least).or(need.decimal(most))),
            self.as_far_as(Offer, least, need.decimal(most)),
        ];
        levers.into_iter().flatten().collect()
    }

    /// What is done a day is stated, or follows from a rate, or from what is needed and the days there are.
    pub(super) fn daily_capacity(self, ctx: &Context<'_>) -> Vec<Lever> {
        let capacity = "/attributes/capacity_per_day";
        let levers = [
            Some(in_part()),
            self.quantity(Need, capacity, false),
            self.quantity(Need, "/quantity", false),
            self.day(Need, &["/attributes/period/end", "/delivery_period/end", "/needed_by"], true, ctx),
            self.quantity(Offer, capacity, true),
            self.quantity(Offer, "/quantity", true),
        ];
        levers.into_iter().flatten().collect()
    }

    pub(super) fn detour(self, ctx: &Context<'_>) -> Vec<Lever> {
        let further = self.whole_or(Offer, "/attributes/max_detour_km", ctx.policy.max_detour_km, DETOUR_KM);
        further.into_iter().chain([only(Offer, "/attributes/return_leg", Json::Bool(true))]).collect()
    }

    /// A carrier comes in its own window, else on the days it offers.
    pub(super) fn pickup_window(self, ctx: &Context<'_>) -> Vec<Lever> {
        let (start, end) = ("/attributes/pickup_window/start", "/attributes/pickup_window/end");
        let days = [
            self.days(Need, &[end], true, ctx),
            self.days(Need, &[start], false, ctx),
            self.days(Offer, &[end, "/delivery_period/end"], true, ctx),
            self.days(Offer, &[start, "/available_from", "/delivery_period/start"], false, ctx),
        ];
        days.concat()
    }

    pub(super) fn transit_time(self, ctx: &Context<'_>) -> Vec<Lever> {
        let hours = [
            self.whole(Offer, "/attributes/timetable/transit_hours", 1),
            self.whole(Offer, "/attributes/timetable/cut_off_hours", 0),
        ];
        let mut levers = self.days(Need, &["/needed_by", "/delivery_period/end"], true, ctx);
        levers.extend(self.days(Need, &["/attributes/pickup_window/start"], false, ctx));
        levers.extend(hours.into_iter().flatten());
        levers.extend(self.days(Offer, &["/available_from", "/delivery_period/start"], false, ctx));
        levers
    }

    pub(super) fn seats(self) -> Vec<Lever> {
        let levers = [
            Some(in_part()),
            self.whole(Need, "/attributes/passengers", 1),
            self.whole(Offer, "/attributes/seats", SEATS),
            self.quantity(Offer, "/quantity", true),
        ];
        levers.into_iter().flatten().collect()
    }

    /// Those asked for that are held, or all of them held.
    pub(super) fn passes(self) -> Vec<Lever> {
        let (Attributes::Transport(asked), Attributes::Transport(offered)) =
            (&self.need.item.terms.attributes, &self.offer.item.terms.attributes)
        else {
            return Vec::new();
        };
        let is_held = |pass: &&String| offered.passes.iter().any(|held| same_words(held, pass));
        let (held, missing): (Vec<&String>, Vec<&String>) = asked.passes.iter().partition(is_held);
        let mut levers = vec![only(Need, PASSES, Json::from(held.into_iter().cloned().collect::<Vec<_>>()))];
        let all: Vec<String> = offered.passes.iter().chain(missing).cloned().collect();
        if all.len() <= LISTED {
            levers.push(only(Offer, PASSES, Json::from(all)));
        }
        levers
    }
}
