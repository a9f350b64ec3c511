//! The market as this process sees it: an index in memory, loaded from the database and kept current by the event log.
//!
//! A write of this process is applied right after its commit; the writes of others arrive by the log. Both go by
//! version, so that applying twice or out of order is harmless.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use uuid::Uuid;

use arc_swap::ArcSwap;

use super::{App, Error, Knowledge, policies};
use crate::db::{self, Connection};
use crate::domain::enterprise::{Enterprise, EnterpriseStatus};
use crate::domain::event::Event;
use crate::domain::ledger::Balance;
use crate::domain::listing::{Listing, ListingStatus, Terms};
use crate::matching::{Change, Context, Index, Item, Policy, Snapshot, Statistics};

/// Listings read from the database at a time.
const BATCH: i64 = 1000;
/// Statistics are made anew when older than this.
const STATISTICS_AGE: TimeDelta = TimeDelta::hours(1);

#[derive(Default)]
pub struct MarketIndex {
    index: Index,
    /// Those who have begun to read the database for the index, by the index's mark of then.
    reading: Mutex<BTreeMap<u64, usize>>,
    policy: ArcSwap<Policy>,
    statistics: ArcSwap<Statistics>,
    /// The newest event applied.
    position: AtomicI64,
    loaded: AtomicBool,
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
    pub fn is_loaded(&self) -> bool {
        self.loaded.load(Ordering::Acquire)
    }

    /// From the next question on.
    pub(super) fn use_policy(&self, policy: Arc<Policy>) {
        self.policy.store(policy);
    }

    /// The market as it is now; no lock is held meanwhile.
    pub fn read<T>(&self, look: impl FnOnce(&Snapshot) -> T) -> T {
        look(&self.index.snapshot())
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
        let mut connection = self.database.dedicated().await?;
        // The position is read first: what commits meanwhile is applied again from the log, which is harmless.
        let position = db::events::head(&mut connection).await?.map_or(0, |(seq, _)| seq);
        self.refresh_knowledge(&mut connection).await?;
        self.refresh_policy(&mut connection).await?;
        self.apply_all(&mut connection).await?;
        self.market.tidy();
        self.refresh_statistics(&mut connection).await?;
        self.market.position.store(position, Ordering::Release);
        self.market.loaded.store(true, Ordering::Release);
        tracing::info!(listings = self.market.read(Snapshot::len), position, "market loaded");
        Ok(())
    }

    async fn apply_all(&self, connection: &mut Connection) -> Result<(), Error> {
        let mut after = Uuid::nil();
        loop {
            let _reading = self.market.begin_reading();
            let listings = db::listings::list_published(connection, after, BATCH).await?;
            let Some(last) = listings.last().map(|listing| listing.id) else { return Ok(()) };
            self.apply(connection, listings).await?;
            after = last;
        }
    }

    /// Applies what the event log tells since the last call; returns whether there may be more.
    pub async fn follow_events(&self) -> Result<bool, Error> {
        let mut connection = self.database.get().await?;
        let after = self.market.position.load(Ordering::Acquire);
        let events = db::events::list_after(&mut connection, after, BATCH).await?;
        let Some(last) = events.last().map(|event| event.seq) else { return Ok(false) };
        let named = |entity: &str| -> BTreeSet<Uuid> {
            events.iter().filter(|e: &&Event| e.entity == entity).map(|e| e.entity_id).collect()
        };
        if !named("reference").is_empty() {
            // What was read from the texts and codes of the listings is read again.
            if self.refresh_knowledge(&mut connection).await? {
                self.apply_all(&mut connection).await?;
            }
        }
        if !named(policies::ENTITY).is_empty() {
            self.refresh_policy(&mut connection).await?;
        }
        let mut ids = named("listing");
        let enterprises: Vec<Uuid> = named("enterprise").into_iter().collect();
        ids.extend(db::listings::list_published_of(&mut connection, &enterprises).await?);
        self.refresh_listings(&mut connection, &ids.into_iter().collect::<Vec<_>>()).await?;
        self.market.position.store(last, Ordering::Release);
        Ok(true)
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
        let change = |listing: Listing| {
            let published = listing.status == ListingStatus::Published;
            match enterprises.get(&listing.enterprise_id).filter(|_| published) {
                Some(enterprise) if enterprise.trades() => {
                    Change::Upsert(self.item(&listing, enterprise, balances.get(&listing.id)).into())
                }
                Some(_) => Change::Hide(listing.id),
                None => Change::Remove(listing.id, listing.version),
            }
        };
        // An older version than the one the index knows is not news.
        let _news = self.market.index.apply_all(listings.into_iter().map(change));
        Ok(())
    }

    fn item(&self, listing: &Listing, enterprise: &Enterprise, balance: Option<&Balance>) -> Item {
        let mut item = self.item_of_terms(listing.id, enterprise, listing.terms.clone(), listing.created_at);
        item.version = listing.version;
        item.confirmed_at = listing.confirmed_at;
        item.remaining = balance.map(|balance| balance.remaining);
        item
    }

    /// Terms as the engine sees them, whether saved or not.
    pub fn item_of_terms(&self, id: Uuid, enterprise: &Enterprise, terms: Terms, created_at: DateTime<Utc>) -> Item {
        let knowledge = self.knowledge();
        let profile = knowledge.understanding.vocabulary.profile(&terms.title, terms.description.as_deref());
        let mut item = Item::new(id, enterprise.id, 1, Arc::new(terms), profile, created_at);
        let region = item.terms.region_code.as_ref().or(enterprise.profile.region_code.as_ref()).cloned();
        let of_region = |code: &String| knowledge.reference.regions.get(code).and_then(|region| region.location);
        // The enterprise's own point stands for the listing only where both are in the same region.
        let own = enterprise.profile.location.filter(|_| region == enterprise.profile.region_code);
        let stated = item.terms.point(&knowledge.reference.regions);
        item.location = stated.or(own).or_else(|| region.as_ref().and_then(of_region));
        item.region_code = region;
        item.verified = enterprise.status == EnterpriseStatus::Verified;
        item
    }

    /// Makes new statistics where the newest are older than an hour, and takes them into use.
    pub async fn refresh_statistics(&self, connection: &mut Connection) -> Result<(), Error> {
        let newest = db::market::find_statistics(connection).await?;
        let fresh = newest.filter(|statistics| Utc::now() - statistics.as_of < STATISTICS_AGE);
        let statistics = match fresh {
            Some(statistics) => statistics,
            None => {
                let made = self.compute_statistics();
                // Two processes may do this at once: the row that is there first is the version everybody uses.
                db::market::insert_statistics(connection, made).await?
            }
        };
        self.market.statistics.store(Arc::new(statistics));
        Ok(())
    }

    fn compute_statistics(&self) -> Statistics {
        let frozen = self.frozen();
        let as_of = frozen.context().as_of;
        self.market.read(|market| {
            Statistics::compute(
                market.iter(),
                &frozen.knowledge.reference,
                &frozen.policy,
                frozen.statistics.version + 1,
                as_of,
            )
        })
    }
}
