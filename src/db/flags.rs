//! Flags of listings, and the prints by which listings of like texts find one another.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use uuid::Uuid;

use super::schema::{listing_flags, listing_prints};
use super::types::parse_code;
use super::{Connection, Error};
use crate::domain::flag::{Answer, Cleared, Evidence, Finding, ListingFlag};
use crate::domain::listing::Listing;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = listing_flags)]
struct FlagRow {
    id: Uuid,
    listing_id: Uuid,
    enterprise_id: Uuid,
    code: String,
    subject: String,
    params: Value,
    evidence: Value,
    listing_version: i32,
    raised_at: DateTime<Utc>,
    cleared_at: Option<DateTime<Utc>>,
    answer: Option<String>,
    answered_by: Option<Uuid>,
    answered_at: Option<DateTime<Utc>>,
    policy_version: Option<i32>,
    cleared_version: Option<i32>,
    cleared_policy_version: Option<i32>,
}

impl TryFrom<FlagRow> for ListingFlag {
    type Error = Error;

    fn try_from(row: FlagRow) -> Result<Self, Error> {
        let fault = |error: serde_json::Error| Error::Fault(format!("flag {}: {error}", row.id));
        let params: BTreeMap<String, String> = serde_json::from_value(row.params).map_err(fault)?;
        let evidence: Evidence = serde_json::from_value(row.evidence).map_err(fault)?;
        let answered = row.answered_by.zip(row.answered_at);
        Ok(Self {
            id: row.id,
            listing_id: row.listing_id,
            enterprise_id: row.enterprise_id,
            finding: Finding { code: parse_code(&row.code)?, subject: row.subject, params, evidence },
            listing_version: row.listing_version,
            raised_at: row.raised_at,
            policy_version: row.policy_version,
            cleared: row.cleared_at.map(|at| Cleared {
                at,
                listing_version: row.cleared_version,
                policy_version: row.cleared_policy_version,
            }),
            answer: row.answer.zip(answered).map(|(text, (by, at))| Answer { text, by, at }),
        })
    }
}

/// What is open of a listing, with row locks.
pub async fn lock_open(connection: &mut Connection, listing_id: Uuid) -> Result<Vec<ListingFlag>, Error> {
    let open = listing_flags::table.filter(listing_flags::listing_id.eq(listing_id));
    let open = open.filter(listing_flags::cleared_at.is_null()).order(listing_flags::id);
    let rows = open.select(FlagRow::as_select()).for_no_key_update().load(connection).await?;
    rows.into_iter().map(ListingFlag::try_from).collect()
}

/// What is open of these listings, in the order it was raised.
pub async fn open_of(connection: &mut Connection, listings: &[Uuid]) -> Result<Vec<ListingFlag>, Error> {
    let open = listing_flags::table.filter(listing_flags::listing_id.eq_any(listings));
    let open = open.filter(listing_flags::cleared_at.is_null()).order(listing_flags::id);
    let rows = open.select(FlagRow::as_select()).load(connection).await?;
    rows.into_iter().map(ListingFlag::try_from).collect()
}

/// All there ever were of a listing, newest first.
pub async fn of_listing(connection: &mut Connection, listing_id: Uuid, limit: i64) -> Result<Vec<ListingFlag>, Error> {
    let own = listing_flags::table.filter(listing_flags::listing_id.eq(listing_id)).order(listing_flags::id.desc());
    let rows = own.limit(limit).select(FlagRow::as_select()).load(connection).await?;
    rows.into_iter().map(ListingFlag::try_from).collect()
}

pub async fn insert_many(connection: &mut Connection, flags: &[ListingFlag]) -> Result<(), Error> {
    let row = |flag: &ListingFlag| FlagRow {
        id: flag.id,
        listing_id: flag.listing_id,
        enterprise_id: flag.enterprise_id,
        code: <&str>::from(flag.finding.code).to_owned(),
        subject: flag.finding.subject.clone(),
        params: json!(flag.finding.params),
        evidence: json!(flag.finding.evidence),
        listing_version: flag.listing_version,
        raised_at: flag.raised_at,
        cleared_at: flag.cleared.map(|cleared| cleared.at),
        answer: flag.answer.as_ref().map(|answer| answer.text.clone()),
        answered_by: flag.answer.as_ref().map(|answer| answer.by),
        answered_at: flag.answer.as_ref().map(|answer| answer.at),
        policy_version: flag.policy_version,
        cleared_version: flag.cleared.and_then(|cleared| cleared.listing_version),
        cleared_policy_version: flag.cleared.and_then(|cleared| cleared.policy_version),
    };
    let rows: Vec<FlagRow> = flags.iter().map(row).collect();
    diesel::insert_into(listing_flags::table).values(rows).execute(connection).await?;
    Ok(())
}

pub async fn clear(connection: &mut Connection, ids: &[Uuid], cleared: Cleared) -> Result<(), Error> {
    let gone = listing_flags::table.filter(listing_flags::id.eq_any(ids).and(listing_flags::cleared_at.is_null()));
    diesel::update(gone)
        .set((
            listing_flags::cleared_at.eq(cleared.at),
            listing_flags::cleared_version.eq(cleared.listing_version),
            listing_flags::cleared_policy_version.eq(cleared.policy_version),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Where the text was read may move while the flag stays the same.
pub async fn update_evidence(connection: &mut Connection, id: Uuid, evidence: &Evidence) -> Result<(), Error> {
    diesel::update(listing_flags::table.find(id))
        .set(listing_flags::evidence.eq(json!(evidence)))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn answer(connection: &mut Connection, id: Uuid, answer: &Answer) -> Result<(), Error> {
    diesel::update(listing_flags::table.find(id))
        .set((
            listing_flags::answer.eq(&answer.text),
            listing_flags::answered_by.eq(answer.by),
            listing_flags::answered_at.eq(answer.at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Replaces the prints of a listing.
pub async fn set_prints(
    connection: &mut Connection,
    listing: &Listing,
    bands: &[i64],
    edition: i64,
) -> Result<(), Error> {
    let row = (
        listing_prints::enterprise_id.eq(listing.enterprise_id),
        listing_prints::side.eq(<&str>::from(listing.terms.side)),
        listing_prints::kind.eq(<&str>::from(listing.terms.kind())),
        listing_prints::bands.eq(bands),
        listing_prints::edition.eq(edition),
    );
    diesel::insert_into(listing_prints::table)
        .values((listing_prints::listing_id.eq(listing.id), row))
        .on_conflict(listing_prints::listing_id)
        .do_update()
        .set(row)
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn forget_prints(connection: &mut Connection, listing_id: Uuid) -> Result<(), Error> {
    diesel::delete(listing_prints::table.find(listing_id)).execute(connection).await?;
    Ok(())
}

/// Some of the listings last looked at by lists older than this edition.
pub async fn screened_before(connection: &mut Connection, edition: i64, limit: i64) -> Result<Vec<Uuid>, Error> {
    let older = listing_prints::table.filter(listing_prints::edition.lt(edition)).order(listing_prints::edition);
    Ok(older.limit(limit).select(listing_prints::listing_id).load(connection).await?)
}

/// Those of these enterprises.
pub async fn screened_of(connection: &mut Connection, enterprises: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    if enterprises.is_empty() {
        return Ok(vec![]);
    }
    let own = listing_prints::table.filter(listing_prints::enterprise_id.eq_any(enterprises));
    Ok(own.select(listing_prints::listing_id).load(connection).await?)
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Listings of the same side and kind that share a band: the enterprise's own first, then the oldest.
pub async fn like(
    connection: &mut Connection,
    listing: &Listing,
    bands: &[i64],
    limit: i64,
) -> Result<Vec<Uuid>, Error> {
    let query = diesel::sql_query(
        "SELECT listing_id AS id FROM listing_prints
         WHERE bands && $1 AND side = $2 AND kind = $3 AND listing_id <> $4
         ORDER BY enterprise_id <> $5, listing_id LIMIT $6",
    );
    let rows: Vec<IdRow> = query
        .bind::<Array<BigInt>, _>(bands)
        .bind::<Text, _>(<&str>::from(listing.terms.side))
        .bind::<Text, _>(<&str>::from(listing.terms.kind()))
        .bind::<SqlUuid, _>(listing.id)
        .bind::<SqlUuid, _>(listing.enterprise_id)
        .bind::<BigInt, _>(limit)
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Other enterprises, neither merged nor closed, one of whose contacts has one of these numbers.
pub async fn sharing_phone(
    connection: &mut Connection,
    enterprise_id: Uuid,
    phones: &[String],
    limit: i64,
) -> Result<Vec<Uuid>, Error> {
    let mut found = Vec::new();
    for phone in phones {
        let query = diesel::sql_query(
            "SELECT id FROM enterprises
             WHERE profile -> 'contacts' @> $1 AND id <> $2 AND merged_into IS NULL AND status <> 'closed'
             ORDER BY id LIMIT $3",
        );
        let rows: Vec<IdRow> = query
            .bind::<diesel::sql_types::Jsonb, _>(json!([{ "mobile": phone }]))
            .bind::<SqlUuid, _>(enterprise_id)
            .bind::<BigInt, _>(limit)
            .load(connection)
            .await?;
        found.extend(rows.into_iter().map(|row| row.id));
    }
    found.sort();
    found.dedup();
    Ok(found)
}
