//! Stored answers of writes that carried an `Idempotency-Key`; each is written in the transaction of its effect.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
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
