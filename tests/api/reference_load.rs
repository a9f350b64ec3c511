//! `duijie reference load` and `status`: whole or not at all, reported, and taken into use by running processes.

use duijie::app::Error;
use duijie::app::reference::{LoadReport, Loading};
use duijie::domain::shipped;
use serde_json::{Value, json};

use crate::support::market::{matches, need, offer, with};
use crate::support::{Client, TestApp, faults, id};

fn shipped_file(scheme: &str) -> &'static str {
    shipped::FILES.iter().find(|(name, _)| *name == scheme).unwrap().1
}

/// The shipped file without the lines that begin with one of these codes.
fn without(scheme: &str, codes: &[&str]) -> String {
    let keep = |line: &&str| !codes.iter().any(|code| line.starts_with(&format!("{code},")));
    shipped_file(scheme).lines().filter(keep).map(|line| format!("{line}\n")).collect()
}

/// The shipped categories, changed.
fn categories(change: impl FnOnce(&mut Vec<Value>)) -> String {
    let mut items: Vec<Value> = serde_json::from_str(shipped_file("categories")).unwrap();
    change(&mut items);
    json!(items).to_string()
}

fn category<'a>(items: &'a mut [Value], code: &str) -> &'a mut Value {
    items.iter_mut().find(|item| item["code"] == code).unwrap()
}

async fn load(app: &TestApp, scheme: &str, content: &str, dry_run: bool) -> Result<LoadReport, Error> {
    app.inner().load_reference(Loading { scheme, content, dry_run }).await
}

/// Places and codes of the faults a file is refused with.
async fn refused(app: &TestApp, scheme: &str, content: &str) -> Vec<(String, &'static str)> {
    match load(app, scheme, content, false).await {
        Err(Error::Invalid(found)) => found.iter().map(|fault| (fault.pointer.clone(), fault.code)).collect(),
        other => panic!("{other:?}"),
    }
}

async fn items(client: &Client, path: &str) -> Vec<Value> {
    client.get(&format!("/v1/reference/{path}")).await.expect(200).json()["items"].as_array().unwrap().clone()
}

async fn table(app: &TestApp) -> String {
    app.database
        .value(
            "SELECT md5(string_agg(i::text, '|' ORDER BY scheme, code)) || (SELECT string_agg(v::text, '|') FROM reference_versions v)
             || (SELECT count(*) FROM events_pending) FROM reference_items i",
        )
        .await
}

#[tokio::test]
async fn a_code_left_out_is_retired_and_what_refers_to_it_is_told() {
    let app = TestApp::start().await;
    app.load().await;
    let twin = app.twin().await;
    let seller = app.member("seller").await;
    let listing = seller.publish(with(&offer(), json!({"region_code": "410305"}))).await;
    seller
        .patch(&seller.enterprise_path())
        .if_match("*")
        .merge_patch(json!({"region_code": "410305", "industry_code": "3589"}))
        .await
        .expect(200);
    let before = app.anonymous().get("/v1/reference/regions?parent=410300").await.expect(200);

    let file = without("regions", &["410305"]);
    let report = load(&app, "regions", &file, false).await.unwrap();
    assert!(report.committed && !report.same);
    assert_eq!((report.version, &report.retired[..]), (2, &["410305".to_owned()][..]));
    assert!(report.added.is_empty() && report.changed.is_empty() && report.restored.is_empty(), "{report:?}");
    let told: Vec<_> = report.usages.iter().map(|u| (u.code.as_str(), u.place.as_str(), u.count, &u.ids)).collect();
    let (listings, enterprises) = (vec![id(&listing).to_string()], vec![seller.enterprise_id().to_string()]);
    assert_eq!(
        told,
        [("410305", "enterprises.region_code", 1, &enterprises), ("410305", "listings.region_code", 1, &listings)]
    );

    // Both processes take it into use, by the log.
    app.sequence().await;
    twin.sequence().await;
    for client in [app.anonymous(), twin.as_member(&seller)] {
        let after = client.get("/v1/reference/regions?parent=410300").await.expect(200);
        assert_ne!(after.etag(), before.etag());
        assert!(!after.text().contains("410305"));
        let found = items(&client, "regions?code=410305").await;
        assert!(found[0]["retired_at"].is_string() && found[0]["names"]["en"].is_string(), "{found:?}");
        assert!(items(&client, "regions?parent=410300&retired=true").await.iter().any(|r| r["code"] == "410305"));
    }
    // A retired region is still understood where it is written.
    seller.draft(with(&offer(), json!({"region_code": "410305"}))).await;

    let status = app.inner().reference_status().await.unwrap();
    let regions = status.iter().find(|status| status.scheme == "regions").unwrap();
    assert_eq!((regions.version, regions.source.as_str(), regions.usages.len()), (2, "loaded", 2));
    let changed =
        app.database.value("SELECT changed::text || audience FROM events WHERE type = 'reference.loaded'").await;
    assert_eq!(changed, r#"{"scheme": "regions", "version": 2}public"#);

    // The product's own file brings it back, and puts the scheme back under the product's care.
    let report = load(&app, "regions", shipped_file("regions"), false).await.unwrap();
    assert_eq!(report.restored, ["410305"]);
    assert!(report.retired.is_empty() && report.usages.is_empty());
    app.sequence().await;
    assert_eq!(items(&app.anonymous(), "regions?code=410305").await[0].get("retired_at"), None);
    let source = app.database.value("SELECT source FROM reference_versions WHERE scheme = 'regions'").await;
    assert_eq!(source, "built_in");
}

#[tokio::test]
async fn a_dry_run_reports_and_writes_nothing() {
    let app = TestApp::start().await;
    let seller = app.member("seller").await;
    seller.publish(offer()).await;
    app.sequence().await;
    let before = table(&app).await;
    let file = categories(|items| items.retain(|item| item["code"] != "ppe.mask.surgical"));
    // Others name it as a substitute, so the file does not hang together.
    assert!(!refused(&app, "categories", &file).await.is_empty());
    let file = categories(|items| {
        let gone = category(items, "ppe.mask.surgical");
        gone["replaced_by"] = json!("ppe.mask.medical");
    });
    let report = load(&app, "categories", &file, true).await.unwrap();
    assert!(!report.committed && report.retired == ["ppe.mask.surgical"], "{report:?}");
    let of_listings = report.usages.iter().find(|usage| usage.place == "listings.category").unwrap();
    assert_eq!((of_listings.count, of_listings.replaced_by.as_deref()), (1, Some("ppe.mask.medical")));
    assert_eq!(table(&app).await, before);
}

#[tokio::test]
async fn the_same_file_twice_does_nothing() {
    let app = TestApp::start().await;
    for scheme in ["units", "categories", "occupations"] {
        let before = table(&app).await;
        let report = load(&app, scheme, shipped_file(scheme), false).await.unwrap();
        assert!(report.same && !report.committed && report.version == 1, "{report:?}");
        assert_eq!(table(&app).await, before);
    }
    let file = without("currencies", &["XSU"]);
    assert!(load(&app, "currencies", &file, false).await.unwrap().committed);
    let before = table(&app).await;
    let report = load(&app, "currencies", &file, false).await.unwrap();
    assert!(report.same && report.version == 2);
    assert_eq!(table(&app).await, before);
}

#[tokio::test]
async fn a_faulty_file_is_refused_whole_with_every_fault() {
    let app = TestApp::start().await;
    let before = table(&app).await;
    let mut file = without("industries", &["C"]);
    file += "98,,Nothing,2,T,,\n9X,甲,Jia,2,T,,\n";
    let mut found = refused(&app, "industries", &file).await;
    let orphans = found.iter().filter(|(_, code)| *code == "reference_parent_unknown").count();
    assert_eq!(orphans, 31, "the divisions of manufacturing");
    found.retain(|(_, code)| *code != "reference_parent_unknown");
    assert_eq!(
        found,
        [("118 (98)".to_owned(), "reference_name_missing"), ("119 (9X)".to_owned(), "reference_code_malformed")]
    );
    assert_eq!(refused(&app, "colours", "").await, [(String::new(), "reference_scheme_unknown")]);
    assert_eq!(table(&app).await, before);
}

#[tokio::test]
async fn a_retired_code_does_not_come_back_as_something_else() {
    let app = TestApp::start().await;
    let file = without("currencies", &["XSU"]);
    load(&app, "currencies", &file, false).await.unwrap();
    let other = format!("{file}XSU,994,2,新币,New Money,,\n");
    let found = refused(&app, "currencies", &other).await;
    assert_eq!(found.iter().map(|(_, code)| *code).collect::<Vec<_>>(), ["reference_code_reused"]);
    let shipped = shipped_file("currencies").lines().find(|line| line.starts_with("XSU,")).unwrap();
    let report = load(&app, "currencies", &format!("{file}{shipped}\n"), false).await.unwrap();
    assert_eq!(report.restored, ["XSU"]);
}

#[tokio::test]
async fn what_texts_are_read_with_changes_in_running_processes() {
    let app = TestApp::start().await;
    app.load().await;
    let twin = app.twin().await;
    let (buyer, seller) = (app.member("buyer").await, app.member("seller").await);
    let suggest = "/v1/reference/categories/suggest?q=%E7%81%B5%E6%98%8E%E7%BD%A9";
    assert_eq!(app.anonymous().get(suggest).await.expect(200).json()["items"], json!([]));
    // 灵明罩 means nothing yet; the two texts share no concept.
    let plain = json!({"category": null, "title": "灵明罩", "price": null, "quantity": null, "unit_code": null});
    let offered = seller.publish(with(&offer(), plain)).await;
    let needed = buyer.publish(with(&need(), json!({"quantity": null, "max_price": null}))).await;
    let text_of = |page: &Value| -> f64 {
        let items = page["items"].as_array().unwrap();
        let item = items.iter().find(|item| item["listing"]["id"] == offered["id"]);
        item.and_then(|item| item["score"].as_f64()).unwrap_or(0.0)
    };
    // Indexed with the old data.
    twin.sequence().await;
    let before = text_of(&matches(&twin.as_member(&buyer), &needed).await);

    let file = categories(|items| {
        let aliases = category(items, "ppe.mask.surgical")["aliases"].as_array_mut().unwrap();
        aliases.push(json!("灵明罩"));
    });
    let report = load(&app, "categories", &file, false).await.unwrap();
    assert_eq!((&report.changed[..], report.retired.len()), (&["ppe.mask.surgical".to_owned()][..], 0));
    app.sequence().await;
    twin.sequence().await;
    for client in [app.anonymous(), twin.as_member(&buyer)] {
        let found = client.get(suggest).await.expect(200).json();
        assert_eq!(
            (&found["items"][0]["code"], &found["items"][0]["confidence"]),
            (&json!("ppe.mask.surgical"), &json!(1.0))
        );
    }
    let after = text_of(&matches(&twin.as_member(&buyer), &needed).await);
    assert!(after > before, "the offer is read anew: {before} → {after}");
    let drafted =
        twin.as_member(&seller).post("/v1/listings").json(json!({"side": "offer", "title": "灵明罩500个"})).await;
    assert_eq!(drafted.expect(201).json()["category"], "ppe.mask.surgical");
}

#[tokio::test]
async fn a_process_that_starts_meanwhile_misses_nothing() {
    let app = TestApp::start().await;
    // Started with the old data; the event is numbered before it reads its position.
    load(&app, "currencies", &without("currencies", &["XSU"]), false).await.unwrap();
    duijie::db::events::sequence(&app.inner().database).await.unwrap();
    app.load().await;
    assert!(!items(&app.anonymous(), "currencies").await.iter().any(|currency| currency["code"] == "XSU"));
}

#[tokio::test]
async fn retired_categories_and_currencies_are_not_posted_with() {
    let app = TestApp::start().await;
    app.load().await;
    let seller = app.member("seller").await;
    let file = categories(|items| category(items, "ppe.mask.surgical")["replaced_by"] = json!("ppe.mask.medical"));
    load(&app, "categories", &file, false).await.unwrap();
    app.sequence().await;
    let price = json!({"price": {"amount": "0.6", "currency": "BGN"}});
    let refused = seller.post("/v1/listings").json(with(&offer(), price)).await.problem(422, "invalid");
    let expected = [("/category", "category_retired"), ("/price/currency", "currency_retired")];
    assert_eq!(faults(&refused), expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    let text = refused.to_string();
    assert!(text.contains("ppe.mask.medical") && text.contains("EUR"), "{text}");
    let found = items(&app.anonymous(), "categories?retired=true&q=ppe.mask.surgical").await;
    assert_eq!(found[0]["replaced_by"], "ppe.mask.medical");
    assert!(found[0]["valid_to"].is_string());
}
