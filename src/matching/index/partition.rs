//! The listings of one side, kind and category: ordered blocks, and what came since.

use std::sync::Arc;

use foldhash::HashMap;

use crate::matching::item::Item;

use super::block::{Block, ROWS};
use super::cells::Legend;
use super::place::place;
use super::row::Row;
use super::ways::Shown;
use super::words::{STRETCH, Words};

/// Rows that may lie in the order they came before the partition wants to be made anew.
const UNORDERED: usize = ROWS;

/// Cloning copies pointers: the blocks are shared.
#[derive(Debug, Clone, Default)]
pub(super) struct Partition {
    /// The first `ordered` by place, the others as they came.
    sealed: Vec<Arc<Block>>,
    ordered: usize,
    /// Ways to count and price told apart in them.
    ways: usize,
    /// To the cells of the ordered blocks; `None` where they have none.
    legend: Option<Arc<Legend>>,
    /// Of the ordered blocks, [`STRETCH`] by [`STRETCH`].
    words: Arc<[Words]>,
    /// What comes goes here.
    tail: Arc<Block>,
    /// A bit for each row that is no longer there, by block; the tail last.
    gone: Vec<u128>,
    live: usize,
}

impl Partition {
    pub fn of(mut items: Vec<Arc<Item>>) -> Self {
        items.sort_by_cached_key(|item| place(item));
        let mut blocks: Vec<Block> = items.chunks(ROWS).map(|rows| Block::of(rows.iter().cloned())).collect();
        let mut numbers = HashMap::default();
        let numbered: Vec<_> = blocks.iter().map(|block| block.number_ways(&mut numbers)).collect();
        let ways = numbers.len();
        blocks.iter_mut().zip(numbered).for_each(|(block, ways)| block.take_ways(ways));
        let side = items.first().map(|item| item.side());
        let (legend, cells) = side.and_then(|side| Legend::with_cells(&blocks, side)).unzip();
        blocks.iter_mut().zip(cells.into_iter().flatten()).for_each(|(block, cells)| block.take_cells(cells));
        let legend = legend.map(Arc::new);
        let sealed: Vec<Arc<Block>> = blocks.into_iter().map(Arc::new).collect();
        let (ordered, live) = (sealed.len(), items.len());
        let words = sealed.chunks(STRETCH).map(|blocks| Words::of_blocks(blocks.iter().map(AsRef::as_ref))).collect();
        Self { gone: vec![0; ordered + 1], sealed, ordered, ways, legend, words, tail: Arc::default(), live }
    }

    pub fn push(&mut self, item: Arc<Item>) {
        if self.gone.is_empty() {
            self.gone.push(0);
        }
        let tail = Arc::make_mut(&mut self.tail);
        tail.push(item);
        self.live += 1;
        if tail.is_full() {
            tail.seal();
            tail.list_words();
            self.sealed.push(std::mem::take(&mut self.tail));
            self.gone.push(0);
        }
    }

    /// Returns whether the very listing was there.
    pub fn remove(&mut self, item: &Arc<Item>) -> bool {
        let Some((block, row)) = self.find(item) else { return false };
        let Some(gone) = self.gone.get_mut(block) else { return false };
        let bit = 1 << row;
        let there = *gone & bit == 0;
        *gone |= bit;
        self.live -= usize::from(there);
        there
    }

    fn find(&self, item: &Arc<Item>) -> Option<(usize, usize)> {
        let within = |block: &Block| block.items().iter().position(|held| Arc::ptr_eq(held, item));
        let wanted = place(item);
        let ordered = self.sealed.get(..self.ordered).unwrap_or_default();
        let after = ordered.partition_point(|block| block.items().first().is_some_and(|first| place(first) <= wanted));
        let likely = after.checked_sub(1).and_then(|at| Some((at, within(self.sealed.get(at)?)?)));
        likely.or_else(|| self.blocks().skip(self.ordered).find_map(|(at, block, _)| Some((at, within(block)?))))
    }

    /// With their number and the bits of the rows that are gone.
    pub fn blocks(&self) -> impl Iterator<Item = (usize, &Block, u128)> {
        let blocks = self.sealed.iter().chain(std::iter::once(&self.tail)).map(AsRef::as_ref);
        blocks.zip(&self.gone).enumerate().map(|(at, (block, gone))| (at, block, *gone)).filter(|(_, b, _)| b.len() > 0)
    }

    /// Of the ordered blocks, [`STRETCH`] by [`STRETCH`].
    pub fn words(&self) -> &[Words] {
        &self.words
    }

    pub fn ways(&self) -> usize {
        self.ways
    }

    pub fn legend(&self) -> Option<&Legend> {
        self.legend.as_deref()
    }

    /// The row of an ordered block that shows a way to price, or to count.
    pub fn shown(&self, by: &Shown) -> Option<(&Block, &Row)> {
        let block = self.sealed.get(by.block as usize)?;
        Some((block.as_ref(), block.rows().get(usize::from(by.row))?))
    }

    pub fn is_ordered(&self, block: usize) -> bool {
        block < self.ordered
    }

    pub fn items(&self) -> impl Iterator<Item = &Arc<Item>> {
        self.blocks().flat_map(|(_, block, gone)| {
            block.items().iter().enumerate().filter(move |(row, _)| gone >> row & 1 == 0).map(|(_, item)| item)
        })
    }

    pub fn len(&self) -> usize {
        self.live
    }

    /// Of the blocks, in bytes.
    pub fn bytes(&self) -> usize {
        let blocks: usize =
            self.blocks().map(|(_, block, _)| block.bytes() + size_of::<u128>() + size_of::<Arc<Block>>()).sum();
        blocks + self.words.iter().map(Words::bytes).sum::<usize>() + self.legend().map_or(0, Legend::bytes)
    }

    /// Too much lies unordered, or too much of what lies there is gone.
    pub fn needs_rebuild(&self) -> bool {
        let rows: usize = self.blocks().map(|(_, block, _)| block.len()).sum();
        let ordered: usize = self.blocks().take_while(|(at, ..)| *at < self.ordered).map(|(_, b, _)| b.len()).sum();
        let gone = rows - self.live;
        rows - ordered > UNORDERED + ordered / 16 || gone > ROWS + rows / 8 || gone * 2 > rows
    }

    /// `built`, made of what `before` held, with what has been written since: this partition grew out of `before` by
    /// `push` and `remove` alone.
    pub fn catch_up(&self, before: &Self, mut built: Self) -> Self {
        for (at, block, gone) in self.blocks() {
            let (seen, seen_gone) = before.seen(at);
            for (row, item) in block.items().iter().enumerate() {
                let is_gone = gone >> row & 1 == 1;
                if row >= seen {
                    if !is_gone {
                        built.push(Arc::clone(item));
                    }
                } else if is_gone && seen_gone >> row & 1 == 0 {
                    built.remove(item);
                }
            }
        }
        built
    }

    /// Rows of a block, and those of them that were gone.
    fn seen(&self, at: usize) -> (usize, u128) {
        let rows = match self.sealed.get(at) {
            Some(block) => block.len(),
            None if at == self.sealed.len() => self.tail.len(),
            None => 0,
        };
        (rows, self.gone.get(at).copied().unwrap_or(0))
    }
}
