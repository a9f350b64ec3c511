//! Whether the days two sides state go together.

use super::recorder::Recorder;
use crate::domain::listing::Period;
use crate::matching::check::{CheckCode, Value, Verdict};
use crate::matching::context::Context;
use crate::matching::pair::Pair;
use crate::matching::quantity::Coverage;
use crate::matching::stated;
use crate::matching::time::Arrival;

/// Some days in common. Nothing is asked where the check of quantity or of time says already that there are none: rates over
/// other days, or a start after the need's end.
pub(super) fn overlap(pair: &Pair<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    let nothing = Coverage::of(pair, ctx).is_ok_and(|coverage| coverage.available.is_zero());
    if nothing || pair.need.needed_by.is_some_and(|by| Arrival::of(&pair.journey(), ctx).date > by) {
        return;
    }
    compare(pair, |had, wanted| had.start <= wanted.end && wanted.start <= had.end, out);
}

/// Free for all the days it is wanted.
pub(super) fn covers(pair: &Pair<'_>, out: &mut Recorder<'_>) {
    compare(pair, |had, wanted| had.start <= wanted.start && wanted.end <= had.end, out);
}

/// Asked where both state days, or where the need states some in its attributes.
fn compare(pair: &Pair<'_>, holds: fn(Period, Period) -> bool, out: &mut Recorder<'_>) {
    let (need, offer) = (&pair.need_item.terms, &pair.offer_item.terms);
    let Some(wanted) = stated::own_period(need).or(need.delivery_period) else { return };
    let had = stated::own_period(offer).or(offer.delivery_period);
    let verdict = match had {
        Some(had) => Verdict::from(holds(had, wanted)),
        None if stated::own_period(need).is_some() => Verdict::Unknown,
        None => return,
    };
    out.record(CheckCode::Period, verdict, || had.map(Value::Period), || Some(Value::Period(wanted)));
}
