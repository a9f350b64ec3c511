//! `Idempotency-Key`: the first 2xx answer is stored with its effect, and a repetition is answered from the store.

use chrono::{DateTime, Duration, Utc};

use super::{Caller, Error};
use crate::db::{self, Connection};

/// Stored answers are kept this long.
pub const RETENTION: Duration = Duration::days(7);

/// The key a client chose, with a fingerprint of what it asked for (method, path, query, canonical body).
#[derive(Debug, Clone)]
pub struct Key {
    pub key: String,
    pub fingerprint: [u8; 32],
}

/// A finished answer, as it went or goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub replayed: bool,
}

/// Takes the key, or says why not: replayed, in flight, or used for something else.
pub async fn claim(connection: &mut Connection, caller: &Caller, key: &Key) -> Result<(), Error> {
    let digest = super::secrets::sha256(format!("{}\n{}", caller.account_id, key.key).as_bytes());
    let lock = digest.iter().take(8).fold(0i64, |number, byte| (number << 8) | i64::from(*byte));
    if !db::try_lock(connection, lock).await? {
        return Err(Error::IdempotencyInFlight);
    }
    let Some(stored) = db::idempotency::find(connection, caller.account_id, &key.key).await? else { return Ok(()) };
    if stored.fingerprint != key.fingerprint {
        return Err(Error::IdempotencyMismatch);
    }
    Err(Error::Replayed(Answer {
        status: stored.status.unsigned_abs(),
        headers: serde_json::from_value(stored.headers).map_err(|e| Error::Fault(e.to_string()))?,
        body: stored.body,
        replayed: true,
    }))
}

/// Stores the answer in the transaction of its effect.
pub async fn store(
    connection: &mut Connection,
    caller: &Caller,
    key: &Key,
    answer: &Answer,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = db::idempotency::StoredAnswer {
        account_id: caller.account_id,
        key: key.key.clone(),
        fingerprint: key.fingerprint.to_vec(),
        status: i16::try_from(answer.status).map_err(|e| Error::Fault(e.to_string()))?,
        headers: serde_json::to_value(&answer.headers).map_err(|e| Error::Fault(e.to_string()))?,
        body: answer.body.clone(),
        created_at: now,
    };
    Ok(db::idempotency::insert(connection, &row).await?)
}
