//! Keys of apps: `djk_<public id>_<secret><checksum>`, `djt_…` at a sandbox.
//!
//! The checksum tells a mistyped or cut key from a wrong one without asking anybody, and lets scanners of published code
//! recognise keys for sure.

use strum::{EnumString, IntoStaticStr};

/// Which of the two markets an instance serves; a key of one is no good at the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Environment {
    #[default]
    Live,
    Sandbox,
}

impl Environment {
    fn prefix(self) -> &'static str {
        match self {
            Environment::Live => "djk",
            Environment::Sandbox => "djt",
        }
    }
}

/// Characters of the public id; about 71 bits.
pub const PUBLIC_ID: usize = 12;
/// Characters of the secret; 256 bits.
pub const SECRET: usize = 43;
const CHECKSUM: usize = 6;
/// Of a whole key.
pub const LENGTH: usize = 3 + 1 + PUBLIC_ID + 1 + SECRET + CHECKSUM;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A key as it was shown once. It cannot be printed.
pub struct AppKey {
    pub environment: Environment,
    pub public_id: String,
    text: String,
}

impl AppKey {
    /// Of random bytes, of which each becomes a character; bytes from 248 on are skipped, so that no character is likelier.
    /// None when too few are left.
    pub fn of(environment: Environment, random: &[u8]) -> Option<Self> {
        let fair = random.iter().filter(|byte| **byte < 248).map(|byte| char::from(DIGITS[usize::from(byte % 62)]));
        let characters: Vec<char> = fair.take(PUBLIC_ID + SECRET).collect();
        let (public_id, secret) = characters.split_at_checked(PUBLIC_ID).filter(|(_, rest)| rest.len() == SECRET)?;
        Some(Self::assemble(environment, public_id.iter().collect(), &secret.iter().collect::<String>()))
    }

    pub fn assemble(environment: Environment, public_id: String, secret: &str) -> Self {
        let body = format!("{}_{public_id}_{secret}", environment.prefix());
        let text = format!("{body}{}", checksum(&body));
        Self { environment, public_id, text }
    }

    /// None for what was never a key.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != LENGTH || !text.is_ascii() {
            return None;
        }
        let (body, given) = text.split_at(LENGTH - CHECKSUM);
        let environment =
            [Environment::Live, Environment::Sandbox].into_iter().find(|e| body.starts_with(e.prefix()))?;
        let mut parts = body.splitn(3, '_').skip(1);
        let (public_id, secret) = (parts.next()?, parts.next()?);
        let fits = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let fine = fits(public_id, PUBLIC_ID) && fits(secret, SECRET) && checksum(body) == given;
        fine.then(|| Self { environment, public_id: public_id.to_owned(), text: text.to_owned() })
    }

    /// The whole key; what is hashed and shown once.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

/// CRC-32 in base 62.
fn checksum(text: &str) -> String {
    let mut rest = crc32(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// That of zip and PNG (ISO 3309), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    let fold = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
    !bytes.iter().fold(u32::MAX, fold)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(environment: Environment) -> AppKey {
        let random: Vec<u8> = (0..=255).rev().cycle().take(80).collect();
        AppKey::of(environment, &random).unwrap_or_else(|| panic!("enough bytes"))
    }

    #[test]
    fn the_check_value_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn what_is_made_is_read_again() {
        for (environment, prefix) in [(Environment::Live, "djk_"), (Environment::Sandbox, "djt_")] {
            let key = key(environment);
            assert!(key.expose().starts_with(prefix) && key.expose().len() == LENGTH);
            let read = AppKey::parse(key.expose());
            assert!(read.is_some_and(|read| read.public_id == key.public_id && read.environment == environment));
        }
        assert!(AppKey::of(Environment::Live, &[255; 200]).is_none(), "bytes that are skipped make no key");
    }

    #[test]
    fn every_changed_character_is_seen() {
        let text = key(Environment::Live).expose().to_owned();
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8_lossy(&changed).into_owned();
            assert!(AppKey::parse(&changed).is_none(), "{at}: {changed}");
        }
        for text in ["", "djk_", "djk_abc_def", &text[1..], &format!("{text}0"), &"钥".repeat(22)] {
            assert!(AppKey::parse(text).is_none(), "{text}");
        }
    }
}
