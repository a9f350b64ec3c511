//! Listings: what a reader sees of them, and the expiry job. Posting is in `create`, all later acts in `change`.

mod change;
mod create;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{App, Caller, Error, Transaction, access};
use crate::db::listings::HeldTerms;
pub use crate::db::listings::{ListingView, OwnFilter};
use crate::db::{self, Connection};
use crate::domain::enterprise::{Enterprise, Poster};
use crate::domain::event::{Audience, Author, Detail, NewEvent};
use crate::domain::listing::{Listing, ListingStatus, Visibility};

use change::set_published;
pub use change::{close, confirm_urgency, own, publish, renew, update, withdraw, withdraw_all};
pub(super) use change::{lock_own, save};
pub(super) use create::insert_admitted;
pub use create::{Posting, create, create_many, posting_enterprise};

/// Rows the expiry job takes at a time.
const EXPIRY_BATCH: i64 = 500;

/// A listing as an answer shows it.
pub type ShownListing = ListingView<Poster>;

async fn view(
    transaction: &mut Transaction<'_>,
    listing: Listing,
    enterprise: Enterprise,
) -> Result<ListingView, Error> {
    let balance = db::listings::balances(transaction.connection, &[listing.id]).await?.remove(&listing.id);
    let role = access::role_in(transaction.connection, &transaction.caller, enterprise.id).await?;
    let mut views = [ListingView { listing, enterprise, balance, role, moderation: None, association: None }];
    db::listings::complete(transaction.connection, &mut views).await?;
    let [view] = views;
    Ok(view)
}

fn external_id_taken(error: db::Error) -> Error {
    if error.violates("listings_external_id_key") { Error::conflict("external_id_taken", []) } else { error.into() }
}

pub(super) async fn find_readable(
    connection: &mut Connection,
    caller: Option<&Caller>,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<ListingView>, Error> {
    let account = caller.map(|caller| caller.account_id);
    let Some(view) = db::listings::find_views(connection, account, &[id]).await?.pop() else { return Ok(None) };
    Ok(may_read(connection, caller, &view, now).await?.then_some(view))
}

/// Members read everything of their enterprise; others what is published, open and meant for them.
async fn may_read(
    connection: &mut Connection,
    caller: Option<&Caller>,
    view: &ListingView,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    if view.is_own() {
        return Ok(true);
    }
    if view.listing.status_at(now) != ListingStatus::Published || !view.enterprise.trades() {
        return Ok(false);
    }
    let visibility = view.listing.terms.visibility;
    Ok(visibility.admits(is_verified(connection, caller, [visibility]).await?))
}

/// Whether the reader acts for somebody verified, as far as one of `visibilities` asks for it.
async fn is_verified(
    connection: &mut Connection,
    caller: Option<&Caller>,
    visibilities: impl IntoIterator<Item = Visibility>,
) -> Result<bool, Error> {
    let matters = visibilities.into_iter().any(|visibility| visibility == Visibility::Verified);
    match caller.filter(|_| matters) {
        Some(caller) => Ok(db::enterprises::acts_for_verified(connection, caller.account_id).await?),
        None => Ok(false),
    }
}

impl App {
    pub async fn find_listing(&self, caller: Option<&Caller>, id: Uuid) -> Result<ListingView, Error> {
        let mut connection = self.database.get().await?;
        find_readable(&mut connection, caller, id, Utc::now()).await?.ok_or(Error::NotFound)
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
        access::require_member(&mut connection, caller, enterprise_id).await?;
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
                for before in &listings {
                    let mut listing = before.clone();
                    listing.status = ListingStatus::Expired;
                    listing.version += 1;
                    listing.updated_at = now;
                    db::listings::update(connection, &listing).await?;
                    let detail = Detail::changed(&told(before), &told(&listing));
                    let event = NewEvent { detail, ..event("listing.expired", &listing, &["status".to_owned()]) };
                    db::events::append(connection, event, Author::system("job:expiry"), now).await?;
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
        None => HashMap::new(),
    };
    let view = |listing: Listing| {
        let enterprise = enterprises.iter().find(|e| e.id == listing.enterprise_id)?.clone();
        let (balance, role) = (balances.remove(&listing.id), own.get(&listing.enterprise_id).copied());
        Some(ListingView { listing, enterprise, balance, role, moderation: None, association: None })
    };
    let mut views: Vec<ListingView> = listings.into_iter().filter_map(view).collect();
    db::listings::complete(connection, &mut views).await?;
    Ok(views)
}

/// What a reader may see of these.
pub(super) async fn views_by_id(
    connection: &mut Connection,
    caller: Option<&Caller>,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, ShownListing>, Error> {
    views_of_held(connection, caller, ids, &HeldTerms::new()).await
}

/// The same, reading no terms that are at hand.
pub(super) async fn views_of_held(
    connection: &mut Connection,
    caller: Option<&Caller>,
    ids: &[Uuid],
    held: &HeldTerms,
) -> Result<HashMap<Uuid, ShownListing>, Error> {
    let views = db::listings::find_shown(connection, caller.map(|caller| caller.account_id), ids, held).await?;
    let now = Utc::now();
    let of_others = views.iter().filter(|view| !view.is_own()).map(|view| view.listing.terms.visibility);
    let verified = is_verified(connection, caller, of_others).await?;
    // The index may be a moment behind: what has just been taken off the market is not shown from the database.
    let on_the_market = |view: &ShownListing| {
        view.listing.status_at(now) == ListingStatus::Published
            && view.enterprise.status.trades()
            && view.listing.terms.visibility.admits(verified)
    };
    let shown = |view: &ShownListing| view.is_own() || on_the_market(view);
    Ok(views.into_iter().filter(shown).map(|view| (view.listing.id, view)).collect())
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
        detail: Detail::default(),
    }
}

/// What auditors read of it.
fn told(listing: &Listing) -> serde_json::Value {
    let Listing { status, terms, outcome, counterpart_id, urgency_confirmed, .. } = listing;
    let mut told = serde_json::to_value(terms).unwrap_or_default();
    told["status"] = json!(<&str>::from(*status));
    told["outcome"] = json!(outcome.map(<&str>::from));
    told["counterpart_id"] = json!(counterpart_id);
    told["urgency_confirmed_by"] = json!(urgency_confirmed.map(|confirmed| confirmed.by));
    told
}
