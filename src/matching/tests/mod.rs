//! Properties on generated markets, and single rules on pairs written by hand.

mod checks;
mod properties;
mod scores;
mod search;
mod transport;
