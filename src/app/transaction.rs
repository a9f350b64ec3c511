//! One write: a transaction on one connection with the caller, the retry key and the version the caller saw.
//!
//! A use case goes through it in this order: authorise, [`Transaction::once`], [`Transaction::expect_version`],
//! validate, act, [`Transaction::record`].

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::json;
use uuid::Uuid;

use super::idempotency::{self, Answer, Key};
use super::secrets::Secrets;
use super::{App, Caller, Error, Knowledge, Policy, mandates, policies};
use crate::db::{self, Connection};
use crate::domain::event::{Author, NewEvent};

/// Listings of a changed enterprise that are read anew before its writer is answered.
const INLINE_LISTINGS: usize = 1000;

/// What comes with a write besides its content.
#[derive(Debug, Clone)]
pub struct Command {
    pub caller: Caller,
    pub idempotency: Option<Key>,
    pub if_match: Option<IfMatch>,
}

/// The version part of `If-Match`; the hash part of an ETag is not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    Any,
    Versions(Vec<i32>),
}

pub struct Transaction<'c> {
    pub connection: &'c mut Connection,
    pub caller: Caller,
    pub knowledge: Arc<Knowledge>,
    pub policy: Policy,
    pub(super) secrets: Secrets,
    /// One instant for the whole write, in whole microseconds as PostgreSQL keeps it.
    pub now: DateTime<Utc>,
    idempotency: Option<Key>,
    if_match: Option<IfMatch>,
    claimed: bool,
    recorded: Vec<(&'static str, Uuid)>,
    /// By which the caller acts for an enterprise they are no member of: events tell of it.
    pub(super) mandate: Option<Uuid>,
    /// Whether a message waits to be sent.
    pub(super) posted: bool,
    /// Whether it is the caller's own erasure.
    pub(super) erases_caller: bool,
}

impl Transaction<'_> {
    /// Call after authorising: from here on a repeated request is answered from the store.
    pub async fn once(&mut self) -> Result<(), Error> {
        if let Some(key) = &self.idempotency {
            idempotency::claim(self.connection, &self.caller, key).await?;
            self.claimed = true;
        }
        Ok(())
    }

    /// What a first request has deleted is no longer there to authorise its repetition by; the answer says nothing of it.
    async fn not_found(&mut self) -> Error {
        match self.once().await {
            Err(Error::Replayed(answer)) if answer.body.is_empty() => Error::Replayed(answer),
            _ => Error::NotFound,
        }
    }

    /// Refuses a change to another version than the one the caller saw.
    pub fn expect_version(&self, current: i32) -> Result<(), Error> {
        match &self.if_match {
            None => Err(Error::VersionRequired),
            Some(IfMatch::Any) => Ok(()),
            Some(IfMatch::Versions(seen)) if seen.contains(&current) => Ok(()),
            Some(IfMatch::Versions(_)) => Err(Error::VersionStale { current }),
        }
    }

    /// Writes down what happened; readers learn of it after the commit.
    pub async fn record(&mut self, event: NewEvent) -> Result<(), Error> {
        let by = self.caller.author();
        self.record_as(event, by).await
    }

    /// The same, where it is not the caller whom the log names.
    pub async fn record_as(&mut self, mut event: NewEvent, by: Author) -> Result<(), Error> {
        self.recorded.push((event.entity, event.entity_id));
        if let Some(mandate) = self.mandate {
            mandates::note(self.connection, mandate, self.caller.account_id, &event, self.now).await?;
            event.changed["on_behalf_of"] = json!({ "mandate_id": mandate });
        }
        Ok(db::events::append_as(self.connection, Uuid::now_v7(), event, by, self.now).await?)
    }
}

impl App {
    /// Runs a use case in a transaction of its own; `answer` renders what goes over the wire and into the store.
    pub async fn write<T>(
        &self,
        command: Command,
        work: impl AsyncFnOnce(&mut Transaction<'_>) -> Result<T, Error>,
        answer: impl FnOnce(&T) -> Result<Answer, Error>,
    ) -> Result<Answer, Error> {
        let Command { caller, idempotency, if_match } = command;
        let (knowledge, policy, secrets) = (self.knowledge(), self.policy.clone(), self.secrets.clone());
        let result = self
            .database
            .transaction(async |connection| {
                let now = Utc::now().trunc_subsecs(6);
                let recorded = Vec::new();
                let mut transaction = Transaction {
                    connection,
                    caller,
                    knowledge,
                    policy,
                    secrets,
                    now,
                    idempotency,
                    if_match,
                    claimed: false,
                    recorded,
                    posted: false,
                    erases_caller: false,
                    mandate: None,
                };
                let value = match work(&mut transaction).await {
                    Err(Error::NotFound) => return Err(transaction.not_found().await),
                    worked => worked?,
                };
                let erases_caller = transaction.erases_caller;
                let answer = answer(&value)?;
                let Transaction { connection, caller, idempotency, claimed, recorded, posted, .. } = transaction;
                if let (Some(key), true) = (&idempotency, claimed) {
                    idempotency::store(connection, &caller, key, &answer, now).await?;
                }
                if !erases_caller {
                    db::accounts::outlast(connection, caller.account_id).await?;
                }
                Ok((answer, recorded, posted))
            })
            .await;
        match result {
            Ok((answer, recorded, posted)) => {
                if posted {
                    self.mailer.notify_one();
                }
                self.after_commit(&recorded).await;
                Ok(answer)
            }
            Err(Error::Replayed(answer)) => Ok(answer),
            Err(error) => Err(error),
        }
    }

    /// The sequencer is woken, and this process's own index takes the change: whoever wrote finds it at once.
    async fn after_commit(&self, recorded: &[(&'static str, Uuid)]) {
        if recorded.is_empty() {
            return;
        }
        self.sequencer.notify_one();
        let listings: Vec<Uuid> =
            recorded.iter().filter(|(entity, _)| *entity == "listing").map(|(_, id)| *id).collect();
        let enterprises: Vec<Uuid> =
            recorded.iter().filter(|(entity, _)| *entity == "enterprise").map(|(_, id)| *id).collect();
        let policy = recorded.iter().any(|(entity, _)| *entity == policies::ENTITY);
        let refreshed = async {
            let mut connection = self.database.get().await?;
            if policy {
                self.refresh_policy(&mut connection).await?;
            }
            let mut theirs = db::listings::list_published_of(&mut connection, &enterprises).await?;
            // Nobody waits for thousands to be read: the event log brings the rest.
            theirs.truncate(INLINE_LISTINGS);
            self.refresh_listings(&mut connection, &[listings.clone(), theirs].concat()).await
        };
        if (policy || !listings.is_empty() || !enterprises.is_empty())
            && let Err(error) = refreshed.await
        {
            tracing::warn!(?error, "the index takes this change from the event log instead");
        }
    }
}
