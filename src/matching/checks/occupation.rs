//! Whether workers do what is asked for: by name, by the trades of the category tree, and by the classes of ISCO-08.

use super::recorder::Recorder;
use super::wording::names;
use crate::domain::attributes::LaborAttributes;
use crate::domain::occupation::{Occupation, fold};
use crate::domain::reference::Reference;
use crate::matching::check::{CheckCode, Value, Verdict};
use crate::matching::context::Context;
use crate::matching::pair::Pair;

/// Every occupation asked for is offered; where the need takes a part, one of them will do.
pub(super) fn check(
    asked: &LaborAttributes,
    offered: &LaborAttributes,
    pair: &Pair<'_>,
    ctx: &Context<'_>,
    out: &mut Recorder<'_>,
) {
    let Some(wanted) = &asked.occupation else { return };
    let verdict = match &offered.occupation {
        None => Verdict::Unknown,
        Some(had) => of_lists(&names(wanted), &names(had), pair.need.accepts_partial, ctx.reference),
    };
    let have = || offered.occupation.clone().map(Value::Text);
    out.record(CheckCode::Occupation, verdict, have, || Some(Value::text(wanted)));
}

fn of_lists(wanted: &[&str], had: &[&str], in_part: bool, reference: &Reference) -> Verdict {
    let best = |wanted: &&str| {
        let each = had.iter().map(|had| compare(wanted, had, reference));
        each.max_by_key(|verdict| match verdict {
            Verdict::Fail => 0,
            Verdict::Unknown => 1,
            Verdict::Pass => 2,
        })
    };
    let verdicts: Vec<Verdict> = wanted.iter().filter_map(best).collect();
    let some = |verdict| verdicts.contains(&verdict);
    match (some(Verdict::Pass), some(Verdict::Unknown), some(Verdict::Fail)) {
        (true, false, false) => Verdict::Pass,
        (true, _, true) if in_part => Verdict::Pass,
        (_, true, true) if in_part => Verdict::Unknown,
        (_, _, true) => Verdict::Fail,
        _ => Verdict::Unknown,
    }
}

/// The same name, or a trade or class at or below the one asked for, passes. One above it may be it, and so may another name
/// of its class where the tree does not tell the two apart. Names nobody knows may mean anything.
fn compare(wanted: &str, had: &str, reference: &Reference) -> Verdict {
    if fold(wanted) == fold(had) {
        return Verdict::Pass;
    }
    let known = reference.occupation_names();
    let (Some(asked), Some(offered)) = (known.find(wanted), known.find(had)) else { return Verdict::Unknown };
    let same_class = asked.classes.iter().any(|class| offered.classes.contains(class));
    let by_code = wanted.bytes().all(|byte| byte.is_ascii_digit());
    if is_within(offered, asked, reference) || by_code && same_class {
        return Verdict::Pass;
    }
    let told_apart = !asked.trades.is_empty() && !offered.trades.is_empty();
    if is_within(asked, offered, reference) || same_class && !told_apart { Verdict::Unknown } else { Verdict::Fail }
}

/// Whether a trade of `inner` is one of `outer` or below it, or a class of it strictly below one.
fn is_within(inner: &Occupation, outer: &Occupation, reference: &Reference) -> bool {
    let tree = &reference.categories;
    let trade = inner.trades.iter().any(|inner| outer.trades.iter().any(|outer| tree.is_within(inner, outer)));
    // Codes of ISCO-08 are as long as they are deep.
    let class = |inner: &String| outer.classes.iter().any(|outer| inner != outer && inner.starts_with(outer.as_str()));
    trade || inner.classes.iter().any(class)
}
