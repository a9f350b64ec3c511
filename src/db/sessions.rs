//! Sessions and their rotating refresh tokens; only hashes of tokens are kept.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::{accounts, refresh_tokens, sessions};
use super::{Connection, Error};

#[derive(Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
pub struct RefreshToken {
    pub token_hash: Vec<u8>,
    pub session_id: Uuid,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
    pub successor_hash: Option<Vec<u8>>,
}

#[derive(Insertable)]
#[diesel(table_name = sessions)]
pub struct NewSession<'a> {
    pub id: Uuid,
    pub account_id: Uuid,
    pub created_at: DateTime<Utc>,
    pub last_used_at: DateTime<Utc>,
    pub device: &'a str,
    pub address_key: &'a [u8],
}

/// As its owner sees it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Session {
    pub id: Uuid,
    pub device: String,
    pub created_at: DateTime<Utc>,
    pub last_used_at: DateTime<Utc>,
}

pub async fn insert(connection: &mut Connection, session: &NewSession<'_>) -> Result<(), Error> {
    diesel::insert_into(sessions::table).values(session).execute(connection).await?;
    Ok(())
}

/// Those a person has of an account that stand, newest first; from the one before `before` on.
pub async fn list(
    connection: &mut Connection,
    account_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Session>, Error> {
    let standing = sessions::table.filter(sessions::account_id.eq(account_id).and(sessions::revoked_at.is_null()));
    let standing = standing.filter(sessions::app_id.is_null());
    let mut page = standing.order(sessions::id.desc()).limit(limit).select(Session::as_select()).into_boxed();
    if let Some(before) = before {
        page = page.filter(sessions::id.lt(before));
    }
    Ok(page.load(connection).await?)
}

/// Whether somebody signed in with the name and from the address that make this key.
pub async fn knows_address(
    connection: &mut Connection,
    address_key: &[u8],
    since: DateTime<Utc>,
) -> Result<bool, Error> {
    let known = sessions::table.filter(sessions::address_key.eq(address_key).and(sessions::created_at.gt(since)));
    Ok(diesel::select(diesel::dsl::exists(known)).get_result(connection).await?)
}

/// Whose session it is.
#[derive(Queryable)]
pub struct Active {
    pub account_id: Uuid,
    /// The app that came for the account.
    pub app_id: Option<Uuid>,
}

/// A session that is neither revoked nor of a disabled account.
pub async fn find_active(connection: &mut Connection, id: Uuid) -> Result<Option<Active>, Error> {
    let active = sessions::table
        .inner_join(accounts::table)
        .filter(sessions::id.eq(id).and(sessions::revoked_at.is_null()).and(accounts::status.eq("active")))
        .select((sessions::account_id, sessions::app_id))
        .first(connection)
        .await
        .optional()?;
    Ok(active)
}

/// The same, with the row locked until the transaction ends: a rotation waits for a rotation of the same family.
pub async fn lock_active(connection: &mut Connection, id: Uuid) -> Result<Option<Active>, Error> {
    let locked = sessions::table
        .find(id)
        .filter(sessions::revoked_at.is_null())
        .select(sessions::id)
        .for_no_key_update()
        .first::<Uuid>(connection)
        .await
        .optional()?;
    match locked {
        Some(id) => find_active(connection, id).await,
        None => Ok(None),
    }
}

pub async fn revoke(connection: &mut Connection, id: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
    diesel::update(sessions::table.find(id).filter(sessions::revoked_at.is_null()))
        .set(sessions::revoked_at.eq(at))
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends every session of an account.
pub async fn revoke_all(connection: &mut Connection, account_id: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
    revoke_others(connection, account_id, None, at).await
}

/// Ends every session of an account but one.
pub async fn revoke_others(
    connection: &mut Connection,
    account_id: Uuid,
    kept: Option<Uuid>,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let standing = sessions::table.filter(sessions::account_id.eq(account_id).and(sessions::revoked_at.is_null()));
    let ended = standing.filter(sessions::id.ne(kept.unwrap_or_default()));
    diesel::update(ended).set(sessions::revoked_at.eq(at)).execute(connection).await?;
    Ok(())
}

pub async fn mark_session_used(connection: &mut Connection, id: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
    diesel::update(sessions::table.find(id)).set(sessions::last_used_at.eq(at)).execute(connection).await?;
    Ok(())
}

pub async fn insert_token(
    connection: &mut Connection,
    session_id: Uuid,
    token_hash: &[u8],
    issued_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(token_hash),
            refresh_tokens::session_id.eq(session_id),
            refresh_tokens::issued_at.eq(issued_at),
            refresh_tokens::expires_at.eq(expires_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn find_token(connection: &mut Connection, token_hash: &[u8]) -> Result<Option<RefreshToken>, Error> {
    let row = refresh_tokens::table.find(token_hash).select(RefreshToken::as_select());
    Ok(row.first(connection).await.optional()?)
}

pub async fn mark_used(
    connection: &mut Connection,
    token_hash: &[u8],
    successor_hash: &[u8],
    at: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::update(refresh_tokens::table.find(token_hash))
        .set((refresh_tokens::used_at.eq(at), refresh_tokens::successor_hash.eq(successor_hash)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Tokens past their end, and sessions that have none left.
pub async fn purge(connection: &mut Connection, before: DateTime<Utc>) -> Result<(), Error> {
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::expires_at.lt(before))).execute(connection).await?;
    let tokens = refresh_tokens::table.filter(refresh_tokens::session_id.eq(sessions::id));
    let spent =
        sessions::table.filter(sessions::created_at.lt(before)).filter(diesel::dsl::not(diesel::dsl::exists(tokens)));
    diesel::delete(spent).execute(connection).await?;
    Ok(())
}
