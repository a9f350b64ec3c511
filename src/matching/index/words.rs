//! Which rows of a block say which words.

use crate::matching::item::Item;
use crate::vocabulary::Token;

/// Words of a question told apart by one bit each; those beyond count as said by everybody.
pub(super) const BITS: usize = 64;

/// Each distinct word of a block, by the lower half of its id, with the rows that say it. Two words of one lower half
/// are taken for one: a row may seem to say what it does not, never the other way round.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    ids: Box<[u32]>,
    /// Where the rows of a word begin; one more than `ids`.
    starts: Box<[u32]>,
    rows: Box<[u8]>,
}

impl Words {
    pub fn of<'a>(items: impl Iterator<Item = &'a Item>) -> Self {
        let mut pairs: Vec<(u32, u8)> = Vec::new();
        for (row, item) in (0_u8..).zip(items) {
            let tokens = item.profile.tokens();
            pairs.extend(tokens.iter().map(|token| (half(token.id), row)));
            pairs.extend(tokens.iter().filter(|t| t.is_concept() && t.is_named()).map(|t| (named(t.id), row)));
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
        Self { ids: ids.into(), starts: starts.into(), rows: pairs.into_iter().map(|(_, row)| row).collect() }
    }

    /// Bits of the words asked for that some row says.
    pub fn said(&self, asked: &[u32]) -> u64 {
        let mut said = beyond(asked.len());
        for (bit, id) in asked.iter().take(BITS).enumerate() {
            if self.ids.binary_search(id).is_ok() {
                said |= 1 << bit;
            }
        }
        said
    }

    /// The same for each row.
    pub fn said_by_row(&self, asked: &[u32], rows: &mut [u64]) {
        rows.fill(beyond(asked.len()));
        for (bit, id) in asked.iter().take(BITS).enumerate() {
            let Ok(at) = self.ids.binary_search(id) else { continue };
            let (Some(start), Some(end)) = (self.starts.get(at), self.starts.get(at + 1)) else { continue };
            for row in self.rows.get(*start as usize..*end as usize).unwrap_or_default() {
                if let Some(said) = rows.get_mut(usize::from(*row)) {
                    *said |= 1 << bit;
                }
            }
        }
    }

    pub fn bytes(&self) -> usize {
        self.ids.len() * 4 + self.starts.len() * 4 + self.rows.len()
    }
}

/// With more words than bits, the last bit stands for all the rest.
fn beyond(asked: usize) -> u64 {
    if asked > BITS { 1 << (BITS - 1) } else { 0 }
}

/// Whether a row with these bits may say the word in this place.
pub(super) fn may_say(bits: u64, place: usize) -> bool {
    bits >> place.min(BITS - 1) & 1 == 1
}

/// What a row has to say to share this word: a category that the question only implies must be named.
pub(super) fn wanted(token: &Token) -> u32 {
    if token.is_concept() && !token.is_named() { named(token.id) } else { half(token.id) }
}

fn named(id: u64) -> u32 {
    half(id) ^ 0x5bd1_e995
}

fn half(id: u64) -> u32 {
    (id & u64::from(u32::MAX)) as u32
}
