use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use uuid::Uuid;

use super::market::{self, Maker};
use super::{CROWDED, statistics};
use crate::matching::index::{Change, Index};
use crate::matching::{Context, Item, Market, Policy, find_matches};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn changes_may_come_twice_and_in_any_order(
        changes in proptest::collection::vec((0u128..4, 1i32..6, any::<bool>()), 0..24),
        order in any::<prop::sample::Index>(),
    ) {
        let blank = crate::matching::testing::need(serde_json::json!({}));
        let change = |(id, version, gone): &(u128, i32, bool)| {
            let id = Uuid::from_u128(*id);
            if *gone { Change::Remove(id, *version) } else { Change::Upsert(Item { id, version: *version, ..blank.clone() }.into()) }
        };
        let held = |index: &Index| -> Vec<(Uuid, i32)> {
            let mut held: Vec<_> = index.snapshot().iter().map(|item| (item.id, item.version)).collect();
            held.sort_unstable();
            held
        };
        let (one, other) = (Index::new(), Index::new());
        changes.iter().for_each(|c| { one.apply(change(c)); });
        let at = if changes.is_empty() { 0 } else { order.index(changes.len()) };
        other.apply_all(changes[at..].iter().rev().chain(&changes[..]).map(change));
        other.rebuild();
        prop_assert_eq!(held(&one), held(&other));
    }
}

#[test]
fn what_is_withdrawn_leaves_nothing_behind() {
    let reference = market::reference();
    let mut maker = Maker::new(&reference, CROWDED, 5);
    let index = Index::new();
    let start = index.bytes();
    for round in 1..4 {
        index.load(maker.items(0, 3000).map(|item| Item { version: 2 * round, ..item }));
        for id in 0..3000 {
            index.apply(Change::Remove(Uuid::from_u128(id), 2 * round + 1));
        }
        assert!(index.snapshot().is_empty());
        assert!(
            !index.apply(Change::Upsert(Item { version: 2 * round, ..maker.item(7) }.into())),
            "older than its removal"
        );
        index.rebuild();
        index.forget_removed(index.mark());
        assert!(index.bytes() <= start + 64 * 1024, "{} bytes", index.bytes());
    }
}

#[test]
fn a_removal_is_remembered_until_told_otherwise() {
    let reference = market::reference();
    let item = Maker::new(&reference, CROWDED, 6).item(1);
    let index = Index::new();
    let mark = index.mark();
    index.apply(Change::Remove(item.id, 3));
    index.forget_removed(mark);
    assert!(!index.apply(Change::Upsert(item.clone().into())));
    index.forget_removed(index.mark());
    assert!(index.apply(Change::Upsert(item.into())));
}

/// Every answer is right for the snapshot it was made from, whatever is written and rebuilt meanwhile.
#[test]
fn readers_writers_and_rebuilds_do_not_disturb_each_other() {
    let (reference, policy) = (market::reference(), Policy::default());
    let mut maker = Maker::new(&reference, CROWDED, 7);
    let index = Index::of(maker.items(0, 1200));
    let done = AtomicBool::new(false);
    let mut queries = Maker::new(&reference, CROWDED, 8);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            while !done.load(Ordering::Acquire) {
                index.rebuild();
            }
        });
        threads.spawn(|| {
            for version in 0..3000 {
                let id = maker.dice.below(1500);
                let item = Item { version, ..maker.item(id) };
                match version % 4 {
                    0 => index.apply(Change::Remove(item.id, version)),
                    _ => index.apply(Change::Upsert(item.into())),
                };
            }
            done.store(true, Ordering::Release);
        });
        for id in 0..15 {
            let snapshot = index.snapshot();
            let mut market = Market::new();
            for item in snapshot.iter() {
                market.upsert((**item).clone());
            }
            assert_eq!(market.len(), snapshot.len());
            let statistics = statistics(&market, &reference, &policy);
            let ctx = Context::new(&reference, &policy, &statistics, market::now());
            let query = queries.item(1_000_000 + id);
            assert_eq!(snapshot.find_matches(&query, 10, &ctx), find_matches(&market, &query, 10, &ctx));
        }
    });
    let (snapshot, before) = (index.snapshot(), index.snapshot().len());
    index.rebuild();
    assert_eq!((snapshot.iter().count(), index.snapshot().iter().count()), (before, before));
}
