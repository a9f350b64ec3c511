//! What has been worked out about the block at hand: each text, place and way of counting and pricing once.

use crate::domain::place::Direction;
use crate::matching::factor::FactorCode;
use crate::matching::item::Item;

use super::block::{Block, ROWS};
use super::bound::Question;
use super::cells::BYTES;
use super::footing::Footing;
use super::gauge::Gauge;
use super::row::Row;
use super::scan::deal;
use super::standing::Standing;

/// Kept from block to block for its room alone.
pub(super) struct Sheet {
    /// Bits of the words asked for, by text; empty where the block's words are not known.
    said: Vec<u64>,
    /// By text, whether it may speak of the question's category.
    means: Vec<u64>,
    /// Parts by text.
    texts: Vec<u64>,
    pub reach: Box<Reach>,
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

/// Days: more than any lead.
pub(super) const NEVER_THERE: f32 = 1e9;

/// At most, by place and by text of the block at hand.
pub(super) struct Reach {
    pub points: [f32; BYTES],
    pub km: [f32; BYTES],
    /// The same, endless where no place is known.
    pub far: [f32; BYTES],
    /// Days from order to arrival where no lead is stated; [`NEVER_THERE`] where that cannot be told.
    pub leads: [f32; BYTES],
    /// Points.
    pub texts: [f32; BYTES],
}

impl Reach {
    fn of(gauge: &Gauge) -> Box<Self> {
        let (km, points) = gauge.nowhere();
        Box::new(Self {
            points: [points; BYTES],
            km: [km; BYTES],
            far: [f32::INFINITY; BYTES],
            leads: [NEVER_THERE; BYTES],
            texts: [0.0; BYTES],
        })
    }

    fn open(&mut self, places: &[Direction], gauge: &Gauge, least_lead: f32) {
        if !gauge.is_placed() {
            return;
        }
        for (to, km) in places.iter().zip(&mut self.km) {
            *km = gauge.chord(to);
        }
        let known = ..places.len().min(BYTES);
        let (kms, points) = (&mut self.km[known], &mut self.points[known]);
        kms.iter_mut().for_each(|km| *km = gauge.kilometres(*km));
        kms.iter().zip(points).for_each(|(km, points)| *points = gauge.near(*km));
        kms.iter().zip(&mut self.leads).for_each(|(km, lead)| *lead = gauge.usual_lead(*km, least_lead));
        kms.iter().zip(&mut self.far).for_each(|(km, far)| *far = *km);
    }

    /// Kilometres at least, points, and kilometres as far as they count among equals.
    pub fn to(&self, place: u8) -> (f32, f32, f32) {
        let place = usize::from(place);
        (self.km[place], self.points[place], self.far[place])
    }
}

impl Sheet {
    pub fn new(question: &Question<'_>, gauge: &Gauge) -> Self {
        Self {
            said: Vec::new(),
            means: Vec::new(),
            texts: Vec::new(),
            reach: Reach::of(gauge),
            places: Vec::new(),
            shared: Vec::new(),
            nowhere: question.part(FactorCode::Distance, question.distance_share(None)),
            at: Vec::new(),
            by_way: Vec::new(),
            footings: Vec::new(),
            known: vec![None; KNOWN],
        }
    }

    /// Room for the ways of partitions yet to be met.
    pub fn expect_ways(&mut self, ways: usize) {
        self.by_way.resize(ways, None);
    }

    /// For a look at its rows from afar: their places and words.
    pub fn open(&mut self, block: &Block, question: &Question<'_>, gauge: &Gauge, standing: &Standing<'_>) {
        self.reach.open(block.manners().directions(), gauge, standing.lead_days as f32);
        self.at.clear();
        match block.words() {
            Some(words) => words.earn(&gauge.words, &mut self.reach.texts),
            None => self.reach.texts = [gauge.points(question.most(FactorCode::Text)); BYTES],
        }
        if standing.by_words && !question.look_at_all {
            self.read(block, question, standing);
            self.pass_over_others(block, question);
        }
    }

    /// For a closer look at some of the rows.
    pub fn look_closer(&mut self, block: &Block, question: &Question<'_>, standing: &Standing<'_>) {
        self.read(block, question, standing);
        self.texts.clear();
        if question.asks(FactorCode::Text) {
            self.earn_texts(question);
        }
        self.at.clear();
        self.shared.clear();
        self.shared.resize(block.text_count(), None);
        self.places.clear();
        self.places.resize(block.manners().places().len(), None);
    }

    /// What its texts say.
    fn read(&mut self, block: &Block, question: &Question<'_>, standing: &Standing<'_>) {
        self.said.clear();
        if let Some(words) = block.words() {
            self.said.resize(block.text_count(), 0);
            words.said_by_text(&question.words, &mut self.said);
        }
        self.means.clear();
        if let Some(words) = block.words().filter(|_| standing.by_words) {
            self.means.resize(block.text_count(), 0);
            words.said_by_text(&question.meant, &mut self.means);
        }
    }

    /// Texts that cannot make up for a missing category earn nothing, nor does anything else of who says them.
    fn pass_over_others(&mut self, block: &Block, question: &Question<'_>) {
        let said = self.said.iter().zip(&self.means).zip(block.text_flags());
        for (((said, means), flags), points) in said.zip(&mut self.reach.texts) {
            if !question.may_agree(*said, *means != 0, flags) {
                *points = f32::NEG_INFINITY;
            }
        }
    }

    fn earn_texts(&mut self, question: &Question<'_>) {
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

    /// Bits of the words asked for that a text may say, and whether it may speak of the question's category; `None` where
    /// that is not known.
    pub fn said(&self, text: u8) -> Option<(u64, bool)> {
        let means = self.means.get(usize::from(text)).is_some_and(|means| *means != 0);
        self.said.get(usize::from(text)).map(|said| (*said, means))
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
            None => {
                self.at.resize(block.manners().keys(), None);
                self.at.get_mut(key)?
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
