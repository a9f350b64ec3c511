//! Flags as readers see them, and what the poster answers.

use chrono::Utc;
use serde_json::json;
use uuid::Uuid;

use super::access::has_role;
use super::listings::{find_readable, lock_own};
use super::moderation::{ROLES, region_of};
use super::{App, Caller, Error, Transaction};
use crate::db;
use crate::domain::event::{Audience, Detail, NewEvent};
use crate::domain::flag::{Answer, ListingFlag};
use crate::domain::violation::Violations;

/// The most flags shown of one listing, those cleared included.
const MOST: i64 = 100;

/// How much of a flag a reader is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Evidence, and whom else it concerns.
    Moderator,
    /// Evidence of the own text.
    Member,
    /// The code with its parameters, and the answer.
    Anybody,
}

/// The poster says something to a flag; saying something else takes its place.
pub async fn answer(
    transaction: &mut Transaction<'_>,
    listing_id: Uuid,
    flag_id: Uuid,
    text: Result<String, Violations>,
) -> Result<ListingFlag, Error> {
    let (listing, _) = lock_own(transaction, listing_id).await?;
    transaction.once().await?;
    let open = db::flags::lock_open(transaction.connection, listing.id).await?;
    let before = open.into_iter().find(|flag| flag.id == flag_id).ok_or(Error::NotFound)?;
    let mut flag = before.clone();
    let answer = Answer { text: text?, by: transaction.caller.account_id, at: transaction.now };
    db::flags::answer(transaction.connection, flag.id, &answer).await?;
    flag.answer = Some(answer);
    transaction.record(event("listing_flag.answered", Some(&before), &flag)).await?;
    Ok(flag)
}

/// Names and codes alone.
pub(super) fn event(event_type: &'static str, before: Option<&ListingFlag>, flag: &ListingFlag) -> NewEvent {
    let told = |one: &ListingFlag| {
        json!({
            "code": one.finding.code, "params": one.finding.params, "listing_version": one.listing_version,
            "policy_version": one.policy_version, "answer": one.answer.as_ref().map(|answer| &answer.text),
            "cleared": one.cleared,
        })
    };
    NewEvent {
        event_type,
        entity: "listing_flag",
        entity_id: flag.id,
        version: 1,
        audience: Audience::Enterprises(vec![flag.enterprise_id]),
        changed: json!({ "listing_id": flag.listing_id, "code": <&str>::from(flag.finding.code) }),
        detail: Detail { before: before.map(told), after: Some(told(flag)) },
    }
}

impl App {
    /// All there ever were for moderators of the place; what is open for members; for other readers a marked price, once the
    /// poster has answered or had a day to.
    pub async fn list_flags(
        &self,
        caller: Option<&Caller>,
        listing_id: Uuid,
    ) -> Result<(Vec<ListingFlag>, Sight), Error> {
        let mut connection = self.database.get().await?;
        let (now, knowledge) = (Utc::now(), self.knowledge());
        let account = caller.map(|caller| caller.account_id);
        let view = db::listings::find_views(&mut connection, account, &[listing_id]).await?.pop();
        let view = view.ok_or(Error::NotFound)?;
        let regions = &knowledge.reference.regions;
        let region = region_of(&view.listing, &view.enterprise);
        let moderates = match caller {
            Some(caller) if !view.is_own() => has_role(&mut connection, caller, &ROLES, region, regions).await?,
            _ => false,
        };
        if moderates {
            let all = db::flags::of_listing(&mut connection, listing_id, MOST).await?;
            return Ok((all, Sight::Moderator));
        }
        find_readable(&mut connection, caller, listing_id, now).await?.ok_or(Error::NotFound)?;
        let mut open = db::flags::open_of(&mut connection, &[listing_id]).await?;
        if view.is_own() {
            return Ok((open, Sight::Member));
        }
        open.retain(|flag| flag.is_public_at(now));
        Ok((open, Sight::Anybody))
    }
}
