//! Matches on the wire: codes with their values, and the sentence a person reads.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::codes::label;
use super::listing::Listing;
use crate::app::matches::MatchList;
use crate::domain::decimal::Decimal;
use crate::domain::message::{self, Language};
use crate::domain::violation::Params;
use crate::matching::{self, CheckCode, FactorCode, Flag, Verdict};

/// Ranked counterparts, best first, and those that fail exactly one check.
#[derive(Serialize, ToSchema)]
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

#[derive(Serialize, ToSchema)]
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
    #[schema(minimum = 0)]
    distance_km: Option<f64>,
    #[schema(max_items = 20)]
    factors: Vec<Factor>,
    #[schema(max_items = 100)]
    checks: Vec<Check>,
}

/// A component of the score: `points` are its share of 1000 × Σ weight·u / Σ weight.
#[derive(Serialize, ToSchema)]
pub struct Factor {
    code: FactorCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 400)]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40)]
    unit: Option<String>,
    /// 0 to 1, four decimals.
    #[schema(minimum = 0, maximum = 1)]
    u: f64,
    #[schema(minimum = 0)]
    weight: f64,
    #[schema(minimum = 0, maximum = 1000)]
    points: u32,
    #[schema(max_items = 20)]
    flags: Vec<Flag>,
    #[schema(max_length = 2000)]
    text: String,
}

/// A hard check. Unknown passes, marked.
#[derive(Serialize, ToSchema)]
pub struct Check {
    code: CheckCode,
    outcome: Verdict,
    /// The specification, where there are several of one code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    about: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    have: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    want: Option<String>,
    #[schema(max_length = 4000)]
    text: String,
}

#[derive(Serialize, ToSchema)]
pub struct NearMiss {
    listing: Listing,
    /// What it would have, did it pass.
    #[schema(minimum = 0, maximum = 1000)]
    score: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
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
        let near_miss = |(miss, view): (matching::NearMiss, _)| NearMiss {
            listing: Listing::from(view),
            score: miss.score,
            distance_km: miss.distance_km,
            blockers: miss.blockers.into_iter().map(|check| render_check(check, language)).collect(),
        };
        Self {
            policy_version: list.frozen.policy.version,
            stats_version: list.frozen.statistics.version,
            as_of: list.frozen.context().as_of,
            items: render_matches(list.matches, language),
            near_misses: list.near_misses.into_iter().map(near_miss).collect(),
        }
    }
}

pub fn render_matches(matches: Vec<(matching::Match, crate::app::listings::ListingView)>, language: Language) -> Vec<Match> {
    let render = |(found, view): (matching::Match, _)| Match {
        listing: Listing::from(view),
        score: found.score,
        mutual: found.mutual,
        matchable_quantity: found.matchable_quantity,
        unit_code: found.unit_code,
        partial: found.partial,
        distance_km: found.distance_km,
        factors: found.factors.into_iter().map(|factor| render_factor(factor, language)).collect(),
        checks: found.checks.into_iter().map(|check| render_check(check, language)).collect(),
    };
    matches.into_iter().map(render).collect()
}

fn render_factor(factor: matching::Factor, language: Language) -> Factor {
    let code = <&str>::from(factor.code);
    let mut params: Params = factor.params.clone();
    params.insert("name", label("FactorCode", code, language));
    params.insert("value", factor.value.clone().unwrap_or_else(|| "—".to_owned()));
    params.insert("unit", factor.unit.clone().unwrap_or_default());
    params.insert("percent", format!("{:.0}", factor.u * 100.0));
    params.insert("points", factor.points.to_string());
    let mut text = message::text("factor", &params, language);
    for flag in &factor.flags {
        let separator = if language == Language::Zh { "；" } else { "; " };
        text = format!("{text}{separator}{}", label("Flag", <&str>::from(*flag), language));
    }
    let matching::Factor { code, value, unit, u, weight, points, flags, .. } = factor;
    Factor { code, value, unit, u, weight, points, flags, text }
}

fn render_check(check: matching::Check, language: Language) -> Check {
    let template = match check.outcome {
        Verdict::Pass => "check_pass",
        Verdict::Fail => "check_fail",
        Verdict::Unknown => "check_unknown",
    };
    let (have, want) = (check.have.map(|value| value.to_string()), check.want.map(|value| value.to_string()));
    let dash = |value: &Option<String>| value.clone().filter(|v| !v.is_empty()).unwrap_or_else(|| "—".to_owned());
    let name = label("CheckCode", <&str>::from(check.code), language);
    let name = check.about.as_ref().map_or(name.clone(), |about| format!("{name} ({about})"));
    let params: Params = [("name", name), ("have", dash(&have)), ("want", dash(&want))].into_iter().collect();
    let text = message::text(template, &params, language);
    Check { code: check.code, outcome: check.outcome, about: check.about, have, want, text }
}
