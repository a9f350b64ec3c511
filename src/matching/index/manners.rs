//! How the listings of a block count and price: few ways, each kept once.

use crate::domain::decimal::Decimal;
use crate::domain::trade::QuantityBasis;
use crate::domain::unit::Pack;
use crate::matching::facts::{Cap, Facts, Quote};

/// At most one manner of each sort for each row, so that a byte tells them apart.
#[derive(Debug, Clone, Default)]
pub(super) struct Manners {
    counts: Vec<Count>,
    moneys: Vec<Money>,
    names: Vec<Box<str>>,
}

/// A name's place in `names`.
type Name = u16;

#[derive(Debug, Clone, PartialEq)]
struct Count {
    unit: Option<Name>,
    pack: Option<(Decimal, Option<Name>)>,
    basis: QuantityBasis,
}

#[derive(Debug, Clone, PartialEq)]
struct Money {
    currency: Name,
    per: Option<Name>,
    tax_rate: Option<Decimal>,
    tax_included: bool,
    delivered: bool,
}

impl Manners {
    pub fn count(&mut self, facts: &Facts<'_>) -> u8 {
        let unit = facts.unit.map(|unit| self.name(unit));
        let pack = facts.pack.map(|pack| (pack.quantity, pack.unit.map(|unit| self.name(unit))));
        place(&mut self.counts, Count { unit, pack, basis: facts.basis })
    }

    pub fn price(&mut self, quote: &Quote<'_>) -> u8 {
        let (currency, per) = (self.name(quote.currency), quote.per.map(|per| self.name(per)));
        let Quote { tax_rate, tax_included, delivered, .. } = *quote;
        place(&mut self.moneys, Money { currency, per, tax_rate, tax_included, delivered })
    }

    pub fn cap(&mut self, cap: &Cap<'_>) -> u8 {
        let (currency, per) = (self.name(cap.currency), cap.per.map(|per| self.name(per)));
        place(&mut self.moneys, Money { currency, per, tax_rate: None, tax_included: true, delivered: true })
    }

    fn name(&mut self, name: &str) -> Name {
        let known = self.names.iter().position(|known| **known == *name);
        known.unwrap_or_else(|| {
            self.names.push(name.into());
            self.names.len() - 1
        }) as Name
    }

    fn read(&self, name: Name) -> Option<&str> {
        self.names.get(usize::from(name)).map(AsRef::as_ref)
    }

    pub fn counted(&self, count: u8) -> (Option<&str>, Option<Pack<'_>>, QuantityBasis) {
        let Some(count) = self.counts.get(usize::from(count)) else { return (None, None, QuantityBasis::Total) };
        let unit = count.unit.and_then(|name| self.read(name));
        let pack = |(quantity, unit): (Decimal, Option<Name>)| Pack { quantity, unit: unit.and_then(|n| self.read(n)) };
        (unit, count.pack.map(pack), count.basis)
    }

    pub fn quote(&self, money: u8, amount: Decimal) -> Option<Quote<'_>> {
        let Money { currency, per, tax_rate, tax_included, delivered } = *self.moneys.get(usize::from(money))?;
        let (currency, per) = (self.read(currency)?, per.and_then(|name| self.read(name)));
        Some(Quote { amount, currency, per, tax_included, tax_rate, delivered })
    }

    pub fn capped(&self, money: u8, amount: Decimal) -> Option<Cap<'_>> {
        let Money { currency, per, .. } = *self.moneys.get(usize::from(money))?;
        let (currency, per) = (self.read(currency)?, per.and_then(|name| self.read(name)));
        Some(Cap { amount, currency, per })
    }

    pub fn shrink(&mut self) {
        self.counts.shrink_to_fit();
        self.moneys.shrink_to_fit();
        self.names.shrink_to_fit();
    }

    pub fn bytes(&self) -> usize {
        let names: usize = self.names.iter().map(|name| name.len().max(16)).sum();
        self.counts.capacity() * size_of::<Count>()
            + self.moneys.capacity() * size_of::<Money>()
            + self.names.capacity() * size_of::<Box<str>>()
            + names
    }
}

fn place<T: PartialEq>(known: &mut Vec<T>, wanted: T) -> u8 {
    let at = known.iter().position(|known| *known == wanted);
    at.unwrap_or_else(|| {
        known.push(wanted);
        known.len() - 1
    }) as u8
}
