use std::cell::Cell;

use super::market::{self, Dice, Maker};
use super::{CROWDED, statistics};
use crate::domain::listing::{Kind, Side};
use crate::domain::reference::Reference;
use crate::matching::facts::Facts;
use crate::matching::index::manners::Manners;
use crate::matching::index::row::Row;
use crate::matching::index::{Change, Index};
use crate::matching::{
    CheckCode, Context, Enforcement, Item, Market, Policy, SearchQuery, SearchSort, Viewer, find_matches, search,
};

/// The oracle and the index, written to alike.
struct Both {
    market: Market,
    index: Index,
    /// Matches and near misses compared.
    seen: Cell<(usize, usize)>,
}

impl Both {
    fn of(items: Vec<Item>) -> Self {
        let mut market = Market::new();
        for item in &items {
            market.upsert(item.clone());
        }
        Self { market, index: Index::of(items), seen: Cell::default() }
    }

    fn write(&mut self, maker: &mut Maker, ids: u64) {
        let id = maker.dice.below(ids);
        let mut item = maker.item(id);
        item.version = maker.dice.below(6) as i32;
        let news = match maker.dice.below(10) {
            0..=1 => {
                (self.market.remove(item.id, item.version), self.index.apply(Change::Remove(item.id, item.version)))
            }
            2 => (self.market.hide(item.id), self.index.apply(Change::Hide(item.id))),
            _ => (self.market.upsert(item.clone()), self.index.apply(Change::Upsert(item.into()))),
        };
        assert_eq!(news.0, news.1);
    }

    fn compare_matches(&self, query: &Item, limit: usize, ctx: &Context<'_>) {
        let (right, found) =
            (find_matches(&self.market, query, limit, ctx), self.index.snapshot().find_matches(query, limit, ctx));
        assert_eq!(found, right, "{query:#?}");
        self.seen.set((self.seen.get().0 + right.matches.len(), self.seen.get().1 + right.near_misses.len()));
    }

    fn compare_pages(&self, query: &SearchQuery, ctx: &Context<'_>) {
        let (right, found) = (search(&self.market, query, ctx), self.index.snapshot().search(query, ctx));
        assert_eq!(found, right, "{query:#?}");
    }
}

fn any_search(maker: &mut Maker) -> SearchQuery {
    let text = maker.dice.percent(60).then(|| maker.words());
    let category = maker.dice.percent(30).then(|| maker.category());
    let (region, near) = maker.city();
    let dice = &mut maker.dice;
    let near = dice.percent(50).then_some(near);
    SearchQuery {
        text,
        side: dice.percent(50).then(|| *dice.pick(&[Side::Need, Side::Offer])),
        kind: dice.percent(40).then(|| *dice.pick(&[Kind::Ppe, Kind::Material])),
        category,
        region_code: dice.percent(20).then_some(region),
        near,
        radius_km: near.filter(|_| dice.percent(40)).map(|_| dice.below(600) as f64),
        price_max: dice.percent(30).then(|| crate::domain::decimal::Decimal::from_integer(dice.below(50) as u32)),
        currency: dice.percent(10).then(|| "USD".to_owned()),
        available_by: dice.percent(20).then(|| market::now().date_naive()),
        enterprise_id: None,
        viewer: Viewer { enterprises: vec![], verified: dice.percent(50) },
        sort: *dice.pick(&[SearchSort::Relevance, SearchSort::Newest, SearchSort::Price, SearchSort::Distance]),
        facets: dice.percent(20),
        after: None,
        limit: dice.below(12) as usize,
    }
}

/// A listing that asks: one of the market's, often with less said.
pub(super) fn any_query(maker: &mut Maker) -> Item {
    let mut query = maker.item(1_000_000);
    let dice: &mut Dice = &mut maker.dice;
    let mut terms = (*query.terms).clone();
    terms.valid_until = market::now() + chrono::TimeDelta::days(9);
    match dice.below(8) {
        0 => terms.category = None,
        1 => query.location = None,
        2 => query.profile = Default::default(),
        3 => (terms.needed_by, terms.available_from, terms.price, terms.max_price) = (None, None, None, None),
        4 => (terms.quantity, terms.unit_code) = (None, None),
        _ => {}
    }
    query.remaining = terms.quantity;
    query.terms = std::sync::Arc::new(terms);
    query
}

fn run(seed: u64, listings: u64, queries: usize, policy: &Policy) {
    let reference: Reference = market::reference();
    let mut maker = Maker::new(&reference, CROWDED, seed);
    let items: Vec<Item> = maker.items(0, listings).collect();
    let mut both = Both::of(items);
    let statistics = statistics(&both.market, &reference, policy);
    let ctx = Context::new(&reference, policy, &statistics, market::now());
    for round in 0..queries {
        for _ in 0..maker.dice.below(40) {
            both.write(&mut maker, listings * 5 / 4);
        }
        if round % 16 == 15 {
            both.index.rebuild();
            assert!(!both.index.needs_rebuild());
        }
        let query = any_query(&mut maker);
        let limit = [10, 10, 3, 0, 100][maker.dice.below(5) as usize];
        both.compare_matches(&query, limit, &ctx);
        let mut looked_for = any_search(&mut maker);
        both.compare_pages(&looked_for, &ctx);
        looked_for.after = both.index.snapshot().search(&looked_for, &ctx).next;
        both.compare_pages(&looked_for, &ctx);
    }
    let (matches, misses) = both.seen.get();
    assert!(matches > queries && misses > queries / 2, "{matches} matches, {misses} near misses say little");
    assert_eq!(both.index.snapshot().len(), both.market.len());
    let mut ids: Vec<_> = both.index.snapshot().iter().map(|item| (item.id, item.version)).collect();
    ids.sort_unstable();
    let mut right: Vec<_> = both.market.iter().map(|item| (item.id, item.version)).collect();
    right.sort_unstable();
    assert_eq!(ids, right);
}

#[test]
fn answers_are_those_of_looking_at_everything() {
    for seed in [1, 10, 11] {
        run(seed, 2500, 120, &Policy::default());
    }
}

#[test]
fn so_they_are_where_every_check_may_be_relaxed() {
    use strum::VariantArray;
    let mut policy = Policy { enforce_requirements: Enforcement::Require, ..Policy::default() };
    policy.near_misses.relaxable = CheckCode::VARIANTS.to_vec();
    run(2, 1000, 12, &policy);
    policy.enforce_requirements = Enforcement::Flag;
    policy.near_misses.relaxable =
        vec![CheckCode::Price, CheckCode::Pay, CheckCode::Rate, CheckCode::HazardLicence, CheckCode::Certificate];
    policy.unknown.distance = 0.9;
    policy.price_floor = 1.0;
    run(5, 1000, 24, &policy);
}

#[test]
fn a_row_holds_the_facts_of_its_listing() {
    let reference = market::reference();
    for item in Maker::new(&reference, CROWDED, 4).items(0, 500) {
        let mut manners = Manners::default();
        let row = Row::of(&item, 0, &mut manners);
        assert_eq!(row.facts(item.category(), item.side(), &manners), Facts::of(&item));
    }
}
