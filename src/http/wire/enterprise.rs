//! Enterprises on the wire. `EnterpriseInput` is the schema of the domain's `Profile`, which reads itself from JSON.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use super::credential::DesignationSchema;
use crate::app::enterprises::EnterpriseView;
use crate::domain::credential::Designation;
use crate::domain::enterprise::{self, EnterpriseStatus, MemberRole, OrganizationType, Profile, Scale};
use crate::domain::place::{Datum, Point};
use crate::domain::verification::{VerificationLevel, VerificationMethod};

/// A body that needs or offers. In China `uscc` is required.
#[derive(ToSchema)]
#[schema(example = json!({"uscc": "91440300708461136T", "legal_name": "洛阳示范轴承有限公司", "region_code": "410305"}))]
#[allow(dead_code)]
pub struct EnterpriseInput {
    /// ISO 3166-1.
    #[schema(default = "CN", pattern = "^[A-Z]{2}$", min_length = 2, max_length = 2)]
    country: Option<String>,
    /// Unified social credit code (GB 32100-2015); its check characters are verified.
    #[schema(min_length = 18, max_length = 40, pattern = r"^[^\x00\r\n]*$", example = "91440300708461136T")]
    uscc: Option<String>,
    /// Identifiers of other registers.
    #[schema(max_items = 10)]
    identifiers: Option<Vec<Identifier>>,
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\x00\r\n]*$")]
    legal_name: String,
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\x00\r\n]*$")]
    name_en: Option<String>,
    organization_type: Option<OrganizationType>,
    /// GB/T 2260; suggested by the code's positions 3 to 8 when left out.
    #[schema(min_length = 2, max_length = 12, pattern = "^[A-Z0-9-]+$")]
    region_code: Option<String>,
    /// GB/T 4754-2017: a section or division of `/v1/reference/industries`, or a class of three or four digits in one.
    #[schema(pattern = "^[A-T]$|^[0-9]{2,4}$", max_length = 4)]
    industry_code: Option<String>,
    scale: Option<Scale>,
    /// 规上.
    above_scale: Option<bool>,
    #[schema(minimum = 0, maximum = 10000000)]
    employees: Option<u32>,
    #[schema(min_length = 1, max_length = 300, pattern = r"^[^\x00\r\n]*$")]
    address: Option<String>,
    location: Option<Point>,
    /// Of `location`; converted on input.
    datum: Option<Datum>,
    /// Shown to members only until a policy or their consent opens them.
    #[schema(max_items = 20)]
    contacts: Option<Vec<Contact>>,
    /// IANA name; default by country.
    #[schema(max_length = 64, pattern = r"^[A-Za-z0-9_+/-]+$", example = "Asia/Shanghai")]
    time_zone: Option<String>,
}

#[derive(ToSchema)]
#[schema(example = json!({"scheme": "DE-HRB", "id": "HRB 12345"}))]
#[allow(dead_code)]
pub struct Identifier {
    #[schema(min_length = 1, max_length = 40, pattern = r"^[^\x00\r\n]*$")]
    scheme: String,
    #[schema(min_length = 1, max_length = 80, pattern = r"^[^\x00\r\n]*$")]
    id: String,
}

#[derive(ToSchema)]
#[schema(example = json!({"name": "王芳", "mobile": "+8613800138000", "hours": "08:00-18:00"}))]
#[allow(dead_code)]
pub struct Contact {
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    name: String,
    #[schema(min_length = 5, max_length = 32, pattern = r"^[^\x00\r\n]*$")]
    mobile: Option<String>,
    #[schema(min_length = 1, max_length = 64, pattern = r"^[^\x00\r\n]*$")]
    wechat: Option<String>,
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    hours: Option<String>,
}

/// A merge patch of an enterprise; its schema is derived from `EnterpriseInput`.
#[derive(ToSchema)]
#[schema(example = json!({"employees": 320, "name_en": null}))]
pub struct EnterprisePatch {}

impl PartialSchema for Profile {
    fn schema() -> RefOr<Schema> {
        EnterpriseInput::schema()
    }
}

impl ToSchema for Profile {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("EnterpriseInput")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        EnterpriseInput::schemas(schemas);
    }
}

/// What only the system says of an enterprise, beside its profile.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "status": "pending", "verified": false, "role": "owner",
    "version": 1, "created_at": "2026-11-23T08:00:00Z", "updated_at": "2026-11-23T08:00:00Z",
    "country": "CN", "uscc": "91440300708461136T", "legal_name": "洛阳示范轴承有限公司", "organization_type": "enterprise", "region_code": "410305"}))]
pub struct Enterprise {
    pub id: Uuid,
    status: EnterpriseStatus,
    /// Unverified enterprises are marked so wherever they appear.
    verified: bool,
    /// What the reader is to it; absent for strangers.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<MemberRole>,
    /// How sure its verification is, by what method, and since when; while it is verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<Standing>,
    /// Another enterprise that this one turned out to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_into: Option<Uuid>,
    #[schema(minimum = 1)]
    pub version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Lists of enterprises to be supplied first (重点保障企业) that it is on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20, value_type = Vec<DesignationSchema>)]
    designations: Vec<Designation>,
    #[serde(flatten)]
    #[schema(value_type = EnterpriseProfile)]
    profile: Profile,
}

/// As `EnterpriseInput`, but read: coordinates are WGS-84, codes normalised.
#[derive(ToSchema)]
pub struct EnterpriseProfile {}

/// How an enterprise was verified.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"level": "basic", "method": "licence", "at": "2026-11-26T08:00:00Z"}))]
pub struct Standing {
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<VerificationLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<VerificationMethod>,
    at: DateTime<Utc>,
}

impl From<EnterpriseView> for Enterprise {
    fn from(EnterpriseView { enterprise, role, verification }: EnterpriseView) -> Self {
        let enterprise::Enterprise { id, status, mut profile, standing, .. } = enterprise;
        let enterprise::Enterprise { merged_into, version, created_at, updated_at, .. } = enterprise;
        if role.is_none() {
            profile.contacts.clear();
        }
        let verified = status == EnterpriseStatus::Verified;
        let verification = verification.map(|how| Standing { level: how.level, method: how.method, at: how.at });
        let designations = standing.designations;
        Self {
            id,
            status,
            verified,
            role,
            verification,
            merged_into,
            version,
            created_at,
            updated_at,
            designations,
            profile,
        }
    }
}

/// Why an enterprise is closed.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"reason": "公司注销"}))]
pub struct CloseEnterpriseInput {
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*$")]
    reason: Option<String>,
}

impl CloseEnterpriseInput {
    pub fn reason(self) -> Option<String> {
        self.reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty())
    }
}

/// A page of enterprises.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Enterprise"}]}))]
pub struct EnterprisePage {
    #[schema(max_items = 100)]
    pub items: Vec<Enterprise>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}
