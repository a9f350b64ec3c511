use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::entry::Asks;
use super::gauge::{Gauge, nobody_may_have};
use super::{Arrival, Epochs, StandingMatches};
use crate::domain::reference::Reference;
use crate::matching::checks::{self, Screening};
use crate::matching::index::tests::market::{self, Maker, Shape};
use crate::matching::index::{Change, Index};
use crate::matching::pair::{Kinship, Pair};
use crate::matching::score::Asked;
use crate::matching::text::{Heard, overlap, worth};
use crate::matching::{Context, Item, Market, Policy, Statistics, find_matches};

/// So crowded that most lists are full.
const FEW_GOODS: Shape = Shape { categories: 5, cities: 6, enterprises: 40, trusted: 20, described: 0 };

/// The statistics and the hour of an epoch.
struct Epoch {
    statistics: Statistics,
    as_of: DateTime<Utc>,
}

/// A market written to, and what stands in it.
struct World {
    reference: Reference,
    policy: Policy,
    maker: Maker,
    market: Market,
    index: Index,
    standing: StandingMatches,
    present: Epoch,
    before: Epoch,
    now: DateTime<Utc>,
    version: i32,
}

impl World {
    fn new(seed: u64, listings: u64, k: usize) -> Self {
        let reference = market::reference();
        let policy = Policy { standing_k: k, ..Policy::default() }.without_near_misses();
        let mut maker = Maker::new(&reference, FEW_GOODS, seed);
        let (mut market, index) = (Market::new(), Index::new());
        for item in maker.items(0, listings) {
            market.upsert(item.clone());
            index.apply(Change::Upsert(item.into()));
        }
        let now = market::now();
        let epoch = |version| Epoch {
            statistics: Statistics::compute(market.iter(), &reference, &policy, version, now),
            as_of: now - TimeDelta::minutes(30),
        };
        let (present, before) = (epoch(1), epoch(1));
        let ctx = Context::new(&reference, &policy, &present.statistics, now).as_of(present.as_of);
        let standing = StandingMatches::of(index.follow(), &ctx);
        Self { reference, policy, maker, market, index, standing, present, before, now, version: 1 }
    }

    fn context<'a>(&'a self, epoch: &'a Epoch) -> Context<'a> {
        Context::new(&self.reference, &self.policy, &epoch.statistics, self.now).as_of(epoch.as_of)
    }

    /// Runs `work` on what stands, with the contexts as they are.
    fn with<T>(&mut self, work: impl FnOnce(&mut StandingMatches, &Index, &Epochs<'_>) -> T) -> T {
        let placeholder = StandingMatches::of(Default::default(), &self.context(&self.present));
        let mut standing = std::mem::replace(&mut self.standing, placeholder);
        let epochs = Epochs { present: self.context(&self.present), before: self.context(&self.before) };
        let result = work(&mut standing, &self.index, &epochs);
        self.standing = standing;
        result
    }

    fn write(&mut self, ids: u64) {
        self.version += 1;
        let id = self.maker.dice.below(ids);
        let item = Item { version: self.version, ..self.maker.item(id) };
        match self.maker.dice.below(10) {
            0..=2 => {
                self.market.remove(item.id, self.version);
                self.index.apply(Change::Remove(item.id, self.version));
            }
            _ => {
                self.market.upsert(item.clone());
                self.index.apply(Change::Upsert(item.into()));
            }
        }
    }

    fn advance(&mut self, limit: usize) -> Vec<Arrival> {
        self.with(|standing, index, epochs| {
            let (shifts, market) = index.shifts().unwrap();
            let ids: BTreeSet<Uuid> = shifts.iter().filter_map(|shift| shift.id()).collect();
            standing.advance(shifts, market, epochs);
            ids.into_iter().filter_map(|id| standing.arrival(id, limit, epochs)).collect()
        })
    }

    /// Of every open listing, by looking at everything: by the epoch its block is in.
    fn right(&self) -> BTreeMap<Uuid, Vec<(Uuid, u32)>> {
        let best = |item: &Item| {
            let partition = &self.standing.groups[&(item.side(), item.kind())][&item.category().map(Into::into)];
            let (block, _) = partition.find(item).unwrap();
            let present = partition.blocks()[block].epoch == self.standing.epoch;
            let ctx = self.context(if present { &self.present } else { &self.before });
            let matches = find_matches(&self.market, item, self.policy.standing_k, &ctx).matches;
            matches.into_iter().map(|found| (found.id, found.score)).collect()
        };
        let open = self.market.iter().filter(|item| item.is_open(self.now));
        open.map(|item| (item.id, best(item))).collect()
    }

    fn new_epoch(&mut self) {
        while self.with(|standing, _, epochs| standing.renew(1, epochs)) {}
        let version = self.present.statistics.version + 1;
        let statistics = Statistics::compute(self.market.iter(), &self.reference, &self.policy, version, self.now);
        let present = Epoch { statistics, as_of: self.now };
        self.before = std::mem::replace(&mut self.present, present);
        // Another policy may say another K.
        self.policy.standing_k = if version % 2 == 0 { self.policy.standing_k + 2 } else { self.policy.standing_k - 2 };
        self.standing.begin_epoch(self.policy.standing_k);
    }
}

fn ids(items: &[std::sync::Arc<Item>]) -> Vec<Uuid> {
    items.iter().map(|item| item.id).collect()
}

/// Those whose best hold the listing, the highest score first, as far as scores tell.
fn holders(right: &BTreeMap<Uuid, Vec<(Uuid, u32)>>, id: Uuid) -> Vec<(std::cmp::Reverse<u32>, Uuid)> {
    let held = |best: &Vec<(Uuid, u32)>| best.iter().find(|(other, _)| *other == id).map(|(_, score)| *score);
    let mut holders: Vec<_> =
        right.iter().filter_map(|(asker, best)| Some((std::cmp::Reverse(held(best)?), *asker))).collect();
    holders.sort_unstable();
    holders
}

fn run(seed: u64, listings: u64, k: usize, rounds: u32) {
    let mut world = World::new(seed, listings, k);
    let (mut arrivals, mut entered, mut renewing) = (0, 0, false);
    for round in 0..rounds {
        for _ in 0..=world.maker.dice.below(3) {
            world.write(listings * 5 / 4);
        }
        world.now += TimeDelta::hours(5);
        let limit = if round % 3 == 2 { 2 } else { usize::MAX };
        let came = world.advance(limit);
        let right = world.right();
        assert_eq!(world.standing.len(), right.len());
        for arrival in &came {
            let wanted = holders(&right, arrival.listing.id);
            let score = |asker: &Uuid| {
                let at = wanted.iter().position(|(_, id)| id == asker);
                at.map(|at| wanted[at].0).unwrap_or_else(|| panic!("{asker} does not hold it"))
            };
            let among: Vec<_> = ids(&arrival.among).iter().map(|asker| (score(asker), *asker)).collect();
            assert!(among.is_sorted_by_key(|(score, _)| *score));
            assert_eq!(among.len(), wanted.len().min(limit));
            assert!(among.iter().zip(&wanted).all(|(found, right)| found.0 == right.0), "the best of them");
            let own: Vec<Uuid> = right[&arrival.listing.id].iter().map(|(id, _)| *id).collect();
            assert_eq!(ids(&arrival.own), own);
            (arrivals, entered) = (arrivals + 1, entered + among.len());
        }
        for (id, best) in &right {
            let (held, exact) = world.standing.best_of(*id).unwrap();
            assert!(!exact || held == *best, "{id}: {held:?} {best:?}");
        }
        match round % 8 {
            3 => {
                world.new_epoch();
                renewing = true;
            }
            _ if renewing => renewing = world.with(|standing, _, epochs| standing.renew(2, epochs)),
            _ => {
                world.with(|standing, _, epochs| standing.refine(40, epochs));
            }
        }
    }
    while world.with(|standing, _, epochs| standing.renew(3, epochs)) {}
    while world.with(|standing, _, epochs| standing.refine(50, epochs)) > 0 {}
    assert_eq!(world.standing.count_inexact(), 0);
    for (id, best) in world.right() {
        assert_eq!(world.standing.best_of(id), Some((best, true)));
    }
    assert!(arrivals > rounds && entered > rounds as usize, "{arrivals} arrivals, {entered} entered say little");
}

#[test]
fn an_arrival_finds_exactly_those_whose_best_it_enters() {
    run(31, 220, 3, 24);
    run(32, 160, 10, 12);
}

/// Bounds leave nobody out, and the counterparts need not be known for sure.
#[test]
fn bounds_find_what_looking_at_every_asker_finds() {
    let mut world = World::new(33, 600, 3);
    world.with(|standing, _, epochs| standing.refine(400, epochs));
    let arriving: Vec<_> = world.maker.items(10_000, 10_150).map(std::sync::Arc::new).collect();
    let found = world.with(|standing, _, epochs| {
        let compare = |item| {
            let (fast, right) = (standing.entering(item, epochs), standing.entering_by_scan(item, epochs));
            assert_eq!(fast, right);
            fast.len()
        };
        arriving.iter().map(compare).sum::<usize>()
    });
    assert!(found > 100, "{found}");
}

/// Nobody gives an arrival more than gauged, by its cells or by its block, and few are thought to give much more.
#[test]
fn a_gauge_is_above_every_score() {
    let shape = Shape { categories: 100, cities: 30, enterprises: 200, trusted: 30, described: 0 };
    let (reference, policy) = (market::reference(), Policy::default().without_near_misses());
    let mut maker = Maker::new(&reference, shape, 41);
    let index = Index::of(maker.items(0, 5000));
    let snapshot = index.follow();
    let statistics = Statistics::compute(snapshot.iter(), &reference, &policy, 1, market::now());
    let ctx = Context::new(&reference, &policy, &statistics, market::now());
    let standing = StandingMatches::of(Arc::clone(&snapshot), &ctx);
    let (mut matches, mut refused, mut loose, mut seen) = (0, 0, 0, BTreeSet::new());
    for arriving in (10_000..10_400).map(|id| maker.item(id)).filter(|item| item.is_open(ctx.now)) {
        let group = (arriving.side().opposite(), arriving.kind());
        let gauge = Gauge::new(&arriving, ctx);
        for (category, partition) in standing.groups.get(&group).into_iter().flatten() {
            let code = category.as_deref();
            let kinship = Kinship::between(group.0, code, arriving.category(), &ctx);
            let mut ground = gauge.ground(code, kinship, &partition.ways, &partition.texts);
            for block in partition.blocks() {
                let limits = ground.as_ref().and_then(|ground| ground.limits(block));
                for (row, entry) in block.entries().iter().enumerate() {
                    let brief = block.brief(row).unwrap();
                    let pair = Pair::new(&entry.asker, &arriving, &ctx);
                    let fits = checks::screen(&pair, &ctx) == Screening::Match;
                    let score = Asked::of(&entry.asker, &ctx).score(&pair, &ctx);
                    let mut reaches =
                        |bar: u32| ground.as_mut().is_some_and(|ground| ground.gauge(brief, bar as f32).is_continue());
                    if !fits {
                        refused += usize::from(!reaches(0));
                        continue;
                    }
                    let set = usize::from(brief.0.set);
                    assert!(
                        limits.unwrap()[set] >= score as i32 && reaches(score),
                        "{score} {arriving:#?} {:#?}",
                        entry.asker
                    );
                    (matches, loose) = (matches + 1, loose + usize::from(reaches(score + 25)));
                    seen.insert((group, kinship == Kinship::Within, category.is_some()));
                    assert!(!nobody_may_have(&arriving) && brief.0.set != Asks::WILD);
                }
            }
        }
    }
    assert!(matches > 5000 && refused > 5000, "{matches} matches, {refused} refused");
    assert!(loose * 5 < matches, "{loose} of {matches} thought much better than they are");
    assert!(seen.len() > 20, "{seen:?}");
}

/// To the last bit: what is heard by many is scored with.
#[test]
fn who_is_heard_gives_what_two_texts_share() {
    let shape = Shape { categories: 12, cities: 5, enterprises: 20, trusted: 0, described: 70 };
    let (reference, policy) = (market::reference(), Policy::default());
    let mut maker = Maker::new(&reference, shape, 47);
    let items: Vec<Arc<Item>> = maker.items(0, 300).map(Arc::new).collect();
    let statistics = Statistics::compute(&items, &reference, &policy, 1, market::now());
    let mut shared = 0;
    for candidate in items.iter().take(60) {
        let heard = Heard::of(&candidate.profile, &statistics, &policy);
        for asking in &items {
            let share = overlap(&asking.profile, &candidate.profile, &statistics, &policy);
            assert_eq!(heard.share(&asking.profile, worth(&asking.profile, &statistics)).to_bits(), share.to_bits());
            shared += usize::from(share > 0.0 && share < 1.0);
        }
    }
    assert!(shared > 2000, "{shared}");
}

#[test]
fn what_has_left_leaves_nothing_behind() {
    let mut world = World::new(34, 300, 3);
    world.with(|standing, _, epochs| standing.refine(usize::MAX, epochs));
    for id in 0..300_u128 {
        world.index.apply(Change::Remove(Uuid::from_u128(id), 9));
    }
    assert!(world.advance(9).is_empty());
    assert!(world.standing.is_empty() && world.standing.groups.values().all(BTreeMap::is_empty));
    assert_eq!((world.standing.ends.len(), world.standing.count_inexact()), (0, 0));
}

#[test]
fn too_much_to_remember_is_said() {
    let world = World::new(35, 40, 3);
    assert!(world.index.shifts().is_some_and(|(shifts, _)| shifts.is_empty()));
    assert!(Index::new().shifts().is_none(), "nobody follows");
}
