//! The demo market: what it holds, that it is invented, and that its needs find what `docs/DEMO.md` says they find.

use std::collections::{BTreeMap, BTreeSet};

use duijie::domain::enterprise::Profile;
use duijie::domain::uscc::Uscc;
use serde_json::{Value, json};

use crate::support::market::{Twin, matches, path};
use crate::support::{Client, TestApp};

const ENTERPRISES: usize = 89;
const LISTINGS: usize = 363;
/// Nobody alone goes from Luoyang to Busan; the only supplier of the other sells no less than 15 tonnes, a near miss.
const UNMET: [&str; 2] = ["DEMO-bearing-maker-15", "DEMO-drayage-04"];

async fn rows(app: &TestApp, sql: &str) -> Vec<Value> {
    let text = app.database.value(&format!("SELECT json_agg(row)::text FROM ({sql}) AS row")).await;
    serde_json::from_str(&text).unwrap()
}

/// Needs with their matches and near misses, as their enterprises see them.
async fn pages(app: &TestApp) -> BTreeMap<String, Value> {
    let (_twin, client) = as_member_of_all(app).await;
    let mut pages = BTreeMap::new();
    for need in rows(app, "SELECT id, external_id FROM listings WHERE terms ->> 'side' = 'need'").await {
        pages.insert(need["external_id"].as_str().unwrap().to_owned(), matches(&client, &need).await);
    }
    pages
}

/// Somebody is made a member of every enterprise there is.
async fn as_member_of_all(app: &TestApp) -> (Twin, Client) {
    let twin = app.twin().await;
    let member = app.account("reader").await;
    let join = format!(
        "INSERT INTO memberships SELECT DISTINCT '{}'::uuid, enterprise_id, 'viewer', now() FROM listings",
        member.account_id
    );
    app.database.execute(&join).await;
    let client = twin.as_member(&member);
    (twin, client)
}

/// Near misses: the check failed and the listing that fails it.
fn misses(page: &Value) -> BTreeSet<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let near = page["near_misses"].as_array().unwrap().iter();
    near.map(|miss| (text(&miss["blockers"][0]["code"]), text(&miss["listing"]["external_id"]))).collect()
}

#[tokio::test]
async fn every_need_has_a_match_and_every_planned_near_miss_is_there() {
    let app = TestApp::start().await;
    app.inner().load_demo().await.unwrap();
    let pages = pages(&app).await;
    let unmet: Vec<&str> = pages
        .iter()
        .filter(|(_, page)| page["items"].as_array().unwrap().is_empty())
        .map(|(external_id, _)| external_id.as_str())
        .collect();
    assert_eq!(unmet, UNMET);
    for (need, code, offer) in [
        ("hospital-01", "shelf_life", "packaging-plant-01"),
        ("hospital-01", "price", "garment-plant-01"),
        ("hospital-01", "minimum_order", "nonwoven-plant-02"),
        ("hospital-01", "distance", "supply-chain-01"),
        ("hospital-02", "standard", "nonwoven-plant-04"),
        ("hospital-02", "offer_verified", "supply-chain-03"),
        ("hospital-03", "standard", "supply-chain-04"),
        ("hospital-07", "substitute", "goggles-maker-02"),
        ("mask-plant-04", "specification", "nonwoven-plant-08"),
        ("mask-plant-17", "time", "nonwoven-plant-07"),
        ("garment-plant-04", "time", "supply-chain-07"),
        ("bearing-maker-02", "minimum_order", "steel-mill-01"),
        ("bearing-maker-02", "grade", "institute-02"),
        ("tractor-plant-01", "time", "foundry-01"),
        ("carrier-01", "quantity", "charity-02"),
        ("drayage-04", "minimum_order", "pp-plant-03"),
        ("supermarket-04", "pay", "lodging-house-01"),
        ("bearing-maker-11", "equipment_mode", "heavy-machinery-03"),
        ("garment-plant-07", "rate", "bank-04"),
        ("filter-startup-05", "term", "rural-bank-02"),
    ] {
        let found = misses(&pages[&format!("DEMO-{need}")]);
        assert!(found.contains(&(code.to_owned(), format!("DEMO-{offer}"))), "{need} {code} {offer}: {found:#?}");
    }
    let first = |need: &str| pages[&format!("DEMO-{need}")]["items"][0]["listing"]["external_id"].clone();
    for (need, offer) in [
        ("disinfectant-plant-04", "distillery-01"),
        ("tractor-plant-01", "foundry-jiaozuo-01"),
        ("mask-plant-08", "earloop-maker-01"),
        ("garment-plant-12", "certifier-01"),
        ("supermarket-04", "restaurant-01"),
        ("tractor-plant-08", "rail-forwarder-01"),
        ("bearing-maker-10", "bank-02"),
        ("mould-shop-03", "machine-institute-01"),
        ("builder-04", "machine-rental-02"),
    ] {
        assert_eq!(first(need), json!(format!("DEMO-{offer}")), "{need}");
    }
}

#[tokio::test]
async fn loads_go_by_lorry_train_and_ship() {
    let app = TestApp::start().await;
    app.inner().load_demo().await.unwrap();
    let (_twin, client) = as_member_of_all(&app).await;
    let routes = async |need: &str| -> Vec<Vec<String>> {
        let sql = format!("SELECT id FROM listings WHERE external_id = 'DEMO-{need}'");
        let need = rows(&app, &sql).await.remove(0);
        let page = client.get(&format!("{}/routes", path(&need))).language("en").await.expect(200).json();
        let name = |leg: &Value| {
            let listings = page["listings"].as_array().unwrap();
            let listing = listings.iter().find(|listing| listing["id"] == leg["listing_id"]).unwrap();
            listing["external_id"].as_str().unwrap().trim_start_matches("DEMO-").to_owned()
        };
        let items = page["items"].as_array().unwrap().iter();
        items.map(|route| route["legs"].as_array().unwrap().iter().map(name).collect()).collect()
    };
    let busan = routes("bearing-maker-15").await;
    for (rail, sea) in [("rail-forwarder-02", "rail-forwarder-06"), ("rail-forwarder-07", "rail-forwarder-08")] {
        assert!(busan.contains(&["drayage-01", rail, sea].map(str::to_owned).to_vec()), "{busan:?}");
    }
    let qingdao = routes("bearing-maker-14").await;
    assert_eq!(qingdao[0], ["drayage-01", "rail-forwarder-02"], "{qingdao:?}");
}

#[tokio::test]
async fn it_is_whole_loads_once_and_is_the_same_every_time() {
    let app = TestApp::start().await;
    assert_eq!(app.inner().load_demo().await.unwrap(), LISTINGS);
    assert_eq!(app.inner().load_demo().await.unwrap(), 0, "twice is harmless");
    assert_eq!(app.database.count("SELECT count(*) FROM enterprises").await, ENTERPRISES as i64);
    assert_eq!(app.database.count("SELECT count(DISTINCT external_id) FROM listings").await, LISTINGS as i64);
    assert_eq!(app.database.count("SELECT count(*) FROM listings WHERE NOT terms ? 'category'").await, 0);

    let mut kinds: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    let grouped = "SELECT terms ->> 'kind' AS kind, terms ->> 'side' AS side, count(*) FROM listings GROUP BY 1, 2";
    for row in rows(&app, grouped).await {
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        kinds.entry(text("kind")).or_default().insert(text("side"), row["count"].as_i64().unwrap());
    }
    assert_eq!(kinds.len(), 8, "{kinds:?}");
    assert!(kinds.values().all(|sides| sides.len() == 2 && sides.values().sum::<i64>() >= 15), "{kinds:?}");

    let ids = app.database.value("SELECT string_agg(external_id, ' ') FROM listings").await;
    let ids: BTreeSet<&str> = ids.split(' ').collect();
    let page = include_str!("../../docs/DEMO.md");
    let numbered = |name: &&str| name.starts_with(char::is_alphabetic) && name.ends_with(|c: char| c.is_ascii_digit());
    let named: Vec<&str> = page.split('`').skip(1).step_by(2).filter(numbered).collect();
    assert!(named.len() > 60, "{named:?}");
    let unknown: Vec<&&str> = named.iter().filter(|name| !ids.contains(&*format!("DEMO-{name}"))).collect();
    assert!(unknown.is_empty(), "docs/DEMO.md names what is not there: {unknown:?}");

    let again = TestApp::start().await;
    again.inner().load_demo().await.unwrap();
    let content = "SELECT md5(string_agg((terms - 'valid_until')::text, ' ' ORDER BY external_id)) FROM listings";
    assert_eq!(app.database.value(content).await, again.database.value(content).await);
}

#[tokio::test]
async fn nobody_in_it_exists() {
    let app = TestApp::start().await;
    app.inner().load_demo().await.unwrap();
    let mut codes = BTreeSet::new();
    for row in rows(&app, "SELECT profile FROM enterprises").await {
        let profile: Profile = serde_json::from_value(row["profile"].clone()).unwrap();
        let name = profile.legal_name.clone();
        assert!(name.contains("示范") || name.contains("Demo"), "{name}");
        if let Some(code) = &profile.uscc {
            assert!(Uscc::parse(code).is_ok() && &code[8..11] == "DEM" && codes.insert(code.clone()), "{name}: {code}");
        }
        let mobiles = profile.contacts.iter().filter_map(|contact| contact.mobile.as_deref());
        let invented = |mobile: &str| mobile.len() == 14 && mobile.starts_with("+8619900000");
        assert!(mobiles.into_iter().all(invented), "{name}");
        let checked = profile.checked(&app.inner().knowledge().reference, &[]);
        assert!(checked.is_ok(), "{name}: {checked:?}");
    }
}
