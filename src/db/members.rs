//! Who acts for an enterprise.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::schema::{accounts, memberships};
use super::types::parse_code;
use super::{Connection, Error};
use crate::domain::enterprise::MemberRole;
use crate::domain::member::Membership;

type Row = (Uuid, String, String, DateTime<Utc>);

fn member((account_id, display_name, role, since): Row) -> Result<Membership, Error> {
    Ok(Membership { account_id, display_name, role: parse_code(&role)?, since })
}

/// In the order of their accounts, after `after`.
pub async fn list(
    connection: &mut Connection,
    enterprise_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Membership>, Error> {
    let own = memberships::table.inner_join(accounts::table).filter(memberships::enterprise_id.eq(enterprise_id));
    let later = own.filter(memberships::account_id.gt(after.unwrap_or_default()));
    let rows = later.order(memberships::account_id).limit(limit).select((
        memberships::account_id,
        accounts::display_name,
        memberships::role,
        memberships::created_at,
    ));
    rows.load::<Row>(connection).await?.into_iter().map(member).collect()
}

pub async fn find(
    connection: &mut Connection,
    enterprise_id: Uuid,
    account_id: Uuid,
) -> Result<Option<Membership>, Error> {
    let row = memberships::table.inner_join(accounts::table).filter(memberships::enterprise_id.eq(enterprise_id));
    let row = row.filter(memberships::account_id.eq(account_id)).select((
        memberships::account_id,
        accounts::display_name,
        memberships::role,
        memberships::created_at,
    ));
    row.first::<Row>(connection).await.optional()?.map(member).transpose()
}

pub async fn count(connection: &mut Connection, enterprise_id: Uuid) -> Result<i64, Error> {
    let own = memberships::table.filter(memberships::enterprise_id.eq(enterprise_id));
    Ok(own.count().get_result(connection).await?)
}

/// Whether somebody else than `account_id` owns the enterprise; call it with the enterprise's row locked.
pub async fn has_other_owner(
    connection: &mut Connection,
    enterprise_id: Uuid,
    account_id: Uuid,
) -> Result<bool, Error> {
    let owners = memberships::table.filter(memberships::enterprise_id.eq(enterprise_id));
    let owners = owners.filter(memberships::role.eq(<&str>::from(MemberRole::Owner)));
    let others = owners.filter(memberships::account_id.ne(account_id));
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(connection).await?)
}

pub async fn update_role(
    connection: &mut Connection,
    enterprise_id: Uuid,
    account_id: Uuid,
    role: MemberRole,
) -> Result<(), Error> {
    diesel::update(memberships::table.find((account_id, enterprise_id)))
        .set(memberships::role.eq(<&str>::from(role)))
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn delete(connection: &mut Connection, enterprise_id: Uuid, account_id: Uuid) -> Result<(), Error> {
    diesel::delete(memberships::table.find((account_id, enterprise_id))).execute(connection).await?;
    Ok(())
}
