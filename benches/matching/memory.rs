//! What a market leaves behind once everything in it has been withdrawn.

use std::time::{Duration, Instant};

use uuid::Uuid;

use super::duijie::matching::{Change, Index};
use super::market::{self, Maker};
use super::resident;

const ROUNDS: i32 = 3;
/// How long a program with nothing left is watched, and how often it does what the jobs do.
const IDLE: Duration = Duration::from_secs(15);
const RELEASING: Duration = Duration::from_secs(5);

pub fn run(listings: u64) {
    let reference = market::reference();
    let mut maker = Maker::new(&reference, market::LARGE, 1);
    let index = Index::new();
    let megabytes = |bytes: usize| bytes as f64 / 1e6;
    let show = |what: &str, index: &Index| {
        println!("{what:<24}{:>9.1} MB index{:>9.1} MB resident", megabytes(index.bytes()), megabytes(resident()));
    };
    show("at the start", &index);
    for round in 1..=ROUNDS {
        index.load(maker.items(0, listings).map(|mut item| {
            item.version = 2 * round;
            item
        }));
        show("all posted", &index);
        for id in 0..listings {
            index.apply(Change::Remove(Uuid::from_u128(u128::from(id)), 2 * round + 1));
            if id % 10_000 == 0 {
                index.rebuild();
                index.forget_removed(index.mark());
            }
        }
        index.rebuild();
        index.forget_removed(index.mark());
        show("all withdrawn", &index);
        let end = Instant::now() + IDLE;
        while Instant::now() < end {
            index.apply(Change::Upsert(maker.item(listings).into()));
            index.apply(Change::Remove(Uuid::from_u128(u128::from(listings)), i32::MAX));
            index.rebuild();
            index.forget_removed(index.mark());
            let _ = super::duijie::jobs::release_memory();
            std::thread::sleep(RELEASING);
        }
        show("15 s later", &index);
    }
}
