//! The market at one moment, never changing: what a question is answered from.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::listing::{Kind, Side};
use crate::matching::item::Item;

use super::partition::Partition;

pub(in crate::matching) type Category = Option<Arc<str>>;

/// Every published listing, by side, kind and category. A clone shares everything.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    groups: BTreeMap<(Side, Kind), Arc<Group>>,
    len: usize,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    partitions: BTreeMap<Category, Arc<Partition>>,
}

impl Snapshot {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Item>> {
        self.partitions(None, None).flat_map(|(.., partition)| partition.items())
    }

    /// What the index takes beside the listings themselves and its table of versions.
    pub fn bytes(&self) -> usize {
        self.partitions(None, None).map(|(.., partition)| partition.bytes()).sum()
    }

    /// The listings of one side and kind.
    pub(in crate::matching) fn of(&self, side: Side, kind: Kind) -> impl Iterator<Item = &Arc<Item>> {
        self.partitions(Some(side), Some(kind)).flat_map(|(.., partition)| partition.items())
    }

    /// Of a side and a kind, or of all.
    pub(super) fn partitions(
        &self,
        side: Option<Side>,
        kind: Option<Kind>,
    ) -> impl Iterator<Item = (Side, Kind, Option<&str>, &Partition)> {
        let wanted =
            move |(s, k): &(Side, Kind)| side.is_none_or(|side| side == *s) && kind.is_none_or(|kind| kind == *k);
        self.groups.iter().filter(move |(key, _)| wanted(key)).flat_map(|((side, kind), group)| {
            group.partitions.iter().map(|(category, partition)| (*side, *kind, category.as_deref(), partition.as_ref()))
        })
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = ((Side, Kind, Category), &Arc<Partition>)> {
        self.groups.iter().flat_map(|((side, kind), group)| {
            group.partitions.iter().map(|(category, partition)| ((*side, *kind, category.clone()), partition))
        })
    }

    pub(super) fn get(&self, side: Side, kind: Kind, category: &Category) -> Option<&Arc<Partition>> {
        self.groups.get(&(side, kind))?.partitions.get(category)
    }

    /// Without it where it is empty.
    pub(super) fn put(&mut self, side: Side, kind: Kind, category: Category, partition: Partition) {
        let group = Arc::make_mut(self.groups.entry((side, kind)).or_default());
        let before = group.partitions.get(&category).map_or(0, |partition| partition.len());
        self.len = self.len + partition.len() - before;
        if partition.len() == 0 {
            group.partitions.remove(&category);
        } else {
            group.partitions.insert(category, Arc::new(partition));
        }
    }

    pub(super) fn add(&mut self, item: &Arc<Item>) {
        let group = Arc::make_mut(self.groups.entry((item.side(), item.kind())).or_default());
        let category = item.category().map(Arc::from);
        Arc::make_mut(group.partitions.entry(category).or_default()).push(Arc::clone(item));
        self.len += 1;
    }

    pub(super) fn take(&mut self, item: &Arc<Item>) {
        let Some(group) = self.groups.get_mut(&(item.side(), item.kind())) else { return };
        let category = item.category().map(Arc::from);
        let Some(partition) = Arc::make_mut(group).partitions.get_mut(&category) else { return };
        self.len -= usize::from(Arc::make_mut(partition).remove(item));
    }
}
