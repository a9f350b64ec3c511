//! Service areas as lists of regions: each side is where the other goes or looks.

use super::recorder::Recorder;
use crate::domain::reference::Reference;
use crate::matching::check::{CheckCode, Value, Verdict};
use crate::matching::context::Context;
use crate::matching::item::Item;
use crate::matching::pair::Pair;

pub(super) fn check(pair: &Pair<'_>, ctx: &Context<'_>, out: &mut Recorder<'_>) {
    within(CheckCode::OfferArea, pair.need_item, pair.offer_item, ctx.reference, out);
    within(CheckCode::NeedArea, pair.offer_item, pair.need_item, ctx.reference, out);
}

/// Asked where `asking` names regions. A place known only at large, such as a province one of whose cities is named, may be
/// inside or not.
fn within(code: CheckCode, asking: &Item, asked: &Item, reference: &Reference, out: &mut Recorder<'_>) {
    let areas = &asking.terms.service_regions;
    if areas.is_empty() {
        return;
    }
    let regions = &reference.regions;
    let verdict = match &asked.region_code {
        None => Verdict::Unknown,
        Some(region) if areas.iter().any(|area| regions.holds(area, region)) => Verdict::Pass,
        Some(region) if areas.iter().any(|area| regions.holds(region, area)) => Verdict::Unknown,
        Some(_) => Verdict::Fail,
    };
    out.record(code, verdict, || asked.region_code.clone().map(Value::Text), || Some(Value::List(areas.clone())));
}
