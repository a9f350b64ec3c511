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

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// How a listing counts: its unit, and the pieces in one pack where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure<'a> {
    pub unit: &'a str,
    pub units_per_pack: Option<Decimal>,
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
        let same_pack = a.code == b.code && a.is_pack() && (from.units_per_pack == to.units_per_pack);
        if same_pack && from.units_per_pack.is_some() || a.code == b.code && !a.is_pack() {
            return Conversion::Exact(Ratio::ONE);
        }
        match (in_base_units(a, from.units_per_pack), in_base_units(b, to.units_per_pack)) {
            (Ok((da, na, ma)), Ok((db, nb, mb))) if da == db => {
                Ratio::new(na * mb, ma * nb).map_or(Conversion::Impossible, Conversion::Exact)
            }
            (Ok(_), Ok(_)) => Conversion::Impossible,
            (Err(_), Ok((dimension, ..))) | (Ok((dimension, ..)), Err(_)) if dimension != "count" => {
                Conversion::Impossible
            }
            _ => Conversion::Unknown,
        }
    }
}

/// Dimension and size of one `unit`; `Err` for a pack of unstated size.
fn in_base_units(unit: &Unit, per_pack: Option<Decimal>) -> Result<(&str, i128, i128), Conversion> {
    match (unit.is_pack(), per_pack) {
        (true, None) => Err(Conversion::Unknown),
        (true, Some(n)) => Ok(("count", i128::from(n.millionths()), i128::from(super::decimal::SCALE))),
        (false, _) => Ok((&unit.dimension, i128::from(unit.numerator), i128::from(unit.denominator))),
    }
}

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
            unit("KGM", "mass", 1, 1),
            unit("GRM", "mass", 1, 1000),
            unit("TNE", "mass", 1000, 1),
        ])
    }

    fn measure(unit: &str, per_pack: Option<u32>) -> Measure<'_> {
        Measure { unit, units_per_pack: per_pack.map(Decimal::from_integer) }
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
        assert_eq!(units.convert(measure("XCT", None), measure("KGM", None)), Conversion::Impossible);
        assert_eq!(units.convert(measure("H87", None), measure("KGM", None)), Conversion::Impossible);
    }

    proptest! {
        #[test]
        fn there_and_back_is_one(a in 0usize..8, b in 0usize..8, pa in 1u32..5000, pb in 1u32..5000) {
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
