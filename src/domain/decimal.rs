//! Exact decimals for money and quantity: whole millionths in an `i64`, written as strings.
//!
//! A JSON number would be a float somewhere on its way; a string is not. The range (below 10^13, six decimals) is that
//! of the API's pattern `^(0|[1-9]\d{0,12})(\.\d{1,6})?$`; limits of meaning (quantity ≤ 10^12, price ≤ 10^9) stand where
//! the meaning is known.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Millionths in one.
pub const SCALE: i64 = 1_000_000;

/// The pattern every decimal string of the API follows.
pub const PATTERN: &str = r"^(0|[1-9]\d{0,12})(\.\d{1,6})?$";

/// The name of what the pattern cannot say: that the number is in range.
pub const FORMAT: &str = "decimal";

/// False for what follows the pattern but is larger than [`Decimal::MAX`]; what does not follow it is the pattern's fault.
pub fn is_in_range(text: &str) -> bool {
    let whole = text.split('.').next().unwrap_or_default();
    whole.len() != 13 || whole < "9223372036854" || !whole.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number ≥ 0 with at most six decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal(i64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal with at most 13 digits before and 6 after the point")]
pub struct NotADecimal;

impl Decimal {
    pub const ZERO: Self = Self(0);
    pub const MAX: Self = Self(i64::MAX);

    /// `None` when negative.
    pub fn from_millionths(millionths: i64) -> Option<Self> {
        (millionths >= 0).then_some(Self(millionths))
    }

    pub fn from_integer(whole: u32) -> Self {
        Self(i64::from(whole) * SCALE)
    }

    pub fn millionths(self) -> i64 {
        self.0
    }

    /// For scores and display only: nothing that is owed or held is decided by a float.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / SCALE as f64
    }

    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// `self × numerator / denominator`, rounded half up once; `None` when out of range or `denominator` is not positive.
    pub fn scale(self, numerator: i64, denominator: i64) -> Option<Self> {
        if denominator <= 0 || numerator < 0 {
            return None;
        }
        if let Some(product) = self.0.checked_mul(numerator).and_then(|p| p.checked_add(denominator / 2)) {
            return Some(Self(product / denominator));
        }
        let product = i128::from(self.0) * i128::from(numerator);
        let half = i128::from(denominator) / 2;
        i64::try_from((product + half) / i128::from(denominator)).ok().map(Self)
    }

    pub fn is_multiple_of(self, lot: Self) -> bool {
        lot.0 > 0 && self.0 % lot.0 == 0
    }
}

impl FromStr for Decimal {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        let whole_ok = digits(whole) && whole.len() <= 13 && (whole == "0" || !whole.starts_with('0'));
        let fraction_ok = fraction.is_none_or(|f| digits(f) && f.len() <= 6);
        if !whole_ok || !fraction_ok {
            return Err(NotADecimal);
        }
        let whole: i64 = whole.parse().map_err(|_| NotADecimal)?;
        let fraction = fraction.unwrap_or("").bytes().chain(std::iter::repeat(b'0')).take(6);
        let fraction = fraction.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        whole.checked_mul(SCALE).and_then(|w| w.checked_add(fraction)).map(Self).ok_or(NotADecimal)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / SCALE, self.0 % SCALE);
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        write!(f, "{whole}.{}", format!("{fraction:06}").trim_end_matches('0'))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(DecimalText)
    }
}

/// Read where it stands, without a copy: a market has millions of them.
struct DecimalText;

impl serde::de::Visitor<'_> for DecimalText {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number in a string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Decimal, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_reads_back(millionths in 0i64..=9_000_000_000_000_000_000) {
            let value = Decimal(millionths);
            prop_assert_eq!(value.to_string().parse::<Decimal>(), Ok(value));
        }

        #[test]
        fn scaling_there_and_back_is_exact(whole in 0u32..1_000_000, factor in 1i64..100_000) {
            let value = Decimal::from_integer(whole);
            let there = value.scale(factor, 1).unwrap();
            prop_assert_eq!(there.scale(1, factor), Some(value));
        }
    }

    #[test]
    fn refuses_what_the_pattern_refuses() {
        for text in ["", "-1", "+1", "01", "1.", ".5", "1.1234567", "1e3", "12345678901234", "１", " 1", "1,000"] {
            assert_eq!(text.parse::<Decimal>(), Err(NotADecimal), "{text}");
        }
    }

    #[test]
    fn rounds_half_up_once() {
        assert_eq!(Decimal(1).scale(1, 2), Some(Decimal(1)));
        assert_eq!(Decimal(1).scale(1, 3), Some(Decimal(0)));
        assert_eq!(Decimal(i64::MAX).scale(2, 1), None);
    }
}
