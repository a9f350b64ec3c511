//! What a listing fails whoever the other is: it has to be mended before anything can match.

use chrono::NaiveDate;

use super::check::{Check, CheckCode};
use super::checks;
use super::context::Context;
use super::facts::Facts;
use super::item::Item;
use super::pair::Pair;
use crate::domain::attributes::{Attributes, PpeAttributes};
use crate::domain::decimal::Decimal;
use crate::domain::listing::{Side, Terms};

/// Nothing is left of it. Of an offer also: hazardous goods of who holds no licence for them today, goods or a certificate out of date.
pub(super) fn failing_anyway(item: &Item, ctx: &Context<'_>) -> Vec<CheckCode> {
    let ended = |day: Option<NaiveDate>| day.is_some_and(|day| day < ctx.today());
    let mut failing = vec![(CheckCode::Remaining, Facts::of(item).quantity.is_some_and(Decimal::is_zero))];
    match &item.terms.attributes {
        _ if item.side() == Side::Need => {}
        Attributes::Material(material) => {
            let (today, categories) = (ctx.today(), &ctx.reference.categories);
            let mut of_schemes =
                item.credentials.iter().filter(|held| ctx.policy.hazard_licences.contains(&held.scheme));
            let mut licensed = || of_schemes.any(|held| held.holds(item.category(), today, today, categories));
            failing.push((CheckCode::HazardLicence, material.hazard_class.is_some() && !licensed()));
        }
        Attributes::Ppe(ppe) => failing.extend([
            (CheckCode::ShelfLife, ended(ppe.expiry_date)),
            (CheckCode::Certificate, ended(ppe.certificate_valid_to)),
        ]),
        _ => {}
    }
    failing.into_iter().filter(|(_, fails)| *fails).map(|(code, _)| code).collect()
}

/// The same with what is had and wanted: as one asks that wants the same goods, at no time and with no papers.
pub(super) fn blockers(item: &Item, ctx: &Context<'_>) -> Vec<Check> {
    let failing = failing_anyway(item, ctx);
    if failing.is_empty() {
        return Vec::new();
    }
    let attributes = match &item.terms.attributes {
        Attributes::Ppe(_) => Attributes::Ppe(PpeAttributes::default()),
        others => others.clone(),
    };
    let terms = Terms {
        side: item.side().opposite(),
        attributes,
        needed_by: None,
        delivery_period: None,
        ..(*item.terms).clone()
    };
    let other = Item { terms: terms.into(), ..item.clone() };
    let checks = checks::all(&Pair::new(item, &other, ctx), ctx);
    checks.into_iter().filter(|check| check.failed() && failing.contains(&check.code)).collect()
}
