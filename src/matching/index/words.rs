//! Which texts of a block say which words.

use crate::matching::text::Asked;
use crate::vocabulary::{TextProfile, Token, concept_id};

use super::cells::BYTES;

/// Words of a question told apart by one bit each; those beyond count as said by everybody.
pub(super) const BITS: usize = 64;

/// Each distinct word of a block, by the lower half of its id, with the texts that say it. Two words of one lower half
/// are taken for one: a text may seem to say what it does not, never the other way round.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    /// With where its texts begin; one more, for where they end.
    ids: Box<[(u32, u32)]>,
    texts: Box<[u8]>,
    /// Where the words begin whose highest bits are those of the place: they are spread evenly, so few have the same.
    shelves: Box<[u32]>,
}

/// Words to a shelf, in the mean.
const SHELVED: usize = 8;

/// What words make of who says them, in points.
#[derive(Debug, Clone, Default)]
pub(super) struct Worths {
    /// Of the words that make least, which are not looked for.
    taken_as_said: f32,
    words: Vec<(u32, f32)>,
    /// The best of a text alone counts; the best come last.
    concepts: Vec<(u32, f32)>,
}

impl Worths {
    /// `full`: of who says everything.
    pub fn of(asked: &Asked<'_>, full: f32) -> Self {
        let (mut words, mut concepts) = (Vec::new(), Vec::new());
        for (token, share) in asked.worths() {
            let list = if token.is_concept() { &mut concepts } else { &mut words };
            list.push((wanted(token), share as f32 * full * (1.0 + ROUNDED)));
        }
        concepts.sort_by(by_points);
        words.sort_by(by_points);
        let (mut taken_as_said, mut few) = (0.0, 0);
        for (_, points) in &words {
            if taken_as_said + points > full * TAKEN_AS_SAID {
                break;
            }
            (taken_as_said, few) = (taken_as_said + points, few + 1);
        }
        let mut words = words.split_off(few);
        words.sort_unstable_by_key(|(id, _)| *id);
        Self { taken_as_said, words, concepts }
    }
}

fn by_points((_, a): &(u32, f32), (_, b): &(u32, f32)) -> std::cmp::Ordering {
    a.total_cmp(b)
}

/// Of what all words make: half of the words make so little, and are as dear to look for as others.
const TAKEN_AS_SAID: f32 = 0.04;

/// What adding up in floats may take, of each.
const ROUNDED: f32 = 1e-4;

impl Words {
    pub fn of<'a>(texts: impl Iterator<Item = &'a TextProfile>) -> Self {
        let mut pairs: Vec<(u32, u8)> = Vec::new();
        for (text, profile) in (0_u8..).zip(texts) {
            let tokens = profile.tokens();
            pairs.extend(tokens.iter().map(|token| (half(token.id), text)));
            pairs.extend(tokens.iter().filter(|t| t.is_concept() && t.is_named()).map(|t| (as_named(t.id), text)));
        }
        pairs.sort_unstable();
        pairs.dedup();
        let mut ids: Vec<(u32, u32)> = Vec::new();
        for (start, (id, _)) in (0..).zip(&pairs) {
            if ids.last().is_none_or(|(last, _)| last != id) {
                ids.push((*id, start));
            }
        }
        let texts = pairs.iter().map(|(_, text)| *text).collect();
        Self::shelved(ids, texts)
    }

    fn shelved(mut ids: Vec<(u32, u32)>, texts: Box<[u8]>) -> Self {
        let shelves = shelves(&ids);
        ids.push((u32::MAX, u32::try_from(texts.len()).unwrap_or(u32::MAX)));
        Self { ids: ids.into(), texts, shelves }
    }

    /// Every word of these, without who says it.
    pub fn all<'a>(of: impl Iterator<Item = &'a Words>) -> Self {
        let mut ids: Vec<u32> = of.flat_map(|words| words.ids().map(|(id, _)| *id)).collect();
        ids.sort_unstable();
        ids.dedup();
        Self::shelved(ids.into_iter().map(|id| (id, 0)).collect(), Box::default())
    }

    /// Bits of the words asked for that some text says.
    pub fn said(&self, asked: &[u32]) -> u64 {
        let mut said = beyond(asked.len());
        for (bit, id) in asked.iter().take(BITS).enumerate() {
            if self.place(*id).is_some() {
                said |= 1 << bit;
            }
        }
        said
    }

    /// Whether some text says one of these.
    pub fn says_any(&self, of: &[u32]) -> bool {
        of.iter().any(|id| self.place(*id).is_some())
    }

    fn ids(&self) -> impl Iterator<Item = &(u32, u32)> {
        self.ids.split_last().map_or(&[][..], |(_, ids)| ids).iter()
    }

    #[inline]
    fn place(&self, id: u32) -> Option<usize> {
        let shelf = shelf(id, self.shelves.len());
        let (from, to) = (*self.shelves.get(shelf)? as usize, *self.shelves.get(shelf + 1)? as usize);
        let place = self.ids.get(from..to)?.iter().position(|(held, _)| *held == id)?;
        Some(from + place)
    }

    /// Who says a word.
    #[inline]
    fn texts_saying(&self, id: u32) -> &[u8] {
        let said = self.place(id).and_then(|at| {
            let [(_, from), (_, to)] = self.ids.get(at..at + 2)? else { return None };
            self.texts.get(*from as usize..*to as usize)
        });
        said.unwrap_or_default()
    }

    /// What each text earns at most.
    #[inline]
    pub fn earn(&self, worths: &Worths, texts: &mut [f32; BYTES]) {
        let mut best_concepts = [0.0; BYTES];
        for (id, points) in &worths.concepts {
            for text in self.texts_saying(*id) {
                best_concepts[usize::from(*text)] = *points;
            }
        }
        texts.fill(worths.taken_as_said);
        for (id, points) in &worths.words {
            for text in self.texts_saying(*id) {
                texts[usize::from(*text)] += points;
            }
        }
        texts.iter_mut().zip(best_concepts).for_each(|(earned, concept)| *earned += concept);
    }

    /// The same as `said` for each text.
    pub fn said_by_text(&self, asked: &[u32], texts: &mut [u64]) {
        texts.fill(beyond(asked.len()));
        for (bit, id) in asked.iter().take(BITS).enumerate() {
            for text in self.texts_saying(*id) {
                if let Some(said) = texts.get_mut(usize::from(*text)) {
                    *said |= 1 << bit;
                }
            }
        }
    }

    pub fn bytes(&self) -> usize {
        self.ids.len() * 8 + self.shelves.len() * 4 + self.texts.len()
    }
}

/// One more than there are shelves, a power of two.
fn shelves(ids: &[(u32, u32)]) -> Box<[u32]> {
    let count = (ids.len() / SHELVED).next_power_of_two();
    let first = |of: usize| ids.partition_point(|(id, _)| shelf(*id, count + 1) < of) as u32;
    (0..=count).map(first).collect()
}

/// `shelves`: one more than there are.
fn shelf(id: u32, shelves: usize) -> usize {
    ((u64::from(id) * shelves.saturating_sub(1) as u64) >> 32) as usize
}

/// With more words than bits, the last bit stands for all the rest.
fn beyond(asked: usize) -> u64 {
    if asked > BITS { 1 << (BITS - 1) } else { 0 }
}

/// Whether a text with these bits may say the word in this place.
pub(super) fn may_say(bits: u64, place: usize) -> bool {
    bits & bit(place) != 0
}

/// Of the word in this place.
pub(super) fn bit(place: usize) -> u64 {
    1 << place.min(BITS - 1)
}

/// What a text has to say to share this word: a category that the question only implies must be named.
pub(super) fn wanted(token: &Token) -> u32 {
    if token.is_concept() && !token.is_named() { as_named(token.id) } else { half(token.id) }
}

/// What a text says that names this category, or one below it.
pub(super) fn mentioned(category: &str) -> u32 {
    half(concept_id(category))
}

/// What a text says that names this very category.
pub(super) fn named(category: &str) -> u32 {
    as_named(concept_id(category))
}

fn as_named(id: u64) -> u32 {
    half(id) ^ 0x5bd1_e995
}

fn half(id: u64) -> u32 {
    (id & u64::from(u32::MAX)) as u32
}
