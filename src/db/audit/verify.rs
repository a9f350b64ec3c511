//! Whether the log is what was written: a walk along the chain, with the details beside it.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::details::DetailRow;
use crate::db::events::EventRow;
use crate::db::schema::{audit_details, events};
use crate::db::{Connection, Error};

/// Rows held at a time.
const BATCH: i64 = 1000;
/// Faults of one kind that are named one by one.
const NAMED: i64 = 100;

/// What does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No event has this number, although later ones are there.
    Missing { seq: i64 },
    /// The event, or the one before it, is not what was chained.
    Altered { seq: i64 },
    /// The event's detail is gone, without the tombstone of an erasure.
    DetailMissing { seq: i64 },
    /// The detail is not what the event was written with.
    DetailAltered { seq: i64 },
    /// A detail whose event is not in the log: events were taken away, from the end perhaps.
    EventMissing { event_id: Uuid },
    /// Details were erased that no event accounts for.
    ErasureUnfounded { erasure_id: Uuid },
    /// The log ends before a position that was kept elsewhere.
    HeadMissing { seq: i64 },
    /// At a position that was kept elsewhere the log has another hash.
    HeadDiffers { seq: i64 },
}

/// How far a walk has come.
#[derive(Debug, Clone)]
pub struct Walk {
    /// The number and hash of the newest event seen.
    pub seq: i64,
    pub hash: Vec<u8>,
    pub details: u64,
    pub erased: u64,
    /// A position kept elsewhere, still to come.
    expected: Option<(i64, Vec<u8>)>,
}

impl Walk {
    /// Along the whole log; `expected` is a position and hash printed earlier.
    pub fn new(expected: Option<(i64, Vec<u8>)>) -> Self {
        Self { seq: 0, hash: vec![0; 32], details: 0, erased: 0, expected }
    }

    /// Goes on by a batch and hands over what does not hold there; returns whether there may be more.
    pub async fn step(&mut self, connection: &mut Connection, found: &mut impl FnMut(Fault)) -> Result<bool, Error> {
        let rows: Vec<EventRow> = events::table
            .filter(events::seq.gt(self.seq))
            .order(events::seq)
            .limit(BATCH)
            .select(EventRow::as_select())
            .load(connection)
            .await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.event_id).collect();
        let details: Vec<DetailRow> = audit_details::table
            .filter(audit_details::event_id.eq_any(&ids))
            .select(DetailRow::as_select())
            .load(connection)
            .await?;
        let mut details: HashMap<Uuid, DetailRow> = details.into_iter().map(|row| (row.event_id, row)).collect();
        let more = !rows.is_empty();
        for row in rows {
            self.check_detail(&row, details.remove(&row.event_id), found);
            self.check_event(row, found);
        }
        Ok(more)
    }

    fn check_event(&mut self, row: EventRow, found: &mut impl FnMut(Fault)) {
        let (seq, hash) = (row.seq, row.hash.clone());
        if seq != self.seq + 1 {
            found(Fault::Missing { seq: self.seq + 1 });
        } else if !row.follows(&self.hash) {
            found(Fault::Altered { seq });
        }
        // Taken as it stands: what is wrong later is found as well.
        (self.seq, self.hash) = (seq, hash);
        if let Some((_, wanted)) = self.expected.take_if(|(position, _)| *position == seq)
            && wanted != self.hash
        {
            found(Fault::HeadDiffers { seq });
        }
    }

    fn check_detail(&mut self, row: &EventRow, detail: Option<DetailRow>, found: &mut impl FnMut(Fault)) {
        match (&row.detail_hash, detail) {
            (None, None) => {}
            (Some(_), None) => found(Fault::DetailMissing { seq: row.seq }),
            (Some(_), Some(detail)) if detail.erased_at.is_some() => self.erased += 1,
            (Some(digest), Some(detail)) if *digest == detail.digest() => self.details += 1,
            _ => found(Fault::DetailAltered { seq: row.seq }),
        }
    }

    /// After the last step: what the chain alone does not tell.
    pub async fn finish(&self, connection: &mut Connection, found: &mut impl FnMut(Fault)) -> Result<(), Error> {
        if let Some((seq, _)) = self.expected {
            found(Fault::HeadMissing { seq });
        }
        for row in details_without_event(connection).await? {
            found(Fault::EventMissing { event_id: row });
        }
        for row in erasures_without_event(connection).await? {
            found(Fault::ErasureUnfounded { erasure_id: row });
        }
        Ok(())
    }
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    id: Uuid,
}

async fn details_without_event(connection: &mut Connection) -> Result<Vec<Uuid>, Error> {
    let orphans = diesel::sql_query(format!(
        "SELECT event_id AS id FROM audit_details d
         WHERE NOT EXISTS (SELECT FROM events e WHERE e.event_id = d.event_id)
             AND NOT EXISTS (SELECT FROM events_pending p WHERE p.event_id = d.event_id)
         ORDER BY event_id LIMIT {NAMED}"
    ));
    let rows: Vec<Named> = orphans.load(connection).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The event of an erasure says how many details it took: no more may claim it.
async fn erasures_without_event(connection: &mut Connection) -> Result<Vec<Uuid>, Error> {
    let unfounded = diesel::sql_query(format!(
        "SELECT erasure_id AS id FROM audit_details d WHERE erasure_id IS NOT NULL GROUP BY erasure_id
         HAVING count(*) IS DISTINCT FROM (
             SELECT (changed->>'details')::bigint FROM events
             WHERE event_id = d.erasure_id AND type = '{ERASURE}'
             UNION ALL
             SELECT (changed->>'details')::bigint FROM events_pending
             WHERE event_id = d.erasure_id AND type = '{ERASURE}')
         ORDER BY erasure_id LIMIT {NAMED}"
    ));
    let rows: Vec<Named> = unfounded.load(connection).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The type of the event that tells of an erasure, with the number of `details` it took.
pub const ERASURE: &str = "account.erased";
