//! What the days to spare of each row earn at most.

use crate::domain::decimal::Decimal;
use crate::domain::listing::Side;
use crate::matching::check::CheckCode;
use crate::matching::gauging::EPOCH;
use crate::matching::statistics::Table;

use super::bound::Question;
use super::cells::{BYTES, Cell, LEAD_UNSTATED, LEAD_UNTOLD, URGENCY};
use super::earnings::{NOTHING, failures, filled};
use super::gauge::{Away, Gauge, NEVER_THERE};

/// What days to spare earn.
pub(super) struct Time {
    /// The rows offer: their day is the first, the question's the last; or the other way round.
    of_offers: bool,
    own_day: f32,
    today: f32,
    /// Days from order to arrival, by the row's; [`USUAL`] where none is stated.
    leads: [f32; BYTES],
    /// What a day to spare makes, by the urgency of the need.
    each: [f32; 4],
    full: f32,
    unknown: f32,
    /// The day of who states none, as far as one is usual.
    usual_day: Option<f32>,
    /// Days at least from order to arrival where no lead is stated, and for each kilometre.
    handling: f32,
    per_km: f32,
    /// By steps of days from `first_day`, the most it makes with no lead at all; nothing where that is out.
    at_most: [f32; BYTES],
    /// By the same, what is lost to who is surely late, as no match.
    surely_late: [f32; BYTES],
    /// That of the first step; the step before is that of no day.
    first_day: u16,
    /// Of a lead as cells have it, from which no days are told.
    untold: usize,
}

const LAST_STEP: u16 = 254;

const USUAL: f32 = -1.0;

impl Time {
    pub fn of(question: &Question<'_>, gauge: &Gauge, category: Option<&str>) -> Self {
        let of_offers = question.side == Side::Offer;
        let day = |day: i32| day.saturating_sub(EPOCH) as f32;
        let (today, own_lead) = (day(gauge.today), question.facts.lead_days.map_or(USUAL, |days| days as f32));
        let (own_day, mut leads, each) = if of_offers {
            let each = gauge.days.get(question.facts.urgency as usize).copied().unwrap_or(f32::INFINITY);
            (day(question.needed_day), filled(0.0, (0..BYTES).map(|days| days as f32)), [each; 4])
        } else {
            (day(question.available_day).max(today), [own_lead; BYTES], gauge.days)
        };
        if of_offers {
            leads[usize::from(LEAD_UNSTATED)] = USUAL;
            leads[usize::from(LEAD_UNTOLD)] = USUAL;
        }
        let usual_day = usual_day(question, category).map(|later| today + later);
        let (full, unknown, handling, per_km) = (gauge.time, gauge.unknown_time, gauge.handling, gauge.per_km);
        let first_day = if of_offers { today } else { own_day - 1.0 } as u16;
        let untold = match (gauge.is_placed(), own_lead == USUAL || of_offers) {
            (_, false) => BYTES,
            (true, _) => usize::from(LEAD_UNTOLD),
            (false, _) => usize::from(LEAD_UNSTATED),
        };
        let (at_most, surely_late) = ([0.0; BYTES], [0.0; BYTES]);
        let mut time = Self {
            of_offers,
            own_day,
            today,
            leads,
            each,
            full,
            unknown,
            usual_day,
            handling,
            per_km,
            at_most,
            surely_late,
            first_day,
            untold,
        };
        (time.at_most, time.surely_late) = time.by_steps(failures(question, CheckCode::Time));
        time
    }

    /// At most, with no lead at all, by steps of days; and what is lost to who is late even so.
    fn by_steps(&self, late: f32) -> ([f32; BYTES], [f32; BYTES]) {
        let each = self.each.into_iter().fold(0.0, f32::max);
        let (mut at_most, mut surely_late) = ([self.silent(0.0, each); BYTES], [0.0; BYTES]);
        let steps = at_most.iter_mut().zip(&mut surely_late).enumerate().skip(1);
        for (step, (at_most, surely_late)) in steps {
            let days = self.days((usize::from(self.first_day) + step - 1) as f32);
            let is_late = days + 1.0 <= 0.0 && self.full > 0.0;
            *at_most = match (is_late, late > 1.0) {
                (true, true) => NOTHING,
                _ if step == BYTES - 1 && !self.of_offers => self.full,
                _ => self.made(days, 0.0, each),
            };
            *surely_late = if is_late { NOTHING } else { 0.0 };
        }
        (at_most, surely_late)
    }

    /// Of any row.
    pub fn most(&self) -> f32 {
        self.full.max(self.unknown)
    }

    /// What is lost to a row that is surely late, as no match, and what any makes at most.
    #[inline(always)]
    pub fn at_most(&self, cell: &Cell) -> (f32, f32) {
        let step = if cell.day == 0 { 0 } else { cell.day.saturating_sub(self.first_day).min(LAST_STEP) + 1 };
        let (late, most) = (self.surely_late[usize::from(step)], self.at_most[usize::from(step)]);
        if usize::from(cell.lead) < self.untold { (late, most) } else { (0.0, most.max(self.unknown)) }
    }

    /// What it makes, and whether it is late.
    pub fn earned(&self, cell: &Cell, away: &Away) -> (f32, bool) {
        let stated = self.leads[usize::from(cell.lead)];
        let each = self.each[usize::from(cell.stance & URGENCY)];
        let (lead, least) =
            if stated < 0.0 { (away.lead, self.handling + self.per_km * away.km) } else { (stated, stated) };
        if lead >= NEVER_THERE {
            return (self.unknown, false);
        }
        if cell.day == 0 {
            return (self.silent(lead, each), false);
        }
        let days = self.days(f32::from(cell.day));
        // Whole days of lead are more than those there are.
        (self.made(days, lead, each), least >= days + 1.0 && self.full > 0.0)
    }

    #[inline(always)]
    fn made(&self, days: f32, lead: f32, each: f32) -> f32 {
        ((days - lead) * each).max(0.0).min(self.full)
    }

    /// Of whoever states no day.
    #[inline(always)]
    fn silent(&self, lead: f32, each: f32) -> f32 {
        match self.usual_day {
            Some(day) => self.made(self.days(day), lead, each).min(self.unknown),
            None => self.unknown,
        }
    }

    #[inline(always)]
    fn days(&self, day: f32) -> f32 {
        if self.of_offers { self.own_day - day.max(self.today) } else { day - self.own_day }
    }
}

/// Days from now until the one that is usual in the category.
fn usual_day(question: &Question<'_>, category: Option<&str>) -> Option<f32> {
    let (category, statistics) = (category.or(question.facts.category)?, question.ctx.statistics);
    let days = |table: &Table<Decimal>| table.get(category).map(|days| days.to_f64());
    match question.side {
        Side::Offer => Some(days(&statistics.available_days).unwrap_or(0.0).trunc() as f32),
        Side::Need => Some(days(&statistics.needed_days)?.trunc() as f32),
    }
}
