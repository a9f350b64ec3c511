//! Which version of each listing is held, so that changes may arrive twice and in any order.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use uuid::Uuid;

use crate::matching::item::Item;

/// The highest version seen of each listing: of one version, a removal wins over an item, and the later of two items
/// wins. As in [`Market`](crate::matching::Market), with removals that can be forgotten.
#[derive(Debug, Default)]
pub(super) struct Slots {
    live: HashSet<Live>,
    removed: HashMap<Uuid, Removed>,
    /// In the order of their marks; an entry stands for nothing once its listing is back or removed again.
    removals: VecDeque<(u64, Uuid)>,
    mark: u64,
}

/// Found by its id.
#[derive(Debug)]
struct Live(Arc<Item>);

#[derive(Debug, Clone, Copy)]
struct Removed {
    version: i32,
    mark: u64,
}

/// Room is given back when four times what is needed is held.
const ROOM: usize = 4;
const LEAST_ROOM: usize = 1024;

impl Slots {
    /// The item as it is now held, unless something newer is; and what it takes the place of.
    pub fn upsert(&mut self, item: Arc<Item>) -> (Option<Arc<Item>>, Option<Arc<Item>>) {
        if self.get(item.id).is_some_and(|held| held.version > item.version)
            || self.removed.get(&item.id).is_some_and(|removed| removed.version >= item.version)
        {
            return (None, None);
        }
        self.removed.remove(&item.id);
        let before = self.live.replace(Live(Arc::clone(&item)));
        (Some(item), before.map(|Live(item)| item))
    }

    /// `None` where this is no news, else what was there.
    pub fn remove(&mut self, id: Uuid, version: i32) -> Option<Option<Arc<Item>>> {
        if self.get(id).is_some_and(|held| held.version > version)
            || self.removed.get(&id).is_some_and(|removed| removed.version >= version)
        {
            return None;
        }
        self.mark += 1;
        self.removals.push_back((self.mark, id));
        self.removed.insert(id, Removed { version, mark: self.mark });
        Some(self.hide(id))
    }

    pub fn hide(&mut self, id: Uuid) -> Option<Arc<Item>> {
        self.live.take(&id).map(|Live(item)| item)
    }

    pub fn get(&self, id: Uuid) -> Option<&Arc<Item>> {
        self.live.get(&id).map(|Live(item)| item)
    }

    /// After every removal so far.
    pub fn mark(&self) -> u64 {
        self.mark + 1
    }

    pub fn forget_removed(&mut self, before: u64) {
        while let Some((mark, id)) = self.removals.front().copied().filter(|(mark, _)| *mark < before) {
            self.removals.pop_front();
            if self.removed.get(&id).is_some_and(|removed| removed.mark == mark) {
                self.removed.remove(&id);
            }
        }
        let roomy = |capacity: usize, len: usize| capacity > LEAST_ROOM.max(ROOM * len);
        if roomy(self.live.capacity(), self.live.len()) {
            self.live.shrink_to_fit();
        }
        if roomy(self.removed.capacity(), self.removed.len()) {
            self.removed.shrink_to_fit();
        }
        if roomy(self.removals.capacity(), self.removals.len()) {
            self.removals.shrink_to_fit();
        }
    }

    /// Of the tables, as the standard library lays them out: a byte of control beside each slot.
    pub fn bytes(&self) -> usize {
        let table = |capacity: usize, entry: usize| {
            let buckets = if capacity == 0 { 0 } else { (capacity * 8 / 7).next_power_of_two() };
            buckets * (entry + 1)
        };
        table(self.live.capacity(), size_of::<Live>())
            + table(self.removed.capacity(), size_of::<(Uuid, Removed)>())
            + self.removals.capacity() * size_of::<(u64, Uuid)>()
    }
}

impl Hash for Live {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}

impl PartialEq for Live {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for Live {}

impl Borrow<Uuid> for Live {
    fn borrow(&self) -> &Uuid {
        &self.0.id
    }
}
