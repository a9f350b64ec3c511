//! The best few of many, and what it takes to be among them.

use crate::matching::rank::Ranked;
use crate::matching::score::Scale;

#[derive(Debug)]
pub(super) struct Best<'a> {
    limit: usize,
    /// Best first.
    kept: Vec<Ranked<'a>>,
    bar: Bar,
}

/// A sum of parts below `least` cannot enter; one below `better` only from nearer than `km`.
#[derive(Debug, Clone, Copy)]
struct Bar {
    least: u64,
    better: u64,
    km: f64,
    /// What `least` and `better` come to.
    points: f32,
    better_points: f32,
}

const OPEN: Bar = Bar { least: 0, better: 0, km: f64::INFINITY, points: 0.0, better_points: 0.0 };
const SHUT: Bar = Bar {
    least: u64::MAX,
    better: u64::MAX,
    km: f64::NEG_INFINITY,
    points: f32::INFINITY,
    better_points: f32::INFINITY,
};

impl<'a> Best<'a> {
    pub fn new(limit: usize) -> Self {
        Self { limit, kept: Vec::new(), bar: if limit == 0 { SHUT } else { OPEN } }
    }

    /// Whether a candidate whose parts sum to at most `sum`, at least `km` away, could enter.
    #[inline]
    pub fn admits(&self, sum: u64, km: f64) -> bool {
        sum >= self.bar.better || (sum >= self.bar.least && km <= self.bar.km)
    }

    /// Below so many points nothing enters.
    #[inline]
    pub fn least_points(&self) -> f32 {
        self.bar.points
    }

    /// The same in points.
    #[inline]
    pub fn admits_points(&self, points: f32, km: f32) -> bool {
        points >= self.bar.better_points || (points >= self.bar.points && f64::from(km) <= self.bar.km)
    }

    pub fn offer(&mut self, candidate: Ranked<'a>, scale: &Scale) {
        let at = self.kept.partition_point(|kept| kept.compare(&candidate).is_lt());
        if at >= self.limit {
            return;
        }
        self.kept.insert(at, candidate);
        self.kept.truncate(self.limit);
        if let Some(worst) = self.kept.last().filter(|_| self.kept.len() == self.limit) {
            self.bar = Bar {
                least: scale.least(worst.score),
                better: scale.least(worst.score + 1),
                km: worst.distance_km.unwrap_or(f64::INFINITY),
                points: worst.score as f32 - 0.5,
                better_points: worst.score as f32 + 0.5,
            };
        }
    }

    pub fn kept(&self) -> &[Ranked<'a>] {
        &self.kept
    }
}
