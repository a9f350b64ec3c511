//! Types and rules: parse into them, states and transitions, policies that return a reason. No I/O, no async.

pub mod account;
pub mod attributes;
pub mod category;
pub mod classification;
pub mod currency;
pub mod decimal;
pub mod enterprise;
pub mod event;
pub mod ledger;
pub mod listing;
pub mod listing_check;
mod listing_codes;
pub mod message;
pub mod moderation;
pub mod place;
pub mod platform;
pub mod reference;
pub mod reference_check;
pub mod reference_file;
pub mod region;
pub mod shipped;
pub mod standard;
pub mod trade;
pub mod unit;
pub mod uscc;
pub mod validity;
pub mod violation;
