//! Messages waiting to be sent; what they say is opaque here.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::outbox;
use super::{Connection, Error};

#[derive(Insertable)]
#[diesel(table_name = outbox)]
pub struct NewRow<'a> {
    pub id: Uuid,
    /// `email` or `mobile`.
    pub channel: &'a str,
    pub template: &'a str,
    pub sealed: &'a [u8],
    pub created_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A message taken to be sent.
#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct Taken {
    pub id: Uuid,
    pub sealed: Option<Vec<u8>>,
    /// This one counted.
    pub attempts: i32,
    pub expires_at: DateTime<Utc>,
}

pub async fn insert(connection: &mut Connection, row: &NewRow<'_>) -> Result<(), Error> {
    diesel::insert_into(outbox::table).values(row).execute(connection).await?;
    Ok(())
}

/// Takes what is due. Whoever takes a message and dies leaves it to others from `back_at` on.
pub async fn take(
    connection: &mut Connection,
    now: DateTime<Utc>,
    back_at: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Taken>, Error> {
    let due = outbox::table
        .filter(outbox::ended_at.is_null().and(outbox::due_at.le(now)))
        .order(outbox::due_at)
        .limit(limit)
        .select(outbox::id)
        .for_update()
        .skip_locked();
    let due: Vec<Uuid> = due.load(connection).await?;
    let taken = diesel::update(outbox::table.filter(outbox::id.eq_any(due)))
        .set((outbox::attempts.eq(outbox::attempts + 1), outbox::due_at.eq(back_at)))
        .returning(Taken::as_returning());
    Ok(taken.get_results(connection).await?)
}

/// It is sent, or (with a failure) given up; what it said is forgotten.
pub async fn end(connection: &mut Connection, id: Uuid, at: DateTime<Utc>, failure: Option<&str>) -> Result<(), Error> {
    diesel::update(outbox::table.find(id))
        .set((outbox::ended_at.eq(at), outbox::sealed.eq(None::<Vec<u8>>), outbox::failure.eq(failure)))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn postpone(connection: &mut Connection, id: Uuid, to: DateTime<Utc>, failure: &str) -> Result<(), Error> {
    diesel::update(outbox::table.find(id))
        .set((outbox::due_at.eq(to), outbox::failure.eq(failure)))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn purge(connection: &mut Connection, before: DateTime<Utc>) -> Result<(), Error> {
    diesel::delete(outbox::table.filter(outbox::ended_at.lt(before))).execute(connection).await?;
    Ok(())
}
