//! How rows that count and price alike meet a question: worked out once, so that each of them costs a few
//! multiplications. The formulas are those of the score and of the checks.

use crate::domain::decimal::{Decimal, SCALE};
use crate::domain::listing::{Period, Side};
use crate::domain::trade::QuantityBasis;
use crate::domain::unit::Conversion;
use crate::matching::check::{CheckCode, Verdict};
use crate::matching::checks::{Screening, price_code};
use crate::matching::factor::FactorCode;
use crate::matching::facts::Facts;
use crate::matching::medians::{with_usual_price, with_usual_quantity};
use crate::matching::pair::{Deal, Kinship};
use crate::matching::price::{Limit, Tariff};
use crate::matching::quantity::{Counting, Coverage, Span, conversion, reaches};
use crate::matching::shares;
use crate::matching::time::{Journey, is_late, slack};

use super::bound::Question;
use super::rates::{Price, PriceQuotient, Rates};
use super::row::{Flags, Row};
use super::standing::{Standing, asked_of};
use super::volume::{Volume, VolumeQuotient};
use super::ways::{Shown, is_told_right};

#[derive(Debug, Clone, Copy)]
pub(super) struct Footing {
    unit_fails: bool,
    counting: Option<Counting>,
    /// `None` where the price cannot be compared.
    tariff: Option<Tariff>,
    limit: Option<Limit>,
    pub rates: Rates,
}

impl Footing {
    /// Of a deal with any of the rows.
    pub fn of(deal: &Deal<'_>, question: &Question<'_>) -> Self {
        let ctx = &question.ctx;
        let (tariff, counting) = (tariff(deal, question), Counting::of(deal, ctx).ok());
        Self {
            unit_fails: conversion(deal, ctx) == Some(Conversion::Impossible),
            limit: Limit::of(deal, ctx),
            rates: Rates {
                price: Price::of(question, tariff.as_ref()),
                quantity: Volume::of(question, counting, basis(deal, question), 1.0),
            },
            counting,
            tariff,
        }
    }
}

/// What the prices of all that are told like this row earn, and what their quantities do, in what those are told in.
pub(super) fn price_quotient(deal: &Deal<'_>, question: &Question<'_>, shown: &Shown) -> PriceQuotient {
    let theirs = asked_of(question.side, deal.offer.priced_measure(), deal.need.capped_measure());
    if !is_told_right(theirs, question) {
        return PriceQuotient::FULL;
    }
    match tariff(deal, question) {
        Some(tariff) => PriceQuotient::of(&Price::of(question, Some(&tariff)), shown.each),
        None => silent_price(deal, question, shown),
    }
}

/// Of whoever states no price that can be compared: at most what the usual one would earn, or theirs were its unit known.
fn silent_price(deal: &Deal<'_>, question: &Question<'_>, shown: &Shown) -> PriceQuotient {
    let unknown = question.ctx.policy.unknown.price;
    let median = with_usual_price(deal, &question.ctx);
    let usual = question.asked.yardstick().and_then(|yardstick| Tariff::of(&median, yardstick, &question.ctx).ok());
    let Some(tariff) = usual else { return PriceQuotient::of(&Price::Same(unknown), 1.0) };
    let price = Price::of(question, Some(&tariff));
    let (states, theirs, amount) = match question.side {
        Side::Offer => {
            let amount = median.offer.price.map(|price| price.amount);
            (deal.offer.price.is_some(), median.offer.price == deal.offer.price, amount)
        }
        Side::Need => {
            (deal.need.cap.is_some(), median.need.cap == deal.need.cap, median.need.cap.map(|cap| cap.amount))
        }
    };
    // What is usual may be that of the unit they count in: of who states a price, this is not told.
    let is_told = !states || deal.asking == Side::Need && deal.query().capped_measure().is_some();
    match amount {
        Some(_) if theirs => PriceQuotient::of(&price, shown.each).silent(unknown),
        // What is usual for a pack is rounded, smaller amounts too much.
        Some(amount) if is_told && amount.millionths() >= SCALE => PriceQuotient::usual(&price, amount).silent(unknown),
        _ => PriceQuotient::of(&Price::Same(unknown), 1.0),
    }
}

pub(super) fn volume_quotient(deal: &Deal<'_>, question: &Question<'_>, shown: &Shown) -> VolumeQuotient {
    let theirs = asked_of(question.side, deal.offer.measure(), deal.need.measure());
    if !is_told_right(theirs, question) {
        return VolumeQuotient::FULL;
    }
    if conversion(deal, &question.ctx) == Some(Conversion::Impossible) && !question.is_relaxable(CheckCode::Unit) {
        return VolumeQuotient::OUT;
    }
    let (ctx, spread) = (&question.ctx, shown.largest / shown.each);
    let (basis, unknown) = (basis(deal, question), ctx.policy.unknown.quantity);
    let median = with_usual_quantity(&without_quantity(deal), ctx);
    // The days of the silent are the usual ones too: where they count, anything may come of it.
    let usual = Counting::of(&median, ctx).ok().filter(|_| deal.query().unit.is_some());
    let usual = usual.and_then(|counting| Volume::of(question, Some(counting), basis, spread).of_totals());
    // Rounded in the largest of their units.
    let amount = median.candidate().quantity.filter(|usual| usual.to_f64() > spread * 0.05);
    let silent = usual.zip(amount).map_or(1.0, |(volume, amount)| volume.share(amount.millionths()));
    let measured = match Counting::of(deal, ctx) {
        Ok(counting) => VolumeQuotient::of(&Volume::of(question, Some(counting), basis, spread), shown.each),
        Err(_) => VolumeQuotient::of(&usual.unwrap_or(Volume::same(unknown)), shown.each).at_most(unknown),
    };
    measured.of_silent(silent.min(unknown))
}

fn without_quantity<'a>(deal: &Deal<'a>) -> Deal<'a> {
    deal.with_candidate(Facts { quantity: None, ..*deal.candidate() })
}

/// `None` where prices cannot be compared.
fn tariff(deal: &Deal<'_>, question: &Question<'_>) -> Option<Tariff> {
    let comparable = question.asked.yardstick().filter(|yardstick| yardstick.cap_of(deal).is_ok());
    comparable.and_then(|yardstick| Tariff::of(deal, yardstick, &question.ctx).ok())
}

/// That of the rows.
fn basis(deal: &Deal<'_>, question: &Question<'_>) -> QuantityBasis {
    asked_of(question.side, deal.offer.basis, deal.need.basis)
}

/// One row's terms beside those of the question, as need and offer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'f> {
    footing: &'f Footing,
    coverage: Option<Coverage>,
    /// What the need wants in all, where an offer asks for a minimum.
    wanted: Option<Decimal>,
    nothing_left: bool,
    min_order: Option<Decimal>,
    asked: Option<Decimal>,
    cap: Option<Decimal>,
    journey: Journey,
    accepts_partial: bool,
    accepts_substitutes: bool,
}

impl<'f> Terms<'f> {
    /// `counted`: how the row counts, and over which days.
    pub fn of(
        question: &Question<'_>,
        row: &Row,
        footing: &'f Footing,
        counted: (QuantityBasis, Option<Period>),
        distance_km: Option<f64>,
    ) -> Self {
        let facts = &question.facts;
        let (needed, offered, journey) = match question.side {
            Side::Offer => (
                facts.quantity,
                row.quantity(),
                Journey {
                    available_from: row.available_from(),
                    needed_by: facts.needed_by,
                    lead_days: row.lead_days(),
                    distance_km,
                },
            ),
            Side::Need => (
                row.quantity(),
                facts.quantity,
                Journey {
                    available_from: facts.available_from,
                    needed_by: row.needed_by(),
                    lead_days: facts.lead_days,
                    distance_km,
                },
            ),
        };
        let amounts = needed.zip(offered).zip(footing.counting);
        let (basis, period) = counted;
        let theirs = Span { basis, period, available_from: row.available_from(), needed_by: row.needed_by() };
        let spans = asked_of(question.side, (question.span, theirs), (theirs, question.span));
        let today = question.ctx.today();
        let min_order = asked_of(question.side, row.min_order(), facts.min_order);
        let to_reach = min_order.and(needed).zip(footing.counting);
        Self {
            coverage: amounts.and_then(|(amounts, counting)| counting.cover(amounts, spans, today).ok()),
            wanted: to_reach.and_then(|(needed, counting)| counting.wanted(needed, &spans.0, today)),
            nothing_left: [needed, offered].into_iter().flatten().any(Decimal::is_zero),
            min_order,
            asked: asked_of(question.side, row.amount(), facts.price.map(|price| price.amount)),
            cap: asked_of(question.side, facts.cap.map(|cap| cap.amount), row.amount()),
            journey,
            accepts_partial: asked_of(question.side, facts.accepts_partial, !row.flags.has(Flags::WHOLE_ONLY)),
            accepts_substitutes: asked_of(question.side, facts.accepts_substitutes, row.accepts_substitutes()),
            footing,
        }
    }

    /// What the checks of the terms say, a substitute's acceptance included: of a pair whose terms are out, the pair is out.
    pub fn screen(&self, question: &Question<'_>, row: &Row, standing: &Standing<'_>) -> Screening {
        let mut tally = Tally { question, failures: 0, out: false };
        tally.count(CheckCode::Unit, self.footing.unit_fails);
        tally.count(CheckCode::Remaining, self.nothing_left);
        let substitute = matches!(standing.kinship, Kinship::Substitute(_));
        tally.count(CheckCode::Substitute, substitute && !self.accepts_substitutes);
        let short = self.coverage.is_some_and(|c| c.verdict(self.accepts_partial) == Verdict::Fail);
        tally.count(CheckCode::Quantity, short);
        let minimum = self.min_order.zip(self.wanted).zip(self.footing.counting);
        let below = minimum.is_some_and(|((minimum, wanted), counting)| !reaches(wanted, minimum, counting.ratio));
        tally.count(CheckCode::MinimumOrder, below);
        let prices = self.footing.limit.as_ref().zip(self.asked).zip(self.cap);
        let dear = prices.is_some_and(|((limit, asked), cap)| limit.is_exceeded(asked, cap) == Some(true));
        tally.count(price_code(question.query.kind()), dear);
        if tally.out {
            return Screening::Out;
        }
        tally.count(CheckCode::Time, is_late(&self.journey, &question.ctx));
        let radius = [question.facts.radius_km, row.radius_km()].into_iter().flatten().min();
        let far = radius.zip(self.journey.distance_km).is_some_and(|(radius, km)| km > f64::from(radius));
        tally.count(CheckCode::Distance, far);
        tally.screened()
    }

    /// Of price, time and quantity, and whether it is exact: at most, where the row is silent.
    pub fn part(&self, code: FactorCode, question: &Question<'_>, row: &Row, standing: &Standing<'_>) -> (u64, bool) {
        let (ctx, unknown) = (&question.ctx, &question.ctx.policy.unknown);
        let (u, at_most) = match code {
            FactorCode::Price => (self.price(question), unknown.price),
            FactorCode::Time => {
                let urgency = if question.side == Side::Need { row.urgency() } else { question.facts.urgency };
                let days = slack(&self.journey, standing.lead_days, ctx);
                (days.ok().map(|days| shares::slack_share(days, urgency, ctx.policy)), unknown.time)
            }
            _ => (self.coverage.map(|coverage| coverage.u(question.query.side())), unknown.quantity),
        };
        (question.part(code, u.unwrap_or(at_most)), u.is_some())
    }

    fn price(&self, question: &Question<'_>) -> Option<f64> {
        let (policy, yardstick) = (question.ctx.policy, question.asked.yardstick()?);
        let tariff = self.footing.tariff.as_ref()?;
        tariff.landed(self.asked?, self.cap, self.journey.distance_km, yardstick, policy).u(policy.price_floor)
    }
}

/// As a recorder of checks that only screens.
struct Tally<'q, 'a> {
    question: &'q Question<'a>,
    failures: usize,
    out: bool,
}

impl Tally<'_, '_> {
    fn count(&mut self, code: CheckCode, fails: bool) {
        if fails {
            self.failures += 1;
            self.out |= self.failures > 1 || !self.question.is_relaxable(code);
        }
    }

    fn screened(&self) -> Screening {
        match (self.out, self.failures) {
            (true, _) => Screening::Out,
            (false, 0) => Screening::Match,
            (false, _) => Screening::NearMiss,
        }
    }
}
