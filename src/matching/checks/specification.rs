//! Named properties: every range, or value, asked for contains what is offered.

use super::goods::same_words;
use super::recorder::Recorder;
use crate::domain::decimal::Decimal;
use crate::domain::trade::Specification;
use crate::domain::unit::{Conversion, Measure, Ratio, Units};
use crate::matching::check::{CheckCode, Value, Verdict};
use crate::matching::context::Context;
use crate::matching::pair::Pair;

pub(super) fn check(pair: &Pair<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    for asked in &pair.need_item.terms.specs {
        let offered = pair.offer_item.terms.specs.iter().find(|spec| same_words(&spec.name, &asked.name));
        let verdict = offered.map_or(Verdict::Unknown, |offered| compare(asked, offered, &ctx.reference.units));
        out.record_about(
            CheckCode::Specification,
            Some(&asked.name),
            verdict,
            || offered.map(shown),
            || Some(shown(asked)),
        );
    }
}

fn shown(spec: &Specification) -> Value {
    match (&spec.value, &spec.unit) {
        (Some(value), Some(unit)) => match value.parse() {
            Ok(amount) => Value::Quantity { amount, unit: unit.clone() },
            Err(_) => Value::text(format!("{value} {unit}")),
        },
        (Some(value), None) => Value::text(value),
        (None, _) => Value::Range { min: spec.min, max: spec.max, unit: spec.unit.clone() },
    }
}

/// The bounds of a specification; a plain value is a range of one point.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    min: Option<Decimal>,
    max: Option<Decimal>,
}

fn bounds(spec: &Specification) -> Option<Bounds> {
    match &spec.value {
        Some(value) => bounds_said(value),
        None if spec.min.is_some() || spec.max.is_some() => Some(Bounds { min: spec.min, max: spec.max }),
        None => None,
    }
}

/// `99.5`, `99.5%`, `≥95`.
fn bounds_said(text: &str) -> Option<Bounds> {
    let text = text.trim();
    let bare = text.trim_start_matches(['≥', '>', '=', '≤', '<']);
    let number = Some(bare.trim_end_matches('%').trim().parse().ok()?);
    Some(match text.chars().next() {
        Some('≥' | '>') => Bounds { min: number, max: None },
        Some('≤' | '<') => Bounds { min: None, max: number },
        _ => Bounds { min: number, max: number },
    })
}

fn compare(asked: &Specification, offered: &Specification, units: &Units) -> Verdict {
    match (bounds(asked), bounds(offered)) {
        (Some(wanted), Some(had)) => match ratio(asked, offered, units) {
            Some(ratio) => Verdict::from(contains(wanted, had, ratio)),
            None => Verdict::Unknown,
        },
        _ => match (&asked.value, &offered.value) {
            (Some(wanted), Some(had)) => Verdict::from(same_words(wanted, had)),
            (None, None) if asked.min.is_none() && asked.max.is_none() => Verdict::Pass,
            _ => Verdict::Unknown,
        },
    }
}

/// Units asked in one unit offered; where either names none, they are taken to be the same.
fn ratio(asked: &Specification, offered: &Specification, units: &Units) -> Option<Ratio> {
    let (Some(to), Some(from)) = (&asked.unit, &offered.unit) else { return Some(Ratio::ONE) };
    if same_words(to, from) {
        return Some(Ratio::ONE);
    }
    let measure = Measure::unit;
    match units.convert(measure(from), measure(to)) {
        Conversion::Exact(ratio) => Some(ratio),
        _ => None,
    }
}

/// Whether all of `had` lies within `wanted`. A bound asked for must be kept by a bound stated.
fn contains(wanted: Bounds, had: Bounds, ratio: Ratio) -> bool {
    let at_least = |a: Decimal, b: Decimal| {
        i128::from(a.millionths()) * i128::from(ratio.numerator)
            >= i128::from(b.millionths()) * i128::from(ratio.denominator)
    };
    let above = wanted.min.is_none_or(|min| had.min.is_some_and(|had| at_least(had, min)));
    let below = wanted.max.is_none_or(|max| {
        had.max.is_some_and(|had| {
            i128::from(had.millionths()) * i128::from(ratio.numerator)
                <= i128::from(max.millionths()) * i128::from(ratio.denominator)
        })
    });
    above && below
}
