//! Shapes on the wire where they differ from the domain's, and the schemas of both. Their doc comments are the API
//! documentation.

pub mod account;
pub mod account_admin;
pub mod app;
pub mod attributes;
pub mod audit;
pub mod bundle;
pub mod codes;
pub mod consent;
pub mod contact;
pub mod credential;
pub mod enterprise;
pub mod explain;
pub mod file;
pub mod key;
pub mod listing;
pub mod mandate;
pub mod match_rows;
pub mod matches;
pub mod member;
pub mod message;
pub mod notification;
pub mod oauth;
pub mod personal_data;
pub mod policy;
pub mod problem;
pub mod reference;
pub mod roster;
pub mod routes;
pub mod session;
mod shared;
mod transport;
pub mod verification;
