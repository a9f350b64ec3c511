//! Answers of the index compared with those of looking at everything, while another thread writes 500 times a second and
//! a third puts partitions in order; and what every answer promises of itself.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use strum::VariantArray;

use super::duijie::domain::decimal::Decimal;
use super::duijie::domain::listing::{Kind, Side};
use super::duijie::matching::{
    Change, Check, Context, Factor, Index, Item, Market, Outcome, Policy, SearchQuery, SearchSort, Snapshot,
    Statistics, Viewer, assess, find_matches, search,
};
use super::market::{self, Dice, Maker, Shape};

/// Questions asked of one snapshot before the next is taken.
const OF_ONE: u64 = 20;
const BETWEEN_WRITES: Duration = Duration::from_millis(2);

#[derive(Default)]
struct Tally {
    wrong: usize,
    broken_promises: usize,
    matches: usize,
    misses: usize,
    pages: usize,
}

/// Returns whether everything was right.
pub fn run(queries: u64, listings: u64) -> bool {
    let (reference, policy) = (market::reference(), Policy::default());
    let shape = Shape { categories: 120, cities: 60, enterprises: 400, trusted: 30, described: 30 };
    let (mut wrong, mut written) = (0, 0);
    for (seed, kind) in (0_u64..).zip(Kind::VARIANTS) {
        for side in [Side::Need, Side::Offer] {
            let seed = 100 + seed * 2 + u64::from(side == Side::Need);
            let mut maker = Maker::new(&reference, shape, seed);
            let index = Index::of((0..listings).map(|id| of_kind(&mut maker, *kind, id)));
            let statistics = Statistics::compute(index.snapshot().iter(), &reference, &policy, 1, market::now());
            let ctx = Context::new(&reference, &policy, &statistics, market::now());
            // Of the same market, by other dice.
            let mut asker = Maker::new(&reference, shape, seed);
            asker.dice = Dice(seed + 1000);
            let (tally, writes) =
                beside_writes(&index, maker, *kind, listings, || ask(&index, &mut asker, (*kind, side), queries, &ctx));
            let (kind, side): (&str, &str) = (kind.into(), side.into());
            let Tally { wrong: bad, broken_promises, matches, misses, pages } = tally;
            println!(
                "{kind:<12}{side:<7}{bad} wrong, {broken_promises} promises broken of {queries}: {matches} matches, \
                 {misses} near misses, {pages} pages compared, {writes} writes meanwhile"
            );
            wrong += bad + broken_promises;
            written += writes;
        }
    }
    println!("{wrong} wrong, {written} writes");
    wrong == 0
}

fn of_kind(maker: &mut Maker, kind: Kind, id: u64) -> Item {
    loop {
        let item = maker.item(id);
        if item.kind() == kind {
            return item;
        }
    }
}

fn beside_writes<T>(index: &Index, mut maker: Maker, kind: Kind, ids: u64, ask: impl FnOnce() -> T) -> (T, usize) {
    let (done, writes) = (AtomicBool::new(false), AtomicUsize::new(0));
    let answer = std::thread::scope(|threads| {
        threads.spawn(|| {
            while !done.load(Ordering::Acquire) {
                let time = Instant::now();
                let version = 1 + writes.fetch_add(1, Ordering::Relaxed) as i32;
                let id = maker.dice.below(ids * 5 / 4);
                let item = Item { version, ..of_kind(&mut maker, kind, id) };
                let change = match maker.dice.below(10) {
                    0..=1 => Change::Remove(item.id, version),
                    2 => Change::Hide(item.id),
                    _ => Change::Upsert(item.into()),
                };
                index.apply(change);
                std::thread::sleep(BETWEEN_WRITES.saturating_sub(time.elapsed()));
            }
        });
        threads.spawn(|| {
            while !done.load(Ordering::Acquire) {
                if index.rebuild() == 0 {
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
        });
        let answer = ask();
        done.store(true, Ordering::Release);
        answer
    });
    (answer, writes.into_inner())
}

fn ask(index: &Index, maker: &mut Maker, (kind, side): (Kind, Side), queries: u64, ctx: &Context<'_>) -> Tally {
    let mut tally = Tally::default();
    for start in (0..queries).step_by(OF_ONE as usize) {
        let snapshot = index.snapshot();
        let mut market = Market::new();
        for item in snapshot.iter() {
            market.upsert((**item).clone());
        }
        for round in start..(start + OF_ONE).min(queries) {
            let query = loop {
                let mut item = of_kind(maker, kind, 10_000_000 + round);
                if item.side() == side {
                    vary(&mut item, round);
                    break item;
                }
            };
            let right = find_matches(&market, &query, 10, ctx);
            let found = snapshot.find_matches(&query, 10, ctx);
            tally.matches += right.matches.len();
            tally.misses += right.near_misses.len();
            tally.broken_promises += broken_promises(&query, &found, &market, ctx);
            tally.wrong += usize::from(found != right);
        }
        tally.wrong += usize::from(!same_page(&snapshot, &market, &any_search(maker, kind), ctx));
        tally.pages += 1;
    }
    tally
}

/// Some say less than others.
fn vary(item: &mut Item, round: u64) {
    let mut terms = (*item.terms).clone();
    terms.valid_until = market::now() + chrono::TimeDelta::days(9);
    match round % 9 {
        0 => terms.category = None,
        1 => item.location = None,
        2 => item.profile = Default::default(),
        3 => (terms.needed_by, terms.available_from, terms.price, terms.max_price) = (None, None, None, None),
        4 => (terms.quantity, terms.unit_code) = (None, None),
        _ => {}
    }
    item.remaining = terms.quantity;
    item.terms = terms.into();
}

/// Points that do not sum to the score, shown values that do not give it, near misses that fail other than they say.
fn broken_promises(query: &Item, outcome: &Outcome, market: &Market, ctx: &Context<'_>) -> usize {
    let matches = outcome.matches.iter().filter(|hit| {
        let summed = hit.factors.iter().map(|factor| factor.points).sum::<u32>() == hit.score;
        !(summed && gives(&hit.factors, hit.score)) || hit.checks.iter().any(Check::failed)
    });
    let misses = outcome.near_misses.iter().filter(|miss| {
        let Some(item) = market.get(miss.id) else { return true };
        let whole = assess(query, item, ctx);
        let failed: Vec<Check> = whole.checks.into_iter().filter(Check::failed).collect();
        let relaxable = failed.iter().all(|check| ctx.policy.near_misses.relaxable.contains(&check.code));
        failed.len() != 1 || !relaxable || failed != miss.blockers || whole.score != miss.score
    });
    matches.count() + misses.count()
}

/// `round(1000 × Σ w·u / Σ w)`, halves up, from what is shown.
fn gives(factors: &[Factor], score: u32) -> bool {
    let whole = |number: f64, scale: f64| (number * scale).round() as u128;
    let weights: u128 = factors.iter().map(|factor| whole(factor.weight, 1e6)).sum::<u128>() * 10_000;
    let earned: u128 = factors.iter().map(|factor| whole(factor.weight, 1e6) * whole(factor.u, 1e4) * 1000).sum();
    (2 * earned + weights) / (2 * weights).max(1) == u128::from(score)
}

fn same_page(snapshot: &Snapshot, market: &Market, query: &SearchQuery, ctx: &Context<'_>) -> bool {
    let (right, found) = (search(market, query, ctx), snapshot.search(query, ctx));
    let next = SearchQuery { after: right.next.clone(), ..query.clone() };
    found == right && snapshot.search(&next, ctx) == search(market, &next, ctx)
}

fn any_search(maker: &mut Maker, kind: Kind) -> SearchQuery {
    let text = maker.dice.percent(70).then(|| maker.words());
    let category = maker.dice.percent(30).then(|| maker.category());
    let (region, near) = maker.city();
    let dice = &mut maker.dice;
    let near = dice.percent(50).then_some(near);
    SearchQuery {
        text,
        side: dice.percent(50).then(|| *dice.pick(&[Side::Need, Side::Offer])),
        kind: dice.percent(40).then_some(kind),
        category,
        region_code: dice.percent(20).then_some(region),
        near,
        radius_km: near.filter(|_| dice.percent(40)).map(|_| dice.below(600) as f64),
        price_max: dice.percent(30).then(|| Decimal::from_integer(dice.below(50) as u32)),
        currency: dice.percent(10).then(|| "USD".to_owned()),
        available_by: dice.percent(20).then(|| market::now().date_naive()),
        enterprise_id: None,
        viewer: Viewer { enterprises: vec![], verified: dice.percent(50) },
        sort: *dice.pick(SearchSort::VARIANTS),
        facets: dice.percent(30),
        after: None,
        limit: 1 + dice.below(12) as usize,
    }
}
