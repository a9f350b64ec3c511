//! Daily figures: what stood at the end of a day, in a region.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

/// All regions of GB/T 2260 keep Beijing time.
pub const ZONE: Tz = Tz::Asia__Shanghai;

/// Which figures a row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum BriefFigure {
    /// By standing of verification.
    Enterprises,
    /// On the market, by side, kind and category.
    Listings,
    /// Ever published, by what became of them.
    Needs,
    /// On the market with a quantity: needed less offered, by category, unit and basis.
    Gaps,
    /// Contact requests that were accepted.
    Contacts,
    /// Waiting for a moderator.
    Queue,
}

/// What became of a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NeedOutcome {
    MetHere,
    MetElsewhere,
    /// Withdrawn, no longer needed, taken off the market, or over.
    NotMet,
    /// Still on the market.
    Open,
}

/// The instant a day is over; the present where it is not yet.
pub fn end_of(date: NaiveDate, now: DateTime<Utc>) -> DateTime<Utc> {
    let next = date.succ_opt().unwrap_or(NaiveDate::MAX).and_time(NaiveTime::MIN);
    let end = next.and_local_timezone(ZONE).latest().map_or(DateTime::<Utc>::MAX_UTC, |end| end.to_utc());
    end.min(now)
}

/// What is left out of a count by those who ask for its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct RowFilter {
    pub figure: BriefFigure,
    /// Of an enterprise.
    pub status: Option<String>,
    pub side: Option<String>,
    pub kind: Option<String>,
    /// That very category; `-`: none.
    pub category: Option<String>,
    pub outcome: Option<String>,
    pub unit_code: Option<String>,
    pub basis: Option<String>,
}

/// One thing that was counted.
#[derive(Debug, Clone, PartialEq)]
pub struct BriefRow {
    pub id: Uuid,
    pub enterprise_id: Option<Uuid>,
    /// Title or name as they are today.
    pub name: Option<String>,
    pub status: String,
    pub since: DateTime<Utc>,
    pub side: Option<String>,
    pub kind: Option<String>,
    pub category: Option<String>,
    pub region_code: Option<String>,
    pub quantity: Option<String>,
    pub unit_code: Option<String>,
    pub basis: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_in_beijing_or_now() {
        let day: NaiveDate = "2026-11-25".parse().unwrap_or_default();
        let now: DateTime<Utc> = "2026-11-26T04:00:00Z".parse().unwrap_or_default();
        assert_eq!(end_of(day, now).to_rfc3339(), "2026-11-25T16:00:00+00:00");
        assert_eq!(end_of(day.succ_opt().unwrap_or_default(), now), now);
    }
}
