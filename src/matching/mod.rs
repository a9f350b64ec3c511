//! The matching engine: a snapshot of listings, a query listing and a time in; ranked and explained counterparts out.
//!
//! `hard checks → score → total order → explanation`. Pure and synchronous: no I/O, no clock, no hash order. This is the
//! exact form (every candidate is checked and scored) that a faster index is compared with.
//!
//! A score is a function of the pair, the policy's version, the statistics' version and the hour `as_of`, nothing else.

mod blockers;
mod bundle;
mod check;
mod checks;
mod components;
mod context;
mod counterfactual;
mod explained;
mod factor;
mod facts;
mod gauging;
mod haul;
mod index;
mod item;
mod market;
mod medians;
mod memo;
mod pair;
mod policy;
mod policy_check;
mod pooling;
mod position;
mod price;
mod quantity;
mod rank;
mod routes;
mod score;
mod search;
mod shares;
mod standing;
mod stated;
mod statistics;
mod text;
mod time;
mod trust;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use bundle::{Bound, Bundles, Line, MOST_SUPPLIERS, NoBundle, Objective, POOL, Plan, bundle};
pub use check::{Check, CheckCode, Value, Verdict};
pub use context::Context;
pub use counterfactual::{Counterfactual, CounterfactualCode, WhatIf, Whose};
pub use explained::{ExplainLevel, Explained, find_explained};
pub use factor::{Factor, FactorCode, Flag};
pub use index::{Change, Index, Shift, Snapshot};
pub use item::{Item, Trust};
pub use market::Market;
pub use policy::{Enforcement, NearMissRules, Policy, Weights};
pub use pooling::{Pool, PoolReader, pool};
pub use position::Position;
pub use rank::{Assessment, Match, NearMiss, Outcome, assess, find_matches, match_of};
pub use routes::{Considered, Handover, Leg, NoRoute, Route, RouteList, RouteNote, find_routes};
pub use search::{Facets, Measures, SearchHit, SearchKey, SearchPage, SearchQuery, SearchSort, Viewer, search};
pub use standing::{Arrival, Epochs, StandingMatches};
pub use statistics::Statistics;
