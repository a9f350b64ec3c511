//! Shapes on the wire where they differ from the domain's, and the schemas of both. Their doc comments are the API
//! documentation.

pub mod account;
pub mod appeal;
pub mod attributes;
pub mod brief;
pub mod bundle;
pub mod codes;
pub mod credential;
pub mod enterprise;
pub mod explain;
pub mod flag;
pub mod listing;
pub mod match_rows;
pub mod matches;
pub mod message;
pub mod moderation;
pub mod moderation_policy;
pub mod notification;
pub mod policy;
pub mod problem;
pub mod reference;
pub mod report;
pub mod routes;
mod shared;
mod transport;
