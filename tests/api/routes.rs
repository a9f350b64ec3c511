//! `/v1/listings/{id}/routes`

use serde_json::{Value, json};

use crate::support::market::{day, need, path, with};
use crate::support::{TestApp, id};

fn carried(fields: Value) -> Value {
    with(
        &json!({"side": "need", "kind": "transport", "category": "transport.multimodal", "title": "轴承 10 吨 洛阳到青岛",
            "quantity": "10", "unit_code": "TNE", "region_code": "410305",
            "attributes": {"stops": [{"region_code": "410305"}, {"region_code": "370211"}]}}),
        fields,
    )
}

fn lorry(stops: [&str; 2], price: &str) -> Value {
    let stops = stops.map(|code| json!({"region_code": code}));
    json!({"side": "offer", "kind": "transport", "category": "transport.road.full", "title": "整车运输", "quantity": "30",
        "unit_code": "TNE", "region_code": "410305", "price": {"amount": price, "currency": "CNY"},
        "attributes": {"mode": "road", "stops": stops}})
}

fn train(weekdays: Value) -> Value {
    json!({"side": "offer", "kind": "transport", "category": "transport.multimodal.sea_rail", "title": "铁海联运班列",
        "quantity": "2000", "unit_code": "TNE", "region_code": "410104", "price": {"amount": "90", "currency": "CNY"},
        "attributes": {"mode": "sea_rail", "timetable": {"from": {"name": "圃田站", "region_code": "410104"},
            "to": {"name": "前湾港站", "region_code": "370211"}, "weekdays": weekdays, "departure_time": "20:00",
            "transit_hours": 30, "cut_off_hours": 6, "handling_hours": 8, "capacity": "1000"}}})
}

#[tokio::test]
async fn legs_and_handovers_in_the_readers_language() {
    let app = TestApp::start().await;
    let (shipper, carrier) = (app.member("shipper").await, app.member("carrier").await);
    let needed = shipper.publish(carried(json!({}))).await;
    let first = carrier.publish(lorry(["410305", "410104"], "60")).await;
    let second = carrier.publish(train(json!([1, 2, 3, 4, 5, 6, 7]))).await;
    let direct = carrier.publish(lorry(["410305", "370211"], "400")).await;
    app.load().await;
    let routes = format!("{}/routes", path(&needed));
    let page = shipper.get(&routes).language("en").await.expect(200).json();
    let items = page["items"].as_array().unwrap();
    let legs = |route: &Value| -> Vec<Value> {
        route["legs"].as_array().unwrap().iter().map(|leg| leg["listing_id"].clone()).collect()
    };
    let combined =
        items.iter().find(|route| route["legs"].as_array().unwrap().len() == 2).unwrap_or_else(|| panic!("{page}"));
    assert_eq!(legs(combined), [json!(id(&first)), json!(id(&second))]);
    assert_eq!(combined["price"], json!({"amount": "1500", "currency": "CNY"}), "10 t at 60 and 90");
    assert!(combined["notes"].as_array().unwrap().contains(&json!("cheapest")), "{combined}");
    let handover = &combined["handovers"][0];
    assert_eq!(handover["at"]["name"], "圃田站");
    assert!(handover["wait_hours"].as_f64().unwrap() >= 6.0, "{handover}");
    assert_eq!(handover["departs_at"], combined["legs"][1]["departs_at"]);
    let alone = items.iter().find(|route| route["legs"].as_array().unwrap().len() == 1).unwrap();
    assert_eq!(legs(alone), [json!(id(&direct))]);
    assert!(alone["notes"].as_array().unwrap().contains(&json!("fewest_legs")), "{alone}");
    assert_eq!(page["listings"].as_array().unwrap().len(), 3);
    assert_eq!(page["considered"], json!({"services": 1, "carriers": 2, "complete": true}));
    let chinese = shipper.get(&routes).language("zh-CN").await.expect(200).json();
    let text = |page: &Value| page["items"][0]["legs"][0]["text"].as_str().unwrap().to_owned();
    assert!(text(&page).starts_with("Road: Jianxi District → "), "{}", text(&page));
    assert!(text(&chinese).starts_with("公路：涧西区 → "), "{}", text(&chinese));

    carrier.act(&second, "withdraw").await.expect(200);
    let without = shipper.get(&routes).await.expect(200).json();
    assert_eq!(without["items"].as_array().unwrap().len(), 1, "what is withdrawn carries nothing");
    assert_eq!(
        shipper.get(&format!("{routes}?limit=1")).await.expect(200).json()["items"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn only_a_transport_need_of_ones_own_has_routes() {
    let app = TestApp::start().await;
    let (shipper, other) = (app.member("shipper").await, app.member("other").await);
    let needed = shipper.publish(carried(json!({}))).await;
    app.load().await;
    let routes = |listing: &Value| format!("{}/routes", path(listing));
    let empty = shipper.get(&routes(&needed)).await.expect(200).json();
    assert_eq!(empty["items"], json!([]));
    other.get(&routes(&needed)).await.problem(403, "not_member");
    app.anonymous().get(&routes(&needed)).await.problem(401, "token_required");
    let hidden = shipper.draft(carried(json!({}))).await;
    other.get(&routes(&hidden)).await.problem(404, "not_found");
    shipper.get(&routes(&hidden)).await.expect(200);
    let masks = shipper.publish(need()).await;
    shipper.get(&routes(&masks)).await.problem(409, "not_a_transport_need");
    let offered = shipper.publish(lorry(["410305", "410104"], "60")).await;
    shipper.get(&routes(&offered)).await.problem(409, "not_a_transport_need");
    let nowhere = json!({"attributes": {"stops": [{"region_code": "410305"}, {"region_code": "KR"}]}});
    let vague = shipper.publish(carried(nowhere)).await;
    shipper.get(&routes(&vague)).await.problem(409, "stops_required");
    shipper.act(&needed, "withdraw").await.expect(200);
    shipper.get(&routes(&needed)).await.problem(409, "state_conflict");
    for query in ["limit=0", "limit=21", "limit=x", "sort=price"] {
        shipper.get(&format!("{}?{query}", routes(&masks))).await.problem(400, "parameters_invalid");
    }
}

#[tokio::test]
async fn a_carriers_checks_show_in_its_matches() {
    let app = TestApp::start().await;
    let (shipper, carrier) = (app.member("shipper").await, app.member("carrier").await);
    let attributes = json!({"attributes": {"stops": [{"region_code": "410305"}, {"region_code": "410104"}],
        "weight_kg": "10000", "passes": ["防疫物资运输车辆通行证"], "mode": "road",
        "pickup_window": {"start": day(1), "end": day(2)}}});
    let needed = shipper
        .publish(with(&carried(json!({"category": "transport.road.full", "accepts_partial": false})), attributes))
        .await;
    let passes = json!(["防疫物资运输车辆通行证"]);
    let offered = |more: Value| {
        let mut offer = lorry(["410305", "410104"], "60");
        offer["available_from"] = json!(day(1));
        offer["attributes"]["passes"] = passes.clone();
        offer["attributes"]["weight_kg"] = json!("30000");
        for (name, value) in more.as_object().unwrap() {
            offer["attributes"][name] = value.clone();
        }
        offer
    };
    let fitting = carrier.publish(offered(json!({}))).await;
    let mut expected = std::collections::BTreeMap::new();
    for (code, change) in [
        ("weight", json!({"weight_kg": "9000"})),
        ("passes", json!({"passes": []})),
        ("transport_mode", json!({"mode": "rail"})),
        ("pickup_window", json!({"pickup_window": {"start": day(5), "end": day(9)}})),
        ("detour", json!({"stops": [{"region_code": "410104"}, {"region_code": "410305"}]})),
    ] {
        expected.insert(id(&carrier.publish(offered(change)).await), code);
    }
    app.load().await;
    let page = shipper.matches(&needed).await;
    assert_eq!(crate::support::market::listing_ids(&page["items"]), [id(&fitting)], "{page}");
    for miss in page["near_misses"].as_array().unwrap() {
        let code = expected.remove(&id(&miss["listing"])).unwrap();
        assert_eq!(miss["blockers"][0]["code"], code, "{miss}");
    }
    assert!(expected.is_empty(), "{expected:?}");
}
