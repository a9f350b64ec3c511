//! The event log as auditors read it: events with their details, whether they still hold, and erasing details.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::events::EventRow;
use super::schema::{audit_details, events};
use super::{Connection, Error};
use crate::domain::event::{Author, Detail, Event};

pub(super) mod details;
mod people;
mod verify;

pub use details::{Erasure, erase};
pub use people::{listings_of, members, officials};
pub use verify::{ERASURE, Fault, Walk};

/// An event with all that is kept of it.
#[derive(Debug, Clone)]
pub struct Entry {
    pub event: Event,
    /// Chained to the event before.
    pub hash: Vec<u8>,
    pub by: Author,
    pub detail: Detail,
    /// When the detail was erased.
    pub erased_at: Option<DateTime<Utc>>,
}

/// Which events.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub actor: Option<Uuid>,
    pub entity: Option<String>,
    pub id: Option<Uuid>,
    pub event_type: Option<String>,
    /// From then on.
    pub since: Option<DateTime<Utc>>,
    /// Before then.
    pub until: Option<DateTime<Utc>>,
    /// Older than this position.
    pub before: Option<i64>,
}

/// Newest first.
pub async fn list(connection: &mut Connection, filter: &Filter, limit: i64) -> Result<Vec<Entry>, Error> {
    let mut query = events::table.into_boxed();
    if let Some(actor) = filter.actor {
        query = query.filter(events::actor.eq(actor));
    }
    if let Some(entity) = &filter.entity {
        query = query.filter(events::entity.eq(entity));
    }
    if let Some(id) = filter.id {
        query = query.filter(events::entity_id.eq(id));
    }
    if let Some(event_type) = &filter.event_type {
        query = query.filter(events::event_type.eq(event_type));
    }
    if let Some(since) = filter.since {
        query = query.filter(events::at.ge(since));
    }
    if let Some(until) = filter.until {
        query = query.filter(events::at.lt(until));
    }
    if let Some(before) = filter.before {
        query = query.filter(events::seq.lt(before));
    }
    let rows = query.order(events::seq.desc()).limit(limit).select(EventRow::as_select()).load(connection).await?;
    with_details(connection, rows).await
}

/// What happened to an enterprise and its listings, and what it was told of, newest first. Nothing meant for staff alone.
pub async fn list_of_enterprise(
    connection: &mut Connection,
    id: Uuid,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Entry>, Error> {
    #[derive(QueryableByName)]
    struct Position {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        seq: i64,
    }
    let finding = diesel::sql_query(
        "(SELECT seq FROM events WHERE entity_id = $1 AND seq < $2 AND audience <> 'staff' ORDER BY seq DESC LIMIT $3)
         UNION
         (SELECT seq FROM events e JOIN listings l ON e.entity_id = l.id
             WHERE l.enterprise_id = $1 AND seq < $2 AND audience <> 'staff' ORDER BY seq DESC LIMIT $3)
         UNION
         (SELECT seq FROM events WHERE enterprise_ids <> '{}' AND enterprise_ids @> ARRAY[$1] AND seq < $2
             ORDER BY seq DESC LIMIT $3)
         ORDER BY seq DESC LIMIT $3",
    );
    let positions: Vec<Position> = finding
        .bind::<diesel::sql_types::Uuid, _>(id)
        .bind::<diesel::sql_types::BigInt, _>(before.unwrap_or(i64::MAX))
        .bind::<diesel::sql_types::BigInt, _>(limit)
        .load(connection)
        .await?;
    let positions: Vec<i64> = positions.into_iter().map(|row| row.seq).collect();
    let rows = events::table.filter(events::seq.eq_any(positions)).order(events::seq.desc());
    let rows = rows.select(EventRow::as_select()).load(connection).await?;
    with_details(connection, rows).await
}

async fn with_details(connection: &mut Connection, rows: Vec<EventRow>) -> Result<Vec<Entry>, Error> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.event_id).collect();
    let kept: Vec<details::DetailRow> = audit_details::table
        .filter(audit_details::event_id.eq_any(&ids))
        .select(details::DetailRow::as_select())
        .load(connection)
        .await?;
    let entry = |row: EventRow| {
        let (hash, detail) = (row.hash.clone(), kept.iter().find(|detail| detail.event_id == row.event_id).cloned());
        let mut by = Author::from(row.actor);
        let (mut shown, mut erased_at) = (Detail::default(), None);
        if let Some(detail) = detail {
            let read = |text: Option<String>| text.and_then(|text| serde_json::from_str::<Value>(&text).ok());
            (by.app_id, by.address, by.request_id) = (detail.app_id, detail.address, detail.request_id);
            (by.how, erased_at) = (detail.how, detail.erased_at);
            shown = Detail { before: read(detail.before), after: read(detail.after) };
        }
        Entry { event: row.into(), hash, by, detail: shown, erased_at }
    };
    Ok(rows.into_iter().map(entry).collect())
}
