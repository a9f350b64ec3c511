//! The moderation policy: versions an administrator writes over the preset of the setting.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::access::require_platform;
use super::secrets::sha256;
use super::{App, Caller, Error, Transaction};
use crate::db;
pub use crate::db::moderation::PolicyVersion;
use crate::domain::event::{Audience, Detail, NewEvent};
use crate::domain::moderation::{Moderation, ModerationPolicy};
use crate::domain::violation::Violations;

/// The whole policy, and why.
#[derive(Debug, Clone)]
pub struct PolicyChange {
    pub reason: String,
    pub policy: ModerationPolicy,
}

/// Writes the next version; it holds for what is published from now on.
pub async fn create(
    transaction: &mut Transaction<'_>,
    change: Result<PolicyChange, Violations>,
) -> Result<PolicyVersion, Error> {
    let knowledge = std::sync::Arc::clone(&transaction.knowledge);
    require_platform(transaction.connection, &transaction.caller, None, &knowledge.reference.regions).await?;
    transaction.once().await?;
    db::lock(transaction.connection, db::Lock::ModerationPolicies).await?;
    let present = db::moderation::policy(transaction.connection).await?;
    transaction.expect_version(present.version)?;
    let PolicyChange { reason, policy } = change?;
    policy.check(&transaction.knowledge.reference.categories).below("/values").or_else_value(())?;
    let policy = ModerationPolicy { version: present.version + 1, ..policy };
    let fields = super::enterprises::changed_fields(&present, &policy);
    let before = json!({ "version": present.version, "values": present });
    let after = json!({ "version": policy.version, "values": policy, "reason": reason.trim() });
    let detail = Detail::changed(&before, &after);
    let version = PolicyVersion {
        policy,
        author_id: transaction.caller.account_id,
        reason: reason.trim().to_owned(),
        created_at: transaction.now,
    };
    db::moderation::insert_policy(transaction.connection, &version).await?;
    let event = NewEvent {
        event_type: "moderation_policy.created",
        entity: "moderation_policy",
        entity_id: entity_id(),
        version: version.policy.version,
        audience: Audience::Staff,
        changed: json!({ "fields": fields }),
        detail,
    };
    transaction.record(event).await?;
    Ok(version)
}

/// There is one policy, and events have UUIDs.
fn entity_id() -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sha256(b"moderation_policy")[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What holds, with the version that says so where there is one.
#[derive(Debug, Clone)]
pub struct InForce {
    pub policy: ModerationPolicy,
    /// Of the policy, else of the setting.
    pub preset: Moderation,
    pub written: Option<(Uuid, String, DateTime<Utc>)>,
}

impl App {
    /// Newest first, older than `before`.
    pub async fn list_moderation_policies(
        &self,
        caller: &Caller,
        before: Option<i32>,
        limit: i64,
    ) -> Result<Vec<PolicyVersion>, Error> {
        let mut connection = self.database.get().await?;
        require_platform(&mut connection, caller, None, &self.knowledge().reference.regions).await?;
        Ok(db::moderation::list_policies(&mut connection, before, limit).await?)
    }

    pub async fn find_moderation_policy(&self, caller: &Caller) -> Result<InForce, Error> {
        let mut connection = self.database.get().await?;
        require_platform(&mut connection, caller, None, &self.knowledge().reference.regions).await?;
        let newest = db::moderation::list_policies(&mut connection, None, 1).await?.pop();
        let (policy, written) = match newest {
            Some(version) => (version.policy, Some((version.author_id, version.reason, version.created_at))),
            None => (ModerationPolicy::default(), None),
        };
        Ok(InForce { preset: policy.preset.unwrap_or(self.policy.moderation), policy, written })
    }
}
