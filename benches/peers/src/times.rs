//! How long many things took.

use std::time::Duration;

#[derive(Debug, Clone, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Milliseconds.
    pub fn quantile(&self, share: f64) -> f64 {
        let at = ((self.0.len() as f64 * share) as usize).min(self.0.len().saturating_sub(1));
        self.0.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }

    /// p50, p95 and p99 in milliseconds.
    pub fn line(&self) -> String {
        format!("{:>10.2}{:>10.2}{:>10.2}", self.quantile(0.5), self.quantile(0.95), self.quantile(0.99))
    }
}
