//! Enterprises: claiming one, changing one's own, reading.

use serde_json::json;
use uuid::Uuid;

use super::{App, Caller, Error, Transaction, access};
use crate::db;
use crate::domain::enterprise::{Enterprise, EnterpriseStatus, MemberRole, Profile};
use crate::domain::event::{Audience, NewEvent};
use crate::domain::violation::Violations;

/// An enterprise with what the reader is to it.
#[derive(Debug, Clone)]
pub struct EnterpriseView {
    pub enterprise: Enterprise,
    pub role: Option<MemberRole>,
}

/// The caller becomes owner of this claim. Several claims to one code may stand side by side until one is verified.
pub async fn create(
    transaction: &mut Transaction<'_>,
    profile: Result<Profile, Violations>,
) -> Result<EnterpriseView, Error> {
    transaction.once().await?;
    let enterprise = Enterprise {
        id: Uuid::now_v7(),
        status: EnterpriseStatus::Pending,
        profile: profile?,
        standing: Default::default(),
        merged_into: None,
        version: 1,
        created_at: transaction.now,
        updated_at: transaction.now,
    };
    let (account_id, now) = (transaction.caller.account_id, transaction.now);
    db::enterprises::insert(transaction.connection, &enterprise).await?;
    db::enterprises::insert_member(transaction.connection, account_id, enterprise.id, MemberRole::Owner, now).await?;
    transaction.record(event("enterprise.created", &enterprise, &[])).await?;
    Ok(EnterpriseView { enterprise, role: Some(MemberRole::Owner) })
}

/// Changes the profile; `change` turns the present one into the wanted one.
pub async fn update(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    change: impl FnOnce(&Profile) -> Result<Profile, Violations>,
) -> Result<EnterpriseView, Error> {
    let mut enterprise = access::lock_as_member(transaction.connection, &transaction.caller, id).await?;
    transaction.once().await?;
    transaction.expect_version(enterprise.version)?;
    let profile = change(&enterprise.profile)?;
    if profile != enterprise.profile {
        let changed = changed_fields(&enterprise.profile, &profile);
        keep_identity(&enterprise, &profile)?;
        enterprise.profile = profile;
        enterprise.version += 1;
        enterprise.updated_at = transaction.now;
        db::enterprises::update(transaction.connection, &enterprise).await?;
        transaction.record(event("enterprise.updated", &enterprise, &changed)).await?;
    }
    Ok(EnterpriseView { enterprise, role: Some(MemberRole::Owner) })
}

/// What was verified is not changed by its members.
fn keep_identity(enterprise: &Enterprise, wanted: &Profile) -> Result<(), Violations> {
    let mut violations = Violations::new();
    if enterprise.status == EnterpriseStatus::Verified {
        if wanted.uscc != enterprise.profile.uscc {
            violations.add("/uscc", "verified_immutable");
        }
        if wanted.legal_name != enterprise.profile.legal_name {
            violations.add("/legal_name", "verified_immutable");
        }
    }
    violations.or_else_value(())
}

impl App {
    pub async fn find_enterprise(&self, caller: &Caller, id: Uuid) -> Result<EnterpriseView, Error> {
        let mut connection = self.database.get().await?;
        let enterprise = db::enterprises::find(&mut connection, id).await?.ok_or(Error::NotFound)?;
        let role = access::role_in(&mut connection, caller, id).await?;
        Ok(EnterpriseView { enterprise, role })
    }

    /// The enterprises the caller acts for, in the order of their ids.
    pub async fn list_own_enterprises(
        &self,
        caller: &Caller,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<EnterpriseView>, Error> {
        let mut connection = self.database.get().await?;
        let rows = db::enterprises::list_of_account(&mut connection, caller.account_id, after, limit).await?;
        Ok(rows.into_iter().map(|(enterprise, role)| EnterpriseView { enterprise, role: Some(role) }).collect())
    }
}

fn event(event_type: &'static str, enterprise: &Enterprise, changed: &[String]) -> NewEvent {
    NewEvent {
        event_type,
        entity: "enterprise",
        entity_id: enterprise.id,
        version: enterprise.version,
        audience: Audience::Enterprises(vec![enterprise.id]),
        changed: json!({ "fields": changed }),
    }
}

/// Names of the top-level fields that differ.
pub fn changed_fields<T: serde::Serialize>(before: &T, after: &T) -> Vec<String> {
    let object = |value: &T| match serde_json::to_value(value) {
        Ok(serde_json::Value::Object(map)) => map,
        _ => serde_json::Map::new(),
    };
    let (before, after) = (object(before), object(after));
    let mut names: Vec<String> =
        before.keys().chain(after.keys()).filter(|name| before.get(*name) != after.get(*name)).cloned().collect();
    names.sort();
    names.dedup();
    names
}
