//! Contacts of enterprises: masked until policy, agreement or office opens them, and each opening recorded.

use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

use super::audit::{self, Read};
use super::contact_requests::{blocked, find_own};
use super::listings::{ListingView, find_readable};
use super::{App, Caller, Error, access, consents};
pub use crate::db::contact_releases::ContactRelease;
use crate::db::{self, Connection};
use crate::domain::contact_request::{
    ContactDirection, ContactRequest, ContactRequestStatus, Relation, ReleaseRule, masked, release,
};
use crate::domain::enterprise::{Contact, Enterprise};
use crate::domain::listing::ContactPolicy;
use crate::domain::platform::PlatformRole;

/// Those who may see contacts by their office, in their region.
const STAFF: [PlatformRole; 3] = [PlatformRole::Admin, PlatformRole::Moderator, PlatformRole::Officer];

/// Contacts as a reader sees them.
#[derive(Debug, Clone)]
pub struct Contacts {
    pub enterprise_id: Uuid,
    /// Why they are open; none: they are masked, or the reader's own.
    pub rule: Option<ReleaseRule>,
    pub open: bool,
    pub contacts: Vec<Contact>,
}

/// A release with the name of whom it was to.
#[derive(Debug, Clone)]
pub struct ReleaseView {
    pub release: ContactRelease,
    pub to: Option<String>,
}

/// What the reader asks with.
struct Asking {
    /// Enterprises for which they ask and that neither block the owner nor are blocked, with whether they are verified.
    enterprises: Vec<(Uuid, bool)>,
    relation: Relation,
    agreed: Option<ContactRequest>,
}

impl App {
    /// The contacts behind a listing the reader can see; `acting_for` says for which of their enterprises they ask.
    pub async fn find_listing_contacts(
        &self,
        caller: &Caller,
        listing_id: Uuid,
        acting_for: Option<Uuid>,
    ) -> Result<Contacts, Error> {
        let now = Utc::now().trunc_subsecs(6);
        let found = self
            .database
            .transaction(async |connection| {
                let view = find_readable(connection, Some(caller), listing_id, now).await?.ok_or(Error::NotFound)?;
                let asking = self.asking(connection, caller, &view, acting_for).await?;
                if access::role_in(connection, caller, view.enterprise.id).await?.is_some() {
                    return Ok(own(view.enterprise));
                }
                let rule = release(view.listing.terms.contact_policy, asking.relation);
                let Some(rule) = rule else { return Ok(closed(view.enterprise)) };
                let release = asking.release(rule, &view, caller, now);
                open(connection, caller, view.enterprise, release).await
            })
            .await;
        self.sequencer.notify_one();
        found
    }

    async fn asking(
        &self,
        connection: &mut Connection,
        caller: &Caller,
        view: &ListingView,
        acting_for: Option<Uuid>,
    ) -> Result<Asking, Error> {
        let mut mine = db::enterprises::standing(connection, caller.account_id).await?;
        if let Some(wanted) = acting_for {
            mine.retain(|(id, _)| *id == wanted);
            if mine.is_empty() {
                return Err(Error::Forbidden("not_member"));
            }
        }
        let ids: Vec<Uuid> = mine.iter().map(|(id, _)| *id).collect();
        let enterprises = db::enterprises::find_many(connection, &ids).await?;
        let kept: Vec<Uuid> =
            enterprises.iter().filter(|other| !blocked(&view.enterprise, other)).map(|other| other.id).collect();
        let blocked = kept.is_empty() && !mine.is_empty();
        mine.retain(|(id, _)| kept.contains(id));
        let agreed = db::contact_requests::find_accepted(connection, view.listing.id, &kept).await?;
        let region = view.enterprise.profile.region_code.as_deref();
        let regions = &self.knowledge().reference.regions;
        let relation = Relation {
            verified: mine.iter().any(|(_, verified)| *verified),
            agreed: agreed.is_some(),
            staff: access::has_role(connection, caller, &STAFF, region, regions).await?,
            blocked,
        };
        Ok(Asking { enterprises: mine, relation, agreed })
    }

    /// The other side's contacts: open once the request is accepted.
    pub async fn find_request_contacts(&self, caller: &Caller, id: Uuid) -> Result<Contacts, Error> {
        let now = Utc::now().trunc_subsecs(6);
        self.database
            .transaction(async |connection| {
                let (request, direction) = find_own(connection, caller, id).await?;
                let (shown, to) = match direction {
                    ContactDirection::Received => (request.requester_id, request.owner_id),
                    ContactDirection::Sent => (request.owner_id, request.requester_id),
                };
                let sides = db::enterprises::find_many(connection, &[shown, to]).await?;
                let side = |id| sides.iter().find(|side| side.id == id).cloned().ok_or(Error::NotFound);
                let (shown, to) = (side(shown)?, side(to)?);
                let agreed = request.decided == ContactRequestStatus::Accepted;
                let relation = Relation { agreed, blocked: blocked(&shown, &to), ..Relation::default() };
                let Some(rule) = release(ContactPolicy::OnAgreement, relation) else { return Ok(closed(shown)) };
                let release = ContactRelease {
                    id: Uuid::now_v7(),
                    enterprise_id: shown.id,
                    listing_id: request.listing_id,
                    contact_request_id: Some(request.id),
                    account_id: caller.account_id,
                    to_enterprise_id: Some(to.id),
                    rule,
                    at: now,
                };
                open(connection, caller, shown, release).await
            })
            .await
    }

    /// Who saw an enterprise's contacts, for its members, newest first.
    pub async fn list_contact_releases(
        &self,
        caller: &Caller,
        enterprise_id: Uuid,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<ReleaseView>, Error> {
        let mut connection = self.database.get().await?;
        access::require_member(&mut connection, caller, enterprise_id).await?;
        let ids = db::enterprises::with_predecessors(&mut connection, enterprise_id).await?;
        let releases = db::contact_releases::list(&mut connection, &ids, before, limit).await?;
        let to: Vec<Uuid> = releases.iter().filter_map(|release| release.to_enterprise_id).collect();
        let to = db::enterprises::find_many(&mut connection, &to).await?;
        let name = |id: Uuid| to.iter().find(|other| other.id == id).map(|other| other.profile.legal_name.clone());
        let view = |release: ContactRelease| ReleaseView { to: release.to_enterprise_id.and_then(name), release };
        Ok(releases.into_iter().map(view).collect())
    }
}

/// Whoever exchanged contacts with an enterprise: whom to warn when it is suspended.
pub async fn counterparts(connection: &mut Connection, enterprise_id: Uuid) -> Result<Vec<Uuid>, Error> {
    let ids = db::enterprises::with_predecessors(connection, enterprise_id).await?;
    Ok(db::contact_releases::counterparts(connection, &ids).await?)
}

impl Asking {
    fn release(&self, rule: ReleaseRule, view: &ListingView, caller: &Caller, at: DateTime<Utc>) -> ContactRelease {
        let agreed = self.agreed.as_ref().filter(|_| rule == ReleaseRule::OnAgreement);
        let first = |verified: bool| self.enterprises.iter().find(|(_, is)| *is || !verified).map(|(id, _)| *id);
        let to_enterprise_id = match rule {
            ReleaseRule::OnAgreement => agreed.map(|request| request.requester_id),
            ReleaseRule::Verified => first(true),
            ReleaseRule::Public => first(false),
            ReleaseRule::Staff => None,
        };
        ContactRelease {
            id: Uuid::now_v7(),
            enterprise_id: view.enterprise.id,
            listing_id: view.listing.id,
            contact_request_id: agreed.map(|request| request.id),
            account_id: caller.account_id,
            to_enterprise_id,
            rule,
            at,
        }
    }
}

fn own(enterprise: Enterprise) -> Contacts {
    Contacts { enterprise_id: enterprise.id, rule: None, open: true, contacts: enterprise.profile.contacts }
}

fn closed(enterprise: Enterprise) -> Contacts {
    let contacts = enterprise.profile.contacts.iter().map(masked).collect();
    Contacts { enterprise_id: enterprise.id, rule: None, open: false, contacts }
}

/// Opens what no member took back their consent for, and writes down that it was.
async fn open(
    connection: &mut Connection,
    caller: &Caller,
    enterprise: Enterprise,
    release: ContactRelease,
) -> Result<Contacts, Error> {
    db::contact_releases::insert(connection, &release).await?;
    if release.rule == ReleaseRule::Staff {
        let read = Read {
            entity: "enterprise",
            entity_id: enterprise.id,
            event_type: "enterprise.contacts_read",
            fields: &["contacts"],
            enterprise_id: Some(enterprise.id),
            asked: None,
        };
        audit::record_read(connection, caller, read).await?;
    }
    let withdrawn = consents::withdrawn_contacts(connection, enterprise.id).await?;
    let shown = |contact: &Contact| if withdrawn.name(contact) { masked(contact) } else { contact.clone() };
    let contacts = enterprise.profile.contacts.iter().map(shown).collect();
    Ok(Contacts { enterprise_id: enterprise.id, rule: Some(release.rule), open: true, contacts })
}
