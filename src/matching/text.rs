//! How much two texts share, as far as the asking one asks.

use super::policy::Policy;
use super::statistics::Statistics;
use crate::vocabulary::{TextProfile, Token};

/// Idf-weighted share of what `query` asks that `candidate` says, in [0, 1]; term frequency saturated and length
/// normalised as in BM25 (Robertson and Zaragoza 2009) with k1 = 0.9, b = 0.3, at most 1 for each token.
///
/// Concepts count once, by the best one shared: titles join synonyms (`医用防护口罩 | N95口罩`) and list several goods.
/// A category neither text names, implied by different ones below it, is not shared: a surgical mask is no respirator.
pub(super) fn overlap(query: &TextProfile, candidate: &TextProfile, statistics: &Statistics, policy: &Policy) -> f64 {
    Asked::of(query, statistics).share(candidate, statistics, policy)
}

/// The words of a question with what each is worth.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked<'a> {
    tokens: Vec<(&'a Token, f64)>,
}

impl<'a> Asked<'a> {
    pub fn of(query: &'a TextProfile, statistics: &Statistics) -> Self {
        Self::of_worth(query, |token| statistics.idf(token))
    }

    /// The same by who knows what tokens are worth.
    pub fn of_worth(query: &'a TextProfile, idf: impl Fn(u64) -> f64) -> Self {
        let worth = |token: &Token| f64::from(token.weight) * idf(token.id);
        Self { tokens: query.tokens().iter().map(|token| (token, worth(token))).collect() }
    }

    /// See [`overlap`].
    pub fn share(&self, candidate: &TextProfile, statistics: &Statistics, policy: &Policy) -> f64 {
        let length = 1.0 - policy.text_b + policy.text_b * statistics.relative_length(candidate.length());
        let mut sums = Sums::default();
        let mut others = candidate.tokens().iter().peekable();
        for (token, worth) in &self.tokens {
            while others.next_if(|other| other.id < token.id).is_some() {}
            let found = others.peek().filter(|other| other.id == token.id && counts(**token, ***other));
            let share = found.map_or(0.0, |other| saturated(other.count, length, policy.text_k1));
            sums.add(**token, *worth, worth * share);
        }
        sums.share()
    }

    /// Of each word, in the order of [`Asked::tokens`], what it makes of the share at most; of concepts the best alone counts.
    pub fn worths(&self) -> impl Iterator<Item = (&'a Token, f64)> {
        let mut sums = Sums::default();
        self.tokens.iter().for_each(|(token, worth)| sums.add(**token, *worth, 0.0));
        let asked = sums.asked + sums.best_concept_asked;
        self.tokens.iter().map(move |(token, worth)| (*token, if asked > 0.0 { worth / asked } else { 0.0 }))
    }

    pub fn tokens(&self) -> impl Iterator<Item = &'a Token> {
        self.tokens.iter().map(|(token, _)| *token)
    }
}

#[derive(Debug, Default)]
struct Sums {
    asked: f64,
    shared: f64,
    best_concept_asked: f64,
    best_concept_shared: f64,
}

impl Sums {
    fn add(&mut self, token: Token, asked: f64, shared: f64) {
        if token.is_concept() {
            self.best_concept_asked = self.best_concept_asked.max(asked);
            self.best_concept_shared = self.best_concept_shared.max(shared);
        } else {
            self.asked += asked;
            self.shared += shared;
        }
    }

    fn share(&self) -> f64 {
        let asked = self.asked + self.best_concept_asked;
        if asked > 0.0 { ((self.shared + self.best_concept_shared) / asked).min(1.0) } else { 0.0 }
    }
}

fn counts(token: Token, other: Token) -> bool {
    !token.is_concept() || token.is_named() || other.is_named()
}

fn saturated(count: u16, length: f64, k1: f64) -> f64 {
    let count = f64::from(count);
    (count * (k1 + 1.0) / (count + k1 * length)).min(1.0)
}

/// Whether the two texts name a category in common.
pub(super) fn share_a_concept(a: &TextProfile, b: &TextProfile) -> bool {
    let mut others = b.tokens().iter().filter(|t| t.is_concept()).peekable();
    a.tokens().iter().filter(|t| t.is_concept()).any(|token| {
        while others.next_if(|other| other.id < token.id).is_some() {}
        others.peek().is_some_and(|other| other.id == token.id && counts(*token, **other))
    })
}

/// Whether the text names a category at all.
pub(super) fn names_any(profile: &TextProfile) -> bool {
    profile.tokens().iter().any(|t| t.is_concept())
}
