//! What enterprises are told.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::schema::notifications;
use super::types::parse_code;
use super::{Connection, Error};
use crate::domain::notification::Notification;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = notifications)]
struct NotificationRow {
    id: Uuid,
    enterprise_id: Uuid,
    kind: String,
    params: Value,
    created_at: DateTime<Utc>,
    read_at: Option<DateTime<Utc>>,
}

impl TryFrom<NotificationRow> for Notification {
    type Error = Error;

    fn try_from(row: NotificationRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            enterprise_id: row.enterprise_id,
            kind: parse_code(&row.kind)?,
            params: serde_json::from_value(row.params)
                .map_err(|error| Error::Fault(format!("notification {}: {error}", row.id)))?,
            created_at: row.created_at,
            read_at: row.read_at,
        })
    }
}

pub async fn insert_many(connection: &mut Connection, notifications: &[Notification]) -> Result<(), Error> {
    let row = |notification: &Notification| {
        Ok(NotificationRow {
            id: notification.id,
            enterprise_id: notification.enterprise_id,
            kind: <&str>::from(notification.kind).to_owned(),
            params: serde_json::to_value(&notification.params).map_err(|error| Error::Fault(error.to_string()))?,
            created_at: notification.created_at,
            read_at: notification.read_at,
        })
    };
    let rows = notifications.iter().map(row).collect::<Result<Vec<_>, Error>>()?;
    diesel::insert_into(notifications::table).values(rows).execute(connection).await?;
    Ok(())
}

/// How many each of the enterprises has got since then.
pub async fn count_since(
    connection: &mut Connection,
    enterprises: &[Uuid],
    since: DateTime<Utc>,
) -> Result<HashMap<Uuid, usize>, Error> {
    let recent = notifications::table
        .filter(notifications::enterprise_id.eq_any(enterprises).and(notifications::created_at.gt(since)))
        .group_by(notifications::enterprise_id);
    let counts: Vec<(Uuid, i64)> =
        recent.select((notifications::enterprise_id, diesel::dsl::count_star())).load(connection).await?;
    Ok(counts.into_iter().map(|(id, count)| (id, usize::try_from(count).unwrap_or(usize::MAX))).collect())
}

/// Newest first.
pub async fn list(
    connection: &mut Connection,
    enterprises: &[Uuid],
    unread: Option<bool>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Notification>, Error> {
    let mut query = notifications::table.filter(notifications::enterprise_id.eq_any(enterprises)).into_boxed();
    query = match unread {
        Some(true) => query.filter(notifications::read_at.is_null()),
        Some(false) => query.filter(notifications::read_at.is_not_null()),
        None => query,
    };
    if let Some(before) = before {
        query = query.filter(notifications::id.lt(before));
    }
    let rows = query.order(notifications::id.desc()).limit(limit).select(NotificationRow::as_select());
    rows.load(connection).await?.into_iter().map(Notification::try_from).collect()
}

/// Marks it as read, unless it is already; `None` where it is not of these enterprises.
pub async fn mark_read(
    connection: &mut Connection,
    id: Uuid,
    enterprises: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Option<Notification>, Error> {
    let own = notifications::table.find(id).filter(notifications::enterprise_id.eq_any(enterprises));
    let row: Option<NotificationRow> =
        own.select(NotificationRow::as_select()).for_no_key_update().first(connection).await.optional()?;
    let Some(mut row) = row else { return Ok(None) };
    if row.read_at.is_none() {
        row.read_at = Some(now);
        diesel::update(notifications::table.find(id)).set(notifications::read_at.eq(now)).execute(connection).await?;
    }
    row.try_into().map(Some)
}
