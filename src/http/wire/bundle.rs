//! Bundles on the wire: plans of several suppliers, computed or kept.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::matches::rounded;
use crate::app::bundles::{self, BundleList, BundleView};
use crate::app::listings::ShownListing;
use crate::domain::decimal::Decimal;
use crate::domain::ledger;
use crate::domain::trade::Money;
use crate::matching::{self, Bound, Flag, Objective};

/// Plans for one need.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"needed": "50000", "unit_code": "H87", "currency": "CNY", "pool": 12, "left_out": 3,
    "plans": [{"$example": "BundlePlan"}], "policy_version": 1, "stats_version": 1, "as_of": "2026-11-26T08:00:00Z"}))]
pub struct BundlePlans {
    /// Over all days of the need, in `unit_code`: whole pieces or packs, else thousandths of the unit.
    needed: Decimal,
    #[schema(max_length = 3)]
    unit_code: String,
    /// Of every price and cost; absent where no offer states a price.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 3)]
    currency: Option<String>,
    /// Offers that were combined: the best 200 matches at most.
    #[schema(minimum = 0, maximum = 200)]
    pool: usize,
    /// Matches that say too little of their quantity, or cannot give one lot within what is needed.
    #[schema(minimum = 0, maximum = 200)]
    left_out: usize,
    /// One for each objective; empty where there is nothing to combine.
    #[schema(max_items = 3)]
    plans: Vec<BundlePlan>,
    #[schema(minimum = 0)]
    policy_version: i32,
    #[schema(minimum = 0)]
    stats_version: i32,
    as_of: DateTime<Utc>,
}

/// How much to take of whom.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"objective": "cheapest", "covered": "50000", "missing": "0",
    "cost": {"amount": "26600.00", "currency": "CNY"}, "supplier_charge": {"amount": "200", "currency": "CNY"},
    "bound": "26600", "gap": 0.0, "optimal": true, "mean_km": 12.4, "lines": [{"$example": "BundleLine"}]}))]
pub struct BundlePlan {
    objective: Objective,
    /// In the need's unit: as much as its suppliers can give, never more than is needed.
    covered: Decimal,
    missing: Decimal,
    /// Of the lines whose price is known, and the charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<super::listing::Money>)]
    cost: Option<Money>,
    /// What the suppliers after the first cost in handling, by the policy in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<super::listing::Money>)]
    supplier_charge: Option<Money>,
    /// No plan of these offers that covers as much does better: least cost in `currency`, for `nearest` least
    /// unit-kilometres. Prices that are not stated count as the dearest.
    bound: Decimal,
    /// How far the plan may be from the best: `(value − bound) / value`.
    #[schema(minimum = 0, maximum = 1)]
    gap: f64,
    /// Proven the best: nothing covers more, and nothing that covers as much is better.
    optimal: bool,
    /// Kilometres one unit travels on average, as far as places are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 20100)]
    mean_km: Option<f64>,
    /// The largest first.
    #[schema(max_items = 25)]
    lines: Vec<BundleLine>,
}

/// What one offer gives.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"listing_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "version": 3, "title": "医用外科口罩现货", "enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a70",
    "legal_name": "洛阳示范防护用品有限公司", "quantity": "30000", "offer_quantity": "15", "offer_unit_code": "XCT",
    "unit_price": "0.52", "cost": "15600", "distance_km": 8.1, "flags": ["freight_unknown"], "available": true}))]
pub struct BundleLine {
    listing_id: Uuid,
    #[schema(minimum = 1)]
    version: i32,
    /// Absent where the offer is no longer open to the reader.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    title: Option<String>,
    enterprise_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    legal_name: Option<String>,
    /// In the need's unit.
    quantity: Decimal,
    /// The same in the offer's own unit: whole lots, not less than its minimum order.
    offer_quantity: Decimal,
    #[schema(max_length = 3)]
    offer_unit_code: String,
    /// For one of the need's unit, with tax and freight as far as they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_price: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 20100)]
    distance_km: Option<f64>,
    #[schema(max_items = 20)]
    flags: Vec<Flag>,
    /// Open as it was then, with enough left.
    available: bool,
}

/// A plan that was kept, as it was computed.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a71", "listing_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "version": 1,
    "enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a70", "needed": "50000", "unit_code": "H87", "plan": {"$example": "BundlePlan"},
    "policy_version": 1, "stats_version": 1, "as_of": "2026-11-26T08:00:00Z", "created_at": "2026-11-26T08:12:00Z"}))]
pub struct Bundle {
    pub id: Uuid,
    listing_id: Uuid,
    enterprise_id: Uuid,
    /// Always 1: a bundle does not change.
    #[schema(minimum = 1)]
    pub version: i32,
    needed: Decimal,
    #[schema(max_length = 3)]
    unit_code: String,
    plan: BundlePlan,
    #[schema(minimum = 0)]
    policy_version: i32,
    #[schema(minimum = 0)]
    stats_version: i32,
    as_of: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

/// A page of kept bundles.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Bundle"}]}))]
pub struct BundlePage {
    #[schema(max_items = 100)]
    pub items: Vec<Bundle>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"objective": "cheapest", "max_suppliers": 5}))]
pub struct BundleInput {
    objective: Objective,
    /// At most so many suppliers.
    #[schema(minimum = 1, maximum = 25, default = 10)]
    max_suppliers: Option<usize>,
}

impl From<BundleInput> for bundles::Wish {
    fn from(input: BundleInput) -> Self {
        Self { objective: input.objective, most: input.max_suppliers.unwrap_or(bundles::DEFAULT_SUPPLIERS) }
    }
}

impl From<BundleList> for BundlePlans {
    fn from(BundleList { bundles, offers, frozen }: BundleList) -> Self {
        let matching::Bundles { needed, unit_code, currency, pool, left_out, plans } = bundles;
        Self {
            needed,
            unit_code,
            currency,
            pool,
            left_out,
            plans: plans.into_iter().map(|plan| render(plan, &offers)).collect(),
            policy_version: frozen.policy.version,
            stats_version: frozen.statistics.version,
            as_of: frozen.context().as_of,
        }
    }
}

impl From<BundleView> for Bundle {
    fn from(BundleView { bundle, offers }: BundleView) -> Self {
        Self {
            id: bundle.id,
            listing_id: bundle.listing_id,
            enterprise_id: bundle.enterprise_id,
            version: 1,
            needed: bundle.needed,
            unit_code: bundle.unit_code,
            plan: render(bundle.plan, &offers),
            policy_version: bundle.policy_version,
            stats_version: bundle.stats_version,
            as_of: bundle.as_of,
            created_at: bundle.created_at,
        }
    }
}

fn render(plan: matching::Plan, offers: &HashMap<Uuid, ShownListing>) -> BundlePlan {
    let (Bound::Cost { value } | Bound::UnitKilometres { value }) = plan.bound;
    BundlePlan {
        objective: plan.objective,
        covered: plan.covered,
        missing: plan.missing,
        cost: plan.cost,
        supplier_charge: plan.supplier_charge,
        bound: value,
        gap: plan.gap,
        optimal: plan.optimal,
        mean_km: plan.mean_km.map(rounded),
        lines: plan.lines.into_iter().map(|line| render_line(line, offers)).collect(),
    }
}

fn render_line(line: matching::Line, offers: &HashMap<Uuid, ShownListing>) -> BundleLine {
    let view = offers.get(&line.listing_id);
    let available = view.is_some_and(|view| {
        let (terms, left) = (&view.listing.terms, view.balance.map(|balance| balance.remaining));
        view.listing.version == line.version && ledger::suffices(terms, left, line.offer_quantity)
    });
    BundleLine {
        listing_id: line.listing_id,
        version: line.version,
        title: view.map(|view| view.listing.terms.title.clone()),
        enterprise_id: line.enterprise_id,
        legal_name: view.map(|view| view.enterprise.legal_name.clone()),
        quantity: line.quantity,
        offer_quantity: line.offer_quantity,
        offer_unit_code: line.offer_unit_code,
        unit_price: line.unit_price,
        cost: line.cost,
        distance_km: line.distance_km.map(rounded),
        flags: line.flags,
        available,
    }
}
