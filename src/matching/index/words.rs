//! Which texts say which words.

use crate::matching::text::{Asked, names_any, weighed};
use crate::vocabulary::{TextProfile, Token, concept_id};

use super::block::{Block, ROWS};

/// Blocks whose words are listed together.
pub(super) const STRETCH: usize = 128;

/// Each distinct word of some texts, by the lower half of its id, with the numbers of the texts that say it. Two words of
/// one lower half are taken for one: a text may seem to say what it does not, never the other way round.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    /// With where its texts begin; one more, for where they end.
    ids: Box<[(u32, u32)]>,
    /// Of each word, how far from text to text, and a bit for whether it is said softly: seven bits a byte, the highest
    /// first; the last byte alone lacks the eighth.
    steps: Box<[u8]>,
    /// Where the words begin whose highest bits are those of the place: they are spread evenly, so few have the same.
    shelves: Box<[u32]>,
    /// One more than the highest number.
    texts: usize,
}

/// Words to a shelf, in the mean.
const SHELVED: usize = 8;

/// A word of no more weight is said softly: in a description, by translation, under a name.
const SOFT: u16 = 60;

#[derive(Debug, Clone, Copy)]
struct Worth {
    id: u32,
    points: f32,
    /// Where it is said softly.
    softly: f32,
}

/// What words make of who says them, in points.
#[derive(Debug, Clone, Default)]
pub(super) struct Worths {
    /// Of the words that make least, which are not looked for.
    taken_as_said: f32,
    words: Vec<Worth>,
    /// The best of a text alone counts; the best come last.
    concepts: Vec<(u32, f32)>,
}

impl Worths {
    /// `full`: of who says everything; `unread`: how much of it the words may make that are not looked for.
    pub fn of(asked: &Asked<'_>, full: f32, unread: f32) -> Self {
        let (mut words, mut concepts) = (Vec::new(), Vec::new());
        for (token, share) in asked.worths() {
            let (id, points) = (wanted(token), share as f32 * full * (1.0 + ROUNDED));
            match token.is_concept() {
                true => concepts.push((id, points)),
                false => words.push(Worth { id, points, softly: points * weighed(*token, SOFT) as f32 }),
            }
        }
        concepts.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        words.sort_by(|a, b| a.points.total_cmp(&b.points));
        let (mut taken_as_said, mut few) = (0.0, 0);
        for Worth { points, .. } in &words {
            if taken_as_said + points > full * unread {
                break;
            }
            (taken_as_said, few) = (taken_as_said + points, few + 1);
        }
        let words = words.split_off(few);
        Self { taken_as_said, words, concepts }
    }
}

/// What adding up in floats may take, of each.
const ROUNDED: f32 = 1e-5;

impl Words {
    /// `texts`: with numbers below [`STRETCH`] × [`ROWS`], ascending.
    pub fn of<'a>(texts: impl Iterator<Item = (u16, &'a TextProfile)>) -> Self {
        let (mut said, mut count) = (Vec::new(), 0);
        for (text, profile) in texts {
            count = usize::from(text) + 1;
            let tokens = profile.tokens();
            said.extend(tokens.iter().map(|token| (half(token.id), text, is_soft(token))));
            said.extend(
                tokens.iter().filter(|t| t.is_concept() && t.is_named()).map(|t| (as_named(t.id), text, false)),
            );
            if !names_any(profile) {
                said.push((NAMES_NONE, text, false));
            }
        }
        // Of two words taken for one the firm one stays.
        said.sort_unstable();
        said.dedup_by_key(|(id, text, _)| (*id, *text));
        let (mut ids, mut steps) = (Vec::<(u32, u32)>::new(), Vec::new());
        let mut before = 0;
        for (id, text, soft) in said {
            if ids.last().is_none_or(|(last, _)| *last != id) {
                ids.push((id, steps.len() as u32));
                before = 0;
            }
            put_step((text - before) << 1 | u16::from(soft), &mut steps);
            before = text;
        }
        let shelves = shelves(&ids);
        ids.push((u32::MAX, steps.len() as u32));
        Self { ids: ids.into(), steps: steps.into(), shelves, texts: count }
    }

    /// Of blocks that follow each other: a text's number is that of its block times [`ROWS`] and its own.
    pub fn of_blocks<'a>(blocks: impl Iterator<Item = &'a Block>) -> Self {
        let numbered = |(at, block): (usize, &'a Block)| {
            block.texts().enumerate().map(move |(text, profile)| ((at * ROWS + text) as u16, profile))
        };
        Self::of(blocks.enumerate().flat_map(numbered))
    }

    /// Whether some text says one of these.
    fn says_any<'w>(&self, mut of: impl Iterator<Item = &'w u32>) -> bool {
        of.any(|id| self.place(*id).is_some())
    }

    #[inline]
    fn place(&self, id: u32) -> Option<usize> {
        let shelf = shelf(id, self.shelves.len());
        let (from, to) = (*self.shelves.get(shelf)? as usize, *self.shelves.get(shelf + 1)? as usize);
        let place = self.ids.get(from..to)?.iter().position(|(held, _)| *held == id)?;
        Some(from + place)
    }

    /// The numbers of those who say a word, ascending, and whether softly.
    #[inline]
    fn saying(&self, id: u32) -> Saying<'_> {
        let steps = self.place(id).and_then(|at| {
            let [(_, from), (_, to)] = self.ids.get(at..at + 2)? else { return None };
            self.steps.get(*from as usize..*to as usize)
        });
        Saying { steps: steps.unwrap_or_default().iter(), text: 0 }
    }

    /// What a text would earn that says all of these words.
    pub fn most(&self, worths: &Worths) -> f32 {
        let said = |(id, points): &(u32, f32)| if self.place(*id).is_some() { *points } else { 0.0 };
        let best_concept = worths.concepts.iter().map(said).fold(0.0, f32::max);
        let words = worths.words.iter().map(|word| said(&(word.id, word.points)));
        words.sum::<f32>() + best_concept + worths.taken_as_said
    }

    /// What each text earns at most, by its number.
    pub fn earn(&self, worths: &Worths) -> Vec<f32> {
        self.earn_those(worths, vec![0.0; self.texts])
    }

    /// The same, minus infinity where `texts` has that and not nothing.
    fn earn_those(&self, worths: &Worths, mut texts: Vec<f32>) -> Vec<f32> {
        for (id, points) in &worths.concepts {
            self.saying(*id).for_each(|(text, _)| texts.get_mut(text).into_iter().for_each(|earned| *earned = *points));
        }
        for Worth { id, points, softly } in &worths.words {
            self.saying(*id).for_each(|(text, soft)| {
                let points = if soft { softly } else { points };
                texts.get_mut(text).into_iter().for_each(|earned| *earned += points);
            });
        }
        texts.iter_mut().for_each(|earned| *earned += worths.taken_as_said);
        texts
    }

    /// The same where the words have to make up for a missing category: minus infinity where they cannot, nothing at all
    /// where no text's can.
    pub fn earn_agreeing(&self, worths: &Worths, agreement: &Agreement) -> Vec<f32> {
        let Agreement { meant, asked, names_category } = agreement;
        let concepts = worths.concepts.iter().map(|(id, _)| id);
        let mut of_no_name = self.saying(NAMES_NONE).peekable();
        let any_word = !names_category || of_no_name.peek().is_some();
        let some_agree = self.says_any(meant.iter().chain(concepts)) || any_word && self.says_any(asked.iter());
        if !some_agree {
            return Vec::new();
        }
        let mut texts = vec![f32::NEG_INFINITY; self.texts];
        let mut agree = |text: usize| texts.get_mut(text).into_iter().for_each(|earned| *earned = 0.0);
        if any_word {
            let mut named = vec![*names_category; self.texts];
            of_no_name.for_each(|(text, _)| named.get_mut(text).into_iter().for_each(|named| *named = false));
            for (text, _) in asked.iter().flat_map(|id| self.saying(*id)) {
                if named.get(text) == Some(&false) {
                    agree(text);
                }
            }
        }
        meant.iter().flat_map(|id| self.saying(*id)).for_each(|(text, _)| agree(text));
        self.earn_those(worths, texts)
    }

    pub fn bytes(&self) -> usize {
        self.ids.len() * 8 + self.shelves.len() * 4 + self.steps.len()
    }
}

/// What words have to say to make up for a missing category: see [`names_agree`](crate::matching::checks::names_agree).
#[derive(Debug, Default)]
pub(super) struct Agreement {
    /// Words of a text whose category they mean.
    pub meant: Vec<u32>,
    /// Words one of which a text has to share that names no category, or with a question that names none.
    pub asked: Vec<u32>,
    pub names_category: bool,
}

pub(super) struct Saying<'a> {
    steps: std::slice::Iter<'a, u8>,
    text: usize,
}

impl Iterator for Saying<'_> {
    type Item = (usize, bool);

    #[inline]
    fn next(&mut self) -> Option<(usize, bool)> {
        let mut byte = *self.steps.next()?;
        let mut step = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = *self.steps.next()?;
            step = step << 7 | usize::from(byte & 0x7f);
        }
        self.text += step >> 1;
        Some((self.text, step & 1 == 1))
    }
}

fn is_soft(token: &Token) -> bool {
    !token.is_concept() && token.weight <= SOFT
}

fn put_step(step: u16, steps: &mut Vec<u8>) {
    let low = |step: u16| (step & 0x7f) as u8;
    if step >= 1 << 14 {
        steps.push(low(step >> 14) | 0x80);
    }
    if step >= 1 << 7 {
        steps.push(low(step >> 7) | 0x80);
    }
    steps.push(low(step));
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

/// What a text says that names no category at all.
const NAMES_NONE: u32 = 0x9e37_79b9;

const _: () = assert!(STRETCH * ROWS <= 1 << 15);
