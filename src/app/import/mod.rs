//! Bringing files in: rows become published listings of organisations, all in one transaction or none at all.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

mod mapping;
mod rows;

use mapping::Mapped;
pub use mapping::Mapping;
pub use rows::{FileError, Format, decode, parse};

use super::admission::Admission;
use super::listings::insert_admitted;
use super::posting::{Aspect, Reading, Understood, today_at};
use super::{App, Error, Knowledge};
use crate::db::{self, Connection};
use crate::domain::enterprise::{Enterprise, EnterpriseStatus, Profile};
use crate::domain::event::{Audience, Author, Detail, NewEvent};
use crate::domain::listing::{Kind, ListingStatus, Terms};
use crate::domain::message::{self, Language};
use crate::domain::violation::Violations;

/// The least confidence with which an address is taken to name an organisation's region.
const SURE_PLACE: f64 = 0.6;

/// How to go about it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Check and report, write nothing.
    pub dry_run: bool,
    /// Bring the good rows in although others are faulty; otherwise one faulty row keeps all out.
    pub skip_faulty: bool,
    pub language: Language,
}

/// What became of one row.
#[derive(Debug, Clone, Serialize)]
pub struct RowReport {
    /// Counted from 1.
    pub row: usize,
    pub outcome: RowOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listing_id: Option<Uuid>,
    /// What the row became, or would become.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listing: Option<Terms>,
    /// What of it was not in the row as such, with how surely it was understood.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub understood: Vec<Understood>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<RowFault>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    Imported,
    /// Imported; by the moderation policy it waits for a moderator before it appears.
    Waiting,
    /// Good, but nothing was written.
    Good,
    /// The organisation has a listing with this `external_id` already.
    AlreadyThere,
    Faulty,
}

#[derive(Debug, Clone, Serialize)]
pub struct RowFault {
    pub pointer: String,
    pub code: &'static str,
    pub detail: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct ImportReport {
    pub rows: Vec<RowReport>,
    /// Organisations met for the first time.
    pub enterprises_created: usize,
    /// Whether anything was written.
    pub committed: bool,
}

impl ImportReport {
    pub fn count(&self, outcome: RowOutcome) -> usize {
        self.rows.iter().filter(|row| row.outcome == outcome).count()
    }

    /// Rows of whose listing this is known.
    pub fn count_with(&self, known: impl Fn(&Terms) -> bool) -> usize {
        self.rows.iter().filter_map(|row| row.listing.as_ref()).filter(|terms| known(terms)).count()
    }
}

/// Rolls the transaction back and carries the report out of it.
enum Ending {
    RolledBack(Vec<RowReport>, usize),
    Failed(Error),
}

impl From<db::Error> for Ending {
    fn from(error: db::Error) -> Self {
        Ending::Failed(error.into())
    }
}

/// What the API admits of the documents a row becomes, before their meaning is looked at: lengths, ranges, forms.
#[derive(Clone, Copy)]
pub struct Shapes {
    pub enterprise: fn(&Value) -> Violations,
    pub listing: fn(&Value) -> Violations,
}

impl App {
    /// `done` is called after each row.
    pub async fn import(
        &self,
        rows: &[Value],
        mapping: &Mapping,
        shapes: Shapes,
        options: Options,
        done: impl Fn(),
    ) -> Result<ImportReport, Error> {
        let mut connection = self.database.dedicated().await?;
        let result = db::transaction(&mut connection, async |connection| {
            // Two imports at once would both find an organisation missing and both create it.
            db::lock(connection, db::Lock::Import).await?;
            let now = Utc::now().trunc_subsecs(6);
            let admission = self.admission(connection, now).await.map_err(Ending::Failed)?;
            let mut import = Import {
                knowledge: self.knowledge(),
                mapping,
                shapes,
                language: options.language,
                admission,
                now,
                enterprises: HashMap::new(),
                created: 0,
            };
            let mut reports = Vec::with_capacity(rows.len());
            for (index, row) in rows.iter().enumerate() {
                reports.push(import.row(connection, index + 1, row).await.map_err(Ending::Failed)?);
                done();
            }
            let faulty = reports.iter().any(|report| report.outcome == RowOutcome::Faulty);
            if options.dry_run || (faulty && !options.skip_faulty) {
                return Err(Ending::RolledBack(reports, import.created));
            }
            Ok((reports, import.created))
        })
        .await;
        match result {
            Ok((rows, enterprises_created)) => Ok(ImportReport { rows, enterprises_created, committed: true }),
            Err(Ending::RolledBack(mut rows, enterprises_created)) => {
                let written = [RowOutcome::Imported, RowOutcome::Waiting];
                for row in rows.iter_mut().filter(|row| written.contains(&row.outcome)) {
                    (row.outcome, row.listing_id) = (RowOutcome::Good, None);
                }
                Ok(ImportReport { rows, enterprises_created, committed: false })
            }
            Err(Ending::Failed(error)) => Err(error),
        }
    }
}

struct Import<'a> {
    knowledge: Arc<Knowledge>,
    mapping: &'a Mapping,
    shapes: Shapes,
    language: Language,
    admission: Admission,
    now: DateTime<Utc>,
    /// Organisations of this file, by name.
    enterprises: HashMap<String, Enterprise>,
    created: usize,
}

impl<'a> Import<'a> {
    async fn row(&mut self, connection: &mut Connection, number: usize, row: &Value) -> Result<RowReport, Error> {
        let Some(row) = row.as_object() else {
            return Ok(self.faulty(number, &Violations::one("", "row_unreadable")));
        };
        let Mapped { enterprise, listing, texts, written_on, mut faults } = self.mapping.apply(row);
        let profile = match self.profile(enterprise) {
            Ok(profile) => profile,
            Err(violations) => {
                faults.extend(violations);
                return Ok(self.faulty(number, &faults));
            }
        };
        let (enterprise, known) = self.enterprise(connection, profile).await?;
        let (terms, understood) = match self.terms(&enterprise, listing, &texts, written_on) {
            Ok(read) if faults.is_empty() => read,
            Ok(_) => return Ok(self.faulty(number, &faults)),
            Err(violations) => {
                faults.extend(violations);
                return Ok(self.faulty(number, &faults));
            }
        };
        // Only now: a faulty row that is skipped leaves no organisation behind.
        if !known {
            self.insert_unclaimed(connection, &enterprise).await?;
        }
        let report = |outcome, listing_id, terms| RowReport {
            row: number,
            outcome,
            listing_id,
            listing: Some(terms),
            understood,
            faults: vec![],
        };
        if let Some(external_id) = &terms.external_id
            && let Some(id) = db::listings::find_by_external_id(connection, enterprise.id, external_id).await?
        {
            return Ok(report(RowOutcome::AlreadyThere, Some(id), terms));
        }
        let by = Author::system("command:import");
        let listing = insert_admitted(connection, &self.admission, &enterprise, terms, by, self.now).await?;
        let outcome = match listing.status {
            ListingStatus::PendingReview => RowOutcome::Waiting,
            _ => RowOutcome::Imported,
        };
        Ok(report(outcome, Some(listing.id), listing.terms))
    }

    fn terms(
        &self,
        enterprise: &Enterprise,
        document: Map<String, Value>,
        texts: &[(Aspect, String)],
        written_on: Option<NaiveDate>,
    ) -> Result<(Terms, Vec<Understood>), Violations> {
        let fallback_kind = self.mapping.fallback_kind;
        let reading =
            Reading { fallback_kind, written_on, ..Reading::new(&self.knowledge, Some(enterprise), self.now) };
        let missing: Vec<&str> = ["side", "title"].into_iter().filter(|field| !document.contains_key(*field)).collect();
        if !missing.is_empty() {
            let mut violations = Violations::new();
            missing.into_iter().for_each(|field| violations.add(format!("/{field}"), "required"));
            return Err(violations);
        }
        let completed = reading.complete(document.clone(), texts);
        let (terms, understood) = completed.map_err(|faults| self.explained(document, faults))?;
        // Only now: attributes have a shape when the kind is known.
        let mut violations = (self.shapes.listing)(&serde_json::to_value(&terms).unwrap_or_default());
        violations.extend(terms.check(&self.knowledge.reference, self.now, today_at(enterprise, self.now)));
        violations.extend(terms.check_publishable());
        violations.or_else_value((terms, understood))
    }

    /// A value that does not read at all, such as a code the mapping misspells, is told by the shape it should have.
    fn explained(&self, mut document: Map<String, Value>, faults: Violations) -> Violations {
        if !faults.iter().any(|fault| fault.code == "malformed") {
            return faults;
        }
        let kind = self.mapping.fallback_kind.unwrap_or(Kind::Material);
        document.entry("kind").or_insert_with(|| <&str>::from(kind).into());
        let told = (self.shapes.listing)(&Value::Object(document));
        if told.is_empty() { faults } else { told }
    }

    /// A code is never invented: what the file does not say stays open until somebody claims the organisation. Its region
    /// is understood from its address.
    fn profile(&self, mut document: Map<String, Value>) -> Result<Profile, Violations> {
        if !document.contains_key("legal_name") {
            return Err(Violations::one("/enterprise/legal_name", "required"));
        }
        document.remove("uscc");

        if let Some(address) = document.get("address").and_then(Value::as_str)
            && !document.contains_key("region_code")
        {
            let places = self.knowledge.understanding.places(address, None);
            let surest = places
                .iter()
                .filter(|found| found.confidence >= SURE_PLACE)
                .max_by(|a, b| a.confidence.total_cmp(&b.confidence));
            if let Some(found) = surest {
                document.insert("region_code".to_owned(), found.value.region_code.as_str().into());
            }
        }
        let document = Value::Object(document);
        (self.shapes.enterprise)(&document).below("/enterprise").or_else_value(())?;
        serde_json::from_value(document).map_err(|_| Violations::one("/enterprise", "malformed"))
    }

    /// The organisation of this name: met in this file or imported earlier, else new, unclaimed and not written yet.
    async fn enterprise(&mut self, connection: &mut Connection, profile: Profile) -> Result<(Enterprise, bool), Error> {
        if let Some(known) = self.enterprises.get(&profile.legal_name) {
            return Ok((known.clone(), true));
        }
        let found = db::enterprises::find_unclaimed(connection, &profile.country, &profile.legal_name).await?;
        if let Some(found) = found {
            self.enterprises.insert(found.profile.legal_name.clone(), found.clone());
            return Ok((found, true));
        }
        let enterprise = Enterprise {
            id: Uuid::now_v7(),
            status: EnterpriseStatus::Unclaimed,
            profile,
            standing: Default::default(),
            merged_into: None,
            version: 1,
            created_at: self.now,
            updated_at: self.now,
        };
        Ok((enterprise, false))
    }

    async fn insert_unclaimed(&mut self, connection: &mut Connection, enterprise: &Enterprise) -> Result<(), Error> {
        db::enterprises::insert(connection, enterprise).await?;
        let event = NewEvent {
            event_type: "enterprise.imported",
            entity: "enterprise",
            entity_id: enterprise.id,
            version: 1,
            audience: Audience::Staff,
            changed: serde_json::json!({}),
            detail: Detail::created(&enterprise.profile),
        };
        db::events::append(connection, event, Author::system("command:import"), self.now).await?;
        self.enterprises.insert(enterprise.profile.legal_name.clone(), enterprise.clone());
        self.created += 1;
        Ok(())
    }

    fn faulty(&self, row: usize, violations: &Violations) -> RowReport {
        let fault = |violation: &crate::domain::violation::Violation| RowFault {
            pointer: violation.pointer.clone(),
            code: violation.code,
            detail: message::text(violation.code, &violation.params, self.language),
        };
        let faults = violations.iter().map(fault).collect();
        RowReport { row, outcome: RowOutcome::Faulty, listing_id: None, listing: None, understood: vec![], faults }
    }
}
