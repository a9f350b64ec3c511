//! Ways to price and to count, told apart no further than gauging needs: a price with its tax, a pack as what it holds. So
//! a crowded category has some dozens of each, and a question works out few.

use std::cell::{Cell, OnceCell};
use std::collections::hash_map::Entry;
use std::hash::Hash;

use foldhash::HashMap;

use crate::domain::decimal::Decimal;
use crate::domain::trade::QuantityBasis;
use crate::domain::unit::{Measure, Pack};
use crate::matching::facts::Facts;
use crate::matching::price::tax_factor;

use super::bound::Question;
use super::cells::BYTES;

/// Of whatever has no number: there are too many.
pub(super) const OTHER: u8 = u8::MAX;

type Told<'a> = (&'a str, Option<Pack<'a>>);

/// What is asked, or paid at most, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Pricing<'a> {
    measure: Option<Told<'a>>,
    /// `None` where no amount is stated: then the unit it counts in says what is usual.
    currency: Option<&'a str>,
    delivered: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Numbering<'a> {
    measure: Option<Told<'a>>,
    basis: QuantityBasis,
}

/// A row that shows a way, by its block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    pub block: u32,
    pub row: u8,
    /// One of its own, in what all of that way are told in.
    pub each: f64,
    /// The most that is for any of them.
    pub largest: f64,
}

pub(super) fn pricing<'a>(facts: &Facts<'a>) -> (Pricing<'a>, f64) {
    let (measure, currency, delivered, tax) = match (&facts.price, &facts.cap) {
        (Some(quote), _) => (facts.priced_measure(), Some(quote.currency), quote.delivered, tax_factor(quote)),
        (None, Some(cap)) => (facts.capped_measure(), Some(cap.currency), true, 1.0),
        (None, None) => (facts.measure(), None, true, 1.0),
    };
    let (measure, size) = measure.map_or((None, 1.0), |measure| told(measure));
    (Pricing { measure, currency, delivered }, tax / size)
}

pub(super) fn numbering<'a>(facts: &Facts<'a>) -> (Numbering<'a>, f64) {
    let (measure, size) = facts.measure().map_or((None, 1.0), |measure| told(measure));
    (Numbering { measure, basis: facts.basis }, size)
}

/// A pack as what it holds, and how much that is.
fn told(measure: Measure<'_>) -> (Option<Told<'_>>, f64) {
    let Measure { unit, pack } = measure;
    let told = match pack {
        _ if !looks_like_a_pack(unit) => ((unit, None), 1.0),
        Some(Pack { quantity, unit: held }) if quantity > Decimal::ZERO && !held.is_some_and(looks_like_a_pack) => {
            ((unit, Some(Pack { quantity: Decimal::from_integer(1), unit: held })), quantity.to_f64())
        }
        pack => ((unit, pack), 1.0),
    };
    (Some(told.0), told.1)
}

/// Codes of packages begin so by UN/ECE Recommendation 20. The table of units decides: see [`is_told_right`].
fn looks_like_a_pack(unit: &str) -> bool {
    unit.starts_with('X')
}

/// Whether the table of units takes for packs what was told as packs.
pub(super) fn is_told_right(measure: Option<Measure<'_>>, question: &Question<'_>) -> bool {
    let units = &question.ctx.reference.units;
    let is_right = |unit| units.get(unit).is_none_or(|known| known.is_pack() == looks_like_a_pack(unit));
    measure.is_none_or(|Measure { unit, pack }| is_right(unit) && pack.and_then(|pack| pack.unit).is_none_or(is_right))
}

/// Rows of one way whose amounts are about the same: what none of them can earn is told once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Band {
    way: u8,
    /// Below 0 where they state none.
    pub least: f32,
    pub most: f32,
}

/// The bands of a partition, with its ways.
#[derive(Debug, Clone, Default)]
pub(super) struct Bands {
    ways: Box<[Shown]>,
    bands: Box<[Band]>,
}

impl Bands {
    /// With a row that shows its way.
    pub fn get(&self, band: u8) -> Option<(&Band, &Shown)> {
        let band = self.bands.get(usize::from(band))?;
        Some((band, self.ways.get(usize::from(band.way))?))
    }

    pub fn bytes(&self) -> usize {
        size_of_val(&*self.ways) + size_of_val(&*self.bands)
    }
}

/// What the bands of a partition make of a question, in points: each is worked out when a row of it may enter but for that.
pub(super) struct Met<'a, T> {
    bands: &'a Bands,
    /// By way.
    made: Vec<OnceCell<T>>,
    met: [Cell<bool>; BYTES],
    /// By band: what none of it makes more of, and what each loses for sure as a match.
    at_most: [Cell<f32>; BYTES],
    lost: [Cell<f32>; BYTES],
}

impl<'a, T> Met<'a, T> {
    /// None yet: any may make everything.
    pub fn none(bands: &'a Bands, everything: f32) -> Self {
        Self {
            bands,
            made: bands.ways.iter().map(|_| OnceCell::new()).collect(),
            met: [const { Cell::new(false) }; BYTES],
            at_most: [everything; BYTES].map(Cell::new),
            lost: [const { Cell::new(0.0) }; BYTES],
        }
    }

    #[inline]
    pub fn at_most(&self, band: u8) -> f32 {
        self.at_most[usize::from(band)].get()
    }

    #[inline]
    pub fn lost(&self, band: u8) -> f32 {
        self.lost[usize::from(band)].get()
    }

    /// What the way of a band makes that was met.
    pub fn get(&self, band: u8) -> Option<&T> {
        self.made.get(usize::from(self.bands.get(band)?.0.way))?.get()
    }

    /// Whether that changes what is known of it. `earns`: at most, and what is lost.
    #[inline]
    pub fn meet(&self, band: u8, make: impl FnOnce(&Shown) -> T, earns: impl FnOnce(&Band, &T) -> (f32, f32)) -> bool {
        !self.met[usize::from(band)].replace(true) && self.work_out(band, make, earns).is_some()
    }

    #[cold]
    fn work_out(
        &self,
        band: u8,
        make: impl FnOnce(&Shown) -> T,
        earns: impl FnOnce(&Band, &T) -> (f32, f32),
    ) -> Option<()> {
        let (of, shown) = self.bands.get(band)?;
        let (at_most, lost) = earns(of, self.made.get(usize::from(of.way))?.get_or_init(|| make(shown)));
        self.at_most[usize::from(band)].set(at_most);
        self.lost[usize::from(band)].set(lost);
        Some(())
    }
}

/// In the mean: more bands than that are more than there are rows to leave.
const ROWS_TO_A_BAND: usize = 64;

/// Numbers ways as they come, with a row that shows each.
#[derive(Debug)]
pub(super) struct Ways<W> {
    numbers: HashMap<W, u8>,
    shown: Vec<Shown>,
}

impl<W: Hash + Eq> Ways<W> {
    pub fn new() -> Self {
        Self { numbers: HashMap::default(), shown: Vec::new() }
    }

    pub fn number(&mut self, way: W, each: f64, (block, row): (u32, u8)) -> u8 {
        let next = self.shown.len().min(usize::from(OTHER)) as u8;
        match self.numbers.entry(way) {
            Entry::Occupied(known) => {
                let number = *known.get();
                if let Some(shown) = self.shown.get_mut(usize::from(number)) {
                    shown.largest = shown.largest.max(each);
                }
                number
            }
            Entry::Vacant(vacant) => {
                if next < OTHER {
                    self.shown.push(Shown { block, row, each, largest: each });
                }
                *vacant.insert(next)
            }
        }
    }

    /// `stated`: of each row, its way and its amount; the bands of the rows come in the same order.
    pub fn bands(self, stated: impl Iterator<Item = (u8, f32)>) -> (Bands, Vec<u8>) {
        let stated: Vec<(u8, f32)> = stated.collect();
        let mut order: Vec<usize> = (0..stated.len()).collect();
        let of = |row: &usize| stated.get(*row).copied().unwrap_or((OTHER, 0.0));
        order.sort_unstable_by(|a, b| {
            let (a, b) = (of(a), of(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        let alike = |a: &usize, b: &usize| of(a).0 == of(b).0 && (of(a).1 < 0.0) == (of(b).1 < 0.0);
        let groups = order.chunk_by(alike).count();
        let spare = usize::from(OTHER).saturating_sub(groups).min(stated.len() / ROWS_TO_A_BAND);
        let (mut bands, mut numbers) = (Vec::new(), vec![OTHER; stated.len()]);
        for group in order.chunk_by(alike) {
            let parts = 1 + spare * group.len() / stated.len().max(1);
            for rows in group.chunks(group.len().div_ceil(parts)) {
                let Some(((way, least), (_, most))) = rows.first().map(of).zip(rows.last().map(of)) else { continue };
                if way == OTHER || bands.len() == usize::from(OTHER) {
                    continue;
                }
                for row in rows {
                    numbers.get_mut(*row).into_iter().for_each(|number| *number = bands.len() as u8);
                }
                bands.push(Band { way, least, most });
            }
        }
        (Bands { ways: self.shown.into(), bands: bands.into() }, numbers)
    }
}
