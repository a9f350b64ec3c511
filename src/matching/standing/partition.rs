//! Those who ask for goods of one side, kind and category: blocks of neighbours, each with the least it takes to enter.

use crate::domain::place::Point;
use crate::matching::index::place::{Place, place};
use crate::matching::item::Item;

use super::entry::{Asks, Entry};

/// The most askers of a block.
const ROWS: usize = 128;
/// Slack of the triangle inequality in floating point, kilometres.
const ROUNDING_KM: f64 = 1e-6;

#[derive(Debug, Default)]
pub(super) struct Partition {
    /// In the order of their places; none empty.
    blocks: Vec<Block>,
}

#[derive(Debug)]
pub(super) struct Block {
    /// In the order of their places.
    entries: Vec<Entry>,
    /// The epoch whose statistics, policy and hour these askers were scored with.
    pub epoch: u32,
    /// For each set of components asked for, the lowest score that enters somewhere; 0 where anything does.
    bars: Vec<(Asks, u32)>,
    /// Every known place lies within so many kilometres of it.
    circle: Option<(Point, f64)>,
    inexact: usize,
}

impl Partition {
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    pub fn blocks_mut(&mut self) -> impl Iterator<Item = &mut Block> {
        self.blocks.iter_mut()
    }

    pub fn block_mut(&mut self, at: usize) -> Option<&mut Block> {
        self.blocks.get_mut(at)
    }

    /// The epoch an asker of that place will be scored with.
    pub fn epoch_at(&self, item: &Item) -> Option<u32> {
        self.blocks.get(self.block_of(place(item))).map(|block| block.epoch)
    }

    fn block_of(&self, wanted: Place) -> usize {
        let after = self.blocks.partition_point(|block| block.first().is_some_and(|first| first <= wanted));
        after.saturating_sub(1)
    }

    /// `epoch` is that of a block to be made where there is none yet.
    pub fn insert(&mut self, entry: Entry, epoch: u32) {
        let at = self.block_of(place(&entry.asker));
        let Some(block) = self.blocks.get_mut(at) else {
            self.blocks.push(Block::of(vec![entry], epoch));
            return;
        };
        let row = block.entries.partition_point(|held| place(&held.asker) < place(&entry.asker));
        block.entries.insert(row, entry);
        if block.entries.len() > ROWS {
            let half = Block::of(block.entries.split_off(ROWS / 2), block.epoch);
            block.summarise();
            self.blocks.insert(at + 1, half);
        } else {
            block.summarise();
        }
    }

    pub fn find(&self, item: &Item) -> Option<(usize, usize)> {
        let wanted = place(item);
        let at = self.block_of(wanted);
        let row = self.blocks.get(at)?.entries.binary_search_by_key(&wanted, |entry| place(&entry.asker)).ok()?;
        Some((at, row))
    }

    pub fn remove(&mut self, item: &Item) {
        let Some((at, row)) = self.find(item) else { return };
        let Some(block) = self.blocks.get_mut(at) else { return };
        block.entries.remove(row);
        block.summarise();
        if block.entries.is_empty() {
            self.blocks.remove(at);
        } else if block.entries.len() < ROWS / 4 {
            self.merge(at);
        }
    }

    /// With the block after it, where both are small.
    fn merge(&mut self, at: usize) {
        let fits = |a: &Block, b: &Block| a.epoch == b.epoch && a.entries.len() + b.entries.len() <= ROWS / 2;
        if !self.blocks.get(at).zip(self.blocks.get(at + 1)).is_some_and(|(a, b)| fits(a, b)) {
            return;
        }
        let mut next = self.blocks.remove(at + 1);
        if let Some(block) = self.blocks.get_mut(at) {
            block.entries.append(&mut next.entries);
            block.summarise();
        }
    }

    pub fn bytes(&self) -> usize {
        self.blocks.iter().map(Block::bytes).sum()
    }
}

impl Block {
    fn of(entries: Vec<Entry>, epoch: u32) -> Self {
        let mut block = Self { entries, epoch, bars: Vec::new(), circle: None, inexact: 0 };
        block.summarise();
        block
    }

    fn first(&self) -> Option<Place> {
        self.entries.first().map(|entry| place(&entry.asker))
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn bars(&self) -> &[(Asks, u32)] {
        &self.bars
    }

    /// How many do not know their best for sure.
    pub fn inexact(&self) -> usize {
        self.inexact
    }

    /// No asker of known place is nearer.
    pub fn least_km(&self, from: Point) -> f64 {
        self.circle.map_or(0.0, |(centre, reach)| (from.distance_km(centre) - reach - ROUNDING_KM).max(0.0))
    }

    pub fn change(&mut self, row: usize, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.entries.get_mut(row) {
            change(entry);
            self.summarise_bars();
        }
    }

    /// Of all askers at once, into another epoch.
    pub fn change_all(&mut self, epoch: u32, change: impl FnMut(&mut Entry)) {
        self.entries.iter_mut().for_each(change);
        self.epoch = epoch;
        self.summarise_bars();
    }

    fn summarise(&mut self) {
        self.summarise_bars();
        let places: Vec<Point> = self.entries.iter().filter_map(|entry| entry.asker.location).collect();
        self.circle = circle(&places);
    }

    fn summarise_bars(&mut self) {
        self.bars.clear();
        for entry in &self.entries {
            let bar = entry.bar();
            match self.bars.iter_mut().find(|(asks, _)| *asks == entry.asks) {
                Some((_, least)) => *least = bar.min(*least),
                None => self.bars.push((entry.asks, bar)),
            }
        }
        self.inexact = self.entries.iter().filter(|entry| !entry.exact).count();
    }

    fn bytes(&self) -> usize {
        let unused = (self.entries.capacity() - self.entries.len()) * size_of::<Entry>();
        let entries: usize = self.entries.iter().map(Entry::bytes).sum();
        size_of::<Self>() + entries + unused + self.bars.capacity() * size_of::<(Asks, u32)>()
    }
}

/// Around the middle of the box of all points.
fn circle(places: &[Point]) -> Option<(Point, f64)> {
    let middle = |of: fn(&Point) -> f64| {
        let (low, high) =
            places.iter().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
        (low + high) / 2.0
    };
    let centre = Point::new(middle(|p| p.longitude), middle(|p| p.latitude))?;
    let reach = places.iter().map(|place| centre.distance_km(*place)).fold(0.0, f64::max);
    Some((centre, reach))
}
