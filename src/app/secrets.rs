//! Keys for each purpose, derived from the one secret of the installation (`DUIJIE_SECRET_KEY`).

use std::sync::Arc;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};

use super::Error;

/// 32 bytes; never logged, never served.
#[derive(Clone)]
pub struct Secrets(Arc<SecretBox<[u8; 32]>>);

const NONCE_BYTES: usize = 24;

impl Secrets {
    pub fn new(key: [u8; 32]) -> Self {
        Self(Arc::new(SecretBox::new(Box::new(key))))
    }

    /// HMAC-SHA256 of `message` under the key of `purpose`.
    pub fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        hmac(&self.derive(purpose), message)
    }

    pub fn verify(&self, purpose: &str, message: &[u8], tag: &[u8]) -> bool {
        use subtle::ConstantTimeEq;
        self.sign(purpose, message)[..tag.len().min(32)].ct_eq(tag).into()
    }

    /// Encrypts for keeping (XChaCha20-Poly1305). `context`, the id of the row for instance, must be given again to open:
    /// what is moved to another place does not open there.
    pub fn seal(&self, purpose: &str, context: &[u8], content: &[u8]) -> Result<Vec<u8>, Error> {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let cipher = XChaCha20Poly1305::new(&self.derive(purpose).into());
        let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: content, aad: context });
        let sealed = sealed.map_err(|_| Error::Fault("cannot be encrypted".to_owned()))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// None where it was sealed under another key, for another purpose or context, or altered.
    pub fn open(&self, purpose: &str, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let cipher = XChaCha20Poly1305::new(&self.derive(purpose).into());
        cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: context }).ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_in_its_place_alone() {
        let secrets = Secrets::new([7; 32]);
        let sealed = secrets.seal("a", b"row 1", b"content").unwrap_or_default();
        assert_eq!(secrets.open("a", b"row 1", &sealed).as_deref(), Some(&b"content"[..]));
        assert_eq!(secrets.open("b", b"row 1", &sealed), None);
        assert_eq!(secrets.open("a", b"row 2", &sealed), None);
        assert_eq!(Secrets::new([8; 32]).open("a", b"row 1", &sealed), None);
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert_eq!(secrets.open("a", b"row 1", &altered), None, "{at}");
        }
        assert_eq!(secrets.open("a", b"row 1", &sealed[..20]), None);
        let again = secrets.seal("a", b"row 1", b"content").unwrap_or_default();
        assert_ne!(sealed, again);
    }
}
