//! What each asker of a block gives an arrival at most, from its cells: of whom that is less than the bar, or whose checks
//! surely fail, nothing more is asked.

use std::ops::ControlFlow;

use foldhash::HashMap;

use crate::domain::listing::Side;
use crate::matching::checks::{names_agree, words_mean};
use crate::matching::gauging::{Calendar, EARTH_KM};
use crate::matching::pair::{Deal, Kinship};
use crate::matching::quantity::Span;
use crate::matching::shares;

use super::cells::{ANY_SORT, Cell, Credentials, Gate, STANCES, Stated, WHOLE_ONLY};
use super::entry::Asks;
use super::gauge::{FAR, Gauge, OUT, Points, bucket, chord};
use super::partition::{Block, ROWS};
use super::rates::Rate;
use super::slack::{NEVER_THERE, Slack};
use super::texts::{Concepts, Texts};
use super::ways::{Way, Ways};
use crate::vocabulary::TextProfile;

/// The same for the askers of one partition.
pub(super) struct Ground<'g, 'a> {
    gauge: &'g Gauge<'a>,
    ways: &'g Ways,
    texts: &'g Texts,
    category: Option<&'g str>,
    kinship: Kinship<'a>,
    time: Slack,
    calendar: Calendar,
    points: [Points; 2 * Asks::SETS],
    usual_lead: f32,
    /// By way, the place of its rate after [`UNKNOWN`]; worked out when first met.
    met: Vec<u16>,
    /// `None` where they do not count in one dimension.
    rates: Vec<Option<Rate>>,
    /// Before tax and freight.
    plain: HashMap<Way, Option<Rate>>,
    /// By text, the share of it; [`UNMET`] until it is, [`NO_WORD`] where that rules a match out.
    shares: Vec<f64>,
    by_words: bool,
}

/// Of [`Ground::met`]: none, or none yet.
const UNKNOWN: u16 = u16::MAX;
const UNMET: f64 = -1.0;
/// The words do not agree.
const NO_WORD: f64 = -2.0;

impl<'a> Gauge<'a> {
    /// `None` where no asker of that category takes such goods.
    pub fn ground<'g>(
        &'g self,
        category: Option<&'g str>,
        kinship: Kinship<'a>,
        ways: &'g Ways,
        texts: &'g Texts,
    ) -> Option<Ground<'g, 'a>> {
        let (item, ctx) = (self.item, &self.ctx);
        let settled = match (item.category(), category) {
            (None, Some(code)) => words_mean(item.side(), &item.profile, code, ctx),
            _ => false,
        };
        let by_words = kinship == Kinship::Unstated && !settled;
        if by_words && category.is_some() && !texts.may_agree(&item.profile, ctx.policy) {
            return None;
        }
        let offered = match self.asking {
            Side::Need => item.category().or(category),
            Side::Offer => category.or(item.category()),
        };
        let trust = self.trust(category) as f32;
        let mut points = self.points;
        points.iter_mut().for_each(|points| points.full += points.trust * trust);
        Some(Ground {
            gauge: self,
            ways,
            texts,
            category,
            kinship,
            time: Slack::of(&self.facts, category, self.asking, ctx),
            calendar: Calendar::of(self.asking, &Span::of(&self.facts), ctx.today()),
            points,
            usual_lead: if self.placed { shares::usual_lead(offered, ctx) as f32 } else { NEVER_THERE },
            met: vec![UNKNOWN; ways.len()],
            rates: Vec::new(),
            plain: HashMap::default(),
            shares: vec![UNMET; texts.len()],
            by_words,
        })
    }
}

/// What a first look needs.
struct Sight<'g> {
    from: [f32; 3],
    near: &'g [(f32, f32); FAR],
    points: &'g [Points; 2 * Asks::SETS],
    barred: &'g [f32; STANCES],
    radius_km: f32,
    credentials: Credentials,
    sort: u8,
    time: Slack,
    usual_lead: f32,
}

/// Of an asker of the block, points above the bar with terms and words in full, and kilometres away at least.
#[derive(Debug, Clone, Copy)]
struct Left {
    points: f32,
    km: f32,
    at: u8,
}

impl Sight<'_> {
    #[inline(always)]
    fn look(&self, gate: &Gate, cell: &Cell, bar: f32) -> (f32, f32) {
        let points = &self.points[usize::from(gate.set) % (2 * Asks::SETS)];
        let (km, near) = self.near[bucket(chord(&self.from, cell.at))];
        let km = km * points.placed;
        let usual_lead = if points.placed > 0.0 { self.usual_lead } else { NEVER_THERE };
        let (time, late) = self.time.share(cell, gate.stance, km, usual_lead);
        let own = &self.credentials;
        let lacking = (cell.wants & !own.holds) | (own.wants & !cell.holds) != 0;
        let other = (cell.sort != self.sort) & (cell.sort != ANY_SORT) & (self.sort != ANY_SORT);
        let far = km > self.radius_km.min(f32::from(cell.radius_km));
        let fails = if far | late | lacking | other { OUT } else { 0.0 };
        let barred = self.barred[usize::from(gate.stance)];
        (points.full + points.distance * near + points.time * time + barred + fails - bar, km)
    }
}

impl Ground<'_, '_> {
    /// The highest bar it may reach, by set; below nothing for sets the block has not. `None` where it enters nowhere.
    pub fn limits(&self, block: &Block) -> Option<[i32; 2 * Asks::SETS]> {
        let near = match block.circle() {
            Some((centre, reach)) if self.gauge.placed => {
                let away = (chord(&self.gauge.from, centre).sqrt() * EARTH_KM - reach).max(0.0) / EARTH_KM;
                self.gauge.near[bucket(away * away)].1
            }
            _ => self.gauge.near[0].1,
        };
        let (mut limits, mut enters) = ([-1; 2 * Asks::SETS], false);
        for (set, bar) in block.bars() {
            let set = usize::from(*set) % (2 * Asks::SETS);
            let points = &self.points[set];
            limits[set] = (points.full + points.distance * near + points.time) as i32;
            enters |= i32::from(*bar) <= limits[set];
        }
        enters.then_some(limits)
    }

    /// Shows those of a block that may let the arrival in, with the share its words earn where that had to be known.
    pub fn look(&mut self, block: &Block, mut show: impl FnMut(usize, Option<f64>)) {
        let Some(limits) = self.limits(block) else { return };
        // Without a branch: whom a look leaves cannot be guessed.
        let (mut places, mut count) = ([0_u8; ROWS], 0);
        for (at, gate) in (0_u8..).zip(block.gates()) {
            places[count % ROWS] = at;
            count += usize::from(i32::from(gate.bar) <= limits[usize::from(gate.set) % (2 * Asks::SETS)]);
        }
        let (mut left, sight) = ([Left { points: 0.0, km: 0.0, at: 0 }; ROWS], self.sight());
        let mut seen = 0;
        for at in places.into_iter().take(count) {
            let Some((gate, cell, _)) = block.brief(usize::from(at)) else { continue };
            let (points, km) = sight.look(gate, cell, f32::from(gate.bar));
            left[seen % ROWS] = Left { points, km, at };
            seen += usize::from(points >= 0.0);
        }
        for Left { points, km, at } in left.into_iter().take(seen) {
            let at = usize::from(at);
            let Some((gate, cell, stated)) = block.brief(at) else { continue };
            if self.look_closer((gate, cell, stated), points, km).is_continue() {
                let share = self.shares.get(stated.text as usize).copied();
                show(at, share.filter(|share| *share >= 0.0));
            }
        }
    }

    /// Breaks where the bar, or a check, is surely missed.
    #[cfg(test)]
    pub fn gauge(&mut self, (gate, cell, stated): (&Gate, &Cell, &Stated), bar: f32) -> ControlFlow<()> {
        let (left, km) = self.sight().look(gate, cell, bar);
        if left < 0.0 { ControlFlow::Break(()) } else { self.look_closer((gate, cell, stated), left, km) }
    }

    fn sight(&self) -> Sight<'_> {
        let gauge = self.gauge;
        let substitute = matches!(self.kinship, Kinship::Substitute(_));
        Sight {
            from: gauge.from,
            near: &gauge.near,
            points: &self.points,
            barred: if substitute { &gauge.barred_substitute } else { &gauge.barred },
            radius_km: gauge.radius_km,
            credentials: gauge.credentials,
            sort: gauge.sort,
            time: self.time,
            usual_lead: self.usual_lead,
        }
    }

    fn look_closer(&mut self, (gate, cell, stated): (&Gate, &Cell, &Stated), left: f32, km: f32) -> ControlFlow<()> {
        let points = self.points[usize::from(gate.set) % (2 * Asks::SETS)];
        let left = left - self.lost_by_terms(&points, (gate, cell, stated), km);
        if left < 0.0 || left < self.lost_by_words(&points, stated.text) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn lost_by_terms(&mut self, points: &Points, (gate, cell, stated): (&Gate, &Cell, &Stated), km: f32) -> f32 {
        let met = match self.met.get(usize::from(stated.way)) {
            Some(&UNKNOWN) => self.meet_way(stated.way),
            met => met.copied().unwrap_or(UNKNOWN),
        };
        let rate = match self.rates.get(usize::from(met)) {
            Some(rate) => rate.as_ref(),
            None => Some(&Rate::FULL),
        };
        let Some(rate) = rate else { return -OUT };
        if rate.fails(stated, gate.stance & WHOLE_ONLY != 0) {
            return -OUT;
        }
        let quantity = if stated.quantity < 0.0 {
            self.gauge.unknown_quantity
        } else {
            rate.quantity_share(stated, cell.day, &self.calendar)
        };
        points.quantity * (1.0 - quantity) + points.price * (1.0 - rate.price_share(stated, km))
    }

    #[cold]
    fn meet_way(&mut self, number: u16) -> u16 {
        let Some(way) = self.ways.get(number) else { return UNKNOWN };
        let (plain, tax, delivered) = way.plain();
        let rate = match self.plain.get(&plain) {
            Some(rate) => *rate,
            None => {
                let rate = self.rate(plain);
                self.plain.insert(plain, rate);
                rate
            }
        };
        self.rates.push(rate.map(|rate| rate.with(tax, delivered)));
        let place = (self.rates.len() - 1) as u16;
        if let Some(slot) = self.met.get_mut(usize::from(number)) {
            *slot = place;
        }
        place
    }

    fn rate(&self, way: Way) -> Option<Rate> {
        let gauge = self.gauge;
        let asker = self.ways.facts(way, self.category, gauge.asking);
        let (need, offer) = match gauge.asking {
            Side::Need => (asker, gauge.facts),
            Side::Offer => (gauge.facts, asker),
        };
        let (asking, kind, kinship) = (gauge.asking, gauge.item.kind(), self.kinship);
        let rate = Rate::of(&Deal { need, offer, asking, kind, distance_km: None, kinship }, &gauge.ctx)?;
        Some(if way.periods { rate.of_periods() } else { rate })
    }

    fn lost_by_words(&mut self, points: &Points, text: u32) -> f32 {
        if points.text <= 0.0 && !self.by_words {
            return 0.0;
        }
        let known = self.shares.get(text as usize).copied().unwrap_or(1.0);
        let share = if known == UNMET { self.meet_text(text) } else { known };
        if share == NO_WORD { -OUT } else { points.text * (1.0 - share as f32) }
    }

    /// See [`names_agree`].
    fn agree(&self, said: &TextProfile, concepts: &Concepts) -> Option<bool> {
        let gauge = self.gauge;
        let (theirs, ours) = ((said, self.category), (&gauge.item.profile, gauge.item.category()));
        match gauge.asking {
            _ if !gauge.words.may_agree(concepts) => Some(false),
            Side::Need => names_agree(theirs, ours, &gauge.ctx),
            Side::Offer => names_agree(ours, theirs, &gauge.ctx),
        }
    }

    #[cold]
    fn meet_text(&mut self, text: u32) -> f64 {
        let (gauge, ctx) = (self.gauge, &self.gauge.ctx);
        let Some((said, concepts, worth)) = self.texts.get(text, ctx.statistics) else { return 1.0 };
        let agrees = if self.by_words { self.agree(said, &concepts) } else { Some(true) };
        let share = match agrees {
            Some(false) => NO_WORD,
            Some(true) => gauge.words.share(said, worth),
            None => {
                let share = gauge.words.share(said, worth);
                let most = share.max(gauge.words.share_back(said, ctx));
                if most >= ctx.policy.uncategorised_text { share } else { NO_WORD }
            }
        };
        if let Some(slot) = self.shares.get_mut(text as usize) {
            *slot = share;
        }
        share
    }
}
