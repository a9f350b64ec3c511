//! Counts of what a search found, over all its pages.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::listing::{Kind, Side};
use crate::domain::reference::Reference;
use crate::matching::item::Item;

/// Listings by each value; those without category or region are in `total` alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Facets {
    pub total: u64,
    pub sides: BTreeMap<Side, u64>,
    pub kinds: BTreeMap<Kind, u64>,
    pub categories: BTreeMap<String, u64>,
    /// By province: the region of level 1 above the listing's own.
    pub regions: BTreeMap<String, u64>,
}

#[derive(Debug, Default)]
pub(in crate::matching) struct FacetCounter(Facets);

impl FacetCounter {
    pub fn count(&mut self, item: &Item, reference: &Reference) {
        self.count_alike(item.side(), item.kind(), item.category(), 1);
        if let Some(code) = &item.region_code {
            self.count_region(code, 1, reference);
        }
    }

    /// So many of one side, kind and category.
    pub fn count_alike(&mut self, side: Side, kind: Kind, category: Option<&str>, listings: u64) {
        if listings == 0 {
            return;
        }
        let facets = &mut self.0;
        facets.total += listings;
        *facets.sides.entry(side).or_insert(0) += listings;
        *facets.kinds.entry(kind).or_insert(0) += listings;
        if let Some(category) = category {
            add(&mut facets.categories, category, listings);
        }
    }

    /// So many of one region.
    pub fn count_region(&mut self, code: &str, listings: u64, reference: &Reference) {
        if let Some(province) = province(code, reference).filter(|_| listings > 0) {
            add(&mut self.0.regions, province, listings);
        }
    }

    pub fn finish(self) -> Facets {
        self.0
    }
}

fn add(counts: &mut BTreeMap<String, u64>, key: &str, listings: u64) {
    match counts.get_mut(key) {
        Some(count) => *count += listings,
        None => {
            counts.insert(key.to_owned(), listings);
        }
    }
}

fn province<'a>(code: &str, reference: &'a Reference) -> Option<&'a str> {
    let regions = &reference.regions;
    let mut region = regions.get(code)?;
    while region.level > 1 {
        region = regions.get(region.parent.as_deref()?)?;
    }
    Some(&region.code)
}
