//! Units of measure (UN/CEFACT Recommendation 20, packages of 21) and exact conversion inside a dimension.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::category::Names;
use super::decimal::Decimal;
use super::validity::{Coded, Validity};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    pub code: String,
    /// `count`, `pack`, `mass`, `volume`, `length`, `area`, `time` …
    pub dimension: String,
    /// `numerator / denominator` base units of the dimension in one unit.
    pub numerator: i64,
    pub denominator: i64,
    pub names: Names,
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Further words for it, or for an exact share or multiple of it.
    #[serde(default)]
    pub measure_words: Vec<MeasureWord>,
    #[serde(flatten)]
    pub validity: Validity,
}

/// One `word` is `numerator / denominator` of the unit: 斤 is ½ `KGM`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureWord {
    pub word: String,
    pub numerator: i64,
    pub denominator: i64,
}

impl Coded for Unit {
    fn code(&self) -> String {
        self.code.clone()
    }
    fn names(&self) -> &Names {
        &self.names
    }
    fn aliases(&self) -> &[String] {
        &self.aliases
    }
    fn validity(&self) -> &Validity {
        &self.validity
    }
}

impl Unit {
    /// A package holds a number of pieces that only its listing knows.
    pub fn is_pack(&self) -> bool {
        self.dimension == "pack"
    }
}

/// An exact ratio: units of the target in one unit of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    pub numerator: i64,
    pub denominator: i64,
}

impl Ratio {
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// Reduced; `None` when out of range or not positive.
    pub fn new(numerator: i128, denominator: i128) -> Option<Self> {
        if numerator <= 0 || denominator <= 0 {
            return None;
        }
        let divisor = gcd(numerator, denominator);
        Some(Self {
            numerator: i64::try_from(numerator / divisor).ok()?,
            denominator: i64::try_from(denominator / divisor).ok()?,
        })
    }

    pub fn inverse(self) -> Self {
        Self { numerator: self.denominator, denominator: self.numerator }
    }

    pub fn apply(self, value: Decimal) -> Option<Decimal> {
        value.scale(self.numerator, self.denominator)
    }

    pub fn to_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }
}

pub(crate) fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// How a listing counts: its unit, and what one pack holds where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure<'a> {
    pub unit: &'a str,
    pub pack: Option<Pack<'a>>,
}

impl<'a> Measure<'a> {
    /// One unit; what a pack of it holds is not known.
    pub fn unit(unit: &'a str) -> Self {
        Self { unit, pack: None }
    }
}

/// What one pack holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pack<'a> {
    pub quantity: Decimal,
    /// 25 kg, 30 bottles; absent: pieces.
    pub unit: Option<&'a str>,
}

/// The outcome of asking whether two listings count the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conversion {
    Exact(Ratio),
    /// A pack of unstated size is involved: they may or may not agree.
    Unknown,
    Impossible,
}

#[derive(Debug, Clone, Default)]
pub struct Units(HashMap<String, Unit>);

impl Units {
    pub fn new(units: impl IntoIterator<Item = Unit>) -> Self {
        Self(units.into_iter().map(|u| (u.code.clone(), u)).collect())
    }

    pub fn get(&self, code: &str) -> Option<&Unit> {
        self.0.get(code)
    }

    /// In the order of their codes.
    pub fn all(&self) -> Vec<&Unit> {
        let mut all: Vec<_> = self.0.values().collect();
        all.sort_by(|a, b| a.code.cmp(&b.code));
        all
    }

    /// Units of `to` in one unit of `from`.
    pub fn convert(&self, from: Measure<'_>, to: Measure<'_>) -> Conversion {
        let (Some(a), Some(b)) = (self.get(from.unit), self.get(to.unit)) else { return Conversion::Impossible };
        let same_pack = a.code == b.code && a.is_pack() && (from.pack == to.pack);
        if same_pack && from.pack.is_some() || a.code == b.code && !a.is_pack() {
            return Conversion::Exact(Ratio::ONE);
        }
        match (self.in_base_units(a, from.pack), self.in_base_units(b, to.pack)) {
            (Ok((da, na, ma)), Ok((db, nb, mb))) if da == db => {
                Ratio::new(na * mb, ma * nb).map_or(Conversion::Impossible, Conversion::Exact)
            }
            (Ok(_), Ok(_)) => Conversion::Impossible,
            _ => Conversion::Unknown,
        }
    }

    /// The dimension a measure counts in; `None` for a pack of unstated content.
    pub fn dimension(&self, measure: Measure<'_>) -> Option<&str> {
        self.in_base_units(self.get(measure.unit)?, measure.pack).ok().map(|(dimension, ..)| dimension)
    }

    /// Dimension and size of one `unit`; `Err` for a pack of unstated content: of unstated size, or of packs.
    fn in_base_units<'u>(&'u self, unit: &'u Unit, pack: Option<Pack<'_>>) -> Result<(&'u str, i128, i128), Unstated> {
        let of = |unit: &'u Unit| (unit.dimension.as_str(), i128::from(unit.numerator), i128::from(unit.denominator));
        if !unit.is_pack() {
            return Ok(of(unit));
        }
        let pack = pack.ok_or(Unstated)?;
        let (dimension, numerator, denominator) = match pack.unit {
            None => ("count", 1, 1),
            Some(code) => self.get(code).filter(|held| !held.is_pack()).map(of).ok_or(Unstated)?,
        };
        Ok((
            dimension,
            numerator * i128::from(pack.quantity.millionths()),
            denominator * i128::from(super::decimal::SCALE),
        ))
    }
}

/// What a pack holds is not known.
struct Unstated;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn units() -> Units {
        let unit = |code: &str, dimension: &str, numerator, denominator| Unit {
            code: code.into(),
            dimension: dimension.into(),
            numerator,
            denominator,
            names: Names { zh: code.into(), en: code.into() },
            aliases: vec![],
            measure_words: vec![],
            validity: Validity::default(),
        };
        Units::new([
            unit("H87", "count", 1, 1),
            unit("PR", "count", 2, 1),
            unit("DZN", "count", 12, 1),
            unit("XCT", "pack", 1, 1),
            unit("XBX", "pack", 1, 1),
            unit("XDR", "pack", 1, 1),
            unit("KGM", "mass", 1, 1),
            unit("GRM", "mass", 1, 1000),
            unit("TNE", "mass", 1000, 1),
        ])
    }

    fn measure(unit: &str, per_pack: Option<u32>) -> Measure<'_> {
        Measure { unit, pack: per_pack.map(|n| Pack { quantity: Decimal::from_integer(n), unit: None }) }
    }

    fn holding<'a>(unit: &'a str, quantity: u32, held: &'a str) -> Measure<'a> {
        Measure { unit, pack: Some(Pack { quantity: Decimal::from_integer(quantity), unit: Some(held) }) }
    }

    #[test]
    fn converts_inside_a_dimension_and_through_packs() {
        let units = units();
        let ratio = |n, d| Conversion::Exact(Ratio { numerator: n, denominator: d });
        assert_eq!(units.convert(measure("TNE", None), measure("GRM", None)), ratio(1_000_000, 1));
        assert_eq!(units.convert(measure("XCT", Some(2000)), measure("H87", None)), ratio(2000, 1));
        assert_eq!(units.convert(measure("XCT", Some(2000)), measure("XBX", Some(50))), ratio(40, 1));
        assert_eq!(units.convert(measure("XCT", None), measure("H87", None)), Conversion::Unknown);
        assert_eq!(units.convert(measure("XCT", None), measure("XCT", None)), Conversion::Unknown);
        assert_eq!(units.convert(holding("XDR", 25, "KGM"), measure("TNE", None)), ratio(1, 40));
        assert_eq!(units.convert(holding("XCT", 400, "PR"), measure("H87", None)), ratio(800, 1));
        assert_eq!(units.convert(holding("XDR", 25, "KGM"), measure("H87", None)), Conversion::Impossible);
        // 30 boxes of unknown content.
        assert_eq!(units.convert(holding("XCT", 30, "XBX"), measure("H87", None)), Conversion::Unknown);
        assert_eq!(units.convert(holding("XCT", 30, "XBX"), holding("XCT", 30, "XBX")), ratio(1, 1));
        // It may hold kilograms.
        assert_eq!(units.convert(measure("XCT", None), measure("KGM", None)), Conversion::Unknown);
        assert_eq!(units.convert(measure("H87", None), measure("KGM", None)), Conversion::Impossible);
    }

    proptest! {
        #[test]
        fn there_and_back_is_one(a in 0usize..9, b in 0usize..9, pa in 1u32..5000, pb in 1u32..5000) {
            let units = units();
            let codes: Vec<String> = units.all().iter().map(|u| u.code.clone()).collect();
            let (x, y) = (measure(&codes[a], Some(pa)), measure(&codes[b], Some(pb)));
            match (units.convert(x, y), units.convert(y, x)) {
                (Conversion::Exact(there), Conversion::Exact(back)) => prop_assert_eq!(there, back.inverse()),
                (there, back) => prop_assert_eq!(there, back),
            }
        }
    }
}
