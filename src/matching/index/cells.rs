//! What the gauge asks of each row of a crowded category, in less than half a line of a processor's cache: in floats and
//! bytes, with numbers of how it prices and counts. What a question makes of them is in `earnings`.

use std::collections::BTreeMap;

use crate::domain::listing::Side;
use crate::matching::gauging::EPOCH;
use crate::matching::item::Item;

use super::block::Block;
use super::details::Commute;
use super::row::{Flags, NEVER, Row, TrustBound};
use super::ways::{Bands, OTHER, Ways, numbering, pricing};

/// As many as a byte tells apart.
pub(super) const BYTES: usize = 256;

/// From one age to the next, in seconds.
pub(super) const AGE_S: u32 = 12 * 3600;

/// Of an amount or a quantity.
pub(super) const UNSTATED: f32 = -1.0;

/// Of [`Cell::lead`]; longer ones count as the last. Where neither a lead nor a place is stated, no way tells.
pub(super) const LEAD_UNSTATED: u8 = 254;
pub(super) const LEAD_UNTOLD: u8 = 255;
const LONGEST_LEAD: u32 = 253;

/// Of [`Cell::stance`].
pub(super) const URGENCY: u8 = 0b11;
const STANCE: [(Flags, u8); 6] = [
    (Flags::URGENCY_CONFIRMED, 1 << 2),
    (Flags::DESIGNATED, 1 << 3),
    (Flags::VERIFIED, 1 << 4),
    (Flags::REQUIRES_VERIFIED, 1 << 5),
    (Flags::FOR_VERIFIED, 1 << 6),
    (Flags::INVITED, 1 << 7),
];

/// The flags a stance tells of.
pub(super) fn flags_of(stance: u8) -> Flags {
    let set = STANCE.iter().filter(|(_, bit)| stance & bit != 0);
    set.fold(Flags::default(), |flags, (flag, _)| flags.either(*flag))
}

/// Of [`Cell::radius`] and [`Cell::commute`], and set in the latter where the other side's limit counts too.
pub(super) const NO_LIMIT: u8 = 127;
pub(super) const BOTH: u8 = 128;

/// At least what a limit of that step is; none is farther than half around the earth.
pub(super) fn limit_km(step: u8) -> f32 {
    let step = step & !BOTH;
    if step == NO_LIMIT { f32::INFINITY } else { STEP_OF_LIMIT.powi(i32::from(step)) }
}

const STEP_OF_LIMIT: f32 = 1.09;

fn limit(km: Option<u32>) -> u8 {
    (0..NO_LIMIT).find(|step| km.is_some_and(|km| km as f32 <= limit_km(*step))).unwrap_or(NO_LIMIT)
}

fn commute(item: &Item) -> u8 {
    let Commute { limit_km, both } = Commute::of(item);
    limit(limit_km) | if both { BOTH } else { 0 }
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cell {
    /// Millionths, of what its way is told in; [`UNSTATED`] where nothing is.
    pub amount: f32,
    pub quantity: f32,
    pub flags: Flags,
    /// Bands of the partition's ways to price and to count.
    pub price: u8,
    pub count: u8,
    /// From which an offer is available, by which a need is to be met: since [`EPOCH`], 0 where none is stated.
    pub day: u16,
    /// Ages after the newest of the partition was confirmed.
    pub age: u8,
    /// Urgency, and what flags say of verification and visibility.
    pub stance: u8,
    /// Which of the partition's sorts of trust; 0 where none is known.
    pub trust: u8,
    pub text: u8,
    pub place: u8,
    pub lead: u8,
    /// Steps of [`limit_km`]: how far it goes or lets come, and the same of workers' commutes.
    pub radius: u8,
    pub commute: u8,
}

/// What the cells of a partition have in common.
#[derive(Debug, Clone, Default)]
pub(super) struct Legend {
    /// When the newest was confirmed, in seconds since 1970.
    pub newest: u32,
    pub prices: Bands,
    pub counts: Bands,
    /// From the trust numbered 1.
    trusts: Box<[TrustSort]>,
}

/// Rows that kept and broke about as many promises at about the same time.
#[derive(Debug, Clone, Copy)]
pub(super) struct TrustSort {
    sort: u16,
    /// The most kept and the fewest broken, as of the latest and of the earliest day.
    pub best: TrustBound,
    pub earliest: u16,
}

impl TrustSort {
    fn of(bound: TrustBound, newest: u32) -> Self {
        let TrustBound { kept, broken, day } = bound;
        let level = |count: u8, levels: &[u8]| levels.iter().filter(|level| count >= **level).count() as u16;
        let days = (newest / DAY_S).saturating_sub(u32::from(day));
        let sort = (level(kept, &KEPT) * 8 + level(broken, &BROKEN)) * 8 + (days / AGED_DAYS).min(5) as u16;
        Self { sort, best: bound, earliest: day }
    }

    fn with(self, other: Self) -> Self {
        let (a, b) = (self.best, other.best);
        let best = TrustBound { kept: a.kept.max(b.kept), broken: a.broken.min(b.broken), day: a.day.max(b.day) };
        Self { best, earliest: self.earliest.min(other.earliest), ..self }
    }
}

/// Where another sort begins: promises kept, broken, and the days since.
const KEPT: [u8; 7] = [2, 4, 7, 11, 17, 29, 61];
const BROKEN: [u8; 4] = [1, 2, 3, 5];
const AGED_DAYS: u32 = 60;
const DAY_S: u32 = 24 * 3600;

impl Legend {
    /// With the cells of the rows, by block: none of a block that states a day too far off to tell.
    pub fn with_cells(blocks: &[Block], side: Side) -> Option<(Self, Vec<Box<[Cell]>>)> {
        let newest = blocks.iter().map(|block| block.summary.confirmed_at).max()?;
        let legend = Self { newest, trusts: trusts(blocks, newest), ..Self::default() };
        let (mut prices, mut counts) = (Ways::new(), Ways::new());
        let mut cells: Vec<Box<[Cell]>> = Vec::with_capacity(blocks.len());
        for (number, block) in (0..).zip(blocks) {
            if !block.rows().iter().all(|row| day(row, side).is_some()) {
                cells.push(Box::default());
                continue;
            }
            let rows = (0..).zip(block.rows()).zip(block.items()).map(|((at, row), item)| {
                let facts = row.facts(None, side, block.manners());
                let (pricing, priced) = pricing(&facts);
                let (numbering, counted) = numbering(&facts);
                let cell = legend.cell(row, side)?;
                let cell = Cell {
                    amount: in_common(row.amount, priced),
                    quantity: in_common(row.quantity, counted),
                    price: prices.number(pricing, priced, (number, at)),
                    count: counts.number(numbering, counted, (number, at)),
                    commute: commute(item),
                    ..cell
                };
                Some(cell)
            });
            cells.push(rows.collect::<Option<_>>()?);
        }
        let all = || cells.iter().flatten();
        let (prices, of_prices) = prices.bands(all().map(|cell| (cell.price, cell.amount)));
        let (counts, of_counts) = counts.bands(all().map(|cell| (cell.count, cell.quantity)));
        for ((cell, price), count) in cells.iter_mut().flatten().zip(of_prices).zip(of_counts) {
            (cell.price, cell.count) = (price, count);
        }
        Some((Self { prices, counts, ..legend }, cells))
    }

    /// Without what depends on how it prices and counts.
    fn cell(&self, row: &Row, side: Side) -> Option<Cell> {
        let set = STANCE.iter().filter(|(flag, _)| row.flags.has(*flag)).fold(0, |set, (_, bit)| set | bit);
        Some(Cell {
            amount: UNSTATED,
            quantity: UNSTATED,
            price: OTHER,
            count: OTHER,
            day: day(row, side)?,
            age: ((self.newest - row.confirmed_at) / AGE_S).min(u32::from(u8::MAX)) as u8,
            stance: row.urgency() as u8 & URGENCY | set,
            trust: self.trust(row)?,
            text: row.text,
            place: row.place,
            lead: match row.lead_days() {
                Some(days) => days.min(LONGEST_LEAD) as u8,
                None if row.flags.has(Flags::LOCATED) => LEAD_UNSTATED,
                None => LEAD_UNTOLD,
            },
            flags: row.flags,
            radius: limit(row.radius_km()),
            commute: NO_LIMIT,
        })
    }

    fn trust(&self, row: &Row) -> Option<u8> {
        if !row.flags.has(Flags::TRUSTED) {
            return Some(0);
        }
        let sort = TrustSort::of(row.trust, self.newest).sort;
        self.trusts.binary_search_by_key(&sort, |trust| trust.sort).ok().and_then(|at| u8::try_from(at + 1).ok())
    }

    pub fn trusts(&self) -> &[TrustSort] {
        &self.trusts
    }

    pub fn bytes(&self) -> usize {
        self.prices.bytes() + self.counts.bytes() + size_of_val(&*self.trusts)
    }
}

/// As [`Cell::day`] has it; `None` from the year 2149 on.
fn day(row: &Row, side: Side) -> Option<u16> {
    let day = if side == Side::Offer { row.available_day } else { row.needed_day };
    if day == NEVER { Some(0) } else { u16::try_from((day - EPOCH).max(1)).ok() }
}

fn in_common(stated: i64, each: f64) -> f32 {
    if stated < 0 { UNSTATED } else { (stated as f64 * each) as f32 }
}

fn trusts(blocks: &[Block], newest: u32) -> Box<[TrustSort]> {
    let trusted = blocks.iter().flat_map(|block| block.rows()).filter(|row| row.flags.has(Flags::TRUSTED));
    let mut sorts: BTreeMap<u16, TrustSort> = BTreeMap::new();
    for sort in trusted.map(|row| TrustSort::of(row.trust, newest)) {
        sorts.entry(sort.sort).and_modify(|known| *known = known.with(sort)).or_insert(sort);
    }
    sorts.into_values().collect()
}

const _: () = assert!(size_of::<Cell>() <= 24);
