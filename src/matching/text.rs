//! How much two texts share, as far as the asking one asks.

use super::policy::Policy;
use super::statistics::Statistics;
use crate::vocabulary::{TextProfile, Token};

/// What a category counts that a text is not about: it says masks where it offers cartons for them, or to test them.
const ONLY_QUALIFIES: f64 = 0.6;
/// What a word counts, and a category, that is said with hardly any of the weight it is asked for with.
const HARDLY_SAID: f64 = 0.3;
const HARDLY_NAMED: f64 = 0.85;

/// Idf-weighted share of what `query` asks that `candidate` says, in [0, 1]; term frequency saturated and length
/// normalised as in BM25 (Robertson and Zaragoza 2009) with k1 = 0.9, b = 0.3, at most 1 for each token; less where it is
/// said with less weight than it is asked for with, as in a description, or by translation.
///
/// Concepts count once, by the best one shared: titles join synonyms (`医用防护口罩 | N95口罩`) and list several goods.
/// A category neither text names, implied by different ones below it, is not shared: a surgical mask is no respirator.
pub(super) fn overlap(query: &TextProfile, candidate: &TextProfile, statistics: &Statistics, policy: &Policy) -> f64 {
    Asked::of(query, statistics).share(candidate, statistics, policy)
}

/// What everything a text asks for is worth.
pub(super) fn worth(query: &TextProfile, statistics: &Statistics) -> f64 {
    let mut sums = Sums::default();
    query.tokens().iter().for_each(|token| sums.add(*token, worth_of(*token, statistics.idf(token.id)), 0.0));
    sums.all_asked()
}

fn worth_of(token: Token, idf: f64) -> f64 {
    f64::from(token.weight) * idf
}

/// The words of a question with what each is worth.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked<'a> {
    tokens: Vec<(&'a Token, f64)>,
}

impl<'a> Asked<'a> {
    pub fn of(query: &'a TextProfile, statistics: &Statistics) -> Self {
        let worth = |token: &Token| worth_of(*token, statistics.idf(token.id));
        Self { tokens: query.tokens().iter().map(|token| (token, worth(token))).collect() }
    }

    /// See [`overlap`].
    pub fn share(&self, candidate: &TextProfile, statistics: &Statistics, policy: &Policy) -> f64 {
        let length = length(candidate, statistics, policy);
        let mut sums = Sums::default();
        let mut others = candidate.tokens().iter().peekable();
        for (token, worth) in &self.tokens {
            while others.next_if(|other| other.id < token.id).is_some() {}
            let found = others.peek().filter(|other| other.id == token.id && counts(**token, ***other));
            let share = found.map_or(0.0, |other| saturated(other, length, policy) * firmness(**token, **other));
            sums.add(**token, *worth, worth * share);
        }
        sums.share_of(sums.all_asked())
    }

    /// Of each word, in the order of [`Asked::tokens`], what it makes of the share at most; of concepts the best alone counts.
    pub fn worths(&self) -> impl Iterator<Item = (&'a Token, f64)> {
        let mut sums = Sums::default();
        self.tokens.iter().for_each(|(token, worth)| sums.add(**token, *worth, 0.0));
        let asked = sums.all_asked();
        self.tokens.iter().map(move |(token, worth)| (*token, if asked > 0.0 { worth / asked } else { 0.0 }))
    }

    pub fn tokens(&self) -> impl Iterator<Item = &'a Token> {
        self.tokens.iter().map(|(token, _)| *token)
    }
}

/// The words of a candidate, for many who ask.
pub(super) struct Heard {
    /// With the idf of each and how far it counts, in the order of their ids.
    tokens: Vec<(Token, f64, f64)>,
    /// A bit for the lowest ones of each id: most words of others are not among these.
    ids: [u64; 32],
}

impl Heard {
    pub fn of(candidate: &TextProfile, statistics: &Statistics, policy: &Policy) -> Self {
        let length = length(candidate, statistics, policy);
        let counting = |token: &Token| (*token, statistics.idf(token.id), saturated(token, length, policy));
        let mut ids = [0; 32];
        candidate.tokens().iter().for_each(|token| ids[shelf(token.id)] |= 1 << (token.id % 64));
        Self { tokens: candidate.tokens().iter().map(counting).collect(), ids }
    }

    /// The [`overlap`] with who asks for so much [`worth`].
    pub fn share(&self, query: &TextProfile, worth: f64) -> f64 {
        let mut sums = Sums::default();
        for token in query.tokens().iter().filter(|token| self.ids[shelf(token.id)] >> (token.id % 64) & 1 == 1) {
            let Ok(at) = self.tokens.binary_search_by_key(&token.id, |(said, ..)| said.id) else { continue };
            if let Some((said, idf, share)) = self.tokens.get(at).filter(|(said, ..)| counts(*token, *said)) {
                sums.add(*token, 0.0, worth_of(*token, *idf) * (share * firmness(*token, *said)));
            }
        }
        sums.share_of(worth)
    }
}

fn shelf(id: u64) -> usize {
    (id / 64 % 32) as usize
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

    fn all_asked(&self) -> f64 {
        self.asked + self.best_concept_asked
    }

    fn share_of(&self, asked: f64) -> f64 {
        if asked > 0.0 { ((self.shared + self.best_concept_shared) / asked).min(1.0) } else { 0.0 }
    }
}

fn counts(token: Token, other: Token) -> bool {
    !token.is_concept() || token.is_named() || other.is_named()
}

fn length(candidate: &TextProfile, statistics: &Statistics, policy: &Policy) -> f64 {
    1.0 - policy.text_b + policy.text_b * statistics.relative_length(candidate.length())
}

/// How far a text of this length says a word.
fn saturated(token: &Token, length: f64, policy: &Policy) -> f64 {
    let (count, k1) = (f64::from(token.count), policy.text_k1);
    (count * (k1 + 1.0) / (count + k1 * length)).min(1.0)
}

/// What a word that is `asked` for counts as it is `said`: whether the text is about it, and with what weight it says it.
fn firmness(asked: Token, said: Token) -> f64 {
    let about = if said.only_qualifies && !asked.only_qualifies { ONLY_QUALIFIES } else { 1.0 };
    about * weighed(asked, said.weight)
}

/// The same of a text that is about it.
pub(super) fn weighed(asked: Token, weight: u16) -> f64 {
    let least = if asked.is_concept() { HARDLY_NAMED } else { HARDLY_SAID };
    match asked.weight {
        0 => 1.0,
        full => least + (1.0 - least) * (f64::from(weight) / f64::from(full)).min(1.0),
    }
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
