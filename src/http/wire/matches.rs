//! Matches on the wire: codes with their values, and the sentence a person reads.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::explain::Explainer;
use super::listing::Listing;
use crate::app::listings::ListingView;
use crate::app::matches::MatchList;
use crate::domain::decimal::Decimal;
use crate::domain::message::Language;
use crate::matching::{self, CheckCode, FactorCode, Flag, Verdict};

/// Ranked counterparts, best first, and those that fail exactly one check.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Match"}], "near_misses": [{"$example": "NearMiss"}], "policy_version": 1,
    "stats_version": 1, "as_of": "2026-11-23T08:00:00Z"}))]
pub struct MatchPage {
    #[schema(max_items = 100)]
    items: Vec<Match>,
    #[schema(max_items = 100)]
    near_misses: Vec<NearMiss>,
    /// Weights and rules in force.
    #[schema(minimum = 0)]
    policy_version: i32,
    /// Reference prices and word frequencies in force.
    #[schema(minimum = 0)]
    stats_version: i32,
    /// The hour that entered the scores.
    as_of: DateTime<Utc>,
}

/// A counterpart that passes every check.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"listing": {"$example": "Listing"}, "score": 944, "mutual": 804, "matchable_quantity": "20000",
    "unit_code": "H87", "partial": false, "distance_km": 3.7, "factors": [{"$example": "Factor"}],
    "checks": [{"code": "category", "outcome": "pass", "have": "ppe.mask.surgical", "want": "ppe.mask.surgical",
        "text": "品类：医用外科口罩，要求 医用外科口罩，符合"}]}))]
pub struct Match {
    listing: Listing,
    /// The sum of the factors' points.
    #[schema(minimum = 0, maximum = 1000)]
    score: u32,
    /// Harmonic mean of the scores either side gives the other; shown only.
    #[schema(minimum = 0, maximum = 1000)]
    mutual: u32,
    /// What the two could agree on, in `unit_code` of the asking listing.
    #[serde(skip_serializing_if = "Option::is_none")]
    matchable_quantity: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 3)]
    unit_code: Option<String>,
    /// The offer covers less than is needed; absent where that is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    partial: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 20100)]
    distance_km: Option<f64>,
    #[schema(max_items = 20)]
    factors: Vec<Factor>,
    #[schema(max_items = 100)]
    checks: Vec<Check>,
}

/// A component of the score: `points` are its share of 1000 × Σ weight·u / Σ weight.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"code": "distance", "value": "3.7", "unit": "km", "u": 1.0, "weight": 0.3, "points": 333, "flags": [],
    "text": "距离：3.7km，100%，333 分"}))]
pub struct Factor {
    pub code: FactorCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 400)]
    pub value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40)]
    pub unit: Option<String>,
    /// 0 to 1, four decimals.
    #[schema(minimum = 0, maximum = 1)]
    pub u: f64,
    #[schema(minimum = 0, maximum = 1000)]
    pub weight: f64,
    #[schema(minimum = 0, maximum = 1000)]
    pub points: u32,
    #[schema(max_items = 20)]
    pub flags: Vec<Flag>,
    #[schema(max_length = 2000)]
    pub text: String,
}

/// A hard check. Unknown passes, marked.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"code": "price", "outcome": "fail", "have": "0.95 CNY/H87", "want": "0.8 CNY/H87",
    "text": "价格上限：0.95 CNY/个，要求 0.8 CNY/个，不符"}))]
pub struct Check {
    pub code: CheckCode,
    pub outcome: Verdict,
    /// The specification, where there are several of one code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub about: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub have: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub want: Option<String>,
    #[schema(max_length = 4000)]
    pub text: String,
}

/// A counterpart that fails exactly one check.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"listing": {"$example": "Listing"}, "score": 505, "distance_km": 112.9, "blockers": [{"$example": "Check"}]}))]
pub struct NearMiss {
    listing: Listing,
    /// What it would have, did it pass.
    #[schema(minimum = 0, maximum = 1000)]
    score: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 20100)]
    distance_km: Option<f64>,
    /// The one check it fails.
    #[schema(min_items = 1, max_items = 1)]
    blockers: Vec<Check>,
}

/// Listings by each value, over all pages.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"total": 42, "sides": {"need": 40, "offer": 2}, "kinds": {"ppe": 42}, "categories": {"ppe.mask": 42}, "regions": {"410000": 42}}))]
pub struct Facets {
    #[schema(minimum = 0)]
    total: u64,
    sides: BTreeMap<String, u64>,
    kinds: BTreeMap<String, u64>,
    categories: BTreeMap<String, u64>,
    /// By province.
    regions: BTreeMap<String, u64>,
}

impl From<matching::Facets> for Facets {
    fn from(facets: matching::Facets) -> Self {
        let side = facets.sides.into_iter().map(|(side, n)| (<&str>::from(side).to_owned(), n));
        let kind = facets.kinds.into_iter().map(|(kind, n)| (<&str>::from(kind).to_owned(), n));
        Self {
            total: facets.total,
            sides: side.collect(),
            kinds: kind.collect(),
            categories: facets.categories,
            regions: facets.regions,
        }
    }
}

impl MatchPage {
    pub fn render(list: MatchList, language: Language) -> Self {
        let knowledge = Arc::clone(&list.frozen.knowledge);
        let explainer = Explainer { reference: &knowledge.reference, language };
        let near_miss = |(miss, view): (matching::NearMiss, _)| NearMiss {
            listing: Listing::from(view),
            score: miss.score,
            distance_km: miss.distance_km.map(rounded),
            blockers: miss.blockers.into_iter().map(|check| explainer.check(check)).collect(),
        };
        Self {
            policy_version: list.frozen.policy.version,
            stats_version: list.frozen.statistics.version,
            as_of: list.frozen.context().as_of,
            items: render_matches(list.matches, explainer),
            near_misses: list.near_misses.into_iter().map(near_miss).collect(),
        }
    }
}

pub fn render_matches(matches: Vec<(matching::Match, ListingView)>, explainer: Explainer<'_>) -> Vec<Match> {
    let render = |(found, view): (matching::Match, _)| Match {
        listing: Listing::from(view),
        score: found.score,
        mutual: found.mutual,
        matchable_quantity: found.matchable_quantity,
        unit_code: found.unit_code,
        partial: found.partial,
        distance_km: found.distance_km.map(rounded),
        factors: found.factors.into_iter().map(|factor| explainer.factor(factor)).collect(),
        checks: found.checks.into_iter().map(|check| explainer.check(check)).collect(),
    };
    matches.into_iter().map(render).collect()
}

/// Four decimals: a tenth of a metre.
pub fn rounded(kilometres: f64) -> f64 {
    (kilometres * 10_000.0).round() / 10_000.0
}
