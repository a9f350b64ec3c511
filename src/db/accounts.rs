//! Accounts and the platform roles they hold.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::{accounts, platform_roles};
use super::types::parse_code;
use super::{Connection, Error};
use crate::domain::account::{Account, AccountStatus, Login};
use crate::domain::platform::{Grant, PlatformRole};

#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
struct AccountRow {
    id: Uuid,
    email: Option<String>,
    mobile: Option<String>,
    display_name: String,
    status: String,
    version: i32,
    created_at: DateTime<Utc>,
    email_verified_at: Option<DateTime<Utc>>,
    mobile_verified_at: Option<DateTime<Utc>>,
    password_hash: Option<String>,
    password_long: bool,
    status_reason: Option<String>,
    status_changed_at: Option<DateTime<Utc>>,
}

impl AccountRow {
    fn read(self) -> Result<Account, Error> {
        Ok(Account {
            id: self.id,
            email: self.email,
            mobile: self.mobile,
            display_name: self.display_name,
            status: parse_code(&self.status)?,
            email_verified_at: self.email_verified_at,
            mobile_verified_at: self.mobile_verified_at,
            has_password: self.password_hash.is_some(),
            password_long: self.password_long,
            status_reason: self.status_reason,
            status_changed_at: self.status_changed_at,
            version: self.version,
            created_at: self.created_at,
        })
    }
}

/// What signing in needs to know.
#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct Secret {
    pub id: Uuid,
    pub email: Option<String>,
    pub mobile: Option<String>,
    pub password_hash: Option<String>,
    pub status: String,
}

/// A password as it is kept.
pub struct Hashed {
    pub hash: String,
    pub long: bool,
}

pub async fn insert(connection: &mut Connection, account: &Account, password: Option<&Hashed>) -> Result<(), Error> {
    diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(account.id),
            accounts::email.eq(&account.email),
            accounts::mobile.eq(&account.mobile),
            accounts::password_hash.eq(password.map(|password| &password.hash)),
            accounts::password_long.eq(password.is_some_and(|password| password.long)),
            accounts::email_verified_at.eq(account.email_verified_at),
            accounts::mobile_verified_at.eq(account.mobile_verified_at),
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
    row.map(AccountRow::read).transpose()
}

/// The same, with the row locked until the transaction ends.
pub async fn lock(connection: &mut Connection, id: Uuid) -> Result<Option<Account>, Error> {
    let row = accounts::table.find(id).select(AccountRow::as_select()).for_no_key_update();
    row.first(connection).await.optional()?.map(AccountRow::read).transpose()
}

/// Keeps the account as it is known until the transaction ends: an erasure waits, and takes what was written meanwhile along.
/// `Erased` where it came first. Call it last: an erasure takes its locks in this order as well.
pub async fn outlast(connection: &mut Connection, id: Uuid) -> Result<(), Error> {
    let status = accounts::table.find(id).select(accounts::status).for_key_share();
    let status: Option<String> = status.first(connection).await.optional()?;
    match status.as_deref() == Some(AccountStatus::Erased.into()) {
        true => Err(Error::Erased),
        false => Ok(()),
    }
}

/// Waits for everybody who writes something by or about the account, and keeps others off until the transaction ends.
pub async fn lock_against_writers(connection: &mut Connection, id: Uuid) -> Result<(), Error> {
    let locking = accounts::table.find(id).select(accounts::id).for_update();
    locking.first::<Uuid>(connection).await?;
    Ok(())
}

pub async fn find_secret(connection: &mut Connection, login: &Login) -> Result<Option<Secret>, Error> {
    let query = accounts::table.select(Secret::as_select()).into_boxed();
    let query = match login {
        Login::Email(email) => query.filter(accounts::email.eq(email)),
        Login::Mobile(mobile) => query.filter(accounts::mobile.eq(mobile)),
    };
    Ok(query.first(connection).await.optional()?)
}

pub async fn find_with_secret(connection: &mut Connection, id: Uuid) -> Result<Option<Secret>, Error> {
    Ok(accounts::table.find(id).select(Secret::as_select()).first(connection).await.optional()?)
}

/// Writes what can change but the password.
pub async fn update(connection: &mut Connection, account: &Account, at: DateTime<Utc>) -> Result<(), Error> {
    diesel::update(accounts::table.find(account.id))
        .set((
            accounts::email.eq(&account.email),
            accounts::mobile.eq(&account.mobile),
            accounts::email_verified_at.eq(account.email_verified_at),
            accounts::mobile_verified_at.eq(account.mobile_verified_at),
            accounts::display_name.eq(&account.display_name),
            accounts::status.eq(<&str>::from(account.status)),
            accounts::version.eq(account.version),
            accounts::updated_at.eq(at),
        ))
        .execute(connection)
        .await?;
    Ok(())
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

/// False where it was not held.
pub async fn revoke_role(connection: &mut Connection, id: Uuid, grant: &Grant) -> Result<bool, Error> {
    let region = grant.region_code.as_deref().unwrap_or_default();
    let held = platform_roles::table.find((id, <&str>::from(grant.role), region));
    Ok(diesel::delete(held).execute(connection).await? > 0)
}

/// Ids of accounts, in their order.
pub async fn list(
    connection: &mut Connection,
    status: Option<AccountStatus>,
    role: Option<PlatformRole>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Uuid>, Error> {
    let mut page = accounts::table.order(accounts::id).limit(limit).select(accounts::id).into_boxed();
    if let Some(status) = status {
        page = page.filter(accounts::status.eq(<&str>::from(status)));
    }
    if let Some(role) = role {
        let holders = platform_roles::table.filter(platform_roles::role.eq(<&str>::from(role)));
        page = page.filter(accounts::id.eq_any(holders.select(platform_roles::account_id)));
    }
    if let Some(after) = after {
        page = page.filter(accounts::id.gt(after));
    }
    Ok(page.load(connection).await?)
}

/// Whoever has a role of the platform.
pub async fn list_officials(connection: &mut Connection) -> Result<Vec<Uuid>, Error> {
    let holders = platform_roles::table.select(platform_roles::account_id).distinct();
    Ok(holders.order(platform_roles::account_id).load(connection).await?)
}

/// Whether anybody else who can sign in is an administrator everywhere.
pub async fn has_other_admin(connection: &mut Connection, but: Uuid) -> Result<bool, Error> {
    let admins = platform_roles::table
        .filter(platform_roles::role.eq(<&str>::from(PlatformRole::Admin)).and(platform_roles::region_code.eq("")))
        .filter(platform_roles::account_id.ne(but))
        .select(platform_roles::account_id);
    let active = accounts::table.filter(accounts::id.eq_any(admins)).filter(accounts::status.eq("active"));
    Ok(diesel::select(diesel::dsl::exists(active)).get_result(connection).await?)
}

/// Where the account has roles, or acts for enterprises.
pub async fn regions_of(connection: &mut Connection, id: Uuid) -> Result<Vec<String>, Error> {
    #[derive(QueryableByName)]
    struct Place {
        #[diesel(sql_type = diesel::sql_types::Text)]
        region_code: String,
    }
    let places = "SELECT region_code FROM platform_roles WHERE account_id = $1 AND region_code <> ''
        UNION SELECT profile->>'region_code' FROM memberships JOIN enterprises ON enterprises.id = enterprise_id
        WHERE account_id = $1 AND profile->>'region_code' IS NOT NULL";
    let rows: Vec<Place> = diesel::sql_query(places).bind::<diesel::sql_types::Uuid, _>(id).load(connection).await?;
    Ok(rows.into_iter().map(|place| place.region_code).collect())
}

/// Why an administrator changes the status.
pub async fn explain_status(
    connection: &mut Connection,
    id: Uuid,
    reason: &str,
    by: Option<Uuid>,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::update(accounts::table.find(id))
        .set((
            accounts::status_reason.eq(reason),
            accounts::status_changed_by.eq(by),
            accounts::status_changed_at.eq(at),
        ))
        .execute(connection)
        .await?;
    Ok(())
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

/// None: there is no password any more.
pub async fn update_password(
    connection: &mut Connection,
    id: Uuid,
    password: Option<&Hashed>,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let hash = password.map(|password| &password.hash);
    let long = password.is_some_and(|password| password.long);
    diesel::update(accounts::table.find(id))
        .set((accounts::password_hash.eq(hash), accounts::password_long.eq(long), accounts::updated_at.eq(at)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Enterprises that would have no active owner without this account, by id and name. All it owns are locked until the
/// transaction ends, so that two owners do not leave at once.
pub async fn lock_solely_owned(connection: &mut Connection, id: Uuid) -> Result<Vec<(Uuid, String)>, Error> {
    #[derive(QueryableByName)]
    struct Owned {
        #[diesel(sql_type = diesel::sql_types::Uuid)]
        id: Uuid,
        #[diesel(sql_type = diesel::sql_types::Text)]
        legal_name: String,
    }
    let locking = "SELECT id FROM enterprises WHERE id IN
        (SELECT enterprise_id FROM memberships WHERE account_id = $1 AND role = 'owner') ORDER BY id FOR UPDATE";
    diesel::sql_query(locking).bind::<diesel::sql_types::Uuid, _>(id).execute(connection).await?;
    let owned = "SELECT enterprises.id, legal_name FROM enterprises JOIN memberships ON enterprise_id = enterprises.id
        WHERE account_id = $1 AND role = 'owner' AND merged_into IS NULL AND enterprises.status <> 'closed' AND NOT EXISTS
            (SELECT FROM memberships AS other JOIN accounts ON accounts.id = other.account_id
             WHERE other.enterprise_id = enterprises.id AND other.role = 'owner' AND other.account_id <> $1
               AND accounts.status = 'active')
        ORDER BY enterprises.id";
    let rows: Vec<Owned> = diesel::sql_query(owned).bind::<diesel::sql_types::Uuid, _>(id).load(connection).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.legal_name)).collect())
}
