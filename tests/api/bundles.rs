//! `/v1/listings/{id}/bundles` and `/v1/bundles`

use serde_json::{Value, json};

use crate::support::market::{day, ids, need, offer, path, with};
use crate::support::{Member, TestApp, id};

fn priced(amount: &str) -> Value {
    json!({"amount": amount, "currency": "CNY", "delivery": "delivered"})
}

/// A need of 20,000 masks, and offers of four suppliers that can only meet it together.
async fn market(app: &TestApp) -> (Member, Value, [Value; 4]) {
    let buyer = app.member("buyer").await;
    let wanted = buyer.publish(need()).await;
    let of = async |seller: &str, change: Value| app.member(seller).await.publish(with(&offer(), change)).await;
    let offers = [
        // Cheap and small, in cartons of 2,000.
        of("cartons", json!({"quantity": "3", "unit_code": "XCT", "units_per_pack": "2000", "price": {"amount": "800", "currency": "CNY", "delivery": "delivered"}})).await,
        of("small", json!({"quantity": "9000", "price": priced("0.45")})).await,
        of("medium", json!({"quantity": "12000", "price": priced("0.6"), "min_order_quantity": "5000"})).await,
        of("large", json!({"quantity": "19000", "price": priced("0.7")})).await,
    ];
    // Says too little to be combined.
    of("silent", json!({"quantity": null, "price": null})).await;
    app.load().await;
    (buyer, wanted, offers)
}

fn plan<'a>(plans: &'a Value, objective: &str) -> &'a Value {
    let all = plans["plans"].as_array().unwrap();
    all.iter().find(|plan| plan["objective"] == objective).unwrap_or_else(|| panic!("{plans}"))
}

fn lines(plan: &Value) -> Vec<(uuid::Uuid, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |line: &Value| {
        let listing = text(&line["listing_id"]).parse().unwrap();
        (listing, text(&line["quantity"]), text(&line["offer_quantity"]))
    };
    plan["lines"].as_array().unwrap().iter().map(line).collect()
}

fn line(offer: &Value, quantity: &str, own: &str) -> (uuid::Uuid, String, String) {
    (id(offer), quantity.to_owned(), own.to_owned())
}

#[tokio::test]
async fn several_suppliers_meet_one_need() {
    let app = TestApp::start().await;
    let (buyer, wanted, [cartons, small, medium, large]) = market(&app).await;
    let plans = buyer.get(&format!("{}/bundles", path(&wanted))).await.expect(200).json();
    assert_eq!(
        (&plans["needed"], &plans["unit_code"], &plans["currency"]),
        (&json!("20000"), &json!("H87"), &json!("CNY"))
    );
    assert_eq!((&plans["pool"], &plans["left_out"]), (&json!(4), &json!(1)), "{plans}");

    // 6,000 at 0.40, 9,000 at 0.45 and 5,000 at 0.60, and 200 for each further supplier.
    let cheapest = plan(&plans, "cheapest");
    let expected = vec![line(&small, "9000", "9000"), line(&cartons, "6000", "3"), line(&medium, "5000", "5000")];
    assert_eq!(lines(cheapest), expected, "{cheapest}");
    assert_eq!(cheapest["cost"], json!({"amount": "9850", "currency": "CNY"}));
    assert_eq!(cheapest["supplier_charge"], json!({"amount": "400", "currency": "CNY"}));
    assert_eq!(
        (&cheapest["bound"], &cheapest["gap"], &cheapest["optimal"]),
        (&json!("9850"), &json!(0.0), &json!(true))
    );
    assert_eq!((&cheapest["covered"], &cheapest["missing"]), (&json!("20000"), &json!("0")));

    let fewest = plan(&plans, "fewest");
    // Two can do it; of the two that cost least, the cheaper gives all it has.
    assert_eq!(lines(fewest), vec![line(&medium, "11000", "11000"), line(&small, "9000", "9000")], "{fewest}");
    assert_eq!(fewest["cost"]["amount"], "10850");
    assert_eq!(fewest["optimal"], true);
    assert_eq!(plan(&plans, "nearest")["missing"], "0");

    // One supplier covers most of it, never more than is needed.
    let alone = buyer.get(&format!("{}/bundles?max_suppliers=1", path(&wanted))).await.expect(200).json();
    let cheapest = plan(&alone, "cheapest");
    assert_eq!(lines(cheapest), vec![line(&large, "19000", "19000")]);
    assert_eq!((&cheapest["missing"], &cheapest["cost"]["amount"]), (&json!("1000"), &json!("13300")), "{cheapest}");
}

#[tokio::test]
async fn offers_of_one_enterprise_are_one_supplier() {
    let app = TestApp::start().await;
    let (buyer, one, other) = (app.member("buyer").await, app.member("one").await, app.member("other").await);
    let wanted = buyer.publish(need()).await;
    let of = |amount: &str| with(&offer(), json!({"quantity": "8000", "price": priced(amount)}));
    let (first, second, third) =
        (one.publish(of("0.5")).await, one.publish(of("0.55")).await, other.publish(of("0.6")).await);
    app.load().await;
    let plans = buyer.get(&format!("{}/bundles?max_suppliers=2", path(&wanted))).await.expect(200).json();
    let cheapest = plan(&plans, "cheapest");
    let expected = vec![line(&first, "8000", "8000"), line(&second, "8000", "8000"), line(&third, "4000", "4000")];
    assert_eq!(lines(cheapest), expected, "{cheapest}");
    assert_eq!((&cheapest["supplier_charge"]["amount"], &cheapest["cost"]["amount"]), (&json!("200"), &json!("11000")));
    assert_eq!(cheapest["optimal"], true);
}

/// 1,000 a week for ten days are 1,428.571428…: nobody is needed for what is less than a gram, or than a piece.
#[tokio::test]
async fn what_is_needed_of_a_rate_leaves_no_crumb() {
    let app = TestApp::start().await;
    let (buyer, seller, other) = (app.member("buyer").await, app.member("seller").await, app.member("other").await);
    let days = json!({"start": day(1), "end": day(10)});
    let rate = json!({"quantity": "1000", "quantity_basis": "per_week", "delivery_period": days});
    let weighed = json!({"kind": "material", "category": "material.chemical", "title": "ethanol", "unit_code": "KGM"});
    for (goods, needed) in [(weighed, "1428.571"), (json!({}), "1428")] {
        let wanted = buyer.publish(with(&with(&need(), goods.clone()), rate.clone())).await;
        for (member, quantity, price) in [(&seller, "1428", "0.5"), (&other, "9000", "0.6")] {
            let change = json!({"quantity": quantity, "price": priced(price), "delivery_period": days});
            member.publish(with(&with(&offer(), goods.clone()), change)).await;
        }
        app.load().await;
        let plans = buyer.get(&format!("{}/bundles", path(&wanted))).await.expect(200).json();
        assert_eq!(plans["needed"], needed, "{plans}");
        let cheapest = plan(&plans, "cheapest");
        assert_eq!((&cheapest["covered"], &cheapest["missing"]), (&json!(needed), &json!("0")), "{plans}");
        assert_eq!(cheapest["optimal"], true, "{plans}");
    }
}

/// A rate of so much a day is available as long as that is left in its days together.
#[tokio::test]
async fn what_is_made_a_day_is_available_when_it_is_planned() {
    let app = TestApp::start().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let wanted = buyer.publish(with(&need(), json!({"needed_by": day(30)}))).await;
    let days = json!({"start": day(1), "end": day(20)});
    let rate = json!({"quantity": "900", "quantity_basis": "per_day", "delivery_period": days, "price": priced("0.5")});
    seller.publish(with(&offer(), rate)).await;
    app.load().await;
    let plans = buyer.get(&format!("{}/bundles", path(&wanted))).await.expect(200).json();
    let line = &plan(&plans, "cheapest")["lines"][0];
    assert!(line["offer_quantity"].as_str().unwrap().parse::<u32>().unwrap() > 900, "{line}");
    assert_eq!(line["available"], true, "{line}");
}

#[tokio::test]
async fn a_plan_can_be_kept() {
    let app = TestApp::start().await;
    let (buyer, wanted, offers) = market(&app).await;
    let bundles = format!("{}/bundles", path(&wanted));
    let kept = buyer.post(&bundles).json(json!({"objective": "cheapest"})).await.expect(201).json();
    assert_eq!(lines(&kept["plan"]).len(), 3);
    assert!(kept["plan"]["lines"].as_array().unwrap().iter().all(|line| line["available"] == true), "{kept}");
    let one = format!("/v1/bundles/{}", id(&kept));
    assert_eq!(buyer.get(&one).await.expect(200).json(), kept);
    let list = format!("/v1/bundles?listing_id={}", id(&wanted));
    assert_eq!(ids(&buyer.get(&list).await.expect(200).json()), vec![id(&kept)]);

    // What has gone since is told, the plan stays as it was.
    let seller = app.member("other").await;
    seller.get(&one).await.problem(404, "not_found");
    seller.delete(&one).if_match("*").await.problem(404, "not_found");
    seller.get(&list).await.problem(403, "not_member");
    seller.get(&bundles).await.problem(403, "not_member");
    seller.post(&bundles).json(json!({"objective": "cheapest"})).await.problem(403, "not_trader");
    app.database
        .execute(&format!("UPDATE listings SET status = 'withdrawn', version = 9 WHERE id = '{}'", id(&offers[1])))
        .await;
    let later = buyer.get(&one).await.expect(200).json();
    let gone: Vec<&Value> =
        later["plan"]["lines"].as_array().unwrap().iter().filter(|line| line["available"] == false).collect();
    assert_eq!(gone.len(), 1, "{later}");
    assert_eq!((gone[0]["listing_id"].as_str(), gone[0].get("title")), (offers[1]["id"].as_str(), None));

    buyer.delete(&one).await.problem(428, "if_match_required");
    for _ in 0..2 {
        buyer.delete(&one).if_match("*").idempotency_key("once").await.expect(204);
    }
    buyer.get(&one).await.problem(404, "not_found");
    assert_eq!(app.events_of(id(&kept)).await, ["bundle.created", "bundle.deleted"]);
}

#[tokio::test]
async fn what_cannot_be_bundled_says_why() {
    let app = TestApp::start().await;
    let (buyer, _, offers) = market(&app).await;
    let unknown = buyer.publish(with(&need(), json!({"quantity": null}))).await;
    buyer.get(&format!("{}/bundles", path(&unknown))).await.problem(409, "quantity_unknown");
    let offered = buyer.publish(with(&offer(), json!({"title": "外科口罩"}))).await;
    buyer.get(&format!("{}/bundles", path(&offered))).await.problem(409, "not_a_need");
    buyer.get(&format!("{}/bundles", path(&offers[0]))).await.problem(403, "not_member");
    let lonely = buyer.publish(with(&need(), json!({"category": "ppe.suit.medical", "title": "医用防护服"}))).await;
    let bundles = format!("{}/bundles", path(&lonely));
    assert_eq!(buyer.get(&bundles).await.expect(200).json()["plans"], json!([]));
    buyer.post(&bundles).json(json!({"objective": "nearest"})).await.problem(409, "bundle_empty");
    let problem =
        buyer.post(&bundles).json(json!({"objective": "best", "max_suppliers": 26})).await.problem(422, "invalid");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "{problem}");
    buyer.get(&format!("{bundles}?max_suppliers=0")).await.problem(400, "parameters_invalid");
}
