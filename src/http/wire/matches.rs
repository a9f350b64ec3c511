//! Matches on the wire: codes with their values, and the sentence a person reads.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use super::explain::Explainer;
use super::explain::check::without_text;
use super::listing::Listing;
use crate::app::listings::ShownListing;
use crate::app::matches::MatchList;
use crate::domain::decimal::Decimal;
use crate::domain::message::Language;
use crate::matching::{self, CheckCode, CounterfactualCode, ExplainLevel, FactorCode, Flag, Verdict, Whose};

/// Ranked counterparts, best first, and those that fail exactly one check.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Match"}], "near_misses": [{"$example": "NearMiss"}], "policy_version": 1,
    "stats_version": 1, "as_of": "2026-11-23T08:00:00Z"}))]
pub struct MatchPage {
    #[schema(max_items = 100)]
    items: Vec<Match>,
    #[schema(max_items = 100)]
    near_misses: Vec<NearMiss>,
    /// Where nothing matches: what the listing itself fails with whoever comes, such as a certificate that has run out. To be
    /// mended first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    blockers: Vec<Check>,
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
        "text": "品类：供应 医用外科口罩，需求 医用外科口罩，符合"}]}))]
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
    /// Absent with `explain=none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 20)]
    factors: Option<Vec<Factor>>,
    /// Absent with `explain=none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 100)]
    checks: Option<Vec<Check>>,
    /// With `explain=full`: what would move it up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 10)]
    counterfactuals: Option<Vec<Counterfactual>>,
}

/// A component of the score: `points` are its share of 1000 × Σ weight·u / Σ weight.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"code": "distance", "value": "3.7", "unit": "km", "u": 1.0, "weight": 0.3, "points": 333, "flags": [],
    "text": "距离：3.7 公里，100%，333 分"}))]
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
    /// With `explain=full`: what else entered it, such as `reference`, `half_distance_km`, `kept`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<FactorParams>,
    #[schema(max_length = 2000)]
    pub text: String,
}

/// A hard check. Unknown passes, marked.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"code": "price", "outcome": "fail", "have": "0.95 CNY/H87", "want": "0.8 CNY/H87",
    "text": "价格上限：报价 0.95 元/个，最高 0.8 元/个，不符"}))]
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
    /// Of a need below a supplier's minimum order: who together would reach it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<Pool>,
    /// Absent with `explain=none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4000)]
    pub text: Option<String>,
}

/// Needs that together reach a minimum order; each fails nothing else of the offer's. The nearest are taken.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"needs": 2, "radius_km": 20.0, "total": "5200", "unit_code": "H87",
    "listing_ids": ["0193f5a0-7c1e-7000-8000-000000000001", "0193f5a0-7c1e-7000-8000-000000000002"],
    "text": "20 公里内 2 条需求合计 5200 个，共同达到起订量"}))]
pub struct Pool {
    /// How many, the need at hand included.
    #[schema(minimum = 2, maximum = 100)]
    pub needs: usize,
    /// How far apart from it they may lie.
    #[schema(minimum = 0, maximum = 20100)]
    pub radius_km: f64,
    /// What they come to, in `unit_code` of the offer.
    pub total: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 3)]
    pub unit_code: Option<String>,
    /// The need at hand first, then by distance; all visible to the reader.
    #[schema(min_items = 2, max_items = 100)]
    pub listing_ids: Vec<Uuid>,
    #[schema(max_length = 2000)]
    pub text: String,
}

/// The smallest change of one field, all else equal, that has the effect: one step less (a minor unit of the currency, a
/// day, a kilometre, a unit of quantity) has it not.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"code": "would_match", "whose": "own", "field": "/max_price/amount", "from": "0.8", "to": "0.95",
    "effect": {"rank": 2, "score": 505}, "text": "若本方最高价由 0.8 元/个 改为 0.95 元/个，即可匹配，排第 2，得 505 分"}))]
pub struct Counterfactual {
    pub code: CounterfactualCode,
    pub whose: Whose,
    /// JSON pointer into that listing.
    #[schema(max_length = 200)]
    pub field: String,
    /// Absent where the field is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<FieldValue>,
    /// Absent: the field is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<FieldValue>,
    pub effect: Effect,
    #[schema(max_length = 4000)]
    pub text: String,
}

/// Where the counterpart would then stand.
#[derive(Serialize, ToSchema)]
pub struct Effect {
    /// 1 is the best; absent beyond 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    pub rank: Option<usize>,
    #[schema(minimum = 0, maximum = 1000)]
    pub score: u32,
}

/// Values by name.
#[derive(Serialize)]
#[serde(transparent)]
pub struct FactorParams(pub BTreeMap<String, String>);

impl PartialSchema for FactorParams {
    fn schema() -> RefOr<Schema> {
        let value = ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).max_length(Some(400));
        let map = ObjectBuilder::new().schema_type(SchemaType::new(Type::Object));
        map.additional_properties(Some(Schema::from(value))).description(Some("Values by name.")).into()
    }
}

impl ToSchema for FactorParams {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("FactorParams")
    }
}

/// A field as it stands in a listing.
#[derive(Serialize)]
#[serde(transparent)]
pub struct FieldValue(pub serde_json::Value);

impl PartialSchema for FieldValue {
    fn schema() -> RefOr<Schema> {
        let of = |kind| ObjectBuilder::new().schema_type(SchemaType::new(kind));
        let text = || of(Type::String).max_length(Some(4000));
        let number = of(Type::Number).minimum(Some(-1_000_000_000)).maximum(Some(1_000_000_000));
        let list = ArrayBuilder::new().items(text()).max_items(Some(100));
        let one = OneOfBuilder::new().item(text()).item(number).item(of(Type::Boolean)).item(list);
        one.description(Some("A field as it stands in a listing.")).into()
    }
}

impl ToSchema for FieldValue {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("FieldValue")
    }
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
    /// With `explain=full`: what would make it a match, first what the asking side can do itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 10)]
    counterfactuals: Option<Vec<Counterfactual>>,
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
        let (policy_version, stats_version) = (list.frozen.policy.version, list.frozen.statistics.version);
        let as_of = list.frozen.context().as_of;
        let mut more = More { counterfactuals: list.counterfactuals, pools: list.pools, level: list.level, explainer };
        Self {
            items: list.matches.into_iter().map(|(found, view)| more.explained(found, view)).collect(),
            near_misses: list.near_misses.into_iter().map(|(miss, view)| more.near_miss(miss, view)).collect(),
            blockers: list.blockers.into_iter().map(|check| more.blocker(check)).collect(),
            policy_version,
            stats_version,
            as_of,
        }
    }
}

/// What is to be said of the listings of an answer.
struct More<'a> {
    counterfactuals: BTreeMap<Uuid, Vec<matching::Counterfactual>>,
    pools: BTreeMap<Uuid, matching::Pool>,
    level: ExplainLevel,
    explainer: Explainer<'a>,
}

impl More<'_> {
    fn explained(&mut self, found: matching::Match, view: ShownListing) -> Match {
        let explainer = self.explainer;
        let counterfactuals = self.counterfactuals(found.id);
        let factors = found.factors.clone();
        let plain = render_match(found, view, explainer);
        match self.level {
            ExplainLevel::None => Match { factors: None, checks: None, ..plain },
            ExplainLevel::Short => plain,
            ExplainLevel::Full => {
                let factors = factors.into_iter().map(|factor| explainer.factor_in_full(factor)).collect();
                Match { factors: Some(factors), counterfactuals, ..plain }
            }
        }
    }

    fn near_miss(&mut self, miss: matching::NearMiss, view: ShownListing) -> NearMiss {
        let counterfactuals = self.counterfactuals(miss.id);
        let pool = self.pools.remove(&miss.id);
        let mut blockers: Vec<Check> = miss.blockers.into_iter().map(|check| self.blocker(check)).collect();
        if let (Some(blocker), Some(pool)) = (blockers.first_mut(), pool) {
            blocker.pool = Some(self.explainer.pool(pool));
        }
        let distance_km = miss.distance_km.map(rounded);
        NearMiss { listing: Listing::from(view), score: miss.score, distance_km, blockers, counterfactuals }
    }

    fn blocker(&self, check: matching::Check) -> Check {
        match self.level {
            ExplainLevel::None => without_text(check),
            _ => self.explainer.check(check),
        }
    }

    fn counterfactuals(&mut self, id: Uuid) -> Option<Vec<Counterfactual>> {
        let told = self.counterfactuals.remove(&id).unwrap_or_default();
        let told = told.into_iter().map(|one| self.explainer.counterfactual(one)).collect();
        (self.level == ExplainLevel::Full).then_some(told)
    }
}

pub fn render_matches(matches: Vec<(matching::Match, ShownListing)>, explainer: Explainer<'_>) -> Vec<Match> {
    matches.into_iter().map(|(found, view)| render_match(found, view, explainer)).collect()
}

fn render_match(found: matching::Match, view: ShownListing, explainer: Explainer<'_>) -> Match {
    Match {
        listing: Listing::from(view),
        score: found.score,
        mutual: found.mutual,
        matchable_quantity: found.matchable_quantity,
        unit_code: found.unit_code,
        partial: found.partial,
        distance_km: found.distance_km.map(rounded),
        factors: Some(found.factors.into_iter().map(|factor| explainer.factor(factor)).collect()),
        checks: Some(found.checks.into_iter().map(|check| explainer.check(check)).collect()),
        counterfactuals: None,
    }
}

/// Four decimals: a tenth of a metre.
pub fn rounded(kilometres: f64) -> f64 {
    (kilometres * 10_000.0).round() / 10_000.0
}
