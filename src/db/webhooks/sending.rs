//! Taking deliveries to be sent, by one process at a time each, and writing down what became of them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Timestamptz, Uuid as UuidType};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::schema::{webhook_attempts, webhook_deliveries, webhook_endpoints};
use crate::db::{Connection, Error};
use crate::domain::webhook::{ATTEMPTS_KEPT, WebhookAttempt, WebhookDeliveryStatus};

/// Under way to one endpoint at a time, by all processes together.
const MOST_EACH: i64 = 2;

/// A delivery taken to be sent.
pub struct Taken {
    pub id: Uuid,
    pub endpoint_id: Uuid,
    pub event_id: Uuid,
    pub body: String,
    /// This one counted.
    pub attempts: i32,
    pub tries: i32,
    pub began_at: DateTime<Utc>,
    pub url: String,
    pub sealed_secret: Vec<u8>,
    pub sealed_former: Option<Vec<u8>>,
    pub former_until: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = UuidType)]
    id: Uuid,
}

/// Takes what is due, at most `limit`. Whoever takes a delivery and dies leaves it to others from `back_at` on.
pub async fn take(
    connection: &mut Connection,
    now: DateTime<Utc>,
    back_at: DateTime<Utc>,
    most_tries: i32,
    limit: i64,
) -> Result<Vec<Taken>, Error> {
    give_up(connection, now, most_tries).await?;
    // Who holds an endpoint counts what is under way to it; by chance, so that none comes last for ever.
    let holding = diesel::sql_query(
        "SELECT e.id FROM webhook_endpoints e
         WHERE e.enabled AND EXISTS (SELECT FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.status = 'pending'
                 AND d.due_at <= $1 AND (d.leased_until IS NULL OR d.leased_until <= $1))
             AND (SELECT count(*) FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.leased_until > $1) < $2
         ORDER BY random() LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED",
    );
    let holding = holding.bind::<Timestamptz, _>(now).bind::<BigInt, _>(MOST_EACH).bind::<BigInt, _>(limit);
    let endpoints: Vec<Id> = holding.load(connection).await?;
    if endpoints.is_empty() {
        return Ok(vec![]);
    }
    let endpoints: Vec<Uuid> = endpoints.into_iter().map(|row| row.id).collect();
    let taking = diesel::sql_query(
        "UPDATE webhook_deliveries SET attempts = attempts + 1, tries = tries + 1, leased_until = $2
         WHERE id IN (
             SELECT due.id FROM unnest($3) AS e (id) CROSS JOIN LATERAL (
                 SELECT d.id FROM webhook_deliveries d
                 WHERE d.endpoint_id = e.id AND d.status = 'pending' AND d.due_at <= $1
                     AND (d.leased_until IS NULL OR d.leased_until <= $1)
                 ORDER BY d.due_at, d.id
                 LIMIT greatest(0, $4 - (SELECT count(*) FROM webhook_deliveries u
                     WHERE u.endpoint_id = e.id AND u.leased_until > $1))
                 FOR NO KEY UPDATE SKIP LOCKED) due
             LIMIT $5)
         RETURNING id",
    );
    let taking = taking.bind::<Timestamptz, _>(now).bind::<Timestamptz, _>(back_at);
    let taking = taking.bind::<Array<UuidType>, _>(&endpoints).bind::<BigInt, _>(MOST_EACH).bind::<BigInt, _>(limit);
    let taken: Vec<Id> = taking.load(connection).await?;
    load(connection, taken.into_iter().map(|row| row.id).collect()).await
}

/// Ends what nobody wrote down after its last try: else a delivery that cannot be written down, or ends the process that sends it,
/// would be sent every minute for as long as it is kept.
async fn give_up(connection: &mut Connection, now: DateTime<Utc>, most_tries: i32) -> Result<(), Error> {
    let ending = diesel::sql_query(
        "UPDATE webhook_deliveries SET status = 'failed', ended_at = $1, leased_until = NULL
         WHERE id IN (SELECT id FROM webhook_deliveries
             WHERE status = 'pending' AND leased_until <= $1 AND tries >= $2 FOR NO KEY UPDATE SKIP LOCKED)",
    );
    ending.bind::<Timestamptz, _>(now).bind::<Integer, _>(most_tries).execute(connection).await?;
    Ok(())
}

async fn load(connection: &mut Connection, ids: Vec<Uuid>) -> Result<Vec<Taken>, Error> {
    type Columns = (Uuid, Uuid, Uuid, String, i32, i32, DateTime<Utc>);
    type Secrets = (String, Vec<u8>, Option<Vec<u8>>, Option<DateTime<Utc>>);
    let rows = webhook_deliveries::table.inner_join(webhook_endpoints::table);
    let rows = rows.filter(webhook_deliveries::id.eq_any(ids)).order(webhook_deliveries::id).select((
        (
            webhook_deliveries::id,
            webhook_deliveries::endpoint_id,
            webhook_deliveries::event_id,
            webhook_deliveries::body,
            webhook_deliveries::attempts,
            webhook_deliveries::tries,
            webhook_deliveries::began_at,
        ),
        (
            webhook_endpoints::url,
            webhook_endpoints::sealed_secret,
            webhook_endpoints::sealed_former,
            webhook_endpoints::former_until,
        ),
    ));
    let rows: Vec<(Columns, Secrets)> = rows.load(connection).await?;
    let taken = |(delivery, endpoint): (Columns, Secrets)| {
        let (id, endpoint_id, event_id, body, attempts, tries, began_at) = delivery;
        let (url, sealed_secret, sealed_former, former_until) = endpoint;
        Taken {
            id,
            endpoint_id,
            event_id,
            body,
            attempts,
            tries,
            began_at,
            url,
            sealed_secret,
            sealed_former,
            former_until,
        }
    };
    Ok(rows.into_iter().map(taken).collect())
}

/// What becomes of a delivery after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Succeeded,
    Failed,
    At(DateTime<Utc>),
}

/// Writes an attempt down. False where others have taken the delivery since: then what becomes of it is theirs to say.
pub async fn finish(
    connection: &mut Connection,
    delivery: Uuid,
    attempt: &WebhookAttempt,
    next: Next,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let status = match next {
        Next::Succeeded => WebhookDeliveryStatus::Succeeded,
        Next::Failed => WebhookDeliveryStatus::Failed,
        Next::At(_) => WebhookDeliveryStatus::Pending,
    };
    let (due_at, ended_at) = match next {
        Next::At(due) => (due, None),
        _ => (now, Some(now)),
    };
    let response_status = attempt.response_status.map(i32::from);
    let error = attempt.error.map(<&str>::from);
    // Gone with its endpoint, or taken by others.
    let mine = webhook_deliveries::table.find(delivery).filter(webhook_deliveries::attempts.eq(attempt.number));
    let changed = diesel::update(mine)
        .set((
            webhook_deliveries::status.eq(<&str>::from(status)),
            webhook_deliveries::due_at.eq(due_at),
            webhook_deliveries::leased_until.eq(None::<DateTime<Utc>>),
            webhook_deliveries::ended_at.eq(ended_at),
            webhook_deliveries::response_status.eq(response_status),
            webhook_deliveries::error.eq(error),
        ))
        .execute(connection)
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    diesel::insert_into(webhook_attempts::table)
        .values((
            webhook_attempts::delivery_id.eq(delivery),
            webhook_attempts::number.eq(attempt.number),
            webhook_attempts::at.eq(attempt.at),
            webhook_attempts::duration_ms.eq(attempt.duration_ms),
            webhook_attempts::response_status.eq(response_status),
            webhook_attempts::error.eq(error),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    let old = webhook_attempts::table.filter(webhook_attempts::delivery_id.eq(delivery));
    let old = old.filter(webhook_attempts::number.le(attempt.number - ATTEMPTS_KEPT));
    diesel::delete(old).execute(connection).await?;
    Ok(true)
}
