use chrono::TimeDelta;

use super::CROWDED;
use super::market::{self, Maker};
use crate::domain::listing::Side;
use crate::domain::place::Point;
use crate::matching::Item;
use crate::matching::index::row::seconds_up;
use crate::matching::index::{Around, Category, Index};

/// As many as asked for, and nobody nearer or as near and older is left out.
#[test]
fn the_nearest_are_those_that_looking_at_everybody_finds() {
    let reference = market::reference();
    let mut maker = Maker::new(&reference, CROWDED, 61);
    // Few hours, so that some are as near and as old as others.
    let of_few_hours = |(at, item): (i64, Item)| {
        let created_at = market::now() - TimeDelta::hours(at % 7);
        Item { created_at, ..item }
    };
    let items: Vec<Item> = (0..).zip(maker.items(0, 6000)).map(of_few_hours).collect();
    let snapshot = Index::of(items.iter().cloned()).snapshot();
    let (mut cut, mut whole, mut tied) = (0, 0, 0);
    for asking in items.iter().step_by(40).filter(|item| item.location.is_some()) {
        let (kind, centre) = (asking.kind(), asking.location.unwrap());
        let categories: Vec<Category> = snapshot.categories(Side::Need, kind).take(5).collect();
        let verified = asking.verified;
        for (km, limit) in [(20.0, 1), (20.0, 12), (300.0, 7), (900.0, 201), (20_100.0, 40)] {
            let around = Around { side: Side::Need, kind, categories: &categories, centre, km };
            let admitted = |item: &Item| item.is_visible_to(None, verified);
            let mut found: Vec<_> =
                snapshot.nearest(around, limit, admitted).into_iter().map(|item| key(item, centre).unwrap()).collect();
            let of_category = |item: &&Item| categories.iter().any(|category| category.as_deref() == item.category());
            let in_reach =
                items.iter().filter(|item| item.side() == Side::Need && item.kind() == kind).filter(of_category);
            let mut all: Vec<_> = in_reach.filter(|item| admitted(item)).filter_map(|item| key(item, centre)).collect();
            all.retain(|(away, _)| f64::from_bits(*away) <= km);
            all.sort_unstable();
            if let Some(last) = all.get(limit - 1).copied() {
                (cut, tied) = (cut + usize::from(limit < all.len()), tied + usize::from(all.get(limit) == Some(&last)));
                all.retain(|other| *other <= last);
            }
            found.sort_unstable();
            assert_eq!(found, all, "{limit} within {km} km of {centre:?}");
            whole += usize::from(!all.is_empty() && all.len() < limit);
        }
    }
    assert!(cut > 100 && whole > 50 && tied > 0, "{cut} cut, {whole} whole, {tied} tied");
}

/// How near it is and how old, in whole seconds; `None` without a place.
fn key(item: &Item, centre: Point) -> Option<(u64, u32)> {
    Some((centre.distance_km(item.location?).to_bits(), seconds_up(item.created_at)))
}
