//! Filters, orders, facets and pages.

use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::super::testing::*;
use super::super::*;
use crate::domain::listing::{Kind, Side};
use crate::vocabulary::Vocabulary;

fn words(text: &str) -> Option<crate::vocabulary::TextProfile> {
    Some(Vocabulary::new(&reference().categories).profile(text, None))
}

fn everything(limit: usize) -> SearchQuery {
    SearchQuery { limit, ..SearchQuery::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pages_visit_what_stays_exactly_once(
        items in any_items(40), late in any_items(10), limit in 1usize..9, sort in 0usize..4,
    ) {
        let sort = [SearchSort::Relevance, SearchSort::Newest, SearchSort::Price, SearchSort::Distance][sort];
        let world = World::of(&market_of(&items));
        let ctx = world.context();
        let query = SearchQuery { near: crate::domain::place::Point::new(114.3, 30.6), text: words("口罩"), sort, ..everything(limit) };
        let mut market = market_of(&items);
        let all: Vec<Uuid> = search(&market, &SearchQuery { limit: 1000, ..query.clone() }, &ctx).items.iter().map(|h| h.id).collect();
        let mut seen = Vec::new();
        let mut late = late.into_iter().enumerate();
        let mut after = None;
        loop {
            let page = search(&market, &SearchQuery { after, ..query.clone() }, &ctx);
            prop_assert!(page.items.len() <= limit);
            prop_assert!(page.items.windows(2).all(|w| w[0].key < w[1].key));
            seen.extend(page.items.iter().map(|hit| hit.id));
            if let Some((index, item)) = late.next() {
                market.upsert(Item { id: Uuid::from_u128(9000 + index as u128), ..item });
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let stayed: Vec<Uuid> = seen.into_iter().filter(|id| *id < Uuid::from_u128(9000)).collect();
        prop_assert_eq!(stayed, all);
    }
}

fn shelf() -> Market {
    market_of(&[
        item(
            1,
            "offer",
            json!({"title": "N95口罩", "region_code": "420100", "price": {"amount": "3", "currency": "CNY"}, "available_from": date(9)}),
        ),
        item(
            2,
            "offer",
            json!({"title": "医用外科口罩", "category": "ppe.mask.surgical", "region_code": "110000", "price": {"amount": "1", "currency": "CNY"}}),
        ),
        item(
            3,
            "need",
            json!({"title": "surgical mask", "category": "ppe.mask.surgical", "max_price": {"amount": "2", "currency": "USD"}}),
        ),
        item(4, "offer", json!({"title": "手套", "category": "ppe.glove", "visibility": "verified"})),
        item(
            5,
            "offer",
            json!({"title": "熔喷布", "category": "material.meltblown", "kind": "material", "valid_until": now()}),
        ),
    ])
}

fn found(query: SearchQuery) -> Vec<u128> {
    let world = World::of(&shelf());
    search(&shelf(), &query, &world.context()).items.iter().map(|hit| hit.id.as_u128()).collect()
}

#[test]
fn filters_narrow() {
    let cases = [
        (everything(9), vec![1, 2, 3]),
        (SearchQuery { side: Some(Side::Offer), ..everything(9) }, vec![1, 2]),
        (SearchQuery { kind: Some(Kind::Material), ..everything(9) }, vec![]),
        (SearchQuery { category: Some("ppe.mask".into()), ..everything(9) }, vec![1, 2, 3]),
        (SearchQuery { category: Some("ppe.mask.surgical".into()), ..everything(9) }, vec![2, 3]),
        (SearchQuery { region_code: Some("420000".into()), ..everything(9) }, vec![1]),
        (SearchQuery { price_max: Some(decimal("2")), ..everything(9) }, vec![2]),
        (SearchQuery { price_max: Some(decimal("2")), currency: Some("USD".into()), ..everything(9) }, vec![3]),
        (SearchQuery { available_by: Some(date(8)), ..everything(9) }, vec![2, 3]),
        (SearchQuery { enterprise_id: Some(Uuid::from_u128(1_000_002)), ..everything(9) }, vec![2]),
        (SearchQuery { viewer: Viewer { enterprises: vec![], verified: true }, ..everything(9) }, vec![1, 2, 3, 4]),
        (SearchQuery { sort: SearchSort::Price, side: Some(Side::Offer), ..everything(9) }, vec![2, 1]),
    ];
    for (query, expected) in cases {
        assert_eq!(found(query.clone()), expected, "{query:?}");
    }
}

#[test]
fn what_is_over_by_then_is_not_available() {
    let period = json!({"start": date(3), "end": date(7)});
    let shelf =
        market_of(&[item(1, "offer", json!({"title": "手套", "category": "ppe.glove", "delivery_period": period}))]);
    let world = World::of(&shelf);
    let found = |day: i64| {
        let query = SearchQuery { available_by: Some(date(day)), ..everything(9) };
        let looked_up = Index::of(shelf.iter().map(|item| Item::clone(item)))
            .snapshot()
            .search(&query, &world.context())
            .items
            .len();
        assert_eq!(looked_up, search(&shelf, &query, &world.context()).items.len(), "day {day}");
        looked_up
    };
    assert_eq!([2, 3, 7, 8].map(found), [0, 1, 1, 0]);
}

#[test]
fn words_find_across_languages_and_inside_names() {
    let ids = |text: &str| {
        let mut ids = found(SearchQuery { text: words(text), ..everything(9) });
        ids.sort_unstable();
        ids
    };
    assert_eq!(ids("口罩"), [1, 2, 3]);
    assert_eq!(ids("mask"), [1, 2, 3]);
    assert_eq!(ids("KN-95"), [1]);
    assert_eq!(ids("外科"), [2, 3], "外科 is surgical");
    assert_eq!(ids("医用外科口罩"), [2, 3]);
    assert_eq!(ids("熔喷布"), [0; 0]);
}

#[test]
fn facets_count_all_pages() {
    let world = World::new();
    let page = search(&shelf(), &SearchQuery { facets: true, ..everything(1) }, &world.context());
    let facets = page.facets.unwrap();
    assert_eq!((page.items.len(), facets.total), (1, 3));
    assert_eq!((facets.sides[&Side::Offer], facets.kinds[&Kind::Ppe]), (2, 3));
    assert_eq!((facets.categories["ppe.mask.surgical"], facets.regions["420000"]), (2, 1));
}
