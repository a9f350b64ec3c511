//! Daily figures out of the history of listings and enterprises. A count and the rows behind it are made of the same text, so that
//! they cannot part.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Connection, Error};
use crate::domain::brief::{BriefFigure, BriefRow, RowFilter};
use crate::domain::platform::Reach;

/// Each listing as it stood at $1; `state` is the status, with expiry computed; `idle`
/// that its enterprise did not trade.
const LISTINGS: &str = "(SELECT DISTINCT ON (h.listing_id) h.listing_id AS id, h.enterprise_id, h.since, h.published, h.side, h.kind,
        coalesce(h.category, '-') AS category, h.region_code, h.quantity, coalesce(h.unit_code, '-') AS unit_code, h.basis,
        CASE WHEN status = 'published' AND valid_until <= $1 THEN 'expired' ELSE status END AS state,
        CASE WHEN outcome IN ('met_here', 'met_elsewhere') THEN outcome
             WHEN status = 'published' AND valid_until > $1 THEN 'open' ELSE 'not_met' END AS needs,
        (SELECT e.status FROM enterprise_history e WHERE e.enterprise_id = h.enterprise_id AND e.at <= $1
            ORDER BY e.id DESC LIMIT 1) IN ('suspended', 'closed') AS idle
    FROM listing_history h WHERE h.at <= $1 ORDER BY h.listing_id, h.id DESC) s";

const ENTERPRISES: &str = "(SELECT DISTINCT ON (h.enterprise_id) h.enterprise_id AS id, NULL::uuid AS enterprise_id, h.at AS since,
        NULL AS side, NULL AS kind, NULL AS category, h.region_code, NULL::numeric AS quantity, NULL AS unit_code, NULL AS basis,
        h.status AS state, NULL AS needs
    FROM enterprise_history h WHERE h.at <= $1 ORDER BY h.enterprise_id, h.id DESC) s";

/// Of both sides, whoever lies in the region.
const CONTACTS: &str =
    "(SELECT e.event_id AS id, e.enterprise_ids[1] AS enterprise_id, e.at AS since, NULL AS side, NULL AS kind,
        NULL AS category, (SELECT p.profile ->> 'region_code' FROM enterprises p WHERE p.id = ANY(e.enterprise_ids)
            AND ($2 OR p.profile ->> 'region_code' = ANY($3)) LIMIT 1) AS region_code,
        NULL::numeric AS quantity, NULL AS unit_code, NULL AS basis, 'accepted' AS state, NULL AS needs
    FROM events e WHERE e.type = 'contact_request.accepted' AND e.at <= $1) s";

/// Where the rows of a figure come from, and which of them count.
fn source(figure: BriefFigure) -> (&'static str, &'static str) {
    match figure {
        BriefFigure::Enterprises => (ENTERPRISES, "true"),
        BriefFigure::Listings => (LISTINGS, "s.state = 'published' AND s.idle IS NOT TRUE"),
        BriefFigure::Needs => {
            (LISTINGS, "s.side = 'need' AND s.published AND s.state NOT IN ('draft', 'pending_review')")
        }
        BriefFigure::Gaps => (LISTINGS, "s.state = 'published' AND s.idle IS NOT TRUE AND s.quantity IS NOT NULL"),
        BriefFigure::Contacts => (CONTACTS, "true"),
        BriefFigure::Queue => (LISTINGS, "s.state = 'pending_review'"),
    }
}

fn from(figure: BriefFigure) -> String {
    let (source, counts) = source(figure);
    format!("FROM {source} WHERE ($2 OR s.region_code = ANY($3)) AND {counts}")
}

/// How many there are of one sort.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Count {
    #[diesel(sql_type = Nullable<Text>)]
    pub side: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub kind: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    /// Of an enterprise, or what became of a need.
    #[diesel(sql_type = Nullable<Text>)]
    pub code: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

pub async fn counts(
    connection: &mut Connection,
    reach: &Reach,
    at: DateTime<Utc>,
    figure: BriefFigure,
) -> Result<Vec<Count>, Error> {
    let columns = match figure {
        BriefFigure::Enterprises => "NULL::text AS side, NULL::text AS kind, NULL::text AS category, s.state AS code",
        BriefFigure::Needs => "NULL::text AS side, NULL::text AS kind, NULL::text AS category, s.needs AS code",
        BriefFigure::Listings => "s.side, s.kind, s.category, NULL::text AS code",
        _ => "NULL::text AS side, NULL::text AS kind, NULL::text AS category, NULL::text AS code",
    };
    let sql = format!("SELECT {columns}, count(*) AS count {} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4", from(figure));
    let counting = diesel::sql_query(sql).bind::<Timestamptz, _>(at).bind::<Bool, _>(reach.everywhere);
    Ok(counting.bind::<Array<Text>, _>(&reach.regions).load(connection).await?)
}

/// What is needed and offered of a category in a unit.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Gap {
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub category: String,
    #[diesel(sql_type = Text)]
    pub unit_code: String,
    #[diesel(sql_type = Text)]
    pub basis: String,
    #[diesel(sql_type = Text)]
    pub needed: String,
    #[diesel(sql_type = Text)]
    pub offered: String,
    /// What is missing, or 0.
    #[diesel(sql_type = Text)]
    pub gap: String,
    #[diesel(sql_type = BigInt)]
    pub listings: i64,
}

/// The largest first in each category's own unit; at most `limit`.
pub async fn gaps(
    connection: &mut Connection,
    reach: &Reach,
    at: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Gap>, Error> {
    let sql = format!(
        "SELECT kind, category, unit_code, basis, trim_scale(needed)::text AS needed, trim_scale(offered)::text AS offered,
                trim_scale(greatest(needed - offered, 0))::text AS gap, listings
         FROM (SELECT s.kind, s.category, s.unit_code, s.basis, count(*) AS listings,
                   coalesce(sum(s.quantity) FILTER (WHERE s.side = 'need'), 0) AS needed,
                   coalesce(sum(s.quantity) FILTER (WHERE s.side = 'offer'), 0) AS offered
               {} GROUP BY 1, 2, 3, 4) g
         ORDER BY kind, category, unit_code, basis LIMIT $4",
        from(BriefFigure::Gaps)
    );
    let adding = diesel::sql_query(sql).bind::<Timestamptz, _>(at).bind::<Bool, _>(reach.everywhere);
    let adding = adding.bind::<Array<Text>, _>(&reach.regions).bind::<BigInt, _>(limit);
    Ok(adding.load(connection).await?)
}

/// How long what waits had waited.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct QueueAge {
    #[diesel(sql_type = BigInt)]
    pub waiting: i64,
    /// Seconds.
    #[diesel(sql_type = diesel::sql_types::Double)]
    pub median: f64,
    #[diesel(sql_type = diesel::sql_types::Double)]
    pub oldest: f64,
}

pub async fn queue_age(connection: &mut Connection, reach: &Reach, at: DateTime<Utc>) -> Result<QueueAge, Error> {
    let sql = format!(
        "SELECT count(*) AS waiting,
             coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM $1 - s.since)), 0)::float8 AS median,
             coalesce(max(extract(epoch FROM $1 - s.since)), 0)::float8 AS oldest {}",
        from(BriefFigure::Queue)
    );
    let asking = diesel::sql_query(sql).bind::<Timestamptz, _>(at).bind::<Bool, _>(reach.everywhere);
    Ok(asking.bind::<Array<Text>, _>(&reach.regions).get_result(connection).await?)
}

#[derive(QueryableByName)]
struct ListedRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    enterprise_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Timestamptz)]
    since: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    side: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    kind: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    category: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    region_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    quantity: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    unit_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    basis: Option<String>,
}

/// The rows behind a figure, by id.
pub async fn rows(
    connection: &mut Connection,
    reach: &Reach,
    at: DateTime<Utc>,
    filter: &RowFilter,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<BriefRow>, Error> {
    let name = match filter.figure {
        BriefFigure::Enterprises => "(SELECT legal_name FROM enterprises WHERE enterprises.id = s.id)",
        BriefFigure::Contacts => "NULL::text",
        _ => "(SELECT terms ->> 'title' FROM listings WHERE listings.id = s.id)",
    };
    let sql = format!(
        "SELECT s.id, s.enterprise_id, {name} AS name, s.state, s.since, s.side::text, s.kind::text,
                nullif(s.category::text, '-') AS category, s.region_code, trim_scale(s.quantity)::text AS quantity,
                nullif(s.unit_code::text, '-') AS unit_code, s.basis::text
         {} AND ($4 IS NULL OR s.state = $4) AND ($5 IS NULL OR s.side = $5) AND ($6 IS NULL OR s.kind = $6)
            AND ($7 IS NULL OR s.category = $7) AND ($8 IS NULL OR s.needs = $8) AND ($9 IS NULL OR s.unit_code = $9)
            AND ($10 IS NULL OR s.basis = $10) AND ($11 IS NULL OR s.id > $11)
         ORDER BY s.id LIMIT $12",
        from(filter.figure)
    );
    let rows: Vec<ListedRow> = diesel::sql_query(sql)
        .bind::<Timestamptz, _>(at)
        .bind::<Bool, _>(reach.everywhere)
        .bind::<Array<Text>, _>(&reach.regions)
        .bind::<Nullable<Text>, _>(filter.status.as_ref())
        .bind::<Nullable<Text>, _>(filter.side.as_ref())
        .bind::<Nullable<Text>, _>(filter.kind.as_ref())
        .bind::<Nullable<Text>, _>(filter.category.as_ref())
        .bind::<Nullable<Text>, _>(filter.outcome.as_ref())
        .bind::<Nullable<Text>, _>(filter.unit_code.as_ref())
        .bind::<Nullable<Text>, _>(filter.basis.as_ref())
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(BriefRow::from).collect())
}

impl From<ListedRow> for BriefRow {
    fn from(row: ListedRow) -> Self {
        let ListedRow { id, enterprise_id, name, state, since, side, kind, category, .. } = row;
        let ListedRow { region_code, quantity, unit_code, basis, .. } = row;
        Self {
            id,
            enterprise_id,
            name,
            status: state,
            since,
            side,
            kind,
            category,
            region_code,
            quantity,
            unit_code,
            basis,
        }
    }
}

#[derive(QueryableByName)]
struct Beginning {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<DateTime<Utc>>,
}

/// When keeping history began, where there was something before: what is older is not known for sure.
pub async fn exact_since(connection: &mut Connection) -> Result<Option<DateTime<Utc>>, Error> {
    let query = diesel::sql_query("SELECT max(reconstructed_at) AS at FROM enterprise_history");
    let beginning: Beginning = query.get_result(connection).await?;
    Ok(beginning.at)
}
