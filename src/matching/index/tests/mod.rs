//! The index answers what looking at everything answers.

mod bounds;
mod exactness;
mod explained;
#[allow(dead_code)]
#[path = "../../../../benches/market.rs"]
pub mod market;
mod writing;

use crate as duijie;
use crate::matching::{Market, Policy, Statistics};
use market::Shape;

/// A few crowded categories, so that partitions have several blocks.
const CROWDED: Shape = Shape { categories: 40, cities: 30, enterprises: 60, trusted: 20 };

fn statistics(market: &Market, reference: &crate::domain::reference::Reference, policy: &Policy) -> Statistics {
    Statistics::compute(market.iter(), reference, policy, 3, market::now())
}
