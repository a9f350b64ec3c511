//! What an offer costs where it is needed, against the cap and what others ask.

use super::check::Verdict;
use super::context::Context;
use super::factor::Flag;
use super::facts::{Facts, Quote};
use super::pair::Deal;
use super::policy::Policy;
use super::statistics::money_key;
use crate::domain::decimal::{Decimal, SCALE};
use crate::domain::listing::Side;
use crate::domain::unit::{Conversion, Measure};

/// The unit and currency prices are compared in, and what one unit usually costs. Depends on the query alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Yardstick<'a> {
    pub measure: Measure<'a>,
    pub currency: &'a str,
    pub reference: Option<f64>,
}

impl<'a> Yardstick<'a> {
    /// `None` where the query cannot ask about prices: a need without a cap in a category without a reference price, an
    /// offer without a price. A query without unit is taken in the default unit of its category, its cap then left out.
    pub fn of(query: &Facts<'a>, side: Side, ctx: &Context<'a>) -> Option<Self> {
        let stated = match side {
            Side::Need => query.capped_measure(),
            Side::Offer => query.priced_measure(),
        };
        let measure = stated.or_else(|| default_measure(query, ctx))?;
        let currency = match side {
            Side::Need => query.cap.map_or(ctx.policy.freight_currency.as_str(), |cap| cap.currency),
            Side::Offer => query.price?.currency,
        };
        let yardstick = Self { measure, currency, reference: reference(query, measure, currency, ctx) };
        let capped = side == Side::Need && query.cap.is_some() && query.capped_measure().is_some();
        (side == Side::Offer || capped || yardstick.reference.is_some()).then_some(yardstick)
    }

    /// Whether a supplier can tell what the need pays at most. A need that asks knows its own mind.
    pub fn cap_of(&self, deal: &Deal<'_>) -> Result<(), Flag> {
        match (deal.asking, deal.need.cap, deal.need.capped_measure()) {
            (Side::Need, ..) => Ok(()),
            (Side::Offer, None, _) => Err(Flag::CapUnknown),
            (Side::Offer, Some(cap), _) if cap.currency != self.currency => Err(Flag::CurrencyDiffers),
            (Side::Offer, Some(_), None) => Err(Flag::UnitUnknown),
            (Side::Offer, Some(_), Some(_)) => Ok(()),
        }
    }
}

fn default_measure<'a>(query: &Facts<'a>, ctx: &Context<'a>) -> Option<Measure<'a>> {
    let unit = ctx.reference.categories.get(query.category?)?.units.first()?;
    Some(Measure { unit, pack: query.pack })
}

fn reference(query: &Facts<'_>, measure: Measure<'_>, currency: &str, ctx: &Context<'_>) -> Option<f64> {
    let dimension = ctx.reference.units.dimension(measure)?;
    let usual = ctx.statistics.prices.get(&money_key(query.category?, dimension, currency))?;
    let base = Measure::unit(&usual.unit_code);
    Some(usual.amount.to_f64() * ratio(measure, base, ctx)?)
}

/// Units of `to` in one unit of `from`.
fn ratio(from: Measure<'_>, to: Measure<'_>, ctx: &Context<'_>) -> Option<f64> {
    match ctx.convert(from, to) {
        Conversion::Exact(ratio) => Some(ratio.to_f64()),
        _ => None,
    }
}

/// What makes a landed price of an amount, a cap and a distance: the same for all that count and price alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tariff {
    /// Priced units in one unit of the yardstick.
    per_unit: f64,
    tax: f64,
    tax_unknown: bool,
    freight: Freight,
    /// Units of the asking side's goods that stand for one.
    own_goods: f64,
    /// What the need pays for one of its own units, for one of the yardstick's; `None` where it states no cap to compare.
    cap: Option<(f64, f64)>,
}

/// Of one unit over one kilometre.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Freight {
    /// The price is for delivered goods.
    Included,
    Tonnes(f64),
    /// It cannot be told what a unit weighs, or what its freight costs in this currency.
    Unknown,
}

/// A price as it enters the score, for one unit of the yardstick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Landed {
    /// Tax and freight included, as far as they are known.
    pub price: f64,
    /// The most the need pays; without a cap, the ceiling over the reference.
    pub most: Option<f64>,
    pub reference: Option<f64>,
    pub tax_unknown: bool,
    pub freight_unknown: bool,
}

impl Tariff {
    /// Of the amounts and the distance of the deal only whether they are stated matters.
    pub fn of(deal: &Deal<'_>, yardstick: &Yardstick<'_>, ctx: &Context<'_>) -> Result<Self, Flag> {
        let quote = deal.offer.price.ok_or(Flag::PriceUnknown)?;
        if quote.currency != yardstick.currency {
            return Err(Flag::CurrencyDiffers);
        }
        let priced = deal.offer.priced_measure().ok_or(Flag::UnitUnknown)?;
        let per_unit = match ctx.convert(yardstick.measure, priced) {
            Conversion::Exact(ratio) => ratio.to_f64(),
            Conversion::Unknown => return Err(Flag::PackSizeUnknown),
            Conversion::Impossible => return Err(Flag::UnitUnknown),
        };
        // An offer asks in its own units; the need's side of a substitution is what both are compared by.
        let substitution = deal.substitution().to_f64();
        let own_goods = if deal.asking == Side::Need { substitution } else { 1.0 };
        let capped =
            deal.need.cap.filter(|cap| cap.currency == yardstick.currency).and_then(|_| deal.need.capped_measure());
        Ok(Self {
            per_unit,
            tax: tax_factor(&quote),
            tax_unknown: !quote.tax_included && quote.tax_rate.is_none(),
            freight: freight(deal, yardstick.measure, &quote, ctx),
            own_goods,
            cap: capped
                .and_then(|measure| ratio(yardstick.measure, measure, ctx))
                .map(|ratio| (ratio, substitution / own_goods)),
        })
    }

    /// Whether a cap the need states counts.
    pub fn compares_caps(&self) -> bool {
        self.cap.is_some()
    }

    /// `cap` is the need's, in the yardstick's currency, as far as it states one.
    pub fn landed(
        &self,
        asked: Decimal,
        cap: Option<Decimal>,
        distance_km: Option<f64>,
        yardstick: &Yardstick<'_>,
        policy: &Policy,
    ) -> Landed {
        let freight = match self.freight {
            Freight::Included => Some(0.0),
            Freight::Tonnes(tonnes) => distance_km.map(|d| policy.detour * d * policy.freight_per_tonne_km * tonnes),
            Freight::Unknown => None,
        };
        let price = (asked.to_f64() * self.per_unit * self.tax + freight.unwrap_or(0.0)) * self.own_goods;
        let cap = self.cap.zip(cap).map(|((ratio, substitution), cap)| cap.to_f64() * ratio / substitution);
        Landed {
            price,
            most: cap.or(yardstick.reference.map(|r| r * policy.price_ceiling)),
            reference: yardstick.reference,
            tax_unknown: self.tax_unknown,
            freight_unknown: freight.is_none(),
        }
    }
}

impl Landed {
    pub fn of(deal: &Deal<'_>, yardstick: &Yardstick<'_>, ctx: &Context<'_>) -> Result<Self, Flag> {
        let tariff = Tariff::of(deal, yardstick, ctx)?;
        let asked = deal.offer.price.ok_or(Flag::PriceUnknown)?.amount;
        Ok(tariff.landed(asked, deal.need.cap.map(|cap| cap.amount), deal.distance_km, yardstick, ctx.policy))
    }

    /// `clamp((p_max − p) / (p_max − lo), 0, 1)`, `lo = 0.9 × min(reference, p_max)`; 1 where `p_max` is 0.
    pub fn u(&self, floor: f64) -> Option<f64> {
        let most = self.most?;
        if most <= 0.0 {
            return Some(1.0);
        }
        let low = floor * self.reference.map_or(most, |r| r.min(most));
        Some(((most - self.price) / (most - low)).clamp(0.0, 1.0))
    }

    pub fn above_reference(&self, ceiling: f64) -> bool {
        self.reference.is_some_and(|r| self.price > r * ceiling)
    }
}

pub(super) fn tax_factor(quote: &Quote<'_>) -> f64 {
    match (quote.tax_included, quote.tax_rate) {
        (false, Some(rate)) => 1.0 + rate.to_f64() / 100.0,
        _ => 1.0,
    }
}

/// Of one unit: `1.3 × d × freight × weight`; 0 when the price is for delivered goods.
fn freight(deal: &Deal<'_>, measure: Measure<'_>, quote: &Quote<'_>, ctx: &Context<'_>) -> Freight {
    if quote.delivered {
        return Freight::Included;
    }
    if quote.currency != ctx.policy.freight_currency {
        return Freight::Unknown;
    }
    kilograms(deal, measure, ctx).map_or(Freight::Unknown, |weight| Freight::Tonnes(weight / 1000.0))
}

/// Weight of one unit: itself where it is a unit of mass, else pieces times the category's weight of a piece.
fn kilograms(deal: &Deal<'_>, measure: Measure<'_>, ctx: &Context<'_>) -> Option<f64> {
    let to = |unit| ratio(measure, Measure::unit(unit), ctx);
    to("KGM").or_else(|| {
        let category = ctx.reference.categories.get(deal.offer.category.or(deal.need.category)?)?;
        Some(to("H87")? * category.goods_mass_kg?.to_f64())
    })
}

/// Whether the stated price keeps within the stated cap; `None` where there is no cap. Decided on whole numbers: over
/// the cap fails. A price that keeps within it only before unknown tax or estimated freight is unknown.
pub(super) fn within_cap(deal: &Deal<'_>, ctx: &Context<'_>) -> Option<Verdict> {
    let cap = deal.need.cap?;
    let (Some(quote), Some(limit)) = (deal.offer.price, Limit::of(deal, ctx)) else { return Some(Verdict::Unknown) };
    match limit.is_exceeded(quote.amount, cap.amount) {
        None => return Some(Verdict::Unknown),
        Some(true) => return Some(Verdict::Fail),
        Some(false) => {}
    }
    let tax_unknown = !quote.tax_included && quote.tax_rate.is_none();
    let yardstick = Yardstick { measure: deal.need.capped_measure()?, currency: cap.currency, reference: None };
    let dearer = !quote.delivered
        && Landed::of(deal, &yardstick, ctx).is_ok_and(|l| l.most.is_some_and(|most| l.price > most * (1.0 + 1e-12)));
    Some(if tax_unknown || dearer { Verdict::Unknown } else { Verdict::Pass })
}

/// How a stated price is compared with a stated cap: the same for all that count and price alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limit {
    cost: i128,
    most: i128,
}

impl Limit {
    /// `None` where they cannot be compared. Of the amounts only whether they are stated matters.
    pub fn of(deal: &Deal<'_>, ctx: &Context<'_>) -> Option<Self> {
        let cap = deal.need.cap?;
        let quote = deal.offer.price.filter(|quote| quote.currency == cap.currency)?;
        let (asked, priced) = (deal.need.capped_measure()?, deal.offer.priced_measure()?);
        let Conversion::Exact(per_unit) = ctx.convert(asked, priced) else { return None };
        let substitution = deal.substitution();
        let hundred = 100 * SCALE;
        let taxed = if quote.tax_included { 0 } else { quote.tax_rate.map_or(0, |rate| rate.millionths()) };
        Some(Self {
            cost: product([per_unit.numerator, substitution.numerator, hundred.checked_add(taxed)?])?,
            most: product([per_unit.denominator, substitution.denominator, hundred])?,
        })
    }

    /// Exceeded where the first, times what is asked, is more than the second, times the cap.
    pub fn factors(self) -> (i128, i128) {
        (self.cost, self.most)
    }

    /// `None` beyond what can be reckoned with.
    pub fn is_exceeded(&self, asked: Decimal, cap: Decimal) -> Option<bool> {
        let times = |factor: i128, amount: Decimal| factor.checked_mul(i128::from(amount.millionths()));
        Some(times(self.cost, asked)? > times(self.most, cap)?)
    }
}

fn product(factors: [i64; 3]) -> Option<i128> {
    factors.into_iter().try_fold(1_i128, |product, factor| product.checked_mul(i128::from(factor)))
}
