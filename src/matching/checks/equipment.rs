//! Machines and premises: sold, rented out or shared; which; and when they are free.

use super::period;
use super::recorder::Recorder;
use super::wording::{akin, says_any};
use crate::domain::attributes::{EquipmentAttributes, EquipmentMode};
use crate::domain::occupation::fold;
use crate::matching::check::{CheckCode, Value, Verdict};
use crate::matching::pair::Pair;

pub(super) fn check(
    asked: &EquipmentAttributes,
    offered: &EquipmentAttributes,
    pair: &Pair<'_>,
    out: &mut Recorder<'_>,
) {
    mode(asked, offered, out);
    model(asked, offered, out);
    // What is bought is not given back.
    if asked.mode != Some(EquipmentMode::Sale) {
        period::covers(pair, out);
    }
}

fn mode(asked: &EquipmentAttributes, offered: &EquipmentAttributes, out: &mut Recorder<'_>) {
    let Some(wanted) = asked.mode else { return };
    let verdict = offered.mode.map_or(Verdict::Unknown, |had| Verdict::from(had == wanted));
    let name = |mode: EquipmentMode| Value::text(<&'static str>::from(mode));
    out.record(CheckCode::EquipmentMode, verdict, || offered.mode.map(name), || Some(name(wanted)));
}

const OR_EQUIVALENT: [&str; 6] = ["相当", "同等", "类似", "同类", "equivalent", "similar"];

/// One model said within the other passes: 一拖二 within 一拖二 100片/分. Of designations of which none is shared, such as
/// QTZ80 and QTZ63, it fails, unless an equivalent will do; other words do not tell.
fn model(asked: &EquipmentAttributes, offered: &EquipmentAttributes, out: &mut Recorder<'_>) {
    let Some(wanted) = &asked.model else { return };
    let verdict = offered.model.as_ref().map_or(Verdict::Unknown, |had| compare(wanted, had));
    out.record(CheckCode::Model, verdict, || offered.model.clone().map(Value::Text), || Some(Value::text(wanted)));
}

fn compare(wanted: &str, had: &str) -> Verdict {
    let (asked, offered) = (designations(wanted), designations(had));
    if akin(wanted, had) || asked.iter().any(|one| offered.contains(one)) {
        Verdict::Pass
    } else if asked.is_empty() || offered.is_empty() || says_any(&fold(wanted), &OR_EQUIVALENT) {
        Verdict::Unknown
    } else {
        Verdict::Fail
    }
}

/// Words of letters with digits, `-` left out: CK6150, QTZ80.
fn designations(text: &str) -> Vec<String> {
    let joined: String = text.chars().filter(|c| *c != '-').collect();
    let folded = fold(&joined);
    let words = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| {
        word.starts_with(|c: char| c.is_ascii_alphabetic()) && word.contains(|c: char| c.is_ascii_digit())
    });
    words.map(str::to_owned).collect()
}
