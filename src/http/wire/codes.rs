//! Closed vocabularies of the domain: their schemas, and their labels in both languages.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use strum::VariantArray;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::app::posting::Source;
use crate::domain::access::Scope;
use crate::domain::account::{AccountStatus, CodePurpose};
use crate::domain::app::AppStatus;
use crate::domain::attributes::{EquipmentMode, LaborArrangement, ServiceType, Shift, TransportMode, UseClass};
use crate::domain::brief::{BriefFigure, NeedOutcome};
use crate::domain::category::Names;
use crate::domain::contact_request::{ContactDirection, ContactRequestStatus, ReleaseRule};
use crate::domain::credential::{CredentialStatus, PartnerStatus};
use crate::domain::enterprise::{EnterpriseStatus, MemberRole, OrganizationType, Scale};
use crate::domain::event::ActorKind;
use crate::domain::evidence::FileType;
use crate::domain::flag::ListingFlagCode;
use crate::domain::listing::{
    CloseOutcome, ContactPolicy, DirectAward, Kind, ListingStatus, RequiredLevel, Side, Urgency, Visibility,
};
use crate::domain::mandate::{MandateScope, MandateStatus};
use crate::domain::match_row::{DismissReason, MatchStatus};
use crate::domain::member::InvitationStatus;
use crate::domain::message::Language;
use crate::domain::moderation::{
    AppealStatus, EnterpriseStanding, HoldReason, Moderation, ModerationDecision, ModerationReason, ModeratorDecision,
};
use crate::domain::notification::NotificationKind;
use crate::domain::place::Datum;
use crate::domain::platform::PlatformRole;
use crate::domain::report::{ReportReason, ReportStatus};
use crate::domain::trade::{Delivery, FreightPaidBy, InvoiceType, PaymentTerm, PriceMode, QuantityBasis};
use crate::domain::verification::{
    DecisionAction, DecisionReason, VerificationLevel, VerificationMethod, VerificationPurpose, VerificationStatus,
};
use crate::domain::webhook::{WebhookDeliveryStatus, WebhookError, WebhookStopReason};
use crate::domain::webhook_event::WebhookEventType;
use crate::matching::{
    CheckCode, CounterfactualCode, Enforcement, ExplainLevel, FactorCode, Flag, Objective, RouteNote, SearchSort,
    Verdict, Whose,
};

/// The wire names of a vocabulary.
fn names<T: VariantArray + Copy>() -> Vec<&'static str>
where
    &'static str: From<T>,
{
    T::VARIANTS.iter().map(|variant| <&'static str>::from(*variant)).collect()
}

fn schema<T: VariantArray + Copy>(description: &str) -> RefOr<Schema>
where
    &'static str: From<T>,
{
    let builder = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
    builder.enum_values(Some(names::<T>())).description(Some(description)).into()
}

/// One line a vocabulary: its schema (the domain itself does not know utoipa) and its place in `/v1/reference/codes`.
macro_rules! vocabularies {
    ($($type:ident, $description:literal;)*) => {
        $(impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                schema::<$type>($description)
            }
        }
        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($type))
            }
        })*

        /// Every vocabulary by name, with its wire names.
        fn vocabularies() -> Vec<(&'static str, Vec<&'static str>)> {
            vec![$((stringify!($type), names::<$type>())),*]
        }
    };
}

vocabularies! {
    Side, "Whether the listing needs or offers.";
    Kind, "What is traded; it decides which attributes there are.";
    ListingStatus, "Where the listing stands.";
    CloseOutcome, "How a listing ended.";
    Urgency, "How urgent a need is, in its poster's words.";
    RequiredLevel, "The standing a counterpart must have.";
    Visibility, "Who may see the listing.";
    ContactPolicy, "When contact data is opened.";
    DirectAward, "Who may take from the listing without asking for quotes.";
    PriceMode, "Whether the price can be discussed.";
    Delivery, "Whether the price includes delivery.";
    QuantityBasis, "Whether the quantity is a total or a rate.";
    FreightPaidBy, "Who pays the freight.";
    PaymentTerm, "When payment is due.";
    InvoiceType, "The invoice given.";
    UseClass, "What protective goods are made for: an N95 to GB 2626 is not a medical one to GB 19083.";
    Shift, "Working hours.";
    LaborArrangement, "Hired, or lent by their employer (共享用工).";
    TransportMode, "How goods or people travel.";
    EquipmentMode, "On what terms equipment changes hands.";
    ServiceType, "What is done.";
    OrganizationType, "What the body is; understood from the code's first two characters when left out.";
    Scale, "Size class of the statistics office.";
    EnterpriseStatus, "Where verification stands.";
    CredentialStatus, "What became of a credential.";
    PartnerStatus, "Who declared a supply relation.";
    AccountStatus, "Whether an account can be used.";
    CodePurpose, "What a one-time code is good for.";
    PlatformRole, "What somebody may do for the platform, in a region.";
    MemberRole, "What a member may do for the enterprise.";
    InvitationStatus, "What became of an invitation.";
    MandateScope, "What an association may do under a mandate.";
    MandateStatus, "Whether a mandate stands.";
    VerificationPurpose, "What an enterprise asks for.";
    VerificationMethod, "What is to prove who an enterprise is.";
    VerificationLevel, "How sure a verification is.";
    VerificationStatus, "What became of an application or appeal.";
    DecisionReason, "Why an enterprise stands as it does.";
    DecisionAction, "What was decided about an enterprise.";
    FileType, "What a file is, by its bytes.";
    Datum, "What coordinates on input are measured in; they are converted to WGS-84.";
    Source, "Where a value that was left out came from.";
    SearchSort, "Order of a search.";
    FactorCode, "A component of a score.";
    Flag, "What a reader should know about a component.";
    CheckCode, "A hard check.";
    Enforcement, "What the lack of a credential that the law requires does to a match: nothing, a mark, or its end.";
    Objective, "What a plan of several suppliers seeks.";
    ActorKind, "Who made something happen: `platform` is staff, of whom only the role is told; `other` is of another enterprise, or no longer of this one.";
    MatchStatus, "Where one side stands with a match.";
    DismissReason, "Why a counterpart is not wanted.";
    ContactRequestStatus, "Where a request for contact stands.";
    ContactDirection, "From which side the reader sees a request for contact.";
    ReleaseRule, "Why contacts were opened.";
    NotificationKind, "What an enterprise is told of.";
    Scope, "What an app may be allowed.";
    AppStatus, "Where an app stands.";
    WebhookEventType, "What an endpoint can be told of.";
    WebhookDeliveryStatus, "What became of an event at an endpoint.";
    WebhookError, "Why an attempt to send an event failed.";
    WebhookStopReason, "Why the program disabled an endpoint.";
    Moderation, "Which listings wait, where no rule says otherwise.";
    HoldReason, "Why a listing waits for a moderator.";
    EnterpriseStanding, "Whether an enterprise is verified.";
    ModerationDecision, "What became of a listing in moderation.";
    ModeratorDecision, "What a moderator may decide.";
    ModerationReason, "Why a moderator decided so.";
    AppealStatus, "What became of an appeal.";
    ReportReason, "What a reader says is wrong with a listing.";
    ReportStatus, "What became of a report.";
    BriefFigure, "A sort of daily figures.";
    NeedOutcome, "What became of a need.";
    ListingFlagCode, "What the program noticed about a listing.";
    RouteNote, "What a reader should know about a route or a leg of it.";
    Verdict, "Outcome of a hard check: unknown passes, marked.";
    ExplainLevel, "How much of an explanation comes with a match.";
    CounterfactualCode, "What a change would do.";
    Whose, "Whose listing would change.";
}

/// Labels of one vocabulary.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"name": "Side", "codes": [{"code": "need", "names": {"zh-CN": "需求", "en": "Need"}}]}))]
pub struct CodeList {
    /// The schema of this name in the document.
    #[schema(max_length = 100)]
    pub name: &'static str,
    #[schema(max_items = 100)]
    pub codes: Vec<CodeLabel>,
}

#[derive(Serialize, ToSchema)]
pub struct CodeLabel {
    #[schema(max_length = 100)]
    pub code: &'static str,
    #[schema(value_type = super::reference::Labels)]
    pub names: Names,
}

#[derive(Deserialize)]
struct Label {
    zh: String,
    en: String,
}

type Labels = HashMap<String, Label>;

/// `data/labels.toml`, by vocabulary and code.
static LABELS: LazyLock<HashMap<String, Labels>> =
    LazyLock::new(|| toml::from_str(include_str!("../../../data/labels.toml")).unwrap_or_default());

/// The same by the names fields have: `use_class` is of the vocabulary `UseClass`.
static LABELS_OF_FIELDS: LazyLock<HashMap<String, &'static Labels>> =
    LazyLock::new(|| LABELS.iter().map(|(name, labels)| (snake_case(name), labels)).collect());

pub fn code_lists() -> Vec<CodeList> {
    let label = |vocabulary: &str, code: &'static str| {
        let label = LABELS.get(vocabulary).and_then(|labels| labels.get(code));
        let text = |text: fn(&Label) -> &String| label.map_or(code, |label| text(label)).to_owned();
        CodeLabel { code, names: Names { zh: text(|l| &l.zh), en: text(|l| &l.en) } }
    };
    let list = |(name, codes): (&'static str, Vec<&'static str>)| CodeList {
        name,
        codes: codes.into_iter().map(|code| label(name, code)).collect(),
    };
    vocabularies().into_iter().map(list).collect()
}

/// The label of one code, for sentences.
pub fn label(vocabulary: &str, code: &str, language: Language) -> String {
    let label = LABELS.get(vocabulary).and_then(|labels| labels.get(code));
    label.map_or(code, |label| label.text(language)).to_owned()
}

/// That of a code a field of this name has; `None` where there is no such vocabulary or code.
pub fn label_of_field(field: &str, code: &str, language: Language) -> Option<&'static str> {
    Some(LABELS_OF_FIELDS.get(field)?.get(code)?.text(language))
}

impl Label {
    fn text(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::shipped;

    #[test]
    fn every_code_has_labels_in_both_languages_and_no_label_is_left_over() {
        let parsed =
            toml::from_str::<BTreeMap<String, BTreeMap<String, Label>>>(include_str!("../../../data/labels.toml"));
        let labels = parsed.unwrap_or_else(|error| panic!("{error}"));
        let mut wanted: BTreeMap<&str, Vec<&str>> = vocabularies().into_iter().collect();
        // No enumeration: whatever the categories' laws ask for.
        let categories = shipped::shared().categories.all();
        let schemes = categories.into_iter().flat_map(|category| &category.requires).map(|law| law.scheme.as_str());
        wanted.insert("CredentialScheme", schemes.collect());
        for (name, codes) in &wanted {
            for code in codes {
                assert!(
                    labels.get(*name).is_some_and(|labels| labels.contains_key(*code)),
                    "{name}.{code} has no label"
                );
            }
        }
        for (name, codes) in &labels {
            for code in codes.keys() {
                assert!(
                    wanted.get(name.as_str()).is_some_and(|codes| codes.contains(&code.as_str())),
                    "{name}.{code} is no code"
                );
            }
        }
    }
}
