//! The concepts: names and aliases of categories, found in a text by longest match.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use foldhash::fast::RandomState;

use super::measure;
use super::spelling::{Correction, MISSPELT, NearNames, NearWords};
use super::surroundings;
use super::text::{Gap, Piece, PieceClass, glued, normalise, segment};
use crate::domain::category::{Category, CategoryTree};

#[derive(Debug, Clone, Default)]
pub(super) struct Dictionary {
    /// Pieces of a name written together → the categories of that name.
    names: HashMap<String, Vec<String>, RandomState>,
    /// What names begin with, by its hash, and whether a name ends there: a search ends where none goes on. Two of one
    /// hash cost a look at `names`.
    beginnings: HashMap<u64, bool, Hashed>,
    /// Those that categories are called by, in pieces written together; all others are aliases.
    titles: HashSet<String, RandomState>,
    /// Category → itself and all it lies within, with the steps up to there.
    broader: HashMap<String, Vec<(String, usize)>, RandomState>,
    longest: usize,
    pub(super) near_names: NearNames,
    pub(super) near_words: NearWords,
}

/// One place of a text that names a category.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mention<'d> {
    pub codes: &'d [String],
    /// Pieces `start..end`.
    pub start: usize,
    pub end: usize,
    /// Ends its phrase, so it is what the phrase is about.
    pub head: bool,
    /// 1 for a name that is written right.
    pub sure: f64,
}

impl Mention<'_> {
    pub fn is_packaging(&self) -> bool {
        self.codes.iter().all(|code| code.starts_with("material.packaging"))
    }

    pub fn is_work(&self) -> bool {
        self.codes.iter().all(|code| code.starts_with("labor"))
    }
}

/// What sellers and buyers say behind goods changes nothing about them.
const EMPTY_NOUNS: [&str; 12] =
    ["服务", "业务", "通道", "保障", "批发", "出租", "租赁", "厂家", "现货", "供应", "代工", "贴牌"];
const EMPTY_WORDS: [&str; 11] = [
    "hire",
    "rental",
    "rent",
    "wholesale",
    "supplier",
    "supply",
    "manufacturer",
    "stock",
    "monthly",
    "weekly",
    "daily",
];
/// What follows these is part of the goods, not the goods.
const PARTS: [&str; 3] = ["with", "from", "in"];
/// 口罩和手套, 空调坏了, 餐盒快用完了: what begins with these no longer names the goods.
const CLOSING_SIGNS: [&str; 16] =
    ["和", "及", "与", "或", "等", "坏", "漏", "能", "快", "要", "需", "有", "没", "缺", "急", "吗"];

/// So many words behind a noun are looked at.
const MODIFIERS: usize = 4;

/// After these the head noun of an English phrase is complete.
const PREPOSITIONS: [&str; 8] = ["for", "with", "of", "to", "in", "from", "at", "and"];

impl Dictionary {
    pub fn new(tree: &CategoryTree) -> Self {
        let (mut dictionary, mut spellings) = (Self::default(), BTreeSet::new());
        for category in tree.all() {
            dictionary.broader.insert(category.code.clone(), tree.broader(&category.code).to_vec());
            // A retired category keeps its place in the tree, but no text names it any more.
            let named = Some(category).filter(|category| !category.validity.is_retired());
            let titles = named.into_iter().flat_map(|category| [&category.names.zh, &category.names.en]);
            dictionary.titles.extend(titles.map(|title| key_of(&segment(&normalise(title)))));
            for name in named.into_iter().flat_map(names_of).map(normalise) {
                dictionary.add(&name, &category.code);
                spellings.insert(name);
            }
        }
        dictionary.near_names = NearNames::new(spellings.iter().map(|name| segment(name)));
        dictionary.near_words = NearWords::new(spellings.iter().map(|name| segment(name)));
        dictionary
    }

    /// Every name, its pieces written together, with the categories of that name.
    pub fn names(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.names.iter().map(|(name, codes)| (name.as_str(), codes.as_slice()))
    }

    /// `code` itself and all it lies within, with the steps up to there; its root last.
    pub fn broader(&self, code: &str) -> &[(String, usize)] {
        self.broader.get(code).map_or(&[], Vec::as_slice)
    }

    /// What `code` lies within, itself left out.
    pub fn above(&self, code: &str) -> impl Iterator<Item = &String> {
        self.broader(code).iter().skip(1).map(|(above, _)| above)
    }

    /// Whether the pieces are what a category is called by, rather than one of its aliases, which may be narrower.
    pub fn is_title(&self, pieces: &[Piece<'_>]) -> bool {
        self.titles.contains(&key_of(pieces))
    }

    /// Categories of a name, its pieces written together.
    pub fn codes_of(&self, name: &str) -> Option<&[String]> {
        self.names.get(name).map(Vec::as_slice)
    }

    fn add(&mut self, normal: &str, code: &str) {
        let key = key_of(&segment(normal));
        // A single letter or digit says nothing.
        if key.len() < 2 {
            return;
        }
        self.longest = self.longest.max(key.len());
        let mut hash = NOTHING;
        for c in key.chars() {
            hash = hash_on(hash, c.encode_utf8(&mut [0; 4]));
            self.beginnings.entry(hash).or_insert(false);
        }
        self.beginnings.insert(hash, true);
        let codes = self.names.entry(key).or_default();
        if !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
        }
    }

    /// From left to right, the longest name first, never overlapping. A piece with one wrong sign that a name needs is
    /// put right.
    pub fn mentions(&self, pieces: &mut [Piece<'_>]) -> Vec<Mention<'_>> {
        let mut mentions = self.names_in(pieces);
        let corrections = self.correct(pieces, &mentions);
        if !corrections.is_empty() {
            mentions = self.names_in(pieces);
        }
        for Correction { at, written } in corrections {
            match mentions.iter_mut().find(|mention| mention.start <= at && at < mention.end) {
                Some(mention) => mention.sure = MISSPELT,
                None => pieces[at].text = written.into(),
            }
        }
        let mut mentions = self.join_phrases(mentions, pieces);
        self.take_noun_in_front(&mut mentions, pieces);
        self.take_modifiers_behind(&mut mentions, pieces);
        carry(&mut mentions, pieces);
        leave_purposes(&mut mentions, pieces);
        leave_parts(&mut mentions, pieces);
        surroundings::leave(&mut mentions, pieces);
        mentions
    }

    fn names_in(&self, pieces: &[Piece<'_>]) -> Vec<Mention<'_>> {
        let mut mentions = Vec::new();
        let mut start = 0;
        while start < pieces.len() {
            match self.longest_at(pieces, start) {
                Some(mention) => {
                    start = mention.end;
                    mentions.push(mention);
                }
                None => start += 1,
            }
        }
        mentions
    }

    /// `boots, rubber`: a text may begin with a noun that is no name by itself.
    fn take_noun_in_front<'d>(&'d self, mentions: &mut Vec<Mention<'d>>, pieces: &[Piece<'_>]) {
        let Some(noun) = pieces.first().filter(|first| first.class == PieceClass::Latin) else { return };
        if mentions.first().is_some_and(|mention| mention.start == 0) {
            return;
        }
        let meant = modifiers(pieces, 1, pieces.len()).filter(|(start, _)| *start == 1).find_map(|(start, end)| {
            let name = pieces[start..end].iter().chain([noun]).map(|piece| piece.text.as_ref());
            Some((self.codes_of(&name.collect::<String>())?, end))
        });
        if let Some((codes, end)) = meant {
            mentions.retain(|mention| mention.start >= end);
            mentions.insert(0, Mention { codes, start: 0, end, head: is_head(pieces, end), sure: 1.0 });
        }
    }

    /// Catalogues write the noun first: `gloves, examination, nitrile`, `mask, oxygen`, 手套（丁腈）.
    fn take_modifiers_behind<'d>(&'d self, mentions: &mut Vec<Mention<'d>>, pieces: &[Piece<'_>]) {
        let mut at = 0;
        while let Some(mention) = mentions.get(at) {
            let next = mentions.get(at + 1);
            let noun = &pieces[mention.start..mention.end];
            let meant = |(start, end): (usize, usize)| {
                let name = pieces[start..end].iter().chain(noun).map(|piece| piece.text.as_ref());
                Some((self.codes_of(&name.collect::<String>())?, start, end))
            };
            // `gloves latex`: the modifier may be a name of its own.
            let named = next.filter(|next| next.start == mention.end && pieces[next.start].class == PieceClass::Latin);
            let absorbed = named.and_then(|next| meant((next.start, next.end)));
            let limit = next.map_or(pieces.len(), |next| next.start);
            let found = absorbed.or_else(|| modifiers(pieces, mention.end, limit).find_map(meant));
            if absorbed.is_some() {
                mentions.remove(at + 1);
            }
            if let (Some((codes, start, end)), Some(mention)) = (found, mentions.get_mut(at)) {
                mention.codes = codes;
                if start == mention.end {
                    (mention.end, mention.head) = (end, is_head(pieces, end));
                }
            }
            at += 1;
        }
    }

    /// In `N95 口罩` the broader noun only closes the phrase of the narrower name before it.
    fn join_phrases<'d>(&self, mentions: Vec<Mention<'d>>, pieces: &[Piece<'_>]) -> Vec<Mention<'d>> {
        let mut joined: Vec<Mention<'d>> = Vec::with_capacity(mentions.len());
        for mention in mentions {
            match joined.last_mut() {
                Some(last)
                    if last.end == mention.start
                        && pieces[mention.start].gap != Gap::Break
                        && self.all_below(last.codes, mention.codes) =>
                {
                    (last.end, last.head) = (mention.end, mention.head);
                    last.sure = last.sure.min(mention.sure);
                }
                _ => joined.push(mention),
            }
        }
        joined
    }

    pub fn all_below(&self, narrower: &[String], broader: &[String]) -> bool {
        narrower.iter().all(|code| self.above(code).any(|above| broader.contains(above)))
    }

    pub fn longest_at(&self, pieces: &[Piece<'_>], start: usize) -> Option<Mention<'_>> {
        if start > 0 && glued(&pieces[start - 1], &pieces[start]) {
            return None;
        }
        let (mut length, mut hash) = (0, NOTHING);
        let mut best = None;
        for (end, piece) in pieces.iter().enumerate().skip(start) {
            if end > start && piece.gap == Gap::Break || length + piece.text.len() > self.longest {
                break;
            }
            hash = hash_on(hash, &piece.text);
            let Some(ends) = self.beginnings.get(&hash) else { break };
            length += piece.text.len();
            let whole = pieces.get(end + 1).is_none_or(|next| !glued(piece, next));
            if *ends && whole && !is_count(pieces, start, end) && (end > start || stands_alone(pieces, start)) {
                best = self.names.get(&key_of(&pieces[start..=end])).map(|codes| (codes, end + 1)).or(best);
            }
        }
        best.map(|(codes, end)| Mention { codes, start, end, head: is_head(pieces, end), sure: 1.0 })
    }
}

/// Pieces written together.
fn key_of(pieces: &[Piece<'_>]) -> String {
    pieces.iter().map(|piece| piece.text.as_ref()).collect()
}

/// FNV-1a of what is read on from text to text.
fn hash_on(hash: u64, text: &str) -> u64 {
    text.bytes().fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

const NOTHING: u64 = 0xcbf2_9ce4_8422_2325;

/// Keys that are hashes already.
type Hashed = BuildHasherDefault<Hash>;

#[derive(Debug, Clone, Default)]
struct Hash(u64);

impl Hasher for Hash {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash << 8 | u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash ^ hash >> 32;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// What may stand behind a noun though it belongs before it, shorter first: one or two English words, or a run of Chinese set off from it.
fn modifiers(pieces: &[Piece<'_>], from: usize, limit: usize) -> impl Iterator<Item = (usize, usize)> {
    let is_word = |at: &usize| pieces[*at].class == PieceClass::Latin;
    let words = (from..limit.min(from + MODIFIERS)).take_while(is_word).collect::<Vec<_>>();
    let pairs = words.windows(2).map(|pair| (pair[0], pair[1] + 1)).collect::<Vec<_>>();
    let set_off = pieces.get(from).is_some_and(|first| first.is_han() && first.gap >= Gap::Space);
    let run = pieces.get(from + 1..limit).unwrap_or_default().iter().take_while(|p| p.is_han() && p.gap == Gap::None);
    let run = set_off.then(|| (from, (from + 1 + run.count()).min(limit))).filter(|(start, end)| start < end);
    words.into_iter().map(|at| (at, at + 1)).chain(pairs).chain(run)
}

/// 运输救援物资 is transport: what stands behind the verb is its cargo.
fn carry(mentions: &mut [Mention<'_>], pieces: &[Piece<'_>]) {
    for at in 1..mentions.len() {
        let (verbs, goods) = mentions.split_at_mut(at);
        let (Some(verb), Some(cargo)) = (verbs.last_mut(), goods.first_mut()) else { continue };
        let written = pieces[verb.start..verb.end].iter().map(|piece| piece.text.as_ref());
        let joined = verb.end == cargo.start && pieces[cargo.start].gap == Gap::None;
        let is_cargo = || cargo.codes.iter().all(|code| code.starts_with("ppe") || code.starts_with("material"));
        if joined && written.eq(["运", "输"]) && is_cargo() {
            (verb.head, cargo.head) = (true, false);
        }
    }
}

/// 熔喷布 N95 用, 口罩用鼻梁条, nose wire for masks: what goods are for is not what they are. 口罩用于医院 is about masks.
fn leave_purposes(mentions: &mut Vec<Mention<'_>>, pieces: &[Piece<'_>]) {
    if mentions.len() < 2 {
        return;
    }
    let starts: Vec<usize> = mentions.iter().map(|mention| mention.start).collect();
    let ends: Vec<usize> = mentions.iter().map(|mention| mention.end).collect();
    let in_chinese = |mention: &Mention<'_>| {
        let behind = mention.end + 1;
        let used = pieces.get(mention.end).is_some_and(|next| next.text == "用" && next.gap != Gap::Break);
        used && (pieces.get(behind).is_none_or(|next| next.gap >= Gap::Space) || starts.contains(&behind))
    };
    let in_english = |mention: &Mention<'_>| {
        let before = mention.start.checked_sub(1).filter(|before| pieces[*before].text == "for");
        before.is_some_and(|before| ends.contains(&before)) && pieces[mention.start].gap != Gap::Break
    };
    mentions.retain(|mention| !in_chinese(mention) && !in_english(mention));
}

/// bottles with lotion pump, gowns from nonwoven: of the phrase only what stands in front is what it is about.
fn leave_parts(mentions: &mut [Mention<'_>], pieces: &[Piece<'_>]) {
    let mut parted = 0;
    for mention in mentions {
        mention.head &= mention.start >= parted;
        let joined = |next: &Piece<'_>| next.gap != Gap::Break && PARTS.contains(&next.text.as_ref());
        if mention.head && pieces.get(mention.end).is_some_and(joined) {
            let phrase = pieces[mention.end + 1..].iter().take_while(|next| next.gap != Gap::Break);
            parted = mention.end + 1 + phrase.count();
        }
    }
}

fn names_of(category: &Category) -> impl Iterator<Item = &str> {
    [&category.names.zh, &category.names.en].into_iter().chain(&category.aliases).map(String::as_str)
}

/// Whether the pieces are a mere number with its unit: `84个` is not the disinfectant `84`.
fn is_count(pieces: &[Piece<'_>], start: usize, end: usize) -> bool {
    start == end && pieces[start].class == PieceClass::Digit && measure::follows(pieces, start).is_some()
}

/// 糖 by itself is sugar; in 糖尿病 it is a sign like any other.
fn stands_alone(pieces: &[Piece<'_>], at: usize) -> bool {
    let joined = |at: usize| {
        let pair = at.checked_sub(1).and_then(|before| pieces.get(before)).zip(pieces.get(at));
        pair.is_some_and(|(before, piece)| before.is_han() && piece.is_han() && piece.gap == Gap::None)
    };
    !joined(at) && !joined(at + 1)
}

/// Letters that a number is written to: a model or a size.
fn is_designation(pieces: &[Piece<'_>], at: usize) -> bool {
    let number = pieces.get(at + 1).is_some_and(|next| next.class == PieceClass::Digit && next.gap <= Gap::Hyphen);
    number && pieces[at].text != "%"
}

fn is_head(pieces: &[Piece<'_>], end: usize) -> bool {
    let (Some(last), Some(next)) = (end.checked_sub(1).and_then(|last| pieces.get(last)), pieces.get(end)) else {
        return true;
    };
    let han = last.is_han();
    // 监护仪 B450: letters behind a Chinese name are a model or a brand; valve DN200.
    let model = next.class == PieceClass::Latin && (han || is_designation(pieces, end));
    // 运输服务, 运输通道: the noun behind adds nothing.
    let empty = next.gap == Gap::None
        && pieces.get(end + 1).is_some_and(|last| {
            EMPTY_NOUNS.iter().any(|noun| noun.strip_prefix(next.text.as_ref()) == Some(last.text.as_ref()))
        });
    // 焊工 长期: a space between Chinese words ends what stands before it.
    let set_off = han && next.is_han() && next.gap >= Gap::Space;
    let closes = |words: &[&str]| words.contains(&next.text.as_ref());
    // gloves lightly powdered: what qualifies another noun is singular, as in glove box.
    last.plural
        || next.gap == Gap::Break
        || set_off
        || next.class == PieceClass::Digit
        || model
        || empty
        || closes(&EMPTY_WORDS)
        || closes(&CLOSING_SIGNS)
        || closes(&PREPOSITIONS)
}
