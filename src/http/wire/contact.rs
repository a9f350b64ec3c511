//! Contact requests, contacts and their releases on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::enterprise::Contact as ContactSchema;
use crate::app::contact_requests::RequestView;
use crate::app::contacts::{self, ReleaseView};
use crate::domain::contact_request::{ContactDirection, ContactRequestStatus, NewContactRequest, ReleaseRule};
use crate::domain::decimal::Decimal;
use crate::domain::enterprise;

/// What an enterprise asks the poster of a listing.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "message": "需要两万只，本周提货，请联系。",
    "quantity": "20000", "unit_code": "H87"}))]
pub struct ContactRequestInput {
    /// For which of the caller's enterprises.
    enterprise_id: Uuid,
    /// Read by the poster's members.
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*$")]
    message: String,
    /// At most 10^12.
    quantity: Option<Decimal>,
    /// Left out: the listing's.
    #[schema(min_length = 1, max_length = 3, pattern = "^[A-Z0-9]+$")]
    unit_code: Option<String>,
}

impl From<ContactRequestInput> for NewContactRequest {
    fn from(input: ContactRequestInput) -> Self {
        let ContactRequestInput { enterprise_id, message, quantity, unit_code } = input;
        Self { enterprise_id, message, quantity, unit_code }
    }
}

/// Why contact is declined.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"reason": "已全部预订"}))]
pub struct DeclineInput {
    /// Read by who asked.
    #[schema(min_length = 1, max_length = 500, pattern = r"^[^\x00]*\S[^\x00]*$")]
    pub reason: Option<String>,
}

/// A request for contact, as the reader's side sees it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "direction": "received", "status": "pending",
    "listing_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6a", "listing_title": "医用外科口罩现货",
    "owner_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6b", "owner_name": "洛阳示范防护用品有限公司",
    "enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6c", "enterprise_name": "洛阳示范轴承有限公司",
    "message": "需要两万只，本周提货，请联系。", "quantity": "20000", "unit_code": "H87", "version": 1,
    "created_at": "2026-11-26T08:00:00Z", "expires_at": "2026-12-03T08:00:00Z"}))]
pub struct ContactRequest {
    pub id: Uuid,
    direction: ContactDirection,
    status: ContactRequestStatus,
    listing_id: Uuid,
    /// Where the reader may see the listing today.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    listing_title: Option<String>,
    /// Whose listing it is.
    owner_id: Uuid,
    #[schema(max_length = 200)]
    owner_name: String,
    /// Who asks.
    enterprise_id: Uuid,
    #[schema(max_length = 200)]
    enterprise_name: String,
    #[schema(max_length = 1000)]
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 3)]
    unit_code: Option<String>,
    /// Why it was declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    reason: Option<String>,
    #[schema(minimum = 1)]
    pub version: i32,
    created_at: DateTime<Utc>,
    /// Unanswered, it lapses then.
    expires_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<DateTime<Utc>>,
}

impl From<RequestView> for ContactRequest {
    fn from(view: RequestView) -> Self {
        let RequestView { request, status, direction, listing, owner, requester } = view;
        let (quantity, unit_code) = request.quantity.unzip();
        Self {
            id: request.id,
            direction,
            status,
            listing_id: request.listing_id,
            listing_title: listing.map(|view| view.listing.terms.title),
            owner_id: request.owner_id,
            owner_name: owner,
            enterprise_id: request.requester_id,
            enterprise_name: requester,
            message: request.message,
            quantity,
            unit_code,
            reason: request.reason,
            version: request.version,
            created_at: request.created_at,
            expires_at: request.expires_at,
            decided_at: request.decided_at,
        }
    }
}

/// A page of requests for contact.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "ContactRequest"}]}))]
pub struct ContactRequestPage {
    #[schema(max_items = 100)]
    pub items: Vec<ContactRequest>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// Contacts of an enterprise, open or masked.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "open": false,
    "contacts": [{"name": "王**", "mobile": "+86138****8000"}]}))]
pub struct ContactList {
    enterprise_id: Uuid,
    /// Masked where false: the first character of the name and the ends of the number are shown. What a person took back
    /// their consent for stays masked.
    open: bool,
    /// Why they are open; absent for the reader's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<ReleaseRule>,
    #[schema(max_items = 20, value_type = Vec<ContactSchema>)]
    contacts: Vec<enterprise::Contact>,
}

impl From<contacts::Contacts> for ContactList {
    fn from(contacts: contacts::Contacts) -> Self {
        let contacts::Contacts { enterprise_id, rule, open, contacts } = contacts;
        Self { enterprise_id, open, rule, contacts }
    }
}

/// That somebody was shown the enterprise's contacts.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "listing_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6a",
    "rule": "on_agreement", "contact_request_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6b", "enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6c",
    "enterprise_name": "洛阳示范轴承有限公司", "at": "2026-11-26T08:00:00Z"}))]
pub struct ContactRelease {
    pub id: Uuid,
    listing_id: Uuid,
    rule: ReleaseRule,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact_request_id: Option<Uuid>,
    /// For whom the reader asked; absent for persons who act for no enterprise, and for staff of the platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    enterprise_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    enterprise_name: Option<String>,
    at: DateTime<Utc>,
}

impl From<ReleaseView> for ContactRelease {
    fn from(ReleaseView { release, to }: ReleaseView) -> Self {
        let contacts::ContactRelease { id, listing_id, contact_request_id, to_enterprise_id, rule, at, .. } = release;
        Self { id, listing_id, rule, contact_request_id, enterprise_id: to_enterprise_id, enterprise_name: to, at }
    }
}

/// A page of releases.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "ContactRelease"}]}))]
pub struct ContactReleasePage {
    #[schema(max_items = 100)]
    pub items: Vec<ContactRelease>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}
