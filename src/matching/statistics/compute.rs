//! Counting the market.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::samples::Sample;
use super::{Measured, ReferencePrice, Statistics, Table, money_key, quantity_key, side_key};
use crate::domain::decimal::{Decimal, SCALE};
use crate::domain::listing::Side;
use crate::domain::reference::Reference;
use crate::domain::unit::{Conversion, Measure, Pack, Units};
use crate::matching::facts::Facts;
use crate::matching::item::Item;
use crate::matching::policy::Policy;
use crate::matching::trust::trust_u;

type Samples = BTreeMap<String, Sample>;

impl Statistics {
    /// Over the items open at `as_of`.
    pub fn compute<'a>(
        items: impl IntoIterator<Item = &'a Arc<Item>>,
        reference: &Reference,
        policy: &Policy,
        version: i32,
        as_of: DateTime<Utc>,
    ) -> Self {
        let mut census = Census::new(reference, policy, as_of);
        for item in items.into_iter().filter(|item| item.is_open(as_of)) {
            census.count(item);
        }
        census.finish(version)
    }
}

struct Census<'a> {
    units: &'a Units,
    policy: &'a Policy,
    as_of: DateTime<Utc>,
    bases: BTreeMap<&'a str, &'a str>,
    statistics: Statistics,
    /// By key, then by whether tax and delivery are included.
    prices: BTreeMap<String, BTreeMap<(bool, bool), Sample>>,
    caps: Samples,
    quantities: Samples,
    pack_sizes: Samples,
    lead_days: Samples,
    available_days: Samples,
    needed_days: Samples,
    trust: Samples,
    /// Key of a price, cap or quantity → the base unit it is in.
    base_of: BTreeMap<String, String>,
}

impl<'a> Census<'a> {
    fn new(reference: &'a Reference, policy: &'a Policy, as_of: DateTime<Utc>) -> Self {
        Self {
            units: &reference.units,
            policy,
            as_of,
            bases: base_units(&reference.units),
            statistics: Statistics { as_of, ..Statistics::default() },
            prices: BTreeMap::new(),
            caps: Samples::new(),
            quantities: Samples::new(),
            pack_sizes: Samples::new(),
            lead_days: Samples::new(),
            available_days: Samples::new(),
            needed_days: Samples::new(),
            trust: Samples::new(),
            base_of: BTreeMap::new(),
        }
    }

    fn count(&mut self, item: &Item) {
        self.statistics.documents += 1;
        self.statistics.total_length += u64::from(item.profile.length());
        for token in item.profile.tokens() {
            *self.statistics.frequencies.entry(token.id).or_insert(0) += 1;
        }
        let facts = Facts::of(item);
        let Some(category) = facts.category else { return };
        self.count_amounts(item, &facts, category);
        self.count_days(item, &facts, category);
        // What is usual is known of packs of pieces alone.
        if let Some(Pack { quantity, unit: None }) = facts.pack {
            sample(&mut self.pack_sizes, side_key(item.side(), category), item, quantity);
        }
        let trust = item.trust.map(|trust| trust_u(trust, self.as_of, self.policy));
        if let Some(value) = trust.and_then(|u| Decimal::from_millionths((u * SCALE as f64).round() as i64)) {
            sample(&mut self.trust, category.to_owned(), item, value);
        }
    }

    fn count_amounts(&mut self, item: &Item, facts: &Facts<'_>, category: &str) {
        if let (Some(amount), Some((dimension, n, d))) = (facts.quantity, self.in_base(facts.measure())) {
            let key = quantity_key(item.side(), category, &dimension, facts.basis);
            self.sample_measured(|c| &mut c.quantities, key, &dimension, item, amount.scale(n, d));
        }
        if let (Some(cap), Some((dimension, n, d))) = (facts.cap, self.in_base(facts.capped_measure())) {
            let key = money_key(category, &dimension, cap.currency);
            self.sample_measured(|c| &mut c.caps, key, &dimension, item, cap.amount.scale(d, n));
        }
        let priced = (item.side() == Side::Offer).then(|| facts.priced_measure()).flatten();
        if let (Some(quote), Some((dimension, n, d))) = (facts.price, self.in_base(priced)) {
            let key = money_key(category, &dimension, quote.currency);
            // Donations are no prices.
            if let Some(amount) = quote.amount.scale(d, n).filter(|a| !a.is_zero()) {
                let basis = (quote.tax_included, quote.delivered);
                let samples = self.prices.entry(key.clone()).or_default();
                samples.entry(basis).or_default().add(item.enterprise_id, amount);
                self.remember_base(key, &dimension);
            }
        }
    }

    fn count_days(&mut self, item: &Item, facts: &Facts<'_>, category: &str) {
        let today = self.policy.local_date(self.as_of);
        let days_to = |date: NaiveDate| Decimal::from_integer((date - today).num_days().clamp(0, 3650) as u32);
        match item.side() {
            Side::Offer => {
                if let Some(days) = facts.lead_days {
                    sample(&mut self.lead_days, category.to_owned(), item, Decimal::from_integer(days));
                }
                if let Some(date) = facts.available_from {
                    sample(&mut self.available_days, category.to_owned(), item, days_to(date));
                }
            }
            Side::Need => {
                if let Some(date) = facts.needed_by {
                    sample(&mut self.needed_days, category.to_owned(), item, days_to(date));
                }
            }
        }
    }

    /// Dimension of `measure` and the ratio `n / d` of base units in one of it.
    fn in_base(&self, measure: Option<Measure<'_>>) -> Option<(String, i64, i64)> {
        let measure = measure?;
        let dimension = self.units.dimension(measure)?;
        let base = Measure::unit(self.bases.get(dimension)?);
        match self.units.convert(measure, base) {
            Conversion::Exact(ratio) => Some((dimension.to_owned(), ratio.numerator, ratio.denominator)),
            _ => None,
        }
    }

    fn sample_measured(
        &mut self,
        samples: impl Fn(&mut Self) -> &mut Samples,
        key: String,
        dimension: &str,
        item: &Item,
        amount: Option<Decimal>,
    ) {
        if let Some(amount) = amount {
            self.remember_base(key.clone(), dimension);
            sample(samples(self), key, item, amount);
        }
    }

    fn remember_base(&mut self, key: String, dimension: &str) {
        if let Some(base) = self.bases.get(dimension) {
            self.base_of.insert(key, (*base).to_owned());
        }
    }

    fn finish(self, version: i32) -> Statistics {
        let least = self.policy.min_enterprises;
        let medians = |samples: Samples| -> Table<Decimal> {
            samples.into_iter().filter_map(|(key, sample)| Some((key, sample.median(least)?))).collect()
        };
        let measured = |samples: Samples| -> Table<Measured> {
            let base = |key: &str| self.base_of.get(key).cloned().unwrap_or_default();
            medians(samples)
                .into_iter()
                .map(|(k, amount)| (k.clone(), Measured { amount, unit_code: base(&k) }))
                .collect()
        };
        let mut statistics = self.statistics;
        statistics.version = version;
        statistics.frequencies.retain(|_, count| *count > 1);
        statistics.caps = measured(self.caps);
        statistics.quantities = measured(self.quantities);
        statistics.pack_sizes = medians(self.pack_sizes);
        statistics.lead_days = medians(self.lead_days);
        statistics.available_days = medians(self.available_days);
        statistics.needed_days = medians(self.needed_days);
        statistics.trust =
            self.trust.into_iter().filter_map(|(key, sample)| Some((key, sample.cautious_mean(least)?))).collect();
        statistics.prices = self
            .prices
            .into_iter()
            .filter_map(|(key, by_basis)| {
                let unit_code = self.base_of.get(&key).cloned()?;
                Some((key, reference_price(by_basis, least, unit_code)?))
            })
            .collect();
        statistics
    }
}

/// On the basis most enterprises use; of two equally common, the one without what is not included.
fn reference_price(
    by_basis: BTreeMap<(bool, bool), Sample>,
    least: usize,
    unit_code: String,
) -> Option<ReferencePrice> {
    let mut best: Option<((bool, bool), Sample)> = None;
    for (basis, sample) in by_basis {
        if best.as_ref().is_none_or(|(_, known)| sample.enterprises() > known.enterprises()) {
            best = Some((basis, sample));
        }
    }
    let ((tax_included, delivered), sample) = best?;
    let enterprises = u32::try_from(sample.enterprises()).unwrap_or(u32::MAX);
    let amount = sample.median(least)?;
    Some(ReferencePrice { amount, unit_code, tax_included, delivered, enterprises })
}

fn sample(samples: &mut Samples, key: String, item: &Item, value: Decimal) {
    samples.entry(key).or_default().add(item.enterprise_id, value);
}

/// Dimension → its base unit, the first by code where several measure the same.
fn base_units(units: &Units) -> BTreeMap<&str, &str> {
    let mut bases = BTreeMap::new();
    for unit in units.all().into_iter().filter(|u| !u.is_pack() && u.numerator == u.denominator) {
        bases.entry(unit.dimension.as_str()).or_insert(unit.code.as_str());
    }
    bases
}
