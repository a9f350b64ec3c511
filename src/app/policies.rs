//! The matching policy: versions an administrator writes, and the one in use.

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::secrets::sha256;
use super::{App, Caller, Error, Knowledge, Transaction, access};
use crate::db::policies::PolicyVersion as Version;
use crate::db::{self, Connection, Database};
use crate::domain::event::{Audience, Author, Detail, NewEvent};
use crate::domain::reference::Reference;
use crate::domain::violation::Violations;
use crate::matching::Policy;

pub use crate::db::policies::PolicyVersion;

/// The entity of the events that tell of a new version.
pub const ENTITY: &str = "matching_policy";

/// A merge patch of the present values, checked against its schema, and why.
#[derive(Debug, Clone)]
pub struct PolicyChange {
    pub reason: String,
    pub values: Value,
}

/// The market is one: an administrator confined to a region does not settle how it is ranked.
async fn require_admin(connection: &mut Connection, caller: &Caller, knowledge: &Knowledge) -> Result<(), Error> {
    access::require_platform(connection, caller, None, &knowledge.reference.regions).await
}

/// Writes the next version: the present one with the patch applied. A null puts the built-in value back.
pub async fn create(
    transaction: &mut Transaction<'_>,
    change: Result<PolicyChange, Violations>,
) -> Result<PolicyVersion, Error> {
    require_admin(transaction.connection, &transaction.caller, &transaction.knowledge).await?;
    transaction.once().await?;
    db::lock(transaction.connection, db::Lock::Policies).await?;
    let present = current(transaction.connection).await?.policy;
    transaction.expect_version(present.version)?;
    let PolicyChange { reason, values } = change?;
    let policy = patched(&present, &values, &transaction.knowledge.reference)?;
    let (author_id, reason) = (Some(transaction.caller.account_id), Some(reason.trim().to_owned()));
    let version = Version { policy, author_id, reason, created_at: transaction.now };
    db::policies::insert(transaction.connection, &version).await?;
    transaction.record(event(&present, &version.policy)).await?;
    Ok(version)
}

fn patched(present: &Policy, patch: &Value, reference: &Reference) -> Result<Policy, Violations> {
    let (mut wanted, mut whole) = (document(present), document(&Policy::default()));
    json_patch::merge(&mut wanted, patch);
    json_patch::merge(&mut whole, &wanted);
    // The schema admits nothing serde refuses.
    let policy: Policy = serde_json::from_value(whole).map_err(|_| Violations::one("/values", "malformed"))?;
    let policy = Policy { version: present.version, ..policy };
    if policy == *present {
        return Err(Violations::one("/values", "nothing_changed"));
    }
    let violations = policy.check(reference).below("/values");
    violations.or_else_value(Policy { version: present.version + 1, ..policy })
}

fn document(policy: &Policy) -> Value {
    serde_json::to_value(policy).unwrap_or_default()
}

/// The newest version; where nothing has been written yet, the built-in one.
async fn current(connection: &mut Connection) -> Result<PolicyVersion, Error> {
    let newest = db::policies::find_newest(connection).await?;
    Ok(newest.unwrap_or_else(|| built_in(1, DateTime::UNIX_EPOCH)))
}

fn built_in(version: i32, created_at: DateTime<Utc>) -> PolicyVersion {
    Version { policy: Policy { version, ..Policy::default() }, author_id: None, reason: None, created_at }
}

/// Writes the built-in values down as a version of their own, unless an administrator's are in force: so a version
/// means the same under every release of the program.
pub async fn seed(database: &Database) -> Result<(), Error> {
    database
        .transaction(async |connection| {
            db::lock(connection, db::Lock::Policies).await?;
            let newest = db::policies::find_newest(connection).await?;
            let version = newest.as_ref().map_or(1, |newest| newest.policy.version + 1);
            let seeded = built_in(version, Utc::now().trunc_subsecs(6));
            let Some(newest) = newest else { return Ok(db::policies::insert(connection, &seeded).await?) };
            let same = Policy { version, ..newest.policy.clone() } == seeded.policy;
            if newest.author_id.is_some() || same {
                return Ok(());
            }
            db::policies::insert(connection, &seeded).await?;
            let event = event(&newest.policy, &seeded.policy);
            db::events::append(connection, event, Author::system("start"), seeded.created_at).await?;
            Ok(())
        })
        .await
}

fn event(before: &Policy, after: &Policy) -> NewEvent {
    let mut fields = super::enterprises::changed_fields(before, after);
    fields.retain(|field| field != "version");
    NewEvent {
        event_type: "matching_policy.created",
        entity: ENTITY,
        entity_id: entity_id(),
        version: after.version,
        audience: Audience::Public,
        changed: json!({ "fields": fields }),
        detail: Detail::changed(before, after),
    }
}

/// There is one policy, and events have UUIDs.
fn entity_id() -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sha256(ENTITY.as_bytes())[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

impl App {
    /// Newest first, older than `before`.
    pub async fn list_policies(
        &self,
        caller: &Caller,
        before: Option<i32>,
        limit: i64,
    ) -> Result<Vec<PolicyVersion>, Error> {
        let mut connection = self.database.get().await?;
        require_admin(&mut connection, caller, &self.knowledge()).await?;
        Ok(db::policies::list(&mut connection, before, limit).await?)
    }

    pub async fn find_policy(&self, caller: &Caller, version: i32) -> Result<PolicyVersion, Error> {
        let mut connection = self.database.get().await?;
        require_admin(&mut connection, caller, &self.knowledge()).await?;
        db::policies::find(&mut connection, version).await?.ok_or(Error::NotFound)
    }

    pub async fn find_current_policy(&self, caller: &Caller) -> Result<PolicyVersion, Error> {
        let mut connection = self.database.get().await?;
        require_admin(&mut connection, caller, &self.knowledge()).await?;
        current(&mut connection).await
    }

    /// Takes the newest version into use. One that this release cannot read is left aside, with an error in the log.
    pub async fn refresh_policy(&self, connection: &mut Connection) -> Result<(), Error> {
        let _one_at_a_time = self.market.renewing.lock().await;
        match current(connection).await {
            Ok(newest) => {
                self.market.use_policy(Arc::new(newest.policy));
                Ok(())
            }
            Err(Error::Fault(detail)) => {
                tracing::error!(detail, "the matching policy cannot be read and is not taken into use");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
