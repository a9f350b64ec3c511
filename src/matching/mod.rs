//! The matching engine: a snapshot of listings, a query listing and a time in; ranked and explained counterparts out.
//!
//! `hard checks → score → total order → explanation`. Pure and synchronous: no I/O, no clock, no hash order. This is the
//! exact form (every candidate is checked and scored) that a faster index is compared with.
//!
//! A score is a function of the pair, the policy's version, the statistics' version and the hour `as_of`, nothing else.

mod check;
mod checks;
mod components;
mod context;
mod factor;
mod facts;
mod haul;
mod index;
mod item;
mod market;
mod medians;
mod memo;
mod pair;
mod policy;
mod policy_check;
mod price;
mod quantity;
mod rank;
mod routes;
mod score;
mod search;
mod shares;
mod statistics;
mod text;
mod time;
mod trust;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use check::{Check, CheckCode, Value, Verdict};
pub use context::Context;
pub use factor::{Factor, FactorCode, Flag};
pub use index::{Change, Index, Snapshot};
pub use item::{Item, Trust};
pub use market::Market;
pub use policy::{NearMissRules, Policy, Weights};
pub use rank::{Assessment, Match, NearMiss, Outcome, assess, find_matches};
pub use routes::{Considered, Handover, Leg, NoRoute, Route, RouteList, RouteNote, find_routes};
pub use search::{Facets, Measures, SearchHit, SearchKey, SearchPage, SearchQuery, SearchSort, Viewer, search};
pub use statistics::Statistics;
