//! What has been worked out about the block at hand: each text, place and way of counting and pricing once.

use crate::matching::factor::FactorCode;
use crate::matching::item::Item;

use super::block::{Block, ROWS};
use super::bound::Question;
use super::footing::Footing;
use super::gauge::Gauge;
use super::row::Row;
use super::scan::deal;
use super::standing::Standing;

/// Kept from block to block for its room alone.
#[derive(Default)]
pub(super) struct Sheet {
    /// Bits of the words asked for, and parts, by text; empty where the block's words are not known.
    said: Vec<u64>,
    texts: Vec<u64>,
    /// Kilometres at least, and points at most, by place.
    reach: Vec<(f32, f32)>,
    /// Kilometres and parts by place.
    places: Vec<Option<(f64, u64)>>,
    /// What a text earns, no more and no less.
    shared: Vec<Option<u64>>,
    nowhere: u64,
    /// Where a footing lies, by count, money and whether an amount is stated.
    at: Vec<Option<u32>>,
    /// The same by the numbers of ways in partitions, of the whole question: few come back in block after block.
    by_way: Vec<Option<u32>>,
    footings: Vec<Footing>,
    /// Parts by bits of words, of the whole question.
    known: Vec<Option<(u64, u64)>>,
}

const KNOWN: usize = 256;

impl Sheet {
    /// Room for the ways of partitions yet to be met.
    pub fn expect_ways(&mut self, ways: usize) {
        self.by_way.resize(ways, None);
    }

    pub fn open(&mut self, block: &Block, question: &Question<'_>, gauge: &Gauge) {
        let texts = block.words().map_or(0, |_| block.texts().count());
        self.said.clear();
        self.said.resize(texts, 0);
        self.texts.clear();
        if let Some(words) = block.words() {
            words.said_by_text(&question.words, &mut self.said);
        }
        if question.asks(FactorCode::Text) {
            self.known.resize(KNOWN, None);
            for said in &self.said {
                let place = (said.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize;
                let known = self.known.get(place).copied().flatten().filter(|(bits, _)| bits == said);
                let part = known.map_or_else(|| question.text(*said), |(_, part)| part);
                if let Some(slot) = self.known.get_mut(place) {
                    *slot = Some((*said, part));
                }
                self.texts.push(part);
            }
        }
        self.shared.clear();
        self.shared.resize(block.texts().count(), None);
        self.reach.clear();
        self.reach.extend(block.manners().directions().iter().map(|to| gauge.reach(to)));
        self.places.clear();
        self.places.resize(block.manners().places().len(), None);
        self.nowhere = question.part(FactorCode::Distance, question.distance_share(None));
        self.at.clear();
        self.at.resize(block.manners().keys(), None);
    }

    /// Bits of the words asked for that a text may say; `None` where that is not known.
    pub fn said(&self, text: u8) -> Option<u64> {
        self.said.get(usize::from(text)).copied()
    }

    /// The most its words earn; `None` where they are not asked for or not known.
    pub fn text(&self, text: u8) -> Option<u64> {
        self.texts.get(usize::from(text)).copied()
    }

    /// What this text, that of the listing, earns.
    pub fn shared(&mut self, text: u8, item: &Item, question: &Question<'_>) -> u64 {
        let earned = || {
            let ctx = &question.ctx;
            question.part(FactorCode::Text, question.asked.words().share(&item.profile, ctx.statistics, ctx.policy))
        };
        match self.shared.get_mut(usize::from(text)) {
            Some(known) => *known.get_or_insert_with(earned),
            None => earned(),
        }
    }

    /// Kilometres at least to a place of the block, and points at most; `None` where there is none.
    pub fn reach(&self, place: u8) -> Option<(f32, f32)> {
        self.reach.get(usize::from(place)).copied()
    }

    /// Kilometres to a place of the block, and the part they earn.
    pub fn distance(&mut self, place: u8, block: &Block, question: &Question<'_>) -> (Option<f64>, u64) {
        let Some(known) = self.places.get_mut(usize::from(place)) else { return (None, self.nowhere) };
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
        self.places.get(usize::from(place)).copied().flatten().map(|(km, _)| km)
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
            None => self.at.get_mut(key)?,
        };
        let place = *known.get_or_insert_with(|| {
            self.footings.push(Footing::of(&deal(question, row, (block, standing), None), question));
            (self.footings.len() - 1) as u32
        });
        self.footings.get(place as usize)
    }
}

const _: () = assert!(ROWS <= u8::MAX as usize);
