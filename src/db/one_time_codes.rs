//! Codes sent to an address or number; keyed hashes of both.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::one_time_codes;
use super::{Connection, Error};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = one_time_codes)]
pub struct OneTimeCode {
    pub id: Uuid,
    pub target: Vec<u8>,
    pub code_hash: Vec<u8>,
    pub expires_at: DateTime<Utc>,
}

pub async fn insert(connection: &mut Connection, code: &OneTimeCode) -> Result<(), Error> {
    diesel::insert_into(one_time_codes::table).values(code).execute(connection).await?;
    Ok(())
}

/// Those of a target that still hold, locked until the transaction ends: tries are counted one after the other.
pub async fn lock_live(
    connection: &mut Connection,
    target: &[u8],
    tries: i32,
    now: DateTime<Utc>,
) -> Result<Vec<OneTimeCode>, Error> {
    let live = one_time_codes::table
        .filter(one_time_codes::target.eq(target))
        .filter(one_time_codes::tries.lt(tries).and(one_time_codes::expires_at.gt(now)))
        .order(one_time_codes::id)
        .select(OneTimeCode::as_select())
        .for_update();
    Ok(live.load(connection).await?)
}

/// A wrong code counts against every code of the target.
pub async fn count_try(connection: &mut Connection, target: &[u8]) -> Result<(), Error> {
    diesel::update(one_time_codes::table.filter(one_time_codes::target.eq(target)))
        .set(one_time_codes::tries.eq(one_time_codes::tries + 1))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn delete(connection: &mut Connection, target: &[u8]) -> Result<(), Error> {
    diesel::delete(one_time_codes::table.filter(one_time_codes::target.eq(target))).execute(connection).await?;
    Ok(())
}

pub async fn purge(connection: &mut Connection, before: DateTime<Utc>) -> Result<(), Error> {
    diesel::delete(one_time_codes::table.filter(one_time_codes::expires_at.lt(before))).execute(connection).await?;
    Ok(())
}
