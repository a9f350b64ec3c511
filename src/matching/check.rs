//! What a hard check says: a code, a verdict, what is had and what is wanted.

use std::fmt;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::domain::decimal::Decimal;
use crate::domain::listing::Period;

/// Stable names of the hard checks. `have` is always what the offer has (for `need_…`, `lodging`, `meals`, `pickup` and
/// `collateral`: the need), `want` what the other side asks of it.
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
pub enum CheckCode {
    Side,
    Kind,
    /// Different enterprises.
    Enterprise,
    /// Neither blocks the other.
    Blocked,
    /// The asking side may see the candidate.
    Visibility,
    /// Published and not expired.
    Open,
    Category,
    /// Only a listed substitute, and the need does not accept substitutes.
    Substitute,
    Unit,
    /// Something is left of both quantities.
    Remaining,
    Quantity,
    MinimumOrder,
    Price,
    Time,
    Distance,
    /// The offer is in the regions the need names.
    OfferArea,
    /// The need is in the regions the offer names.
    NeedArea,
    OfferVerified,
    NeedVerified,
    OfferCredentials,
    NeedCredentials,
    /// One for each credential that the law requires of a side for goods of its category; `about` names the scheme.
    LegalRequirement,
    /// One for each specification the need states; `about` names it.
    Specification,
    Grade,
    HazardLicence,
    Standard,
    UseClass,
    Sterile,
    ShelfLife,
    Certificate,
    Occupation,
    /// One for each certificate the need asks of workers; `about` names it.
    Qualification,
    Shift,
    /// The days of work or service overlap; equipment is free for all the days it is wanted.
    Period,
    /// What labor asks against what is paid: the price cap of its kind.
    Pay,
    /// Workers live near enough, or lodge.
    Commute,
    Lodging,
    Meals,
    Pickup,
    /// Hired or borrowed.
    LaborArrangement,
    /// The sum is within what the offer gives.
    Amount,
    /// The interest asked against what is paid: the price cap of its kind.
    Rate,
    Term,
    Collateral,
    EquipmentMode,
    Model,
    ReadinessLevel,
    Licence,
    ServiceType,
    DailyCapacity,
    /// Of a transport: the pickup is within the carrier's area.
    PickupArea,
    DropOffArea,
    /// What the carrier would drive on top of its stops.
    Detour,
    PickupWindow,
    /// Delivered in time, the way with the load included.
    TransitTime,
    TransportMode,
    Vehicle,
    Weight,
    Volume,
    Containers,
    Seats,
    Temperature,
    HazardClass,
    Passes,
    ReturnLeg,
    /// A vehicle of its own was asked for.
    OwnVehicle,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Verdict {
    Pass,
    Fail,
    /// Something needed to decide is not stated: the listing is shown, marked.
    Unknown,
}

/// Serialised as it is stored: codes and values, no sentences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    pub code: CheckCode,
    pub outcome: Verdict,
    /// The name of the specification, where there are several checks of one code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub have: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub want: Option<Value>,
}

impl Check {
    pub fn failed(&self) -> bool {
        self.outcome == Verdict::Fail
    }
}

/// A value of an explanation; displayed as plain text, stored with its parts: `{"quantity": {"amount": "5", "unit": "H87"}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    Text(String),
    List(Vec<String>),
    Quantity {
        amount: Decimal,
        unit: String,
    },
    Money {
        amount: Decimal,
        currency: String,
        per: String,
    },
    Kilometres(f64),
    Days(f64),
    Date(NaiveDate),
    Instant(DateTime<Utc>),
    Share(f64),
    Period(Period),
    /// Given or not, asked for or not.
    Yes(bool),
    /// Bounds of a specification with their unit.
    Range {
        min: Option<Decimal>,
        max: Option<Decimal>,
        unit: Option<String>,
    },
}

impl Value {
    pub fn text(text: impl Into<String>) -> Self {
        Value::Text(text.into())
    }

    /// The unit the number is in: a unit code, a currency per unit code, `km`, `d`.
    pub fn unit(&self) -> Option<String> {
        match self {
            Value::Quantity { unit, .. } => Some(unit.clone()),
            Value::Money { currency, per, .. } => Some(format!("{currency}/{per}")),
            Value::Kilometres(_) => Some("km".into()),
            Value::Days(_) => Some("d".into()),
            _ => None,
        }
    }

    /// The value without its unit.
    pub fn bare(&self) -> String {
        match self {
            Value::Text(text) => text.clone(),
            Value::List(list) => list.join(", "),
            Value::Yes(yes) => yes.to_string(),
            Value::Quantity { amount, .. } | Value::Money { amount, .. } => amount.to_string(),
            Value::Kilometres(number) | Value::Days(number) => rounded(*number, 1),
            Value::Share(number) => rounded(*number, 4),
            Value::Period(Period { start, end }) => format!("{start}–{end}"),
            Value::Date(date) => date.to_string(),
            Value::Instant(time) => time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            Value::Range { min, max, .. } => match (min, max) {
                (Some(min), Some(max)) => format!("{min}–{max}"),
                (Some(min), None) => format!("≥ {min}"),
                (None, Some(max)) => format!("≤ {max}"),
                (None, None) => String::new(),
            },
        }
    }
}

/// `number` with at most `places` decimals.
fn rounded(number: f64, places: usize) -> String {
    let text = format!("{number:.places$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.bare())?;
        let unit = match self {
            Value::Range { unit, .. } => unit.clone(),
            _ => self.unit(),
        };
        unit.map_or(Ok(()), |unit| write!(f, " {unit}"))
    }
}
