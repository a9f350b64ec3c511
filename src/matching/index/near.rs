//! Which rows of a block could be near misses, and what they would make as such.
//!
//! A near miss fails one relaxable check, which caps what it can earn: late, nothing for time; above the cap, nothing for
//! price. Where the check costs nothing, a near miss may make as much as a match.

use crate::domain::listing::Side;
use crate::matching::check::CheckCode;
use crate::matching::checks::price_code;
use crate::matching::factor::FactorCode;
use crate::matching::pair::Kinship;
use crate::matching::shares;

use super::block::Summary;
use super::bound::{Parts, Question};
use super::row::Flags;
use super::standing::{Standing, asked_of};

/// Checks of what parties and terms say in numbers; all others come from attributes and specifications.
pub(super) const COMMON: [CheckCode; 21] = [
    CheckCode::Side,
    CheckCode::Kind,
    CheckCode::Enterprise,
    CheckCode::Blocked,
    CheckCode::Visibility,
    CheckCode::Open,
    CheckCode::Category,
    CheckCode::Substitute,
    CheckCode::Unit,
    CheckCode::Remaining,
    CheckCode::Quantity,
    CheckCode::MinimumOrder,
    CheckCode::Price,
    CheckCode::Pay,
    CheckCode::Rate,
    CheckCode::Time,
    CheckCode::Distance,
    CheckCode::OfferVerified,
    CheckCode::NeedVerified,
    CheckCode::OfferCredentials,
    CheckCode::NeedCredentials,
];

/// The relaxable checks that a row could fail, with what failing them costs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Near {
    /// One that costs nothing may fail whatever the row says, or where it says one of these.
    free: bool,
    free_where: Flags,
    /// The same of checks that terms and verification do not decide.
    beyond: bool,
    beyond_where: Flags,
    /// What is left of the part of a component where the check fails.
    left: [Option<(FactorCode, u64)>; 4],
}

impl Near {
    /// The most a row with these flags, or a block some of whose rows have them, makes as a near miss with these parts;
    /// `None` where it can be none.
    #[inline]
    pub fn sum(&self, flags: Flags, parts: &Parts) -> Option<u64> {
        self.sum_of(flags, parts.sum, parts)
    }

    /// The same with another sum, where the parts that a failed check caps are still those of the block.
    #[inline]
    pub fn sum_of(&self, flags: Flags, sum: u64, block: &Parts) -> Option<u64> {
        if self.is_free(flags) {
            return Some(sum);
        }
        let capped = |(code, left): (FactorCode, u64)| sum - block.get(code).saturating_sub(left);
        self.left.iter().flatten().copied().map(capped).max()
    }

    /// Whether such a row may be a near miss without its costing anything.
    #[inline]
    pub fn is_free(&self, flags: Flags) -> bool {
        self.free || flags.has(self.free_where)
    }

    /// Of quantity, time, price and distance.
    pub fn left(&self) -> [Option<(FactorCode, u64)>; 4] {
        self.left
    }

    /// The same with what has been found out about a row.
    pub fn knowing(self, settled: Flags) -> Self {
        Self { free_where: self.free_where.without(settled), ..self }
    }

    /// A check that terms and verification do not decide may fail.
    pub fn is_beyond_terms(&self, flags: Flags) -> bool {
        self.beyond || flags.has(self.beyond_where)
    }
}

/// What of [`Near`] is the same for every block: checks that may fail without costing anything.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FreeMisses {
    free: bool,
    free_where: Flags,
    beyond: bool,
    beyond_where: Flags,
    substitute: bool,
}

impl FreeMisses {
    pub fn of(question: &Question<'_>) -> Self {
        let need = question.query.side() == Side::Need;
        let (relaxable, facts) = (|code| question.is_relaxable(code), &question.facts);
        let of_them = asked_of(question.side, CheckCode::OfferVerified, CheckCode::NeedVerified);
        let of_us = asked_of(question.side, CheckCode::NeedVerified, CheckCode::OfferVerified);
        let theirs = asked_of(question.side, CheckCode::OfferCredentials, CheckCode::NeedCredentials);
        let ours = asked_of(question.side, CheckCode::NeedCredentials, CheckCode::OfferCredentials);
        let own = question.ctx.policy.near_misses.relaxable.iter().any(|code| !COMMON.contains(code));
        let details = Flags::of_details(question.query, |stance| stance.code.map_or(own, relaxable));
        let where_set = |list: &[(Flags, bool)]| {
            list.iter().filter(|(_, may)| *may).fold(Flags::default(), |flags, (flag, _)| flags.either(*flag))
        };
        let beyond = question.look_at_all || !question.query.terms.required_credentials.is_empty() && relaxable(theirs);
        let beyond_where = where_set(&[(Flags::REQUIRES_CREDENTIALS, relaxable(ours)), (details, true)]);
        let free = beyond
            || need && !facts.accepts_partial && relaxable(CheckCode::Quantity)
            || !need && facts.min_order.is_some() && relaxable(CheckCode::MinimumOrder)
            || question.verified_only && relaxable(of_them);
        let free_where = where_set(&[
            (Flags::WHOLE_ONLY, !need && relaxable(CheckCode::Quantity)),
            (Flags::MIN_ORDER, need && relaxable(CheckCode::MinimumOrder)),
            (Flags::REQUIRES_VERIFIED, !question.query.verified && relaxable(of_us)),
            (Flags::RADIUS, relaxable(CheckCode::Distance)),
        ]);
        Self {
            free,
            free_where: free_where.either(beyond_where),
            beyond,
            beyond_where,
            substitute: relaxable(CheckCode::Substitute) && (!need || question.refuses_substitutes()),
        }
    }
}

impl Question<'_> {
    /// Of a block in which no row surely fails two checks.
    pub fn near(&self, summary: &Summary, standing: &Standing<'_>) -> Near {
        let relaxable = |code| self.is_relaxable(code);
        let dated = match self.query.side() {
            Side::Need => self.facts.needed_by.is_some(),
            Side::Offer => summary.some.has(Flags::DATED),
        };
        let left = [
            // Nothing of it is there in the days both cover.
            relaxable(CheckCode::Quantity).then(|| self.left(FactorCode::Quantity, 0.0)),
            (dated && relaxable(CheckCode::Time)).then(|| self.left(FactorCode::Time, self.ctx.policy.unknown.time)),
            self.price_left(summary).filter(|_| relaxable(price_code(self.query.kind()))),
            self.facts.radius_km.filter(|_| relaxable(CheckCode::Distance)).map(|radius| {
                let beyond = shares::distance(Some(f64::from(radius)), self.query.kind(), self.ctx.policy);
                self.left(FactorCode::Distance, beyond)
            }),
        ];
        let FreeMisses { free, free_where, beyond, beyond_where, substitute } = self.free;
        let substitute = substitute && matches!(standing.kinship, Kinship::Substitute(_));
        Near { free: free || substitute, free_where, beyond, beyond_where, left }
    }

    fn left(&self, code: FactorCode, u: f64) -> (FactorCode, u64) {
        (code, self.part(code, u))
    }

    /// What a price above the cap earns: nothing, but for a cap of 0, which gives all, and for what cannot be compared.
    fn price_left(&self, summary: &Summary) -> Option<(FactorCode, u64)> {
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
