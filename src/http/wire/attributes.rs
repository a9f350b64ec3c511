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
#[schema(example = json!({"occupation": "焊工", "headcount": 20, "certificates": ["焊工操作证"], "shift": "day", "lodging": true,
    "pay": {"amount": "260", "currency": "CNY", "per": "DAY"}}))]
#[allow(dead_code)]
pub struct LaborAttributes {
    /// Names in Chinese or English, or codes of `/v1/reference/occupations`; several are separated by commas or 、.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    occupation: Option<String>,
    /// Workers a day. It counts as the quantity where none is stated.
    #[schema(minimum = 1, maximum = 100000)]
    headcount: Option<u32>,
    /// Certificates of the workers: of a need, what each must hold; of an offer, what all of them hold.
    #[schema(max_items = 20)]
    certificates: Option<Vec<WorkCertificate>>,
    shift: Option<Shift>,
    /// The days worked; left out: `delivery_period`.
    period: Option<Period>,
    /// Of one worker, `per` hour, day, week or month: what a need pays, what an offer asks. Of lent workers what they cost
    /// their employer.
    pay: Option<Price>,
    /// A need gives it, an offer asks for it.
    lodging: Option<bool>,
    /// A need gives them, an offer asks for them.
    meals: Option<bool>,
    /// A need fetches the workers, an offer asks for it.
    pickup: Option<bool>,
    /// How far the workers of an offer come daily; how far those a need takes may live. Nothing to workers who lodge.
    #[schema(minimum = 0, maximum = 1000)]
    commute_limit_km: Option<u32>,
    /// Of a need: whether it hires or borrows. Who lends does so at cost: such an offer has `pay` and no `price`.
    arrangement: Option<LaborArrangement>,
}

/// A certificate as people call it, such as `焊工操作证` or `A2`.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
#[allow(dead_code)]
pub struct WorkCertificate(String);

#[derive(ToSchema)]
#[schema(example = json!({"mode": "rent", "model": "CK6150"}))]
#[allow(dead_code)]
pub struct EquipmentAttributes {
    mode: Option<EquipmentMode>,
    /// `或相当` or `or equivalent` behind it admits others.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    model: Option<String>,
    /// Of a need: when it is wanted. Of an offer: when it is free.
    period: Option<Period>,
}

#[derive(ToSchema)]
#[schema(example = json!({"amount": {"amount": "2000000", "currency": "CNY"}, "term_months": 12, "highest_rate": "4.35"}))]
#[allow(dead_code)]
pub struct FinanceAttributes {
    /// What a need asks for; the most an offer gives to one.
    amount: Option<Money>,
    /// The least that helps a need; the least an offer gives. In the currency of `amount`.
    minimum_amount: Option<Decimal>,
    #[schema(min_length = 1, max_length = 300, pattern = r"^[^\x00\r\n]*$")]
    purpose: Option<String>,
    /// What a need asks for; the longest of an offer.
    #[schema(minimum = 1, maximum = 600)]
    term_months: Option<u32>,
    /// What a need can give; what an offer takes. `信用` or `unsecured`: none.
    #[schema(min_length = 1, max_length = 300, pattern = r"^[^\x00\r\n]*$")]
    collateral: Option<String>,
    /// Percent a year: the most a need pays, what an offer asks.
    highest_rate: Option<Decimal>,
}

#[derive(ToSchema)]
#[schema(example = json!({"readiness_level": 7, "licence": "非独占许可"}))]
#[allow(dead_code)]
pub struct TechnologyAttributes {
    /// ISO 16290: what a need asks for at the least, what an offer has.
    #[schema(minimum = 1, maximum = 9)]
    readiness_level: Option<u32>,
    /// In words: `普通许可`, `独家许可`, `独占许可`, `转让`, or "non-exclusive", "sole", "exclusive", "assignment". More than
    /// is asked for passes.
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\x00\r\n]*$")]
    licence: Option<String>,
}

#[derive(ToSchema)]
#[schema(example = json!({"service": "disinfection", "capacity_per_day": "20000"}))]
#[allow(dead_code)]
pub struct ServiceAttributes {
    service: Option<ServiceType>,
    /// In the listing's `unit_code`: what a need asks for at the least, what an offer can do. It counts as the quantity, a
    /// day, where none is stated.
    capacity_per_day: Option<Decimal>,
    /// The days of service; left out: `delivery_period`.
    period: Option<Period>,
}
