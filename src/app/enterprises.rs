//! Enterprises: claiming one, changing one's own, reading.

use serde_json::json;
use uuid::Uuid;

use super::{App, Caller, Error, Transaction, access};
pub use crate::db::enterprises::Filter;
use crate::db::{self, Connection};
use crate::domain::enterprise::{Enterprise, EnterpriseStatus, MemberRole, Profile};
use crate::domain::event::{Audience, Detail, NewEvent};
use crate::domain::verification::Decision;
use crate::domain::violation::Violations;

/// Rows read at a time where only some are in the reader's regions.
const BATCH: i64 = 200;

/// An enterprise with what the reader is to it.
#[derive(Debug, Clone)]
pub struct EnterpriseView {
    pub enterprise: Enterprise,
    pub role: Option<MemberRole>,
    /// How and when it was verified, while it is.
    pub verification: Option<Decision>,
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
    let detail = Detail::created(&enterprise.profile);
    transaction.record(NewEvent { detail, ..event("enterprise.created", &enterprise, &[]) }).await?;
    Ok(EnterpriseView { enterprise, role: Some(MemberRole::Owner), verification: None })
}

/// Changes the profile; `change` turns the present one into the wanted one.
pub async fn update(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    change: impl FnOnce(&Profile) -> Result<Profile, Violations>,
) -> Result<EnterpriseView, Error> {
    let mut enterprise = access::lock_open(transaction.connection, &transaction.caller, id).await?;
    transaction.once().await?;
    transaction.expect_version(enterprise.version)?;
    let profile = change(&enterprise.profile)?;
    if profile != enterprise.profile {
        let changed = changed_fields(&enterprise.profile, &profile);
        let waiting = db::verifications::find_pending(transaction.connection, id).await?.is_some();
        keep_identity(&enterprise, &profile, waiting)?;
        let detail = Detail::changed(&enterprise.profile, &profile);
        enterprise.profile = profile;
        enterprise.version += 1;
        enterprise.updated_at = transaction.now;
        db::enterprises::update(transaction.connection, &enterprise).await?;
        transaction.record(NewEvent { detail, ..event("enterprise.updated", &enterprise, &changed) }).await?;
    }
    view(transaction.connection, enterprise, Some(MemberRole::Owner)).await
}

/// What was verified is not changed by its members, nor what somebody is looking at: who decides must have seen it.
fn keep_identity(enterprise: &Enterprise, wanted: &Profile, waiting: bool) -> Result<(), Violations> {
    let mut violations = Violations::new();
    let code = match (enterprise.status, waiting) {
        (EnterpriseStatus::Verified | EnterpriseStatus::Suspended, _) => Some("verified_immutable"),
        (_, true) => Some("identity_under_verification"),
        (_, false) => None,
    };
    if let Some(code) = code {
        let present = &enterprise.profile;
        let changed = [
            ("/uscc", wanted.uscc != present.uscc),
            ("/legal_name", wanted.legal_name != present.legal_name),
            ("/country", wanted.country != present.country),
        ];
        changed.into_iter().filter(|(_, changed)| *changed).for_each(|(field, _)| violations.add(field, code));
    }
    violations.or_else_value(())
}

impl App {
    /// One that was merged into another is answered with the other.
    pub async fn find_enterprise(&self, caller: &Caller, id: Uuid) -> Result<EnterpriseView, Error> {
        let mut connection = self.database.get().await?;
        let mut enterprise = db::enterprises::find(&mut connection, id).await?.ok_or(Error::NotFound)?;
        if let Some(successor) = enterprise.merged_into {
            enterprise = db::enterprises::find(&mut connection, successor).await?.ok_or(Error::NotFound)?;
        }
        let role = access::role_in(&mut connection, caller, enterprise.id).await?;
        view(&mut connection, enterprise, role).await
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
        let rows = rows.into_iter().map(|(enterprise, role)| (enterprise, Some(role))).collect();
        views(&mut connection, rows).await
    }

    /// Of the regions in which the caller has a role of the platform, in the order of their ids.
    pub async fn search_enterprises(
        &self,
        caller: &Caller,
        filter: Filter,
        mut after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<EnterpriseView>, Error> {
        let mut connection = self.database.get().await?;
        let grants = access::required_grants(&mut connection, caller).await?;
        let (knowledge, wanted) = (self.knowledge(), usize::try_from(limit).unwrap_or(0));
        let regions = &knowledge.reference.regions;
        let mut found = Vec::new();
        while found.len() < wanted {
            let batch = db::enterprises::search(&mut connection, &filter, after, BATCH).await?;
            let Some(last) = batch.last().map(|enterprise| enterprise.id) else { break };
            after = Some(last);
            let there = |region: Option<&str>| match (&filter.region, region) {
                (None, _) => true,
                (Some(area), region) => region.is_some_and(|region| regions.is_within(region, area)),
            };
            found.extend(batch.into_iter().filter(|enterprise| {
                let region = enterprise.profile.region_code.as_deref();
                there(region) && grants.iter().any(|grant| grant.covers(region, regions))
            }));
        }
        found.truncate(wanted);
        views(&mut connection, found.into_iter().map(|enterprise| (enterprise, None)).collect()).await
    }
}

/// With what is kept beside them.
async fn views(
    connection: &mut Connection,
    rows: Vec<(Enterprise, Option<MemberRole>)>,
) -> Result<Vec<EnterpriseView>, Error> {
    let verified = rows.iter().filter(|(enterprise, _)| enterprise.status == EnterpriseStatus::Verified);
    let ids: Vec<Uuid> = verified.map(|(enterprise, _)| enterprise.id).collect();
    let decisions = if ids.is_empty() { vec![] } else { db::verifications::newest_verified(connection, &ids).await? };
    let view = |(enterprise, role): (Enterprise, Option<MemberRole>)| {
        let verification = decisions.iter().find(|decision| decision.enterprise_id == enterprise.id).cloned();
        EnterpriseView { enterprise, role, verification }
    };
    Ok(rows.into_iter().map(view).collect())
}

pub(super) async fn view(
    connection: &mut Connection,
    enterprise: Enterprise,
    role: Option<MemberRole>,
) -> Result<EnterpriseView, Error> {
    views(connection, vec![(enterprise, role)]).await?.pop().ok_or(Error::NotFound)
}

fn event(event_type: &'static str, enterprise: &Enterprise, changed: &[String]) -> NewEvent {
    NewEvent {
        event_type,
        entity: "enterprise",
        entity_id: enterprise.id,
        version: enterprise.version,
        audience: Audience::Enterprises(vec![enterprise.id]),
        changed: json!({ "fields": changed }),
        detail: Detail::default(),
    }
}

/// Of something that belongs to an enterprise: a member, a file, an application. Unlike an event of the enterprise itself it
/// changes nothing about its listings.
pub(super) fn event_of(
    event_type: &'static str,
    (entity, entity_id): (&'static str, Uuid),
    enterprise: &Enterprise,
    changed: serde_json::Value,
) -> NewEvent {
    let audience = Audience::Enterprises(vec![enterprise.id]);
    let (version, detail) = (enterprise.version, Detail::created(&changed));
    NewEvent { event_type, entity, entity_id, version, audience, changed, detail }
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
