//! What people agreed to, the codes that tell of it, and what an app's session rests on.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::{accounts, app_authorizations, authorization_codes, memberships, sessions};
use super::types::{codes, parse_codes};
use super::{Connection, Error};
use crate::domain::access::Scope;
use crate::domain::oauth::Authorization;

#[derive(Queryable, Selectable)]
#[diesel(table_name = app_authorizations)]
struct AuthorizationRow {
    id: Uuid,
    app_id: Uuid,
    account_id: Uuid,
    enterprise_id: Option<Uuid>,
    delegate_id: Option<Uuid>,
    scopes: Vec<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<AuthorizationRow> for Authorization {
    type Error = Error;

    fn try_from(row: AuthorizationRow) -> Result<Self, Error> {
        let AuthorizationRow { id, app_id, account_id, enterprise_id, delegate_id, scopes, created_at, updated_at } =
            row;
        let scopes = parse_codes(&scopes)?;
        Ok(Self { id, app_id, account_id, enterprise_id, delegate_id, scopes, created_at, updated_at })
    }
}

pub async fn insert(connection: &mut Connection, authorization: &Authorization) -> Result<(), Error> {
    diesel::insert_into(app_authorizations::table)
        .values((
            app_authorizations::id.eq(authorization.id),
            app_authorizations::app_id.eq(authorization.app_id),
            app_authorizations::account_id.eq(authorization.account_id),
            app_authorizations::enterprise_id.eq(authorization.enterprise_id),
            app_authorizations::delegate_id.eq(authorization.delegate_id),
            app_authorizations::scopes.eq(codes(&authorization.scopes)),
            app_authorizations::created_at.eq(authorization.created_at),
            app_authorizations::updated_at.eq(authorization.updated_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn renew(connection: &mut Connection, authorization: &Authorization) -> Result<(), Error> {
    diesel::update(app_authorizations::table.find(authorization.id))
        .set((
            app_authorizations::scopes.eq(codes(&authorization.scopes)),
            app_authorizations::updated_at.eq(authorization.updated_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// The one that stands.
pub async fn find_standing(
    connection: &mut Connection,
    app_id: Uuid,
    account_id: Uuid,
    enterprise_id: Option<Uuid>,
) -> Result<Option<Authorization>, Error> {
    let row = app_authorizations::table
        .filter(app_authorizations::app_id.eq(app_id).and(app_authorizations::account_id.eq(account_id)))
        .filter(app_authorizations::enterprise_id.is_not_distinct_from(enterprise_id))
        .filter(app_authorizations::revoked_at.is_null())
        .select(AuthorizationRow::as_select());
    row.first(connection).await.optional()?.map(Authorization::try_from).transpose()
}

pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Authorization>, Error> {
    let row = app_authorizations::table.find(id).filter(app_authorizations::revoked_at.is_null());
    let row = row.select(AuthorizationRow::as_select()).first(connection).await.optional()?;
    row.map(Authorization::try_from).transpose()
}

/// Those of a person that stand, in the order of their ids.
pub async fn list(
    connection: &mut Connection,
    account_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Authorization>, Error> {
    let own = app_authorizations::table
        .filter(app_authorizations::account_id.eq(account_id).and(app_authorizations::revoked_at.is_null()))
        .filter(app_authorizations::id.gt(after.unwrap_or_default()))
        .order(app_authorizations::id)
        .limit(limit);
    let rows = own.select(AuthorizationRow::as_select()).load(connection).await?;
    rows.into_iter().map(Authorization::try_from).collect()
}

/// Ends it and what rests on it.
pub async fn revoke(
    connection: &mut Connection,
    authorization: &Authorization,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::update(app_authorizations::table.find(authorization.id))
        .set(app_authorizations::revoked_at.eq(at))
        .execute(connection)
        .await?;
    let resting = sessions::authorization_id.eq(authorization.id).and(sessions::revoked_at.is_null());
    diesel::update(sessions::table.filter(resting)).set(sessions::revoked_at.eq(at)).execute(connection).await?;
    match authorization.delegate_id {
        Some(delegate) => super::apps::disable_account(connection, delegate, at).await,
        None => Ok(()),
    }
}

pub async fn revoke_all_of_app(connection: &mut Connection, app_id: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
    let standing = app_authorizations::app_id.eq(app_id).and(app_authorizations::revoked_at.is_null());
    let delegates: Vec<Option<Uuid>> = diesel::update(app_authorizations::table.filter(standing))
        .set(app_authorizations::revoked_at.eq(at))
        .returning(app_authorizations::delegate_id)
        .get_results(connection)
        .await?;
    let delegates: Vec<Uuid> = delegates.into_iter().flatten().collect();
    diesel::update(accounts::table.filter(accounts::id.eq_any(&delegates)))
        .set((accounts::status.eq("disabled"), accounts::updated_at.eq(at)))
        .execute(connection)
        .await?;
    let theirs = memberships::table.filter(memberships::account_id.eq_any(&delegates));
    diesel::delete(theirs).execute(connection).await?;
    Ok(())
}

/// A code as it is kept.
#[derive(Queryable, Selectable)]
#[diesel(table_name = authorization_codes)]
pub struct Code {
    pub authorization_id: Uuid,
    pub redirect_uri: String,
    pub code_challenge: String,
    pub scopes: Vec<String>,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
    pub session_id: Option<Uuid>,
}

impl Code {
    pub fn covers(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|known| known == <&str>::from(scope))
    }
}

pub fn scope_codes(scopes: &[Scope]) -> Vec<String> {
    codes(scopes).into_iter().map(str::to_owned).collect()
}

pub async fn insert_code(connection: &mut Connection, code_hash: &[u8], code: &Code) -> Result<(), Error> {
    diesel::insert_into(authorization_codes::table)
        .values((
            authorization_codes::code_hash.eq(code_hash),
            authorization_codes::authorization_id.eq(code.authorization_id),
            authorization_codes::redirect_uri.eq(&code.redirect_uri),
            authorization_codes::code_challenge.eq(&code.code_challenge),
            authorization_codes::scopes.eq(&code.scopes),
            authorization_codes::expires_at.eq(code.expires_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Locked until the transaction ends: of several who bring it, one comes first.
pub async fn lock_code(connection: &mut Connection, code_hash: &[u8]) -> Result<Option<Code>, Error> {
    let row = authorization_codes::table.find(code_hash).select(Code::as_select()).for_update();
    Ok(row.first(connection).await.optional()?)
}

pub async fn use_code(
    connection: &mut Connection,
    code_hash: &[u8],
    session_id: Uuid,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::update(authorization_codes::table.find(code_hash))
        .set((authorization_codes::used_at.eq(at), authorization_codes::session_id.eq(session_id)))
        .execute(connection)
        .await?;
    Ok(())
}

/// A used code is kept for a while, to notice that it is used again.
pub async fn purge(connection: &mut Connection, before: DateTime<Utc>) -> Result<(), Error> {
    diesel::delete(authorization_codes::table.filter(authorization_codes::expires_at.lt(before)))
        .execute(connection)
        .await?;
    Ok(())
}

/// What a new session of an app rests on.
pub struct Basis<'a> {
    pub app_id: Uuid,
    pub key_id: Option<Uuid>,
    pub authorization_id: Option<Uuid>,
    pub scopes: &'a [Scope],
}

pub async fn insert_session(
    connection: &mut Connection,
    id: Uuid,
    account_id: Uuid,
    basis: &Basis<'_>,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(id),
            sessions::account_id.eq(account_id),
            sessions::created_at.eq(at),
            sessions::last_used_at.eq(at),
            sessions::app_id.eq(basis.app_id),
            sessions::key_id.eq(basis.key_id),
            sessions::authorization_id.eq(basis.authorization_id),
            sessions::scopes.eq(codes(basis.scopes)),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends one of that app's; another's stays.
pub async fn revoke_session(
    connection: &mut Connection,
    id: Uuid,
    app_id: Uuid,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let own = sessions::table.find(id).filter(sessions::app_id.eq(app_id).and(sessions::revoked_at.is_null()));
    diesel::update(own).set(sessions::revoked_at.eq(at)).execute(connection).await?;
    Ok(())
}

/// An app's session as it stands now.
#[derive(Debug, Clone)]
pub struct AppSession {
    pub app_id: Uuid,
    /// What its token was given, as far as app, key and agreement still allow it.
    pub scopes: Vec<Scope>,
    pub requests_per_minute: Option<u32>,
    pub requests_per_day: Option<u32>,
}

#[derive(QueryableByName)]
struct AppSessionRow {
    #[diesel(sql_type = sql_types::Uuid)]
    app_id: Uuid,
    #[diesel(sql_type = sql_types::Array<sql_types::Text>)]
    scopes: Vec<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Integer>)]
    requests_per_minute: Option<i32>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Integer>)]
    requests_per_day: Option<i32>,
}

/// An agreement for one enterprise holds while who agreed may do there what the app does in their name.
const STANDING: &str = "
    SELECT apps.id AS app_id, apps.requests_per_minute, apps.requests_per_day, ARRAY(
        SELECT unnest(sessions.scopes) INTERSECT SELECT unnest(apps.scopes)
        INTERSECT SELECT unnest(coalesce(keys.scopes, agreed.scopes))) AS scopes
    FROM sessions
    JOIN apps ON apps.id = sessions.app_id AND apps.status = 'active'
    LEFT JOIN app_keys AS keys ON keys.id = sessions.key_id
    LEFT JOIN app_authorizations AS agreed ON agreed.id = sessions.authorization_id
    WHERE sessions.id = $1
    AND (sessions.key_id IS NULL OR (keys.revoked_at IS NULL AND (keys.expires_at IS NULL OR keys.expires_at > $2)))
    AND (sessions.authorization_id IS NULL OR (agreed.revoked_at IS NULL
        AND EXISTS (SELECT FROM accounts WHERE accounts.id = agreed.account_id AND accounts.status = 'active')
        AND (agreed.enterprise_id IS NULL OR EXISTS (
            SELECT FROM memberships AS own
            JOIN memberships AS delegated ON delegated.enterprise_id = own.enterprise_id
            WHERE own.account_id = agreed.account_id AND own.enterprise_id = agreed.enterprise_id
            AND delegated.account_id = agreed.delegate_id
            AND (delegated.role = 'viewer' OR own.role IN ('owner', 'trader'))))))";

/// None where something it rests on has ended.
pub async fn find_app_session(
    connection: &mut Connection,
    session_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<AppSession>, Error> {
    let query =
        diesel::sql_query(STANDING).bind::<sql_types::Uuid, _>(session_id).bind::<sql_types::Timestamptz, _>(now);
    let row: Option<AppSessionRow> = query.get_result(connection).await.optional()?;
    let quota = |column: Option<i32>| column.and_then(|quota| u32::try_from(quota).ok());
    row.map(|AppSessionRow { app_id, scopes, requests_per_minute, requests_per_day }| {
        let (requests_per_minute, requests_per_day) = (quota(requests_per_minute), quota(requests_per_day));
        Ok(AppSession { app_id, scopes: parse_codes(&scopes)?, requests_per_minute, requests_per_day })
    })
    .transpose()
}
