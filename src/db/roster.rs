//! The bureau's roster.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::{roster_entries, uscc_exceptions};
use super::{Connection, Error};
use crate::domain::roster::RosterEntry;

type Row = (String, String, Option<String>, Option<String>);

fn entry((uscc, legal_name, mobile, contact): Row) -> RosterEntry {
    RosterEntry { uscc, legal_name, mobile, contact }
}

/// Those with these codes.
pub async fn find_many(connection: &mut Connection, codes: &[String]) -> Result<Vec<RosterEntry>, Error> {
    let known = roster_entries::table.filter(roster_entries::uscc.eq_any(codes)).select((
        roster_entries::uscc,
        roster_entries::legal_name,
        roster_entries::mobile,
        roster_entries::contact,
    ));
    Ok(known.load::<Row>(connection).await?.into_iter().map(entry).collect())
}

/// Writes an entry in place of the one with its code, if any.
pub async fn upsert(
    connection: &mut Connection,
    entry: &RosterEntry,
    by: Option<Uuid>,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let content = (
        roster_entries::legal_name.eq(&entry.legal_name),
        roster_entries::mobile.eq(&entry.mobile),
        roster_entries::contact.eq(&entry.contact),
        roster_entries::loaded_by.eq(by),
        roster_entries::loaded_at.eq(at),
    );
    diesel::insert_into(roster_entries::table)
        .values((roster_entries::uscc.eq(&entry.uscc), content))
        .on_conflict(roster_entries::uscc)
        .do_update()
        .set(content)
        .execute(connection)
        .await?;
    Ok(())
}

/// Codes that are taken although their check characters do not fit.
pub async fn excepted(connection: &mut Connection) -> Result<Vec<String>, Error> {
    Ok(uscc_exceptions::table.select(uscc_exceptions::uscc).load(connection).await?)
}
