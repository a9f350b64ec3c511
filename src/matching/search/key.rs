//! Where a page ends: the place of a listing in an order, in whole numbers.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::query::SearchSort;
use crate::matching::context::Context;
use crate::matching::item::Item;

/// Totally ordered: rank, then newest first, then id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchKey {
    /// Ascending: minus relevance in ten-thousandths, price in millionths, distance in millimetres, or 0.
    #[serde(rename = "r")]
    rank: i64,
    /// Creation in microseconds since 1970.
    #[serde(rename = "c")]
    created: i64,
    #[serde(rename = "i")]
    id: Uuid,
    /// What relevance was measured with; a cursor of other versions has expired. None in other orders.
    #[serde(rename = "m")]
    pub measures: Option<Measures>,
}

/// Versions that decide how well words fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measures {
    #[serde(rename = "s")]
    pub stats_version: i32,
    #[serde(rename = "p")]
    pub policy_version: i32,
}

impl Measures {
    pub fn of(ctx: &Context<'_>) -> Self {
        Self { stats_version: ctx.statistics.version, policy_version: ctx.policy.version }
    }
}

const LAST: i64 = i64::MAX;

impl SearchKey {
    pub(super) fn of(
        item: &Item,
        sort: SearchSort,
        relevance: Option<f64>,
        distance_km: Option<f64>,
        price: Option<i64>,
        measures: Measures,
    ) -> Self {
        let ranked_by_words = sort == SearchSort::Relevance && relevance.is_some();
        Self {
            rank: Self::rank(sort, relevance, distance_km, price),
            created: item.created_at.timestamp_micros(),
            id: item.id,
            measures: ranked_by_words.then_some(measures),
        }
    }
}

impl SearchKey {
    /// The least key of any listing ranked no better and created no later than this.
    pub(in crate::matching) fn at_best(rank: i64, created: i64) -> Self {
        Self { rank, created, id: Uuid::nil(), measures: None }
    }

    /// The rank of a listing in that order.
    pub(in crate::matching) fn rank(
        sort: SearchSort,
        relevance: Option<f64>,
        distance_km: Option<f64>,
        price: Option<i64>,
    ) -> i64 {
        match sort {
            SearchSort::Relevance => relevance.map_or(0, |r| -((r * 10_000.0).round() as i64)),
            SearchSort::Newest => 0,
            SearchSort::Price => price.unwrap_or(LAST),
            SearchSort::Distance => distance_km.map_or(LAST, |d| (d * 1_000_000.0).round() as i64),
        }
    }
}

impl Ord for SearchKey {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.rank, other.created, self.id).cmp(&(other.rank, self.created, other.id))
    }
}

impl PartialOrd for SearchKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
