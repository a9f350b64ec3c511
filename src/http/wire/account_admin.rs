//! Accounts on the wire, as administrators see and change them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::account::RoleGrant;
use crate::app::accounts::AccountView;
use crate::domain::account::{AccountStatus, masked};
use crate::domain::platform::{Grant, PlatformRole};
use crate::domain::violation::Violations;

/// An account in a list: addresses and numbers are masked, each account shows them when read by itself.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "email": "w***@example.cn", "display_name": "王芳",
    "status": "active", "second_factor": true, "roles": [{"role": "moderator", "region_code": "410300"}], "version": 1,
    "created_at": "2026-11-23T08:00:00Z"}))]
pub struct AccountSummary {
    id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 32)]
    mobile: Option<String>,
    #[schema(max_length = 100)]
    display_name: String,
    status: AccountStatus,
    second_factor: bool,
    #[schema(max_items = 1000)]
    roles: Vec<RoleGrant>,
    #[schema(minimum = 1)]
    version: i32,
    created_at: DateTime<Utc>,
}

impl From<AccountView> for AccountSummary {
    fn from(view: AccountView) -> Self {
        let AccountView { account, second_factor, grants } = view;
        Self {
            id: account.id,
            email: account.email.as_deref().map(masked),
            mobile: account.mobile.as_deref().map(masked),
            display_name: account.display_name,
            status: account.status,
            second_factor,
            roles: grants.into_iter().map(RoleGrant::from).collect(),
            version: account.version,
            created_at: account.created_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": []}))]
pub struct AccountPage {
    #[schema(max_items = 100)]
    pub items: Vec<AccountSummary>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// Accounts found by an exact address or number: one or none.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": []}))]
pub struct AccountsFound {
    #[schema(max_items = 1)]
    pub items: Vec<AccountSummary>,
}

/// A role of the platform, in a region and below, or (without one) everywhere.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"role": "moderator", "region_code": "410300"}))]
pub struct RoleGrantInput {
    role: PlatformRole,
    #[schema(min_length = 2, max_length = 12, pattern = "^[0-9]{2,12}$")]
    region_code: Option<String>,
}

impl RoleGrantInput {
    pub fn grant(self) -> Grant {
        Grant { role: self.role, region_code: self.region_code }
    }
}

/// Why.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"reason": "多次发布虚假信息"}))]
pub struct AccountStatusInput {
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*$")]
    reason: String,
}

impl AccountStatusInput {
    pub fn parse(self) -> Result<String, Violations> {
        let reason = self.reason.trim().to_owned();
        if reason.is_empty() { Err(Violations::one("/reason", "blank")) } else { Ok(reason) }
    }
}
