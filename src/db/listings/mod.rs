//! Listings and their ledger rows.

mod views;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::{Stream, StreamExt};
use serde_json::Value;
use uuid::Uuid;

use super::schema::{listing_ledger, listings};
use super::types::{DecimalColumn, JsonText, parse_code};
use super::{Connection, Error};
use crate::domain::decimal::Decimal;
use crate::domain::ledger::{Balance, LedgerRow};
use crate::domain::listing::{Confirmation, Listing, ListingStatus, Terms};

pub use views::{Association, HeldTerms, ListingView, complete, find_of_member, find_shown, find_views};

#[derive(Queryable, Selectable)]
#[diesel(table_name = listings)]
struct ListingRow {
    #[diesel(embed)]
    record: RecordRow,
    terms: JsonText,
}

/// All but the terms.
#[derive(Queryable, Selectable)]
#[diesel(table_name = listings)]
struct RecordRow {
    id: Uuid,
    enterprise_id: Uuid,
    status: String,
    version: i32,
    outcome: Option<String>,
    counterpart_id: Option<Uuid>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    published_at: Option<DateTime<Utc>>,
    confirmed_at: DateTime<Utc>,
    urgency_confirmed_at: Option<DateTime<Utc>>,
    urgency_confirmed_by: Option<Uuid>,
    mandate_id: Option<Uuid>,
}

impl RecordRow {
    fn terms_of(&self, document: &JsonText) -> Result<Terms, Error> {
        document.parse().map_err(|e| Error::Fault(format!("listing {}: {e}", self.id)))
    }

    fn with_terms(self, terms: Terms) -> Result<Listing, Error> {
        Ok(Listing {
            id: self.id,
            enterprise_id: self.enterprise_id,
            status: parse_code(&self.status)?,
            version: self.version,
            terms,
            outcome: self.outcome.as_deref().map(parse_code).transpose()?,
            counterpart_id: self.counterpart_id,
            created_at: self.created_at,
            updated_at: self.updated_at,
            published_at: self.published_at,
            confirmed_at: self.confirmed_at,
            urgency_confirmed: self
                .urgency_confirmed_at
                .zip(self.urgency_confirmed_by)
                .map(|(at, by)| Confirmation { at, by }),
            mandate_id: self.mandate_id,
        })
    }
}

impl TryFrom<ListingRow> for Listing {
    type Error = Error;

    fn try_from(ListingRow { record, terms }: ListingRow) -> Result<Self, Error> {
        let terms = record.terms_of(&terms)?;
        record.with_terms(terms)
    }
}

fn document(terms: &Terms) -> Result<Value, Error> {
    serde_json::to_value(terms).map_err(|error| Error::Fault(error.to_string()))
}

/// May fail with `listings_external_id_key`.
pub async fn insert(connection: &mut Connection, listing: &Listing) -> Result<(), Error> {
    diesel::insert_into(listings::table)
        .values((
            listings::id.eq(listing.id),
            listings::enterprise_id.eq(listing.enterprise_id),
            listings::status.eq(<&str>::from(listing.status)),
            listings::version.eq(listing.version),
            listings::terms.eq(document(&listing.terms)?),
            listings::valid_until.eq(listing.terms.valid_until),
            listings::created_at.eq(listing.created_at),
            listings::updated_at.eq(listing.updated_at),
            listings::published_at.eq(listing.published_at),
            listings::confirmed_at.eq(listing.confirmed_at),
            listings::mandate_id.eq(listing.mandate_id),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes everything that can change. May fail with `listings_external_id_key`.
pub async fn update(connection: &mut Connection, listing: &Listing) -> Result<(), Error> {
    diesel::update(listings::table.find(listing.id))
        .set((
            listings::status.eq(<&str>::from(listing.status)),
            listings::version.eq(listing.version),
            listings::terms.eq(document(&listing.terms)?),
            listings::valid_until.eq(listing.terms.valid_until),
            listings::outcome.eq(listing.outcome.map(<&str>::from)),
            listings::counterpart_id.eq(listing.counterpart_id),
            listings::updated_at.eq(listing.updated_at),
            listings::published_at.eq(listing.published_at),
            listings::confirmed_at.eq(listing.confirmed_at),
            listings::urgency_confirmed_at.eq(listing.urgency_confirmed.map(|confirmation| confirmation.at)),
            listings::urgency_confirmed_by.eq(listing.urgency_confirmed.map(|confirmation| confirmation.by)),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// With the row locked until the transaction ends.
pub async fn lock(connection: &mut Connection, id: Uuid) -> Result<Option<Listing>, Error> {
    let row = listings::table.find(id).select(ListingRow::as_select()).for_no_key_update();
    row.first(connection).await.optional()?.map(Listing::try_from).transpose()
}

pub async fn find_many(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<Listing>, Error> {
    let rows = listings::table.filter(listings::id.eq_any(ids)).select(ListingRow::as_select());
    rows.load(connection).await?.into_iter().map(Listing::try_from).collect()
}

/// What is left of a listing: the least over its periods.
#[diesel::dsl::auto_type]
fn remaining() -> _ {
    listing_ledger::table.filter(listing_ledger::listing_id.eq(listings::id)).select(least(left())).single_value()
}

/// What is left of a row of the ledger.
#[diesel::dsl::auto_type]
fn left() -> _ {
    listing_ledger::quantity - listing_ledger::reserved - listing_ledger::committed - listing_ledger::fulfilled
}

/// A listing as it was read: to parse it is most of the work, and can be done on another thread.
pub struct StoredListing {
    row: ListingRow,
    remaining: Option<DecimalColumn>,
}

impl StoredListing {
    /// With what its ledger leaves of it; `None` where it has none.
    pub fn parse(self) -> Result<(Listing, Option<Decimal>), Error> {
        Ok((self.row.try_into()?, self.remaining.map(|remaining| remaining.0)))
    }
}

diesel::define_sql_function! {
    #[aggregate]
    #[sql_name = "min"]
    fn least(amounts: diesel::sql_types::Numeric) -> diesel::sql_types::Nullable<diesel::sql_types::Numeric>;
}

/// Every published listing as it is now, in no particular order, while it arrives.
pub async fn stream_published(
    connection: &mut Connection,
) -> Result<impl Stream<Item = Result<StoredListing, Error>> + use<'_>, Error> {
    let rows = listings::table
        .filter(listings::status.eq(<&str>::from(ListingStatus::Published)))
        .select((ListingRow::as_select(), remaining()))
        .load_stream::<(ListingRow, Option<DecimalColumn>)>(connection)
        .await?;
    Ok(rows.map(|read| read.map(|(row, remaining)| StoredListing { row, remaining }).map_err(Error::from)))
}

/// What an enterprise sees of its own.
#[derive(Debug, Clone, Default)]
pub struct OwnFilter {
    pub status: Option<ListingStatus>,
    pub external_id: Option<String>,
    pub before: Option<Uuid>,
}

/// Newest first.
pub async fn list_of_enterprise(
    connection: &mut Connection,
    enterprise_id: Uuid,
    filter: &OwnFilter,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Listing>, Error> {
    let (published, expired) = (<&str>::from(ListingStatus::Published), <&str>::from(ListingStatus::Expired));
    let mut query = listings::table.filter(listings::enterprise_id.eq(enterprise_id)).into_boxed();
    // Expiry is computed when reading: the job that writes it down may be late.
    query = match filter.status {
        Some(ListingStatus::Published) => {
            query.filter(listings::status.eq(published).and(listings::valid_until.gt(now)))
        }
        Some(ListingStatus::Expired) => query
            .filter(listings::status.eq(expired).or(listings::status.eq(published).and(listings::valid_until.le(now)))),
        Some(status) => query.filter(listings::status.eq(<&str>::from(status))),
        None => query,
    };
    if let Some(external_id) = &filter.external_id {
        query = query.filter(listings::external_id.eq(external_id.clone()));
    }
    if let Some(before) = filter.before {
        query = query.filter(listings::id.lt(before));
    }
    let rows = query.order(listings::id.desc()).limit(limit).select(ListingRow::as_select());
    rows.load(connection).await?.into_iter().map(Listing::try_from).collect()
}

/// Listings that are published or wait for it.
pub async fn count_open(connection: &mut Connection, enterprise_id: Uuid, now: DateTime<Utc>) -> Result<i64, Error> {
    let open = [ListingStatus::Published, ListingStatus::PendingReview].map(<&str>::from);
    let of_enterprise = listings::table.filter(listings::enterprise_id.eq(enterprise_id));
    let count = of_enterprise.filter(listings::status.eq_any(open).and(listings::valid_until.gt(now))).count();
    Ok(count.get_result(connection).await?)
}

/// All that are not over, and those past their end, locked in the order of their ids.
pub async fn lock_of_enterprise(connection: &mut Connection, enterprise_id: Uuid) -> Result<Vec<Listing>, Error> {
    let open = [ListingStatus::Draft, ListingStatus::PendingReview, ListingStatus::Published, ListingStatus::Expired];
    let rows = listings::table
        .filter(listings::enterprise_id.eq(enterprise_id).and(listings::status.eq_any(open.map(<&str>::from))))
        .order(listings::id)
        .select(ListingRow::as_select())
        .for_no_key_update();
    rows.load(connection).await?.into_iter().map(Listing::try_from).collect()
}

/// Those of which something is held for somebody, or agreed and not delivered.
pub async fn list_promised(
    connection: &mut Connection,
    enterprise_id: Uuid,
    limit: i64,
) -> Result<Vec<Listing>, Error> {
    let none = DecimalColumn(Decimal::ZERO);
    let promised = listing_ledger::table
        .filter(listing_ledger::listing_id.eq(listings::id))
        .filter(listing_ledger::reserved.gt(none).or(listing_ledger::committed.gt(none)));
    let rows = listings::table
        .filter(listings::enterprise_id.eq(enterprise_id).and(exists(promised)))
        .order(listings::id)
        .limit(limit)
        .select(ListingRow::as_select());
    rows.load(connection).await?.into_iter().map(Listing::try_from).collect()
}

/// Published listings past their end, locked; another process skips them.
pub async fn lock_expired(connection: &mut Connection, now: DateTime<Utc>, limit: i64) -> Result<Vec<Listing>, Error> {
    let rows = listings::table
        .filter(listings::status.eq(<&str>::from(ListingStatus::Published)).and(listings::valid_until.le(now)))
        .order(listings::id)
        .limit(limit)
        .select(ListingRow::as_select())
        .for_update()
        .skip_locked();
    rows.load(connection).await?.into_iter().map(Listing::try_from).collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = listing_ledger)]
struct BalanceRow {
    listing_id: Uuid,
    quantity: DecimalColumn,
    reserved: DecimalColumn,
    committed: DecimalColumn,
    fulfilled: DecimalColumn,
}

/// By listing; a listing of unknown quantity has none.
pub async fn balances(connection: &mut Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Balance>, Error> {
    let rows = listing_ledger::table.filter(listing_ledger::listing_id.eq_any(ids)).select(BalanceRow::as_select());
    let mut balances: HashMap<Uuid, Balance> = HashMap::new();
    for row in rows.load(connection).await? {
        let taken = [row.reserved, row.committed, row.fulfilled].iter().map(|c| c.0.millionths()).sum::<i64>();
        let remaining = Decimal::from_millionths(row.quantity.0.millionths() - taken).unwrap_or_default();
        let balance = balances.entry(row.listing_id).or_insert(Balance { remaining, held: false });
        balance.remaining = balance.remaining.min(remaining);
        balance.held |= taken > 0;
    }
    Ok(balances)
}

/// Replaces the rows of a listing nothing is held of.
pub async fn replace_ledger(connection: &mut Connection, id: Uuid, rows: &[LedgerRow]) -> Result<(), Error> {
    diesel::delete(listing_ledger::table.filter(listing_ledger::listing_id.eq(id))).execute(connection).await?;
    let values: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                listing_ledger::listing_id.eq(id),
                listing_ledger::period.eq(row.number),
                listing_ledger::starts_on.eq(row.days.map(|days| days.start)),
                listing_ledger::ends_on.eq(row.days.map(|days| days.end)),
                listing_ledger::quantity.eq(DecimalColumn(row.quantity)),
            )
        })
        .collect();
    diesel::insert_into(listing_ledger::table).values(values).execute(connection).await?;
    Ok(())
}

pub async fn find_by_external_id(
    connection: &mut Connection,
    enterprise_id: Uuid,
    external_id: &str,
) -> Result<Option<Uuid>, Error> {
    let of_enterprise = listings::table.filter(listings::enterprise_id.eq(enterprise_id));
    let id = of_enterprise.filter(listings::external_id.eq(external_id)).select(listings::id);
    Ok(id.first(connection).await.optional()?)
}

pub async fn list_published_of(connection: &mut Connection, enterprises: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    if enterprises.is_empty() {
        return Ok(vec![]);
    }
    let published = listings::table.filter(listings::status.eq(<&str>::from(ListingStatus::Published)));
    let ids = published.filter(listings::enterprise_id.eq_any(enterprises)).select(listings::id);
    Ok(ids.load(connection).await?)
}
