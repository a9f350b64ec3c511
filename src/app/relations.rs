//! What stands between enterprises and above them: declared supply relations, and designations by administrators.

use serde_json::json;
use uuid::Uuid;

use super::credentials::{MOST, event};
use super::{App, Caller, Error, Transaction, access};
use crate::db;
use crate::domain::credential::{Designation, PartnerStatus};
use crate::domain::event::{Audience, Detail, NewEvent};
use crate::domain::violation::Violations;

/// Says, or no longer says, that the two supply each other. It counts while both say so. Saying it twice is harmless.
pub async fn declare(transaction: &mut Transaction<'_>, id: Uuid, other: Uuid, declares: bool) -> Result<(), Error> {
    // In the order of their numbers: two that name each other at once do not wait for each other.
    if other < id {
        db::enterprises::lock(transaction.connection, other).await?;
    }
    let enterprise = access::lock_as_member(transaction.connection, &transaction.caller, id).await?;
    transaction.once().await?;
    if id == other {
        return Err(Error::conflict("counterpart_is_self", []));
    }
    let partner = db::enterprises::lock(transaction.connection, other).await?.ok_or(Error::NotFound)?;
    let (now, connection) = (transaction.now, &mut *transaction.connection);
    let changed = if declares {
        let declared = db::relations::has_declared(connection, id, other).await?;
        if !declared && db::relations::count_declared(connection, id).await? >= MOST as i64 {
            return Err(Error::conflict("too_many_partners", [("maximum", MOST.to_string())]));
        }
        db::relations::declare(connection, id, other, now).await?
    } else {
        db::relations::withdraw(connection, id, other).await?
    };
    if !changed {
        return Ok(());
    }
    let both = db::relations::has_declared(connection, other, id).await?;
    let audience = Audience::Enterprises(vec![id, other]);
    let event_type = if declares { "enterprise.partner_declared" } else { "enterprise.partner_withdrawn" };
    let told = |partner: Uuid| {
        let told = json!({ "partner_id": partner });
        let detail = if declares { Detail::created(&told) } else { Detail::deleted(&told) };
        (told, detail)
    };
    let (changed, detail) = told(other);
    let own = NewEvent { audience: audience.clone(), detail, ..event(event_type, &enterprise, changed) };
    transaction.record(own).await?;
    if both {
        db::credentials::summarise(transaction.connection, id).await?;
        db::credentials::summarise(transaction.connection, other).await?;
        let event_type = if declares { "enterprise.partnership_begun" } else { "enterprise.partnership_ended" };
        let (changed, detail) = told(id);
        let theirs = NewEvent { audience, detail, ..event(event_type, &partner, changed) };
        transaction.record(theirs).await?;
    }
    Ok(())
}

/// An administrator of the enterprise's region says which lists it is on; these take the place of those before.
pub async fn designate(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    designations: Result<Vec<Designation>, Violations>,
) -> Result<Vec<Designation>, Error> {
    let place = db::enterprises::lock(transaction.connection, id).await?;
    let region = place.as_ref().and_then(|enterprise| enterprise.profile.region_code.as_deref());
    let knowledge = std::sync::Arc::clone(&transaction.knowledge);
    let regions = &knowledge.reference.regions;
    access::require_platform(transaction.connection, &transaction.caller, region, regions).await?;
    let mut enterprise = place.ok_or(Error::NotFound)?;
    transaction.once().await?;
    let designations = designations?;
    let mut violations = Violations::new();
    for (i, designation) in designations.iter().enumerate() {
        if designations[..i].iter().any(|before| before.list == designation.list) {
            violations.add(format!("/designations/{i}/list"), "repeated");
        }
    }
    violations.or_else_value(())?;
    if designations != enterprise.standing.designations {
        let (by, now) = (transaction.caller.account_id, transaction.now);
        enterprise.version += 1;
        enterprise.updated_at = now;
        db::enterprises::update(transaction.connection, &enterprise).await?;
        db::relations::replace_designations(transaction.connection, id, &designations, by, now).await?;
        db::credentials::summarise(transaction.connection, id).await?;
        let lists: Vec<&str> = designations.iter().map(|designation| designation.list.as_str()).collect();
        let before = json!({ "designations": enterprise.standing.designations });
        let detail = Detail::changed(&before, &json!({ "designations": designations }));
        let designated = event("enterprise.designated", &enterprise, json!({ "lists": lists }));
        transaction.record(NewEvent { detail, ..designated }).await?;
    }
    Ok(designations)
}

impl App {
    /// For members of the enterprise: whom it declared, then the first who declared it and whom it did not.
    pub async fn list_partners(&self, caller: &Caller, id: Uuid) -> Result<Vec<(Uuid, PartnerStatus)>, Error> {
        let mut connection = self.database.get().await?;
        let enterprise = access::require_member(&mut connection, caller, id).await?;
        let declared = db::relations::list_declared(&mut connection, id).await?;
        let limit = (2 * MOST) as i64;
        let declaring = db::relations::list_declaring(&mut connection, id, limit).await?;
        let status = |other: &Uuid| match enterprise.standing.partners.contains(other) {
            true => PartnerStatus::Mutual,
            false => PartnerStatus::Declared,
        };
        let own = declared.iter().map(|other| (*other, status(other)));
        let theirs = declaring.iter().filter(|other| !declared.contains(other)).take(MOST);
        Ok(own.chain(theirs.map(|other| (*other, PartnerStatus::Requested))).collect())
    }
}
