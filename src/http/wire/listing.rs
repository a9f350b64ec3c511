//! Listings on the wire. `ListingFields` holds what all kinds share; `core::kinds` makes of it one schema a kind, joined
//! by `oneOf` with `kind` as the discriminator. The domain's `Terms` reads and writes the same document.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use super::attributes::{
    EquipmentAttributes, FinanceAttributes, LaborAttributes, MaterialAttributes, PpeAttributes, ServiceAttributes,
    TechnologyAttributes,
};
use super::moderation::ModerationOutcome;
use super::transport::TransportAttributes;
use crate::app::listings::{ListingView, Posting};
use crate::app::posting::{Passage, Source, Understood};
use crate::domain::decimal::Decimal;
use crate::domain::enterprise::{self, EnterpriseStatus};
use crate::domain::listing::{
    CloseOutcome, ContactPolicy, DirectAward, Kind, ListingStatus, RequiredLevel, Side, Terms, Urgency, Visibility,
};
use crate::domain::place::{Datum, Point};
use crate::domain::trade::{Delivery, FreightPaidBy, InvoiceType, PaymentTerm, PriceMode, QuantityBasis};

#[derive(ToSchema)]
#[schema(example = json!({"side": "need", "title": "医用外科口罩", "quantity": "20000", "unit_code": "H87",
    "max_price": {"amount": "0.80", "currency": "CNY"}, "region_code": "410305"}))]
#[allow(dead_code)]
pub struct ListingFields {
    /// Whose listing it is; may be left out by a member of exactly one enterprise.
    enterprise_id: Option<Uuid>,
    /// Publish at once.
    #[schema(default = false)]
    publish: Option<bool>,
    side: Side,
    /// In Chinese, English or both; category and kind are understood from it when left out.
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\x00\r\n]*$")]
    title: String,
    #[schema(min_length = 1, max_length = 4000, pattern = r"^[^\x00]*$")]
    description: Option<String>,
    /// Detected.
    #[schema(pattern = "^(zh-CN|en)$", max_length = 5)]
    language: Option<String>,
    /// A code of `/v1/reference/categories`.
    #[schema(min_length = 1, max_length = 100, pattern = "^[a-z0-9_.-]+$")]
    category: Option<String>,
    /// In `unit_code`, per `quantity_basis`; at most 10^12. Left out: unknown.
    quantity: Option<Decimal>,
    quantity_basis: Option<QuantityBasis>,
    /// UN/CEFACT Recommendation 20, packages of 21; see `/v1/reference/units`.
    #[schema(min_length = 2, max_length = 3, pattern = "^[A-Z0-9]+$")]
    unit_code: Option<String>,
    /// What one pack holds, where the unit is a package.
    units_per_pack: Option<Decimal>,
    /// What `units_per_pack` counts: 25 `KGM` in a drum, 30 `XBO` in a carton. Left out: pieces.
    #[schema(min_length = 2, max_length = 3, pattern = "^[A-Z0-9]+$")]
    packed_unit_code: Option<String>,
    min_order_quantity: Option<Decimal>,
    /// Only multiples of this are delivered.
    lot_multiple: Option<Decimal>,
    /// What an offer asks per unit.
    price: Option<Price>,
    /// The most a need pays per unit, delivered, tax included.
    max_price: Option<Money>,
    freight_paid_by: Option<FreightPaidBy>,
    #[schema(max_items = 6)]
    payment_terms: Option<Vec<PaymentTerm>>,
    invoice_type: Option<InvoiceType>,
    sample: Option<bool>,
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    brand: Option<String>,
    #[schema(max_items = 50)]
    specs: Option<Vec<Specification>>,
    /// GB/T 2260 in China; the enterprise's when left out.
    #[schema(min_length = 2, max_length = 12, pattern = "^[A-Z0-9-]+$")]
    region_code: Option<String>,
    #[schema(min_length = 1, max_length = 300, pattern = r"^[^\x00\r\n]*$")]
    address: Option<String>,
    location: Option<Point>,
    /// Of `location`; converted on input.
    datum: Option<Datum>,
    /// How far this side goes or looks.
    #[schema(minimum = 1, maximum = 20000)]
    service_radius_km: Option<u32>,
    /// Where this side goes or looks: codes of regions, with all below them, or of countries (`DE` holds `DE-BE`). Left out:
    /// anywhere.
    #[schema(max_items = 50)]
    service_regions: Option<Vec<ServiceRegion>>,
    /// Of an offer.
    available_from: Option<NaiveDate>,
    /// Of a need.
    needed_by: Option<NaiveDate>,
    /// The days a rate is for; at most 400 periods.
    delivery_period: Option<Period>,
    #[schema(minimum = 0, maximum = 3650)]
    lead_time_days: Option<u32>,
    /// At most 366 days ahead; 30 days when left out.
    valid_until: Option<DateTime<Utc>>,
    urgency: Option<Urgency>,
    #[schema(default = true)]
    accepts_partial: Option<bool>,
    #[schema(default = false)]
    accepts_substitutes: Option<bool>,
    /// Schemes of credentials the counterpart must hold.
    #[schema(max_items = 10)]
    required_credentials: Option<Vec<CredentialScheme>>,
    required_level: Option<RequiredLevel>,
    visibility: Option<Visibility>,
    contact_policy: Option<ContactPolicy>,
    direct_award: Option<DirectAward>,
    /// The poster's own number, unique within the enterprise.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    external_id: Option<String>,
}

/// GB/T 2260 in China, else ISO 3166.
#[derive(ToSchema)]
#[schema(min_length = 2, max_length = 12, pattern = "^[A-Z0-9-]+$")]
#[allow(dead_code)]
pub struct ServiceRegion(String);

/// A scheme of credentials, such as `medical_device_registration`.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 64, pattern = "^[a-z0-9_]+$")]
#[allow(dead_code)]
pub struct CredentialScheme(String);

/// An amount in an ISO 4217 currency.
#[derive(ToSchema)]
#[schema(example = json!({"amount": "0.80", "currency": "CNY"}))]
#[allow(dead_code)]
pub struct Money {
    amount: Decimal,
    #[schema(pattern = "^[A-Z]{3}$", max_length = 3)]
    currency: String,
}

/// What one unit costs; 0 means donated.
#[derive(ToSchema)]
#[schema(example = json!({"amount": "0.65", "currency": "CNY", "mode": "fixed", "tax_included": true, "delivery": "ex_works"}))]
#[allow(dead_code)]
pub struct Price {
    amount: Decimal,
    #[schema(pattern = "^[A-Z]{3}$", max_length = 3)]
    currency: String,
    /// The unit the amount is for; left out: the listing's.
    #[schema(min_length = 2, max_length = 3, pattern = "^[A-Z0-9]+$")]
    per: Option<String>,
    mode: Option<PriceMode>,
    #[schema(default = true)]
    tax_included: Option<bool>,
    /// Percent.
    tax_rate: Option<Decimal>,
    delivery: Option<Delivery>,
}

/// A named property: an offer states a value, a need a value or a range.
#[derive(ToSchema)]
#[schema(example = json!({"name": "克重", "min": "24", "max": "26", "unit": "g/m2"}))]
#[allow(dead_code)]
pub struct Specification {
    #[schema(min_length = 1, max_length = 60, pattern = r"^[^\x00\r\n]*$")]
    name: String,
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\x00\r\n]*$")]
    value: Option<String>,
    min: Option<Decimal>,
    max: Option<Decimal>,
    #[schema(min_length = 1, max_length = 20, pattern = r"^[^\x00\r\n]*$")]
    unit: Option<String>,
}

/// Days, both included, at the listing's place.
#[derive(ToSchema)]
#[schema(example = json!({"start": "2027-01-01", "end": "2027-01-31"}))]
#[allow(dead_code)]
pub struct Period {
    start: NaiveDate,
    end: NaiveDate,
}

/// What a person posts, as it came.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct ListingInput(Map<String, Value>);

impl ListingInput {
    /// Says `field` where the posting itself does not.
    pub fn default_to(&mut self, field: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.0.entry(field).or_insert(value);
        }
    }
}

impl From<ListingInput> for Posting {
    fn from(ListingInput(mut document): ListingInput) -> Self {
        let enterprise_id = document.remove("enterprise_id").and_then(|id| serde_json::from_value(id).ok());
        let publish = document.remove("publish").is_some_and(|publish| publish == true);
        Posting { enterprise_id, publish, document }
    }
}

/// Both names stand for schemas that `core::kinds` makes.
macro_rules! made_of_fields {
    ($($type:ty => $name:literal;)*) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                ListingFields::schema()
            }
        }
        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }
            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                schemas.push(("ListingFields".to_owned(), ListingFields::schema()));
                ListingFields::schemas(schemas);
                attribute_schemas(schemas);
            }
        }
    )*};
}

made_of_fields! {
    ListingInput => "ListingInput";
    Terms => "ListingInput";
}

fn attribute_schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    fn add<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
    add::<MaterialAttributes>(schemas);
    add::<PpeAttributes>(schemas);
    add::<LaborAttributes>(schemas);
    add::<TransportAttributes>(schemas);
    add::<EquipmentAttributes>(schemas);
    add::<FinanceAttributes>(schemas);
    add::<TechnologyAttributes>(schemas);
    add::<ServiceAttributes>(schemas);
    add::<Kind>(schemas);
}

/// A merge patch of a listing; its schema is derived from `ListingInput`.
#[derive(ToSchema)]
#[schema(example = json!({"quantity": "15000", "max_price": null}))]
pub struct ListingPatch {}

/// What the system says of a listing beside its terms. The example is of both.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "version": 2, "status": "published",
    "enterprise": {"id": "0192f0c1-6d7a-77d6-8c07-3afaa73a65db", "legal_name": "洛阳示范医疗用品有限公司", "verified": true},
    "remaining_quantity": "50000", "partly_taken": false, "created_at": "2026-11-23T08:00:00Z", "updated_at": "2026-11-23T08:00:00Z",
    "published_at": "2026-11-23T08:00:00Z", "confirmed_at": "2026-11-23T08:00:00Z", "side": "offer", "kind": "ppe",
    "attributes": {"standard": "YY 0469-2011"}, "title": "医用外科口罩 现货", "language": "zh-CN", "category": "ppe.mask.surgical",
    "quantity": "50000", "quantity_basis": "total", "unit_code": "H87",
    "price": {"amount": "0.65", "currency": "CNY", "mode": "fixed", "tax_included": true, "delivery": "ex_works"},
    "region_code": "410305", "valid_until": "2026-12-23T08:00:00Z", "urgency": "normal", "accepts_partial": true,
    "accepts_substitutes": false, "required_level": "none", "visibility": "public", "contact_policy": "on_agreement",
    "direct_award": "verified"}))]
pub struct ListingRecord {
    pub id: Uuid,
    #[schema(minimum = 1)]
    pub version: i32,
    status: ListingStatus,
    enterprise: Poster,
    /// What is left of the quantity, in the listing's own unit: the least over all periods. Absent where it is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining_quantity: Option<Decimal>,
    /// Something of it is held or delivered.
    partly_taken: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<CloseOutcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counterpart_id: Option<Uuid>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published_at: Option<DateTime<Utc>>,
    /// When its poster last said that it holds.
    confirmed_at: DateTime<Utc>,
    /// When an official confirmed the urgency it states; more than `normal` counts only then.
    #[serde(skip_serializing_if = "Option::is_none")]
    urgency_confirmed_at: Option<DateTime<Utc>>,
    /// What moderation last made of it; for members of its enterprise and for moderators.
    #[serde(skip_serializing_if = "Option::is_none")]
    moderation: Option<ModerationOutcome>,
    /// Where an association posted it for its member, the enterprise, under a mandate.
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<OnBehalf>,
    /// From the point a search asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 20100)]
    pub distance_km: Option<f64>,
    /// How much of the words asked for is there, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1)]
    pub relevance: Option<f64>,
    /// What was understood or defaulted when it was posted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 30)]
    pub understood: Vec<UnderstoodField>,
    /// The best three matches, when it was published with the posting.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 3, no_recursion)]
    pub top_matches: Option<Vec<super::matches::Match>>,
}

/// A listing: its record and, in the same object, its terms.
#[derive(Serialize)]
pub struct Listing {
    #[serde(flatten)]
    pub record: ListingRecord,
    #[serde(flatten)]
    terms: Terms,
}

impl PartialSchema for Listing {
    fn schema() -> RefOr<Schema> {
        ListingRecord::schema()
    }
}

impl ToSchema for Listing {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Listing")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push(("ListingRecord".to_owned(), ListingRecord::schema()));
        ListingRecord::schemas(schemas);
        <Terms as ToSchema>::schemas(schemas);
    }
}

/// Who posted it.
#[derive(Serialize, ToSchema)]
pub struct Poster {
    id: Uuid,
    #[schema(max_length = 200)]
    legal_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    name_en: Option<String>,
    verified: bool,
}

/// By whom a listing was posted for the enterprise.
#[derive(Serialize, ToSchema)]
pub struct OnBehalf {
    mandate_id: Uuid,
    association_id: Uuid,
    #[schema(max_length = 200)]
    association_name: String,
}

/// A field the program filled in.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"field": "quantity", "value": "2000", "confidence": 0.95, "source": "title",
    "passage": {"text": "2000个", "start": 6, "end": 11}}))]
pub struct UnderstoodField {
    /// Dotted where it is part of an object: `attributes.standard`.
    #[schema(max_length = 100)]
    field: &'static str,
    value: Value,
    #[schema(minimum = 0, maximum = 1)]
    confidence: f64,
    source: Source,
    /// Where it was read, if in a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PassageSchema>)]
    passage: Option<Passage>,
}

/// Characters of a title, description, message or column; a character is a Unicode scalar value.
#[derive(ToSchema)]
#[schema(as = Passage, example = json!({"text": "2000个", "start": 6, "end": 11}))]
#[allow(dead_code)]
pub struct PassageSchema {
    #[schema(max_length = 20000)]
    text: String,
    #[schema(minimum = 0, maximum = 20000)]
    start: usize,
    /// Exclusive.
    #[schema(minimum = 0, maximum = 20000)]
    end: usize,
}

impl From<Understood> for UnderstoodField {
    fn from(Understood { field, value, confidence, source, passage }: Understood) -> Self {
        Self { field, value, confidence, source, passage }
    }
}

impl<E: Into<enterprise::Poster>> From<ListingView<E>> for Listing {
    fn from(ListingView { listing, enterprise, balance, moderation, association, .. }: ListingView<E>) -> Self {
        let status = listing.status_at(Utc::now());
        let enterprise::Poster { id, status: standing, legal_name, name_en } = enterprise.into();
        let poster = Poster { id, verified: standing == EnterpriseStatus::Verified, legal_name, name_en };
        let record = ListingRecord {
            id: listing.id,
            version: listing.version,
            status,
            enterprise: poster,
            remaining_quantity: balance.map(|balance| balance.remaining),
            partly_taken: balance.is_some_and(|balance| balance.held),
            outcome: listing.outcome,
            counterpart_id: listing.counterpart_id,
            created_at: listing.created_at,
            updated_at: listing.updated_at,
            published_at: listing.published_at,
            confirmed_at: listing.confirmed_at,
            urgency_confirmed_at: listing.urgency_confirmed.map(|confirmation| confirmation.at),
            moderation: moderation.and_then(|state| ModerationOutcome::of(*state, status)),
            on_behalf_of: association.map(|association| OnBehalf {
                mandate_id: association.mandate_id,
                association_id: association.id,
                association_name: association.legal_name,
            }),
            distance_km: None,
            relevance: None,
            understood: vec![],
            top_matches: None,
        };
        Self { record, terms: listing.terms }
    }
}

/// A page of listings.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Listing"}]}))]
pub struct ListingPage {
    #[schema(max_items = 100)]
    pub items: Vec<Listing>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
    /// Counts over all pages, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facets: Option<super::matches::Facets>,
    /// What the words of `q` were taken for besides words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 30)]
    pub understood: Vec<UnderstoodField>,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"valid_until": "2027-01-31T16:00:00Z"}))]
pub struct RenewInput {
    /// 30 days from now when left out.
    pub valid_until: Option<DateTime<Utc>>,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"outcome": "met_here"}))]
pub struct CloseInput {
    pub outcome: CloseOutcome,
    /// The enterprise it was met with, where that is registered here.
    pub counterpart_id: Option<Uuid>,
}
