//! Flags on the wire: a code with its parameters, and the sentence a person reads.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::flags::Sight;
use crate::domain::flag::{self, ListingFlagCode};
use crate::domain::message::{self, Language};
use crate::domain::violation::Params;
use crate::http::wire::matches::FactorParams;

/// Something the program noticed about a listing. Nothing happens to the listing because of it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "code": "price_above_reference",
    "params": {"price": "15000", "unit": "TNE", "currency": "CNY", "reference": "3776.7", "reference_unit": "TNE", "multiple": "3.97",
    "dated": "2020-01-10", "source": "国家统计局"}, "text": "价格高于参考价：15000 CNY/TNE，为参考价 3776.7 CNY/TNE（2020-01-10，国家统计局）的 3.97 倍",
    "raised_at": "2026-11-26T08:00:00Z", "listing_version": 2, "answered": false}))]
pub struct ListingFlag {
    id: Uuid,
    code: ListingFlagCode,
    /// Values of the text, by name.
    params: FactorParams,
    /// In the reader's language.
    #[schema(max_length = 2000)]
    text: String,
    /// Where it was read; for the poster and for moderators.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<FlagEvidence>,
    raised_at: DateTime<Utc>,
    /// The version it was first seen in.
    #[schema(minimum = 1)]
    listing_version: i32,
    /// Of the moderation policy by whose thresholds it was seen (0: the setting alone); for the poster and for moderators.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    policy_version: Option<i32>,
    /// When it no longer held; for moderators, as what follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    cleared_at: Option<DateTime<Utc>>,
    /// The version of the listing it no longer held for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    cleared_version: Option<i32>,
    /// The version of the policy by which it no longer held.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    cleared_policy_version: Option<i32>,
    answered: bool,
    /// What the poster says to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    answer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_at: Option<DateTime<Utc>>,
}

/// Where a flag was read, and for moderators whom else it concerns.
#[derive(Serialize, ToSchema)]
pub struct FlagEvidence {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    text: Option<String>,
    /// Characters `start..end` of the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    start: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    end: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    listings: Vec<Uuid>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    enterprises: Vec<Uuid>,
}

/// What a flag's text is told with, whatever the code: a parameter it does not have stays empty.
const NAMES: [&str; 23] = [
    "price",
    "unit",
    "currency",
    "reference",
    "reference_unit",
    "multiple",
    "dated",
    "source",
    "value",
    "limit",
    "account",
    "advance",
    "enterprises",
    "word",
    "topic",
    "share",
    "listings",
    "quantity",
    "maximum",
    "what",
    "date",
    "have",
    "want",
];

fn text(finding: &flag::Finding, language: Language) -> String {
    let value = |name: &str| match name {
        "topic" => finding.params.get(language.tag()).cloned().unwrap_or_default(),
        _ => finding.params.get(name).cloned().unwrap_or_default(),
    };
    let mut params: Params = NAMES.into_iter().map(|name| (name, value(name))).collect();
    if let Some(contact) = finding.params.get("contact") {
        params.insert("contact", message::text(&format!("contact_{contact}"), &Params::new(), language));
    }
    message::text(&format!("flag_{}", <&str>::from(finding.code)), &params, language)
}

impl ListingFlag {
    pub fn render(flag: flag::ListingFlag, sight: Sight, language: Language) -> Self {
        let text = text(&flag.finding, language);
        let (answer, answered_at) = flag.answer.map(|answer| (answer.text, answer.at)).unzip();
        let moderates = sight == Sight::Moderator;
        let cleared = flag.cleared.filter(|_| moderates);
        let flag::Finding { code, params, evidence, .. } = flag.finding;
        let evidence = FlagEvidence {
            field: evidence.field,
            text: evidence.text,
            start: evidence.start,
            end: evidence.end,
            listings: if moderates { evidence.listings } else { vec![] },
            enterprises: if moderates { evidence.enterprises } else { vec![] },
        };
        Self {
            id: flag.id,
            code,
            params: FactorParams(params),
            text,
            evidence: (sight != Sight::Anybody).then_some(evidence),
            raised_at: flag.raised_at,
            listing_version: flag.listing_version,
            policy_version: flag.policy_version.filter(|_| sight != Sight::Anybody),
            cleared_at: cleared.map(|cleared| cleared.at),
            cleared_version: cleared.and_then(|cleared| cleared.listing_version),
            cleared_policy_version: cleared.and_then(|cleared| cleared.policy_version),
            answered: answer.is_some(),
            answer,
            answered_at,
        }
    }
}

/// Flags of a listing.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "ListingFlag"}]}))]
pub struct FlagList {
    #[schema(max_items = 100)]
    pub items: Vec<ListingFlag>,
}

/// What the poster says to a flag.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"text": "含运费与加急费，原料成本见合同。"}))]
pub struct AnswerInput {
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*\S[^\x00]*$")]
    pub text: String,
}
