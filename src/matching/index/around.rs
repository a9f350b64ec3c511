//! Listings near a place.

use crate::domain::listing::{Kind, Side};
use crate::domain::place::Point;
use crate::matching::item::Item;

use super::snapshot::Snapshot;

impl Snapshot {
    /// Of a side and a kind, in categories that are `related`, no farther than `km`; in no order.
    pub(in crate::matching) fn around(
        &self,
        side: Side,
        kind: Kind,
        centre: Point,
        km: f64,
        related: impl Fn(Option<&str>) -> bool,
    ) -> Vec<&Item> {
        let partitions = self.partitions(Some(side), Some(kind)).filter(|(_, _, category, _)| related(*category));
        let blocks = partitions.flat_map(|(.., partition)| partition.blocks());
        let near = blocks.filter(|(_, block, _)| block.summary.least_km(centre) <= km);
        let rows = near.flat_map(|(_, block, gone)| {
            let here = block.rows().iter().zip(block.items()).enumerate().filter(move |(at, _)| gone >> at & 1 == 0);
            here.filter(move |(_, (_, item))| item.location.is_some_and(|place| centre.distance_km(place) <= km))
        });
        rows.map(|(_, (_, item))| item.as_ref()).collect()
    }
}
