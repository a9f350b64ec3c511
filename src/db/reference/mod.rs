//! Reference data: the database is the truth, the files of the product seed it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};

use super::schema::{reference_items, reference_versions};
use super::{Connection, Error};

mod usage;

pub use usage::{Usage, usage};

/// The edition is the product's own; a newer product replaces it.
pub const BUILT_IN: &str = "built_in";
/// An administrator loaded the edition; it stays until another is loaded.
pub const LOADED: &str = "loaded";

#[derive(Queryable, Selectable)]
#[diesel(table_name = reference_versions)]
pub struct Edition {
    pub version: i32,
    pub sha256: Vec<u8>,
    pub source: String,
    pub loaded_at: DateTime<Utc>,
}

pub async fn find_edition(connection: &mut Connection, scheme: &str) -> Result<Option<Edition>, Error> {
    Ok(reference_versions::table.find(scheme).select(Edition::as_select()).first(connection).await.optional()?)
}

/// Which edition of a scheme is in force. The digest tells databases apart that count their versions alike.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = reference_versions)]
pub struct Version {
    pub scheme: String,
    pub version: i32,
    sha256: Vec<u8>,
}

/// Of every scheme.
pub async fn versions(connection: &mut Connection) -> Result<Vec<Version>, Error> {
    let versions = reference_versions::table.select(Version::as_select()).order(reference_versions::scheme);
    Ok(versions.load(connection).await?)
}

/// Codes of a scheme: all, and those that are retired.
pub async fn count(connection: &mut Connection, scheme: &str) -> Result<(i64, i64), Error> {
    let all = reference_items::table.filter(reference_items::scheme.eq(scheme)).count();
    let retired = reference_items::table.filter(reference_items::scheme.eq(scheme)).filter(usage::is_retired()).count();
    Ok((all.get_result(connection).await?, retired.get_result(connection).await?))
}

/// Replaces a scheme: codes are added or changed; those that are gone are retired, never deleted. Returns the version of
/// the edition.
pub async fn replace(
    connection: &mut Connection,
    scheme: &str,
    items: &[(String, Value)],
    sha256: &[u8],
    source: &str,
    now: DateTime<Utc>,
) -> Result<i32, Error> {
    diesel::update(
        reference_items::table.filter(reference_items::scheme.eq(scheme).and(reference_items::retired_at.is_null())),
    )
    .set(reference_items::retired_at.eq(now))
    .execute(connection)
    .await?;
    for batch in items.chunks(1000) {
        let rows: Vec<_> = batch
            .iter()
            .map(|(code, document)| {
                let retired: Option<DateTime<Utc>> = None;
                (
                    reference_items::scheme.eq(scheme),
                    reference_items::code.eq(code),
                    reference_items::document.eq(document),
                    reference_items::retired_at.eq(retired),
                )
            })
            .collect();
        diesel::insert_into(reference_items::table)
            .values(rows)
            .on_conflict((reference_items::scheme, reference_items::code))
            .do_update()
            .set((
                reference_items::document.eq(excluded(reference_items::document)),
                reference_items::retired_at.eq(excluded(reference_items::retired_at)),
            ))
            .execute(connection)
            .await?;
    }
    let version = find_edition(connection, scheme).await?.map_or(1, |edition| edition.version + 1);
    let edition = (
        reference_versions::version.eq(version),
        reference_versions::sha256.eq(sha256),
        reference_versions::loaded_at.eq(now),
        reference_versions::source.eq(source),
    );
    diesel::insert_into(reference_versions::table)
        .values((reference_versions::scheme.eq(scheme), edition))
        .on_conflict(reference_versions::scheme)
        .do_update()
        .set(edition)
        .execute(connection)
        .await?;
    Ok(version)
}

/// Every document with the name of its scheme, retired ones too: what refers to them must still resolve.
pub async fn load(connection: &mut Connection) -> Result<Vec<(String, Value)>, Error> {
    let columns = (reference_items::scheme, reference_items::document, reference_items::retired_at);
    let items = reference_items::table.select(columns).order((reference_items::scheme, reference_items::code));
    let rows: Vec<(String, Value, Option<DateTime<Utc>>)> = items.load(connection).await?;
    let dated = |(scheme, mut document, retired_at): (String, Value, Option<DateTime<Utc>>)| {
        if let (Some(at), Some(object)) = (retired_at, document.as_object_mut()) {
            object.insert("retired_at".to_owned(), json!(at));
        }
        (scheme, document)
    };
    Ok(rows.into_iter().map(dated).collect())
}
