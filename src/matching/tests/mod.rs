//! Properties on generated markets, and single rules on pairs written by hand.

mod checks;
mod counterfactuals;
pub(in crate::matching) mod explained;
mod kinds;
mod levers;
mod pooling;
mod properties;
mod scores;
mod search;
mod transport;
