//! What the askers of a partition say: each text once, with the categories that all of them speak of.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::HashMap;
use foldhash::fast::FixedState;

use crate::matching::item::Item;
use crate::matching::policy::Policy;
use crate::matching::statistics::Statistics;
use crate::matching::text::{names_any, worth};
use crate::vocabulary::{TextProfile, Token, concept_id};

#[derive(Debug, Default)]
pub(super) struct Texts {
    texts: Vec<Option<Text>>,
    /// By half a hash. Of two texts with the same half, one is kept as often as it is said.
    numbers: HashMap<u32, u32>,
    free: Vec<u32>,
    /// How many texts speak of a category, and how many of them name it.
    concepts: HashMap<u64, (u32, u32)>,
    /// The words of those that speak of none, and how many say them.
    nameless: HashMap<u64, u32>,
}

#[derive(Debug)]
struct Text {
    /// Somebody who says it.
    by: Arc<Item>,
    count: u32,
    concepts: Concepts,
    /// What all of it is worth when asked for, by statistics of this version.
    worth: (i32, f64),
}

/// A bit for each category named, and for each spoken of; several share one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Concepts {
    named: u64,
    all: u64,
}

impl Concepts {
    pub fn of(profile: &TextProfile) -> Self {
        let mut concepts = Self { named: 0, all: 0 };
        for token in profile.tokens().iter().filter(|token| token.is_concept()) {
            let bit = bit(token.id);
            concepts.all |= bit;
            concepts.named |= if token.is_named() { bit } else { 0 };
        }
        concepts
    }

    /// With this category named too, or spoken of.
    pub fn with(self, category: &str, named: bool) -> Self {
        let bit = bit(concept_id(category));
        Self { named: self.named | if named { bit } else { 0 }, all: self.all | bit }
    }

    /// Whether two texts may speak of one category, or leave it to their other words.
    pub fn may_agree(&self, other: &Self) -> bool {
        self.all == 0 || other.all == 0 || (self.named & other.all) | (self.all & other.named) != 0
    }
}

fn bit(concept: u64) -> u64 {
    1 << (concept % 61)
}

impl Texts {
    /// One more says what `item` says.
    pub fn add(&mut self, item: &Arc<Item>, statistics: &Statistics) -> u32 {
        let half = half(&item.profile);
        if let Some(number) = self.numbers.get(&half)
            && let Some(Some(text)) = self.texts.get_mut(*number as usize)
            && text.by.profile == item.profile
        {
            text.count += 1;
            return *number;
        }
        let number = self.free.pop().unwrap_or_else(|| {
            self.texts.push(None);
            self.texts.len() as u32 - 1
        });
        if let Some(slot) = self.texts.get_mut(number as usize) {
            let (concepts, worth) = (Concepts::of(&item.profile), weighed(&item.profile, statistics));
            *slot = Some(Text { by: Arc::clone(item), count: 1, concepts, worth });
        }
        self.numbers.entry(half).or_insert(number);
        for token in item.profile.tokens().iter().filter(|token| token.is_concept()) {
            let (all, named) = self.concepts.entry(token.id).or_default();
            (*all, *named) = (*all + 1, *named + u32::from(token.is_named()));
        }
        if !names_any(&item.profile) {
            item.profile.tokens().iter().for_each(|token| *self.nameless.entry(token.id).or_default() += 1);
        }
        number
    }

    /// One less says it.
    pub fn leave(&mut self, number: u32) {
        let Some(slot) = self.texts.get_mut(number as usize) else { return };
        let Some(text) = slot else { return };
        text.count -= 1;
        if text.count > 0 {
            return;
        }
        let item = Arc::clone(&text.by);
        *slot = None;
        self.free.push(number);
        let half = half(&item.profile);
        if self.numbers.get(&half) == Some(&number) {
            self.numbers.remove(&half);
        }
        for token in item.profile.tokens().iter().filter(|token| token.is_concept()) {
            if let Some((all, named)) = self.concepts.get_mut(&token.id) {
                (*all, *named) = (*all - 1, *named - u32::from(token.is_named()));
                if *all == 0 {
                    self.concepts.remove(&token.id);
                }
            }
        }
        if !names_any(&item.profile) {
            for token in item.profile.tokens() {
                if let Some(count) = self.nameless.get_mut(&token.id) {
                    *count -= 1;
                    if *count == 0 {
                        self.nameless.remove(&token.id);
                    }
                }
            }
        }
    }

    /// By other statistics from now on.
    pub fn weigh(&mut self, number: u32, statistics: &Statistics) {
        if let Some(Some(text)) = self.texts.get_mut(number as usize)
            && text.worth.0 != statistics.version
        {
            text.worth = weighed(&text.by.profile, statistics);
        }
    }

    /// The text, what it speaks of, and what all of it is worth.
    pub fn get(&self, number: u32, statistics: &Statistics) -> Option<(&TextProfile, Concepts, f64)> {
        let text = self.texts.get(number as usize)?.as_ref()?;
        let (version, known) = text.worth;
        let worth = if version == statistics.version { known } else { worth(&text.by.profile, statistics) };
        Some((&text.by.profile, text.concepts, worth))
    }

    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether some text may agree with this one about what the goods are, by a category or by words.
    pub fn may_agree(&self, profile: &TextProfile, policy: &Policy) -> bool {
        let spoken_of =
            |token: &Token| self.concepts.get(&token.id).is_some_and(|(_, named)| token.is_named() || *named > 0);
        let tokens = profile.tokens();
        policy.uncategorised_text <= 0.0
            || !names_any(profile)
            || tokens
                .iter()
                .any(|token| token.is_concept() && spoken_of(token) || self.nameless.contains_key(&token.id))
    }

    pub fn bytes(&self) -> usize {
        self.texts.capacity() * size_of::<Option<Text>>()
            + self.numbers.capacity() * (size_of::<(u32, u32)>() + 1)
            + self.free.capacity() * 4
            + self.nameless.capacity() * (size_of::<(u64, u32)>() + 1)
            + self.concepts.capacity() * (size_of::<(u64, (u32, u32))>() + 1)
    }
}

fn weighed(profile: &TextProfile, statistics: &Statistics) -> (i32, f64) {
    (statistics.version, worth(profile, statistics))
}

fn half(profile: &TextProfile) -> u32 {
    let ids: Vec<u64> = profile.tokens().iter().map(|token| token.id).collect();
    FixedState::default().hash_one(ids) as u32
}
