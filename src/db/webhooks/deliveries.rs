//! What became of each event at each endpoint.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::schema::{webhook_attempts, webhook_deliveries};
use crate::db::types::parse_code;
use crate::db::{Connection, Error};
use crate::domain::webhook::{ATTEMPTS_KEPT, WebhookAttempt, WebhookDelivery, WebhookDeliveryStatus};

/// Rows deleted at a time.
const PURGED: i64 = 5000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhook_deliveries)]
struct DeliveryRow {
    id: Uuid,
    endpoint_id: Uuid,
    event_id: Uuid,
    event_type: String,
    body: String,
    status: String,
    attempts: i32,
    created_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    leased_until: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    response_status: Option<i32>,
    error: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhook_attempts)]
struct AttemptRow {
    number: i32,
    at: DateTime<Utc>,
    duration_ms: i32,
    response_status: Option<i32>,
    error: Option<String>,
}

fn status(status: Option<i32>) -> Option<u16> {
    status.and_then(|status| u16::try_from(status).ok())
}

impl TryFrom<DeliveryRow> for WebhookDelivery {
    type Error = Error;

    fn try_from(row: DeliveryRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            endpoint_id: row.endpoint_id,
            event_id: row.event_id,
            event_type: row.event_type,
            body: row.body,
            status: parse_code(&row.status)?,
            attempts: row.attempts,
            created_at: row.created_at,
            due_at: row.due_at,
            leased_until: row.leased_until,
            ended_at: row.ended_at,
            response_status: status(row.response_status),
            error: row.error.as_deref().map(parse_code).transpose()?,
        })
    }
}

impl TryFrom<AttemptRow> for WebhookAttempt {
    type Error = Error;

    fn try_from(row: AttemptRow) -> Result<Self, Error> {
        let AttemptRow { number, at, duration_ms, response_status, error } = row;
        let error = error.as_deref().map(parse_code).transpose()?;
        Ok(Self { number, at, duration_ms, response_status: status(response_status), error })
    }
}

/// An event for an endpoint, to be sent at once.
#[derive(Insertable)]
#[diesel(table_name = webhook_deliveries)]
pub struct NewRow {
    pub id: Uuid,
    pub endpoint_id: Uuid,
    pub event_id: Uuid,
    pub event_type: String,
    pub body: String,
    pub status: &'static str,
    pub attempts: i32,
    pub tries: i32,
    pub created_at: DateTime<Utc>,
    pub began_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
}

impl NewRow {
    pub fn new(endpoint_id: Uuid, event_id: Uuid, event_type: &str, body: String, now: DateTime<Utc>) -> Self {
        let (id, status) = (Uuid::now_v7(), WebhookDeliveryStatus::Pending.into());
        let event_type = event_type.to_owned();
        let (created_at, began_at, due_at) = (now, now, now);
        Self {
            id,
            endpoint_id,
            event_id,
            event_type,
            body,
            status,
            attempts: 0,
            tries: 0,
            created_at,
            began_at,
            due_at,
        }
    }
}

/// An event that an endpoint has already stays as it is.
pub async fn insert_many(connection: &mut Connection, rows: &[NewRow]) -> Result<(), Error> {
    // A statement takes 65,535 parameters.
    for rows in rows.chunks(1000) {
        let inserting = diesel::insert_into(webhook_deliveries::table).values(rows);
        inserting.on_conflict_do_nothing().execute(connection).await?;
    }
    Ok(())
}

/// Newest first.
pub async fn list(
    connection: &mut Connection,
    endpoint: Uuid,
    status: Option<WebhookDeliveryStatus>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<WebhookDelivery>, Error> {
    let mut query = webhook_deliveries::table.filter(webhook_deliveries::endpoint_id.eq(endpoint)).into_boxed();
    if let Some(status) = status {
        query = query.filter(webhook_deliveries::status.eq(<&str>::from(status)));
    }
    if let Some(before) = before {
        query = query.filter(webhook_deliveries::id.lt(before));
    }
    let rows = query.order(webhook_deliveries::id.desc()).limit(limit).select(DeliveryRow::as_select());
    rows.load(connection).await?.into_iter().map(WebhookDelivery::try_from).collect()
}

pub async fn find(connection: &mut Connection, endpoint: Uuid, id: Uuid) -> Result<Option<WebhookDelivery>, Error> {
    let row = webhook_deliveries::table.find(id).filter(webhook_deliveries::endpoint_id.eq(endpoint));
    let row = row.select(DeliveryRow::as_select()).first(connection).await.optional()?;
    row.map(WebhookDelivery::try_from).transpose()
}

/// The same, with the row locked until the transaction ends.
pub async fn lock(connection: &mut Connection, endpoint: Uuid, id: Uuid) -> Result<Option<WebhookDelivery>, Error> {
    let row = webhook_deliveries::table.find(id).filter(webhook_deliveries::endpoint_id.eq(endpoint));
    let row = row.select(DeliveryRow::as_select()).for_no_key_update().first(connection).await.optional()?;
    row.map(WebhookDelivery::try_from).transpose()
}

/// Newest first.
pub async fn attempts(connection: &mut Connection, id: Uuid) -> Result<Vec<WebhookAttempt>, Error> {
    let rows = webhook_attempts::table.filter(webhook_attempts::delivery_id.eq(id));
    let rows = rows.order(webhook_attempts::number.desc()).limit(ATTEMPTS_KEPT.into()).select(AttemptRow::as_select());
    rows.load(connection).await?.into_iter().map(WebhookAttempt::try_from).collect()
}

/// Whether a delivery of this kind waits there.
pub async fn waits(connection: &mut Connection, endpoint: Uuid, event_type: &str) -> Result<bool, Error> {
    let waiting = webhook_deliveries::table
        .filter(webhook_deliveries::endpoint_id.eq(endpoint).and(webhook_deliveries::event_type.eq(event_type)))
        .filter(webhook_deliveries::status.eq(<&str>::from(WebhookDeliveryStatus::Pending)));
    Ok(diesel::select(diesel::dsl::exists(waiting)).get_result(connection).await?)
}

/// From the first try, at once.
pub async fn begin_again(connection: &mut Connection, id: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    diesel::update(webhook_deliveries::table.find(id))
        .set((
            webhook_deliveries::status.eq(<&str>::from(WebhookDeliveryStatus::Pending)),
            webhook_deliveries::tries.eq(0),
            webhook_deliveries::began_at.eq(now),
            webhook_deliveries::due_at.eq(now),
            webhook_deliveries::ended_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets what began before then; returns whether there may be more.
pub async fn purge(connection: &mut Connection, before: DateTime<Utc>) -> Result<bool, Error> {
    let old = webhook_deliveries::table.filter(webhook_deliveries::began_at.lt(before)).limit(PURGED);
    let old: Vec<Uuid> = old.select(webhook_deliveries::id).load(connection).await?;
    diesel::delete(webhook_deliveries::table.filter(webhook_deliveries::id.eq_any(&old))).execute(connection).await?;
    Ok(!old.is_empty())
}
