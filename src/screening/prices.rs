//! Prices against a dated baseline, and what a new enterprise has to offer.

use super::{Surroundings, offers};
use crate::domain::decimal::Decimal;
use crate::domain::enterprise::EnterpriseStatus;
use crate::domain::flag::{Finding, ListingFlagCode};
use crate::domain::listing::Terms;
use crate::domain::screening_data::PriceBaseline;
use crate::domain::trade::Price;
use crate::domain::unit::{Conversion, Measure};

/// In which the worth of a stock is reckoned.
const CURRENCY: &str = "CNY";

pub fn screen(terms: &Terms, around: &Surroundings<'_>) -> Vec<Finding> {
    if !offers(terms) {
        return Vec::new();
    }
    against_baseline(terms, around).into_iter().chain(large_stock(terms, around)).collect()
}

/// A baseline with the price as a multiple of it.
struct Compared<'a> {
    baseline: &'a PriceBaseline,
    multiple: f64,
}

/// With each baseline of the category that is in the price's currency and in a unit it can be converted to.
fn compared<'a>(terms: &'a Terms, price: &Price, around: &Surroundings<'a>) -> Vec<Compared<'a>> {
    let Some((category, unit)) = terms.category.as_deref().zip(price.per.as_deref().or(terms.unit_code.as_deref()))
    else {
        return Vec::new();
    };
    let own = Measure { unit, pack: terms.pack().filter(|_| terms.unit_code.as_deref() == Some(unit)) };
    let baselines = around.reference.screening.baselines_of(category).filter(|one| one.currency == price.currency);
    let compare = |baseline: &'a PriceBaseline| {
        let Conversion::Exact(ratio) = around.reference.units.convert(own, Measure::unit(&baseline.unit_code)) else {
            return None;
        };
        // So many units of the baseline are in one unit of the price.
        let multiple = price.amount.to_f64() / ratio.to_f64() / baseline.amount.to_f64();
        Some(Compared { baseline, multiple })
    };
    baselines.filter_map(compare).collect()
}

/// Where a category has several baselines the price must be off all of them.
fn against_baseline(terms: &Terms, around: &Surroundings<'_>) -> Option<Finding> {
    let price = terms.price.as_ref().filter(|price| !price.amount.is_zero())?;
    let compared = compared(terms, price, around);
    let lowest = compared.iter().min_by(|a, b| a.multiple.total_cmp(&b.multiple))?;
    let highest = compared.iter().max_by(|a, b| a.multiple.total_cmp(&b.multiple))?;
    let (code, off) = if lowest.multiple > around.thresholds.price_high {
        (ListingFlagCode::PriceAboveReference, lowest)
    } else if highest.multiple < around.thresholds.price_low {
        (ListingFlagCode::PriceBelowReference, highest)
    } else {
        return None;
    };
    let Compared { baseline, multiple } = off;
    let unit = price.per.as_deref().or(terms.unit_code.as_deref()).unwrap_or_default();
    let params = [
        ("price", price.amount.to_string()),
        ("unit", unit.to_owned()),
        ("currency", price.currency.clone()),
        ("reference", baseline.amount.to_string()),
        ("reference_unit", baseline.unit_code.clone()),
        ("multiple", format!("{multiple:.2}")),
        ("dated", baseline.dated.to_string()),
        ("source", baseline.source.clone()),
    ];
    Some(Finding::new(code, "", params))
}

/// More than one would expect of an enterprise that nobody has verified and that came a moment ago.
fn large_stock(terms: &Terms, around: &Surroundings<'_>) -> Option<Finding> {
    let (enterprise, thresholds) = (around.enterprise, around.thresholds);
    let days = (around.now - enterprise.created_at).num_days();
    if enterprise.status == EnterpriseStatus::Verified || days >= thresholds.new_enterprise_days {
        return None;
    }
    let price = terms.price.as_ref().filter(|price| price.currency == CURRENCY)?;
    // A price per other units than those of the quantity is left out: it would need a guess.
    price.per.as_ref().is_none_or(|per| Some(per) == terms.unit_code.as_ref()).then_some(())?;
    let value = worth(terms.quantity?, price.amount)?;
    if value <= i128::from(thresholds.new_enterprise_value) {
        return None;
    }
    let params = [
        ("value", value.to_string()),
        ("date", enterprise.created_at.date_naive().to_string()),
        ("limit", thresholds.new_enterprise_value.to_string()),
    ];
    Some(Finding::new(ListingFlagCode::NewEnterpriseLargeStock, "", params))
}

/// In whole units of the currency.
fn worth(quantity: Decimal, price: Decimal) -> Option<i128> {
    let product = i128::from(quantity.millionths()).checked_mul(i128::from(price.millionths()))?;
    Some(product / 1_000_000_000_000)
}
