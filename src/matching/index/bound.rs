//! What the best listing of a block could earn, and whether it could be a match or a near miss.
//!
//! A bound asks the functions of `shares` with facts at least as good as those of any row; what a block says nothing
//! about counts in full. Bounds are sums of parts in whole numbers, as scores are, so comparing them is exact.

use chrono::TimeDelta;

use crate::domain::listing::{RequiredLevel, Side, Urgency};
use crate::matching::check::CheckCode;
use crate::matching::context::Context;
use crate::matching::factor::{FactorCode, round_u};
use crate::matching::facts::Facts;
use crate::matching::item::Item;
use crate::matching::pair::Kinship;
use crate::matching::score::{Asked, Scale};
use crate::matching::shares;
use crate::matching::text::names_any;

use super::block::{Block, Summary};
use super::row::{Flags, has_details};
use super::standing::{Standing, asked_of};
use super::words::{may_say, wanted};

/// Ages told apart, in quarters of a day; older ones count as the last.
const QUARTERS: i64 = 4 * 60;

/// Checks that decide which listings are looked at, or that no row can tell of; with one of them relaxable nothing may
/// be passed over.
const STRUCTURAL: [CheckCode; 9] = [
    CheckCode::Side,
    CheckCode::Kind,
    CheckCode::Enterprise,
    CheckCode::Blocked,
    CheckCode::Visibility,
    CheckCode::Open,
    CheckCode::Category,
    CheckCode::Unit,
    CheckCode::Remaining,
];

/// A question with what is the same for every candidate.
pub(super) struct Question<'a> {
    pub query: &'a Item,
    pub ctx: Context<'a>,
    /// The same for bounds alone.
    pub rough: Context<'a>,
    pub facts: Facts<'a>,
    pub asked: Asked<'a>,
    /// The candidates' side.
    pub side: Side,
    pub words: Vec<u32>,
    asks: [bool; 9],
    /// Parts for freshness, by age in quarters of a day, rounded down.
    fresh: Vec<u128>,
    pub names_category: bool,
    /// A structural check may be relaxed.
    pub look_at_all: bool,
    pub now: u32,
    details: bool,
    verified_only: bool,
    whole: Parts,
}

/// Upper bounds of the parts of a score.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts {
    of: [u128; 9],
    pub sum: u128,
}

impl Parts {
    pub fn set(&mut self, code: FactorCode, part: u128) {
        let held = &mut self.of[code as usize];
        self.sum = self.sum - *held + part;
        *held = part;
    }

    fn get(&self, code: FactorCode) -> u128 {
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
}

/// The relaxable checks that some row could fail, with what failing them costs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Near {
    /// One that costs nothing.
    free: bool,
    /// What is left of the part of a component where the check fails.
    left: [Option<(FactorCode, u128)>; 4],
    /// One that terms and verification do not decide.
    pub beyond_terms: bool,
}

impl Near {
    /// The most a row with these parts makes as a near miss; `None` where it can be none.
    pub fn sum(&self, parts: &Parts) -> Option<u128> {
        if self.free {
            return Some(parts.sum);
        }
        let capped = |(code, left): (FactorCode, u128)| parts.sum - parts.get(code).saturating_sub(left);
        self.left.iter().flatten().copied().map(capped).max()
    }
}

impl<'a> Question<'a> {
    pub fn new(query: &'a Item, ctx: Context<'a>) -> Self {
        let asked = Asked::of(query, &ctx);
        let mut whole = Parts { of: [0; 9], sum: 0 };
        let mut asks = [false; 9];
        for code in asked.codes() {
            asks[*code as usize] = true;
            whole.set(*code, asked.scale().part(*code, round_u(1.0)));
        }
        let scale = *asked.scale();
        let fresh = (0..QUARTERS).map(|quarters| {
            let confirmed = ctx.as_of - TimeDelta::hours(6 * quarters);
            scale.part(FactorCode::Freshness, round_u(shares::freshness(confirmed, &ctx).0))
        });
        Self {
            fresh: fresh.collect(),
            query,
            asks,
            ctx,
            rough: ctx.roughly(),
            facts: Facts::of(query),
            side: query.side().opposite(),
            words: asked.words().tokens().map(wanted).collect(),
            names_category: names_any(&query.profile),
            look_at_all: STRUCTURAL.iter().any(|code| ctx.policy.is_relaxable(*code)),
            now: u32::try_from(ctx.now.timestamp()).unwrap_or(0),
            details: has_details(query),
            verified_only: query.terms.required_level == RequiredLevel::Verified,
            asked,
            whole,
        }
    }

    pub fn scale(&self) -> &Scale {
        self.asked.scale()
    }

    pub fn part(&self, code: FactorCode, u: f64) -> u128 {
        self.scale().part(code, round_u(u))
    }

    pub fn asks(&self, code: FactorCode) -> bool {
        self.asks[code as usize]
    }

    /// `None` where no row can be a match or a near miss.
    pub fn ceiling(&self, block: &Block, standing: &Standing<'a>) -> Option<Ceiling> {
        let summary = &block.summary;
        if !self.look_at_all && summary.valid_until <= self.now {
            return None;
        }
        let mut parts = self.whole;
        let km = self.facts.location.map_or(0.0, |from| summary.least_km(from));
        if self.asks(FactorCode::Distance) {
            parts.set(FactorCode::Distance, self.part(FactorCode::Distance, self.distance(summary, km)));
        }
        parts.set(FactorCode::Freshness, self.freshness(summary.confirmed_at));
        if !summary.some.has(Flags::TRUSTED) {
            let category = block.items().first().and_then(|item| item.category());
            let usual = shares::trust(None, category.or(self.facts.category), &self.ctx);
            parts.set(FactorCode::Trust, self.part(FactorCode::Trust, usual));
        }
        if self.asks(FactorCode::Urgency) {
            parts.set(FactorCode::Urgency, self.urgency(Urgency::Critical, summary.some));
        }
        if let Some(words) = block.words().filter(|_| self.asks(FactorCode::Text)) {
            parts.set(FactorCode::Text, self.text(words.said(&self.words)));
        }
        let certain = self.certain_failures(summary, km, standing);
        let near = if certain > 1 { Near::default() } else { self.near(summary, standing) };
        let ceiling = Ceiling { parts, km, matches: certain == 0, near };
        (ceiling.matches || near.sum(&parts).is_some()).then_some(ceiling)
    }

    fn distance(&self, summary: &Summary, km: f64) -> f64 {
        let share = |km| self.distance_share(km);
        if summary.every.has(Flags::LOCATED) { share(Some(km)) } else { share(Some(km)).max(share(None)) }
    }

    pub fn distance_share(&self, km: Option<f64>) -> f64 {
        shares::distance(km, self.query.kind(), self.ctx.policy)
    }

    /// Of whoever confirmed at that second or before: at most.
    pub fn freshness(&self, confirmed_at: u32) -> u128 {
        let age = (self.ctx.as_of.timestamp() - i64::from(confirmed_at)).max(0);
        let quarters = usize::try_from(age / (6 * 3600)).unwrap_or(usize::MAX);
        self.fresh.get(quarters.min(self.fresh.len() - 1)).copied().unwrap_or(u128::MAX)
    }

    pub fn urgency(&self, stated: Urgency, flags: Flags) -> u128 {
        let (confirmed, designated) = (flags.has(Flags::URGENCY_CONFIRMED), flags.has(Flags::DESIGNATED));
        self.part(FactorCode::Urgency, shares::urgency(stated, confirmed, designated).0)
    }

    /// Of whoever says no other words than these.
    pub fn text(&self, said: u64) -> u128 {
        self.part(FactorCode::Text, self.asked.words().most(|place| may_say(said, place)))
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

    fn refuses_substitutes(&self) -> bool {
        self.query.side() == Side::Need && !self.facts.accepts_substitutes
    }

    fn near(&self, summary: &Summary, standing: &Standing<'_>) -> Near {
        let some = |flag| summary.some.has(flag);
        let asks = self.query.side();
        let need = asks == Side::Need;
        let relaxable = |code| self.ctx.policy.is_relaxable(code);
        let whole_only = if need { !self.facts.accepts_partial } else { some(Flags::WHOLE_ONLY) };
        let minimum = if need { some(Flags::MIN_ORDER) } else { self.facts.min_order.is_some() };
        let required_of_them = !self.query.terms.required_credentials.is_empty();
        let details = self.details || some(Flags::DETAILS);
        let other_details = [
            CheckCode::Specification,
            CheckCode::Grade,
            CheckCode::HazardLicence,
            CheckCode::Standard,
            CheckCode::UseClass,
            CheckCode::Sterile,
            CheckCode::ShelfLife,
            CheckCode::Certificate,
            CheckCode::PickupArea,
            CheckCode::DropOffArea,
            CheckCode::Detour,
            CheckCode::PickupWindow,
            CheckCode::TransitTime,
            CheckCode::TransportMode,
            CheckCode::Vehicle,
            CheckCode::Weight,
            CheckCode::Volume,
            CheckCode::Containers,
            CheckCode::Seats,
            CheckCode::Temperature,
            CheckCode::HazardClass,
            CheckCode::Passes,
            CheckCode::ReturnLeg,
            CheckCode::OwnVehicle,
        ];
        let substitute = matches!(standing.kinship, Kinship::Substitute(_)) && (!need || self.refuses_substitutes());
        let of_them = asked_of(self.side, CheckCode::OfferVerified, CheckCode::NeedVerified);
        let of_us = asked_of(self.side, CheckCode::NeedVerified, CheckCode::OfferVerified);
        let theirs = asked_of(self.side, CheckCode::OfferCredentials, CheckCode::NeedCredentials);
        let ours = asked_of(self.side, CheckCode::NeedCredentials, CheckCode::OfferCredentials);
        let beyond_terms = self.look_at_all
            || required_of_them && relaxable(theirs)
            || some(Flags::REQUIRES_CREDENTIALS) && relaxable(ours)
            || details && other_details.into_iter().any(relaxable);
        let free = beyond_terms
            || substitute && relaxable(CheckCode::Substitute)
            || whole_only && relaxable(CheckCode::Quantity)
            || minimum && relaxable(CheckCode::MinimumOrder)
            || self.verified_only && relaxable(of_them)
            || !self.query.verified && some(Flags::REQUIRES_VERIFIED) && relaxable(of_us)
            || some(Flags::RADIUS) && relaxable(CheckCode::Distance);
        let dated = if need { self.facts.needed_by.is_some() } else { some(Flags::DATED) };
        let left = [
            // Nothing of it is there in the days both cover.
            relaxable(CheckCode::Quantity).then(|| self.left(FactorCode::Quantity, 0.0)),
            (dated && relaxable(CheckCode::Time)).then(|| self.left(FactorCode::Time, self.ctx.policy.unknown.time)),
            self.price_left(summary).filter(|_| relaxable(CheckCode::Price)),
            self.facts.radius_km.filter(|_| relaxable(CheckCode::Distance)).map(|radius| {
                let beyond = shares::distance(Some(f64::from(radius)), self.query.kind(), self.ctx.policy);
                self.left(FactorCode::Distance, beyond)
            }),
        ];
        Near { free, left, beyond_terms }
    }

    fn left(&self, code: FactorCode, u: f64) -> (FactorCode, u128) {
        (code, self.part(code, u))
    }

    /// What a price above the cap earns: nothing, but for a cap of 0, which gives all, and for what cannot be compared.
    fn price_left(&self, summary: &Summary) -> Option<(FactorCode, u128)> {
        let (capped, free_cap) = match self.query.side() {
            Side::Need => (self.facts.cap.is_some(), self.facts.cap.is_some_and(|cap| cap.amount.is_zero())),
            Side::Offer => (
                self.facts.price.is_some() && summary.some.has(Flags::AMOUNT),
                summary.amount.is_some_and(|least| least.is_zero()),
            ),
        };
        let floor_holds = (0.0..0.999).contains(&self.ctx.policy.price_floor);
        let most = if free_cap || !floor_holds { 1.0 } else { self.ctx.policy.unknown.price };
        capped.then(|| self.left(FactorCode::Price, most))
    }
}
