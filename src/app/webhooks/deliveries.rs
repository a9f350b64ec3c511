//! What was sent to an endpoint: read, sent again, and tried out.

use uuid::Uuid;

use super::{find_own, lock_managed};
use crate::app::{App, Caller, Error, Transaction};
use crate::db;
use crate::db::webhooks::deliveries::NewRow;
use crate::domain::webhook::{WebhookAttempt, WebhookDelivery, WebhookDeliveryStatus, WebhookEndpoint};
use crate::domain::webhook_event::{TEST, test_event};

/// A delivery, with its last attempts.
#[derive(Debug, Clone)]
pub struct History {
    pub delivery: WebhookDelivery,
    /// Newest first.
    pub attempts: Vec<WebhookAttempt>,
}

/// Sends an event that tells of nothing, whatever kinds the endpoint has chosen. One at a time.
pub async fn test(transaction: &mut Transaction<'_>, endpoint_id: Uuid) -> Result<WebhookDelivery, Error> {
    let endpoint = lock_managed(transaction, endpoint_id).await?;
    transaction.once().await?;
    require_enabled(&endpoint)?;
    if db::webhooks::deliveries::waits(transaction.connection, endpoint_id, TEST).await? {
        return Err(Error::conflict("webhook_test_waits", []));
    }
    let (event_id, now) = (Uuid::now_v7(), transaction.now);
    let enterprise_id = endpoint.details.enterprise_id;
    let body = test_event(&transaction.policy.event_source, event_id, endpoint_id, enterprise_id, now);
    let row = NewRow::new(endpoint_id, event_id, TEST, body, now);
    let id = row.id;
    db::webhooks::deliveries::insert_many(transaction.connection, &[row]).await?;
    let made = db::webhooks::deliveries::find(transaction.connection, endpoint_id, id).await?;
    made.ok_or_else(|| Error::Fault("a delivery is gone".to_owned()))
}

/// From the first try, at once: with the same id, so that who has it already can tell.
pub async fn replay(transaction: &mut Transaction<'_>, endpoint_id: Uuid, id: Uuid) -> Result<WebhookDelivery, Error> {
    let endpoint = lock_managed(transaction, endpoint_id).await?;
    let (connection, now) = (&mut *transaction.connection, transaction.now);
    let delivery = db::webhooks::deliveries::lock(connection, endpoint_id, id).await?.ok_or(Error::NotFound)?;
    transaction.once().await?;
    require_enabled(&endpoint)?;
    let under_way = delivery.leased_until.is_some_and(|until| until > now);
    if under_way && delivery.status == WebhookDeliveryStatus::Pending {
        return Err(Error::conflict("webhook_delivery_under_way", []));
    }
    db::webhooks::deliveries::begin_again(transaction.connection, id, now).await?;
    Ok(WebhookDelivery { status: WebhookDeliveryStatus::Pending, due_at: now, ended_at: None, ..delivery })
}

fn require_enabled(endpoint: &WebhookEndpoint) -> Result<(), Error> {
    if endpoint.details.enabled { Ok(()) } else { Err(Error::conflict("webhook_endpoint_disabled", [])) }
}

impl App {
    /// Newest first.
    pub async fn list_webhook_deliveries(
        &self,
        caller: &Caller,
        endpoint_id: Uuid,
        status: Option<WebhookDeliveryStatus>,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<WebhookDelivery>, Error> {
        let mut connection = self.database.get().await?;
        find_own(&mut connection, caller, endpoint_id).await?;
        Ok(db::webhooks::deliveries::list(&mut connection, endpoint_id, status, before, limit).await?)
    }

    pub async fn find_webhook_delivery(&self, caller: &Caller, endpoint_id: Uuid, id: Uuid) -> Result<History, Error> {
        let mut connection = self.database.get().await?;
        find_own(&mut connection, caller, endpoint_id).await?;
        let delivery =
            db::webhooks::deliveries::find(&mut connection, endpoint_id, id).await?.ok_or(Error::NotFound)?;
        let attempts = db::webhooks::deliveries::attempts(&mut connection, id).await?;
        Ok(History { delivery, attempts })
    }
}
