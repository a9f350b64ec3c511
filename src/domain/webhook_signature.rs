//! Standard Webhooks 1.0: what a receiver knows a message by.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const PREFIX: &str = "whsec_";
pub const SECRET_BYTES: usize = 32;
/// Of SHA-256: a shorter key is padded with zeros.
const BLOCK_BYTES: usize = 64;

/// A secret as its owner keeps it.
pub fn shown(secret: &[u8]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(secret))
}

/// `webhook-signature`: one for each secret.
pub fn signatures(secrets: &[Vec<u8>], id: &str, timestamp: i64, body: &str) -> String {
    let content = format!("{id}.{timestamp}.{body}");
    let signature = |secret: &Vec<u8>| format!("v1,{}", STANDARD.encode(hmac(secret, content.as_bytes())));
    secrets.iter().map(signature).collect::<Vec<_>>().join(" ")
}

fn hmac(secret: &[u8], message: &[u8]) -> [u8; 32] {
    // Padded here, the constructor cannot fail; secrets are 32 bytes long.
    let mut block = [0; BLOCK_BYTES];
    let length = secret.len().min(BLOCK_BYTES);
    block[..length].copy_from_slice(&secret[..length]);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the specification.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn signed(secrets: &[Vec<u8>]) -> String {
        signatures(secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}")
    }

    #[test]
    fn the_check_value_of_the_specification() {
        let secret = STANDARD.decode(&SECRET[PREFIX.len()..]).unwrap_or_default();
        assert_eq!(signed(std::slice::from_ref(&secret)), SIGNATURE);
        assert_eq!(shown(&secret), SECRET);
    }

    #[test]
    fn two_secrets_give_two_signatures() {
        let secret = STANDARD.decode(&SECRET[PREFIX.len()..]).unwrap_or_default();
        let (both, other) = (signed(&[vec![7; 32], secret]), signed(&[vec![7; 32]]));
        assert_eq!(both, format!("{other} {SIGNATURE}"));
        assert_ne!(other, SIGNATURE);
    }
}
