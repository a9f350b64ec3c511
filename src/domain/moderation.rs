//! Whether a listing may appear at once or waits for a moderator.

use strum::EnumString;

use super::enterprise::EnterpriseStatus;
use super::listing::{Kind, ListingStatus, Side};

/// `DUIJIE_MODERATION`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum Moderation {
    /// Everything appears at once.
    #[default]
    Open,
    /// Protective goods, finance and labor offered by firms nobody verified wait.
    VerifiedFirst,
    /// Everything waits.
    Review,
}

impl Moderation {
    /// The state publishing leads to.
    pub fn decide(self, side: Side, kind: Kind, enterprise: EnterpriseStatus) -> ListingStatus {
        let delicate = side == Side::Offer && matches!(kind, Kind::Ppe | Kind::Finance | Kind::Labor);
        let waits = match self {
            Moderation::Open => false,
            Moderation::VerifiedFirst => delicate && enterprise != EnterpriseStatus::Verified,
            Moderation::Review => true,
        };
        if waits { ListingStatus::PendingReview } else { ListingStatus::Published }
    }
}
