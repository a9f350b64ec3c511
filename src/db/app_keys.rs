//! Keys of apps; only hashes of their secrets are kept.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::app_keys;
use super::types::{codes, parse_codes};
use super::{Connection, Error};
use crate::domain::app::KeptKey;

#[derive(Queryable, Selectable)]
#[diesel(table_name = app_keys)]
struct KeyRow {
    id: Uuid,
    app_id: Uuid,
    public_id: String,
    name: Option<String>,
    scopes: Vec<String>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
}

impl TryFrom<KeyRow> for KeptKey {
    type Error = Error;

    fn try_from(row: KeyRow) -> Result<Self, Error> {
        let KeyRow { id, app_id, public_id, name, scopes, created_at, expires_at, revoked_at, last_used_at } = row;
        let scopes = parse_codes(&scopes)?;
        Ok(Self { id, app_id, public_id, name, scopes, created_at, expires_at, revoked_at, last_used_at })
    }
}

pub async fn insert(
    connection: &mut Connection,
    key: &KeptKey,
    secret_hash: &[u8],
    created_by: Uuid,
) -> Result<(), Error> {
    diesel::insert_into(app_keys::table)
        .values((
            app_keys::id.eq(key.id),
            app_keys::app_id.eq(key.app_id),
            app_keys::public_id.eq(&key.public_id),
            app_keys::secret_hash.eq(secret_hash),
            app_keys::name.eq(&key.name),
            app_keys::scopes.eq(codes(&key.scopes)),
            app_keys::created_by.eq(created_by),
            app_keys::created_at.eq(key.created_at),
            app_keys::expires_at.eq(key.expires_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// All of an app, revoked ones too, newest first.
pub async fn list(connection: &mut Connection, app_id: Uuid) -> Result<Vec<KeptKey>, Error> {
    let own = app_keys::table.filter(app_keys::app_id.eq(app_id)).order(app_keys::id.desc());
    let rows = own.limit(100).select(KeyRow::as_select()).load(connection).await?;
    rows.into_iter().map(KeptKey::try_from).collect()
}

/// Those that may still be used.
pub async fn count_working(connection: &mut Connection, app_id: Uuid, now: DateTime<Utc>) -> Result<i64, Error> {
    let working = app_keys::table
        .filter(app_keys::app_id.eq(app_id).and(app_keys::revoked_at.is_null()))
        .filter(app_keys::expires_at.is_null().or(app_keys::expires_at.gt(now)));
    Ok(working.count().get_result(connection).await?)
}

pub async fn find(connection: &mut Connection, app_id: Uuid, id: Uuid) -> Result<Option<KeptKey>, Error> {
    let row = app_keys::table.find(id).filter(app_keys::app_id.eq(app_id)).select(KeyRow::as_select());
    row.first(connection).await.optional()?.map(KeptKey::try_from).transpose()
}

/// With the hash of its secret.
pub async fn find_secret(connection: &mut Connection, public_id: &str) -> Result<Option<(KeptKey, Vec<u8>)>, Error> {
    let row = app_keys::table.filter(app_keys::public_id.eq(public_id));
    let row: Option<(KeyRow, Vec<u8>)> =
        row.select((KeyRow::as_select(), app_keys::secret_hash)).first(connection).await.optional()?;
    row.map(|(row, hash)| Ok((row.try_into()?, hash))).transpose()
}

pub async fn revoke(connection: &mut Connection, id: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
    diesel::update(app_keys::table.find(id).filter(app_keys::revoked_at.is_null()))
        .set(app_keys::revoked_at.eq(at))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn set_end(connection: &mut Connection, id: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
    diesel::update(app_keys::table.find(id)).set(app_keys::expires_at.eq(at)).execute(connection).await?;
    Ok(())
}

/// Written at most once a minute, however often it is used.
pub async fn touch(connection: &mut Connection, id: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    let stale = app_keys::last_used_at.is_null().or(app_keys::last_used_at.lt(now - TimeDelta::minutes(1)));
    diesel::update(app_keys::table.find(id).filter(stale))
        .set(app_keys::last_used_at.eq(now))
        .execute(connection)
        .await?;
    Ok(())
}
