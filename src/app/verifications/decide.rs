//! Deciding applications and appeals, by those who answer for the enterprise's region.
//!
//! Several claims to one code may wait at once. Whoever decides locks all of them, in the order of their ids: of two
//! approvals at once the second finds its code taken. The rivals of the one that is verified are turned down and told.

use std::sync::Arc;

use uuid::Uuid;

use super::{close, record, require_pending, require_status, save};
use crate::app::notifications::tell;
use crate::app::{Error, Transaction, access};
use crate::db;
use crate::domain::enterprise::{Enterprise, EnterpriseStatus};
use crate::domain::notification::{NotificationKind, NotificationParams, StandingParams};
use crate::domain::verification::{
    CLAIM, Claim, Decision, DecisionAction, DecisionReason, Verification, VerificationLevel, VerificationMethod,
    VerificationPurpose, VerificationStatus,
};
use crate::domain::violation::Violations;

/// Decisions looked through for the one that made an enterprise what it is.
pub(super) const RECENT: i64 = 100;

/// What comes with an approval.
#[derive(Debug, Clone, Default)]
pub struct Approval {
    /// None: what the method is good for.
    pub level: Option<VerificationLevel>,
    pub reason: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Refusal {
    pub code: DecisionReason,
    pub reason: String,
}

/// An application with its enterprise and all other claims to the same code, locked.
struct Case {
    verification: Verification,
    enterprise: Enterprise,
    rivals: Vec<Enterprise>,
}

/// The caller looks at it; for a quarter of an hour nobody else decides.
pub async fn take(transaction: &mut Transaction<'_>, id: Uuid) -> Result<Verification, Error> {
    let Case { mut verification, enterprise, .. } = begin(transaction, id).await?;
    verification.claim = Some(Claim { by: transaction.caller.account_id, until: transaction.now + CLAIM });
    verification.version += 1;
    db::verifications::update(transaction.connection, &verification).await?;
    record(transaction, "verification.claimed", &enterprise, &verification).await?;
    Ok(verification)
}

/// An application verifies the enterprise; an appeal undoes what was decided.
pub async fn approve(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    approval: Result<Approval, Violations>,
) -> Result<Verification, Error> {
    let Case { mut verification, mut enterprise, rivals } = begin(transaction, id).await?;
    let Approval { level, reason } = approval?;
    require_status(&enterprise, verification.asked.purpose.allowed_in())?;
    let by = Some(transaction.caller.account_id);
    let ended = Some((None, reason.clone()));
    close(transaction, &mut verification, VerificationStatus::Approved, by, ended).await?;
    if enterprise.status == EnterpriseStatus::Suspended {
        let reason = (Some(DecisionReason::ErrorCorrected), reason);
        super::standing::lift(transaction, &mut enterprise, Some(verification.id), reason).await?;
    } else {
        let method = verification.asked.method;
        let how = How { verification_id: Some(verification.id), method, level, by, reason };
        verify(transaction, &mut enterprise, rivals, how).await?;
    }
    record(transaction, "verification.approved", &enterprise, &verification).await?;
    Ok(verification)
}

/// An application is turned down, or a decision stays as it was.
pub async fn reject(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    refusal: Result<Refusal, Violations>,
) -> Result<Verification, Error> {
    let Case { mut verification, mut enterprise, .. } = begin(transaction, id).await?;
    let Refusal { code, reason } = refusal?;
    let (by, reason) = (Some(transaction.caller.account_id), (Some(code), Some(reason)));
    close(transaction, &mut verification, VerificationStatus::Rejected, by, Some(reason.clone())).await?;
    let (action, kind) = match verification.asked.purpose {
        VerificationPurpose::Application => (DecisionAction::Rejected, NotificationKind::EnterpriseRejected),
        VerificationPurpose::Appeal => (DecisionAction::Upheld, NotificationKind::DecisionUpheld),
    };
    let from = enterprise.status;
    if action == DecisionAction::Rejected && from == EnterpriseStatus::Pending {
        enterprise.status = EnterpriseStatus::Rejected;
        save(transaction, &mut enterprise, "enterprise.rejected").await?;
    }
    let verification_id = Some(verification.id);
    let decision = Decision { verification_id, by, ..decision(transaction, &enterprise, action, from, reason) };
    announce(transaction, &decision, kind).await?;
    record(transaction, "verification.rejected", &enterprise, &verification).await?;
    Ok(verification)
}

/// Authorises, and locks what the decision is about; it is pending, and nobody else is looking at it.
async fn begin(transaction: &mut Transaction<'_>, id: Uuid) -> Result<Case, Error> {
    let known = db::verifications::find(transaction.connection, id).await?;
    let enterprise = match &known {
        Some(known) => db::enterprises::find(transaction.connection, known.enterprise_id).await?,
        None => None,
    };
    let region = enterprise.as_ref().and_then(|enterprise| enterprise.profile.region_code.as_deref());
    let knowledge = Arc::clone(&transaction.knowledge);
    let regions = &knowledge.reference.regions;
    access::require_platform(transaction.connection, &transaction.caller, region, regions).await?;
    let enterprise = enterprise.ok_or(Error::NotFound)?;
    transaction.once().await?;
    let (enterprise, rivals) = lock_rivals(transaction, &enterprise).await?;
    // Read again, now that the enterprise is locked.
    let verification = db::verifications::find(transaction.connection, id).await?.ok_or(Error::NotFound)?;
    transaction.expect_version(verification.version)?;
    require_pending(&verification)?;
    if verification.is_claimed_by_other(transaction.caller.account_id, transaction.now) {
        let until = verification.claim.map(|claim| claim.until.to_rfc3339()).unwrap_or_default();
        return Err(Error::conflict("verification_claimed", [("until", until)]));
    }
    if verification.asked.purpose == VerificationPurpose::Appeal {
        require_another(transaction, &enterprise).await?;
    }
    Ok(Case { verification, enterprise, rivals })
}

/// Whoever decided first does not hear the appeal, also where nobody else of the region could: an administrator of the whole
/// platform may everywhere.
async fn require_another(transaction: &mut Transaction<'_>, enterprise: &Enterprise) -> Result<(), Error> {
    let recent = db::verifications::list_decisions(transaction.connection, &[enterprise.id], None, RECENT).await?;
    let appealed = recent.iter().find(|decision| decision.to == enterprise.status && decision.from != decision.to);
    match appealed.and_then(|decision| decision.by) {
        Some(by) if by == transaction.caller.account_id => Err(Error::conflict("another_must_hear", [])),
        _ => Ok(()),
    }
}

/// The enterprise as it is now and all other claims to its code, locked.
pub(super) async fn lock_rivals(
    transaction: &mut Transaction<'_>,
    enterprise: &Enterprise,
) -> Result<(Enterprise, Vec<Enterprise>), Error> {
    let code = enterprise.profile.uscc.as_deref();
    let claims = db::enterprises::lock_claims(transaction.connection, enterprise.id, code).await?;
    let (own, rivals): (Vec<_>, Vec<_>) = claims.into_iter().partition(|claim| claim.id == enterprise.id);
    let enterprise = own.into_iter().next().ok_or(Error::NotFound)?;
    Ok((enterprise, rivals))
}

/// How an enterprise came to be verified.
pub(super) struct How {
    pub verification_id: Option<Uuid>,
    pub method: VerificationMethod,
    /// None: what the method is good for.
    pub level: Option<VerificationLevel>,
    /// None: the program, by a rule.
    pub by: Option<Uuid>,
    pub reason: Option<String>,
}

/// Verifies the enterprise and turns down the rivals that wait. All of them are locked.
pub(super) async fn verify(
    transaction: &mut Transaction<'_>,
    enterprise: &mut Enterprise,
    rivals: Vec<Enterprise>,
    how: How,
) -> Result<(), Error> {
    if let Some(other) = rivals.iter().find(|rival| rival.status == EnterpriseStatus::Verified) {
        return Err(Error::conflict("uscc_verified_by_other", [("enterprise_id", other.id.to_string())]));
    }
    let from = enterprise.status;
    enterprise.status = EnterpriseStatus::Verified;
    save(transaction, enterprise, "enterprise.verified").await?;
    let level = Some(how.level.unwrap_or(how.method.level()));
    let (verification_id, method, by) = (how.verification_id, Some(how.method), how.by);
    let verified = decision(transaction, enterprise, DecisionAction::Verified, from, (None, how.reason));
    let verified = Decision { verification_id, method, level, by, ..verified };
    announce(transaction, &verified, NotificationKind::EnterpriseVerified).await?;
    for rival in rivals.into_iter().filter(|rival| rival.status == EnterpriseStatus::Pending) {
        displace(transaction, rival).await?;
    }
    Ok(())
}

/// Another claim to the code was verified.
async fn displace(transaction: &mut Transaction<'_>, mut rival: Enterprise) -> Result<(), Error> {
    let reason = (Some(DecisionReason::ClaimedByOther), None);
    let waiting = db::verifications::find_pending(transaction.connection, rival.id).await?;
    let verification_id = waiting.as_ref().map(|waiting| waiting.id);
    rival.status = EnterpriseStatus::Rejected;
    save(transaction, &mut rival, "enterprise.rejected").await?;
    if let Some(mut waiting) = waiting {
        close(transaction, &mut waiting, VerificationStatus::Rejected, None, Some(reason.clone())).await?;
        record(transaction, "verification.rejected", &rival, &waiting).await?;
    }
    let rejected = decision(transaction, &rival, DecisionAction::Rejected, EnterpriseStatus::Pending, reason);
    announce(transaction, &Decision { verification_id, ..rejected }, NotificationKind::ClaimLost).await
}

/// A decision by a rule; whoever else decides fills in the rest.
pub(super) fn decision(
    transaction: &Transaction<'_>,
    enterprise: &Enterprise,
    action: DecisionAction,
    from: EnterpriseStatus,
    (reason_code, reason): super::Reason,
) -> Decision {
    Decision {
        id: Uuid::now_v7(),
        enterprise_id: enterprise.id,
        action,
        from,
        to: enterprise.status,
        verification_id: None,
        method: None,
        level: None,
        reason_code,
        reason,
        by: None,
        at: transaction.now,
    }
}

/// Writes a decision down and tells the enterprise.
pub(super) async fn announce(
    transaction: &mut Transaction<'_>,
    decision: &Decision,
    kind: NotificationKind,
) -> Result<(), Error> {
    db::verifications::insert_decision(transaction.connection, decision).await?;
    let about_enterprise_id = decision.enterprise_id;
    let params =
        NotificationParams::Standing(StandingParams { about_enterprise_id, reason_code: decision.reason_code });
    tell(transaction.connection, &[decision.enterprise_id], kind, &params, transaction.now).await
}
