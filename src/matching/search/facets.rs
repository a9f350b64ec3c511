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
        let facets = &mut self.0;
        facets.total += 1;
        *facets.sides.entry(item.side()).or_insert(0) += 1;
        *facets.kinds.entry(item.kind()).or_insert(0) += 1;
        if let Some(category) = item.category() {
            add(&mut facets.categories, category);
        }
        if let Some(province) = item.region_code.as_deref().and_then(|code| province(code, reference)) {
            add(&mut facets.regions, province);
        }
    }

    pub fn finish(self) -> Facets {
        self.0
    }
}

fn add(counts: &mut BTreeMap<String, u64>, key: &str) {
    match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => {
            counts.insert(key.to_owned(), 1);
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
