//! The rows of a block, cheapest facts first: what cannot enter the answer is left as soon as that shows; what is left
//! then is checked and scored as any pair is.

use crate::domain::listing::Side;
use crate::domain::place::Point;
use crate::matching::check::CheckCode;
use crate::matching::checks::{self, Screening};
use crate::matching::factor::FactorCode;
use crate::matching::item::Item;
use crate::matching::pair::{Deal, Pair};
use crate::matching::rank::Ranked;

use super::best::Best;
use super::block::{Block, ROWS};
use super::bound::{Ceiling, Near, Parts, Question};
use super::row::{Flags, Row};
use super::standing::{Standing, asked_of};
use super::words::may_say;

pub(super) struct Scan<'a> {
    question: Question<'a>,
    pub matches: Best<'a>,
    pub misses: Best<'a>,
    said: [u64; ROWS],
    /// The last place met: neighbours share it.
    met: Option<(Point, f64)>,
}

impl<'a> Scan<'a> {
    pub fn new(question: Question<'a>, limit: usize) -> Self {
        let misses = Best::new(question.ctx.policy.near_misses.limit);
        Self { question, matches: Best::new(limit), misses, said: [0; ROWS], met: None }
    }

    pub fn question(&self) -> &Question<'a> {
        &self.question
    }

    fn may_match(&self, parts: &Parts, km: f64) -> bool {
        self.matches.admits(parts.sum, km)
    }

    fn may_miss(&self, parts: &Parts, near: &Near, km: f64) -> bool {
        near.sum(parts).is_some_and(|sum| self.misses.admits(sum, km))
    }

    pub fn is_hopeless(&self, ceiling: &Ceiling) -> bool {
        let Ceiling { parts, km, matches, near } = ceiling;
        !(*matches && self.may_match(parts, *km) || self.may_miss(parts, near, *km))
    }

    pub fn block(&mut self, block: &'a Block, gone: u128, standing: &Standing<'a>, ceiling: &Ceiling) {
        let category = block.items().first().and_then(|item| item.category());
        let words = block.words();
        if let Some(words) = words {
            words.said_by_row(&self.question.words, &mut self.said);
        }
        let query = &self.question;
        let (need, offer) = (query.facts, query.facts);
        let (asking, kind) = (query.query.side(), query.query.kind());
        let mut deal = Deal { need, offer, asking, kind, distance_km: None, kinship: standing.kinship };
        for (at, row, item) in block.rows() {
            let said = words.and_then(|_| self.said.get(at).copied());
            if gone >> at & 1 == 0
                && let Some(mut hope) = self.glance(row, said, standing, ceiling)
                && self.weigh(row, (category, block), &mut hope, &mut deal)
            {
                self.judge(item, deal);
            }
        }
    }

    /// What flags, words and times say.
    fn glance(&self, row: &Row, said: Option<u64>, standing: &Standing<'_>, ceiling: &Ceiling) -> Option<Hope> {
        let question = &self.question;
        let mut hope = Hope { parts: ceiling.parts, matches: ceiling.matches, near: ceiling.near, at_odds: false };
        if !question.look_at_all {
            let hidden =
                row.flags.has(Flags::INVITED) || row.flags.has(Flags::FOR_VERIFIED) && !question.query.verified;
            if row.valid_until <= question.now || hidden || standing.by_words && !self.may_agree(row, said) {
                return None;
            }
            match self.parties(row) {
                0 => {}
                1 => (hope.matches, hope.at_odds) = (false, true),
                _ => return None,
            }
        }
        hope.parts.set(FactorCode::Freshness, question.freshness(row.confirmed_at));
        if let Some(said) = said.filter(|_| question.asks(FactorCode::Text)) {
            hope.parts.set(FactorCode::Text, question.text(said));
        }
        self.is_alive(&hope, ceiling.km).then_some(hope)
    }

    fn is_alive(&self, hope: &Hope, km: f64) -> bool {
        hope.matches && self.may_match(&hope.parts, km) || self.may_miss(&hope.parts, &hope.near, km)
    }

    /// Checks of verification that fail: 2 where the row is out.
    fn parties(&self, row: &Row) -> usize {
        let query = self.question.query;
        let side = self.question.side;
        let wanted = query.terms.required_level == crate::domain::listing::RequiredLevel::Verified;
        let of_them = wanted && !row.flags.has(Flags::VERIFIED);
        let of_us = row.flags.has(Flags::REQUIRES_VERIFIED) && !query.verified;
        let relaxable = |code: CheckCode| self.question.ctx.policy.is_relaxable(code);
        let cost = |fails: bool, code: CheckCode| {
            if !fails {
                0
            } else if relaxable(code) {
                1
            } else {
                2
            }
        };
        cost(of_them, asked_of(side, CheckCode::OfferVerified, CheckCode::NeedVerified))
            + cost(of_us, asked_of(side, CheckCode::NeedVerified, CheckCode::OfferVerified))
    }

    /// Whether the words could make up for a missing category.
    fn may_agree(&self, row: &Row, said: Option<u64>) -> bool {
        let question = &self.question;
        let Some(said) = said.filter(|_| question.ctx.policy.uncategorised_text > 0.0) else { return true };
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
        (category, block): (Option<&'a str>, &'a Block),
        hope: &mut Hope,
        deal: &mut Deal<'a>,
    ) -> bool {
        let km = self.distance(row.location());
        let far = km.unwrap_or(f64::INFINITY);
        let question = &self.question;
        if question.asks(FactorCode::Distance) {
            hope.parts.set(FactorCode::Distance, question.part(FactorCode::Distance, question.distance_share(km)));
            if !self.is_alive(hope, far) {
                return false;
            }
        }
        let facts = row.facts(category, self.question.side, block.manners());
        deal.distance_km = km;
        match self.question.side {
            Side::Offer => deal.offer = facts,
            Side::Need => deal.need = facts,
        }
        let question = &self.question;
        if question.asks(FactorCode::Urgency) {
            hope.parts.set(FactorCode::Urgency, question.urgency(facts.urgency, row.flags));
        }
        for code in [FactorCode::Price, FactorCode::Time, FactorCode::Quantity] {
            if question.asks(code) {
                let u = question.asked.u_of_terms(code, deal, &question.rough);
                hope.parts.set(code, question.scale().part(code, u));
                if !self.is_alive(hope, far) {
                    return false;
                }
            }
        }
        let (may_match, may_miss) =
            (hope.matches && self.may_match(&hope.parts, far), self.misses.admits(hope.parts.sum, far));
        match checks::screen_terms(deal, &question.ctx) {
            Screening::Match => may_match || may_miss && (hope.at_odds || hope.near.beyond_terms),
            Screening::NearMiss => may_miss && !hope.at_odds,
            Screening::Out => false,
        }
    }

    fn distance(&mut self, to: Option<Point>) -> Option<f64> {
        let (from, to) = self.question.facts.location.zip(to)?;
        if let Some((_, km)) = self.met.filter(|(met, _)| *met == to) {
            return Some(km);
        }
        let need_first = self.question.query.side() == Side::Need;
        let km = if need_first { from.distance_km(to) } else { to.distance_km(from) };
        self.met = Some((to, km));
        Some(km)
    }

    /// The listing itself.
    fn judge(&mut self, item: &'a Item, deal: Deal<'a>) {
        let question = &self.question;
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

/// What a row could still become.
struct Hope {
    parts: Parts,
    matches: bool,
    near: Near,
    /// A check of the parties has failed.
    at_odds: bool,
}
