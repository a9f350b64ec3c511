//! The consent log of a person: given and withdrawn, never rewritten; the newest entry of a purpose holds.

use serde_json::json;
use uuid::Uuid;

use super::{App, Caller, Error, Transaction};
pub use crate::db::consents::Consent;
use crate::db::{self, Connection};
use crate::domain::consent::{CONTACT_DISCLOSURE, NewConsent};
use crate::domain::enterprise::Contact;
use crate::domain::event::{Audience, Detail, NewEvent};
use crate::domain::violation::Violations;

/// Gives or withdraws; saying what holds already changes nothing.
pub async fn create(transaction: &mut Transaction<'_>, said: Result<NewConsent, Violations>) -> Result<Consent, Error> {
    transaction.once().await?;
    let said = said?;
    let (text_version, account_id) = (said.checked()?, transaction.caller.account_id);
    let newest = db::consents::find_newest(transaction.connection, account_id, &said.purpose).await?;
    if let Some(newest) = newest.filter(|newest| newest.given == said.given && newest.text_version == text_version) {
        return Ok(newest);
    }
    let (id, NewConsent { purpose, given, .. }) = (Uuid::now_v7(), said);
    let consent = Consent { id, account_id, purpose, text_version, given, at: transaction.now };
    db::consents::insert(transaction.connection, &consent).await?;
    let event = NewEvent {
        event_type: if given { "consent.given" } else { "consent.withdrawn" },
        entity: "account",
        entity_id: account_id,
        version: 0,
        audience: Audience::Staff,
        changed: json!({ "purpose": consent.purpose }),
        detail: Detail::created(&json!({ "purpose": consent.purpose, "version": text_version, "given": given })),
    };
    transaction.record(event).await?;
    Ok(consent)
}

impl App {
    /// The caller's own, newest first.
    pub async fn list_consents(
        &self,
        caller: &Caller,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Consent>, Error> {
        let mut connection = self.database.get().await?;
        Ok(db::consents::list(&mut connection, caller.account_id, before, limit).await?)
    }
}

/// Members of an enterprise who do not want to be shown among its contacts.
pub struct Withdrawn(Vec<(Option<String>, String)>);

impl Withdrawn {
    /// Whether the contact is one of them, by number or by name.
    pub fn name(&self, contact: &Contact) -> bool {
        self.0.iter().any(|(mobile, name)| is_person(contact, mobile.as_deref(), name))
    }
}

/// Whether a contact names the person of this account.
pub fn is_person(contact: &Contact, mobile: Option<&str>, name: &str) -> bool {
    (mobile.is_some() && mobile == contact.mobile.as_deref()) || contact.name.trim() == name.trim()
}

pub async fn withdrawn_contacts(connection: &mut Connection, enterprise_id: Uuid) -> Result<Withdrawn, Error> {
    Ok(Withdrawn(db::consents::withdrawn_members(connection, enterprise_id, CONTACT_DISCLOSURE).await?))
}
