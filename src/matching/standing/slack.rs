//! What days to spare earn of each asker, and whether an arrival surely comes too late for it.

use chrono::{Datelike, NaiveDate};

use crate::domain::listing::Side;
use crate::matching::context::Context;
use crate::matching::facts::Facts;
use crate::matching::gauging::EPOCH;
use crate::matching::shares;

use super::cells::{Cell, LEAD_UNSTATED, URGENCIES, URGENCY};

/// Days; of an estimate.
const HAIR_DAYS: f64 = 0.001;
/// Days: more than any lead.
pub(super) const NEVER_THERE: f32 = 1e9;

/// What days to spare earn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slack {
    /// The askers offer: their day is the first, the arrival's the last; or the other way round.
    of_offers: bool,
    own_day: f32,
    /// Where none is stated what is usual, and the most that earns; unless nothing is known.
    usual_day: f32,
    most: f32,
    known: bool,
    today: f32,
    own_lead: f32,
    handling: f32,
    per_km: f32,
    /// Shares for a day to spare, by the urgency of the need.
    each: [f32; 4],
    unknown: f32,
}

/// Where no lead is stated.
const USUAL: f32 = -1.0;

/// From today until those who say nothing are taken to need, or to have, the goods.
fn usual_days(category: &str, needed: bool, ctx: &Context<'_>) -> Option<f32> {
    let statistics = ctx.statistics;
    if needed {
        statistics.needed_days.get(category).map(|days| days.to_f64().floor() as f32)
    } else {
        Some(statistics.available_days.get(category).map_or(0.0, |days| days.to_f64().floor() as f32))
    }
}

impl Slack {
    /// `category`: that of the askers.
    pub fn of(facts: &Facts<'_>, category: Option<&str>, asking: Side, ctx: &Context<'_>) -> Self {
        let policy = ctx.policy;
        let day = |date: NaiveDate| (date.num_days_from_ce() - EPOCH) as f32;
        let (of_offers, today) = (asking == Side::Offer, day(ctx.today()));
        let own = if of_offers { facts.needed_by } else { facts.available_from };
        // Who offers without a day may do so today; who needs without one waits for ever.
        let unstated = if of_offers { f32::INFINITY } else { today };
        let own_day = own.map_or(unstated, day);
        let usual = facts.category.or(category).and_then(|category| usual_days(category, of_offers, ctx));
        let day = own.map(day).or(usual.map(|days| today + days));
        let (own_day, usual_day) = (own_day, day.unwrap_or(today));
        let ready = |day: f32| if of_offers { day } else { day.max(today) };
        Self {
            of_offers,
            own_day: ready(own_day),
            usual_day: ready(usual_day),
            most: if own.is_some() { 1.0 } else { policy.unknown.time as f32 },
            known: day.is_some(),
            today,
            own_lead: facts.lead_days.map_or(USUAL, |days| days as f32),
            handling: (policy.handling_days - HAIR_DAYS) as f32,
            per_km: (policy.detour / policy.km_per_day.max(1.0)) as f32,
            each: URGENCIES.map(|urgency| {
                let urgency = if of_offers { facts.urgency } else { urgency };
                (1.0 / shares::full_slack(urgency, policy)) as f32
            }),
            unknown: policy.unknown.time as f32,
        }
    }

    /// The share, and whether it comes too late for sure. Without a branch: who says nothing cannot be guessed.
    #[inline(always)]
    pub fn share(&self, cell: &Cell, stance: u8, km: f32, usual_lead: f32) -> (f32, bool) {
        let day = f32::from(cell.day);
        let ready = day.max(self.today);
        let days = if self.of_offers { self.own_day - ready } else { day - self.own_day };
        let usually = if self.of_offers { self.usual_day - ready } else { day - self.usual_day };
        let of_cell = if cell.lead == LEAD_UNSTATED { USUAL } else { f32::from(cell.lead) };
        let stated = if self.of_offers { of_cell } else { self.own_lead };
        let estimate = self.handling + self.per_km * km;
        let least = if stated < 0.0 { estimate } else { stated };
        let lead = if stated < 0.0 { estimate.max(usual_lead) } else { stated };
        let late = (self.of_offers | (cell.day != 0)) & (least >= days + 1.0);
        let each = self.each[usize::from(stance & URGENCY)];
        let share = ((usually - lead) * each).max(0.0).min(self.most);
        (if !self.known | (lead >= NEVER_THERE) { self.unknown } else { share }, late)
    }
}
