//! What protective goods must also be: to the standard, for the use, sterile, usable long enough, certified.

use chrono::NaiveDate;

use super::recorder::Recorder;
use super::standard::Designations;
use crate::domain::attributes::{PpeAttributes, UseClass};
use crate::matching::check::{CheckCode, Value, Verdict};
use crate::matching::context::Context;
use crate::matching::pair::Pair;

pub(super) fn check(
    asked: &PpeAttributes,
    offered: &PpeAttributes,
    pair: &Pair<'_>,
    ctx: &Context<'_>,
    out: &mut Recorder<'_>,
) {
    standard(asked, offered, ctx, out);
    use_class(asked, offered, ctx, out);
    sterile(asked, offered, out);
    let last_day = pair.need.needed_by.unwrap_or_else(|| ctx.today()).max(ctx.today());
    shelf_life(asked, offered, last_day, out);
    certificate(asked, offered, last_day, out);
}

fn standard(asked: &PpeAttributes, offered: &PpeAttributes, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let Some(wanted) = &asked.standard else { return };
    let verdict = match &offered.standard {
        None => Verdict::Unknown,
        Some(had) => Designations::of(had, ctx).at_least(&Designations::of(wanted, ctx)),
    };
    out.record(
        CheckCode::Standard,
        verdict,
        || offered.standard.clone().map(Value::Text),
        || Some(Value::text(wanted)),
    );
}

/// Anything serves civil use. Otherwise the class must be the same, stated or understood from the standard offered, or
/// the standard offered must stand for one of the class asked.
fn use_class(asked: &PpeAttributes, offered: &PpeAttributes, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let Some(wanted) = asked.use_class else { return };
    let standards = offered.standard.as_deref().map(|text| Designations::of(text, ctx));
    let understood = standards.as_ref().and_then(Designations::use_class);
    let have = offered.use_class.or(understood);
    let verdict = match have {
        _ if wanted == UseClass::Civil => Verdict::Pass,
        None => Verdict::Unknown,
        Some(class) if class == wanted => Verdict::Pass,
        Some(_) => Verdict::from(standards.is_some_and(|s| s.serve(wanted))),
    };
    let name = |class: UseClass| Value::text(<&'static str>::from(class));
    out.record(CheckCode::UseClass, verdict, || have.map(name), || Some(name(wanted)));
}

fn sterile(asked: &PpeAttributes, offered: &PpeAttributes, out: &mut Recorder<'_>) {
    if asked.sterile == Some(true) {
        let verdict = offered.sterile.map_or(Verdict::Unknown, Verdict::from);
        let name = |sterile: bool| Value::text(if sterile { "sterile" } else { "not_sterile" });
        out.record(CheckCode::Sterile, verdict, || offered.sterile.map(name), || Some(name(true)));
    }
}

/// Usable until the need falls due, or until the date the need itself states. Nothing stated is unknown only where the
/// need asks for a date.
fn shelf_life(asked: &PpeAttributes, offered: &PpeAttributes, last_day: NaiveDate, out: &mut Recorder<'_>) {
    let wanted = asked.expiry_date.map_or(last_day, |date| date.max(last_day));
    let verdict = match offered.expiry_date {
        Some(expiry) => Verdict::from(expiry >= wanted),
        None if asked.expiry_date.is_some() => Verdict::Unknown,
        None => return,
    };
    out.record(CheckCode::ShelfLife, verdict, || offered.expiry_date.map(Value::Date), || Some(Value::Date(wanted)));
}

/// In date until the need falls due. Asked for where the need names a certificate: then an absent or undated one fails.
/// A certificate offered unasked must be in date too; undated it is unknown.
fn certificate(asked: &PpeAttributes, offered: &PpeAttributes, last_day: NaiveDate, out: &mut Recorder<'_>) {
    let demanded = asked.certificate_number.is_some() || asked.certificate_valid_to.is_some();
    let wanted = asked.certificate_valid_to.map_or(last_day, |date| date.max(last_day));
    let verdict = match (offered.certificate_valid_to, &offered.certificate_number) {
        (Some(date), _) => Verdict::from(date >= wanted),
        (None, _) if demanded => Verdict::Fail,
        (None, Some(_)) => Verdict::Unknown,
        (None, None) => return,
    };
    out.record(
        CheckCode::Certificate,
        verdict,
        || offered.certificate_valid_to.map(Value::Date).or(offered.certificate_number.clone().map(Value::Text)),
        || Some(Value::Date(wanted)),
    );
}
