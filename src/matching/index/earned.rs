//! What the words of a partition's ordered blocks earn, stretch by stretch.

use std::cell::OnceCell;

use super::block::ROWS;
use super::partition::Partition;
use super::words::{STRETCH, Words};

/// By the numbers of texts in each; empty where nothing of it is to be looked at.
pub(super) struct Earned<'a> {
    words: &'a [Words],
    stretches: Vec<OnceCell<Vec<f32>>>,
}

impl<'a> Earned<'a> {
    pub fn of(partition: &'a Partition) -> Self {
        let words = partition.words();
        Self { words, stretches: vec![OnceCell::new(); words.len()] }
    }

    /// By the texts of an ordered block; `None` where it need not be looked at. `earn`: what words earn, asked for when the
    /// first of their blocks is.
    pub fn of_block(&self, at: usize, earn: impl FnOnce(&Words) -> Vec<f32>) -> Option<&[f32]> {
        let stretch = at / STRETCH;
        let words = self.words.get(stretch)?;
        let texts = self.stretches.get(stretch)?.get_or_init(|| earn(words)).get(at % STRETCH * ROWS..)?;
        Some(texts.get(..ROWS).unwrap_or(texts))
    }
}

/// The best of them; minus infinity of none.
pub(super) fn most(texts: &[f32]) -> f32 {
    let (whole, rest) = texts.as_chunks::<8>();
    let best = whole.iter().fold([f32::NEG_INFINITY; 8], |best, some| std::array::from_fn(|i| best[i].max(some[i])));
    best.iter().chain(rest).fold(f32::NEG_INFINITY, |best, earned| best.max(*earned))
}
