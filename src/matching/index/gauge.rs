//! What each row of a block could earn at most, in points: reckoned in floats, so that every row of a crowded category can
//! be asked. Never less than the score makes of it, and seldom much more.

use chrono::{Datelike, TimeDelta};

use crate::domain::listing::{Side, Urgency};
use crate::domain::place::Direction;
use crate::matching::factor::FactorCode;
use crate::matching::gauging::least_km;
use crate::matching::shares;

use super::bound::{Ceiling, Question};
use super::limits::Limits;
use super::near::Near;
use super::parties::Parties;
use super::rates::Rates;
use super::row::{Flags, NEVER, Row, TrustBound};
use super::standing::Standing;
use super::words::Worths;

/// What rounding may add to a score, half a ten-thousandth of each component, and floats to the sum.
const HAIR: f32 = 0.06;

/// Of what all words make: half of the words make so little.
const UNREAD: f32 = 0.04;
/// The same where every category is asked: there are more texts to be read.
const UNREAD_OF_ALL: f32 = 0.15;

/// Distances told apart: so many steps to a half-distance, over so many.
const STEPS: usize = 32;
const HALVES: usize = 12;

/// Ages told apart; older ones count as the last.
const FRESH_S: u32 = 12 * 3600;
const FRESH_STEPS: u32 = 120;

/// Left where no check can fail: as good as minus infinity, but nothing times it is nothing.
const NO_CHECK: f32 = -1e6;

/// Points at most as a match, and as a near miss, from no nearer; below nothing where it can be none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gauged {
    pub as_match: f32,
    pub as_miss: f32,
    pub km: f32,
}

impl Gauged {
    pub const ANYTHING: Self = Self { as_match: f32::INFINITY, as_miss: f32::INFINITY, km: 0.0 };

    pub fn less(self, points: f32) -> Self {
        Self { as_match: self.as_match - points, as_miss: self.as_miss - points, ..self }
    }

    #[inline]
    pub fn highest(self) -> f32 {
        self.as_match.max(self.as_miss)
    }
}

/// Days: more than any lead.
pub(super) const NEVER_THERE: f32 = 1e9;

/// From the question's place to a row's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Away {
    /// At least.
    pub km: f32,
    /// The same, endless where no place is known.
    pub far: f32,
    /// At most.
    pub points: f32,
    /// Days from order to arrival where no lead is stated; [`NEVER_THERE`] where that cannot be told.
    pub lead: f32,
}

/// A question's own side of it.
pub(super) struct Gauge {
    pub words: Worths,
    pub limits: Limits,
    pub parties: Parties,
    /// In one of a part.
    points: f64,
    pub trust: f32,
    /// By steps of age.
    fresh: Vec<f32>,
    as_of: u32,
    /// What a component makes in full; nothing where it is not asked for.
    pub price: f32,
    text: f32,
    pub quantity: f32,
    pub unknown_quantity: f32,
    /// By steps of distance.
    near: Vec<f32>,
    nowhere: f32,
    step_km: f32,
    from: Option<Direction>,
    pub today: i32,
    pub time: f32,
    pub unknown_time: f32,
    /// Points for a day to spare, by urgency.
    pub days: [f32; 4],
    /// Days at least from order to arrival where no lead is stated, and for each kilometre.
    pub handling: f32,
    pub per_km: f32,
}

/// What the rows of a block have in common.
pub(super) struct Ground {
    /// Of what neither the row's words and times nor its terms say, and a hair.
    pub rest: f32,
    pub newcomer: f32,
    pub least_lead: f32,
    near: Near,
    /// What is left of quantity, time, price and distance where their check fails; no check, nothing is low enough.
    left: [f32; 4],
}

impl Ground {
    pub fn of(question: &Question<'_>, standing: &Standing<'_>, ceiling: &Ceiling) -> Self {
        let said_by_rows = [
            FactorCode::Quantity,
            FactorCode::Distance,
            FactorCode::Price,
            FactorCode::Time,
            FactorCode::Text,
            FactorCode::Trust,
            FactorCode::Freshness,
            FactorCode::Urgency,
        ];
        let rest = said_by_rows.iter().fold(ceiling.parts.sum, |rest, code| rest - ceiling.parts.get(*code));
        let left = ceiling.near.left().map(|left| match left {
            Some((_, part)) => question.scale().in_points(part) as f32,
            None => NO_CHECK,
        });
        let newcomer = question.scale().in_points(question.part(FactorCode::Trust, standing.trust)) as f32;
        let rest = question.scale().in_points(rest) as f32 + HAIR;
        Self { rest, newcomer, least_lead: standing.lead_days as f32, near: ceiling.near, left }
    }

    /// What a check that fails costs at least; `failing`: what quantity, time, price and distance make.
    #[inline]
    pub fn lost(&self, failing: [f32; 4]) -> f32 {
        let lost = failing.into_iter().zip(self.left).map(|(made, left)| (made - left).max(0.0));
        lost.fold(f32::INFINITY, f32::min)
    }

    /// 1 where a check that fails costs something, else 0: a factor of what is lost.
    #[inline]
    pub fn is_bound(&self, flags: Flags) -> f32 {
        [1.0, 0.0][usize::from(self.is_free(flags))]
    }

    /// As a near miss, rows with these flags may make as much as a match.
    #[inline]
    pub fn is_free(&self, flags: Flags) -> bool {
        self.near.is_free(flags)
    }
}

impl Gauge {
    pub fn of(question: &Question<'_>) -> Self {
        let (policy, kind) = (question.ctx.policy, question.query.kind());
        let full = |code| {
            if question.asks(code) { question.scale().in_points(question.part(code, 1.0)) as f32 } else { 0.0 }
        };
        let (distance, time, quantity) =
            (full(FactorCode::Distance), full(FactorCode::Time), full(FactorCode::Quantity));
        let step_km = (shares::half_distance(kind, policy) / STEPS as f64) as f32;
        let earned = |km: Option<f64>| distance * shares::distance(km, kind, policy) as f32;
        let fresh = |step: u32| {
            let confirmed = question.ctx.as_of - TimeDelta::seconds(i64::from(step * FRESH_S));
            full(FactorCode::Freshness) * shares::freshness(confirmed, &question.ctx).0 as f32
        };
        let unread = if question.query.category().is_none() { UNREAD_OF_ALL } else { UNREAD };
        Self {
            limits: Limits::of(question),
            parties: Parties::of(question, |part| question.scale().in_points(part) as f32),
            words: Worths::of(question.asked.words(), full(FactorCode::Text), unread),
            points: question.scale().in_points(1),
            trust: full(FactorCode::Trust),
            fresh: (0..FRESH_STEPS).map(fresh).collect(),
            as_of: u32::try_from(question.ctx.as_of.timestamp()).unwrap_or(0),
            price: full(FactorCode::Price),
            text: full(FactorCode::Text),
            quantity,
            unknown_quantity: quantity * policy.unknown.quantity as f32,
            near: (0..=STEPS * HALVES).map(|step| earned(Some(f64::from(step as f32 * step_km)))).collect(),
            nowhere: earned(None),
            step_km,
            from: question.from,
            today: question.ctx.today().num_days_from_ce(),
            time,
            unknown_time: time * policy.unknown.time as f32,
            days: [Urgency::Critical, Urgency::High, Urgency::Normal, Urgency::Low]
                .map(|urgency| time / shares::full_slack(urgency, policy) as f32),
            handling: policy.handling_days as f32,
            per_km: (policy.detour / policy.km_per_day.max(1.0)) as f32,
        }
    }

    /// To there; `least_lead`: the days it takes from anywhere.
    #[inline]
    pub fn away(&self, to: Option<&Direction>, least_lead: f32) -> Away {
        let Some((from, to)) = self.from.as_ref().zip(to) else {
            return Away { km: 0.0, far: f32::INFINITY, points: self.nowhere, lead: NEVER_THERE };
        };
        let km = least_km(from, to);
        Away { km, far: km, points: self.near(km), lead: (self.handling + self.per_km * km).max(least_lead) }
    }

    /// What a distance earns at most.
    #[inline]
    pub fn near(&self, km: f32) -> f32 {
        let step = ((km / self.step_km) as usize).min(STEPS * HALVES);
        self.near.get(step).copied().unwrap_or(self.nowhere)
    }

    pub fn is_placed(&self) -> bool {
        self.from.is_some()
    }

    /// How much less than in full a row's promises earn.
    pub fn distrust(&self, question: &Question<'_>, trust: TrustBound) -> f32 {
        self.trust - (question.trust(trust) as f64 * self.points) as f32
    }

    pub fn fresh(&self, confirmed_at: u32) -> f32 {
        let steps = self.as_of.saturating_sub(confirmed_at) / FRESH_S;
        self.fresh.get(steps as usize).or(self.fresh.last()).copied().unwrap_or(f32::INFINITY)
    }

    /// The part of words that make so many points: shares are rounded to ten-thousandths, here upwards.
    pub fn text_part(&self, question: &Question<'_>, points: f32) -> u64 {
        let share = if self.text > 0.0 { f64::from(points) / f64::from(self.text) } else { 0.0 };
        question.part(FactorCode::Text, ((share * 1e4).ceil() / 1e4).min(1.0))
    }

    pub fn points(&self, part: u64) -> f32 {
        (part as f64 * self.points) as f32
    }

    /// `text`: what its words make at most.
    pub fn row(
        &self,
        question: &Question<'_>,
        ground: &Ground,
        row: &Row,
        text: f32,
        away: &Away,
        rates: &Rates,
    ) -> Gauged {
        let trust = if row.flags.has(Flags::TRUSTED) { self.trust } else { ground.newcomer };
        let urgency = if question.asks(FactorCode::Urgency) { question.urgency(row.urgency(), row.flags) } else { 0 };
        let rest = ground.rest + text + self.points(urgency) + trust + self.fresh(row.confirmed_at);
        let price = self.price * (rates.price(row.amount, f64::from(away.km)) as f32).clamp(0.0, 1.0);
        let quantity = if row.quantity < 0 {
            self.unknown_quantity
        } else {
            self.quantity * (rates.quantity.share(row.quantity) as f32).min(1.0)
        };
        let time = self.time(question, row, away.lead);
        let as_match = rest + away.points + price + quantity + time;
        let lost = if ground.is_free(row.flags) { 0.0 } else { ground.lost([quantity, time, price, away.points]) };
        Gauged { as_match, as_miss: as_match - lost, km: away.far }
    }

    fn time(&self, question: &Question<'_>, row: &Row, usual_lead: f32) -> f32 {
        if self.time <= 0.0 {
            return 0.0;
        }
        let facts = &question.facts;
        let (needed, available, lead, urgency) = match question.side {
            Side::Offer => (question.needed_day, row.available_day, row.lead_days(), facts.urgency),
            Side::Need => (row.needed_day, question.available_day, facts.lead_days, row.urgency()),
        };
        if needed == NEVER || available == NEVER {
            return self.unknown_time;
        }
        let lead = match lead {
            Some(days) => days as f32,
            None if usual_lead < NEVER_THERE => usual_lead,
            None => return self.unknown_time,
        };
        let spare = (needed - available.max(self.today)) as f32 - lead;
        let each = self.days.get(urgency as usize).copied().unwrap_or(f32::INFINITY);
        (spare * each).clamp(0.0, self.time)
    }
}
