//! Endpoints at which an enterprise is told of its events: made, changed, given new secrets. A secret is shown once and kept
//! encrypted. `fan_out` makes deliveries of the event log, `sending` hands them to `outgoing`.

pub mod deliveries;
mod fan_out;
pub mod sending;
pub mod targets;

use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use uuid::Uuid;

use super::enterprises::changed_fields;
use super::{App, Caller, Error, Transaction, access, notifications};
use crate::db::{self, Connection};
use crate::domain::event::{Audience, Author, Detail, NewEvent};
use crate::domain::notification::{NotificationKind, NotificationParams, WebhookParams};
use crate::domain::violation::Violations;
use crate::domain::webhook::{NewWebhookEndpoint, WebhookEndpoint, WebhookStopReason};
use crate::domain::webhook_signature::{SECRET_BYTES, shown};
use crate::domain::webhook_target::{Reach, Target};

/// Of one enterprise.
const MOST: i64 = 10;
/// The former secret signs beside a new one for so long.
const OVERLAP: Duration = Duration::hours(24);
const PURPOSE: &str = "webhook-secret-1";

/// An endpoint, with its secret where that is shown.
#[derive(Debug, Clone)]
pub struct Shown {
    pub endpoint: WebhookEndpoint,
    pub secret: Option<String>,
}

/// `reached` is what [`targets::check`] says of the URL. An answer that is lost is lost: the endpoint can be deleted, and another
/// made.
pub async fn create(
    transaction: &mut Transaction<'_>,
    wanted: Result<NewWebhookEndpoint, Violations>,
    reached: Result<(), Violations>,
) -> Result<Shown, Error> {
    let details = wanted?;
    // Locked, so that no two at once pass the bound.
    access::lock_open(transaction.connection, &transaction.caller, details.enterprise_id).await?;
    let details = valid(details, reached)?;
    if db::webhooks::count(transaction.connection, details.enterprise_id).await? >= MOST {
        return Err(Error::conflict("too_many_webhook_endpoints", [("maximum", MOST.to_string())]));
    }
    let now = transaction.now;
    let endpoint = WebhookEndpoint {
        id: Uuid::now_v7(),
        details,
        enabled_at: now,
        stopped: None,
        last_success_at: None,
        former_until: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let (secret, sealed) = new_secret(transaction, endpoint.id)?;
    db::webhooks::insert(transaction.connection, &endpoint, &sealed).await?;
    let detail = Detail::created(&endpoint.details);
    transaction.record(event("webhook_endpoint.created", &endpoint, &[], detail)).await?;
    Ok(Shown { endpoint, secret: Some(secret) })
}

/// `change` turns the present into the wanted. Enabled anew, it is told of what happens from then on, and of what waited.
pub async fn update(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    change: impl FnOnce(&NewWebhookEndpoint) -> Result<NewWebhookEndpoint, Violations>,
    reached: Result<(), Violations>,
) -> Result<WebhookEndpoint, Error> {
    let mut endpoint = lock_managed(transaction, id).await?;
    transaction.once().await?;
    transaction.expect_version(endpoint.version)?;
    let present = endpoint.details.clone();
    let wanted = valid(change(&present)?, reached)?;
    if wanted.enterprise_id != present.enterprise_id {
        return Err(Violations::one("/enterprise_id", "immutable").into());
    }
    if wanted == present {
        return Ok(endpoint);
    }
    if wanted.enabled && !present.enabled {
        (endpoint.enabled_at, endpoint.stopped) = (transaction.now, None);
    }
    let (fields, detail) = (changed_fields(&present, &wanted), Detail::changed(&present, &wanted));
    let (version, updated_at) = (endpoint.version + 1, transaction.now);
    let endpoint = WebhookEndpoint { details: wanted, version, updated_at, ..endpoint };
    db::webhooks::update(transaction.connection, &endpoint).await?;
    transaction.record(event("webhook_endpoint.updated", &endpoint, &fields, detail)).await?;
    Ok(endpoint)
}

/// Every fault at once.
fn valid(details: NewWebhookEndpoint, reached: Result<(), Violations>) -> Result<NewWebhookEndpoint, Violations> {
    match (details.checked(), reached) {
        (Err(mut faults), Err(more)) => {
            faults.extend(more);
            Err(faults)
        }
        (details, reached) => reached.and(details),
    }
}

/// Nothing is sent to it any more; what was is forgotten.
pub async fn delete(transaction: &mut Transaction<'_>, id: Uuid) -> Result<(), Error> {
    let endpoint = lock_managed(transaction, id).await?;
    transaction.once().await?;
    transaction.expect_version(endpoint.version)?;
    db::webhooks::delete(transaction.connection, id).await?;
    let detail = Detail::deleted(&endpoint.details);
    let endpoint = WebhookEndpoint { version: endpoint.version + 1, ..endpoint };
    transaction.record(event("webhook_endpoint.deleted", &endpoint, &[], detail)).await
}

/// A new secret. The one there was signs beside it for a day; one before that no longer.
pub async fn rotate_secret(transaction: &mut Transaction<'_>, id: Uuid) -> Result<Shown, Error> {
    let endpoint = lock_managed(transaction, id).await?;
    let (secret, sealed) = new_secret(transaction, id)?;
    let (version, updated_at) = (endpoint.version + 1, transaction.now);
    let former_until = Some(transaction.now + OVERLAP);
    let endpoint = WebhookEndpoint { former_until, version, updated_at, ..endpoint };
    db::webhooks::rotate(transaction.connection, &endpoint, &sealed).await?;
    transaction
        .record(event("webhook_endpoint.secret_rotated", &endpoint, &["secret".to_owned()], Detail::default()))
        .await?;
    Ok(Shown { endpoint, secret: Some(secret) })
}

fn new_secret(transaction: &Transaction<'_>, endpoint: Uuid) -> Result<(String, Vec<u8>), Error> {
    let secret: [u8; SECRET_BYTES] = rand::random();
    let sealed = transaction.secrets.seal(PURPOSE, endpoint.as_bytes(), &secret)?;
    Ok((shown(&secret), sealed))
}

/// By the program. Its enterprise is told.
async fn stop(
    connection: &mut Connection,
    endpoint: WebhookEndpoint,
    reason: WebhookStopReason,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let was = json!({ "enabled": true });
    let detail = Detail::changed(&was, &json!({ "enabled": false, "stop_reason": reason }));
    let details = NewWebhookEndpoint { enabled: false, ..endpoint.details };
    let (stopped, version, updated_at) = (Some((reason, now)), endpoint.version + 1, now);
    let endpoint = WebhookEndpoint { details, stopped, version, updated_at, ..endpoint };
    db::webhooks::update(connection, &endpoint).await?;
    let disabled = event("webhook_endpoint.disabled", &endpoint, &["enabled".to_owned()], detail);
    db::events::append(connection, disabled, Author::system("job:webhooks"), now).await?;
    // Its path may hold a secret of the receiver's.
    let host = Target::parse(&endpoint.details.url, Reach::Loopback).ok();
    let host = host.and_then(|target| target.url.host_str().map(str::to_owned)).unwrap_or_default();
    let params = NotificationParams::Webhook(WebhookParams { webhook_endpoint_id: endpoint.id, host, reason });
    let kind = NotificationKind::WebhookEndpointDisabled;
    notifications::tell(connection, &[endpoint.details.enterprise_id], kind, &params, now).await
}

fn event(event_type: &'static str, endpoint: &WebhookEndpoint, fields: &[String], detail: Detail) -> NewEvent {
    NewEvent {
        event_type,
        entity: "webhook_endpoint",
        entity_id: endpoint.id,
        version: endpoint.version,
        audience: Audience::Enterprises(vec![endpoint.details.enterprise_id]),
        changed: json!({ "fields": fields }),
        detail,
    }
}

/// The endpoint, if the caller may do this with it. Who acts for another enterprise does not learn that it exists.
async fn lock_managed(transaction: &mut Transaction<'_>, id: Uuid) -> Result<WebhookEndpoint, Error> {
    let endpoint = db::webhooks::lock(transaction.connection, id).await?.ok_or(Error::NotFound)?;
    require(transaction.connection, &transaction.caller, &endpoint).await?;
    Ok(endpoint)
}

async fn require(connection: &mut Connection, caller: &Caller, endpoint: &WebhookEndpoint) -> Result<(), Error> {
    let role = access::role_in(connection, caller, endpoint.details.enterprise_id).await?;
    caller.require(Some(role.ok_or(Error::NotFound)?))
}

async fn find_own(connection: &mut Connection, caller: &Caller, id: Uuid) -> Result<WebhookEndpoint, Error> {
    let endpoint = db::webhooks::find(connection, id).await?.ok_or(Error::NotFound)?;
    require(connection, caller, &endpoint).await?;
    Ok(endpoint)
}

impl App {
    pub async fn find_webhook_endpoint(&self, caller: &Caller, id: Uuid) -> Result<WebhookEndpoint, Error> {
        let mut connection = self.database.get().await?;
        find_own(&mut connection, caller, id).await
    }

    /// Those of the enterprises the caller is a member of.
    pub async fn list_webhook_endpoints(
        &self,
        caller: &Caller,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<WebhookEndpoint>, Error> {
        let mut connection = self.database.get().await?;
        Ok(db::webhooks::list_of_member(&mut connection, caller.account_id, after, limit).await?)
    }
}
