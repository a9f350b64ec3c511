//! Deliveries on their way: taken, handed to `outgoing` without a connection being held, and written down.

use chrono::{DateTime, Duration, SubsecRound, Utc};
use uuid::Uuid;

use super::{PURPOSE, stop};
use crate::app::{App, Error};
use crate::db;
use crate::db::webhooks::deliveries;
use crate::db::webhooks::sending::{Next, Taken, finish, take};
use crate::domain::webhook::{MOST_TRIES, WebhookAttempt, WebhookError, WebhookStopReason, pause_after};
use crate::domain::webhook_signature::signatures;

/// How long a process may take for an attempt before others try.
const LEASE: Duration = Duration::minutes(1);
/// What was sent, and what became of it, is kept this long.
pub const RETENTION: Duration = Duration::days(30);

/// A delivery to be sent.
pub struct Sending {
    taken: Taken,
    /// The secret, and the one before while that signs too. None that can be read: nothing is sent.
    secrets: Vec<Vec<u8>>,
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    pub at: DateTime<Utc>,
    pub duration_ms: i32,
    pub response_status: Option<u16>,
    pub error: Option<WebhookError>,
}

impl Sending {
    pub fn url(&self) -> &str {
        &self.taken.url
    }

    pub fn body(&self) -> &str {
        &self.taken.body
    }

    /// `webhook-id`: the event's, the same at every attempt and replay.
    pub fn event_id(&self) -> Uuid {
        self.taken.event_id
    }

    /// `webhook-signature`; none where the secret cannot be read.
    pub fn signature(&self, at: DateTime<Utc>) -> Option<String> {
        let id = self.taken.event_id.to_string();
        (!self.secrets.is_empty()).then(|| signatures(&self.secrets, &id, at.timestamp(), &self.taken.body))
    }
}

impl App {
    /// What is due now, for [`App::webhook_attempted`] to follow for each.
    pub async fn take_webhook_deliveries(&self, limit: usize) -> Result<Vec<Sending>, Error> {
        let now = Utc::now().trunc_subsecs(6);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let taken = self
            .database
            .transaction(async |connection| take(connection, now, now + LEASE, MOST_TRIES, limit).await)
            .await?;
        Ok(taken.into_iter().map(|taken| Sending { secrets: self.open_secrets(&taken, now), taken }).collect())
    }

    fn open_secrets(&self, taken: &Taken, now: DateTime<Utc>) -> Vec<Vec<u8>> {
        let former = taken.sealed_former.as_ref().filter(|_| taken.former_until.is_some_and(|until| now < until));
        let sealed = [Some(&taken.sealed_secret), former];
        let open = |sealed: &Vec<u8>| self.secrets.open(PURPOSE, taken.endpoint_id.as_bytes(), sealed);
        sealed.into_iter().flatten().filter_map(open).collect()
    }

    /// Writes down what came of it: puts it off, ends it, and disables an endpoint that is gone or has failed for days.
    pub async fn webhook_attempted(&self, sending: &Sending, outcome: Outcome) -> Result<(), Error> {
        let (taken, now) = (&sending.taken, Utc::now().trunc_subsecs(6));
        let Outcome { at, duration_ms, response_status, error } = outcome;
        let attempt = WebhookAttempt { number: taken.attempts, at, duration_ms, response_status, error };
        let next = match error {
            None => Next::Succeeded,
            Some(WebhookError::Gone) => Next::Failed,
            Some(_) => pause_after(taken.tries, rand::random()).map_or(Next::Failed, |pause| Next::At(now + pause)),
        };
        let stopped = self
            .database
            .transaction(async |connection| {
                // Before its deliveries, as everybody locks them.
                if !db::webhooks::hold(connection, taken.endpoint_id).await? {
                    return Ok(false);
                }
                if next == Next::Succeeded {
                    db::webhooks::set_success(connection, taken.endpoint_id, now).await?;
                }
                if !finish(connection, taken.id, &attempt, next, now).await? || next != Next::Failed {
                    return Ok(false);
                }
                let endpoint = db::webhooks::lock(connection, taken.endpoint_id).await?;
                // What another address answered says nothing of the one that stands there now.
                let Some(endpoint) = endpoint.filter(|endpoint| endpoint.details.url == taken.url) else {
                    return Ok(false);
                };
                let reason = match error {
                    Some(WebhookError::Gone) if endpoint.details.enabled => WebhookStopReason::Gone,
                    _ if endpoint.has_failed_since(taken.began_at) => WebhookStopReason::Failing,
                    _ => return Ok(false),
                };
                stop(connection, endpoint, reason, now).await?;
                Ok::<_, Error>(true)
            })
            .await?;
        if stopped {
            self.sequencer.notify_one();
        }
        Ok(())
    }

    /// Forgets deliveries past their time.
    pub async fn purge_webhook_deliveries(&self) -> Result<(), Error> {
        let mut connection = self.database.get().await?;
        let before = Utc::now() - RETENTION;
        while deliveries::purge(&mut connection, before).await? {}
        Ok(())
    }
}
