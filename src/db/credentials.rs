//! Credentials and blocks of enterprises, and the summary that matching reads of these and of their relations.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::{credential_files, credentials, enterprise_blocks};
use super::types::parse_code;
use super::{Connection, Error};
use crate::domain::credential::{Credential, CredentialStatus, NewCredential};

#[derive(Queryable, Selectable)]
#[diesel(table_name = credentials)]
struct CredentialRow {
    id: Uuid,
    enterprise_id: Uuid,
    status: String,
    scheme: String,
    number: String,
    issuer: String,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    covers: Vec<String>,
    created_at: DateTime<Utc>,
    decided_at: Option<DateTime<Utc>>,
    decided_by: Option<Uuid>,
    reason: Option<String>,
}

fn credential(row: CredentialRow, evidence: Vec<Uuid>) -> Result<Credential, Error> {
    let CredentialRow { id, enterprise_id, created_at, decided_at, decided_by, reason, .. } = row;
    let decided = parse_code(&row.status)?;
    let CredentialRow { scheme, number, issuer, valid_from, valid_to, covers, .. } = row;
    let stated = NewCredential { scheme, number, issuer, valid_from, valid_to, covers, evidence };
    Ok(Credential { id, enterprise_id, decided, stated, created_at, decided_at, decided_by, reason })
}

async fn with_files(connection: &mut Connection, rows: Vec<CredentialRow>) -> Result<Vec<Credential>, Error> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let files = credential_files::table.filter(credential_files::credential_id.eq_any(&ids));
    let files: Vec<(Uuid, Uuid)> = files.order(credential_files::file_id).load(connection).await?;
    let of = |id: Uuid| files.iter().filter(|(owner, _)| *owner == id).map(|(_, file)| *file).collect();
    rows.into_iter().map(|row| (of(row.id), row)).map(|(evidence, row)| credential(row, evidence)).collect()
}

pub async fn insert(connection: &mut Connection, credential: &Credential) -> Result<(), Error> {
    let stated = &credential.stated;
    diesel::insert_into(credentials::table)
        .values((
            credentials::id.eq(credential.id),
            credentials::enterprise_id.eq(credential.enterprise_id),
            credentials::status.eq(<&str>::from(credential.decided)),
            credentials::scheme.eq(&stated.scheme),
            credentials::number.eq(&stated.number),
            credentials::issuer.eq(&stated.issuer),
            credentials::valid_from.eq(stated.valid_from),
            credentials::valid_to.eq(stated.valid_to),
            credentials::covers.eq(&stated.covers),
            credentials::created_at.eq(credential.created_at),
        ))
        .execute(connection)
        .await?;
    let files = stated.evidence.iter();
    let files: Vec<_> = files
        .map(|file| (credential_files::credential_id.eq(credential.id), credential_files::file_id.eq(*file)))
        .collect();
    diesel::insert_into(credential_files::table).values(files).execute(connection).await?;
    Ok(())
}

pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Credential>, Error> {
    let row = credentials::table.find(id).select(CredentialRow::as_select()).load(connection).await?;
    Ok(with_files(connection, row).await?.pop())
}

/// In the order they were stated.
pub async fn list(connection: &mut Connection, enterprise_id: Uuid) -> Result<Vec<Credential>, Error> {
    let own = credentials::table.filter(credentials::enterprise_id.eq(enterprise_id)).order(credentials::id);
    let rows = own.select(CredentialRow::as_select()).load(connection).await?;
    with_files(connection, rows).await
}

/// Those that wait for a decision, in the order they were stated, after `after`.
pub async fn list_pending(
    connection: &mut Connection,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Credential>, Error> {
    let pending = credentials::table.filter(credentials::status.eq(<&str>::from(CredentialStatus::Pending)));
    let later = pending.filter(credentials::id.gt(after.unwrap_or_default())).order(credentials::id).limit(limit);
    let rows = later.select(CredentialRow::as_select()).load(connection).await?;
    with_files(connection, rows).await
}

/// Locks accepted ones whose last day lies before `day` and whose end nobody has noted, at most `limit`.
pub async fn lock_ended(connection: &mut Connection, day: NaiveDate, limit: i64) -> Result<Vec<Credential>, Error> {
    let accepted = credentials::table.filter(credentials::status.eq(<&str>::from(CredentialStatus::Accepted)));
    let ended = accepted.filter(credentials::valid_to.lt(day)).filter(credentials::expiry_noted_at.is_null());
    let rows = ended.order(credentials::valid_to).limit(limit).select(CredentialRow::as_select());
    let rows = rows.for_no_key_update().skip_locked().load(connection).await?;
    with_files(connection, rows).await
}

pub async fn note_expiry(connection: &mut Connection, id: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
    diesel::update(credentials::table.find(id)).set(credentials::expiry_noted_at.eq(at)).execute(connection).await?;
    Ok(())
}

pub async fn decide(
    connection: &mut Connection,
    id: Uuid,
    status: CredentialStatus,
    reason: Option<&str>,
    by: Uuid,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    diesel::update(credentials::table.find(id))
        .set((
            credentials::status.eq(<&str>::from(status)),
            credentials::reason.eq(reason),
            credentials::decided_by.eq(by),
            credentials::decided_at.eq(at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether that is new.
pub async fn block(connection: &mut Connection, id: Uuid, other: Uuid, at: DateTime<Utc>) -> Result<bool, Error> {
    let inserted = diesel::insert_into(enterprise_blocks::table)
        .values((
            enterprise_blocks::enterprise_id.eq(id),
            enterprise_blocks::blocked_id.eq(other),
            enterprise_blocks::created_at.eq(at),
        ))
        .on_conflict_do_nothing();
    Ok(inserted.execute(connection).await? > 0)
}

/// Whether there was one.
pub async fn unblock(connection: &mut Connection, id: Uuid, other: Uuid) -> Result<bool, Error> {
    Ok(diesel::delete(enterprise_blocks::table.find((id, other))).execute(connection).await? > 0)
}

/// Makes the summary anew; call it with the enterprise's row locked.
pub async fn summarise(connection: &mut Connection, id: Uuid) -> Result<(), Error> {
    let summing = diesel::sql_query(
        "UPDATE enterprises SET standing = jsonb_build_object(
             'credentials', coalesce((
                 SELECT jsonb_agg(jsonb_build_object('scheme', scheme, 'covers', covers, 'valid_from', valid_from, 'valid_to', valid_to)
                     ORDER BY credentials.id)
                 FROM credentials WHERE enterprise_id = $1 AND credentials.status = 'accepted'), '[]'),
             'blocked', coalesce((
                 SELECT jsonb_agg(blocked_id ORDER BY blocked_id) FROM enterprise_blocks WHERE enterprise_id = $1), '[]'),
             'partners', coalesce((
                 SELECT jsonb_agg(own.partner_id ORDER BY own.partner_id) FROM enterprise_partners own
                 JOIN enterprise_partners theirs
                     ON theirs.enterprise_id = own.partner_id AND theirs.partner_id = own.enterprise_id
                 WHERE own.enterprise_id = $1), '[]'),
             'designations', coalesce((
                 SELECT jsonb_agg(jsonb_build_object('list', list, 'issuer', issuer) ORDER BY list)
                 FROM enterprise_designations WHERE enterprise_id = $1), '[]'))
         WHERE id = $1",
    );
    summing.bind::<diesel::sql_types::Uuid, _>(id).execute(connection).await?;
    Ok(())
}
