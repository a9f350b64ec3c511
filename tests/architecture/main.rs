//! Guards the shape of the source: which layer may name which, how long a file may be, and that every message for people
//! is in the catalogue and used.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod layers;
mod messages;
mod schemas;
mod sizes;
mod source;
