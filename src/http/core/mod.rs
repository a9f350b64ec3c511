//! The conventions every operation inherits, each in one place.

pub mod admit;
pub mod answer;
pub mod api;
pub mod body;
pub mod context;
pub mod cursor;
mod datum;
pub mod device;
pub mod document;
pub mod form;
mod kinds;
pub mod operations;
pub mod page;
pub mod parameters;
pub mod problem;
pub mod rate_limit;
mod samples;
pub mod schemas;
mod strict_json;
pub mod upload;
mod webhooks;
pub mod write;
