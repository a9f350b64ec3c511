//! Schemas of the attributes each kind adds; the domain's types read them.

use chrono::NaiveDate;
use utoipa::ToSchema;

use super::listing::{Money, Period, Price};
use crate::domain::attributes::{EquipmentMode, LaborArrangement, ServiceType, Shift, UseClass};
use crate::domain::decimal::Decimal;

/// Grade, purity, thickness and the like go into `specs`.
#[derive(ToSchema)]
#[schema(example = json!({"grade": "GCr15"}))]
#[allow(dead_code)]
pub struct MaterialAttributes {
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    grade: Option<String>,
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    origin: Option<String>,
    /// UN class such as `3` or `5.1`.
    #[schema(pattern = r"^[1-9](\.[1-6])?$", max_length = 3)]
    hazard_class: Option<String>,
}

#[derive(ToSchema)]
#[schema(example = json!({"standard": "GB 19083-2010", "use_class": "medical"}))]
#[allow(dead_code)]
pub struct PpeAttributes {
    /// Designation with or without edition; spellings such as `GB19083-2010` are read.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    standard: Option<String>,
    use_class: Option<UseClass>,
    sterile: Option<bool>,
    /// Of an offer: the last day the goods may be used. Of a need: they must keep until then.
    expiry_date: Option<NaiveDate>,
    /// Registration certificate, such as 国械注准 and a number.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    certificate_number: Option<String>,
    certificate_valid_to: Option<NaiveDate>,
}

#[derive(ToSchema)]
#[schema(example = json!({"occupation": "焊工", "headcount": 20, "shift": "day", "lodging": true}))]
#[allow(dead_code)]
pub struct LaborAttributes {
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    occupation: Option<String>,
    #[schema(minimum = 1, maximum = 100000)]
    headcount: Option<u32>,
    shift: Option<Shift>,
    period: Option<Period>,
    pay: Option<Price>,
    lodging: Option<bool>,
    meals: Option<bool>,
    pickup: Option<bool>,
    #[schema(minimum = 0, maximum = 1000)]
    commute_limit_km: Option<u32>,
    arrangement: Option<LaborArrangement>,
}

#[derive(ToSchema)]
#[schema(example = json!({"mode": "rent", "model": "CK6150"}))]
#[allow(dead_code)]
pub struct EquipmentAttributes {
    mode: Option<EquipmentMode>,
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    model: Option<String>,
    period: Option<Period>,
}

#[derive(ToSchema)]
#[schema(example = json!({"amount": {"amount": "2000000", "currency": "CNY"}, "term_months": 12, "highest_rate": "4.35"}))]
#[allow(dead_code)]
pub struct FinanceAttributes {
    amount: Option<Money>,
    #[schema(min_length = 1, max_length = 300, pattern = r"^[^\x00\r\n]*$")]
    purpose: Option<String>,
    #[schema(minimum = 1, maximum = 600)]
    term_months: Option<u32>,
    #[schema(min_length = 1, max_length = 300, pattern = r"^[^\x00\r\n]*$")]
    collateral: Option<String>,
    /// Percent a year: the most a need pays, what an offer asks.
    highest_rate: Option<Decimal>,
}

#[derive(ToSchema)]
#[schema(example = json!({"readiness_level": 7, "licence": "非独占许可"}))]
#[allow(dead_code)]
pub struct TechnologyAttributes {
    /// ISO 16290.
    #[schema(minimum = 1, maximum = 9)]
    readiness_level: Option<u32>,
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\x00\r\n]*$")]
    licence: Option<String>,
}

#[derive(ToSchema)]
#[schema(example = json!({"service": "disinfection", "capacity_per_day": "20000"}))]
#[allow(dead_code)]
pub struct ServiceAttributes {
    service: Option<ServiceType>,
    /// In the listing's `unit_code`.
    capacity_per_day: Option<Decimal>,
    period: Option<Period>,
}
