//! Keys for each purpose, derived from the one secret of the installation (`DUIJIE_SECRET_KEY`).

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};

/// 32 bytes; never logged, never served.
pub struct Secrets(SecretBox<[u8; 32]>);

impl Secrets {
    pub fn new(key: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(key)))
    }

    /// HMAC-SHA256 of `message` under the key of `purpose`.
    pub fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        hmac(&self.derive(purpose), message)
    }

    pub fn verify(&self, purpose: &str, message: &[u8], tag: &[u8]) -> bool {
        use subtle::ConstantTimeEq;
        self.sign(purpose, message)[..tag.len().min(32)].ct_eq(tag).into()
    }

    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        hmac(self.0.expose_secret(), purpose.as_bytes())
    }
}

fn hmac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    // HMAC pads a short key with zeros to its block of 64 bytes; done here, the constructor cannot fail.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
