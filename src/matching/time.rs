//! Whether, and how comfortably, goods arrive in time.

use chrono::{NaiveDate, TimeDelta};

use super::context::Context;
use super::factor::Flag;
use super::policy::Policy;

/// What both sides state about when goods set out and are to arrive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Journey {
    pub available_from: Option<NaiveDate>,
    pub needed_by: Option<NaiveDate>,
    pub lead_days: Option<u32>,
    pub distance_km: Option<f64>,
}

/// Days between ordering and arrival: as stated, else a day to set out and `1.3 × d` at 500 km a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Lead {
    Stated(f64),
    Estimated(f64),
    /// Neither stated nor is the distance known: at least this.
    AtLeast(f64),
}

impl Lead {
    pub fn of(journey: &Journey, policy: &Policy) -> Self {
        match (journey.lead_days, journey.distance_km) {
            (Some(days), _) => Lead::Stated(f64::from(days)),
            (None, Some(d)) => Lead::Estimated(policy.handling_days + policy.detour * d / policy.km_per_day.max(1.0)),
            (None, None) => Lead::AtLeast(policy.handling_days),
        }
    }

    pub fn days(self) -> f64 {
        match self {
            Lead::Stated(days) | Lead::Estimated(days) | Lead::AtLeast(days) => days,
        }
    }
}

/// The date of arrival as far as it can be told; `surely` when nothing had to be assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arrival {
    pub date: NaiveDate,
    pub surely: bool,
}

impl Arrival {
    /// Something available on a day and a lead of 1.3 days arrives during the next day. What is not stated is taken at
    /// its earliest, so a date too late is too late whatever the truth.
    pub fn of(journey: &Journey, ctx: &Context<'_>) -> Self {
        let lead = Lead::of(journey, ctx.policy);
        let whole_days = TimeDelta::try_days(lead.days().floor() as i64);
        let date = whole_days.and_then(|days| ready(journey, ctx).checked_add_signed(days));
        Self {
            date: date.unwrap_or(NaiveDate::MAX),
            surely: journey.available_from.is_some() && !matches!(lead, Lead::AtLeast(_)),
        }
    }
}

/// Whether [`Arrival`] is after the date it is needed by.
pub(super) fn is_late(journey: &Journey, ctx: &Context<'_>) -> bool {
    journey.needed_by.is_some_and(|needed_by| {
        let left = (needed_by - ready(journey, ctx)).num_days();
        Lead::of(journey, ctx.policy).days().floor() as i64 > left
    })
}

/// What is said to be available since last week is available today.
fn ready(journey: &Journey, ctx: &Context<'_>) -> NaiveDate {
    journey.available_from.map_or(ctx.today(), |date| date.max(ctx.today()))
}

/// `needed_by − available_from − lead`, in days; the lead never shorter than `least_lead`. `Err` says what is missing.
pub(super) fn slack(journey: &Journey, least_lead: f64, ctx: &Context<'_>) -> Result<f64, Flag> {
    let needed_by = journey.needed_by.ok_or(Flag::DeadlineUnknown)?;
    if journey.available_from.is_none() {
        return Err(Flag::AvailabilityUnknown);
    }
    let lead = match Lead::of(journey, ctx.policy) {
        Lead::Stated(days) => days,
        Lead::Estimated(days) => days.max(least_lead),
        Lead::AtLeast(_) => return Err(Flag::LeadTimeUnknown),
    };
    Ok((needed_by - ready(journey, ctx)).num_days() as f64 - lead)
}
