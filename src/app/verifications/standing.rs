//! What is decided about an enterprise without its asking: suspending it, with a warning to those it deals with, and
//! restoring it, also after an owner closed it. Its listings leave the market, and come back, with the commit.

use std::sync::Arc;

use uuid::Uuid;

use super::decide::{RECENT, announce, decision};
use super::{Reason, require_status, save};
use crate::app::notifications::tell;
use crate::app::{Error, Transaction, access, contacts};
use crate::db;
use crate::domain::enterprise::{Enterprise, EnterpriseStatus};
use crate::domain::notification::{NotificationKind, NotificationParams, StandingParams};
use crate::domain::verification::{Decision, DecisionAction, DecisionReason};
use crate::domain::violation::Violations;

/// By a moderator or administrator of its region.
pub async fn suspend(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    reason: Result<(DecisionReason, String), Violations>,
) -> Result<Enterprise, Error> {
    let mut enterprise = begin(transaction, id).await?;
    let (code, reason) = reason?;
    let open = [
        EnterpriseStatus::Unclaimed,
        EnterpriseStatus::Pending,
        EnterpriseStatus::Verified,
        EnterpriseStatus::Rejected,
    ];
    require_status(&enterprise, &open)?;
    let from = enterprise.status;
    enterprise.status = EnterpriseStatus::Suspended;
    save(transaction, &mut enterprise, "enterprise.suspended").await?;
    let reason = (Some(code), Some(reason));
    let suspended = decision(transaction, &enterprise, DecisionAction::Suspended, from, reason);
    let suspended = Decision { by: Some(transaction.caller.account_id), ..suspended };
    announce(transaction, &suspended, NotificationKind::EnterpriseSuspended).await?;
    warn_counterparts(transaction, &enterprise, NotificationKind::CounterpartSuspended).await?;
    Ok(enterprise)
}

/// By a moderator or administrator of its region: it stands as it did before.
pub async fn restore(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    reason: Result<(DecisionReason, String), Violations>,
) -> Result<Enterprise, Error> {
    let mut enterprise = begin(transaction, id).await?;
    let (code, reason) = reason?;
    require_status(&enterprise, &[EnterpriseStatus::Suspended, EnterpriseStatus::Closed])?;
    lift(transaction, &mut enterprise, None, (Some(code), Some(reason))).await?;
    Ok(enterprise)
}

async fn begin(transaction: &mut Transaction<'_>, id: Uuid) -> Result<Enterprise, Error> {
    let place = db::enterprises::lock(transaction.connection, id).await?;
    let region = place.as_ref().and_then(|enterprise| enterprise.profile.region_code.as_deref());
    let knowledge = Arc::clone(&transaction.knowledge);
    let regions = &knowledge.reference.regions;
    access::require_platform(transaction.connection, &transaction.caller, region, regions).await?;
    let enterprise = place.ok_or(Error::NotFound)?;
    transaction.once().await?;
    transaction.expect_version(enterprise.version)?;
    Ok(enterprise)
}

/// Ends a suspension or closing. Another enterprise that was verified with the same code meanwhile stands in the way.
pub(super) async fn lift(
    transaction: &mut Transaction<'_>,
    enterprise: &mut Enterprise,
    verification_id: Option<Uuid>,
    reason: Reason,
) -> Result<(), Error> {
    let recent = db::verifications::list_decisions(transaction.connection, &[enterprise.id], None, RECENT).await?;
    let ended = enterprise.status;
    let began = recent.iter().find(|decision| decision.to == ended && decision.from != ended);
    enterprise.status = began.map_or(EnterpriseStatus::Pending, |began| began.from);
    save(transaction, enterprise, "enterprise.restored").await?;
    let restored = decision(transaction, enterprise, DecisionAction::Restored, ended, reason);
    let by = Some(transaction.caller.account_id);
    let restored = Decision { verification_id, by, ..restored };
    announce(transaction, &restored, NotificationKind::EnterpriseRestored).await
}

/// Tells each of those who exchanged contacts with the enterprise, or declared that the two supply each other, what became
/// of it.
pub(super) async fn warn_counterparts(
    transaction: &mut Transaction<'_>,
    enterprise: &Enterprise,
    kind: NotificationKind,
) -> Result<(), Error> {
    let mut counterparts = contacts::counterparts(transaction.connection, enterprise.id).await?;
    counterparts.extend(&enterprise.standing.partners);
    counterparts.sort_unstable();
    counterparts.dedup();
    let about_enterprise_id = enterprise.id;
    let params = NotificationParams::Standing(StandingParams { about_enterprise_id, reason_code: None });
    tell(transaction.connection, &counterparts, kind, &params, transaction.now).await
}
