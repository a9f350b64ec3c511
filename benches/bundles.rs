//! How long three plans of one need take: `cargo bench --bench bundles -- [NEEDS]`. Pools of up to 200 offers out of a
//! generated market; the needs are made as large as a share of what the pool has.

#[allow(dead_code)]
#[allow(clippy::panic)]
mod market;

use std::sync::Arc;
use std::time::Instant;

use ::duijie;
use duijie::domain::decimal::Decimal;
use duijie::domain::listing::Side;
use duijie::matching::{Context, Index, Item, POOL, Policy, Statistics, bundle};
use market::{Maker, Shape};

const SHAPE: Shape = Shape { categories: 12, cities: 100, enterprises: 20_000, trusted: 0, described: 0 };

fn main() {
    let count = std::env::args().filter_map(|a| a.parse().ok()).next().unwrap_or(300);
    let (reference, policy) = (market::reference(), Policy::default());
    let mut maker = Maker::new(&reference, SHAPE, 7);
    let items: Vec<Item> = maker.items(0, 40_000).collect();
    let statistics = Statistics::compute(
        &items.iter().cloned().map(Arc::new).collect::<Vec<_>>(),
        &reference,
        &policy,
        1,
        market::now(),
    );
    let index = Index::of(items);
    let ctx = Context::new(&reference, &policy, &statistics, market::now());
    println!("{:<28}{:>10}{:>22}{:>12}{:>12}", "", "pool", "three plans p50 p99 ms", "unproven", "worst gap");
    for (pool, most) in [(25, 25), (25, 5), (POOL, 25), (POOL, 10)] {
        let (mut times, mut unproven, mut gap, mut pools) = (Vec::new(), 0, 0.0_f64, 0);
        let mut id = 1_000_000;
        while times.len() < count {
            id += 1;
            let mut need = maker.item(id);
            if need.side() == Side::Offer || need.terms.quantity.is_none() {
                continue;
            }
            let terms = Arc::make_mut(&mut need.terms);
            terms.accepts_partial = true;
            // More than any one has.
            let large = Decimal::from_integer(2_000_000);
            (terms.quantity, need.remaining) = (Some(large), Some(large));
            let offers = index.snapshot().find_best(&need, pool, &ctx);
            let time = Instant::now();
            let Ok(bundles) = bundle(&need, &offers, most, &ctx) else { continue };
            let took = time.elapsed().as_secs_f64() * 1e3;
            if bundles.plans.is_empty() {
                continue;
            }
            times.push(took);
            pools += bundles.pool;
            unproven += bundles.plans.iter().filter(|plan| !plan.optimal).count();
            gap = bundles.plans.iter().map(|plan| plan.gap).fold(gap, f64::max);
        }
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() as f64 * share) as usize).min(times.len() - 1)];
        let name = format!("best {pool}, of which {most}");
        let (p50, p99) = (at(0.5), at(0.99));
        println!("{name:<28}{:>10}{:>22}{unproven:>12}{gap:>12.4}", pools / times.len(), format!("{p50:.2} {p99:.2}"));
    }
}
