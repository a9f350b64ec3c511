//! Mandates: an enterprise lets an association act for it, for some things and as long as it likes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::access::{self, Rule};
use super::violation::Violations;

/// Mandates an enterprise has given that stand.
pub const MOST_MANDATES: i64 = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MandateScope {
    /// Listings.
    Post,
    /// Matches, and what comes of them.
    Trade,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MandateStatus {
    Standing,
    Revoked,
    /// Its time is over. Computed when reading.
    Expired,
}

/// What an owner gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMandate {
    pub association_id: Uuid,
    pub scopes: Vec<MandateScope>,
    pub valid_until: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mandate {
    pub id: Uuid,
    pub enterprise_id: Uuid,
    pub given: NewMandate,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Something that was done under a mandate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MandateAct {
    pub id: Uuid,
    pub mandate_id: Uuid,
    pub account_id: Uuid,
    /// Of the event that tells of it.
    pub event_type: String,
    pub entity: String,
    pub entity_id: Uuid,
    pub at: DateTime<Utc>,
}

impl MandateScope {
    /// What a mandate must be for to cover an operation; none: no mandate covers it.
    pub fn covering(rule: &Rule) -> Option<Self> {
        match rule.scope? {
            access::Scope::ListingsRead | access::Scope::ListingsWrite => Some(Self::Post),
            access::Scope::MatchesRead | access::Scope::MatchesWrite => Some(Self::Trade),
            _ => None,
        }
    }
}

impl NewMandate {
    pub fn check(&self, now: DateTime<Utc>) -> Violations {
        let mut violations = Violations::new();
        if self.scopes.iter().enumerate().any(|(i, scope)| self.scopes[..i].contains(scope)) {
            violations.add("/scopes", "repeated");
        }
        if self.valid_until.is_some_and(|until| until <= now) {
            violations.add("/valid_until", "in_the_past");
        }
        violations
    }
}

impl Mandate {
    pub fn status_at(&self, now: DateTime<Utc>) -> MandateStatus {
        match self.revoked_at {
            Some(_) => MandateStatus::Revoked,
            None if self.given.valid_until.is_some_and(|until| until <= now) => MandateStatus::Expired,
            None => MandateStatus::Standing,
        }
    }
}
