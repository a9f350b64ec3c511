//! Apps, the accounts they act as, and what they asked for each day.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::{accounts, app_usage, apps, memberships, sessions};
use super::types::{codes, parse_code, parse_codes};
use super::{Connection, Error};
use crate::domain::app::{AppDetails, DailyUsage, RegisteredApp};
use crate::domain::enterprise::MemberRole;

const DELETED: &str = "deleted";

#[derive(Queryable, Selectable)]
#[diesel(table_name = apps)]
struct AppRow {
    id: Uuid,
    enterprise_id: Option<Uuid>,
    account_id: Uuid,
    public: bool,
    name: String,
    description: Option<String>,
    redirect_uris: Vec<String>,
    scopes: Vec<String>,
    status: String,
    reason: Option<String>,
    requests_per_minute: Option<i32>,
    requests_per_day: Option<i32>,
    version: i32,
    created_by: Uuid,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<AppRow> for RegisteredApp {
    type Error = Error;

    fn try_from(row: AppRow) -> Result<Self, Error> {
        let AppRow { id, enterprise_id, account_id, public, name, description, redirect_uris, reason, .. } = row;
        let details = AppDetails { name, description, redirect_uris, scopes: parse_codes(&row.scopes)? };
        Ok(Self {
            id,
            enterprise_id,
            account_id,
            public,
            details,
            status: parse_code(&row.status)?,
            reason,
            requests_per_minute: row.requests_per_minute.and_then(|quota| u32::try_from(quota).ok()),
            requests_per_day: row.requests_per_day.and_then(|quota| u32::try_from(quota).ok()),
            version: row.version,
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

pub async fn insert(connection: &mut Connection, app: &RegisteredApp) -> Result<(), Error> {
    diesel::insert_into(apps::table)
        .values((
            apps::id.eq(app.id),
            apps::enterprise_id.eq(app.enterprise_id),
            apps::account_id.eq(app.account_id),
            apps::public.eq(app.public),
            apps::name.eq(&app.details.name),
            apps::description.eq(&app.details.description),
            apps::redirect_uris.eq(&app.details.redirect_uris),
            apps::scopes.eq(codes(&app.details.scopes)),
            apps::status.eq(<&str>::from(app.status)),
            apps::version.eq(app.version),
            apps::created_by.eq(app.created_by),
            apps::created_at.eq(app.created_at),
            apps::updated_at.eq(app.updated_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes what can change, with version and time of change.
pub async fn update(connection: &mut Connection, app: &RegisteredApp) -> Result<(), Error> {
    diesel::update(apps::table.find(app.id))
        .set((
            apps::name.eq(&app.details.name),
            apps::description.eq(&app.details.description),
            apps::redirect_uris.eq(&app.details.redirect_uris),
            apps::scopes.eq(codes(&app.details.scopes)),
            apps::status.eq(<&str>::from(app.status)),
            apps::reason.eq(&app.reason),
            apps::requests_per_minute.eq(app.requests_per_minute.and_then(|quota| i32::try_from(quota).ok())),
            apps::requests_per_day.eq(app.requests_per_day.and_then(|quota| i32::try_from(quota).ok())),
            apps::version.eq(app.version),
            apps::updated_at.eq(app.updated_at),
        ))
        .execute(connection)
        .await?;
    rename_account(connection, app.account_id, &app.details.name, app.updated_at).await
}

/// Ends everything it holds and can do; its row stays for what it did.
pub async fn delete(connection: &mut Connection, app: &RegisteredApp, at: DateTime<Utc>) -> Result<(), Error> {
    diesel::update(apps::table.find(app.id))
        .set((apps::status.eq(DELETED), apps::version.eq(app.version + 1), apps::updated_at.eq(at)))
        .execute(connection)
        .await?;
    diesel::update(sessions::table.filter(sessions::app_id.eq(app.id).and(sessions::revoked_at.is_null())))
        .set(sessions::revoked_at.eq(at))
        .execute(connection)
        .await?;
    super::oauth::revoke_all_of_app(connection, app.id, at).await?;
    disable_account(connection, app.account_id, at).await
}

pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<RegisteredApp>, Error> {
    let row = apps::table.find(id).filter(apps::status.ne(DELETED)).select(AppRow::as_select());
    row.first(connection).await.optional()?.map(RegisteredApp::try_from).transpose()
}

/// The same, with the row locked until the transaction ends.
pub async fn lock(connection: &mut Connection, id: Uuid) -> Result<Option<RegisteredApp>, Error> {
    let row = apps::table.find(id).filter(apps::status.ne(DELETED)).select(AppRow::as_select()).for_no_key_update();
    row.first(connection).await.optional()?.map(RegisteredApp::try_from).transpose()
}

pub async fn find_many(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<RegisteredApp>, Error> {
    let rows = apps::table.filter(apps::id.eq_any(ids).and(apps::status.ne(DELETED))).select(AppRow::as_select());
    rows.load(connection).await?.into_iter().map(RegisteredApp::try_from).collect()
}

/// How many an enterprise, or the platform, has.
pub async fn count(connection: &mut Connection, enterprise_id: Option<Uuid>) -> Result<i64, Error> {
    let own = apps::table.filter(apps::enterprise_id.is_not_distinct_from(enterprise_id));
    Ok(own.filter(apps::status.ne(DELETED)).count().get_result(connection).await?)
}

/// Apps of the enterprises an account is a member of, in the order of their ids.
pub async fn list_of_member(
    connection: &mut Connection,
    account_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<RegisteredApp>, Error> {
    let own = memberships::table.filter(memberships::account_id.eq(account_id)).select(memberships::enterprise_id);
    let rows = apps::table
        .filter(apps::enterprise_id.eq_any(own.nullable()).and(apps::status.ne(DELETED)))
        .filter(apps::id.gt(after.unwrap_or_default()));
    let rows = rows.select(AppRow::as_select()).order(apps::id).limit(limit);
    rows.load(connection).await?.into_iter().map(RegisteredApp::try_from).collect()
}

/// Everybody's, in the order of their ids.
pub async fn list(connection: &mut Connection, after: Option<Uuid>, limit: i64) -> Result<Vec<RegisteredApp>, Error> {
    let rows = apps::table.filter(apps::status.ne(DELETED)).filter(apps::id.gt(after.unwrap_or_default()));
    let rows = rows.select(AppRow::as_select()).order(apps::id).limit(limit);
    rows.load(connection).await?.into_iter().map(RegisteredApp::try_from).collect()
}

/// An account that nobody signs in to: it has neither address nor password.
pub async fn insert_account(connection: &mut Connection, id: Uuid, name: &str, at: DateTime<Utc>) -> Result<(), Error> {
    diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(id),
            accounts::kind.eq("app"),
            accounts::display_name.eq(name),
            accounts::created_at.eq(at),
            accounts::updated_at.eq(at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether an app acts as the account, never a person.
pub async fn is_account_of_app(connection: &mut Connection, id: Uuid) -> Result<bool, Error> {
    let app = accounts::table.find(id).filter(accounts::kind.eq("app"));
    Ok(diesel::select(diesel::dsl::exists(app)).get_result(connection).await?)
}

async fn rename_account(connection: &mut Connection, id: Uuid, name: &str, at: DateTime<Utc>) -> Result<(), Error> {
    diesel::update(accounts::table.find(id))
        .set((accounts::display_name.eq(name), accounts::updated_at.eq(at)))
        .execute(connection)
        .await?;
    Ok(())
}

/// It acts for nobody any more, and not at all.
pub async fn disable_account(connection: &mut Connection, id: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
    diesel::update(accounts::table.find(id))
        .set((accounts::status.eq("disabled"), accounts::updated_at.eq(at)))
        .execute(connection)
        .await?;
    diesel::delete(memberships::table.filter(memberships::account_id.eq(id))).execute(connection).await?;
    Ok(())
}

/// The account is a member of that enterprise in that role, whatever it was before.
pub async fn place_account(
    connection: &mut Connection,
    id: Uuid,
    enterprise_id: Uuid,
    role: MemberRole,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::insert_into(memberships::table)
        .values((
            memberships::account_id.eq(id),
            memberships::enterprise_id.eq(enterprise_id),
            memberships::role.eq(<&str>::from(role)),
            memberships::created_at.eq(at),
        ))
        .on_conflict((memberships::account_id, memberships::enterprise_id))
        .do_update()
        .set(memberships::role.eq(excluded(memberships::role)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Adds to what is written down of a day.
pub async fn add_usage(connection: &mut Connection, app_id: Uuid, more: DailyUsage) -> Result<(), Error> {
    diesel::insert_into(app_usage::table)
        .values((
            app_usage::app_id.eq(app_id),
            app_usage::day.eq(more.day),
            app_usage::requests.eq(more.requests),
            app_usage::refused.eq(more.refused),
        ))
        .on_conflict((app_usage::app_id, app_usage::day))
        .do_update()
        .set((
            app_usage::requests.eq(app_usage::requests + excluded(app_usage::requests)),
            app_usage::refused.eq(app_usage::refused + excluded(app_usage::refused)),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// What was granted to each of these on a day, by all processes.
pub async fn granted_on(connection: &mut Connection, apps: &[Uuid], day: NaiveDate) -> Result<Vec<(Uuid, i64)>, Error> {
    let rows = app_usage::table.filter(app_usage::app_id.eq_any(apps).and(app_usage::day.eq(day)));
    Ok(rows.select((app_usage::app_id, app_usage::requests - app_usage::refused)).load(connection).await?)
}

/// Newest day first.
pub async fn list_usage(connection: &mut Connection, app_id: Uuid, days: i64) -> Result<Vec<DailyUsage>, Error> {
    let rows: Vec<(NaiveDate, i64, i64)> = app_usage::table
        .filter(app_usage::app_id.eq(app_id))
        .select((app_usage::day, app_usage::requests, app_usage::refused))
        .order(app_usage::day.desc())
        .limit(days)
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|(day, requests, refused)| DailyUsage { day, requests, refused }).collect())
}
