//! The event log: use cases append to `events_pending` in their own transaction; the sequencer moves committed rows into
//! `events`, giving each the next `seq` and chaining its hash to the one before.
//!
//! Numbering after commit is what makes paging by `seq` safe: a number given inside a transaction may become visible
//! after a higher one has been read. What the chain is for is in `audit`.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::StreamExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::audit::details;
use super::schema::{consumers, events, events_pending};
use super::{Connection, Database, Error};
use crate::domain::event::{Audience, Author, Event, NewEvent};

/// NOTIFY channel; the payload is the newest `seq`.
pub const CHANNEL: &str = "duijie_events";
/// A silent connection is asked this often whether it still stands.
const LISTEN_CHECK: Duration = Duration::from_secs(10);
/// The longest a sequencer's transaction may wait for its process.
const TURN: &str = "2s";
/// Rows moved in one transaction.
const BATCH: i64 = 1000;

#[derive(Queryable, Selectable, Insertable, Clone)]
#[diesel(table_name = events_pending)]
struct PendingRow {
    event_id: Uuid,
    event_type: String,
    entity: String,
    entity_id: Uuid,
    version: i32,
    audience: String,
    enterprise_ids: Vec<Uuid>,
    actor: Option<Uuid>,
    changed: Value,
    at: DateTime<Utc>,
    detail_hash: Option<Vec<u8>>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = events)]
pub(super) struct EventRow {
    pub seq: i64,
    pub event_id: Uuid,
    pub event_type: String,
    pub entity: String,
    pub entity_id: Uuid,
    pub version: i32,
    pub audience: String,
    pub enterprise_ids: Vec<Uuid>,
    pub actor: Option<Uuid>,
    pub changed: Value,
    pub at: DateTime<Utc>,
    pub hash: Vec<u8>,
    pub detail_hash: Option<Vec<u8>>,
}

/// Call it after the use case has taken its row locks, so that events of one entity keep their order. Returns the event's id;
/// `Erased` where whoever does it was erased meanwhile.
pub async fn append(
    connection: &mut Connection,
    event: NewEvent,
    by: impl Into<Author>,
    at: DateTime<Utc>,
) -> Result<Uuid, Error> {
    let (event_id, by) = (Uuid::now_v7(), by.into());
    if let Some(account_id) = by.account_id {
        super::accounts::outlast(connection, account_id).await?;
    }
    append_as(connection, event_id, event, by, at).await?;
    Ok(event_id)
}

/// The same, with an id that others may refer to already; the caller asks for itself whether the author is still there.
pub async fn append_as(
    connection: &mut Connection,
    event_id: Uuid,
    event: NewEvent,
    by: impl Into<Author>,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let by = by.into();
    let actor = by.account_id;
    let detail_hash = details::insert(connection, event_id, by, event.detail).await?;
    let (audience, enterprise_ids) = match event.audience {
        Audience::Public => ("public", vec![]),
        Audience::Enterprises(ids) => ("enterprises", ids),
        Audience::Staff => ("staff", vec![]),
    };
    let row = PendingRow {
        event_id,
        event_type: event.event_type.to_owned(),
        entity: event.entity.to_owned(),
        entity_id: event.entity_id,
        version: event.version,
        audience: audience.to_owned(),
        enterprise_ids,
        actor,
        changed: event.changed,
        at,
        detail_hash,
    };
    diesel::insert_into(events_pending::table).values(row).execute(connection).await?;
    Ok(())
}

/// Moves committed rows into the log, in batches, until none is left; returns how many.
pub async fn sequence(database: &Database) -> Result<usize, Error> {
    let mut moved = 0;
    loop {
        let batch = database.transaction(async |connection| sequence_batch(connection).await).await?;
        moved += batch;
        if i64::try_from(batch).unwrap_or(i64::MAX) < BATCH {
            return Ok(moved);
        }
    }
}

async fn sequence_batch(connection: &mut Connection) -> Result<usize, Error> {
    // Whoever holds the lock takes these rows along or is followed by a poll that does.
    if !take_turn(connection).await? {
        return Ok(0);
    }
    let pending: Vec<(i64, PendingRow)> = events_pending::table
        .select((events_pending::id, PendingRow::as_select()))
        .order(events_pending::id)
        .limit(BATCH)
        .load(connection)
        .await?;
    if pending.is_empty() {
        return Ok(0);
    }
    let (mut seq, mut hash) = head(connection).await?.unwrap_or((0, vec![0; 32]));
    let mut rows = Vec::with_capacity(pending.len());
    for (_, row) in &pending {
        seq += 1;
        let event = chained(seq, row.clone(), &hash);
        hash.clone_from(&event.hash);
        rows.push(event);
    }
    diesel::insert_into(events::table).values(&rows).execute(connection).await?;
    let ids: Vec<i64> = pending.iter().map(|(id, _)| *id).collect();
    diesel::delete(events_pending::table.filter(events_pending::id.eq_any(ids))).execute(connection).await?;
    diesel::sql_query(format!("NOTIFY {CHANNEL}, '{seq}'")).execute(connection).await?;
    Ok(rows.len())
}

/// Whether this process may number events until the transaction ends. A process that is stopped in the middle loses its
/// turn after a while: the others must not wait for it.
async fn take_turn(connection: &mut Connection) -> Result<bool, Error> {
    #[derive(QueryableByName)]
    struct Turn {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        taken: bool,
    }
    let taking = diesel::sql_query(
        "SELECT pg_try_advisory_xact_lock($1) AS taken, set_config('idle_in_transaction_session_timeout', $2, true)",
    );
    let turn: Turn = taking
        .bind::<diesel::sql_types::BigInt, _>(super::Lock::Sequencer as i64)
        .bind::<diesel::sql_types::Text, _>(TURN)
        .get_result(connection)
        .await?;
    Ok(turn.taken)
}

/// SHA-256 over the previous hash and a canonical JSON of the event, to which the digest of its detail belongs.
fn chained(seq: i64, row: PendingRow, previous: &[u8]) -> EventRow {
    let mut content = vec![
        json!(seq),
        json!(row.event_id),
        json!(row.event_type),
        json!(row.entity),
        json!(row.entity_id),
        json!(row.version),
        json!(row.audience),
        json!(row.enterprise_ids),
        json!(row.actor),
        json!(row.changed),
        json!(row.at.to_rfc3339_opts(SecondsFormat::Micros, true)),
    ];
    // Events without a detail, among them those from before there were any, have eleven parts.
    content.extend(row.detail_hash.as_ref().map(|digest| json!(digest)));
    let content = Value::from(content).to_string();
    let hash = Sha256::new().chain_update(previous).chain_update(content).finalize().to_vec();
    let PendingRow { event_id, event_type, entity, entity_id, version, audience, enterprise_ids, actor, .. } = row;
    let PendingRow { changed, at, detail_hash, .. } = row;
    EventRow {
        seq,
        event_id,
        event_type,
        entity,
        entity_id,
        version,
        audience,
        enterprise_ids,
        actor,
        changed,
        at,
        hash,
        detail_hash,
    }
}

impl EventRow {
    /// Whether it is what was chained to `previous`.
    pub fn follows(self, previous: &[u8]) -> bool {
        let (seq, hash) = (self.seq, self.hash.clone());
        chained(seq, self.into(), previous).hash == hash
    }
}

/// Calls `heard` for every NOTIFY of the sequencer, of this process or another, until the connection breaks.
pub async fn listen(database: &Database, heard: impl Fn()) -> Result<(), Error> {
    let mut connection = database.dedicated().await?;
    diesel::sql_query(format!("LISTEN {CHANNEL}")).execute(&mut connection).await?;
    loop {
        let notification = {
            let mut notifications = std::pin::pin!(connection.notifications_stream());
            tokio::time::timeout(LISTEN_CHECK, notifications.next()).await
        };
        match notification {
            Ok(Some(Ok(_))) => heard(),
            Ok(_) => return Err(Error::Unavailable("the listening connection broke".to_owned())),
            // The stream does not say when the server has gone away; a query does.
            Err(_) => super::ping(&mut connection).await?,
        }
    }
}

/// The newest `seq` with its hash.
pub async fn head(connection: &mut Connection) -> Result<Option<(i64, Vec<u8>)>, Error> {
    let newest = events::table.select((events::seq, events::hash)).order(events::seq.desc());
    Ok(newest.first(connection).await.optional()?)
}

/// What there is beyond `position`.
#[derive(Debug, Clone, QueryableByName)]
pub struct Backlog {
    /// The newest `seq`.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub head: i64,
    /// Committed events without a number.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub pending: i64,
    /// Age of the oldest event beyond `position`, numbered or not.
    #[diesel(sql_type = diesel::sql_types::Double)]
    pub seconds: f64,
}

pub async fn backlog(connection: &mut Connection, position: i64) -> Result<Backlog, Error> {
    let counting = diesel::sql_query(
        "SELECT coalesce((SELECT max(seq) FROM events), 0) AS head, (SELECT count(*) FROM events_pending) AS pending,
             coalesce(extract(epoch FROM now() - least(
                 (SELECT at FROM events WHERE seq > $1 ORDER BY seq LIMIT 1),
                 (SELECT min(at) FROM events_pending))), 0)::float8 AS seconds",
    );
    Ok(counting.bind::<diesel::sql_types::BigInt, _>(position).get_result(connection).await?)
}

/// Events after `seq`, in order, at most `limit`.
pub async fn list_after(connection: &mut Connection, seq: i64, limit: i64) -> Result<Vec<Event>, Error> {
    let rows: Vec<EventRow> = events::table
        .filter(events::seq.gt(seq))
        .order(events::seq)
        .limit(limit)
        .select(EventRow::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(Event::from).collect())
}

impl From<EventRow> for PendingRow {
    fn from(row: EventRow) -> Self {
        let EventRow {
            event_id,
            event_type,
            entity,
            entity_id,
            version,
            audience,
            enterprise_ids,
            actor,
            changed,
            at,
            detail_hash,
            ..
        } = row;
        PendingRow {
            event_id,
            event_type,
            entity,
            entity_id,
            version,
            audience,
            enterprise_ids,
            actor,
            changed,
            at,
            detail_hash,
        }
    }
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        let audience = match row.audience.as_str() {
            "public" => Audience::Public,
            "enterprises" => Audience::Enterprises(row.enterprise_ids),
            _ => Audience::Staff,
        };
        Event {
            seq: row.seq,
            event_id: row.event_id,
            event_type: row.event_type,
            entity: row.entity,
            entity_id: row.entity_id,
            version: row.version,
            audience,
            actor: row.actor,
            changed: row.changed,
            at: row.at,
        }
    }
}

/// The newest event that `name` has dealt with; 0 where it has not begun.
pub async fn position(connection: &mut Connection, name: &str) -> Result<i64, Error> {
    let position = consumers::table.find(name).select(consumers::position);
    Ok(position.first(connection).await.optional()?.unwrap_or(0))
}

pub async fn set_position(connection: &mut Connection, name: &str, position: i64) -> Result<(), Error> {
    diesel::insert_into(consumers::table)
        .values((consumers::name.eq(name), consumers::position.eq(position)))
        .on_conflict(consumers::name)
        .do_update()
        .set(consumers::position.eq(position))
        .execute(connection)
        .await?;
    Ok(())
}
