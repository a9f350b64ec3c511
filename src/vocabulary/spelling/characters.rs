//! Chinese names with one wrong character.

use std::collections::{HashMap, HashSet};

use crate::vocabulary::characters::{look_alike, sound_alike, sound_the_same};
use crate::vocabulary::dictionary::{Dictionary, Mention};
use crate::vocabulary::text::{Gap, Piece};

/// A shorter name has too little left when one of its characters is wrong.
const SHORTEST: usize = 3;
const LONGEST: usize = 10;
/// A character that ends names after so many different ones, or begins names before so many, is a word of its own:
/// 仪, 椅, 机; 木, 肉, 车.
const DIFFERENT: usize = 3;
/// They make another thing of what follows.
const TELLING: &str = "一二三四五六七八九十百千万两单双半非无不未男女大小中上下左右前后新旧";
/// Beside these a name has its end, though there is no gap.
const JOINTS: &str = "和与及或的等各共每约需要急在有是求购供";

const BASE: u64 = 0x0000_0100_0000_01b3;
const BLANK: u64 = 0x9e37_79b9_7f4a_7c15;
const FILTER_BITS: u64 = 1 << 19;

/// Names by the hash of their pieces with one Chinese character left blank.
#[derive(Debug, Clone, Default)]
pub struct NearNames {
    names: Vec<Box<[Box<str>]>>,
    blanks: HashMap<u64, Vec<(u32, u8)>>,
    /// A bit for each hash in `blanks`: most texts end here.
    filter: Box<[u64]>,
    nouns: HashSet<char>,
    openers: HashSet<char>,
}

/// Sums from which the hash of any part of a text follows.
pub struct Hashes {
    pieces: Vec<u64>,
    sums: Vec<u64>,
    powers: [u64; LONGEST + 1],
}

impl Hashes {
    pub fn of(pieces: &[Piece<'_>]) -> Self {
        Self::new(pieces.iter().map(|piece| piece.text.as_ref()))
    }

    fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let pieces: Vec<u64> = texts.map(hash).collect();
        let mut sums = vec![0_u64];
        for piece in &pieces {
            let last = sums.last().copied().unwrap_or_default();
            sums.push(last.wrapping_mul(BASE).wrapping_add(*piece));
        }
        let mut powers = [1_u64; LONGEST + 1];
        for at in 1..powers.len() {
            powers[at] = powers[at - 1].wrapping_mul(BASE);
        }
        Self { pieces, sums, powers }
    }

    /// Of `start..end` with a blank at `at`; no longer than the longest name.
    fn with_blank(&self, start: usize, end: usize, at: usize) -> u64 {
        let whole = self.sums[end].wrapping_sub(self.sums[start].wrapping_mul(self.powers[end - start]));
        let change = BLANK.wrapping_sub(self.pieces[at]).wrapping_mul(self.powers[end - 1 - at]);
        let hash = whole.wrapping_add(change);
        hash ^ (hash >> 29)
    }
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(BASE))
}

/// Characters with those beside which they stand at the end, or the beginning, of a name.
type Neighbours = HashMap<char, HashSet<String>>;

fn note(piece: &Piece<'_>, neighbour: &Piece<'_>, neighbours: &mut Neighbours) {
    if let Some(c) = piece.text.chars().next().filter(|_| piece.is_han()) {
        neighbours.entry(c).or_default().insert(neighbour.text.to_string());
    }
}

fn words_in(neighbours: Neighbours) -> HashSet<char> {
    neighbours.into_iter().filter(|(_, of)| of.len() >= DIFFERENT).map(|(c, _)| c).collect()
}

impl NearNames {
    pub fn new<'a>(names: impl Iterator<Item = Vec<Piece<'a>>>) -> Self {
        let mut near = Self { filter: vec![0; (FILTER_BITS / 64) as usize].into(), ..Self::default() };
        let (mut endings, mut beginnings) = (Neighbours::new(), Neighbours::new());
        for pieces in names {
            if let [.., before, last] = &pieces[..] {
                note(last, before, &mut endings);
            }
            if let [first, next, ..] = &pieces[..] {
                note(first, next, &mut beginnings);
            }
            near.add(&pieces);
        }
        (near.nouns, near.openers) = (words_in(endings), words_in(beginnings));
        near
    }

    fn add(&mut self, pieces: &[Piece<'_>]) {
        if !(SHORTEST..=LONGEST).contains(&pieces.len()) {
            return;
        }
        let (hashes, number) = (Hashes::of(pieces), self.names.len() as u32);
        for (at, _) in pieces.iter().enumerate().filter(|(_, piece)| piece.is_han()) {
            let hash = hashes.with_blank(0, pieces.len(), at);
            self.filter[(hash % FILTER_BITS / 64) as usize] |= 1 << (hash % 64);
            self.blanks.entry(hash).or_default().push((number, at as u8));
        }
        self.names.push(pieces.iter().map(|piece| piece.text.as_ref().into()).collect());
    }

    fn may_hold(&self, hash: u64) -> bool {
        let word = self.filter.get((hash % FILTER_BITS / 64) as usize);
        word.is_some_and(|bits| bits >> (hash % 64) & 1 == 1)
    }

    /// The character meant at `at` and the end of the longest name it completes.
    pub fn correct(
        &self,
        dictionary: &Dictionary,
        pieces: &[Piece<'_>],
        hashes: &Hashes,
        at: usize,
        mentions: &[Mention<'_>],
    ) -> Option<(String, usize)> {
        let (first, limit) = unbroken_around(pieces, at);
        let (goes_on, came_on) = (goes_on(pieces, at, mentions), came_on(pieces, at, mentions));
        let mut best: Option<(usize, String, usize)> = None;
        for start in first..=at {
            let ends = (at + 1).max(start + SHORTEST)..=(start + LONGEST).min(limit);
            for end in ends {
                let hash = hashes.with_blank(start, end, at);
                if !self.may_hold(hash)
                    || goes_on && end == at + 1
                    || came_on && start == at && end == at + SHORTEST
                    || best.as_ref().is_some_and(|(length, ..)| *length >= end - start)
                {
                    continue;
                }
                let found = self.blanks.get(&hash).into_iter().flatten();
                let meant = found.filter_map(|(name, place)| {
                    let name = self.names.get(*name as usize)?;
                    self.meant(dictionary, name, usize::from(*place), &pieces[start..end], (start, end), mentions)
                });
                if let Some(right) = meant.min() {
                    best = Some((end - start, right.to_owned(), end));
                }
            }
        }
        best.map(|(_, right, end)| (right, end))
    }

    /// The character of `name` at `place`, if it is meant by what is written there.
    fn meant<'n>(
        &self,
        dictionary: &Dictionary,
        name: &'n [Box<str>],
        place: usize,
        written: &[Piece<'_>],
        (start, end): (usize, usize),
        mentions: &[Mention<'_>],
    ) -> Option<&'n str> {
        let same = |(at, (name, piece)): (usize, (&str, &Piece<'_>))| at == place || *name == *piece.text;
        let parts = name.iter().map(AsRef::as_ref);
        if name.len() != written.len() || !parts.zip(written).enumerate().all(same) {
            return None;
        }
        let (right, wrong) = (name[place].chars().next()?, written[place].text.chars().next()?);
        let last = place + 1 == name.len();
        // The two that are left of 木制品 fit much: 钨制品, 钼制品.
        let first = place == 0 && name.len() == SHORTEST;
        let own_word = last && self.nouns.contains(&wrong) || first && self.openers.contains(&wrong);
        let telling = TELLING.contains([right, wrong]) || JOINTS.contains(wrong);
        if right == wrong || own_word || telling {
            return None;
        }
        let sounds = if first || last { sound_the_same(right, wrong) } else { sound_alike(right, wrong) };
        let fits = sounds || look_alike(right, wrong);
        let codes = dictionary.codes_of(&name.concat()).filter(|_| fits)?;
        dictionary.narrows(codes, start, end, mentions).then(|| &*name[place])
    }
}

/// The pieces about `at` that a name may be written in: as many as the longest has, up to a break.
fn unbroken_around(pieces: &[Piece<'_>], at: usize) -> (usize, usize) {
    let joined = |at: &usize| pieces[*at].gap != Gap::Break;
    let before = (1..=at).rev().take(LONGEST - 1).take_while(joined).count();
    let behind = (at + 1..pieces.len()).take(LONGEST - 1).take_while(joined).count();
    (at - before, at + 1 + behind)
}

/// Whether a word goes on behind `at`: 体温记录 is no misspelt 体温计.
fn goes_on(pieces: &[Piece<'_>], at: usize, mentions: &[Mention<'_>]) -> bool {
    let Some(next) = pieces.get(at + 1).filter(|next| next.is_han() && next.gap == Gap::None) else { return false };
    !JOINTS.contains(next.text.as_ref()) && !mentions.iter().any(|mention| mention.start == at + 1)
}

/// Whether the word at `at` began before it: 矿物制品 is no misspelt 钨制品.
fn came_on(pieces: &[Piece<'_>], at: usize, mentions: &[Mention<'_>]) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|before| pieces.get(before)) else { return false };
    let joined = before.is_han() && pieces[at].gap == Gap::None && !JOINTS.contains(before.text.as_ref());
    joined && !mentions.iter().any(|mention| mention.end == at)
}
