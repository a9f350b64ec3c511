//! What each row of a block earns a question at most, from its cell: a sum of a few numbers, most of them looked up.

use std::cmp::Ordering;

use crate::matching::check::CheckCode;
use crate::matching::checks::price_code;
use crate::matching::gauging::Calendar;

use super::block::ROWS;
use super::bound::Question;
use super::cells::{AGE_S, BYTES, Cell, Legend};
use super::gauge::{Away, Gauge, Gauged, Ground};
use super::rates::PriceQuotient;
use super::row::Flags;
use super::timing::Time;
use super::volume::{VolumeQuotient, calendar};
use super::ways::{Met, Shown};

/// Of a partition, in points.
pub(super) struct Earnings<'a> {
    /// Nothing of who is out; lost to who is surely above the cap.
    prices: Met<'a, PriceQuotient>,
    counts: Met<'a, VolumeQuotient>,
    calendar: Calendar,
    price: f32,
    quantity: f32,
    age: [f32; BYTES],
    trust: [f32; BYTES],
    time: Time,
    /// Checks that fail where it is late, or the price above the cap: two where a row is out then.
    late: f32,
    dear: f32,
    /// What terms, age and trust make at most.
    most: f32,
}

/// A row that may enter, by its place in the block, and what it makes at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// Which block of the batch.
    pub of: u8,
    pub at: u8,
    pub gauged: Gauged,
}

/// By what it makes at most.
impl Ord for Found {
    fn cmp(&self, other: &Self) -> Ordering {
        self.gauged.highest().total_cmp(&other.gauged.highest())
    }
}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Found {}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

/// Points it takes to enter: as a match, as a near miss.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bars {
    pub matches: f32,
    pub misses: f32,
}

impl<'a> Earnings<'a> {
    pub fn of(
        question: &Question<'_>,
        gauge: &Gauge,
        (newcomer, category): (f32, Option<&str>),
        legend: &'a Legend,
    ) -> Self {
        let trusts = legend.trusts().iter().map(|sort| gauge.points(question.trust_of(sort.best, sort.earliest)));
        let trust = filled(0.0, std::iter::once(newcomer).chain(trusts));
        let age = filled(0.0, (0..BYTES as u32).map(|age| gauge.fresh(legend.newest.saturating_sub(age * AGE_S))));
        let time = Time::of(question, gauge, category);
        let best = |of: &[f32]| of.iter().copied().fold(0.0, f32::max);
        Self {
            most: gauge.price + gauge.quantity + time.most() + best(&age) + best(&trust),
            prices: Met::none(&legend.prices, gauge.price),
            counts: Met::none(&legend.counts, gauge.quantity),
            calendar: calendar(question),
            price: gauge.price,
            quantity: gauge.quantity,
            age,
            trust,
            time,
            late: failures(question, CheckCode::Time),
            dear: failures(question, price_code(question.query.kind())),
        }
    }

    /// The rows that may enter by what is looked up of them. `texts`: what each text makes; `near`: what their places make
    /// at most; `ways`: what ways make that were not met yet.
    pub fn likely(
        &self,
        within: (&Gauge, &Ground),
        cells: &[Cell],
        texts: &[f32; BYTES],
        near: f32,
        bars: Bars,
        ways: (impl Fn(&Shown) -> PriceQuotient, impl Fn(&Shown) -> VolumeQuotient),
    ) -> Likely {
        let mut likely = Likely { rows: [0; ROWS], known: [0.0; ROWS], count: 0 };
        let ((gauge, ground), low) = (within, bars.matches.min(bars.misses));
        let least_text = low - ground.rest - gauge.parties.most - self.most - near - HAIR;
        for (at, cell) in (0_u8..).zip(cells).take(ROWS) {
            let text = texts[usize::from(cell.text)];
            if text < least_text {
                continue;
            }
            let (age, trust) = (self.age[usize::from(cell.age)], self.trust[usize::from(cell.trust)]);
            let stance = gauge.parties.stance[usize::from(cell.stance)];
            let known = ground.rest + stance + age + trust + text;
            let (late, time) = self.time.at_most(cell);
            let mut made = [self.counts.at_most(cell.count), time, self.prices.at_most(cell.price), near];
            let mut most = known + made.iter().sum::<f32>();
            if most >= low && self.meet_count(cell, &ways.1) {
                made[0] = self.counts.at_most(cell.count);
                most = known + made.iter().sum::<f32>();
            }
            if most >= low && self.meet_price(cell, &ways.0) {
                made[2] = self.prices.at_most(cell.price);
                most = known + made.iter().sum::<f32>();
            }
            if most >= low && self.is_likely(within, cell, (most, late), made, bars) {
                (likely.rows[likely.count], likely.known[likely.count]) = (at, known);
                likely.count += 1;
            }
        }
        likely
    }

    /// Works out how it counts; whether that was not done before.
    #[inline]
    fn meet_count(&self, cell: &Cell, count: &impl Fn(&Shown) -> VolumeQuotient) -> bool {
        self.counts.meet(cell.count, count, |band, way| (self.quantity * way.best(band.most), 0.0))
    }

    /// The same of how it prices.
    #[inline]
    fn meet_price(&self, cell: &Cell, price: &impl Fn(&Shown) -> PriceQuotient) -> bool {
        self.prices.meet(cell.price, price, |band, way| match way.all_exceed(band.least, band.most) {
            true if self.dear > 1.0 => (NOTHING, NOTHING),
            is_dear => {
                let lost = if is_dear { NOTHING } else { 0.0 };
                (self.price * way.at_most(band.least, band.most), lost)
            }
        })
    }

    /// By the checks that surely fail; `made`: what quantity, time, price and place make at most.
    fn is_likely(
        &self,
        (gauge, ground): (&Gauge, &Ground),
        cell: &Cell,
        (most, late): (f32, f32),
        made: [f32; 4],
        bars: Bars,
    ) -> bool {
        let parties = &gauge.parties;
        let hindering = cell.flags.both(parties.hindering);
        if cell.flags.has(parties.forbidding) || hindering.are_several() {
            return false;
        }
        let barred = parties.barred[usize::from(cell.stance)];
        if self.prices.lost(cell.price) + late < 0.0 || !hindering.is_empty() {
            return most >= bars.misses;
        }
        let lost = ground.lost(made) * ground.is_bound(cell.flags);
        most + barred >= bars.matches || most - lost >= bars.misses
    }

    /// `known`: of all but place, quantity, time and price.
    pub fn gauged(&self, (gauge, ground): (&Gauge, &Ground), cell: &Cell, known: f32, away: &Away) -> Gauged {
        let (time, late) = self.time.earned(cell, away);
        let (price, dear) = self.priced(cell, away.km);
        let quantity = self.counted(cell);
        let made = known + away.points + quantity + time + price;
        let hindering = cell.flags.both(gauge.parties.hindering);
        let failing = [
            (late, self.late),
            (dear, self.dear),
            (gauge.limits.is_beyond(cell, away), gauge.limits.distance),
            (gauge.limits.is_beyond_commute(cell, away), gauge.limits.commuting),
            (gauge.parties.barred[usize::from(cell.stance)] < 0.0, 1.0),
            (!hindering.is_empty(), 1.0),
            (hindering.are_several() || cell.flags.has(gauge.parties.forbidding), 2.0),
        ];
        let failures = failing.iter().filter(|(fails, _)| *fails).map(|(_, failures)| failures).sum::<f32>();
        let (as_match, as_miss) = if failures == 0.0 {
            let lost = ground.lost([quantity, time, price, away.points]) * ground.is_bound(cell.flags);
            (made, made - lost)
        } else if failures == 1.0 {
            (NOTHING, made)
        } else {
            (NOTHING, NOTHING)
        };
        Gauged { as_match, as_miss, km: away.far }
    }

    /// What its price makes, and whether it is above the cap.
    fn priced(&self, cell: &Cell, km: f32) -> (f32, bool) {
        let way = self.prices.get(cell.price).unwrap_or(&PriceQuotient::FULL);
        let share = way.line.share(cell.amount, km, PriceQuotient::ROUNDED).max(0.0).min(way.most);
        (self.price * share, way.capped > 0.0 && PriceQuotient::exceeds(cell.amount, way.line.p, way.line.q))
    }

    /// What its quantity makes.
    fn counted(&self, cell: &Cell) -> f32 {
        let way = self.counts.get(cell.count).unwrap_or(&VolumeQuotient::FULL);
        if cell.quantity < 0.0 {
            return self.quantity * way.silent;
        }
        let each = if way.counts_days() { self.each_by_days(cell, way) } else { way.each };
        self.quantity * (cell.quantity * each + way.same).min(way.most)
    }

    fn each_by_days(&self, cell: &Cell, way: &VolumeQuotient) -> f32 {
        let day = f32::from(cell.day);
        if cell.flags.has(Flags::PERIOD) {
            return way.at_most;
        }
        if self.calendar.is_undated(day) {
            return way.undated;
        }
        let (days, parts) = self.calendar.days(day);
        (way.each + way.each_day * days) * (way.whole + way.parted * parts)
    }
}

/// Rows of a block, with what is known to be made by each but for its place and terms.
pub(super) struct Likely {
    rows: [u8; ROWS],
    known: [f32; ROWS],
    count: usize,
}

impl Likely {
    pub fn into_rows(self) -> impl Iterator<Item = (u8, f32)> {
        self.rows.into_iter().zip(self.known).take(self.count)
    }
}

/// What adding up in another order may take.
const HAIR: f32 = 0.01;

/// Less than any bar, and finite, so that nothing times it is nothing.
pub(super) const NOTHING: f32 = -1e6;

pub(super) fn failures(question: &Question<'_>, code: CheckCode) -> f32 {
    if question.is_relaxable(code) { 1.0 } else { 2.0 }
}

pub(super) fn filled<T: Copy, const N: usize>(other: T, of: impl Iterator<Item = T>) -> [T; N] {
    let mut slots = [other; N];
    of.zip(&mut slots).for_each(|(value, slot)| *slot = value);
    slots
}
