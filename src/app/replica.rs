//! Keeping up with the event log: what other processes wrote, and how far this one is behind.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use uuid::Uuid;

use super::{App, Error, policies, statistics};
use crate::db::{self, Connection};
use crate::domain::event::Event;
use crate::matching::Change;

/// Events taken from the log at a time.
const BATCH: i64 = 1000;

/// How far this process is behind the log.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lag {
    /// The newest event applied.
    pub position: i64,
    /// The newest event of the log.
    pub head: i64,
    /// Events not applied, those without a number yet included.
    pub behind: i64,
    /// Age of the oldest of them.
    pub behind_seconds: f64,
}

impl App {
    pub async fn lag(&self, connection: &mut Connection) -> Result<Lag, Error> {
        let position = self.market.position.load(Ordering::Acquire);
        let backlog = db::events::backlog(connection, position).await?;
        let behind = (backlog.head - position).max(0) + backlog.pending;
        Ok(Lag { position, head: backlog.head, behind, behind_seconds: backlog.seconds.max(0.0) })
    }

    /// Publishes the lag as metrics, and sees whether the log has become shorter than what was read of it.
    pub async fn measure_lag(&self) -> Result<(), Error> {
        let mut connection = self.database.get().await?;
        let lag = self.lag(&mut connection).await?;
        metrics::gauge!("duijie_index_position").set(lag.position as f64);
        metrics::gauge!("duijie_index_behind_events").set(lag.behind as f64);
        metrics::gauge!("duijie_index_behind_seconds").set(lag.behind_seconds);
        metrics::gauge!("duijie_index_listings").set(self.market.read(|market| market.len()) as f64);
        let frozen = self.frozen();
        metrics::gauge!("duijie_policy_version").set(f64::from(frozen.policy.version));
        metrics::gauge!("duijie_statistics_version").set(f64::from(frozen.statistics.version));
        if self.market.is_loaded() && lag.head < lag.position {
            tracing::error!(?lag, "the event log is shorter than it was: the market is loaded anew");
            self.market.stale.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// Applies what the event log tells since the last call; returns whether there may be more.
    pub async fn follow_events(&self) -> Result<bool, Error> {
        if self.market.stale.load(Ordering::Acquire) {
            self.reload_market().await?;
            return Ok(true);
        }
        let mut connection = self.database.get().await?;
        let after = self.market.position.load(Ordering::Acquire);
        let events = db::events::list_after(&mut connection, after, BATCH).await?;
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(false) };
        if first.seq != after + 1 {
            tracing::warn!(after, next = first.seq, "the event log has a gap: the market is loaded anew");
            self.market.stale.store(true, Ordering::Release);
            return Ok(true);
        }
        self.apply_events(&mut connection, &events).await?;
        self.market.position.fetch_max(last.seq, Ordering::AcqRel);
        for event in &events {
            let delay = (chrono::Utc::now() - event.at).as_seconds_f64().max(0.0);
            metrics::histogram!("duijie_event_delay_seconds").record(delay);
        }
        Ok(true)
    }

    async fn apply_events(&self, connection: &mut Connection, events: &[Event]) -> Result<(), Error> {
        let named = |entity: &str| -> BTreeSet<Uuid> {
            events.iter().filter(|event| event.entity == entity).map(|event| event.entity_id).collect()
        };
        if !named("reference").is_empty() && self.refresh_knowledge(connection).await? {
            self.market.unread.store(true, Ordering::Release);
        }
        if !named(policies::ENTITY).is_empty() {
            self.refresh_policy(connection).await?;
        }
        if !named(statistics::ENTITY).is_empty() {
            self.take_statistics(connection).await?;
        }
        let mut ids = named("listing");
        let enterprises: Vec<Uuid> = named("enterprise").into_iter().collect();
        ids.extend(db::listings::list_published_of(connection, &enterprises).await?);
        self.refresh_listings(connection, &ids.into_iter().collect::<Vec<_>>()).await
    }

    /// After a change of reference data: reads every listing anew, whose texts and codes may now mean something else.
    /// Beside following, which it would hold up for long.
    pub async fn reread_listings(&self) -> Result<(), Error> {
        if !self.market.unread.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let reread = async {
            let mut connection = self.database.dedicated().await?;
            let mut after = self.market.position.load(Ordering::Acquire);
            self.reload_listings(&mut connection).await?;
            // What changed without a new version, such as what is left of a quantity, may have been read too early.
            loop {
                let events = db::events::list_after(&mut connection, after, BATCH).await?;
                let Some(last) = events.last() else { return Ok(()) };
                self.apply_events(&mut connection, &events).await?;
                after = last.seq;
            }
        };
        reread.await.inspect_err(|_| self.market.unread.store(true, Ordering::Release))
    }

    /// Where the log cannot be followed: forgets what the index holds and loads the market. Not ready meanwhile.
    async fn reload_market(&self) -> Result<(), Error> {
        let held: Vec<Uuid> = self.market.read(|market| market.iter().map(|item| item.id).collect());
        let _hidden = self.market.index.apply_all(held.into_iter().map(Change::Hide));
        self.market.index.forget_removed(self.market.index.mark());
        self.load_market().await?;
        self.market.stale.store(false, Ordering::Release);
        Ok(())
    }
}
