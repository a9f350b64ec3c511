//! Which texts of a block say which words.

use crate::vocabulary::{TextProfile, Token, concept_id};

/// Words of a question told apart by one bit each; those beyond count as said by everybody.
pub(super) const BITS: usize = 64;

/// Each distinct word of a block, by the lower half of its id, with the texts that say it. Two words of one lower half
/// are taken for one: a text may seem to say what it does not, never the other way round.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    ids: Box<[u32]>,
    /// Where the texts of a word begin; one more than `ids`.
    starts: Box<[u32]>,
    texts: Box<[u8]>,
}

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
        let (mut ids, mut starts) = (Vec::new(), Vec::new());
        for (start, (id, _)) in (0_u32..).zip(&pairs) {
            if ids.last() != Some(id) {
                ids.push(*id);
                starts.push(start);
            }
        }
        starts.push(u32::try_from(pairs.len()).unwrap_or(u32::MAX));
        let texts = pairs.into_iter().map(|(_, text)| text).collect();
        Self { ids: ids.into(), starts: starts.into(), texts }
    }

    /// Every word of these, without who says it.
    pub fn all<'a>(of: impl Iterator<Item = &'a Words>) -> Self {
        let mut ids: Vec<u32> = of.flat_map(|words| words.ids.iter().copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        Self { ids: ids.into(), ..Self::default() }
    }

    /// Bits of the words asked for that some text says.
    pub fn said(&self, asked: &[u32]) -> u64 {
        let mut said = beyond(asked.len());
        for (bit, id) in asked.iter().take(BITS).enumerate() {
            if self.ids.binary_search(id).is_ok() {
                said |= 1 << bit;
            }
        }
        said
    }

    /// Whether some text says one of these.
    pub fn says_any(&self, of: &[u32]) -> bool {
        of.iter().any(|id| self.ids.binary_search(id).is_ok())
    }

    /// The same as `said` for each text.
    pub fn said_by_text(&self, asked: &[u32], texts: &mut [u64]) {
        texts.fill(beyond(asked.len()));
        for (bit, id) in asked.iter().take(BITS).enumerate() {
            let Ok(at) = self.ids.binary_search(id) else { continue };
            let (Some(start), Some(end)) = (self.starts.get(at), self.starts.get(at + 1)) else { continue };
            for text in self.texts.get(*start as usize..*end as usize).unwrap_or_default() {
                if let Some(said) = texts.get_mut(usize::from(*text)) {
                    *said |= 1 << bit;
                }
            }
        }
    }

    pub fn bytes(&self) -> usize {
        self.ids.len() * 4 + self.starts.len() * 4 + self.texts.len()
    }
}

/// With more words than bits, the last bit stands for all the rest.
fn beyond(asked: usize) -> u64 {
    if asked > BITS { 1 << (BITS - 1) } else { 0 }
}

/// Whether a text with these bits may say the word in this place.
pub(super) fn may_say(bits: u64, place: usize) -> bool {
    bits >> place.min(BITS - 1) & 1 == 1
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
