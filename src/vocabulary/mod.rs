//! Reads what people write, in Chinese, English or both: which goods it names, and what it can be compared by.
//!
//! A dictionary of concepts, drawn from the category tree's names and aliases, comes first and takes the longest match,
//! names with one sign wrong included; what it leaves is cut into character bigrams, stemmed words and numbers with normalised units. Pure: no I/O, no clock.

mod characters;
mod dictionary;
mod glosses;
mod language;
mod measure;
mod porter;
mod profile;
mod spelling;
mod stem;
mod suggest;
mod surroundings;
mod terms;
mod text;
mod tokens;
pub mod understanding;

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::domain::category::CategoryTree;
use crate::domain::listing::Kind;

pub use language::detect_language;
pub use porter::root;
pub(crate) use profile::concept_id;
pub use profile::{Subject, TextProfile, Token, TokenClass};
pub use text::{is_han, normalise};

use dictionary::{Dictionary, Mention};
use profile::ProfileBuilder;
use text::{Gap, Piece, PieceClass, segment};
use tokens::Cover;

/// The names of all categories, ready to be found in a text. Built once per load of the reference data.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    dictionary: Dictionary,
}

/// What a description weighs against a title that says the same.
const DESCRIPTION_SHARE: f64 = 0.5;

/// What a category weighs that is named by an alias: the words of the alias say the rest.
const ALIAS_SHARE: f64 = 0.7;

/// What a category that is stated but not named weighs.
const STATED_SHARE: f64 = 0.7;

/// What is said aside counts so much: behind the first phrase of an English text, or in brackets behind another name, 厂房（带变压器）.
const ASIDE: f64 = 0.5;
const MOST_BRACKETS: usize = 8;

impl Vocabulary {
    pub fn new(categories: &CategoryTree) -> Self {
        Self { dictionary: Dictionary::new(categories) }
    }

    /// What a listing's words can be compared by. A description counts half.
    pub fn profile(&self, title: &str, description: Option<&str>) -> TextProfile {
        self.profile_of(title, description, Subject::default())
    }

    /// The same of a listing of this kind and category, which its words need not name: `3M 9501` is a respirator too.
    pub fn profile_of(&self, title: &str, description: Option<&str>, subject: Subject<'_>) -> TextProfile {
        let mut builder = ProfileBuilder::about(subject);
        self.read(title, Part::Title, &mut builder);
        if let Some(description) = description {
            self.read(description, Part::Description, &mut builder);
        }
        if let Some(category) = subject.category.filter(|category| !builder.mentions(category)) {
            builder.concept(self.dictionary.broader(category), true, STATED_SHARE);
        }
        builder.finish()
    }

    /// Category codes with a confidence in (0, 1], best first. The confidence is the square root of the share of the text
    /// the category's names cover; halved where a name only qualifies another noun (口罩 in 口罩机), and the share divided
    /// where a name is ambiguous. Numbers with their units do not count as text.
    pub fn categories_in(&self, text: &str) -> Vec<(String, f64)> {
        let normal = normalise(text);
        let mut pieces = segment(&normal);
        let mentions = self.dictionary.mentions(&mut pieces);
        let phrase = first_phrase(&pieces);
        let total = significant(&pieces[..phrase]) + ASIDE * significant(&pieces[phrase..]);
        let mut found: Vec<Finding> = Vec::new();
        let brackets = bracketed(&normal);
        for mention in &mentions {
            let at = pieces[mention.start].start;
            let remark = !found.is_empty() && brackets.iter().any(|(start, end)| (*start..*end).contains(&at));
            let standing = if remark || mention.start >= phrase { ASIDE } else { 1.0 };
            let opening = if opens(mention, &pieces) { OPENING } else { 0.0 };
            let share = standing * mention.sure * mention_share(mention, &pieces, total).max(opening)
                / mention.codes.len() as f64;
            for code in mention.codes {
                match found.iter_mut().find(|known| known.code == *code) {
                    Some(known) => known.share += share,
                    None => found.push(Finding { code: code.clone(), share, start: mention.start }),
                }
            }
        }
        self.lend_to_narrower(&mut found);
        self.lend_to_common(&mentions, &pieces, &mut found);
        found.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| (a.start, &a.code).cmp(&(b.start, &b.code))));
        found.into_iter().map(Finding::into_confidence).collect()
    }

    /// The kinds that words of a text speak of, though they name no goods: 维修, lorry. Once for each word, with what it counts
    /// there.
    pub fn kinds_in(&self, text: &str) -> Vec<(Kind, f64)> {
        let normal = normalise(text);
        let pieces = segment(&normal);
        let phrase = first_phrase(&pieces);
        let standing = |start| if start < phrase { 1.0 } else { ASIDE };
        terms::kinds(&pieces).into_iter().map(|(kind, start)| (kind, standing(start))).collect()
    }

    /// Every place of a text in normal form that names goods, from left to right.
    fn named_in(&self, normal: &str) -> Vec<Named> {
        let mut pieces = segment(normal);
        let mentions = self.dictionary.mentions(&mut pieces);
        let named = |mention: &Mention<'_>| {
            let (first, last) = (pieces.get(mention.start)?, pieces.get(mention.end - 1)?);
            let (codes, sure) = (mention.codes.to_vec(), mention.sure);
            Some(Named { codes, start: first.start, end: last.end, head: mention.head, sure })
        };
        mentions.iter().filter_map(named).collect()
    }

    /// Naming a broader category too (消毒水 beside 84) speaks for the narrower one.
    fn lend_to_narrower(&self, found: &mut [Finding]) {
        let shares: Vec<(String, f64)> = found.iter().map(|f| (f.code.clone(), f.share)).collect();
        for finding in found {
            let above = self.dictionary.above(&finding.code);
            let lent = above.filter_map(|a| shares.iter().find(|(known, _)| known == a));
            finding.share += lent.map(|(_, share)| share).sum::<f64>();
        }
    }

    /// 大米和食用油 asks for food: what two names in a row have above them is what is meant of both.
    fn lend_to_common(&self, mentions: &[Mention<'_>], pieces: &[Piece<'_>], found: &mut Vec<Finding>) {
        for pair in mentions.windows(2) {
            let ([one], [other]) = (pair[0].codes, pair[1].codes) else { continue };
            let joined = matches!(&pieces[pair[0].end..pair[1].start], [word] if JOINING.contains(&word.text.as_ref()));
            if !(joined && pair[0].head && pair[1].head) {
                continue;
            }
            let within = |code: &str, above: &String| self.dictionary.above(code).any(|known| known == above);
            // Neither within the other, and no root: that both are materials says nothing.
            let apart = !within(one, other) && !within(other, one);
            let common = self.dictionary.above(one).find(|code| within(other, code));
            let common = common.filter(|code| apart && self.dictionary.above(code).next().is_some());
            let Some(code) = common else { continue };
            let of_both = found.iter().filter(|known| known.code == *one || known.code == *other);
            let share = of_both.map(|known| known.share).fold(0.0, f64::max);
            found.retain(|known| known.code != *code);
            found.push(Finding { code: code.clone(), share, start: pair[0].start });
        }
    }

    fn read(&self, text: &str, part: Part, builder: &mut ProfileBuilder<'_>) {
        builder.described = part == Part::Description;
        let share = if builder.described { DESCRIPTION_SHARE } else { 1.0 };
        let normal = normalise(text);
        let mut pieces = segment(&normal);
        let mentions = self.dictionary.mentions(&mut pieces);
        let mut covered = vec![Cover::Nothing; pieces.len()];
        for mention in &mentions {
            let alias = mention.head && !self.dictionary.is_title(&pieces[mention.start..mention.end]);
            covered[mention.start..mention.end].fill(if alias { Cover::Alias } else { Cover::Name });
            let share = if alias { share * ALIAS_SHARE } else { share };
            for code in mention.codes {
                builder.concept(self.dictionary.broader(code), mention.head, share * mention.sure);
            }
        }
        tokens::emit(&pieces, &covered, share, builder);
        terms::emit(&pieces, share, builder);
        // Prose says little about goods, and much of it.
        if part == Part::Title {
            glosses::emit(&pieces, |at| self.gloss_weight(&pieces, &mentions, &covered, at), builder);
        }
    }

    /// What a name covers the category says better, in both languages; but an alias tells goods of a category apart,
    /// unless it only qualifies. So do its parts (屋顶 in 屋顶光伏) that are not what a category is called.
    fn gloss_weight(&self, pieces: &[Piece<'_>], mentions: &[Mention<'_>], covered: &[Cover], at: Range<usize>) -> f64 {
        let is_bare = covered[at.clone()].iter().all(|cover| *cover == Cover::Nothing);
        let within = || mentions.iter().any(|mention| mention.start <= at.start && at.end <= mention.end);
        let in_alias =
            || covered[at.start] == Cover::Alias && within() && !self.dictionary.is_title(&pieces[at.clone()]);
        if is_bare || in_alias() { glosses::GLOSS } else { 0.0 }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Title,
    Description,
}

/// Bytes `start..end` of a text name one of `codes`.
struct Named {
    codes: Vec<String>,
    start: usize,
    end: usize,
    /// Ends its phrase, so it is what the phrase is about.
    head: bool,
    /// 1 for a name that is written right.
    sure: f64,
}

/// A category on its way to a confidence.
struct Finding {
    code: String,
    share: f64,
    start: usize,
}

impl Finding {
    fn into_confidence(self) -> (String, f64) {
        let confidence = self.share.min(1.0).sqrt();
        (self.code, (confidence * 1000.0).ceil() / 1000.0)
    }
}

/// Bytes between brackets, of the first few pairs: more are no title.
fn bracketed(normal: &str) -> Vec<(usize, usize)> {
    let opens = normal.match_indices('(').take(MOST_BRACKETS);
    opens.map(|(start, _)| (start, normal[start..].find(')').map_or(normal.len(), |length| start + length))).collect()
}

/// Whether a title written in words, three of them or more, begins with this name: 轮椅 折叠 钢管 手推. Where something is done
/// with goods, they open titles of what is done, too (叉车 维修 保养); those who do it open their own.
fn opens(mention: &Mention<'_>, pieces: &[Piece<'_>]) -> bool {
    let set_off = |piece: &&Piece<'_>| piece.gap >= Gap::Space;
    let opens = mention.start == 0 && mention.head && pieces[0].is_han();
    opens
        && pieces.get(mention.end).as_ref().is_some_and(set_off)
        && pieces[mention.end..].iter().filter(set_off).count() >= 2
        && (mention.is_work() || terms::kinds(pieces).iter().all(|(kind, _)| kind.is_thing()))
}

/// The share of a text that its first word stands for at least, where it names what is posted.
const OPENING: f64 = 0.3;

/// Between two names of what is wanted or offered.
const JOINING: [&str; 6] = ["和", "与", "及", "或", "and", "or"];

fn mention_share(mention: &Mention<'_>, pieces: &[Piece<'_>], total: f64) -> f64 {
    let covered: f64 = pieces[mention.start..mention.end].iter().map(Piece::size).sum();
    let standing = if mention.head { 1.0 } else { 0.25 };
    covered / total.max(covered).max(1.0) * standing
}

/// Where the first phrase of an English text ends. In Chinese what is wanted may come last: 想做防护服，找缝纫机.
fn first_phrase(pieces: &[Piece<'_>]) -> usize {
    let ends = |pair: &[Piece<'_>]| pair[1].gap == Gap::Break && !pair[0].is_han();
    pieces.windows(2).position(ends).map_or(pieces.len(), |at| at + 1)
}

/// The size of a text without its bare numbers and their units: `5000只` says nothing about what is wanted.
fn significant(pieces: &[Piece<'_>]) -> f64 {
    let mut skip_next = false;
    let mut total = 0.0;
    for (index, piece) in pieces.iter().enumerate() {
        if std::mem::take(&mut skip_next) {
            continue;
        }
        if piece.class == PieceClass::Digit {
            skip_next = measure::follows(pieces, index).is_some();
            continue;
        }
        total += piece.size();
    }
    total
}
