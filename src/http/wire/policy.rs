//! The matching policy on the wire. `MatchingPolicyFields` is the schema of the engine's `Policy` without its version,
//! which reads and writes itself; `MatchingPolicyPatch` is derived from it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::listing::CredentialScheme;
use crate::app::market::Frozen;
use crate::app::policies::{PolicyChange, PolicyVersion};
use crate::domain::decimal::Decimal;
use crate::domain::violation::Violations;
use crate::matching::{CheckCode, Enforcement, Policy};

/// Everything that decides what matches and how it ranks, but the listings and the statistics of the market.
#[derive(ToSchema)]
#[schema(example = json!(values(&Policy::default())))]
#[allow(dead_code)]
pub struct MatchingPolicyFields {
    weights: KindWeights,
    /// Of the three on top of the weights of the kind; the sum is normalised. At most 1000 each, as are those.
    freshness_weight: Decimal,
    chain_link_weight: Decimal,
    urgency_weight: Decimal,
    half_distance_km: KindDistances,
    /// Kilometres up to which distance costs nothing.
    #[schema(minimum = 0, maximum = 1000)]
    near_km: f64,
    /// Road kilometres for one as the crow flies.
    #[schema(minimum = 1, maximum = 10)]
    detour: f64,
    /// How far goods travel in a day.
    #[schema(exclusive_minimum = 0, maximum = 20000)]
    km_per_day: f64,
    /// Days before goods without a stated lead time set out.
    #[schema(minimum = 0, maximum = 366)]
    handling_days: f64,
    /// Price of moving a tonne over a kilometre of road, in `freight_currency`.
    #[schema(minimum = 0, maximum = 100000)]
    freight_per_tonne_km: f64,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$", min_length = 3, max_length = 3)]
    freight_currency: String,
    /// What each supplier after the first adds to the cost of a bundle, in `freight_currency`.
    extra_supplier_charge: Decimal,
    /// Above this multiple of the reference price an offer is marked; also what a need without a cap is taken to pay.
    #[schema(minimum = 1, maximum = 100)]
    price_ceiling: f64,
    /// At this share of the reference price an offer has all points for it.
    #[schema(minimum = 0, maximum = 0.99)]
    price_floor: f64,
    slack_days: UrgencyDays,
    unknown: UnknownShares,
    /// Days after a confirmation without loss; half is lost with as many more.
    #[schema(exclusive_minimum = 0, maximum = 3660)]
    freshness_days: f64,
    /// Days after which a promise kept or broken counts half.
    #[schema(exclusive_minimum = 0, maximum = 36600)]
    trust_half_life_days: f64,
    /// The lower quantile of the Beta distribution that is trust.
    #[schema(minimum = 0.001, maximum = 0.999)]
    trust_quantile: f64,
    /// BM25's saturation of term frequency.
    #[schema(minimum = 0, maximum = 10)]
    text_k1: f64,
    /// BM25's length normalisation.
    #[schema(minimum = 0, maximum = 1)]
    text_b: f64,
    /// What two texts must share to be compared where a category is missing.
    #[schema(minimum = 0, maximum = 1)]
    uncategorised_text: f64,
    /// Enterprises a median of the market needs, from the next hourly statistics on. Fewer than 3 would tell one firm's price.
    #[schema(minimum = 3, maximum = 1000)]
    min_enterprises: u32,
    near_misses: NearMissPolicy,
    /// A listing's standing matches are its best this many.
    #[schema(minimum = 1, maximum = 100)]
    standing_k: u32,
    /// How far apart needs may lie that together reach a supplier's minimum.
    #[schema(minimum = 0, maximum = 20100)]
    pooling_radius_km: f64,
    /// Standing matches written for a listing in a day, at most.
    #[schema(minimum = 0, maximum = 10000)]
    matches_per_listing_day: u32,
    /// Notifications of matches an enterprise gets in a day, at most.
    #[schema(minimum = 0, maximum = 10000)]
    notifications_per_enterprise_day: u32,
    /// Kilometres a vehicle may go out of its way for a load.
    #[schema(minimum = 0, maximum = 20100)]
    max_detour_km: f64,
    /// Any one of these schemes of credentials lets an enterprise deal in goods with a hazard class.
    #[schema(value_type = Vec<CredentialScheme>, min_items = 1, max_items = 20)]
    hazard_licences: Vec<String>,
    /// What becomes of a listing whose enterprise does not hold, as an accepted credential in date, what the law requires for
    /// its category.
    enforce_requirements: Enforcement,
    /// Minutes east of Greenwich of the clock by which dates of listings are read.
    #[schema(minimum = -720, maximum = 840)]
    utc_offset_minutes: i32,
}

/// Weights of the components, by kind.
#[derive(ToSchema)]
#[allow(dead_code)]
pub struct KindWeights {
    ppe: Weights,
    material: Weights,
    equipment: Weights,
    service: Weights,
    labor: Weights,
    transport: Weights,
    finance: Weights,
    technology: Weights,
}

/// Of the components every kind has; not all 0.
#[derive(ToSchema)]
#[allow(dead_code)]
pub struct Weights {
    quantity: Decimal,
    distance: Decimal,
    price: Decimal,
    time: Decimal,
    text: Decimal,
    trust: Decimal,
}

/// Kilometres over which distance loses half its points, by kind.
#[derive(ToSchema)]
#[allow(dead_code)]
pub struct KindDistances {
    #[schema(exclusive_minimum = 0, maximum = 20100)]
    ppe: f64,
    #[schema(exclusive_minimum = 0, maximum = 20100)]
    material: f64,
    #[schema(exclusive_minimum = 0, maximum = 20100)]
    equipment: f64,
    #[schema(exclusive_minimum = 0, maximum = 20100)]
    service: f64,
    #[schema(exclusive_minimum = 0, maximum = 20100)]
    labor: f64,
    #[schema(exclusive_minimum = 0, maximum = 20100)]
    transport: f64,
    #[schema(exclusive_minimum = 0, maximum = 20100)]
    finance: f64,
    #[schema(exclusive_minimum = 0, maximum = 20100)]
    technology: f64,
}

/// Days of slack worth all points for time, by urgency.
#[derive(ToSchema)]
#[allow(dead_code)]
pub struct UrgencyDays {
    #[schema(exclusive_minimum = 0, maximum = 3660)]
    low: f64,
    #[schema(exclusive_minimum = 0, maximum = 3660)]
    normal: f64,
    #[schema(exclusive_minimum = 0, maximum = 3660)]
    high: f64,
    #[schema(exclusive_minimum = 0, maximum = 3660)]
    critical: f64,
}

/// What a component is worth at most when the candidate keeps silent about it.
#[derive(ToSchema)]
#[allow(dead_code)]
pub struct UnknownShares {
    #[schema(minimum = 0, maximum = 1)]
    quantity: f64,
    #[schema(minimum = 0, maximum = 1)]
    distance: f64,
    #[schema(minimum = 0, maximum = 1)]
    price: f64,
    #[schema(minimum = 0, maximum = 1)]
    time: f64,
    /// Where no usual value of the category is known.
    #[schema(minimum = 0, maximum = 1)]
    trust: f64,
}

#[derive(ToSchema)]
#[allow(dead_code)]
pub struct NearMissPolicy {
    /// Near misses shown at most.
    #[schema(minimum = 0, maximum = 50)]
    limit: u32,
    /// Checks one of which a near miss may fail. Not those of sides, kind, enterprise, blocks, visibility, validity, category
    /// and what the law asks.
    #[schema(max_items = 100)]
    relaxable: Vec<CheckCode>,
}

/// A merge patch of the policy's values; its schema is derived from `MatchingPolicyFields`.
#[derive(ToSchema)]
#[schema(example = json!({"freshness_weight": "0.08", "half_distance_km": {"ppe": 80}, "near_km": null}))]
pub struct MatchingPolicyPatch {}

/// The next version of the policy.
#[derive(ToSchema)]
#[schema(example = json!({"reason": "Masks are short in every county: nearer supply first.",
    "values": {"half_distance_km": {"ppe": 80}}}))]
#[allow(dead_code)]
pub struct MatchingPolicyChange {
    /// Why; it stays with the version.
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*\S[^\x00]*$")]
    reason: String,
    /// RFC 7396 merge patch of the present values; null puts the built-in value back. All values together do as well.
    values: MatchingPolicyPatch,
}

/// Reads a body already checked against its schema; nulls in `values` mean something.
pub fn read_change(body: Value) -> Result<PolicyChange, Violations> {
    let reason = body["reason"].as_str().ok_or_else(|| Violations::one("/reason", "required"))?;
    Ok(PolicyChange { reason: reason.to_owned(), values: body["values"].clone() })
}

/// A version of the policy.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"version": 2, "reason": "Masks are short in every county: nearer supply first.",
    "author_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "created_at": "2026-11-26T08:00:00Z", "values": {"$example": "MatchingPolicyFields"}}))]
pub struct MatchingPolicy {
    #[schema(minimum = 1)]
    pub version: i32,
    /// Absent where the values came with the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    reason: Option<String>,
    /// The administrator's account; absent where the values came with the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    author_id: Option<Uuid>,
    created_at: DateTime<Utc>,
    #[schema(value_type = MatchingPolicyFields)]
    values: Value,
}

impl From<PolicyVersion> for MatchingPolicy {
    fn from(version: PolicyVersion) -> Self {
        let PolicyVersion { policy, author_id, reason, created_at } = version;
        Self { version: policy.version, reason, author_id, created_at, values: values(&policy) }
    }
}

fn values(policy: &Policy) -> Value {
    let mut values = serde_json::to_value(policy).unwrap_or_default();
    if let Some(values) = values.as_object_mut() {
        values.remove("version");
    }
    values
}

/// A page of versions.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "MatchingPolicy"}]}))]
pub struct MatchingPolicyPage {
    #[schema(max_items = 100)]
    pub items: Vec<MatchingPolicy>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// What ranks listings now.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"policy_version": 2, "stats_version": 812, "stats_as_of": "2026-11-26T08:00:00Z", "values": {"$example": "MatchingPolicyFields"}}))]
pub struct MatchingPolicyInUse {
    /// As matches name it.
    #[schema(minimum = 1)]
    policy_version: i32,
    /// Of the market's statistics, as matches name it.
    #[schema(minimum = 0)]
    stats_version: i32,
    /// The hour the statistics describe.
    stats_as_of: DateTime<Utc>,
    #[schema(value_type = MatchingPolicyFields)]
    values: Value,
}

impl From<Frozen> for MatchingPolicyInUse {
    fn from(frozen: Frozen) -> Self {
        Self {
            policy_version: frozen.policy.version,
            stats_version: frozen.statistics.version,
            stats_as_of: frozen.statistics.as_of,
            values: values(&frozen.policy),
        }
    }
}

#[cfg(test)]
mod tests {
    use utoipa::PartialSchema;

    use super::*;

    #[test]
    fn every_value_of_the_policy_is_documented() {
        let documented = serde_json::to_value(MatchingPolicyFields::schema()).unwrap_or_default();
        let names = |value: &Value| -> Vec<String> {
            let mut names: Vec<String> =
                value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
            names.sort();
            names
        };
        let wanted = names(&values(&Policy::default()));
        assert_eq!(
            names(&documented["properties"]),
            wanted,
            "a field of `Policy` has its bounds in `MatchingPolicyFields`"
        );
    }
}
