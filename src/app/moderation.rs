//! Moderation: what moderators decide. Which listings wait is in `admission`.
//!
//! A decision keeps what was seen (terms, version, open flags), by whom it was made and why; the poster learns all but the name.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::access::{grants, require_platform, required_grants, role_in};
use super::listings::{ListingView, save, views};
use super::{App, Caller, Error, Transaction, admission};
pub use crate::db::moderation::{Backlog, DecidedCount, QueueFilter};
use crate::db::{self, Connection};
use crate::domain::enterprise::Enterprise;
use crate::domain::event::{Audience, Detail, NewEvent};
use crate::domain::flag::ListingFlag;
use crate::domain::listing::{Kind, Listing, ListingStatus};
use crate::domain::moderation::{Appeal, CLAIM, Claim, DecisionRecord, Grounds, Hold, ModerationDecision};
use crate::domain::notification::{ModeratedParams, Notification, NotificationKind, NotificationParams};
use crate::domain::platform::{PlatformRole, Reach};
use crate::domain::region::Regions;
use crate::domain::report::Report;
use crate::domain::violation::Violations;

pub(super) const ROLES: [PlatformRole; 2] = [PlatformRole::Admin, PlatformRole::Moderator];
/// Decisions, reports and flags shown of one listing.
const HISTORY: i64 = 100;

/// Where the caller may do what is asked for.
pub(super) async fn reach(connection: &mut Connection, caller: &Caller, regions: &Regions) -> Result<Reach, Error> {
    Ok(Reach::of_grants(&required_grants(connection, caller).await?, regions))
}

/// A listing that waits, as a moderator sees it.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub hold: Hold,
    pub view: ListingView,
    pub flags: Vec<ListingFlag>,
}

/// All that is known of a listing's moderation.
#[derive(Debug, Clone)]
pub struct Case {
    pub view: ListingView,
    pub hold: Option<Hold>,
    pub flags: Vec<ListingFlag>,
    pub decisions: Vec<DecisionRecord>,
    pub appeals: Vec<Appeal>,
    pub reports: Vec<Report>,
}

/// A listing under decision, locked.
pub(super) struct Subject {
    pub listing: Listing,
    pub enterprise: Enterprise,
}

impl Subject {
    /// Where it lies: by which moderators reach it.
    pub fn region(&self) -> Option<&str> {
        region_of(&self.listing, &self.enterprise)
    }
}

pub(super) fn region_of<'a>(listing: &'a Listing, enterprise: &'a Enterprise) -> Option<&'a str> {
    listing.terms.region_code.as_deref().or(enterprise.profile.region_code.as_deref())
}

/// A decision on what is seen now; the rest is filled in by whoever decides.
pub(super) fn record_of(
    listing: &Listing,
    enterprise: &Enterprise,
    decision: ModerationDecision,
    at: DateTime<Utc>,
) -> DecisionRecord {
    DecisionRecord {
        id: Uuid::now_v7(),
        listing_id: listing.id,
        enterprise_id: enterprise.id,
        region_code: region_of(listing, enterprise).map(str::to_owned),
        decision,
        grounds: Grounds::default(),
        held_because: None,
        listing_version: listing.version,
        terms: json!(listing.terms),
        flags: vec![],
        policy_version: 0,
        waiting_since: None,
        appeal_id: None,
        decided_by: None,
        decided_at: at,
    }
}

/// Locks a listing for somebody who moderates where it lies, and does not act for its enterprise.
pub(super) async fn lock_moderated(transaction: &mut Transaction<'_>, id: Uuid) -> Result<Subject, Error> {
    let listing = db::listings::lock(transaction.connection, id).await?;
    let enterprise = match &listing {
        Some(listing) => db::enterprises::find(transaction.connection, listing.enterprise_id).await?,
        None => None,
    };
    let subject = listing.zip(enterprise).map(|(listing, enterprise)| Subject { listing, enterprise });
    let region = subject.as_ref().and_then(Subject::region);
    let knowledge = Arc::clone(&transaction.knowledge);
    require_platform(transaction.connection, &transaction.caller, region, &knowledge.reference.regions).await?;
    let subject = subject.ok_or(Error::NotFound)?;
    match role_in(transaction.connection, &transaction.caller, subject.enterprise.id).await? {
        Some(_) => Err(Error::Forbidden("own_listing")),
        None => Ok(subject),
    }
}

/// A moderator decides on what waits, or takes a listing off the market.
pub async fn decide(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    decision: ModerationDecision,
    grounds: Result<Grounds, Violations>,
) -> Result<ListingView, Error> {
    let subject = lock_moderated(transaction, id).await?;
    transaction.once().await?;
    transaction.expect_version(subject.listing.version)?;
    settle(transaction, subject, decision, grounds, None).await
}

/// One of several decisions.
#[derive(Debug, Clone)]
pub struct BulkDecision {
    pub listing_id: Uuid,
    /// What was seen.
    pub version: i32,
    pub decision: ModerationDecision,
    pub grounds: Grounds,
}

/// Decides on each by itself: what one is refused for says its outcome, and the others stand. Locked in the order of their ids, so
/// that two moderators do not wait for each other.
pub async fn decide_many(
    transaction: &mut Transaction<'_>,
    decisions: Result<Vec<BulkDecision>, Violations>,
) -> Result<Vec<(Uuid, Result<ListingView, Error>)>, Error> {
    required_grants(transaction.connection, &transaction.caller).await?;
    transaction.once().await?;
    let decisions = decisions?;
    let mut order: Vec<usize> = (0..decisions.len()).collect();
    order.sort_by_key(|at| decisions[*at].listing_id);
    let mut outcomes: Vec<(usize, Uuid, Result<ListingView, Error>)> = Vec::with_capacity(decisions.len());
    for at in order {
        let one = decisions[at].clone();
        let (id, outcome) = (one.listing_id, decide_one(transaction, one).await);
        match outcome {
            // The transaction cannot go on.
            Err(error @ (Error::Fault(_) | Error::Busy(_))) => return Err(error),
            outcome => outcomes.push((at, id, outcome)),
        }
    }
    outcomes.sort_by_key(|(at, ..)| *at);
    Ok(outcomes.into_iter().map(|(_, id, outcome)| (id, outcome)).collect())
}

async fn decide_one(transaction: &mut Transaction<'_>, one: BulkDecision) -> Result<ListingView, Error> {
    let subject = lock_moderated(transaction, one.listing_id).await?;
    if subject.listing.version != one.version {
        return Err(Error::VersionStale { current: subject.listing.version });
    }
    settle(transaction, subject, one.decision, Ok(one.grounds), None).await
}

/// Checks everything before it writes anything: a refusal leaves the transaction as it was.
pub(super) async fn settle(
    transaction: &mut Transaction<'_>,
    subject: Subject,
    decision: ModerationDecision,
    grounds: Result<Grounds, Violations>,
    appeal_id: Option<Uuid>,
) -> Result<ListingView, Error> {
    let Subject { mut listing, enterprise } = subject;
    let status = listing.status_at(transaction.now);
    if !decision.allowed_in().contains(&status) {
        let allowed: Vec<&str> = decision.allowed_in().iter().map(|status| <&str>::from(*status)).collect();
        let params = [("status", <&str>::from(status).to_owned()), ("allowed", allowed.join(", "))];
        return Err(Error::conflict("state_conflict", params));
    }
    let hold = db::moderation::lock_hold(transaction.connection, listing.id).await?;
    refuse_claimed(hold.as_ref(), &transaction.caller, transaction.now)?;
    let grounds = grounds?;
    grounds.check(decision).or_else_value(())?;
    let flags = db::flags::open_of(transaction.connection, &[listing.id]).await?;
    let record = DecisionRecord {
        grounds,
        flags: flags.iter().map(|flag| <&str>::from(flag.finding.code).to_owned()).collect(),
        policy_version: db::moderation::policy(transaction.connection).await?.version,
        waiting_since: hold.map(|hold| hold.since),
        appeal_id,
        decided_by: Some(transaction.caller.account_id),
        ..record_of(&listing, &enterprise, decision, transaction.now)
    };
    admission::release(transaction, &listing).await?;
    listing.status = decision.status();
    listing.published_at = match decision.status() {
        ListingStatus::Published => listing.published_at.or(Some(transaction.now)),
        ListingStatus::Suspended => listing.published_at,
        _ => None,
    };
    db::moderation::insert_decision(transaction.connection, &record).await?;
    save(transaction, &mut listing, event_type(decision), &["status".to_owned()]).await?;
    tell(transaction, enterprise.id, NotificationKind::ListingModerated, &record).await?;
    moderated_view(transaction.connection, listing).await
}

fn event_type(decision: ModerationDecision) -> &'static str {
    match decision {
        ModerationDecision::Held => "listing.submitted",
        ModerationDecision::Approved => "listing.approved",
        ModerationDecision::Rejected => "listing.rejected",
        ModerationDecision::ChangesRequested => "listing.changes_requested",
        ModerationDecision::Suspended => "listing.suspended",
        ModerationDecision::Restored => "listing.restored",
    }
}

fn refuse_claimed(hold: Option<&Hold>, caller: &Caller, now: DateTime<Utc>) -> Result<(), Error> {
    match hold.and_then(|hold| hold.claimed_by_another(caller.account_id, now)) {
        Some(claim) => Err(Error::conflict("claimed_by_another", [("until", claim.until.to_rfc3339())])),
        None => Ok(()),
    }
}

/// The enterprise whose listing it is now learns what was decided and why.
pub(super) async fn tell(
    transaction: &mut Transaction<'_>,
    enterprise_id: Uuid,
    kind: NotificationKind,
    record: &DecisionRecord,
) -> Result<(), Error> {
    let params = NotificationParams::Moderated(ModeratedParams {
        listing_id: record.listing_id,
        decision: record.decision,
        reasons: record.grounds.reasons.clone(),
    });
    let notification =
        Notification { id: Uuid::now_v7(), enterprise_id, kind, params, created_at: transaction.now, read_at: None };
    Ok(db::notifications::insert_many(transaction.connection, &[notification]).await?)
}

/// As a moderator sees a listing: not as one's own, and with what moderation made of it.
async fn moderated_view(connection: &mut Connection, listing: Listing) -> Result<ListingView, Error> {
    moderated_views(connection, vec![listing]).await?.pop().ok_or(Error::NotFound)
}

pub(super) async fn moderated_views(
    connection: &mut Connection,
    listings: Vec<Listing>,
) -> Result<Vec<ListingView>, Error> {
    let ids: Vec<Uuid> = listings.iter().map(|listing| listing.id).collect();
    let mut views = views(connection, None, listings).await?;
    let mut states = db::moderation::states(connection, &ids).await?;
    for view in &mut views {
        view.moderation = states.remove(&view.listing.id).map(Box::new);
    }
    Ok(views)
}

/// Says that the caller looks at a listing that waits: for a quarter of an hour nobody else decides on it. Claiming again begins
/// the time anew.
pub async fn claim(transaction: &mut Transaction<'_>, id: Uuid) -> Result<Waiting, Error> {
    let subject = lock_moderated(transaction, id).await?;
    transaction.once().await?;
    let hold = lock_waiting(transaction, &subject).await?;
    let claim = Claim { by: transaction.caller.account_id, until: transaction.now + CLAIM };
    let hold = set_claim(transaction, hold, Some(claim), "moderation_hold.claimed").await?;
    waiting(transaction.connection, hold, subject.listing).await
}

/// Gives a claim of the caller's back; without one, nothing happens.
pub async fn unclaim(transaction: &mut Transaction<'_>, id: Uuid) -> Result<Waiting, Error> {
    let subject = lock_moderated(transaction, id).await?;
    transaction.once().await?;
    let hold = lock_waiting(transaction, &subject).await?;
    let hold = match hold.claim {
        Some(_) => set_claim(transaction, hold, None, "moderation_hold.released").await?,
        None => hold,
    };
    waiting(transaction.connection, hold, subject.listing).await
}

async fn set_claim(
    transaction: &mut Transaction<'_>,
    before: Hold,
    claim: Option<Claim>,
    event_type: &'static str,
) -> Result<Hold, Error> {
    let hold = Hold { claim, ..before.clone() };
    db::moderation::hold(transaction.connection, &hold).await?;
    let told = |one: &Hold| json!({ "claim": one.claim.map(|claim| json!({ "by": claim.by, "until": claim.until })) });
    let event = NewEvent {
        event_type,
        entity: "moderation_hold",
        entity_id: hold.listing_id,
        version: 1,
        audience: Audience::Staff,
        changed: json!({ "listing_id": hold.listing_id }),
        detail: Detail::changed(&told(&before), &told(&hold)),
    };
    transaction.record(event).await?;
    Ok(hold)
}

/// The hold of a listing that waits and that nobody else has claimed.
async fn lock_waiting(transaction: &mut Transaction<'_>, subject: &Subject) -> Result<Hold, Error> {
    let hold = db::moderation::lock_hold(transaction.connection, subject.listing.id).await?;
    refuse_claimed(hold.as_ref(), &transaction.caller, transaction.now)?;
    let status = subject.listing.status_at(transaction.now);
    hold.filter(|_| status == ListingStatus::PendingReview).ok_or_else(|| {
        let params = [("status", <&str>::from(status).to_owned()), ("allowed", "pending_review".to_owned())];
        Error::conflict("state_conflict", params)
    })
}

async fn waiting(connection: &mut Connection, hold: Hold, listing: Listing) -> Result<Waiting, Error> {
    let flags = db::flags::open_of(connection, &[listing.id]).await?;
    let view = moderated_view(connection, listing).await?;
    Ok(Waiting { hold, view, flags })
}

impl App {
    /// What waits where the caller moderates, oldest first.
    pub async fn list_waiting(
        &self,
        caller: &Caller,
        kind: Option<Kind>,
        category: Option<String>,
        flag: Option<String>,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> Result<Vec<Waiting>, Error> {
        let mut connection = self.database.get().await?;
        let knowledge = self.knowledge();
        let reach = reach(&mut connection, caller, &knowledge.reference.regions).await?;
        let categories = category.map(|above| knowledge.reference.categories.codes_within(&above));
        let filter = QueueFilter { kind, categories, flag, after };
        let holds = db::moderation::queue(&mut connection, &reach, filter, limit).await?;
        let ids: Vec<Uuid> = holds.iter().map(|hold| hold.listing_id).collect();
        let listings = db::listings::find_many(&mut connection, &ids).await?;
        let views = moderated_views(&mut connection, listings).await?;
        let flags = db::flags::open_of(&mut connection, &ids).await?;
        let waiting = |hold: Hold| {
            let view = views.iter().find(|view| view.listing.id == hold.listing_id)?.clone();
            let flags = flags.iter().filter(|flag| flag.listing_id == hold.listing_id).cloned().collect();
            Some(Waiting { hold, view, flags })
        };
        Ok(holds.into_iter().filter_map(waiting).collect())
    }

    /// Everything that explains where a listing stands.
    pub async fn find_case(&self, caller: &Caller, id: Uuid) -> Result<Case, Error> {
        let mut connection = self.database.get().await?;
        let found = db::listings::find_many(&mut connection, &[id]).await?;
        let view = moderated_views(&mut connection, found).await?.pop();
        let region = view.as_ref().and_then(|view| region_of(&view.listing, &view.enterprise));
        let knowledge = self.knowledge();
        require_platform(&mut connection, caller, region, &knowledge.reference.regions).await?;
        let view = view.ok_or(Error::NotFound)?;
        // Else a moderator would learn who reported their own enterprise.
        if role_in(&mut connection, caller, view.enterprise.id).await?.is_some() {
            return Err(Error::Forbidden("own_listing"));
        }
        let decisions = db::moderation::decisions(&mut connection, id, HISTORY).await?;
        let appealed: Vec<Uuid> = decisions.iter().map(|record| record.id).collect();
        Ok(Case {
            hold: db::moderation::find_holds(&mut connection, &[id]).await?.pop(),
            flags: db::flags::of_listing(&mut connection, id, HISTORY).await?,
            appeals: db::appeals::of_decisions(&mut connection, &appealed).await?,
            reports: db::reports::of_listing(&mut connection, id, HISTORY).await?,
            view,
            decisions,
        })
    }

    /// How the queue stands where the caller moderates, and what was decided in the last days; by whom, for administrators.
    pub async fn moderation_statistics(
        &self,
        caller: &Caller,
        days: i32,
    ) -> Result<(Backlog, Vec<DecidedCount>, bool, DateTime<Utc>), Error> {
        let mut connection = self.database.get().await?;
        let (knowledge, now) = (self.knowledge(), Utc::now());
        let regions = &knowledge.reference.regions;
        let own = reach(&mut connection, caller, regions).await?;
        let names = grants(&mut connection, caller).await?.iter().any(|grant| grant.role == PlatformRole::Admin);
        let backlog = db::moderation::backlog(&mut connection, &own, now).await?;
        let decided = db::moderation::decided(&mut connection, &own, days, now).await?;
        Ok((backlog, decided, names, now))
    }
}
