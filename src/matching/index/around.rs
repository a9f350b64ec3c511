//! The listings nearest to a place.

use crate::domain::listing::{Kind, Side};
use crate::domain::place::Point;
use crate::matching::gauging::least_km;
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
        let mut found = Vec::new();
        for (_, block, gone) in blocks.filter(|(_, block, _)| block.summary.least_km(&from) <= km) {
            let manners = block.manners();
            let least: Vec<f32> = manners.directions().iter().map(|to| least_km(&from, to)).collect();
            for (at, (row, item)) in block.rows().iter().zip(block.items()).enumerate() {
                let hidden = row.flags.has(Flags::INVITED.either(Flags::FOR_VERIFIED));
                let place = usize::from(row.place);
                if let Some((least_km, to)) = least.get(place).copied().zip(manners.places().get(place).copied())
                    && f64::from(least_km) <= km
                    && gone >> at & 1 == 0
                    && (!hidden || admitted(item))
                {
                    found.push(Found { least_km, created_at: row.created_at, to, item });
                }
            }
        }
        nearest_of(found, around, limit)
    }
}

/// A listing in reach, as far as is told at once.
struct Found<'a> {
    least_km: f32,
    created_at: u32,
    to: Point,
    item: &'a Item,
}

/// Exact distances are reckoned only where they may matter.
fn nearest_of<'a>(mut found: Vec<Found<'a>>, around: Around<'_>, limit: usize) -> Vec<&'a Item> {
    let exact = |other: &Found<'_>| around.centre.distance_km(other.to);
    if let Some(last) = limit.checked_sub(1).filter(|last| *last < found.len()) {
        found.select_nth_unstable_by(last, |a, b| a.least_km.total_cmp(&b.least_km));
        let enough = found.iter().take(limit).map(exact).fold(0.0, f64::max);
        found.retain(|other| f64::from(other.least_km) <= enough);
    }
    let mut near: Vec<(f64, u32, &Item)> =
        found.iter().map(|other| (exact(other), other.created_at, other.item)).collect();
    near.retain(|(away, ..)| *away <= around.km);
    let key = |(away, created_at, _): &(f64, u32, &Item)| (away.to_bits(), *created_at);
    if let Some(last) = limit.checked_sub(1).filter(|last| *last < near.len()) {
        let last = key(near.select_nth_unstable_by_key(last, key).1);
        near.retain(|other| key(other) <= last);
    }
    near.into_iter().map(|(.., item)| item).collect()
}
