//! One-time passwords of a generator (RFC 6238): HMAC-SHA1, six digits, steps of 30 s, as every authenticator app has them.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Of a secret, in bytes: what RFC 4226 recommends.
pub const SECRET_BYTES: usize = 20;
const STEP_SECONDS: i64 = 30;

/// The step whose code this is: the present one, the one before or the one after; only one newer than `after` counts, so
/// that no code works twice.
pub fn accepted_step(secret: &[u8], code: &str, now: DateTime<Utc>, after: i64) -> Option<i64> {
    let present = now.timestamp().div_euclid(STEP_SECONDS);
    let mut found = None;
    // All three are compared whatever comes of the first.
    for step in [present - 1, present, present + 1] {
        let right = equal(&self::code(secret, step), code);
        if right && step > after {
            found = Some(step);
        }
    }
    found
}

/// The code of a step.
pub fn code(secret: &[u8], step: i64) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return String::new() };
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 0x0f);
    let number = digest[at..at + 4].iter().fold(0u32, |number, byte| (number << 8) | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

fn equal(a: &str, b: &str) -> bool {
    use subtle::ConstantTimeEq;
    !a.is_empty() && a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// What an authenticator app reads from a QR code. `account` is shown in the app.
pub fn uri(secret: &[u8], account: &str) -> String {
    let account: String = account.bytes().map(percent).collect();
    format!("otpauth://totp/Duijie:{account}?secret={}&issuer=Duijie&algorithm=SHA1&digits=6&period=30", base32(secret))
}

fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// RFC 4648, without padding: what is typed where no QR code can be read.
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut text, mut bits, mut held) = (String::new(), 0u32, 0u32);
    for byte in bytes {
        (bits, held) = ((bits << 8) | u32::from(*byte), held + 8);
        while held >= 5 {
            held -= 5;
            text.push(char::from(ALPHABET[(bits >> held & 31) as usize]));
        }
        bits &= (1 << held) - 1;
    }
    if held > 0 {
        text.push(char::from(ALPHABET[(bits << (5 - held) & 31) as usize]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap_or_default()
    }

    /// RFC 6238, appendix B; the last six of its eight digits.
    #[test]
    fn the_values_of_the_standard() {
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SECRET, seconds / 30), expected);
            assert_eq!(accepted_step(SECRET, expected, at(seconds), 0), Some(seconds / 30));
        }
    }

    #[test]
    fn one_step_to_either_side_and_none_twice() {
        let now = 1_111_111_111;
        let present = now / 30;
        let accepted = |step: i64, after: i64| accepted_step(SECRET, &code(SECRET, step), at(now), after);
        assert_eq!(accepted(present - 1, 0), Some(present - 1));
        assert_eq!(accepted(present + 1, 0), Some(present + 1));
        assert_eq!([accepted(present - 2, 0), accepted(present + 2, 0)], [None, None]);
        assert_eq!(accepted(present, present), None);
        assert_eq!(accepted(present - 1, present), None);
        for wrong in ["", "0", "287082 ", "２８７０８２"] {
            assert_eq!(accepted_step(SECRET, wrong, at(now), 0), None);
        }
    }

    /// RFC 4648, section 10.
    #[test]
    fn base32_of_the_standard() {
        for (bytes, text) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        assert!(
            uri(SECRET, "王@example.cn").starts_with("otpauth://totp/Duijie:%E7%8E%8B%40example.cn?secret=GEZDGNBV")
        );
    }
}
