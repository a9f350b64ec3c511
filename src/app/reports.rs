//! Reports: readers say what is wrong with a listing, moderators say whether it is.

use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::access::{require_platform, role_in};
use super::listings::{ListingView, find_readable};
use super::moderation::{moderated_views, reach, region_of};
use super::{App, Caller, Error, Transaction};
use crate::db;
use crate::domain::event::{Audience, Detail, NewEvent};
use crate::domain::report::{MOST, Report, ReportReason, ReportStatus, WINDOW};
use crate::domain::violation::Violations;

/// What a reader says.
#[derive(Debug, Clone)]
pub struct NewReport {
    pub reason: ReportReason,
    pub text: Option<String>,
}

/// With the listing as it is.
#[derive(Debug, Clone)]
pub struct ReportView {
    pub report: Report,
    pub view: ListingView,
}

/// By anybody who may read the listing and does not act for its enterprise; once for a listing, and not too often.
pub async fn create(
    transaction: &mut Transaction<'_>,
    listing_id: Uuid,
    said: Result<NewReport, Violations>,
) -> Result<Report, Error> {
    let (now, by) = (transaction.now, transaction.caller.account_id);
    let view = find_readable(transaction.connection, Some(&transaction.caller), listing_id, now).await?;
    let view = view.ok_or(Error::NotFound)?;
    if view.is_own() {
        return Err(Error::conflict("own_listing", []));
    }
    let ListingView { listing, enterprise, .. } = view;
    transaction.once().await?;
    let NewReport { reason, text } = said?;
    let report = Report {
        id: Uuid::now_v7(),
        listing_id,
        enterprise_id: enterprise.id,
        region_code: region_of(&listing, &enterprise).map(str::to_owned),
        reporter_id: by,
        reason,
        text,
        listing_version: listing.version,
        status: ReportStatus::Open,
        note: None,
        created_at: now,
        resolved_by: None,
        resolved_at: None,
    };
    // Reports made at once are counted one after the other.
    db::accounts::lock(transaction.connection, by).await?;
    let made = db::reports::count_since(transaction.connection, by, now - WINDOW).await?;
    if made.count >= MOST {
        return Err(Error::too_often("too_many_reports", MOST, made, WINDOW, now));
    }
    db::reports::insert(transaction.connection, &report).await.map_err(|error| {
        let again = error.violates("listing_reports_reporter_key");
        if again { Error::conflict("already_reported", []) } else { error.into() }
    })?;
    transaction.record(event("listing_report.created", None, &report)).await?;
    Ok(report)
}

/// A moderator says whether it was right. What follows from it (taking the listing off the market) is another act.
pub async fn resolve(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    outcome: Result<(ReportStatus, Option<String>), Violations>,
) -> Result<ReportView, Error> {
    let locked = db::reports::lock(transaction.connection, id).await?;
    let region = locked.as_ref().and_then(|report| report.region_code.as_deref());
    let knowledge = Arc::clone(&transaction.knowledge);
    require_platform(transaction.connection, &transaction.caller, region, &knowledge.reference.regions).await?;
    let report = locked.ok_or(Error::NotFound)?;
    let account = transaction.caller.account_id;
    let own = role_in(transaction.connection, &transaction.caller, report.enterprise_id).await?;
    if own.is_some() || report.reporter_id == account {
        return Err(Error::Forbidden("own_report"));
    }
    transaction.once().await?;
    if report.status != ReportStatus::Open {
        let status = <&str>::from(report.status).to_owned();
        return Err(Error::conflict("report_resolved", [("status", status)]));
    }
    let (status, note) = outcome?;
    if status == ReportStatus::Open {
        return Err(Violations::one("/outcome", "outcome_not_open").into());
    }
    let (by, now) = (Some(account), Some(transaction.now));
    let before = report.clone();
    let report = Report { status, note, resolved_by: by, resolved_at: now, ..report };
    db::reports::resolve(transaction.connection, &report).await?;
    let event_type = if status == ReportStatus::Upheld { "listing_report.upheld" } else { "listing_report.dismissed" };
    transaction.record(event(event_type, Some(&before), &report)).await?;
    let listings = db::listings::find_many(transaction.connection, &[report.listing_id]).await?;
    let view = moderated_views(transaction.connection, listings).await?.pop().ok_or(Error::NotFound)?;
    Ok(ReportView { report, view })
}

/// Who reported is for moderators alone.
fn event(event_type: &'static str, before: Option<&Report>, report: &Report) -> NewEvent {
    let told = |one: &Report| json!({ "status": one.status, "reason": one.reason, "text": one.text, "note": one.note });
    NewEvent {
        event_type,
        entity: "listing_report",
        entity_id: report.id,
        version: 1,
        audience: Audience::Staff,
        changed: json!({ "listing_id": report.listing_id, "status": <&str>::from(report.status) }),
        detail: Detail { before: before.map(told), after: Some(told(report)) },
    }
}

impl App {
    /// Where the caller moderates, oldest first; nobody learns who reported their own enterprise.
    pub async fn list_reports(
        &self,
        caller: &Caller,
        status: ReportStatus,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<ReportView>, Error> {
        let mut connection = self.database.get().await?;
        let knowledge = self.knowledge();
        let reach = reach(&mut connection, caller, &knowledge.reference.regions).await?;
        let reports = db::reports::list(&mut connection, &reach, caller.account_id, status, after, limit).await?;
        let ids: Vec<Uuid> = reports.iter().map(|report| report.listing_id).collect();
        let listings = db::listings::find_many(&mut connection, &ids).await?;
        let views = moderated_views(&mut connection, listings).await?;
        let with_listing = |report: Report| {
            let view = views.iter().find(|view| view.listing.id == report.listing_id)?.clone();
            Some(ReportView { report, view })
        };
        Ok(reports.into_iter().filter_map(with_listing).collect())
    }
}
