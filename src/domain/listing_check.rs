//! What does not fit together in the terms of a listing. Shapes and bounds are settled before; this is meaning.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::attributes::{Attributes, FinanceAttributes, LaborArrangement, LaborAttributes};
use super::decimal::{Decimal, SCALE};
use super::listing::{MAX_VALIDITY_DAYS, Period, Side, Terms};
use super::reference::Reference;
use super::trade::{Money, Price, QuantityBasis};
use super::unit::{Conversion, Measure};
use super::violation::Violations;

/// 10^12, in millionths.
const MAX_QUANTITY: i64 = 1_000_000_000_000 * SCALE;
/// 10^9, in millionths.
const MAX_PRICE: i64 = 1_000_000_000 * SCALE;

impl Terms {
    /// Every fault at once. `today` is the date at the listing's place.
    pub fn check(&self, reference: &Reference, now: DateTime<Utc>, today: NaiveDate) -> Violations {
        let mut violations = Violations::new();
        if self.title.trim().is_empty() {
            violations.add("/title", "blank");
        }
        self.check_category(reference, &mut violations);
        self.check_quantities(&mut violations);
        self.check_units(reference, &mut violations);
        self.check_price(reference, &mut violations);
        self.check_side(&mut violations);
        self.check_place(reference, &mut violations);
        self.check_dates(now, today, &mut violations);
        self.check_specs(&mut violations);
        self.check_attributes(reference, &mut violations);
        violations
    }

    /// What a draft may leave out but a published listing may not.
    pub fn check_publishable(&self) -> Violations {
        let mut violations = Violations::new();
        if self.region_code.is_none() && self.location.is_none() {
            violations.add("/region_code", "place_required");
        }
        violations
    }

    fn check_category(&self, reference: &Reference, violations: &mut Violations) {
        let Some(code) = &self.category else { return };
        match reference.categories.get(code) {
            None => violations.add("/category", "category_unknown"),
            Some(category) if category.kind != self.kind() => {
                let kind = <&str>::from(category.kind).to_owned();
                violations.add_with("/category", "category_of_other_kind", [("kind", kind)]);
            }
            Some(category) if category.validity.is_retired() => {
                let replaced_by = category.validity.replaced_by.clone().unwrap_or_else(|| "–".to_owned());
                violations.add_with("/category", "category_retired", [("replaced_by", replaced_by)]);
            }
            Some(_) => {}
        }
    }

    fn check_quantities(&self, violations: &mut Violations) {
        let quantities = [
            ("/quantity", self.quantity),
            ("/units_per_pack", self.units_per_pack),
            ("/min_order_quantity", self.min_order_quantity),
            ("/lot_multiple", self.lot_multiple),
        ];
        for (pointer, quantity) in quantities {
            match quantity.map(Decimal::millionths) {
                Some(0) => violations.add(pointer, "not_positive"),
                Some(n) if n > MAX_QUANTITY => {
                    violations.add_with(pointer, "too_large", [("maximum", "1000000000000".into())])
                }
                _ => {}
            }
        }
        if let (Some(minimum), Some(quantity)) = (self.min_order_quantity, self.quantity)
            && minimum > quantity
        {
            violations.add("/min_order_quantity", "more_than_quantity");
        }
    }

    fn check_units(&self, reference: &Reference, violations: &mut Violations) {
        let counted = self.quantity.is_some()
            || self.min_order_quantity.is_some()
            || self.price.is_some()
            || self.max_price.is_some();
        let Some(code) = &self.unit_code else {
            if counted {
                violations.add("/unit_code", "unit_required");
            }
            return;
        };
        let Some(unit) = reference.units.get(code) else { return violations.add("/unit_code", "unit_unknown") };
        if self.units_per_pack.is_some() && !unit.is_pack() {
            violations.add("/units_per_pack", "not_a_pack");
        }
        self.check_packed_unit(reference, violations);
        let measure = Measure { unit: code, pack: self.pack() };
        if !unit_fits(reference, self.category.as_deref(), measure) {
            let allowed = allowed_units(reference, self.category.as_deref()).join(", ");
            violations.add_with("/unit_code", "unit_not_of_category", [("allowed", allowed)]);
        }
    }

    fn check_packed_unit(&self, reference: &Reference, violations: &mut Violations) {
        let Some(code) = &self.packed_unit_code else { return };
        if reference.units.get(code).is_none() {
            violations.add("/packed_unit_code", "unit_unknown");
        }
        if self.units_per_pack.is_none() {
            violations.add("/units_per_pack", "required");
        }
    }

    fn check_price(&self, reference: &Reference, violations: &mut Violations) {
        if let Some(price) = &self.price {
            check_price("/price", price, reference, violations);
        }
        if let Some(money) = &self.max_price {
            check_money("/max_price", money, reference, violations);
        }
    }

    fn check_side(&self, violations: &mut Violations) {
        let misplaced = match self.side {
            Side::Need => [("/price", self.price.is_some()), ("/available_from", self.available_from.is_some())],
            Side::Offer => [("/max_price", self.max_price.is_some()), ("/needed_by", self.needed_by.is_some())],
        };
        let code = if self.side == Side::Need { "only_on_offers" } else { "only_on_needs" };
        for (pointer, _) in misplaced.into_iter().filter(|(_, given)| *given) {
            violations.add(pointer, code);
        }
    }

    fn check_place(&self, reference: &Reference, violations: &mut Violations) {
        if self.region_code.as_deref().is_some_and(|code| is_unknown_region(code, reference)) {
            violations.add("/region_code", "region_unknown");
        }
        for (i, _) in self.service_regions.iter().enumerate().filter(|(_, code)| is_unknown_region(code, reference)) {
            violations.add(format!("/service_regions/{i}"), "region_unknown");
        }
    }

    fn check_dates(&self, now: DateTime<Utc>, today: NaiveDate, violations: &mut Violations) {
        if self.valid_until <= now {
            violations.add("/valid_until", "in_the_past");
        } else if self.valid_until > now + Duration::days(MAX_VALIDITY_DAYS) {
            violations.add_with("/valid_until", "too_far_ahead", [("days", MAX_VALIDITY_DAYS.to_string())]);
        }
        if self.needed_by.is_some_and(|date| date < today) {
            violations.add("/needed_by", "in_the_past");
        }
        match self.delivery_period {
            Some(period) => {
                check_period("/delivery_period", period, violations);
                if period.end < today {
                    violations.add("/delivery_period/end", "in_the_past");
                }
            }
            None if self.quantity.is_some() && self.quantity_basis != QuantityBasis::Total => {
                violations.add("/delivery_period", "period_required");
            }
            None => {}
        }
        if super::ledger::count(self) > super::ledger::MAX_PERIODS {
            violations.add_with(
                "/delivery_period",
                "too_many_periods",
                [("maximum", super::ledger::MAX_PERIODS.to_string())],
            );
        }
    }

    fn check_specs(&self, violations: &mut Violations) {
        for (i, spec) in self.specs.iter().enumerate() {
            if spec.value.is_none() && spec.min.is_none() && spec.max.is_none() {
                violations.add(format!("/specs/{i}"), "spec_empty");
            }
            if let (Some(min), Some(max)) = (spec.min, spec.max)
                && min > max
            {
                violations.add(format!("/specs/{i}/max"), "max_below_min");
            }
        }
    }

    /// Workers are lent at what they cost their employer: there is nothing to ask a price for (人社厅发〔2020〕98号).
    fn check_lending(&self, labor: &LaborAttributes, violations: &mut Violations) {
        let lent = self.side == Side::Offer && labor.arrangement == Some(LaborArrangement::Lend);
        if lent && self.price.as_ref().is_some_and(|price| !price.amount.is_zero()) {
            violations.add("/price", "lent_at_cost");
        }
    }

    fn check_attributes(&self, reference: &Reference, violations: &mut Violations) {
        match &self.attributes {
            Attributes::Labor(labor) => {
                check_optional_period("/attributes/period", labor.period, violations);
                if let Some(pay) = &labor.pay {
                    check_price("/attributes/pay", pay, reference, violations);
                }
                self.check_lending(labor, violations);
            }
            Attributes::Transport(transport) => transport.check(self.side, reference, violations),
            Attributes::Finance(finance) => {
                check_finance(finance, reference, violations);
            }
            Attributes::Equipment(equipment) => {
                check_optional_period("/attributes/period", equipment.period, violations)
            }
            Attributes::Service(service) => check_optional_period("/attributes/period", service.period, violations),
            Attributes::Material(_) | Attributes::Ppe(_) | Attributes::Technology(_) => {}
        }
    }
}

fn check_finance(finance: &FinanceAttributes, reference: &Reference, violations: &mut Violations) {
    if let Some(amount) = &finance.amount {
        check_money("/attributes/amount", amount, reference, violations);
    }
    match (&finance.amount, finance.minimum_amount) {
        (None, Some(_)) => violations.add("/attributes/amount", "required"),
        (Some(most), Some(least)) if least > most.amount => {
            violations.add("/attributes/minimum_amount", "more_than_amount")
        }
        _ => {}
    }
    if finance.highest_rate.is_some_and(|rate| rate > Decimal::from_integer(100)) {
        violations.add_with("/attributes/highest_rate", "too_large", [("maximum", "100".into())]);
    }
}

fn allowed_units<'a>(reference: &'a Reference, category: Option<&str>) -> &'a [String] {
    category.and_then(|code| reference.categories.get(code)).map_or(&[][..], |category| &category.units[..])
}

/// Whether goods of the category can be counted so: in one of its units or in what converts to one. Without a category
/// anything goes.
pub fn unit_fits(reference: &Reference, category: Option<&str>, measure: Measure<'_>) -> bool {
    let (units, allowed) = (&reference.units, allowed_units(reference, category));
    let Some(unit) = units.get(measure.unit) else { return false };
    // A set may hold one piece or several: it goes with whatever is counted in pieces.
    let counted = unit.dimension == "count";
    let fits = |other: &String| match units.get(other) {
        // A pack may hold anything: kilograms do not fit for that.
        Some(pack) if pack.is_pack() => unit.is_pack() || counted,
        _ => units.convert(measure, Measure::unit(other)) != Conversion::Impossible,
    };
    allowed.is_empty() || allowed.iter().any(fits)
}

/// Six digits are a code of GB/T 2260; others belong to tables that are not loaded.
pub(super) fn is_unknown_region(code: &str, reference: &Reference) -> bool {
    code.bytes().all(|b| b.is_ascii_digit()) && reference.regions.get(code).is_none()
}

pub(super) fn check_optional_period(pointer: &str, period: Option<Period>, violations: &mut Violations) {
    if let Some(period) = period {
        check_period(pointer, period, violations);
    }
}

fn check_period(pointer: &str, period: Period, violations: &mut Violations) {
    if period.start > period.end {
        violations.add(format!("{pointer}/end"), "end_before_start");
    }
}

fn check_price(pointer: &str, price: &Price, reference: &Reference, violations: &mut Violations) {
    check_money(pointer, &Money { amount: price.amount, currency: price.currency.clone() }, reference, violations);
    if price.per.as_ref().is_some_and(|unit| reference.units.get(unit).is_none()) {
        violations.add(format!("{pointer}/per"), "unit_unknown");
    }
    if price.tax_rate.is_some_and(|rate| rate > Decimal::from_integer(100)) {
        violations.add_with(format!("{pointer}/tax_rate"), "too_large", [("maximum", "100".into())]);
    }
}

fn check_money(pointer: &str, money: &Money, reference: &Reference, violations: &mut Violations) {
    match reference.currencies.get(&money.currency) {
        None => violations.add(format!("{pointer}/currency"), "currency_unknown"),
        Some(currency) if currency.validity.is_retired() => {
            let replaced_by = currency.validity.replaced_by.clone().unwrap_or_else(|| "–".to_owned());
            violations.add_with(format!("{pointer}/currency"), "currency_retired", [("replaced_by", replaced_by)]);
        }
        Some(_) => {}
    }
    if money.amount.millionths() > MAX_PRICE {
        violations.add_with(format!("{pointer}/amount"), "too_large", [("maximum", "1000000000".into())]);
    }
}
