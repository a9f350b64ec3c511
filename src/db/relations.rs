//! Declared supply relations and designations of enterprises.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::{enterprise_designations, enterprise_partners};
use super::{Connection, Error};
use crate::domain::credential::Designation;

/// Whether that is new.
pub async fn declare(connection: &mut Connection, id: Uuid, partner: Uuid, at: DateTime<Utc>) -> Result<bool, Error> {
    let inserted = diesel::insert_into(enterprise_partners::table)
        .values((
            enterprise_partners::enterprise_id.eq(id),
            enterprise_partners::partner_id.eq(partner),
            enterprise_partners::created_at.eq(at),
        ))
        .on_conflict_do_nothing();
    Ok(inserted.execute(connection).await? > 0)
}

/// Whether there was one.
pub async fn withdraw(connection: &mut Connection, id: Uuid, partner: Uuid) -> Result<bool, Error> {
    Ok(diesel::delete(enterprise_partners::table.find((id, partner))).execute(connection).await? > 0)
}

pub async fn has_declared(connection: &mut Connection, id: Uuid, partner: Uuid) -> Result<bool, Error> {
    Ok(diesel::select(exists(enterprise_partners::table.find((id, partner)))).get_result(connection).await?)
}

pub async fn count_declared(connection: &mut Connection, id: Uuid) -> Result<i64, Error> {
    let own = enterprise_partners::table.filter(enterprise_partners::enterprise_id.eq(id));
    Ok(own.count().get_result(connection).await?)
}

/// Whom it declared, oldest first.
pub async fn list_declared(connection: &mut Connection, id: Uuid) -> Result<Vec<Uuid>, Error> {
    let own = enterprise_partners::table.filter(enterprise_partners::enterprise_id.eq(id));
    let ordered = own.order((enterprise_partners::created_at, enterprise_partners::partner_id));
    Ok(ordered.select(enterprise_partners::partner_id).load(connection).await?)
}

/// Who declared it: the first `limit`, oldest first.
pub async fn list_declaring(connection: &mut Connection, id: Uuid, limit: i64) -> Result<Vec<Uuid>, Error> {
    let theirs = enterprise_partners::table.filter(enterprise_partners::partner_id.eq(id));
    let ordered = theirs.order((enterprise_partners::created_at, enterprise_partners::enterprise_id)).limit(limit);
    Ok(ordered.select(enterprise_partners::enterprise_id).load(connection).await?)
}

/// Puts these in place of what there was.
pub async fn replace_designations(
    connection: &mut Connection,
    id: Uuid,
    designations: &[Designation],
    by: Uuid,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let own = enterprise_designations::table.filter(enterprise_designations::enterprise_id.eq(id));
    diesel::delete(own).execute(connection).await?;
    let values: Vec<_> = designations
        .iter()
        .map(|designation| {
            (
                enterprise_designations::enterprise_id.eq(id),
                enterprise_designations::list.eq(&designation.list),
                enterprise_designations::issuer.eq(&designation.issuer),
                enterprise_designations::created_at.eq(at),
                enterprise_designations::created_by.eq(by),
            )
        })
        .collect();
    diesel::insert_into(enterprise_designations::table).values(values).execute(connection).await?;
    Ok(())
}
