//! Consent on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::consents;
use crate::domain::category::Names;
use crate::domain::consent::{NewConsent, Purpose};

/// What a person says about a purpose of `/v1/reference/consent-purposes`.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"purpose": "contact_disclosure", "text_version": 1, "given": true}))]
pub struct ConsentInput {
    #[schema(min_length = 1, max_length = 100, pattern = "^[a-z_]+$")]
    purpose: String,
    /// Of the text the person was shown: required to give consent, and only to the present one.
    #[schema(minimum = 1)]
    text_version: Option<i32>,
    /// False: withdrawn.
    given: bool,
}

impl From<ConsentInput> for NewConsent {
    fn from(ConsentInput { purpose, text_version, given }: ConsentInput) -> Self {
        Self { purpose, text_version, given }
    }
}

/// An entry of the consent log; the newest of a purpose holds.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "purpose": "contact_disclosure", "text_version": 1,
    "given": true, "at": "2026-11-26T08:00:00Z"}))]
pub struct Consent {
    pub id: Uuid,
    #[schema(max_length = 100)]
    purpose: String,
    #[schema(minimum = 1)]
    text_version: i32,
    given: bool,
    at: DateTime<Utc>,
}

impl From<consents::Consent> for Consent {
    fn from(consent: consents::Consent) -> Self {
        let consents::Consent { id, purpose, text_version, given, at, .. } = consent;
        Self { id, purpose, text_version, given, at }
    }
}

/// A page of the consent log.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Consent"}]}))]
pub struct ConsentPage {
    #[schema(max_items = 100)]
    pub items: Vec<Consent>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// What persons are asked to agree to.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"code": "contact_disclosure", "text_version": 1,
    "texts": {"zh-CN": "同意在本企业的联系人中列出本人", "en": "My name may stand among my enterprise's contacts"}}))]
pub struct ConsentPurpose {
    #[schema(max_length = 100)]
    code: String,
    /// Of the text: a changed one gets the next.
    #[schema(minimum = 1)]
    text_version: i32,
    #[schema(value_type = ConsentTexts)]
    texts: Names,
}

/// In both languages.
#[derive(ToSchema)]
#[allow(dead_code)]
pub struct ConsentTexts {
    #[schema(rename = "zh-CN", max_length = 2000)]
    zh: String,
    #[schema(max_length = 2000)]
    en: String,
}

impl From<&Purpose> for ConsentPurpose {
    fn from(purpose: &Purpose) -> Self {
        Self { code: purpose.code.clone(), text_version: purpose.version, texts: (&purpose.text).into() }
    }
}

/// All of them.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "ConsentPurpose"}]}))]
pub struct ConsentPurposeList {
    #[schema(max_items = 100)]
    pub items: Vec<ConsentPurpose>,
}
