//! Files: what they bring in, and what keeps them out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use duijie::app::import::{Format, ImportReport, Mapping, Options, RowOutcome, parse};
use duijie::domain::message::Language;
use duijie::http;
use serde_json::{Value, json};

use crate::support::TestApp;

const MAPPING: &str = r#"
fallback_kind = "ppe"
[enterprise]
legal_name = { column = "org" }
region_code = { value = "420100" }
uscc = { column = "code" }
[listing]
external_id = { column = "id" }
side = { column = "side", map = { "需" = "need", "供" = "offer" } }
urgency = { column = "level", map = { "急" = "high", "很急" = "very_high" } }
title = { columns = ["item", "spec"] }
quantity = { column = "amount", as = "decimal" }
quantity_basis = { column = "per", map = { "日" = "per_day" } }
unit_code = { column = "unit", map = { "只" = "H87", "箱" = "XCT" } }
location = { columns = ["lon", "lat"], as = "point", datum = "gcj02" }
"attributes.standard" = { column = "standards" }
"#;

fn rows() -> Vec<Value> {
    vec![
        json!({"id": "r1", "org": "示范甲医院", "side": "需", "item": "医用外科口罩", "amount": 2000.0, "unit": "只",
            "lon": 114.31665, "lat": "30.554408", "standards": ["YY 0469-2011"], "code": "91440300708461136T"}),
        json!({"id": "r2", "org": "示范甲医院", "side": "需", "item": "护目镜", "spec": null, "amount": null, "unit": ""}),
        json!({"id": "r3", "org": "示范乙厂", "side": "供", "item": "医用外科口罩", "amount": "300", "per": "日", "unit": "只"}),
    ]
}

async fn import(app: &TestApp, rows: &[Value], dry_run: bool, skip_faulty: bool) -> ImportReport {
    let options = Options { dry_run, skip_faulty, language: Language::En };
    app.inner().import(rows, &Mapping::parse(MAPPING).unwrap(), http::shapes(), options, || ()).await.unwrap()
}

async fn counts(app: &TestApp) -> [i64; 3] {
    let sql = |table: &str| format!("SELECT count(*) FROM {table}");
    let mut counts = [0; 3];
    for (count, table) in counts.iter_mut().zip(["listings", "enterprises", "listing_ledger"]) {
        *count = app.database.count(&sql(table)).await;
    }
    counts
}

#[tokio::test]
async fn rows_become_published_listings_of_unclaimed_organisations() {
    let app = TestApp::start().await;
    app.load().await;
    let dry = import(&app, &rows(), true, false).await;
    assert_eq!((dry.count(RowOutcome::Good), dry.enterprises_created, dry.committed), (3, 2, false));
    assert_eq!(counts(&app).await, [0, 0, 0], "a dry run writes nothing");

    let report = import(&app, &rows(), false, false).await;
    assert_eq!((report.count(RowOutcome::Imported), report.enterprises_created, report.committed), (3, 2, true));
    assert_eq!(counts(&app).await, [3, 2, 1 + 30], "a day's capacity is a row a day for the next 30");
    let invented =
        "SELECT count(*) FROM enterprises WHERE status <> 'unclaimed' OR uscc IS NOT NULL OR profile ? 'uscc'";
    assert_eq!(app.database.count(invented).await, 0);
    assert_eq!(app.database.count("SELECT count(*) FROM memberships").await, 0);
    let id = |row: usize| report.rows[row].listing_id.unwrap();
    let read = async |row: usize| app.anonymous().get(&format!("/v1/listings/{}", id(row))).await.expect(200).json();
    let first = read(0).await;
    assert_eq!((&first["status"], &first["category"]), (&json!("published"), &json!("ppe.mask.surgical")));
    assert_eq!((&first["quantity"], &first["unit_code"]), (&json!("2000"), &json!("H87")));
    assert_eq!(first["attributes"], json!({"standard": "YY 0469-2011"}));
    assert_eq!(first["enterprise"]["legal_name"], "示范甲医院");
    assert_eq!(first["enterprise"]["verified"], false);
    let longitude = first["location"]["coordinates"][0].as_f64().unwrap();
    assert!((longitude - 114.3110).abs() < 0.002, "converted from GCJ-02: {longitude}");
    let goggles = read(1).await;
    assert_eq!((&goggles["category"], goggles.get("quantity")), (&json!("ppe.eye"), None));
    assert_eq!(read(2).await["quantity_basis"], "per_day");

    app.sequence().await;
    let found = app.anonymous().get("/v1/listings?facets=true").await.expect(200).json();
    assert_eq!(found["facets"]["total"], 3, "and in the market");
    let kinds = "SELECT string_agg(DISTINCT type, ' ' ORDER BY type) FROM events";
    assert_eq!(app.database.value(kinds).await, "enterprise.imported listing.published");
}

#[tokio::test]
async fn importing_again_adds_only_what_is_new() {
    let app = TestApp::start().await;
    let first = import(&app, &rows(), false, false).await;
    let mut more = rows();
    more.push(json!({"id": "r4", "org": "示范乙厂", "side": "供", "item": "护目镜"}));
    let second = import(&app, &more, false, false).await;
    assert_eq!((second.count(RowOutcome::AlreadyThere), second.count(RowOutcome::Imported)), (3, 1));
    assert_eq!(second.enterprises_created, 0);
    let ids = |report: &ImportReport| report.rows.iter().take(3).map(|row| row.listing_id).collect::<Vec<_>>();
    assert_eq!(ids(&first), ids(&second));
    assert_eq!(counts(&app).await[..2], [4, 2]);
    // A number used twice in one file is one listing.
    let twice = [more[3].clone(), more[3].clone()].map(|mut row| {
        row["id"] = json!("r5");
        row
    });
    import(&app, &twice, false, false).await;
    assert_eq!(counts(&app).await[..2], [5, 2]);
}

#[tokio::test]
async fn one_faulty_row_keeps_all_out_unless_told_otherwise() {
    let app = TestApp::start().await;
    let mut mixed = rows();
    mixed.push(json!({"id": "r4", "org": "示范丙厂", "side": "供", "item": "医用外科口罩", "lon": 114.3, "unit": "箱",
        "amount": "2000000000000"}));
    mixed.push(json!({"id": "r5", "side": "供", "item": "口罩"}));
    mixed.push(json!({"id": "r6", "org": "示范丁厂", "side": "换", "spec": " "}));
    mixed.push(json!("not a row"));
    mixed.push(json!({"id": "r7", "org": "示范丁厂", "side": "供", "item": "口罩", "level": "很急"}));
    mixed.push(json!({"id": "r8", "org": "示范戊厂".repeat(60), "side": "供", "item": "口罩"}));
    mixed.push(json!({"id": "r9", "org": "示范己厂", "side": "供", "item": "口罩".repeat(101)}));
    let report = import(&app, &mixed, false, false).await;
    assert_eq!((report.count(RowOutcome::Faulty), report.committed), (7, false));
    assert_eq!(counts(&app).await, [0, 0, 0]);
    let faults = |row: usize| {
        report.rows[row].faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect::<Vec<_>>()
    };
    assert_eq!(report.rows[3].row, 4);
    assert_eq!(faults(3), [("/quantity", "too_large")]);
    assert_eq!(faults(4), [("/enterprise/legal_name", "required")]);
    assert_eq!(faults(5), [("/side", "required"), ("/title", "required")]);
    assert_eq!(faults(7), [("/urgency", "not_one_of")], "a slip of the mapping");
    assert_eq!(faults(8), [("/enterprise/legal_name", "too_long")]);
    assert_eq!(faults(9), [("/title", "too_long")], "what the API would refuse");
    assert!(report.rows[3].faults[0].detail.is_ascii(), "{:?}", report.rows[3].faults);

    let report = import(&app, &mixed, false, true).await;
    assert_eq!((report.count(RowOutcome::Imported), report.committed), (3, true));
    let listed = "SELECT string_agg(legal_name, ' ' ORDER BY legal_name) FROM enterprises";
    let names: BTreeSet<String> = app.database.value(listed).await.split(' ').map(str::to_owned).collect();
    let expected = ["示范甲医院", "示范乙厂"].map(str::to_owned);
    assert_eq!(names, BTreeSet::from(expected), "no organisation of whom nothing came in");
}

/// The shipped mapping of this name.
fn mapping(name: &str) -> Mapping {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("data/mappings/{name}.toml"));
    Mapping::parse(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Rows of a real file, where it is there.
fn real_rows(file: &str) -> Option<Vec<Value>> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(file);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(parse(&std::fs::read(path).unwrap(), Format::of_name(file)).unwrap())
}

/// File, mapping, and the shares in percent of rows of which category, quantity, unit and place must be known at least. The
/// needs and suppliers state a quantity in 12 of 100 rows.
const REAL_FILES: [(&str, &str, [usize; 4]); 4] = [
    ("needs.jsonl", "wuhan2020_needs", [95, 11, 11, 99]),
    ("suppliers.jsonl", "wuhan2020_suppliers", [95, 10, 10, 99]),
    ("carriers.jsonl", "wuhan2020_carriers", [80, 0, 0, 99]),
    ("redcross_inflow.jsonl", "redcross_inflow", [90, 99, 99, 99]),
];

#[tokio::test]
async fn the_real_files_come_in() {
    let app = TestApp::start().await;
    for (file, name, least) in REAL_FILES {
        let Some(rows) = real_rows(file) else { return };
        let options = Options { skip_faulty: true, ..Options::default() };
        let report = app.inner().import(&rows, &mapping(name), http::shapes(), options, || ()).await.unwrap();
        let faulty: BTreeMap<_, _> =
            report.rows.iter().flat_map(|row| &row.faults).map(|f| (f.code, &f.pointer)).collect();
        let good = rows.len() - report.count(RowOutcome::Faulty);
        assert!(good * 100 >= rows.len() * 99, "{file}: {good} of {}: {faulty:?}", rows.len());
        let known = [
            report.count_with(|terms| terms.category.is_some()),
            report.count_with(|terms| terms.quantity.is_some()),
            report.count_with(|terms| terms.unit_code.is_some()),
            report.count_with(|terms| terms.region_code.is_some()),
        ];
        eprintln!("{file}: {good} of {} came in; category, quantity, unit, place known: {known:?}", rows.len());
        for (known, least) in known.iter().zip(least) {
            assert!(known * 100 >= good * least, "{file}: {known} of {good} known, {least} % wanted");
        }
    }
    let twin = app.twin().await;
    assert!(twin.server.app.market.read(|market| market.len()) > 2000);
}

#[tokio::test]
async fn every_amount_and_unit_of_the_red_cross_is_read() {
    let Some(rows) = real_rows("redcross_inflow.jsonl") else { return };
    let app = TestApp::start().await;
    let options = Options { dry_run: true, ..Options::default() };
    let report = app.inner().import(&rows, &mapping("redcross_inflow"), http::shapes(), options, || ()).await.unwrap();
    let wrong: Vec<String> = rows
        .iter()
        .zip(&report.rows)
        .filter(|(row, read)| {
            let terms = read.listing.as_ref().unwrap();
            let amount = terms.quantity.map(|quantity| quantity.to_f64());
            amount != row["amount"].as_f64() || terms.unit_code.is_none()
        })
        .map(|(row, read)| {
            let terms = read.listing.as_ref().unwrap();
            format!("{} {} {}: {:?} {:?}", row["amount"], row["unit"], row["pack"], terms.quantity, terms.unit_code)
        })
        .collect();
    assert!(wrong.len() * 100 <= rows.len(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}
