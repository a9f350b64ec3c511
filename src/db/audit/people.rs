//! Who the people and things of the log are to a reader.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::schema::{accounts, listings, memberships, platform_roles};
use crate::db::types::parse_code;
use crate::db::{Connection, Error};
use crate::domain::platform::PlatformRole;

/// Those of the accounts that are members of the enterprise, with their names as they are now.
pub async fn members(
    connection: &mut Connection,
    enterprise: Uuid,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, String)>, Error> {
    let members = memberships::table
        .inner_join(accounts::table)
        .filter(memberships::enterprise_id.eq(enterprise).and(memberships::account_id.eq_any(ids)));
    Ok(members.select((accounts::id, accounts::display_name)).load(connection).await?)
}

/// Those of the accounts that have a role of the platform.
pub async fn officials(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<(Uuid, PlatformRole)>, Error> {
    let roles = platform_roles::table.filter(platform_roles::account_id.eq_any(ids));
    let rows: Vec<(Uuid, String)> =
        roles.select((platform_roles::account_id, platform_roles::role)).load(connection).await?;
    rows.into_iter().map(|(id, role)| Ok((id, parse_code(&role)?))).collect()
}

/// Those of the ids that are listings of the enterprise.
pub async fn listings_of(connection: &mut Connection, enterprise: Uuid, ids: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    let own = listings::table.filter(listings::enterprise_id.eq(enterprise).and(listings::id.eq_any(ids)));
    Ok(own.select(listings::id).load(connection).await?)
}
