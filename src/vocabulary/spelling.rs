//! What somebody meant who wrote one sign wrong: looked for only in what no name covers, and only within whole names.
//!
//! A wrong character is put right where the right one sounds or looks the same; a wrong letter in words of five letters and
//! more that are no English words of their own. Numbers are never touched: N95 is not N99. Nor may a name put right
//! contradict one that is written right: it may only narrow it.

mod characters;
mod words;

use super::dictionary::{Dictionary, Mention};
use super::text::{Piece, PieceClass};

pub(super) use characters::NearNames;
pub(super) use words::NearWords;

/// What a name put right is worth beside one that was written right.
pub(super) const MISSPELT: f64 = 0.7;

/// A piece with what stood there before it was put right.
pub(super) struct Correction {
    pub at: usize,
    pub written: String,
}

impl Dictionary {
    /// Puts right what can be; `mentions` are the names written right.
    pub(super) fn correct(&self, pieces: &mut [Piece<'_>], mentions: &[Mention<'_>]) -> Vec<Correction> {
        let mut corrections: Vec<Correction> = Vec::new();
        let mut covered = vec![false; pieces.len()];
        for mention in mentions {
            covered[mention.start..mention.end].fill(true);
        }
        let mut hashes = None;
        let mut done = 0;
        for at in 0..pieces.len() {
            if covered[at] || at < done {
                continue;
            }
            let found = match pieces[at].class {
                PieceClass::Han => {
                    let hashes = hashes.get_or_insert_with(|| characters::Hashes::of(pieces));
                    self.near_names.correct(self, pieces, hashes, at, mentions)
                }
                PieceClass::Latin => self.near_words.correct(self, pieces, at, mentions),
                PieceClass::Digit => None,
            };
            if let Some((right, end)) = found {
                let written = std::mem::replace(&mut pieces[at].text, right.into()).into_owned();
                corrections.push(Correction { at, written });
                done = end;
            }
        }
        corrections
    }

    /// Whether these categories may be read over what is written right in `start..end`: each name there lies wholly
    /// within and is of the same categories or of broader ones.
    fn narrows(&self, codes: &[String], start: usize, end: usize, mentions: &[Mention<'_>]) -> bool {
        let mut touched = mentions.iter().filter(|mention| mention.start < end && start < mention.end);
        touched.all(|mention| {
            mention.start >= start
                && mention.end <= end
                && (mention.codes == codes || self.all_below(codes, mention.codes))
        })
    }
}
