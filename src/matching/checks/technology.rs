//! Knowledge: how far it is proven, and what one may do with it.

use super::goods::same_words;
use super::recorder::Recorder;
use super::wording::says_any;
use crate::domain::attributes::TechnologyAttributes;
use crate::domain::decimal::Decimal;
use crate::domain::occupation::fold;
use crate::matching::check::{CheckCode, Value, Verdict};

pub(super) fn check(asked: &TechnologyAttributes, offered: &TechnologyAttributes, out: &mut Recorder<'_>) {
    readiness(asked, offered, out);
    licence(asked, offered, out);
}

fn readiness(asked: &TechnologyAttributes, offered: &TechnologyAttributes, out: &mut Recorder<'_>) {
    let Some(wanted) = asked.readiness_level else { return };
    let verdict = offered.readiness_level.map_or(Verdict::Unknown, |had| Verdict::from(had >= wanted));
    let level = |level: u32| Value::Range { min: Some(Decimal::from_integer(level)), max: None, unit: None };
    let have = || offered.readiness_level.map(|level| Value::text(level.to_string()));
    out.record(CheckCode::ReadinessLevel, verdict, have, || Some(level(wanted)));
}

/// At least the right asked for; a text that names none the table knows is compared as words.
fn licence(asked: &TechnologyAttributes, offered: &TechnologyAttributes, out: &mut Recorder<'_>) {
    let Some(wanted) = &asked.licence else { return };
    let verdict = match &offered.licence {
        None => Verdict::Unknown,
        Some(had) if same_words(wanted, had) => Verdict::Pass,
        Some(had) => match (weakest(wanted), strongest(had)) {
            (Some(wanted), Some(had)) => Verdict::from(had >= wanted),
            _ => Verdict::Unknown,
        },
    };
    out.record(CheckCode::Licence, verdict, || offered.licence.clone().map(Value::Text), || Some(Value::text(wanted)));
}

/// Rights by what they give, the least first: the forms of licence of 最高人民法院《关于审理技术合同纠纷案件适用法律若干问题的解释》
/// (法释〔2020〕19号) article 25, and the transfer of the right itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Right {
    Ordinary,
    Sole,
    Exclusive,
    Transfer,
}

/// Words that say a right; the longer before the shorter within them.
const WORDS: [(&[&str], Right); 4] = [
    (
        &[
            "非独占",
            "非排他",
            "普通许可",
            "普通授权",
            "非专有",
            "non exclusive",
            "nonexclusive",
            "年费",
            "年度授权",
            "按次",
            "subscription",
        ],
        Right::Ordinary,
    ),
    (&["排他", "独家许可", "独家", "sole"], Right::Sole),
    (&["独占", "exclusive"], Right::Exclusive),
    (&["转让", "买断", "assignment", "buyout", "transfer"], Right::Transfer),
];

fn rights(text: &str) -> Vec<Right> {
    let mut rest = fold(text);
    let mut found = Vec::new();
    for (words, right) in WORDS {
        if says_any(&rest, words) {
            found.push(right);
            words.iter().for_each(|word| rest = rest.replace(word, "，"));
        }
    }
    found
}

fn weakest(text: &str) -> Option<Right> {
    rights(text).into_iter().min()
}

fn strongest(text: &str) -> Option<Right> {
    rights(text).into_iter().max()
}
