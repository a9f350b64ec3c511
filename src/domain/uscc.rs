//! Unified social credit codes (统一社会信用代码), GB 32100-2015, with the organisation code of GB 11714 inside.
//!
//! A valid format is no proof that the body exists. A few real codes fail the check: they are refused here, and an
//! administrator can enter them with a reason.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Value of a character = its place in this alphabet (no I, O, S, V, Z).
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Eighteen characters whose both check characters hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Uscc(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    #[error("not 18 characters of the code's alphabet")]
    Format,
    #[error("the check character does not fit")]
    CheckCharacter,
}

impl Uscc {
    /// Eighteen characters of the code's alphabet in their usual form, whether or not the check characters hold.
    pub fn normalized(text: &str) -> Option<String> {
        let code: String = text.trim().nfkc().collect::<String>().to_uppercase();
        values(&code).map(|_| code)
    }

    /// The same as a code, where `accepted` names it: an administrator has said that it is real.
    pub fn accepted(text: &str, accepted: &[&str]) -> Option<Self> {
        Self::normalized(text).filter(|code| accepted.contains(&code.as_str())).map(Self)
    }

    /// Reads a code as people type it: surrounding space, full width and lower case are forgiven.
    pub fn parse(text: &str) -> Result<Self, UsccError> {
        let code = Self::normalized(text).ok_or(UsccError::Format)?;
        let values = values(&code).ok_or(UsccError::Format)?;
        let organisation_ok = organisation_check(&code.as_bytes()[8..16]) == Some(code.as_bytes()[16]);
        if !organisation_ok || check_value(&values[..17]) != values[17] {
            return Err(UsccError::CheckCharacter);
        }
        Ok(Self(code))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Registering department and category: 91 enterprise, 92 individual business, 12 public institution …
    pub fn department_and_category(&self) -> &str {
        &self.0[..2]
    }

    /// The division of the registering authority; a hint at the place, no more.
    pub fn division(&self) -> &str {
        &self.0[2..8]
    }
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn values(code: &str) -> Option<[u32; 18]> {
    let mut values = [0; 18];
    if code.len() != 18 {
        return None;
    }
    for (value, byte) in values.iter_mut().zip(code.bytes()) {
        *value = u32::try_from(ALPHABET.iter().position(|a| *a == byte)?).ok()?;
    }
    Some(values)
}

/// `(31 − Σ v·3^(i−1) mod 31) mod 31` over the first 17 values.
fn check_value(values: &[u32]) -> u32 {
    let (sum, _) = values.iter().fold((0, 1), |(sum, weight), v| (sum + v * weight, weight * 3 % 31));
    (31 - sum % 31) % 31
}

/// GB 11714: digits and letters A–Z as 10–35; 10 is written X, 11 is written 0.
fn organisation_check(body: &[u8]) -> Option<u8> {
    let value = |byte: u8| char::from(byte).to_digit(36);
    let sum =
        body.iter().zip(ORGANISATION_WEIGHTS).try_fold(0, |sum, (byte, weight)| Some(sum + value(*byte)? * weight))?;
    match 11 - sum % 11 {
        10 => Some(b'X'),
        11 => Some(b'0'),
        digit => u8::try_from(digit).ok().map(|d| b'0' + d),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_examples() {
        for valid in
            ["91440300708461136T", "91110000710926094P", "914403001922038216", " ９１４４０３００７０８４６１１３６ｔ "]
        {
            assert!(Uscc::parse(valid).is_ok(), "{valid}");
        }
        assert_eq!(Uscc::parse("91350100M000100Y4Z"), Err(UsccError::Format));
        assert_eq!(Uscc::parse("91440300708461136"), Err(UsccError::Format));
        assert_eq!(Uscc::parse("914403007084611361"), Err(UsccError::CheckCharacter));
    }

    /// A second reading of the standard, digit by digit with big weights and no shared code.
    fn independent(code: &str) -> bool {
        let place = |c: char| "0123456789ABCDEFGHJKLMNPQRTUWXY".find(c);
        let chars: Vec<char> = code.chars().collect();
        if chars.len() != 18 || chars.iter().any(|c| place(*c).is_none()) {
            return false;
        }
        let total: u128 = (0..17).map(|i| place(chars[i]).unwrap_or(0) as u128 * 3u128.pow(i as u32)).sum();
        let outer = (31 - total % 31) % 31 == place(chars[17]).unwrap_or(99) as u128;
        let weights = [3, 7, 9, 10, 5, 8, 4, 2];
        let inner: i64 = (8..16).map(|i| i64::from(chars[i].to_digit(36).unwrap_or(0)) * weights[i - 8]).sum();
        let expected = ["0", "X", "9", "8", "7", "6", "5", "4", "3", "2", "1"][(inner % 11) as usize];
        outer && expected == chars[16].to_string()
    }

    fn completed(body: &str) -> String {
        let inner = organisation_check(&body.as_bytes()[8..16]).map(char::from).unwrap_or('0');
        let head = format!("{}{inner}", &body[..16]);
        let padded = values(&format!("{head}0")).unwrap_or([0; 18]);
        format!("{head}{}", char::from(ALPHABET[check_value(&padded[..17]) as usize]))
    }

    proptest! {
        #[test]
        fn agrees_with_an_independent_reading(code in "[0-9A-HJ-NP-RTUWXY]{18}", body in "9[1-3][0-9]{6}[0-9A-HJ-NP-RTUWXY]{8}") {
            prop_assert_eq!(Uscc::parse(&code).is_ok(), independent(&code));
            let valid = completed(&body);
            prop_assert!(independent(&valid), "{}", valid);
            prop_assert!(Uscc::parse(&valid).is_ok(), "{}", valid);
        }

        #[test]
        fn any_single_slip_is_seen(body in "91[0-9]{6}[0-9A-HJ-NP-RTUWXY]{8}", at in 0usize..18, with in 0usize..31) {
            let valid = completed(&body);
            let mut slipped = valid.clone().into_bytes();
            slipped[at] = ALPHABET[with];
            let slipped = String::from_utf8(slipped).unwrap_or_default();
            prop_assert!(slipped == valid || Uscc::parse(&slipped).is_err());
        }
    }
}
