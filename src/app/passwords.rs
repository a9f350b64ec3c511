//! Password hashing: argon2id, off the HTTP workers.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use super::Error;
use super::cpu::CpuQueue;
use crate::domain::account::Password;

/// OWASP's second profile: 19 MiB, two passes, one lane; about 20 ms.
fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(19_456, 2, 1, None).map_err(|e| Error::Fault(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// PHC string with a random salt.
pub async fn hash(cpu: &CpuQueue, password: Password) -> Result<String, Error> {
    cpu.run(move || hash_now(&password)).await?
}

pub fn hash_now(password: &Password) -> Result<String, Error> {
    let hashed = argon2()?.hash_password(password.expose().as_bytes());
    hashed.map(|phc| phc.to_string()).map_err(|e| Error::Fault(e.to_string()))
}

/// Of an unguessable password: an unknown account takes as long to refuse as a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$X0nIAiLQN9OZRfXtRqYPkqSRpbLmDfyB2yYPNVCTVTE";

/// Whether `password` is the one hashed; the same time for an account that does not exist.
pub async fn verify(cpu: &CpuQueue, password: Password, phc: Option<String>) -> Result<bool, Error> {
    cpu.run(move || {
        let stored = phc.as_deref().unwrap_or(NOBODY);
        let parsed = PasswordHash::new(stored).map_err(|e| Error::Fault(e.to_string()))?;
        let matches = argon2()?.verify_password(password.expose().as_bytes(), &parsed).is_ok();
        Ok(matches && phc.is_some())
    })
    .await?
}
