//! Matches that were written down, and what either side makes of them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::schema::{match_sides, matches};
use super::types::parse_code;
use super::{Connection, Error};
use crate::domain::listing::Side;
use crate::domain::match_row::{MatchRow, MatchSide, MatchStatus};
use crate::matching::Match;

/// Rows of one statement: PostgreSQL takes 65,535 parameters.
const CHUNK: usize = 1000;

pub type Sided = MatchSide<Match>;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = matches)]
struct PairRow {
    id: Uuid,
    need_id: Uuid,
    offer_id: Uuid,
    need_version: i32,
    offer_version: i32,
    policy_version: i32,
    stats_version: i32,
    as_of: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = match_sides)]
struct SideRow {
    match_id: Uuid,
    side: String,
    enterprise_id: Uuid,
    listing_id: Uuid,
    status: String,
    explanation: Value,
    reason: Option<String>,
    note: Option<String>,
    decided_by: Option<Uuid>,
    decided_at: Option<DateTime<Utc>>,
    notified_need_version: Option<i32>,
    notified_offer_version: Option<i32>,
    version: i32,
    updated_at: DateTime<Utc>,
}

impl From<PairRow> for MatchRow {
    fn from(row: PairRow) -> Self {
        let PairRow { id, need_id, offer_id, need_version, offer_version, .. } = row;
        let PairRow { policy_version, stats_version, as_of, created_at, updated_at, .. } = row;
        Self {
            id,
            need_id,
            offer_id,
            need_version,
            offer_version,
            policy_version,
            stats_version,
            as_of,
            created_at,
            updated_at,
        }
    }
}

impl From<&MatchRow> for PairRow {
    fn from(row: &MatchRow) -> Self {
        Self {
            id: row.id,
            need_id: row.need_id,
            offer_id: row.offer_id,
            need_version: row.need_version,
            offer_version: row.offer_version,
            policy_version: row.policy_version,
            stats_version: row.stats_version,
            as_of: row.as_of,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl TryFrom<SideRow> for Sided {
    type Error = Error;

    fn try_from(row: SideRow) -> Result<Self, Error> {
        let unreadable = |error| Error::Fault(format!("match {}: {error}", row.match_id));
        Ok(Self {
            match_id: row.match_id,
            side: parse_code(&row.side)?,
            enterprise_id: row.enterprise_id,
            listing_id: row.listing_id,
            status: parse_code(&row.status)?,
            explanation: serde_json::from_value(row.explanation).map_err(unreadable)?,
            reason: row.reason.as_deref().map(parse_code).transpose()?,
            note: row.note,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            notified: row.notified_need_version.zip(row.notified_offer_version),
            version: row.version,
            updated_at: row.updated_at,
        })
    }
}

impl TryFrom<&Sided> for SideRow {
    type Error = Error;

    fn try_from(side: &Sided) -> Result<Self, Error> {
        Ok(Self {
            match_id: side.match_id,
            side: <&str>::from(side.side).to_owned(),
            enterprise_id: side.enterprise_id,
            listing_id: side.listing_id,
            status: <&str>::from(side.status).to_owned(),
            explanation: serde_json::to_value(&side.explanation).map_err(|error| Error::Fault(error.to_string()))?,
            reason: side.reason.map(|reason| <&str>::from(reason).to_owned()),
            note: side.note.clone(),
            decided_by: side.decided_by,
            decided_at: side.decided_at,
            notified_need_version: side.notified.map(|(need, _)| need),
            notified_offer_version: side.notified.map(|(_, offer)| offer),
            version: side.version,
            updated_at: side.updated_at,
        })
    }
}

/// Every match one of the listings is in, with its sides.
pub async fn of_listings(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<(MatchRow, Vec<Sided>)>, Error> {
    let concerned = matches::need_id.eq_any(ids).or(matches::offer_id.eq_any(ids));
    let rows: Vec<PairRow> =
        matches::table.filter(concerned).order(matches::id).select(PairRow::as_select()).load(connection).await?;
    let of_rows: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let sides = match_sides::table.filter(match_sides::match_id.eq_any(&of_rows)).select(SideRow::as_select());
    let sides: Vec<SideRow> = sides.for_no_key_update().load(connection).await?;
    let mut by_match: HashMap<Uuid, Vec<Sided>> = HashMap::new();
    for side in sides {
        by_match.entry(side.match_id).or_default().push(side.try_into()?);
    }
    let whole = |row: PairRow| {
        let sides = by_match.remove(&row.id).unwrap_or_default();
        (row.into(), sides)
    };
    Ok(rows.into_iter().map(whole).collect())
}

/// Matches of one of the needs and one of the offers, by need and offer.
pub async fn written_between(
    connection: &mut Connection,
    needs: &[Uuid],
    offers: &[Uuid],
) -> Result<Vec<(Uuid, Uuid)>, Error> {
    let between = matches::table.filter(matches::need_id.eq_any(needs)).filter(matches::offer_id.eq_any(offers));
    Ok(between.select((matches::need_id, matches::offer_id)).load(connection).await?)
}

/// How many matches were made since then for each of the listings, on either side.
pub async fn count_since(
    connection: &mut Connection,
    ids: &[Uuid],
    since: DateTime<Utc>,
) -> Result<HashMap<Uuid, usize>, Error> {
    let recent = matches::table.filter(matches::created_at.gt(since));
    let needs = recent.filter(matches::need_id.eq_any(ids)).group_by(matches::need_id);
    let needs: Vec<(Uuid, i64)> = needs.select((matches::need_id, diesel::dsl::count_star())).load(connection).await?;
    let offers = recent.filter(matches::offer_id.eq_any(ids)).group_by(matches::offer_id);
    let offers: Vec<(Uuid, i64)> =
        offers.select((matches::offer_id, diesel::dsl::count_star())).load(connection).await?;
    let counted = needs.into_iter().chain(offers);
    Ok(counted.map(|(id, count)| (id, usize::try_from(count).unwrap_or(usize::MAX))).collect())
}

/// Inserts, or writes what can change of a pair.
pub async fn save_pairs(connection: &mut Connection, rows: &[MatchRow]) -> Result<(), Error> {
    for chunk in rows.chunks(CHUNK) {
        let values: Vec<PairRow> = chunk.iter().map(PairRow::from).collect();
        diesel::insert_into(matches::table)
            .values(values)
            .on_conflict(matches::id)
            .do_update()
            .set((
                matches::need_version.eq(excluded(matches::need_version)),
                matches::offer_version.eq(excluded(matches::offer_version)),
                matches::policy_version.eq(excluded(matches::policy_version)),
                matches::stats_version.eq(excluded(matches::stats_version)),
                matches::as_of.eq(excluded(matches::as_of)),
                matches::updated_at.eq(excluded(matches::updated_at)),
            ))
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Inserts, or writes what can change of a side.
pub async fn save_sides(connection: &mut Connection, sides: &[Sided]) -> Result<(), Error> {
    for chunk in sides.chunks(CHUNK) {
        let values: Vec<SideRow> = chunk.iter().map(SideRow::try_from).collect::<Result<_, _>>()?;
        diesel::insert_into(match_sides::table)
            .values(values)
            .on_conflict((match_sides::match_id, match_sides::side))
            .do_update()
            .set((
                match_sides::status.eq(excluded(match_sides::status)),
                match_sides::explanation.eq(excluded(match_sides::explanation)),
                match_sides::reason.eq(excluded(match_sides::reason)),
                match_sides::note.eq(excluded(match_sides::note)),
                match_sides::decided_by.eq(excluded(match_sides::decided_by)),
                match_sides::decided_at.eq(excluded(match_sides::decided_at)),
                match_sides::notified_need_version.eq(excluded(match_sides::notified_need_version)),
                match_sides::notified_offer_version.eq(excluded(match_sides::notified_offer_version)),
                match_sides::version.eq(excluded(match_sides::version)),
                match_sides::updated_at.eq(excluded(match_sides::updated_at)),
            ))
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Which of a reader's matches.
#[derive(Debug, Clone, Default)]
pub struct MatchFilter {
    pub listing_id: Option<Uuid>,
    pub status: Option<MatchStatus>,
    pub side: Option<Side>,
    /// The last of the page before.
    pub after: Option<(Uuid, Side)>,
}

/// Matches of these enterprises, newest first; the need's side before the offer's where both are theirs.
pub async fn list(
    connection: &mut Connection,
    enterprises: &[Uuid],
    filter: &MatchFilter,
    limit: i64,
) -> Result<Vec<(MatchRow, Sided)>, Error> {
    let own = match_sides::table.inner_join(matches::table).filter(match_sides::enterprise_id.eq_any(enterprises));
    let mut query = own.select((PairRow::as_select(), SideRow::as_select())).into_boxed();
    if let Some(listing_id) = filter.listing_id {
        query = query.filter(match_sides::listing_id.eq(listing_id));
    }
    if let Some(status) = filter.status {
        query = query.filter(match_sides::status.eq(<&str>::from(status)));
    }
    if let Some(side) = filter.side {
        query = query.filter(match_sides::side.eq(<&str>::from(side)));
    }
    if let Some((id, side)) = filter.after {
        let same = match_sides::match_id.eq(id).and(match_sides::side.gt(<&str>::from(side)));
        query = query.filter(match_sides::match_id.lt(id).or(same));
    }
    let ordered = query.order((match_sides::match_id.desc(), match_sides::side)).limit(limit);
    let rows: Vec<(PairRow, SideRow)> = ordered.load(connection).await?;
    rows.into_iter().map(|(pair, side)| Ok((pair.into(), side.try_into()?))).collect()
}

/// The sides of a match that are of these enterprises, the need's first.
pub async fn find(
    connection: &mut Connection,
    id: Uuid,
    enterprises: &[Uuid],
) -> Result<Option<(MatchRow, Vec<Sided>)>, Error> {
    let row: Option<PairRow> =
        matches::table.find(id).select(PairRow::as_select()).first(connection).await.optional()?;
    let Some(row) = row else { return Ok(None) };
    let own =
        match_sides::table.filter(match_sides::match_id.eq(id).and(match_sides::enterprise_id.eq_any(enterprises)));
    let sides: Vec<SideRow> =
        own.order(match_sides::side).select(SideRow::as_select()).for_no_key_update().load(connection).await?;
    let sides = sides.into_iter().map(Sided::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok((!sides.is_empty()).then(|| (row.into(), sides)))
}

/// Deletes up to `limit` matches that ended for every side before then, unless one was converted, dismissed or shortlisted. The
/// last can only be told by the log: a shortlisted match that ends is stale like any other.
pub async fn purge(connection: &mut Connection, before: DateTime<Utc>, limit: i64) -> Result<usize, Error> {
    let purging = diesel::sql_query(
        "WITH ended AS (
             SELECT DISTINCT match_id FROM match_sides s
             WHERE status = 'stale' AND updated_at < $1
                 AND NOT EXISTS (SELECT FROM match_sides o
                     WHERE o.match_id = s.match_id AND (o.status <> 'stale' OR o.updated_at >= $1))
                 AND NOT EXISTS (SELECT FROM events e WHERE e.entity_id = s.match_id AND e.type = 'match.shortlisted')
             LIMIT $2),
         sides AS (DELETE FROM match_sides s USING ended WHERE s.match_id = ended.match_id)
         DELETE FROM matches m USING ended WHERE m.id = ended.match_id",
    );
    let purging = purging.bind::<Timestamptz, _>(before).bind::<BigInt, _>(limit);
    Ok(purging.execute(connection).await?)
}
