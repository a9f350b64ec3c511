//! What would settle the checks of areas and of each kind: told as expected by hand, and true on generated markets.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::testing::*;
use super::super::*;
use super::counterfactuals::{all_come_true, told_in};
use crate::domain::shipped;

fn world() -> World {
    World { reference: shipped::shared().clone(), ..World::new() }
}

fn posted(kind: &str, side: &str, id: u128, attributes: Value, more: Value) -> Item {
    let category = match kind {
        "labor" => "labor.skilled.welder",
        "finance" => "finance.loan.working",
        "equipment" => "equipment.lifting.crane",
        "technology" => "technology.patent",
        "transport" => "transport.road",
        _ => "service.testing.nucleic_acid",
    };
    let mut fields = json!({"kind": kind, "category": category, "title": "示范", "attributes": attributes});
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    let mut item = item(id, side, fields);
    item.location = item.terms.point(&shipped::shared().regions);
    item
}

/// What a need is told of the only offer, and that offer of the need.
fn both(kind: &str, asked: (Value, Value), offered: (Value, Value)) -> [Vec<String>; 2] {
    let need = posted(kind, "need", 1, asked.0, asked.1);
    let offer = posted(kind, "offer", 2, offered.0, offered.1);
    let world = world();
    [told_in(&world, need.clone(), std::slice::from_ref(&offer)), told_in(&world, offer, &[need])]
}

/// `need` and `offer` say whose listing would change.
fn would_do(kind: &str, asked: (Value, Value), offered: (Value, Value), expected: &[&str]) {
    let [to_need, to_offer] = both(kind, asked.clone(), offered.clone());
    let by_side = |lines: Vec<String>, own: &str, theirs: &str| -> Vec<String> {
        let named = |line: String| line.replacen("Own", own, 1).replacen("Theirs", theirs, 1);
        let mut named: Vec<String> = lines.into_iter().map(named).collect();
        named.sort();
        named
    };
    let mut expected: Vec<String> = expected.iter().map(|line| (*line).to_owned()).collect();
    expected.sort();
    assert_eq!(by_side(to_need, "need", "offer"), expected, "{kind} {asked:?} {offered:?}");
    assert_eq!(by_side(to_offer, "offer", "need"), expected, "{kind} {asked:?} {offered:?}");
}

fn none() -> Value {
    json!({})
}

#[test]
fn an_area_takes_the_region_in_or_falls() {
    let looks = (none(), json!({"service_regions": ["410300"], "region_code": "410305"}));
    let stands = (none(), json!({"region_code": "420106"}));
    let lines = |side: &str| {
        [
            format!(r#"{side} /service_regions ["410300"] ["410300","420106"]"#),
            format!(r#"{side} /service_regions ["410300"] -"#),
        ]
    };
    let expected = |side: &str| lines(side).map(|line| line.leak() as &str);
    would_do("service", looks.clone(), stands.clone(), &expected("need"));
    would_do("service", stands, looks, &expected("offer"));
}

/// A point so many degrees east of a meridian on the 34th parallel: one is some 92 km.
fn at(east: f64) -> Value {
    json!({"location": {"type": "Point", "coordinates": [112.0 + east, 34.0]}})
}

fn way(stops: &[f64], more: Value) -> Value {
    let mut way = json!({"stops": stops.iter().map(|east| at(*east)).collect::<Vec<_>>()});
    for (name, value) in more.as_object().unwrap() {
        way[name] = value.clone();
    }
    way
}

#[test]
fn a_carrier_goes_further_or_comes_another_day() {
    let km = |km: u32| json!({"service_radius_km": km});
    let carry = |asked: Value, offered: Value, terms: Value, expected: &[&str]| {
        would_do("transport", (asked, json!({"accepts_partial": false})), (offered, terms), expected);
    };
    let line = |more: Value| way(&[0.0, 4.0], more);
    let along = || way(&[0.0, 3.0], none());
    carry(along(), line(none()), km(50), &["offer /service_radius_km 50 93"]);
    carry(way(&[1.0, 3.9], none()), line(none()), km(50), &["offer /service_radius_km 50 93"]);
    // From where it stands the load ends too far away.
    let stands = json!({"service_radius_km": 100, "location": at(0.0)["location"]});
    carry(way(&[0.0, 1.2], none()), none(), stands, &["offer /service_radius_km 100 111"]);
    let train = |hours: u32| {
        json!({"timetable": {"from": at(0.0), "to": at(4.0), "weekdays": [4], "departure_time": "20:00",
            "transit_hours": hours, "cut_off_hours": 6}})
    };
    carry(along(), train(48), none(), &["offer /service_radius_km - 93"]);
    carry(way(&[0.0, 4.6], none()), line(none()), none(), &["offer /attributes/max_detour_km - 56"]);
    carry(
        way(&[3.0, 1.0], none()),
        line(json!({"max_detour_km": 10})),
        none(),
        &["offer /attributes/max_detour_km 10 277", "offer /attributes/return_leg - true"],
    );
    let window = |from: i64, until: i64| json!({"pickup_window": {"start": date(from), "end": date(until)}});
    carry(
        window(2, 4),
        window(6, 7),
        none(),
        &[
            r#"need /attributes/pickup_window/end "2026-11-27" "2026-11-29""#,
            r#"offer /attributes/pickup_window/start "2026-11-29" "2026-11-27""#,
        ],
    );
    carry(
        window(2, 4),
        none(),
        json!({"available_from": date(6)}),
        &[
            r#"need /attributes/pickup_window/end "2026-11-27" "2026-11-29""#,
            r#"offer /available_from "2026-11-29" "2026-11-27""#,
        ],
    );
    carry(
        window(5, 6),
        none(),
        json!({"delivery_period": {"start": date(0), "end": date(3)}}),
        &[
            r#"need /attributes/pickup_window/start "2026-11-28" "2026-11-26""#,
            r#"offer /delivery_period/end "2026-11-26" "2026-11-28""#,
        ],
    );
    // 2026-11-23 is a Monday; the train leaves on Thursday evening.
    would_do(
        "transport",
        (way(&[0.0, 4.0], none()), json!({"needed_by": date(5)})),
        (train(60), json!({"lead_time_days": 1})),
        &[r#"need /needed_by "2026-11-28" "2026-11-29""#, "offer /attributes/timetable/transit_hours 60 51"],
    );
}

#[test]
fn a_load_is_made_to_fit() {
    let whole = || json!({"accepts_partial": false});
    let fits = |asked: Value, offered: Value, terms: Value, expected: &[&str]| {
        would_do("transport", (asked, whole()), (offered, terms), expected);
    };
    fits(
        json!({"weight_kg": "9000"}),
        json!({"weight_kg": "8000"}),
        none(),
        &[
            "need /accepts_partial false true",
            r#"need /attributes/weight_kg "9000" "8000""#,
            r#"offer /attributes/weight_kg "8000" "9000""#,
        ],
    );
    fits(
        json!({"passengers": 90}),
        json!({"seats": 40}),
        json!({"quantity": "2", "unit_code": "NV"}),
        &[
            "need /accepts_partial false true",
            "need /attributes/passengers 90 80",
            "offer /attributes/seats 40 45",
            r#"offer /quantity "2" "3""#,
        ],
    );
    fits(
        json!({"passes": ["通行证 A", "C"]}),
        json!({"passes": ["通行证a"]}),
        none(),
        &[
            r#"need /attributes/passes ["通行证 A","C"] ["通行证 A"]"#,
            r#"offer /attributes/passes ["通行证a"] ["通行证a","C"]"#,
        ],
    );
    fits(
        json!({"passes": ["A"]}),
        none(),
        none(),
        &[r#"need /attributes/passes ["A"] []"#, r#"offer /attributes/passes - ["A"]"#],
    );
    fits(
        json!({"mode": "rail"}),
        json!({"mode": "road"}),
        none(),
        &[r#"need /attributes/mode "rail" "road""#, r#"offer /attributes/mode "road" "rail""#],
    );
    fits(
        json!({"return_leg": true}),
        json!({"return_leg": false}),
        none(),
        &["need /attributes/return_leg true false", "offer /attributes/return_leg false true"],
    );
}

#[test]
fn workers_and_money_are_found_by_one_change() {
    let labor = |asked: Value, offered: Value, expected: &[&str]| {
        would_do("labor", (asked, none()), (offered, none()), expected);
    };
    labor(
        json!({"certificates": ["焊工操作证", "A2驾照"]}),
        json!({"certificates": ["焊工证"]}),
        &[
            r#"need /attributes/certificates ["焊工操作证","A2驾照"] ["焊工操作证"]"#,
            r#"offer /attributes/certificates ["焊工证"] ["焊工证","A2驾照"]"#,
        ],
    );
    labor(
        json!({"pay": {"amount": "260", "currency": "CNY", "per": "DAY"}}),
        json!({"pay": {"amount": "35", "currency": "CNY", "per": "HUR"}}),
        &[r#"need /attributes/pay/amount "260" "280""#, r#"offer /attributes/pay/amount "35" "32.5""#],
    );
    labor(
        json!({"period": {"start": date(1), "end": date(9)}}),
        json!({"period": {"start": date(12), "end": date(30)}}),
        &[
            r#"need /attributes/period/end "2026-12-02" "2026-12-05""#,
            r#"offer /attributes/period/start "2026-12-05" "2026-12-02""#,
        ],
    );
    labor(
        json!({"lodging": false}),
        json!({"lodging": true}),
        &["need /attributes/lodging false true", "offer /attributes/lodging true false"],
    );
    would_do(
        "labor",
        (json!({"headcount": 20}), json!({"accepts_partial": false})),
        (json!({"headcount": 5}), none()),
        &["need /accepts_partial false true", "need /attributes/headcount 20 5", "offer /attributes/headcount 5 20"],
    );
    would_do(
        "labor",
        (json!({"commute_limit_km": 30}), at(0.0)),
        (none(), at(0.5)),
        &["need /attributes/commute_limit_km 30 47", "need /attributes/lodging - true"],
    );
    // The days equipment is wanted are fewer, or it is free for longer.
    would_do(
        "equipment",
        (json!({"period": {"start": date(1), "end": date(9)}}), none()),
        (json!({"period": {"start": date(0), "end": date(7)}}), none()),
        &[
            r#"need /attributes/period/end "2026-12-02" "2026-11-30""#,
            r#"offer /attributes/period/end "2026-11-30" "2026-12-02""#,
        ],
    );
    let sum = |amount: &str| json!({"amount": {"amount": amount, "currency": "CNY"}});
    let with = |mut sum: Value, least: &str| {
        sum["minimum_amount"] = json!(least);
        sum
    };
    let finance = |asked: Value, offered: Value, expected: &[&str]| {
        would_do("finance", (asked, none()), (offered, none()), expected);
    };
    finance(
        sum("3000000"),
        sum("500000"),
        &[
            r#"need /attributes/minimum_amount - "500000""#,
            r#"need /attributes/amount/amount "3000000" "500000""#,
            r#"offer /attributes/amount/amount "500000" "3000000""#,
        ],
    );
    finance(
        sum("300000"),
        with(sum("30000000"), "1000000"),
        &[
            r#"need /attributes/amount/amount "300000" "1000000""#,
            r#"offer /attributes/minimum_amount "1000000" "300000""#,
        ],
    );
    finance(
        json!({"highest_rate": "4"}),
        json!({"highest_rate": "4.35"}),
        &[r#"need /attributes/highest_rate "4" "4.35""#, r#"offer /attributes/highest_rate "4.35" "4""#],
    );
    finance(
        json!({"term_months": 24}),
        json!({"term_months": 12}),
        &["need /attributes/term_months 24 12", "offer /attributes/term_months 12 24"],
    );
}

/// Any listing of the kind, each fact stated one time in three.
fn any_posting(dice: &mut Dice, kind: &str, id: u128) -> Item {
    if kind == "transport" {
        return dice.carriage(id);
    }
    let side = ["need", "offer"][dice.below(2) as usize];
    let mut one = |values: Value| values[dice.below(values.as_array().unwrap().len() as u64) as usize].clone();
    let period = |from: i64, days: i64| json!({"start": date(from), "end": date(from + days)});
    let periods = json!([period(0, 5), period(4, 20), period(12, 9)]);
    let cny = |amount: Value| json!({"amount": amount, "currency": "CNY"});
    let facts = match kind {
        "labor" => json!({
            "occupation": one(json!(["焊工", "电工", "焊工、电工"])), "headcount": one(json!([5, 20])),
            "certificates": one(json!([["焊工操作证"], ["A2驾照"], ["焊工操作证", "A2驾照"]])),
            "shift": one(json!(["day", "night", "rotating"])), "period": one(periods),
            "pay": {"amount": one(json!(["220", "260", "310.5"])), "currency": "CNY", "per": "DAY"},
            "lodging": one(json!([true, false])), "meals": one(json!([true, false])),
            "commute_limit_km": one(json!([5, 30, 60])), "arrangement": one(json!(["hire", "lend"])),
        }),
        "finance" => json!({
            "amount": cny(one(json!(["500000", "3000000", "20000000"]))), "minimum_amount": one(json!(["100000", "1000000"])),
            "term_months": one(json!([6, 12, 36])), "collateral": one(json!(["房产抵押", "信用"])),
            "highest_rate": one(json!(["3.85", "4", "6.5"])),
        }),
        "equipment" => json!({
            "mode": one(json!(["rent", "sale"])), "model": one(json!(["QTZ80", "QTZ63"])), "period": one(periods),
        }),
        "technology" => {
            json!({"readiness_level": one(json!([3, 6, 9])), "licence": one(json!(["普通许可", "独占许可"]))})
        }
        _ => json!({"capacity_per_day": one(json!(["100", "2500", "20000"])), "period": one(periods)}),
    };
    let mut attributes = json!({});
    for (name, value) in facts.as_object().unwrap() {
        if dice.below(3) == 0 {
            attributes[name] = value.clone();
        }
    }
    if attributes.get("amount").is_none() {
        attributes.as_object_mut().unwrap().remove("minimum_amount");
    }
    let mut more = json!({"accepts_partial": dice.below(2) == 0, "valid_until": now() + chrono::TimeDelta::days(40)});
    let areas = [json!(["420000"]), json!(["410300", "110000"]), json!(["420100"])];
    let regions = ["410305", "420106", "110105"];
    let (area, region) = (areas[dice.below(3) as usize].clone(), regions[dice.below(3) as usize]);
    more["service_regions"] = if dice.below(4) == 0 { area } else { json!([]) };
    more["region_code"] = dice.some(json!(region));
    let place = at(dice.below(10) as f64 / 10.0);
    more["location"] = dice.some(place["location"].clone());
    if kind == "service" {
        let amount = ["3000", "60000"][dice.below(2) as usize];
        more["quantity"] = dice.some(json!(amount));
        more["unit_code"] = json!("H87");
    }
    posted(kind, side, id, attributes, more)
}

#[test]
fn whatever_is_told_of_any_kind_comes_true() {
    let mut dice = Dice(11);
    let mut told = BTreeMap::new();
    let few = ["labor", "finance", "equipment", "technology", "service"].map(|kind| (kind, 24));
    for (kind, rounds) in few.into_iter().chain([("transport", 60)]) {
        for round in 0..rounds {
            let items: Vec<Item> = (0..30).map(|at| any_posting(&mut dice, kind, 100 + at)).collect();
            let query = any_posting(&mut dice, kind, 1_000 + round);
            let computed = World::of(&market_of(&items)).statistics;
            all_come_true(&items, &query, World { statistics: computed, ..world() }, &mut told);
        }
    }
    for field in [
        "/service_regions",
        "/accepts_partial",
        "/service_radius_km",
        "max_detour_km",
        "pickup_window/start",
        "pickup_window/end",
        "transit_hours",
        "passengers",
        "seats",
        "passes",
        "commute_limit_km",
        "lodging",
        "certificates",
        "period/start",
        "period/end",
        "pay/amount",
        "shift",
        "arrangement",
        "occupation",
        "amount/amount",
        "minimum_amount",
        "highest_rate",
        "term_months",
        "collateral",
        "readiness_level",
        "licence",
        "attributes/mode",
        "model",
        "capacity_per_day",
    ] {
        let times: usize = told.iter().filter(|(name, _)| name.ends_with(field)).map(|(_, times)| times).sum();
        assert!(times > 0, "{field}: {told:#?}");
    }
    for field in ["pay/amount", "highest_rate", "capacity_per_day"] {
        let higher = format!("WouldRankHigher Theirs /attributes/{field}");
        assert!(told.contains_key(&higher), "{field}: {told:#?}");
    }
}
