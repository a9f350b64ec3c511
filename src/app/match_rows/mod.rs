//! Matches that were written down: what the members of either side see and make of them. `write` makes them, from the
//! event log.

mod purge;
mod reckon;
mod write;

use serde_json::json;
use uuid::Uuid;

use super::listings::{ShownListing, views_by_id};
use super::{App, Caller, Error, Transaction, access};
pub use crate::db::match_rows::MatchFilter;
use crate::db::match_rows::Sided;
use crate::db::{self, Connection};
use crate::domain::event::{Audience, Detail, NewEvent};
use crate::domain::listing::Side;
use crate::domain::mandate::MandateScope;
use crate::domain::match_row::{MatchAction, MatchRow, MatchStatus};
use crate::domain::violation::Violations;
use crate::matching::{Match, match_of};

/// A match as one side sees it.
#[derive(Debug, Clone)]
pub struct MatchView {
    pub row: MatchRow,
    pub side: Sided,
    /// Where the reader may see it, today.
    pub counterpart: Option<ShownListing>,
}

impl App {
    /// Matches of the enterprises the caller acts for, newest first.
    pub async fn list_matches(
        &self,
        caller: &Caller,
        filter: MatchFilter,
        limit: i64,
    ) -> Result<Vec<MatchView>, Error> {
        let mut connection = self.database.get().await?;
        let own = traded_enterprises(&mut connection, caller).await?;
        let rows = db::match_rows::list(&mut connection, &own, &filter, limit).await?;
        views(&mut connection, caller, rows).await
    }

    /// One of them; `side` tells which, for who acts for both.
    pub async fn find_match(&self, caller: &Caller, id: Uuid, side: Option<Side>) -> Result<MatchView, Error> {
        let mut connection = self.database.get().await?;
        let found = find_own(&mut connection, caller, id, side).await?;
        let mut views = views(&mut connection, caller, vec![found]).await?;
        views.pop().ok_or(Error::NotFound)
    }

    /// What one side makes of the other now; `None` where the pair does not fit. What was dismissed is not kept up to date.
    fn sees(&self, row: &MatchRow, sided: &Sided) -> Option<Match> {
        let counterpart = row.counterpart_of(sided.side);
        let (own, other) = (self.market.get(sided.listing_id)?, self.market.get(counterpart)?);
        match_of(&own, &other, &self.frozen().context())
    }
}

/// Marks it as viewed, shortlists or dismisses it, for the caller's side alone.
pub async fn act(
    app: &App,
    transaction: &mut Transaction<'_>,
    id: Uuid,
    side: Option<Side>,
    action: Result<MatchAction, Violations>,
) -> Result<MatchView, Error> {
    let (row, mut sided) = find_own(transaction.connection, &transaction.caller, id, side).await?;
    access::require_member(transaction.connection, &transaction.caller, sided.enterprise_id).await?;
    transaction.mandate = access::mandate_in(transaction.connection, &transaction.caller, sided.enterprise_id).await?;
    transaction.once().await?;
    // Looking is a mark, not a change to be protected from others' changes.
    if !matches!(action, Ok(MatchAction::View)) {
        transaction.expect_version(sided.version)?;
    }
    let action = action?;
    allow(&action, sided.status)?;
    if sided.status == MatchStatus::Dismissed {
        sided.explanation = app.sees(&row, &sided).ok_or_else(|| refused(&action, MatchStatus::Stale))?;
    }
    let event_type = match action {
        MatchAction::View => "match.viewed",
        MatchAction::Shortlist => "match.shortlisted",
        MatchAction::Dismiss { .. } => "match.dismissed",
    };
    let made_of_it = |sided: &Sided| json!({ "status": sided.status, "reason": sided.reason, "note": sided.note });
    let before = made_of_it(&sided);
    if sided.act(action, transaction.caller.account_id, transaction.now) {
        db::match_rows::save_sides(transaction.connection, std::slice::from_ref(&sided)).await?;
        let detail = Detail::changed(&before, &made_of_it(&sided));
        let acted = event(event_type, &row, &sided, vec![sided.enterprise_id]);
        transaction.record(NewEvent { detail, ..acted }).await?;
    }
    let (connection, caller) = (&mut *transaction.connection, &transaction.caller);
    views(connection, caller, vec![(row, sided)]).await?.pop().ok_or(Error::NotFound)
}

fn allow(action: &MatchAction, status: MatchStatus) -> Result<(), Error> {
    if action.allowed_in().contains(&status) { Ok(()) } else { Err(refused(action, status)) }
}

fn refused(action: &MatchAction, status: MatchStatus) -> Error {
    let allowed: Vec<&str> = action.allowed_in().iter().map(|status| <&str>::from(*status)).collect();
    let status = <&str>::from(status).to_owned();
    Error::conflict("match_state_conflict", [("status", status), ("allowed", allowed.join(", "))])
}

pub(super) async fn own_enterprises(connection: &mut Connection, caller: &Caller) -> Result<Vec<Uuid>, Error> {
    let standing = db::enterprises::standing(connection, caller.account_id).await?;
    Ok(standing.into_iter().map(|(id, _)| id).collect())
}

/// The same with those that have given a mandate to trade to an association the caller trades for.
async fn traded_enterprises(connection: &mut Connection, caller: &Caller) -> Result<Vec<Uuid>, Error> {
    Ok(db::mandates::acted_for(connection, caller.account_id, MandateScope::Trade).await?)
}

/// Nobody but those who act for a side learns that there is a match.
async fn find_own(
    connection: &mut Connection,
    caller: &Caller,
    id: Uuid,
    side: Option<Side>,
) -> Result<(MatchRow, Sided), Error> {
    let own = traded_enterprises(connection, caller).await?;
    let (row, sides) = db::match_rows::find(connection, id, &own).await?.ok_or(Error::NotFound)?;
    let wanted = sides.into_iter().find(|sided| side.is_none_or(|side| side == sided.side));
    Ok((row, wanted.ok_or(Error::NotFound)?))
}

async fn views(
    connection: &mut Connection,
    caller: &Caller,
    rows: Vec<(MatchRow, Sided)>,
) -> Result<Vec<MatchView>, Error> {
    let ids: Vec<Uuid> = rows.iter().map(|(row, sided)| row.counterpart_of(sided.side)).collect();
    let listings = views_by_id(connection, Some(caller), &ids).await?;
    let view = |(row, side): (MatchRow, Sided)| {
        let counterpart = listings.get(&row.counterpart_of(side.side)).cloned();
        MatchView { row, side, counterpart }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Names and ids alone; what a side makes of it is told to that side only.
fn event(event_type: &'static str, row: &MatchRow, side: &Sided, enterprises: Vec<Uuid>) -> NewEvent {
    NewEvent {
        event_type,
        entity: "match",
        entity_id: row.id,
        version: side.version,
        audience: Audience::Enterprises(enterprises),
        changed: json!({ "fields": ["status"], "need_id": row.need_id, "offer_id": row.offer_id }),
        detail: Detail::default(),
    }
}
