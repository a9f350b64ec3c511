//! Applications and appeals of enterprises, and the decisions about them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::{enterprise_decisions, enterprises, verification_files, verifications};
use super::types::{JsonText, parse_code};
use super::{Connection, Error};
use crate::domain::verification::{
    Claim, Decision, DecisionReason, NewVerification, Verification, VerificationPurpose, VerificationStatus,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = verifications)]
struct VerificationRow {
    id: Uuid,
    enterprise_id: Uuid,
    purpose: String,
    method: String,
    status: String,
    statement: Option<String>,
    identity: JsonText,
    version: i32,
    created_by: Uuid,
    created_at: DateTime<Utc>,
    claimed_by: Option<Uuid>,
    claimed_until: Option<DateTime<Utc>>,
    decided_by: Option<Uuid>,
    decided_at: Option<DateTime<Utc>>,
    reason_code: Option<String>,
    reason: Option<String>,
}

fn verification(row: VerificationRow, evidence: Vec<Uuid>) -> Result<Verification, Error> {
    let (purpose, method) = (parse_code(&row.purpose)?, parse_code(&row.method)?);
    Ok(Verification {
        id: row.id,
        enterprise_id: row.enterprise_id,
        status: parse_code(&row.status)?,
        asked: NewVerification { purpose, method, statement: row.statement, evidence },
        identity: row.identity.parse().map_err(|e| Error::Fault(format!("verification {}: {e}", row.id)))?,
        version: row.version,
        created_by: row.created_by,
        created_at: row.created_at,
        claim: row.claimed_by.zip(row.claimed_until).map(|(by, until)| Claim { by, until }),
        decided_by: row.decided_by,
        decided_at: row.decided_at,
        reason_code: row.reason_code.as_deref().map(parse_code).transpose()?,
        reason: row.reason,
    })
}

async fn with_files(connection: &mut Connection, rows: Vec<VerificationRow>) -> Result<Vec<Verification>, Error> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let files = verification_files::table.filter(verification_files::verification_id.eq_any(&ids));
    let files: Vec<(Uuid, Uuid)> = files.order(verification_files::file_id).load(connection).await?;
    let of = |id: Uuid| files.iter().filter(|(owner, _)| *owner == id).map(|(_, file)| *file).collect();
    rows.into_iter().map(|row| of_row(row, of)).collect()
}

fn of_row(row: VerificationRow, files: impl Fn(Uuid) -> Vec<Uuid>) -> Result<Verification, Error> {
    let evidence = files(row.id);
    verification(row, evidence)
}

pub async fn insert(connection: &mut Connection, new: &Verification) -> Result<(), Error> {
    let identity = serde_json::to_value(&new.identity).map_err(|error| Error::Fault(error.to_string()))?;
    diesel::insert_into(verifications::table)
        .values((
            verifications::id.eq(new.id),
            verifications::enterprise_id.eq(new.enterprise_id),
            verifications::purpose.eq(<&str>::from(new.asked.purpose)),
            verifications::method.eq(<&str>::from(new.asked.method)),
            verifications::status.eq(<&str>::from(new.status)),
            verifications::statement.eq(&new.asked.statement),
            verifications::identity.eq(identity),
            verifications::created_by.eq(new.created_by),
            verifications::created_at.eq(new.created_at),
        ))
        .execute(connection)
        .await?;
    let files = new.asked.evidence.iter();
    let files: Vec<_> = files
        .map(|file| (verification_files::verification_id.eq(new.id), verification_files::file_id.eq(*file)))
        .collect();
    diesel::insert_into(verification_files::table).values(files).execute(connection).await?;
    Ok(())
}

pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Verification>, Error> {
    let row = verifications::table.find(id).select(VerificationRow::as_select()).load(connection).await?;
    Ok(with_files(connection, row).await?.pop())
}

/// The one of an enterprise that waits, if any.
pub async fn find_pending(connection: &mut Connection, enterprise_id: Uuid) -> Result<Option<Verification>, Error> {
    let pending = verifications::table.filter(verifications::enterprise_id.eq(enterprise_id));
    let pending = pending.filter(verifications::status.eq(<&str>::from(VerificationStatus::Pending)));
    let row = pending.select(VerificationRow::as_select()).load(connection).await?;
    Ok(with_files(connection, row).await?.pop())
}

/// Newest first, before `before`.
pub async fn list(
    connection: &mut Connection,
    enterprise_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Verification>, Error> {
    let mut own = verifications::table.filter(verifications::enterprise_id.eq(enterprise_id)).into_boxed();
    if let Some(before) = before {
        own = own.filter(verifications::id.lt(before));
    }
    let rows = own.order(verifications::id.desc()).limit(limit).select(VerificationRow::as_select());
    let rows = rows.load(connection).await?;
    with_files(connection, rows).await
}

/// Those that wait, oldest first, after `after`, each with the region of its enterprise.
pub async fn list_pending(
    connection: &mut Connection,
    purpose: Option<VerificationPurpose>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<(Verification, Option<String>)>, Error> {
    let mut pending = verifications::table
        .inner_join(enterprises::table)
        .filter(verifications::status.eq(<&str>::from(VerificationStatus::Pending)))
        .filter(verifications::id.gt(after.unwrap_or_default()))
        .into_boxed();
    if let Some(purpose) = purpose {
        pending = pending.filter(verifications::purpose.eq(<&str>::from(purpose)));
    }
    let region =
        diesel::dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::Text>>("enterprises.profile->>'region_code'");
    let rows = pending.order(verifications::id).limit(limit).select((VerificationRow::as_select(), region));
    let (rows, regions): (Vec<VerificationRow>, Vec<Option<String>>) =
        rows.load::<(VerificationRow, Option<String>)>(connection).await?.into_iter().unzip();
    Ok(with_files(connection, rows).await?.into_iter().zip(regions).collect())
}

/// Writes state, version, claim and decision.
pub async fn update(connection: &mut Connection, changed: &Verification) -> Result<(), Error> {
    diesel::update(verifications::table.find(changed.id))
        .set((
            verifications::status.eq(<&str>::from(changed.status)),
            verifications::version.eq(changed.version),
            verifications::claimed_by.eq(changed.claim.map(|claim| claim.by)),
            verifications::claimed_until.eq(changed.claim.map(|claim| claim.until)),
            verifications::decided_by.eq(changed.decided_by),
            verifications::decided_at.eq(changed.decided_at),
            verifications::reason_code.eq(changed.reason_code.map(<&str>::from)),
            verifications::reason.eq(&changed.reason),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = enterprise_decisions)]
struct DecisionRow {
    id: Uuid,
    enterprise_id: Uuid,
    action: String,
    from_status: String,
    to_status: String,
    verification_id: Option<Uuid>,
    method: Option<String>,
    level: Option<String>,
    reason_code: Option<String>,
    reason: Option<String>,
    decided_by: Option<Uuid>,
    decided_at: DateTime<Utc>,
}

impl TryFrom<DecisionRow> for Decision {
    type Error = Error;

    fn try_from(row: DecisionRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            enterprise_id: row.enterprise_id,
            action: parse_code(&row.action)?,
            from: parse_code(&row.from_status)?,
            to: parse_code(&row.to_status)?,
            verification_id: row.verification_id,
            method: row.method.as_deref().map(parse_code).transpose()?,
            level: row.level.as_deref().map(parse_code).transpose()?,
            reason_code: row.reason_code.as_deref().map(parse_code::<DecisionReason>).transpose()?,
            reason: row.reason,
            by: row.decided_by,
            at: row.decided_at,
        })
    }
}

pub async fn insert_decision(connection: &mut Connection, decision: &Decision) -> Result<(), Error> {
    diesel::insert_into(enterprise_decisions::table)
        .values((
            enterprise_decisions::id.eq(decision.id),
            enterprise_decisions::enterprise_id.eq(decision.enterprise_id),
            enterprise_decisions::action.eq(<&str>::from(decision.action)),
            enterprise_decisions::from_status.eq(<&str>::from(decision.from)),
            enterprise_decisions::to_status.eq(<&str>::from(decision.to)),
            enterprise_decisions::verification_id.eq(decision.verification_id),
            enterprise_decisions::method.eq(decision.method.map(<&str>::from)),
            enterprise_decisions::level.eq(decision.level.map(<&str>::from)),
            enterprise_decisions::reason_code.eq(decision.reason_code.map(<&str>::from)),
            enterprise_decisions::reason.eq(&decision.reason),
            enterprise_decisions::decided_by.eq(decision.by),
            enterprise_decisions::decided_at.eq(decision.at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// About one of these, newest first.
pub async fn list_decisions(
    connection: &mut Connection,
    enterprises: &[Uuid],
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Decision>, Error> {
    let mut own =
        enterprise_decisions::table.filter(enterprise_decisions::enterprise_id.eq_any(enterprises)).into_boxed();
    if let Some(before) = before {
        own = own.filter(enterprise_decisions::id.lt(before));
    }
    let rows = own.order(enterprise_decisions::id.desc()).limit(limit).select(DecisionRow::as_select());
    rows.load(connection).await?.into_iter().map(Decision::try_from).collect()
}

/// The newest decisions of this kind about these enterprises.
pub async fn newest_verified(connection: &mut Connection, enterprises: &[Uuid]) -> Result<Vec<Decision>, Error> {
    let verified = <&str>::from(crate::domain::verification::DecisionAction::Verified);
    let rows = enterprise_decisions::table
        .filter(enterprise_decisions::enterprise_id.eq_any(enterprises))
        .filter(enterprise_decisions::action.eq(verified))
        .distinct_on(enterprise_decisions::enterprise_id)
        .order((enterprise_decisions::enterprise_id, enterprise_decisions::id.desc()))
        .select(DecisionRow::as_select());
    rows.load(connection).await?.into_iter().map(Decision::try_from).collect()
}
