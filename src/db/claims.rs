//! Merging enterprises, and codes that fail their check characters and are real all the same.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::{listings, uscc_exceptions};
use super::{Connection, Error};

/// Listings of both with the same number of their posters.
pub async fn count_shared_external_ids(connection: &mut Connection, id: Uuid, other: Uuid) -> Result<i64, Error> {
    #[derive(QueryableByName)]
    struct Shared {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        shared: i64,
    }
    let counting = diesel::sql_query(
        "SELECT count(*) AS shared FROM listings own JOIN listings theirs USING (external_id)
         WHERE own.enterprise_id = $1 AND theirs.enterprise_id = $2",
    );
    let counting = counting.bind::<diesel::sql_types::Uuid, _>(id).bind::<diesel::sql_types::Uuid, _>(other);
    Ok(counting.get_result::<Shared>(connection).await?.shared)
}

/// What moves from one enterprise to another: listings, what hangs on them, and what led to the one. Nobody acts for the
/// first any more.
const MOVES: [&str; 13] = [
    "UPDATE listing_flags SET enterprise_id = $2 WHERE enterprise_id = $1",
    "UPDATE listing_prints SET enterprise_id = $2 WHERE enterprise_id = $1",
    "UPDATE listing_reports SET enterprise_id = $2 WHERE enterprise_id = $1",
    "UPDATE moderation_appeals SET enterprise_id = $2 WHERE enterprise_id = $1",
    // What the other asked of it leads nowhere any more.
    "UPDATE contact_requests SET owner_id = $2 WHERE owner_id = $1 AND requester_id <> $2",
    // One of both about the same listing is enough.
    "UPDATE contact_requests AS own SET requester_id = $2 WHERE requester_id = $1 AND owner_id <> $2 AND NOT (status = 'pending'
         AND EXISTS (SELECT FROM contact_requests AS theirs WHERE theirs.listing_id = own.listing_id
             AND theirs.requester_id = $2 AND theirs.status = 'pending'))",
    "UPDATE match_sides SET enterprise_id = $2 WHERE enterprise_id = $1",
    "UPDATE bundles SET enterprise_id = $2 WHERE enterprise_id = $1",
    "UPDATE notifications SET enterprise_id = $2 WHERE enterprise_id = $1",
    "UPDATE listings SET enterprise_id = $2 WHERE enterprise_id = $1",
    "UPDATE enterprises SET merged_into = $2 WHERE merged_into = $1",
    "DELETE FROM memberships WHERE enterprise_id = $1 AND enterprise_id <> $2",
    // Nobody could see or delete them: nothing more is sent to those of the first.
    "DELETE FROM webhook_endpoints WHERE enterprise_id = $1 AND enterprise_id <> $2",
];

pub async fn move_belongings(connection: &mut Connection, id: Uuid, into: Uuid) -> Result<i64, Error> {
    let listings = listings::table.filter(listings::enterprise_id.eq(id)).count().get_result(connection).await?;
    for statement in MOVES {
        let moving = diesel::sql_query(statement).bind::<diesel::sql_types::Uuid, _>(id);
        moving.bind::<diesel::sql_types::Uuid, _>(into).execute(connection).await?;
    }
    Ok(listings)
}

/// Whether that is new.
pub async fn insert_uscc_exception(
    connection: &mut Connection,
    uscc: &str,
    reason: &str,
    by: Uuid,
    at: DateTime<Utc>,
) -> Result<bool, Error> {
    let inserted = diesel::insert_into(uscc_exceptions::table)
        .values((
            uscc_exceptions::uscc.eq(uscc),
            uscc_exceptions::reason.eq(reason),
            uscc_exceptions::created_by.eq(by),
            uscc_exceptions::created_at.eq(at),
        ))
        .on_conflict_do_nothing();
    Ok(inserted.execute(connection).await? > 0)
}

pub async fn is_uscc_excepted(connection: &mut Connection, uscc: &str) -> Result<bool, Error> {
    Ok(diesel::select(diesel::dsl::exists(uscc_exceptions::table.find(uscc))).get_result(connection).await?)
}
