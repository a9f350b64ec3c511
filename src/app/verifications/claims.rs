//! Whose an organisation is: claiming one an import named, merging one into the enterprise it turned out to be, and codes
//! that fail their check characters and are real all the same.

use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::decide::decision;
use super::{require_status, save};
use crate::app::enterprises::{EnterpriseView, event_of};
use crate::app::{App, Error, Transaction, access};
use crate::db;
use crate::domain::enterprise::{Enterprise, EnterpriseStatus, MemberRole, Profile};
use crate::domain::event::{Audience, Detail, NewEvent};
use crate::domain::uscc::{Uscc, UsccError};
use crate::domain::verification::{Decision, DecisionAction, VerificationStatus};
use crate::domain::violation::Violations;

/// Enterprises that nobody has verified and one account owns, up to which it may claim another.
const MOST_CLAIMS: i64 = 20;

/// The caller becomes owner of an organisation that an import named; `change` turns what is known of it into what the
/// caller says of it.
pub async fn claim(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    change: impl FnOnce(&Profile) -> Result<Profile, Violations>,
) -> Result<EnterpriseView, Error> {
    let mut enterprise = db::enterprises::lock(transaction.connection, id).await?.ok_or(Error::NotFound)?;
    transaction.once().await?;
    require_status(&enterprise, &[EnterpriseStatus::Unclaimed])?;
    let (account_id, now) = (transaction.caller.account_id, transaction.now);
    if db::enterprises::count_unverified_owned(transaction.connection, account_id).await? >= MOST_CLAIMS {
        return Err(Error::conflict("too_many_claims", [("maximum", MOST_CLAIMS.to_string())]));
    }
    // Whom an import named as contacts is not told to whoever claims the organisation.
    enterprise.profile.contacts.clear();
    enterprise.profile = change(&enterprise.profile)?;
    enterprise.status = EnterpriseStatus::Pending;
    save(transaction, &mut enterprise, "enterprise.claimed").await?;
    db::enterprises::insert_member(transaction.connection, account_id, id, MemberRole::Owner, now).await?;
    let changed = json!({ "enterprise_id": id, "to": <&str>::from(MemberRole::Owner) });
    transaction.record(event_of("member.joined", ("member", account_id), &enterprise, changed)).await?;
    Ok(EnterpriseView { enterprise, role: Some(MemberRole::Owner), verification: None })
}

/// One nobody claimed, or whose claim was turned down, is part of a verified one: its listings move there, with what hangs
/// on them, and whoever asks for it is answered with the other.
pub async fn merge(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    wanted: Result<(Uuid, String), Violations>,
) -> Result<Enterprise, Error> {
    let other = wanted.as_ref().ok().map(|(into, _)| *into);
    let (source, target) = lock_both(transaction, id, other).await?;
    let mut source = source.ok_or(Error::NotFound)?;
    transaction.once().await?;
    transaction.expect_version(source.version)?;
    let (into, reason) = wanted?;
    if into == id {
        return Err(Error::conflict("merge_into_itself", []));
    }
    let target = target.ok_or_else(|| Violations::one("/into", "enterprise_unknown"))?;
    require_status(&source, &[EnterpriseStatus::Unclaimed, EnterpriseStatus::Rejected])?;
    require_status(&target, &[EnterpriseStatus::Verified])?;
    let colliding = db::claims::count_shared_external_ids(transaction.connection, id, into).await?;
    if colliding > 0 {
        return Err(Error::conflict("external_ids_collide", [("count", colliding.to_string())]));
    }
    if let Some(mut waiting) = db::verifications::find_pending(transaction.connection, id).await? {
        let (by, why) = (Some(transaction.caller.account_id), Some((None, Some(reason.clone()))));
        super::close(transaction, &mut waiting, VerificationStatus::Rejected, by, why).await?;
        super::record(transaction, "verification.rejected", &source, &waiting).await?;
    }
    let moved = db::claims::move_belongings(transaction.connection, id, into).await?;
    let from = source.status;
    (source.status, source.merged_into) = (EnterpriseStatus::Closed, Some(into));
    save(transaction, &mut source, "enterprise.merged").await?;
    let merged = decision(transaction, &source, DecisionAction::Merged, from, (None, Some(reason)));
    let merged = Decision { by: Some(transaction.caller.account_id), ..merged };
    db::verifications::insert_decision(transaction.connection, &merged).await?;
    // Of the other as well: by this the index learns whose the listings are now.
    let event = NewEvent {
        event_type: "enterprise.absorbed",
        entity: "enterprise",
        entity_id: into,
        version: target.version,
        audience: Audience::Enterprises(vec![into]),
        changed: json!({ "merged": id }),
        detail: Detail::created(&json!({ "merged": id, "listings": moved, "reason": merged.reason })),
    };
    transaction.record(event).await?;
    Ok(target)
}

/// In the order of their ids, with the caller's role asked for where both lie.
async fn lock_both(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    other: Option<Uuid>,
) -> Result<(Option<Enterprise>, Option<Enterprise>), Error> {
    let mut ids: Vec<Uuid> = other.into_iter().chain([id]).collect();
    ids.sort();
    ids.dedup();
    let mut found = Vec::new();
    for id in ids {
        found.extend(db::enterprises::lock(transaction.connection, id).await?);
    }
    let get = |id: Uuid| found.iter().find(|enterprise| enterprise.id == id).cloned();
    let (source, target) = (get(id), other.and_then(get));
    let knowledge = Arc::clone(&transaction.knowledge);
    let regions = &knowledge.reference.regions;
    let source_region = source.as_ref().and_then(|enterprise| enterprise.profile.region_code.as_deref());
    access::require_platform(transaction.connection, &transaction.caller, source_region, regions).await?;
    if let Some(target) = &target {
        let region = target.profile.region_code.as_deref();
        access::require_platform(transaction.connection, &transaction.caller, region, regions).await?;
    }
    Ok((source, target))
}

/// An administrator of the division in the code says that it is real although its check characters do not fit. Saying it
/// twice is harmless; the first reason stays.
pub async fn except_uscc(
    transaction: &mut Transaction<'_>,
    code: &str,
    reason: Result<String, Violations>,
) -> Result<(), Error> {
    let code = Uscc::normalized(code);
    let division = code.as_deref().and_then(|code| code.get(2..8)).map(str::to_owned);
    let knowledge = Arc::clone(&transaction.knowledge);
    let regions = &knowledge.reference.regions;
    access::require_platform(transaction.connection, &transaction.caller, division.as_deref(), regions).await?;
    transaction.once().await?;
    let code = code.ok_or_else(|| Violations::one("/uscc", "uscc_format"))?;
    let reason = reason?;
    if Uscc::parse(&code).is_ok() {
        return Err(Error::conflict("uscc_needs_no_exception", []));
    }
    let (by, now) = (transaction.caller.account_id, transaction.now);
    if db::claims::insert_uscc_exception(transaction.connection, &code, &reason, by, now).await? {
        let event = NewEvent {
            event_type: "uscc.excepted",
            entity: "uscc_exception",
            entity_id: Uuid::now_v7(),
            version: 1,
            audience: Audience::Staff,
            changed: json!({ "uscc": code }),
            detail: Detail::created(&json!({ "uscc": code, "reason": reason })),
        };
        transaction.record(event).await?;
    }
    Ok(())
}

impl App {
    /// The code in its usual form where an administrator said that it is real although its check characters do not fit.
    pub async fn excepted_uscc(&self, code: Option<&str>) -> Result<Option<String>, Error> {
        let Some(code) = code.filter(|code| Uscc::parse(code) == Err(UsccError::CheckCharacter)) else {
            return Ok(None);
        };
        let Some(code) = Uscc::normalized(code) else { return Ok(None) };
        let mut connection = self.database.get().await?;
        Ok(db::claims::is_uscc_excepted(&mut connection, &code).await?.then_some(code))
    }
}
