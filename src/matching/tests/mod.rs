//! Properties on generated markets, and single rules on pairs written by hand.

mod checks;
mod kinds;
mod properties;
mod scores;
mod search;
