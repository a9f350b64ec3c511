//! The market as this process sees it: an index in memory, loaded from the database and kept current by the event log.
//!
//! A write of this process is applied right after its commit; the writes of others arrive by the log. Both go by
//! version, so that applying twice or out of order is harmless.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use uuid::Uuid;

use arc_swap::ArcSwap;

use super::{App, Error, Knowledge, loading, statistics};
use crate::db::{self, Connection};
use crate::domain::decimal::Decimal;
use crate::domain::enterprise::Enterprise;
use crate::domain::listing::{Listing, ListingStatus, Terms};
use crate::matching::{Change, Context, Index, Item, Policy, Shift, Snapshot, Statistics};
use crate::vocabulary::Subject;

/// Statistics are made anew when older than this.
const STATISTICS_AGE: TimeDelta = TimeDelta::hours(1);

#[derive(Default)]
pub struct MarketIndex {
    pub(super) index: Index,
    /// Those who have begun to read the database for the index, by the index's mark of then.
    reading: Mutex<BTreeMap<u64, usize>>,
    policy: ArcSwap<Policy>,
    statistics: ArcSwap<Statistics>,
    /// Held from reading the newest policy or statistics until they are in use, so that older ones do not come last.
    pub(super) renewing: tokio::sync::Mutex<()>,
    /// The newest event applied.
    pub(super) position: AtomicI64,
    loaded: AtomicBool,
    /// The log cannot be followed from `position`.
    pub(super) stale: AtomicBool,
    /// Reference data have changed since some of the listings were read.
    pub(super) unread: AtomicBool,
}

/// What the engine is asked with; shared with the thread that computes.
#[derive(Clone)]
pub struct Frozen {
    pub policy: Arc<Policy>,
    pub statistics: Arc<Statistics>,
    pub knowledge: Arc<Knowledge>,
    pub now: DateTime<Utc>,
}

impl Frozen {
    pub fn context(&self) -> Context<'_> {
        Context::new(&self.knowledge.reference, &self.policy, &self.statistics, self.now)
    }
}

impl MarketIndex {
    /// Loaded, and following the log.
    pub fn is_loaded(&self) -> bool {
        self.loaded.load(Ordering::Acquire) && !self.stale.load(Ordering::Acquire)
    }

    /// From the next question on.
    pub(super) fn use_policy(&self, policy: Arc<Policy>) {
        self.policy.store(policy);
    }

    pub(super) fn use_statistics(&self, statistics: Arc<Statistics>) {
        self.statistics.store(statistics);
    }

    /// Loaded once: from here on the log is followed.
    pub fn has_begun(&self) -> bool {
        self.loaded.load(Ordering::Acquire)
    }

    /// The market as it is now; no lock is held meanwhile.
    pub fn read<T>(&self, look: impl FnOnce(&Snapshot) -> T) -> T {
        look(&self.index.snapshot())
    }

    pub fn get(&self, id: Uuid) -> Option<Arc<Item>> {
        self.index.get(id)
    }

    /// Puts in order what writes have left in disorder, and forgets removals that nothing on its way can undo. Takes a
    /// while: not for a thread that answers.
    pub fn tidy(&self) {
        if self.index.needs_rebuild() {
            self.index.rebuild();
        }
        let reading = self.reading();
        self.index.forget_removed(reading.keys().next().copied().unwrap_or_else(|| self.index.mark()));
    }

    /// Takes many changes into an index that nobody asks yet.
    fn load(&self, changes: Vec<Change>) {
        let mut others = Vec::new();
        self.index.load(changes.into_iter().filter_map(|change| match change {
            Change::Upsert(item) => Some(item),
            other => {
                others.push(other);
                None
            }
        }));
        self.index.apply_all(others);
    }

    /// From now on what happens is remembered for [`MarketIndex::shifts`].
    pub(super) fn follow(&self) -> Arc<Snapshot> {
        self.index.follow()
    }

    /// What happened since the last call; `None` where following has to begin anew.
    pub(super) fn shifts(&self) -> Option<(Vec<Shift>, Arc<Snapshot>)> {
        self.index.shifts()
    }

    /// The newest event applied.
    pub fn position(&self) -> i64 {
        self.position.load(Ordering::Acquire)
    }

    /// To be held from before listings are read from the database until they are applied.
    fn begin_reading(&self) -> Reading<'_> {
        let mut reading = self.reading();
        let mark = self.index.mark();
        *reading.entry(mark).or_default() += 1;
        Reading { market: self, mark }
    }

    fn reading(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, usize>> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Reading<'a> {
    market: &'a MarketIndex,
    mark: u64,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let mut reading = self.market.reading();
        if let Some(readers) = reading.get_mut(&self.mark) {
            *readers -= 1;
            if *readers == 0 {
                reading.remove(&self.mark);
            }
        }
    }
}

impl App {
    /// Policy, statistics and reference data as they stand, with the time of the question.
    pub fn frozen(&self) -> Frozen {
        Frozen {
            policy: self.market.policy.load_full(),
            statistics: self.market.statistics.load_full(),
            knowledge: self.knowledge(),
            now: Utc::now().trunc_subsecs(6),
        }
    }

    /// Reads every published listing, the policy and the newest statistics; afterwards the process is ready.
    pub async fn load_market(&self) -> Result<(), Error> {
        let started = Instant::now();
        let mut connection = self.database.dedicated().await?;
        // The position is read first: what commits meanwhile is applied again from the log, which is harmless.
        let position = db::events::head(&mut connection).await?.map_or(0, |(seq, _)| seq);
        self.refresh_knowledge(&mut connection).await?;
        self.refresh_policy(&mut connection).await?;
        {
            let _reading = self.market.begin_reading();
            let mut changes = Vec::new();
            loading::read_market(&mut connection, self.knowledge(), |some| changes.extend(some)).await?;
            self.market.load(changes);
        }
        self.refresh_statistics(&mut connection).await?;
        self.market.position.store(position, Ordering::Release);
        self.market.loaded.store(true, Ordering::Release);
        let seconds = started.elapsed().as_secs_f64();
        tracing::info!(listings = self.market.read(Snapshot::len), position, seconds, "market loaded");
        Ok(())
    }

    /// The same for an index in use: a few listings at a time, so that nobody's write waits long.
    pub(super) async fn reload_listings(&self, connection: &mut Connection) -> Result<(), Error> {
        let _reading = self.market.begin_reading();
        let apply = |changes| {
            let _news = self.market.index.apply_all(changes);
        };
        loading::read_market(connection, self.knowledge(), apply).await
    }

    /// Brings the index up to the database for these listings.
    pub async fn refresh_listings(&self, connection: &mut Connection, ids: &[Uuid]) -> Result<(), Error> {
        for batch in ids.chunks(1000) {
            let _reading = self.market.begin_reading();
            let listings = db::listings::find_many(connection, batch).await?;
            self.apply(connection, listings).await?;
        }
        Ok(())
    }

    async fn apply(&self, connection: &mut Connection, listings: Vec<Listing>) -> Result<(), Error> {
        let ids: Vec<Uuid> = listings.iter().map(|listing| listing.id).collect();
        let mut owners: Vec<Uuid> = listings.iter().map(|listing| listing.enterprise_id).collect();
        owners.sort();
        owners.dedup();
        let enterprises = db::enterprises::find_many(connection, &owners).await?;
        let enterprises: HashMap<Uuid, Enterprise> = enterprises.into_iter().map(|e| (e.id, e)).collect();
        let balances = db::listings::balances(connection, &ids).await?;
        let knowledge = self.knowledge();
        let change = |listing: Listing| match enterprises.get(&listing.enterprise_id) {
            Some(enterprise) if listing.status == ListingStatus::Published => {
                let remaining = balances.get(&listing.id).map(|balance| balance.remaining);
                published(&knowledge, listing, enterprise, remaining)
            }
            _ => Change::Remove(listing.id, listing.version),
        };
        // An older version than the one the index knows is not news.
        let _news = self.market.index.apply_all(listings.into_iter().map(change));
        Ok(())
    }

    /// Terms as the engine sees them, whether saved or not.
    pub fn item_of_terms(&self, id: Uuid, enterprise: &Enterprise, terms: Terms, created_at: DateTime<Utc>) -> Item {
        self.knowledge().item(id, enterprise, terms, created_at)
    }

    /// Makes new statistics where the newest are older than an hour, and takes them into use.
    pub async fn refresh_statistics(&self, connection: &mut Connection) -> Result<(), Error> {
        let newest = db::market::find_statistics(connection).await?;
        let fresh = newest.filter(|statistics| Utc::now() - statistics.as_of < STATISTICS_AGE);
        if fresh.is_none() {
            let made = self.compute_statistics().await?;
            // Two processes may do this at once: the row that is there first is the version everybody uses.
            statistics::store(connection, made).await?;
        }
        self.take_statistics(connection).await
    }

    /// On a thread of its own: over a large market it takes a while.
    async fn compute_statistics(&self) -> Result<Statistics, Error> {
        let (frozen, market) = (self.frozen(), self.market.index.snapshot());
        let compute = move || {
            let (as_of, version) = (frozen.context().as_of, frozen.statistics.version + 1);
            Statistics::compute(market.iter(), &frozen.knowledge.reference, &frozen.policy, version, as_of)
        };
        tokio::task::spawn_blocking(compute).await.map_err(|error| Error::Fault(error.to_string()))
    }
}

impl Knowledge {
    /// Terms as the engine sees them.
    pub fn item(&self, id: Uuid, enterprise: &Enterprise, terms: Terms, created_at: DateTime<Utc>) -> Item {
        let subject = Subject { kind: Some(terms.kind()), category: terms.category.as_deref() };
        let vocabulary = &self.understanding.vocabulary;
        let profile = vocabulary.profile_of(&terms.title, terms.description.as_deref(), subject);
        let mut item = Item::new(id, enterprise.id, 1, Arc::new(terms), profile, created_at);
        let region = item.terms.region_code.as_ref().or(enterprise.profile.region_code.as_ref()).cloned();
        let of_region = |code: &String| self.reference.regions.get(code).and_then(|region| region.location);
        // The enterprise's own point stands for the listing only where both are in the same region.
        let own = enterprise.profile.location.filter(|_| region == enterprise.profile.region_code);
        let stated = item.terms.point(&self.reference.regions);
        item.location = stated.or(own).or_else(|| region.as_ref().and_then(of_region));
        item.region_code = region;
        item.take_standing(enterprise);
        item
    }

    /// A listing as the engine sees it. `remaining`: what its ledger leaves.
    pub fn listed(&self, listing: Listing, enterprise: &Enterprise, remaining: Option<Decimal>) -> Item {
        let mut item = self.item(listing.id, enterprise, listing.terms, listing.created_at);
        item.version = listing.version;
        item.confirmed_at = listing.confirmed_at;
        item.urgency_confirmed = listing.urgency_confirmed.is_some();
        item.remaining = remaining;
        item
    }
}

/// What a published listing is to the index.
pub(super) fn published(
    knowledge: &Knowledge,
    listing: Listing,
    enterprise: &Enterprise,
    remaining: Option<Decimal>,
) -> Change {
    if !enterprise.trades() {
        return Change::Hide(listing.id);
    }
    let item = knowledge.listed(listing, enterprise, remaining);
    Change::Upsert(item.into())
}
