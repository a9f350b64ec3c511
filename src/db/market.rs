//! Versions of the matching policy and of the market's statistics.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::schema::{matching_policies, matching_statistics};
use super::{Connection, Error};
use crate::matching::{Policy, Statistics};

fn read<T: DeserializeOwned>(document: Value) -> Result<T, Error> {
    serde_json::from_value(document).map_err(|error| Error::Fault(error.to_string()))
}

/// The newest policy; none: the built-in one.
pub async fn find_policy(connection: &mut Connection) -> Result<Option<Policy>, Error> {
    let newest = matching_policies::table.order(matching_policies::version.desc()).select(matching_policies::document);
    newest.first::<Value>(connection).await.optional()?.map(read).transpose()
}

pub async fn find_statistics(connection: &mut Connection) -> Result<Option<Statistics>, Error> {
    let table = matching_statistics::table;
    let newest = table.order(matching_statistics::version.desc()).select((
        matching_statistics::version,
        matching_statistics::as_of,
        matching_statistics::document,
    ));
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
