//! The checks of labor, finance, equipment, technology and service, and what enters their scores.

use serde_json::{Value, json};

use super::super::testing::*;
use super::super::*;
use crate::domain::place::Point;
use crate::domain::shipped;
use Verdict::{Fail, Pass, Unknown};

fn world() -> World {
    World { reference: shipped::shared().clone(), ..World::new() }
}

fn listing(kind: &str, attributes: Value, more: Value) -> Value {
    let category = match kind {
        "labor" => "labor.skilled.welder",
        "finance" => "finance.loan.working",
        "equipment" => "equipment.lifting.crane",
        "technology" => "technology.patent",
        _ => "service.testing.nucleic_acid",
    };
    let mut fields = json!({"kind": kind, "category": category, "title": "示范", "attributes": attributes});
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    fields
}

/// What both sides state beside the attributes they are asked about.
struct Case<'a> {
    kind: &'a str,
    need: Value,
    offer: Value,
}

impl Case<'_> {
    fn of(kind: &str) -> Case<'_> {
        Case { kind, need: json!({}), offer: json!({}) }
    }

    /// Both directions agree.
    fn all(&self, code: CheckCode, cases: impl IntoIterator<Item = (Value, Value, Option<Verdict>)>) {
        let world = world();
        for (asked, offered, expected) in cases {
            let needed = need(listing(self.kind, asked.clone(), self.need.clone()));
            let had = offer(listing(self.kind, offered.clone(), self.offer.clone()));
            let found = [world.check(&needed, &had, code), world.check(&had, &needed, code)];
            assert_eq!(found, [expected; 2], "{code:?} {asked} {offered}");
        }
    }
}

#[test]
fn workers_do_what_is_asked_for() {
    let occupation = |text: &str| json!({"occupation": text});
    let cases = [
        ("焊工", "焊工", Pass),
        ("焊工", "welders", Pass),
        ("Welder", "持证电焊工", Pass),
        ("普工", "包装工", Pass),
        ("食品包装工", "普工、装卸工", Unknown),
        ("焊工", "铸造工", Fail),
        ("焊工", "厨师", Fail),
        ("焊工", "qwxzj", Unknown),
        ("7", "焊工", Pass),
        ("721", "焊工", Pass),
        ("焊工", "721", Unknown),
        ("磨工、焊工", "焊工", Pass),
        ("nurses and welders", "厨师", Fail),
    ];
    let cases = cases.map(|(asked, offered, verdict)| (occupation(asked), occupation(offered), Some(verdict)));
    Case::of("labor").all(CheckCode::Occupation, cases);
    let whole = Case { need: json!({"accepts_partial": false}), ..Case::of("labor") };
    whole.all(CheckCode::Occupation, [(occupation("厨师、焊工"), occupation("焊工"), Some(Fail))]);
    Case::of("labor").all(
        CheckCode::Occupation,
        [(occupation("焊工"), json!({}), Some(Unknown)), (json!({}), occupation("焊工"), None)],
    );
}

#[test]
fn certificates_of_workers_fail_closed() {
    let held = |names: Value| json!({"certificates": names});
    Case::of("labor").all(
        CheckCode::Qualification,
        [
            (held(json!(["焊工操作证"])), held(json!(["叉车证", "特种作业操作证（焊工）"])), Some(Pass)),
            (held(json!(["焊工职业资格证书"])), held(json!(["焊工操作证"])), Some(Pass)),
            (held(json!(["A2"])), held(json!(["A2驾照"])), Some(Pass)),
            (held(json!(["A2"])), held(json!(["A20"])), Some(Fail)),
            (held(json!(["A2驾照"])), held(json!(["B2驾照"])), Some(Fail)),
            (held(json!(["健康证"])), json!({}), Some(Fail)),
            (json!({}), held(json!(["健康证"])), None),
        ],
    );
    let needed = need(listing("labor", held(json!(["健康证", "焊工证"])), json!({})));
    let had = offer(listing("labor", held(json!(["健康证"])), json!({})));
    let checks = assess(&needed, &had, &world().context()).checks;
    let named: Vec<_> =
        checks.iter().filter(|c| c.code == CheckCode::Qualification).map(|c| c.about.as_deref()).collect();
    assert_eq!(named, [Some("健康证"), Some("焊工证")]);
}

#[test]
fn shifts_arrangements_and_benefits() {
    let shift = |name: &str| json!({"shift": name});
    let cases = [
        ("day", "day", Pass),
        ("day", "night", Fail),
        ("night", "rotating", Pass),
        ("night", "flexible", Pass),
        ("flexible", "night", Pass),
        ("rotating", "day", Unknown),
    ];
    let labor = Case::of("labor");
    labor.all(CheckCode::Shift, cases.map(|(asked, had, verdict)| (shift(asked), shift(had), Some(verdict))));
    labor.all(CheckCode::Shift, [(shift("day"), json!({}), Some(Unknown)), (json!({}), shift("day"), None)]);
    let way = |name: &str| json!({"arrangement": name});
    labor.all(
        CheckCode::LaborArrangement,
        [
            (way("lend"), way("lend"), Some(Pass)),
            (way("hire"), way("lend"), Some(Fail)),
            (way("hire"), json!({}), Some(Unknown)),
            (json!({}), way("lend"), None),
        ],
    );
    for (code, name) in [(CheckCode::Lodging, "lodging"), (CheckCode::Meals, "meals"), (CheckCode::Pickup, "pickup")] {
        let given = |yes: bool| json!({name: yes});
        labor.all(
            code,
            [
                (given(true), given(true), Some(Pass)),
                (given(false), given(true), Some(Fail)),
                (json!({}), given(true), Some(Unknown)),
                (given(false), given(false), None),
                (given(true), json!({}), None),
            ],
        );
    }
}

#[test]
fn workers_live_near_enough_or_lodge() {
    let world = world();
    let verdict = |asked: Value, offered: Value, located: bool| {
        let mut needed = need(listing("labor", asked, json!({})));
        let mut had = offer(listing("labor", offered, json!({})));
        needed.location = Point::new(112.45, 34.62).filter(|_| located);
        // 30 km to the east.
        had.location = Point::new(112.777, 34.62);
        [world.check(&needed, &had, CheckCode::Commute), world.check(&had, &needed, CheckCode::Commute)]
    };
    let limit = |km: u32| json!({"commute_limit_km": km});
    for (asked, offered, located, expected) in [
        (json!({}), limit(31), true, Some(Pass)),
        (json!({"lodging": false}), limit(29), true, Some(Fail)),
        (json!({"lodging": true}), limit(29), true, Some(Pass)),
        (json!({}), limit(29), true, Some(Unknown)),
        (limit(29), limit(100), true, Some(Fail)),
        (limit(29), json!({}), true, Some(Fail)),
        (limit(31), limit(29), true, Some(Unknown)),
        (limit(29), json!({}), false, Some(Unknown)),
        (json!({}), json!({}), true, None),
    ] {
        assert_eq!(verdict(asked.clone(), offered.clone(), located), [expected; 2], "{asked} {offered}");
    }
}

#[test]
fn pay_is_compared_for_a_workers_day() {
    let pay = |amount: &str, per: &str| json!({"pay": {"amount": amount, "currency": "CNY", "per": per}});
    let labor = Case::of("labor");
    labor.all(
        CheckCode::Pay,
        [
            (pay("200", "DAY"), pay("25", "HUR"), Some(Pass)),
            (pay("200", "DAY"), pay("25.000001", "HUR"), Some(Fail)),
            (pay("200", "DAY"), pay("4350", "MON"), Some(Pass)),
            (pay("200", "DAY"), pay("4351", "MON"), Some(Fail)),
            (pay("200", "DAY"), json!({}), Some(Unknown)),
            (pay("200", "DAY"), pay("200", "KGM"), Some(Unknown)),
            (json!({}), pay("200", "DAY"), None),
        ],
    );
    let daily = json!({"unit_code": "IE", "quantity_basis": "per_day"});
    let rates = Case { kind: "labor", need: daily.clone(), offer: daily };
    let bare = |amount: &str| json!({"pay": {"amount": amount, "currency": "CNY"}});
    rates.all(CheckCode::Pay, [(bare("200"), pay("25", "LH"), Some(Pass)), (bare("199"), pay("25", "LH"), Some(Fail))]);
    // An agency that asks a price, and who pays at most one.
    let price = json!({"unit_code": "HUR", "price": {"amount": "30", "currency": "CNY"}});
    let cap = json!({"unit_code": "DAY", "max_price": {"amount": "240", "currency": "CNY"}});
    let agency = Case { kind: "labor", need: cap, offer: price };
    agency.all(CheckCode::Pay, [(json!({}), json!({}), Some(Pass)), (json!({}), pay("31", "HUR"), Some(Fail))]);
    let world = world();
    let needed = need(listing("labor", pay("200", "DAY"), json!({})));
    let points = |offered: Value| {
        let had = offer(listing("labor", offered, json!({})));
        world.factor(&needed, &had, FactorCode::Price).unwrap()
    };
    let (cheap, dear, silent) = (points(pay("150", "DAY")), points(pay("24", "HUR")), points(json!({})));
    assert!(cheap.u > dear.u && dear.u > 0.0 && silent.flags.contains(&Flag::PriceUnknown));
    assert!(!cheap.flags.contains(&Flag::FreightUnknown), "people are not freight");
}

#[test]
fn heads_days_and_hours_of_work_convert() {
    let world = world();
    let period = json!({"start": date(0), "end": date(9)});
    let counted = |quantity: &str, unit: &str, basis: &str| {
        json!({"quantity": quantity, "unit_code": unit, "quantity_basis": basis, "delivery_period": period,
            "accepts_partial": false})
    };
    for (asked, offered, expected) in [
        (counted("10", "IE", "per_day"), counted("800", "LH", "total"), Some(Pass)),
        (counted("10", "IE", "per_day"), counted("799", "LH", "total"), Some(Fail)),
        (counted("100", "DAY", "total"), counted("10", "IE", "per_day"), Some(Pass)),
        (counted("101", "DAY", "total"), counted("10", "IE", "per_day"), Some(Fail)),
        (counted("800", "HUR", "total"), counted("100", "DAY", "total"), Some(Pass)),
        // So many workers are so many every day.
        (counted("10", "IE", "total"), counted("800", "LH", "total"), Some(Pass)),
        (counted("10", "IE", "total"), counted("799", "LH", "total"), Some(Fail)),
        (counted("10", "IE", "total"), counted("10", "IE", "per_day"), Some(Pass)),
        (counted("10", "IE", "total"), counted("9", "IE", "per_day"), Some(Fail)),
    ] {
        let needed = need(listing("labor", json!({}), asked.clone()));
        let had = offer(listing("labor", json!({}), offered.clone()));
        assert_eq!(world.check(&needed, &had, CheckCode::Quantity), expected, "{asked} {offered}");
        let unit = world.check(&needed, &had, CheckCode::Unit);
        assert_eq!(unit, Some(Pass));
    }
    // Heads alone are workers a day, and stay heads; half of the days count half.
    let needed = need(listing("labor", json!({"headcount": 20}), json!({"delivery_period": period})));
    let had = offer(listing("labor", json!({"headcount": 15}), json!({"delivery_period": period})));
    let found = find_matches(&market_of(&[had]), &needed, 5, &world.context()).matches;
    assert_eq!((found[0].matchable_quantity, found[0].unit_code.as_deref()), (Some(decimal("15")), Some("IE")));
    assert_eq!(found[0].partial, Some(true));
    let later = json!({"delivery_period": {"start": date(5), "end": date(60)}});
    let had = offer(listing("labor", json!({"headcount": 30}), later));
    let found = find_matches(&market_of(&[had]), &needed, 5, &world.context()).matches;
    assert_eq!(found[0].matchable_quantity, Some(decimal("15")));
}

#[test]
fn money_suffices_for_long_enough_at_a_rate() {
    let sum = |amount: &str, currency: &str, least: Option<&str>| json!({"amount": {"amount": amount, "currency": currency}, "minimum_amount": least});
    let finance = Case::of("finance");
    finance.all(
        CheckCode::Amount,
        [
            (sum("200", "CNY", None), sum("200", "CNY", None), Some(Pass)),
            (sum("200", "CNY", None), sum("199", "CNY", None), Some(Fail)),
            (sum("200", "CNY", Some("150")), sum("199", "CNY", None), Some(Pass)),
            (sum("200", "CNY", None), sum("900", "CNY", Some("201")), Some(Fail)),
            (sum("200", "CNY", None), sum("900", "USD", None), Some(Unknown)),
            (sum("200", "CNY", None), json!({}), Some(Unknown)),
            (json!({}), sum("900", "CNY", None), None),
        ],
    );
    let months = |months: u32| json!({"term_months": months});
    finance.all(
        CheckCode::Term,
        [
            (months(12), months(12), Some(Pass)),
            (months(13), months(12), Some(Fail)),
            (months(13), json!({}), Some(Unknown)),
            (json!({}), months(12), None),
        ],
    );
    let rate = |rate: &str| json!({"highest_rate": rate});
    finance.all(
        CheckCode::Rate,
        [
            (rate("4.35"), rate("4.35"), Some(Pass)),
            (rate("4.35"), rate("4.350001"), Some(Fail)),
            (rate("4.35"), json!({}), Some(Unknown)),
            (json!({}), rate("4.35"), None),
        ],
    );
    let pledge = |text: &str| json!({"collateral": text});
    finance.all(
        CheckCode::Collateral,
        [
            (pledge("信用"), pledge("信用或抵押"), Some(Pass)),
            (pledge("信用"), pledge("车辆"), Some(Fail)),
            (pledge("车辆"), pledge("纯信用"), Some(Pass)),
            (pledge("车辆"), pledge("信用证"), Some(Unknown)),
            (pledge("厂房抵押，企业信用良好"), pledge("土地使用权"), Some(Unknown)),
            (pledge("应收账款"), pledge("存货、应收账款"), Some(Pass)),
            (pledge("营运客车"), pledge("厂房"), Some(Unknown)),
            (pledge("unsecured"), pledge("real estate"), Some(Fail)),
            (json!({}), pledge("厂房"), None),
        ],
    );
    let world = world();
    let needed = need(listing("finance", rate("6"), json!({})));
    let u = |had: &str| {
        world.factor(&needed, &offer(listing("finance", rate(had), json!({}))), FactorCode::Price).unwrap().u
    };
    assert!(u("3") >= u("5.5") && u("5.5") > u("5.9"), "the lower rate earns more");
}

#[test]
fn equipment_is_the_one_asked_for_when_it_is_wanted() {
    let equipment = Case::of("equipment");
    let mode = |mode: &str| json!({"mode": mode});
    equipment.all(
        CheckCode::EquipmentMode,
        [
            (mode("rent"), mode("rent"), Some(Pass)),
            (mode("rent"), mode("sale"), Some(Fail)),
            (mode("share"), json!({}), Some(Unknown)),
            (json!({}), mode("sale"), None),
        ],
    );
    let model = |model: &str| json!({"model": model});
    equipment.all(
        CheckCode::Model,
        [
            (model("QTZ80"), model("qtz-80 塔吊"), Some(Pass)),
            (model("QTZ80"), model("QTZ63"), Some(Fail)),
            (model("QTZ80 或相当"), model("QTZ63"), Some(Unknown)),
            (model("一拖二 平面"), model("一拖二平面 100只/分"), Some(Pass)),
            (model("一拖二"), model("折叠"), Some(Unknown)),
            (model("一拖二"), json!({}), Some(Unknown)),
        ],
    );
    let during = |from: i64, to: i64| json!({"mode": "rent", "period": {"start": date(from), "end": date(to)}});
    equipment.all(
        CheckCode::Period,
        [
            (during(5, 20), during(5, 20), Some(Pass)),
            (during(5, 20), during(6, 30), Some(Fail)),
            (during(5, 20), json!({"mode": "rent"}), Some(Unknown)),
            (json!({"mode": "rent"}), during(5, 20), None),
        ],
    );
    let bought = json!({"mode": "sale", "period": {"start": date(0), "end": date(9)}});
    equipment.all(CheckCode::Period, [(bought, during(20, 30), None)]);
}

#[test]
fn technology_is_ripe_and_licensed_enough() {
    let technology = Case::of("technology");
    let level = |level: u32| json!({"readiness_level": level});
    technology.all(
        CheckCode::ReadinessLevel,
        [
            (level(7), level(7), Some(Pass)),
            (level(7), level(6), Some(Fail)),
            (level(7), json!({}), Some(Unknown)),
            (json!({}), level(2), None),
        ],
    );
    let licence = |text: &str| json!({"licence": text});
    technology.all(
        CheckCode::Licence,
        [
            (licence("普通许可"), licence("免费普通许可"), Some(Pass)),
            (licence("普通许可"), licence("独占许可"), Some(Pass)),
            (licence("exclusive"), licence("non-exclusive"), Some(Fail)),
            (licence("独占"), licence("非独占许可"), Some(Fail)),
            (licence("独占许可"), licence("年费或买断"), Some(Pass)),
            (licence("普通许可"), licence("技术服务合同"), Some(Unknown)),
            (licence("技术服务合同"), licence("技术服务合同"), Some(Pass)),
            (licence("普通许可"), json!({}), Some(Unknown)),
        ],
    );
}

#[test]
fn services_are_done_fast_enough_in_time() {
    let service = Case::of("service");
    let sort = |name: &str| json!({"service": name});
    service.all(
        CheckCode::ServiceType,
        [
            (sort("testing"), sort("testing"), Some(Pass)),
            (sort("testing"), sort("storage"), Some(Fail)),
            (sort("testing"), sort("other"), Some(Unknown)),
            (sort("testing"), json!({}), Some(Unknown)),
        ],
    );
    let capacity = |a_day: &str| json!({"capacity_per_day": a_day});
    let total = |quantity: &str| json!({"quantity": quantity, "unit_code": "E53", "needed_by": date(9), "accepts_partial": false});
    let offered = json!({"quantity": "1000", "unit_code": "E53", "available_from": date(0)});
    let case = Case { kind: "service", need: total("1000"), offer: offered.clone() };
    // Ten days, today included.
    case.all(
        CheckCode::DailyCapacity,
        [
            (json!({}), capacity("100"), Some(Pass)),
            (json!({}), capacity("99"), Some(Fail)),
            (json!({}), json!({}), None),
            (capacity("120"), capacity("119"), Some(Fail)),
            (capacity("120"), json!({}), Some(Unknown)),
        ],
    );
    let during = |from: i64, to: i64| json!({"period": {"start": date(from), "end": date(to)}});
    service.all(
        CheckCode::Period,
        [
            (during(0, 5), during(5, 9), Some(Pass)),
            (during(0, 5), during(6, 9), Some(Fail)),
            (during(0, 5), json!({}), Some(Unknown)),
        ],
    );
    // A capacity without a quantity counts as one.
    let world = world();
    let rate = json!({"unit_code": "E53", "delivery_period": {"start": date(0), "end": date(9)}});
    let needed = need(listing("service", capacity("200"), rate.clone()));
    let had = offer(listing("service", capacity("150"), rate));
    let found = find_matches(&market_of(&[had]), &needed, 5, &world.context()).matches;
    assert_eq!((found[0].matchable_quantity, found[0].partial), (Some(decimal("1500")), Some(true)));
}

#[test]
fn what_fails_one_check_of_its_kind_is_a_near_miss_found_by_the_index_too() {
    let world = world();
    for (kind, asked, offered, code) in [
        ("labor", json!({"shift": "day"}), json!({"shift": "night"}), CheckCode::Shift),
        ("labor", json!({"certificates": ["焊工证"]}), json!({}), CheckCode::Qualification),
        ("labor", json!({"lodging": false}), json!({"lodging": true}), CheckCode::Lodging),
        ("finance", json!({"highest_rate": "4"}), json!({"highest_rate": "5"}), CheckCode::Rate),
        ("finance", json!({"term_months": 24}), json!({"term_months": 12}), CheckCode::Term),
        ("equipment", json!({"mode": "rent"}), json!({"mode": "sale"}), CheckCode::EquipmentMode),
        ("technology", json!({"readiness_level": 8}), json!({"readiness_level": 5}), CheckCode::ReadinessLevel),
        (
            "service",
            json!({"period": {"start": date(0), "end": date(3)}}),
            json!({"period": {"start": date(5), "end": date(9)}}),
            CheckCode::Period,
        ),
    ] {
        let pair = [need(listing(kind, asked, json!({}))), offer(listing(kind, offered, json!({})))];
        let index = Index::of(pair.to_vec());
        for query in &pair {
            let naive = find_matches(&market_of(&pair), query, 10, &world.context());
            let failed: Vec<_> = naive.near_misses.iter().map(|miss| miss.blockers[0].code).collect();
            assert_eq!((naive.matches.len(), failed), (0, vec![code]), "{kind}");
            assert_eq!(index.snapshot().find_matches(query, 10, &world.context()), naive);
        }
    }
}

#[test]
fn areas_are_regions_with_all_below_them() {
    let world = world();
    let area = |codes: Value, region: Value| {
        listing("service", json!({}), json!({"service_regions": codes, "region_code": region}))
    };
    for (areas, region, expected) in [
        (json!(["410300"]), json!("410305"), Some(Pass)),
        (json!(["420000", "410000"]), json!("410305"), Some(Pass)),
        (json!(["410300"]), json!("420106"), Some(Fail)),
        (json!(["410300"]), json!("410000"), Some(Unknown)),
        (json!(["410300"]), Value::Null, Some(Unknown)),
        (json!(["CN"]), json!("410305"), Some(Pass)),
        (json!(["DE"]), json!("DE-BE"), Some(Pass)),
        (json!(["DE"]), json!("410305"), Some(Fail)),
        (json!([]), json!("410305"), None),
    ] {
        let (asks, is_there) = (area(areas.clone(), Value::Null), area(json!([]), region.clone()));
        for (needed, had, code) in [
            (need(asks.clone()), offer(is_there.clone()), CheckCode::OfferArea),
            (need(is_there), offer(asks), CheckCode::NeedArea),
        ] {
            let found = [world.check(&needed, &had, code), world.check(&had, &needed, code)];
            assert_eq!(found, [expected; 2], "{code:?} {areas} {region}");
            let other = if code == CheckCode::OfferArea { CheckCode::NeedArea } else { CheckCode::OfferArea };
            assert_eq!(world.check(&needed, &had, other), None);
        }
    }
}

/// The table is an order by use class: nothing made for work or daily life stands in for medical goods.
#[test]
fn no_other_standard_satisfies_a_medical_one() {
    let standards = &shipped::shared().standards;
    let medical = |text: &str, class: Option<&str>| {
        let found = standards.iter().find(|s| s.designation == text && s.level.as_deref() == class);
        found.is_some_and(|s| s.use_class == crate::domain::attributes::UseClass::Medical)
    };
    let others: Vec<_> = standards.iter().filter(|s| !medical(&s.designation, s.level.as_deref())).collect();
    assert!(others.len() > 60);
    for standard in others {
        let above = standard.satisfies.iter().find(|s| medical(&s.designation, s.level.as_deref()));
        assert!(above.is_none(), "{} {:?} satisfies {above:?}", standard.designation, standard.level);
    }
}
