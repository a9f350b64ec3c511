//! People who act for an enterprise, and those who are asked to.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::account::Login;
use super::enterprise::MemberRole;

/// Members of one enterprise.
pub const MOST_MEMBERS: i64 = 500;
/// Invitations of one enterprise that wait for an answer.
pub const MOST_INVITATIONS: i64 = 50;
/// Invitations of one enterprise, and to one address whoever asks, in a day: each is a message to somebody.
pub const DAILY_INVITATIONS: i64 = 100;
pub const DAILY_TO_ADDRESS: i64 = 5;
/// How long an invitation stands.
pub const INVITATION_LIFETIME: TimeDelta = TimeDelta::days(7);

#[derive(Debug, Clone, PartialEq)]
pub struct Membership {
    pub account_id: Uuid,
    pub display_name: String,
    pub role: MemberRole,
    pub since: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum InvitationStatus {
    Pending,
    Accepted,
    Declined,
    Revoked,
    /// Nobody answered in time. Computed when reading.
    Expired,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Invitation {
    pub id: Uuid,
    pub enterprise_id: Uuid,
    pub role: MemberRole,
    pub invited: Login,
    /// As kept: never `Expired`.
    pub kept: InvitationStatus,
    pub invited_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
}

impl Invitation {
    pub fn status_at(&self, now: DateTime<Utc>) -> InvitationStatus {
        let late = self.kept == InvitationStatus::Pending && self.expires_at <= now;
        if late { InvitationStatus::Expired } else { self.kept }
    }
}
