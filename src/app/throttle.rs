//! What may be tried how often, counted in the database by keyed hashes: of a name nobody has as of one somebody has.

use std::net::IpAddr;

use chrono::{DateTime, Duration, Utc};

use super::secrets::Secrets;
use super::{Device, Error};
use crate::db::{self, Connection};
use crate::domain::account::Login;
use crate::domain::throttle::Rule;

/// Signing in with one name from one address.
pub const HERE: Rule =
    Rule { free: 5, first: Duration::seconds(1), most: Duration::minutes(15), forgets_one_in: Duration::minutes(15) };
/// Signing in with one name from addresses it is not known at: many may guess together. The pause stays short, since the
/// owner may come from a new address too.
pub const ELSEWHERE: Rule =
    Rule { free: 30, first: Duration::seconds(1), most: Duration::minutes(1), forgets_one_in: Duration::minutes(1) };
/// Second factors, and passwords asked for again: the first factor was right, so it is no stranger who is held up.
pub const ACCOUNT: Rule =
    Rule { free: 5, first: Duration::seconds(5), most: Duration::minutes(15), forgets_one_in: Duration::minutes(15) };
/// Codes sent to one address or number for one purpose.
pub const CODES_TO: Rule =
    Rule { free: 0, first: Duration::minutes(1), most: Duration::minutes(15), forgets_one_in: Duration::minutes(30) };
/// Codes asked for from one address of the network, where many people may sit.
pub const CODES_FROM: Rule =
    Rule { free: 20, first: Duration::seconds(5), most: Duration::minutes(15), forgets_one_in: Duration::minutes(1) };

/// Counters are forgotten after this long without a try: every rule has forgotten all by then that could make it wait.
pub const RETENTION: Duration = Duration::days(2);

pub type Key = [u8; 32];

/// A counter's key.
pub fn key(secrets: &Secrets, what: &str, of: &str) -> Key {
    secrets.sign("throttle-1", format!("{what}\n{of}").as_bytes())
}

/// The counter of a name at an address.
pub fn here(secrets: &Secrets, login: &Login, device: &Device) -> Key {
    key(secrets, "here", &format!("{}\n{}", login.text(), network(device.address)))
}

/// An IPv6 customer has 2^64 addresses.
pub fn network(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Some(address) => address.to_string(),
        None => String::new(),
    }
}

/// Refuses while a pause lasts.
pub async fn check(connection: &mut Connection, key: &Key, rule: &Rule, now: DateTime<Utc>) -> Result<(), Error> {
    let tally = db::throttles::find(connection, key).await?;
    match tally.and_then(|tally| rule.wait(tally, now)) {
        Some(wait) => Err(Error::Throttled { seconds: wait.num_seconds().unsigned_abs() + 1 }),
        None => Ok(()),
    }
}

/// The same under a lock until the transaction ends, so that of many at once those beyond the rule learn nothing of whether
/// they were right.
pub async fn lock(connection: &mut Connection, key: &Key, rule: &Rule, now: DateTime<Utc>) -> Result<(), Error> {
    let lock = key.iter().take(8).fold(0i64, |number, byte| (number << 8) | i64::from(*byte));
    db::lock_key(connection, lock).await?;
    check(connection, key, rule, now).await
}

/// One try more; call under [`lock`].
pub async fn count(connection: &mut Connection, key: &Key, rule: &Rule, now: DateTime<Utc>) -> Result<(), Error> {
    let before = db::throttles::find(connection, key).await?;
    Ok(db::throttles::put(connection, key, rule.one_more(before, now)).await?)
}
