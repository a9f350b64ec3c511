//! Versions of the matching policy: append-only.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::schema::matching_policies;
use super::{Connection, Error};
use crate::matching::Policy;

/// A version with who wrote it and why; neither where its values came with the program.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyVersion {
    pub policy: Policy,
    pub author_id: Option<Uuid>,
    pub reason: Option<String>,
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = matching_policies)]
struct PolicyRow {
    version: i32,
    document: Value,
    created_at: DateTime<Utc>,
    author_id: Option<Uuid>,
    reason: Option<String>,
}

impl TryFrom<PolicyRow> for PolicyVersion {
    type Error = Error;

    fn try_from(row: PolicyRow) -> Result<Self, Error> {
        let PolicyRow { version, document, created_at, author_id, reason } = row;
        let values: Policy = serde_json::from_value(document)
            .map_err(|error| Error::Fault(format!("matching policy {version}: {error}")))?;
        Ok(Self { policy: Policy { version, ..values }, author_id, reason, created_at })
    }
}

pub async fn insert(connection: &mut Connection, version: &PolicyVersion) -> Result<(), Error> {
    let row = PolicyRow {
        version: version.policy.version,
        document: serde_json::to_value(&version.policy).map_err(|error| Error::Fault(error.to_string()))?,
        created_at: version.created_at,
        author_id: version.author_id,
        reason: version.reason.clone(),
    };
    diesel::insert_into(matching_policies::table).values(row).execute(connection).await?;
    Ok(())
}

pub async fn find(connection: &mut Connection, version: i32) -> Result<Option<PolicyVersion>, Error> {
    let row =
        matching_policies::table.find(version).select(PolicyRow::as_select()).first(connection).await.optional()?;
    row.map(PolicyVersion::try_from).transpose()
}

pub async fn find_newest(connection: &mut Connection) -> Result<Option<PolicyVersion>, Error> {
    Ok(list(connection, None, 1).await?.pop())
}

/// Newest first, older than `before`.
pub async fn list(connection: &mut Connection, before: Option<i32>, limit: i64) -> Result<Vec<PolicyVersion>, Error> {
    let rows: Vec<PolicyRow> = matching_policies::table
        .filter(matching_policies::version.lt(before.unwrap_or(i32::MAX)))
        .order(matching_policies::version.desc())
        .limit(limit)
        .select(PolicyRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(PolicyVersion::try_from).collect()
}
