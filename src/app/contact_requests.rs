//! Asking the poster of a listing for contact: one enterprise asks, the other accepts, declines, or lets it lapse.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::listings::{ShownListing, find_readable, views_by_id};
use super::match_rows::own_enterprises;
use super::notifications::tell_of_contact;
use super::{App, Caller, Error, Transaction, access};
pub use crate::db::contact_requests::RequestFilter;
use crate::db::{self, Connection};
use crate::domain::contact_request::{
    ContactDirection, ContactRequest, ContactRequestStatus, DAILY, LIFETIME, NewContactRequest,
};
use crate::domain::enterprise::Enterprise;
use crate::domain::event::{Audience, Author, Detail, NewEvent};
use crate::domain::listing::ListingStatus;
use crate::domain::notification::NotificationKind;
use crate::domain::violation::Violations;

/// The cap of requests is counted over this time.
const DAY: TimeDelta = TimeDelta::hours(24);
/// Requests the job takes at a time.
const BATCH: i64 = 500;

/// A request as one side sees it.
#[derive(Debug, Clone)]
pub struct RequestView {
    pub request: ContactRequest,
    pub status: ContactRequestStatus,
    pub direction: ContactDirection,
    /// Where the reader may see it, today.
    pub listing: Option<ShownListing>,
    pub owner: String,
    pub requester: String,
}

/// A trader of an enterprise asks the poster of a listing they can see.
pub async fn create(
    transaction: &mut Transaction<'_>,
    listing_id: Uuid,
    asked: Result<NewContactRequest, Violations>,
) -> Result<RequestView, Error> {
    let (caller, now) = (transaction.caller.clone(), transaction.now);
    let view = find_readable(transaction.connection, Some(&caller), listing_id, now).await?.ok_or(Error::NotFound)?;
    let requester = match &asked {
        Ok(asked) => Some(asking(transaction, asked.enterprise_id).await?),
        Err(_) => None,
    };
    transaction.once().await?;
    let (asked, requester) = (asked?, requester.ok_or(Error::NotFound)?);
    let unit = view.listing.terms.unit_code.as_deref();
    let quantity = asked.measured(unit, &transaction.knowledge.reference)?;
    let status = view.listing.status_at(now);
    if status != ListingStatus::Published {
        let status = <&str>::from(status).to_owned();
        return Err(Error::conflict("state_conflict", [("status", status), ("allowed", "published".to_owned())]));
    }
    require_possible(&view.enterprise, &requester)?;
    require_new(transaction, listing_id, requester.id).await?;
    let request = ContactRequest {
        id: Uuid::now_v7(),
        listing_id,
        owner_id: view.enterprise.id,
        requester_id: requester.id,
        decided: ContactRequestStatus::Pending,
        message: asked.message.trim().to_owned(),
        quantity,
        requested_by: caller.account_id,
        created_at: now,
        expires_at: now + LIFETIME,
        decided_by: None,
        decided_at: None,
        reason: None,
        version: 1,
    };
    db::contact_requests::insert(transaction.connection, &request).await.map_err(open_already)?;
    let detail = Detail::created(&json!({ "message": request.message, "quantity": request.quantity }));
    transaction.record(NewEvent { detail, ..event("contact_request.created", &request) }).await?;
    tell_of_contact(transaction.connection, NotificationKind::ContactRequested, &request, now).await?;
    one_view(transaction.connection, &caller, request, now).await
}

/// The enterprise for which the caller asks, locked: two requests at once are counted one after the other.
async fn asking(transaction: &mut Transaction<'_>, id: Uuid) -> Result<Enterprise, Error> {
    match access::lock_as_member(transaction.connection, &transaction.caller, id).await {
        Err(Error::NotFound) => Err(Violations::one("/enterprise_id", "enterprise_unknown").into()),
        other => other,
    }
}

/// Who blocks whom is not told.
fn require_possible(owner: &Enterprise, requester: &Enterprise) -> Result<(), Error> {
    if owner.id == requester.id {
        return Err(Error::conflict("counterpart_is_self", []));
    }
    let trade = owner.trades() && requester.trades();
    if trade && !blocked(owner, requester) { Ok(()) } else { Err(Error::conflict("contact_not_possible", [])) }
}

/// Whether one of the two wants nothing to do with the other.
pub(super) fn blocked(one: &Enterprise, other: &Enterprise) -> bool {
    one.standing.blocked.contains(&other.id) || other.standing.blocked.contains(&one.id)
}

/// At most one open request for a listing, none again soon after a refusal, and so many a day.
async fn require_new(transaction: &mut Transaction<'_>, listing_id: Uuid, requester: Uuid) -> Result<(), Error> {
    let now = transaction.now;
    if let Some(newest) = db::contact_requests::find_newest(transaction.connection, listing_id, requester).await? {
        match newest.status_at(now) {
            ContactRequestStatus::Pending => return Err(Error::conflict("contact_request_open", [])),
            ContactRequestStatus::Accepted => return Err(Error::conflict("contact_request_accepted", [])),
            ContactRequestStatus::Declined if newest.decided_at.is_some_and(|at| now - at < LIFETIME) => {
                return Err(Error::conflict("contact_request_declined", []));
            }
            // It stands in the way of the next until it is written down.
            ContactRequestStatus::Lapsed => lapse(transaction.connection, newest, now).await?,
            ContactRequestStatus::Declined => {}
        }
    }
    let made = db::contact_requests::count_since(transaction.connection, requester, now - DAY).await?;
    if made.count >= DAILY {
        return Err(Error::too_often("too_many_contact_requests", DAILY, made, DAY, now));
    }
    Ok(())
}

fn open_already(error: db::Error) -> Error {
    if error.violates(db::contact_requests::OPEN_KEY) {
        Error::conflict("contact_request_open", [])
    } else {
        error.into()
    }
}

/// The poster's trader accepts, which opens each side's contacts to the other, or declines.
pub async fn decide(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    decision: ContactRequestStatus,
    reason: Result<Option<String>, Violations>,
) -> Result<RequestView, Error> {
    let mut request = db::contact_requests::lock(transaction.connection, id).await?.ok_or(Error::NotFound)?;
    let caller = transaction.caller.clone();
    match access::role_in(transaction.connection, &caller, request.owner_id).await? {
        Some(role) => caller.require(Some(role))?,
        None => {
            let asking = access::role_in(transaction.connection, &caller, request.requester_id).await?;
            return Err(asking.map_or(Error::NotFound, |_| caller.refused()));
        }
    }
    transaction.once().await?;
    transaction.expect_version(request.version)?;
    let now = transaction.now;
    let status = request.status_at(now);
    if status != ContactRequestStatus::Pending {
        let status = <&str>::from(status).to_owned();
        let params = [("status", status), ("allowed", "pending".to_owned())];
        return Err(Error::conflict("contact_request_state_conflict", params));
    }
    let reason = reason?;
    if decision == ContactRequestStatus::Accepted {
        let sides = [request.owner_id, request.requester_id];
        let sides = db::enterprises::find_many(transaction.connection, &sides).await?;
        let [one, other] = &sides[..] else { return Err(Error::NotFound) };
        require_possible(one, other)?;
    }
    (request.decided, request.reason) = (decision, reason);
    (request.decided_by, request.decided_at) = (Some(caller.account_id), Some(now));
    request.version += 1;
    db::contact_requests::update(transaction.connection, &request).await?;
    let (event_type, kind) = match decision {
        ContactRequestStatus::Accepted => ("contact_request.accepted", NotificationKind::ContactAccepted),
        _ => ("contact_request.declined", NotificationKind::ContactDeclined),
    };
    let after = json!({ "status": decision, "reason": request.reason });
    let detail = Detail { before: Some(json!({ "status": "pending" })), after: Some(after) };
    transaction.record(NewEvent { detail, ..event(event_type, &request) }).await?;
    tell_of_contact(transaction.connection, kind, &request, now).await?;
    one_view(transaction.connection, &caller, request, now).await
}

/// Those that wait for an answer of the enterprise, or for one to it: it is closed.
pub(super) async fn lapse_all(transaction: &mut Transaction<'_>, enterprise: Uuid) -> Result<(), Error> {
    for request in db::contact_requests::lock_pending_of(transaction.connection, enterprise).await? {
        let event = lapsed(transaction.connection, request, transaction.now).await?;
        transaction.record(event).await?;
    }
    Ok(())
}

async fn lapse(connection: &mut Connection, request: ContactRequest, now: DateTime<Utc>) -> Result<(), Error> {
    let event = lapsed(connection, request, now).await?;
    db::events::append(connection, event, Author::system("job:expiry"), now).await?;
    Ok(())
}

/// What there is to record of it.
async fn lapsed(
    connection: &mut Connection,
    mut request: ContactRequest,
    now: DateTime<Utc>,
) -> Result<NewEvent, Error> {
    (request.decided, request.decided_at) = (ContactRequestStatus::Lapsed, Some(now));
    request.version += 1;
    db::contact_requests::update(connection, &request).await?;
    let lapsed = json!({ "status": ContactRequestStatus::Lapsed });
    let detail = Detail::changed(&json!({ "status": ContactRequestStatus::Pending }), &lapsed);
    Ok(NewEvent { detail, ..event("contact_request.lapsed", &request) })
}

/// Ids and states alone; the message is read by GET.
fn event(event_type: &'static str, request: &ContactRequest) -> NewEvent {
    NewEvent {
        event_type,
        entity: "contact_request",
        entity_id: request.id,
        version: request.version,
        audience: Audience::Enterprises(vec![request.owner_id, request.requester_id]),
        changed: json!({ "fields": ["status"], "listing_id": request.listing_id }),
        detail: Detail::default(),
    }
}

impl App {
    /// Of the enterprises the caller acts for, newest first.
    pub async fn list_contact_requests(
        &self,
        caller: &Caller,
        filter: RequestFilter,
        limit: i64,
    ) -> Result<Vec<RequestView>, Error> {
        let (mut connection, now) = (self.database.get().await?, Utc::now());
        let own = own_enterprises(&mut connection, caller).await?;
        let requests = db::contact_requests::list(&mut connection, &own, &filter, now, limit).await?;
        views(&mut connection, caller, requests, now).await
    }

    /// For members of either side; nobody else learns that it exists.
    pub async fn find_contact_request(&self, caller: &Caller, id: Uuid) -> Result<RequestView, Error> {
        let mut connection = self.database.get().await?;
        let (request, _) = find_own(&mut connection, caller, id).await?;
        one_view(&mut connection, caller, request, Utc::now()).await
    }

    /// Writes down which requests have lapsed; returns how many.
    pub async fn lapse_contact_requests(&self) -> Result<usize, Error> {
        let now = Utc::now();
        let lapsed = self
            .database
            .transaction(async |connection| {
                let over = db::contact_requests::lock_over(connection, now, BATCH).await?;
                let count = over.len();
                for request in over {
                    lapse(connection, request, now).await?;
                }
                Ok::<_, Error>(count)
            })
            .await?;
        if lapsed > 0 {
            self.sequencer.notify_one();
        }
        Ok(lapsed)
    }
}

/// With the side the caller is on; the one asked, for who is on both.
pub(super) async fn find_own(
    connection: &mut Connection,
    caller: &Caller,
    id: Uuid,
) -> Result<(ContactRequest, ContactDirection), Error> {
    let request = db::contact_requests::find(connection, id).await?.ok_or(Error::NotFound)?;
    if access::role_in(connection, caller, request.owner_id).await?.is_some() {
        return Ok((request, ContactDirection::Received));
    }
    let role = access::role_in(connection, caller, request.requester_id).await?;
    role.map(|_| (request, ContactDirection::Sent)).ok_or(Error::NotFound)
}

async fn one_view(
    connection: &mut Connection,
    caller: &Caller,
    request: ContactRequest,
    now: DateTime<Utc>,
) -> Result<RequestView, Error> {
    views(connection, caller, vec![request], now).await?.pop().ok_or(Error::NotFound)
}

async fn views(
    connection: &mut Connection,
    caller: &Caller,
    requests: Vec<ContactRequest>,
    now: DateTime<Utc>,
) -> Result<Vec<RequestView>, Error> {
    let own = own_enterprises(connection, caller).await?;
    let listings: Vec<Uuid> = requests.iter().map(|request| request.listing_id).collect();
    let listings = views_by_id(connection, Some(caller), &listings).await?;
    let sides: Vec<Uuid> = requests.iter().flat_map(|request| [request.owner_id, request.requester_id]).collect();
    let sides = db::enterprises::find_many(connection, &sides).await?;
    let name = |id: Uuid| {
        let side = sides.iter().find(|side| side.id == id);
        side.map(|side| side.profile.legal_name.clone()).unwrap_or_default()
    };
    let view = |request: ContactRequest| RequestView {
        status: request.status_at(now),
        direction: match own.contains(&request.owner_id) {
            true => ContactDirection::Received,
            false => ContactDirection::Sent,
        },
        listing: listings.get(&request.listing_id).cloned(),
        owner: name(request.owner_id),
        requester: name(request.requester_id),
        request,
    };
    Ok(requests.into_iter().map(view).collect())
}
