//! What becomes of a listing: changing, publishing, renewing, withdrawing, closing.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{ListingView, event, external_id_taken, find_readable, told, view};
use crate::app::enterprises::changed_fields;
use crate::app::posting::today_at;
use crate::app::{Error, Transaction};
use crate::app::{access, admission};
use crate::db;
use crate::domain::enterprise::{Enterprise, EnterpriseStatus};
use crate::domain::event::{Detail, NewEvent};
use crate::domain::ledger::{self, LedgerRow};
use crate::domain::listing::{
    Action, CloseOutcome, Confirmation, DEFAULT_VALIDITY_DAYS, Listing, ListingStatus, Side, Terms,
};
use crate::domain::unit::Pack;
use crate::domain::violation::Violations;

const RENEWED: &str = "listing.renewed";

/// Changes the terms; `change` turns the present document into the wanted terms.
pub async fn update(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    change: impl FnOnce(&Terms) -> Result<Terms, Violations>,
) -> Result<ListingView, Error> {
    let (mut listing, enterprise) = lock_own(transaction, id).await?;
    transaction.once().await?;
    transaction.expect_version(listing.version)?;
    allow(Action::Edit, &listing, transaction.now)?;
    let mut terms = change(&listing.terms)?;
    terms.valid_until = terms.valid_until.trunc_subsecs(6);
    let mut violations =
        terms.check(&transaction.knowledge.reference, transaction.now, today_at(&enterprise, transaction.now));
    if listing.status != ListingStatus::Draft {
        violations.extend(terms.check_publishable());
        violations.extend(keeps_subject(&listing.terms, &terms));
    }
    violations.or_else_value(())?;
    if terms != listing.terms {
        let changed = changed_fields(&listing.terms, &terms);
        if counted(&terms) != counted(&listing.terms) {
            rewrite_ledger(transaction, &listing, &terms).await?;
        }
        if terms.urgency != listing.terms.urgency {
            listing.urgency_confirmed = None;
        }
        listing.terms = terms;
        listing.confirmed_at = transaction.now;
        match listing.status {
            ListingStatus::Published => admission::admit(transaction, &mut listing, &enterprise).await?,
            ListingStatus::PendingReview => admission::keep_waiting(transaction, &listing, &enterprise).await?,
            _ => {}
        }
        save(transaction, &mut listing, "listing.updated", &changed).await?;
    }
    view(transaction, listing, enterprise).await
}

/// What is published stays a need or an offer of its kind; something else is another listing.
fn keeps_subject(present: &Terms, wanted: &Terms) -> Violations {
    let mut violations = Violations::new();
    if wanted.side != present.side {
        violations.add("/side", "fixed_after_draft");
    }
    if wanted.kind() != present.kind() {
        violations.add("/kind", "fixed_after_draft");
    }
    violations
}

/// What the ledger counts, and in what.
fn counted(terms: &Terms) -> (Vec<LedgerRow>, Option<&str>, Option<Pack<'_>>) {
    (ledger::rows(terms), terms.unit_code.as_deref(), terms.pack())
}

/// Unit and quantity are frozen while anything of the listing is held.
async fn rewrite_ledger(transaction: &mut Transaction<'_>, listing: &Listing, terms: &Terms) -> Result<(), Error> {
    let balances = db::listings::balances(transaction.connection, &[listing.id]).await?;
    if balances.get(&listing.id).is_some_and(|balance| balance.held) {
        return Err(Error::conflict("quantity_held", []));
    }
    Ok(db::listings::replace_ledger(transaction.connection, listing.id, &ledger::rows(terms)).await?)
}

pub async fn publish(transaction: &mut Transaction<'_>, id: Uuid) -> Result<ListingView, Error> {
    let (mut listing, enterprise) = begin(transaction, id, Action::Publish).await?;
    let mut violations =
        listing.terms.check(&transaction.knowledge.reference, transaction.now, today_at(&enterprise, transaction.now));
    violations.extend(listing.terms.check_publishable());
    violations.or_else_value(())?;
    set_published(transaction, &mut listing, &enterprise).await?;
    view(transaction, listing, enterprise).await
}

pub(super) async fn set_published(
    transaction: &mut Transaction<'_>,
    listing: &mut Listing,
    enterprise: &Enterprise,
) -> Result<(), Error> {
    listing.published_at = Some(transaction.now);
    come_to_market(transaction, listing, enterprise).await?;
    listing.confirmed_at = transaction.now;
    let event_type = if listing.published_at.is_some() { "listing.published" } else { "listing.submitted" };
    save(transaction, listing, event_type, &["status".to_owned()]).await
}

/// What was not on the market appears, if the enterprise may still bring something, or waits where the policy says so.
async fn come_to_market(
    transaction: &mut Transaction<'_>,
    listing: &mut Listing,
    enterprise: &Enterprise,
) -> Result<(), Error> {
    if !enterprise.trades() {
        return Err(Error::conflict("enterprise_not_trading", []));
    }
    if enterprise.status != EnterpriseStatus::Verified {
        require_below_cap(transaction, enterprise.id).await?;
    }
    admission::admit(transaction, listing, enterprise).await
}

/// The enterprise's row is locked first: two publications at once do not both find the last place.
async fn require_below_cap(transaction: &mut Transaction<'_>, enterprise_id: Uuid) -> Result<(), Error> {
    let cap = transaction.policy.unverified_listing_cap;
    db::enterprises::lock(transaction.connection, enterprise_id).await?;
    let open = db::listings::count_open(transaction.connection, enterprise_id, transaction.now).await?;
    if open >= cap {
        return Err(Error::conflict("unverified_cap_reached", [("cap", cap.to_string())]));
    }
    Ok(())
}

/// Says that it still holds, until `valid_until` or 30 days from now.
pub async fn renew(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    valid_until: Result<Option<DateTime<Utc>>, Violations>,
) -> Result<ListingView, Error> {
    let (mut listing, enterprise) = begin(transaction, id, Action::Renew).await?;
    if !enterprise.trades() {
        return Err(Error::conflict("enterprise_not_trading", []));
    }
    let comes_back = listing.status_at(transaction.now) == ListingStatus::Expired;
    let until = valid_until?.unwrap_or(transaction.now + TimeDelta::days(DEFAULT_VALIDITY_DAYS));
    listing.terms.valid_until = until.trunc_subsecs(6);
    let today = today_at(&enterprise, transaction.now);
    listing.terms.check(&transaction.knowledge.reference, transaction.now, today).or_else_value(())?;
    let mut changed = vec!["valid_until".to_owned()];
    if comes_back {
        changed.push("status".to_owned());
        come_to_market(transaction, &mut listing, &enterprise).await?;
    }
    listing.confirmed_at = transaction.now;
    let event_type = match listing.status {
        ListingStatus::PendingReview => "listing.submitted",
        _ => RENEWED,
    };
    save(transaction, &mut listing, event_type, &changed).await?;
    view(transaction, listing, enterprise).await
}

pub async fn withdraw(transaction: &mut Transaction<'_>, id: Uuid) -> Result<ListingView, Error> {
    let (mut listing, enterprise) = begin(transaction, id, Action::Withdraw).await?;
    admission::release(transaction, &listing).await?;
    listing.status = ListingStatus::Withdrawn;
    save(transaction, &mut listing, "listing.withdrawn", &["status".to_owned()]).await?;
    view(transaction, listing, enterprise).await
}

/// Those of them that are not over.
pub async fn withdraw_all(transaction: &mut Transaction<'_>, listings: Vec<Listing>) -> Result<(), Error> {
    for mut listing in listings {
        if allow(Action::Withdraw, &listing, transaction.now).is_ok() {
            admission::release(transaction, &listing).await?;
            listing.status = ListingStatus::Withdrawn;
            save(transaction, &mut listing, "listing.withdrawn", &["status".to_owned()]).await?;
        }
    }
    Ok(())
}

/// Ends it, saying how, and with whom where that is known here.
pub async fn close(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    closing: Result<(CloseOutcome, Option<Uuid>), Violations>,
) -> Result<ListingView, Error> {
    let (mut listing, enterprise) = begin(transaction, id, Action::Close).await?;
    let (outcome, counterpart_id) = closing?;
    if counterpart_id == Some(enterprise.id) {
        return Err(Violations::one("/counterpart_id", "counterpart_is_self").into());
    }
    if let Some(counterpart) = counterpart_id
        && db::enterprises::find(transaction.connection, counterpart).await?.is_none()
    {
        return Err(Violations::one("/counterpart_id", "enterprise_unknown").into());
    }
    (listing.outcome, listing.counterpart_id) = (Some(outcome), counterpart_id);
    listing.status = outcome.final_status();
    save(transaction, &mut listing, "listing.closed", &["status".to_owned(), "outcome".to_owned()]).await?;
    view(transaction, listing, enterprise).await
}

/// An officer, moderator or administrator of the need's region, else of its enterprise's, says that it is as urgent as it
/// states. Confirming twice is harmless.
pub async fn confirm_urgency(transaction: &mut Transaction<'_>, id: Uuid) -> Result<ListingView, Error> {
    let locked = db::listings::lock(transaction.connection, id).await?;
    let enterprise = match &locked {
        Some(listing) => db::enterprises::find(transaction.connection, listing.enterprise_id).await?,
        None => None,
    };
    let both = locked.zip(enterprise);
    let region = both.as_ref().and_then(|(listing, enterprise)| {
        listing.terms.region_code.as_deref().or(enterprise.profile.region_code.as_deref())
    });
    let knowledge = std::sync::Arc::clone(&transaction.knowledge);
    let regions = &knowledge.reference.regions;
    access::require_platform(transaction.connection, &transaction.caller, region, regions).await?;
    let (mut listing, enterprise) = both.ok_or(Error::NotFound)?;
    transaction.once().await?;
    transaction.expect_version(listing.version)?;
    if listing.terms.side != Side::Need {
        return Err(Error::conflict("needs_only", []));
    }
    allow(Action::ConfirmUrgency, &listing, transaction.now)?;
    if listing.urgency_confirmed.is_none() {
        listing.urgency_confirmed = Some(Confirmation { at: transaction.now, by: transaction.caller.account_id });
        save(transaction, &mut listing, "listing.urgency_confirmed", &["urgency_confirmed_at".to_owned()]).await?;
    }
    view(transaction, listing, enterprise).await
}

async fn begin(transaction: &mut Transaction<'_>, id: Uuid, action: Action) -> Result<(Listing, Enterprise), Error> {
    let (listing, enterprise) = lock_own(transaction, id).await?;
    transaction.once().await?;
    transaction.expect_version(listing.version)?;
    allow(action, &listing, transaction.now)?;
    Ok((listing, enterprise))
}

fn allow(action: Action, listing: &Listing, now: DateTime<Utc>) -> Result<(), Error> {
    let status = listing.status_at(now);
    if action.allowed_in().contains(&status) {
        return Ok(());
    }
    let allowed: Vec<&str> = action.allowed_in().iter().map(|status| <&str>::from(*status)).collect();
    let status = <&str>::from(status).to_owned();
    Err(Error::conflict("state_conflict", [("status", status), ("allowed", allowed.join(", "))]))
}

/// A listing the caller trades for, locked, as its members see it.
pub async fn own(transaction: &mut Transaction<'_>, id: Uuid) -> Result<ListingView, Error> {
    let (listing, enterprise) = lock_own(transaction, id).await?;
    view(transaction, listing, enterprise).await
}

/// Locks a listing the caller may change: 404 where they may not even see it, 403 where it is not theirs.
pub(in crate::app) async fn lock_own(
    transaction: &mut Transaction<'_>,
    id: Uuid,
) -> Result<(Listing, Enterprise), Error> {
    let listing = db::listings::lock(transaction.connection, id).await?.ok_or(Error::NotFound)?;
    match access::require_member(transaction.connection, &transaction.caller, listing.enterprise_id).await {
        Ok(enterprise) => {
            let mandate = access::mandate_in(transaction.connection, &transaction.caller, enterprise.id).await?;
            transaction.mandate = mandate;
            Ok((listing, enterprise))
        }
        Err(Error::Forbidden(code)) => {
            let caller = Some(&transaction.caller);
            match find_readable(transaction.connection, caller, id, transaction.now).await? {
                Some(_) => Err(Error::Forbidden(code)),
                None => Err(Error::NotFound),
            }
        }
        Err(error) => Err(error),
    }
}

pub(in crate::app) async fn save(
    transaction: &mut Transaction<'_>,
    listing: &mut Listing,
    event_type: &'static str,
    changed: &[String],
) -> Result<(), Error> {
    listing.version += 1;
    listing.updated_at = transaction.now;
    // The caller has changed its own copy.
    let before = db::listings::find_many(transaction.connection, &[listing.id]).await?;
    let told = |listing: &Listing| {
        let mut told = told(listing);
        // Of a renewal until the same time all there is to tell.
        if event_type == RENEWED {
            told["confirmed_at"] = json!(listing.confirmed_at);
        }
        told
    };
    let detail = before.first().map(|before| Detail::changed(&told(before), &told(listing))).unwrap_or_default();
    db::listings::update(transaction.connection, listing).await.map_err(external_id_taken)?;
    transaction.record(NewEvent { detail, ..event(event_type, listing, changed) }).await
}
