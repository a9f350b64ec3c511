//! Follows the event log, one process at a time, and writes down the matches that listings make when they come or change,
//! and those that come next where a listing was lost.
//!
//! Rows, notifications, their events and the position in the log are one transaction: after a crash the same events are
//! dealt with again, and nothing is there twice.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::event;
use super::reckon::{Book, Concern, Telling};
use crate::app::standing::{Found, Look};
use crate::app::{App, Error};
use crate::db::{self, Connection};
use crate::domain::event::{Author, Detail, Event, NewEvent};
use crate::domain::notification::{Notification, NotificationKind, NotificationParams, SuggestedParams};

/// The name of this reader of the log.
const CONSUMER: &str = "matches";
/// Events read at a time.
const EVENTS: i64 = 200;
/// Listings looked at together.
const LISTINGS: usize = 20;
/// Caps of a day are counted over this time.
const DAY: TimeDelta = TimeDelta::hours(24);

impl App {
    /// Deals with the next events that the index has taken; returns whether there may be more. Does nothing while another
    /// process does.
    pub async fn write_matches(self: &Arc<Self>) -> Result<bool, Error> {
        if !self.market.is_loaded() {
            return Ok(false);
        }
        let applied = self.market.position();
        let written = self
            .database
            .transaction(async |connection| {
                if !db::try_lock(connection, db::Lock::MatchWriting as i64).await? {
                    return Ok(None);
                }
                let position = db::events::position(connection, CONSUMER).await?;
                let events = db::events::list_after(connection, position, EVENTS).await?;
                let Some((last, ids)) = next(connection, &events, applied).await? else { return Ok(None) };
                let mut told = 0;
                for chunk in ids.chunks(LISTINGS) {
                    told += self.write_for(connection, chunk).await?;
                }
                db::events::set_position(connection, CONSUMER, last).await?;
                Ok::<_, Error>(Some(told))
            })
            .await?;
        if written.is_some_and(|told| told > 0) {
            self.sequencer.notify_one();
        }
        Ok(written.is_some())
    }

    async fn write_for(self: &Arc<Self>, connection: &mut Connection, ids: &[Uuid]) -> Result<usize, Error> {
        let now = Utc::now().trunc_subsecs(6);
        let known = db::match_rows::of_listings(connection, ids).await?;
        let pairs: Vec<_> = known.iter().map(|(row, _)| (row.need_id, row.offer_id)).collect();
        let limit = self.frozen().policy.matches_per_listing_day;
        let found = self.look_carefully(Look::Whole, ids, pairs, limit).await?;
        let closed = db::listings::find_many(connection, ids).await?;
        let mut book = Book::of(known);
        let bereft = book.update(&found, ids, &closed, now);
        let next = self.look_carefully(Look::Own, &bereft, vec![], limit).await?;
        let (needs, offers): (Vec<Uuid>, Vec<Uuid>) = book.new_pairs(&next, limit).into_iter().unzip();
        book.leave_out(db::match_rows::written_between(connection, &needs, &offers).await?);
        let listings = book.new_listings([&found, &next], limit);
        let mut made = db::match_rows::count_since(connection, &listings, now - DAY).await?;
        book.add(&found, limit, &mut made, now);
        let successors = book.add(&next, limit, &mut made, now);
        let mut tellings = book.tellings(&found);
        tellings.extend(book.tellings_of_own(&next, &successors));
        let told = notify(connection, &mut book, tellings, &found, now).await?;
        let changed = || book.concerns.values().filter(|concern| concern.changed);
        let rows: Vec<_> = changed().map(|concern| concern.row.clone()).collect();
        let sides: Vec<_> = changed().flat_map(|concern| concern.sides.iter().cloned()).collect();
        db::match_rows::save_pairs(connection, &rows).await?;
        db::match_rows::save_sides(connection, &sides).await?;
        Ok(told)
    }

    /// Off this thread; a listing that cannot be looked at does not keep the others waiting for ever.
    async fn look_carefully(
        self: &Arc<Self>,
        look: Look,
        ids: &[Uuid],
        pairs: Vec<(Uuid, Uuid)>,
        limit: usize,
    ) -> Result<Found, Error> {
        let look = async |ids: Vec<Uuid>, pairs: Vec<(Uuid, Uuid)>| {
            let app = Arc::clone(self);
            let looking = tokio::task::spawn_blocking(move || app.look_at(look, &ids, &pairs, limit));
            looking.await.map_err(|error| Error::Fault(error.to_string()))?
        };
        let fault = match look(ids.to_vec(), pairs.clone()).await {
            Ok(found) => return Ok(found),
            Err(fault) => fault,
        };
        tracing::error!(?fault, "looking at listings one by one");
        let mut found = look(vec![], vec![]).await?;
        for id in ids {
            let own = pairs.iter().copied().filter(|(need, offer)| need == id || offer == id).collect();
            match look(vec![*id], own).await {
                Ok(one) => {
                    found.arrivals.extend(one.arrivals);
                    found.sights.extend(one.sights);
                }
                Err(fault) => tracing::error!(?fault, listing = %id, "left out"),
            }
        }
        Ok(found)
    }
}

/// The newest of the events the index knows of, and the listings they are about; `None` where there is none.
async fn next(connection: &mut Connection, events: &[Event], applied: i64) -> Result<Option<(i64, Vec<Uuid>)>, Error> {
    let known: Vec<&Event> = events.iter().take_while(|event| event.seq <= applied).collect();
    let Some(last) = known.last().map(|event| event.seq) else { return Ok(None) };
    let of =
        |entity: &str| known.iter().filter(|e| e.entity == entity).map(|e| e.entity_id).collect::<BTreeSet<Uuid>>();
    let enterprises: Vec<Uuid> = of("enterprise").into_iter().collect();
    let mut ids = of("listing");
    ids.extend(db::listings::list_published_of(connection, &enterprises).await?);
    Ok(Some((last, ids.into_iter().collect())))
}

/// Tells those who have not had their day's, the most urgent first, then the highest score; returns how many.
async fn notify(
    connection: &mut Connection,
    book: &mut Book,
    mut tellings: Vec<Telling>,
    found: &Found,
    now: DateTime<Utc>,
) -> Result<usize, Error> {
    tellings.sort_by_key(Telling::order);
    let mut enterprises: Vec<Uuid> = tellings.iter().map(|telling| telling.enterprise_id).collect();
    enterprises.sort_unstable();
    enterprises.dedup();
    let mut told = db::notifications::count_since(connection, &enterprises, now - DAY).await?;
    let cap = found.policy.notifications_per_enterprise_day;
    let mut notifications = Vec::new();
    for telling in tellings {
        let count = told.entry(telling.enterprise_id).or_default();
        let Some(concern) = book.concerns.get_mut(&telling.pair).filter(|_| telling.fits(*count, cap)) else {
            continue;
        };
        *count += 1;
        notifications.extend(tell(connection, concern, &telling, now).await?);
    }
    if !notifications.is_empty() {
        db::notifications::insert_many(connection, &notifications).await?;
    }
    Ok(notifications.len())
}

async fn tell(
    connection: &mut Connection,
    concern: &mut Concern,
    telling: &Telling,
    now: DateTime<Utc>,
) -> Result<Option<Notification>, Error> {
    let audience: Vec<Uuid> = concern.sides.iter().map(|side| side.enterprise_id).collect();
    let row = &concern.row;
    let Some(side) = concern.sides.iter_mut().find(|side| side.side == telling.side) else { return Ok(None) };
    side.notified = Some((row.need_version, row.offer_version));
    concern.changed = true;
    let by = Author::system("job:matches");
    let told = json!({ "need_id": row.need_id, "offer_id": row.offer_id, "score": side.explanation.score });
    let suggested = NewEvent { detail: Detail::created(&told), ..event("match.suggested", row, side, audience) };
    db::events::append(connection, suggested, by, now).await?;
    let counterpart_id = row.counterpart_of(side.side);
    let params = NotificationParams::Suggested(SuggestedParams {
        match_id: row.id,
        listing_id: side.listing_id,
        counterpart_id,
        score: side.explanation.score,
    });
    Ok(Some(Notification {
        id: Uuid::now_v7(),
        enterprise_id: side.enterprise_id,
        kind: NotificationKind::MatchSuggested,
        params,
        created_at: now,
        read_at: None,
    }))
}
