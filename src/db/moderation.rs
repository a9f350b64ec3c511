//! Moderation: versions of its policy, listings that wait, decisions, appeals.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::schema::{moderation_decisions, moderation_holds, moderation_policies};
use super::types::parse_code;
use super::{Connection, Error};
use crate::domain::listing::Kind;
use crate::domain::moderation::{
    Claim, DecisionRecord, Grounds, Hold, HoldReason, ModerationDecision, ModerationPolicy, ModerationState,
};
use crate::domain::platform::Reach;

/// A version with who wrote it and why.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyVersion {
    pub policy: ModerationPolicy,
    pub author_id: Uuid,
    pub reason: String,
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = moderation_policies)]
struct PolicyRow {
    version: i32,
    document: Value,
    created_at: DateTime<Utc>,
    author_id: Uuid,
    reason: String,
}

impl TryFrom<PolicyRow> for PolicyVersion {
    type Error = Error;

    fn try_from(row: PolicyRow) -> Result<Self, Error> {
        let PolicyRow { version, document, created_at, author_id, reason } = row;
        let values: ModerationPolicy = serde_json::from_value(document)
            .map_err(|error| Error::Fault(format!("moderation policy {version}: {error}")))?;
        Ok(Self { policy: ModerationPolicy { version, ..values }, author_id, reason, created_at })
    }
}

pub async fn insert_policy(connection: &mut Connection, version: &PolicyVersion) -> Result<(), Error> {
    let row = PolicyRow {
        version: version.policy.version,
        document: serde_json::to_value(&version.policy).map_err(|error| Error::Fault(error.to_string()))?,
        created_at: version.created_at,
        author_id: version.author_id,
        reason: version.reason.clone(),
    };
    diesel::insert_into(moderation_policies::table).values(row).execute(connection).await?;
    Ok(())
}

/// Newest first, older than `before`.
pub async fn list_policies(
    connection: &mut Connection,
    before: Option<i32>,
    limit: i64,
) -> Result<Vec<PolicyVersion>, Error> {
    let rows: Vec<PolicyRow> = moderation_policies::table
        .filter(moderation_policies::version.lt(before.unwrap_or(i32::MAX)))
        .order(moderation_policies::version.desc())
        .limit(limit)
        .select(PolicyRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(PolicyVersion::try_from).collect()
}

/// What holds now: version 0 where nothing was ever written.
pub async fn policy(connection: &mut Connection) -> Result<ModerationPolicy, Error> {
    Ok(list_policies(connection, None, 1).await?.pop().map(|newest| newest.policy).unwrap_or_default())
}

#[derive(Queryable, Selectable, Insertable, QueryableByName)]
#[diesel(table_name = moderation_holds)]
struct HoldRow {
    listing_id: Uuid,
    region_code: Option<String>,
    reason: String,
    policy_version: i32,
    since: DateTime<Utc>,
    claimed_by: Option<Uuid>,
    claimed_until: Option<DateTime<Utc>>,
}

impl TryFrom<HoldRow> for Hold {
    type Error = Error;

    fn try_from(row: HoldRow) -> Result<Self, Error> {
        let HoldRow { listing_id, region_code, reason, policy_version, since, claimed_by, claimed_until } = row;
        let claim = claimed_by.zip(claimed_until).map(|(by, until)| Claim { by, until });
        Ok(Self { listing_id, region_code, reason: parse_code::<HoldReason>(&reason)?, policy_version, since, claim })
    }
}

/// From now on the listing waits; where it did so before, since then.
pub async fn hold(connection: &mut Connection, hold: &Hold) -> Result<(), Error> {
    let row = HoldRow {
        listing_id: hold.listing_id,
        region_code: hold.region_code.clone(),
        reason: <&str>::from(hold.reason).to_owned(),
        policy_version: hold.policy_version,
        since: hold.since,
        claimed_by: hold.claim.map(|claim| claim.by),
        claimed_until: hold.claim.map(|claim| claim.until),
    };
    diesel::insert_into(moderation_holds::table)
        .values(row)
        .on_conflict(moderation_holds::listing_id)
        .do_update()
        .set((
            moderation_holds::region_code.eq(excluded(moderation_holds::region_code)),
            moderation_holds::reason.eq(excluded(moderation_holds::reason)),
            moderation_holds::policy_version.eq(excluded(moderation_holds::policy_version)),
            moderation_holds::claimed_by.eq(excluded(moderation_holds::claimed_by)),
            moderation_holds::claimed_until.eq(excluded(moderation_holds::claimed_until)),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn release(connection: &mut Connection, listing_id: Uuid) -> Result<(), Error> {
    diesel::delete(moderation_holds::table.find(listing_id)).execute(connection).await?;
    Ok(())
}

/// Locked until the transaction ends.
pub async fn lock_hold(connection: &mut Connection, listing_id: Uuid) -> Result<Option<Hold>, Error> {
    let row = moderation_holds::table.find(listing_id).select(HoldRow::as_select()).for_no_key_update();
    row.first(connection).await.optional()?.map(Hold::try_from).transpose()
}

pub async fn find_holds(connection: &mut Connection, listings: &[Uuid]) -> Result<Vec<Hold>, Error> {
    let rows = moderation_holds::table.filter(moderation_holds::listing_id.eq_any(listings));
    rows.select(HoldRow::as_select()).load(connection).await?.into_iter().map(Hold::try_from).collect()
}

/// What a moderator asks the queue for.
#[derive(Debug, Clone, Default)]
pub struct QueueFilter {
    pub kind: Option<Kind>,
    /// Codes, with all below them.
    pub categories: Option<Vec<String>>,
    /// Code of a flag that is open.
    pub flag: Option<String>,
    pub after: Option<(DateTime<Utc>, Uuid)>,
}

/// What waits, oldest first.
pub async fn queue(
    connection: &mut Connection,
    reach: &Reach,
    filter: QueueFilter,
    limit: i64,
) -> Result<Vec<Hold>, Error> {
    let query = diesel::sql_query(
        "SELECT h.* FROM moderation_holds h JOIN listings l ON l.id = h.listing_id
         WHERE l.status = 'pending_review' AND ($1 OR h.region_code = ANY($2))
           AND ($3 IS NULL OR l.terms ->> 'kind' = $3) AND ($4 IS NULL OR l.terms ->> 'category' = ANY($4))
           AND ($5 IS NULL OR EXISTS (SELECT FROM listing_flags f
               WHERE f.listing_id = h.listing_id AND f.code = $5 AND f.cleared_at IS NULL))
           AND ($6 IS NULL OR (h.since, h.listing_id) > ($6, $7))
         ORDER BY h.since, h.listing_id LIMIT $8",
    );
    let rows: Vec<HoldRow> = query
        .bind::<Bool, _>(reach.everywhere)
        .bind::<Array<Text>, _>(&reach.regions)
        .bind::<Nullable<Text>, _>(filter.kind.map(<&str>::from))
        .bind::<Nullable<Array<Text>>, _>(filter.categories)
        .bind::<Nullable<Text>, _>(filter.flag)
        .bind::<Nullable<Timestamptz>, _>(filter.after.map(|(since, _)| since))
        .bind::<Nullable<SqlUuid>, _>(filter.after.map(|(_, id)| id))
        .bind::<BigInt, _>(limit)
        .load(connection)
        .await?;
    rows.into_iter().map(Hold::try_from).collect()
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = moderation_decisions)]
struct DecisionRow {
    id: Uuid,
    listing_id: Uuid,
    enterprise_id: Uuid,
    region_code: Option<String>,
    decision: String,
    reasons: Vec<String>,
    note: Option<String>,
    listing_version: i32,
    terms: Value,
    flags: Vec<String>,
    policy_version: i32,
    waiting_since: Option<DateTime<Utc>>,
    appeal_id: Option<Uuid>,
    decided_by: Option<Uuid>,
    decided_at: DateTime<Utc>,
}

impl TryFrom<DecisionRow> for DecisionRecord {
    type Error = Error;

    fn try_from(row: DecisionRow) -> Result<Self, Error> {
        let decision: ModerationDecision = parse_code(&row.decision)?;
        let held = decision == ModerationDecision::Held;
        let codes = |held: bool| if held { &[][..] } else { &row.reasons[..] };
        let reasons = codes(held).iter().map(|code| parse_code(code)).collect::<Result<_, Error>>()?;
        let held_because = row.reasons.as_slice().first().filter(|_| held).map(|code| parse_code(code)).transpose()?;
        Ok(Self {
            id: row.id,
            listing_id: row.listing_id,
            enterprise_id: row.enterprise_id,
            region_code: row.region_code,
            decision,
            grounds: Grounds { reasons, note: row.note },
            held_because,
            listing_version: row.listing_version,
            terms: row.terms,
            flags: row.flags,
            policy_version: row.policy_version,
            waiting_since: row.waiting_since,
            appeal_id: row.appeal_id,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
        })
    }
}

pub async fn insert_decision(connection: &mut Connection, record: &DecisionRecord) -> Result<(), Error> {
    let reasons = record.grounds.reasons.iter().map(|reason| <&str>::from(*reason).to_owned());
    let row = DecisionRow {
        id: record.id,
        listing_id: record.listing_id,
        enterprise_id: record.enterprise_id,
        region_code: record.region_code.clone(),
        decision: <&str>::from(record.decision).to_owned(),
        reasons: reasons.chain(record.held_because.map(|reason| <&str>::from(reason).to_owned())).collect(),
        note: record.grounds.note.clone(),
        listing_version: record.listing_version,
        terms: record.terms.clone(),
        flags: record.flags.clone(),
        policy_version: record.policy_version,
        waiting_since: record.waiting_since,
        appeal_id: record.appeal_id,
        decided_by: record.decided_by,
        decided_at: record.decided_at,
    };
    diesel::insert_into(moderation_decisions::table).values(row).execute(connection).await?;
    Ok(())
}

/// Of a listing, newest first.
pub async fn decisions(
    connection: &mut Connection,
    listing_id: Uuid,
    limit: i64,
) -> Result<Vec<DecisionRecord>, Error> {
    let of_listing = moderation_decisions::table.filter(moderation_decisions::listing_id.eq(listing_id));
    let rows =
        of_listing.order((moderation_decisions::decided_at.desc(), moderation_decisions::id.desc())).limit(limit);
    rows.select(DecisionRow::as_select()).load(connection).await?.into_iter().map(DecisionRecord::try_from).collect()
}

/// The newest of each of these listings.
pub async fn newest_decisions(connection: &mut Connection, listings: &[Uuid]) -> Result<Vec<DecisionRecord>, Error> {
    let rows = moderation_decisions::table
        .filter(moderation_decisions::listing_id.eq_any(listings))
        .distinct_on(moderation_decisions::listing_id)
        .order((
            moderation_decisions::listing_id,
            moderation_decisions::decided_at.desc(),
            moderation_decisions::id.desc(),
        ));
    rows.select(DecisionRow::as_select()).load(connection).await?.into_iter().map(DecisionRecord::try_from).collect()
}

/// Where each of these listings stands; those that were never moderated are left out.
pub async fn states(connection: &mut Connection, listings: &[Uuid]) -> Result<HashMap<Uuid, ModerationState>, Error> {
    if listings.is_empty() {
        return Ok(HashMap::new());
    }
    let newest = newest_decisions(connection, listings).await?;
    let appealable: Vec<Uuid> =
        newest.iter().filter(|record| record.decision.may_be_appealed()).map(|record| record.id).collect();
    let appeals = match appealable[..] {
        [] => vec![],
        _ => super::appeals::of_decisions(connection, &appealable).await?,
    };
    let state = |newest: DecisionRecord| {
        let appeal = appeals.iter().find(|appeal| appeal.decision_id == newest.id).cloned();
        (newest.listing_id, ModerationState { newest, appeal })
    };
    Ok(newest.into_iter().map(state).collect())
}

pub async fn find_decision(connection: &mut Connection, id: Uuid) -> Result<Option<DecisionRecord>, Error> {
    let row = moderation_decisions::table.find(id).select(DecisionRow::as_select());
    row.first(connection).await.optional()?.map(DecisionRecord::try_from).transpose()
}

/// How the queue stands.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Backlog {
    #[diesel(sql_type = BigInt)]
    pub waiting: i64,
    #[diesel(sql_type = BigInt)]
    pub claimed: i64,
    /// Seconds; 0 where nothing waits.
    #[diesel(sql_type = diesel::sql_types::Double)]
    pub median_age: f64,
    #[diesel(sql_type = diesel::sql_types::Double)]
    pub oldest_age: f64,
}

pub async fn backlog(connection: &mut Connection, reach: &Reach, now: DateTime<Utc>) -> Result<Backlog, Error> {
    let counting = diesel::sql_query(
        "SELECT count(*) AS waiting, count(*) FILTER (WHERE claimed_until > $3) AS claimed,
             coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM $3 - since)), 0)::float8 AS median_age,
             coalesce(extract(epoch FROM $3 - min(since)), 0)::float8 AS oldest_age
         FROM moderation_holds h JOIN listings l ON l.id = h.listing_id
         WHERE l.status = 'pending_review' AND ($1 OR h.region_code = ANY($2))",
    );
    let counting = counting.bind::<Bool, _>(reach.everywhere).bind::<Array<Text>, _>(&reach.regions);
    Ok(counting.bind::<Timestamptz, _>(now).get_result(connection).await?)
}

/// Decisions of one day in China, of one kind, by one moderator.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct DecidedCount {
    #[diesel(sql_type = diesel::sql_types::Date)]
    pub date: chrono::NaiveDate,
    #[diesel(sql_type = Text)]
    pub decision: String,
    #[diesel(sql_type = SqlUuid)]
    pub decided_by: Uuid,
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    /// Seconds from waiting to decision, all together; of those that had waited.
    #[diesel(sql_type = diesel::sql_types::Double)]
    pub waited: f64,
    #[diesel(sql_type = BigInt)]
    pub waited_count: i64,
}

/// Of the last days, today included.
pub async fn decided(
    connection: &mut Connection,
    reach: &Reach,
    days: i32,
    now: DateTime<Utc>,
) -> Result<Vec<DecidedCount>, Error> {
    let counting = diesel::sql_query(
        "SELECT (decided_at AT TIME ZONE 'Asia/Shanghai')::date AS date, decision, decided_by, count(*) AS count,
             coalesce(sum(extract(epoch FROM decided_at - waiting_since)), 0)::float8 AS waited,
             count(waiting_since) AS waited_count
         FROM moderation_decisions
         WHERE decided_by IS NOT NULL AND ($1 OR region_code = ANY($2))
           AND decided_at >= (($4 AT TIME ZONE 'Asia/Shanghai')::date - ($3 - 1))::timestamp AT TIME ZONE 'Asia/Shanghai'
         GROUP BY 1, 2, 3 ORDER BY 1 DESC, 2, 3",
    );
    let counting = counting.bind::<Bool, _>(reach.everywhere).bind::<Array<Text>, _>(&reach.regions);
    Ok(counting.bind::<Integer, _>(days).bind::<Timestamptz, _>(now).load(connection).await?)
}
