//! Whose best a new listing enters: by bounds against looking at every asker, in one process on one market.
//!
//! `cargo bench --bench standing -- [LISTINGS]` measures and writes `target/bench/standing.txt`, and the lists of that
//! market to `target/bench/lists-LISTINGS.bin`; `-- LISTINGS bounds` reads those if it can (they belong to the weights they
//! were made with) and looks for arrivals' entries by bounds alone, for a profile;
//! `cargo bench --bench standing -- exact [ARRIVALS] [LISTINGS]` writes to a market and compares every arrival with what
//! asking everybody for their best says.

#[allow(dead_code)]
#[allow(clippy::panic)]
mod market;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::duijie;
use chrono::TimeDelta;
use duijie::domain::listing::Side;
use duijie::domain::reference::Reference;
use duijie::matching::{
    Change, Context, Epochs, Index, Item, Market, Policy, Snapshot, StandingMatches, Statistics, find_matches,
};
use market::{Maker, Shape};
use uuid::Uuid;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.replace('_', "").parse::<u64>().ok());
    match arguments.first().map(String::as_str) {
        Some("exact") => exact(number(1).unwrap_or(2000), number(2).unwrap_or(1200)),
        _ => measure(number(0).unwrap_or(200_000), arguments.iter().any(|argument| argument == "bounds")),
    }
}

struct Times(Vec<Duration>);

impl Times {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        Self(times)
    }

    /// Milliseconds.
    fn quantile(&self, share: f64) -> f64 {
        let at = ((self.0.len() as f64 * share) as usize).min(self.0.len().saturating_sub(1));
        self.0.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }
}

fn timed<T>(times: &mut Vec<Duration>, work: impl FnOnce() -> T) -> T {
    let begun = own_time();
    let result = work();
    times.push(own_time().saturating_sub(begun));
    result
}

/// The time this thread has had of a processor: what others do beside it does not count.
fn own_time() -> Duration {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

/// The best of every open listing, as looking at everything gives them.
#[derive(Default)]
struct Lists(Vec<(u32, Vec<(u32, u16)>)>);

impl Lists {
    /// Made, and written for a profile.
    fn made(path: &Path, snapshot: &Snapshot, reference: &Reference, policy: &Policy, statistics: &Statistics) -> Self {
        let begun = Instant::now();
        let items: Vec<&Arc<Item>> = snapshot.iter().filter(|item| item.is_open(market::now())).collect();
        let made = std::thread::scope(|scope| {
            let parts = items.chunks(items.len().div_ceil(2).max(1)).map(|part| {
                scope.spawn(move || {
                    let ctx = Context::new(reference, policy, statistics, market::now());
                    let number = |id: Uuid| id.as_u128() as u32;
                    let best = |item: &Arc<Item>| {
                        let matches = snapshot.find_matches(item, policy.standing_k, &ctx).matches;
                        let best = matches.iter().map(|found| (number(found.id), found.score as u16)).collect();
                        (number(item.id), best)
                    };
                    part.iter().map(|item| best(item)).collect::<Vec<_>>()
                })
            });
            let parts: Vec<_> = parts.collect();
            parts.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect()
        });
        println!("lists made in {:.0} s", begun.elapsed().as_secs_f64());
        let lists = Self(made);
        let folder = path.parent().unwrap_or(Path::new("."));
        if let Err(error) = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, lists.written())) {
            eprintln!("{error}");
        }
        lists
    }

    fn written(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (id, best) in &self.0 {
            bytes.extend(id.to_le_bytes());
            bytes.push(best.len() as u8);
            for (other, score) in best {
                bytes.extend(other.to_le_bytes());
                bytes.extend(score.to_le_bytes());
            }
        }
        bytes
    }

    fn read(path: &Path) -> Option<Self> {
        fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
            let (taken, rest) = bytes.split_first_chunk()?;
            *bytes = rest;
            Some(*taken)
        }
        let (file, mut lists) = (std::fs::read(path).ok()?, Vec::new());
        let mut bytes = file.as_slice();
        while !bytes.is_empty() {
            let id = u32::from_le_bytes(take(&mut bytes)?);
            let [length] = take(&mut bytes)?;
            let mut member = || Some((u32::from_le_bytes(take(&mut bytes)?), u16::from_le_bytes(take(&mut bytes)?)));
            lists.push((id, (0..length).map(|_| member()).collect::<Option<_>>()?));
        }
        Some(Self(lists))
    }

    fn teach(&self, standing: &mut StandingMatches) {
        let id = |number: u32| Uuid::from_u128(u128::from(number));
        for (asker, best) in &self.0 {
            standing.know(id(*asker), best.iter().map(|(other, score)| (id(*other), u32::from(*score))).collect());
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench")
}

fn measure(listings: u64, bounds_only: bool) {
    let (reference, policy) = (market::reference(), Policy::default().without_near_misses());
    let mut maker = Maker::new(&reference, market::LARGE, 1);
    let index = Index::of(maker.items(0, listings));
    let snapshot = index.follow();
    let statistics = Statistics::compute(snapshot.iter(), &reference, &policy, 1, market::now());
    let ctx = Context::new(&reference, &policy, &statistics, market::now());
    let epochs = Epochs::only(ctx);
    let mut out = String::new();
    let mut standing = StandingMatches::of(Arc::clone(&snapshot), &ctx);
    let path = folder().join(format!("lists-{listings}.bin"));
    let known = if bounds_only { Lists::read(&path) } else { None };
    let lists = known.unwrap_or_else(|| Lists::made(&path, &snapshot, &reference, &policy, &statistics));
    lists.teach(&mut standing);
    while standing.refine(1000, &epochs) > 0 {}
    let _ = writeln!(
        out,
        "{} open listings; {:.0} bytes a listing",
        standing.len(),
        standing.bytes() as f64 / standing.len() as f64,
    );
    let _ = writeln!(
        out,
        "{:<24}{:>8}{:>26}{:>26}{:>10}",
        "", "ratio", "bounds p50 p95 p99, ms", "every asker p50, ms", "entered"
    );
    for side in [Side::Offer, Side::Need] {
        let line = arrivals(&standing, &mut maker, side, &epochs, bounds_only);
        print!("{line}");
        out.push_str(&line);
    }
    if bounds_only {
        return;
    }
    out.push_str(&churn(&mut standing, &index, &mut maker, listings, &epochs));
    standing.begin_epoch(policy.standing_k);
    let begun = own_time();
    while standing.renew(100, &epochs) {}
    let took = own_time().saturating_sub(begun).as_secs_f64();
    let _ = writeln!(out, "another epoch: all lists taken over in {took:.1} s");
    println!("{out}");
    let folder = folder();
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join("standing.txt"), &out));
    if let Err(error) = written {
        eprintln!("{error}");
    }
}

/// New listings of one side, against all that stand on the other; nothing is changed.
fn arrivals(
    standing: &StandingMatches,
    maker: &mut Maker,
    side: Side,
    epochs: &Epochs<'_>,
    bounds_only: bool,
) -> String {
    let (mut fast, mut slow, mut wrong, mut entered) = (Vec::new(), Vec::new(), 0, 0);
    let mut id = 20_000_000;
    for round in 0..if bounds_only { 10_000 } else { 2000 } {
        let listing = loop {
            id += 1;
            let item = maker.item(id);
            if item.side() == side && item.terms.valid_until > market::now() {
                break Arc::new(Item { created_at: market::now(), confirmed_at: market::now(), ..item });
            }
        };
        let found = timed(&mut fast, || standing.entering(&listing, epochs));
        entered += found.len();
        if round % 40 == 0 && !bounds_only {
            let right = timed(&mut slow, || standing.entering_by_scan(&listing, epochs));
            wrong += usize::from(found != right);
        }
    }
    let (fast, slow) = (Times::of(fast), Times::of(slow));
    let name: &str = side.into();
    let figures = format!("{:.3} {:.3} {:.3}", fast.quantile(0.5), fast.quantile(0.95), fast.quantile(0.99));
    let wrong = if wrong > 0 { format!("  {wrong} WRONG") } else { String::new() };
    let ratio = format!("{:.0} ×", slow.quantile(0.5) / fast.quantile(0.5));
    let mean = entered as f64 / fast.0.len() as f64;
    format!("{:<24}{ratio:>8}{figures:>26}{:>26.1}{mean:>10.1}{wrong}\n", format!("new {name}"), slow.quantile(0.5))
}

/// Listings that come and go: what it takes to keep every list in step.
fn churn(
    standing: &mut StandingMatches,
    index: &Index,
    maker: &mut Maker,
    listings: u64,
    epochs: &Epochs<'_>,
) -> String {
    let (mut kept, mut asked) = (Vec::new(), Vec::new());
    for round in 0..1000 {
        let id = maker.dice.below(listings);
        let item = Item { version: 2 + round, ..maker.item(id) };
        let id = item.id;
        match round % 4 {
            0 => index.apply(Change::Remove(id, 2 + round)),
            _ => index.apply(Change::Upsert(item.into())),
        };
        let (shifts, market) = index.shifts().unwrap_or_default();
        timed(&mut kept, || standing.advance(shifts, market, epochs));
        timed(&mut asked, || standing.arrival(id, 100, epochs));
    }
    let inexact = standing.count_inexact();
    let begun = own_time();
    while standing.refine(100, epochs) > 0 {}
    let refined = own_time().saturating_sub(begun).as_secs_f64() * 1e3 / inexact.max(1) as f64;
    let (kept, asked) = (Times::of(kept), Times::of(asked));
    format!(
        "1000 changes: lists kept in step p50 {:.3} p99 {:.3} ms, an arrival's best and whose it enters p50 {:.3} p99 {:.3} \
         ms; {inexact} lists left inexact, {refined:.3} ms each to make exact\n",
        kept.quantile(0.5),
        kept.quantile(0.99),
        asked.quantile(0.5),
        asked.quantile(0.99),
    )
}

/// A crowded market written to: each arrival against everybody's best as looking at everything gives it.
fn exact(arrivals: u64, listings: u64) {
    let (reference, policy) = (market::reference(), Policy::default().without_near_misses());
    let shape = Shape { categories: 12, cities: 20, enterprises: 200, trusted: 20, described: 0 };
    let mut maker = Maker::new(&reference, shape, 7);
    let (mut market, index) = (Market::new(), Index::new());
    for item in maker.items(0, listings) {
        market.upsert(item.clone());
        index.apply(Change::Upsert(item.into()));
    }
    let statistics = Statistics::compute(market.iter(), &reference, &policy, 1, market::now());
    let mut now = market::now();
    let ctx = Context::new(&reference, &policy, &statistics, now);
    let mut standing = StandingMatches::of(index.follow(), &ctx);
    let (mut compared, mut entered, mut wrong, mut round) = (0, 0, 0, 0);
    while compared < arrivals {
        round += 1;
        now += TimeDelta::minutes(20);
        let ctx = Context::new(&reference, &policy, &statistics, now).as_of(ctx.as_of);
        let epochs = Epochs::only(ctx);
        let mut ids: Vec<Uuid> = Vec::new();
        for _ in 0..20 {
            let id = maker.dice.below(listings * 5 / 4);
            let item = Item { version: round + 1, ..maker.item(id) };
            ids.push(item.id);
            if maker.dice.percent(25) {
                market.remove(item.id, round + 1);
                index.apply(Change::Remove(item.id, round + 1));
            } else {
                market.upsert(item.clone());
                index.apply(Change::Upsert(item.into()));
            }
        }
        let (shifts, snapshot) = index.shifts().unwrap_or_default();
        standing.advance(shifts, snapshot, &epochs);
        let right = everybody(&market, &ctx);
        ids.sort_unstable();
        ids.dedup();
        for arrival in ids.iter().filter_map(|id| standing.arrival(*id, usize::MAX, &epochs)) {
            let id = arrival.listing.id;
            let mut among: Vec<Uuid> = arrival.among.iter().map(|asker| asker.id).collect();
            let own: Vec<Uuid> = arrival.own.iter().map(|other| other.id).collect();
            among.sort_unstable();
            let wanted: Vec<Uuid> = right.iter().filter(|(_, best)| best.contains(&id)).map(|(id, _)| *id).collect();
            wrong += usize::from(among != wanted || right.get(&id) != Some(&own));
            (compared, entered) = (compared + 1, entered + among.len());
        }
        standing.refine(20, &epochs);
    }
    println!("{wrong} wrong of {compared} arrivals, {entered} entered");
    std::process::exit(i32::from(wrong > 0));
}

fn everybody(market: &Market, ctx: &Context<'_>) -> BTreeMap<Uuid, Vec<Uuid>> {
    let open = market.iter().filter(|item| item.terms.valid_until > ctx.now);
    let best =
        |item: &Item| find_matches(market, item, ctx.policy.standing_k, ctx).matches.iter().map(|m| m.id).collect();
    open.map(|item| (item.id, best(item))).collect()
}
