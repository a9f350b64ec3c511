//! Who may act for the platform: the one place that asks for a role.

use super::{Caller, Error};
use crate::db::{self, Connection};
use crate::domain::platform::{PlatformRole, Reach};
use crate::domain::region::Regions;

/// Administrators whose role reaches everywhere.
pub async fn require_admin(connection: &mut Connection, caller: &Caller) -> Result<(), Error> {
    let grants = db::accounts::grants(connection, caller.account_id).await?;
    let reaches = grants.iter().any(|grant| grant.role == PlatformRole::Admin && grant.region_code.is_none());
    if reaches { Ok(()) } else { Err(Error::Forbidden("not_admin")) }
}

/// Whoever has one of these roles where `region_code` lies.
pub async fn require_role(
    connection: &mut Connection,
    caller: &Caller,
    roles: &[PlatformRole],
    region_code: Option<&str>,
    regions: &Regions,
) -> Result<(), Error> {
    let grants = db::accounts::grants(connection, caller.account_id).await?;
    let fits = grants.iter().any(|grant| roles.contains(&grant.role) && grant.covers(region_code, regions));
    if fits { Ok(()) } else { Err(Error::Forbidden("role_required")) }
}

/// Where the caller may act in one of these roles; refused where that is nowhere.
pub async fn reach(
    connection: &mut Connection,
    caller: &Caller,
    roles: &[PlatformRole],
    regions: &Regions,
) -> Result<Reach, Error> {
    let mut grants = db::accounts::grants(connection, caller.account_id).await?;
    grants.retain(|grant| roles.contains(&grant.role));
    if grants.is_empty() {
        return Err(Error::Forbidden("role_required"));
    }
    Ok(Reach::of_grants(&grants, regions))
}
