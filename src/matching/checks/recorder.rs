//! Collects verdicts; when only screening, builds no values and knows when to stop.

use crate::matching::check::{Check, CheckCode, Value, Verdict};
use crate::matching::policy::Policy;

use super::Screening;

pub(super) struct Recorder<'p> {
    policy: &'p Policy,
    kept: Option<Vec<Check>>,
    failures: usize,
    out: bool,
}

impl<'p> Recorder<'p> {
    pub fn screening(policy: &'p Policy) -> Self {
        Self { policy, kept: None, failures: 0, out: false }
    }

    /// Goes on screening where other checks have said this much.
    pub fn after(screening: Screening, policy: &'p Policy) -> Self {
        let (failures, out) = match screening {
            Screening::Match => (0, false),
            Screening::NearMiss => (1, false),
            Screening::Out => (2, true),
        };
        Self { policy, kept: None, failures, out }
    }

    pub fn keeping(policy: &'p Policy) -> Self {
        Self { policy, kept: Some(Vec::new()), failures: 0, out: false }
    }

    /// `have` and `want` are built only where they are kept.
    pub fn record(
        &mut self,
        code: CheckCode,
        outcome: Verdict,
        have: impl FnOnce() -> Option<Value>,
        want: impl FnOnce() -> Option<Value>,
    ) {
        self.record_about(code, None, outcome, have, want);
    }

    pub fn record_about(
        &mut self,
        code: CheckCode,
        about: Option<&str>,
        outcome: Verdict,
        have: impl FnOnce() -> Option<Value>,
        want: impl FnOnce() -> Option<Value>,
    ) {
        if outcome == Verdict::Fail {
            self.failures += 1;
            self.out |= self.failures > 1 || !self.policy.is_relaxable(code);
        }
        if let Some(kept) = &mut self.kept {
            kept.push(Check { code, outcome, about: about.map(str::to_owned), have: have(), want: want() });
        }
    }

    /// Whether more than the outcome is wanted.
    pub fn is_keeping(&self) -> bool {
        self.kept.is_some()
    }

    /// Records a check only if it fails: passing it goes without saying.
    pub fn require(&mut self, code: CheckCode, holds: bool) {
        if !holds {
            self.record(code, Verdict::Fail, || None, || None);
        }
    }

    pub fn is_done(&self) -> bool {
        self.out && self.kept.is_none()
    }

    pub fn screened(&self) -> Screening {
        match (self.out, self.failures) {
            (true, _) => Screening::Out,
            (false, 0) => Screening::Match,
            (false, _) => Screening::NearMiss,
        }
    }

    pub fn into_checks(self) -> Vec<Check> {
        self.kept.unwrap_or_default()
    }
}

impl From<bool> for Verdict {
    fn from(holds: bool) -> Self {
        if holds { Verdict::Pass } else { Verdict::Fail }
    }
}
