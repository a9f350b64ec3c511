//! Contact requests.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::contact_requests;
use super::types::{DecimalColumn, parse_code};
use super::{Connection, Error};
use crate::domain::contact_request::{ContactDirection, ContactRequest, ContactRequestStatus};
use crate::domain::throttle::Recent;

/// The constraint that one enterprise has at most one open request for a listing.
pub const OPEN_KEY: &str = "contact_requests_open_key";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = contact_requests)]
struct Row {
    id: Uuid,
    listing_id: Uuid,
    owner_id: Uuid,
    requester_id: Uuid,
    status: String,
    message: String,
    quantity: Option<DecimalColumn>,
    unit_code: Option<String>,
    requested_by: Uuid,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    decided_by: Option<Uuid>,
    decided_at: Option<DateTime<Utc>>,
    reason: Option<String>,
    version: i32,
}

impl TryFrom<Row> for ContactRequest {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            listing_id: row.listing_id,
            owner_id: row.owner_id,
            requester_id: row.requester_id,
            decided: parse_code(&row.status)?,
            message: row.message,
            quantity: row.quantity.map(|quantity| quantity.0).zip(row.unit_code),
            requested_by: row.requested_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            reason: row.reason,
            version: row.version,
        })
    }
}

/// Violates [`OPEN_KEY`] where there is an open one.
pub async fn insert(connection: &mut Connection, request: &ContactRequest) -> Result<(), Error> {
    let request = request.clone();
    let (quantity, unit_code) = request.quantity.map(|(quantity, unit)| (DecimalColumn(quantity), unit)).unzip();
    let row = Row {
        id: request.id,
        listing_id: request.listing_id,
        owner_id: request.owner_id,
        requester_id: request.requester_id,
        status: <&str>::from(request.decided).to_owned(),
        message: request.message,
        quantity,
        unit_code,
        requested_by: request.requested_by,
        created_at: request.created_at,
        expires_at: request.expires_at,
        decided_by: request.decided_by,
        decided_at: request.decided_at,
        reason: request.reason,
        version: request.version,
    };
    diesel::insert_into(contact_requests::table).values(row).execute(connection).await?;
    Ok(())
}

pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<ContactRequest>, Error> {
    let row = contact_requests::table.find(id).select(Row::as_select()).first(connection).await.optional()?;
    row.map(ContactRequest::try_from).transpose()
}

/// The same, locked until the transaction ends.
pub async fn lock(connection: &mut Connection, id: Uuid) -> Result<Option<ContactRequest>, Error> {
    let locking = contact_requests::table.find(id).select(Row::as_select()).for_no_key_update();
    let row: Option<Row> = locking.first(connection).await.optional()?;
    row.map(ContactRequest::try_from).transpose()
}

/// Which requests a reader wants.
#[derive(Debug, Clone, Default)]
pub struct RequestFilter {
    pub direction: Option<ContactDirection>,
    pub status: Option<ContactRequestStatus>,
    pub listing_id: Option<Uuid>,
    pub before: Option<Uuid>,
}

/// Of these enterprises, newest first; states as they are at `now`.
pub async fn list(
    connection: &mut Connection,
    enterprises: &[Uuid],
    filter: &RequestFilter,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ContactRequest>, Error> {
    use ContactRequestStatus::{Lapsed, Pending};
    let (received, sent) =
        (contact_requests::owner_id.eq_any(enterprises), contact_requests::requester_id.eq_any(enterprises));
    let mut query = match filter.direction {
        Some(ContactDirection::Received) => contact_requests::table.filter(received).into_boxed(),
        Some(ContactDirection::Sent) => contact_requests::table.filter(sent).into_boxed(),
        None => contact_requests::table.filter(received.or(sent)).into_boxed(),
    };
    if let Some(status) = filter.status {
        let (pending, stored) = (<&str>::from(Pending), contact_requests::status.eq(<&str>::from(status)));
        let (is_pending, over) = (contact_requests::status.eq(pending), contact_requests::expires_at.le(now));
        query = match status {
            Pending => query.filter(is_pending.and(contact_requests::expires_at.gt(now))),
            Lapsed => query.filter(stored.or(is_pending.and(over))),
            _ => query.filter(stored),
        };
    }
    if let Some(listing_id) = filter.listing_id {
        query = query.filter(contact_requests::listing_id.eq(listing_id));
    }
    if let Some(before) = filter.before {
        query = query.filter(contact_requests::id.lt(before));
    }
    let rows = query.order(contact_requests::id.desc()).limit(limit).select(Row::as_select()).load(connection).await?;
    rows.into_iter().map(ContactRequest::try_from).collect()
}

/// The newest of an enterprise for a listing.
pub async fn find_newest(
    connection: &mut Connection,
    listing_id: Uuid,
    requester_id: Uuid,
) -> Result<Option<ContactRequest>, Error> {
    let of_pair = contact_requests::table
        .filter(contact_requests::listing_id.eq(listing_id).and(contact_requests::requester_id.eq(requester_id)));
    let newest = of_pair.order(contact_requests::id.desc()).select(Row::as_select());
    newest.first(connection).await.optional()?.map(ContactRequest::try_from).transpose()
}

/// An accepted one of any of the enterprises for the listing.
pub async fn find_accepted(
    connection: &mut Connection,
    listing_id: Uuid,
    requesters: &[Uuid],
) -> Result<Option<ContactRequest>, Error> {
    let accepted = contact_requests::table
        .filter(contact_requests::listing_id.eq(listing_id).and(contact_requests::requester_id.eq_any(requesters)))
        .filter(contact_requests::status.eq(<&str>::from(ContactRequestStatus::Accepted)))
        .order(contact_requests::id.desc());
    let row = accepted.select(Row::as_select()).first(connection).await.optional()?;
    row.map(ContactRequest::try_from).transpose()
}

/// Those the enterprise has made since then.
pub async fn count_since(
    connection: &mut Connection,
    requester_id: Uuid,
    since: DateTime<Utc>,
) -> Result<Recent, Error> {
    let recent = contact_requests::table
        .filter(contact_requests::requester_id.eq(requester_id).and(contact_requests::created_at.gt(since)))
        .select((diesel::dsl::count_star(), diesel::dsl::min(contact_requests::created_at)));
    let (count, first) = recent.get_result(connection).await?;
    Ok(Recent { count, first })
}

/// Writes what was decided.
pub async fn update(connection: &mut Connection, request: &ContactRequest) -> Result<(), Error> {
    diesel::update(contact_requests::table.find(request.id))
        .set((
            contact_requests::status.eq(<&str>::from(request.decided)),
            contact_requests::decided_by.eq(request.decided_by),
            contact_requests::decided_at.eq(request.decided_at),
            contact_requests::reason.eq(&request.reason),
            contact_requests::version.eq(request.version),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Those of either side of the enterprise that wait for an answer, locked.
pub async fn lock_pending_of(connection: &mut Connection, enterprise: Uuid) -> Result<Vec<ContactRequest>, Error> {
    let own = contact_requests::owner_id.eq(enterprise).or(contact_requests::requester_id.eq(enterprise));
    let rows = contact_requests::table
        .filter(own.and(contact_requests::status.eq(<&str>::from(ContactRequestStatus::Pending))))
        .order(contact_requests::id)
        .select(Row::as_select())
        .for_no_key_update();
    rows.load::<Row>(connection).await?.into_iter().map(ContactRequest::try_from).collect()
}

/// Open ones past their time, locked; those somebody else holds are left for the next round.
pub async fn lock_over(
    connection: &mut Connection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ContactRequest>, Error> {
    let over = contact_requests::table
        .filter(contact_requests::status.eq(<&str>::from(ContactRequestStatus::Pending)))
        .filter(contact_requests::expires_at.le(now))
        .order(contact_requests::expires_at)
        .limit(limit)
        .select(Row::as_select())
        .for_no_key_update()
        .skip_locked();
    let rows: Vec<Row> = over.load(connection).await?;
    rows.into_iter().map(ContactRequest::try_from).collect()
}
