//! Members and invitations on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::enterprise::Enterprise;
use crate::app::invitations::Joined;
use crate::domain::account::Login;
use crate::domain::enterprise::MemberRole;
use crate::domain::member::{self, InvitationStatus, Membership};

/// Somebody who acts for the enterprise.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"account_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "display_name": "王芳", "role": "trader",
    "since": "2026-11-26T08:00:00Z"}))]
pub struct Member {
    account_id: Uuid,
    #[schema(max_length = 100)]
    display_name: String,
    role: MemberRole,
    since: DateTime<Utc>,
}

impl From<Membership> for Member {
    fn from(Membership { account_id, display_name, role, since }: Membership) -> Self {
        Self { account_id, display_name, role, since }
    }
}

/// A page of members.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Member"}]}))]
pub struct MemberPage {
    #[schema(max_items = 100)]
    pub items: Vec<Member>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// What a member may do from now on.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"role": "trader"}))]
pub struct RoleInput {
    pub role: MemberRole,
}

/// Who becomes owner, and what the present one becomes.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"account_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "own_role": "trader"}))]
pub struct TransferInput {
    /// Of a member.
    pub account_id: Uuid,
    /// The caller's own role afterwards; `trader` when left out.
    pub own_role: Option<MemberRole>,
}

/// Whom to ask, by exactly one of `email` and `mobile`.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"email": "wang.fang@example.cn", "role": "trader"}))]
pub struct InvitationInput {
    #[schema(min_length = 3, max_length = 254, pattern = r"^[^\x00\r\n]*$")]
    pub email: Option<String>,
    #[schema(min_length = 5, max_length = 32, pattern = r"^[^\x00\r\n]*$")]
    pub mobile: Option<String>,
    pub role: MemberRole,
}

/// A person asked to act for the enterprise.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6a",
    "status": "pending", "email": "wang.fang@example.cn", "role": "trader", "invited_by": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6b",
    "created_at": "2026-11-26T08:00:00Z", "expires_at": "2026-12-03T08:00:00Z"}))]
pub struct Invitation {
    pub id: Uuid,
    enterprise_id: Uuid,
    status: InvitationStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 254)]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 32)]
    mobile: Option<String>,
    role: MemberRole,
    invited_by: Uuid,
    created_at: DateTime<Utc>,
    /// Seven days after it was made.
    expires_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<DateTime<Utc>>,
}

impl Invitation {
    pub fn at(invitation: member::Invitation, now: DateTime<Utc>) -> Self {
        let status = invitation.status_at(now);
        let member::Invitation { id, enterprise_id, role, invited, invited_by, created_at, expires_at, .. } =
            invitation;
        let (email, mobile) = match invited {
            Login::Email(email) => (Some(email), None),
            Login::Mobile(mobile) => (None, Some(mobile)),
        };
        let decided_at = invitation.decided_at;
        Self { id, enterprise_id, status, email, mobile, role, invited_by, created_at, expires_at, decided_at }
    }
}

/// A page of invitations.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Invitation"}]}))]
pub struct InvitationPage {
    #[schema(max_items = 100)]
    pub items: Vec<Invitation>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// The token of an invitation.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}))]
pub struct InvitationAnswer {
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    pub token: String,
}

/// The enterprise the caller acts for from now on.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"enterprise": {"$example": "Enterprise"}, "member": {"$example": "Member"}}))]
pub struct Joining {
    enterprise: Enterprise,
    member: Member,
}

impl From<&Joined> for Joining {
    fn from(joined: &Joined) -> Self {
        Self { enterprise: joined.enterprise.clone().into(), member: joined.member.clone().into() }
    }
}
