//! The bureau's roster: loaded by administrators or from the command line, and asked when an enterprise wants to be verified
//! by it.

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{App, Error, Transaction, access};
use crate::db::{self, Connection};
use crate::domain::enterprise::Enterprise;
use crate::domain::event::{Audience, Author, Detail, NewEvent};
use crate::domain::roster::{RosterEntry, RosterRow, same_name};
use crate::domain::violation::Violations;

/// What a load did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loaded {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Of all of them, those whose phone is none that can be sent a message.
    pub without_mobile: usize,
}

/// By an administrator of every division the codes name. All rows or none; a code that is there is replaced.
pub async fn load(
    transaction: &mut Transaction<'_>,
    rows: Result<Vec<RosterRow>, Violations>,
) -> Result<Loaded, Error> {
    let grants = access::required_grants(transaction.connection, &transaction.caller).await?;
    transaction.once().await?;
    let entries = read(transaction.connection, rows?).await?;
    let knowledge = std::sync::Arc::clone(&transaction.knowledge);
    let regions = &knowledge.reference.regions;
    let covered = |entry: &RosterEntry| grants.iter().any(|grant| grant.covers(entry.uscc.get(2..8), regions));
    if !entries.iter().any(covered) {
        return Err(transaction.caller.refused());
    }
    let mut violations = Violations::new();
    for (i, _) in entries.iter().enumerate().filter(|(_, entry)| !covered(entry)) {
        violations.add(format!("/entries/{i}/uscc"), "outside_region");
    }
    violations.or_else_value(())?;
    let (by, now) = (Some(transaction.caller.account_id), transaction.now);
    let (loaded, detail) = store(transaction.connection, &entries, by, now).await?;
    transaction.record(event(loaded, detail)).await?;
    Ok(loaded)
}

async fn read(connection: &mut Connection, rows: Vec<RosterRow>) -> Result<Vec<RosterEntry>, Error> {
    let excepted = db::roster::excepted(connection).await?;
    let accepted: Vec<&str> = excepted.iter().map(String::as_str).collect();
    let (mut entries, mut violations) = (Vec::<RosterEntry>::new(), Violations::new());
    let mut codes = std::collections::HashSet::new();
    for (i, row) in rows.into_iter().enumerate() {
        match row.read(&accepted) {
            Ok(entry) if !codes.insert(entry.uscc.clone()) => violations.add(format!("/entries/{i}/uscc"), "repeated"),
            Ok(entry) => entries.push(entry),
            Err(faults) => violations.extend(faults.below(&format!("/entries/{i}"))),
        }
    }
    Ok(violations.or_else_value(entries)?)
}

async fn store(
    connection: &mut Connection,
    entries: &[RosterEntry],
    by: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<(Loaded, Detail), Error> {
    let codes: Vec<String> = entries.iter().map(|entry| entry.uscc.clone()).collect();
    let known = db::roster::find_many(connection, &codes).await?;
    let known: std::collections::HashMap<&str, &RosterEntry> =
        known.iter().map(|entry| (entry.uscc.as_str(), entry)).collect();
    let mut loaded = Loaded::default();
    let (mut before, mut after) = (Map::new(), Map::new());
    for entry in entries {
        loaded.without_mobile += usize::from(entry.mobile.is_none());
        match known.get(entry.uscc.as_str()) {
            Some(present) if *present == entry => {
                loaded.unchanged += 1;
                continue;
            }
            Some(_) => loaded.changed += 1,
            None => loaded.added += 1,
        }
        before.extend(known.get(entry.uscc.as_str()).map(|present| told(present)));
        after.extend([told(entry)]);
        db::roster::upsert(connection, entry, by, now).await?;
    }
    let (before, after) = (json!({ "entries": before }), json!({ "entries": after }));
    Ok((loaded, Detail { before: Some(before), after: Some(after) }))
}

/// What auditors read of an entry, by its code: phone numbers are not kept twice.
fn told(entry: &RosterEntry) -> (String, Value) {
    (entry.uscc.clone(), json!({ "legal_name": entry.legal_name, "has_mobile": entry.mobile.is_some() }))
}

/// How many, never whom.
fn event(loaded: Loaded, detail: Detail) -> NewEvent {
    NewEvent {
        event_type: "roster.loaded",
        entity: "roster",
        entity_id: Uuid::now_v7(),
        version: 1,
        audience: Audience::Staff,
        changed: json!({ "added": loaded.added, "changed": loaded.changed, "unchanged": loaded.unchanged }),
        detail,
    }
}

/// Whether the roster has the enterprise's code under its name with this phone. It never says which of the three differs.
pub(super) async fn confirms(
    connection: &mut Connection,
    enterprise: &Enterprise,
    mobile: Option<&str>,
) -> Result<bool, Error> {
    let Some((code, mobile)) = enterprise.profile.uscc.clone().zip(mobile) else { return Ok(false) };
    let entry = db::roster::find_many(connection, &[code]).await?.pop();
    Ok(entry.is_some_and(|entry| {
        same_name(&entry.legal_name, &enterprise.profile.legal_name) && entry.mobile.as_deref() == Some(mobile)
    }))
}

impl App {
    /// The same from the command line; nothing is written on a dry run.
    pub async fn import_roster(&self, rows: Vec<RosterRow>, dry_run: bool) -> Result<Loaded, Error> {
        let now = Utc::now().trunc_subsecs(6);
        let mut connection = self.database.dedicated().await?;
        let entries = read(&mut connection, rows).await?;
        let mut loaded = Loaded::default();
        let kept = db::transaction(&mut connection, async |connection| {
            let (counted, detail) = store(connection, &entries, None, now).await?;
            loaded = counted;
            db::events::append(connection, event(loaded, detail), Author::system("command:roster"), now).await?;
            // Whatever was counted is undone.
            if dry_run { Err(Error::NotFound) } else { Ok(()) }
        })
        .await;
        match kept {
            Err(Error::NotFound) if dry_run => Ok(loaded),
            kept => kept.map(|()| loaded),
        }
    }
}
