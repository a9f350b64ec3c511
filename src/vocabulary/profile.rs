//! A text as a sorted list of weighted tokens: what the matching engine compares.

use serde::{Deserialize, Serialize};

use crate::domain::listing::Kind;

/// What a token stands for; the upper three bits of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenClass {
    Concept = 1,
    Bigram = 2,
    Word = 3,
    Number = 4,
    Character = 5,
    /// What kind of a thing, in either language.
    Term = 6,
}

/// One thing a text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Stable between processes and versions, since statistics are stored by it.
    pub id: u64,
    /// Occurrences, at most 65,535.
    pub count: u16,
    /// What it is worth when asked for, in hundredths of a plain word.
    pub weight: u16,
    /// A concept that the text is not about: masks where it says 口罩机, mask carton, or where they are tested.
    #[serde(default)]
    pub only_qualifies: bool,
}

/// From this weight on a concept was named, be it by an alias in a description; below it is only implied by a narrower one.
const NAMED: u16 = 105;
const HEAD_CONCEPT: f64 = 300.0;
const QUALIFYING_CONCEPT: f64 = 150.0;
const PARENT_CONCEPT: f64 = 100.0;
/// The categories of goods lie below these.
const GOODS: [&str; 2] = ["ppe", "material"];

impl Token {
    pub fn is_concept(self) -> bool {
        self.id >> 61 == TokenClass::Concept as u64
    }

    /// A concept the text itself names, rather than one that follows from it.
    pub fn is_named(self) -> bool {
        self.weight >= NAMED
    }
}

/// Tokens in the order of their ids, each id once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextProfile {
    tokens: Vec<Token>,
    /// Occurrences of all tokens but implied ones.
    length: u32,
}

impl TextProfile {
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    pub fn length(&self) -> u32 {
        self.length
    }

    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The text names this category itself, not merely one below it.
    pub fn names(&self, category: &str) -> bool {
        let id = concept_id(category);
        self.tokens.binary_search_by_key(&id, |t| t.id).is_ok_and(|at| self.tokens[at].is_named())
    }

    /// The text names this category or one below it.
    pub fn mentions(&self, category: &str) -> bool {
        self.tokens.binary_search_by_key(&concept_id(category), |t| t.id).is_ok()
    }
}

/// The id of the token of a category.
pub(crate) fn concept_id(category: &str) -> u64 {
    token_id(TokenClass::Concept, category)
}

/// The id of a token: FNV-1a, 64 bits, the upper three replaced by the class.
pub(crate) fn token_id(class: TokenClass, text: &str) -> u64 {
    id_of_bytes(class, text.bytes())
}

fn id_of_bytes(class: TokenClass, bytes: impl Iterator<Item = u8>) -> u64 {
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    (hash >> 3) | (class as u64) << 61
}

/// What a listing states that it is, whatever its words name.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'a> {
    pub kind: Option<Kind>,
    pub category: Option<&'a str>,
}

impl Subject<'_> {
    /// Who tests, moves or makes masks names them and offers something else. Which sort of things equipment is, people
    /// do not agree on; what a description names of another sort is what goes with the goods, or what they are for.
    fn is_beside(&self, broader: &[(String, usize)], described: bool) -> bool {
        let named: Option<Kind> = broader.last().and_then(|(root, _)| root.parse().ok());
        let (Some(kind), Some(named), [(code, _), ..]) = (self.kind, named, broader) else { return false };
        let are_things = kind.is_thing() && named.is_thing();
        let is_other = |category| broader.len() > 1 && branch(code) != branch(category);
        named != kind && (described || !are_things) || described && self.category.is_some_and(is_other)
    }
}

/// `ppe.mask` of `ppe.mask.surgical`.
fn branch(category: &str) -> &str {
    category.match_indices('.').nth(1).map_or(category, |(end, _)| &category[..end])
}

#[derive(Debug, Default)]
pub(super) struct ProfileBuilder<'a> {
    subject: Subject<'a>,
    /// Whether what is read is a description.
    pub described: bool,
    /// As they come, with their weights, and whether they only qualify.
    tokens: Vec<(u64, u16, bool)>,
    length: u32,
}

impl<'a> ProfileBuilder<'a> {
    pub fn about(subject: Subject<'a>) -> Self {
        Self { subject, ..Self::default() }
    }

    /// A category named in the text, with those above it at falling weight.
    pub fn concept(&mut self, broader: &[(String, usize)], head: bool, share: f64) {
        let named = if head { HEAD_CONCEPT } else { QUALIFYING_CONCEPT };
        // Who moves or cools goods is about them; what is made, printed or tested for them is something else.
        let qualifies = !head && broader.last().is_some_and(|(root, _)| GOODS.contains(&root.as_str()));
        let only_qualifies = qualifies || self.subject.is_beside(broader, self.described);
        for (code, level) in broader {
            let weight = match *level {
                0 => named,
                _ => PARENT_CONCEPT / f64::from(1 << (*level).min(8) as u32 >> 1),
            };
            self.length += u32::from(*level == 0);
            self.tokens.push((concept_id(code), (weight * share).round() as u16, only_qualifies));
        }
    }

    /// The texts read so far name this category or one below it.
    pub fn mentions(&self, category: &str) -> bool {
        let wanted = concept_id(category);
        self.tokens.iter().any(|(id, ..)| *id == wanted)
    }

    pub fn token(&mut self, class: TokenClass, text: &str, weight: f64) {
        self.add(token_id(class, text), weight);
    }

    /// One that follows from what is said, and makes the text no longer.
    pub fn implied(&mut self, class: TokenClass, text: &str, weight: f64) {
        self.imply(token_id(class, text), weight);
    }

    /// A token written in two parts.
    pub fn pair(&mut self, class: TokenClass, left: &str, right: &str, weight: f64) {
        self.add(id_of_bytes(class, left.bytes().chain(right.bytes())), weight);
    }

    fn add(&mut self, id: u64, weight: f64) {
        self.length += 1;
        self.imply(id, weight);
    }

    fn imply(&mut self, id: u64, weight: f64) {
        self.tokens.push((id, weight.round() as u16, false));
    }

    /// Of one token the greatest weight counts.
    pub fn finish(mut self) -> TextProfile {
        self.tokens.sort_unstable();
        let occurrences = self.tokens.chunk_by(|(a, ..), (b, ..)| a == b);
        let token = |same: &[(u64, u16, bool)]| {
            let (id, weight, _) = *same.last()?;
            let only_qualifies = same.iter().all(|(.., only_qualifies)| *only_qualifies);
            Some(Token { id, count: u16::try_from(same.len()).unwrap_or(u16::MAX), weight, only_qualifies })
        };
        let mut tokens: Vec<Token> = occurrences.filter_map(token).collect();
        tokens.shrink_to_fit();
        TextProfile { tokens, length: self.length }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::understanding::shipped;

    #[test]
    fn a_token_in_two_parts_is_the_token_written_as_one() {
        let (mut parted, mut whole) = (ProfileBuilder::default(), ProfileBuilder::default());
        parted.pair(TokenClass::Bigram, "口", "罩", 100.0);
        whole.token(TokenClass::Bigram, "口罩", 100.0);
        assert_eq!(parted.finish(), whole.finish());
    }

    #[test]
    fn what_a_listing_is_not_is_only_mentioned() {
        let vocabulary = &shipped().vocabulary;
        let mentions_masks = |title: &str, description: Option<&str>, kind, category| {
            let profile = vocabulary.profile_of(title, description, Subject { kind: Some(kind), category });
            profile.tokens().iter().any(|t| t.id == concept_id("ppe.mask") && t.only_qualifies)
        };
        assert!(mentions_masks("代检口罩", None, Kind::Service, None));
        assert!(mentions_masks("Air freight, masks", None, Kind::Transport, None));
        assert!(mentions_masks("包装袋", Some("装口罩"), Kind::Material, None));
        assert!(mentions_masks("手套", Some("送口罩"), Kind::Ppe, Some("ppe.glove")));
        // Of which kind a thing is people do not agree on, and a title lists all that is offered.
        assert!(!mentions_masks("口罩", None, Kind::Equipment, None));
        assert!(!mentions_masks("手套、口罩", None, Kind::Ppe, Some("ppe.glove")));
        assert!(!mentions_masks("3M 9501", Some("一种口罩"), Kind::Ppe, Some("ppe.mask.particulate")));
        assert!(!mentions_masks("口罩", Some("N95口罩"), Kind::Equipment, None));
    }

    #[test]
    fn what_goods_are_for_in_or_packed_in_is_only_mentioned() {
        let vocabulary = &shipped().vocabulary;
        let qualifies = |title: &str, category: &str| {
            let profile = vocabulary.profile(title, None);
            let token = profile.tokens().iter().find(|token| token.id == concept_id(category)).copied();
            token.map(|token| token.only_qualifies)
        };
        for (title, category) in [
            ("Ration biscuits, 24 bars carton", "material.packaging.carton"),
            ("Sunflower oil, 200/carton", "material.packaging.carton"),
            ("Raw cotton, 200 bales in cartons", "material.packaging.carton"),
            ("Masks for use with disinfectants", "ppe.disinfectant"),
            ("Assembly line for disposable masks", "ppe.mask"),
            ("收纳盒 搭配口罩使用", "ppe.mask"),
        ] {
            assert_eq!(qualifies(title, category), Some(true), "{title}");
        }
        for (title, category) in [
            ("looking for surgical masks", "ppe.mask.surgical"),
            ("5-layer corrugated cartons", "material.packaging.carton"),
            ("适用范围广的口罩", "ppe.mask"),
        ] {
            assert_eq!(qualifies(title, category), Some(false), "{title}");
        }
    }
}
