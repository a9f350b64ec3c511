//! What each row of a block earns a question at most, from its cell: a sum of a few numbers, most of them looked up.

use crate::domain::listing::{Side, Urgency};
use crate::matching::check::CheckCode;
use crate::matching::checks::price_code;
use crate::matching::factor::FactorCode;
use crate::matching::gauging::EPOCH;

use super::block::ROWS;
use super::bound::Question;
use super::cells::{AGE_S, BYTES, Cell, LEAD_UNSTATED, Legend, URGENCY, flags_of};
use super::gauge::{Gauge, Gauged, Ground};
use super::rates::{PriceQuotient, QuantityQuotient};
use super::row::Flags;
use super::sheet::{NEVER_THERE, Reach};

/// Of a partition, in points.
pub(super) struct Earnings {
    /// By the numbers of ways to price and to count.
    prices: Vec<PriceQuotient>,
    counts: Vec<QuantityQuotient>,
    price: f32,
    quantity: f32,
    unknown_quantity: f32,
    age: [f32; BYTES],
    /// Of urgency, by stance.
    urgency: [f32; BYTES],
    /// By stance, what is lost to who cannot be a match, and to who can be no near miss either: everything.
    barred: [f32; BYTES],
    out: [f32; BYTES],
    trust: [f32; BYTES],
    time: Time,
    /// Checks that fail where it is late, or the price above the cap: two where a row is out then.
    late: u8,
    dear: u8,
}

/// A row that may enter, by its place in the block, and what it makes at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub at: u8,
    pub gauged: Gauged,
}

/// Points it takes to enter: as a match, as a near miss.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bars {
    pub matches: f32,
    pub misses: f32,
}

impl Earnings {
    pub fn of(
        question: &Question<'_>,
        gauge: &Gauge,
        newcomer: f32,
        legend: &Legend,
        (prices, counts): (Vec<PriceQuotient>, Vec<QuantityQuotient>),
    ) -> Self {
        let trusts = legend.trusts().iter().map(|sort| gauge.points(question.trust_of(sort.best, sort.earliest)));
        Self {
            prices,
            counts,
            price: gauge.price,
            quantity: gauge.quantity,
            unknown_quantity: gauge.unknown_quantity,
            age: filled((0..BYTES as u32).map(|age| gauge.fresh(legend.newest.saturating_sub(age * AGE_S)))),
            urgency: filled((0..=u8::MAX).map(|stance| gauge.points(urgency(question, stance)))),
            barred: lost_to(|flags| question.parties(flags) > 0),
            out: lost_to(|flags| question.is_hidden(flags) || question.parties(flags) > 1),
            trust: filled(std::iter::once(newcomer).chain(trusts)),
            time: Time::of(question, gauge),
            late: failures(question, CheckCode::Time),
            dear: failures(question, price_code(question.query.kind())),
        }
    }

    /// The rows that may enter. What is looked up comes first; terms are reckoned for the rows that this leaves.
    pub fn rows(&self, ground: &Ground, cells: &[Cell], reach: &Reach, bars: Bars, mut found: impl FnMut(Found)) {
        let mut known = [0.0; ROWS];
        let (mut likely, mut count) = ([0; ROWS], 0);
        let terms = self.quantity + self.time.full + self.price;
        let least_lost = ground.least_lost([self.quantity, self.time.full, self.price]);
        for ((at, cell), known) in (0_u8..).zip(cells).zip(&mut known) {
            let stance = usize::from(cell.stance);
            let (age, trust) = (self.age[usize::from(cell.age)], self.trust[usize::from(cell.trust)]);
            let near = reach.points[usize::from(cell.place)];
            let said = reach.texts[usize::from(cell.text)];
            *known = ground.rest + self.urgency[stance] + self.out[stance] + age + trust + said + near;
            let most = *known + terms;
            let lost = if cell.lets & ground.free_lets != 0 { 0.0 } else { ground.lost_by_distance(near, least_lost) };
            likely[count] = at;
            count += usize::from((most + self.barred[stance] >= bars.matches) | (most - lost >= bars.misses));
        }
        for at in likely.iter().take(count).copied() {
            let Some((cell, known)) = cells.get(usize::from(at)).zip(known.get(usize::from(at))) else { continue };
            let gauged = self.row(ground, cell, *known, reach);
            if gauged.as_match >= bars.matches || gauged.as_miss >= bars.misses {
                found(Found { at, gauged });
            }
        }
    }

    /// `known`: of all but quantity, time and price.
    #[inline]
    fn row(&self, ground: &Ground, cell: &Cell, known: f32, reach: &Reach) -> Gauged {
        let place = usize::from(cell.place);
        let count = self.counts.get(usize::from(cell.count)).unwrap_or(&QuantityQuotient::FULL);
        let price = self.prices.get(usize::from(cell.price)).unwrap_or(&PriceQuotient::FULL);
        let quantity = self.quantity * count.share(cell.quantity);
        let quantity = if cell.quantity < 0.0 { self.unknown_quantity } else { quantity };
        let (time, is_late) = self.time.points(cell, reach);
        let share = price.share(cell.amount, reach.km[place]);
        let made = known + quantity + time + self.price * share;
        let failed = [
            if is_late { self.late } else { 0 },
            if price.is_exceeded(cell.amount) { self.dear } else { 0 },
            if count.is_out { 2 } else { 0 },
        ];
        let lost = if cell.lets & ground.free_lets != 0 {
            0.0
        } else {
            ground.lost([quantity, time, self.price * share, reach.points[place]])
        };
        let (lost_match, lost_miss) = match failed.iter().sum::<u8>() {
            0 => (self.barred[usize::from(cell.stance)], lost),
            1 => (f32::NEG_INFINITY, 0.0),
            _ => (f32::NEG_INFINITY, f32::INFINITY),
        };
        Gauged { as_match: made + lost_match, as_miss: made - lost_miss, km: reach.far[place] }
    }
}

fn failures(question: &Question<'_>, code: CheckCode) -> u8 {
    if question.is_relaxable(code) { 1 } else { 2 }
}

/// By stance: everything to those of such flags.
fn lost_to(whom: impl Fn(Flags) -> bool) -> [f32; BYTES] {
    filled((0..=u8::MAX).map(|stance| if whom(flags_of(stance)) { f32::NEG_INFINITY } else { 0.0 }))
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
    /// Days at least from order to arrival where no lead is stated, and for each kilometre.
    handling: f32,
    per_km: f32,
}

const USUAL: f32 = -1.0;
/// Longer than any two dates lie apart.
const LONGEST_DAYS: f32 = 1e7;

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
        let (full, unknown, handling, per_km) = (gauge.time, gauge.unknown_time, gauge.handling, gauge.per_km);
        Self { of_offers, own_day, today, leads, each, full, unknown, handling, per_km }
    }

    /// And whether it is late. Without a branch: which rows say nothing cannot be guessed.
    #[inline]
    fn points(&self, cell: &Cell, reach: &Reach) -> (f32, bool) {
        let (day, stated) = (f32::from(cell.day), self.leads[usize::from(cell.lead)]);
        let usual = reach.leads[usize::from(cell.place)];
        let lead = if stated < 0.0 { usual } else { stated };
        let each = self.each[usize::from(cell.stance & URGENCY)];
        let days = if self.of_offers { self.own_day - day.max(self.today) } else { day - self.own_day };
        let made = ((days - lead) * each).max(0.0).min(self.full);
        let unknown = (cell.day == 0) | (lead >= NEVER_THERE);
        let least = if stated < 0.0 { self.handling + self.per_km * reach.km[usize::from(cell.place)] } else { stated };
        (
            if unknown { self.unknown } else { made },
            !unknown & (self.full > 0.0) & (least.min(LONGEST_DAYS) as i32 as f32 > days),
        )
    }
}
