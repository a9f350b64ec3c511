//! How the listings of a block count, price and where they are: few ways, each kept once.

use crate::domain::decimal::Decimal;
use crate::domain::listing::Period;
use crate::domain::place::{Direction, Point};
use crate::domain::trade::QuantityBasis;
use crate::domain::unit::Pack;
use crate::matching::facts::{Cap, Facts, Quote};

/// At most one manner of each sort for each row, so that a byte tells them apart.
#[derive(Debug, Clone, Default)]
pub(super) struct Manners {
    counts: Vec<Count>,
    /// Of each count, the first that is the same but for its period.
    classes: Vec<u8>,
    moneys: Vec<Money>,
    places: Vec<Point>,
    /// Of each place, from the middle of the earth.
    directions: Vec<Direction>,
    regions: Vec<Box<str>>,
    names: Vec<Box<str>>,
}

/// A name's place in `names`.
type Name = u16;

/// A way to count and to price, wherever it is met; amounts and periods are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Way<'a> {
    unit: Option<&'a str>,
    pack: Option<Pack<'a>>,
    basis: QuantityBasis,
    /// `None` where no amount is stated.
    money: Option<Quote<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Count {
    unit: Option<Name>,
    pack: Option<(Decimal, Option<Name>)>,
    basis: QuantityBasis,
    period: Option<Period>,
}

/// As [`Facts`] say them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Counted<'a> {
    pub unit: Option<&'a str>,
    pub pack: Option<Pack<'a>>,
    pub basis: QuantityBasis,
    pub period: Option<Period>,
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
        let count = Count { unit, pack, basis: facts.basis, period: facts.period };
        let at = place(&mut self.counts, count);
        if usize::from(at) == self.classes.len() {
            let same = |other: &Count| Count { period: count.period, ..*other } == count;
            self.classes.push(self.counts.iter().position(same).map_or(at, |first| first as u8));
        }
        at
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

    /// So many ways of counting and pricing together are told apart.
    pub fn keys(&self) -> usize {
        self.counts.len().max(1) * self.moneys.len().max(1) * 2
    }

    /// One for each way, below [`Manners::keys`]; `stated`: an amount is.
    pub fn key(&self, count: u8, money: u8, stated: bool) -> usize {
        (usize::from(self.class(count)) * self.moneys.len().max(1) + usize::from(money)) * 2 + usize::from(stated)
    }

    /// The first way of counting that is the same but for its period.
    pub fn class(&self, count: u8) -> u8 {
        self.classes.get(usize::from(count)).copied().unwrap_or(count)
    }

    pub fn span(&self, count: u8) -> (QuantityBasis, Option<Period>) {
        self.counts.get(usize::from(count)).map_or((QuantityBasis::Total, None), |count| (count.basis, count.period))
    }

    pub fn way(&self, count: u8, money: Option<u8>) -> Way<'_> {
        let Counted { unit, pack, basis, .. } = self.counted(count);
        let money = money.and_then(|money| self.quote(money, Decimal::ZERO));
        Way { unit, pack, basis, money }
    }

    pub fn place(&mut self, point: Point) -> u8 {
        let at = place(&mut self.places, point);
        if self.directions.len() < self.places.len() {
            self.directions.push(point.direction());
        }
        at
    }

    pub fn directions(&self) -> &[Direction] {
        &self.directions
    }

    pub fn places(&self) -> &[Point] {
        &self.places
    }

    pub fn region(&mut self, code: &str) -> u8 {
        let known = self.regions.iter().position(|known| **known == *code);
        known.unwrap_or_else(|| {
            self.regions.push(code.into());
            self.regions.len() - 1
        }) as u8
    }

    pub fn regions(&self) -> &[Box<str>] {
        &self.regions
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

    pub fn counted(&self, count: u8) -> Counted<'_> {
        let Some(count) = self.counts.get(usize::from(count)) else {
            return Counted { unit: None, pack: None, basis: QuantityBasis::Total, period: None };
        };
        let unit = count.unit.and_then(|name| self.read(name));
        let pack = |(quantity, unit): (Decimal, Option<Name>)| Pack { quantity, unit: unit.and_then(|n| self.read(n)) };
        Counted { unit, pack: count.pack.map(pack), basis: count.basis, period: count.period }
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
        self.classes.shrink_to_fit();
        self.moneys.shrink_to_fit();
        self.places.shrink_to_fit();
        self.directions.shrink_to_fit();
        self.regions.shrink_to_fit();
        self.names.shrink_to_fit();
    }

    pub fn bytes(&self) -> usize {
        let names: usize = self.names.iter().chain(&self.regions).map(|name| name.len().max(16)).sum();
        self.counts.capacity() * size_of::<Count>()
            + self.classes.capacity()
            + self.moneys.capacity() * size_of::<Money>()
            + self.places.capacity() * size_of::<Point>()
            + self.directions.capacity() * size_of::<Direction>()
            + (self.names.capacity() + self.regions.capacity()) * size_of::<Box<str>>()
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
