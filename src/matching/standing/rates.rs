//! What those who count and price alike give an arrival for its price and quantity, in floats: a few multiplications for
//! each of them, never less than the score makes of it, and no check is failed that would be passed.

use crate::domain::decimal::{Decimal, SCALE};
use crate::domain::listing::Side;
use crate::domain::trade::QuantityBasis;
use crate::domain::unit::Conversion;
use crate::matching::context::Context;
use crate::matching::gauging::{Calendar, PriceLine};
use crate::matching::medians::{with_usual_price, with_usual_quantity};
use crate::matching::pair::Deal;
use crate::matching::price::{Limit, Tariff, Yardstick};
use crate::matching::quantity::{Counting, Span, conversion};

use super::cells::Stated;

/// Of a quantity the share is `cover / (quantity · (of_unit + a_day · days) − less)` or `same`; `days` are those an offer
/// shares with a need that arrives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    price: PriceLine,
    /// The share of a price at most.
    most: f32,
    cover: f32,
    of_unit: f32,
    a_day: f32,
    less: f32,
    same: f32,
    /// The share of a quantity at most.
    all: f32,
    /// Checks that surely fail: amounts below and above, quantities below, quantities above of who takes all or nothing,
    /// least orders above.
    low: f32,
    high: f32,
    short: f32,
    long: f32,
    least: f32,
}

/// What floats may take from a share.
const ROUNDED: f32 = 2e-5;
/// As much as is told apart for sure.
const SURELY: f64 = 1e-6;
/// Times as much as [`MOST_QUANTITY`](super::cells::MOST_QUANTITY) millionths is told still.
const MOST_RATIO: f64 = 9e4;
/// Factors up to which no product of a limit leaves its range.
const MOST_FACTOR: i128 = 1_000_000_000_000_000_000;

impl Rate {
    /// Of whom nothing can be told.
    pub const FULL: Self = Self {
        price: PriceLine::same(1.0),
        most: 1.0,
        cover: 0.0,
        of_unit: 1.0,
        a_day: 0.0,
        less: 0.0,
        same: 1.0,
        all: 1.0,
        low: f32::NEG_INFINITY,
        high: f32::INFINITY,
        short: f32::NEG_INFINITY,
        long: f32::INFINITY,
        least: f32::INFINITY,
    };

    /// `None` where no unit of one is of the other's dimension: then there is no match. `deal`: with any asker that counts
    /// and prices so; its amounts, days and place do not matter.
    pub fn of(deal: &Deal<'_>, ctx: &Context<'_>) -> Option<Self> {
        if conversion(deal, ctx) == Some(Conversion::Impossible) {
            return None;
        }
        let mut rate = Self::FULL;
        rate.compare_prices(deal, ctx);
        rate.limit(deal, ctx);
        rate.quantity(deal, ctx);
        Some(rate)
    }

    /// The same where the price is taxed on top, so many times, or freight is included.
    pub fn with(self, tax: f32, delivered: bool) -> Self {
        let k = if delivered { 0.0 } else { self.price.k };
        let price = PriceLine { p: self.price.p * tax, k, ..self.price };
        Self { price, high: self.high / tax * (1.0 + 1e-6), ..self }
    }

    /// At most 1. Of who states no amount, or cannot compare it, its way says what a silent candidate is worth.
    pub fn price_share(&self, stated: &Stated, km: f32) -> f32 {
        self.price.share(stated.amount, km, ROUNDED).max(0.0).min(self.most)
    }

    /// The same of those who state a period, which may be any.
    pub fn of_periods(self) -> Self {
        if self.a_day > 0.0 { Self { cover: 0.0, a_day: 0.0, same: 1.0, ..self } } else { self }
    }

    /// At most 1, of a quantity stated; `day` is that of its cell.
    pub fn quantity_share(&self, stated: &Stated, day: u16, calendar: &Calendar) -> f32 {
        let of_unit = if self.a_day > 0.0 { self.a_day * calendar.days(f32::from(day)).0 } else { self.of_unit };
        (self.cover / (stated.quantity * of_unit - self.less).max(f32::MIN_POSITIVE)).max(self.same).min(self.all)
    }

    /// Whether a check of the terms surely fails.
    pub fn fails(&self, stated: &Stated, whole_only: bool) -> bool {
        let Stated { amount, quantity, least, .. } = *stated;
        let dear = (amount < self.low) | (amount > self.high);
        let short = (quantity >= 0.0) & ((quantity < self.short) | (whole_only & (quantity > self.long)));
        dear | short | (least > self.least) | (quantity == 0.0)
    }

    fn compare_prices(&mut self, deal: &Deal<'_>, ctx: &Context<'_>) {
        let Some(yardstick) = Yardstick::of(deal.query(), deal.asking, ctx) else { return };
        let comparable = yardstick.cap_of(deal).and_then(|()| Tariff::of(deal, &yardstick, ctx));
        let known = comparable.ok().and_then(|tariff| self.line(deal, &tariff, &yardstick, ctx));
        if known.is_some() {
            return;
        }
        let unknown = ctx.policy.unknown.price;
        let median = with_usual_price(deal, ctx);
        let usual = Tariff::of(&median, &yardstick, ctx).ok();
        match usual.and_then(|tariff| self.line(&median, &tariff, &yardstick, ctx)) {
            Some(()) => self.most = unknown as f32 + ROUNDED,
            None => self.price = PriceLine::same(unknown as f32 + ROUNDED),
        }
    }

    /// `None` where no price can be too high.
    fn line(&mut self, deal: &Deal<'_>, tariff: &Tariff, yardstick: &Yardstick<'_>, ctx: &Context<'_>) -> Option<()> {
        let policy = ctx.policy;
        let landed = |amount, cap, km| tariff.landed(amount, cap, km, yardstick, policy);
        let one = Some(Decimal::from_integer(1));
        let per_km = landed(Decimal::ZERO, None, Some(1.0)).price;
        let floor = policy.price_floor;
        let own_price = || deal.offer.price.map_or(Decimal::ZERO, |price| price.amount);
        if deal.asking == Side::Need && tariff.compares_caps() {
            let most = landed(Decimal::ZERO, one, None).most? / SCALE as f64;
            // Short floats cannot tell such widths apart.
            if !(0.0..0.99).contains(&floor) {
                return Some(());
            }
            let low = yardstick.reference.map_or(f64::INFINITY, |reference| floor * reference);
            let asked = landed(own_price(), None, None).price;
            let (p, t) = (most as f32, (most * (1.0 - floor)) as f32);
            self.price = PriceLine { p, q: -asked as f32, k: per_km as f32, r: p, s: -low as f32, t };
            return Some(());
        }
        let cap = deal.need.cap.map(|cap| cap.amount);
        let most = landed(Decimal::ZERO, cap, None).most?;
        let width = most - floor * yardstick.reference.map_or(most, |reference| reference.min(most));
        // The same: of amounts a hundred times the width.
        if most <= 0.0 || width <= most * 0.01 {
            return Some(());
        }
        let (fixed, per_amount) = match deal.asking {
            Side::Need => (landed(own_price(), None, None).price, 0.0),
            Side::Offer => (0.0, landed(Decimal::from_integer(1), None, None).price / SCALE as f64),
        };
        self.price = PriceLine {
            p: (-per_amount / width) as f32,
            q: ((most - fixed) / width) as f32 + ROUNDED,
            k: (per_km / width) as f32,
            ..PriceLine::same(1.0)
        };
        Some(())
    }

    fn limit(&mut self, deal: &Deal<'_>, ctx: &Context<'_>) {
        let Some((cost, most)) = Limit::of(deal, ctx).map(Limit::factors) else { return };
        if cost.max(most) > MOST_FACTOR || cost <= 0 || most <= 0 {
            return;
        }
        let ratio = cost as f64 / most as f64;
        match deal.asking {
            Side::Need => {
                let asked = deal.offer.price.map_or(0, |price| price.amount.millionths());
                self.low = (asked as f64 * ratio * (1.0 - SURELY)) as f32;
            }
            Side::Offer => {
                let Some(cap) = deal.need.cap else { return };
                self.high = (cap.amount.millionths() as f64 / ratio * (1.0 + SURELY)) as f32;
            }
        }
    }

    fn quantity(&mut self, deal: &Deal<'_>, ctx: &Context<'_>) {
        let counting = Counting::of(deal, ctx).ok();
        if let Some((counting, own)) = counting.zip(deal.candidate().quantity) {
            if let Some(own) = self.cover(deal, counting, own, ctx) {
                self.compare(deal, counting, own);
            }
            return;
        }
        // Of a rate all of its days count, which differ from asker to asker.
        if let (Some(counting), Some(least), Side::Need, true) =
            (counting, deal.offer.min_order, deal.asking, are_totals(deal))
        {
            self.short = (least.millionths() as f64 * counting.ratio.to_f64() * (1.0 - SURELY)) as f32;
        }
        let unknown = ctx.policy.unknown.quantity as f32;
        self.same = unknown;
        // The days of who is silent are guessed for each asker.
        if deal.query().unit.is_none() || !are_totals(deal) {
            return;
        }
        let median = with_usual_quantity(deal, ctx);
        if let Some((counting, usual)) = Counting::of(&median, ctx).ok().zip(median.candidate().quantity) {
            self.all = unknown;
            self.cover(&median, counting, usual, ctx);
        }
    }

    /// Returns the amount as askers count it, in millionths; `None` for rates of an offer that arrives, which depend on
    /// dates, and what is too much to be told.
    fn cover(&mut self, deal: &Deal<'_>, counting: Counting, own: Decimal, ctx: &Context<'_>) -> Option<f64> {
        let ratio = counting.ratio.to_f64();
        if ratio > MOST_RATIO || deal.asking == Side::Need && !are_totals(deal) {
            return None;
        }
        let cover = match deal.asking {
            Side::Need => counting.ratio.apply(own)?.millionths() as f64,
            Side::Offer => {
                let (wanted, of_unit) = counting.offered(own, &Span::of(&deal.need), deal.offer.basis, ctx.today())?;
                // The days too must leave products in range: what overflows is unknown to the score.
                if of_unit.at_most.max(1.0) * ratio.max(1.0) > MOST_RATIO {
                    return None;
                }
                self.of_unit = of_unit.at_most as f32;
                self.a_day = of_unit.a_day.unwrap_or(0.0) as f32;
                // What is available is rounded to a millionth, of days in the unit of the offer too.
                let rounded = if deal.offer.basis == QuantityBasis::Total { 0.0 } else { 1.0 };
                self.less = (rounded + 1.0 / ratio) as f32;
                wanted.millionths() as f64 / ratio
            }
        };
        (self.cover, self.same) = ((cover * (1.0 + 1e-5)) as f32, 0.0);
        Some(cover)
    }

    fn compare(&mut self, deal: &Deal<'_>, counting: Counting, own: f64) {
        let ratio = counting.ratio.to_f64();
        match deal.asking {
            Side::Need => {
                self.long = (own * (1.0 + SURELY)) as f32;
                if let Some(least) = deal.offer.min_order {
                    self.short = (least.millionths() as f64 * ratio * (1.0 - SURELY)) as f32;
                }
            }
            Side::Offer => {
                if !deal.need.accepts_partial && are_totals(deal) {
                    self.short = ((own - 1.0 / ratio) * (1.0 - SURELY)) as f32;
                }
                self.least = (own * (1.0 + SURELY)) as f32;
            }
        }
    }
}

fn are_totals(deal: &Deal<'_>) -> bool {
    [deal.need.basis, deal.offer.basis].iter().all(|basis| *basis == QuantityBasis::Total)
}
