//! Workers: what they can do, when, for what, and how they come and live.

use super::occupation;
use super::period;
use super::recorder::Recorder;
use super::wording::says;
use crate::domain::attributes::{LaborArrangement, LaborAttributes, Shift};
use crate::domain::occupation::fold;
use crate::matching::check::{CheckCode, Value, Verdict};
use crate::matching::context::Context;
use crate::matching::pair::Pair;

/// Pay is the price of labor, and so checked with the terms. No table of minimum wages is loaded: none is checked.
pub(super) fn check(
    asked: &LaborAttributes,
    offered: &LaborAttributes,
    pair: &Pair<'_>,
    ctx: &Context<'_>,
    out: &mut Recorder<'_>,
) {
    shift(asked, offered, out);
    arrangement(asked, offered, out);
    commute(asked, offered, pair, out);
    benefit(CheckCode::Lodging, asked.lodging, offered.lodging, out);
    benefit(CheckCode::Meals, asked.meals, offered.meals, out);
    benefit(CheckCode::Pickup, asked.pickup, offered.pickup, out);
    period::overlap(pair, ctx, out);
    // Names are dearest to compare.
    if out.is_done() {
        return;
    }
    occupation::check(asked, offered, pair, ctx, out);
    qualifications(asked, offered, out);
}

/// Every certificate asked for is among those held. Fails closed: what is not said to be held is not.
fn qualifications(asked: &LaborAttributes, offered: &LaborAttributes, out: &mut Recorder<'_>) {
    for wanted in &asked.certificates {
        let name = bare_certificate(wanted);
        let held = offered.certificates.iter().find(|held| says(&bare_certificate(held), &name));
        let have = || held.map(Value::text);
        let want = || Some(Value::text(wanted));
        out.record_about(CheckCode::Qualification, Some(wanted), held.is_some().into(), have, want);
    }
}

/// What certificates are called besides their names. Longer ones before what they end in.
const CERTIFICATE: [&str; 13] = [
    "职业资格证书",
    "上岗证书",
    "操作证书",
    "资格证书",
    "职业资格证",
    "上岗证",
    "操作证",
    "资格证",
    "驾驶证",
    "驾照",
    "证书",
    "证",
    "certificate",
];

/// `A2` of A2驾照, 焊工 of 焊工操作证.
fn bare_certificate(text: &str) -> String {
    let folded = fold(text);
    let stem = CERTIFICATE.iter().find_map(|word| folded.strip_suffix(word)).map(str::trim_end);
    stem.filter(|stem| !stem.is_empty()).map_or(folded.clone(), str::to_owned)
}

/// Workers by day do no nights. Those who rotate do both; where a need rotates, who works one shift alone may or may not do.
fn shift(asked: &LaborAttributes, offered: &LaborAttributes, out: &mut Recorder<'_>) {
    let Some(wanted) = asked.shift else { return };
    let both = |shift| matches!(shift, Shift::Rotating | Shift::Flexible);
    let verdict = match offered.shift {
        None => Verdict::Unknown,
        Some(had) if both(had) || had == wanted || wanted == Shift::Flexible => Verdict::Pass,
        Some(_) if wanted == Shift::Rotating => Verdict::Unknown,
        Some(_) => Verdict::Fail,
    };
    let name = |shift: Shift| Value::text(<&'static str>::from(shift));
    out.record(CheckCode::Shift, verdict, || offered.shift.map(name), || Some(name(wanted)));
}

/// Who is lent stays with the lender: it is neither hired, nor is who is hired lent.
fn arrangement(asked: &LaborAttributes, offered: &LaborAttributes, out: &mut Recorder<'_>) {
    let Some(wanted) = asked.arrangement else { return };
    let verdict = offered.arrangement.map_or(Verdict::Unknown, |had| Verdict::from(had == wanted));
    let name = |arrangement: LaborArrangement| Value::text(<&'static str>::from(arrangement));
    out.record(CheckCode::LaborArrangement, verdict, || offered.arrangement.map(name), || Some(name(wanted)));
}

/// Within the smaller limit, unless the need lodges the workers. A need that limits the commute itself and says nothing of
/// lodging lodges nobody from farther away; whom only the workers' own limit keeps away it may.
fn commute(asked: &LaborAttributes, offered: &LaborAttributes, pair: &Pair<'_>, out: &mut Recorder<'_>) {
    let limits = [asked.commute_limit_km, offered.commute_limit_km];
    let Some(limit) = limits.into_iter().flatten().min().map(f64::from) else { return };
    let verdict = match (pair.distance_km, asked.lodging) {
        (_, Some(true)) => Verdict::Pass,
        (None, _) => Verdict::Unknown,
        (Some(distance), _) if distance <= limit => Verdict::Pass,
        (Some(distance), None) if asked.commute_limit_km.is_none_or(|own| distance <= f64::from(own)) => {
            Verdict::Unknown
        }
        (Some(_), _) => Verdict::Fail,
    };
    let have = || pair.distance_km.map(Value::Kilometres);
    out.record(CheckCode::Commute, verdict, have, || Some(Value::Kilometres(limit)));
}

/// What the workers ask for, the need gives.
fn benefit(code: CheckCode, given: Option<bool>, asked_for: Option<bool>, out: &mut Recorder<'_>) {
    if asked_for == Some(true) {
        let verdict = given.map_or(Verdict::Unknown, Verdict::from);
        out.record(code, verdict, || given.map(Value::Yes), || Some(Value::Yes(true)));
    }
}
