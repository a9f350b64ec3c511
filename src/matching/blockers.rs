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

#[cfg(test)]
mod tests {
    use CheckCode::{Certificate, HazardLicence, Remaining, ShelfLife};
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::credential::HeldCredential;
    use crate::matching::testing::{World, date, need, offer};

    fn told(item: &Item) -> Vec<CheckCode> {
        let world = World::new();
        let told: Vec<CheckCode> = blockers(item, &world.context()).iter().map(|check| check.code).collect();
        assert_eq!(told, failing_anyway(item, &world.context()), "told as the index has it");
        told
    }

    #[test]
    fn papers_and_goods_out_of_date_fail_with_everybody_and_no_others() {
        let with = |attributes: Value| offer(json!({"attributes": attributes}));
        let number = "20203400057";
        assert_eq!(told(&with(json!({"certificate_number": number}))), []);
        assert_eq!(told(&with(json!({"certificate_number": number, "certificate_valid_to": date(0)}))), []);
        assert_eq!(told(&with(json!({"certificate_valid_to": date(-1)}))), [Certificate]);
        let both = json!({"expiry_date": date(-1), "certificate_valid_to": date(-9)});
        assert_eq!(told(&with(both.clone())), [ShelfLife, Certificate]);
        assert_eq!(told(&need(json!({"attributes": both}))), []);
        let later =
            json!({"attributes": {"expiry_date": date(30)}, "delivery_period": {"start": date(0), "end": date(60)}});
        assert_eq!(told(&offer(later)), []);
    }

    #[test]
    fn a_licence_has_to_hold_today() {
        let goods = json!({"kind": "material", "category": "material.meltblown", "attributes": {"hazard_class": "3"}});
        let scheme = World::new().policy.hazard_licences[0].clone();
        let until = |valid_to| HeldCredential { valid_to, ..HeldCredential::unlimited(&scheme) };
        let held = |credentials: Vec<HeldCredential>| told(&Item { credentials, ..offer(goods.clone()) });
        assert_eq!(held(vec![]), [HazardLicence]);
        assert_eq!(held(vec![HeldCredential::unlimited("iso")]), [HazardLicence]);
        assert_eq!(held(vec![until(Some(date(-1)))]), [HazardLicence]);
        assert_eq!(held(vec![until(Some(date(0)))]), []);
        assert_eq!(held(vec![until(None)]), []);
        assert_eq!(told(&need(goods.clone())), []);
    }

    #[test]
    fn nothing_left_fails_on_either_side() {
        let quantity = json!({"quantity": "5", "unit_code": "H87"});
        for item in [need(quantity.clone()), offer(quantity)] {
            assert_eq!(told(&item), []);
            assert_eq!(told(&Item { remaining: Some(Decimal::ZERO), ..item }), [Remaining]);
        }
    }
}
