//! Listings: posting, changing, publishing, renewing, withdrawing, closing, reading one's own.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::enterprises::{changed_fields, require_trader};
use super::posting::{Reading, Understood, today_at};
use super::{App, Caller, Error, Transaction};
pub use crate::db::listings::OwnFilter;
use crate::db::{self, Connection};
use crate::domain::decimal::Decimal;
use crate::domain::enterprise::{Enterprise, EnterpriseStatus};
use crate::domain::event::{Audience, NewEvent};
use crate::domain::ledger::{self, Balance, LedgerRow};
use crate::domain::listing::{Action, CloseOutcome, DEFAULT_VALIDITY_DAYS, Listing, ListingStatus, Terms, Visibility};
use crate::domain::violation::Violations;

/// Rows the expiry job takes at a time.
const EXPIRY_BATCH: i64 = 500;

/// A listing with what its reader is shown beside it.
#[derive(Debug, Clone)]
pub struct ListingView {
    pub listing: Listing,
    pub enterprise: Enterprise,
    pub balance: Option<Balance>,
    /// Whether the reader acts for the enterprise.
    pub own: bool,
}

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
    let reading = Reading::new(&transaction.knowledge, Some(&enterprise), transaction.now);
    let (terms, understood) = reading.complete(posting.document, &[])?;
    let mut violations =
        terms.check(&transaction.knowledge.reference, transaction.now, today_at(&enterprise, transaction.now));
    if posting.publish {
        violations.extend(terms.check_publishable());
    }
    violations.or_else_value(())?;
    let mut listing = draft(enterprise.id, terms, transaction.now);
    db::listings::insert(transaction.connection, &listing).await.map_err(external_id_taken)?;
    db::listings::replace_ledger(transaction.connection, listing.id, &ledger::rows(&listing.terms)).await?;
    transaction.record(event("listing.created", &listing, &[])).await?;
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
    match require_trader(connection, caller, id).await {
        Err(Error::NotFound) => Err(Violations::one("/enterprise_id", "enterprise_unknown").into()),
        other => other,
    }
}

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
        listing.terms = terms;
        listing.confirmed_at = transaction.now;
        if listing.status == ListingStatus::Published {
            moderate(transaction, &mut listing, &enterprise);
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

/// Sets the state the moderation policy leads to.
fn moderate(transaction: &Transaction<'_>, listing: &mut Listing, enterprise: &Enterprise) {
    let (side, kind) = (listing.terms.side, listing.terms.kind());
    listing.status = transaction.policy.moderation.decide(side, kind, enterprise.status);
    if listing.status != ListingStatus::Published {
        listing.published_at = None;
    }
}

/// What the ledger counts, and in what.
fn counted(terms: &Terms) -> (Vec<LedgerRow>, Option<&str>, Option<Decimal>) {
    (ledger::rows(terms), terms.unit_code.as_deref(), terms.units_per_pack)
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

/// A listing nobody posted over the API: imported, or of the demo; published from the start.
pub async fn insert_published(
    connection: &mut Connection,
    enterprise_id: Uuid,
    terms: Terms,
    now: DateTime<Utc>,
) -> Result<Listing, Error> {
    let (status, published_at) = (ListingStatus::Published, Some(now));
    let listing = Listing { status, published_at, ..draft(enterprise_id, terms, now) };
    db::listings::insert(connection, &listing).await?;
    db::listings::replace_ledger(connection, listing.id, &ledger::rows(&listing.terms)).await?;
    db::events::append(connection, event("listing.published", &listing, &[]), None, now).await?;
    Ok(listing)
}

async fn set_published(
    transaction: &mut Transaction<'_>,
    listing: &mut Listing,
    enterprise: &Enterprise,
) -> Result<(), Error> {
    if enterprise.status != EnterpriseStatus::Verified {
        require_below_cap(transaction, enterprise.id).await?;
    }
    listing.published_at = Some(transaction.now);
    moderate(transaction, listing, enterprise);
    listing.confirmed_at = transaction.now;
    let event_type = if listing.published_at.is_some() { "listing.published" } else { "listing.submitted" };
    save(transaction, listing, event_type, &["status".to_owned()]).await
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
    let comes_back = listing.status_at(transaction.now) == ListingStatus::Expired;
    let until = valid_until?.unwrap_or(transaction.now + TimeDelta::days(DEFAULT_VALIDITY_DAYS));
    listing.terms.valid_until = until.trunc_subsecs(6);
    let today = today_at(&enterprise, transaction.now);
    listing.terms.check(&transaction.knowledge.reference, transaction.now, today).or_else_value(())?;
    if comes_back && enterprise.status != EnterpriseStatus::Verified {
        require_below_cap(transaction, enterprise.id).await?;
    }
    listing.status = ListingStatus::Published;
    listing.confirmed_at = transaction.now;
    save(transaction, &mut listing, "listing.renewed", &["valid_until".to_owned()]).await?;
    view(transaction, listing, enterprise).await
}

pub async fn withdraw(transaction: &mut Transaction<'_>, id: Uuid) -> Result<ListingView, Error> {
    let (mut listing, enterprise) = begin(transaction, id, Action::Withdraw).await?;
    listing.status = ListingStatus::Withdrawn;
    save(transaction, &mut listing, "listing.withdrawn", &["status".to_owned()]).await?;
    view(transaction, listing, enterprise).await
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

/// Locks a listing the caller may change: 404 where they may not even see it, 403 where it is not theirs.
async fn lock_own(transaction: &mut Transaction<'_>, id: Uuid) -> Result<(Listing, Enterprise), Error> {
    let listing = db::listings::lock(transaction.connection, id).await?.ok_or(Error::NotFound)?;
    match require_trader(transaction.connection, &transaction.caller, listing.enterprise_id).await {
        Ok(enterprise) => Ok((listing, enterprise)),
        Err(Error::Forbidden(code)) => {
            let caller = Some(&transaction.caller);
            if may_read(transaction.connection, caller, &listing, transaction.now).await? {
                Err(Error::Forbidden(code))
            } else {
                Err(Error::NotFound)
            }
        }
        Err(error) => Err(error),
    }
}

async fn save(
    transaction: &mut Transaction<'_>,
    listing: &mut Listing,
    event_type: &'static str,
    changed: &[String],
) -> Result<(), Error> {
    listing.version += 1;
    listing.updated_at = transaction.now;
    db::listings::update(transaction.connection, listing).await.map_err(external_id_taken)?;
    transaction.record(event(event_type, listing, changed)).await
}

async fn view(
    transaction: &mut Transaction<'_>,
    listing: Listing,
    enterprise: Enterprise,
) -> Result<ListingView, Error> {
    let balance = db::listings::balances(transaction.connection, &[listing.id]).await?.remove(&listing.id);
    Ok(ListingView { listing, enterprise, balance, own: true })
}

fn external_id_taken(error: db::Error) -> Error {
    if error.violates("listings_external_id_key") { Error::conflict("external_id_taken", []) } else { error.into() }
}

/// Members read everything of their enterprise; others what is published, open and meant for them.
async fn may_read(
    connection: &mut Connection,
    caller: Option<&Caller>,
    listing: &Listing,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    if let Some(caller) = caller
        && db::enterprises::member_role(connection, caller.account_id, listing.enterprise_id).await?.is_some()
    {
        return Ok(true);
    }
    if listing.status_at(now) != ListingStatus::Published {
        return Ok(false);
    }
    let enterprise = db::enterprises::find(connection, listing.enterprise_id).await?;
    Ok(enterprise.is_some_and(|enterprise| enterprise.trades())
        && match (listing.terms.visibility, caller) {
            (Visibility::Public, _) => true,
            (Visibility::Verified, Some(caller)) => {
                db::enterprises::acts_for_verified(connection, caller.account_id).await?
            }
            _ => false,
        })
}

impl App {
    pub async fn find_listing(&self, caller: Option<&Caller>, id: Uuid) -> Result<ListingView, Error> {
        let mut connection = self.database.get().await?;
        let listing = db::listings::find(&mut connection, id).await?.ok_or(Error::NotFound)?;
        if !may_read(&mut connection, caller, &listing, Utc::now()).await? {
            return Err(Error::NotFound);
        }
        let mut views = views(&mut connection, caller, vec![listing]).await?;
        views.pop().ok_or(Error::NotFound)
    }

    /// All listings of an enterprise, for its members.
    pub async fn list_enterprise_listings(
        &self,
        caller: &Caller,
        enterprise_id: Uuid,
        filter: OwnFilter,
        limit: i64,
    ) -> Result<Vec<ListingView>, Error> {
        let mut connection = self.database.get().await?;
        db::enterprises::find(&mut connection, enterprise_id).await?.ok_or(Error::NotFound)?;
        if db::enterprises::member_role(&mut connection, caller.account_id, enterprise_id).await?.is_none() {
            return Err(Error::Forbidden("not_member"));
        }
        let listings =
            db::listings::list_of_enterprise(&mut connection, enterprise_id, &filter, Utc::now(), limit).await?;
        views(&mut connection, Some(caller), listings).await
    }

    /// Writes down the expiry of listings past their end; returns how many.
    pub async fn expire_listings(&self) -> Result<usize, Error> {
        let now = Utc::now();
        let expired = self
            .database
            .transaction(async |connection| {
                let listings = db::listings::lock_expired(connection, now, EXPIRY_BATCH).await?;
                for mut listing in listings.iter().cloned() {
                    listing.status = ListingStatus::Expired;
                    listing.version += 1;
                    listing.updated_at = now;
                    db::listings::update(connection, &listing).await?;
                    let event = event("listing.expired", &listing, &["status".to_owned()]);
                    db::events::append(connection, event, None, now).await?;
                }
                Ok::<_, Error>(listings.len())
            })
            .await?;
        if expired > 0 {
            self.sequencer.notify_one();
        }
        Ok(expired)
    }
}

/// With enterprise and balance, in the order given.
pub async fn views(
    connection: &mut Connection,
    caller: Option<&Caller>,
    listings: Vec<Listing>,
) -> Result<Vec<ListingView>, Error> {
    let ids: Vec<Uuid> = listings.iter().map(|listing| listing.id).collect();
    let owners: Vec<Uuid> = listings.iter().map(|listing| listing.enterprise_id).collect();
    let enterprises = db::enterprises::find_many(connection, &owners).await?;
    let mut balances = db::listings::balances(connection, &ids).await?;
    let own = match caller {
        Some(caller) => db::enterprises::memberships_among(connection, caller.account_id, &owners).await?,
        None => vec![],
    };
    let view = |listing: Listing| {
        let enterprise = enterprises.iter().find(|e| e.id == listing.enterprise_id)?.clone();
        let (balance, own) = (balances.remove(&listing.id), own.contains(&listing.enterprise_id));
        Some(ListingView { listing, enterprise, balance, own })
    };
    Ok(listings.into_iter().filter_map(view).collect())
}

fn event(event_type: &'static str, listing: &Listing, changed: &[String]) -> NewEvent {
    let public = listing.terms.visibility == Visibility::Public && listing.published_at.is_some();
    let audience = if public { Audience::Public } else { Audience::Enterprises(vec![listing.enterprise_id]) };
    NewEvent {
        event_type,
        entity: "listing",
        entity_id: listing.id,
        version: listing.version,
        audience,
        changed: json!({ "fields": changed, "status": <&str>::from(listing.status) }),
    }
}
