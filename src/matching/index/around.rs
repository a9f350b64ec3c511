//! The listings nearest to a place.

use crate::domain::listing::{Kind, Side};
use crate::domain::place::Point;
use crate::matching::item::Item;

use super::row::Flags;
use super::snapshot::{Category, Snapshot};

/// Where to look.
#[derive(Debug, Clone, Copy)]
pub(in crate::matching) struct Around<'a> {
    pub side: Side,
    pub kind: Kind,
    pub categories: &'a [Category],
    pub centre: Point,
    pub km: f64,
}

impl Snapshot {
    /// Categories of a side and a kind in which something is listed.
    pub(in crate::matching) fn categories(&self, side: Side, kind: Kind) -> impl Iterator<Item = Category> {
        self.partitions(Some(side), Some(kind)).map(|(.., category, _)| category.map(Into::into))
    }

    /// The nearest `limit`, the oldest first of those equally near, and whoever ties with the last but for parts of a
    /// second; in no order. What is not shown to everybody only where it is `admitted`.
    pub(in crate::matching) fn nearest(
        &self,
        around: Around<'_>,
        limit: usize,
        admitted: impl Fn(&Item) -> bool,
    ) -> Vec<&Item> {
        let Around { side, kind, categories, centre, km } = around;
        let partitions = categories.iter().filter_map(|category| self.get(side, kind, category));
        let blocks = partitions.flat_map(|partition| partition.blocks());
        let from = centre.direction();
        let mut found: Vec<(f64, u32, &Item)> = Vec::new();
        for (_, block, gone) in blocks.filter(|(_, block, _)| block.summary.least_km(&from) <= km) {
            // Many stand in the same place.
            let away: Vec<f64> = block.manners().places().iter().map(|place| centre.distance_km(*place)).collect();
            for (at, (row, item)) in block.rows().iter().zip(block.items()).enumerate() {
                let hidden = row.flags.has(Flags::INVITED.either(Flags::FOR_VERIFIED));
                let away = away.get(usize::from(row.place)).filter(|away| **away <= km);
                if let Some(away) = away
                    && gone >> at & 1 == 0
                    && (!hidden || admitted(item))
                {
                    found.push((*away, row.created_at, item));
                }
            }
        }
        let key = |(away, created_at, _): &(f64, u32, &Item)| (away.to_bits(), *created_at);
        if let Some(last) = limit.checked_sub(1).filter(|last| *last < found.len()) {
            let last = key(found.select_nth_unstable_by_key(last, key).1);
            found.retain(|other| key(other) <= last);
        }
        found.into_iter().map(|(.., item)| item).collect()
    }
}
