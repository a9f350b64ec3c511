//! Appeals: the poster asks for a second look at a decision, once, and another moderator takes it where there is one.

use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::access::require_platform;
use super::listings::{ListingView, lock_own};
use super::moderation::{ROLES, Subject, lock_moderated, moderated_views, reach, settle, tell};
use super::{App, Caller, Error, Transaction};
use crate::db;
use crate::domain::event::{Audience, Detail, NewEvent};
use crate::domain::moderation::{Appeal, AppealStatus, DecisionRecord, Grounds, ModerationDecision};
use crate::domain::notification::NotificationKind;
use crate::domain::violation::Violations;

/// With the decision it is against, and the listing as it is.
#[derive(Debug, Clone)]
pub struct AppealView {
    pub appeal: Appeal,
    pub decision: DecisionRecord,
    pub view: ListingView,
}

/// By an owner or trader, against the decision by which the listing is not on the market.
pub async fn create(
    transaction: &mut Transaction<'_>,
    listing_id: Uuid,
    text: Result<String, Violations>,
) -> Result<Appeal, Error> {
    let (listing, enterprise) = lock_own(transaction, listing_id).await?;
    transaction.once().await?;
    let newest = db::moderation::newest_decisions(transaction.connection, &[listing_id]).await?.pop();
    let against =
        newest.filter(|record| record.decision.may_be_appealed() && record.decision.status() == listing.status);
    let decision = against.ok_or_else(|| Error::conflict("nothing_to_appeal", []))?;
    let appeal = Appeal {
        id: Uuid::now_v7(),
        decision_id: decision.id,
        listing_id,
        enterprise_id: enterprise.id,
        region_code: decision.region_code,
        text: text?,
        status: AppealStatus::Open,
        note: None,
        created_by: transaction.caller.account_id,
        created_at: transaction.now,
        decided_by: None,
        decided_at: None,
    };
    if !db::appeals::of_decisions(transaction.connection, &[appeal.decision_id]).await?.is_empty() {
        return Err(Error::conflict("appeal_exists", []));
    }
    db::appeals::insert(transaction.connection, &appeal).await?;
    transaction.record(event("moderation_appeal.created", None, &appeal)).await?;
    Ok(appeal)
}

/// Grants it, which puts the listing back on the market, or denies it with a note.
pub async fn decide(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    granted: bool,
    note: Result<Option<String>, Violations>,
) -> Result<AppealView, Error> {
    let known = db::appeals::find(transaction.connection, id).await?;
    let Some(known) = known else { return refuse_unknown(transaction).await };
    // The listing first, as everybody locks them.
    let subject = lock_moderated(transaction, known.listing_id).await?;
    transaction.once().await?;
    let appeal = db::appeals::lock(transaction.connection, id).await?.ok_or(Error::NotFound)?;
    if appeal.status != AppealStatus::Open {
        let status = <&str>::from(appeal.status).to_owned();
        return Err(Error::conflict("appeal_decided", [("status", status)]));
    }
    let decision = db::moderation::find_decision(transaction.connection, appeal.decision_id).await?;
    let decision = decision.ok_or(Error::NotFound)?;
    require_another(transaction, &decision, &subject).await?;
    let note = note?;
    if !granted && note.is_none() {
        return Err(Violations::one("/note", "note_required").into());
    }
    let status = if granted { AppealStatus::Granted } else { AppealStatus::Denied };
    let (by, now) = (transaction.caller.account_id, transaction.now);
    let before = appeal.clone();
    let appeal = Appeal { status, note: note.clone(), decided_by: Some(by), decided_at: Some(now), ..appeal };
    db::appeals::decide(transaction.connection, &appeal).await?;
    let event_type = if granted { "moderation_appeal.granted" } else { "moderation_appeal.denied" };
    transaction.record(event(event_type, Some(&before), &appeal)).await?;
    let view = if granted {
        let grounds = Grounds { reasons: vec![], note };
        settle(transaction, subject, ModerationDecision::Restored, Ok(grounds), Some(appeal.id)).await?
    } else {
        // Not the decision's: its enterprise may have been merged into this one since.
        tell(transaction, subject.enterprise.id, NotificationKind::AppealDenied, &decision).await?;
        let views = moderated_views(transaction.connection, vec![subject.listing]).await?;
        views.into_iter().next().ok_or(Error::NotFound)?
    };
    Ok(AppealView { appeal, decision, view })
}

/// An unknown one answers as one of a place the caller does not reach.
async fn refuse_unknown<T>(transaction: &mut Transaction<'_>) -> Result<T, Error> {
    let knowledge = Arc::clone(&transaction.knowledge);
    require_platform(transaction.connection, &transaction.caller, None, &knowledge.reference.regions).await?;
    Err(Error::NotFound)
}

/// Whoever decided first does not decide again, unless nobody else could.
async fn require_another(
    transaction: &mut Transaction<'_>,
    decision: &DecisionRecord,
    subject: &Subject,
) -> Result<(), Error> {
    if decision.decided_by != Some(transaction.caller.account_id) {
        return Ok(());
    }
    let others = db::accounts::grants_of_others(transaction.connection, transaction.caller.account_id, &ROLES).await?;
    let regions = &transaction.knowledge.reference.regions;
    if others.iter().any(|grant| grant.covers(subject.region(), regions)) {
        return Err(Error::conflict("another_must_decide", []));
    }
    Ok(())
}

fn event(event_type: &'static str, before: Option<&Appeal>, appeal: &Appeal) -> NewEvent {
    let told = |one: &Appeal| json!({ "status": one.status, "text": one.text, "note": one.note });
    NewEvent {
        event_type,
        entity: "moderation_appeal",
        entity_id: appeal.id,
        version: 1,
        audience: Audience::Enterprises(vec![appeal.enterprise_id]),
        changed: json!({ "listing_id": appeal.listing_id, "status": <&str>::from(appeal.status) }),
        detail: Detail { before: before.map(told), after: Some(told(appeal)) },
    }
}

impl App {
    /// Where the caller moderates, oldest first.
    pub async fn list_appeals(
        &self,
        caller: &Caller,
        status: AppealStatus,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<AppealView>, Error> {
        let mut connection = self.database.get().await?;
        let knowledge = self.knowledge();
        let reach = reach(&mut connection, caller, &knowledge.reference.regions).await?;
        let appeals = db::appeals::list(&mut connection, &reach, status, after, limit).await?;
        let ids: Vec<Uuid> = appeals.iter().map(|appeal| appeal.listing_id).collect();
        let listings = db::listings::find_many(&mut connection, &ids).await?;
        let views = moderated_views(&mut connection, listings).await?;
        let mut found = Vec::new();
        for appeal in appeals {
            let decision = db::moderation::find_decision(&mut connection, appeal.decision_id).await?;
            let view = views.iter().find(|view| view.listing.id == appeal.listing_id);
            found.extend(decision.zip(view).map(|(decision, view)| AppealView {
                appeal,
                decision,
                view: view.clone(),
            }));
        }
        Ok(found)
    }
}
