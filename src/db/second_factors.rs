//! Second factors, recovery codes, and the tickets of half a sign-in.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::{recovery_codes, second_factors, sign_in_tickets};
use super::{Connection, Error};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = second_factors)]
pub struct SecondFactor {
    pub account_id: Uuid,
    pub sealed: Vec<u8>,
    pub created_at: DateTime<Utc>,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub last_step: i64,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sign_in_tickets)]
pub struct Ticket {
    pub ticket_hash: Vec<u8>,
    pub account_id: Uuid,
    pub address_key: Vec<u8>,
    pub tries: i32,
    pub expires_at: DateTime<Utc>,
}

/// In place of one not confirmed.
pub async fn put(connection: &mut Connection, factor: &SecondFactor) -> Result<(), Error> {
    delete(connection, factor.account_id).await?;
    diesel::insert_into(second_factors::table).values(factor).execute(connection).await?;
    Ok(())
}

/// Locked until the transaction ends: of two answers with one code one is right.
pub async fn lock(connection: &mut Connection, account_id: Uuid) -> Result<Option<SecondFactor>, Error> {
    let row = second_factors::table.find(account_id).select(SecondFactor::as_select()).for_update();
    Ok(row.first(connection).await.optional()?)
}

/// Whether a confirmed one is asked for.
pub async fn is_required(connection: &mut Connection, account_id: Uuid) -> Result<bool, Error> {
    let confirmed = second_factors::table.find(account_id).filter(second_factors::confirmed_at.is_not_null());
    Ok(diesel::select(diesel::dsl::exists(confirmed)).get_result(connection).await?)
}

pub async fn confirm(connection: &mut Connection, account_id: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
    diesel::update(second_factors::table.find(account_id))
        .set(second_factors::confirmed_at.eq(at))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn set_last_step(connection: &mut Connection, account_id: Uuid, step: i64) -> Result<(), Error> {
    diesel::update(second_factors::table.find(account_id))
        .set(second_factors::last_step.eq(step))
        .execute(connection)
        .await?;
    Ok(())
}

/// The factor with its recovery codes.
pub async fn delete(connection: &mut Connection, account_id: Uuid) -> Result<(), Error> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account_id))).execute(connection).await?;
    diesel::delete(second_factors::table.find(account_id)).execute(connection).await?;
    Ok(())
}

/// In place of those before.
pub async fn put_recovery_codes(
    connection: &mut Connection,
    account_id: Uuid,
    hashes: &[[u8; 32]],
) -> Result<(), Error> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account_id))).execute(connection).await?;
    let rows: Vec<_> = hashes
        .iter()
        .map(|hash| (recovery_codes::account_id.eq(account_id), recovery_codes::code_hash.eq(hash.to_vec())))
        .collect();
    diesel::insert_into(recovery_codes::table).values(rows).execute(connection).await?;
    Ok(())
}

/// Takes a recovery code out of use; false where there is no such code.
pub async fn use_recovery_code(connection: &mut Connection, account_id: Uuid, hash: &[u8]) -> Result<bool, Error> {
    Ok(diesel::delete(recovery_codes::table.find((account_id, hash))).execute(connection).await? > 0)
}

pub async fn count_recovery_codes(connection: &mut Connection, account_id: Uuid) -> Result<i64, Error> {
    let own = recovery_codes::table.filter(recovery_codes::account_id.eq(account_id));
    Ok(own.count().get_result(connection).await?)
}

pub async fn insert_ticket(connection: &mut Connection, ticket: &Ticket) -> Result<(), Error> {
    diesel::insert_into(sign_in_tickets::table).values(ticket).execute(connection).await?;
    Ok(())
}

pub async fn lock_ticket(connection: &mut Connection, hash: &[u8]) -> Result<Option<Ticket>, Error> {
    let row = sign_in_tickets::table.find(hash).select(Ticket::as_select()).for_update();
    Ok(row.first(connection).await.optional()?)
}

pub async fn count_try(connection: &mut Connection, hash: &[u8]) -> Result<(), Error> {
    diesel::update(sign_in_tickets::table.find(hash))
        .set(sign_in_tickets::tries.eq(sign_in_tickets::tries + 1))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn delete_ticket(connection: &mut Connection, hash: &[u8]) -> Result<(), Error> {
    diesel::delete(sign_in_tickets::table.find(hash)).execute(connection).await?;
    Ok(())
}

/// Whoever had proved the first factor has to do so again.
pub async fn delete_tickets_of(connection: &mut Connection, account_id: Uuid) -> Result<(), Error> {
    diesel::delete(sign_in_tickets::table.filter(sign_in_tickets::account_id.eq(account_id)))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn purge_tickets(connection: &mut Connection, before: DateTime<Utc>) -> Result<(), Error> {
    diesel::delete(sign_in_tickets::table.filter(sign_in_tickets::expires_at.lt(before))).execute(connection).await?;
    Ok(())
}
