//! The API as its clients see it: real HTTP against a real PostgreSQL, a database per test. Folders mirror the URLs.

mod accounts;
mod conventions;
mod enterprises;
mod events;
mod import;
mod index;
mod listings;
mod matches;
mod migrations;
mod reference;
mod search;
mod sessions;
mod support;
