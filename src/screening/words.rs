//! Words in a text: goods that may not be traded, and payment in advance to a person.

use crate::domain::flag::{Finding, ListingFlagCode};
use crate::domain::listing::Terms;
use crate::domain::reference::Reference;
use crate::domain::trade::PaymentTerm;

use super::text::{Folded, folded};

/// So near before a word they turn its meaning round.
const NEGATIONS: [&str; 16] = [
    "不", "禁", "勿", "非", "拒", "反", "防", "打击", "杜绝", "无需", "谨防", "no ", "not ", "never ", "anti",
    "without",
];
const NEGATION_REACH: usize = 6;

pub fn forbidden(texts: &[Folded<'_>], reference: &Reference) -> Vec<Finding> {
    let squeezed: Vec<Folded<'_>> = texts.iter().map(Folded::squeezed).collect();
    let mut found = Vec::new();
    for list in reference.screening.words_in_force() {
        let exceptions: Vec<Vec<char>> = list.exceptions.iter().map(|word| folded(word)).collect();
        for word in &list.words {
            let needle = folded(word);
            let latin = needle.iter().all(char::is_ascii);
            let searched = if latin { texts } else { &squeezed };
            let hit = searched.iter().find_map(|text| {
                let mut places = text.places(&needle).into_iter();
                let at = places.find(|at| means_it(text, *at, needle.len(), latin, &exceptions))?;
                Some(text.evidence(at, at + needle.len()))
            });
            let params = [
                ("zh-CN", list.names.zh.clone()),
                ("en", list.names.en.clone()),
                ("word", word.clone()),
                ("source", list.source.clone()),
            ];
            found.extend(
                hit.map(|evidence| Finding::new(ListingFlagCode::ForbiddenWords, &list.code, params).with(evidence)),
            );
        }
    }
    found
}

fn means_it(text: &Folded<'_>, at: usize, length: usize, latin: bool, exceptions: &[Vec<char>]) -> bool {
    let letter = |at: Option<usize>| at.and_then(|at| text.chars.get(at)).is_some_and(char::is_ascii_alphanumeric);
    let inside_a_word = latin && (letter(at.checked_sub(1)) || letter(Some(at + length)));
    let excepted = exceptions
        .iter()
        .any(|longer| text.places(longer).into_iter().any(|start| start <= at && at + length <= start + longer.len()));
    !inside_a_word && !excepted && !negated(text, at)
}

/// The clause counts, not the sentence before it.
fn negated(text: &Folded<'_>, at: usize) -> bool {
    let before = text.before(at, NEGATION_REACH);
    let clause = before.rsplit([',', '.', ';', '，', '。', '；', '、', '!', '\n']).next().unwrap_or_default();
    NEGATIONS.iter().any(|word| clause.contains(word))
}

const PERSONAL: [&str; 14] = [
    "私人账户",
    "私人账号",
    "私人帐户",
    "私人卡",
    "私人银行卡",
    "个人账户",
    "个人账号",
    "个人帐户",
    "个人银行卡",
    "个人微信收款",
    "个人支付宝",
    "personal account",
    "private account",
    "western union",
];
const IN_ADVANCE: [&str; 14] = [
    "预付",
    "先付",
    "先款",
    "款到发货",
    "全款",
    "定金",
    "订金",
    "先打款",
    "先转",
    "in advance",
    "deposit",
    "prepay",
    "prepaid",
    "upfront",
];

/// Payment before delivery, to somebody's own account instead of the enterprise's.
pub fn prepayment(terms: &Terms, texts: &[Folded<'_>]) -> Option<Finding> {
    let first = |words: &[&'static str]| {
        texts.iter().find_map(|text| {
            words.iter().find_map(|word| {
                let needle = folded(word);
                let at = text.places(&needle).into_iter().find(|at| !negated(text, *at))?;
                Some((*word, text.evidence(at, at + needle.len())))
            })
        })
    };
    let (account, evidence) = first(&PERSONAL)?;
    let stated = terms.payment_terms.contains(&PaymentTerm::Prepayment).then_some("prepayment");
    let advance = stated.or_else(|| first(&IN_ADVANCE).map(|(word, _)| word))?;
    let params = [("account", account.to_owned()), ("advance", advance.to_owned())];
    Some(Finding::new(ListingFlagCode::PrepaymentToPerson, "", params).with(evidence))
}
