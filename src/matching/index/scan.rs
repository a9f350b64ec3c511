//! The rows of a block, cheapest facts first: what cannot enter the answer is left as soon as that shows; what is left
//! then is checked and scored as any pair is.

use crate::domain::listing::{RequiredLevel, Side};
use crate::matching::check::CheckCode;
use crate::matching::checks::{self, Screening};
use crate::matching::factor::FactorCode;
use crate::matching::item::Item;
use crate::matching::pair::{Deal, Pair};
use crate::matching::rank::Ranked;
use crate::matching::shares;

use super::best::Best;
use super::block::Block;
use super::bound::{Ceiling, Parts, Question};
use super::footing::{Terms, set_parts_of_rates};
use super::near::Near;
use super::row::{Flags, Row};
use super::sheet::Sheet;
use super::standing::{Standing, asked_of};
use super::words::may_say;

pub(super) struct Scan<'a> {
    question: Question<'a>,
    pub matches: Best<'a>,
    pub misses: Best<'a>,
    sheet: Sheet,
}

/// What a row could still become.
#[derive(Clone, Copy)]
struct Hope {
    parts: Parts,
    matches: bool,
    misses: bool,
    /// Unknown is farthest.
    far: f64,
}

impl<'a> Scan<'a> {
    pub fn new(question: Question<'a>, limit: usize) -> Self {
        let misses = Best::new(question.ctx.policy.near_misses.limit);
        Self { question, matches: Best::new(limit), misses, sheet: Sheet::default() }
    }

    pub fn question(&self) -> &Question<'a> {
        &self.question
    }

    pub fn is_hopeless(&self, ceiling: &Ceiling) -> bool {
        !(ceiling.matches && self.matches.admits(ceiling.parts.sum, ceiling.km)
            || ceiling.near_sum().is_some_and(|sum| self.misses.admits(sum, ceiling.km)))
    }

    fn may_live(&self, hope: &Hope) -> bool {
        hope.matches && self.matches.admits(hope.parts.sum, hope.far)
            || hope.misses && self.misses.admits(hope.parts.sum, hope.far)
    }

    pub fn block(&mut self, block: &'a Block, gone: u128, standing: &Standing<'a>, ceiling: &Ceiling) {
        self.sheet.open(block, &self.question);
        for (at, row) in block.rows().iter().enumerate() {
            if gone >> at & 1 == 0
                && let Some((hope, at_odds)) = self.glance(row, standing, ceiling)
                && let Some(hope) = self.weigh(row, hope, at_odds, &ceiling.near, (block, standing))
                && let Some(item) = block.items().get(at)
            {
                self.judge(item, row, hope, (block, standing));
            }
        }
    }

    /// What flags, words and times say; and whether a check of the parties has failed.
    fn glance(&self, row: &Row, standing: &Standing<'_>, ceiling: &Ceiling) -> Option<(Hope, bool)> {
        let question = &self.question;
        let mut hope = Hope { parts: ceiling.parts, matches: ceiling.matches, misses: false, far: ceiling.km };
        let mut at_odds = false;
        if !question.look_at_all {
            let hidden =
                row.flags.has(Flags::INVITED) || row.flags.has(Flags::FOR_VERIFIED) && !question.query.verified;
            if row.valid_until <= question.now || hidden || standing.by_words && !self.may_agree(row) {
                return None;
            }
            match self.parties(row) {
                0 => {}
                1 => (hope.matches, at_odds) = (false, true),
                _ => return None,
            }
        }
        hope.parts.set(FactorCode::Freshness, question.freshness(row.confirmed_at));
        if let Some(part) = self.sheet.text(row.text) {
            hope.parts.set(FactorCode::Text, part);
        }
        if !row.flags.has(Flags::TRUSTED) {
            hope.parts.set(FactorCode::Trust, question.part(FactorCode::Trust, standing.trust));
        }
        let near = ceiling.near.sum(row.flags, &hope.parts);
        let alive = hope.matches && self.matches.admits(hope.parts.sum, hope.far)
            || near.is_some_and(|sum| self.misses.admits(sum, hope.far));
        alive.then_some((hope, at_odds))
    }

    /// Checks of verification that fail: 2 where the row is out.
    fn parties(&self, row: &Row) -> usize {
        let query = self.question.query;
        let side = self.question.side;
        let wanted = query.terms.required_level == RequiredLevel::Verified;
        let of_them = wanted && !row.flags.has(Flags::VERIFIED);
        let of_us = row.flags.has(Flags::REQUIRES_VERIFIED) && !query.verified;
        let cost = |fails: bool, code: CheckCode| {
            if !fails {
                0
            } else if self.question.is_relaxable(code) {
                1
            } else {
                2
            }
        };
        cost(of_them, asked_of(side, CheckCode::OfferVerified, CheckCode::NeedVerified))
            + cost(of_us, asked_of(side, CheckCode::NeedVerified, CheckCode::OfferVerified))
    }

    /// Whether the words could make up for a missing category.
    fn may_agree(&self, row: &Row) -> bool {
        let question = &self.question;
        let said = self.sheet.said(row.text).filter(|_| question.ctx.policy.uncategorised_text > 0.0);
        let Some(said) = said else { return true };
        let names = row.flags.has(Flags::NAMES_CATEGORY);
        if names && question.facts.category.is_some() {
            return true;
        }
        if names && question.names_category {
            let concepts = question.asked.words().tokens().enumerate().filter(|(_, token)| token.is_concept());
            return concepts.into_iter().any(|(place, _)| may_say(said, place));
        }
        said != 0
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
        }
        if question.asks(FactorCode::Urgency) {
            hope.parts.set(FactorCode::Urgency, question.urgency(row.urgency(), row.flags));
        }
        let near_sum = near.sum(row.flags, &hope.parts);
        if !(hope.matches && self.matches.admits(hope.parts.sum, hope.far)
            || near_sum.is_some_and(|sum| self.misses.admits(sum, hope.far)))
        {
            return None;
        }
        let footing = self.sheet.footing(row, (block, standing), question, km);
        let terms = (!footing.rates).then(|| Terms::of(question, row, footing, km));
        let deal = if terms.is_none() { Some(deal(question, row, (block, standing), km)) } else { None };
        let screening = match (&terms, &deal) {
            (Some(terms), _) => terms.screen(question, row, standing),
            (None, Some(deal)) => checks::screen_terms(deal, &question.ctx),
            (None, None) => return None,
        };
        (hope.matches, hope.misses) = match screening {
            Screening::Match => (hope.matches, at_odds || near.is_beyond_terms(row.flags)),
            Screening::NearMiss => (false, !at_odds),
            Screening::Out => return None,
        };
        if let Some(deal) = &deal {
            set_parts_of_rates(&mut hope.parts, question, deal);
        }
        for code in [FactorCode::Price, FactorCode::Time, FactorCode::Quantity] {
            if let Some(terms) = terms.as_ref().filter(|_| question.asks(code)) {
                hope.parts.set(code, terms.part(code, question, row, standing));
            }
            if !self.may_live(&hope) {
                return None;
            }
        }
        if row.flags.has(Flags::TRUSTED) {
            hope.parts.set(FactorCode::Trust, question.trust(row.trust));
        }
        self.may_live(&hope).then_some(hope)
    }

    /// The listing itself.
    fn judge(&mut self, item: &'a Item, row: &Row, mut hope: Hope, (block, standing): (&'a Block, &Standing<'a>)) {
        let question = &self.question;
        if question.asks(FactorCode::Text) {
            let share = question.asked.words().share(&item.profile, question.ctx.statistics, question.ctx.policy);
            hope.parts.set(FactorCode::Text, question.part(FactorCode::Text, share));
        }
        if question.asks(FactorCode::ChainLink) {
            let linked = shares::chain_link(question.query, item);
            hope.parts.set(FactorCode::ChainLink, question.part(FactorCode::ChainLink, linked));
        }
        if !self.may_live(&hope) {
            return;
        }
        let deal = deal(question, row, (block, standing), self.sheet.known_km(row.place));
        let pair = Pair::with_deal(question.query, item, deal);
        let screening = checks::screen(&pair, &question.ctx);
        if screening == Screening::Out {
            return;
        }
        let score = question.asked.score(&pair, &question.ctx);
        let ranked = Ranked { score, distance_km: pair.distance_km, item };
        let list = if screening == Screening::Match { &mut self.matches } else { &mut self.misses };
        list.offer(ranked, self.question.asked.scale());
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
