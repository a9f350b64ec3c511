//! Reference data: the database is the truth, the files of the product seed it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::schema::{reference_items, reference_versions};
use super::{Connection, Error};

pub const BUILT_IN: &str = "built_in";

#[derive(Queryable, Selectable)]
#[diesel(table_name = reference_versions)]
pub struct Edition {
    pub version: i32,
    pub sha256: Vec<u8>,
    pub source: String,
}

pub async fn find_edition(connection: &mut Connection, scheme: &str) -> Result<Option<Edition>, Error> {
    Ok(reference_versions::table.find(scheme).select(Edition::as_select()).first(connection).await.optional()?)
}

/// Replaces a scheme: codes are added or changed; those that are gone are retired, never deleted.
pub async fn replace(
    connection: &mut Connection,
    scheme: &str,
    items: &[(String, Value)],
    sha256: &[u8],
    now: DateTime<Utc>,
) -> Result<(), Error> {
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
        reference_versions::source.eq(BUILT_IN),
    );
    diesel::insert_into(reference_versions::table)
        .values((reference_versions::scheme.eq(scheme), edition))
        .on_conflict(reference_versions::scheme)
        .do_update()
        .set(edition)
        .execute(connection)
        .await?;
    Ok(())
}

/// Every document with the name of its scheme, retired ones too: what refers to them must still resolve.
pub async fn load(connection: &mut Connection) -> Result<Vec<(String, Value)>, Error> {
    let items = reference_items::table.select((reference_items::scheme, reference_items::document));
    Ok(items.order((reference_items::scheme, reference_items::code)).load(connection).await?)
}
