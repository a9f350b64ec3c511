//! Enterprises: bodies that need and offer, and who may act for them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::credential::Standing;
use super::place::Point;
use super::reference::Reference;
use super::uscc::{Uscc, UsccError};
use super::violation::Violations;

/// The most open listings of an enterprise nobody has verified.
pub const DEFAULT_UNVERIFIED_CAP: i64 = 1000;

/// What its members wrote; stored and served as one JSON document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    #[serde(default = "china")]
    pub country: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uscc: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    pub legal_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_type: Option<OrganizationType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region_code: Option<String>,
    /// GB/T 4754-2017.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industry_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// 规上: above the size the statistics office designates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above_scale: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employees: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Point>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// IANA name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

fn china() -> String {
    "CN".to_owned()
}

/// An identifier of another register: `{"scheme": "DE-HRB", "id": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identifier {
    pub scheme: String,
    pub id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wechat: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OrganizationType {
    Enterprise,
    IndividualBusiness,
    PublicInstitution,
    Carrier,
    ResearchInstitute,
    Association,
    Hospital,
    FinancialInstitution,
    Government,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Scale {
    Large,
    Medium,
    Small,
    Micro,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EnterpriseStatus {
    /// Named by an import; nobody acts for it.
    Unclaimed,
    /// Claimed by its members, not verified.
    Pending,
    Verified,
    Rejected,
    Suspended,
    Closed,
}

impl EnterpriseStatus {
    /// Listings of an enterprise that is suspended or closed do not take part.
    pub fn trades(self) -> bool {
        !matches!(self, EnterpriseStatus::Suspended | EnterpriseStatus::Closed)
    }
}

/// What a member may do for an enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MemberRole {
    Owner,
    Trader,
    Signatory,
    Viewer,
}

impl MemberRole {
    /// Changes the enterprise itself and its members.
    pub fn may_manage(self) -> bool {
        self == MemberRole::Owner
    }

    /// Posts and changes listings.
    pub fn may_trade(self) -> bool {
        matches!(self, MemberRole::Owner | MemberRole::Trader)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Enterprise {
    pub id: Uuid,
    pub status: EnterpriseStatus,
    pub profile: Profile,
    /// What matching needs besides; changed with its sources only.
    pub standing: Standing,
    pub merged_into: Option<Uuid>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// An enterprise as the readers of its listings are shown it.
#[derive(Debug, Clone)]
pub struct Poster {
    pub id: Uuid,
    pub status: EnterpriseStatus,
    pub legal_name: String,
    pub name_en: Option<String>,
}

impl From<Enterprise> for Poster {
    fn from(Enterprise { id, status, profile, .. }: Enterprise) -> Self {
        Self { id, status, legal_name: profile.legal_name, name_en: profile.name_en }
    }
}

impl Enterprise {
    pub fn trades(&self) -> bool {
        self.status.trades()
    }
}

impl Profile {
    /// Normalises the code and fills in what it tells; every fault is collected. `accepted`: codes that are taken although
    /// their check characters do not fit.
    pub fn checked(mut self, reference: &Reference, accepted: &[&str]) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        self.check_code(reference, accepted, &mut violations);
        if let Some(region) = &self.region_code
            && self.country == "CN"
            && reference.regions.get(region).is_none()
        {
            violations.add("/region_code", "region_unknown");
        }
        if self.industry_code.as_deref().is_some_and(|code| !reference.knows_industry(code)) {
            violations.add("/industry_code", "industry_unknown");
        }
        for (i, contact) in self.contacts.iter_mut().enumerate() {
            match contact.mobile.as_deref().map(super::account::normalize_mobile) {
                Some(None) => violations.add(format!("/contacts/{i}/mobile"), "mobile_invalid"),
                Some(normal) => contact.mobile = normal,
                None => {}
            }
        }
        if self.legal_name.trim().is_empty() {
            violations.add("/legal_name", "blank");
        }
        violations.or_else_value(self)
    }

    fn check_code(&mut self, reference: &Reference, accepted: &[&str], violations: &mut Violations) {
        match (self.country.as_str(), self.uscc.as_deref()) {
            ("CN", None) => violations.add("/uscc", "uscc_required"),
            (_, None) => {}
            (_, Some(text)) => match Uscc::parse(text) {
                Ok(code) => self.learn_from(&code, reference),
                Err(UsccError::Format) => violations.add("/uscc", "uscc_format"),
                Err(UsccError::CheckCharacter) => match Uscc::accepted(text, accepted) {
                    Some(code) => self.learn_from(&code, reference),
                    None => violations.add("/uscc", "uscc_check_character"),
                },
            },
        }
    }

    fn learn_from(&mut self, code: &Uscc, reference: &Reference) {
        self.uscc = Some(code.as_str().to_owned());
        self.organization_type = self.organization_type.or_else(|| organization_type(code.department_and_category()));
        if self.region_code.is_none() {
            let division = code.division();
            let known = |c: &String| reference.regions.get(c).is_some();
            let prefecture = format!("{}00", &division[..4]);
            self.region_code = [division.to_owned(), prefecture].into_iter().find(known);
        }
    }
}

/// GB 32100-2015 table 1: registering department and category of the body.
fn organization_type(department_and_category: &str) -> Option<OrganizationType> {
    match department_and_category {
        "91" => Some(OrganizationType::Enterprise),
        "92" | "93" => Some(OrganizationType::IndividualBusiness),
        "12" => Some(OrganizationType::PublicInstitution),
        "11" => Some(OrganizationType::Government),
        "51" | "52" | "53" => Some(OrganizationType::Association),
        _ => None,
    }
}
