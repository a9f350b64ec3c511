//! Duijie: a supply-demand matchmaking marketplace.
//!
//! `http → app → { db, engines } → domain`, and nothing points left; `tests/architecture` guards it. `jobs` and
//! `outgoing` stand beside `http`: they call `app` and `db`. `startup` alone puts the parts together.

pub mod app;
pub mod config;
pub mod db;
pub mod domain;
pub mod http;
pub mod jobs;
pub mod matching;
pub mod outgoing;
pub mod screening;
pub mod startup;
pub mod vocabulary;
