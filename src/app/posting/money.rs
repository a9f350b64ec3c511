//! What it costs or may cost: prices of offers, caps of needs, pay of labor, sums of finance.

use serde_json::{Value, json};

use super::Aspect;
use super::completion::{Completion, Reader};
use crate::domain::decimal::{Decimal, SCALE};
use crate::domain::listing::{Kind, Side};
use crate::domain::unit::{Conversion, Measure};
use crate::vocabulary::understanding::{PriceSaid, Scope, Understood as Said};

impl Completion<'_> {
    pub fn fill_price(&mut self) {
        // 捐赠款100万元 is a sum, and no price of nothing.
        let pick = if self.kind() == Some(Kind::Finance) { Said::sum } else { Said::price };
        let Some(found) = self.first(Aspect::Price, pick) else { return self.fill_bare_sum() };
        let said = &found.value;
        // A price to be agreed says nothing that could be compared.
        let Some(amount) = said.amount else { return };
        match (self.kind(), self.side()) {
            (Some(Kind::Finance), _) => self.fill_sum(amount, &found),
            (Some(Kind::Labor), _) => self.fill_pay(amount, &found),
            (_, Some(Side::Offer)) if self.lacks("price") && !said.cap => self.fill_asked(amount, &found),
            (_, Some(Side::Need)) if self.lacks("max_price") => self.fill_cap(said.upper.unwrap_or(amount), &found),
            _ => {}
        }
    }

    fn fill_sum(&mut self, amount: Decimal, found: &Reader<PriceSaid>) {
        if self.lacks("attributes.amount") && found.value.per.is_none() {
            self.read("attributes.amount", money(amount, &found.value), found);
        }
    }

    /// 额度1000万: yuan where no currency is named.
    fn fill_bare_sum(&mut self) {
        if self.kind() != Some(Kind::Finance) || !self.lacks("attributes.amount") {
            return;
        }
        let Some(found) = self.first(Aspect::Price, Said::quantity) else { return };
        if let (Some(amount), None) = (found.value.amount, &found.value.unit_code) {
            self.read("attributes.amount", json!({ "amount": amount.to_string(), "currency": "CNY" }), &found);
        }
    }

    fn fill_pay(&mut self, amount: Decimal, found: &Reader<PriceSaid>) {
        if let Some(per) = &found.value.per
            && self.lacks("attributes.pay")
        {
            let mut pay = money(amount, &found.value);
            pay["per"] = per.as_str().into();
            self.read("attributes.pay", pay, found);
        }
    }

    fn fill_asked(&mut self, amount: Decimal, found: &Reader<PriceSaid>) {
        let said = &found.value;
        let Some((amount, per)) = self.per_unit(amount, said) else { return };
        let mut price = money(amount, said);
        price["mode"] = json!(said.mode);
        if let Some(per) = per {
            price["per"] = per.into();
        }
        if let Some(included) = said.tax_included {
            price["tax_included"] = included.into();
        }
        if let Some(delivery) = said.delivery {
            price["delivery"] = json!(delivery);
        }
        self.fill_priced_unit(found);
        self.read("price", price, found);
    }

    /// `max_price` is for the listing's own unit.
    fn fill_cap(&mut self, amount: Decimal, found: &Reader<PriceSaid>) {
        let Some((amount, per)) = self.per_unit(amount, &found.value) else { return };
        let own = self.text("unit_code").map(str::to_owned);
        let amount = match (own.as_deref(), per.as_deref()) {
            (Some(own), Some(per)) if own != per => self.converted(amount, per, own),
            _ => Some(amount),
        };
        if let Some(amount) = amount.filter(|amount| !amount.is_zero()) {
            self.fill_priced_unit(found);
            self.read("max_price", money(amount, &found.value), found);
        }
    }

    /// What one unit costs, and which unit. A sum for everything is divided by the quantity.
    fn per_unit(&self, amount: Decimal, said: &PriceSaid) -> Option<(Decimal, Option<String>)> {
        match said.scope {
            Scope::Total if said.per.is_none() => {
                let quantity: Decimal = self.text("quantity")?.parse().ok()?;
                Some((amount.scale(SCALE, quantity.millionths())?, None))
            }
            _ => {
                let per = said.per.clone();
                let fits = match per.as_deref() {
                    Some(per) => self.fits(per, None),
                    None => self.has_unit(),
                };
                fits.then_some((amount, per))
            }
        }
    }

    /// Whether it is known what one of it is.
    fn has_unit(&self) -> bool {
        !self.lacks("unit_code") || self.category().is_some_and(|category| !category.units.is_empty())
    }

    /// `0.8元/只` also says what is counted.
    fn fill_priced_unit(&mut self, found: &Reader<PriceSaid>) {
        if let Some(per) = &found.value.per
            && self.lacks("unit_code")
        {
            self.read("unit_code", per.as_str().into(), found);
        }
    }

    /// An amount for one `per` as an amount for one `own`.
    fn converted(&self, amount: Decimal, per: &str, own: &str) -> Option<Decimal> {
        let units = &self.reading.knowledge.reference.units;
        let of = |unit| Measure { unit, pack: self.pack().filter(|_| unit == own) };
        match units.convert(of(own), of(per)) {
            Conversion::Exact(ratio) => ratio.apply(amount),
            _ => None,
        }
    }
}

fn money(amount: Decimal, said: &PriceSaid) -> Value {
    json!({ "amount": amount.to_string(), "currency": said.currency })
}
