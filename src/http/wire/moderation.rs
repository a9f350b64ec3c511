//! Moderation on the wire: what waits, what was decided, appeals, reports, the policy.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::appeal::Appeal;
use super::flag::ListingFlag;
use super::listing::Listing;
use super::report::Report;
use crate::app::Error;
use crate::app::flags::Sight;
use crate::app::moderation::{self as use_cases, Backlog, BulkDecision, DecidedCount};
use crate::domain::listing::ListingStatus;
use crate::domain::message::Language;
use crate::domain::moderation::{
    self as domain, Grounds, HoldReason, ModerationDecision, ModerationReason, ModerationState, ModeratorDecision,
};
use crate::http::core::problem::Problem;

/// What moderation last made of a listing; for members of its enterprise and for moderators. Never by whom.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"state": "changes_requested", "reasons": ["certificate_missing"], "note": "请补充注册证编号。",
    "at": "2026-11-26T08:00:00Z", "listing_version": 3, "policy_version": 0}))]
pub struct ModerationOutcome {
    state: ModerationDecision,
    /// Why it waits, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_because: Option<HoldReason>,
    #[schema(max_items = 14)]
    reasons: Vec<ModerationReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    note: Option<String>,
    at: DateTime<Utc>,
    /// The version that was seen.
    #[schema(minimum = 1)]
    listing_version: i32,
    /// Of the moderation policy by which it waits, or that was in force; 0: the setting alone.
    #[schema(minimum = 0)]
    policy_version: i32,
    /// Against the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    appeal: Option<Appeal>,
}

impl ModerationOutcome {
    /// Nothing where it waited once and was withdrawn since.
    pub fn of(state: ModerationState, status: ListingStatus) -> Option<Self> {
        let ModerationState { newest, appeal } = state;
        if newest.decision == ModerationDecision::Held && status != ListingStatus::PendingReview {
            return None;
        }
        Some(Self {
            state: newest.decision,
            waits_because: newest.held_because,
            reasons: newest.grounds.reasons,
            note: newest.grounds.note,
            at: newest.decided_at,
            listing_version: newest.listing_version,
            policy_version: newest.policy_version,
            appeal: appeal.map(Appeal::from),
        })
    }
}

/// Why, as the poster will read it.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"reasons": ["certificate_missing"], "note": "请补充注册证编号。"}))]
pub struct GroundsInput {
    #[serde(default)]
    #[schema(max_items = 14)]
    reasons: Vec<ModerationReason>,
    /// Required with `other`.
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*\S[^\x00]*$")]
    note: Option<String>,
}

impl From<GroundsInput> for Grounds {
    fn from(GroundsInput { reasons, note }: GroundsInput) -> Self {
        Self { reasons, note }
    }
}

/// A listing that waits for a moderator.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"listing": {"$example": "Listing"}, "waits_because": "unverified_enterprise", "waiting_since": "2026-11-26T08:00:00Z",
    "policy_version": 2, "flags": [{"$example": "ListingFlag"}]}))]
pub struct WaitingListing {
    listing: Listing,
    waits_because: HoldReason,
    waiting_since: DateTime<Utc>,
    /// Of the moderation policy; 0: the setting alone.
    #[schema(minimum = 0)]
    policy_version: i32,
    /// Who looks at it, while that lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<ModerationClaim>,
    #[schema(max_items = 100)]
    flags: Vec<ListingFlag>,
}

/// Until then nobody else decides.
#[derive(Serialize, ToSchema)]
pub struct ModerationClaim {
    by: Uuid,
    until: DateTime<Utc>,
}

fn flags(flags: Vec<crate::domain::flag::ListingFlag>, language: Language) -> Vec<ListingFlag> {
    flags.into_iter().map(|flag| ListingFlag::render(flag, Sight::Moderator, language)).collect()
}

impl WaitingListing {
    pub fn render(waiting: use_cases::Waiting, language: Language) -> Self {
        let use_cases::Waiting { hold, view, flags: noticed } = waiting;
        let claim = hold.claim.filter(|claim| claim.until > Utc::now());
        Self {
            listing: view.into(),
            waits_because: hold.reason,
            waiting_since: hold.since,
            policy_version: hold.policy_version,
            claim: claim.map(|claim| ModerationClaim { by: claim.by, until: claim.until }),
            flags: flags(noticed, language),
        }
    }
}

/// What waits, oldest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "WaitingListing"}]}))]
pub struct WaitingPage {
    #[schema(max_items = 100)]
    pub items: Vec<WaitingListing>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// A decision with all that explains it.
#[derive(Serialize, ToSchema)]
pub struct DecisionRecord {
    id: Uuid,
    decision: ModerationDecision,
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_because: Option<HoldReason>,
    #[schema(max_items = 14)]
    reasons: Vec<ModerationReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    note: Option<String>,
    /// What was seen.
    #[schema(minimum = 1)]
    listing_version: i32,
    /// The listing's terms as they stood.
    terms: serde_json::Value,
    /// Codes of the flags that were open.
    #[schema(max_items = 100, value_type = Vec<crate::domain::flag::ListingFlagCode>)]
    flags: Vec<String>,
    #[schema(minimum = 0)]
    policy_version: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_since: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    appeal_id: Option<Uuid>,
    /// Absent: the policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<Uuid>,
    decided_at: DateTime<Utc>,
}

impl From<domain::DecisionRecord> for DecisionRecord {
    fn from(record: domain::DecisionRecord) -> Self {
        Self {
            id: record.id,
            decision: record.decision,
            waits_because: record.held_because,
            reasons: record.grounds.reasons,
            note: record.grounds.note,
            listing_version: record.listing_version,
            terms: record.terms,
            flags: record.flags,
            policy_version: record.policy_version,
            waiting_since: record.waiting_since,
            appeal_id: record.appeal_id,
            decided_by: record.decided_by,
            decided_at: record.decided_at,
        }
    }
}

/// Everything that explains where a listing stands, newest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"listing": {"$example": "Listing"}, "flags": [], "decisions": [], "appeals": [], "reports": []}))]
pub struct ModerationCase {
    listing: Listing,
    /// Why and since when it waits, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_because: Option<HoldReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_since: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<ModerationClaim>,
    /// Also those that no longer hold.
    #[schema(max_items = 100)]
    flags: Vec<ListingFlag>,
    #[schema(max_items = 100)]
    decisions: Vec<DecisionRecord>,
    #[schema(max_items = 100)]
    appeals: Vec<Appeal>,
    #[schema(max_items = 100)]
    reports: Vec<Report>,
}

impl ModerationCase {
    pub fn render(case: use_cases::Case, language: Language) -> Self {
        let use_cases::Case { view, hold, flags: noticed, decisions, appeals, reports } = case;
        let claim = hold.as_ref().and_then(|hold| hold.claim).filter(|claim| claim.until > Utc::now());
        Self {
            listing: view.into(),
            waits_because: hold.as_ref().map(|hold| hold.reason),
            waiting_since: hold.as_ref().map(|hold| hold.since),
            claim: claim.map(|claim| ModerationClaim { by: claim.by, until: claim.until }),
            flags: flags(noticed, language),
            decisions: decisions.into_iter().map(DecisionRecord::from).collect(),
            appeals: appeals.into_iter().map(Appeal::named).collect(),
            reports: reports.into_iter().map(Report::from).collect(),
        }
    }
}

/// Several decisions at once, each by itself.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"decisions": [{"listing_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "version": 2, "decision": "approved"}]}))]
pub struct BulkDecisionInput {
    #[schema(min_items = 1, max_items = 100)]
    decisions: Vec<OneDecisionInput>,
}

#[derive(Deserialize, ToSchema)]
pub struct OneDecisionInput {
    listing_id: Uuid,
    /// What was seen.
    #[schema(minimum = 1)]
    version: i32,
    decision: ModeratorDecision,
    #[serde(default)]
    #[schema(max_items = 14)]
    reasons: Vec<ModerationReason>,
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*\S[^\x00]*$")]
    note: Option<String>,
}

impl From<BulkDecisionInput> for Vec<BulkDecision> {
    fn from(input: BulkDecisionInput) -> Self {
        let one = |one: OneDecisionInput| BulkDecision {
            listing_id: one.listing_id,
            version: one.version,
            decision: one.decision.into(),
            grounds: Grounds { reasons: one.reasons, note: one.note },
        };
        input.decisions.into_iter().map(one).collect()
    }
}

/// What became of each, in the order given.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"outcomes": [{"listing_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "decided": true, "status": "published", "version": 3}]}))]
pub struct BulkOutcome {
    #[schema(max_items = 100)]
    outcomes: Vec<OneOutcome>,
}

#[derive(Serialize, ToSchema)]
pub struct OneOutcome {
    listing_id: Uuid,
    decided: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<ListingStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    version: Option<i32>,
    /// Of the problem, where it was not decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    detail: Option<String>,
}

impl BulkOutcome {
    pub fn render(outcomes: &[(Uuid, Result<crate::app::listings::ListingView, Error>)], language: Language) -> Self {
        let one = |(listing_id, outcome): &(Uuid, Result<crate::app::listings::ListingView, Error>)| match outcome {
            Ok(view) => OneOutcome {
                listing_id: *listing_id,
                decided: true,
                status: Some(view.listing.status),
                version: Some(view.listing.version),
                code: None,
                detail: None,
            },
            Err(error) => {
                let (code, detail) = Problem::told(error, language);
                OneOutcome {
                    listing_id: *listing_id,
                    decided: false,
                    status: None,
                    version: None,
                    code: Some(code),
                    detail: Some(detail),
                }
            }
        };
        Self { outcomes: outcomes.iter().map(one).collect() }
    }
}

/// How the queue stands, and what was decided.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"as_of": "2026-11-26T08:00:00Z", "waiting": 12, "claimed": 1, "median_age_seconds": 5400, "oldest_age_seconds": 86400,
    "days": [{"date": "2026-11-26", "decisions": {"approved": 8, "rejected": 1}, "mean_wait_seconds": 3600}]}))]
pub struct ModerationStatistics {
    as_of: DateTime<Utc>,
    #[schema(minimum = 0)]
    waiting: i64,
    #[schema(minimum = 0)]
    claimed: i64,
    /// 0 where nothing waits.
    #[schema(minimum = 0)]
    median_age_seconds: i64,
    #[schema(minimum = 0)]
    oldest_age_seconds: i64,
    /// Days in China on which something was decided, newest first.
    #[schema(max_items = 92)]
    days: Vec<DecisionsOfDay>,
    /// For administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 1000)]
    moderators: Option<Vec<DecisionsOfModerator>>,
}

#[derive(Serialize, ToSchema)]
pub struct DecisionsOfDay {
    date: NaiveDate,
    /// How many, by decision.
    decisions: BTreeMap<String, i64>,
    /// From waiting to decision; absent where nothing decided had waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    mean_wait_seconds: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct DecisionsOfModerator {
    account_id: Uuid,
    /// How many, by decision.
    decisions: BTreeMap<String, i64>,
}

impl ModerationStatistics {
    pub fn new(backlog: Backlog, counts: &[DecidedCount], names: bool, as_of: DateTime<Utc>) -> Self {
        let mut days: BTreeMap<NaiveDate, (BTreeMap<String, i64>, f64, i64)> = BTreeMap::new();
        let mut moderators: BTreeMap<Uuid, BTreeMap<String, i64>> = BTreeMap::new();
        for count in counts {
            let (decisions, waited, of) = days.entry(count.date).or_default();
            *decisions.entry(count.decision.clone()).or_default() += count.count;
            (*waited, *of) = (*waited + count.waited, *of + count.waited_count);
            let own = moderators.entry(count.decided_by).or_default();
            *own.entry(count.decision.clone()).or_default() += count.count;
        }
        let day = |(date, (decisions, waited, of)): (NaiveDate, (BTreeMap<String, i64>, f64, i64))| DecisionsOfDay {
            date,
            decisions,
            mean_wait_seconds: (of > 0).then(|| (waited / of as f64) as i64),
        };
        let by = |(account_id, decisions)| DecisionsOfModerator { account_id, decisions };
        Self {
            as_of,
            waiting: backlog.waiting,
            claimed: backlog.claimed,
            median_age_seconds: backlog.median_age.max(0.0) as i64,
            oldest_age_seconds: backlog.oldest_age.max(0.0) as i64,
            days: days.into_iter().rev().map(day).collect(),
            moderators: names.then(|| moderators.into_iter().map(by).collect()),
        }
    }
}
