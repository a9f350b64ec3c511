//! The tunable part of matching: versioned data an administrator can change. Defaults are those of the design.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::check::CheckCode;
use super::factor::FactorCode;
use crate::domain::decimal::Decimal;
use crate::domain::listing::{Kind, Urgency};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    pub version: i32,
    pub weights: BTreeMap<Kind, Weights>,
    /// On top of the weights of the kind; the sum is normalised.
    pub freshness_weight: Decimal,
    pub chain_link_weight: Decimal,
    pub urgency_weight: Decimal,
    /// Kilometres over which distance loses half its points.
    pub half_distance_km: BTreeMap<Kind, f64>,
    /// Up to here distance costs nothing.
    pub near_km: f64,
    /// Road kilometres for one as the crow flies.
    pub detour: f64,
    pub km_per_day: f64,
    /// Days before goods without a stated lead time set out.
    pub handling_days: f64,
    /// Price of moving a tonne over a kilometre of road.
    pub freight_per_tonne_km: f64,
    pub freight_currency: String,
    /// What each supplier after the first adds to the cost of a bundle, in `freight_currency`.
    pub extra_supplier_charge: Decimal,
    /// Above this multiple of the reference price an offer is marked; also what a need without a cap is taken to pay.
    pub price_ceiling: f64,
    /// At this share of the reference price an offer has all points for it.
    pub price_floor: f64,
    /// Days of slack worth all points, by urgency.
    pub slack_days: BTreeMap<Urgency, f64>,
    /// What a component is worth at most when the candidate keeps silent about it.
    pub unknown: Unknowns,
    pub freshness_days: f64,
    pub trust_half_life_days: f64,
    pub trust_quantile: f64,
    /// BM25's saturation and length normalisation.
    pub text_k1: f64,
    pub text_b: f64,
    /// How much two texts must share to be compared when a category is missing.
    pub uncategorised_text: f64,
    /// Enterprises a median needs.
    pub min_enterprises: usize,
    pub near_misses: NearMissRules,
    /// A listing's standing matches are its best this many.
    pub standing_k: usize,
    /// How far apart needs may lie that together reach a supplier's minimum.
    pub pooling_radius_km: f64,
    /// Standing matches written for a listing in a day, at most.
    pub matches_per_listing_day: usize,
    /// Notifications of matches an enterprise gets in a day, at most.
    pub notifications_per_enterprise_day: usize,
    /// Kilometres a vehicle may go out of its way for a load.
    pub max_detour_km: f64,
    /// Any one of these credentials lets an enterprise deal in goods with a hazard class.
    pub hazard_licences: Vec<String>,
    /// What becomes of a listing whose enterprise does not hold what the law requires for its category.
    pub enforce_requirements: Enforcement,
    /// Where the dates of listings are: China Standard Time.
    pub utc_offset_minutes: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Enforcement {
    /// Nobody asks.
    Off,
    /// It is shown, marked: a credential that nobody has seen is unknown.
    Flag,
    /// It fails.
    Require,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weights {
    pub quantity: Decimal,
    pub distance: Decimal,
    pub price: Decimal,
    pub time: Decimal,
    pub text: Decimal,
    pub trust: Decimal,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Unknowns {
    pub quantity: f64,
    pub distance: f64,
    pub price: f64,
    pub time: f64,
    /// Where no mean of the category is known.
    pub trust: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NearMissRules {
    pub limit: usize,
    /// Checks one of which a near miss may fail.
    pub relaxable: Vec<CheckCode>,
}

impl Weights {
    /// In hundredths: quantity, distance, price, time, text, trust.
    fn hundredths([quantity, distance, price, time, text, trust]: [u32; 6]) -> Self {
        Self {
            quantity: hundredths(quantity),
            distance: hundredths(distance),
            price: hundredths(price),
            time: hundredths(time),
            text: hundredths(text),
            trust: hundredths(trust),
        }
    }
}

fn hundredths(n: u32) -> Decimal {
    Decimal::from_integer(n).scale(1, 100).unwrap_or_default()
}

const GOODS: [u32; 6] = [25, 20, 25, 10, 10, 10];
/// Silent in the design beyond "text and trust first".
const EXPERTISE: [u32; 6] = [10, 10, 15, 10, 35, 20];

impl Policy {
    pub fn weight(&self, kind: Kind, code: FactorCode) -> Decimal {
        let weights = self.weights.get(&kind).copied().unwrap_or_else(|| Weights::hundredths(GOODS));
        match code {
            FactorCode::Quantity => weights.quantity,
            FactorCode::Distance => weights.distance,
            FactorCode::Price => weights.price,
            FactorCode::Time => weights.time,
            FactorCode::Text => weights.text,
            FactorCode::Trust => weights.trust,
            FactorCode::Freshness => self.freshness_weight,
            FactorCode::ChainLink => self.chain_link_weight,
            FactorCode::Urgency => self.urgency_weight,
        }
    }

    /// The same where nobody asks for near misses: cheaper, and the matches are the same.
    pub fn without_near_misses(&self) -> Self {
        Self { near_misses: NearMissRules { limit: 0, relaxable: Vec::new() }, ..self.clone() }
    }

    /// The date of an instant where the listings are.
    pub(super) fn local_date(&self, time: DateTime<Utc>) -> NaiveDate {
        (time + TimeDelta::minutes(self.utc_offset_minutes.into())).date_naive()
    }

    pub(super) fn half_distance(&self, kind: Kind) -> f64 {
        self.half_distance_km.get(&kind).copied().unwrap_or(200.0)
    }

    pub(super) fn slack(&self, urgency: Urgency) -> f64 {
        self.slack_days.get(&urgency).copied().unwrap_or(14.0)
    }

    pub(super) fn is_relaxable(&self, code: CheckCode) -> bool {
        self.near_misses.relaxable.contains(&code)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: 1,
            weights: default_weights(),
            freshness_weight: hundredths(5),
            chain_link_weight: hundredths(5),
            urgency_weight: hundredths(10),
            half_distance_km: default_half_distances(),
            near_km: 5.0,
            detour: 1.3,
            km_per_day: 500.0,
            handling_days: 1.0,
            freight_per_tonne_km: 0.4,
            freight_currency: "CNY".into(),
            extra_supplier_charge: Decimal::from_integer(200),
            price_ceiling: 1.5,
            price_floor: 0.9,
            slack_days: [(Urgency::Critical, 3.0), (Urgency::High, 7.0), (Urgency::Normal, 14.0), (Urgency::Low, 14.0)]
                .into(),
            unknown: Unknowns { quantity: 0.5, distance: 0.0, price: 0.3, time: 0.3, trust: 0.5 },
            freshness_days: 7.0,
            trust_half_life_days: 180.0,
            trust_quantile: 0.1,
            text_k1: 0.9,
            text_b: 0.3,
            uncategorised_text: 0.065,
            min_enterprises: 8,
            near_misses: NearMissRules { limit: 10, relaxable: default_relaxable() },
            standing_k: 10,
            pooling_radius_km: 20.0,
            matches_per_listing_day: 100,
            notifications_per_enterprise_day: 20,
            max_detour_km: 50.0,
            enforce_requirements: Enforcement::Flag,
            hazard_licences: ["hazardous_goods", "hazardous_goods_licence"].map(str::to_owned).into(),
            utc_offset_minutes: 8 * 60,
        }
    }
}

fn default_weights() -> BTreeMap<Kind, Weights> {
    [
        (Kind::Ppe, [25, 30, 10, 15, 10, 10]),
        (Kind::Material, GOODS),
        (Kind::Equipment, GOODS),
        (Kind::Service, GOODS),
        (Kind::Labor, [20, 30, 15, 15, 15, 5]),
        (Kind::Transport, [15, 30, 25, 15, 0, 15]),
        (Kind::Finance, EXPERTISE),
        (Kind::Technology, EXPERTISE),
    ]
    .map(|(kind, weights)| (kind, Weights::hundredths(weights)))
    .into()
}

fn default_half_distances() -> BTreeMap<Kind, f64> {
    [
        (Kind::Ppe, 100.0),
        (Kind::Material, 200.0),
        (Kind::Labor, 10.0),
        (Kind::Transport, 50.0),
        (Kind::Equipment, 200.0),
        (Kind::Finance, 200.0),
        (Kind::Technology, 200.0),
        (Kind::Service, 200.0),
    ]
    .into()
}

/// What the two sides can settle between them. Not: what the law, the reader's rights or the nature of the goods decide.
fn default_relaxable() -> Vec<CheckCode> {
    vec![
        CheckCode::Substitute,
        CheckCode::Quantity,
        CheckCode::MinimumOrder,
        CheckCode::Price,
        CheckCode::Time,
        CheckCode::Distance,
        CheckCode::OfferArea,
        CheckCode::NeedArea,
        CheckCode::OfferVerified,
        CheckCode::NeedVerified,
        CheckCode::OfferCredentials,
        CheckCode::NeedCredentials,
        CheckCode::Specification,
        CheckCode::Grade,
        CheckCode::Standard,
        CheckCode::UseClass,
        CheckCode::Sterile,
        CheckCode::ShelfLife,
        CheckCode::Occupation,
        CheckCode::Qualification,
        CheckCode::Shift,
        CheckCode::Period,
        CheckCode::Pay,
        CheckCode::Commute,
        CheckCode::Lodging,
        CheckCode::Meals,
        CheckCode::Pickup,
        CheckCode::LaborArrangement,
        CheckCode::Amount,
        CheckCode::Rate,
        CheckCode::Term,
        CheckCode::Collateral,
        CheckCode::EquipmentMode,
        CheckCode::Model,
        CheckCode::ReadinessLevel,
        CheckCode::Licence,
        CheckCode::DailyCapacity,
        CheckCode::PickupArea,
        CheckCode::DropOffArea,
        CheckCode::Detour,
        CheckCode::PickupWindow,
        CheckCode::TransitTime,
        CheckCode::TransportMode,
        CheckCode::Vehicle,
        CheckCode::Weight,
        CheckCode::Volume,
        CheckCode::Containers,
        CheckCode::Seats,
        CheckCode::Passes,
        CheckCode::ReturnLeg,
        CheckCode::OwnVehicle,
    ]
}
