//! Use cases: authorisation, one transaction, the event that tells of it. One function per thing a user does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::Notify;

use crate::db::Database;
use crate::domain::access::{Rule, Scope};
use crate::domain::app_key::Environment;
use crate::domain::message::Language;
use crate::domain::moderation::Moderation;
use crate::domain::webhook_target::Reach;

pub mod access;
pub mod account_admin;
pub mod accounts;
mod admission;
pub mod appeals;
pub mod apps;
pub mod audit;
pub mod briefs;
pub mod bundles;
pub mod codes;
pub mod consents;
pub mod contact_requests;
pub mod contacts;
pub mod cpu;
pub mod credentials;
pub mod demo;
pub mod enterprises;
mod error;
pub mod evaluation;
pub mod files;
pub mod flags;
pub mod idempotency;
pub mod import;
pub mod invitations;
pub mod keys;
pub mod knowledge;
pub mod listings;
mod loading;
pub mod mandates;
pub mod market;
pub mod match_rows;
pub mod matches;
pub mod members;
pub mod moderation;
pub mod moderation_policies;
mod notices;
pub mod notifications;
pub mod oauth;
pub mod outbox;
pub mod passwords;
pub mod personal_data;
pub mod policies;
pub mod posting;
pub mod proof;
pub mod reference;
pub mod relations;
mod replica;
pub mod reports;
pub mod roster;
pub mod routes;
mod screening;
pub mod search;
pub mod second_factors;
pub mod secrets;
pub mod sessions;
pub mod sign_in;
pub mod standing;
mod statistics;
pub mod throttle;
pub mod tokens;
pub mod transaction;
pub mod understand;
pub mod verifications;
pub mod webhooks;

pub use error::Error;
pub use knowledge::Knowledge;
pub use replica::Lag;
pub use transaction::{Command, Transaction};

/// Who is asking, for what, and from where.
#[derive(Debug, Clone)]
pub struct Caller {
    pub account_id: uuid::Uuid,
    pub session_id: uuid::Uuid,
    /// What an app may do on behalf of the account; none: a person, with every right of theirs.
    pub scopes: Option<Vec<Scope>>,
    /// The app, where it is one.
    pub app: Option<CallingApp>,
    /// Who may call the operation asked for.
    pub rule: &'static Rule,
    pub origin: Origin,
}

/// An app that calls.
#[derive(Debug, Clone, Copy)]
pub struct CallingApp {
    pub id: uuid::Uuid,
    /// All its tokens together.
    pub requests_per_minute: u32,
    /// At all processes together. None: as many as it likes.
    pub requests_per_day: Option<u32>,
}

/// Where a request came from, for the audit.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    pub request_id: String,
    pub address: Option<std::net::IpAddr>,
}

/// What somebody signs in from; also without being anybody yet.
#[derive(Debug, Clone)]
pub struct Device {
    pub address: Option<std::net::IpAddr>,
    pub request_id: String,
    /// What it calls itself (`User-Agent`).
    pub name: String,
    pub language: Language,
}

/// Values an administrator chooses; see `config`.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The most open listings of an enterprise nobody has verified.
    pub unverified_listing_cap: i64,
    pub moderation: Moderation,
    pub access_token_lifetime: Duration,
    pub refresh_token_lifetime: Duration,
    /// Of an app for which no administrator set another quota.
    pub app_requests_per_minute: u32,
    pub app_requests_per_day: Option<u32>,
    /// The market itself, or its sandbox.
    pub environment: Environment,
    /// How far webhooks go.
    pub webhook_reach: Reach,
    /// A process further behind the event log says that it is not ready.
    pub most_behind: Duration,
    /// Bytes of evidence an enterprise may keep.
    pub file_quota: u64,
    /// What this installation calls itself in events that leave it.
    pub event_source: String,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            unverified_listing_cap: crate::domain::enterprise::DEFAULT_UNVERIFIED_CAP,
            moderation: Moderation::default(),
            access_token_lifetime: Duration::from_secs(600),
            refresh_token_lifetime: Duration::from_secs(60 * 24 * 3600),
            app_requests_per_minute: 600,
            app_requests_per_day: None,
            environment: Environment::default(),
            webhook_reach: Reach::default(),
            most_behind: Duration::from_secs(30),
            file_quota: 200 << 20,
            event_source: "urn:duijie".to_owned(),
        }
    }
}

/// What every use case may need. One per process.
pub struct App {
    pub database: Database,
    knowledge: ArcSwap<Knowledge>,
    pub market: market::MarketIndex,
    pub standing: standing::Standing,
    pub secrets: secrets::Secrets,
    /// Where the bytes of evidence are.
    pub files: files::Store,
    keys: ArcSwap<keys::KeyRing>,
    pub policy: Policy,
    /// For ranking and searching.
    pub cpu: cpu::CpuQueue,
    pub passwords: passwords::Hasher,
    /// Rung after each commit that recorded an event.
    pub sequencer: Notify,
    /// Rung when events have been numbered, by this process or another.
    pub follower: Notify,
    /// Rung when the index has taken events from the log.
    pub match_writer: Notify,
    /// What apps asked for, not yet written down.
    pub app_usage: apps::usage::Counters,
    /// Rung after each commit that left a message to send.
    pub mailer: Notify,
    /// Rung when events wait to be sent to endpoints.
    pub webhook_sender: Notify,
    /// Of names in URLs that somebody writes.
    lookup: webhooks::targets::Lookup,
    draining: AtomicBool,
}

impl App {
    pub fn new(
        database: Database,
        knowledge: Arc<Knowledge>,
        secrets: secrets::Secrets,
        files: files::Store,
        policy: Policy,
    ) -> Self {
        Self {
            database,
            market: market::MarketIndex::default(),
            standing: standing::Standing::default(),
            knowledge: ArcSwap::new(knowledge),
            secrets,
            files,
            keys: ArcSwap::default(),
            policy,
            cpu: cpu::CpuQueue::for_this_machine(),
            passwords: passwords::Hasher::start(),
            sequencer: Notify::new(),
            follower: Notify::new(),
            match_writer: Notify::new(),
            app_usage: apps::usage::Counters::default(),
            mailer: Notify::new(),
            webhook_sender: Notify::new(),
            lookup: webhooks::targets::system(webhooks::targets::WRITTEN),
            draining: AtomicBool::new(false),
        }
    }

    /// From now on this process says that it is not ready, so that no new work is sent to it.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether this process can serve: the market is loaded and not far behind the log, the database answers with a current
    /// schema, and it is not stopping.
    pub async fn ready(&self) -> Result<Lag, Error> {
        if self.draining.load(Ordering::Relaxed) {
            return Err(Error::Busy("stopping".to_owned()));
        }
        if !self.market.is_loaded() {
            return Err(Error::Busy("the market is being loaded".to_owned()));
        }
        let mut connection = self.database.get().await?;
        if !crate::db::migrations::are_current(&mut connection).await? {
            return Err(Error::Busy("the schema is not that of this program".to_owned()));
        }
        let lag = self.lag(&mut connection).await?;
        if lag.behind_seconds > self.policy.most_behind.as_secs_f64() { Err(Error::Behind(lag)) } else { Ok(lag) }
    }
}
