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

/// Stores `made` as the version after the newest, unless somebody was faster; returns the version that stands.
pub async fn insert_statistics(connection: &mut Connection, mut made: Statistics) -> Result<Statistics, Error> {
    super::transaction(connection, async |connection| {
        super::lock(connection, super::Lock::Statistics).await?;
        let newest = find_statistics(connection).await?;
        if let Some(newest) = newest.as_ref().filter(|newest| newest.as_of >= made.as_of) {
            return Ok(newest.clone());
        }
        made.version = newest.map_or(0, |newest| newest.version) + 1;
        let document = serde_json::to_value(&made).map_err(|error| Error::Fault(error.to_string()))?;
        diesel::insert_into(matching_statistics::table)
            .values((
                matching_statistics::version.eq(made.version),
                matching_statistics::as_of.eq(made.as_of),
                matching_statistics::document.eq(document),
            ))
            .execute(connection)
            .await?;
        Ok(made)
    })
    .await
}
