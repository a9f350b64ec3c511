//! Posting: one listing or several at once, as drafts or published.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{ListingView, event, external_id_taken, set_published, told, view};
use crate::app::access;
use crate::app::admission::Admission;
use crate::app::posting::{Reading, Understood, today_at};
use crate::app::{Caller, Error, Transaction};
use crate::db::{self, Connection};
use crate::domain::enterprise::{Enterprise, EnterpriseStatus};
use crate::domain::event::{Author, Detail, NewEvent};
use crate::domain::ledger;
use crate::domain::listing::{Listing, ListingStatus, Terms};
use crate::domain::violation::Violations;

/// What a person posts.
#[derive(Debug, Clone)]
pub struct Posting {
    /// May be left out by a member of exactly one enterprise.
    pub enterprise_id: Option<Uuid>,
    pub publish: bool,
    pub document: Map<String, Value>,
}

/// Posts a listing, as a draft or published at once.
pub async fn create(
    transaction: &mut Transaction<'_>,
    posting: Result<Posting, Violations>,
) -> Result<(ListingView, Vec<Understood>), Error> {
    let enterprise = match &posting {
        Ok(posting) => {
            let (connection, caller) = (&mut *transaction.connection, &transaction.caller);
            Some(posting_enterprise(connection, caller, posting.enterprise_id).await?)
        }
        Err(_) => None,
    };
    transaction.once().await?;
    let posting = posting?;
    let enterprise = enterprise.ok_or(Error::NotFound)?;
    post(transaction, posting, enterprise).await
}

/// Posts several listings, or none where one of them is faulty.
pub async fn create_many(
    transaction: &mut Transaction<'_>,
    postings: Result<Vec<Posting>, Violations>,
) -> Result<Vec<(ListingView, Vec<Understood>)>, Error> {
    let mut enterprises = Vec::new();
    for (index, posting) in postings.iter().flatten().enumerate() {
        let (connection, caller) = (&mut *transaction.connection, &transaction.caller);
        let enterprise = posting_enterprise(connection, caller, posting.enterprise_id).await;
        enterprises.push(enterprise.map_err(|error| of_item(error, index))?);
    }
    transaction.once().await?;
    let (mut posted, mut violations) = (Vec::new(), Violations::new());
    for (index, (posting, enterprise)) in postings?.into_iter().zip(enterprises).enumerate() {
        match post(transaction, posting, enterprise).await.map_err(|error| of_item(error, index)) {
            Ok(listing) => posted.push(listing),
            // A statement that failed has ended the transaction: nothing after it could be checked.
            Err(Error::Invalid(faults)) if faults.iter().any(|fault| fault.code == "external_id_taken") => {
                return Err(faults.into());
            }
            Err(Error::Invalid(faults)) => violations.extend(faults),
            Err(error) => return Err(error),
        }
    }
    Ok(violations.or_else_value(posted)?)
}

/// A fault of one of several listings says of which.
fn of_item(error: Error, index: usize) -> Error {
    let pointer = format!("/listings/{index}");
    match error {
        Error::Invalid(faults) => Error::Invalid(faults.below(&pointer)),
        Error::Conflict("external_id_taken", _) => {
            Violations::one(format!("{pointer}/external_id"), "external_id_taken").into()
        }
        other => other,
    }
}

async fn post(
    transaction: &mut Transaction<'_>,
    posting: Posting,
    enterprise: Enterprise,
) -> Result<(ListingView, Vec<Understood>), Error> {
    if enterprise.status == EnterpriseStatus::Closed {
        return Err(Error::conflict("enterprise_not_trading", []));
    }
    transaction.mandate = access::mandate_in(transaction.connection, &transaction.caller, enterprise.id).await?;
    let reading = Reading::new(&transaction.knowledge, Some(&enterprise), transaction.now);
    let (terms, understood) = reading.complete(posting.document, &[])?;
    let mut violations =
        terms.check(&transaction.knowledge.reference, transaction.now, today_at(&enterprise, transaction.now));
    if posting.publish {
        violations.extend(terms.check_publishable());
    }
    violations.or_else_value(())?;
    let mandate_id = transaction.mandate;
    let mut listing = Listing { mandate_id, ..draft(enterprise.id, terms, transaction.now) };
    db::listings::insert(transaction.connection, &listing).await.map_err(external_id_taken)?;
    db::listings::replace_ledger(transaction.connection, listing.id, &ledger::rows(&listing.terms)).await?;
    let detail = Detail::created(&told(&listing));
    transaction.record(NewEvent { detail, ..event("listing.created", &listing, &[]) }).await?;
    if posting.publish {
        set_published(transaction, &mut listing, &enterprise).await?;
    }
    Ok((view(transaction, listing, enterprise).await?, understood))
}

fn draft(enterprise_id: Uuid, terms: Terms, now: DateTime<Utc>) -> Listing {
    Listing {
        id: Uuid::now_v7(),
        enterprise_id,
        status: ListingStatus::Draft,
        version: 1,
        terms,
        outcome: None,
        counterpart_id: None,
        created_at: now,
        updated_at: now,
        published_at: None,
        confirmed_at: now,
        urgency_confirmed: None,
        mandate_id: None,
    }
}

/// The enterprise named, or the only one the caller acts for.
pub async fn posting_enterprise(
    connection: &mut Connection,
    caller: &Caller,
    given: Option<Uuid>,
) -> Result<Enterprise, Error> {
    let id = match given {
        Some(id) => id,
        None => match db::enterprises::ids_of_account(connection, caller.account_id).await?[..] {
            [only] => only,
            [] => return Err(Violations::one("/enterprise_id", "enterprise_missing").into()),
            _ => return Err(Violations::one("/enterprise_id", "enterprise_ambiguous").into()),
        },
    };
    match access::require_member(connection, caller, id).await {
        Err(Error::NotFound) => Err(Violations::one("/enterprise_id", "enterprise_unknown").into()),
        other => other,
    }
}

/// A listing nobody posted over the API: imported, or of the demo; on the market from the start, unless the policy says that
/// it waits.
pub(in crate::app) async fn insert_admitted(
    connection: &mut Connection,
    admission: &Admission,
    enterprise: &Enterprise,
    terms: Terms,
    by: Author,
    now: DateTime<Utc>,
) -> Result<Listing, Error> {
    let mut listing = draft(enterprise.id, terms, now);
    admission.insert(connection, &mut listing, enterprise).await?;
    db::listings::replace_ledger(connection, listing.id, &ledger::rows(&listing.terms)).await?;
    let detail = Detail::created(&told(&listing));
    let event_type = if listing.published_at.is_some() { "listing.published" } else { "listing.submitted" };
    let written = NewEvent { detail, ..event(event_type, &listing, &[]) };
    db::events::append(connection, written, by, now).await?;
    Ok(listing)
}
