//! What is kept of a person: handed out on request, and erased on request, without the trade record.

use chrono::{SubsecRound, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::account_admin::keep_an_admin;
use super::consents::is_person;
use super::match_rows::own_enterprises;
use super::notices::Notice;
use super::{App, Caller, Error, Transaction};
use crate::db::audit::{ERASURE, Erasure};
use crate::db::{self, Connection};
use crate::domain::account::Account;
use crate::domain::delivery::Template;
use crate::domain::enterprise::Contact;
use crate::domain::event::{Audience, Author, Detail, NewEvent};
use crate::domain::message::Language;

impl App {
    /// Everything about the caller, across all tables.
    pub async fn export_account(&self, caller: &Caller) -> Result<Map<String, Value>, Error> {
        let export = self
            .database
            .transaction(async |connection| {
                let account = db::accounts::find(connection, caller.account_id).await?.ok_or(Error::NotFound)?;
                let mut export = db::personal_data::export(connection, account.id).await?;
                export.insert("contact_entries".to_owned(), contact_entries(connection, &account).await?);
                let event = event("account.exported", account.id, json!({}));
                db::events::append(connection, event, caller.author(), Utc::now().trunc_subsecs(6)).await?;
                Ok::<_, Error>(export)
            })
            .await?;
        self.sequencer.notify_one();
        Ok(export)
    }
}

/// The entries among its enterprises' contacts that name the person.
async fn contact_entries(connection: &mut Connection, account: &Account) -> Result<Value, Error> {
    let own = db::enterprises::standing(connection, account.id).await?;
    let ids: Vec<Uuid> = own.into_iter().map(|(id, _)| id).collect();
    let enterprises = db::enterprises::find_many(connection, &ids).await?;
    let entries = enterprises.iter().flat_map(|enterprise| {
        let named = enterprise.profile.contacts.iter().filter(|contact| names(contact, account));
        named.map(|contact| json!({ "enterprise_id": enterprise.id, "contact": contact }))
    });
    Ok(entries.collect())
}

fn names(contact: &Contact, account: &Account) -> bool {
    is_person(contact, account.mobile.as_deref(), &account.display_name)
}

/// Erases the caller, who has proved anew who they are. Who is the last owner of an enterprise hands it over or closes it first.
/// What others write under way by or about the caller is waited for and erased, or finds the account erased and is refused.
pub async fn erase(transaction: &mut Transaction<'_>, language: Language) -> Result<(), Error> {
    let (id, now) = (transaction.caller.account_id, transaction.now);
    let left = db::accounts::lock_solely_owned(transaction.connection, id).await?;
    if !left.is_empty() {
        let names = left.iter().map(|(id, name)| format!("{name} ({id})")).collect::<Vec<_>>().join("; ");
        return Err(Error::conflict("last_owner", [("enterprises", names)]));
    }
    keep_an_admin(transaction.connection, id).await?;
    let account = db::accounts::lock(transaction.connection, id).await?.ok_or(Error::NotFound)?;
    let enterprises = own_enterprises(transaction.connection, &transaction.caller).await?;
    for enterprise in &enterprises {
        remove_contact(transaction, *enterprise, &account).await?;
    }
    transaction.erases_caller = true;
    db::personal_data::hold_private(transaction.connection, id).await?;
    db::accounts::lock_against_writers(transaction.connection, id).await?;
    // And what they left: a session that began meanwhile is not to be renewed while it is deleted.
    db::personal_data::hold_private(transaction.connection, id).await?;
    db::personal_data::anonymise(transaction.connection, id, now).await?;
    erase_details(transaction, &account, &enterprises).await?;
    transaction.send_notice(account.contacts(), Notice(Template::AccountClosed, []), language).await
}

/// Takes the entries that name the person from the enterprise's contacts.
async fn remove_contact(transaction: &mut Transaction<'_>, id: Uuid, account: &Account) -> Result<(), Error> {
    let mut enterprise = db::enterprises::lock(transaction.connection, id).await?.ok_or(Error::NotFound)?;
    let before = enterprise.profile.contacts.len();
    enterprise.profile.contacts.retain(|contact| !names(contact, account));
    if enterprise.profile.contacts.len() == before {
        return Ok(());
    }
    enterprise.version += 1;
    enterprise.updated_at = transaction.now;
    db::enterprises::update(transaction.connection, &enterprise).await?;
    let updated = NewEvent {
        event_type: "enterprise.updated",
        entity: "enterprise",
        entity_id: enterprise.id,
        version: enterprise.version,
        audience: Audience::Enterprises(vec![enterprise.id]),
        changed: json!({ "fields": ["contacts"] }),
        // Of what stood before, which is what is erased, no more than how much it was.
        detail: Detail::changed(
            &json!({ "contacts": before }),
            &json!({ "contacts": enterprise.profile.contacts.len() }),
        ),
    };
    transaction.record_as(updated, Author::system("erasure")).await
}

async fn erase_details(
    transaction: &mut Transaction<'_>,
    account: &Account,
    enterprises: &[Uuid],
) -> Result<(), Error> {
    let (event_id, at) = (Uuid::now_v7(), transaction.now);
    // A name as an entry among contacts has it: by itself it may be part of other words.
    let name = format!("\"name\":{}", json!(account.display_name));
    let marks: Vec<String> = account.email.iter().chain(&account.mobile).cloned().chain([name]).collect();
    let erasure = Erasure { account_id: account.id, enterprises, marks: &marks, event_id, at };
    let details = db::audit::erase(transaction.connection, &erasure).await?;
    let erased = event(ERASURE, account.id, json!({ "details": details }));
    // Without an address: nothing of the person is kept.
    let by = Author::from(Some(account.id));
    db::events::append_as(transaction.connection, event_id, erased, by, at).await?;
    Ok(())
}

fn event(event_type: &'static str, account_id: Uuid, changed: Value) -> NewEvent {
    NewEvent {
        event_type,
        entity: "account",
        entity_id: account_id,
        version: 0,
        audience: Audience::Staff,
        changed,
        detail: Detail::default(),
    }
}
