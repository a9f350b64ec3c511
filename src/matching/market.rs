//! The set of published listings, kept current by version.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use uuid::Uuid;

use super::item::Item;
use crate::domain::listing::{Kind, Side};

/// Listings by id, partitioned by side and kind. Cloning is cheap enough for a snapshot: items are shared.
///
/// Changes may arrive twice and in any order. Each listing remembers the highest version seen, with one rule for ties:
/// of one version, a removal wins over an item, and the later of two items wins (the ledger moves without a new version).
/// So an older `upsert` after a newer `remove` does not bring a listing back, and a renewed listing, whose version is
/// higher, does come back.
#[derive(Debug, Clone, Default)]
pub struct Market {
    slots: HashMap<Uuid, Slot>,
    partitions: BTreeMap<(Side, Kind), BTreeMap<Uuid, Arc<Item>>>,
}

#[derive(Debug, Clone)]
enum Slot {
    Live(Arc<Item>),
    Removed(i32),
}

impl Market {
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns whether the item was taken; an older version than the one held is not.
    pub fn upsert(&mut self, item: Item) -> bool {
        match self.slots.get(&item.id) {
            Some(Slot::Live(held)) if held.version > item.version => return false,
            Some(Slot::Removed(version)) if *version >= item.version => return false,
            _ => {}
        }
        self.detach(item.id);
        let item = Arc::new(item);
        self.partitions.entry((item.side(), item.kind())).or_default().insert(item.id, Arc::clone(&item));
        self.slots.insert(item.id, Slot::Live(item));
        true
    }

    /// `version` is the listing's version at which it was no longer published. Returns whether this is news.
    pub fn remove(&mut self, id: Uuid, version: i32) -> bool {
        match self.slots.get(&id) {
            Some(Slot::Live(held)) if held.version > version => return false,
            Some(Slot::Removed(held)) if *held >= version => return false,
            _ => {}
        }
        self.detach(id);
        self.slots.insert(id, Slot::Removed(version));
        true
    }

    /// Takes a listing out for a reason other than its own change, such as its enterprise's suspension: the same version
    /// may come back.
    pub fn hide(&mut self, id: Uuid) -> bool {
        let live = self.get(id).is_some();
        if live {
            self.detach(id);
            self.slots.remove(&id);
        }
        live
    }

    pub fn get(&self, id: Uuid) -> Option<&Arc<Item>> {
        match self.slots.get(&id)? {
            Slot::Live(item) => Some(item),
            Slot::Removed(_) => None,
        }
    }

    /// By side, kind and id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Item>> {
        self.partitions.values().flat_map(BTreeMap::values)
    }

    /// The listings of one side and kind, by id.
    pub fn partition(&self, side: Side, kind: Kind) -> impl Iterator<Item = &Arc<Item>> {
        self.partitions.get(&(side, kind)).into_iter().flat_map(BTreeMap::values)
    }

    pub fn len(&self) -> usize {
        self.partitions.values().map(BTreeMap::len).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn detach(&mut self, id: Uuid) {
        let Some(Slot::Live(held)) = self.slots.get(&id) else { return };
        if let Some(partition) = self.partitions.get_mut(&(held.side(), held.kind())) {
            partition.remove(&id);
        }
    }
}
