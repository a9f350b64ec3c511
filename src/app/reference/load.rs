//! Replacing a scheme: the file is checked as a whole, then written in one transaction, or not at all.

use std::collections::HashMap;

use chrono::{NaiveDate, SubsecRound, Utc};
use serde_json::{Value, json};

use super::tell;
use crate::app::secrets::sha256;
use crate::app::{App, Error};
use crate::db::reference::{BUILT_IN, LOADED, Usage};
use crate::db::{self, Connection};
use crate::domain::reference::{Reference, SCHEMES};
use crate::domain::violation::Violations;
use crate::domain::{reference_check, reference_file, shipped};

/// What an administrator asks for.
#[derive(Debug, Clone, Copy)]
pub struct Loading<'a> {
    pub scheme: &'a str,
    pub content: &'a str,
    /// Check and report, write nothing.
    pub dry_run: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// The very file that is in force: nothing is done.
    pub same: bool,
    pub committed: bool,
    /// Of the edition that is now in force, or in a dry run would be.
    pub version: i32,
    pub added: Vec<String>,
    pub changed: Vec<String>,
    /// No longer in force: left out of the file, or marked there.
    pub retired: Vec<String>,
    /// In force again.
    pub restored: Vec<String>,
    /// What refers to retired codes.
    pub usages: Vec<Usage>,
}

/// Why the transaction ends without being committed.
enum Halt {
    Error(Error),
    Rehearsed(LoadReport),
}

impl<E: Into<Error>> From<E> for Halt {
    fn from(error: E) -> Self {
        Halt::Error(error.into())
    }
}

impl App {
    /// Faults of the file are `Error::Invalid`: the pointer is the row with its code.
    pub async fn load_reference(&self, loading: Loading<'_>) -> Result<LoadReport, Error> {
        if !SCHEMES.contains(&loading.scheme) {
            let mut violations = Violations::new();
            violations.add_with("", "reference_scheme_unknown", [("allowed", SCHEMES.join(", "))]);
            return Err(violations.into());
        }
        // Without the statement time limit of requests: the report looks at all listings.
        let mut connection = self.database.dedicated().await?;
        let loaded = db::transaction(&mut connection, async |connection| {
            let report = load(connection, loading).await?;
            if loading.dry_run { Err(Halt::Rehearsed(report)) } else { Ok(report) }
        })
        .await;
        match loaded {
            Ok(report) => {
                self.sequencer.notify_one();
                Ok(LoadReport { committed: !report.same, ..report })
            }
            Err(Halt::Rehearsed(report)) => Ok(report),
            Err(Halt::Error(error)) => Err(error),
        }
    }
}

async fn load(connection: &mut Connection, loading: Loading<'_>) -> Result<LoadReport, Error> {
    db::lock(connection, db::Lock::Seed).await?;
    let now = Utc::now().trunc_subsecs(6);
    let digest = sha256(loading.content.as_bytes());
    let edition = db::reference::find_edition(connection, loading.scheme).await?;
    if let Some(edition) = edition.filter(|edition| edition.sha256 == digest) {
        let usages = db::reference::usage(connection, loading.scheme).await?;
        return Ok(LoadReport { same: true, version: edition.version, usages, ..LoadReport::default() });
    }
    let documents = db::reference::load(connection).await?;
    let present = Reference::from_items(documents.iter().cloned())
        .map_err(|error| Error::Fault(format!("reference data: {error}")))?;
    let file = reference_file::read(loading.scheme, loading.content);
    let faults = reference_check::check(loading.scheme, &file, &present, now.date_naive());
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let before = reference_check::before(loading.scheme, &present);
    let mut report = LoadReport::default();
    let mut items = Vec::with_capacity(file.entries.len());
    for entry in file.entries {
        let validity = entry.item.coded().validity().clone();
        let known = before.get(&entry.code).map(|item| item.validity());
        let document = dated(entry.document, known.and_then(|known| known.valid_to), now.date_naive());
        match known.map(|known| (known.is_retired(), validity.is_retired())) {
            None => report.added.push(entry.code.clone()),
            Some((false, true)) => report.retired.push(entry.code.clone()),
            Some((true, false)) => report.restored.push(entry.code.clone()),
            Some(_) => {}
        }
        items.push((entry.code, document));
    }
    let kept: HashMap<&str, &Value> = items.iter().map(|(code, document)| (code.as_str(), document)).collect();
    let gone = before.iter().filter(|(code, item)| !kept.contains_key(code.as_str()) && !item.validity().is_retired());
    report.retired.extend(gone.map(|(code, _)| code.clone()));
    report.retired.sort();
    report.changed = changed(loading.scheme, &documents, &kept);
    let digest_shipped = shipped::FILES.iter().find(|(name, _)| *name == loading.scheme);
    let is_shipped = digest_shipped.is_some_and(|(_, content)| *content == loading.content);
    // The product's own file puts the scheme back under the product's care.
    let source = if is_shipped { BUILT_IN } else { LOADED };
    report.version = db::reference::replace(connection, loading.scheme, &items, &digest, source, now).await?;
    tell(connection, loading.scheme, report.version, "command:reference", now).await?;
    report.usages = db::reference::usage(connection, loading.scheme).await?;
    Ok(report)
}

/// A successor without a last day means that the code ends today, or ended when an earlier edition said so.
fn dated(mut document: Value, known: Option<NaiveDate>, today: NaiveDate) -> Value {
    if document["replaced_by"].is_string() && !document["valid_to"].is_string() {
        document["valid_to"] = json!(known.unwrap_or(today));
    }
    document
}

/// Codes whose documents differ from those in force, the state of retirement aside.
fn changed(scheme: &str, documents: &[(String, Value)], kept: &HashMap<&str, &Value>) -> Vec<String> {
    let bare = |document: &Value| {
        let mut document = document.clone();
        if let Some(object) = document.as_object_mut() {
            ["retired_at", "valid_to", "replaced_by"].iter().for_each(|name| drop(object.remove(*name)));
        }
        document
    };
    let own = documents.iter().filter(|(of, _)| of == scheme).map(|(_, document)| document);
    let code = |document: &Value| -> Option<String> {
        let parsed = crate::domain::reference::Item::parse(scheme, document.clone())?.ok()?;
        Some(parsed.coded().code())
    };
    let mut changed: Vec<String> = own
        .filter_map(|before| {
            let code = code(before)?;
            let now = kept.get(code.as_str())?;
            (bare(before) != bare(now)).then_some(code)
        })
        .collect();
    changed.sort();
    changed
}
