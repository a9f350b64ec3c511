//! Whether a listing may appear at once or waits for a moderator, and what moderators decide.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::category::CategoryTree;
use super::enterprise::EnterpriseStatus;
use super::listing::{Kind, ListingStatus, Side, Terms};
use super::violation::Violations;

/// For so long nobody else decides on a listing that a moderator has claimed.
pub const CLAIM: TimeDelta = TimeDelta::minutes(15);

/// `DUIJIE_MODERATION`, or the preset of the policy.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Moderation {
    /// Everything appears at once.
    #[default]
    Open,
    /// Protective goods, finance and labor offered by firms nobody verified wait.
    VerifiedFirst,
    /// Everything waits.
    Review,
}

/// Why a listing waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum HoldReason {
    /// Every listing does.
    EverythingReviewed,
    /// Its kind is delicate and nobody has verified the enterprise.
    UnverifiedEnterprise,
    /// A rule of its category says so.
    CategoryRule,
    /// A moderator asked for changes the last time.
    ChangesWereRequested,
}

/// Whose listings a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EnterpriseStanding {
    Verified,
    Unverified,
}

/// What becomes of listings of a category, other than the preset says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModerationRule {
    /// With all below it; the category of a kind's name is for what has none.
    pub category: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<EnterpriseStanding>,
    /// Whether they wait.
    pub review: bool,
}

/// From where on the program marks something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FlagThresholds {
    /// Multiples of the reference price.
    pub price_high: f64,
    pub price_low: f64,
    /// An enterprise is new for so long.
    pub new_enterprise_days: i64,
    /// What a new one offers at most without a mark, in CNY.
    pub new_enterprise_value: i64,
    /// Share of what two texts have in common.
    pub similarity: f64,
}

impl Default for FlagThresholds {
    fn default() -> Self {
        Self {
            price_high: 3.0,
            price_low: 0.33,
            new_enterprise_days: 30,
            new_enterprise_value: 1_000_000,
            similarity: 0.85,
        }
    }
}

/// What an administrator writes over the setting, in versions; 0 is the setting alone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ModerationPolicy {
    #[serde(skip)]
    pub version: i32,
    /// Absent: the setting's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<Moderation>,
    pub rules: Vec<ModerationRule>,
    pub flags: FlagThresholds,
}

impl Moderation {
    fn holds(self, side: Side, kind: Kind, standing: EnterpriseStanding) -> Option<HoldReason> {
        let delicate = side == Side::Offer && matches!(kind, Kind::Ppe | Kind::Finance | Kind::Labor);
        match self {
            Moderation::Review => Some(HoldReason::EverythingReviewed),
            Moderation::VerifiedFirst if delicate && standing == EnterpriseStanding::Unverified => {
                Some(HoldReason::UnverifiedEnterprise)
            }
            Moderation::VerifiedFirst | Moderation::Open => None,
        }
    }
}

impl ModerationPolicy {
    /// Why the listing waits; `None`: it appears at once. `preset` is the setting's.
    pub fn holds(
        &self,
        preset: Moderation,
        terms: &Terms,
        enterprise: EnterpriseStatus,
        categories: &CategoryTree,
    ) -> Option<HoldReason> {
        let standing = match enterprise {
            EnterpriseStatus::Verified => EnterpriseStanding::Verified,
            _ => EnterpriseStanding::Unverified,
        };
        match self.rule(terms, standing, categories) {
            Some(rule) => rule.review.then_some(HoldReason::CategoryRule),
            None => self.preset.unwrap_or(preset).holds(terms.side, terms.kind(), standing),
        }
    }

    /// The rule of the category nearest to the listing's; of several there the first.
    fn rule(&self, terms: &Terms, standing: EnterpriseStanding, categories: &CategoryTree) -> Option<&ModerationRule> {
        let category = terms.category.as_deref().unwrap_or(terms.kind().into());
        let fits = |rule: &&ModerationRule| {
            rule.side.is_none_or(|side| side == terms.side) && rule.standing.is_none_or(|wanted| wanted == standing)
        };
        let mut above = categories.ancestry(category);
        above.find_map(|above| self.rules.iter().filter(fits).find(|rule| rule.category == above.code))
    }

    /// What the schema cannot say.
    pub fn check(&self, categories: &CategoryTree) -> Violations {
        let mut violations = Violations::new();
        for (i, rule) in self.rules.iter().enumerate() {
            if categories.get(&rule.category).is_none() {
                violations.add(format!("/rules/{i}/category"), "category_unknown");
            }
            let same = |other: &ModerationRule| {
                (&other.category, other.side, other.standing) == (&rule.category, rule.side, rule.standing)
            };
            if self.rules[..i].iter().any(same) {
                violations.add(format!("/rules/{i}"), "repeated");
            }
        }
        violations
    }
}

/// What became of a listing in moderation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ModerationDecision {
    /// By the policy: it waits.
    Held,
    Approved,
    Rejected,
    /// It is a draft again; published anew, it waits.
    ChangesRequested,
    /// Taken off the market.
    Suspended,
    /// An appeal was granted.
    Restored,
}

/// What a moderator may make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ModeratorDecision {
    Approved,
    Rejected,
    ChangesRequested,
    Suspended,
}

impl From<ModeratorDecision> for ModerationDecision {
    fn from(decision: ModeratorDecision) -> Self {
        match decision {
            ModeratorDecision::Approved => Self::Approved,
            ModeratorDecision::Rejected => Self::Rejected,
            ModeratorDecision::ChangesRequested => Self::ChangesRequested,
            ModeratorDecision::Suspended => Self::Suspended,
        }
    }
}

impl ModerationDecision {
    /// The states it is possible in.
    pub fn allowed_in(self) -> &'static [ListingStatus] {
        use ListingStatus::{Draft, Expired, PendingReview, Published, Rejected, Suspended};
        match self {
            ModerationDecision::Held => &[Draft, Published, PendingReview],
            ModerationDecision::Approved | ModerationDecision::Rejected | ModerationDecision::ChangesRequested => {
                &[PendingReview]
            }
            ModerationDecision::Suspended => &[Published, Expired],
            ModerationDecision::Restored => &[Rejected, Suspended],
        }
    }

    /// The state it leads to.
    pub fn status(self) -> ListingStatus {
        match self {
            ModerationDecision::Held => ListingStatus::PendingReview,
            ModerationDecision::Approved | ModerationDecision::Restored => ListingStatus::Published,
            ModerationDecision::Rejected => ListingStatus::Rejected,
            ModerationDecision::ChangesRequested => ListingStatus::Draft,
            ModerationDecision::Suspended => ListingStatus::Suspended,
        }
    }

    /// Whether the poster is owed reasons.
    pub fn needs_reasons(self) -> bool {
        matches!(
            self,
            ModerationDecision::Rejected | ModerationDecision::ChangesRequested | ModerationDecision::Suspended
        )
    }

    pub fn may_be_appealed(self) -> bool {
        matches!(self, ModerationDecision::Rejected | ModerationDecision::Suspended)
    }
}

/// Why, as the poster reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ModerationReason {
    Incomplete,
    Misleading,
    WrongCategory,
    PriceUnexplained,
    QuantityDoubtful,
    CertificateMissing,
    CertificateDoubtful,
    ContactInText,
    ForbiddenGoods,
    Duplicate,
    FraudSuspected,
    NotATrade,
    Offensive,
    /// The note says which.
    Other,
}

/// Reasons with a note, as a moderator gives them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Grounds {
    pub reasons: Vec<ModerationReason>,
    pub note: Option<String>,
}

impl Grounds {
    pub fn check(&self, decision: ModerationDecision) -> Violations {
        let mut violations = Violations::new();
        if decision.needs_reasons() && self.reasons.is_empty() {
            violations.add("/reasons", "reason_required");
        }
        if self.reasons.contains(&ModerationReason::Other) && self.note.is_none() {
            violations.add("/note", "note_required");
        }
        for (i, reason) in self.reasons.iter().enumerate() {
            if self.reasons[..i].contains(reason) {
                violations.add(format!("/reasons/{i}"), "repeated");
            }
        }
        violations
    }
}

/// A listing that waits.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    pub listing_id: Uuid,
    pub region_code: Option<String>,
    pub reason: HoldReason,
    pub policy_version: i32,
    pub since: DateTime<Utc>,
    pub claim: Option<Claim>,
}

/// Who looks at it, until when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Claim {
    pub by: Uuid,
    pub until: DateTime<Utc>,
}

impl Hold {
    /// Somebody else's claim that still stands.
    pub fn claimed_by_another(&self, account: Uuid, now: DateTime<Utc>) -> Option<Claim> {
        self.claim.filter(|claim| claim.by != account && claim.until > now)
    }
}

/// A decision with all that explains it.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionRecord {
    pub id: Uuid,
    pub listing_id: Uuid,
    pub enterprise_id: Uuid,
    pub region_code: Option<String>,
    pub decision: ModerationDecision,
    /// Of a moderator.
    pub grounds: Grounds,
    /// Of the policy.
    pub held_because: Option<HoldReason>,
    /// What was seen.
    pub listing_version: i32,
    pub terms: serde_json::Value,
    /// Codes of the flags that were open.
    pub flags: Vec<String>,
    pub policy_version: i32,
    pub waiting_since: Option<DateTime<Utc>>,
    pub appeal_id: Option<Uuid>,
    pub decided_by: Option<Uuid>,
    pub decided_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AppealStatus {
    Open,
    /// The listing is on the market again.
    Granted,
    Denied,
}

/// The poster asks for a second look.
#[derive(Debug, Clone, PartialEq)]
pub struct Appeal {
    pub id: Uuid,
    pub decision_id: Uuid,
    pub listing_id: Uuid,
    pub enterprise_id: Uuid,
    pub region_code: Option<String>,
    pub text: String,
    pub status: AppealStatus,
    pub note: Option<String>,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
}

/// What moderation last made of a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct ModerationState {
    pub newest: DecisionRecord,
    /// Against it.
    pub appeal: Option<Appeal>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::shipped;

    fn terms(side: &str, kind: &str, category: Option<&str>) -> Terms {
        let document = json!({"side": side, "kind": kind, "attributes": {}, "title": "x", "category": category,
            "valid_until": "2027-01-01T00:00:00Z"});
        serde_json::from_value(document).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn the_nearest_category_decides_then_the_preset() {
        let categories = &shipped::shared().categories;
        let rule = |category: &str, standing, review| ModerationRule {
            category: category.to_owned(),
            side: None,
            standing,
            review,
        };
        let rules = vec![
            rule("ppe", None, true),
            rule("ppe.mask", Some(EnterpriseStanding::Verified), false),
            rule("labor", None, false),
        ];
        let policy = ModerationPolicy { rules, ..ModerationPolicy::default() };
        let decide = |preset, terms: &Terms, status| policy.holds(preset, terms, status, categories);
        let (verified, pending) = (EnterpriseStatus::Verified, EnterpriseStatus::Pending);
        let mask = terms("offer", "ppe", Some("ppe.mask.surgical"));
        assert_eq!(decide(Moderation::Open, &mask, verified), None);
        assert_eq!(decide(Moderation::Open, &mask, pending), Some(HoldReason::CategoryRule));
        assert_eq!(decide(Moderation::Open, &terms("need", "ppe", None), verified), Some(HoldReason::CategoryRule));
        assert_eq!(decide(Moderation::Review, &terms("offer", "labor", None), pending), None);
        let loan = terms("offer", "finance", Some("finance.loan"));
        assert_eq!(decide(Moderation::VerifiedFirst, &loan, pending), Some(HoldReason::UnverifiedEnterprise));
        assert_eq!(decide(Moderation::VerifiedFirst, &loan, verified), None);
        assert_eq!(decide(Moderation::VerifiedFirst, &terms("need", "finance", None), pending), None);
        assert_eq!(decide(Moderation::Review, &loan, verified), Some(HoldReason::EverythingReviewed));
        assert_eq!(decide(Moderation::Open, &loan, pending), None);
    }

    #[test]
    fn grounds_are_owed_where_something_is_refused() {
        let grounds = |reasons: &[ModerationReason], note: Option<&str>| Grounds {
            reasons: reasons.to_vec(),
            note: note.map(str::to_owned),
        };
        let check = |grounds: Grounds, decision| grounds.check(decision).iter().count();
        use ModerationReason::{Duplicate, Other};
        assert_eq!(check(grounds(&[], None), ModerationDecision::Approved), 0);
        assert_eq!(check(grounds(&[], None), ModerationDecision::Rejected), 1);
        assert_eq!(check(grounds(&[Duplicate], None), ModerationDecision::Suspended), 0);
        assert_eq!(check(grounds(&[Other], None), ModerationDecision::ChangesRequested), 1);
        assert_eq!(check(grounds(&[Other, Other], Some("x")), ModerationDecision::Rejected), 1);
    }
}
