//! How the askers of a partition count and price: few ways, each kept once and told apart by a number.

use foldhash::HashMap;

use crate::domain::decimal::Decimal;
use crate::domain::listing::{Side, Urgency};
use crate::domain::trade::QuantityBasis;
use crate::domain::unit::Pack;
use crate::matching::facts::{Cap, Facts, Quote};

/// Of whom no number tells.
pub(super) const NO_WAY: u16 = u16::MAX;

/// A name's place among those of the partition.
type Name = u16;
const NAMELESS: Name = u16::MAX;

#[derive(Debug, Default)]
pub(super) struct Ways {
    names: Vec<Box<str>>,
    /// With how many askers have it.
    ways: Vec<(Way, u32)>,
    numbers: HashMap<Way, u16>,
    /// Numbers nobody has.
    free: Vec<u16>,
}

/// Amounts are left out, and of periods all but whether one is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Way {
    unit: Name,
    pack: Option<(Decimal, Name)>,
    basis: QuantityBasis,
    /// It counts over days and states which.
    pub periods: bool,
    money: Option<Money>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Money {
    currency: Name,
    per: Name,
    tax_rate: Option<Decimal>,
    tax_included: bool,
    delivered: bool,
}

impl Way {
    /// The way of who asks so much with tax, without freight; what tax makes of it, and whether freight is included.
    pub fn plain(self) -> (Self, f32, bool) {
        let Some(money) = self.money else { return (self, 1.0, false) };
        let taxed = money.tax_rate.filter(|_| !money.tax_included).map_or(0.0, |rate| rate.to_f64());
        let plain = Money { tax_rate: None, tax_included: true, delivered: false, ..money };
        (Self { money: Some(plain), ..self }, (1.0 + taxed / 100.0) as f32, money.delivered)
    }
}

impl Ways {
    /// One more has the way of these facts.
    pub fn add(&mut self, facts: &Facts<'_>, side: Side) -> u16 {
        let Some(way) = self.way(facts, side) else { return NO_WAY };
        if let Some(number) = self.numbers.get(&way) {
            if let Some((_, count)) = self.ways.get_mut(usize::from(*number)) {
                *count += 1;
            }
            return *number;
        }
        let number = match self.free.pop() {
            Some(number) => number,
            None => match u16::try_from(self.ways.len()) {
                Ok(next) if next != NO_WAY => {
                    self.ways.push((way, 0));
                    next
                }
                _ => return NO_WAY,
            },
        };
        if let Some(slot) = self.ways.get_mut(usize::from(number)) {
            *slot = (way, 1);
        }
        self.numbers.insert(way, number);
        number
    }

    /// One less has it.
    pub fn leave(&mut self, number: u16) {
        let Some((way, count)) = self.ways.get_mut(usize::from(number)) else { return };
        *count -= 1;
        if *count == 0 {
            self.numbers.remove(way);
            self.free.push(number);
        }
    }

    pub fn len(&self) -> usize {
        self.ways.len()
    }

    /// `None` where there are too many names.
    fn way(&mut self, facts: &Facts<'_>, side: Side) -> Option<Way> {
        let money = match side {
            Side::Offer => match facts.price {
                Some(Quote { currency, per, tax_rate, tax_included, delivered, .. }) => {
                    let (currency, per) = (self.name(Some(currency))?, self.name(per)?);
                    Some(Money { currency, per, tax_rate, tax_included, delivered })
                }
                None => None,
            },
            Side::Need => match facts.cap {
                Some(Cap { currency, per, .. }) => {
                    let (currency, per) = (self.name(Some(currency))?, self.name(per)?);
                    Some(Money { currency, per, tax_rate: None, tax_included: true, delivered: true })
                }
                None => None,
            },
        };
        let pack = match facts.pack {
            Some(pack) => Some((pack.quantity, self.name(pack.unit)?)),
            None => None,
        };
        let periods = facts.basis != QuantityBasis::Total && facts.period.is_some();
        Some(Way { unit: self.name(facts.unit)?, pack, basis: facts.basis, periods, money })
    }

    fn name(&mut self, name: Option<&str>) -> Option<Name> {
        let Some(name) = name else { return Some(NAMELESS) };
        let known = self.names.iter().position(|known| **known == *name);
        let place = known.unwrap_or_else(|| {
            self.names.push(name.into());
            self.names.len() - 1
        });
        Name::try_from(place).ok().filter(|name| *name != NAMELESS)
    }

    fn read(&self, name: Name) -> Option<&str> {
        self.names.get(usize::from(name)).map(AsRef::as_ref)
    }

    pub fn get(&self, number: u16) -> Option<Way> {
        self.ways.get(usize::from(number)).map(|(way, _)| *way)
    }

    /// What all that have it state alike. Of amounts only whether one is stated says anything.
    pub fn facts<'a>(&'a self, way: Way, category: Option<&'a str>, side: Side) -> Facts<'a> {
        let quote = |money: Money| {
            let Money { currency, per, tax_rate, tax_included, delivered } = money;
            let (currency, per) = (self.read(currency)?, self.read(per));
            Some(Quote { amount: Decimal::ZERO, currency, per, tax_included, tax_rate, delivered })
        };
        let quote = way.money.and_then(quote);
        let cap = quote.map(|Quote { amount, currency, per, .. }| Cap { amount, currency, per });
        Facts {
            category,
            quantity: None,
            basis: way.basis,
            unit: self.read(way.unit),
            pack: way.pack.map(|(quantity, unit)| Pack { quantity, unit: self.read(unit) }),
            min_order: None,
            price: quote.filter(|_| side == Side::Offer),
            cap: cap.filter(|_| side == Side::Need),
            location: None,
            available_from: None,
            needed_by: None,
            period: None,
            lead_days: None,
            urgency: Urgency::Normal,
            accepts_partial: true,
            accepts_substitutes: true,
            radius_km: None,
        }
    }

    pub fn bytes(&self) -> usize {
        let names: usize = self.names.iter().map(|name| name.len().max(16) + size_of::<Box<str>>()).sum();
        names
            + self.ways.capacity() * size_of::<(Way, u32)>()
            + self.numbers.capacity() * (size_of::<(Way, u16)>() + 1)
            + self.free.capacity() * 2
    }
}
