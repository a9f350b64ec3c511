//! What a text names only beside what it is about: who comes with the goods, what they are for, where they lie, what they are
//! packed in.

use super::dictionary::Mention;
use super::text::{Gap, Piece, PieceClass};

/// Tyres for Toyota forklifts, 200 bales in warehouse, 24 bars carton, 搭配口罩使用, 叉车出租 带司机: none of these is what the text
/// is about.
pub(super) fn leave(mentions: &mut [Mention<'_>], pieces: &[Piece<'_>]) {
    let mut named = false;
    for mention in mentions {
        let about = mention.head;
        let packs = named && mention.is_packaging() && is_counted(pieces, mention.start);
        let along = mention.is_work() && comes_along(pieces, mention.start);
        mention.head &= !(packs || along || is_setting(pieces, mention.start));
        named |= about && !mention.is_packaging();
    }
}

/// Whether who is named at piece `at` only comes with what is posted, or is whom it is for: 带司机, with operator, rooms for nurses.
pub(super) fn comes_along(pieces: &[Piece<'_>], at: usize) -> bool {
    let before = phrase_before(pieces, at);
    let joined = pieces[at].gap == Gap::None;
    let taken = joined && before.last().is_some_and(|last| COMPANY.contains(&last.text.as_ref()));
    taken || is_purpose(before) || before.iter().skip(1).any(|piece| piece.text == "with")
}

/// Whether what is named at piece `at` is what something else is for, in or with.
fn is_setting(pieces: &[Piece<'_>], at: usize) -> bool {
    let before = phrase_before(pieces, at);
    let within = before.len() > 1 && before.last().is_some_and(|last| PLACES.contains(&last.text.as_ref()));
    let use_of = |word: &&str| {
        let signs = before.iter().rev().map(|piece| piece.text.chars().next());
        word.chars().rev().map(Some).eq(signs.take(word.chars().count()))
    };
    within || is_purpose(before) || pieces[at].gap == Gap::None && USES.iter().any(use_of)
}

/// Whether what stands before ends in `for` and a word or two, and no asking for goods.
fn is_purpose(before: &[Piece<'_>]) -> bool {
    before.iter().rposition(|piece| piece.text == "for").is_some_and(|on| {
        let near = before.len() - on <= FARTHEST_PURPOSE && before[on..].iter().all(|piece| piece.text != "and");
        near && on > 0 && !ASKING.iter().any(|asking| before[on - 1].text.starts_with(asking))
    })
}

/// A number of them, or what one of them holds, stands in front: 200/carton, 25 kg bags.
fn is_counted(pieces: &[Piece<'_>], at: usize) -> bool {
    let number = |back: usize| at.checked_sub(back).is_some_and(|before| pieces[before].class == PieceClass::Digit);
    number(1) || number(2) && pieces[at].gap != Gap::Break
}

/// What of the same phrase stands before piece `at`: the last few pieces, since a phrase may be a whole text.
fn phrase_before<'p, 't>(pieces: &'p [Piece<'t>], at: usize) -> &'p [Piece<'t>] {
    let begins = pieces[..=at].iter().rev().take(NEAR).position(|piece| piece.gap == Gap::Break);
    &pieces[at - begins.unwrap_or(NEAR.min(at))..at]
}

const NEAR: usize = 12;
const COMPANY: [&str; 4] = ["带", "含", "配", "附"];
const PLACES: [&str; 2] = ["in", "per"];
/// So many words from `for` on are looked at.
const FARTHEST_PURPOSE: usize = 3;
/// How words begin that stand before the `for` of looking for masks, request for masks.
const ASKING: [&str; 12] =
    ["look", "search", "request", "need", "want", "ask", "appl", "quot", "tender", "demand", "vacanc", "recruit"];
const USES: [&str; 6] = ["用于", "适用于", "适用", "适合", "搭配", "配合"];
