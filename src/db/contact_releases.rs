//! Who saw whose contacts, when, and under which rule.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::contact_releases;
use super::types::parse_code;
use super::{Connection, Error};
use crate::domain::contact_request::ReleaseRule;

#[derive(Debug, Clone, PartialEq)]
pub struct ContactRelease {
    pub id: Uuid,
    /// Whose contacts.
    pub enterprise_id: Uuid,
    pub listing_id: Uuid,
    pub contact_request_id: Option<Uuid>,
    pub account_id: Uuid,
    /// For whom the account asked.
    pub to_enterprise_id: Option<Uuid>,
    pub rule: ReleaseRule,
    pub at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = contact_releases)]
struct Row {
    id: Uuid,
    enterprise_id: Uuid,
    listing_id: Uuid,
    contact_request_id: Option<Uuid>,
    account_id: Uuid,
    to_enterprise_id: Option<Uuid>,
    rule: String,
    at: DateTime<Utc>,
}

pub async fn insert(connection: &mut Connection, release: &ContactRelease) -> Result<(), Error> {
    let ContactRelease { id, enterprise_id, listing_id, contact_request_id, account_id, to_enterprise_id, rule, at } =
        *release;
    let rule = <&str>::from(rule).to_owned();
    let row = Row { id, enterprise_id, listing_id, contact_request_id, account_id, to_enterprise_id, rule, at };
    diesel::insert_into(contact_releases::table).values(row).execute(connection).await?;
    Ok(())
}

/// Of the contacts of one of these, newest first.
pub async fn list(
    connection: &mut Connection,
    enterprises: &[Uuid],
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ContactRelease>, Error> {
    let mut query = contact_releases::table.filter(contact_releases::enterprise_id.eq_any(enterprises)).into_boxed();
    if let Some(before) = before {
        query = query.filter(contact_releases::id.lt(before));
    }
    let rows = query.order(contact_releases::id.desc()).limit(limit).select(Row::as_select()).load(connection).await?;
    rows.into_iter().map(ContactRelease::try_from).collect()
}

impl TryFrom<Row> for ContactRelease {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let Row { id, enterprise_id, listing_id, contact_request_id, account_id, to_enterprise_id, rule, at } = row;
        let rule = parse_code(&rule)?;
        Ok(Self { id, enterprise_id, listing_id, contact_request_id, account_id, to_enterprise_id, rule, at })
    }
}

/// Whoever exchanged contacts with one of these: by an agreed request of either, or by having been shown them.
pub async fn counterparts(connection: &mut Connection, enterprises: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    #[derive(QueryableByName)]
    struct Counterpart {
        #[diesel(sql_type = diesel::sql_types::Uuid)]
        id: Uuid,
    }
    let finding = diesel::sql_query(
        "SELECT requester_id AS id FROM contact_requests WHERE owner_id = ANY($1) AND status = 'accepted'
         UNION SELECT owner_id FROM contact_requests WHERE requester_id = ANY($1) AND status = 'accepted'
         UNION SELECT to_enterprise_id FROM contact_releases WHERE enterprise_id = ANY($1) AND to_enterprise_id IS NOT NULL
         UNION SELECT enterprise_id FROM contact_releases WHERE to_enterprise_id = ANY($1)
         ORDER BY id",
    );
    let finding = finding.bind::<diesel::sql_types::Array<diesel::sql_types::Uuid>, _>(enterprises);
    let rows: Vec<Counterpart> = finding.load(connection).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
