//! The quantity ledger: the rows a listing has, and what the database itself refuses.

use serde_json::{Value, json};

use crate::support::market::{day, need, path, with};
use crate::support::{TestApp, id};

async fn rows(app: &TestApp, listing: &Value) -> Vec<(i16, Option<String>, Option<String>, String)> {
    let sql = format!(
        "SELECT period, starts_on::text, ends_on::text, trim_scale(quantity)::text FROM listing_ledger
         WHERE listing_id = '{}' ORDER BY period",
        id(listing)
    );
    let rows = app.database.connect().await.query(&sql, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect()
}

fn row(period: i16, start: i64, end: i64, quantity: &str) -> (i16, Option<String>, Option<String>, String) {
    (period, Some(day(start).to_string()), Some(day(end).to_string()), quantity.to_owned())
}

#[tokio::test]
async fn a_row_for_each_period() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let total = wang.draft(need()).await;
    assert_eq!(rows(&app, &total).await, [(0, None, None, "20000".to_owned())]);
    assert_eq!((&total["remaining_quantity"], &total["partly_taken"]), (&json!("20000"), &json!(false)));

    let over =
        |basis: &str, end: i64| json!({"quantity_basis": basis, "delivery_period": {"start": day(1), "end": day(end)}});
    let daily = wang.draft(with(&need(), over("per_day", 3))).await;
    let expected = [row(0, 1, 1, "20000"), row(1, 2, 2, "20000"), row(2, 3, 3, "20000")];
    assert_eq!(rows(&app, &daily).await, expected);
    let weekly = wang.draft(with(&need(), over("per_week", 10))).await;
    assert_eq!(rows(&app, &weekly).await, [row(0, 1, 7, "20000"), row(1, 8, 10, "20000")]);
    let most = wang.draft(with(&need(), over("per_day", 400))).await;
    assert_eq!(rows(&app, &most).await.len(), 400);
    let open_ended = wang.draft(with(&need(), json!({"quantity_basis": "per_day"}))).await;
    assert_eq!(rows(&app, &open_ended).await.len(), 30, "a rate without a period is for the next 30 days");

    let unknown = wang.draft(with(&need(), json!({"quantity": null}))).await;
    assert!(rows(&app, &unknown).await.is_empty());
    assert!(unknown.get("remaining_quantity").is_none(), "{unknown}");
}

#[tokio::test]
async fn changing_the_quantity_rewrites_the_rows() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let listing = wang.publish(need()).await;
    let patch = async |change: Value| wang.patch(&path(&listing)).if_match("*").merge_patch(change).await;
    let changed = patch(json!({"quantity": "15000.5"})).await.expect(200).json();
    assert_eq!(changed["remaining_quantity"], "15000.5");
    assert_eq!(rows(&app, &listing).await, [(0, None, None, "15000.5".to_owned())]);
    let daily = json!({"quantity_basis": "per_day", "delivery_period": {"start": day(0), "end": day(1)}});
    patch(daily).await.expect(200);
    assert_eq!(rows(&app, &listing).await, [row(0, 0, 0, "15000.5"), row(1, 1, 1, "15000.5")]);
    let problem = patch(json!({"delivery_period": null})).await.problem(422, "invalid");
    assert_eq!(crate::support::faults(&problem), [("/delivery_period".to_owned(), "period_required".to_owned())]);
    patch(json!({"quantity": null})).await.expect(200);
    assert!(rows(&app, &listing).await.is_empty());
}

#[tokio::test]
async fn what_is_held_freezes_quantity_and_unit() {
    let app = TestApp::start().await;
    let wang = app.member("wang").await;
    let listing = wang.publish(with(&need(), json!({"unit_code": "XBX", "units_per_pack": "50"}))).await;
    let hold = |reserved: u32| {
        format!("UPDATE listing_ledger SET reserved = {reserved} WHERE listing_id = '{}'", id(&listing))
    };
    app.database.execute(&hold(500)).await;
    let held = wang.get(&path(&listing)).await.expect(200).json();
    assert_eq!((&held["remaining_quantity"], &held["partly_taken"]), (&json!("19500"), &json!(true)));
    assert_eq!(held["version"], listing["version"], "the version does not count movements of the ledger");

    let patch = async |change: Value| wang.patch(&path(&listing)).if_match("*").merge_patch(change).await;
    let daily = json!({"quantity_basis": "per_day", "delivery_period": {"start": day(0), "end": day(1)}});
    for change in [
        json!({"quantity": "30000"}),
        json!({"quantity": null}),
        daily,
        json!({"unit_code": "XCT"}),
        json!({"units_per_pack": "20"}),
    ] {
        patch(change.clone()).await.problem(409, "quantity_held");
    }
    patch(json!({"title": "医用外科口罩（急）", "quantity": "20000"})).await.expect(200);
    assert_eq!(rows(&app, &listing).await, [(0, None, None, "20000".to_owned())]);
    app.database.execute(&hold(0)).await;
    patch(json!({"quantity": "30000", "unit_code": "XCT"})).await.expect(200);
}

#[tokio::test]
async fn the_database_refuses_what_cannot_be() {
    let app = TestApp::start().await;
    let listing = app.member("wang").await.draft(need()).await;
    let connection = app.database.connect().await;
    for (change, constraint) in [
        ("reserved = -1", "listing_ledger_reserved_not_negative"),
        ("committed = -0.000001", "listing_ledger_committed_not_negative"),
        ("fulfilled = -1", "listing_ledger_fulfilled_not_negative"),
        ("reserved = 10000, committed = 5000, fulfilled = 5000.000001", "listing_ledger_within_quantity"),
        ("quantity = 0", "listing_ledger_quantity_bounded"),
        ("quantity = 1000000000000.000001", "listing_ledger_quantity_bounded"),
        ("period = 400", "listing_ledger_period_bounded"),
        ("starts_on = '2027-01-02', ends_on = '2027-01-01'", "listing_ledger_days_ordered"),
    ] {
        let error = connection.batch_execute(&format!("UPDATE listing_ledger SET {change}")).await.unwrap_err();
        assert_eq!(error.as_db_error().and_then(|error| error.constraint()), Some(constraint), "{change}");
    }
    let all = "UPDATE listing_ledger SET reserved = 10000, committed = 5000, fulfilled = 5000";
    connection.batch_execute(all).await.unwrap();
    let twice = format!("INSERT INTO listing_ledger (listing_id, period, quantity) VALUES ('{}', 0, 1)", id(&listing));
    assert!(connection.batch_execute(&twice).await.is_err());
}
