//! Where a listing stands in an answer: what the order goes by, without the listing itself.

use std::cmp::{Ordering, Reverse};

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Ordered as answers are: score, distance (unknown last), creation, id; the best is the least.
#[derive(Debug, Clone, Copy)]
pub struct Position {
    pub score: u32,
    pub distance_km: Option<f64>,
    pub created_at: DateTime<Utc>,
    pub id: Uuid,
}

impl Ord for Position {
    fn cmp(&self, other: &Self) -> Ordering {
        let far = |p: &Self| p.distance_km.unwrap_or(f64::INFINITY);
        Reverse(self.score)
            .cmp(&Reverse(other.score))
            .then(far(self).total_cmp(&far(other)))
            .then((self.created_at, self.id).cmp(&(other.created_at, other.id)))
    }
}

impl PartialOrd for Position {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Position {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Position {}
