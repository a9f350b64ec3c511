//! Single hard checks on pairs written by hand.

use serde_json::{Value, json};

use super::super::testing::*;
use super::super::*;
use crate::domain::credential::HeldCredential;
use Verdict::{Fail, Pass, Unknown};

fn verdict(code: CheckCode, asked: Value, offered: Value) -> Option<Verdict> {
    World::new().check(&need(asked), &offer(offered), code)
}

fn assert_all(code: CheckCode, cases: impl IntoIterator<Item = (Value, Value, Option<Verdict>)>) {
    for (asked, offered, expected) in cases {
        assert_eq!(verdict(code, asked.clone(), offered.clone()), expected, "{code:?} {asked} {offered}");
    }
}

#[test]
fn categories_match_downwards_only() {
    let category = |code: &str| json!({"category": code});
    assert_all(
        CheckCode::Category,
        [
            (category("ppe.mask"), category("ppe.mask.particulate"), Some(Pass)),
            (category("ppe.mask.particulate"), category("ppe.mask"), Some(Unknown)),
            (category("ppe.mask.particulate"), category("ppe.glove"), Some(Fail)),
            (category("ppe.mask.particulate"), category("ppe.mask.surgical"), Some(Fail)),
            (json!({"category": null, "title": "KN95"}), category("ppe.mask.particulate"), Some(Unknown)),
            (json!({"category": null, "title": "手套"}), category("ppe.mask.particulate"), Some(Fail)),
            (
                json!({"category": null, "title": "柯惠管路"}),
                json!({"category": null, "title": "呼吸机管路 柯惠"}),
                Some(Unknown),
            ),
            (
                json!({"category": null, "title": "柯惠管路"}),
                json!({"category": null, "title": "急售五万现货"}),
                Some(Fail),
            ),
        ],
    );
    let surgical = |accepts: bool| json!({"category": "ppe.mask.surgical", "accepts_substitutes": accepts});
    assert_all(
        CheckCode::Substitute,
        [
            (surgical(true), category("ppe.mask.particulate"), Some(Pass)),
            (surgical(false), category("ppe.mask.particulate"), Some(Fail)),
            (surgical(false), category("ppe.mask.surgical"), None),
        ],
    );
}

#[test]
fn the_cap_is_exact() {
    let cap = |amount: &str| json!({"unit_code": "H87", "max_price": {"amount": amount, "currency": "CNY"}});
    let price = |amount: &str, more: Value| {
        let mut price = json!({"amount": amount, "currency": "CNY", "delivery": "delivered"});
        for (name, value) in more.as_object().unwrap() {
            price[name] = value.clone();
        }
        json!({"unit_code": "H87", "units_per_pack": "3", "price": price})
    };
    assert_all(
        CheckCode::Price,
        [
            (cap("3"), price("3", json!({})), Some(Pass)),
            (cap("3"), price("3.000001", json!({})), Some(Fail)),
            (cap("0.333333"), price("1", json!({"per": "XBX"})), Some(Fail)),
            (cap("0.333334"), price("1", json!({"per": "XBX"})), Some(Pass)),
            (cap("3"), price("2.8", json!({"tax_included": false, "tax_rate": "13"})), Some(Fail)),
            (cap("3"), price("2.6", json!({"tax_included": false, "tax_rate": "13"})), Some(Pass)),
            (cap("3"), price("2.8", json!({"tax_included": false})), Some(Unknown)),
            (cap("3"), price("9", json!({"currency": "USD"})), Some(Unknown)),
            (cap("3"), json!({}), Some(Unknown)),
            (cap("0"), price("0", json!({})), Some(Pass)),
            (json!({"unit_code": "H87"}), price("3", json!({})), None),
        ],
    );
}

#[test]
fn quantities_minimums_and_units_meet() {
    let whole = json!({"quantity": "100", "unit_code": "H87", "accepts_partial": false});
    assert_all(
        CheckCode::Quantity,
        [
            (whole.clone(), json!({"quantity": "50", "unit_code": "PR"}), Some(Pass)),
            (whole.clone(), json!({"quantity": "49", "unit_code": "PR"}), Some(Fail)),
            (whole.clone(), json!({}), Some(Unknown)),
            (json!({"quantity": "100", "unit_code": "H87"}), json!({"quantity": "1", "unit_code": "H87"}), Some(Pass)),
        ],
    );
    assert_all(CheckCode::Remaining, [(whole.clone(), json!({"quantity": "0", "unit_code": "H87"}), Some(Fail))]);
    assert_all(
        CheckCode::MinimumOrder,
        [
            (whole.clone(), json!({"unit_code": "PR", "min_order_quantity": "50"}), Some(Pass)),
            (whole.clone(), json!({"unit_code": "PR", "min_order_quantity": "50.000001"}), Some(Fail)),
            (json!({}), json!({"unit_code": "PR", "min_order_quantity": "50"}), Some(Unknown)),
        ],
    );
    // All of a rate is asked for, whether or not the offer states how much it has.
    let daily = json!({"quantity": "10", "unit_code": "H87", "quantity_basis": "per_day", "needed_by": date(9)});
    let least = |minimum: &str, quantity: Option<&str>| json!({"unit_code": "H87", "min_order_quantity": minimum, "quantity": quantity});
    for quantity in [None, Some("1000")] {
        assert_all(
            CheckCode::MinimumOrder,
            [(daily.clone(), least("100", quantity), Some(Pass)), (daily.clone(), least("101", quantity), Some(Fail))],
        );
    }
    assert_all(
        CheckCode::Unit,
        [
            (whole.clone(), json!({"unit_code": "KGM"}), Some(Fail)),
            (whole.clone(), json!({"unit_code": "XBX"}), Some(Unknown)),
            (whole, json!({}), None),
        ],
    );
}

#[test]
fn what_cannot_arrive_in_time_fails_and_what_may_is_unknown() {
    let by = |days: i64| json!({"needed_by": date(days)});
    assert_all(
        CheckCode::Time,
        [
            (by(10), json!({"available_from": date(5), "lead_time_days": 5}), Some(Pass)),
            (by(10), json!({"available_from": date(5), "lead_time_days": 6}), Some(Fail)),
            (by(10), json!({"lead_time_days": 6}), Some(Unknown)),
            (by(3), json!({"lead_time_days": 6}), Some(Fail)),
            (by(10), json!({"available_from": date(5)}), Some(Unknown)),
            (json!({}), json!({"available_from": date(5)}), None),
        ],
    );
}

#[test]
fn credentials_and_verification_fail_closed() {
    let world = World::new();
    let buyer = need(json!({"required_level": "verified", "required_credentials": ["licence"]}));
    let mut supplier = offer(json!({}));
    for (code, expected) in [
        (CheckCode::OfferVerified, Some(Fail)),
        (CheckCode::OfferCredentials, Some(Fail)),
        (CheckCode::NeedVerified, None),
    ] {
        assert_eq!(world.check(&buyer, &supplier, code), expected);
    }
    supplier.verified = true;
    supplier.credentials = vec![HeldCredential::unlimited("licence")];
    assert!(!assess(&buyer, &supplier, &world.context()).checks.iter().any(Check::failed));
}

#[test]
fn what_the_law_requires_is_asked_of_the_side_it_names() {
    let mut world = World::new();
    let surgical = json!({"category": "ppe.mask.surgical"});
    let (buyer, bare) = (need(surgical.clone()), offer(surgical));
    let until = |days: i64, covers: &[&str]| HeldCredential {
        covers: covers.iter().map(|code| (*code).to_owned()).collect(),
        valid_to: Some(date(days)),
        ..HeldCredential::unlimited("gb")
    };
    let with = |held: HeldCredential| Item { credentials: vec![held], ..bare.clone() };
    let holding = [
        (with(HeldCredential::unlimited("gb")), true),
        (with(until(0, &["ppe.mask"])), true),
        (with(until(-1, &["ppe.mask"])), false),
        (with(until(9, &["ppe.glove"])), false),
        (with(HeldCredential::unlimited("iso")), false),
        (bare.clone(), false),
    ];
    for (enforcement, missing) in
        [(Enforcement::Off, None), (Enforcement::Flag, Some(Unknown)), (Enforcement::Require, Some(Fail))]
    {
        world.policy.enforce_requirements = enforcement;
        for (supplier, held) in &holding {
            let expected = missing.map(|missing| if *held { Pass } else { missing });
            assert_eq!(world.check(&buyer, supplier, CheckCode::LegalRequirement), expected, "{enforcement:?}");
            let found = find_matches(&market_of(std::slice::from_ref(supplier)), &buyer, 5, &world.context());
            let shown = (found.matches.len(), found.near_misses.len());
            assert_eq!(shown, (usize::from(expected != Some(Fail)), 0), "never a near miss");
        }
    }
    // Of a need: of what it is posted as, not of what it is offered.
    let masks = need(json!({"category": "ppe.mask"}));
    let plain = offer(json!({"category": "ppe.mask"}));
    assert_eq!(world.check(&masks, &plain, CheckCode::LegalRequirement), Some(Fail));
    let masks = Item { credentials: vec![HeldCredential::unlimited("gb")], ..masks };
    assert_eq!(world.check(&masks, &plain, CheckCode::LegalRequirement), Some(Pass));
}

#[test]
fn blocks_own_listings_and_hidden_listings_are_out() {
    let world = World::new();
    let (buyer, supplier) = (need(json!({})), offer(json!({})));
    let found =
        |query: &Item, other: Item| find_matches(&market_of(&[other]), query, 5, &world.context()).matches.len();
    assert_eq!(found(&buyer, supplier.clone()), 1);
    assert_eq!(found(&buyer, Item { enterprise_id: buyer.enterprise_id, ..supplier.clone() }), 0);
    assert_eq!(found(&buyer, Item { blocked: vec![buyer.enterprise_id], ..supplier.clone() }), 0);
    assert_eq!(found(&Item { blocked: vec![supplier.enterprise_id], ..buyer.clone() }, supplier.clone()), 0);
    assert_eq!(found(&buyer, offer(json!({"visibility": "verified"}))), 0);
    assert_eq!(found(&Item { verified: true, ..buyer.clone() }, offer(json!({"visibility": "verified"}))), 1);
    assert_eq!(found(&need(json!({"visibility": "invited"})), supplier), 1);
    assert_eq!(found(&buyer, offer(json!({"valid_until": now()}))), 0);
}

fn standard(asked: &str, offered: &str) -> Option<Verdict> {
    let attributes = |standard: &str| json!({"attributes": {"standard": standard}});
    verdict(CheckCode::Standard, attributes(asked), attributes(offered))
}

#[test]
fn standards_are_read_as_people_write_them() {
    for (asked, offered, expected) in [
        ("GB 19083", "GB19083-2010", Pass),
        ("GB19083-2010", "GB 19083—2010", Pass),
        ("GB 19083-2010, 建议3M 1860/1870/9123", "GB19083-2010", Pass),
        ("GB 19082-2003", "GB19082-2009", Pass),
        ("GB 19082-2009", "GB 19082-2003", Fail),
        ("YY 0469-2010", "YY0469-2011", Pass),
        ("YY/T 0969-2013", "YY 0469-2011", Pass),
        ("YY 0469", "YY/T 0969-2013", Fail),
        ("GB 19083", "GB 2626-2019", Fail),
        ("KN95", "EN149:2001 FFP2", Pass),
        ("KN95", "FFP1", Fail),
        ("GB 2626 KN95", "GB 2626-2019", Unknown),
        ("GB 2626", "KN100", Pass),
        ("GB 19083", "企业标准", Unknown),
        ("Q/ABC 1", "q/abc-1", Pass),
    ] {
        assert_eq!(standard(asked, offered), Some(expected), "asked {asked}, offered {offered}");
    }
}

#[test]
fn a_particle_respirator_is_no_medical_one() {
    let asked = json!({"attributes": {"use_class": "medical"}});
    let offered = |standard: &str| json!({"attributes": {"standard": standard}});
    assert_all(
        CheckCode::UseClass,
        [
            (asked.clone(), offered("GB 2626-2019"), Some(Fail)),
            (asked.clone(), offered("GB19083-2010"), Some(Pass)),
            (asked, json!({}), Some(Unknown)),
            (json!({"attributes": {"use_class": "occupational"}}), offered("GB19083-2010"), Some(Pass)),
        ],
    );
}

#[test]
fn goods_last_and_are_certified_until_the_need_falls_due() {
    let by = json!({"needed_by": date(20)});
    let offered = |name: &str, value: Value| json!({"attributes": {name: value}});
    assert_all(
        CheckCode::ShelfLife,
        [
            (by.clone(), offered("expiry_date", json!(date(20))), Some(Pass)),
            (by.clone(), offered("expiry_date", json!(date(19))), Some(Fail)),
            (by.clone(), json!({}), None),
        ],
    );
    assert_all(
        CheckCode::Certificate,
        [
            (by.clone(), offered("certificate_valid_to", json!(date(19))), Some(Fail)),
            (by.clone(), offered("certificate_number", json!("国械注准20203400057")), Some(Unknown)),
            (json!({"attributes": {"certificate_number": "*"}}), json!({}), Some(Fail)),
        ],
    );
    let sterile = |yes: bool| json!({"attributes": {"sterile": yes}});
    assert_all(CheckCode::Sterile, [(sterile(true), sterile(false), Some(Fail)), (sterile(false), json!({}), None)]);
}

#[test]
fn specifications_contain_what_is_offered() {
    let spec = |fields: Value| json!({"kind": "material", "category": "material.meltblown", "title": "熔喷布", "specs": [fields]});
    let asked = spec(json!({"name": "过滤效率", "min": "95", "unit": "%"}));
    assert_all(
        CheckCode::Specification,
        [
            (asked.clone(), spec(json!({"name": "过滤效率", "value": "95", "unit": "%"})), Some(Pass)),
            (asked.clone(), spec(json!({"name": "过滤 效率", "value": "94.9%"})), Some(Fail)),
            (asked.clone(), spec(json!({"name": "过滤效率", "min": "90"})), Some(Fail)),
            (
                spec(json!({"name": "过滤效率", "value": "≥95"})),
                spec(json!({"name": "过滤效率", "value": "99%"})),
                Some(Pass),
            ),
            (asked.clone(), spec(json!({"name": "过滤效率", "value": ">= 95%"})), Some(Pass)),
            (asked.clone(), spec(json!({"name": "过滤效率", "value": "≤95"})), Some(Fail)),
            (asked.clone(), spec(json!({"name": "克重", "value": "25"})), Some(Unknown)),
            (spec(json!({"name": "色", "value": "白 色"})), spec(json!({"name": "色", "value": "白色"})), Some(Pass)),
            (
                spec(json!({"name": "重量", "max": "1", "unit": "TNE"})),
                spec(json!({"name": "重量", "value": "1000", "unit": "KGM"})),
                Some(Pass),
            ),
        ],
    );
    let hazard = json!({"kind": "material", "category": "material.meltblown", "attributes": {"hazard_class": "3"}});
    assert_all(
        CheckCode::HazardLicence,
        [(json!({"kind": "material", "category": "material.meltblown"}), hazard, Some(Fail))],
    );
}
