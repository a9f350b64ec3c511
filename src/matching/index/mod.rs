//! The market, kept so that a question looks at few listings and still gets the answer of looking at all.
//!
//! Partitions by side, kind and category hold blocks of up to 128 listings, neighbours together. A summary bounds every
//! block; a question takes the best bound first and stops where no bound can enter its answer (`bound`, `query`). Rows are
//! gauged by the block from small cells (`cells`, `earnings`), and looked at for good where they could enter (`scan`).
//! [`find_matches`](super::find_matches) and [`search`](super::search) over a [`Market`](super::Market), which look at
//! everything, say what is right.
//!
//! Readers take a [`Snapshot`] and never lock. Writers append to the last block of a partition, mark what is gone, and
//! put a new snapshot in the old one's place. Partitions in disorder are made anew beside the traffic: `rebuild`.

mod around;
mod best;
mod block;
mod bound;
mod cells;
mod details;
mod earned;
mod earnings;
mod field;
mod footing;
mod gauge;
mod journal;
mod limits;
mod look;
mod manners;
mod near;
mod parties;
mod partition;
pub(super) mod place;
mod query;
mod rates;
mod row;
mod scan;
mod search;
mod sheet;
mod slots;
mod snapshot;
mod standing;
mod timing;
mod trusts;
mod volume;
mod ways;
mod words;

#[cfg(test)]
pub(super) mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use uuid::Uuid;

use super::item::Item;
use journal::Journal;
use partition::Partition;
use slots::Slots;

pub(super) use around::Around;
pub use journal::Shift;
pub(super) use snapshot::Category;
pub use snapshot::Snapshot;

/// What can happen to a listing in the market.
#[derive(Debug, Clone)]
pub enum Change {
    Upsert(Arc<Item>),
    /// The listing's version at which it was no longer published.
    Remove(Uuid, i32),
    /// For a reason other than its own change, such as its enterprise's suspension: the same version may come back.
    Hide(Uuid),
}

#[derive(Debug, Default)]
pub struct Index {
    snapshot: ArcSwap<Snapshot>,
    writer: Mutex<Writer>,
    /// Held while partitions are made anew: one at a time.
    rebuilding: Mutex<()>,
}

#[derive(Debug, Default)]
struct Writer {
    slots: Slots,
    market: Snapshot,
    journal: Journal,
}

impl Index {
    pub fn new() -> Self {
        Self::default()
    }

    /// With every partition in order.
    pub fn of(items: impl IntoIterator<Item = Item>) -> Self {
        let index = Self::new();
        index.load(items);
        index
    }

    /// Takes many listings at once, in place of as many changes: puts every partition they touch in order.
    pub fn load(&self, items: impl IntoIterator<Item = impl Into<Arc<Item>>>) {
        let _one_at_a_time = self.rebuilding.lock().unwrap_or_else(PoisonError::into_inner);
        let mut writer = self.writer();
        let mut arrived: BTreeMap<_, Vec<Arc<Item>>> = BTreeMap::new();
        for item in items {
            let (taken, before) = writer.slots.upsert(item.into());
            writer.journal.note(before.as_ref(), taken.as_ref());
            if let Some(before) = before {
                writer.market.take(&before);
                // It may have come a moment ago.
                let key = (before.side(), before.kind(), before.category().map(Arc::<str>::from));
                if let Some(arrived) = arrived.get_mut(&key) {
                    arrived.retain(|item: &Arc<Item>| !Arc::ptr_eq(item, &before));
                }
            }
            if let Some(item) = taken {
                let key = (item.side(), item.kind(), item.category().map(Arc::<str>::from));
                arrived.entry(key).or_default().push(item);
            }
        }
        for ((side, kind, category), items) in &mut arrived {
            items.extend(writer.market.get(*side, *kind, category).into_iter().flat_map(|p| p.items().cloned()));
        }
        let ordered: Vec<_> = arrived.into_par_iter().map(|(key, items)| (key, Partition::of(items))).collect();
        for ((side, kind, category), partition) in ordered {
            writer.market.put(side, kind, category, partition);
        }
        self.publish(&writer);
    }

    /// Changes may arrive twice and in any order: see [`Market`](super::Market). Returns whether this was news.
    pub fn apply(&self, change: Change) -> bool {
        self.apply_all([change]) > 0
    }

    /// Readers see all of the changes or none. Returns how many were news.
    pub fn apply_all(&self, changes: impl IntoIterator<Item = Change>) -> usize {
        let mut writer = self.writer();
        let news = changes.into_iter().filter(|change| writer.apply(change)).count();
        if news > 0 {
            self.publish(&writer);
        }
        news
    }

    /// The market as it is now; it stays as it is for as long as the snapshot is held.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// The listing of that id that is in the market.
    pub fn get(&self, id: Uuid) -> Option<Arc<Item>> {
        self.writer().slots.get(id).cloned()
    }

    /// From now on what happens is remembered for [`Index::shifts`]; the market as it is now.
    pub fn follow(&self) -> Arc<Snapshot> {
        let mut writer = self.writer();
        writer.journal.begin();
        Arc::new(writer.market.clone())
    }

    /// What happened since the last call, with the market it led to. `None` where nobody follows, or too much has happened.
    pub fn shifts(&self) -> Option<(Vec<Shift>, Arc<Snapshot>)> {
        let mut writer = self.writer();
        let shifts = writer.journal.take()?;
        Some((shifts, Arc::new(writer.market.clone())))
    }

    /// Nobody follows any more.
    pub fn unfollow(&self) {
        self.writer().journal.end();
    }

    pub fn needs_rebuild(&self) -> bool {
        self.snapshot.load().keys().any(|(_, partition)| partition.needs_rebuild())
    }

    /// Puts the partitions that need it in order, and returns how many. Takes a while: not for a thread that answers.
    /// Readers are not held up, writers while one partition's changes since are added to the new one.
    pub fn rebuild(&self) -> usize {
        let _one_at_a_time = self.rebuilding.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = self.snapshot();
        let wanting = snapshot.keys().filter(|(_, partition)| partition.needs_rebuild());
        let mut rebuilt = 0;
        for ((side, kind, category), before) in wanting {
            let built = Partition::of(before.items().cloned().collect());
            let mut writer = self.writer();
            let Some(current) = writer.market.get(side, kind, &category) else { continue };
            let built = current.catch_up(before, built);
            writer.market.put(side, kind, category, built);
            self.publish(&writer);
            rebuilt += 1;
        }
        rebuilt
    }

    /// A point in the order of changes, for [`Index::forget_removed`].
    pub fn mark(&self) -> u64 {
        self.writer().slots.mark()
    }

    /// Forgets the versions of listings removed before `mark`. Only for who knows that no change read from the database
    /// before `mark` is still on its way: one of an older version would bring the listing back.
    pub fn forget_removed(&self, mark: u64) {
        self.writer().slots.forget_removed(mark);
    }

    /// Of the index, beside the listings themselves.
    pub fn bytes(&self) -> usize {
        let writer = self.writer();
        writer.market.bytes() + writer.slots.bytes()
    }

    /// A panic while writing poisons the lock; `Writer::apply` leaves whole listings at every step.
    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish(&self, writer: &Writer) {
        self.snapshot.store(Arc::new(writer.market.clone()));
    }
}

impl Writer {
    fn apply(&mut self, change: &Change) -> bool {
        let (taken, before) = match change {
            // The log tells this process what it has just written itself.
            Change::Upsert(item) if self.slots.get(item.id).is_some_and(|held| held == item) => return true,
            Change::Upsert(item) => self.slots.upsert(Arc::clone(item)),
            Change::Remove(id, version) => match self.slots.remove(*id, *version) {
                Some(before) => (None, before),
                None => return false,
            },
            Change::Hide(id) => (None, self.slots.hide(*id)),
        };
        self.journal.note(before.as_ref(), taken.as_ref());
        if let Some(before) = &before {
            self.market.take(before);
        }
        if let Some(item) = &taken {
            self.market.add(item);
        }
        taken.is_some() || before.is_some() || matches!(change, Change::Remove(..))
    }
}
