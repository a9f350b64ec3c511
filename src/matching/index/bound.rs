//! What the best listing of a block could earn, and whether it could be a match or a near miss.
//!
//! A bound asks the functions of `shares` with facts at least as good as those of any row; what a block says nothing
//! about counts in full. Bounds are sums of parts in whole numbers, as scores are, so comparing them is exact.

use std::cell::Cell;

use chrono::{Datelike, TimeDelta};
use strum::VariantArray;

use crate::domain::listing::{RequiredLevel, Side, Urgency};
use crate::domain::place::{Direction, Point};
use crate::matching::blockers::failing_anyway;
use crate::matching::check::CheckCode;
use crate::matching::context::Context;
use crate::matching::factor::{FactorCode, round_u};
use crate::matching::facts::Facts;
use crate::matching::item::Item;
use crate::matching::pair::Kinship;
use crate::matching::quantity::Span;
use crate::matching::score::{Asked, Scale};
use crate::matching::shares;
use crate::matching::text::names_any;

use super::block::Summary;
use super::near::{FreeMisses, Near};
use super::row::{Flags, NEVER, TrustBound};
use super::standing::{Standing, asked_of};
use super::trusts::Trusts;
use super::words::{Agreement, mentioned, named, wanted};

/// Ages told apart, in quarters of a day; older ones count as the last.
const QUARTERS: usize = 4 * 60;
const QUARTER_S: i64 = 6 * 3600;

/// Checks that decide which listings are looked at, or that no row can tell of; with one of them relaxable nothing may
/// be passed over.
const STRUCTURAL: [CheckCode; 10] = [
    CheckCode::Side,
    CheckCode::Kind,
    CheckCode::Enterprise,
    CheckCode::Blocked,
    CheckCode::Visibility,
    CheckCode::Open,
    CheckCode::Category,
    CheckCode::Unit,
    CheckCode::Remaining,
    CheckCode::LegalRequirement,
];

/// A question with what is the same for every candidate.
pub(super) struct Question<'a> {
    pub query: &'a Item,
    pub ctx: Context<'a>,
    pub facts: Facts<'a>,
    /// Where it asks from.
    pub from: Option<Direction>,
    pub span: Span,
    pub asked: Asked<'a>,
    /// The candidates' side.
    pub side: Side,
    /// How words can make up for a missing category; `None` where that makes no difference.
    pub agreement: Option<Agreement>,
    asks: [bool; 9],
    relaxable: Vec<bool>,
    /// Parts for freshness, by age in quarters of a day, rounded down; worked out when asked for.
    fresh: Vec<Cell<Option<u64>>>,
    trusts: Trusts,
    pub free: FreeMisses,
    /// A structural check may be relaxed.
    pub look_at_all: bool,
    pub now: u32,
    pub needed_day: i32,
    pub available_day: i32,
    pub verified_only: bool,
    whole: Parts,
}

/// Upper bounds of the parts of a score.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts {
    of: [u64; 9],
    pub sum: u64,
}

impl Parts {
    #[inline]
    pub fn set(&mut self, code: FactorCode, part: u64) {
        let held = &mut self.of[code as usize];
        self.sum = self.sum - *held + part;
        *held = part;
    }

    #[inline]
    pub fn get(&self, code: FactorCode) -> u64 {
        self.of[code as usize]
    }
}

/// What the rows of a block could be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ceiling {
    pub parts: Parts,
    /// No row is nearer; 0 where that cannot be told.
    pub km: f64,
    /// Some row may pass every check.
    pub matches: bool,
    pub near: Near,
    /// Set in some row.
    pub some: Flags,
}

impl Ceiling {
    /// The most a row makes as a near miss; `None` where there can be none.
    pub fn near_sum(&self) -> Option<u64> {
        self.near.sum(self.some, &self.parts)
    }
}

impl<'a> Question<'a> {
    pub fn new(query: &'a Item, ctx: Context<'a>) -> Self {
        let (asked, facts) = (Asked::of(query, &ctx), Facts::of(query));
        let mut whole = Parts { of: [0; 9], sum: 0 };
        let mut asks = [false; 9];
        for code in asked.codes() {
            asks[*code as usize] = true;
            whole.set(*code, asked.scale().part(*code, round_u(1.0)));
        }
        let look_at_all = STRUCTURAL.iter().any(|code| ctx.policy.is_relaxable(*code));
        let mut question = Self {
            fresh: vec![Cell::new(None); QUARTERS],
            trusts: Trusts::new(&ctx),
            query,
            asks,
            ctx,
            facts,
            from: facts.location.map(Point::direction),
            span: Span::of(&facts),
            side: query.side().opposite(),
            agreement: agreement(query, &asked, &ctx).filter(|_| !look_at_all),
            look_at_all,
            relaxable: CheckCode::VARIANTS.iter().map(|code| ctx.policy.is_relaxable(*code)).collect(),
            free: FreeMisses::default(),
            now: u32::try_from(ctx.now.timestamp()).unwrap_or(0),
            needed_day: facts.needed_by.map_or(NEVER, |date| date.num_days_from_ce()),
            available_day: facts.available_from.map_or(NEVER, |date| date.num_days_from_ce()),
            verified_only: query.terms.required_level == RequiredLevel::Verified,
            asked,
            whole,
        };
        question.free = FreeMisses::of(&question);
        question
    }

    pub fn is_relaxable(&self, code: CheckCode) -> bool {
        self.relaxable.get(code as usize).copied().unwrap_or(false)
    }

    pub fn scale(&self) -> &Scale {
        self.asked.scale()
    }

    pub fn part(&self, code: FactorCode, u: f64) -> u64 {
        self.scale().part(code, round_u(u))
    }

    #[inline]
    pub fn asks(&self, code: FactorCode) -> bool {
        self.asks[code as usize]
    }

    /// A check that may not be relaxed fails whoever comes, or two do.
    pub fn cannot_be_met(&self) -> bool {
        let failing = failing_anyway(self.query, &self.ctx);
        failing.len() > 1 || failing.iter().any(|code| !self.is_relaxable(*code))
    }

    /// Words apart; `None` where no row can be a match or a near miss.
    pub fn ceiling(&self, summary: &Summary, standing: &Standing<'a>) -> Option<Ceiling> {
        if !self.look_at_all && summary.valid_until <= self.now {
            return None;
        }
        let mut parts = self.whole;
        let km = self.from.map_or(0.0, |from| summary.least_km(&from));
        if self.asks(FactorCode::Distance) {
            parts.set(FactorCode::Distance, self.part(FactorCode::Distance, self.distance(summary, km)));
        }
        parts.set(FactorCode::Freshness, self.freshness(summary.confirmed_at));
        if !summary.some.has(Flags::TRUSTED) {
            parts.set(FactorCode::Trust, self.part(FactorCode::Trust, standing.trust));
        }
        if self.asks(FactorCode::Urgency) {
            parts.set(FactorCode::Urgency, self.urgency(Urgency::Critical, summary.some));
        }
        let certain = self.certain_failures(summary, km, standing);
        let near = if certain > 1 { Near::default() } else { self.near(summary, standing) };
        let ceiling = Ceiling { parts, km, matches: certain == 0, near, some: summary.some };
        (ceiling.matches || ceiling.near_sum().is_some()).then_some(ceiling)
    }

    /// What a component makes in full.
    pub fn most(&self, code: FactorCode) -> u64 {
        self.whole.get(code)
    }

    fn distance(&self, summary: &Summary, km: f64) -> f64 {
        let share = |km| self.distance_share(km);
        if summary.every.has(Flags::LOCATED) { share(Some(km)) } else { share(Some(km)).max(share(None)) }
    }

    /// Between the question's place and a row's, as a pair reckons it: from the need to the offer.
    pub fn km(&self, own: Point, other: Point) -> f64 {
        if self.side == Side::Offer { own.distance_km(other) } else { other.distance_km(own) }
    }

    pub fn distance_share(&self, km: Option<f64>) -> f64 {
        shares::distance(km, self.query.kind(), self.ctx.policy)
    }

    /// Of whoever confirmed at that second or before: at most.
    pub fn freshness(&self, confirmed_at: u32) -> u64 {
        let age = (self.ctx.as_of.timestamp() - i64::from(confirmed_at)).max(0);
        let quarters = usize::try_from(age / QUARTER_S).unwrap_or(usize::MAX).min(QUARTERS - 1);
        let Some(known) = self.fresh.get(quarters) else { return u64::MAX };
        known.get().unwrap_or_else(|| {
            let confirmed = self.ctx.as_of - TimeDelta::seconds(QUARTER_S * quarters as i64);
            let part = self.part(FactorCode::Freshness, shares::freshness(confirmed, &self.ctx).0);
            known.set(Some(part));
            part
        })
    }

    /// Of whoever kept no more promises, and broke no fewer: at most.
    pub fn trust(&self, bound: TrustBound) -> u64 {
        self.part(FactorCode::Trust, self.trusts.most(bound))
    }

    /// The same of several, the earliest of that day.
    pub fn trust_of(&self, best: TrustBound, earliest: u16) -> u64 {
        self.part(FactorCode::Trust, self.trusts.most_since(best, earliest))
    }

    pub fn urgency(&self, stated: Urgency, flags: Flags) -> u64 {
        let (confirmed, designated) = (flags.has(Flags::URGENCY_CONFIRMED), flags.has(Flags::DESIGNATED));
        self.part(FactorCode::Urgency, shares::urgency(stated, confirmed, designated).0)
    }

    /// Relaxable checks that every row fails.
    fn certain_failures(&self, summary: &Summary, km: f64, standing: &Standing<'_>) -> usize {
        let too_far = self.facts.radius_km.is_some_and(|radius| {
            self.facts.location.is_some() && summary.every.has(Flags::LOCATED) && km > f64::from(radius)
        });
        let unverified = self.verified_only && !summary.some.has(Flags::VERIFIED);
        let refused = summary.every.has(Flags::REQUIRES_VERIFIED) && !self.query.verified;
        let substitute = matches!(standing.kinship, Kinship::Substitute(_)) && self.refuses_substitutes();
        [too_far, unverified, refused, substitute].into_iter().filter(|fails| *fails).count()
    }

    /// Not shown to the asking enterprise.
    pub fn is_hidden(&self, flags: Flags) -> bool {
        let hidden = flags.has(Flags::INVITED) || flags.has(Flags::FOR_VERIFIED) && !self.query.verified;
        hidden && !self.look_at_all
    }

    /// Checks of verification that fail: 2 where a row of these flags is out.
    pub fn parties(&self, flags: Flags) -> usize {
        if self.look_at_all {
            return 0;
        }
        let of_them = self.verified_only && !flags.has(Flags::VERIFIED);
        let of_us = flags.has(Flags::REQUIRES_VERIFIED) && !self.query.verified;
        let cost = |fails: bool, code: CheckCode| match fails {
            false => 0,
            true if self.is_relaxable(code) => 1,
            true => 2,
        };
        cost(of_them, asked_of(self.side, CheckCode::OfferVerified, CheckCode::NeedVerified))
            + cost(of_us, asked_of(self.side, CheckCode::NeedVerified, CheckCode::OfferVerified))
    }

    pub fn refuses_substitutes(&self) -> bool {
        self.query.side() == Side::Need && !self.facts.accepts_substitutes
    }
}

/// See [`names_agree`](crate::matching::checks::names_agree).
fn agreement(query: &Item, asked: &Asked<'_>, ctx: &Context<'_>) -> Option<Agreement> {
    let asked = asked.words().tokens().map(wanted).collect();
    let agreement = Agreement { meant: meant(query, ctx), asked, names_category: names_any(&query.profile) };
    (ctx.policy.uncategorised_text > 0.0).then_some(agreement)
}

/// See [`words_mean`](crate::matching::checks::words_mean).
fn meant(query: &Item, ctx: &Context<'_>) -> Vec<u32> {
    let Some(code) = query.category() else { return Vec::new() };
    match query.side() {
        Side::Need => vec![mentioned(code)],
        Side::Offer => {
            let above = ctx.reference.categories.broader(code).iter().skip(1).map(|(above, _)| named(above));
            std::iter::once(named(code)).chain(above).collect()
        }
    }
}
