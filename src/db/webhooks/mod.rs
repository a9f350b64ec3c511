//! Endpoints of enterprises for webhooks, with their secrets, which are opaque here.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::{listings, memberships, webhook_endpoints};
use super::types::{codes, parse_code, parse_codes};
use super::{Connection, Error};
use crate::domain::webhook::{NewWebhookEndpoint, WebhookEndpoint, WebhookStopReason};

pub mod deliveries;
pub mod sending;

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhook_endpoints)]
struct EndpointRow {
    id: Uuid,
    enterprise_id: Uuid,
    url: String,
    description: Option<String>,
    event_types: Vec<String>,
    enabled: bool,
    enabled_at: DateTime<Utc>,
    stop_reason: Option<String>,
    stopped_at: Option<DateTime<Utc>>,
    last_success_at: Option<DateTime<Utc>>,
    former_until: Option<DateTime<Utc>>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<EndpointRow> for WebhookEndpoint {
    type Error = Error;

    fn try_from(row: EndpointRow) -> Result<Self, Error> {
        let EndpointRow { enterprise_id, url, description, enabled, .. } = row;
        let event_types = parse_codes(&row.event_types)?;
        let reason: Option<WebhookStopReason> = row.stop_reason.as_deref().map(parse_code).transpose()?;
        Ok(Self {
            id: row.id,
            details: NewWebhookEndpoint { enterprise_id, url, description, event_types, enabled },
            enabled_at: row.enabled_at,
            stopped: reason.zip(row.stopped_at),
            last_success_at: row.last_success_at,
            former_until: row.former_until,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

pub async fn insert(connection: &mut Connection, endpoint: &WebhookEndpoint, sealed: &[u8]) -> Result<(), Error> {
    let details = &endpoint.details;
    diesel::insert_into(webhook_endpoints::table)
        .values((
            webhook_endpoints::id.eq(endpoint.id),
            webhook_endpoints::enterprise_id.eq(details.enterprise_id),
            webhook_endpoints::url.eq(&details.url),
            webhook_endpoints::description.eq(&details.description),
            webhook_endpoints::event_types.eq(codes(&details.event_types)),
            webhook_endpoints::enabled.eq(details.enabled),
            webhook_endpoints::enabled_at.eq(endpoint.enabled_at),
            webhook_endpoints::sealed_secret.eq(sealed),
            webhook_endpoints::version.eq(endpoint.version),
            webhook_endpoints::created_at.eq(endpoint.created_at),
            webhook_endpoints::updated_at.eq(endpoint.updated_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes what can change, with version and time of change; secrets are not among it.
pub async fn update(connection: &mut Connection, endpoint: &WebhookEndpoint) -> Result<(), Error> {
    let details = &endpoint.details;
    diesel::update(webhook_endpoints::table.find(endpoint.id))
        .set((
            webhook_endpoints::url.eq(&details.url),
            webhook_endpoints::description.eq(&details.description),
            webhook_endpoints::event_types.eq(codes(&details.event_types)),
            webhook_endpoints::enabled.eq(details.enabled),
            webhook_endpoints::enabled_at.eq(endpoint.enabled_at),
            webhook_endpoints::stop_reason.eq(endpoint.stopped.map(|(reason, _)| <&str>::from(reason))),
            webhook_endpoints::stopped_at.eq(endpoint.stopped.map(|(_, at)| at)),
            webhook_endpoints::version.eq(endpoint.version),
            webhook_endpoints::updated_at.eq(endpoint.updated_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// A new secret; the one there was is kept until `former_until`.
pub async fn rotate(connection: &mut Connection, endpoint: &WebhookEndpoint, sealed: &[u8]) -> Result<(), Error> {
    diesel::update(webhook_endpoints::table.find(endpoint.id))
        .set((
            webhook_endpoints::sealed_former.eq(webhook_endpoints::sealed_secret.nullable()),
            webhook_endpoints::former_until.eq(endpoint.former_until),
            webhook_endpoints::sealed_secret.eq(sealed),
            webhook_endpoints::version.eq(endpoint.version),
            webhook_endpoints::updated_at.eq(endpoint.updated_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// With everything that was sent to it.
pub async fn delete(connection: &mut Connection, id: Uuid) -> Result<(), Error> {
    diesel::delete(webhook_endpoints::table.find(id)).execute(connection).await?;
    Ok(())
}

pub async fn set_success(connection: &mut Connection, id: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
    diesel::update(webhook_endpoints::table.find(id))
        .set(webhook_endpoints::last_success_at.eq(at))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<WebhookEndpoint>, Error> {
    let row = webhook_endpoints::table.find(id).select(EndpointRow::as_select());
    row.first(connection).await.optional()?.map(WebhookEndpoint::try_from).transpose()
}

/// The same, with the row locked until the transaction ends.
pub async fn lock(connection: &mut Connection, id: Uuid) -> Result<Option<WebhookEndpoint>, Error> {
    let row = webhook_endpoints::table.find(id).select(EndpointRow::as_select()).for_no_key_update();
    row.first(connection).await.optional()?.map(WebhookEndpoint::try_from).transpose()
}

/// The lock alone, whatever stands in the row. False where there is none.
pub async fn hold(connection: &mut Connection, id: Uuid) -> Result<bool, Error> {
    let row = webhook_endpoints::table.find(id).select(webhook_endpoints::id).for_no_key_update();
    Ok(row.first::<Uuid>(connection).await.optional()?.is_some())
}

/// Of the enterprises the account is a member of, oldest first.
pub async fn list_of_member(
    connection: &mut Connection,
    account: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<WebhookEndpoint>, Error> {
    let own = memberships::table.filter(memberships::account_id.eq(account)).select(memberships::enterprise_id);
    let rows = webhook_endpoints::table
        .filter(webhook_endpoints::enterprise_id.eq_any(own))
        .filter(webhook_endpoints::id.gt(after.unwrap_or_default()))
        .order(webhook_endpoints::id)
        .limit(limit)
        .select(EndpointRow::as_select());
    rows.load(connection).await?.into_iter().map(WebhookEndpoint::try_from).collect()
}

pub async fn count(connection: &mut Connection, enterprise: Uuid) -> Result<i64, Error> {
    let own = webhook_endpoints::table.filter(webhook_endpoints::enterprise_id.eq(enterprise));
    Ok(own.count().get_result(connection).await?)
}

/// Who is told of what. Kinds are as they stand in the row: one that this version does not know, of a later one beside it, matches
/// nothing and stops nothing.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = webhook_endpoints)]
pub struct Listener {
    pub id: Uuid,
    pub enterprise_id: Uuid,
    pub event_types: Vec<String>,
    pub created_at: DateTime<Utc>,
}

/// Those that want to be told of anything.
pub async fn list_enabled(connection: &mut Connection, enterprises: &[Uuid]) -> Result<Vec<Listener>, Error> {
    let rows = webhook_endpoints::table
        .filter(webhook_endpoints::enterprise_id.eq_any(enterprises).and(webhook_endpoints::enabled))
        .order(webhook_endpoints::id)
        .select(Listener::as_select());
    Ok(rows.load(connection).await?)
}

/// Whose listings these are.
pub async fn owners_of_listings(connection: &mut Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Uuid>, Error> {
    let rows = listings::table.filter(listings::id.eq_any(ids)).select((listings::id, listings::enterprise_id));
    let rows: Vec<(Uuid, Uuid)> = rows.load(connection).await?;
    Ok(rows.into_iter().collect())
}
