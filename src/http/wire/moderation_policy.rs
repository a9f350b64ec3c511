//! The moderation policy on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::credential::CategoryCode;
use crate::app::moderation_policies::{InForce, PolicyChange, PolicyVersion};
use crate::domain::listing::Side;
use crate::domain::moderation::{self, EnterpriseStanding, FlagThresholds, Moderation, ModerationPolicy as Policy};

/// Which listings wait for a moderator, and from where on the program marks something.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"preset": "verified_first", "rules": [{"category": "ppe.mask", "standing": "unverified", "review": true}],
    "flags": {"price_high": 3.0, "price_low": 0.33, "new_enterprise_days": 30, "new_enterprise_value": 1000000, "similarity": 0.85}}))]
pub struct ModerationPolicyValues {
    /// What holds where no rule does. Left out: the setting `DUIJIE_MODERATION`.
    #[serde(skip_serializing_if = "Option::is_none")]
    preset: Option<Moderation>,
    /// The rule of the category nearest to the listing's decides; of several there the first.
    #[serde(default)]
    #[schema(max_items = 500)]
    rules: Vec<ModerationRule>,
    #[serde(default)]
    flags: FlagValues,
}

/// What becomes of the listings of a category.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct ModerationRule {
    /// With all below it.
    #[schema(value_type = CategoryCode)]
    category: String,
    /// Left out: both.
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<Side>,
    /// Left out: whoever posts.
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<EnterpriseStanding>,
    /// Whether they wait.
    review: bool,
}

/// From where on something is marked.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct FlagValues {
    /// A price above this multiple of the reference.
    #[schema(minimum = 1, maximum = 1000)]
    price_high: f64,
    /// A price below this multiple of the reference.
    #[schema(minimum = 0, maximum = 1)]
    price_low: f64,
    /// So long an enterprise is new.
    #[schema(minimum = 0, maximum = 3660)]
    new_enterprise_days: i64,
    /// The worth of an offer of a new, unverified enterprise, in CNY.
    #[schema(minimum = 0, maximum = 1000000000000_i64)]
    new_enterprise_value: i64,
    /// What two texts share to be called alike.
    #[schema(minimum = 0.5, maximum = 1)]
    similarity: f64,
}

impl Default for FlagValues {
    fn default() -> Self {
        FlagThresholds::default().into()
    }
}

impl From<FlagThresholds> for FlagValues {
    fn from(values: FlagThresholds) -> Self {
        let FlagThresholds { price_high, price_low, new_enterprise_days, new_enterprise_value, similarity } = values;
        Self { price_high, price_low, new_enterprise_days, new_enterprise_value, similarity }
    }
}

impl From<FlagValues> for FlagThresholds {
    fn from(values: FlagValues) -> Self {
        let FlagValues { price_high, price_low, new_enterprise_days, new_enterprise_value, similarity } = values;
        Self { price_high, price_low, new_enterprise_days, new_enterprise_value, similarity }
    }
}

impl From<Policy> for ModerationPolicyValues {
    fn from(policy: Policy) -> Self {
        let rule = |rule: moderation::ModerationRule| {
            let moderation::ModerationRule { category, side, standing, review } = rule;
            ModerationRule { category, side, standing, review }
        };
        Self { preset: policy.preset, rules: policy.rules.into_iter().map(rule).collect(), flags: policy.flags.into() }
    }
}

impl From<ModerationPolicyValues> for Policy {
    fn from(values: ModerationPolicyValues) -> Self {
        let rule = |rule: ModerationRule| {
            let ModerationRule { category, side, standing, review } = rule;
            moderation::ModerationRule { category, side, standing, review }
        };
        Self {
            version: 0,
            preset: values.preset,
            rules: values.rules.into_iter().map(rule).collect(),
            flags: values.flags.into(),
        }
    }
}

/// The next version: the whole policy.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"reason": "口罩投诉集中，先审后发。", "values": {"$example": "ModerationPolicyValues"}}))]
pub struct ModerationPolicyInput {
    /// Why; it stays with the version.
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*\S[^\x00]*$")]
    reason: String,
    /// What is left out is at its built-in value.
    values: ModerationPolicyValues,
}

impl From<ModerationPolicyInput> for PolicyChange {
    fn from(ModerationPolicyInput { reason, values }: ModerationPolicyInput) -> Self {
        Self { reason, policy: values.into() }
    }
}

/// A version of the policy.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"version": 1, "reason": "口罩投诉集中，先审后发。", "author_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69",
    "created_at": "2026-11-26T08:00:00Z", "values": {"$example": "ModerationPolicyValues"}}))]
pub struct ModerationPolicy {
    /// 0: nothing was ever written, and the setting alone holds.
    #[schema(minimum = 0)]
    pub version: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<DateTime<Utc>>,
    /// What holds: of the policy, else of the setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    preset_in_force: Option<Moderation>,
    values: ModerationPolicyValues,
}

impl From<PolicyVersion> for ModerationPolicy {
    fn from(version: PolicyVersion) -> Self {
        Self {
            version: version.policy.version,
            reason: Some(version.reason),
            author_id: Some(version.author_id),
            created_at: Some(version.created_at),
            preset_in_force: None,
            values: version.policy.into(),
        }
    }
}

impl From<InForce> for ModerationPolicy {
    fn from(InForce { policy, preset, written }: InForce) -> Self {
        let (author_id, reason, created_at) = match written {
            Some((author, reason, at)) => (Some(author), Some(reason), Some(at)),
            None => (None, None, None),
        };
        let (version, preset_in_force) = (policy.version, Some(preset));
        Self { version, reason, author_id, created_at, preset_in_force, values: policy.into() }
    }
}

/// Versions, newest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "ModerationPolicy"}]}))]
pub struct ModerationPolicyPage {
    #[schema(max_items = 100)]
    pub items: Vec<ModerationPolicy>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}
