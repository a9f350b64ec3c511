use std::panic::{AssertUnwindSafe, catch_unwind};

use super::market::{self, Maker};
use super::{CROWDED, FAULTY, statistics};
use crate::matching::index::{Change, Index};
use crate::matching::{Context, Item, Market, Policy, find_matches};

#[test]
fn a_listing_that_cannot_be_scored_costs_only_itself() {
    let (reference, policy) = (market::reference(), Policy::default());
    let mut maker = Maker::new(&reference, CROWDED, 31);
    let items: Vec<Item> = maker.items(0, 1500).collect();
    let mut market = Market::new();
    for item in &items {
        market.upsert(item.clone());
    }
    let index = Index::of(items);
    let statistics = statistics(&market, &reference, &policy);
    let ctx = Context::new(&reference, &policy, &statistics, market::now());
    let found = |maker: &mut Maker| {
        let query = maker.item(1_000_000);
        (index.snapshot().find_matches(&query, 10, &ctx).matches.len() > 1).then_some(query)
    };
    let query = (0..200).find_map(|_| found(&mut maker)).unwrap();
    let first = index.snapshot().find_matches(&query, 10, &ctx).matches[0].id;
    FAULTY.set(Some(first));
    let without = index.snapshot().find_matches(&query, 10, &ctx);
    FAULTY.set(None);
    market.remove(first, 1);
    assert_eq!(without, find_matches(&market, &query, 10, &ctx));
    index.apply(Change::Remove(first, 1));
    assert_eq!(index.snapshot().find_matches(&query, 10, &ctx), without);
}

#[test]
fn a_panic_while_writing_stops_neither_readers_nor_writers() {
    let reference = market::reference();
    let mut maker = Maker::new(&reference, CROWDED, 32);
    let index = Index::of(maker.items(0, 300));
    let broken = catch_unwind(AssertUnwindSafe(|| {
        let _writer = index.writer();
        panic!("while the lock is held");
    }));
    assert!(broken.is_err());
    assert_eq!(index.snapshot().len(), 300);
    assert!(index.apply(Change::Upsert(maker.item(300).into())));
    assert_eq!(index.snapshot().len(), 301);
    index.rebuild();
    assert_eq!(index.snapshot().iter().count(), 301);
}
