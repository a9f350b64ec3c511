//! Associations that act for their members: mandates given by owners, revocable at any time, and what was done under them.

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::json;
use uuid::Uuid;

use super::enterprises::event_of;
use super::notifications::tell;
use super::{App, Caller, Error, Transaction, access};
use crate::db::{self, Connection};
use crate::domain::enterprise::{Enterprise, EnterpriseStatus, OrganizationType};
use crate::domain::event::{Audience, Detail, NewEvent};
use crate::domain::mandate::{MOST_MANDATES, Mandate, MandateAct, MandateStatus, NewMandate};
use crate::domain::notification::{NotificationKind, NotificationParams, StandingParams};
use crate::domain::violation::Violations;

/// An owner lets a verified association act for the enterprise. One mandate stands between two at a time.
pub async fn create(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    given: Result<NewMandate, Violations>,
) -> Result<Mandate, Error> {
    let enterprise = access::lock_open(transaction.connection, &transaction.caller, id).await?;
    transaction.once().await?;
    let given = given?;
    let given = NewMandate { valid_until: given.valid_until.map(|until| until.trunc_subsecs(6)), ..given };
    let mut violations = given.check(transaction.now);
    let association = db::enterprises::find(transaction.connection, given.association_id).await?;
    let fit = |association: &Enterprise| {
        association.profile.organization_type == Some(OrganizationType::Association)
            && association.status == EnterpriseStatus::Verified
            && association.id != id
    };
    if !association.as_ref().is_some_and(fit) {
        violations.add("/association_id", "not_a_verified_association");
    }
    violations.or_else_value(())?;
    make_room(transaction, id, given.association_id).await?;
    let mandate = Mandate {
        id: Uuid::now_v7(),
        enterprise_id: id,
        given,
        created_by: transaction.caller.account_id,
        created_at: transaction.now,
        revoked_at: None,
    };
    db::mandates::insert(transaction.connection, &mandate).await?;
    announce(transaction, &enterprise, &mandate, "mandate.given", NotificationKind::MandateGranted).await?;
    Ok(mandate)
}

/// One whose time is over makes way for another.
async fn make_room(transaction: &mut Transaction<'_>, id: Uuid, association_id: Uuid) -> Result<(), Error> {
    let (by, now) = (transaction.caller.account_id, transaction.now);
    let unrevoked = db::mandates::list_unrevoked(transaction.connection, id).await?;
    let (standing, over): (Vec<_>, Vec<_>) =
        unrevoked.into_iter().partition(|mandate| mandate.status_at(now) == MandateStatus::Standing);
    if standing.iter().any(|mandate| mandate.given.association_id == association_id) {
        return Err(Error::conflict("mandate_standing", []));
    }
    if i64::try_from(standing.len()).unwrap_or(i64::MAX) >= MOST_MANDATES {
        return Err(Error::conflict("too_many_mandates", [("maximum", MOST_MANDATES.to_string())]));
    }
    for mandate in over.iter().filter(|mandate| mandate.given.association_id == association_id) {
        db::mandates::revoke(transaction.connection, mandate.id, by, now).await?;
    }
    Ok(())
}

/// By an owner of the enterprise: from the next request on the association acts for it no more. Revoking twice is harmless.
pub async fn revoke(transaction: &mut Transaction<'_>, id: Uuid, mandate_id: Uuid) -> Result<Mandate, Error> {
    let enterprise = access::lock_as_member(transaction.connection, &transaction.caller, id).await?;
    transaction.once().await?;
    let known = db::mandates::find(transaction.connection, mandate_id).await?;
    let mut mandate = known.filter(|known| known.enterprise_id == id).ok_or(Error::NotFound)?;
    if mandate.revoked_at.is_none() {
        let (by, now) = (transaction.caller.account_id, transaction.now);
        db::mandates::revoke(transaction.connection, mandate_id, by, now).await?;
        mandate.revoked_at = Some(now);
        announce(transaction, &enterprise, &mandate, "mandate.revoked", NotificationKind::MandateRevoked).await?;
    }
    Ok(mandate)
}

async fn announce(
    transaction: &mut Transaction<'_>,
    enterprise: &Enterprise,
    mandate: &Mandate,
    event_type: &'static str,
    kind: NotificationKind,
) -> Result<(), Error> {
    let association = mandate.given.association_id;
    let params = NotificationParams::Standing(StandingParams { about_enterprise_id: enterprise.id, reason_code: None });
    tell(transaction.connection, &[association], kind, &params, transaction.now).await?;
    let scopes: Vec<&str> = mandate.given.scopes.iter().map(|scope| <&str>::from(*scope)).collect();
    let changed = json!({ "enterprise_id": enterprise.id, "association_id": association, "scopes": scopes });
    let audience = Audience::Enterprises(vec![enterprise.id, association]);
    let detail = match mandate.revoked_at {
        None => Detail::created(&changed),
        Some(_) => Detail::deleted(&changed),
    };
    let event = event_of(event_type, ("mandate", mandate.id), enterprise, changed);
    transaction.record(NewEvent { audience, detail, ..event }).await
}

/// Keeps what was done under a mandate, for the enterprise to read.
pub(super) async fn note(
    connection: &mut Connection,
    mandate_id: Uuid,
    account_id: Uuid,
    event: &NewEvent,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let act = MandateAct {
        id: Uuid::now_v7(),
        mandate_id,
        account_id,
        event_type: event.event_type.to_owned(),
        entity: event.entity.to_owned(),
        entity_id: event.entity_id,
        at,
    };
    Ok(db::mandates::insert_act(connection, &act).await?)
}

impl App {
    /// For members of either: those the enterprise has given or got, newest first.
    pub async fn list_mandates(
        &self,
        caller: &Caller,
        id: Uuid,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Mandate>, Error> {
        let mut connection = self.database.get().await?;
        access::require_member(&mut connection, caller, id).await?;
        Ok(db::mandates::list(&mut connection, id, before, limit).await?)
    }

    /// For members of the enterprise that gave it, newest first.
    pub async fn list_mandate_acts(
        &self,
        caller: &Caller,
        id: Uuid,
        mandate_id: Uuid,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<MandateAct>, Error> {
        let mut connection = self.database.get().await?;
        access::require_member(&mut connection, caller, id).await?;
        let known = db::mandates::find(&mut connection, mandate_id).await?;
        known.filter(|known| known.enterprise_id == id).ok_or(Error::NotFound)?;
        Ok(db::mandates::list_acts(&mut connection, mandate_id, before, limit).await?)
    }
}
