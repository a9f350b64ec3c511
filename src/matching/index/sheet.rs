//! What has been worked out about the block at hand: each text, place and way of counting and pricing once.

use crate::matching::factor::FactorCode;
use crate::matching::item::Item;

use super::block::{Block, ROWS};
use super::bound::Question;
use super::cells::BYTES;
use super::field::earn;
use super::footing::Footing;
use super::gauge::Gauge;
use super::query::Candidate;
use super::row::Row;
use super::scan::deal;
use super::standing::Standing;

pub(super) struct Sheet {
    /// Of the block at hand.
    desk: Desk,
    nowhere: u64,
    /// Where a footing lies, by the numbers of ways in partitions, of the whole question: few come back in block after block.
    by_way: Vec<Option<u32>>,
    footings: Vec<Footing>,
}

/// Of one block.
pub(super) struct Desk {
    /// Points by text; minus infinity where words do not make up for a missing category.
    texts: Box<[f32; BYTES]>,
    /// Kilometres and parts by place.
    places: Vec<Option<(f64, u64)>>,
    /// What a text earns, no more and no less.
    shared: Vec<Option<u64>>,
    /// Where a footing lies, by count, money and whether an amount is stated.
    at: Vec<Option<u32>>,
}

impl Default for Desk {
    fn default() -> Self {
        Self { texts: Box::new([0.0; BYTES]), places: Vec::new(), shared: Vec::new(), at: Vec::new() }
    }
}

impl Desk {
    /// For a closer look at some of its rows.
    pub fn of(candidate: &Candidate<'_, '_>, question: &Question<'_>, gauge: &Gauge) -> Self {
        let mut desk = Self::default();
        desk.read(candidate, question, gauge);
        desk.shared.resize(candidate.block.text_count(), None);
        desk.places.resize(candidate.block.manners().places().len(), None);
        desk
    }

    fn read(&mut self, candidate: &Candidate<'_, '_>, question: &Question<'_>, gauge: &Gauge) {
        self.at.clear();
        let of_block;
        let earned = match (candidate.earned, candidate.block.words()) {
            (Some(earned), _) => earned,
            (None, Some(words)) => {
                of_block = earn(words, &candidate.field.standing, question, &gauge.words);
                self.texts.fill(f32::NEG_INFINITY);
                &of_block
            }
            (None, None) => &[gauge.points(question.most(FactorCode::Text)); BYTES],
        };
        self.texts.iter_mut().zip(earned).for_each(|(points, earned)| *points = *earned);
    }
}

/// Of the blocks of a batch that rows were looked at of.
pub(super) struct Desks {
    kept: Vec<Option<Desk>>,
    open: Option<u8>,
}

impl Desks {
    pub fn of(blocks: usize) -> Self {
        Self { kept: std::iter::repeat_with(|| None).take(blocks).collect(), open: None }
    }

    /// `new`: when it is turned to for the first time.
    pub fn turn_to(&mut self, block: u8, sheet: &mut Sheet, new: impl FnOnce() -> Desk) {
        if self.open == Some(block) {
            return;
        }
        let desk = self.kept.get_mut(usize::from(block)).and_then(Option::take).unwrap_or_else(new);
        let last = std::mem::replace(&mut sheet.desk, desk);
        if let Some(kept) = self.open.and_then(|open| self.kept.get_mut(usize::from(open))) {
            *kept = Some(last);
        }
        self.open = Some(block);
    }
}

impl Sheet {
    pub fn new(question: &Question<'_>) -> Self {
        Self {
            desk: Desk::default(),
            nowhere: question.part(FactorCode::Distance, question.distance_share(None)),
            by_way: Vec::new(),
            footings: Vec::new(),
        }
    }

    /// Room for the ways of partitions yet to be met.
    pub fn expect_ways(&mut self, ways: usize) {
        self.by_way.resize(ways, None);
    }

    /// For a look at its rows from afar: their words.
    pub fn open(&mut self, candidate: &Candidate<'_, '_>, question: &Question<'_>, gauge: &Gauge) {
        self.desk.read(candidate, question, gauge);
    }

    /// Points by text.
    pub fn texts(&self) -> &[f32; BYTES] {
        &self.desk.texts
    }

    /// The most its words earn; `None` where they do not make up for a missing category.
    pub fn text(&self, text: u8, question: &Question<'_>, gauge: &Gauge) -> Option<u64> {
        let points = self.desk.texts[usize::from(text)];
        (points > f32::NEG_INFINITY).then(|| gauge.text_part(question, points))
    }

    /// What this text, that of the listing, earns.
    pub fn shared(&mut self, text: u8, item: &Item, question: &Question<'_>) -> u64 {
        let earned = || {
            let ctx = &question.ctx;
            question.part(FactorCode::Text, question.asked.words().share(&item.profile, ctx.statistics, ctx.policy))
        };
        match self.desk.shared.get_mut(usize::from(text)) {
            Some(known) => *known.get_or_insert_with(earned),
            None => earned(),
        }
    }

    /// Kilometres to a place of the block, and the part they earn.
    pub fn distance(&mut self, place: u8, block: &Block, question: &Question<'_>) -> (Option<f64>, u64) {
        let Some(known) = self.desk.places.get_mut(usize::from(place)) else { return (None, self.nowhere) };
        let from = question.facts.location;
        let Some((from, to)) = from.zip(block.manners().places().get(usize::from(place)).copied()) else {
            return (None, self.nowhere);
        };
        let (km, part) = *known.get_or_insert_with(|| {
            let km = question.km(from, to);
            (km, question.part(FactorCode::Distance, question.distance_share(Some(km))))
        });
        (Some(km), part)
    }

    /// As worked out before.
    pub fn known_km(&self, place: u8) -> Option<f64> {
        self.desk.places.get(usize::from(place)).copied().flatten().map(|(km, _)| km)
    }

    /// Worked out when first met.
    pub fn footing<'a>(
        &mut self,
        row: &Row,
        (block, standing): (&'a Block, &Standing<'a>),
        question: &Question<'a>,
    ) -> Option<&Footing> {
        let key = block.manners().key(row.count, row.money, row.amount >= 0);
        let known = match block.way(key) {
            Some(way) => self.by_way.get_mut(standing.first_way + way)?,
            None => {
                self.desk.at.resize(block.manners().keys(), None);
                self.desk.at.get_mut(key)?
            }
        };
        let place = *known.get_or_insert_with(|| {
            self.footings.push(Footing::of(&deal(question, row, (block, standing), None), question));
            (self.footings.len() - 1) as u32
        });
        self.footings.get(place as usize)
    }
}

const _: () = assert!(ROWS <= u8::MAX as usize);
