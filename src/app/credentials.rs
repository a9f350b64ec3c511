//! Credentials of enterprises: stated by their owners, accepted or rejected by moderators; and whom an enterprise blocks.

use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::enterprises::event_of;
use super::files::check_attached;
use super::notifications::tell;
use super::posting::today_at;
use super::{App, Caller, Error, Transaction, access};
use crate::db::{self, Connection};
use crate::domain::credential::{Credential, CredentialStatus, NewCredential};
use crate::domain::enterprise::Enterprise;
use crate::domain::event::{Audience, Author, Detail, NewEvent};
use crate::domain::notification::{CredentialParams, NotificationKind, NotificationParams};
use crate::domain::platform::PlatformRole;
use crate::domain::violation::Violations;

/// Of one enterprise, whatever became of them; enterprises one blocks, and partners it declares.
pub(super) const MOST: usize = 100;

/// Credentials read at a time.
const BATCH: i64 = 200;

/// A credential with the day its validity is judged by.
#[derive(Debug, Clone)]
pub struct CredentialView {
    pub credential: Credential,
    pub today: NaiveDate,
    /// Whether the reader may know what it is proved by.
    pub full: bool,
    /// Whether they may know who decided it.
    pub names: bool,
}

/// An owner states one; it counts once it is accepted.
pub async fn create(
    transaction: &mut Transaction<'_>,
    enterprise_id: Uuid,
    stated: Result<NewCredential, Violations>,
) -> Result<CredentialView, Error> {
    let enterprise = access::lock_open(transaction.connection, &transaction.caller, enterprise_id).await?;
    transaction.once().await?;
    let (stated, today) = (stated?, today_at(&enterprise, transaction.now));
    let mut violations = stated.check(&transaction.knowledge.reference, today);
    violations.extend(check_attached(transaction.connection, enterprise_id, &stated.evidence).await?);
    violations.or_else_value(())?;
    if db::credentials::list(transaction.connection, enterprise_id).await?.len() >= MOST {
        return Err(Error::conflict("too_many_credentials", [("maximum", MOST.to_string())]));
    }
    let credential = Credential {
        id: Uuid::now_v7(),
        enterprise_id,
        decided: CredentialStatus::Pending,
        stated,
        created_at: transaction.now,
        decided_at: None,
        decided_by: None,
        reason: None,
    };
    db::credentials::insert(transaction.connection, &credential).await?;
    let detail = Detail::created(&credential.stated);
    record(transaction, "enterprise.credential_stated", &enterprise, &credential, detail).await?;
    Ok(CredentialView { credential, today, full: true, names: false })
}

/// A moderator or administrator of the enterprise's region accepts or, with a reason, rejects one. What was accepted may be
/// rejected later; nothing else is decided twice.
pub async fn decide(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    status: CredentialStatus,
    reason: Result<Option<String>, Violations>,
) -> Result<CredentialView, Error> {
    let known = db::credentials::find(transaction.connection, id).await?;
    let place = match &known {
        Some(known) => db::enterprises::lock(transaction.connection, known.enterprise_id).await?,
        None => None,
    };
    let region = place.as_ref().and_then(|enterprise| enterprise.profile.region_code.as_deref());
    let knowledge = std::sync::Arc::clone(&transaction.knowledge);
    let regions = &knowledge.reference.regions;
    access::require_platform(transaction.connection, &transaction.caller, region, regions).await?;
    let enterprise = place.ok_or(Error::NotFound)?;
    transaction.once().await?;
    // Read again, now that the enterprise is locked.
    let present = db::credentials::find(transaction.connection, id).await?.ok_or(Error::NotFound)?;
    let allowed = match status {
        CredentialStatus::Rejected => vec![CredentialStatus::Pending, CredentialStatus::Accepted],
        _ => vec![CredentialStatus::Pending],
    };
    if !allowed.contains(&present.decided) {
        let names: Vec<&str> = allowed.into_iter().map(<&str>::from).collect();
        let status = <&str>::from(present.decided).to_owned();
        return Err(Error::conflict("credential_state_conflict", [("status", status), ("allowed", names.join(", "))]));
    }
    let (reason, now, by) = (reason?, transaction.now, transaction.caller.account_id);
    db::credentials::decide(transaction.connection, id, status, reason.as_deref(), by, now).await?;
    db::credentials::summarise(transaction.connection, enterprise.id).await?;
    let decision = |credential: &Credential| json!({ "status": credential.decided, "reason": credential.reason });
    let before = decision(&present);
    let credential = Credential { decided: status, decided_at: Some(now), decided_by: Some(by), reason, ..present };
    let detail = Detail::changed(&before, &decision(&credential));
    let event = if status == CredentialStatus::Accepted {
        "enterprise.credential_accepted"
    } else {
        "enterprise.credential_rejected"
    };
    record(transaction, event, &enterprise, &credential, detail).await?;
    Ok(CredentialView { credential, today: today_at(&enterprise, now), full: true, names: true })
}

/// From now on neither sees the other among its matches. Blocking twice is harmless.
pub async fn block(transaction: &mut Transaction<'_>, id: Uuid, other: Uuid, blocks: bool) -> Result<(), Error> {
    let enterprise = access::lock_as_member(transaction.connection, &transaction.caller, id).await?;
    transaction.once().await?;
    let now = transaction.now;
    let changed = if blocks {
        if id == other {
            return Err(Error::conflict("counterpart_is_self", []));
        }
        db::enterprises::find(transaction.connection, other).await?.ok_or(Error::NotFound)?;
        if enterprise.standing.blocked.len() >= MOST && !enterprise.standing.blocked.contains(&other) {
            return Err(Error::conflict("too_many_blocks", [("maximum", MOST.to_string())]));
        }
        db::credentials::block(transaction.connection, id, other, now).await?
    } else {
        db::credentials::unblock(transaction.connection, id, other).await?
    };
    if changed {
        db::credentials::summarise(transaction.connection, id).await?;
        let event_type = if blocks { "enterprise.blocked" } else { "enterprise.unblocked" };
        let named = json!({ "blocked_id": other });
        let detail = if blocks { Detail::created(&named) } else { Detail::deleted(&named) };
        // Whom it blocks is the enterprise's own business.
        transaction.record(NewEvent { detail, ..event(event_type, &enterprise, json!({})) }).await?;
    }
    Ok(())
}

async fn note_expiry(connection: &mut Connection, credential: &Credential, now: DateTime<Utc>) -> Result<(), Error> {
    let (id, scheme) = (credential.id, credential.stated.scheme.clone());
    db::credentials::note_expiry(connection, id, now).await?;
    let Some(enterprise) = db::enterprises::find(connection, credential.enterprise_id).await? else { return Ok(()) };
    let changed = json!({ "enterprise_id": enterprise.id, "scheme": scheme });
    let detail = Detail::changed(
        &json!({ "status": CredentialStatus::Accepted, "valid_to": credential.stated.valid_to }),
        &json!({ "status": CredentialStatus::Expired, "valid_to": credential.stated.valid_to }),
    );
    let ended = event_of("credential.expired", ("credential", id), &enterprise, changed);
    let ended = NewEvent { detail, ..ended };
    db::events::append(connection, ended, Author::system("job:expiry"), now).await?;
    let params = NotificationParams::Credential(CredentialParams { credential_id: id, scheme });
    tell(connection, &[enterprise.id], NotificationKind::CredentialExpired, &params, now).await
}

async fn record(
    transaction: &mut Transaction<'_>,
    event_type: &'static str,
    enterprise: &Enterprise,
    credential: &Credential,
    detail: Detail,
) -> Result<(), Error> {
    let changed = json!({ "credential_id": credential.id, "scheme": credential.stated.scheme });
    transaction.record(NewEvent { detail, ..event(event_type, enterprise, changed) }).await
}

pub(super) fn event(event_type: &'static str, enterprise: &Enterprise, changed: serde_json::Value) -> NewEvent {
    NewEvent {
        event_type,
        entity: "enterprise",
        entity_id: enterprise.id,
        version: enterprise.version,
        audience: Audience::Enterprises(vec![enterprise.id]),
        changed,
        detail: Detail::default(),
    }
}

impl App {
    /// What waits for a decision of the caller: of enterprises in the regions they moderate, oldest first.
    pub async fn list_pending_credentials(
        &self,
        caller: &Caller,
        mut after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<CredentialView>, Error> {
        let mut connection = self.database.get().await?;
        let grants = access::required_grants(&mut connection, caller).await?;
        let (knowledge, now, wanted) = (self.knowledge(), Utc::now(), usize::try_from(limit).unwrap_or(0));
        let mut found = Vec::new();
        while found.len() < wanted {
            let batch = db::credentials::list_pending(&mut connection, after, BATCH).await?;
            let Some(last) = batch.last().map(|credential| credential.id) else { break };
            after = Some(last);
            let owners: Vec<Uuid> = batch.iter().map(|credential| credential.enterprise_id).collect();
            let owners = db::enterprises::find_many(&mut connection, &owners).await?;
            found.extend(batch.into_iter().filter_map(|credential| {
                let owner = owners.iter().find(|owner| owner.id == credential.enterprise_id)?;
                let region = owner.profile.region_code.as_deref();
                let own = grants.iter().any(|grant| grant.covers(region, &knowledge.reference.regions));
                own.then(|| CredentialView { today: today_at(owner, now), credential, full: true, names: true })
            }));
        }
        found.truncate(wanted);
        Ok(found)
    }

    /// All of them for members and those who decide; the accepted ones in date for everybody who is signed in.
    pub async fn list_credentials(&self, caller: &Caller, enterprise_id: Uuid) -> Result<Vec<CredentialView>, Error> {
        let mut connection = self.database.get().await?;
        let enterprise = db::enterprises::find(&mut connection, enterprise_id).await?.ok_or(Error::NotFound)?;
        let member = access::role_in(&mut connection, caller, enterprise_id).await?.is_some();
        let roles = [PlatformRole::Admin, PlatformRole::Moderator];
        let (region, knowledge) = (enterprise.profile.region_code.as_deref(), self.knowledge());
        let regions = &knowledge.reference.regions;
        let names = access::has_role(&mut connection, caller, &roles, region, regions).await?;
        let all = member || names;
        let today = today_at(&enterprise, Utc::now());
        let credentials = db::credentials::list(&mut connection, enterprise_id).await?.into_iter();
        let shown = credentials.filter(|one| all || one.status_at(today) == CredentialStatus::Accepted);
        Ok(shown.map(|credential| CredentialView { credential, today, full: all, names }).collect())
    }

    /// Notes the ends of credentials that have come and tells their enterprises; whether one is over is computed when
    /// reading. Returns how many.
    pub async fn note_expired_credentials(&self) -> Result<usize, Error> {
        let now = Utc::now().trunc_subsecs(6);
        let noted = self
            .database
            .transaction(async |connection| {
                // Over everywhere, whatever the enterprise's time zone is.
                let day = (now - TimeDelta::hours(12)).date_naive();
                let ended = db::credentials::lock_ended(connection, day, BATCH).await?;
                for credential in &ended {
                    note_expiry(connection, credential, now).await?;
                }
                Ok::<_, Error>(ended.len())
            })
            .await?;
        if noted > 0 {
            self.sequencer.notify_one();
        }
        Ok(noted)
    }

    /// For members of the enterprise.
    pub async fn list_blocks(&self, caller: &Caller, enterprise_id: Uuid) -> Result<Vec<Uuid>, Error> {
        let mut connection = self.database.get().await?;
        let enterprise = access::require_member(&mut connection, caller, enterprise_id).await?;
        Ok(enterprise.standing.blocked)
    }
}
