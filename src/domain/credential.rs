//! Credentials: licences, registrations and certificates of an enterprise, and what of them counts in matching.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::category::CategoryTree;
use super::reference::Reference;
use super::violation::Violations;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CredentialStatus {
    /// Nobody has looked at it.
    Pending,
    Accepted,
    Rejected,
    /// Was accepted; its last day is over. Computed when reading.
    Expired,
}

/// As an enterprise states it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewCredential {
    pub scheme: String,
    pub number: String,
    pub issuer: String,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    #[serde(default)]
    pub covers: Vec<String>,
    /// Files that prove it.
    #[serde(default)]
    pub evidence: Vec<Uuid>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Credential {
    pub id: Uuid,
    pub enterprise_id: Uuid,
    /// As decided: never `Expired`.
    pub decided: CredentialStatus,
    pub stated: NewCredential,
    pub created_at: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decided_by: Option<Uuid>,
    pub reason: Option<String>,
}

impl NewCredential {
    pub fn check(&self, reference: &Reference, today: NaiveDate) -> Violations {
        let mut violations = Violations::new();
        for (name, text) in [("number", &self.number), ("issuer", &self.issuer)] {
            if text.trim().is_empty() {
                violations.add(format!("/{name}"), "blank");
            }
        }
        if self.valid_to.is_some_and(|end| end < today) {
            violations.add("/valid_to", "in_the_past");
        }
        if self.valid_from.zip(self.valid_to).is_some_and(|(start, end)| end < start) {
            violations.add("/valid_to", "end_before_start");
        }
        for (i, code) in self.covers.iter().enumerate() {
            if reference.categories.get(code).is_none() {
                violations.add(format!("/covers/{i}"), "category_unknown");
            }
        }
        violations
    }
}

impl Credential {
    pub fn status_at(&self, today: NaiveDate) -> CredentialStatus {
        let over = self.stated.valid_to.is_some_and(|end| end < today);
        if over && self.decided == CredentialStatus::Accepted { CredentialStatus::Expired } else { self.decided }
    }
}

/// What matching needs of an enterprise besides its profile.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    #[serde(default)]
    pub credentials: Vec<HeldCredential>,
    /// Enterprises it does not want to deal with.
    #[serde(default)]
    pub blocked: Vec<Uuid>,
    /// Enterprises with which it declared a supply relation, and they with it.
    #[serde(default)]
    pub partners: Vec<Uuid>,
    /// In the order of their names.
    #[serde(default)]
    pub designations: Vec<Designation>,
}

/// A list of enterprises to be supplied first (重点保障企业), and who keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Designation {
    pub list: String,
    pub issuer: String,
}

/// Where a supply relation stands, as one side sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PartnerStatus {
    /// By this side only.
    Declared,
    /// By the other side only.
    Requested,
    /// By both: it counts.
    Mutual,
}

/// An accepted credential.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeldCredential {
    pub scheme: String,
    /// Codes of categories, with all below them; none: all.
    #[serde(default)]
    pub covers: Vec<String>,
    /// Not before; none: since ever.
    #[serde(default)]
    pub valid_from: Option<NaiveDate>,
    /// The last day; none: without end.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
}

impl HeldCredential {
    /// Of everything, for ever.
    pub fn unlimited(scheme: impl Into<String>) -> Self {
        Self { scheme: scheme.into(), covers: Vec::new(), valid_from: None, valid_to: None }
    }

    /// Whether it holds on each day from `first` to `last`, for goods of that category. Of goods without category only one
    /// that covers everything does.
    pub fn holds(&self, category: Option<&str>, first: NaiveDate, last: NaiveDate, categories: &CategoryTree) -> bool {
        let in_date = self.valid_from.is_none_or(|start| start <= first) && self.valid_to.is_none_or(|end| end >= last);
        let covered =
            || category.is_some_and(|code| self.covers.iter().any(|covered| categories.is_within(code, covered)));
        in_date && (self.covers.is_empty() || covered())
    }
}
