//! Which version of each listing is held, so that changes may arrive twice and in any order.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use uuid::Uuid;

use crate::matching::item::Item;

/// The highest version seen of each listing: of one version, a removal wins over an item, and the later of two items
/// wins. As in [`Market`](crate::matching::Market), with removals that can be forgotten.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: HashMap<Uuid, Slot>,
    /// In the order of their marks; an entry stands for nothing once its listing is back or removed again.
    removed: VecDeque<(u64, Uuid)>,
    mark: u64,
}

#[derive(Debug)]
enum Slot {
    Live(Arc<Item>),
    Removed { version: i32, mark: u64 },
}

/// Room is given back when four times what is needed is held.
const ROOM: usize = 4;
const LEAST_ROOM: usize = 1024;

impl Slots {
    /// The item as it is now held, unless something newer is; and what it takes the place of.
    pub fn upsert(&mut self, item: Arc<Item>) -> (Option<Arc<Item>>, Option<Arc<Item>>) {
        match self.slots.get(&item.id) {
            Some(Slot::Live(held)) if held.version > item.version => return (None, None),
            Some(Slot::Removed { version, .. }) if *version >= item.version => return (None, None),
            _ => {}
        }
        let before = self.slots.insert(item.id, Slot::Live(Arc::clone(&item)));
        (Some(item), before.and_then(Slot::live))
    }

    /// `None` where this is no news, else what was there.
    pub fn remove(&mut self, id: Uuid, version: i32) -> Option<Option<Arc<Item>>> {
        match self.slots.get(&id) {
            Some(Slot::Live(held)) if held.version > version => return None,
            Some(Slot::Removed { version: held, .. }) if *held >= version => return None,
            _ => {}
        }
        self.mark += 1;
        self.removed.push_back((self.mark, id));
        let before = self.slots.insert(id, Slot::Removed { version, mark: self.mark });
        Some(before.and_then(Slot::live))
    }

    pub fn hide(&mut self, id: Uuid) -> Option<Arc<Item>> {
        self.get(id)?;
        self.slots.remove(&id).and_then(Slot::live)
    }

    pub fn get(&self, id: Uuid) -> Option<&Arc<Item>> {
        match self.slots.get(&id)? {
            Slot::Live(item) => Some(item),
            Slot::Removed { .. } => None,
        }
    }

    /// After every removal so far.
    pub fn mark(&self) -> u64 {
        self.mark + 1
    }

    pub fn forget_removed(&mut self, before: u64) {
        while let Some((mark, id)) = self.removed.front().copied().filter(|(mark, _)| *mark < before) {
            self.removed.pop_front();
            if matches!(self.slots.get(&id), Some(Slot::Removed { mark: held, .. }) if *held == mark) {
                self.slots.remove(&id);
            }
        }
        if self.slots.capacity() > LEAST_ROOM.max(ROOM * self.slots.len()) {
            self.slots.shrink_to_fit();
        }
        if self.removed.capacity() > LEAST_ROOM.max(ROOM * self.removed.len()) {
            self.removed.shrink_to_fit();
        }
    }

    /// Of the table, as the standard library lays it out: a byte of control beside each slot.
    pub fn bytes(&self) -> usize {
        let buckets = if self.slots.capacity() == 0 { 0 } else { (self.slots.capacity() * 8 / 7).next_power_of_two() };
        buckets * (size_of::<(Uuid, Slot)>() + 1) + self.removed.capacity() * size_of::<(u64, Uuid)>()
    }
}

impl Slot {
    fn live(self) -> Option<Arc<Item>> {
        match self {
            Slot::Live(item) => Some(item),
            Slot::Removed { .. } => None,
        }
    }
}
