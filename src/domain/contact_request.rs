//! Asking the poster of a listing for contact, and when contact data is opened to whom.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::decimal::Decimal;
use super::enterprise::Contact;
use super::listing::ContactPolicy;
use super::reference::Reference;
use super::violation::Violations;

/// An unanswered request lapses after this time; so long a declined one is not repeated.
pub const LIFETIME: TimeDelta = TimeDelta::days(7);
/// Requests an enterprise may make in 24 hours.
pub const DAILY: i64 = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ContactRequestStatus {
    Pending,
    Accepted,
    Declined,
    /// Not answered in time. Computed when reading; a job writes it down.
    Lapsed,
}

/// From which side a reader sees a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ContactDirection {
    /// The reader's enterprise asks.
    Sent,
    /// It is asked.
    Received,
}

/// Why contacts were opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReleaseRule {
    /// The listing's policy opens them to everybody who is signed in.
    Public,
    /// To verified enterprises.
    Verified,
    /// A contact request was accepted.
    OnAgreement,
    /// To those who answer for the platform in the region.
    Staff,
}

/// What an enterprise asks.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct NewContactRequest {
    pub enterprise_id: Uuid,
    pub message: String,
    pub quantity: Option<Decimal>,
    pub unit_code: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ContactRequest {
    pub id: Uuid,
    pub listing_id: Uuid,
    pub owner_id: Uuid,
    pub requester_id: Uuid,
    /// As decided; see [`ContactRequest::status_at`].
    pub decided: ContactRequestStatus,
    pub message: String,
    /// With its unit.
    pub quantity: Option<(Decimal, String)>,
    pub requested_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
    pub reason: Option<String>,
    pub version: i32,
}

impl ContactRequest {
    pub fn status_at(&self, now: DateTime<Utc>) -> ContactRequestStatus {
        let over = self.decided == ContactRequestStatus::Pending && self.expires_at <= now;
        if over { ContactRequestStatus::Lapsed } else { self.decided }
    }
}

impl NewContactRequest {
    /// The quantity with its unit, which is the listing's where none is given.
    pub fn measured(
        &self,
        listing_unit: Option<&str>,
        reference: &Reference,
    ) -> Result<Option<(Decimal, String)>, Violations> {
        let mut violations = Violations::new();
        if self.message.trim().is_empty() {
            violations.add("/message", "blank");
        }
        if self.unit_code.as_deref().is_some_and(|code| reference.units.get(code).is_none()) {
            violations.add("/unit_code", "unit_unknown");
        }
        let unit = self.unit_code.as_deref().or(listing_unit);
        match (self.quantity, unit) {
            (Some(quantity), _) if quantity.is_zero() => violations.add("/quantity", "not_positive"),
            (Some(_), None) => violations.add("/unit_code", "unit_required"),
            (None, _) if self.unit_code.is_some() => violations.add("/quantity", "quantity_required"),
            _ => {}
        }
        violations.or_else_value(self.quantity.zip(unit.map(str::to_owned)))
    }
}

/// What a reader is to the poster of a listing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Relation {
    /// An enterprise the reader acts for is verified.
    pub verified: bool,
    /// A request of that enterprise for this listing was accepted.
    pub agreed: bool,
    pub staff: bool,
    /// One of the two wants nothing to do with the other.
    pub blocked: bool,
}

/// Under which rule contacts are open to the reader; `None`: they are masked.
pub fn release(policy: ContactPolicy, relation: Relation) -> Option<ReleaseRule> {
    let market = match policy {
        _ if relation.blocked => None,
        ContactPolicy::Public => Some(ReleaseRule::Public),
        ContactPolicy::Verified if relation.verified => Some(ReleaseRule::Verified),
        _ => relation.agreed.then_some(ReleaseRule::OnAgreement),
    };
    market.or(relation.staff.then_some(ReleaseRule::Staff))
}

/// As much of a contact as says that there is one: the first character of the name, the ends of the number.
pub fn masked(contact: &Contact) -> Contact {
    let name: String = contact.name.chars().take(1).chain("**".chars()).collect();
    let mobile = contact.mobile.as_deref().map(|mobile| {
        let characters: Vec<char> = mobile.chars().collect();
        let (head, tail) = (characters.len().saturating_sub(8).min(6), characters.len().saturating_sub(4).max(6));
        let ends = characters.iter().enumerate();
        ends.map(|(i, c)| if i < head || (i >= tail && characters.len() > 8) { *c } else { '*' }).collect()
    });
    let wechat = contact.wechat.as_ref().map(|_| "***".to_owned());
    Contact { name, mobile, wechat, hours: contact.hours.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_open_by_policy_agreement_or_office_and_never_past_a_block() {
        use ContactPolicy::{OnAgreement, Public, Verified};
        let nothing = Relation::default();
        let (verified, agreed) = (Relation { verified: true, ..nothing }, Relation { agreed: true, ..nothing });
        let (staff, blocked) = (Relation { staff: true, ..nothing }, Relation { blocked: true, ..agreed });
        for (policy, relation, rule) in [
            (Public, nothing, Some(ReleaseRule::Public)),
            (Public, blocked, None),
            (Verified, nothing, None),
            (Verified, verified, Some(ReleaseRule::Verified)),
            (Verified, agreed, Some(ReleaseRule::OnAgreement)),
            (Verified, Relation { blocked: true, ..verified }, None),
            (OnAgreement, verified, None),
            (OnAgreement, agreed, Some(ReleaseRule::OnAgreement)),
            (OnAgreement, blocked, None),
            (OnAgreement, staff, Some(ReleaseRule::Staff)),
            (OnAgreement, Relation { staff: true, ..blocked }, Some(ReleaseRule::Staff)),
        ] {
            assert_eq!(release(policy, relation), rule, "{policy:?} {relation:?}");
        }
    }

    #[test]
    fn a_mask_hides_most_of_a_contact() {
        let contact = |mobile: &str| Contact {
            name: "王芳".to_owned(),
            mobile: Some(mobile.to_owned()),
            wechat: Some("wangfang88".to_owned()),
            hours: Some("08:00-18:00".to_owned()),
        };
        let shown = masked(&contact("+8613800138000"));
        assert_eq!((&*shown.name, shown.mobile.as_deref()), ("王**", Some("+86138****8000")));
        assert_eq!((shown.wechat.as_deref(), shown.hours.as_deref()), (Some("***"), Some("08:00-18:00")));
        for short in ["+", "12345", "12345678"] {
            let mobile = masked(&contact(short)).mobile.unwrap_or_default();
            assert!(mobile.chars().all(|c| c == '*'), "{short}: {mobile}");
        }
    }
}
