//! Up to 128 listings of one partition: what arithmetic needs of them in rows, and a summary that bounds them all.

use std::sync::Arc;

use foldhash::HashMap;

use crate::domain::decimal::Decimal;
use crate::domain::place::{Direction, Point};
use crate::matching::gauging::{EARTH_KM, HAIR_KM, chord};
use crate::matching::item::Item;
use crate::vocabulary::TextProfile;

use super::cells::Cell;
use super::manners::{Manners, Way};
use super::row::{Flags, Row};
use super::words::Words;

pub(super) const ROWS: usize = 128;

/// Numbers beyond are not told apart.
const NO_WAY: u16 = u16::MAX;

#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    items: Vec<Arc<Item>>,
    rows: Vec<Row>,
    manners: Manners,
    /// The first row of each text: many listings say the same.
    texts: Vec<u8>,
    /// Of a block that its partition lists none of; `None` while it still grows: then any row may say anything.
    words: Option<Words>,
    /// For each of its ways to count and price, by [`Manners::key`], its number in the partition.
    ways: Box<[u16]>,
    /// The rows in brief; empty where the partition has no legend to them, or a row does not fit.
    cells: Box<[Cell]>,
    pub summary: Summary,
}

/// Extremes of the rows: raw facts, never scores.
#[derive(Debug, Clone)]
pub(super) struct Summary {
    /// Set in some row; set in every row.
    pub some: Flags,
    pub every: Flags,
    /// The latest, in seconds.
    pub valid_until: u32,
    pub confirmed_at: u32,
    /// The lowest stated.
    pub amount: Option<Decimal>,
    /// The newest, in microseconds.
    pub created: i64,
    /// Every known place lies within so many kilometres of it; `None` while the block grows, or where no place is known.
    circle: Option<(Direction, f64)>,
}

impl Default for Summary {
    fn default() -> Self {
        let (some, every) = (Flags::default(), Flags::ALL);
        Self { some, every, valid_until: 0, confirmed_at: 0, amount: None, created: i64::MIN, circle: None }
    }
}

impl Summary {
    fn add(&mut self, row: &Row, item: &Item) {
        self.some = self.some.either(row.flags);
        self.every = self.every.both(row.flags);
        self.valid_until = self.valid_until.max(row.valid_until);
        self.confirmed_at = self.confirmed_at.max(row.confirmed_at);
        self.amount = match (self.amount, row.amount()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.created = self.created.max(item.created_at.timestamp_micros());
    }

    /// No row of known place is nearer.
    pub fn least_km(&self, from: &Direction) -> f64 {
        let Some((centre, reach)) = &self.circle else { return 0.0 };
        // Almost opposite places are told apart by nothing.
        let half = (f64::from(chord(from, centre)).sqrt() / 2.0).min(0.999);
        (2.0 * f64::from(EARTH_KM) * half.asin() - reach - f64::from(HAIR_KM)).max(0.0)
    }
}

impl Block {
    /// The first [`ROWS`] of `items`.
    pub fn of(items: impl IntoIterator<Item = Arc<Item>>) -> Self {
        let mut block = Self::default();
        for item in items.into_iter().take(ROWS) {
            block.push(item);
        }
        block.seal();
        block
    }

    /// To be called below [`ROWS`] rows only.
    pub fn push(&mut self, item: Arc<Item>) {
        let row = Row::of(&item, self.text(&item), &mut self.manners);
        self.summary.add(&row, &item);
        self.rows.push(row);
        self.items.push(item);
    }

    fn text(&mut self, item: &Item) -> u8 {
        let said = |row: u8| self.items.get(usize::from(row)).is_some_and(|held| held.profile == item.profile);
        let known = self.texts.iter().position(|first| said(*first));
        known.unwrap_or_else(|| {
            self.texts.push(self.items.len() as u8);
            self.texts.len() - 1
        }) as u8
    }

    /// What the rows say, each text once.
    pub fn texts(&self) -> impl Iterator<Item = &TextProfile> {
        self.texts.iter().filter_map(|row| Some(&self.items.get(usize::from(*row))?.profile))
    }

    pub fn text_count(&self) -> usize {
        self.texts.len()
    }

    /// Nothing more will come: bounds the places.
    pub fn seal(&mut self) {
        self.summary.circle = circle(self.manners.places());
        self.texts.shrink_to_fit();
        self.rows.shrink_to_fit();
        self.items.shrink_to_fit();
        self.manners.shrink();
    }

    pub fn list_words(&mut self) {
        self.words = Some(Words::of_blocks(std::iter::once(&*self)));
    }

    /// Numbers its ways to count and price, the same way everywhere alike.
    pub fn number_ways<'a>(&'a self, numbers: &mut HashMap<Way<'a>, u16>) -> Box<[u16]> {
        let mut ways = vec![NO_WAY; self.manners.keys()];
        for row in &self.rows {
            let (key, stated) = (self.manners.key(row.count, row.money, row.amount >= 0), row.amount >= 0);
            let next = u16::try_from(numbers.len()).unwrap_or(NO_WAY);
            if let Some(way) = ways.get_mut(key).filter(|way| **way == NO_WAY) {
                let money = stated.then_some(row.money);
                *way = *numbers.entry(self.manners.way(self.manners.class(row.count), money)).or_insert(next);
            }
        }
        ways.into()
    }

    pub fn take_ways(&mut self, ways: Box<[u16]>) {
        self.ways = ways;
    }

    pub fn take_cells(&mut self, cells: Box<[Cell]>) {
        self.cells = cells;
    }

    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// `None` where it has none yet.
    pub fn way(&self, key: usize) -> Option<usize> {
        self.ways.get(key).filter(|way| **way != NO_WAY).map(|way| usize::from(*way))
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_full(&self) -> bool {
        self.len() >= ROWS
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn items(&self) -> &[Arc<Item>] {
        &self.items
    }

    pub fn words(&self) -> Option<&Words> {
        self.words.as_ref()
    }

    pub fn manners(&self) -> &Manners {
        &self.manners
    }

    /// Of the index alone: the listings themselves are not counted, the pointers to them are.
    pub fn bytes(&self) -> usize {
        let rows = self.rows.capacity() * size_of::<Row>() + self.items.capacity() * size_of::<Arc<Item>>();
        size_of::<Self>()
            + rows
            + self.texts.capacity()
            + self.manners.bytes()
            + size_of_val(&*self.ways)
            + size_of_val(&*self.cells)
            + self.words.as_ref().map_or(0, Words::bytes)
    }
}

/// Around the middle of the box of all points.
fn circle(places: &[Point]) -> Option<(Direction, f64)> {
    let middle = |of: fn(&Point) -> f64| {
        let (low, high) =
            places.iter().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
        (low + high) / 2.0
    };
    let centre = Point::new(middle(|p| p.longitude), middle(|p| p.latitude))?;
    let reach = places.iter().map(|place| centre.distance_km(*place)).fold(0.0, f64::max);
    Some((centre.direction(), reach))
}
