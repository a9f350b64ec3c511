//! What every operation inherits, proven once.

mod bodies;
mod concurrency;
mod faults;
mod idempotency;
mod limits;
mod lists;
mod outages;
mod representation;
mod routing;
