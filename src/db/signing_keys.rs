//! Keys that sign access tokens; the private half is opaque here.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::schema::signing_keys;
use super::{Connection, Error};

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys)]
pub struct SigningKey {
    pub id: String,
    pub algorithm: String,
    pub public_key: Vec<u8>,
    pub sealed: Vec<u8>,
    pub created_at: DateTime<Utc>,
    pub retired_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
}

/// Those that verify at `now`, newest first.
pub async fn list_live(connection: &mut Connection, now: DateTime<Utc>) -> Result<Vec<SigningKey>, Error> {
    let live = signing_keys::table
        .filter(signing_keys::ends_at.is_null().or(signing_keys::ends_at.gt(now)))
        .order((signing_keys::created_at.desc(), signing_keys::id.desc()))
        .select(SigningKey::as_select());
    Ok(live.load(connection).await?)
}

pub async fn insert(connection: &mut Connection, key: &SigningKey) -> Result<(), Error> {
    diesel::insert_into(signing_keys::table).values(key).execute(connection).await?;
    Ok(())
}

/// No key signs any more; all verify until `ends_at` at most.
pub async fn retire_all(connection: &mut Connection, now: DateTime<Utc>, ends_at: DateTime<Utc>) -> Result<(), Error> {
    let live = signing_keys::table.filter(signing_keys::ends_at.is_null().or(signing_keys::ends_at.gt(ends_at)));
    diesel::update(live).set(signing_keys::ends_at.eq(ends_at)).execute(connection).await?;
    let signing = signing_keys::table.filter(signing_keys::retired_at.is_null());
    diesel::update(signing).set(signing_keys::retired_at.eq(now)).execute(connection).await?;
    Ok(())
}

pub async fn purge(connection: &mut Connection, before: DateTime<Utc>) -> Result<(), Error> {
    diesel::delete(signing_keys::table.filter(signing_keys::ends_at.lt(before))).execute(connection).await?;
    Ok(())
}
