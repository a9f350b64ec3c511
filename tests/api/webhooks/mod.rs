//! Webhooks: endpoints, what they are told, and what becomes of it where a receiver or a process fails.

mod courier;
mod deliveries;
mod endpoints;
mod failures;
mod jobs;
