//! What persons agreed to, and took back.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::consents;
use super::{Connection, Error};

/// An entry of the consent log.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = consents)]
pub struct Consent {
    pub id: Uuid,
    pub account_id: Uuid,
    pub purpose: String,
    /// Of the text the person was shown.
    pub text_version: i32,
    pub given: bool,
    pub at: DateTime<Utc>,
}

pub async fn insert(connection: &mut Connection, consent: &Consent) -> Result<(), Error> {
    diesel::insert_into(consents::table).values(consent.clone()).execute(connection).await?;
    Ok(())
}

/// The newest of a purpose.
pub async fn find_newest(
    connection: &mut Connection,
    account_id: Uuid,
    purpose: &str,
) -> Result<Option<Consent>, Error> {
    let own = consents::table.filter(consents::account_id.eq(account_id).and(consents::purpose.eq(purpose)));
    Ok(own.order(consents::id.desc()).select(Consent::as_select()).first(connection).await.optional()?)
}

/// Newest first.
pub async fn list(
    connection: &mut Connection,
    account_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Consent>, Error> {
    let mut query = consents::table.filter(consents::account_id.eq(account_id)).into_boxed();
    if let Some(before) = before {
        query = query.filter(consents::id.lt(before));
    }
    Ok(query.order(consents::id.desc()).limit(limit).select(Consent::as_select()).load(connection).await?)
}

/// Numbers and names of an enterprise's members who took back their consent to a purpose.
pub async fn withdrawn_members(
    connection: &mut Connection,
    enterprise_id: Uuid,
    purpose: &str,
) -> Result<Vec<(Option<String>, String)>, Error> {
    #[derive(QueryableByName)]
    struct Person {
        #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
        mobile: Option<String>,
        #[diesel(sql_type = diesel::sql_types::Text)]
        display_name: String,
    }
    let finding = diesel::sql_query(
        "SELECT a.mobile, a.display_name FROM memberships m JOIN accounts a ON a.id = m.account_id
         WHERE m.enterprise_id = $1 AND NOT coalesce((
             SELECT given FROM consents c WHERE c.account_id = a.id AND c.purpose = $2 ORDER BY c.id DESC LIMIT 1), true)",
    );
    let people: Vec<Person> = finding
        .bind::<diesel::sql_types::Uuid, _>(enterprise_id)
        .bind::<diesel::sql_types::Text, _>(purpose)
        .load(connection)
        .await?;
    Ok(people.into_iter().map(|person| (person.mobile, person.display_name)).collect())
}
