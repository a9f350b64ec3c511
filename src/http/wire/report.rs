//! Reports on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::listing::Listing;
use crate::app::reports::{NewReport, ReportView};
use crate::domain::report::{self, ReportReason, ReportStatus};

/// What a reader says is wrong.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"reason": "wrong_information", "text": "图片与实物不符。"}))]
pub struct ReportInput {
    reason: ReportReason,
    #[schema(min_length = 1, max_length = 500, pattern = r"^[^\x00]*\S[^\x00]*$")]
    text: Option<String>,
}

impl From<ReportInput> for NewReport {
    fn from(ReportInput { reason, text }: ReportInput) -> Self {
        Self { reason, text }
    }
}

/// A report as whoever made it sees it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "listing_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a70",
    "reason": "wrong_information", "text": "图片与实物不符。", "status": "open", "listing_version": 2, "created_at": "2026-11-26T08:00:00Z"}))]
pub struct Report {
    id: Uuid,
    listing_id: Uuid,
    reason: ReportReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    text: Option<String>,
    status: ReportStatus,
    /// What was seen.
    #[schema(minimum = 1)]
    listing_version: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    note: Option<String>,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_at: Option<DateTime<Utc>>,
}

impl From<report::Report> for Report {
    fn from(report: report::Report) -> Self {
        let report::Report {
            id, listing_id, reason, text, status, listing_version, note, created_at, resolved_at, ..
        } = report;
        Self { id, listing_id, reason, text, status, listing_version, note, created_at, resolved_at }
    }
}

/// A report as moderators see it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"report": {"$example": "Report"}, "reporter_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a71", "listing": {"$example": "Listing"}}))]
pub struct ReportCase {
    report: Report,
    /// The account that made it.
    reporter_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_by: Option<Uuid>,
    listing: Listing,
}

impl From<ReportView> for ReportCase {
    fn from(ReportView { report, view }: ReportView) -> Self {
        let (reporter_id, resolved_by) = (report.reporter_id, report.resolved_by);
        Self { report: report.into(), reporter_id, resolved_by, listing: view.into() }
    }
}

/// Reports, oldest first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"items": [{"$example": "ReportCase"}]}))]
pub struct ReportPage {
    #[schema(max_items = 100)]
    pub items: Vec<ReportCase>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

/// Whether a report was right.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"outcome": "upheld", "note": "已下架。"}))]
pub struct ResolutionInput {
    /// `upheld` or `dismissed`.
    pub outcome: ReportStatus,
    #[schema(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*\S[^\x00]*$")]
    pub note: Option<String>,
}
