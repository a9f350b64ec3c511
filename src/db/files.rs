//! What is known of evidence files; their bytes are elsewhere.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::{credential_files, evidence_files, verification_files};
use super::types::parse_code;
use super::{Connection, Error};
use crate::domain::evidence::EvidenceFile;

#[derive(Queryable, Selectable)]
#[diesel(table_name = evidence_files)]
struct FileRow {
    id: Uuid,
    enterprise_id: Uuid,
    name: String,
    file_type: String,
    size: i32,
    sha256: Vec<u8>,
    uploaded_by: Uuid,
    created_at: DateTime<Utc>,
}

impl TryFrom<FileRow> for EvidenceFile {
    type Error = Error;

    fn try_from(row: FileRow) -> Result<Self, Error> {
        let FileRow { id, enterprise_id, name, file_type, size, sha256, uploaded_by, created_at } = row;
        let sha256 = sha256.try_into().map_err(|_| Error::Fault(format!("file {id} has another kind of hash")))?;
        let file_type = parse_code(&file_type)?;
        Ok(Self { id, enterprise_id, name, file_type, size, sha256, uploaded_by, created_at })
    }
}

pub async fn insert(connection: &mut Connection, file: &EvidenceFile) -> Result<(), Error> {
    diesel::insert_into(evidence_files::table)
        .values((
            evidence_files::id.eq(file.id),
            evidence_files::enterprise_id.eq(file.enterprise_id),
            evidence_files::name.eq(&file.name),
            evidence_files::file_type.eq(<&str>::from(file.file_type)),
            evidence_files::size.eq(file.size),
            evidence_files::sha256.eq(&file.sha256[..]),
            evidence_files::uploaded_by.eq(file.uploaded_by),
            evidence_files::created_at.eq(file.created_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<EvidenceFile>, Error> {
    let row = evidence_files::table.find(id).select(FileRow::as_select()).first(connection).await.optional()?;
    row.map(EvidenceFile::try_from).transpose()
}

/// The enterprise's file with these bytes.
pub async fn find_by_content(
    connection: &mut Connection,
    enterprise_id: Uuid,
    sha256: &[u8; 32],
) -> Result<Option<EvidenceFile>, Error> {
    let same = evidence_files::table.filter(evidence_files::enterprise_id.eq(enterprise_id));
    let same = same.filter(evidence_files::sha256.eq(&sha256[..])).select(FileRow::as_select());
    same.first(connection).await.optional()?.map(EvidenceFile::try_from).transpose()
}

/// Newest first, before `before`.
pub async fn list(
    connection: &mut Connection,
    enterprise_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<EvidenceFile>, Error> {
    let mut own = evidence_files::table.filter(evidence_files::enterprise_id.eq(enterprise_id)).into_boxed();
    if let Some(before) = before {
        own = own.filter(evidence_files::id.lt(before));
    }
    let rows = own.order(evidence_files::id.desc()).limit(limit).select(FileRow::as_select());
    rows.load(connection).await?.into_iter().map(EvidenceFile::try_from).collect()
}

/// Which of `ids` are files of the enterprise; they stay until the transaction ends.
pub async fn known_among(connection: &mut Connection, enterprise_id: Uuid, ids: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    let own = evidence_files::table.filter(evidence_files::enterprise_id.eq(enterprise_id));
    let named = own.filter(evidence_files::id.eq_any(ids)).select(evidence_files::id);
    Ok(named.for_key_share().load(connection).await?)
}

/// Files of the enterprise, and their bytes.
pub async fn usage(connection: &mut Connection, enterprise_id: Uuid) -> Result<(i64, i64), Error> {
    let own = evidence_files::table.filter(evidence_files::enterprise_id.eq(enterprise_id));
    let bytes = sql::<BigInt>("coalesce(sum(size), 0)::bigint");
    Ok(own.select((diesel::dsl::count_star(), bytes)).first(connection).await?)
}

pub async fn delete(connection: &mut Connection, id: Uuid) -> Result<(), Error> {
    diesel::delete(evidence_files::table.find(id)).execute(connection).await?;
    Ok(())
}

/// Whether something is proved by it.
pub async fn is_used(connection: &mut Connection, id: Uuid) -> Result<bool, Error> {
    let credentials = credential_files::table.filter(credential_files::file_id.eq(id));
    let verifications = verification_files::table.filter(verification_files::file_id.eq(id));
    Ok(diesel::select(exists(credentials).or(exists(verifications))).get_result(connection).await?)
}

/// Locks those that nothing refers to and that are older, at most `limit`; one that is just being referred to is left out.
pub async fn lock_unused(
    connection: &mut Connection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<EvidenceFile>, Error> {
    let credentials = credential_files::table.filter(credential_files::file_id.eq(evidence_files::id));
    let verifications = verification_files::table.filter(verification_files::file_id.eq(evidence_files::id));
    let unused = evidence_files::table.filter(evidence_files::created_at.lt(before));
    let unused = unused.filter(not(exists(credentials))).filter(not(exists(verifications)));
    let rows = unused.order(evidence_files::created_at).limit(limit).select(FileRow::as_select());
    let rows = rows.for_update().skip_locked().load(connection).await?;
    rows.into_iter().map(EvidenceFile::try_from).collect()
}

/// Which of `ids` there are.
pub async fn existing(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    let known = evidence_files::table.filter(evidence_files::id.eq_any(ids)).select(evidence_files::id);
    Ok(known.load(connection).await?)
}
