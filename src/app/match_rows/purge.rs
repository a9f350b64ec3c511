//! Matches that came to nothing are not kept for ever.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::{App, Error};
use crate::db;

/// A listing that is renewed or changed within a month finds its matches, and what its side was told of, as they were; a
/// notification leads to its match for as long.
const RETENTION: TimeDelta = TimeDelta::days(30);
/// Deleted in one transaction: whoever writes matches waits no longer than for that.
const BATCH: i64 = 1000;

impl App {
    /// Deletes matches that ended a month before `now` and that nobody shortlisted, dismissed or converted; returns whether there
    /// may be more. What the event log tells of them stays. Does nothing while matches are written, which may fit again.
    pub async fn purge_matches(&self, now: DateTime<Utc>) -> Result<bool, Error> {
        self.database
            .transaction(async |connection| {
                if !db::try_lock(connection, db::Lock::MatchWriting as i64).await? {
                    return Ok(false);
                }
                let purged = db::match_rows::purge(connection, now - RETENTION, BATCH).await?;
                Ok(i64::try_from(purged).is_ok_and(|purged| purged == BATCH))
            })
            .await
    }
}
