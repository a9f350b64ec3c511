//! What readers report about listings.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::listing_reports;
use super::types::parse_code;
use super::{Connection, Error};
use crate::domain::platform::Reach;
use crate::domain::report::{Report, ReportStatus};
use crate::domain::throttle::Recent;

#[derive(Queryable, Selectable, Insertable, QueryableByName)]
#[diesel(table_name = listing_reports)]
struct ReportRow {
    id: Uuid,
    listing_id: Uuid,
    enterprise_id: Uuid,
    region_code: Option<String>,
    reporter_id: Uuid,
    reason: String,
    text: Option<String>,
    listing_version: i32,
    status: String,
    note: Option<String>,
    created_at: DateTime<Utc>,
    resolved_by: Option<Uuid>,
    resolved_at: Option<DateTime<Utc>>,
}

impl TryFrom<ReportRow> for Report {
    type Error = Error;

    fn try_from(row: ReportRow) -> Result<Self, Error> {
        Ok(Self {
            reason: parse_code(&row.reason)?,
            status: parse_code(&row.status)?,
            id: row.id,
            listing_id: row.listing_id,
            enterprise_id: row.enterprise_id,
            region_code: row.region_code,
            reporter_id: row.reporter_id,
            text: row.text,
            listing_version: row.listing_version,
            note: row.note,
            created_at: row.created_at,
            resolved_by: row.resolved_by,
            resolved_at: row.resolved_at,
        })
    }
}

/// May fail with `listing_reports_reporter_key`.
pub async fn insert(connection: &mut Connection, report: &Report) -> Result<(), Error> {
    let row = ReportRow {
        id: report.id,
        listing_id: report.listing_id,
        enterprise_id: report.enterprise_id,
        region_code: report.region_code.clone(),
        reporter_id: report.reporter_id,
        reason: <&str>::from(report.reason).to_owned(),
        text: report.text.clone(),
        listing_version: report.listing_version,
        status: <&str>::from(report.status).to_owned(),
        note: report.note.clone(),
        created_at: report.created_at,
        resolved_by: report.resolved_by,
        resolved_at: report.resolved_at,
    };
    diesel::insert_into(listing_reports::table).values(row).execute(connection).await?;
    Ok(())
}

/// How many the account has made since then, and when it made the first of them.
pub async fn count_since(connection: &mut Connection, account: Uuid, since: DateTime<Utc>) -> Result<Recent, Error> {
    let recent = listing_reports::table
        .filter(listing_reports::reporter_id.eq(account).and(listing_reports::created_at.gt(since)))
        .select((diesel::dsl::count_star(), diesel::dsl::min(listing_reports::created_at)));
    let (count, first) = recent.get_result(connection).await?;
    Ok(Recent { count, first })
}

/// Locked until the transaction ends.
pub async fn lock(connection: &mut Connection, id: Uuid) -> Result<Option<Report>, Error> {
    let row = listing_reports::table.find(id).select(ReportRow::as_select()).for_no_key_update();
    row.first(connection).await.optional()?.map(Report::try_from).transpose()
}

/// Of a listing, oldest first.
pub async fn of_listing(connection: &mut Connection, listing_id: Uuid, limit: i64) -> Result<Vec<Report>, Error> {
    let rows = listing_reports::table.filter(listing_reports::listing_id.eq(listing_id)).order(listing_reports::id);
    let rows = rows.limit(limit).select(ReportRow::as_select()).load(connection).await?;
    rows.into_iter().map(Report::try_from).collect()
}

/// Oldest first; without those about enterprises that `reader` acts for.
pub async fn list(
    connection: &mut Connection,
    reach: &Reach,
    reader: Uuid,
    status: ReportStatus,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Report>, Error> {
    let query = diesel::sql_query(
        "SELECT * FROM listing_reports
         WHERE status = $1 AND ($2 OR region_code = ANY($3)) AND ($4 IS NULL OR id > $4)
           AND NOT EXISTS (SELECT FROM memberships m WHERE m.account_id = $6 AND m.enterprise_id = listing_reports.enterprise_id)
         ORDER BY id LIMIT $5",
    );
    let rows: Vec<ReportRow> = query
        .bind::<Text, _>(<&str>::from(status))
        .bind::<Bool, _>(reach.everywhere)
        .bind::<Array<Text>, _>(&reach.regions)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .bind::<SqlUuid, _>(reader)
        .load(connection)
        .await?;
    rows.into_iter().map(Report::try_from).collect()
}

pub async fn resolve(connection: &mut Connection, report: &Report) -> Result<(), Error> {
    diesel::update(listing_reports::table.find(report.id))
        .set((
            listing_reports::status.eq(<&str>::from(report.status)),
            listing_reports::note.eq(&report.note),
            listing_reports::resolved_by.eq(report.resolved_by),
            listing_reports::resolved_at.eq(report.resolved_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
