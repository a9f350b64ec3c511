//! What the gauge asks of each row of a crowded category, in a third of a line of a processor's cache: in floats and
//! bytes, with the number of how it counts and prices. What a question makes of them is in `earnings`.

use std::collections::BTreeMap;

use crate::domain::listing::Side;

use super::block::Block;
use super::row::{Flags, NEVER, Row, TrustBound};

/// As many as a byte tells apart.
pub(super) const BYTES: usize = 256;

/// From one age to the next, in seconds.
pub(super) const AGE_S: u32 = 12 * 3600;

/// Of [`Cell::lead`]; longer ones count as the last.
pub(super) const LEAD_UNSTATED: u8 = u8::MAX;
const LONGEST_LEAD: u32 = 254;

/// Days since the year 1 up to the end of 1969.
pub(super) const EPOCH: i32 = 719_162;

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

#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    /// Millionths; negative where nothing is stated.
    pub amount: f32,
    pub quantity: f32,
    /// How it counts and prices, by the numbers of the partition.
    pub way: u16,
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
}

/// What the cells of a partition have in common.
#[derive(Debug, Clone, Default)]
pub(super) struct Legend {
    /// When the newest was confirmed, in seconds since 1970.
    pub newest: u32,
    /// For each way to count and price a row that shows it: its block, and its place there.
    shown: Box<[(u32, u8)]>,
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
    /// `None` where no number tells some way.
    pub fn of(blocks: &[Block], ways: usize) -> Option<Self> {
        let mut shown = vec![None; ways];
        for (number, block) in (0..).zip(blocks) {
            for (at, row) in (0..).zip(block.rows()) {
                shown.get_mut(way(block, row)?)?.get_or_insert((number, at));
            }
        }
        let newest = blocks.iter().map(|block| block.summary.confirmed_at).max()?;
        Some(Self { newest, shown: shown.into_iter().collect::<Option<_>>()?, trusts: trusts(blocks, newest) })
    }

    /// The rows of one of the blocks this is of; `None` where a day lies too far off.
    pub fn cells(&self, block: &Block) -> Option<Box<[Cell]>> {
        let side = block.items().first()?.side();
        block.rows().iter().map(|row| self.cell(row, way(block, row)?, side)).collect()
    }

    fn cell(&self, row: &Row, way: usize, side: Side) -> Option<Cell> {
        let day = if side == Side::Offer { row.available_day } else { row.needed_day };
        let set = STANCE.iter().filter(|(flag, _)| row.flags.has(*flag)).fold(0, |set, (_, bit)| set | bit);
        Some(Cell {
            amount: row.amount as f32,
            quantity: row.quantity as f32,
            way: u16::try_from(way).ok()?,
            day: if day == NEVER { 0 } else { u16::try_from((day - EPOCH).max(1)).ok()? },
            age: ((self.newest - row.confirmed_at) / AGE_S).min(u32::from(u8::MAX)) as u8,
            stance: row.urgency() as u8 & URGENCY | set,
            trust: self.trust(row)?,
            text: row.text,
            place: row.place,
            lead: row.lead_days().map_or(LEAD_UNSTATED, |days| days.min(LONGEST_LEAD) as u8),
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

    /// A block and the place of a row in it, for each way to count and price.
    pub fn shown(&self) -> impl Iterator<Item = (usize, usize)> {
        self.shown.iter().map(|(block, row)| (*block as usize, usize::from(*row)))
    }

    pub fn bytes(&self) -> usize {
        size_of_val(&*self.shown) + size_of_val(&*self.trusts)
    }
}

fn trusts(blocks: &[Block], newest: u32) -> Box<[TrustSort]> {
    let trusted = blocks.iter().flat_map(|block| block.rows()).filter(|row| row.flags.has(Flags::TRUSTED));
    let mut sorts: BTreeMap<u16, TrustSort> = BTreeMap::new();
    for sort in trusted.map(|row| TrustSort::of(row.trust, newest)) {
        sorts.entry(sort.sort).and_modify(|known| *known = known.with(sort)).or_insert(sort);
    }
    sorts.into_values().collect()
}

fn way(block: &Block, row: &Row) -> Option<usize> {
    block.way(block.manners().key(row.count, row.money, row.amount >= 0))
}

const _: () = assert!(size_of::<Cell>() <= 20);
