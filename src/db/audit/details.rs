//! Details of events: who asked from where, and what stood before and after. They can be erased, and nothing else.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::db::schema::audit_details;
use crate::db::{Connection, Error};
use crate::domain::event::{Author, Detail};

/// Stands where a text is too long to keep.
const LONGEST: usize = 200_000;

#[derive(Queryable, Selectable, Insertable, Clone)]
#[diesel(table_name = audit_details)]
pub(in crate::db) struct DetailRow {
    pub event_id: Uuid,
    pub address: Option<String>,
    pub request_id: Option<String>,
    pub app_id: Option<Uuid>,
    pub how: Option<String>,
    pub before: Option<String>,
    pub after: Option<String>,
    pub salt: Option<Vec<u8>>,
    pub erased_at: Option<DateTime<Utc>>,
    pub erasure_id: Option<Uuid>,
}

impl DetailRow {
    /// Salted, so that what was erased cannot be found again by trying.
    pub fn digest(&self) -> Vec<u8> {
        let content =
            json!([self.event_id, self.address, self.request_id, self.app_id, self.how, self.before, self.after]);
        let salt = self.salt.as_deref().unwrap_or_default();
        Sha256::new().chain_update(salt).chain_update(content.to_string()).finalize().to_vec()
    }
}

/// Keeps the detail of an event and returns its digest; `None` where there is nothing to tell.
pub(in crate::db) async fn insert(
    connection: &mut Connection,
    event_id: Uuid,
    by: Author,
    detail: Detail,
) -> Result<Option<Vec<u8>>, Error> {
    let Author { account_id: _, app_id, address, request_id, how } = by;
    let (before, after) = (detail.before.map(text), detail.after.map(text));
    let named = [&address, &request_id, &how, &before, &after];
    if app_id.is_none() && named.iter().all(|part| part.is_none()) {
        return Ok(None);
    }
    let salt = Some(rand::random::<[u8; 32]>().to_vec());
    let (erased_at, erasure_id) = (None, None);
    let row = DetailRow { event_id, address, request_id, app_id, how, before, after, salt, erased_at, erasure_id };
    let digest = row.digest();
    diesel::insert_into(audit_details::table).values(row).execute(connection).await?;
    Ok(Some(digest))
}

fn text(value: Value) -> String {
    let text = value.to_string();
    if text.len() <= LONGEST { text } else { json!({ "omitted_bytes": text.len() }).to_string() }
}

/// Whose details are to go, and where else they may be named.
pub struct Erasure<'a> {
    pub account_id: Uuid,
    /// Enterprises the person acted for: what was written of these may name them.
    pub enterprises: &'a [Uuid],
    /// Address, number and name.
    pub marks: &'a [String],
    /// The event that tells of it.
    pub event_id: Uuid,
    pub at: DateTime<Utc>,
}

/// Erases what the account did and what was done to it, and what names it among the details of its enterprises; returns how
/// many. Run before its own event is written, which keeps its detail's place empty.
pub async fn erase(connection: &mut Connection, erasure: &Erasure<'_>) -> Result<usize, Error> {
    let erasing = diesel::sql_query(
        "WITH known AS (
             SELECT event_id, entity, entity_id, actor FROM events WHERE actor = $1 OR entity_id = $1
                 OR (entity = 'enterprise' AND entity_id = ANY ($2))
             UNION ALL
             SELECT event_id, entity, entity_id, actor FROM events_pending WHERE actor = $1 OR entity_id = $1
                 OR (entity = 'enterprise' AND entity_id = ANY ($2)))
         UPDATE audit_details d SET address = NULL, request_id = NULL, app_id = NULL, how = NULL, before = NULL,
             after = NULL, salt = NULL, erased_at = $5, erasure_id = $4
         FROM known k WHERE d.event_id = k.event_id AND d.erased_at IS NULL
             AND (k.actor = $1 OR k.entity_id = $1 OR EXISTS (
                 SELECT FROM unnest($3) mark
                 WHERE position(mark IN coalesce(d.before, '')) > 0 OR position(mark IN coalesce(d.after, '')) > 0))",
    );
    let erased = erasing
        .bind::<diesel::sql_types::Uuid, _>(erasure.account_id)
        .bind::<diesel::sql_types::Array<diesel::sql_types::Uuid>, _>(erasure.enterprises)
        .bind::<diesel::sql_types::Array<diesel::sql_types::Text>, _>(erasure.marks)
        .bind::<diesel::sql_types::Uuid, _>(erasure.event_id)
        .bind::<diesel::sql_types::Timestamptz, _>(erasure.at)
        .execute(connection)
        .await?;
    Ok(erased)
}
