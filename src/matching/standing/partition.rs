//! Those who ask for goods of one side, kind and category: blocks of neighbours, each with the least it takes to enter.

use std::sync::Arc;

use crate::domain::place::Point;
use crate::matching::context::Context;
use crate::matching::facts::Facts;
use crate::matching::index::place::{Place, place};
use crate::matching::item::Item;

use super::cells::{Cell, Gate, Stated, steps};
use super::entry::Entry;
use super::texts::Texts;
use super::ways::Ways;

/// The most askers of a block.
pub(super) const ROWS: usize = 128;
/// Slack of the triangle inequality, of floats and of a place in whole steps: kilometres.
const ROUNDING_KM: f64 = 0.5;

#[derive(Debug, Default)]
pub(super) struct Partition {
    /// In the order of their places; none empty.
    blocks: Vec<Block>,
    pub ways: Ways,
    pub texts: Texts,
}

#[derive(Debug)]
pub(super) struct Block {
    /// In the order of their places.
    entries: Vec<Entry>,
    /// Of each the same in brief.
    gates: Vec<Gate>,
    cells: Vec<Cell>,
    stated: Vec<Stated>,
    /// The epoch whose statistics, policy and hour these askers were scored with.
    pub epoch: u32,
    /// For each set of components asked for, the lowest score that enters somewhere; 0 where anything does.
    bars: Vec<(u8, u16)>,
    /// Every known place lies within so many kilometres of it.
    circle: Option<([i16; 3], f32)>,
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
    pub fn insert(&mut self, item: &Arc<Item>, epoch: u32, ctx: &Context<'_>) {
        let entry = Entry::new(Arc::clone(item), ctx);
        let gate = Gate::of(item, entry.asks, entry.bar(), ctx);
        let way = self.ways.add(&Facts::of(item), item.side());
        let stated = Stated::of(item, way, self.texts.add(item, ctx.statistics));
        let (wanted, at) = (place(item), self.block_of(place(item)));
        if self.blocks.is_empty() {
            self.blocks.push(Block::empty(epoch));
        }
        let Some(block) = self.blocks.get_mut(at) else { return };
        let row = block.entries.partition_point(|held| place(&held.asker) < wanted);
        block.entries.insert(row, entry);
        block.gates.insert(row, gate);
        block.cells.insert(row, Cell::of(item));
        block.stated.insert(row, stated);
        if block.entries.len() > ROWS {
            let half = block.split();
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
        block.gates.remove(row);
        block.cells.remove(row);
        let stated = block.stated.remove(row);
        self.ways.leave(stated.way);
        self.texts.leave(stated.text);
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
            block.gates.append(&mut next.gates);
            block.cells.append(&mut next.cells);
            block.stated.append(&mut next.stated);
            block.summarise();
        }
    }

    /// Takes a block over into another epoch.
    pub fn renew(&mut self, at: usize, epoch: u32, k: usize, ctx: &Context<'_>) {
        let Some(block) = self.blocks.get_mut(at) else { return };
        block.renew(epoch, k, ctx);
        block.stated.iter().for_each(|stated| self.texts.weigh(stated.text, ctx.statistics));
    }

    pub fn bytes(&self) -> usize {
        let unused = (self.blocks.capacity() - self.blocks.len()) * size_of::<Block>();
        self.blocks.iter().map(Block::bytes).sum::<usize>() + unused + self.ways.bytes() + self.texts.bytes()
    }
}

impl Block {
    fn empty(epoch: u32) -> Self {
        Self {
            entries: Vec::new(),
            gates: Vec::new(),
            cells: Vec::new(),
            stated: Vec::new(),
            epoch,
            bars: Vec::new(),
            circle: None,
            inexact: 0,
        }
    }

    /// Keeps one half and returns the other, neither with room to spare that the rest of a block would not fill.
    fn split(&mut self) -> Self {
        let mut half = Self::empty(self.epoch);
        half.entries = self.entries.split_off(ROWS / 2);
        half.gates = self.gates.split_off(ROWS / 2);
        half.cells = self.cells.split_off(ROWS / 2);
        half.stated = self.stated.split_off(ROWS / 2);
        for block in [&mut *self, &mut half] {
            block.entries.shrink_to(ROWS / 2 + ROWS / 4);
            block.gates.shrink_to(ROWS / 2 + ROWS / 4);
            block.cells.shrink_to(ROWS / 2 + ROWS / 4);
            block.stated.shrink_to(ROWS / 2 + ROWS / 4);
            block.summarise();
        }
        half
    }

    fn first(&self) -> Option<Place> {
        self.entries.first().map(|entry| place(&entry.asker))
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn gates(&self) -> &[Gate] {
        &self.gates
    }

    /// What else is in brief of an asker.
    pub fn brief(&self, row: usize) -> Option<(&Gate, &Cell, &Stated)> {
        Some((self.gates.get(row)?, self.cells.get(row)?, self.stated.get(row)?))
    }

    /// For each set of components asked for, the lowest score that enters somewhere.
    pub fn bars(&self) -> &[(u8, u16)] {
        &self.bars
    }

    /// How many do not know their best for sure.
    pub fn inexact(&self) -> usize {
        self.inexact
    }

    /// As a [`Cell`] says places. `None` where no place is known.
    pub fn circle(&self) -> Option<([i16; 3], f32)> {
        self.circle
    }

    pub fn change(&mut self, row: usize, change: impl FnOnce(&mut Entry)) {
        let Some((entry, gate)) = self.entries.get_mut(row).zip(self.gates.get_mut(row)) else { return };
        let was_exact = entry.exact;
        change(entry);
        self.inexact = self.inexact + usize::from(!entry.exact) - usize::from(!was_exact);
        gate.set_bar(entry.bar());
        self.summarise_bars();
    }

    /// Of all askers at once, into another epoch.
    fn renew(&mut self, epoch: u32, k: usize, ctx: &Context<'_>) {
        for (entry, gate) in self.entries.iter_mut().zip(&mut self.gates) {
            entry.renew(k, ctx);
            *gate = Gate::of(&entry.asker, entry.asks, entry.bar(), ctx);
        }
        self.epoch = epoch;
        self.inexact = self.entries.iter().filter(|entry| !entry.exact).count();
        self.summarise_bars();
    }

    /// All of them, to lists of another length.
    pub fn resize(&mut self, from: usize, to: usize) {
        for (entry, gate) in self.entries.iter_mut().zip(&mut self.gates) {
            entry.resize(from, to);
            gate.set_bar(entry.bar());
        }
        self.inexact = self.entries.iter().filter(|entry| !entry.exact).count();
        self.summarise_bars();
    }

    fn summarise(&mut self) {
        self.summarise_bars();
        self.inexact = self.entries.iter().filter(|entry| !entry.exact).count();
        let places: Vec<Point> = self.entries.iter().filter_map(|entry| entry.asker.location).collect();
        self.circle = circle(&places);
    }

    fn summarise_bars(&mut self) {
        self.bars.clear();
        for gate in &self.gates {
            match self.bars.iter_mut().find(|(set, _)| *set == gate.set) {
                Some((_, least)) => *least = gate.bar.min(*least),
                None => self.bars.push((gate.set, gate.bar)),
            }
        }
    }

    fn bytes(&self) -> usize {
        let unused = (self.entries.capacity() - self.entries.len()) * size_of::<Entry>();
        let entries: usize = self.entries.iter().map(Entry::bytes).sum();
        let cells = self.gates.capacity() * size_of::<Gate>()
            + self.cells.capacity() * size_of::<Cell>()
            + self.stated.capacity() * size_of::<Stated>();
        size_of::<Self>() + entries + unused + cells + self.bars.capacity() * size_of::<(u8, u16)>()
    }
}

/// Around the middle of the box of all points.
fn circle(places: &[Point]) -> Option<([i16; 3], f32)> {
    let middle = |of: fn(&Point) -> f64| {
        let (low, high) =
            places.iter().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
        (low + high) / 2.0
    };
    let centre = Point::new(middle(|p| p.longitude), middle(|p| p.latitude))?;
    let reach = places.iter().map(|place| centre.distance_km(*place)).fold(0.0, f64::max);
    Some((steps(centre), (reach + ROUNDING_KM) as f32))
}
