//! Needs that reach a minimum together.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::super::testing::*;
use super::super::*;
use super::explained::{Oracle, is_a_pool};
use crate::domain::place::Point;

fn buyer(id: u128, km: f64, fields: Json) -> Item {
    let mut wanted = json!({"unit_code": "H87"});
    fields.as_object().unwrap().iter().for_each(|(name, value)| wanted[name] = value.clone());
    Item { location: Point::new(114.0, 30.0 + km / 111.195), ..item(id, "need", wanted) }
}

fn seller() -> Item {
    offer(json!({"quantity": "10", "unit_code": "XBX", "units_per_pack": "1000", "min_order_quantity": "3"}))
}

fn pooled(items: &[Item], query: &Item) -> Option<Pool> {
    let world = World::new();
    let index = Index::of(items.iter().cloned());
    let found = find_explained(&index.snapshot(), query, 10, 100, ExplainLevel::Short, &world.context());
    let miss = found.outcome.near_misses.first()?;
    let pool = found.pools.get(&miss.id).cloned()?;
    is_a_pool(&Oracle { market: market_of(items), query, ctx: world.context(), shown: 100 }, miss.id, &pool);
    Some(pool)
}

#[test]
fn the_nearest_that_fit_reach_the_minimum_together() {
    let small = |id, km| buyer(id, km, json!({"quantity": "1000"}));
    let query = small(10, 0.0);
    let ids = |pool: Option<Pool>| pool.map(|pool| pool.needs.iter().map(Uuid::as_u128).collect::<Vec<_>>());
    let near = [seller(), query.clone(), small(11, 19.0), small(12, 3.0), small(13, 7.0)];
    let pool = pooled(&near, &query);
    assert_eq!(pool.as_ref().map(|pool| (pool.total, pool.unit_code.as_deref())), Some((decimal("3"), Some("XBX"))));
    assert_eq!(ids(pool), Some(vec![10, 12, 13]));
    assert_eq!(ids(pooled(&near, &seller())).map(|ids| ids.len()), Some(3), "the supplier learns it too");

    assert_eq!(ids(pooled(&[seller(), small(11, 21.0), small(12, 3.0)], &query)), None, "too far, too little");
    let elsewhere = buyer(
        13,
        2.0,
        json!({"quantity": "1000", "max_price": {"amount": "0", "currency": "CNY"}, "accepts_partial": false, "needed_by": date(-1)}),
    );
    assert_eq!(ids(pooled(&[seller(), elsewhere, small(12, 3.0)], &query)), None, "what fails more does not count");
    let hidden = buyer(13, 2.0, json!({"quantity": "1000", "visibility": "verified"}));
    assert_eq!(
        ids(pooled(&[seller(), hidden.clone(), small(12, 3.0)], &query)),
        None,
        "nor what the reader may not see"
    );
    let trusted = Item { verified: true, ..query.clone() };
    assert_eq!(ids(pooled(&[seller(), hidden, small(12, 3.0)], &trusted)), Some(vec![10, 13, 12]));
    let enough = buyer(13, 2.0, json!({"quantity": "3000"}));
    assert_eq!(ids(pooled(&[seller(), enough, small(12, 3.0)], &query)), None, "who needs no pool is not in it");
}
