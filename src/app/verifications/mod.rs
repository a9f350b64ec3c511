//! Whether enterprises are who they say they are: applications and appeals by their owners. How they are decided is in
//! `decide`, what is decided without being asked in `standing`, whose enterprise an organisation is in `claims`, how its owner
//! ends it in `closing`.

mod claims;
mod closing;
mod decide;
mod standing;

use serde_json::json;
use uuid::Uuid;

pub use self::claims::{claim, except_uscc, merge};
pub use self::closing::close_enterprise;
pub use self::decide::{Approval, Refusal, approve, reject, take};
pub use self::standing::{restore, suspend};
use super::enterprises::event_of;
use super::files::check_attached;
use super::{App, Caller, Error, Transaction, access};
use crate::db;
use crate::domain::enterprise::{Enterprise, EnterpriseStatus};
use crate::domain::event::{Audience, Detail, NewEvent};
use crate::domain::verification::{
    Decision, DecisionAction, DecisionReason, Identity, NewVerification, Verification, VerificationMethod,
    VerificationPurpose, VerificationStatus,
};
use crate::domain::violation::Violations;

/// Rows read at a time where only some are in the reader's regions.
const BATCH: i64 = 200;

/// An owner asks to be verified, or that a decision be looked at again. One at a time.
pub async fn create(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    asked: Result<NewVerification, Violations>,
) -> Result<Verification, Error> {
    if matches!(&asked, Ok(asked) if asked.method == VerificationMethod::RosterPhone)
        && let Some(known) = db::enterprises::find(transaction.connection, id).await?
    {
        // Before its own row, which is one of them: all who lock claims do so in the same order.
        decide::lock_rivals(transaction, &known).await?;
    }
    let mut enterprise = access::lock_as_member(transaction.connection, &transaction.caller, id).await?;
    transaction.once().await?;
    let asked = asked?;
    require_status(&enterprise, asked.purpose.allowed_in())?;
    if db::verifications::find_pending(transaction.connection, id).await?.is_some() {
        return Err(Error::conflict("verification_pending", []));
    }
    let mut violations = check_attached(transaction.connection, id, &asked.evidence).await?;
    violations.extend(complete(&asked));
    violations.or_else_value(())?;
    let rejected = enterprise.status == EnterpriseStatus::Rejected;
    match asked.purpose {
        VerificationPurpose::Appeal => require_not_upheld(transaction, id).await?,
        VerificationPurpose::Application if rejected => {
            enterprise.status = EnterpriseStatus::Pending;
            save(transaction, &mut enterprise, "enterprise.reapplied").await?;
        }
        VerificationPurpose::Application => {}
    }
    let verification = Verification {
        id: Uuid::now_v7(),
        enterprise_id: id,
        status: VerificationStatus::Pending,
        asked,
        identity: Identity { uscc: enterprise.profile.uscc.clone(), legal_name: enterprise.profile.legal_name.clone() },
        version: 1,
        created_by: transaction.caller.account_id,
        created_at: transaction.now,
        claim: None,
        decided_by: None,
        decided_at: None,
        reason_code: None,
        reason: None,
    };
    db::verifications::insert(transaction.connection, &verification).await?;
    record(transaction, "verification.created", &enterprise, &verification).await?;
    if verification.asked.method == VerificationMethod::RosterPhone {
        return ask_roster(transaction, enterprise, verification).await;
    }
    Ok(verification)
}

/// Verifies at once where the roster has code, name and the caller's number, proved to be theirs; else somebody decides. So
/// they do where another enterprise with this code is verified.
async fn ask_roster(
    transaction: &mut Transaction<'_>,
    enterprise: Enterprise,
    mut verification: Verification,
) -> Result<Verification, Error> {
    let account = db::accounts::find(transaction.connection, transaction.caller.account_id).await?;
    let mobile = account.filter(|account| account.mobile_verified_at.is_some()).and_then(|account| account.mobile);
    if !super::roster::confirms(transaction.connection, &enterprise, mobile.as_deref()).await? {
        return Ok(verification);
    }
    let (mut enterprise, rivals) = decide::lock_rivals(transaction, &enterprise).await?;
    if rivals.iter().any(|rival| rival.status == EnterpriseStatus::Verified) {
        return Ok(verification);
    }
    let (method, verification_id) = (verification.asked.method, Some(verification.id));
    close(transaction, &mut verification, VerificationStatus::Approved, None, None).await?;
    let how = decide::How { verification_id, method, level: None, by: None, reason: None };
    decide::verify(transaction, &mut enterprise, rivals, how).await?;
    record(transaction, "verification.approved", &enterprise, &verification).await?;
    Ok(verification)
}

fn complete(asked: &NewVerification) -> Violations {
    let mut violations = Violations::new();
    let proves_itself = matches!(asked.method, VerificationMethod::RosterPhone | VerificationMethod::Other);
    if asked.purpose == VerificationPurpose::Application && !proves_itself && asked.evidence.is_empty() {
        violations.add("/evidence", "evidence_required");
    }
    let needs_words = asked.purpose == VerificationPurpose::Appeal || asked.method == VerificationMethod::Other;
    if needs_words && asked.statement.is_none() {
        violations.add("/statement", "required");
    }
    violations
}

/// A decision is appealed against once.
async fn require_not_upheld(transaction: &mut Transaction<'_>, id: Uuid) -> Result<(), Error> {
    let newest = db::verifications::list_decisions(transaction.connection, &[id], None, 1).await?;
    if newest.first().is_some_and(|decision| decision.action == DecisionAction::Upheld) {
        return Err(Error::conflict("appeal_exists", []));
    }
    Ok(())
}

/// By an owner, while it is pending.
pub async fn withdraw(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    verification_id: Uuid,
) -> Result<Verification, Error> {
    let enterprise = access::lock_as_member(transaction.connection, &transaction.caller, id).await?;
    transaction.once().await?;
    let known = db::verifications::find(transaction.connection, verification_id).await?;
    let mut verification = known.filter(|known| known.enterprise_id == id).ok_or(Error::NotFound)?;
    transaction.expect_version(verification.version)?;
    require_pending(&verification)?;
    let by = Some(transaction.caller.account_id);
    close(transaction, &mut verification, VerificationStatus::Withdrawn, by, None).await?;
    record(transaction, "verification.withdrawn", &enterprise, &verification).await?;
    Ok(verification)
}

fn require_pending(verification: &Verification) -> Result<(), Error> {
    if verification.status == VerificationStatus::Pending {
        return Ok(());
    }
    let (status, allowed) = (<&str>::from(verification.status), <&str>::from(VerificationStatus::Pending));
    let params = [("status", status.to_owned()), ("allowed", allowed.to_owned())];
    Err(Error::conflict("verification_state_conflict", params))
}

fn require_status(enterprise: &Enterprise, allowed: &[EnterpriseStatus]) -> Result<(), Error> {
    if allowed.contains(&enterprise.status) && enterprise.merged_into.is_none() {
        return Ok(());
    }
    let names: Vec<&str> = allowed.iter().map(|status| <&str>::from(*status)).collect();
    let status = <&str>::from(enterprise.status).to_owned();
    Err(Error::conflict("enterprise_state_conflict", [("status", status), ("allowed", names.join(", "))]))
}

/// Why something was decided, as people give it.
type Reason = (Option<DecisionReason>, Option<String>);

/// Ends it. `by`: none where the program decides by a rule.
async fn close(
    transaction: &mut Transaction<'_>,
    verification: &mut Verification,
    status: VerificationStatus,
    by: Option<Uuid>,
    reason: Option<Reason>,
) -> Result<(), Error> {
    (verification.reason_code, verification.reason) = reason.unwrap_or_default();
    verification.status = status;
    verification.version += 1;
    (verification.decided_by, verification.decided_at) = (by, Some(transaction.now));
    Ok(db::verifications::update(transaction.connection, verification).await?)
}

/// Writes a changed status down, with the event by which the index learns of it.
async fn save(
    transaction: &mut Transaction<'_>,
    enterprise: &mut Enterprise,
    event_type: &'static str,
) -> Result<(), Error> {
    let told = |one: &Enterprise| {
        let mut told = serde_json::to_value(&one.profile).unwrap_or_default();
        told["status"] = json!(<&str>::from(one.status));
        told["merged_into"] = json!(one.merged_into);
        told
    };
    let before = db::enterprises::find(transaction.connection, enterprise.id).await?.ok_or(Error::NotFound)?;
    let detail = Detail::changed(&told(&before), &told(enterprise));
    enterprise.version += 1;
    enterprise.updated_at = transaction.now;
    let saved = db::enterprises::update(transaction.connection, enterprise).await;
    saved.map_err(|error| match error.violates("enterprises_verified_uscc_key") {
        true => Error::conflict("uscc_verified_by_other", [("enterprise_id", "—".to_owned())]),
        false => error.into(),
    })?;
    let changed = json!({ "fields": ["status"], "status": <&str>::from(enterprise.status) });
    let event = NewEvent {
        event_type,
        entity: "enterprise",
        entity_id: enterprise.id,
        version: enterprise.version,
        audience: Audience::Public,
        changed,
        detail,
    };
    transaction.record(event).await
}

async fn record(
    transaction: &mut Transaction<'_>,
    event_type: &'static str,
    enterprise: &Enterprise,
    verification: &Verification,
) -> Result<(), Error> {
    let (purpose, status) = (<&str>::from(verification.asked.purpose), <&str>::from(verification.status));
    let changed = json!({ "enterprise_id": enterprise.id, "purpose": purpose, "status": status });
    let (entity, version) = (("verification", verification.id), verification.version);
    let after = json!({
        "purpose": purpose, "status": status, "method": verification.asked.method, "identity": verification.identity,
        "evidence": verification.asked.evidence, "claimed_until": verification.claim.map(|claim| claim.until),
        "reason_code": verification.reason_code, "reason": verification.reason,
    });
    // It is written once, and waits until somebody decides.
    let before = (version > 1).then(|| json!({ "status": VerificationStatus::Pending }));
    let detail = Detail { before, after: Some(after) };
    transaction.record(NewEvent { version, detail, ..event_of(event_type, entity, enterprise, changed) }).await
}

impl App {
    /// For members, newest first.
    pub async fn list_verifications(
        &self,
        caller: &Caller,
        id: Uuid,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Verification>, Error> {
        let mut connection = self.database.get().await?;
        access::require_member(&mut connection, caller, id).await?;
        Ok(db::verifications::list(&mut connection, id, before, limit).await?)
    }

    /// What waits for the caller: of enterprises in their regions, oldest first.
    pub async fn list_pending_verifications(
        &self,
        caller: &Caller,
        purpose: Option<VerificationPurpose>,
        mut after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Verification>, Error> {
        let mut connection = self.database.get().await?;
        let grants = access::required_grants(&mut connection, caller).await?;
        let (knowledge, wanted) = (self.knowledge(), usize::try_from(limit).unwrap_or(0));
        let mut found = Vec::new();
        while found.len() < wanted {
            let batch = db::verifications::list_pending(&mut connection, purpose, after, BATCH).await?;
            let Some(last) = batch.last().map(|(verification, _)| verification.id) else { break };
            after = Some(last);
            let own = |region: Option<&str>| grants.iter().any(|one| one.covers(region, &knowledge.reference.regions));
            found.extend(batch.into_iter().filter(|(_, region)| own(region.as_deref())).map(|(one, _)| one));
        }
        found.truncate(wanted);
        Ok(found)
    }

    /// For those who decide there.
    pub async fn find_verification(&self, caller: &Caller, id: Uuid) -> Result<Verification, Error> {
        let mut connection = self.database.get().await?;
        let known = db::verifications::find(&mut connection, id).await?;
        let enterprise = match &known {
            Some(known) => db::enterprises::find(&mut connection, known.enterprise_id).await?,
            None => None,
        };
        let region = enterprise.as_ref().and_then(|enterprise| enterprise.profile.region_code.as_deref());
        access::require_platform(&mut connection, caller, region, &self.knowledge().reference.regions).await?;
        known.ok_or(Error::NotFound)
    }

    /// For members, newest first; also what was decided about those that were merged into it.
    pub async fn list_decisions(
        &self,
        caller: &Caller,
        id: Uuid,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Decision>, Error> {
        let mut connection = self.database.get().await?;
        access::require_member(&mut connection, caller, id).await?;
        let ids = db::enterprises::with_predecessors(&mut connection, id).await?;
        Ok(db::verifications::list_decisions(&mut connection, &ids, before, limit).await?)
    }

    /// The same for those who decide there.
    pub async fn list_enterprise_decisions(
        &self,
        caller: &Caller,
        id: Uuid,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Decision>, Error> {
        let mut connection = self.database.get().await?;
        let enterprise = db::enterprises::find(&mut connection, id).await?;
        let region = enterprise.as_ref().and_then(|enterprise| enterprise.profile.region_code.as_deref());
        access::require_platform(&mut connection, caller, region, &self.knowledge().reference.regions).await?;
        let enterprise = enterprise.ok_or(Error::NotFound)?;
        let ids = db::enterprises::with_predecessors(&mut connection, enterprise.id).await?;
        Ok(db::verifications::list_decisions(&mut connection, &ids, before, limit).await?)
    }
}
