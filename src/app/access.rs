//! Asks the table of `domain::access` about the caller: the one place where roles are looked up.

use uuid::Uuid;

use super::{App, Caller, Error};
use crate::db::{self, Connection};
use crate::domain::access::Who;
use crate::domain::enterprise::{Enterprise, EnterpriseStatus, MemberRole};
use crate::domain::mandate::MandateScope;
use crate::domain::platform::{Grant, PlatformRole};
use crate::domain::region::Regions;

/// The caller's role in an enterprise: that of a member, else that of a trader where a mandate covers the operation.
pub async fn role_in(
    connection: &mut Connection,
    caller: &Caller,
    enterprise: Uuid,
) -> Result<Option<MemberRole>, Error> {
    Ok(acting(connection, caller, enterprise).await?.map(|(role, _)| role))
}

/// The mandate by which the caller acts for an enterprise, where they are no member.
pub async fn mandate_in(connection: &mut Connection, caller: &Caller, enterprise: Uuid) -> Result<Option<Uuid>, Error> {
    Ok(acting(connection, caller, enterprise).await?.and_then(|(_, mandate)| mandate))
}

async fn acting(
    connection: &mut Connection,
    caller: &Caller,
    enterprise: Uuid,
) -> Result<Option<(MemberRole, Option<Uuid>)>, Error> {
    let scope = MandateScope::covering(caller.rule);
    Ok(db::mandates::acting_role(connection, caller.account_id, enterprise, scope).await?)
}

/// The enterprise, if the caller has a role there that this operation takes.
pub async fn require_member(connection: &mut Connection, caller: &Caller, id: Uuid) -> Result<Enterprise, Error> {
    let enterprise = db::enterprises::find(connection, id).await?.ok_or(Error::NotFound)?;
    let role = role_in(connection, caller, id).await?;
    caller.require(role).map(|()| enterprise)
}

/// The same, with the enterprise's row locked until the transaction ends.
pub async fn lock_as_member(connection: &mut Connection, caller: &Caller, id: Uuid) -> Result<Enterprise, Error> {
    let enterprise = db::enterprises::lock(connection, id).await?.ok_or(Error::NotFound)?;
    let role = role_in(connection, caller, id).await?;
    caller.require(role).map(|()| enterprise)
}

/// The same, of one that was not closed: nothing new begins there.
pub async fn lock_open(connection: &mut Connection, caller: &Caller, id: Uuid) -> Result<Enterprise, Error> {
    let enterprise = lock_as_member(connection, caller, id).await?;
    match enterprise.status {
        EnterpriseStatus::Closed => Err(Error::conflict("enterprise_closed", [])),
        _ => Ok(enterprise),
    }
}

/// One of the roles of the platform this operation takes, where `region_code` lies. What has no known place takes a role
/// that reaches everywhere.
pub async fn require_platform(
    connection: &mut Connection,
    caller: &Caller,
    region_code: Option<&str>,
    regions: &Regions,
) -> Result<(), Error> {
    let Who::Platform(roles) = caller.rule.who else { return Err(caller.refused()) };
    match has_role(connection, caller, roles, region_code, regions).await? {
        true => Ok(()),
        false => Err(caller.refused()),
    }
}

/// Whether the caller has one of `roles` there: for what everybody may read, and they more of it.
pub async fn has_role(
    connection: &mut Connection,
    caller: &Caller,
    roles: &[PlatformRole],
    region_code: Option<&str>,
    regions: &Regions,
) -> Result<bool, Error> {
    let grants = grants(connection, caller).await?;
    Ok(grants.iter().any(|grant| roles.contains(&grant.role) && grant.covers(region_code, regions)))
}

/// The caller's roles of the platform that this operation takes: the regions a list is made of.
pub async fn required_grants(connection: &mut Connection, caller: &Caller) -> Result<Vec<Grant>, Error> {
    let Who::Platform(roles) = caller.rule.who else { return Err(caller.refused()) };
    let mut grants = grants(connection, caller).await?;
    grants.retain(|grant| roles.contains(&grant.role));
    if grants.is_empty() { Err(caller.refused()) } else { Ok(grants) }
}

/// Roles of the platform; an app has none, whoever it acts for.
pub async fn grants(connection: &mut Connection, caller: &Caller) -> Result<Vec<Grant>, Error> {
    match caller.scopes {
        Some(_) => Ok(vec![]),
        None => Ok(db::accounts::grants(connection, caller.account_id).await?),
    }
}

impl Caller {
    /// Whether this operation takes the role the caller has in the enterprise concerned.
    pub fn require(&self, role: Option<MemberRole>) -> Result<(), Error> {
        if self.rule.admits_member(role) { Ok(()) } else { Err(self.refused()) }
    }

    pub fn refused(&self) -> Error {
        Error::Forbidden(self.rule.refusal())
    }
}

impl App {
    /// What can be said before anything is looked at: an app has the scope, and where only the platform's people may,
    /// the caller is one of them somewhere.
    pub async fn admit(&self, caller: &Caller) -> Result<(), Error> {
        if let Some(scopes) = &caller.scopes {
            let open = caller.rule.who == Who::Anyone && caller.rule.scope.is_none();
            if !open && !caller.rule.scope.is_some_and(|scope| scopes.contains(&scope)) {
                return Err(Error::ScopeMissing(caller.rule.scope));
            }
        }
        if matches!(caller.rule.who, Who::Platform(_)) {
            let mut connection = self.database.get().await?;
            required_grants(&mut connection, caller).await?;
        }
        Ok(())
    }
}
