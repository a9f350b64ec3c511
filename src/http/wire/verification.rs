//! Applications, appeals and decisions about enterprises on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::verifications::{Approval, Refusal};
use crate::domain::enterprise::EnterpriseStatus;
use crate::domain::verification::{
    self, DecisionAction, DecisionReason, NewVerification, VerificationLevel, VerificationMethod, VerificationPurpose,
    VerificationStatus,
};

/// What the enterprise asks for, and what is to prove it.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"method": "licence", "evidence": ["0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69"],
    "statement": "Copy of the licence as renewed in March."}))]
pub struct VerificationInput {
    /// `application` when left out.
    pub purpose: Option<VerificationPurpose>,
    pub method: VerificationMethod,
    /// For whoever decides. An appeal, and the method `other`, need one.
    #[schema(min_length = 1, max_length = 2000, pattern = r"^[^\x00]*\S[^\x00]*$")]
    pub statement: Option<String>,
    /// Files of the enterprise; needed for licences, letters and transfers.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub evidence: Option<Vec<Uuid>>,
}

impl From<VerificationInput> for NewVerification {
    fn from(input: VerificationInput) -> Self {
        Self {
            purpose: input.purpose.unwrap_or(VerificationPurpose::Application),
            method: input.method,
            statement: input.statement,
            evidence: input.evidence.unwrap_or_default(),
        }
    }
}

/// An application or appeal.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6a",
    "status": "pending", "purpose": "application", "method": "licence", "evidence": ["0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6b"],
    "uscc": "91440300708461136T", "legal_name": "洛阳示范轴承有限公司", "version": 1, "created_at": "2026-11-26T08:00:00Z",
    "age_seconds": 3600}))]
pub struct Verification {
    pub id: Uuid,
    enterprise_id: Uuid,
    status: VerificationStatus,
    purpose: VerificationPurpose,
    method: VerificationMethod,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    statement: Option<String>,
    #[schema(max_items = 20)]
    evidence: Vec<Uuid>,
    /// What was claimed when it was made; meanwhile the enterprise cannot change it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 18)]
    uscc: Option<String>,
    #[schema(max_length = 200)]
    legal_name: String,
    #[schema(minimum = 1)]
    pub version: i32,
    created_at: DateTime<Utc>,
    /// How long it has waited, or waited.
    #[schema(minimum = 0)]
    age_seconds: i64,
    /// Until when one of those who decide has it to themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_until: Option<DateTime<Utc>>,
    /// Who; for those who decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_by: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<DateTime<Utc>>,
    /// Who; for those who decide. Absent where a rule did.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_code: Option<DecisionReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    reason: Option<String>,
}

impl Verification {
    /// As its enterprise sees it: what was decided and why, never by whom.
    pub fn own(verification: verification::Verification, now: DateTime<Utc>) -> Self {
        Self { claimed_by: None, decided_by: None, ..Self::full(verification, now) }
    }

    pub fn full(verification: verification::Verification, now: DateTime<Utc>) -> Self {
        let verification::Verification { asked, claim, .. } = verification;
        let claim = claim.filter(|claim| claim.until > now && verification.decided_at.is_none());
        let age = verification.decided_at.unwrap_or(now) - verification.created_at;
        Self {
            id: verification.id,
            enterprise_id: verification.enterprise_id,
            status: verification.status,
            purpose: asked.purpose,
            method: asked.method,
            statement: asked.statement,
            evidence: asked.evidence,
            uscc: verification.identity.uscc,
            legal_name: verification.identity.legal_name,
            version: verification.version,
            created_at: verification.created_at,
            age_seconds: age.num_seconds().max(0),
            claimed_until: claim.map(|claim| claim.until),
            claimed_by: claim.map(|claim| claim.by),
            decided_at: verification.decided_at,
            decided_by: verification.decided_by,
            reason_code: verification.reason_code,
            reason: verification.reason,
        }
    }
}

/// A page of applications and appeals.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Verification"}]}))]
pub struct VerificationPage {
    #[schema(max_items = 100)]
    pub items: Vec<Verification>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// What comes with an approval.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"level": "substantial", "reason": "Licence and letter agree with the register."}))]
pub struct ApprovalInput {
    /// How sure it is; left out: what the method is good for.
    pub level: Option<VerificationLevel>,
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*\S[^\x00]*$")]
    pub reason: Option<String>,
}

impl From<ApprovalInput> for Approval {
    fn from(ApprovalInput { level, reason }: ApprovalInput) -> Self {
        Self { level, reason }
    }
}

/// Why; the enterprise reads it.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"reason_code": "evidence_mismatch", "reason": "The licence names another enterprise."}))]
pub struct ReasonInput {
    pub reason_code: DecisionReason,
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*\S[^\x00]*$")]
    pub reason: String,
}

impl From<ReasonInput> for Refusal {
    fn from(input: ReasonInput) -> Self {
        Self { code: input.reason_code, reason: input.reason }
    }
}

/// The enterprise it turned out to be.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"into": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "reason": "Same firm, imported under its short name."}))]
pub struct MergeInput {
    pub into: Uuid,
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*\S[^\x00]*$")]
    pub reason: String,
}

/// Why the code is real although its check characters do not fit.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"reason": "The licence was seen; the register has this very code."}))]
pub struct ExceptionInput {
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*\S[^\x00]*$")]
    pub reason: String,
}

/// A change of an enterprise's standing by others than its members.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "action": "verified", "from": "pending", "to": "verified",
    "verification_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6a", "method": "licence", "level": "basic", "at": "2026-11-26T08:00:00Z"}))]
pub struct Decision {
    pub id: Uuid,
    action: DecisionAction,
    from: EnterpriseStatus,
    to: EnterpriseStatus,
    /// The application or appeal it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<VerificationMethod>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<VerificationLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_code: Option<DecisionReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    reason: Option<String>,
    /// Who; for those who decide. Absent where a rule did.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<Uuid>,
    at: DateTime<Utc>,
}

impl Decision {
    /// As its enterprise sees it: what was decided and why, never by whom.
    pub fn own(decision: verification::Decision) -> Self {
        Self { decided_by: None, ..Self::full(decision) }
    }

    pub fn full(decision: verification::Decision) -> Self {
        let verification::Decision { id, action, from, to, verification_id, method, level, .. } = decision;
        let verification::Decision { reason_code, reason, by, at, .. } = decision;
        Self { id, action, from, to, verification_id, method, level, reason_code, reason, decided_by: by, at }
    }
}

/// A page of decisions.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Decision"}]}))]
pub struct DecisionPage {
    #[schema(max_items = 100)]
    pub items: Vec<Decision>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}
