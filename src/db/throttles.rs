//! How often something was tried, by a keyed hash of what is counted.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::schema::throttles;
use super::{Connection, Error};
use crate::domain::throttle::Tally;

pub async fn find(connection: &mut Connection, key: &[u8]) -> Result<Option<Tally>, Error> {
    let row: Option<(i32, DateTime<Utc>)> =
        throttles::table.find(key).select((throttles::count, throttles::last_at)).first(connection).await.optional()?;
    Ok(row.map(|(count, last_at)| Tally { count, last_at }))
}

pub async fn put(connection: &mut Connection, key: &[u8], tally: Tally) -> Result<(), Error> {
    let values = (throttles::count.eq(tally.count), throttles::last_at.eq(tally.last_at));
    diesel::insert_into(throttles::table)
        .values((throttles::key.eq(key), values))
        .on_conflict(throttles::key)
        .do_update()
        .set(values)
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn delete(connection: &mut Connection, key: &[u8]) -> Result<(), Error> {
    diesel::delete(throttles::table.find(key)).execute(connection).await?;
    Ok(())
}

pub async fn purge(connection: &mut Connection, before: DateTime<Utc>) -> Result<(), Error> {
    diesel::delete(throttles::table.filter(throttles::last_at.lt(before))).execute(connection).await?;
    Ok(())
}
