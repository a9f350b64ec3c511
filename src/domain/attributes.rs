//! What each kind adds to the common terms: `kind` and `attributes` of the document, as one typed value.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::decimal::Decimal;
use super::listing::{Kind, Period};
use super::trade::{Money, Price};

pub use super::transport::{Stop, TemperatureRange, Timetable, TransportAttributes, TransportMode};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "attributes", rename_all = "snake_case")]
pub enum Attributes {
    Material(MaterialAttributes),
    Ppe(PpeAttributes),
    Labor(LaborAttributes),
    /// By far the largest.
    Transport(Box<TransportAttributes>),
    Equipment(EquipmentAttributes),
    Finance(FinanceAttributes),
    Technology(TechnologyAttributes),
    Service(ServiceAttributes),
}

impl Attributes {
    pub fn kind(&self) -> Kind {
        match self {
            Attributes::Material(_) => Kind::Material,
            Attributes::Ppe(_) => Kind::Ppe,
            Attributes::Labor(_) => Kind::Labor,
            Attributes::Transport(_) => Kind::Transport,
            Attributes::Equipment(_) => Kind::Equipment,
            Attributes::Finance(_) => Kind::Finance,
            Attributes::Technology(_) => Kind::Technology,
            Attributes::Service(_) => Kind::Service,
        }
    }
}

/// Grade, purity, thickness and the like are `specs` of the listing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MaterialAttributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// UN class such as `3` or `5.1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hazard_class: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PpeAttributes {
    /// Designation with or without edition: `GB 19083-2010`, `YY 0469`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_class: Option<UseClass>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sterile: Option<bool>,
    /// The last day the goods may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiry_date: Option<NaiveDate>,
    /// Registration certificate of the goods, such as 国械注准20203400057.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_valid_to: Option<NaiveDate>,
}

/// An N95 respirator to GB 2626 is not a medical one to GB 19083.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum UseClass {
    Medical,
    Occupational,
    Civil,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LaborAttributes {
    /// Names or codes of occupations, several separated: `磨工、数控车工`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occupation: Option<String>,
    /// Workers a day; counts where the listing states no quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headcount: Option<u32>,
    /// Of a need: what every worker must hold; of an offer: what all of them hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shift: Option<Shift>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Of one worker. A need pays it, an offer asks it; those who are lent at what they cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pay: Option<Price>,
    /// A need gives lodging, meals and pickup, an offer asks for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lodging: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meals: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup: Option<bool>,
    /// How far workers come daily, or are taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commute_limit_km: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrangement: Option<LaborArrangement>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Shift {
    Day,
    Night,
    Rotating,
    Flexible,
}

/// `lend`: workers stay with their employer and come back (共享用工, not for profit).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LaborArrangement {
    Hire,
    Lend,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EquipmentAttributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<EquipmentMode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// When it is wanted, or free.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EquipmentMode {
    Sale,
    Rent,
    Share,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FinanceAttributes {
    /// What a need asks for; the most an offer gives to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The least that helps a need; the least an offer gives. In the currency of `amount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_amount: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// What a need asks for; the longest of an offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term_months: Option<u32>,
    /// What a need can give; what an offer takes, `信用` where it takes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collateral: Option<String>,
    /// Percent a year: the most a need pays, what an offer asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highest_rate: Option<Decimal>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TechnologyAttributes {
    /// ISO 16290, 1 to 9.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness_level: Option<u32>,
    /// The sort of licence: ordinary, sole, exclusive, transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceAttributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceType>,
    /// In the listing's `unit_code`, a day. What a need asks for at the least; what an offer can do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_per_day: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ServiceType {
    Processing,
    Disinfection,
    Testing,
    Storage,
    Lodging,
    Guidance,
    Other,
}
