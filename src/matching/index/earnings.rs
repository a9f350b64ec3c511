//! What each row of a block earns a question at most, from its cell: a sum of a few numbers, most of them looked up.

use crate::domain::listing::{Side, Urgency};
use crate::matching::factor::FactorCode;

use super::block::ROWS;
use super::bound::Question;
use super::cells::{AGE_S, BYTES, Cell, EPOCH, LEAD_UNSTATED, Legend, URGENCY, flags_of};
use super::gauge::{Gauge, Gauged, Ground};
use super::rates::Quotient;
use super::sheet::{NEVER_THERE, Reach};

/// Of a partition, in points.
pub(super) struct Earnings {
    /// Shares, by way to count and price.
    ways: Vec<Quotient>,
    price: f32,
    quantity: f32,
    unknown_quantity: f32,
    age: [f32; BYTES],
    /// Of urgency, by stance.
    urgency: [f32; BYTES],
    /// By stance, what is lost to who cannot be a match: everything.
    barred: [f32; BYTES],
    trust: [f32; BYTES],
    time: Time,
}

impl Earnings {
    pub fn of(question: &Question<'_>, gauge: &Gauge, newcomer: f32, legend: &Legend, ways: Vec<Quotient>) -> Self {
        let trusts = legend.trusts().iter().map(|sort| gauge.points(question.trust_of(sort.best, sort.earliest)));
        Self {
            ways,
            price: gauge.price,
            quantity: gauge.quantity,
            unknown_quantity: gauge.unknown_quantity,
            age: filled((0..BYTES as u32).map(|age| gauge.fresh(legend.newest.saturating_sub(age * AGE_S)))),
            urgency: filled((0..=u8::MAX).map(|stance| gauge.points(urgency(question, stance)))),
            barred: filled((0..=u8::MAX).map(|stance| {
                let flags = flags_of(stance);
                let barred = question.is_hidden(flags) || question.parties(flags) > 0;
                if barred { f32::NEG_INFINITY } else { 0.0 }
            })),
            trust: filled(std::iter::once(newcomer).chain(trusts)),
            time: Time::of(question, gauge),
        }
    }

    /// What each of the rows makes at most.
    pub fn rows(&self, ground: &Ground, cells: &[Cell], reach: &Reach) -> Made {
        let mut made = Made {
            as_match: [f32::NEG_INFINITY; ROWS],
            as_miss: [f32::NEG_INFINITY; ROWS],
            as_free_miss: [f32::NEG_INFINITY; ROWS],
            km: [f32::INFINITY; ROWS],
        };
        let slots = made.as_match.iter_mut().zip(&mut made.as_miss).zip(&mut made.as_free_miss).zip(&mut made.km);
        for (cell, (((as_match, as_miss), as_free_miss), km)) in cells.iter().zip(slots) {
            *km = reach.far[usize::from(cell.place)];
            let way = self.ways.get(usize::from(cell.way)).unwrap_or(&Quotient::FULL);
            let quantity = self.quantity * way.quantity(cell.quantity);
            let failing = [
                if cell.quantity < 0.0 { self.unknown_quantity } else { quantity },
                self.time.points(cell, reach),
                self.price * way.price(cell.amount, reach.km[usize::from(cell.place)]),
                reach.points[usize::from(cell.place)],
            ];
            let stance = usize::from(cell.stance);
            let (age, trust) = (self.age[usize::from(cell.age)], self.trust[usize::from(cell.trust)]);
            let rest = ground.rest + self.urgency[stance] + age + trust + reach.texts[usize::from(cell.text)];
            let made = rest + failing.iter().sum::<f32>();
            (*as_match, *as_miss, *as_free_miss) = (made + self.barred[stance], made - ground.lost(failing), made);
        }
        made
    }
}

/// Of each row of a block.
pub(super) struct Made {
    as_match: [f32; ROWS],
    as_miss: [f32; ROWS],
    /// Where the check that fails costs nothing.
    as_free_miss: [f32; ROWS],
    /// Kilometres away at least.
    km: [f32; ROWS],
}

impl Made {
    pub fn row(&self, at: usize, free: bool) -> Option<Gauged> {
        let as_miss = if free { &self.as_free_miss } else { &self.as_miss };
        Some(Gauged { as_match: *self.as_match.get(at)?, as_miss: *as_miss.get(at)?, km: *self.km.get(at)? })
    }

    /// Of the best row, and of the nearest; `free`: some row may be a near miss without its costing anything.
    pub fn best(&self, free: bool) -> Gauged {
        let most = |of: &[f32; ROWS]| of.iter().fold(f32::NEG_INFINITY, |a, b| if a > *b { a } else { *b });
        let least = |of: &[f32; ROWS]| of.iter().fold(f32::INFINITY, |a, b| if a < *b { a } else { *b });
        let as_miss = if free { &self.as_free_miss } else { &self.as_miss };
        Gauged { as_match: most(&self.as_match), as_miss: most(as_miss), km: least(&self.km) }
    }
}

fn filled<const N: usize>(points: impl Iterator<Item = f32>) -> [f32; N] {
    let mut slots = [0.0; N];
    points.zip(&mut slots).for_each(|(points, slot)| *slot = points);
    slots
}

fn urgency(question: &Question<'_>, stance: u8) -> u64 {
    if !question.asks(FactorCode::Urgency) {
        return 0;
    }
    let stated = [Urgency::Low, Urgency::Normal, Urgency::High, Urgency::Critical]
        .into_iter()
        .find(|urgency| *urgency as u8 == stance & URGENCY);
    question.urgency(stated.unwrap_or(Urgency::Critical), flags_of(stance))
}

/// What days to spare earn.
struct Time {
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
}

const USUAL: f32 = -1.0;

impl Time {
    fn of(question: &Question<'_>, gauge: &Gauge) -> Self {
        let of_offers = question.side == Side::Offer;
        let day = |day: i32| day.saturating_sub(EPOCH) as f32;
        let (today, own_lead) = (day(gauge.today), question.facts.lead_days.map_or(USUAL, |days| days as f32));
        let (own_day, mut leads, each) = if of_offers {
            let each = gauge.days.get(question.facts.urgency as usize).copied().unwrap_or(f32::INFINITY);
            (day(question.needed_day), filled((0..BYTES).map(|days| days as f32)), [each; 4])
        } else {
            (day(question.available_day).max(today), [own_lead; BYTES], gauge.days)
        };
        if of_offers {
            leads[usize::from(LEAD_UNSTATED)] = USUAL;
        }
        Self { of_offers, own_day, today, leads, each, full: gauge.time, unknown: gauge.unknown_time }
    }

    /// Without a branch: which rows say nothing cannot be guessed.
    fn points(&self, cell: &Cell, reach: &Reach) -> f32 {
        let (day, stated) = (f32::from(cell.day), self.leads[usize::from(cell.lead)]);
        let usual = reach.leads[usize::from(cell.place)];
        let lead = if stated < 0.0 { usual } else { stated };
        let each = self.each[usize::from(cell.stance & URGENCY)];
        let days = if self.of_offers { self.own_day - day.max(self.today) } else { day - self.own_day };
        let made = ((days - lead) * each).max(0.0).min(self.full);
        if (cell.day == 0) | (lead >= NEVER_THERE) { self.unknown } else { made }
    }
}
