//! Stored answers of writes that carried an `Idempotency-Key`; each is written in the transaction of its effect.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::schema::idempotency_keys;
use super::{Connection, Error};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_keys)]
pub struct StoredAnswer {
    pub account_id: Uuid,
    pub key: String,
    pub fingerprint: Vec<u8>,
    pub status: i16,
    pub headers: Value,
    pub body: Vec<u8>,
    pub created_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

/// Takes the key until the transaction ends; false when another request holds it. An `INSERT … ON CONFLICT` would wait.
pub async fn try_lock(connection: &mut Connection, key: i64) -> Result<bool, Error> {
    let row: Locked = diesel::sql_query("SELECT pg_try_advisory_xact_lock($1) AS locked")
        .bind::<BigInt, _>(key)
        .get_result(connection)
        .await?;
    Ok(row.locked)
}

pub async fn find(connection: &mut Connection, account_id: Uuid, key: &str) -> Result<Option<StoredAnswer>, Error> {
    let row = idempotency_keys::table.find((account_id, key)).select(StoredAnswer::as_select());
    Ok(row.first(connection).await.optional()?)
}

pub async fn insert(connection: &mut Connection, answer: &StoredAnswer) -> Result<(), Error> {
    diesel::insert_into(idempotency_keys::table).values(answer).execute(connection).await?;
    Ok(())
}

pub async fn purge(connection: &mut Connection, before: DateTime<Utc>) -> Result<usize, Error> {
    let old = diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(before)));
    Ok(old.execute(connection).await?)
}
