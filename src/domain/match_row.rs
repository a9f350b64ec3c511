//! A match that was written down: what each side makes of a need and an offer that fit.
//!
//! Each side has a state of its own: that the buyer has shortlisted a supplier says nothing to the supplier.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::listing::Side;

/// Where one side stands with a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MatchStatus {
    Suggested,
    Viewed,
    Shortlisted,
    /// The listing was closed as met here, with this counterpart.
    Converted,
    Dismissed,
    /// One of the two has changed or ended, and they no longer fit.
    Stale,
}

/// Why a side does not want a counterpart; kept for weighting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DismissReason {
    Price,
    Quantity,
    Distance,
    Time,
    Quality,
    Terms,
    Counterpart,
    NotRelevant,
    AlreadyMet,
    Other,
}

/// What a side does with a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatchAction {
    View,
    Shortlist,
    Dismiss { reason: DismissReason, note: Option<String> },
}

impl MatchAction {
    /// The states it is allowed in; a dismissed counterpart can still be shortlisted.
    pub fn allowed_in(&self) -> &'static [MatchStatus] {
        use MatchStatus::{Dismissed, Shortlisted, Suggested, Viewed};
        match self {
            MatchAction::View => &[Suggested, Viewed, Shortlisted],
            MatchAction::Shortlist => &[Suggested, Viewed, Dismissed],
            MatchAction::Dismiss { .. } => &[Suggested, Viewed, Shortlisted],
        }
    }
}

/// The pair.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchRow {
    pub id: Uuid,
    pub need_id: Uuid,
    pub offer_id: Uuid,
    /// Of the listings, when the pair was last looked at.
    pub need_version: i32,
    pub offer_version: i32,
    pub policy_version: i32,
    pub stats_version: i32,
    /// The hour that entered the scores.
    pub as_of: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl MatchRow {
    pub fn counterpart_of(&self, side: Side) -> Uuid {
        match side {
            Side::Need => self.offer_id,
            Side::Offer => self.need_id,
        }
    }
}

/// What one side sees of it and makes of it; `E` is its explanation.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchSide<E> {
    pub match_id: Uuid,
    pub side: Side,
    pub enterprise_id: Uuid,
    /// This side's own.
    pub listing_id: Uuid,
    pub status: MatchStatus,
    pub explanation: E,
    pub reason: Option<DismissReason>,
    pub note: Option<String>,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
    /// Versions of need and offer it was last notified of.
    pub notified: Option<(i32, i32)>,
    /// Rises with every change that this side can see.
    pub version: i32,
    pub updated_at: DateTime<Utc>,
}

impl<E> MatchSide<E> {
    /// To be called where it is allowed. Returns whether anything changed.
    pub fn act(&mut self, action: MatchAction, by: Uuid, now: DateTime<Utc>) -> bool {
        let (status, reason, note) = match action {
            MatchAction::View if self.status != MatchStatus::Suggested => return false,
            MatchAction::View => (MatchStatus::Viewed, None, None),
            MatchAction::Shortlist => (MatchStatus::Shortlisted, None, None),
            MatchAction::Dismiss { reason, note } => (MatchStatus::Dismissed, Some(reason), note),
        };
        (self.status, self.reason, self.note) = (status, reason, note);
        (self.decided_by, self.decided_at) = (Some(by), Some(now));
        self.version += 1;
        self.updated_at = now;
        true
    }

    /// The pair fits, by this explanation: what was stale is suggested again, what was decided stays decided.
    pub fn fits(&mut self, explanation: E, now: DateTime<Utc>) {
        if self.status == MatchStatus::Stale {
            self.status = MatchStatus::Suggested;
        }
        self.explanation = explanation;
        self.version += 1;
        self.updated_at = now;
    }

    /// The pair does not fit any more; returns whether that is news. What was dismissed or converted stays so.
    pub fn lapse(&mut self, now: DateTime<Utc>) -> bool {
        use MatchStatus::{Shortlisted, Suggested, Viewed};
        if !matches!(self.status, Suggested | Viewed | Shortlisted) {
            return false;
        }
        self.status = MatchStatus::Stale;
        self.version += 1;
        self.updated_at = now;
        true
    }

    /// This side has closed its listing as met with the other.
    pub fn convert(&mut self, now: DateTime<Utc>) -> bool {
        if self.status == MatchStatus::Converted {
            return false;
        }
        (self.status, self.reason, self.note) = (MatchStatus::Converted, None, None);
        self.version += 1;
        self.updated_at = now;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side() -> MatchSide<u32> {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        MatchSide {
            match_id: Uuid::nil(),
            side: Side::Need,
            enterprise_id: Uuid::nil(),
            listing_id: Uuid::nil(),
            status: MatchStatus::Suggested,
            explanation: 1,
            reason: None,
            note: None,
            decided_by: None,
            decided_at: None,
            notified: None,
            version: 1,
            updated_at: now,
        }
    }

    #[test]
    fn a_stale_match_is_suggested_again_and_a_decision_stands() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let mut shortlisted = side();
        assert!(shortlisted.act(MatchAction::Shortlist, Uuid::nil(), now));
        assert!(shortlisted.lapse(now) && !shortlisted.lapse(now));
        shortlisted.fits(2, now);
        assert_eq!((shortlisted.status, shortlisted.explanation, shortlisted.version), (MatchStatus::Suggested, 2, 4));
        let mut dismissed = side();
        dismissed.act(MatchAction::Dismiss { reason: DismissReason::Price, note: None }, Uuid::nil(), now);
        assert!(!dismissed.lapse(now));
        dismissed.fits(3, now);
        assert_eq!((dismissed.status, dismissed.reason), (MatchStatus::Dismissed, Some(DismissReason::Price)));
        assert!(dismissed.convert(now) && dismissed.reason.is_none());
    }

    #[test]
    fn looking_again_changes_nothing() {
        let mut seen = side();
        let now = DateTime::<Utc>::UNIX_EPOCH;
        assert!(seen.act(MatchAction::View, Uuid::nil(), now) && !seen.act(MatchAction::View, Uuid::nil(), now));
        assert_eq!((seen.status, seen.version), (MatchStatus::Viewed, 2));
    }
}
