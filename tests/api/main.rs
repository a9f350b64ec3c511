//! The API as its clients see it: real HTTP against a real PostgreSQL, a database per test. Folders mirror the URLs.

// A test fails by panicking, its helpers too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod account_admin;
mod accounts;
mod admission;
mod apps;
mod audit;
mod authorisation;
mod briefs;
mod bundles;
mod closing;
mod codes;
mod consents;
mod contact_requests;
mod conventions;
mod credentials;
mod demo;
mod enterprises;
mod events;
mod explain;
mod explained;
mod files;
mod flags;
mod import;
mod index;
mod keys;
mod kinds;
mod listings;
mod mandates;
mod match_rows;
mod matches;
mod members;
mod migrations;
mod moderation;
mod notices;
mod oauth;
mod outgoing;
mod passwords;
mod personal_data;
mod policies;
mod privacy;
mod reference;
mod reference_load;
mod relations;
mod replication;
mod reports;
mod roster;
mod routes;
mod search;
mod second_factors;
mod sessions;
mod support;
mod tenants;
mod throttling;
mod verifications;
