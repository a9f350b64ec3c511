//! The rows of a batch of blocks, the best first, and of each the cheapest facts first: what cannot enter the answer is left
//! as soon as that shows; what is left then is checked and scored as any pair is.

use std::collections::BinaryHeap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::domain::listing::Side;
use crate::matching::checks::{self, Screening};
use crate::matching::factor::FactorCode;
use crate::matching::item::Item;
use crate::matching::pair::{Deal, Pair};
use crate::matching::rank::Ranked;
use crate::matching::shares;

use super::best::Best;
use super::block::Block;
use super::bound::{Ceiling, Parts, Question};
use super::earnings::{Bars, Earnings, Found};
use super::field::Field;
use super::footing::{Terms, price_quotient, volume_quotient};
use super::gauge::{Gauge, Gauged, Ground};
use super::near::Near;
use super::query::Candidate;
use super::rates::PriceQuotient;
use super::row::{Flags, Row};
use super::sheet::{Desk, Desks, Sheet};
use super::standing::Standing;
use super::volume::VolumeQuotient;
use super::ways::Shown;
use super::words::Worths;

pub(super) struct Scan<'a> {
    question: Question<'a>,
    gauge: Gauge,
    pub matches: Best<'a>,
    pub misses: Best<'a>,
    sheet: Sheet,
    /// Rows of the blocks of a batch that may enter.
    found: Vec<Found>,
}

/// What a row could still become.
#[derive(Clone, Copy)]
struct Hope {
    parts: Parts,
    matches: bool,
    misses: bool,
    /// Unknown is farthest.
    far: f64,
    /// What the terms alone say.
    terms: Screening,
    /// Parts that are no mere bounds.
    exact: [bool; 9],
}

impl Hope {
    fn lives(&self, matches: &Best<'_>, misses: &Best<'_>) -> bool {
        self.matches && matches.admits(self.parts.sum, self.far)
            || self.misses && misses.admits(self.parts.sum, self.far)
    }
}

impl<'a> Scan<'a> {
    pub fn new(question: Question<'a>, limit: usize) -> Self {
        let misses = Best::new(question.ctx.policy.near_misses.limit);
        let gauge = Gauge::of(&question);
        let (matches, sheet) = (Best::new(limit), Sheet::new(&question));
        Self { question, gauge, matches, misses, sheet, found: Vec::new() }
    }

    pub fn question(&self) -> &Question<'a> {
        &self.question
    }

    pub fn worths(&self) -> &Worths {
        &self.gauge.words
    }

    /// To what rows are whose words earn so many points at most.
    pub fn lower(&self, ceiling: &mut Ceiling, words: f32) {
        let most = ceiling.parts.get(FactorCode::Text);
        ceiling.parts.set(FactorCode::Text, self.gauge.text_part(&self.question, words).min(most));
    }

    fn is_hopeless(&self, ceiling: &Ceiling) -> bool {
        !(ceiling.matches && self.matches.admits(ceiling.parts.sum, ceiling.km)
            || ceiling.near_sum().is_some_and(|sum| self.misses.admits(sum, ceiling.km)))
    }

    pub fn expect_ways(&mut self, ways: usize) {
        self.sheet.expect_ways(ways);
    }

    fn may_enter(&self, gauged: Gauged) -> bool {
        self.matches.admits_points(gauged.as_match, gauged.km) || self.misses.admits_points(gauged.as_miss, gauged.km)
    }

    /// What of these may enter: all are gauged, then their rows are looked at, the best first, so that the others have to
    /// do better.
    pub fn blocks(&mut self, blocks: &[Candidate<'_, 'a>]) {
        for (of, candidate) in (0_u8..).zip(blocks) {
            if !self.is_hopeless(&candidate.ceiling) {
                self.gauge(candidate, of);
            }
        }
        let mut found = BinaryHeap::from(std::mem::take(&mut self.found));
        let mut desks = Desks::of(blocks.len());
        while let Some(row) = found.pop().filter(|row| row.gauged.highest() >= self.least_points()) {
            if self.may_enter(row.gauged)
                && let Some(candidate) = blocks.get(usize::from(row.of))
            {
                desks.turn_to(row.of, &mut self.sheet, || Desk::of(candidate, &self.question, &self.gauge));
                self.look_at(candidate, row.at);
            }
        }
        self.found = found.into_vec();
        self.found.clear();
    }

    /// Below so many points nothing enters.
    fn least_points(&self) -> f32 {
        self.matches.least_points().min(self.misses.least_points())
    }

    /// Finds the rows that may enter by what they could earn.
    fn gauge(&mut self, candidate: &Candidate<'_, 'a>, of: u8) {
        let Candidate { block, gone, field, ceiling, .. } = candidate;
        self.sheet.open(candidate, &self.question, &self.gauge);
        let ground = Ground::of(&self.question, &field.standing, ceiling);
        let bars = Bars { matches: self.matches.least_points(), misses: self.misses.least_points() };
        let mut found = std::mem::take(&mut self.found);
        let likely = self.likely(candidate, of, &ground, bars);
        let by_cells = likely.is_some();
        found.extend(likely.into_iter().flatten().filter(|row| *gone >> row.at & 1 == 0 && self.may_enter(row.gauged)));
        self.found = found;
        if !by_cells {
            for (at, row) in (0_u8..).zip(block.rows()) {
                let gauged = self.gauge_row(row, &ground, (block, &field.standing));
                if *gone >> at & 1 == 0 && self.may_enter(gauged) {
                    self.found.push(Found { of, at, gauged });
                }
            }
        }
    }

    /// The rows that may enter by what is looked up of them, gauged by their cells; `None` where they have none.
    fn likely<'s>(
        &'s self,
        candidate: &'s Candidate<'_, 'a>,
        of: u8,
        ground: &'s Ground,
        bars: Bars,
    ) -> Option<impl Iterator<Item = Found> + use<'s, 'a>> {
        let Candidate { block, field, ceiling, .. } = candidate;
        let earnings = self.earnings(block, field, ground)?;
        let (cells, to) = (block.cells(), block.manners().directions());
        let near = self.gauge.points(ceiling.parts.get(FactorCode::Distance));
        let question = &self.question;
        let shown = |by: &Shown| {
            let (block, row) = field.partition.shown(by)?;
            Some(deal(question, row, (block, &field.standing), None))
        };
        let price = |by: &Shown| shown(by).map_or(PriceQuotient::FULL, |deal| price_quotient(&deal, question, by));
        let count = |by: &Shown| shown(by).map_or(VolumeQuotient::FULL, |deal| volume_quotient(&deal, question, by));
        let within = (&self.gauge, ground);
        let likely = earnings.likely(within, cells, self.sheet.texts(), near, bars, (price, count));
        let gauged = move |(at, known): (u8, f32)| {
            let cell = cells.get(usize::from(at))?;
            let away = self.gauge.away(to.get(usize::from(cell.place)), ground.least_lead);
            Some(Found { of, at, gauged: earnings.gauged(within, cell, known, &away) })
        };
        Some(likely.into_rows().filter_map(gauged))
    }

    /// `None` where its rows have no cells.
    fn earnings<'f>(&self, block: &Block, field: &'f Field<'a>, ground: &Ground) -> Option<&'f Earnings<'a>> {
        let legend = field.partition.legend().filter(|_| !block.cells().is_empty())?;
        let worked_out = || {
            let of = (ground.newcomer, field.standing.category);
            Box::new(Earnings::of(&self.question, &self.gauge, of, legend))
        };
        Some(field.earnings.get_or_init(worked_out))
    }

    /// All of its rows that are found when nothing has been yet.
    #[cfg(test)]
    pub fn found(&mut self, candidate: &Candidate<'_, 'a>) -> Vec<Found> {
        self.gauge(candidate, 0);
        std::mem::take(&mut self.found)
    }

    /// What each of its rows could earn, seen from afar and looked at closely.
    #[cfg(test)]
    pub fn gauged(&mut self, candidate: &Candidate<'_, 'a>) -> Vec<(Gauged, Gauged)> {
        let Candidate { block, field, ceiling, .. } = candidate;
        self.sheet.open(candidate, &self.question, &self.gauge);
        let ground = Ground::of(&self.question, &field.standing, ceiling);
        let mut from_afar = vec![Gauged::ANYTHING; block.len()];
        let nothing = Bars { matches: f32::NEG_INFINITY, misses: f32::NEG_INFINITY };
        for Found { at, gauged, .. } in self.likely(candidate, 0, &ground, nothing).into_iter().flatten() {
            from_afar[usize::from(at)] = gauged;
        }
        let rows = block.rows().iter().zip(from_afar);
        rows.map(|(row, from_afar)| (from_afar, self.gauge_row(row, &ground, (block, &field.standing)))).collect()
    }

    /// Whether a row is found that makes as much as it takes to enter; rows without cells always are.
    #[cfg(test)]
    pub fn finds(&mut self, candidate: &Candidate<'_, 'a>, at: usize, bars: Bars) -> bool {
        self.sheet.open(candidate, &self.question, &self.gauge);
        let ground = Ground::of(&self.question, &candidate.field.standing, &candidate.ceiling);
        self.likely(candidate, 0, &ground, bars).is_none_or(|mut rows| rows.any(|row| usize::from(row.at) == at))
    }

    fn gauge_row(&mut self, row: &Row, ground: &Ground, within: (&'a Block, &Standing<'a>)) -> Gauged {
        let text = self.sheet.texts()[usize::from(row.text)];
        let to = within.0.manners().directions().get(usize::from(row.place));
        let away = self.gauge.away(to, ground.least_lead);
        let Some(footing) = self.sheet.footing(row, within, &self.question) else { return Gauged::ANYTHING };
        let gauged = self.gauge.row(&self.question, ground, row, text, &away, &footing.rates);
        // Dearer to tell than all the rest.
        if row.flags.has(Flags::TRUSTED) && self.may_enter(gauged) {
            gauged.less(self.gauge.distrust(&self.question, row.trust))
        } else {
            gauged
        }
    }

    fn look_at(&mut self, candidate: &Candidate<'_, 'a>, at: u8) {
        let Candidate { block, field, ceiling, .. } = candidate;
        let (standing, at) = (&field.standing, usize::from(at));
        let Some((row, item)) = block.rows().get(at).zip(block.items().get(at)) else { return };
        let judge = || {
            if let Some((hope, at_odds)) = self.glance(row, standing, ceiling)
                && let Some(hope) = self.weigh(row, hope, at_odds, &ceiling.near, (block, standing))
            {
                self.judge(item, row, hope, (block, standing));
            }
        };
        // A listing that cannot be scored is left out; the others are answered for.
        let _left_out = catch_unwind(AssertUnwindSafe(judge)).is_err();
    }

    /// What flags, words and times say; and whether a check of the parties has failed.
    fn glance(&self, row: &Row, standing: &Standing<'_>, ceiling: &Ceiling) -> Option<(Hope, bool)> {
        let question = &self.question;
        let expired = !question.look_at_all && row.valid_until <= question.now;
        if expired || question.is_hidden(row.flags) {
            return None;
        }
        let text = self.sheet.text(row.text, question, &self.gauge)?;
        let (matches, at_odds) = match question.parties(row.flags) {
            0 => (ceiling.matches, false),
            1 => (false, true),
            _ => return None,
        };
        let whole = &ceiling.parts;
        let fresh = question.freshness(row.confirmed_at);
        let trust = if row.flags.has(Flags::TRUSTED) {
            question.trust(row.trust)
        } else {
            question.part(FactorCode::Trust, standing.trust)
        };
        let parts = [(FactorCode::Freshness, fresh), (FactorCode::Text, text), (FactorCode::Trust, trust)];
        let sum = parts.iter().fold(whole.sum, |sum, (code, part)| sum - whole.get(*code) + part);
        let alive = matches && self.matches.admits(sum, ceiling.km)
            || ceiling.near.sum_of(row.flags, sum, whole).is_some_and(|sum| self.misses.admits(sum, ceiling.km));
        if !alive {
            return None;
        }
        let mut hope =
            Hope { parts: *whole, matches, misses: false, far: ceiling.km, terms: Screening::Match, exact: [false; 9] };
        for (code, part) in parts {
            hope.parts.set(code, part);
        }
        Some((hope, at_odds))
    }

    /// What place and terms say.
    fn weigh(
        &mut self,
        row: &Row,
        mut hope: Hope,
        at_odds: bool,
        near: &Near,
        (block, standing): (&'a Block, &Standing<'a>),
    ) -> Option<Hope> {
        let (km, part) = self.sheet.distance(row.place, block, &self.question);
        let question = &self.question;
        hope.far = km.unwrap_or(f64::INFINITY);
        if question.asks(FactorCode::Distance) {
            hope.parts.set(FactorCode::Distance, part);
            hope.exact[FactorCode::Distance as usize] = true;
        }
        if question.asks(FactorCode::Urgency) {
            hope.parts.set(FactorCode::Urgency, question.urgency(row.urgency(), row.flags));
        }
        let near = if row.radius_km().zip(km).is_none_or(|(radius, km)| km <= f64::from(radius)) {
            near.knowing(Flags::RADIUS)
        } else {
            *near
        };
        let near_sum = near.sum(row.flags, &hope.parts);
        if !(hope.matches && self.matches.admits(hope.parts.sum, hope.far)
            || near_sum.is_some_and(|sum| self.misses.admits(sum, hope.far)))
        {
            return None;
        }
        let footing = self.sheet.footing(row, (block, standing), question)?;
        let terms = Terms::of(question, row, footing, block.manners().span(row.count), km);
        hope.terms = terms.screen(question, row, standing);
        (hope.matches, hope.misses) = match hope.terms {
            Screening::Match => (hope.matches, at_odds || near.is_beyond_terms(row.flags)),
            Screening::NearMiss => (false, !at_odds),
            Screening::Out => return None,
        };
        for code in [FactorCode::Price, FactorCode::Time, FactorCode::Quantity] {
            if question.asks(code) {
                let (part, exact) = terms.part(code, question, row, standing);
                hope.parts.set(code, part);
                hope.exact[code as usize] = exact;
            }
            if !hope.lives(&self.matches, &self.misses) {
                return None;
            }
        }
        Some(hope)
    }

    /// The listing itself.
    fn judge(&mut self, item: &'a Item, row: &Row, mut hope: Hope, (block, standing): (&'a Block, &Standing<'a>)) {
        #[cfg(test)]
        super::tests::fail_on(item.id);
        let question = &self.question;
        if question.asks(FactorCode::Text) {
            hope.parts.set(FactorCode::Text, self.sheet.shared(row.text, item, question));
            hope.exact[FactorCode::Text as usize] = true;
        }
        if question.asks(FactorCode::ChainLink) {
            let linked = shares::chain_link(question.query, item);
            hope.parts.set(FactorCode::ChainLink, question.part(FactorCode::ChainLink, linked));
            hope.exact[FactorCode::ChainLink as usize] = true;
        }
        if !hope.lives(&self.matches, &self.misses) {
            return;
        }
        let deal = deal(question, row, (block, standing), self.sheet.known_km(row.place));
        let pair = Pair::with_deal(question.query, item, deal);
        let screening = checks::screen_beyond_terms(&pair, hope.terms, &question.ctx);
        if screening == Screening::Out {
            return;
        }
        let list = if screening == Screening::Match { &mut self.matches } else { &mut self.misses };
        for code in question.asked.codes() {
            // What is not exact yet is a bound.
            if !list.admits(hope.parts.sum, hope.far) {
                return;
            }
            if !hope.exact[*code as usize] {
                let u = question.asked.u(*code, &pair, &question.ctx);
                hope.parts.set(*code, question.scale().part(*code, u));
            }
        }
        let score = question.scale().score(hope.parts.sum);
        list.offer(Ranked { score, distance_km: pair.distance_km, item }, question.asked.scale());
    }
}

/// What the question and a row would make.
pub(super) fn deal<'a>(
    question: &Question<'a>,
    row: &Row,
    (block, standing): (&'a Block, &Standing<'a>),
    distance_km: Option<f64>,
) -> Deal<'a> {
    let facts = row.facts(standing.category, question.side, block.manners());
    let (need, offer) = match question.side {
        Side::Offer => (question.facts, facts),
        Side::Need => (facts, question.facts),
    };
    let (asking, kind) = (question.query.side(), question.query.kind());
    Deal { need, offer, asking, kind, distance_km, kinship: standing.kinship }
}
