//! Audit: reads of personal data by those who answer for the platform are written down like changes; the log is read by
//! administrators, and by an enterprise for what is its own; and walked along, to see that it is what was written.

use std::collections::HashMap;

use chrono::{SubsecRound, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{App, Caller, Device, Error, Origin, access};
pub use crate::db::audit::{Entry, Fault, Filter, Walk};
use crate::db::{self, Connection};
use crate::domain::event::{Audience, Author, Detail, NewEvent};
use crate::domain::platform::PlatformRole;

impl Caller {
    /// Whom the log names for what this caller does.
    pub fn author(&self) -> Author {
        Author { app_id: self.app.map(|app| app.id), ..self.origin.author(Some(self.account_id)) }
    }
}

impl Origin {
    /// Whom the log names for what came from there.
    pub fn author(&self, account_id: Option<Uuid>) -> Author {
        let address = self.address.map(|address| address.to_string());
        let request_id = Some(self.request_id.clone()).filter(|id| !id.is_empty());
        Author { account_id, address, request_id, ..Author::default() }
    }
}

impl Device {
    /// Somebody who signs in from there; none: nobody believed it.
    pub fn author(&self, account_id: Option<Uuid>) -> Author {
        Origin { request_id: self.request_id.clone(), address: self.address }.author(account_id)
    }
}

/// Personal data that somebody looked at by a role of the platform.
pub struct Read<'a> {
    /// `account`, `enterprise`, `evidence`, `audit` …
    pub entity: &'static str,
    pub entity_id: Uuid,
    /// `account.read` and the like.
    pub event_type: &'static str,
    /// Names of what was shown.
    pub fields: &'a [&'static str],
    /// Whose data it is, where an enterprise's: it is told that staff looked.
    pub enterprise_id: Option<Uuid>,
    /// What was asked for, for auditors.
    pub asked: Option<Value>,
}

/// Writes down that personal data was read; call it before handing the data out.
pub async fn record_read(connection: &mut Connection, caller: &Caller, read: Read<'_>) -> Result<(), Error> {
    let event = NewEvent {
        event_type: read.event_type,
        entity: read.entity,
        entity_id: read.entity_id,
        version: 0,
        audience: read.enterprise_id.map_or(Audience::Staff, |id| Audience::Enterprises(vec![id])),
        changed: json!({ "read": read.fields }),
        detail: Detail { before: None, after: read.asked },
    };
    db::events::append(connection, event, caller.author(), Utc::now().trunc_subsecs(6)).await?;
    Ok(())
}

/// Who did something, as an enterprise learns of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Doer {
    Member {
        account_id: Uuid,
        name: String,
    },
    /// Somebody of the platform; who is not told.
    Platform(PlatformRole),
    /// Of another enterprise, or no longer of this one.
    Other,
    System,
}

/// An entry as a member of the enterprise may read it.
#[derive(Debug, Clone)]
pub struct OwnEntry {
    pub entry: Entry,
    pub doer: Doer,
}

impl App {
    /// The whole log, for administrators everywhere, newest first. Reading it is written down itself.
    pub async fn list_audit(&self, caller: &Caller, filter: Filter, limit: i64) -> Result<Vec<Entry>, Error> {
        let mut connection = self.database.get().await?;
        access::require_platform(&mut connection, caller, None, &self.knowledge().reference.regions).await?;
        let asked = json!({
            "actor": filter.actor, "entity": filter.entity, "id": filter.id, "type": filter.event_type,
            "since": filter.since, "until": filter.until, "before": filter.before,
        });
        let read = Read {
            entity: "audit",
            entity_id: filter.id.or(filter.actor).unwrap_or_default(),
            event_type: "audit.read",
            fields: &["before", "after", "address"],
            enterprise_id: None,
            asked: Some(asked),
        };
        record_read(&mut connection, caller, read).await?;
        let entries = db::audit::list(&mut connection, &filter, limit).await?;
        drop(connection);
        self.sequencer.notify_one();
        Ok(entries)
    }

    /// What happened to an enterprise and its listings, for its owners.
    pub async fn list_own_audit(
        &self,
        caller: &Caller,
        id: Uuid,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<OwnEntry>, Error> {
        let mut connection = self.database.get().await?;
        access::require_member(&mut connection, caller, id).await?;
        let entries = db::audit::list_of_enterprise(&mut connection, id, before, limit).await?;
        let doers = doers(&mut connection, &entries, id).await?;
        let things: Vec<Uuid> = entries.iter().map(|entry| entry.event.entity_id).collect();
        let own = db::audit::listings_of(&mut connection, id, &things).await?;
        let shown = |entry: Entry| {
            let doer = entry.event.actor.map_or(Doer::System, |id| doers.get(&id).cloned().unwrap_or(Doer::Other));
            let is_own = entry.event.entity_id == id
                || own.contains(&entry.event.entity_id)
                || entry.event.audience == Audience::Enterprises(vec![id]);
            OwnEntry { entry: redacted(entry, caller, is_own), doer }
        };
        Ok(entries.into_iter().map(shown).collect())
    }

    /// Walks along the whole log and hands over what does not hold; `expected` is a position and hash printed earlier.
    pub async fn verify_audit(
        &self,
        expected: Option<(i64, Vec<u8>)>,
        mut found: impl FnMut(Fault),
    ) -> Result<Walk, Error> {
        // Without the statement time limit of requests.
        let mut connection = self.database.dedicated().await?;
        let mut walk = Walk::new(expected);
        while walk.step(&mut connection, &mut found).await? {}
        walk.finish(&mut connection, &mut found).await?;
        Ok(walk)
    }
}

/// Members are named; of those who act for the platform only the role is.
async fn doers(connection: &mut Connection, entries: &[Entry], id: Uuid) -> Result<HashMap<Uuid, Doer>, Error> {
    let mut actors: Vec<Uuid> = entries.iter().filter_map(|entry| entry.event.actor).collect();
    actors.sort_unstable();
    actors.dedup();
    let officials = db::audit::officials(connection, &actors).await?;
    let members = db::audit::members(connection, id, &actors).await?;
    let officials = officials.into_iter().map(|(account, role)| (account, Doer::Platform(role)));
    let members = members.into_iter().map(|(account_id, name)| (account_id, Doer::Member { account_id, name }));
    Ok(officials.chain(members).collect())
}

/// Addresses are shown to those who came from them, and contents where the thing is the enterprise's own.
fn redacted(mut entry: Entry, caller: &Caller, own: bool) -> Entry {
    if entry.event.actor != Some(caller.account_id) {
        (entry.by.address, entry.by.request_id) = (None, None);
    }
    if !own {
        entry.detail = Detail::default();
    }
    entry
}
