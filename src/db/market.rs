//! Versions of the market's statistics.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::schema::matching_statistics;
use super::{Connection, Error};
use crate::matching::Statistics;

fn read<T: DeserializeOwned>(document: Value) -> Result<T, Error> {
    serde_json::from_value(document).map_err(|error| Error::Fault(error.to_string()))
}

/// The newest version whose content is kept.
pub async fn find_statistics(connection: &mut Connection) -> Result<Option<Statistics>, Error> {
    let table = matching_statistics::table;
    let newest = table.order(matching_statistics::version.desc()).select((
        matching_statistics::version,
        matching_statistics::as_of,
        matching_statistics::document.assume_not_null(),
    ));
    let newest = newest.filter(matching_statistics::document.is_not_null());
    let row: Option<(i32, DateTime<Utc>, Value)> = newest.first(connection).await.optional()?;
    row.map(|(version, as_of, document)| Ok(Statistics { version, as_of, ..read(document)? })).transpose()
}

pub async fn insert_statistics(connection: &mut Connection, made: &Statistics) -> Result<(), Error> {
    let document = serde_json::to_value(made).map_err(|error| Error::Fault(error.to_string()))?;
    diesel::insert_into(matching_statistics::table)
        .values((
            matching_statistics::version.eq(made.version),
            matching_statistics::as_of.eq(made.as_of),
            matching_statistics::document.eq(document),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Lets go of the content of versions that describe an hour before `before`, never of the newest.
pub async fn prune_statistics(connection: &mut Connection, before: DateTime<Utc>) -> Result<(), Error> {
    let pruning = diesel::sql_query(
        "UPDATE matching_statistics SET document = NULL
         WHERE as_of < $1 AND document IS NOT NULL AND version < (SELECT max(version) FROM matching_statistics)",
    );
    pruning.bind::<diesel::sql_types::Timestamptz, _>(before).execute(connection).await?;
    Ok(())
}
