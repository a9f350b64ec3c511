//! Daily figures on the wire.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::briefs::{self as use_cases, Count};
use crate::domain::brief::{BriefRow as Row, NeedOutcome};
use crate::domain::enterprise::EnterpriseStatus;
use crate::domain::listing::{Kind, Side};
use crate::domain::trade::QuantityBasis;

/// What stood at the end of a day, in a region. Every figure opens to its rows at `/v1/admin/briefs/{date}/rows`.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"date": "2026-11-25", "region_code": "410300", "as_of": "2026-11-25T16:00:00Z", "complete": true,
    "enterprises": [{"status": "verified", "count": 120}], "listings": [{"side": "need", "kind": "ppe", "category": "ppe.mask.surgical", "count": 14}],
    "needs": [{"outcome": "met_here", "count": 31}], "gaps": [{"kind": "ppe", "category": "ppe.mask.surgical", "unit_code": "H87", "basis": "total",
    "needed": "200000", "offered": "120000", "gap": "80000", "listings": 20}], "contacts": 45,
    "queue": {"waiting": 3, "median_age_seconds": 3600, "oldest_age_seconds": 7200}}))]
pub struct Brief {
    date: NaiveDate,
    /// Absent: everywhere, and what has no known place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 12)]
    region_code: Option<String>,
    /// The end of the day in China, or the present where it is not over.
    as_of: DateTime<Utc>,
    /// Whether the day is over.
    complete: bool,
    /// When history began to be kept, where there was something before: figures as of an earlier time are made of the states that were
    /// there then. Absent where all of it is exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    exact_since: Option<DateTime<Utc>>,
    #[schema(max_items = 10)]
    enterprises: Vec<EnterprisesCounted>,
    /// On the market.
    #[schema(max_items = 5000)]
    listings: Vec<ListingsCounted>,
    /// Ever published, by what became of them.
    #[schema(max_items = 4)]
    needs: Vec<NeedsCounted>,
    /// Of what is on the market and says how much; each listing with the quantity it states.
    #[schema(max_items = 2000)]
    gaps: Vec<GapFound>,
    /// Contact requests accepted so far.
    #[schema(minimum = 0)]
    contacts: i64,
    queue: QueueAge,
}

#[derive(Serialize, ToSchema)]
pub struct EnterprisesCounted {
    #[schema(value_type = EnterpriseStatus)]
    pub status: String,
    #[schema(minimum = 0)]
    pub count: i64,
}

#[derive(Serialize, ToSchema)]
pub struct ListingsCounted {
    #[schema(value_type = Side)]
    pub side: String,
    #[schema(value_type = Kind)]
    pub kind: String,
    /// `-`: none.
    #[schema(max_length = 100)]
    pub category: String,
    #[schema(minimum = 0)]
    pub count: i64,
}

#[derive(Serialize, ToSchema)]
pub struct NeedsCounted {
    #[schema(value_type = NeedOutcome)]
    pub outcome: String,
    #[schema(minimum = 0)]
    pub count: i64,
}

#[derive(Serialize, ToSchema)]
pub struct GapFound {
    #[schema(value_type = Kind)]
    pub kind: String,
    /// `-`: none.
    #[schema(max_length = 100)]
    pub category: String,
    /// `-`: none.
    #[schema(max_length = 3)]
    pub unit_code: String,
    #[schema(value_type = QuantityBasis)]
    pub basis: String,
    #[schema(max_length = 40)]
    pub needed: String,
    #[schema(max_length = 40)]
    pub offered: String,
    /// Needed less offered, or 0.
    #[schema(max_length = 40)]
    pub gap: String,
    #[schema(minimum = 0)]
    pub listings: i64,
}

/// How long what waits for a moderator had waited.
#[derive(Serialize, ToSchema)]
pub struct QueueAge {
    #[schema(minimum = 0)]
    pub waiting: i64,
    #[schema(minimum = 0)]
    pub median_age_seconds: i64,
    #[schema(minimum = 0)]
    pub oldest_age_seconds: i64,
}

impl From<use_cases::Brief> for Brief {
    fn from(brief: use_cases::Brief) -> Self {
        let text = |text: Option<String>| text.unwrap_or_default();
        let enterprises = |count: Count| EnterprisesCounted { status: text(count.code), count: count.count };
        let needs = |count: Count| NeedsCounted { outcome: text(count.code), count: count.count };
        let listings = |count: Count| ListingsCounted {
            side: text(count.side),
            kind: text(count.kind),
            category: text(count.category),
            count: count.count,
        };
        let gap = |gap: use_cases::Gap| {
            let use_cases::Gap { kind, category, unit_code, basis, needed, offered, gap, listings } = gap;
            GapFound { kind, category, unit_code, basis, needed, offered, gap, listings }
        };
        Self {
            date: brief.date,
            region_code: brief.region_code,
            as_of: brief.as_of,
            complete: brief.complete,
            exact_since: brief.exact_since,
            enterprises: brief.enterprises.into_iter().map(enterprises).collect(),
            listings: brief.listings.into_iter().map(listings).collect(),
            needs: brief.needs.into_iter().map(needs).collect(),
            gaps: brief.gaps.into_iter().map(gap).collect(),
            contacts: brief.contacts,
            queue: QueueAge {
                waiting: brief.queue.waiting,
                median_age_seconds: brief.queue.median.max(0.0) as i64,
                oldest_age_seconds: brief.queue.oldest.max(0.0) as i64,
            },
        }
    }
}

/// One thing that was counted, as it stood.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a68", "name": "医用外科口罩",
    "status": "published", "since": "2026-11-25T08:00:00Z", "side": "need", "kind": "ppe", "category": "ppe.mask.surgical", "region_code": "410305",
    "quantity": "20000", "unit_code": "H87", "basis": "total"}))]
pub struct BriefRow {
    /// Of the listing, the enterprise, or the event by which a contact was made.
    pub id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    enterprise_id: Option<Uuid>,
    /// Title or name, as they are today.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    name: Option<String>,
    /// Then.
    #[schema(max_length = 40)]
    status: String,
    since: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Side>)]
    side: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Kind>)]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 12)]
    region_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40)]
    quantity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 3)]
    unit_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<QuantityBasis>)]
    basis: Option<String>,
}

impl From<Row> for BriefRow {
    fn from(row: Row) -> Self {
        let Row { id, enterprise_id, name, status, since, side, kind, category, region_code, .. } = row;
        let Row { quantity, unit_code, basis, .. } = row;
        Self { id, enterprise_id, name, status, since, side, kind, category, region_code, quantity, unit_code, basis }
    }
}

/// Rows behind a figure.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "BriefRow"}]}))]
pub struct BriefRowPage {
    #[schema(max_items = 100)]
    pub items: Vec<BriefRow>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// The bytes of a workbook: a sheet for each sort of figures.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, max_length = 10485760, example = "PK…")]
#[allow(dead_code)]
pub struct Workbook(Vec<u8>);
