//! Credentials and blocks on the wire.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use super::listing::CredentialScheme;
use crate::app::credentials::CredentialView;
use crate::domain::credential::{self, CredentialStatus, Designation, NewCredential, PartnerStatus};

/// A licence, registration or certificate the enterprise holds.
#[derive(ToSchema)]
#[schema(example = json!({"scheme": "medical_device_registration", "number": "豫械注准20202140123", "issuer": "河南省药品监督管理局",
    "valid_from": "2025-03-01", "valid_to": "2030-02-28", "covers": ["ppe.mask.surgical"]}))]
#[allow(dead_code)]
pub struct CredentialInput {
    /// As listings ask for it in `required_credentials`, and categories in `requires`.
    scheme: CredentialScheme,
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    number: String,
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\x00\r\n]*$")]
    issuer: String,
    valid_from: Option<NaiveDate>,
    /// The last day; left out: without end.
    valid_to: Option<NaiveDate>,
    /// Codes of `/v1/reference/categories`, each with all below it; left out: everything.
    #[schema(max_items = 50)]
    covers: Option<Vec<CategoryCode>>,
    /// Files of the enterprise that prove it.
    #[schema(max_items = 20)]
    evidence: Option<Vec<Uuid>>,
}

/// A code of `/v1/reference/categories`.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 100, pattern = "^[a-z0-9_.-]+$")]
#[allow(dead_code)]
pub struct CategoryCode(String);

impl PartialSchema for NewCredential {
    fn schema() -> RefOr<Schema> {
        CredentialInput::schema()
    }
}

impl ToSchema for NewCredential {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("CredentialInput")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        CredentialInput::schemas(schemas);
    }
}

/// Why it is rejected.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"reason": "The number is not in the register."}))]
pub struct RejectionInput {
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*\S[^\x00]*$")]
    pub reason: String,
}

/// A credential, as stated and as decided.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6a", "status": "accepted",
    "scheme": "medical_device_registration", "number": "豫械注准20202140123", "issuer": "河南省药品监督管理局", "valid_from": "2025-03-01",
    "valid_to": "2030-02-28", "covers": ["ppe.mask.surgical"], "created_at": "2026-11-26T08:00:00Z", "decided_at": "2026-11-26T09:00:00Z"}))]
pub struct Credential {
    id: Uuid,
    enterprise_id: Uuid,
    /// It counts in matching while `accepted`.
    status: CredentialStatus,
    #[schema(value_type = CredentialScheme)]
    scheme: String,
    #[schema(max_length = 100)]
    number: String,
    #[schema(max_length = 200)]
    issuer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<NaiveDate>,
    /// None: everything.
    #[schema(max_items = 50, value_type = Vec<CategoryCode>)]
    covers: Vec<String>,
    /// Files that prove it; for members and those who decide.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    evidence: Vec<Uuid>,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<DateTime<Utc>>,
    /// For those who decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<Uuid>,
    /// Of a rejection.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    reason: Option<String>,
}

impl From<CredentialView> for Credential {
    fn from(CredentialView { credential, today, full, names }: CredentialView) -> Self {
        let status = credential.status_at(today);
        let decided_by = credential.decided_by.filter(|_| names);
        let credential::Credential { id, enterprise_id, stated, created_at, decided_at, reason, .. } = credential;
        let NewCredential { scheme, number, issuer, valid_from, valid_to, covers, evidence } = stated;
        let evidence = if full { evidence } else { vec![] };
        Self {
            id,
            enterprise_id,
            status,
            scheme,
            number,
            issuer,
            valid_from,
            valid_to,
            covers,
            evidence,
            created_at,
            decided_at,
            decided_by,
            reason,
        }
    }
}

/// Credentials in the order they were stated.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Credential"}]}))]
pub struct CredentialList {
    #[schema(max_items = 100)]
    pub items: Vec<Credential>,
}

/// A page of credentials.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Credential"}]}))]
pub struct CredentialPage {
    #[schema(max_items = 100)]
    pub items: Vec<Credential>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// An enterprise that supplies or is supplied.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "status": "mutual"}))]
pub struct Partner {
    pub enterprise_id: Uuid,
    pub status: PartnerStatus,
}

/// Whom the enterprise declared, and who declared it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Partner"}]}))]
pub struct PartnerList {
    #[schema(max_items = 200)]
    pub items: Vec<Partner>,
}

/// A list of enterprises to be supplied first, and who keeps it.
#[derive(ToSchema)]
#[schema(as = Designation, example = json!({"list": "重点保障企业", "issuer": "河南省发展和改革委员会"}))]
#[allow(dead_code)]
pub struct DesignationSchema {
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*\S[^\x00\r\n]*$")]
    list: String,
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\x00\r\n]*\S[^\x00\r\n]*$")]
    issuer: String,
}

/// Lists an enterprise is on.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"designations": [{"list": "重点保障企业", "issuer": "河南省发展和改革委员会"}]}))]
pub struct DesignationList {
    #[schema(max_items = 20, value_type = Vec<DesignationSchema>)]
    pub designations: Vec<Designation>,
}

/// Enterprises that are blocked.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": ["0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69"]}))]
pub struct BlockList {
    #[schema(max_items = 100)]
    pub items: Vec<Uuid>,
}
