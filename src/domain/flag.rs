//! Flags: what the program noticed about a listing. Codes with parameters, never a punishment: nothing happens to a listing
//! because of one.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

/// For so long only the poster and moderators see a flag of the price, unless the poster has answered.
pub const TIME_TO_ANSWER: TimeDelta = TimeDelta::hours(24);

#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ListingFlagCode {
    PriceAboveReference,
    PriceBelowReference,
    NewEnterpriseLargeStock,
    PrepaymentToPerson,
    SharedPhone,
    ForbiddenWords,
    DuplicateListing,
    SimilarListing,
    SimilarToOtherEnterprise,
    ImpossibleQuantity,
    CertificateExpired,
    CertificateMismatch,
    ContactInText,
}

impl ListingFlagCode {
    /// Whether others than moderators and the poster may ever see it.
    pub fn is_public(self) -> bool {
        matches!(self, ListingFlagCode::PriceAboveReference | ListingFlagCode::PriceBelowReference)
    }
}

/// Where it was read, and whom else it concerns.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// `title`, `description`, `attributes.certificate_number` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// As it stands there; characters `start..end`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<usize>,
    /// For moderators only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub listings: Vec<Uuid>,
    /// For moderators only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub enterprises: Vec<Uuid>,
}

/// What a detector found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub code: ListingFlagCode,
    /// What tells findings of one code apart.
    pub subject: String,
    pub params: BTreeMap<String, String>,
    pub evidence: Evidence,
}

impl Finding {
    pub fn new<const N: usize>(code: ListingFlagCode, subject: &str, params: [(&str, String); N]) -> Self {
        let params = params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { code, subject: subject.chars().take(200).collect(), params, evidence: Evidence::default() }
    }

    pub fn with(self, evidence: Evidence) -> Self {
        Self { evidence, ..self }
    }
}

/// A finding as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct ListingFlag {
    pub id: Uuid,
    pub listing_id: Uuid,
    pub enterprise_id: Uuid,
    pub finding: Finding,
    /// The version it was first seen in.
    pub listing_version: i32,
    /// Of the policy by whose thresholds it was seen; not kept of the oldest.
    pub policy_version: Option<i32>,
    pub raised_at: DateTime<Utc>,
    pub cleared: Option<Cleared>,
    pub answer: Option<Answer>,
}

/// When it no longer held, and in which version of the listing, by which of the policy: one of them had changed, or the lists
/// had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Cleared {
    pub at: DateTime<Utc>,
    pub listing_version: Option<i32>,
    pub policy_version: Option<i32>,
}

/// What the poster says to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub text: String,
    pub by: Uuid,
    pub at: DateTime<Utc>,
}

impl ListingFlag {
    /// Whether anybody who may read the listing may see it.
    pub fn is_public_at(&self, now: DateTime<Utc>) -> bool {
        self.finding.code.is_public() && (self.answer.is_some() || self.raised_at + TIME_TO_ANSWER <= now)
    }
}
