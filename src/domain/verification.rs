//! Whether an enterprise is who it says it is: applications and appeals, how they are decided, and why an enterprise stands
//! as it does.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::enterprise::EnterpriseStatus;

/// Somebody who claims an application has it to themselves this long.
pub const CLAIM: TimeDelta = TimeDelta::minutes(15);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum VerificationPurpose {
    /// To be verified.
    Application,
    /// That a rejection or suspension be looked at again.
    Appeal,
}

/// What is to prove it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum VerificationMethod {
    Licence,
    LetterOfAuthority,
    /// From the enterprise's own account.
    BankTransfer,
    /// Code, name and phone as the bureau's roster has them.
    RosterPhone,
    Other,
}

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum VerificationLevel {
    /// Documents were looked at.
    Basic,
    /// The person's authority, or the enterprise's account, was seen too.
    Substantial,
    /// The authorities themselves say so.
    High,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum VerificationStatus {
    Pending,
    Approved,
    Rejected,
    /// By the enterprise itself.
    Withdrawn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DecisionReason {
    EvidenceMissing,
    EvidenceUnreadable,
    EvidenceMismatch,
    AuthorityUnproven,
    /// Another claim to the code was verified.
    ClaimedByOther,
    NotRegistered,
    FalseInformation,
    Complaints,
    AuthorityOrder,
    ErrorCorrected,
    Other,
}

/// What an enterprise asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct NewVerification {
    pub purpose: VerificationPurpose,
    pub method: VerificationMethod,
    pub statement: Option<String>,
    pub evidence: Vec<Uuid>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Verification {
    pub id: Uuid,
    pub enterprise_id: Uuid,
    pub status: VerificationStatus,
    pub asked: NewVerification,
    pub identity: Identity,
    pub version: i32,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub claim: Option<Claim>,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
    pub reason_code: Option<DecisionReason>,
    pub reason: Option<String>,
}

/// What an enterprise says it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uscc: Option<String>,
    pub legal_name: String,
}

/// Who looks at it, until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub by: Uuid,
    pub until: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DecisionAction {
    Verified,
    Rejected,
    Suspended,
    Restored,
    /// An appeal was turned down.
    Upheld,
    Merged,
    /// By an owner.
    Closed,
}

/// A change of an enterprise's standing: by others than its members, but for closing it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub id: Uuid,
    pub enterprise_id: Uuid,
    pub action: DecisionAction,
    pub from: EnterpriseStatus,
    pub to: EnterpriseStatus,
    pub verification_id: Option<Uuid>,
    pub method: Option<VerificationMethod>,
    pub level: Option<VerificationLevel>,
    pub reason_code: Option<DecisionReason>,
    pub reason: Option<String>,
    /// None: the program, by a rule.
    pub by: Option<Uuid>,
    pub at: DateTime<Utc>,
}

impl VerificationMethod {
    /// What it is good for unless the one who decides says otherwise.
    pub fn level(self) -> VerificationLevel {
        match self {
            Self::Licence | Self::Other => VerificationLevel::Basic,
            Self::LetterOfAuthority | Self::BankTransfer => VerificationLevel::Substantial,
            Self::RosterPhone => VerificationLevel::High,
        }
    }
}

impl VerificationPurpose {
    /// Where the enterprise must stand to ask for it.
    pub fn allowed_in(self) -> &'static [EnterpriseStatus] {
        match self {
            Self::Application => &[EnterpriseStatus::Pending, EnterpriseStatus::Rejected],
            Self::Appeal => &[EnterpriseStatus::Rejected, EnterpriseStatus::Suspended],
        }
    }
}

impl Verification {
    /// Whether somebody else than `account` is looking at it now.
    pub fn is_claimed_by_other(&self, account: Uuid, now: DateTime<Utc>) -> bool {
        self.claim.is_some_and(|claim| claim.by != account && claim.until > now)
    }
}
