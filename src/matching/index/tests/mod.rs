//! The index answers what looking at everything answers.

mod around;
mod bounds;
mod details;
mod exactness;
mod explained;
mod faults;
#[allow(dead_code)]
#[path = "../../../../benches/market.rs"]
pub mod market;
mod words;
mod writing;

use crate as duijie;
use crate::matching::{Market, Policy, Statistics};
use market::Shape;

/// A few crowded categories, so that partitions have several blocks.
const CROWDED: Shape = Shape { categories: 40, cities: 30, enterprises: 60, trusted: 20, described: 30 };

fn statistics(market: &Market, reference: &crate::domain::reference::Reference, policy: &Policy) -> Statistics {
    Statistics::compute(market.iter(), reference, policy, 3, market::now())
}

std::thread_local! {
    static FAULTY: std::cell::Cell<Option<uuid::Uuid>> = const { std::cell::Cell::new(None) };
}

/// Where a test has said that this listing cannot be scored.
pub(super) fn fail_on(id: uuid::Uuid) {
    assert_ne!(FAULTY.get(), Some(id), "a listing that cannot be scored");
}
