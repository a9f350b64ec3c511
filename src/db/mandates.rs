//! Mandates, what was done under them, and who acts for an enterprise by membership or mandate.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::acting_roles::acting_roles;
use super::listings::Association;
use super::schema::{enterprises, mandate_acts, mandates};
use super::types::parse_code;
use super::{Connection, Error};
use crate::domain::enterprise::MemberRole;
use crate::domain::mandate::{Mandate, MandateAct, MandateScope, NewMandate};

#[derive(Queryable, Selectable)]
#[diesel(table_name = mandates)]
struct MandateRow {
    id: Uuid,
    enterprise_id: Uuid,
    association_id: Uuid,
    scopes: Vec<String>,
    valid_until: Option<DateTime<Utc>>,
    created_by: Uuid,
    created_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

impl TryFrom<MandateRow> for Mandate {
    type Error = Error;

    fn try_from(row: MandateRow) -> Result<Self, Error> {
        let MandateRow { id, enterprise_id, association_id, scopes, valid_until, .. } = row;
        let scopes = scopes.iter().map(|scope| parse_code(scope)).collect::<Result<_, _>>()?;
        let given = NewMandate { association_id, scopes, valid_until };
        let MandateRow { created_by, created_at, revoked_at, .. } = row;
        Ok(Self { id, enterprise_id, given, created_by, created_at, revoked_at })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = mandate_acts)]
struct ActRow {
    id: Uuid,
    mandate_id: Uuid,
    account_id: Uuid,
    event_type: String,
    entity: String,
    entity_id: Uuid,
    at: DateTime<Utc>,
}

impl From<ActRow> for MandateAct {
    fn from(row: ActRow) -> Self {
        let ActRow { id, mandate_id, account_id, event_type, entity, entity_id, at } = row;
        Self { id, mandate_id, account_id, event_type, entity, entity_id, at }
    }
}

pub async fn insert(connection: &mut Connection, mandate: &Mandate) -> Result<(), Error> {
    let scopes: Vec<&str> = mandate.given.scopes.iter().map(|scope| <&str>::from(*scope)).collect();
    diesel::insert_into(mandates::table)
        .values((
            mandates::id.eq(mandate.id),
            mandates::enterprise_id.eq(mandate.enterprise_id),
            mandates::association_id.eq(mandate.given.association_id),
            mandates::scopes.eq(scopes),
            mandates::valid_until.eq(mandate.given.valid_until),
            mandates::created_by.eq(mandate.created_by),
            mandates::created_at.eq(mandate.created_at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Mandate>, Error> {
    let row = mandates::table.find(id).select(MandateRow::as_select()).first(connection).await.optional()?;
    row.map(Mandate::try_from).transpose()
}

/// Those an enterprise has given or got, newest first, before `before`.
pub async fn list(
    connection: &mut Connection,
    enterprise_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Mandate>, Error> {
    let own = mandates::enterprise_id.eq(enterprise_id).or(mandates::association_id.eq(enterprise_id));
    let mut own = mandates::table.filter(own).into_boxed();
    if let Some(before) = before {
        own = own.filter(mandates::id.lt(before));
    }
    let rows = own.order(mandates::id.desc()).limit(limit).select(MandateRow::as_select());
    rows.load(connection).await?.into_iter().map(Mandate::try_from).collect()
}

/// Those an enterprise has given and not revoked, also where their time is over.
pub async fn list_unrevoked(connection: &mut Connection, enterprise_id: Uuid) -> Result<Vec<Mandate>, Error> {
    let own = mandates::table.filter(mandates::enterprise_id.eq(enterprise_id).and(mandates::revoked_at.is_null()));
    let rows = own.select(MandateRow::as_select()).load(connection).await?;
    rows.into_iter().map(Mandate::try_from).collect()
}

pub async fn revoke(connection: &mut Connection, id: Uuid, by: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
    diesel::update(mandates::table.find(id))
        .set((mandates::revoked_by.eq(by), mandates::revoked_at.eq(at)))
        .execute(connection)
        .await?;
    Ok(())
}

/// As what the account may act for the enterprise, and by which mandate; a member as a member. `scope`: what a mandate must
/// be for; none: no mandate will do.
pub async fn acting_role(
    connection: &mut Connection,
    account_id: Uuid,
    enterprise_id: Uuid,
    scope: Option<MandateScope>,
) -> Result<Option<(MemberRole, Option<Uuid>)>, Error> {
    let own = acting_roles::table.filter(acting_roles::account_id.eq(account_id));
    let own = own.filter(acting_roles::enterprise_id.eq(enterprise_id)).into_boxed();
    let own = match scope {
        Some(scope) => own.filter(acting_roles::scopes.contains(vec![<&str>::from(scope)])),
        None => own.filter(acting_roles::mandate_id.is_null()),
    };
    let row: Option<(String, Option<Uuid>)> = own
        .order(acting_roles::mandate_id.asc().nulls_first())
        .select((acting_roles::role, acting_roles::mandate_id))
        .first(connection)
        .await
        .optional()?;
    row.map(|(role, mandate)| Ok((parse_code(&role)?, mandate))).transpose()
}

/// Every enterprise the account acts for in such things, by membership or mandate.
pub async fn acted_for(connection: &mut Connection, account_id: Uuid, scope: MandateScope) -> Result<Vec<Uuid>, Error> {
    let own = acting_roles::table.filter(acting_roles::account_id.eq(account_id));
    let own = own.filter(acting_roles::scopes.contains(vec![<&str>::from(scope)]));
    Ok(own.select(acting_roles::enterprise_id).distinct().load(connection).await?)
}

/// Who got these mandates.
pub async fn associations(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<Association>, Error> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let rows: Vec<(Uuid, Uuid)> = mandates::table
        .filter(mandates::id.eq_any(ids))
        .select((mandates::id, mandates::association_id))
        .load(connection)
        .await?;
    let given: Vec<Uuid> = rows.iter().map(|(_, association)| *association).collect();
    let named = enterprises::table.filter(enterprises::id.eq_any(given));
    let names: Vec<(Uuid, String)> = named.select((enterprises::id, enterprises::legal_name)).load(connection).await?;
    let association = |(mandate_id, id): (Uuid, Uuid)| {
        let legal_name = names.iter().find(|(named, _)| *named == id)?.1.clone();
        Some(Association { mandate_id, id, legal_name })
    };
    Ok(rows.into_iter().filter_map(association).collect())
}

pub async fn insert_act(connection: &mut Connection, act: &MandateAct) -> Result<(), Error> {
    diesel::insert_into(mandate_acts::table)
        .values((
            mandate_acts::id.eq(act.id),
            mandate_acts::mandate_id.eq(act.mandate_id),
            mandate_acts::account_id.eq(act.account_id),
            mandate_acts::event_type.eq(&act.event_type),
            mandate_acts::entity.eq(&act.entity),
            mandate_acts::entity_id.eq(act.entity_id),
            mandate_acts::at.eq(act.at),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Newest first.
pub async fn list_acts(
    connection: &mut Connection,
    mandate_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<MandateAct>, Error> {
    let mut own = mandate_acts::table.filter(mandate_acts::mandate_id.eq(mandate_id)).into_boxed();
    if let Some(before) = before {
        own = own.filter(mandate_acts::id.lt(before));
    }
    let rows = own.order(mandate_acts::id.desc()).limit(limit).select(ActRow::as_select());
    Ok(rows.load(connection).await?.into_iter().map(MandateAct::from).collect())
}
