//! Who may do what: one table, a row for each operation of the API. `http` refuses by it who cannot come in question at
//! all, the use cases ask it about the enterprise or the region concerned; an operation without a row is not served.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::enterprise::MemberRole::{self, Owner, Signatory, Trader, Viewer};
use super::platform::PlatformRole::{self, Admin, Moderator, Officer};

/// What a person lets an app do, and what an app of an enterprise was made for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
pub enum Scope {
    #[serde(rename = "listings:read")]
    #[strum(serialize = "listings:read")]
    ListingsRead,
    #[serde(rename = "listings:write")]
    #[strum(serialize = "listings:write")]
    ListingsWrite,
    #[serde(rename = "matches:read")]
    #[strum(serialize = "matches:read")]
    MatchesRead,
    #[serde(rename = "matches:write")]
    #[strum(serialize = "matches:write")]
    MatchesWrite,
    #[serde(rename = "enterprises:read")]
    #[strum(serialize = "enterprises:read")]
    EnterprisesRead,
    #[serde(rename = "enterprises:write")]
    #[strum(serialize = "enterprises:write")]
    EnterprisesWrite,
    #[serde(rename = "contacts:read")]
    #[strum(serialize = "contacts:read")]
    ContactsRead,
    #[serde(rename = "contacts:write")]
    #[strum(serialize = "contacts:write")]
    ContactsWrite,
    #[serde(rename = "webhooks:read")]
    #[strum(serialize = "webhooks:read")]
    WebhooksRead,
    #[serde(rename = "webhooks:write")]
    #[strum(serialize = "webhooks:write")]
    WebhooksWrite,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Also without credentials.
    Anyone,
    /// Whoever is signed in; what belongs to an account, to that account alone.
    Account,
    /// Those with one of these roles in the enterprise the thing belongs to.
    Members(&'static [MemberRole]),
    /// Those with one of these roles of the platform in the region the thing lies in.
    Platform(&'static [PlatformRole]),
}

/// A row: who may call an operation, and the scope an app needs for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    pub operation: &'static str,
    pub who: Who,
    /// None: no app may, whatever was agreed to.
    pub scope: Option<Scope>,
}

impl Rule {
    pub fn admits_member(&self, role: Option<MemberRole>) -> bool {
        matches!((self.who, role), (Who::Members(roles), Some(role)) if roles.contains(&role))
    }

    /// The code of the problem document for whoever is not among them.
    pub fn refusal(&self) -> &'static str {
        match self.who {
            Who::Members(OWNERS) => "not_owner",
            Who::Members(TRADERS) => "not_trader",
            Who::Members(_) => "not_member",
            Who::Anyone | Who::Account | Who::Platform(_) => "role_required",
        }
    }
}

const OWNERS: &[MemberRole] = &[Owner];
const TRADERS: &[MemberRole] = &[Owner, Trader];
const MEMBERS: &[MemberRole] = &[Owner, Trader, Signatory, Viewer];
const ADMINS: &[PlatformRole] = &[Admin];
const MODERATORS: &[PlatformRole] = &[Admin, Moderator];
const STAFF: &[PlatformRole] = &[Admin, Moderator, Officer];

/// Everybody; an app too, without a scope.
const fn anyone(operation: &'static str) -> Rule {
    Rule { operation, who: Who::Anyone, scope: None }
}

const fn account(operation: &'static str) -> Rule {
    Rule { operation, who: Who::Account, scope: None }
}

const fn members(operation: &'static str, roles: &'static [MemberRole]) -> Rule {
    Rule { operation, who: Who::Members(roles), scope: None }
}

const fn platform(operation: &'static str, roles: &'static [PlatformRole]) -> Rule {
    Rule { operation, who: Who::Platform(roles), scope: None }
}

impl Rule {
    const fn with(self, scope: Scope) -> Rule {
        Rule { scope: Some(scope), ..self }
    }
}

/// In the order of the route table.
pub const TABLE: &[Rule] = &[
    anyone("create_account"),
    account("find_own_account"),
    account("request_own_code"),
    account("verify_contact"),
    account("change_password"),
    anyone("reset_password"),
    account("deactivate_account"),
    platform("list_accounts", ADMINS),
    platform("search_accounts", ADMINS),
    platform("find_account", ADMINS),
    platform("grant_role", ADMINS),
    platform("revoke_role", ADMINS),
    platform("disable_account", ADMINS),
    platform("restore_account", ADMINS),
    platform("reset_second_factor", ADMINS),
    account("create_second_factor"),
    account("confirm_second_factor"),
    account("renew_recovery_codes"),
    account("delete_second_factor"),
    anyone("request_code"),
    anyone("create_session"),
    anyone("complete_session"),
    anyone("refresh_session"),
    account("list_sessions"),
    account("delete_own_session"),
    account("delete_session"),
    account("delete_other_sessions"),
    anyone("list_keys"),
    account("create_enterprise"),
    account("list_own_enterprises").with(Scope::EnterprisesRead),
    account("find_enterprise").with(Scope::EnterprisesRead),
    members("update_enterprise", OWNERS).with(Scope::EnterprisesWrite),
    members("close_enterprise", OWNERS),
    members("list_members", MEMBERS).with(Scope::EnterprisesRead),
    members("change_member_role", OWNERS),
    members("remove_member", OWNERS),
    members("leave_enterprise", MEMBERS),
    members("transfer_ownership", OWNERS),
    members("create_invitation", OWNERS),
    members("list_invitations", OWNERS),
    members("revoke_invitation", OWNERS),
    account("accept_invitation"),
    account("decline_invitation"),
    members("create_file", OWNERS),
    members("list_files", MEMBERS),
    account("download_file"),
    members("delete_file", OWNERS),
    members("create_verification", OWNERS),
    members("list_verifications", MEMBERS),
    members("withdraw_verification", OWNERS),
    members("list_decisions", MEMBERS),
    account("claim_enterprise"),
    platform("list_pending_verifications", STAFF),
    platform("find_verification", STAFF),
    platform("claim_verification", STAFF),
    platform("approve_verification", STAFF),
    platform("reject_verification", STAFF),
    platform("search_enterprises", STAFF),
    platform("list_enterprise_decisions", STAFF),
    platform("suspend_enterprise", MODERATORS),
    platform("restore_enterprise", MODERATORS),
    platform("merge_enterprise", MODERATORS),
    platform("except_uscc", ADMINS),
    members("create_mandate", OWNERS),
    members("list_mandates", MEMBERS).with(Scope::EnterprisesRead),
    members("revoke_mandate", OWNERS),
    members("list_mandate_acts", MEMBERS).with(Scope::EnterprisesRead),
    platform("load_roster", ADMINS),
    anyone("search_listings").with(Scope::ListingsRead),
    members("create_listing", TRADERS).with(Scope::ListingsWrite),
    anyone("find_listing").with(Scope::ListingsRead),
    members("update_listing", TRADERS).with(Scope::ListingsWrite),
    members("create_listings", TRADERS).with(Scope::ListingsWrite),
    members("understand_message", TRADERS).with(Scope::ListingsWrite),
    members("publish_listing", TRADERS).with(Scope::ListingsWrite),
    members("withdraw_listing", TRADERS).with(Scope::ListingsWrite),
    members("renew_listing", TRADERS).with(Scope::ListingsWrite),
    members("close_listing", TRADERS).with(Scope::ListingsWrite),
    platform("confirm_urgency", STAFF),
    members("list_enterprise_listings", MEMBERS).with(Scope::ListingsRead),
    members("find_matches", MEMBERS).with(Scope::MatchesRead),
    members("preview_matches", TRADERS).with(Scope::MatchesRead),
    members("find_bundles", MEMBERS).with(Scope::MatchesRead),
    members("create_bundle", TRADERS).with(Scope::MatchesWrite),
    members("list_bundles", MEMBERS).with(Scope::MatchesRead),
    members("find_bundle", MEMBERS).with(Scope::MatchesRead),
    members("delete_bundle", TRADERS).with(Scope::MatchesWrite),
    account("list_matches").with(Scope::MatchesRead),
    members("find_match", MEMBERS).with(Scope::MatchesRead),
    members("view_match", TRADERS).with(Scope::MatchesWrite),
    members("shortlist_match", TRADERS).with(Scope::MatchesWrite),
    members("dismiss_match", TRADERS).with(Scope::MatchesWrite),
    account("list_notifications").with(Scope::MatchesRead),
    members("read_notification", MEMBERS).with(Scope::MatchesWrite),
    members("find_routes", MEMBERS).with(Scope::MatchesRead),
    anyone("suggest_categories"),
    anyone("list_categories"),
    anyone("list_regions"),
    anyone("list_units"),
    anyone("list_currencies"),
    anyone("list_industries"),
    anyone("list_occupations"),
    anyone("list_standards"),
    platform("list_matching_policies", ADMINS),
    platform("create_matching_policy", ADMINS),
    platform("find_current_matching_policy", ADMINS),
    platform("find_matching_policy", ADMINS),
    anyone("find_matching_policy_in_use"),
    members("create_credential", OWNERS).with(Scope::EnterprisesWrite),
    account("list_credentials").with(Scope::EnterprisesRead),
    platform("accept_credential", MODERATORS),
    platform("reject_credential", MODERATORS),
    members("block_enterprise", OWNERS).with(Scope::EnterprisesWrite),
    members("unblock_enterprise", OWNERS).with(Scope::EnterprisesWrite),
    members("list_blocks", MEMBERS).with(Scope::EnterprisesRead),
    platform("list_pending_credentials", MODERATORS),
    members("declare_partner", OWNERS).with(Scope::EnterprisesWrite),
    members("withdraw_partner", OWNERS).with(Scope::EnterprisesWrite),
    members("list_partners", MEMBERS).with(Scope::EnterprisesRead),
    platform("designate_enterprise", ADMINS),
    platform("list_audit", ADMINS),
    members("list_enterprise_audit", OWNERS),
    members("create_contact_request", TRADERS).with(Scope::ContactsWrite),
    account("list_contact_requests").with(Scope::ContactsRead),
    members("find_contact_request", MEMBERS).with(Scope::ContactsRead),
    members("accept_contact_request", TRADERS).with(Scope::ContactsWrite),
    members("decline_contact_request", TRADERS).with(Scope::ContactsWrite),
    account("find_listing_contacts").with(Scope::ContactsRead),
    members("find_request_contacts", MEMBERS).with(Scope::ContactsRead),
    members("list_contact_releases", MEMBERS),
    anyone("list_consent_purposes"),
    account("create_consent"),
    account("list_consents"),
    account("export_account"),
    account("erase_account"),
    members("create_app", OWNERS),
    account("list_apps"),
    account("find_app"),
    members("update_app", OWNERS),
    members("delete_app", OWNERS),
    account("find_app_usage"),
    platform("create_platform_app", ADMINS),
    platform("list_all_apps", ADMINS),
    platform("regulate_app", ADMINS),
    members("create_app_key", OWNERS),
    account("list_app_keys"),
    members("rotate_app_key", OWNERS),
    members("revoke_app_key", OWNERS),
    members("create_webhook_endpoint", TRADERS).with(Scope::WebhooksWrite),
    account("list_webhook_endpoints").with(Scope::WebhooksRead),
    members("find_webhook_endpoint", MEMBERS).with(Scope::WebhooksRead),
    members("update_webhook_endpoint", TRADERS).with(Scope::WebhooksWrite),
    members("delete_webhook_endpoint", TRADERS).with(Scope::WebhooksWrite),
    members("rotate_webhook_secret", TRADERS).with(Scope::WebhooksWrite),
    members("test_webhook_endpoint", TRADERS).with(Scope::WebhooksWrite),
    members("list_webhook_deliveries", MEMBERS).with(Scope::WebhooksRead),
    members("find_webhook_delivery", MEMBERS).with(Scope::WebhooksRead),
    members("replay_webhook_delivery", TRADERS).with(Scope::WebhooksWrite),
    anyone("create_app_token"),
    anyone("revoke_app_token"),
    account("preview_authorization"),
    account("create_authorization"),
    account("list_authorizations"),
    account("revoke_authorization"),
    anyone("find_oauth_server"),
    platform("list_waiting_listings", MODERATORS),
    platform("find_moderation_statistics", MODERATORS),
    platform("find_moderation_case", MODERATORS),
    platform("claim_listing", MODERATORS),
    platform("unclaim_listing", MODERATORS),
    platform("approve_listing", MODERATORS),
    platform("reject_listing", MODERATORS),
    platform("request_listing_changes", MODERATORS),
    platform("suspend_listing", MODERATORS),
    platform("decide_listings", MODERATORS),
    platform("list_moderation_policies", ADMINS),
    platform("find_moderation_policy", ADMINS),
    platform("create_moderation_policy", ADMINS),
    members("create_appeal", TRADERS).with(Scope::ListingsWrite),
    platform("list_appeals", MODERATORS),
    platform("grant_appeal", MODERATORS),
    platform("deny_appeal", MODERATORS),
    account("create_report"),
    platform("list_reports", MODERATORS),
    platform("resolve_report", MODERATORS),
    platform("find_brief", STAFF),
    platform("list_brief_rows", STAFF),
    anyone("list_listing_flags").with(Scope::ListingsRead),
    members("answer_listing_flag", TRADERS).with(Scope::ListingsWrite),
    anyone("find_kind"),
    anyone("list_codes"),
    anyone("live"),
    anyone("ready"),
    anyone("find_openapi"),
];

pub fn rule(operation: &str) -> Option<&'static Rule> {
    TABLE.iter().find(|rule| rule.operation == operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_has_one_row() {
        let mut names: Vec<&str> = TABLE.iter().map(|rule| rule.operation).collect();
        names.sort_unstable();
        assert_eq!(names.windows(2).find(|pair| pair[0] == pair[1]), None);
    }
}
