//! What the index explains comes true by looking at everything.

use super::exactness::any_query;
use super::market::{self, Maker};
use super::{CROWDED, statistics};
use crate::matching::index::Index;
use crate::matching::tests::explained::{Oracle, is_a_pool, positions};
use crate::matching::{Context, ExplainLevel, Item, Market, Policy, find_explained, find_matches};

#[test]
fn explanations_over_the_index_come_true() {
    let reference = market::reference();
    let policy = Policy::default();
    let mut maker = Maker::new(&reference, CROWDED, 21);
    let items: Vec<Item> = maker.items(0, 1200).collect();
    let mut all = Market::new();
    for item in &items {
        all.upsert(item.clone());
    }
    let index = Index::of(items).snapshot();
    let statistics = statistics(&all, &reference, &policy);
    let ctx = Context::new(&reference, &policy, &statistics, market::now());
    let (mut counterfactuals, mut pools, mut known) = (0, 0, 0);
    for _ in 0..60 {
        let query = any_query(&mut maker);
        let found = find_explained(&index, &query, 5, 20, ExplainLevel::Full, &ctx);
        assert_eq!(found.outcome, find_matches(&all, &query, 5, &ctx));
        let mut oracle = Oracle { market: all.clone(), query: &query, ctx, shown: 20 };
        assert_eq!(index.rank(&query, 21, &ctx), positions(&find_matches(&all, &query, 21, &ctx), &all));
        for (id, list) in &found.counterfactuals {
            known += 1;
            // Every one takes several looks at everything.
            for one in list.iter().take(if known % 6 == 0 { 4 } else { 0 }) {
                oracle.comes_true(*id, one);
                counterfactuals += 1;
            }
        }
        for (id, pool) in &found.pools {
            is_a_pool(&oracle, *id, pool);
            pools += 1;
        }
    }
    assert!(counterfactuals > 30, "{counterfactuals} of {known}, {pools} pools");
}
