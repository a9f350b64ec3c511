//! A listing: one enterprise needs or offers something, on these terms.
//!
//! `Terms` is what the poster wrote and may change; it is stored and served as one JSON document, so a merge patch
//! applies to it as it stands. Everything else about a listing (state, version, times) belongs to the system.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use super::attributes::Attributes;
use super::decimal::Decimal;
use super::place::Point;
use super::region::Regions;
use super::trade::{FreightPaidBy, Money, PaymentTerm, Price, QuantityBasis, Specification};
use super::unit::Pack;

pub use super::listing_codes::{
    CloseOutcome, ContactPolicy, DirectAward, Kind, ListingStatus, RequiredLevel, Side, Urgency, Visibility,
};

/// A listing is valid this long unless it says otherwise.
pub const DEFAULT_VALIDITY_DAYS: i64 = 30;
/// A listing may be valid for at most this long at a time; renewing is one call.
pub const MAX_VALIDITY_DAYS: i64 = 366;

/// What the poster wrote, after parsing: shapes and bounds hold; `check` says what does not fit together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    pub side: Side,
    /// `kind` and `attributes` of the document.
    #[serde(flatten)]
    pub attributes: Attributes,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `zh-CN` or `en`, detected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// A code of the category tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// In `unit_code`, per `quantity_basis`. Absent: unknown (matched, but nothing can be held of it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Decimal>,
    #[serde(default)]
    pub quantity_basis: QuantityBasis,
    /// UN/CEFACT Recommendation 20 or 21.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_code: Option<String>,
    /// What one pack holds, where `unit_code` is a package: so many `packed_unit_code`, or pieces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units_per_pack: Option<Decimal>,
    /// 25 kg in a drum, 30 bottles in a carton. Absent: pieces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packed_unit_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_order_quantity: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot_multiple: Option<Decimal>,
    /// What an offer asks per unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// The most a need pays per unit (`unit_code`), delivered, tax included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_price: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freight_paid_by: Option<FreightPaidBy>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payment_terms: Vec<PaymentTerm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_type: Option<super::trade::InvoiceType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub specs: Vec<Specification>,
    /// GB/T 2260 in China.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// WGS-84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Point>,
    /// How far this side goes or looks; kilometres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_radius_km: Option<u32>,
    /// Where this side goes or looks: regions with all below them. Absent: anywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service_regions: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_from: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed_by: Option<NaiveDate>,
    /// The days a per-day, per-week or per-month quantity is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_period: Option<Period>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_time_days: Option<u32>,
    #[serde(deserialize_with = "whole_microseconds")]
    pub valid_until: DateTime<Utc>,
    #[serde(default)]
    pub urgency: Urgency,
    #[serde(default = "yes")]
    pub accepts_partial: bool,
    #[serde(default)]
    pub accepts_substitutes: bool,
    /// Schemes of credentials the counterpart must hold, such as `business_licence`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_credentials: Vec<String>,
    #[serde(default)]
    pub required_level: RequiredLevel,
    #[serde(default)]
    pub visibility: Visibility,
    #[serde(default)]
    pub contact_policy: ContactPolicy,
    #[serde(default)]
    pub direct_award: DirectAward,
    /// The poster's own number for it; unique within the enterprise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

fn yes() -> bool {
    true
}

/// As PostgreSQL keeps them: what is read again is what was answered.
fn whole_microseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    Ok(DateTime::deserialize(deserializer)?.trunc_subsecs(6))
}

/// Days, both included, in the zone of the listing's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub start: NaiveDate,
    pub end: NaiveDate,
}

impl Terms {
    pub fn kind(&self) -> Kind {
        self.attributes.kind()
    }

    /// The point stated. A transport need stands at its pickup, what runs by timetable at its terminal, another carrier
    /// where it says it is, else at its first stop.
    pub fn point(&self, regions: &Regions) -> Option<Point> {
        let Attributes::Transport(transport) = &self.attributes else { return self.location };
        let start = transport.start(regions);
        if self.side == Side::Need || transport.timetable.is_some() {
            start.or(self.location)
        } else {
            self.location.or(start)
        }
    }

    pub fn pack(&self) -> Option<Pack<'_>> {
        self.units_per_pack.map(|quantity| Pack { quantity, unit: self.packed_unit_code.as_deref() })
    }
}

/// A listing as the system keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    pub id: Uuid,
    pub enterprise_id: Uuid,
    /// The stored state; see [`Listing::status_at`].
    pub status: ListingStatus,
    /// Rises with edits and transitions.
    pub version: i32,
    pub terms: Terms,
    pub outcome: Option<CloseOutcome>,
    pub counterpart_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub published_at: Option<DateTime<Utc>>,
    /// Published, edited or renewed: the poster said it still holds.
    pub confirmed_at: DateTime<Utc>,
    /// Somebody entitled to it said that it is as urgent as it states.
    pub urgency_confirmed: Option<Confirmation>,
    /// By which an association posted it for the enterprise.
    pub mandate_id: Option<Uuid>,
}

/// When, and the account that did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Confirmation {
    pub at: DateTime<Utc>,
    pub by: Uuid,
}

impl Listing {
    /// Expiry is computed when reading: the job that writes it down may be late.
    pub fn status_at(&self, now: DateTime<Utc>) -> ListingStatus {
        match self.status {
            ListingStatus::Published if self.terms.valid_until <= now => ListingStatus::Expired,
            status => status,
        }
    }
}

/// What its poster, or an official, does with a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Publish,
    Edit,
    Renew,
    Withdraw,
    Close,
    ConfirmUrgency,
}

impl Action {
    /// The states it is allowed in; everything else is a conflict that names them.
    pub fn allowed_in(self) -> &'static [ListingStatus] {
        use ListingStatus::{Draft, Expired, PendingReview, Published};
        match self {
            Action::Publish => &[Draft],
            Action::Edit => &[Draft, PendingReview, Published],
            Action::Renew => &[Published, Expired],
            Action::Withdraw => &[Draft, PendingReview, Published],
            Action::Close => &[Published, Expired],
            Action::ConfirmUrgency => &[Published],
        }
    }
}

impl CloseOutcome {
    /// The state a listing ends in.
    pub fn final_status(self) -> ListingStatus {
        match self {
            CloseOutcome::MetHere | CloseOutcome::MetElsewhere => ListingStatus::Fulfilled,
            CloseOutcome::NotNeeded => ListingStatus::Withdrawn,
        }
    }
}
