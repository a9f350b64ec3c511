//! A published listing as the engine sees it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::credential::HeldCredential;
use crate::domain::decimal::Decimal;
use crate::domain::enterprise::{Enterprise, EnterpriseStatus};
use crate::domain::listing::{Kind, Side, Terms};
use crate::domain::place::Point;
use crate::vocabulary::TextProfile;

/// Everything that checks and scores may look at. The category is `terms.category`.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub id: Uuid,
    pub enterprise_id: Uuid,
    /// The listing's version: rises with edits and transitions, not with movements of the ledger.
    pub version: i32,
    pub terms: Arc<Terms>,
    /// The listing's own place (see [`Terms::point`]), else its enterprise's where that is in the same region, else that of its region.
    pub location: Option<Point>,
    pub region_code: Option<String>,
    /// What the ledger leaves of `terms.quantity`, in the same unit and per the same basis; `None` where no ledger row
    /// exists: then `terms.quantity` itself counts.
    pub remaining: Option<Decimal>,
    /// The enterprise is verified.
    pub verified: bool,
    /// Credentials of the enterprise that were accepted; whether one is in date and covers the goods is a check's matter.
    pub credentials: Vec<HeldCredential>,
    /// Enterprises it does not want to deal with.
    pub blocked: Vec<Uuid>,
    /// Enterprises it supplies or is supplied by, existing or declared.
    pub partners: Vec<Uuid>,
    /// How it kept its promises; `None` for a newcomer.
    pub trust: Option<Trust>,
    /// Somebody entitled to confirmed the stated urgency. For the offers that ask, unconfirmed urgency
    /// earns what `normal` does at most; how many days to spare are wanted goes by what is stated.
    pub urgency_confirmed: bool,
    /// The enterprise is on a list of those to be supplied first (重点保障企业).
    pub designated: bool,
    pub created_at: DateTime<Utc>,
    /// Published, edited or renewed.
    pub confirmed_at: DateTime<Utc>,
    pub profile: TextProfile,
}

/// Promises kept and broken, each counted less the older it is (see `Policy::trust_half_life_days`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trust {
    pub kept: f64,
    pub broken: f64,
    /// The instant up to which the counts have been aged.
    pub at: DateTime<Utc>,
}

impl Item {
    /// An unverified newcomer without place, credentials or relations; set what is known on the value.
    pub fn new(
        id: Uuid,
        enterprise_id: Uuid,
        version: i32,
        terms: Arc<Terms>,
        profile: TextProfile,
        created_at: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            enterprise_id,
            version,
            location: terms.location,
            region_code: terms.region_code.clone(),
            remaining: terms.quantity,
            terms,
            verified: false,
            credentials: Vec::new(),
            blocked: Vec::new(),
            partners: Vec::new(),
            trust: None,
            urgency_confirmed: false,
            designated: false,
            created_at,
            confirmed_at: created_at,
            profile,
        }
    }

    /// What the enterprise is and has, for all of its listings.
    pub fn take_standing(&mut self, enterprise: &Enterprise) {
        self.verified = enterprise.status == EnterpriseStatus::Verified;
        self.credentials.clone_from(&enterprise.standing.credentials);
        self.blocked.clone_from(&enterprise.standing.blocked);
        self.partners.clone_from(&enterprise.standing.partners);
        self.designated = !enterprise.standing.designations.is_empty();
    }

    pub fn side(&self) -> Side {
        self.terms.side
    }

    pub fn kind(&self) -> Kind {
        self.terms.kind()
    }

    pub fn category(&self) -> Option<&str> {
        self.terms.category.as_deref()
    }

    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.terms.valid_until > now
    }

    /// Whether a reader of this standing may learn that the listing exists.
    pub fn is_visible_to(&self, enterprise: Option<Uuid>, verified: bool) -> bool {
        enterprise == Some(self.enterprise_id) || self.terms.visibility.admits(verified)
    }
}
