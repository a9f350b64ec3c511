//! What one offer could give to a need, in whole numbers.

use super::problem::Offer;
use crate::domain::decimal::{Decimal, SCALE};
use crate::domain::listing::Side;
use crate::domain::unit::{Ratio, gcd};
use crate::matching::context::Context;
use crate::matching::factor::Flag;
use crate::matching::item::Item;
use crate::matching::pair::Pair;
use crate::matching::price::{Landed, Yardstick};
use crate::matching::quantity::Coverage;

pub(super) struct Supply<'a> {
    pub offer: &'a Item,
    pub unit: &'a str,
    /// What the need asks for over all its days, in whole pieces or thousandths.
    pub needed: Decimal,
    /// One lot, a piece or a thousandth where none is stated, in the need's unit and in the offer's own, millionths.
    pub step: i64,
    pub own_step: i64,
    least: i64,
    most_steps: i64,
    /// Landed, for one of the need's unit, millionths; absent where none is stated that can be compared.
    pub price: Option<i64>,
    /// The most the need pays, millionths.
    pub most: Option<i64>,
    pub metres: Option<i64>,
    pub flags: Vec<Flag>,
}

impl<'a> Supply<'a> {
    /// `None` where it does not say how much it has, or can give no whole lot within what is needed.
    pub fn of(need: &Item, offer: &'a Item, yardstick: Option<&Yardstick<'_>>, ctx: &Context<'_>) -> Option<Self> {
        let unit = offer.terms.unit_code.as_deref()?;
        let pair = Pair::new(need, offer, ctx);
        let coverage = Coverage::of(&pair, ctx).ok()?;
        let needed = coverage.needed.millionths();
        let needed = needed - needed % finest(pair.need.unit?, coverage.needed, ctx)?;
        let available = coverage.available_in_offer_unit;
        let wanted = coverage.ratio.inverse().apply(coverage.needed).unwrap_or(available);
        let lot = match offer.terms.lot_multiple {
            Some(lot) => lot.millionths(),
            None => finest(unit, available.min(wanted), ctx)?,
        };
        let (step, own_step) = whole_steps(lot, coverage.ratio)?;
        let most_steps = (available.millionths() / own_step).min(needed / step);
        let minimum = offer.terms.min_order_quantity.map_or(0, Decimal::millionths);
        let least = ceiling(minimum, own_step).max(1);
        let landed = yardstick.map(|yardstick| Landed::of(&pair, yardstick, ctx));
        let (price, most, flags) = match landed {
            Some(Ok(landed)) => (Some(millionths(landed.price)), landed.most.map(millionths), told(&landed)),
            Some(Err(flag)) if flag != Flag::PriceUnknown => (None, None, vec![Flag::PriceUnknown, flag]),
            _ => (None, None, vec![Flag::PriceUnknown]),
        };
        let metres = pair.distance_km.map(|km| (km * 1000.0).round() as i64);
        let unplaced = metres.is_none().then_some(Flag::DistanceUnknown);
        let period = coverage.one_period.then_some(Flag::PeriodUnknown);
        let flags = flags.into_iter().chain(unplaced).chain(period).collect();
        let needed = Decimal::from_millionths(needed)?;
        (least <= most_steps).then_some(Self {
            offer,
            unit,
            needed,
            step,
            own_step,
            least,
            most_steps,
            price,
            most,
            metres,
            flags,
        })
    }

    pub fn offer(&self, price: i64, supplier: usize) -> Offer {
        Offer { step: self.step, least: self.least, most: self.most_steps, price, supplier }
    }
}

fn told(landed: &Landed) -> Vec<Flag> {
    let flags = [(landed.tax_unknown, Flag::TaxUnknown), (landed.freight_unknown, Flag::FreightUnknown)];
    flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag).collect()
}

/// What an amount of a unit is given in: whole pieces and packs, else thousandths of the unit, or about that of the
/// amount where it is less than one. Finer, a further supplier would be taken for a crumb. Millionths.
fn finest(unit: &str, amount: Decimal, ctx: &Context<'_>) -> Option<i64> {
    let unit = ctx.reference.units.get(unit)?;
    let thousandth = || [1000, 100, 10].into_iter().find(|grain| amount.millionths() / 1000 >= *grain).unwrap_or(1);
    Some(if matches!(unit.dimension.as_str(), "count" | "pack") { SCALE } else { thousandth() })
}

/// The smallest multiple of the lot that is whole on both sides: in the need's unit, in the offer's own.
fn whole_steps(lot: i64, ratio: Ratio) -> Option<(i64, i64)> {
    let product = i128::from(lot) * i128::from(ratio.numerator);
    let denominator = i128::from(ratio.denominator);
    let lots = denominator / gcd(product, denominator);
    let (step, own) = (product * lots / denominator, i128::from(lot) * lots);
    Some((i64::try_from(step).ok()?, i64::try_from(own).ok()?))
}

fn ceiling(amount: i64, step: i64) -> i64 {
    amount / step + i64::from(amount % step > 0)
}

fn millionths(price: f64) -> i64 {
    (price * SCALE as f64).round() as i64
}

/// A need that names no price can still be told what the offers cost, in the currency most of them use.
pub(super) fn any_price<'a>(need: &'a Item, offers: &'a [Item], ctx: &Context<'a>) -> Option<Yardstick<'a>> {
    let facts = crate::matching::facts::Facts::of(need);
    let measure = facts.measure()?;
    let priced = offers.iter().filter(|offer| offer.side() == Side::Offer).filter_map(|o| o.terms.price.as_ref());
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    for price in priced {
        *counts.entry(&price.currency).or_default() += 1;
    }
    let own = ctx.policy.freight_currency.as_str();
    let usual = counts.iter().max_by_key(|(currency, count)| (**count, **currency == own))?;
    Some(Yardstick { measure, currency: usual.0, reference: None })
}
