//! Accounts and the platform roles they hold.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::{accounts, platform_roles};
use super::types::parse_code;
use super::{Connection, Error};
use crate::domain::account::{Account, Login};
use crate::domain::platform::{Grant, PlatformRole};

#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
struct AccountRow {
    id: Uuid,
    email: Option<String>,
    mobile: Option<String>,
    display_name: String,
    version: i32,
    created_at: DateTime<Utc>,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        let AccountRow { id, email, mobile, display_name, version, created_at } = row;
        Account { id, email, mobile, display_name, version, created_at }
    }
}

/// What signing in needs to know.
#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct Secret {
    pub id: Uuid,
    pub password_hash: String,
    pub status: String,
}

pub async fn insert(connection: &mut Connection, account: &Account, password_hash: &str) -> Result<(), Error> {
    diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(account.id),
            accounts::email.eq(&account.email),
            accounts::mobile.eq(&account.mobile),
            accounts::password_hash.eq(password_hash),
            accounts::display_name.eq(&account.display_name),
            accounts::created_at.eq(account.created_at),
            accounts::updated_at.eq(account.created_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Account>, Error> {
    let row = accounts::table.find(id).select(AccountRow::as_select()).first(connection).await.optional()?;
    Ok(row.map(Account::from))
}

pub async fn find_secret(connection: &mut Connection, login: &Login) -> Result<Option<Secret>, Error> {
    let query = accounts::table.select(Secret::as_select()).into_boxed();
    let query = match login {
        Login::Email(email) => query.filter(accounts::email.eq(email)),
        Login::Mobile(mobile) => query.filter(accounts::mobile.eq(mobile)),
    };
    Ok(query.first(connection).await.optional()?)
}

/// Granting twice is harmless.
pub async fn grant_role(connection: &mut Connection, id: Uuid, grant: &Grant, at: DateTime<Utc>) -> Result<(), Error> {
    diesel::insert_into(platform_roles::table)
        .values((
            platform_roles::account_id.eq(id),
            platform_roles::role.eq(<&str>::from(grant.role)),
            platform_roles::region_code.eq(grant.region_code.as_deref().unwrap_or_default()),
            platform_roles::granted_at.eq(at),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn roles(connection: &mut Connection, id: Uuid) -> Result<Vec<String>, Error> {
    let roles = platform_roles::table.filter(platform_roles::account_id.eq(id)).select(platform_roles::role);
    Ok(roles.distinct().load(connection).await?)
}

/// What the account may do for the platform.
pub async fn grants(connection: &mut Connection, id: Uuid) -> Result<Vec<Grant>, Error> {
    let own = platform_roles::table.filter(platform_roles::account_id.eq(id));
    let rows: Vec<(String, String)> =
        own.select((platform_roles::role, platform_roles::region_code)).load(connection).await?;
    let grant = |(role, region): (String, String)| {
        Ok(Grant { role: parse_code(&role)?, region_code: (!region.is_empty()).then_some(region) })
    };
    rows.into_iter().map(grant).collect()
}

/// What accounts other than this one may do in one of these roles.
pub async fn grants_of_others(
    connection: &mut Connection,
    id: Uuid,
    roles: &[PlatformRole],
) -> Result<Vec<Grant>, Error> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        role: String,
        #[diesel(sql_type = diesel::sql_types::Text)]
        region_code: String,
    }
    let roles: Vec<&str> = roles.iter().map(|role| <&str>::from(*role)).collect();
    let query = diesel::sql_query(
        "SELECT role, region_code FROM platform_roles JOIN accounts ON accounts.id = account_id
         WHERE account_id <> $1 AND role = ANY($2) AND status = 'active'",
    );
    let query = query.bind::<diesel::sql_types::Uuid, _>(id);
    let rows: Vec<Row> =
        query.bind::<diesel::sql_types::Array<diesel::sql_types::Text>, _>(roles).load(connection).await?;
    let grant = |row: Row| {
        let region_code = (!row.region_code.is_empty()).then_some(row.region_code);
        Ok(Grant { role: parse_code(&row.role)?, region_code })
    };
    rows.into_iter().map(grant).collect()
}

pub async fn update_password(
    connection: &mut Connection,
    id: Uuid,
    password_hash: &str,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::update(accounts::table.find(id))
        .set((accounts::password_hash.eq(password_hash), accounts::updated_at.eq(at)))
        .execute(connection)
        .await?;
    Ok(())
}
