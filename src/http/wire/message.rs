//! A pasted message, the drafts made of it, and several listings posted at once.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::listing::{Listing, ListingInput, PassageSchema, UnderstoodField};
use super::problem::Fault;
use crate::app::listings::Posting;
use crate::app::posting::{self, Passage};
use crate::app::understand::Message;
use crate::domain::listing::Side;
use crate::domain::message::{self, Language};

/// What somebody wrote, as it is.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"text": "口罩2000个、84消毒液20桶，额温枪5把，本周五前送到涧西区"}))]
pub struct MessageInput {
    /// One message or a list, in Chinese, English or both.
    #[schema(min_length = 1, max_length = 10000, pattern = r"^[^\x00]*$")]
    text: String,
    /// Lends its place; may be left out by a member of exactly one enterprise.
    enterprise_id: Option<Uuid>,
    /// Where it is known that everything is needed, or offered.
    side: Option<Side>,
}

impl From<MessageInput> for Message {
    fn from(MessageInput { text, enterprise_id, side }: MessageInput) -> Self {
        Self { text, enterprise_id, side }
    }
}

/// One listing to be.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"listing": {"side": "need", "title": "口罩", "kind": "ppe", "category": "ppe.mask", "quantity": "2000",
        "unit_code": "H87", "needed_by": "2026-11-27", "region_code": "410305"},
    "understood": [{"field": "quantity", "value": "2000", "confidence": 0.95, "source": "message",
        "passage": {"text": "2000个", "start": 2, "end": 7}}],
    "missing": [], "passage": {"text": "口罩2000个", "start": 0, "end": 7}}))]
pub struct Draft {
    /// Post it as it is, or mended, to `/v1/listings` or with others to `/v1/listings/batch`.
    #[schema(value_type = ListingInput)]
    listing: Map<String, Value>,
    #[schema(max_items = 30)]
    understood: Vec<UnderstoodField>,
    /// What is to be mended or added before it can be published; pointers are into `listing`.
    #[schema(value_type = Vec<Fault>, max_items = 100)]
    missing: Vec<Missing>,
    /// The part of the message it was made from.
    #[schema(value_type = PassageSchema)]
    passage: Passage,
}

#[derive(Serialize)]
struct Missing {
    pointer: String,
    code: &'static str,
    detail: String,
}

#[derive(Serialize, ToSchema)]
#[schema(example = json!({"drafts": [{"$example": "Draft"}], "unclear": []}))]
pub struct Drafts {
    /// In the order of the message; none where it names no goods. They can be posted as they are.
    #[schema(max_items = 100)]
    drafts: Vec<Draft>,
    /// What may be goods too, though of no kind that is known: to be looked at by a person.
    #[schema(max_items = 100)]
    unclear: Vec<Draft>,
    /// Where the message speaks of more than 100 things: what was not read any more. Send it as a message of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PassageSchema>, nullable = false)]
    rest: Option<Passage>,
}

impl Drafts {
    pub fn render(posting::Drafts { drafts, rest }: posting::Drafts, language: Language) -> Self {
        let render = |draft: posting::Draft| Draft {
            listing: draft.document,
            understood: draft.understood.into_iter().map(UnderstoodField::from).collect(),
            missing: draft
                .missing
                .iter()
                .map(|fault| Missing {
                    pointer: fault.pointer.clone(),
                    code: fault.code,
                    detail: message::text(fault.code, &fault.params, language),
                })
                .collect(),
            passage: draft.passage,
        };
        let (drafts, unclear) = drafts.into_iter().partition(posting::Draft::is_clear);
        let all = |drafts: Vec<posting::Draft>| drafts.into_iter().map(render).collect();
        Self { drafts: all(drafts), unclear: all(unclear), rest }
    }
}

/// Several listings at once.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"publish": true, "listings": [{"side": "need", "title": "口罩2000个"}, {"side": "need", "title": "84消毒液20桶"}]}))]
pub struct ListingBatchInput {
    #[schema(min_items = 1, max_items = 100)]
    listings: Vec<ListingInput>,
    /// Of those that name none.
    enterprise_id: Option<Uuid>,
    /// Publish those that do not say.
    #[schema(default = false)]
    publish: Option<bool>,
}

impl From<ListingBatchInput> for Vec<Posting> {
    fn from(ListingBatchInput { listings, enterprise_id, publish }: ListingBatchInput) -> Self {
        let posting = |mut input: ListingInput| {
            input.default_to("publish", publish.map(Value::from));
            let posting = Posting::from(input);
            Posting { enterprise_id: posting.enterprise_id.or(enterprise_id), ..posting }
        };
        listings.into_iter().map(posting).collect()
    }
}

/// The listings posted, in the order given.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "Listing"}]}))]
pub struct ListingBatch {
    #[schema(max_items = 100)]
    pub items: Vec<Listing>,
}
