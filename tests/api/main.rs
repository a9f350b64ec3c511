//! The API as its clients see it: real HTTP against a real PostgreSQL, a database per test. Folders mirror the URLs.

// A test fails by panicking, its helpers too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod accounts;
mod authorisation;
mod briefs;
mod bundles;
mod conventions;
mod credentials;
mod demo;
mod enterprises;
mod events;
mod explain;
mod flags;
mod import;
mod index;
mod kinds;
mod listings;
mod match_rows;
mod matches;
mod migrations;
mod moderation;
mod policies;
mod reference;
mod reference_load;
mod relations;
mod replication;
mod reports;
mod routes;
mod search;
mod sessions;
mod support;
